//! What figures must not exceed.

use super::{MediaError, MediaFigures};
use crate::spread::Spread;

/// Upper bounds. What has none always passes; what cannot be told, because it was not measured or is not a number,
/// never does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// Of the server's CPU time for a packet in the cheapest round, in microseconds: what others on the machine take can only be
    /// added to it.
    pub cpu_us_per_packet: Option<f64>,
    /// Of the share of packets that receivers missed.
    pub loss: Option<f64>,
    /// Of the delay that 99 of 100 packets keep, in milliseconds.
    pub delay_p99_ms: Option<f64>,
    /// Of the delay that 999 of 1,000 packets keep, in milliseconds.
    pub delay_p999_ms: Option<f64>,
    /// Of our CPU time for a packet by the peer's.
    pub cpu_ratio: Option<f64>,
    /// Of resident memory that participants added, for each, in KiB.
    pub rss_kib: Option<f64>,
    /// Of the time to the first packet of sound that 95 of 100 participants keep, in milliseconds.
    pub first_audio_ms: Option<f64>,
    /// The same of the first key frame.
    pub first_video_ms: Option<f64>,
    /// Of pictures that stood still and sounds that were not there, together.
    pub breaks: Option<f64>,
}

impl Bounds {
    /// Fails with all that is beyond its bound.
    pub fn verdict(&self, figures: &MediaFigures) -> Result<(), MediaError> {
        let ours = &figures.ours;
        // Of no rounds nothing is known.
        let cheapest = match ours.cpu_us_per_packet_range {
            [cheapest, _] if ours.cpu_us_per_packet.is_finite() => cheapest,
            _ => f64::NAN,
        };
        let ratio = figures.cpu_ratio.as_ref().map_or(f64::NAN, |ratio| ratio.median);
        let what: Vec<String> = [
            ("CPU us/packet", cheapest, self.cpu_us_per_packet),
            ("loss", ours.loss, self.loss),
            ("delay p99 ms", ours.delay_ms.p99, self.delay_p99_ms),
            ("delay p99.9 ms", ours.delay_ms.p999, self.delay_p999_ms),
            ("ours/peer", ratio, self.cpu_ratio),
            ("KiB each", ours.rss_kib_per_participant, self.rss_kib),
            ("first sound p95 ms", p95(ours.first_audio_ms), self.first_audio_ms),
            ("first picture p95 ms", p95(ours.first_video_ms), self.first_video_ms),
            ("breaks", (ours.freezes + ours.sound_gaps) as f64, self.breaks),
        ]
        .into_iter()
        .filter_map(|(name, measured, bound)| Some((name, measured, bound?)))
        .filter(|(_, measured, bound)| !within(*measured, *bound))
        .map(|(name, measured, bound)| format!("{name} is {measured}, and {bound} is allowed"))
        .collect();
        if what.is_empty() {
            return Ok(());
        }
        Err(MediaError::Bound {
            scenario: figures.scenario,
            what: what.join("; "),
        })
    }
}

fn p95(times: Option<Spread>) -> f64 {
    times.map_or(f64::NAN, |times| times.p95)
}

/// Not if it is not a number: nothing is known then.
fn within(measured: f64, bound: f64) -> bool {
    measured <= bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_beyond_every_bound() {
        assert!(within(1.0, 1.0));
        assert!(!within(1.1, 1.0));
        assert!(!within(f64::NAN, 1.0));
    }
}
