//! From what came to what goes through (draft-ietf-rmcat-gcc-02 §5.5 and §6).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limits::{EGRESS_BPS_LEAST, EGRESS_BPS_MOST, SENT_NUMBERS_MAX};
use crate::outlet::Arrival;

use super::probe::Found;
use super::trend::Pressure;

/// Over how many microseconds what came is counted.
const CAME_WINDOW_US: u64 = 500_000;
/// A rate is told of at least so many of them.
const CAME_LEAST_US: u64 = 150_000;

/// Over how many microseconds it is looked whether what went out came stretched …
const STRETCH_WINDOW_US: u64 = 250_000;
/// … to so much of the time, in percent: then the way is narrower than what goes out, and that is no moment's delay.
const STRETCHED_PERCENT: u64 = 150;

/// What is taken to go through of what came, in percent, once more goes out than goes through.
const BACK_OFF_PERCENT: u64 = 85;

/// How much more is taken to go through after a second in which nothing piled up, in percent.
const GROWTH_PERCENT: u64 = 8;

/// No more than this is taken to go through than came, in percent, and bits per second beyond: what was never sent
/// shows nothing.
const KNOWN_PERCENT: u64 = 150;
const KNOWN_BPS: u64 = 10_000;

/// Loss that says of itself that too much goes out, in percent, and for how long. A radio link loses a tenth whatever is sent.
const LOSS_PERCENT: u64 = 15;
const LOSS_FOR: Duration = Duration::from_millis(500);

/// Not again within this time, and the way there and back: what was sent before has to come first.
const BACK_OFF_INTERVAL: Duration = Duration::from_millis(100);

/// A second time within this one, what came counts and not what was thought.
const AGAIN_WITHIN: Duration = Duration::from_secs(1);

/// How long after a jam the way is not tried.
const CALM_AFTER: Duration = Duration::from_secs(2);

/// A packet that came: when, in microseconds of the receiver's clock, when it had gone out, by ours, and its bytes.
#[derive(Debug, Clone, Copy)]
struct Came {
    at_us: u64,
    sent_us: u64,
    bytes: usize,
}

/// What came in some time.
#[derive(Debug, Clone, Copy)]
struct Passed {
    bps: u64,
    /// It took so much of the time in which it went out, in percent.
    stretched_percent: u64,
}

/// What is known of the rate.
#[derive(Debug)]
pub(super) struct Rate {
    bps: u64,
    came: VecDeque<Came>,
    came_bytes: usize,
    backed_off: Option<Instant>,
    /// Since when nothing piles up and how far the growth was counted.
    grown: Option<Instant>,
    lossy_since: Option<Instant>,
}

impl Rate {
    pub(super) fn new(bps: u64) -> Self {
        Rate {
            bps,
            came: VecDeque::new(),
            came_bytes: 0,
            backed_off: None,
            grown: None,
            lossy_since: None,
        }
    }

    pub(super) fn bps(&self) -> u64 {
        self.bps
    }

    /// Whether the way may be tried: nothing has piled up for a while.
    pub(super) fn is_calm(&self, now: Instant) -> bool {
        self.backed_off
            .is_none_or(|at| now.saturating_duration_since(at) >= CALM_AFTER)
    }

    /// Takes in a packet. What overtook another counts as having come with it.
    pub(super) fn came(&mut self, arrival: &Arrival) {
        let newest = self.came.back().map_or(0, |came| came.at_us).max(arrival.came_us);
        self.came.push_back(Came {
            at_us: newest,
            sent_us: arrival.sent_us,
            bytes: arrival.bytes,
        });
        self.came_bytes += arrival.bytes;
        // The receiver's clock may stand still.
        while let Some(oldest) = self.came.front()
            && (newest - oldest.at_us > CAME_WINDOW_US || self.came.len() > SENT_NUMBERS_MAX)
        {
            self.came_bytes -= oldest.bytes;
            self.came.pop_front();
        }
    }

