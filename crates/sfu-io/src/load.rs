//! How busy a thread is.

use std::time::{Duration, Instant};

/// Over how long: shorter, and the burst of one picture looks like overload; longer, and sound waits for it.
const WINDOW: Duration = Duration::from_secs(1);

/// The part of the time in which a thread did not sleep. A thread that was kept from its processor counts as busy: it is
/// late all the same.
pub(crate) struct Load {
    since: Instant,
    slept: Duration,
}

impl Load {
    pub(crate) fn new(now: Instant) -> Self {
        Load {
            since: now,
            slept: Duration::ZERO,
        }
    }

    /// The thread had nothing to do for so long.
    pub(crate) fn slept(&mut self, time: Duration) {
        self.slept += time;
    }

    /// How busy it was in the last second, in percent; told once for each.
    pub(crate) fn of_the_last_second(&mut self, now: Instant) -> Option<u32> {
        let time = now.saturating_duration_since(self.since);
        if time < WINDOW {
            return None;
        }
        let slept = std::mem::take(&mut self.slept).min(time);
        self.since = now;
        let busy = (time - slept).as_micros() * 100 / time.as_micros();
        // From 0 to 100.
        u32::try_from(busy).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_each_second_without_sleep_is_told_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut load = Load::new(start);
        load.slept(Duration::from_millis(250));
        assert_eq!(load.of_the_last_second(at(999)), None);
        assert_eq!(load.of_the_last_second(at(1_000)), Some(75));
        assert_eq!(load.of_the_last_second(at(1_500)), None);
        assert_eq!(load.of_the_last_second(at(2_000)), Some(100));
        // Asleep for longer than a window.
        load.slept(Duration::from_millis(4_000));
        assert_eq!(load.of_the_last_second(at(6_000)), Some(0));
    }
}
