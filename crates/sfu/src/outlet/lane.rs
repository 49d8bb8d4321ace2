//! The way out of one slot: its packets as they are on the wire, what is kept of them for repeats, and its reports.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::ids::Kind;
use crate::limits::{
    REPEAT_SPACING, REPEATS_BYTES_FREE, REPEATS_BYTES_MAX, REPEATS_PERCENT, RESENT_AGE_MAX, RESENT_PACKETS_MAX,
};

/// The one-byte form of header extensions (RFC 8285 §4.2).
const ONE_BYTE_FORM: [u8; 2] = [0xbe, 0xde];

/// The first byte of a packet without and with header extensions, and the bit for padding (RFC 3550 §5.1).
const VERSION: u8 = 0x80;
const EXTENDED: u8 = 0x10;
const PADDED: u8 = 0x20;
const MARKER: u8 = 0x80;

/// The most that one packet can be padded with (RFC 3550 §5.1).
pub(crate) const PADDING_BYTES: u8 = 255;

/// Type of a sender report (RFC 3550 §6.4.1).
const SENDER_REPORT: u8 = 200;

/// As it was agreed on in the answer, for ever.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) kind: Kind,
    pub(crate) ssrc: u32,
    pub(crate) pt: u8,
    /// SSRC and payload type of its repeats (RFC 4588), of pictures.
    pub(crate) repeats: Option<(u32, u8)>,
    /// The number of the extension for transport-wide numbers, if the receiver takes them.
    pub(crate) transport_number: Option<u8>,
    /// The number of the extension for levels of sound (RFC 6464), if the receiver takes them.
    pub(crate) level: Option<u8>,
}

/// One packet of a slot, before it has a transport-wide number and is protected.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Extended sequence number.
    pub(crate) sequence: u64,
    pub(crate) time: u32,
    pub(crate) marker: bool,
    /// Level in -dBov with the bit for voice in front, as RFC 6464 §3 has it.
    pub(crate) level: Option<u8>,
    /// The sender's, shared by all receivers.
    pub(crate) payload: Arc<[u8]>,
    /// What is other in it for this receiver.
    pub(crate) patch: Patch,
}

/// Up to three bytes of a payload that are others for one receiver: VP8's picture numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Patch {
    bytes: [(u8, u8); 3],
    length: u8,
}

impl Patch {
    /// One byte more. Beyond three there are none.
    pub(crate) fn set(&mut self, at: u8, value: u8) {
        if let Some(byte) = self.bytes.get_mut(usize::from(self.length)) {
            *byte = (at, value);
            self.length += 1;
        }
    }

    fn apply(&self, payload: &mut [u8]) {
        for (at, value) in self.bytes.iter().take(usize::from(self.length)) {
            if let Some(byte) = payload.get_mut(usize::from(*at)) {
                *byte = *value;
            }
        }
    }
}

/// A packet in clear, ready to be protected.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    pub(crate) ssrc: u32,
    /// Extended sequence number under that SSRC.
    pub(crate) index: u64,
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// Which numbers went out, so that none does twice: with AES-GCM two packets under one number give away the key by which
/// packets are told from forged ones (RFC 5116 §5.1.1). What is too far behind to be told counts as having gone out.
#[derive(Debug, Default)]
struct Once {
    newest: Option<u64>,
    /// The newest and the 127 before it, from the lowest bit up.
    gone: u128,
}

impl Once {
    /// Whether a number has not gone out yet; from now on it has.
    fn takes(&mut self, number: u64) -> bool {
        let Some(newest) = self.newest else {
            (self.newest, self.gone) = (Some(number), 1);
            return true;
        };
        let shift = |by: u64| u32::try_from(by).ok().filter(|by| *by < u128::BITS);
        if number > newest {
            let before = shift(number - newest).map_or(0, |by| self.gone << by);
            (self.newest, self.gone) = (Some(number), before | 1);
            return true;
        }
        let Some(behind) = shift(newest - number) else {
            return false;
        };
        let first = self.gone >> behind & 1 == 0;
        self.gone |= 1 << behind;
        first
    }
}

/// A packet that may be asked for again.
#[derive(Debug)]
struct Kept {
    draft: Draft,
    at: Instant,
    repeated: Option<Instant>,
}