    /// Bits per second that came lately.
    fn came_bps(&self) -> Option<u64> {
        let (oldest, newest) = (self.came.front()?, self.came.back()?);
        // Without the first, whose time is before.
        rate_of(self.came_bytes - oldest.bytes, newest.at_us - oldest.at_us)
    }

    /// What came in the last quarter of a second, and how it came.
    fn passed(&self) -> Option<Passed> {
        let newest = self.came.back()?;
        let before = |came: &Came| newest.at_us - came.at_us > STRETCH_WINDOW_US;
        let first = self.came.partition_point(before);
        let oldest = self.came.get(first)?;
        let time_us = newest.at_us - oldest.at_us;
        let bytes = self.came.range(first + 1..).map(|came| came.bytes).sum();
        let sent_us = newest.sent_us.saturating_sub(oldest.sent_us);
        Some(Passed {
            bps: rate_of(bytes, time_us)?,
            stretched_percent: time_us.saturating_mul(100) / sent_us.max(1),
        })
    }

    pub(super) fn adapt(&mut self, now: Instant, pressure: Pressure, lost_percent: u64, there_and_back: Duration) {
        let lossy = lost_percent >= LOSS_PERCENT;
        self.lossy_since = lossy.then(|| self.lossy_since.unwrap_or(now));
        let lossy = self
            .lossy_since
            .is_some_and(|since| now.saturating_duration_since(since) >= LOSS_FOR);
        match pressure {
            Pressure::Rising => self.back_off(now, there_and_back),
            _ if lossy => self.back_off(now, there_and_back.max(LOSS_FOR)),
            Pressure::Falling => self.grown = None,
            Pressure::Steady => self.grow(now),
        }
        self.bps = self.bps.clamp(EGRESS_BPS_LEAST, EGRESS_BPS_MOST);
    }

    fn back_off(&mut self, now: Instant, there_and_back: Duration) {
        self.grown = None;
        let since = self.backed_off.map(|at| now.saturating_duration_since(at));
        if since.is_some_and(|since| since < BACK_OFF_INTERVAL + there_and_back) {
            return;
        }
        self.backed_off = Some(now);
        if let Some(passed) = self
            .passed()
            .filter(|passed| passed.stretched_percent >= STRETCHED_PERCENT)
        {
            self.bps = self.bps.min(passed.bps.saturating_mul(BACK_OFF_PERCENT) / 100);
            return;
        }
        let Some(came) = self.came_bps() else {
            self.bps /= 2;
            return;
        };
        let less = came.saturating_mul(BACK_OFF_PERCENT) / 100;
        // Once may be a moment's delay, while little goes out on a way that takes much.
        let again = since.is_some_and(|since| since < AGAIN_WITHIN);
        let less = if again {
            less
        } else {
            less.max(self.bps.saturating_mul(BACK_OFF_PERCENT) / 100)
        };
        self.bps = self.bps.min(less);
    }

    fn grow(&mut self, now: Instant) {
        let since = self.grown.replace(now);
        let ms = since.map_or(0, |since| {
            now.saturating_duration_since(since).as_millis().min(1_000) as u64
        });
        let Some(came) = self.came_bps() else { return };
        let known = came.saturating_mul(KNOWN_PERCENT) / 100 + KNOWN_BPS;
        let grown = self.bps + self.bps.saturating_mul(GROWTH_PERCENT) * ms / 100_000;
        self.bps = self.bps.max(grown.min(known));
    }

    /// The way was tried.
    pub(super) fn tried(&mut self, found: Found) {
        self.bps = self.bps.max(found.bps).min(EGRESS_BPS_MOST);
    }
}

