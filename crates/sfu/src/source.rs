//! What a member sends, as the engine sees it arrive.

use std::time::Instant;

use str0m::media::{Mid, Pt};
use str0m::rtp::Ssrc;

use crate::ids::Stream;
use crate::keyframe::KeyFrameRequests;
use crate::limits::STALLED_AFTER;
use crate::table::PeerKey;

/// A slot that takes a source: the receiver and the place of the slot in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub(crate) peer: PeerKey,
    pub(crate) slot: usize,
}

/// One sending line of a member.
#[derive(Debug)]
pub(crate) struct Ingress {
    pub(crate) stream: Stream,
    pub(crate) mid: Mid,
    pub(crate) pt: Pt,
    /// The SSRC of the first packet. Packets of any other one are not taken: the level of a microphone counts only if
    /// it came in the stream that is forwarded.
    pub(crate) ssrc: Option<Ssrc>,
    /// When the last packet came; `None` until the first one, and so long the source is in no slot.
    pub(crate) last_packet: Option<Instant>,
    pub(crate) loudness: Loudness,
    pub(crate) key_frames: KeyFrameRequests,
    pub(crate) subscribers: Vec<Subscriber>,
}

impl Ingress {
    pub(crate) fn new(stream: Stream, mid: Mid, pt: Pt) -> Self {
        Ingress {
            stream,
            mid,
            pt,
            ssrc: None,
            last_packet: None,
            loudness: Loudness::default(),
            key_frames: KeyFrameRequests::default(),
            subscribers: Vec::new(),
        }
    }

    /// Whether packets have come lately.
    pub(crate) fn flows(&self, now: Instant) -> bool {
        self.last_packet
            .is_some_and(|last| now.saturating_duration_since(last) < STALLED_AFTER)
    }
}

/// Smoothed RFC 6464 level, in dB above the floor of -127 dBov. Fixed point, so that every run gives the same.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Loudness {
    hundredths: i32,
}

impl Loudness {
    /// Takes in the level of one packet: 0 is full scale, -127 is silence.
    pub(crate) fn hear(&mut self, level_dbov: i8) {
        let target = (127 + i32::from(level_dbov)).clamp(0, 127) * 100;
        let step = target - self.hundredths;
        // Up within about four packets (80 ms), down within about sixteen: words have gaps.
        self.hundredths += if step > 0 { step / 4 } else { step / 16 };
    }

    /// A while without packets.
    pub(crate) fn fade(&mut self) {
        self.hundredths -= self.hundredths / 4;
    }

    /// Decibels above the floor.
    pub(crate) fn db(self) -> i32 {
        self.hundredths / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_rises_fast_and_falls_slowly() {
        let mut loudness = Loudness::default();
        (0..5).for_each(|_| loudness.hear(-20));
        assert!(loudness.db() > 77);
        (0..5).for_each(|_| loudness.hear(-127));
        assert!(loudness.db() > 50);
        (0..100).for_each(|_| loudness.hear(-127));
        assert!(loudness.db() < 5);
    }

    #[test]
    fn a_level_out_of_range_is_clamped() {
        let mut loudness = Loudness::default();
        (0..100).for_each(|_| loudness.hear(i8::MAX));
        assert!(loudness.db() <= 127);
        (0..500).for_each(|_| loudness.hear(i8::MIN));
        assert!(loudness.db() >= 0);
    }
}
