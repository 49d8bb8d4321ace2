//! Which pictures could be shown, and when.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A packet of a picture that has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) bytes: usize,
    /// It ends its picture.
    pub(super) ends: bool,
    /// It begins a key frame.
    pub(super) begins_key_frame: bool,
    /// It begins a picture.
    pub(super) begins: bool,
}

/// A picture that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) at: Instant,
    pub(super) bytes: usize,
}

/// The pictures of one slot. Each one needs the one before it, but for key frames.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// Packets that are not shown yet, by their numbers.
    parts: BTreeMap<u64, Part>,
    /// The number after the last picture that was shown.
    next: Option<u64>,
    pub(super) shown: Vec<Shown>,
    /// Since when the next picture is waited for while later ones are there.
    stuck: Option<Instant>,
}

/// Packets that wait for others at most: what is beyond is the oldest and is given up.
const PARTS_MAX: usize = 2_000;

impl Pictures {
    pub(super) fn take(&mut self, now: Instant, number: u64, part: Part) {
        if self.next.is_some_and(|next| number < next) {
            return;
        }
        self.parts.insert(number, part);
        while self.parts.len() > PARTS_MAX {
            self.parts.pop_first();
        }
        while self.show_next(now) {}
        self.stuck = (!self.parts.is_empty()).then(|| self.stuck.unwrap_or(now));
    }

    /// Whether a key frame should be asked for: something has been missing for so long.
    pub(super) fn waits(&self, now: Instant, patience: Duration) -> bool {
        self.stuck
            .is_some_and(|since| now.saturating_duration_since(since) >= patience)
    }

    /// Shows the next picture if it is whole, or the first whole key frame.
    fn show_next(&mut self, now: Instant) -> bool {
        let whole = self.next.and_then(|next| self.whole_from(next).map(|end| (next, end)));
        let whole = whole.or_else(|| {
            let starts = self.parts.iter().filter(|(_, part)| part.begins_key_frame);
            starts
                .map(|(start, _)| *start)
                .find_map(|start| Some((start, self.whole_from(start)?)))
        });
        let Some((start, end)) = whole else { return false };
        let bytes = self.parts.range(start..=end).map(|(_, part)| part.bytes).sum();
        self.parts = self.parts.split_off(&(end + 1));
        self.next = Some(end + 1);
        self.shown.push(Shown { at: now, bytes });
        self.stuck = None;
        true
    }

    /// The last packet of the picture that begins at this one, if all of it is there.
    fn whole_from(&self, start: u64) -> Option<u64> {
        let mut number = start;
        if !self.parts.get(&start)?.begins {
            return None;
        }
        loop {
            if self.parts.get(&number)?.ends {
                return Some(number);
            }
            number += 1;
        }
    }

    /// The longest time without a new picture between the two.
    pub(super) fn longest_freeze(&self, from: Instant, until: Instant) -> Duration {
        let during = self.shown.iter().map(|shown| shown.at);
        let times = std::iter::once(from)
            .chain(during.filter(|at| (from..until).contains(at)))
            .chain(std::iter::once(until));
        let times: Vec<Instant> = times.collect();
        let gaps = times.windows(2).filter_map(|pair| match pair {
            [before, after] => Some(after.saturating_duration_since(*before)),
            _ => None,
        });
        gaps.max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    const MIDDLE: Part = Part {
        bytes: 100,
        ends: false,
        begins_key_frame: false,
        begins: false,
    };

    /// A picture of two packets that begins at a number.
    fn picture(pictures: &mut Pictures, now: Instant, number: u64, key: bool) {
        let first = Part {
            begins: true,
            begins_key_frame: key,
            ..MIDDLE
        };
        pictures.take(now, number, first);
        pictures.take(now, number + 1, Part { ends: true, ..MIDDLE });
    }

    #[test]
    fn a_picture_needs_the_one_before_it_and_a_key_frame_none() {
        let start = Instant::now();
        let mut pictures = Pictures::default();
        picture(&mut pictures, at(start, 0), 10, false);
        assert!(pictures.shown.is_empty(), "no key frame yet");
        picture(&mut pictures, at(start, 40), 12, true);
        picture(&mut pictures, at(start, 80), 16, false);
        assert_eq!(pictures.shown.len(), 1);
        assert!(!pictures.waits(at(start, 279), Duration::from_millis(200)));
        assert!(pictures.waits(at(start, 280), Duration::from_millis(200)));
        picture(&mut pictures, at(start, 300), 14, false);
        assert_eq!(pictures.shown.len(), 3, "what was missing has come");
        picture(&mut pictures, at(start, 340), 20, false);
        picture(&mut pictures, at(start, 600), 22, true);
        assert_eq!(pictures.shown.len(), 4, "a key frame goes on without what is missing");
        assert_eq!(pictures.shown.last().map(|shown| shown.bytes), Some(200));
        let freeze = pictures.longest_freeze(at(start, 40), at(start, 1_000));
        assert_eq!(freeze, Duration::from_millis(400));
    }
}