/// Bits per second; of too short a time none.
fn rate_of(bytes: usize, time_us: u64) -> Option<u64> {
    let bits = bytes as u128 * 8_000_000;
    (time_us >= CAME_LEAST_US).then(|| u64::try_from(bits / u128::from(time_us)).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many bits per second come for so long.
    fn comes(rate: &mut Rate, from: Instant, bps: u64, ms: u64, pressure: Pressure, lost: u64) -> Instant {
        let since = rate.came.back().map_or(0, |came| came.at_us + 20_000);
        for at in (0..ms).step_by(20) {
            let now = from + Duration::from_millis(at);
            let us = (now - from).as_micros() as u64 + since;
            rate.came(&Arrival {
                sent_us: us,
                came_us: us,
                bytes: usize::try_from(bps / 50 / 8).unwrap(),
                probe: None,
            });
            rate.adapt(now, pressure, lost, Duration::from_millis(40));
        }
        from + Duration::from_millis(ms)
    }

    #[test]
    fn what_piles_up_takes_the_estimate_down_to_what_comes() {
        let start = Instant::now();
        let mut rate = Rate::new(5_000_000);
        let at = comes(&mut rate, start, 2_000_000, 1_000, Pressure::Steady, 0);
        assert_eq!(rate.bps(), 5_000_000, "what is sent less shows nothing");
        let at = comes(&mut rate, at, 500_000, 100, Pressure::Rising, 0);
        assert_eq!(rate.bps(), 4_250_000, "a moment's delay");
        comes(&mut rate, at, 500_000, 900, Pressure::Rising, 0);
        assert!((380_000..=450_000).contains(&rate.bps()), "{}", rate.bps());
    }

    #[test]
    fn what_comes_stretched_is_believed_at_once_and_what_comes_late_is_not() {
        let start = Instant::now();
        // Two megabits each second are sent. A narrow way gives them out at half that; a moment's pause lets them come late.
        for (late_us, expected) in [(0, 800_000..=900_000), (60_000, 4_250_000..=4_250_000)] {
            let mut rate = Rate::new(5_000_000);
            let at = comes(&mut rate, start, 2_000_000, 1_000, Pressure::Steady, 0);
            let (sent_us, came_us) = rate.came.back().map(|came| (came.sent_us, came.at_us)).unwrap();
            for step in 1..=13 {
                rate.came(&Arrival {
                    sent_us: sent_us + step * 20_000,
                    came_us: came_us
                        + if late_us == 0 {
                            step * 40_000
                        } else {
                            step * 20_000 + late_us
                        },
                    bytes: 5_000,
                    probe: None,
                });
            }
            rate.adapt(at, Pressure::Rising, 0, Duration::from_millis(40));
            assert!(expected.contains(&rate.bps()), "{late_us}: {}", rate.bps());
        }
    }

    #[test]
    fn it_grows_no_further_than_what_comes_shows() {
        let mut rate = Rate::new(1_000_000);
        comes(&mut rate, Instant::now(), 800_000, 20_000, Pressure::Steady, 0);
        assert!((1_150_000..=1_250_000).contains(&rate.bps()), "{}", rate.bps());
    }

    #[test]
    fn a_tenth_lost_is_the_way_and_a_fifth_is_too_much() {
        let start = Instant::now();
        let mut rate = Rate::new(1_000_000);
        let at = comes(&mut rate, start, 800_000, 5_000, Pressure::Steady, 10);
        assert!(rate.bps() >= 1_000_000);
        comes(&mut rate, at, 800_000, 5_000, Pressure::Steady, 20);
        assert!(rate.bps() <= 700_000, "{}", rate.bps());
    }

    #[test]
    fn it_stays_within_bounds() {
        let start = Instant::now();
        let mut rate = Rate::new(1_000_000);
        let at = comes(&mut rate, start, 800, 20_000, Pressure::Rising, 0);
        assert_eq!(rate.bps(), EGRESS_BPS_LEAST);
        assert!(!rate.is_calm(at) && rate.is_calm(at + CALM_AFTER));
        rate.tried(Found {
            attempt: 1,
            bps: u64::MAX,
            whole: true,
        });
        assert_eq!(rate.bps(), EGRESS_BPS_MOST);
    }
}
