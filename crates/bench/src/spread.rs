//! Percentiles.

use std::time::Duration;

/// How a figure is spread: nearest-rank percentiles, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Spread {
    /// Half of the values are no larger.
    pub p50: f64,
    /// 95 of 100 values are no larger.
    pub p95: f64,
    /// The largest value.
    pub max: f64,
}

impl Spread {
    /// Of these values; `None` if there are none.
    pub fn of(values: impl IntoIterator<Item = Duration>) -> Option<Self> {
        let mut sorted: Vec<Duration> = values.into_iter().collect();
        sorted.sort_unstable();
        Some(Self {
            p50: milliseconds(nearest_rank(&sorted, 50)?),
            p95: milliseconds(nearest_rank(&sorted, 95)?),
            max: milliseconds(*sorted.last()?),
        })
    }
}

/// The smallest value of which at least `percent` of 100 values are no larger: the one with the rank `percent / 100 ×
/// count`, rounded up. It is always a value that was measured.
pub(crate) fn nearest_rank<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (percent * sorted.len()).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// In milliseconds, to a hundredth.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values = [15, 20, 35, 40, 50];
        assert_eq!(nearest_rank(&values, 5), Some(15));
        assert_eq!(nearest_rank(&values, 30), Some(20));
        assert_eq!(nearest_rank(&values, 40), Some(20));
        assert_eq!(nearest_rank(&values, 50), Some(35));
        assert_eq!(nearest_rank(&values, 95), Some(50));
        assert_eq!(nearest_rank(&values, 100), Some(50));
    }

    #[test]
    fn one_value_is_every_percentile_and_none_has_none() {
        assert_eq!(nearest_rank(&[7], 0), Some(7));
        assert_eq!(nearest_rank(&[7], 50), Some(7));
        assert_eq!(nearest_rank(&[7], 95), Some(7));
        assert_eq!(nearest_rank::<u64>(&[], 50), None);
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn the_95th_of_a_hundred_leaves_five_above() {
        let values: Vec<u32> = (1..=100).collect();
        assert_eq!(nearest_rank(&values, 95), Some(95));
        assert_eq!(nearest_rank(&values, 50), Some(50));
    }

    #[test]
    fn a_spread_is_in_milliseconds_whatever_the_order() {
        let values = [3_000, 1_000, 2_006].map(Duration::from_micros);
        let spread = Spread::of(values).unwrap();
        assert_eq!((spread.p50, spread.p95, spread.max), (2.01, 3.0, 3.0));
    }
}
