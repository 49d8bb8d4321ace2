//! When frames belong, on one line for everybody.
//!
//! A frame says its time in ticks of its slot's clock, which is exact and begins anywhere; and it came at a time of the
//! recorder's clock, which is common to all and trembles with the network. What came quickest shows best how the two lie
//! to each other. Sound and pictures of one person take the same way, so they lie right to each other as well.

use std::collections::VecDeque;

/// A time, and how long it took, are looked at over so many seconds.
const WINDOW_US: i64 = 5_000_000;
/// Clocks drift. A line that is off by more is corrected; below, a correction would only be heard. Two of them, for sound
/// and pictures of one person, stay within forty milliseconds of each other.
const OFF_US_MAX: i64 = 15_000;

/// The line of one sender in one slot. Frames must be given in the order of their times.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// The least of (came − said) in the window, first; later ones that may be the least once it is gone. With the time
    /// that each said.
    quickest: VecDeque<(i64, i64)>,
    offset_us: Option<i64>,
}

impl Line {
    /// Takes in what a frame said of its time and when it came, both in microseconds.
    pub(crate) fn note(&mut self, said_us: i64, came_us: i64) {
        let way = came_us.saturating_sub(said_us);
        while self.quickest.back().is_some_and(|(_, other)| *other >= way) {
            self.quickest.pop_back();
        }
        self.quickest.push_back((said_us, way));
        while self
            .quickest
            .front()
            .is_some_and(|(said, _)| said_us.saturating_sub(*said) > WINDOW_US)
        {
            self.quickest.pop_front();
        }
    }

    /// When a frame that said this belongs, after [`Line::note`] was given it and what came within a window after it.
    pub(crate) fn place(&mut self, said_us: i64) -> i64 {
        let best = self.quickest.front().map_or(0, |(_, way)| *way);
        let offset = match self.offset_us {
            Some(offset) if (offset - best).abs() <= OFF_US_MAX => offset,
            _ => best,
        };
        self.offset_us = Some(offset);
        said_us.saturating_add(offset)
    }
}

/// Places the frames of one sender in one slot: `(said, came)` in, times out, all in microseconds and in the same order.
pub(crate) fn place(frames: &[(i64, i64)]) -> Vec<i64> {
    let mut line = Line::default();
    let mut noted = frames.iter().peekable();
    frames
        .iter()
        .map(|(said, _)| {
            while let Some((next, came)) = noted.next_if(|(next, _)| next.saturating_sub(*said) <= WINDOW_US / 2) {
                line.note(*next, *came);
            }
            line.place(*said)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A little of everything between 0 and 29, the same each time.
    fn tremble(n: i64) -> i64 {
        (n * 7_919 + n * n * 31) % 30
    }

    #[test]
    fn the_network_trembles_and_the_line_does_not() {
        let frames: Vec<(i64, i64)> = (0..3_000)
            .map(|n| (n * 20_000, 1_000_000 + n * 20_000 + tremble(n) * 1_000))
            .collect();
        let placed = place(&frames);
        for (n, at) in (0..).zip(&placed) {
            assert!((at - (1_000_000 + n * 20_000)).abs() <= 1_000, "frame {n} at {at}");
        }
    }

    #[test]
    fn an_hour_of_a_clock_that_goes_wrong_stays_in_step() {
        // 100 millionths too slow: more than a third of a second in an hour.
        let frames: Vec<(i64, i64)> = (0..180_000)
            .map(|n| (n * 20_000 - n * 2, n * 20_000 + tremble(n) * 1_000))
            .collect();
        let placed = place(&frames);
        for (n, at) in (0..).zip(&placed) {
            assert!((at - n * 20_000).abs() <= 20_000, "frame {n} at {at}");
        }
    }

    #[test]
    fn one_that_came_late_is_not_placed_late() {
        let mut frames: Vec<(i64, i64)> = (0..100).map(|n| (n * 20_000, n * 20_000)).collect();
        if let Some(first) = frames.first_mut() {
            first.1 += 400_000;
        }
        assert_eq!(place(&frames).first(), Some(&0));
    }
}
