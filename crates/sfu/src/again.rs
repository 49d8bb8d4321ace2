//! Sound that is said again where a way loses it.
//!
//! A lost packet of sound cannot be asked for: browsers have no retransmission for it, redundancy inside the codec is
//! sealed and only its sender could add it, and he knows nothing of the receiver's way. So the very datagram is sent once
//! or twice more, a little later. Whoever has it drops the copy as a replay (RFC 3711 §3.3.2): nothing is decrypted,
//! sealed or numbered anew.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limits::{
    AGAIN_HOLD, AGAIN_HOLD_MAX, AGAIN_LOST_PERCENT, AGAIN_SPACING, AGAIN_TRIAL, AGAIN_WAITING_MAX, COPIES_MAX,
};
use crate::outgoing::Outgoing;
use crate::peer::Transmit;

/// What is said again to one receiver.
#[derive(Debug, Default)]
pub(crate) struct Again {
    /// How many copies each datagram of sound gets.
    copies: u32,
    /// Not fewer copies before this.
    held_until: Option<Instant>,
    hold: Option<Duration>,
    /// When there were last fewer copies than before.
    lowered: Option<Instant>,
    /// In the order in which they are due.
    waiting: VecDeque<(Instant, Transmit)>,
}

impl Again {
    /// How many times sound is sent altogether.
    pub(crate) fn times(&self) -> u64 {
        u64::from(self.copies) + 1
    }

    /// Takes in what was lost of a second's packets, in percent, and how many copies there is room for. What copies make
    /// good is not counted as lost: whether the way is better, only fewer copies show. So they are given up rarely, and more
    /// rarely each time that it was too soon.
    pub(crate) fn hear(&mut self, now: Instant, lost_percent: u64, room: u32) {
        let [some, more, still] = AGAIN_LOST_PERCENT;
        let wanted = match self.copies {
            0 if lost_percent >= more => 2,
            0 if lost_percent >= some => 1,
            1 if lost_percent >= still => 2,
            copies if lost_percent > 0 => copies,
            copies => copies.saturating_sub(1),
        };
        let wanted = wanted.min(COPIES_MAX);
        if wanted > self.copies {
            let tried = self
                .lowered
                .is_some_and(|at| now.saturating_duration_since(at) < AGAIN_TRIAL);
            let hold = match self.hold {
                Some(hold) if tried => (hold * 2).min(AGAIN_HOLD_MAX),
                _ => AGAIN_HOLD,
            };
            self.hold = Some(hold);
            self.held_until = Some(now + hold);
            self.copies = wanted;
        } else if wanted < self.copies && self.held_until.is_none_or(|until| until <= now) {
            self.copies = wanted;
            self.lowered = Some(now);
            self.held_until = self.hold.map(|hold| now + hold);
        }
        self.copies = self.copies.min(room);
    }

    /// Keeps copies of a datagram of sound that goes out now, if copies are wanted.
    pub(crate) fn note(&mut self, now: Instant, transmit: &Transmit) {
        for copy in 1..=self.copies {
            if self.waiting.len() >= AGAIN_WAITING_MAX {
                return;
            }
            let due = now + AGAIN_SPACING * copy;
            let place = self.waiting.partition_point(|(at, _)| *at <= due);
            self.waiting.insert(place, (due, transmit.clone()));
        }
    }

    /// The copies that are due.
    pub(crate) fn take_due(&mut self, now: Instant, out: &mut Outgoing) {
        while let Some((due, _)) = self.waiting.front()
            && *due <= now
        {
            if let Some((_, transmit)) = self.waiting.pop_front() {
                out.push_back(transmit);
            }
        }
    }

    /// When the next one is.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: u32 = 7;

    fn datagram(first: u8, kind: u8, ssrc: u32) -> Transmit {
        let mut bytes = vec![first, kind, 0, 1, 0, 0, 0, 0];
        bytes.extend(ssrc.to_be_bytes());
        bytes.extend([9; 40]);
        Transmit {
            destination: ([192, 0, 2, 7], 9).into(),
            bytes,
        }
    }

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    fn said_again(again: &mut Again, now: Instant) -> Vec<Vec<u8>> {
        let mut out = Outgoing::default();
        again.take_due(now, &mut out);
        std::iter::from_fn(|| out.pop_front())
            .map(|transmit| transmit.bytes)
            .collect()
    }

    #[test]
    fn on_a_way_that_loses_nothing_nothing_is_said_again() {
        let start = Instant::now();
        let mut again = Again::default();
        again.hear(start, 1, 2);
        again.note(start, &datagram(0x80, 111, SOUND));
        assert_eq!((again.next(), again.times()), (None, 1));
    }

    #[test]
    fn sound_is_said_again_byte_for_byte_a_little_later() {
        let start = Instant::now();
        let mut again = Again::default();
        again.hear(start, 10, 2);
        assert_eq!(again.times(), 3);
        again.note(start, &datagram(0x90, 111, SOUND));
        again.note(after(start, 1), &datagram(0x80, 0xef, SOUND));
        assert!(said_again(&mut again, after(start, 19)).is_empty());
        assert_eq!(
            said_again(&mut again, after(start, 20)),
            [datagram(0x90, 111, SOUND).bytes]
        );
        let rest: Vec<u8> = said_again(&mut again, after(start, 60))
            .iter()
            .map(|it| it[1])
            .collect();
        assert_eq!(rest, [0xef, 111, 0xef]);
        assert_eq!(again.next(), None);
    }

    #[test]
    fn what_waits_to_be_said_again_is_bounded() {
        let start = Instant::now();
        let mut again = Again::default();
        again.hear(start, 10, 2);
        (0..1_000).for_each(|_| again.note(start, &datagram(0x80, 111, SOUND)));
        assert_eq!(said_again(&mut again, after(start, 60)).len(), AGAIN_WAITING_MAX);
    }

    #[test]
    fn copies_are_given_up_slowly_and_more_slowly_each_time_that_it_was_too_soon() {
        let start = Instant::now();
        let mut again = Again::default();
        let mut at = start;
        let mut lasted = Vec::new();
        for _ in 0..3 {
            again.hear(at, 3, 2);
            assert_eq!(again.times(), 2);
            let raised = at;
            while again.times() == 2 {
                at += Duration::from_millis(100);
                again.hear(at, 0, 2);
            }
            lasted.push(at - raised);
            at += Duration::from_secs(1);
        }
        assert_eq!(lasted, [AGAIN_HOLD, AGAIN_HOLD * 2, AGAIN_HOLD * 4]);
    }

    #[test]
    fn where_there_is_no_room_for_copies_there_are_none() {
        let start = Instant::now();
        let mut again = Again::default();
        again.hear(start, 10, 1);
        assert_eq!(again.times(), 2);
        again.hear(start, 10, 0);
        assert_eq!(again.times(), 1);
    }
}
