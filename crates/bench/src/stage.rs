//! A house with a meeting in it, and everybody who takes part.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use incamera_client::{MemberClient, MemberStatus, SampleLoop, Samples};
use incamera_protocol::MeetingId;
use incamera_protocol::view::{Command, Lamp, MemberView, MotionKind};

use crate::BenchError;
use crate::draft::{CLOSED_ITEM, PUBLIC_ITEM, draft};
use crate::house::House;
use crate::letters::fragments;

/// The sample sound has this many frames a second.
const SOUND_FRAMES_PER_SECOND: usize = 50;
/// Frames a second that all members together send at most, so that media leaves the machine to what is measured: each
/// goes to as many of the others as there are slots for sound, and every one of those opens it.
const FRAMES_PER_SECOND_MAX: usize = 1_000;
/// How long any one step may take with few members, and what each member adds. All of them share this machine, and
/// each answers each.
const STEP: Duration = Duration::from_secs(30);
const STEP_PER_MEMBER: Duration = Duration::from_millis(500);
/// Frames that everybody has to have sent before a step is taken, so that there are frames to stop.
const WARM_FRAMES: u64 = 3;

pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) meeting: MeetingId,
    /// The principals first: one of each delegation, in their order.
    pub(crate) members: Vec<MemberClient>,
    pub(crate) principals: usize,
    pub(crate) joined_in: Duration,
}

impl Stage {
    /// Convenes in this house, and waits until everybody sits, is confirmed by everybody, and sends.
    pub(crate) async fn set(house: House, members: usize, delegations: usize) -> Result<Self, BenchError> {
        let failed = |step| move |why: String| BenchError::Step { members, step, why };
        let principals = members.min(delegations);
        let convened = house.client.convene(house.key(), &draft(principals)).await;
        let meeting = convened.map_err(|error| failed("convening")(error.to_string()))?;
        let minted = fragments(meeting.id, &meeting.fragments, members);
        let minted = minted.map_err(|refusal| failed("minting letters")(refusal.to_string()))?;
        let began = Instant::now();
        // Everybody at once, as at the hour for which a summit is called: who waits is added together.
        let joins = minted.iter().map(|fragment| async {
            let samples = sound(members).map_err(failed("reading the sample sound"))?;
            let joined = MemberClient::join_sending(&house.client, meeting.id, fragment, "", samples).await;
            joined.map_err(|error| failed("joining")(error.to_string()))
        });
        let clients = try_join_all(joins).await?;
        let mut stage = Self {
            house,
            meeting: meeting.id,
            members: clients,
            principals,
            joined_in: Duration::ZERO,
        };
        stage
            .everybody("joining", |status| {
                status.lamp() == Lamp::Closed && status.media && all_confirmed(status, members)
            })
            .await?;
        stage.joined_in = began.elapsed();
        stage.everybody_sends("sending before the opening").await?;
        Ok(stage)
    }

    /// Opens by every delegation's consent, and waits until everybody is confirmed by everybody and is heard in public.
    pub(crate) async fn open(&self) -> Result<(), BenchError> {
        let (principals, others) = self.members.split_at(self.principals);
        let Some((mover, asked)) = principals.split_first() else {
            return Ok(());
        };
        let motion = Command::Move {
            kind: MotionKind::Open,
            item: PUBLIC_ITEM,
        };
        let moved = mover.command(motion).await;
        moved.map_err(|error| self.failed("moving to open", error))?;
        // Everybody answers when they are asked, as people do; nobody waits until the one before is done. Nobody is public
        // without having said so: whoever does not consent says that they appear.
        let appear = others.iter().map(|other| async move {
            self.shown(other, "appearing", |view| view.may.appear).await?;
            let appeared = other.command(Command::Appear).await;
            appeared.map_err(|error| self.failed("appearing", error))
        });
        try_join_all(appear).await?;
        let consent = asked.iter().map(|principal| async move {
            let view = self.shown(principal, "consenting", |view| view.may.consent).await?;
            let motion = view.motion.as_ref().map(|motion| motion.id.clone()).unwrap_or_default();
            let consented = principal.command(Command::Consent { motion }).await;
            consented.map_err(|error| self.failed("consenting", error))
        });
        try_join_all(consent).await?;
        let members = self.members.len();
        self.everybody("opening", |status| {
            status.lamp() == Lamp::Open && all_confirmed(status, members)
        })
        .await?;
        self.everybody("sending in the open part", |status| {
            status.last_open_sealed >= status.lamp_since
        })
        .await?;
        self.everybody_sends("sending in the open part").await
    }

    /// One principal closes. Says when the command was given, and waits until every lamp says `closed`.
    pub(crate) async fn close(&self, closer: &MemberClient) -> Result<Instant, BenchError> {
        let motion = Command::Move {
            kind: MotionKind::Close,
            item: CLOSED_ITEM,
        };
        let called = Instant::now();
        let closed = closer.command(motion).await;
        closed.map_err(|error| self.failed("closing", error))?;
        self.everybody("closing", |status| status.lamp() == Lamp::Closed)
            .await?;
        let fewest = self.members.iter().map(|member| seated(&member.status())).min();
        match fewest {
            Some(seats) if seats < self.members.len() => Err(self.failed(
                "closing",
                format!("members were removed by the close; {seats} are left"),
            )),
            _ => Ok(called),
        }
    }

