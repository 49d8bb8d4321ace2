//! Whether packets come ever later: the slope of their delay (draft-ietf-rmcat-gcc-02 §5; the slope by least squares and the
//! moving threshold as browsers have them).

use std::collections::VecDeque;

use crate::outlet::Arrival;

/// Packets that were sent within this many microseconds are one group: what leaves together waits for itself.
const GROUP_US: u64 = 5_000;

/// Groups by which the slope is told.
const WINDOW: usize = 20;

/// Part of the old in the smoothed delay.
const SMOOTHING: f64 = 0.9;

/// What the slope is multiplied by, and the number of groups beyond which it is no surer.
const GAIN: f64 = 4.0;
const DELTAS_MAX: f64 = 60.0;

/// The threshold in milliseconds: at first, its bounds, and how fast it follows what is above and below it.
const THRESHOLD_FIRST: f64 = 12.5;
const THRESHOLD_LEAST: f64 = 6.0;
const THRESHOLD_MOST: f64 = 600.0;
const FOLLOWS_UP: f64 = 0.0087;
const FOLLOWS_DOWN: f64 = 0.039;
/// What is so far above is an outlier, and the threshold does not follow.
const OUTLIER: f64 = 15.0;

/// For how long the slope must be above the threshold.
const OVERUSE_FOR_MS: f64 = 10.0;

/// What the delay says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pressure {
    /// Nothing piles up.
    #[default]
    Steady,
    /// More goes out than goes through.
    Rising,
    /// What has piled up goes away.
    Falling,
}

/// Packets that left together.
#[derive(Debug, Clone, Copy)]
struct Group {
    first_sent_us: u64,
    last_sent_us: u64,
    last_came_us: u64,
}

/// What is known of the delay.
#[derive(Debug)]
pub(super) struct Trend {
    current: Option<Group>,
    before: Option<Group>,
    first_came_us: Option<u64>,
    deltas: f64,
    delay_ms: f64,
    smoothed_ms: f64,
    /// When, and how late, both in milliseconds.
    window: VecDeque<(f64, f64)>,
    slope_before: f64,
    threshold: f64,
    judged_us: Option<u64>,
    over_ms: f64,
    overs: u32,
    pressure: Pressure,
}

impl Default for Trend {
    fn default() -> Self {
        Trend {
            current: None,
            before: None,
            first_came_us: None,
            deltas: 0.0,
            delay_ms: 0.0,
            smoothed_ms: 0.0,
            window: VecDeque::new(),
            slope_before: 0.0,
            threshold: THRESHOLD_FIRST,
            judged_us: None,
            over_ms: 0.0,
            overs: 0,
            pressure: Pressure::Steady,
        }
    }
}

impl Trend {
    pub(super) fn pressure(&self) -> Pressure {
        self.pressure
    }

    /// Takes in a packet. They come in the order of sending.
    pub(super) fn hear(&mut self, arrival: &Arrival) {
        let Some(current) = &mut self.current else {
            self.current = Some(Group::of(arrival));
            return;
        };
        if arrival.sent_us < current.first_sent_us {
            return;
        }
        if current.takes(arrival) {
            current.last_sent_us = arrival.sent_us;
            current.last_came_us = current.last_came_us.max(arrival.came_us);
            return;
        }
        let current = *current;
        if let Some(before) = self.before {
            let sent_ms = ms_between(before.last_sent_us, current.last_sent_us);
            let came_ms = ms_between(before.last_came_us, current.last_came_us);
            self.later_by(current.last_came_us, came_ms - sent_ms, sent_ms);
        }
        self.before = Some(current);
        self.current = Some(Group::of(arrival));
    }

    /// A group came so much later than the one before was sent, compared with its sending.
    fn later_by(&mut self, came_us: u64, ms: f64, sent_ms: f64) {
        let first_us = *self.first_came_us.get_or_insert(came_us);
        self.deltas = (self.deltas + 1.0).min(DELTAS_MAX);
        self.delay_ms += ms;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.delay_ms;
        if self.window.len() >= WINDOW {
            self.window.pop_front();
        }
        self.window.push_back((ms_between(first_us, came_us), self.smoothed_ms));
        if self.window.len() < WINDOW {
            return;
        }
        let slope = slope_of(&self.window).unwrap_or(self.slope_before);
        let weighed = self.deltas * slope * GAIN;
        self.judge(came_us, weighed, slope, sent_ms);
        self.slope_before = slope;
    }