/// One slot's.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) terms: Terms,
    once: Once,
    /// In the order of their numbers.
    kept: VecDeque<Kept>,
    /// The next number of its repeats.
    repeat_next: u64,
    /// Bytes that may be repeated at present.
    repeats_left: usize,
    /// What its report says: packets and bytes of payload (RFC 3550 §6.4.1, modulo 2^32), and the newest time.
    packets: u32,
    octets: u32,
    newest: Option<(u32, Instant)>,
    /// There is something new to report.
    unreported: bool,
}

impl Lane {
    pub(crate) fn new(terms: Terms) -> Self {
        Lane {
            terms,
            once: Once::default(),
            kept: VecDeque::new(),
            repeat_next: 1,
            repeats_left: REPEATS_BYTES_FREE,
            packets: 0,
            octets: 0,
            newest: None,
            unreported: false,
        }
    }

    /// Writes a packet, and keeps it if it may be asked for again. `false` if one with its number has gone out.
    pub(crate) fn media(&mut self, now: Instant, draft: Draft, number: Option<u16>, plain: &mut Plain) -> bool {
        if !self.once.takes(draft.sequence) {
            return false;
        }
        plain.ssrc = self.terms.ssrc;
        plain.index = draft.sequence;
        self.header(plain, self.terms.pt, &draft, number);
        plain.payload.clear();
        plain.payload.extend_from_slice(&draft.payload);
        draft.patch.apply(&mut plain.payload);
        self.packets = self.packets.wrapping_add(1);
        // Modulo 2^32, as the report has it.
        self.octets = self.octets.wrapping_add(draft.payload.len() as u32);
        if self
            .newest
            .is_none_or(|(time, _)| (draft.time.wrapping_sub(time) as i32) > 0)
        {
            self.newest = Some((draft.time, now));
        }
        self.unreported = true;
        if self.terms.repeats.is_some() {
            self.keep(now, draft);
        }
        true
    }

    fn keep(&mut self, now: Instant, draft: Draft) {
        let earned = draft.payload.len() * REPEATS_PERCENT / 100;
        self.repeats_left = (self.repeats_left + earned).min(REPEATS_BYTES_MAX);
        let old = |kept: &Kept| now.saturating_duration_since(kept.at) > RESENT_AGE_MAX;
        while self.kept.len() >= RESENT_PACKETS_MAX || self.kept.front().is_some_and(old) {
            self.kept.pop_front();
        }
        let kept = Kept {
            draft,
            at: now,
            repeated: None,
        };
        let after = |it: &Kept| it.draft.sequence < kept.draft.sequence;
        match self.kept.back() {
            Some(last) if !after(last) => {
                let place = self.kept.partition_point(after);
                self.kept.insert(place, kept);
            }
            _ => self.kept.push_back(kept),
        }
    }

    /// Writes what was asked for again, as RFC 4588 §4 has it: the old number before the old payload. `false` if it is
    /// not there any more, was repeated just now, or enough was repeated.
    pub(crate) fn repeat(&mut self, now: Instant, wanted: u16, number: Option<u16>, plain: &mut Plain) -> bool {
        let Some((ssrc, pt)) = self.terms.repeats else {
            return false;
        };
        let Some(last) = self.kept.back().map(|kept| kept.draft.sequence) else {
            return false;
        };
        // The latest with these 16 bits.
        let behind = (last as u16).wrapping_sub(wanted);
        let Some(sequence) = last.checked_sub(behind.into()) else {
            return false;
        };
        let place = self.kept.partition_point(|kept| kept.draft.sequence < sequence);
        let Some(kept) = self.kept.get_mut(place).filter(|kept| kept.draft.sequence == sequence) else {
            return false;
        };
        let age = now.saturating_duration_since(kept.at);
        let just_now = |at: Instant| now.saturating_duration_since(at) < REPEAT_SPACING;
        let bytes = kept.draft.payload.len();
        if age > RESENT_AGE_MAX || kept.repeated.is_some_and(just_now) || bytes > self.repeats_left {
            return false;
        }
        self.repeats_left -= bytes;
        kept.repeated = Some(now);
        let draft = kept.draft.clone();
        plain.ssrc = ssrc;
        plain.index = self.next_repeat();
        self.header(plain, pt, &draft, number);
        plain.payload.clear();
        plain.payload.extend_from_slice(&wanted.to_be_bytes());
        plain.payload.extend_from_slice(&draft.payload);
        if let Some(payload) = plain.payload.get_mut(2..) {
            draft.patch.apply(payload);
        }
        true
    }

