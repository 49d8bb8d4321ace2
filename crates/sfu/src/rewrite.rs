//! Makes the packets of changing sources look like one unbroken stream.
//!
//! A receiver binds a decoder, a jitter buffer and an SRTP rollover counter to the SSRC of a slot, for ever. So sequence
//! numbers, timestamps and VP8 picture ids must run on when the slot changes its source.

use std::time::Instant;

use crate::ids::Kind;
use crate::limits::{ALIGNMENT_MAX, SEQUENCE_FIRST, SEQUENCE_STEP_MAX};

/// The fields of one packet that depend on what went before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields {
    /// Extended sequence number.
    pub(crate) sequence: u64,
    /// Timestamp in ticks of the codec's clock.
    pub(crate) time: u32,
    /// When it was captured by the sender's own clock, in microseconds of any origin, once its reports tell. By it the
    /// timestamps of two layers of one camera, which begin anywhere, can be compared.
    pub(crate) captured_us: Option<i64>,
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
    last: Option<Last>,
    picture_id_next: u16,
    tl0_picture_index_next: u8,
}

/// The newest packet that went out.
#[derive(Debug, Clone, Copy)]
struct Last {
    time: u32,
    at: Instant,
    captured_us: Option<i64>,
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
            clock_hz: kind.clock_hz().into(),
            follows: None,
            sequence_next: SEQUENCE_FIRST,
            last: None,
            picture_id_next: 0,
            tl0_picture_index_next: 0,
        }
    }

    /// The next packets come from another source: video starts at its next key frame, audio at its next packet.
    pub(crate) fn switch(&mut self) {
        self.follows = None;
        if let Some(last) = &mut self.last {
            // Another sender's clock.
            last.captured_us = None;
        }
    }

    /// The next packets come from another layer of the same source, starting with a key frame.
    pub(crate) fn switch_layer(&mut self) {
        self.follows = None;
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
            captured_us: fields.captured_us,
            picture_id: fields
                .picture_id
                .map(|id| id.wrapping_add(follows.picture_id_offset) & 0x7fff),
            tl0_picture_index: fields
                .tl0_picture_index
                .map(|index| index.wrapping_add(follows.tl0_picture_index_offset)),
        };
        if out.sequence >= self.sequence_next {
            self.sequence_next = out.sequence.saturating_add(1);
            self.last = Some(Last {
                time: out.time,
                at: now,
                captured_us: fields.captured_us,
            });
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
        let time = match self.last {
            None => fields.time,
            Some(last) => last.time.wrapping_add(self.ticks_since(last, now, fields.captured_us)),
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

    /// Ticks of the codec's clock since the last packet, at least one: two frames never share a timestamp. By the
    /// sender's clock if that is known and plausible, else by the times of arrival.
    fn ticks_since(&self, last: Last, now: Instant, captured_us: Option<i64>) -> u32 {
        let arrived_us = i64::try_from(now.saturating_duration_since(last.at).as_micros()).unwrap_or(i64::MAX);
        let captured_us = last
            .captured_us
            .zip(captured_us)
            .and_then(|(before, after)| after.checked_sub(before))
            .filter(|us| u128::from(us.abs_diff(arrived_us)) <= ALIGNMENT_MAX.as_micros());
        let us = captured_us.unwrap_or(arrived_us);
        let ticks = i128::from(us) * i128::from(self.clock_hz) / 1_000_000;
        // Wraps like every RTP timestamp.
        (ticks.max(1)) as u32
    }
}

#[cfg(test)]
mod tests;
