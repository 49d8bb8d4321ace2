//! Which sounds were there when they were to be heard.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// From one sound to the next.
const INTERVAL: Duration = Duration::from_millis(20);

/// How much later than the quickest of the window's sounds one may come, by its own time, and still be heard. Browsers'
/// buffers adapt; most stay below this.
const BUFFER: Duration = Duration::from_millis(200);

/// The sounds of one slot, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    came: BTreeMap<u64, Instant>,
}

/// What of the sounds of a window was not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) expected: u64,
    /// Never came.
    pub(super) lost: u64,
    /// Did not come in time, or never: what is heard in their place is made up.
    pub(super) concealed: u64,
}

impl Sounds {
    /// One has come; a copy of one that has come already changes nothing.
    pub(super) fn take(&mut self, now: Instant, number: u64) {
        self.came.entry(number).or_insert(now);
    }

    /// What is missing between the first and the last that came in that time.
    pub(super) fn missing(&self, from: Instant, until: Instant) -> Missing {
        let during: Vec<(u64, Instant)> = self
            .came
            .iter()
            .map(|(number, at)| (*number, *at))
            .filter(|(_, at)| (from..until).contains(at))
            .collect();
        let (Some(first), Some(last)) = (during.first(), during.last()) else {
            let whole = (until.saturating_duration_since(from).as_millis() / INTERVAL.as_millis()) as u64;
            return Missing {
                expected: whole,
                lost: whole,
                concealed: whole,
            };
        };
        // How late each was, by its own time; of the quickest none is.
        let behind = |(number, at): &(u64, Instant)| {
            let due = INTERVAL * u32::try_from(number - first.0).unwrap_or(u32::MAX);
            at.saturating_duration_since(from).saturating_sub(due)
        };
        let quickest = during.iter().map(behind).min().unwrap_or_default();
        let in_time = during.iter().filter(|sound| behind(sound) <= quickest + BUFFER).count() as u64;
        let expected = last.0 - first.0 + 1;
        Missing {
            expected,
            lost: expected - during.len() as u64,
            concealed: expected - in_time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn what_never_came_and_what_came_too_late_is_concealed() {
        let start = Instant::now();
        let mut sounds = Sounds::default();
        for number in (0..100u64).filter(|number| number % 10 != 5) {
            sounds.take(at(start, 40 + number * 20), 1_000 + number);
        }
        // Two of the missing ones come after all: one in time, one not.
        sounds.take(at(start, 40 + 5 * 20 + 199), 1_005);
        sounds.take(at(start, 40 + 15 * 20 + 201), 1_015);
        // A copy of what is there.
        sounds.take(at(start, 9_000), 1_000);
        let missing = sounds.missing(start, at(start, 10_000));
        let expected = Missing {
            expected: 100,
            lost: 8,
            concealed: 9,
        };
        assert_eq!(missing, expected);
    }

    #[test]
    fn where_nothing_came_all_is_missing() {
        let start = Instant::now();
        let missing = Sounds::default().missing(start, at(start, 1_000));
        assert_eq!((missing.expected, missing.concealed), (50, 50));
    }
}
