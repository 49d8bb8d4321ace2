//! From rounds to figures.

use std::time::Duration;

use super::{MediaBench, Round};
use crate::spread::Spread;

/// The figures of one scenario. Serialised, it is one line of the output.
#[derive(Debug, Clone, serde::Serialize)]
pub struct MediaFigures {
    /// What was played.
    pub scenario: &'static str,
    /// How large.
    pub size: u64,
    /// Rounds that count.
    pub rounds: usize,
    /// Rounds that do not, because the generator was kept from its work.
    pub discarded: usize,
    /// Our server.
    pub ours: ServerFigures,
    /// The other server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<ServerFigures>,
    /// Our CPU time for a packet by the other's, of each round: below 1, ours is the cheaper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ratio: Option<Ratio>,
}

/// What was seen of one server: medians of the rounds, but for the times to the first packets, which are over everybody
/// in every round.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ServerFigures {
    /// The server's CPU time for each packet that reached a receiver, in microseconds.
    pub cpu_us_per_packet: f64,
    /// The same of the cheapest and of the dearest round.
    pub cpu_us_per_packet_range: [f64; 2],
    /// Media packets that reached receivers in a second.
    pub packets_per_s: f64,
    /// Media packets that senders gave to the server in a second.
    pub packets_in_per_s: f64,
    /// The share of media packets that receivers missed by their numbers, retransmitted or not.
    pub loss: f64,
    /// From the sender's sealing of a packet until the kernel had it for the receiver.
    pub delay_ms: Delays,
    /// Resident memory that the participants added, for each.
    pub rss_kib_per_participant: f64,
    /// From asking to be let in to the first packet of sound.
    pub first_audio_ms: Option<Spread>,
    /// From asking to be let in to the first packet of a key frame.
    pub first_video_ms: Option<Spread>,
    /// Pictures, over all rounds, that came so late after the one before that it is seen.
    pub freezes: u64,
    /// Sounds, over all rounds, that came so late after the one before that no buffer bridges it (200 ms).
    pub sound_gaps: u64,
    /// The share of its processor that the server used.
    pub server_core: f64,
    /// The share of its processor that the generator used.
    pub generator_core: f64,
    /// How late the 99th of a hundred packets was sent.
    pub sent_late_p99_ms: f64,
}

/// Delays in milliseconds.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Delays {
    /// Half are no longer.
    pub p50: f64,
    /// 99 of 100 are no longer.
    pub p99: f64,
    /// 999 of 1,000 are no longer.
    pub p999: f64,
}

/// A ratio over the rounds.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Ratio {
    /// Of half of the rounds it is no larger.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl MediaFigures {
    /// `rounds` has, for each round, ours and then the peer's if there is one.
    pub(super) fn of(bench: &MediaBench, rounds: &[Vec<Round>], discarded: usize) -> Self {
        let of = |side: usize| -> Vec<&Round> { rounds.iter().filter_map(|round| round.get(side)).collect() };
        let peers = of(1);
        let ratios = rounds.iter().filter_map(|round| match round.as_slice() {
            [ours, peer] => Some(cpu_us_per_packet(ours) / cpu_us_per_packet(peer)),
            _ => None,
        });
        Self {
            scenario: bench.scenario.name(),
            size: bench.size,
            rounds: rounds.len(),
            discarded,
            ours: ServerFigures::of(&of(0)),
            cpu_ratio: Ratio::of(ratios),
            peer: (!peers.is_empty()).then(|| ServerFigures::of(&peers)),
        }
    }
}

impl ServerFigures {
    fn of(rounds: &[&Round]) -> Self {
        let over = |figure: fn(&Round) -> f64| median(rounds.iter().map(|round| figure(round)));
        let delay = |quantile: f64| {
            let delays = rounds
                .iter()
                .map(|round| round.report.delays_us.value_at_quantile(quantile));
            rounded(median(delays.map(|us| us as f64 / 1000.0)))
        };
        let costs = Ratio::of(rounds.iter().map(|round| cpu_us_per_packet(round)));
        Self {
            cpu_us_per_packet: rounded(over(cpu_us_per_packet)),
            cpu_us_per_packet_range: costs.map_or([0.0; 2], |costs| [costs.min, costs.max]),
            packets_per_s: over(|round| round.report.came as f64 / round.report.lasted.as_secs_f64()).round(),
            packets_in_per_s: over(|round| round.report.sent as f64 / round.report.lasted.as_secs_f64()).round(),
            loss: over(|round| 1.0 - round.report.came as f64 / round.report.expected.max(1) as f64),
            delay_ms: Delays {
                p50: delay(0.5),
                p99: delay(0.99),
                p999: delay(0.999),
            },
            rss_kib_per_participant: over(|round| round.rss_bytes as f64 / 1024.0 / round.participants as f64).round(),
            first_audio_ms: Spread::of(times(rounds, |round| &round.report.first_audio)),
            first_video_ms: Spread::of(times(rounds, |round| &round.report.first_video)),
            freezes: rounds.iter().map(|round| round.report.freezes).sum(),
            sound_gaps: rounds.iter().map(|round| round.report.gaps).sum(),
            server_core: rounded(over(|round| {
                round.cpu.as_secs_f64() / round.report.lasted.as_secs_f64()
            })),
            generator_core: rounded(over(|round| round.report.cpu_share)),
            sent_late_p99_ms: rounded(over(|round| {
                round.report.lateness_us.value_at_quantile(0.99) as f64 / 1000.0
            })),
        }
    }
}

impl Ratio {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.collect();
        let min = values.iter().copied().reduce(f64::min)?;
        let max = values.iter().copied().reduce(f64::max)?;
        Some(Self {
            median: rounded(median(values.into_iter())),
            min: rounded(min),
            max: rounded(max),
        })
    }
}

fn times<'r>(
    rounds: &'r [&Round],
    which: impl Fn(&'r Round) -> &'r Vec<Duration> + 'r,
) -> impl Iterator<Item = Duration> + 'r {
    rounds.iter().flat_map(move |round| which(round)).copied()
}

fn cpu_us_per_packet(round: &Round) -> f64 {
    round.cpu.as_secs_f64() * 1e6 / round.report.came.max(1) as f64
}

/// The middle value, or the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = |place: usize| sorted.get(place).copied().unwrap_or(0.0);
    f64::midpoint(middle(sorted.len().saturating_sub(1) / 2), middle(sorted.len() / 2))
}

/// To a thousandth.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(median([4.0, 1.0, 3.0].into_iter()), 3.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }

    #[test]
    fn a_ratio_has_its_extremes() {
        let ratio = Ratio::of([0.5, 0.25, 0.75].into_iter()).unwrap();
        assert_eq!((ratio.median, ratio.min, ratio.max), (0.5, 0.25, 0.75));
        assert!(Ratio::of(std::iter::empty()).is_none());
    }
}
