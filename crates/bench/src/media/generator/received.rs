//! What came in, by RTP sequence number.

use std::time::Duration;

/// One stream that a client receives.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) ssrc: u32,
    /// The highest extended sequence number.
    highest: u64,
    /// The first of the window.
    floor: u64,
    /// Which of the window came, from `floor` on.
    came: Vec<u64>,
    came_count: u64,
    /// When the last sound came, or the last picture was complete.
    pub(super) last_at_ns: Option<u64>,
}

impl Received {
    /// A stream at its first packet.
    pub(super) fn new(ssrc: u32, sequence: u16) -> Self {
        // One round up, so that a packet that was overtaken at the very start is not below zero.
        let first = (1 << 16) + u64::from(sequence);
        let mut stream = Received {
            ssrc,
            highest: first,
            floor: first,
            came: Vec::new(),
            came_count: 0,
            last_at_ns: None,
        };
        stream.note(first);
        stream
    }

    /// Takes in a packet that came the first way (not as a retransmission of its own stream).
    pub(super) fn take(&mut self, sequence: u16) {
        let sequence = extend(self.highest, sequence);
        self.highest = self.highest.max(sequence);
        self.note(sequence);
    }

    fn note(&mut self, sequence: u64) {
        let Some(place) = sequence.checked_sub(self.floor) else {
            return;
        };
        let (word, bit) = ((place / 64) as usize, 1 << (place % 64));
        if word >= self.came.len() {
            self.came.resize(word + 1, 0);
        }
        if let Some(word) = self.came.get_mut(word)
            && *word & bit == 0
        {
            *word |= bit;
            self.came_count += 1;
        }
    }

    /// Begins a window: what has come so far does not count.
    pub(super) fn begin(&mut self) {
        self.floor = self.highest + 1;
        self.came.clear();
        self.came_count = 0;
    }

    /// How many came in the window, and how many should have, up to the last that did.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            came: self.came_count,
            expected: (self.highest + 1).saturating_sub(self.floor),
        }
    }
}

/// Packets that came and packets that should have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) came: u64,
    pub(super) expected: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.came += more.came;
        self.expected += more.expected;
    }
}

/// The extended number nearest to the highest one.
fn extend(highest: u64, sequence: u16) -> u64 {
    // The difference modulo 2^16, as a signed number.
    let step = sequence.wrapping_sub(highest as u16) as i16;
    highest.saturating_add_signed(i64::from(step))
}

/// Whether a sound came so late after the one before that no buffer of a browser bridges it.
pub(super) fn gapes(since_last: Duration) -> bool {
    since_last > Duration::from_millis(200)
}

/// Whether a picture came so late after the one before that a person would see it: the `freezeCount` of the W3C's
/// webrtc-stats, with the nominal interval for the average.
pub(super) fn froze(since_last: Duration, interval: Duration) -> bool {
    since_last > (interval * 3).max(interval + Duration::from_millis(150))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_below_the_highest_is_lost() {
        let mut stream = Received::new(1, 65_534);
        for sequence in [65_535, 0, 2, 5] {
            stream.take(sequence);
        }
        assert_eq!(stream.counts(), Counts { came: 5, expected: 8 });
    }

    #[test]
    fn what_comes_late_is_not_lost_and_what_comes_twice_counts_once() {
        let mut stream = Received::new(1, 10);
        for sequence in [12, 11, 11, 12, 9] {
            stream.take(sequence);
        }
        assert_eq!(stream.counts(), Counts { came: 3, expected: 3 });
    }

    #[test]
    fn a_window_counts_from_its_beginning() {
        let mut stream = Received::new(1, 1);
        stream.take(5);
        stream.begin();
        assert_eq!(stream.counts(), Counts::default());
        stream.take(4);
        stream.take(6);
        stream.take(8);
        assert_eq!(stream.counts(), Counts { came: 2, expected: 3 });
    }

    #[test]
    fn a_gap_is_what_no_buffer_bridges() {
        assert!(!gapes(Duration::from_millis(200)));
        assert!(gapes(Duration::from_millis(201)));
    }

    #[test]
    fn a_freeze_is_a_gap_that_is_seen() {
        let interval = Duration::from_millis(40);
        assert!(!froze(Duration::from_millis(190), interval));
        assert!(froze(Duration::from_millis(191), interval));
        assert!(!froze(Duration::from_millis(300), Duration::from_millis(100)));
        assert!(froze(Duration::from_millis(301), Duration::from_millis(100)));
    }
}
