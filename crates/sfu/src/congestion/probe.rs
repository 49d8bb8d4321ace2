//! Trying what the way takes, by filling it for a moment.

use std::time::{Duration, Instant};

use crate::limits::{PROBE_AGAIN, PROBE_FOR, PROBE_LEAST_BYTES, PROBE_NEXT, PROBE_STEP, PROBE_WAIT};
use crate::outlet::Arrival;

/// How much of an attempt must have come for it to count, in percent.
const CAME_PERCENT: usize = 80;

/// Below this part of what was sent, in percent, what came is what goes through.
const WHOLE_PERCENT: u64 = 90;

/// … and so much of it is taken.
const FOUND_PERCENT: u64 = 95;

/// Beyond this ratio something on the way held the packets up and let them go together: that shows nothing.
const PLAUSIBLE_TIMES: u64 = 2;

/// What to send to fill the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Probe {
    /// The attempt.
    pub(crate) attempt: u32,
    /// Bytes that are due.
    pub(crate) bytes: usize,
}

/// What an attempt has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) attempt: u32,
    /// So much goes through.
    pub(super) bps: u64,
    /// All that was sent came as fast as it was sent: more may go through.
    pub(super) whole: bool,
}

/// An attempt that is or was under way.
#[derive(Debug)]
struct Attempt {
    number: u32,
    bps: u64,
    began: Instant,
    /// Bytes that went out under it.
    out: usize,
    packets: usize,
    sent: Option<Span>,
    came: Option<Span>,
    came_bytes: usize,
    /// Bytes of the last sent and of the first that came: their times are the ends of the spans.
    last_bytes: usize,
    first_bytes: usize,
}

/// In microseconds.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: u64,
    last: u64,
}

/// All attempts at one way.
#[derive(Debug)]
pub(super) struct Probes {
    attempt: Option<Attempt>,
    number: u32,
    /// Not before.
    next: Instant,
}

impl Probes {
    pub(super) fn new(now: Instant) -> Self {
        Probes {
            attempt: None,
            number: 0,
            next: now,
        }
    }

    /// The attempt that is being sent.
    pub(super) fn running(&self) -> Option<u32> {
        let attempt = self.attempt.as_ref()?;
        (attempt.out < attempt.whole_bytes()).then_some(attempt.number)
    }

    pub(super) fn went_out(&mut self, bytes: usize) {
        if let Some(attempt) = self.attempt.as_mut().filter(|it| it.out < it.whole_bytes()) {
            attempt.out += bytes;
            attempt.packets += 1;
        }
    }

    /// What is to be sent now, where more is wished for than is known to go through.
    pub(super) fn due(&mut self, now: Instant, calm: bool, known_bps: u64, wished_bps: u64) -> Option<Probe> {
        if self.attempt.is_none() {
            if !calm || wished_bps <= known_bps || now < self.next {
                return None;
            }
            self.number = self.number.wrapping_add(1);
            self.attempt = Some(Attempt::new(
                now,
                self.number,
                wished_bps.min(known_bps.saturating_mul(PROBE_STEP)),
            ));
        }
        let attempt = self.attempt.as_ref()?;
        let bytes = attempt.due(now);
        (bytes > 0).then_some(Probe {
            attempt: attempt.number,
            bytes,
        })
    }

    /// When there is more to send, or an attempt to begin or to give up.
    pub(super) fn next(&self, now: Instant, known_bps: u64, wished_bps: u64) -> Option<Instant> {
        match &self.attempt {
            Some(attempt) if attempt.out < attempt.whole_bytes() => Some(now + Duration::from_millis(1)),
            Some(attempt) => Some(attempt.began + PROBE_FOR + PROBE_WAIT),
            None => (wished_bps > known_bps).then_some(self.next),
        }
    }

    pub(super) fn came(&mut self, arrival: &Arrival) {
        if let Some(attempt) = self.attempt.as_mut().filter(|it| arrival.probe == Some(it.number)) {
            attempt.came(arrival);
        }
    }

    /// What the attempt has shown, once it is over.
    pub(super) fn found(&mut self, now: Instant) -> Option<Found> {
        let attempt = self.attempt.as_ref()?;
        if attempt.out < attempt.whole_bytes() {
            return None;
        }
        let late = now >= attempt.began + PROBE_FOR + PROBE_WAIT;
        if attempt.came_bytes < attempt.out && !late {
            return None;
        }
        let found = attempt.found();
        self.attempt = None;
        self.next = now + PROBE_AGAIN;
        found
    }

    /// Whether to go on at once: the way took all of it, and more is wished for.
    pub(super) fn judge(&mut self, now: Instant, found: Found, known_bps: u64, wished_bps: u64) {
        if found.whole && wished_bps > known_bps {
            self.next = now + PROBE_NEXT;
        }
    }
}

impl Attempt {
    fn new(now: Instant, number: u32, bps: u64) -> Self {
        Attempt {
            number,
            bps,
            began: now,
            out: 0,
            packets: 0,
            sent: None,
            came: None,
            came_bytes: 0,
            last_bytes: 0,
            first_bytes: 0,
        }
    }

    /// All that is to be sent.
    fn whole_bytes(&self) -> usize {
        let bytes = u128::from(self.bps) * PROBE_FOR.as_micros() / 8_000_000;
        usize::try_from(bytes).unwrap_or(usize::MAX).max(PROBE_LEAST_BYTES)
    }

    /// What should have gone out by now and has not.
    fn due(&self, now: Instant) -> usize {
        // A millisecond ahead: there is no finer time to be told.
        let time = now.saturating_duration_since(self.began) + Duration::from_millis(1);
        let bytes = u128::from(self.bps) * time.as_micros() / 8_000_000;
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.whole_bytes());
        bytes.saturating_sub(self.out)
    }

    fn came(&mut self, arrival: &Arrival) {
        self.came_bytes += arrival.bytes;
        let sent = self.sent.get_or_insert(Span::of(arrival.sent_us));
        if arrival.sent_us >= sent.last {
            self.last_bytes = arrival.bytes;
        }
        sent.hear(arrival.sent_us);
        let came = self.came.get_or_insert_with(|| {
            self.first_bytes = arrival.bytes;
            Span::of(arrival.came_us)
        });
        came.hear(arrival.came_us);
    }

    fn found(&self) -> Option<Found> {
        if self.came_bytes * 100 < self.out * CAME_PERCENT {
            return None;
        }
        let sent = bps(self.came_bytes.saturating_sub(self.last_bytes), self.sent?)?;
        let came = bps(self.came_bytes.saturating_sub(self.first_bytes), self.came?)?;
        if came > sent.saturating_mul(PLAUSIBLE_TIMES) {
            return None;
        }
        let whole = came >= sent.saturating_mul(WHOLE_PERCENT) / 100;
        Some(Found {
            attempt: self.number,
            bps: if whole {
                sent.min(came)
            } else {
                came.saturating_mul(FOUND_PERCENT) / 100
            },
            whole,
        })
    }
}

impl Span {
    fn of(at: u64) -> Self {
        Span { first: at, last: at }
    }

    fn hear(&mut self, at: u64) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

fn bps(bytes: usize, span: Span) -> Option<u64> {
    let us = u128::from(span.last - span.first);
    (us > 0).then(|| u64::try_from(bytes as u128 * 8_000_000 / us).ok())?
}
