//! The layers of a picture: the same camera in several sizes, each a stream of its own.

use std::time::{Duration, Instant};

use str0m::media::Rid;
use str0m::rtp::Ssrc;

use crate::keyframe::KeyFrameRequests;
use crate::limits::{
    ENLARGED_PERCENT_MAX, KEY_FRAME_INTERVAL, KEY_FRAME_INTERVAL_TOP, LAYER_BPS, LAYER_HEIGHT_TOP, LAYER_IDLE,
    LAYER_STALLED_AFTER, LAYER_START_MAX, PACKET_OVERHEAD_BYTES, SINGLE_BPS,
};
use crate::source::Subscriber;

/// One layer of a sending line. A line without simulcast has one.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Its name in the offer; `None` for the only layer of a line without simulcast.
    pub(crate) rid: Option<Rid>,
    /// The SSRC of the first packet. Packets of any other one are not taken: the level of a microphone counts only if
    /// it came in the stream that is forwarded.
    pub(crate) ssrc: Option<Ssrc>,
    /// The SSRC of its repeats (RFC 4588), since the first one that was true.
    pub(crate) repair: Option<Ssrc>,
    last_packet: Option<Instant>,
    rate: Rate,
    pub(crate) key_frames: KeyFrameRequests,
    /// Slots that carry it, and slots that wait for a key frame of it.
    pub(crate) subscribers: Vec<Subscriber>,
    upstream: Upstream,
    /// Since when nobody has taken it.
    idle_since: Option<Instant>,
    /// What it is thought to cost before it is measured.
    nominal_bps: u64,
}

/// What its sender was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upstream {
    /// Send it. From the beginning if there is no time.
    Wanted(Option<Instant>),
    /// Nobody takes it.
    Unwanted,
}

impl Layer {
    /// The only layer of a line.
    pub(crate) fn only() -> Self {
        Layer::new(None, SINGLE_BPS, KEY_FRAME_INTERVAL)
    }

    /// Layers of a camera, smallest first.
    pub(crate) fn several(rids: &[String]) -> Vec<Self> {
        let count = rids.len();
        let nominal = |at: usize| LAYER_BPS.get(count - 1 - at).copied().unwrap_or(SINGLE_BPS);
        let interval = |at: usize| {
            if at + 1 == count {
                KEY_FRAME_INTERVAL_TOP
            } else {
                KEY_FRAME_INTERVAL
            }
        };
        let named = rids.iter().enumerate();
        named
            .map(|(at, rid)| Layer::new(Some(Rid::from(rid.as_str())), nominal(at), interval(at)))
            .collect()
    }

    fn new(rid: Option<Rid>, nominal_bps: u64, key_frame_interval: Duration) -> Self {
        Layer {
            rid,
            ssrc: None,
            repair: None,
            last_packet: None,
            rate: Rate::default(),
            key_frames: KeyFrameRequests::every(key_frame_interval),
            subscribers: Vec::new(),
            upstream: Upstream::Wanted(None),
            idle_since: None,
            nominal_bps,
        }
    }

    /// A packet of it has come.
    pub(crate) fn hear(&mut self, now: Instant, payload_bytes: usize) {
        self.last_packet = Some(now);
        self.rate.count(now, payload_bytes as u64 + PACKET_OVERHEAD_BYTES);
    }

    /// Whether packets of it have come just now.
    pub(crate) fn flows(&self, now: Instant) -> bool {
        self.last_packet
            .is_some_and(|last| now.saturating_duration_since(last) < LAYER_STALLED_AFTER)
    }

    /// Whether a slot that already shows something may wait for it: it flows, or would once its sender is told.
    pub(crate) fn is_to_be_had(&self, now: Instant) -> bool {
        match self.upstream {
            Upstream::Unwanted => true,
            Upstream::Wanted(since) => {
                let starts = since.is_some_and(|since| now.saturating_duration_since(since) < LAYER_START_MAX);
                starts || self.flows(now)
            }
        }
    }

    /// What it costs in bits per second. One that does not flow will cost what it is known or thought to.
    pub(crate) fn bps(&self, now: Instant) -> u64 {
        match self.rate.bps {
            Some(bps) if self.flows(now) => bps,
            Some(bps) => bps.max(self.nominal_bps),
            None => self.nominal_bps,
        }
    }