    /// Waits until everybody has sent some frames more.
    pub(crate) async fn everybody_sends(&self, step: &'static str) -> Result<(), BenchError> {
        let deadline = Instant::now() + self.patience();
        let before: Vec<u64> = self.members.iter().map(|member| member.status().sent).collect();
        for (member, before) in self.members.iter().zip(before) {
            let left = deadline.saturating_duration_since(Instant::now());
            let sends = member.until(left, |status| status.sent >= before + WARM_FRAMES).await;
            if sends.is_none() {
                return Err(self.failed(step, describe(&member.status())));
            }
        }
        Ok(())
    }

    pub(crate) async fn end(self) {
        drop(self.members);
        self.house.stop().await;
    }

    /// Waits until everybody's status is as wanted; gives up at once when somebody cannot go on.
    async fn everybody(&self, step: &'static str, wanted: impl Fn(&MemberStatus) -> bool) -> Result<(), BenchError> {
        let began = Instant::now();
        let deadline = began + self.patience();
        for member in &self.members {
            let left = deadline.saturating_duration_since(Instant::now());
            let reached = member
                .until(left, |status| wanted(status) || status.fatal.is_some())
                .await;
            if reached.is_none_or(|status| status.fatal.is_some()) {
                return Err(self.failed(step, self.shortfall(began, wanted)));
            }
        }
        Ok(())
    }

    /// Waits until this member is shown a motion to open, and may do what is wanted.
    async fn shown(
        &self,
        member: &MemberClient,
        step: &'static str,
        wanted: impl Fn(&MemberView) -> bool,
    ) -> Result<Arc<MemberView>, BenchError> {
        let opening = |view: &MemberView| view.motion.as_ref().is_some_and(|it| it.kind == MotionKind::Open);
        let wanted = |status: &MemberStatus| status.view.as_ref().is_some_and(|view| opening(view) && wanted(view));
        let shown = member.until(self.patience(), wanted).await;
        let view = shown.and_then(|status| status.view);
        view.ok_or_else(|| self.failed(step, describe(&member.status())))
    }

    /// Who is not as wanted, with the first of them in full.
    fn shortfall(&self, began: Instant, wanted: impl Fn(&MemberStatus) -> bool) -> String {
        let statuses: Vec<(usize, MemberStatus)> = (1..)
            .zip(&self.members)
            .map(|(number, member)| (number, member.status()))
            .collect();
        let short: Vec<&(usize, MemberStatus)> = statuses.iter().filter(|(_, status)| !wanted(status)).collect();
        let lost = short.iter().filter(|(_, status)| status.fatal.is_some()).count();
        let first = short
            .iter()
            .find(|(_, status)| status.fatal.is_some())
            .or(short.first())
            .map_or_else(String::new, |(number, status)| {
                format!("; member {number}: {}", describe(status))
            });
        format!(
            "after {:.1} s, {} of {} members are not there yet, {lost} of them cannot go on{first}",
            began.elapsed().as_secs_f64(),
            short.len(),
            statuses.len(),
        )
    }

    fn patience(&self) -> Duration {
        let members = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        STEP + STEP_PER_MEMBER.saturating_mul(members)
    }

    fn failed(&self, step: &'static str, why: impl ToString) -> BenchError {
        BenchError::Step {
            members: self.members.len(),
            step,
            why: why.to_string(),
        }
    }
}

/// Sound only, and of each member so much that the machine can carry all of them.
fn sound(members: usize) -> Result<Samples, String> {
    let tone = SampleLoop::tone().map_err(|error| error.to_string())?;
    let times = u32::try_from(stretch(members)).unwrap_or(u32::MAX);
    Ok(Samples {
        sound: tone.stretched(times),
        picture: None,
    })
}

/// How much slower than real sound each member sends.
fn stretch(members: usize) -> usize {
    (members * SOUND_FRAMES_PER_SECOND)
        .div_ceil(FRAMES_PER_SECOND_MAX)
        .max(1)
}

/// Frames a second of each member in a meeting of this size.
#[allow(clippy::cast_precision_loss)] // Both are small.
pub(crate) fn frames_per_second(members: usize) -> f64 {
    SOUND_FRAMES_PER_SECOND as f64 / stretch(members) as f64
}

fn seated(status: &MemberStatus) -> usize {
    status.view.as_ref().map_or(0, |view| view.members.len())
}

fn all_confirmed(status: &MemberStatus, members: usize) -> bool {
    let all = |view: &Arc<MemberView>| view.members.iter().all(|member| member.confirmed);
    seated(status) == members && status.view.as_ref().is_some_and(all)
}

fn describe(status: &MemberStatus) -> String {
    let confirmed = status
        .view
        .iter()
        .flat_map(|view| &view.members)
        .filter(|member| member.confirmed)
        .count();
    format!(
        "lamp {:?}, sees {} members, {confirmed} of them confirmed, media {}, {} frames sent, told: {:?}, cannot go on: {:?}",
        status.lamp(),
        seated(status),
        status.media,
        status.sent,
        status.notices.last(),
        status.fatal,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_send_real_sound_and_many_send_no_more_than_the_machine_carries() {
        assert_eq!(frames_per_second(2), 50.0);
        assert_eq!(frames_per_second(20), 50.0);
        assert_eq!(frames_per_second(40), 25.0);
        for members in [2, 20, 21, 40, 110, 330, 1_000] {
            assert!(members as f64 * frames_per_second(members) <= FRAMES_PER_SECOND_MAX as f64);
        }
    }
}
