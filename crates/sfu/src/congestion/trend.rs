//! Whether packets come ever later: the slope of their delay (draft-ietf-rmcat-gcc-02 §5; the slope by least squares and the
//! moving threshold as browsers have them).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::outlet::Arrival;

/// Packets that were sent within this time are one group: what leaves together waits for itself.
const GROUP: Duration = Duration::from_millis(5);

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
    first_sent: Instant,
    last_sent: Instant,
    last_came: Instant,
}

/// What is known of the delay.
#[derive(Debug)]
pub(super) struct Trend {
    current: Option<Group>,
    before: Option<Group>,
    first_came: Option<Instant>,
    deltas: f64,
    delay_ms: f64,
    smoothed_ms: f64,
    /// When, and how late, both in milliseconds.
    window: VecDeque<(f64, f64)>,
    slope_before: f64,
    threshold: f64,
    judged: Option<Instant>,
    over_ms: f64,
    overs: u32,
    pressure: Pressure,
}

impl Default for Trend {
    fn default() -> Self {
        Trend {
            current: None,
            before: None,
            first_came: None,
            deltas: 0.0,
            delay_ms: 0.0,
            smoothed_ms: 0.0,
            window: VecDeque::new(),
            slope_before: 0.0,
            threshold: THRESHOLD_FIRST,
            judged: None,
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
        if arrival.sent < current.first_sent {
            return;
        }
        if current.takes(arrival) {
            current.last_sent = arrival.sent;
            current.last_came = current.last_came.max(arrival.came);
            return;
        }
        let current = *current;
        if let Some(before) = self.before {
            let sent_ms = ms_between(before.last_sent, current.last_sent);
            let came_ms = ms_between(before.last_came, current.last_came);
            self.later_by(current.last_came, came_ms - sent_ms, sent_ms);
        }
        self.before = Some(current);
        self.current = Some(Group::of(arrival));
    }

    /// A group came so much later than the one before was sent, compared with its sending.
    fn later_by(&mut self, came: Instant, ms: f64, sent_ms: f64) {
        let first = *self.first_came.get_or_insert(came);
        self.deltas = (self.deltas + 1.0).min(DELTAS_MAX);
        self.delay_ms += ms;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.delay_ms;
        if self.window.len() >= WINDOW {
            self.window.pop_front();
        }
        self.window.push_back((ms_between(first, came), self.smoothed_ms));
        if self.window.len() < WINDOW {
            return;
        }
        let slope = slope_of(&self.window).unwrap_or(self.slope_before);
        let weighed = self.deltas * slope * GAIN;
        self.judge(came, weighed, slope, sent_ms);
        self.slope_before = slope;
    }

    fn judge(&mut self, came: Instant, weighed: f64, slope: f64, sent_ms: f64) {
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
        let since_ms = self.judged.map_or(0.0, |judged| ms_between(judged, came)).clamp(0.0, 100.0);
        self.judged = Some(came);
        if above <= OUTLIER {
            let follows = if above < 0.0 { FOLLOWS_DOWN } else { FOLLOWS_UP };
            self.threshold = (self.threshold + follows * above * since_ms).clamp(THRESHOLD_LEAST, THRESHOLD_MOST);
        }
    }
}

impl Group {
    fn of(arrival: &Arrival) -> Self {
        Group {
            first_sent: arrival.sent,
            last_sent: arrival.sent,
            last_came: arrival.came,
        }
    }

    /// Whether a packet is of this group: sent with it, or come so close behind that something on the way held both up and
    /// let them go together.
    fn takes(&self, arrival: &Arrival) -> bool {
        let sent = arrival.sent.saturating_duration_since(self.first_sent);
        if sent <= GROUP {
            return true;
        }
        let came_ms = ms_between(self.last_came, arrival.came);
        let sent_ms = ms_between(self.last_sent, arrival.sent);
        (0.0..=5.0).contains(&came_ms) && came_ms < sent_ms && sent <= 20 * GROUP
    }
}

fn ms_between(earlier: Instant, later: Instant) -> f64 {
    if later >= earlier {
        (later - earlier).as_secs_f64() * 1_000.0
    } else {
        -((earlier - later).as_secs_f64() * 1_000.0)
    }
}

/// By least squares.
fn slope_of(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = points.len() as f64;
    let (x_mean, y_mean) = (
        points.iter().map(|(x, _)| x).sum::<f64>() / count,
        points.iter().map(|(_, y)| y).sum::<f64>() / count,
    );
    let both: f64 = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let square: f64 = points.iter().map(|(x, _)| (x - x_mean) * (x - x_mean)).sum();
    (square > 0.0).then(|| both / square)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups every 10 ms for a while, each `more_ms` later than the one before.
    fn after(groups: u32, more_ms: f64) -> Pressure {
        let start = Instant::now();
        let mut trend = Trend::default();
        for group in 0..groups {
            let sent = start + Duration::from_millis(10) * group;
            let came = sent + Duration::from_secs_f64(0.04 + more_ms * f64::from(group) / 1_000.0);
            trend.hear(&Arrival {
                sent,
                came,
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
        let start = Instant::now();
        let mut trend = Trend::default();
        let mut dice = fastrand::Rng::with_seed(1);
        for group in 0..2_000 {
            let sent = start + Duration::from_millis(10) * group;
            trend.hear(&Arrival {
                sent,
                came: sent + Duration::from_millis(40 + dice.u64(..6)),
                bytes: 1_000,
                probe: None,
            });
            assert_ne!(trend.pressure(), Pressure::Rising, "group {group}");
        }
    }
}
