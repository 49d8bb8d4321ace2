//! How fast a meeting falls silent.

use std::time::{Duration, Instant};

use incamera_client::MemberStatus;

use crate::house::House;
use crate::observed::Observed;
use crate::spread::{Spread, milliseconds};
use crate::stage::{Stage, frames_per_second};
use crate::{BenchError, DELEGATIONS_MAX, check_plan};

/// Closes of one meeting: everybody sends, one closes, and the frames that still leave are looked at one by one.
///
/// Each member is a native client with its own socket, its own media connection and its own keys; the house is a real
/// one. All of them run on this machine and share its processors, so times at large sizes say more about the machine
/// than about a meeting whose members have a device each. They contain no network but loopback.
///
/// Everybody sends sound and nothing else: 50 frames a second as a microphone does, and less when that would be more
/// than a thousand frames a second in all ([`CloseFigures::frames_per_second`]). Who sends seldom may be silent by
/// chance, so [`CloseFigures::heard_ms`] stands beside the silence: it does not depend on frames.
#[derive(Debug, Clone, Copy)]
pub struct CloseBench {
    /// How many take part: one principal of each delegation, then advisers of theirs.
    pub members: usize,
    /// Of how many delegations at most.
    pub delegations: usize,
    /// How often it is opened and closed, each time by the principal of another delegation.
    pub rounds: usize,
}

/// What was measured. Times count from the instant before the command is given to the closer's client.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CloseFigures {
    /// How many took part.
    pub members: usize,
    /// Of how many delegations, each with one principal.
    pub delegations: usize,
    /// How often it was closed. Each spread is over members times rounds.
    pub rounds: usize,
    /// Frames of sound that each member seals and sends in a second.
    pub frames_per_second: f64,
    /// From the first to join until everybody had confirmed everybody and had media.
    pub join_seconds: f64,
    /// Until a member's last frame under the open key was sealed; 0 if that was before the command.
    pub silence_ms: Spread,
    /// Until a member had taken in that the part ends: its lamp left `open`. At any frame rate, its silence is no later.
    pub heard_ms: Spread,
    /// Until a member's lamp said `closed`: everybody present has signed that they are in the closed epoch.
    pub confirmed_ms: Spread,
    /// Until the last frame under the open key of the closer itself, the latest of all rounds; 0 if that was before.
    pub closer_last_frame_ms: f64,
    /// Frames that a client sealed under the open key after it had taken in the close: after the close's statement or
    /// commit came off its socket, or while its lamp said anything but `open`. Told by the key id in each sealed frame.
    /// Must be 0.
    pub frames_under_open_key_after_close: u64,
}

impl CloseFigures {
    /// Fails if a frame was sealed too late.
    pub fn verdict(&self) -> Result<(), BenchError> {
        match self.frames_under_open_key_after_close {
            0 => Ok(()),
            frames => Err(BenchError::SealedTooLate {
                members: self.members,
                frames,
            }),
        }
    }
}

/// One close, as everybody saw it.
struct Round {
    closer: usize,
    members: Vec<Observed>,
}

impl CloseBench {
    /// Plays the meeting and measures. Every step is bounded in time; the first that does not come to its end ends it.
    pub async fn run(self) -> Result<CloseFigures, BenchError> {
        check_plan(self.members, 2, self.rounds)?;
        if !(2..=DELEGATIONS_MAX).contains(&self.delegations) {
            return Err(BenchError::Plan(format!(
                "{} delegations: from 2 to {DELEGATIONS_MAX} can be measured",
                self.delegations
            )));
        }
        let house = House::start().await.map_err(|why| BenchError::Step {
            members: self.members,
            step: "starting the house",
            why,
        })?;
        let stage = Stage::set(house, self.members, self.delegations).await?;
        let played = self.play(&stage).await;
        let joined_in = stage.joined_in;
        let too_late = stage
            .members
            .iter()
            .map(|member| member.status().open_sealed_too_late)
            .sum();
        stage.end().await;
        match played {
            // A broken guarantee matters more than the step at which it came to light.
            Err(_) if too_late > 0 => Err(BenchError::SealedTooLate {
                members: self.members,
                frames: too_late,
            }),
            Err(error) => Err(error),
            Ok(rounds) => self.figures(&rounds, joined_in, too_late),
        }
    }

    async fn play(self, stage: &Stage) -> Result<Vec<Round>, BenchError> {
        let mut rounds = Vec::new();
        for round in 0..self.rounds {
            stage.open().await?;
            let closer = closer_of(round, self.rounds, stage.principals);
            let Some(client) = stage.members.get(closer) else {
                break;
            };
            let called = stage.close(client).await?;
            let statuses: Vec<MemberStatus> = stage.members.iter().map(|member| member.status()).collect();
            rounds.push(self.observe(closer, called, &statuses)?);
            tracing::info!(members = self.members, round, "closed");
            // Whatever were to come too late comes before the figures are taken.
            stage.everybody_sends("sending after the close").await?;
        }
        Ok(rounds)
    }