    /// Whether [`Lane::padding`] has something to write: once something went out, where there are repeats with numbers.
    pub(crate) fn can_pad(&self) -> bool {
        self.terms.repeats.is_some() && self.terms.transport_number.is_some() && self.newest.is_some()
    }

    /// Writes a packet that only fills the way, among the repeats: nobody decodes it. `false` if it can't.
    pub(crate) fn padding(&mut self, number: u16, plain: &mut Plain) -> bool {
        let (Some((ssrc, pt)), Some((time, _)), true) = (self.terms.repeats, self.newest, self.can_pad()) else {
            return false;
        };
        plain.ssrc = ssrc;
        plain.index = self.next_repeat();
        let draft = Draft {
            sequence: plain.index,
            time,
            marker: false,
            level: None,
            payload: Arc::from([]),
            patch: Patch::default(),
        };
        self.header(plain, pt, &draft, Some(number));
        if let Some(first) = plain.header.first_mut() {
            *first |= PADDED;
        }
        plain.payload.clear();
        plain.payload.resize(usize::from(PADDING_BYTES) - 1, 0);
        plain.payload.push(PADDING_BYTES);
        true
    }

    fn next_repeat(&mut self) -> u64 {
        let next = self.repeat_next;
        self.repeat_next += 1;
        next
    }

    /// Whether something went out since the last report.
    pub(crate) fn is_unreported(&self) -> bool {
        self.unreported
    }

    /// Forgets what could be asked for again.
    pub(crate) fn forget(&mut self) {
        self.kept.clear();
    }

    /// RFC 3550 §5.1, with extensions as RFC 8285 §4.2.
    fn header(&self, plain: &mut Plain, pt: u8, draft: &Draft, number: Option<u16>) {
        let marker = if draft.marker { MARKER } else { 0 };
        let header = &mut plain.header;
        header.clear();
        header.extend([VERSION, marker | pt]);
        // The lowest 16 bits go out (RFC 3711 §3.3.1 has the others found again).
        header.extend((plain.index as u16).to_be_bytes());
        header.extend(draft.time.to_be_bytes());
        header.extend(plain.ssrc.to_be_bytes());
        let number = self.terms.transport_number.zip(number);
        let level = self.terms.level.zip(draft.level);
        if number.is_none() && level.is_none() {
            return;
        }
        if let Some(first) = header.first_mut() {
            *first |= EXTENDED;
        }
        let bytes = number.map_or(0, |_| 3) + level.map_or(0, |_| 2);
        let words = u16::div_ceil(bytes, 4);
        header.extend(ONE_BYTE_FORM);
        header.extend(words.to_be_bytes());
        if let Some((id, number)) = number {
            let [high, low] = number.to_be_bytes();
            header.extend([id << 4 | 1, high, low]);
        }
        if let Some((id, level)) = level {
            header.extend([id << 4, level]);
        }
        header.extend((bytes..4 * words).map(|_| 0));
    }

    /// A sender report, if something went out since the last (RFC 3550 §6.4.1): by it a receiver plays sound and picture of
    /// one sender together. `clock` is the same for all slots of a receiver.
    pub(crate) fn report(&mut self, now: Instant, clock: Duration, out: &mut Vec<u8>) {
        let Some((time, at)) = self.newest.filter(|_| std::mem::take(&mut self.unreported)) else {
            return;
        };
        // No call lasts for the 136 years after which they wrap.
        let seconds = clock.as_secs() as u32;
        let fraction = ((u64::from(clock.subsec_nanos()) << 32) / 1_000_000_000) as u32;
        let ticks = now.saturating_duration_since(at).as_micros() * u128::from(self.terms.kind.clock_hz()) / 1_000_000;
        out.extend([VERSION, SENDER_REPORT, 0, 6]);
        for word in [
            self.terms.ssrc,
            seconds,
            fraction,
            time.wrapping_add(ticks as u32),
            self.packets,
            self.octets,
        ] {
            out.extend(word.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
