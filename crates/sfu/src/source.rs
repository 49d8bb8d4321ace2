//! What a member sends, as the engine sees it arrive.

use std::time::Instant;

use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::Ssrc;

use crate::ids::Stream;
use crate::layers::Layer;
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
    /// When the last packet of any layer came; `None` until the first one, and so long the source is in no slot.
    pub(crate) last_packet: Option<Instant>,
    pub(crate) loudness: Loudness,
    /// Smallest first; one without simulcast.
    pub(crate) layers: Vec<Layer>,
}

impl Ingress {
    /// A line before its first packet. `rids` are empty without simulcast.
    pub(crate) fn new(stream: Stream, mid: Mid, pt: Pt, rids: &[String]) -> Self {
        Ingress {
            stream,
            mid,
            pt,
            last_packet: None,
            loudness: Loudness::default(),
            layers: if rids.is_empty() {
                vec![Layer::only()]
            } else {
                Layer::several(rids)
            },
        }
    }

    /// Whether packets have come lately, or would if its sender were told: a camera that was on when its smallest layer was told
    /// to stop is on until that is asked for and does not come. (In silence, discontinuous transmission still sends a packet each 400 ms: RFC 6716 §2.1.9.)
    pub(crate) fn flows(&self, now: Instant) -> bool {
        let rests = self.layers.first().is_some_and(|smallest| !smallest.is_wanted());
        rests
            || self
                .last_packet
                .is_some_and(|last| now.saturating_duration_since(last) < STALLED_AFTER)
    }

    /// The layer with this SSRC.
    pub(crate) fn layer_with(&self, ssrc: Ssrc) -> Option<usize> {
        self.layers.iter().position(|layer| layer.ssrc == Some(ssrc))
    }

    /// Binds an SSRC to the layer with this name, if that layer has none yet.
    pub(crate) fn bind(&mut self, rid: Option<Rid>, ssrc: Ssrc) -> Option<usize> {
        let at = self
            .layers
            .iter()
            .position(|layer| layer.rid == rid && layer.ssrc.is_none())?;
        self.layers.get_mut(at)?.ssrc = Some(ssrc);
        Some(at)
    }

    /// Takes a slot off the list of a layer.
    pub(crate) fn unsubscribe(&mut self, layer: usize, subscriber: Subscriber) {
        if let Some(layer) = self.layers.get_mut(layer) {
            layer.subscribers.retain(|other| *other != subscriber);
        }
    }

    /// Puts a slot on the list of a layer, once.
    pub(crate) fn subscribe(&mut self, layer: usize, subscriber: Subscriber) {
        if let Some(layer) = self.layers.get_mut(layer)
            && !layer.subscribers.contains(&subscriber)
        {
            layer.subscribers.push(subscriber);
        }
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
