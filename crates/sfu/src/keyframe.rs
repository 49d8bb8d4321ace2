//! Key-frame requests to one layer of a picture, merged.

use std::time::{Duration, Instant};

use crate::limits::{KEY_FRAME_INTERVAL, KEY_FRAME_RETRY};

/// Which key-frame requests of one layer are open.
#[derive(Debug)]
pub(crate) struct KeyFrameRequests {
    /// Shortest time between two.
    interval: Duration,
    wanted: bool,
    last: Option<Instant>,
}

impl Default for KeyFrameRequests {
    fn default() -> Self {
        Self::every(KEY_FRAME_INTERVAL)
    }
}

impl KeyFrameRequests {
    /// No requests yet, and never two within the interval.
    pub(crate) fn every(interval: Duration) -> Self {
        KeyFrameRequests {
            interval,
            wanted: false,
            last: None,
        }
    }

    /// Somebody needs a key frame.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A slot still waits, though it has been asked for: ask again if that was long ago.
    pub(crate) fn still_waiting(&mut self, now: Instant) {
        if self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) >= KEY_FRAME_RETRY)
        {
            self.wanted = true;
        }
    }

    /// When the next request may go out, if one is wanted.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        self.wanted.then(|| self.last.map_or(now, |last| last + self.interval))
    }

    /// The wanted request went out.
    pub(crate) fn sent(&mut self, now: Instant) {
        self.wanted = false;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn requests_within_the_interval_become_one() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        assert_eq!(requests.due(start), None);
        requests.want();
        assert_eq!(requests.due(start), Some(start));
        requests.sent(start);
        requests.want();
        requests.want();
        assert_eq!(requests.due(start), Some(start + KEY_FRAME_INTERVAL));
        requests.sent(start + KEY_FRAME_INTERVAL);
        assert_eq!(requests.due(start + KEY_FRAME_INTERVAL), None);
    }

    #[test]
    fn a_slot_that_still_waits_asks_again_after_a_while() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        requests.still_waiting(start);
        requests.sent(start);
        requests.still_waiting(start + Duration::from_millis(100));
        assert_eq!(requests.due(start + Duration::from_millis(100)), None);
        requests.still_waiting(start + KEY_FRAME_RETRY);
        assert!(requests.due(start + KEY_FRAME_RETRY).is_some());
    }
}
