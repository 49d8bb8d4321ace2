//! Makes the packets of changing sources look like one unbroken stream.
//!
//! A receiver binds a decoder, a jitter buffer and an SRTP rollover counter to the SSRC of a slot, for ever. So sequence
//! numbers, timestamps and VP8 picture ids must run on when the slot changes its source.

use std::time::Instant;

use crate::ids::Kind;
use crate::limits::{SEQUENCE_FIRST, SEQUENCE_STEP_MAX};

/// The fields of one packet that depend on what went before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields {
    /// Extended sequence number.
    pub(crate) sequence: u64,
    /// Timestamp in ticks of the codec's clock.
    pub(crate) time: u32,
    /// VP8 picture id, if the descriptor has one (15 bits; a 7-bit one is cut by the writer).
    pub(crate) picture_id: Option<u16>,
    /// VP8 TL0PICIDX, if the descriptor has one.
    pub(crate) tl0_picture_index: Option<u8>,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it with these fields.
    Forward(Fields),
    /// Drop it: the slot waits for a key frame.
    BeforeKeyFrame,
    /// Drop it: it belongs to before the slot took up the source, or its number is used.
    Late,
}

/// The state of one slot.
#[derive(Debug)]
pub(crate) struct Rewriter {
    kind: Kind,
    clock_hz: u64,
    follows: Option<Follows>,
    sequence_next: u64,
    time_last: Option<(u32, Instant)>,
    picture_id_next: u16,
    tl0_picture_index_next: u8,
}

/// How the numbers of the present source become those of the slot.
#[derive(Debug, Clone, Copy)]
struct Follows {
    /// Lowest sequence number of the source that belongs to this run.
    floor: u64,
    /// Highest sequence number of the source seen in this run.
    highest: u64,
    /// What `floor` became.
    base: u64,
    time_offset: u32,
    picture_id_offset: u16,
    tl0_picture_index_offset: u8,
}

impl Rewriter {
    pub(crate) fn new(kind: Kind) -> Self {
        Rewriter {
            kind,
            clock_hz: match kind {
                Kind::Audio => 48_000,
                Kind::Video => 90_000,
            },
            follows: None,
            sequence_next: SEQUENCE_FIRST,
            time_last: None,
            picture_id_next: 0,
            tl0_picture_index_next: 0,
        }
    }

    /// The next packets come from another source: video starts at its next key frame, audio at its next packet.
    pub(crate) fn switch(&mut self) {
        self.follows = None;
    }

    /// Whether the slot shows nothing until a key frame comes.
    pub(crate) fn waits_for_key_frame(&self) -> bool {
        self.kind == Kind::Video && self.follows.is_none()
    }

    /// Judges one packet. `starts_key_frame` says that it is the first of a VP8 key frame.
    pub(crate) fn rewrite(&mut self, now: Instant, fields: Fields, starts_key_frame: bool) -> Verdict {
        let mut follows = match self.follows {
            Some(follows) if fields.sequence < follows.floor => return Verdict::Late,
            Some(follows) if fields.sequence.saturating_sub(follows.highest) > SEQUENCE_STEP_MAX => Follows {
                base: self.sequence_next.saturating_add(self.gap()),
                floor: fields.sequence,
                ..follows
            },
            Some(follows) => follows,
            None if self.kind == Kind::Video && !starts_key_frame => return Verdict::BeforeKeyFrame,
            None => self.follow(now, fields),
        };
        follows.highest = follows.highest.max(fields.sequence);
        self.follows = Some(follows);

        let out = Fields {
            sequence: follows
                .base
                .saturating_add(fields.sequence.saturating_sub(follows.floor)),
            time: fields.time.wrapping_add(follows.time_offset),
            picture_id: fields
                .picture_id
                .map(|id| id.wrapping_add(follows.picture_id_offset) & 0x7fff),
            tl0_picture_index: fields
                .tl0_picture_index
                .map(|index| index.wrapping_add(follows.tl0_picture_index_offset)),
        };
        if out.sequence >= self.sequence_next {
            self.sequence_next = out.sequence.saturating_add(1);
            self.time_last = Some((out.time, now));
            if let Some(id) = out.picture_id {
                self.picture_id_next = id.wrapping_add(1) & 0x7fff;
            }
            if let Some(index) = out.tl0_picture_index {
                self.tl0_picture_index_next = index.wrapping_add(1);
            }
        }
        Verdict::Forward(out)
    }

    /// Numbers left free where a wild step was closed up: a receiver of video must see that something is missing, for
    /// it to ask for a key frame; one of sound would only wait.
    fn gap(&self) -> u64 {
        match self.kind {
            Kind::Audio => 0,
            Kind::Video => 1,
        }
    }

    /// Takes up a source at this packet.
    fn follow(&self, now: Instant, fields: Fields) -> Follows {
        let time = match self.time_last {
            None => fields.time,
            Some((last, at)) => last.wrapping_add(self.ticks(now, at)),
        };
        Follows {
            floor: fields.sequence,
            highest: fields.sequence,
            base: self.sequence_next,
            time_offset: time.wrapping_sub(fields.time),
            picture_id_offset: self.picture_id_next.wrapping_sub(fields.picture_id.unwrap_or(0)),
            tl0_picture_index_offset: self
                .tl0_picture_index_next
                .wrapping_sub(fields.tl0_picture_index.unwrap_or(0)),
        }
    }

    /// Ticks of the codec's clock since `at`, at least one: two frames never share a timestamp.
    fn ticks(&self, now: Instant, at: Instant) -> u32 {
        let micros = now.saturating_duration_since(at).as_micros();
        let ticks = micros.saturating_mul(u128::from(self.clock_hz)) / 1_000_000;
        // Wraps like every RTP timestamp.
        (ticks as u32).max(1)
    }
}

#[cfg(test)]
mod tests;