    fn judge(&mut self, came_us: u64, weighed: f64, slope: f64, sent_ms: f64) {
        if weighed > self.threshold {
            // The first time, half of it is taken to have been above.
            self.over_ms += if self.overs == 0 { sent_ms / 2.0 } else { sent_ms };
            self.overs += 1;
            if self.over_ms > OVERUSE_FOR_MS && self.overs > 1 && slope >= self.slope_before {
                self.over_ms = 0.0;
                self.overs = 0;
                self.pressure = Pressure::Rising;
            }
        } else {
            self.over_ms = 0.0;
            self.overs = 0;
            self.pressure = if weighed < -self.threshold {
                Pressure::Falling
            } else {
                Pressure::Steady
            };
        }
        let above = weighed.abs() - self.threshold;
        let since_ms = self.judged_us.map_or(0.0, |judged| ms_between(judged, came_us));
        let since_ms = since_ms.clamp(0.0, 100.0);
        self.judged_us = Some(came_us);
        if above <= OUTLIER {
            let follows = if above < 0.0 { FOLLOWS_DOWN } else { FOLLOWS_UP };
            self.threshold = (self.threshold + follows * above * since_ms).clamp(THRESHOLD_LEAST, THRESHOLD_MOST);
        }
    }
}

impl Group {
    fn of(arrival: &Arrival) -> Self {
        Group {
            first_sent_us: arrival.sent_us,
            last_sent_us: arrival.sent_us,
            last_came_us: arrival.came_us,
        }
    }

    /// Whether a packet is of this group: sent with it, or come so close behind that something on the way held both up and
    /// let them go together.
    fn takes(&self, arrival: &Arrival) -> bool {
        let sent_us = arrival.sent_us.saturating_sub(self.first_sent_us);
        if sent_us <= GROUP_US {
            return true;
        }
        let came_ms = ms_between(self.last_came_us, arrival.came_us);
        let sent_ms = ms_between(self.last_sent_us, arrival.sent_us);
        (0.0..=5.0).contains(&came_ms) && came_ms < sent_ms && sent_us <= 20 * GROUP_US
    }
}

/// Negative if it was the other way round. A clock's microseconds since the beginning of a meeting fit 52 bits.
fn ms_between(earlier_us: u64, later_us: u64) -> f64 {
    (later_us as i64 - earlier_us as i64) as f64 / 1_000.0
}

/// By least squares. Times are counted from the first of them: then they are small, and one pass is exact enough.
fn slope_of(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let (first, _) = *points.front()?;
    let count = points.len() as f64;
    let (mut x_sum, mut y_sum, mut both, mut square) = (0.0, 0.0, 0.0, 0.0);
    for (x, y) in points {
        let x = x - first;
        x_sum += x;
        y_sum += y;
        both += x * y;
        square += x * x;
    }
    let spread = count * square - x_sum * x_sum;
    (spread > 0.0).then(|| (count * both - x_sum * y_sum) / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups every 10 ms for a while, each `more_ms` later than the one before.
    fn after(groups: u32, more_ms: f64) -> Pressure {
        let mut trend = Trend::default();
        for group in 0..groups {
            let sent_us = u64::from(group) * 10_000;
            trend.hear(&Arrival {
                sent_us,
                came_us: sent_us + 40_000 + (more_ms * 1_000.0 * f64::from(group)) as u64,
                bytes: 1_000,
                probe: None,
            });
        }
        trend.pressure()
    }

    #[test]
    fn what_comes_ever_later_piles_up() {
        assert_eq!(after(100, 0.0), Pressure::Steady);
        assert_eq!(after(100, 2.0), Pressure::Rising);
        assert_eq!(after(100, 0.01), Pressure::Steady);
        assert_eq!(after(15, 2.0), Pressure::Steady, "too soon to tell");
    }

    #[test]
    fn delays_that_come_and_go_do_not() {
        let mut trend = Trend::default();
        let mut dice = fastrand::Rng::with_seed(1);
        for group in 0..2_000 {
            let sent_us = group * 10_000;
            trend.hear(&Arrival {
                sent_us,
                came_us: sent_us + 40_000 + dice.u64(..6_000),
                bytes: 1_000,
                probe: None,
            });
            assert_ne!(trend.pressure(), Pressure::Rising, "group {group}");
        }
    }
}
