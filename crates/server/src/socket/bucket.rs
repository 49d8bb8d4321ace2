//! A token bucket: how often somebody may speak.

use std::time::Instant;

use incamera_protocol::limits;

/// Tokens of one speaker.
pub(crate) struct Bucket {
    most: f64,
    per_second: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket, for one socket.
    pub(crate) fn new(now: Instant) -> Self {
        Self::of(now, limits::SIGNAL_BURST, limits::SIGNAL_PER_SECOND)
    }

    /// A full bucket, for whoever changes booth or channel.
    pub(crate) fn for_tuning(now: Instant) -> Self {
        Self::of(now, limits::TUNING_BURST, limits::TUNING_PER_SECOND)
    }

    /// A full bucket: so many at once, and so many per second on average.
    pub(crate) fn of(now: Instant, most: u32, per_second: u32) -> Self {
        Self {
            most: f64::from(most),
            per_second: f64::from(per_second),
            tokens: f64::from(most),
            at: now,
        }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        let refilled = self.tokens + since * self.per_second;
        self.tokens = refilled.min(self.most);
        self.at = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_is_taken_and_then_the_rate_counts() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        assert!((0..limits::SIGNAL_BURST).all(|_| bucket.take(start)));
        assert!(!bucket.take(start));
        let later = start + Duration::from_secs(1);
        assert!((0..limits::SIGNAL_PER_SECOND).all(|_| bucket.take(later)));
        assert!(!bucket.take(later));
    }

    #[test]
    fn a_long_silence_fills_the_bucket_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        let later = start + Duration::from_secs(3_600);
        assert_eq!(
            (0..1_000).filter(|_| bucket.take(later)).count(),
            limits::SIGNAL_BURST as usize
        );
    }
}
