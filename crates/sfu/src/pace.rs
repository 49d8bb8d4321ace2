//! How often a connection that estimates its bandwidth is told the time.
//!
//! Its pacer gives out one packet for each time that it is told, and after each it asks to be told again at once, whether or
//! not another packet waits. Only what was written shows whether one does.

use std::time::Instant;

use crate::limits::{Bandwidth, TRIES_FOR};

/// What a connection still owes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Without an estimate there is no pacer.
    bandwidth: Bandwidth,
    /// A bit for each payload type of forwarded media. What else goes out repeats or pads.
    media: u128,
    /// Packets written and not yet out.
    owed: usize,
    /// Until then the congestion control is taken to try the way.
    tries_until: Option<Instant>,
}

/// What a datagram was for the pacer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gave {
    /// A packet that was written and had to wait for the pacer to be told the time.
    PacedPacket,
    /// Anything else.
    Other,
}

impl Pace {
    /// For a connection whose slots have these payload types.
    pub(crate) fn of(bandwidth: Bandwidth, payload_types: impl Iterator<Item = u8>) -> Self {
        Pace {
            bandwidth,
            media: payload_types.fold(0, |media, kind| media | 1 << (kind & 0x7f)),
            owed: 0,
            tries_until: None,
        }
    }

    /// A packet was written to the connection.
    pub(crate) fn wrote(&mut self) {
        self.owed += 1;
    }

    /// The connection gave out a datagram.
    pub(crate) fn gave(&mut self, now: Instant, datagram: &[u8]) -> Gave {
        // RFC 3550 §5.1, told from RTCP by RFC 5761 §4.
        let kind = match *datagram {
            [128..=191, kind, ..] if !(64..96).contains(&(kind & 0x7f)) => kind & 0x7f,
            _ => return Gave::Other,
        };
        if self.media >> kind & 1 == 0 {
            self.tries(now);
            return Gave::Other;
        }
        self.owed = self.owed.saturating_sub(1);
        match self.bandwidth {
            Bandwidth::Measured => Gave::PacedPacket,
            Bandwidth::Given => Gave::Other,
        }
    }

    /// The congestion control was given reason to try the way.
    pub(crate) fn tries(&mut self, now: Instant) {
        self.tries_until = Some(now + TRIES_FOR);
    }

    /// The connection has nothing to give out now, whatever was written to it.
    pub(crate) fn settled(&mut self) {
        self.owed = 0;
    }

    /// Whether a connection whose pacer wants to be told the time at once may wait.
    pub(crate) fn rests(&self, now: Instant) -> bool {
        self.owed == 0 && self.tries_until.is_none_or(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: [u8; 2] = [0x90, 111];
    const PICTURE_AND_MARKER: [u8; 2] = [0x90, 96 | 0x80];
    const REPEAT: [u8; 2] = [0x90, 97];
    const REPORT: [u8; 2] = [0x80, 200];

    fn pace() -> Pace {
        Pace::of(Bandwidth::Measured, [111, 96].into_iter())
    }

    #[test]
    fn who_owes_nothing_may_rest() {
        let now = Instant::now();
        let mut pace = pace();
        pace.wrote();
        pace.wrote();
        assert_eq!(pace.gave(now, &SOUND), Gave::PacedPacket);
        assert_eq!(pace.gave(now, &REPORT), Gave::Other);
        assert!(!pace.rests(now), "one is still to come");
        assert_eq!(pace.gave(now, &PICTURE_AND_MARKER), Gave::PacedPacket);
        assert!(pace.rests(now));
    }

    #[test]
    fn who_tries_the_way_or_repeats_may_not() {
        let now = Instant::now();
        let mut pace = pace();
        assert_eq!(pace.gave(now, &REPEAT), Gave::Other);
        assert!(!pace.rests(now));
        let later = now + TRIES_FOR;
        assert!(pace.rests(later));
        pace.tries(later);
        assert!(!pace.rests(later));
    }

    #[test]
    fn what_never_comes_is_not_waited_for() {
        let now = Instant::now();
        let mut pace = pace();
        pace.wrote();
        assert!(!pace.rests(now));
        pace.settled();
        assert!(pace.rests(now));
    }

    #[test]
    fn without_a_pacer_no_packet_waits_for_the_time() {
        let mut pace = Pace::of(Bandwidth::Given, [111].into_iter());
        assert_eq!(pace.gave(Instant::now(), &SOUND), Gave::Other);
    }
}