    /// Whether its sender is to send it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.upstream != Upstream::Unwanted
    }

    /// Decides whether its sender is to send it; gives whether that is news. `lasting`: it is sent whether or not
    /// anybody takes it. What does not flow costs nothing, so nobody is told to stop it.
    pub(crate) fn review(&mut self, now: Instant, lasting: bool) -> bool {
        let taken = lasting || !self.subscribers.is_empty();
        if taken {
            self.idle_since = None;
            if self.is_wanted() {
                return false;
            }
            self.upstream = Upstream::Wanted(Some(now));
            return true;
        }
        let idle_since = *self.idle_since.get_or_insert(now);
        if !self.is_wanted() || !self.flows(now) || now.saturating_duration_since(idle_since) < LAYER_IDLE {
            return false;
        }
        self.upstream = Upstream::Unwanted;
        true
    }
}

/// The smallest of `count` layers that is sharp enough at a height.
pub(crate) fn sharp_enough(count: usize, height: u32) -> usize {
    let top = count.saturating_sub(1);
    let height_of = |at: usize| LAYER_HEIGHT_TOP >> (top - at);
    (0..top)
        .find(|at| height_of(*at) * ENLARGED_PERCENT_MAX / 100 >= height)
        .unwrap_or(top)
}

/// Bits per second, measured over about a second.
#[derive(Debug, Default)]
struct Rate {
    since: Option<Instant>,
    bytes: u64,
    bps: Option<u64>,
}

/// Long enough that one key frame does not look like a new rate.
const RATE_WINDOW: Duration = Duration::from_secs(1);

impl Rate {
    fn count(&mut self, now: Instant, bytes: u64) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed < RATE_WINDOW {
            self.bytes += bytes;
            return;
        }
        // A window with a pause in it measures the pause.
        if elapsed < 2 * RATE_WINDOW {
            let measured = self.bytes.saturating_mul(8_000) / (elapsed.as_millis() as u64).max(1);
            self.bps = Some(match self.bps {
                // Up at once, since too much hurts; down slowly, since it comes back.
                Some(before) if measured < before => before - (before - measured) / 4,
                Some(before) => before + (measured - before) / 2,
                None => measured,
            });
        }
        self.since = Some(now);
        self.bytes = bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    /// A layer of 1,000-byte packets every 20 ms from `from` to `to`.
    fn play(layer: &mut Layer, start: Instant, from: u64, to: u64) {
        for at in (from..to).step_by(20) {
            layer.hear(after(start, at), 1_000);
        }
    }

    #[test]
    fn a_small_picture_gets_a_small_layer_and_a_large_one_the_largest() {
        let at = |height| sharp_enough(3, height);
        assert_eq!([at(1), at(180), at(225), at(226)], [0, 0, 0, 1]);
        assert_eq!([at(400), at(450), at(451), at(2_160)], [1, 1, 2, 2]);
        assert_eq!(sharp_enough(1, 2_160), 0);
        assert_eq!([sharp_enough(2, 360), sharp_enough(2, 720)], [0, 1]);
    }

    #[test]
    fn a_layer_costs_what_is_measured_and_before_that_what_is_usual() {
        let start = Instant::now();
        let mut layers = Layer::several(&["q".into(), "h".into(), "f".into()]);
        assert_eq!(layers[0].bps(start), 150_000);
        assert_eq!(layers[2].bps(start), 1_700_000);
        play(&mut layers[2], start, 0, 3_000);
        let measured = layers[2].bps(after(start, 3_000));
        assert!((400_000..460_000).contains(&measured), "{measured}");
        assert_eq!(layers[2].bps(after(start, 9_000)), 1_700_000, "it has stopped");
    }

    #[test]
    fn a_layer_that_nobody_takes_is_stopped_after_a_while_and_wanted_again_at_once() {
        let start = Instant::now();
        let mut layer = Layer::several(&["q".into(), "h".into()]).remove(1);
        play(&mut layer, start, 0, 1_000);
        assert!(!layer.review(after(start, 1_000), false));
        play(&mut layer, start, 1_000, 3_000);
        assert!(layer.review(after(start, 3_000), false));
        assert!(!layer.is_wanted() && layer.is_to_be_had(after(start, 9_000)));
        assert!(layer.review(after(start, 9_000), true));
        assert!(layer.is_wanted() && layer.is_to_be_had(after(start, 11_000)));
        assert!(!layer.is_to_be_had(after(start, 12_001)), "it did not come");
    }

    #[test]
    fn a_layer_that_does_not_flow_is_not_told_to_stop() {
        let start = Instant::now();
        let mut layer = Layer::several(&["q".into(), "h".into()]).remove(1);
        assert!(!layer.review(start, false));
        assert!(!layer.review(after(start, 60_000), false));
        assert!(!layer.is_to_be_had(after(start, 60_000)));
    }
}