    fn observe(self, closer: usize, called: Instant, statuses: &[MemberStatus]) -> Result<Round, BenchError> {
        let observed = statuses.iter().map(|status| Observed::of(status, called));
        let members: Option<Vec<Observed>> = observed.collect();
        let members = members.ok_or(self.failed("a member was not in the open part when it was closed"))?;
        Ok(Round { closer, members })
    }

    fn figures(self, rounds: &[Round], joined_in: Duration, too_late: u64) -> Result<CloseFigures, BenchError> {
        let spread = |of: fn(&Observed) -> Duration| {
            let values = rounds.iter().flat_map(|round| &round.members).map(of);
            Spread::of(values).ok_or(self.failed("nothing was measured"))
        };
        let closers = rounds.iter().filter_map(|round| round.members.get(round.closer));
        let closer_last_frame = closers.map(|closer| closer.silent).max().unwrap_or_default();
        Ok(CloseFigures {
            members: self.members,
            delegations: self.members.min(self.delegations),
            rounds: rounds.len(),
            frames_per_second: frames_per_second(self.members),
            join_seconds: milliseconds(joined_in) / 1_000.0,
            silence_ms: spread(|observed| observed.silent)?,
            heard_ms: spread(|observed| observed.heard)?,
            confirmed_ms: spread(|observed| observed.confirmed)?,
            closer_last_frame_ms: milliseconds(closer_last_frame),
            frames_under_open_key_after_close: too_late,
        })
    }

    fn failed(self, why: &str) -> BenchError {
        BenchError::Step {
            members: self.members,
            step: "measuring the close",
            why: why.to_owned(),
        }
    }
}

/// Who closes in this round: spread over all principals, so that it is not always one of those who came first.
fn closer_of(round: usize, rounds: usize, principals: usize) -> usize {
    if round == 0 {
        return 0;
    }
    (round * principals / rounds.min(principals)) % principals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closers_alternate_and_are_spread() {
        let closers =
            |rounds, members| -> Vec<usize> { (0..rounds).map(|round| closer_of(round, rounds, members)).collect() };
        assert_eq!(closers(5, 2), [0, 1, 0, 1, 0]);
        assert_eq!(closers(5, 110), [0, 22, 44, 66, 88]);
        assert_eq!(closers(1, 40), [0]);
    }

    #[test]
    fn figures_are_over_members_times_rounds_and_the_closer_is_told_apart() {
        let member = |ms: u64| Observed {
            silent: Duration::from_millis(ms),
            heard: Duration::from_millis(ms + 1),
            confirmed: Duration::from_millis(ms + 100),
        };
        let rounds = [
            Round {
                closer: 0,
                members: vec![member(0), member(8)],
            },
            Round {
                closer: 1,
                members: vec![member(4), member(2)],
            },
        ];
        let bench = CloseBench {
            members: 2,
            delegations: 2,
            rounds: 2,
        };
        let figures = bench.figures(&rounds, Duration::from_millis(1_500), 0).unwrap();
        assert_eq!((figures.silence_ms.p50, figures.silence_ms.p95), (2.0, 8.0));
        assert_eq!(figures.confirmed_ms.max, 108.0);
        assert_eq!(figures.closer_last_frame_ms, 2.0);
        assert_eq!(figures.join_seconds, 1.5);
        assert!(figures.verdict().is_ok());
    }

    #[test]
    fn a_frame_that_came_too_late_is_a_failure() {
        let once = Observed {
            silent: Duration::ZERO,
            heard: Duration::ZERO,
            confirmed: Duration::ZERO,
        };
        let round = Round {
            closer: 0,
            members: vec![once, once],
        };
        let bench = CloseBench {
            members: 2,
            delegations: 2,
            rounds: 1,
        };
        let figures = bench.figures(&[round], Duration::ZERO, 1).unwrap();
        let error = figures.verdict().unwrap_err();
        assert!(matches!(error, BenchError::SealedTooLate { frames: 1, .. }));
    }

    #[tokio::test]
    async fn sizes_that_are_no_meeting_are_refused_before_anything_starts() {
        for (members, delegations, rounds) in [
            (1, 2, 1),
            (100_000, 2, 1),
            (2, 1, 1),
            (2, 111, 1),
            (2, 2, 0),
            (2, 2, 1_000),
        ] {
            let bench = CloseBench {
                members,
                delegations,
                rounds,
            };
            let refused = bench.run().await;
            assert!(matches!(refused, Err(BenchError::Plan(_))));
        }
    }
}
