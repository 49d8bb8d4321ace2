//! What the way to a receiver takes: congestion control by delay, by loss and by trying, after Google's
//! (draft-ietf-rmcat-gcc-02), for a sender that forwards: what goes out is mostly less than what would go through.
//!
//! * **Delay** ([`Trend`]): packets that come ever later than they were sent pile up in front of a narrow place. Then less
//!   is taken to go through than what came.
//! * **Loss**: much of it in a row, on a way whose delay says nothing (a short buffer), does the same, more gently.
//! * **Trying** ([`Probe`]): what was never sent shows nothing. Where more is wished for than is known to go through, the
//!   way is filled for some hundredths of a second, and what came of that counts.

mod probe;
mod rate;
mod trend;

pub(crate) use probe::Probe;

use std::time::{Duration, Instant};

use crate::limits::ESTIMATE_INTERVAL;
use crate::outlet::Arrival;

use probe::Probes;
use rate::Rate;
use trend::Trend;

/// What is known of the way to one receiver.
#[derive(Debug)]
pub(crate) struct Congestion {
    trend: Trend,
    rate: Rate,
    probes: Probes,
    /// What the caller would like to send, in bits per second.
    wished_bps: u64,
    /// What was lost of a second's packets, in percent, when it was last told.
    lost_percent: u64,
    told: Option<Instant>,
}

impl Congestion {
    /// Nothing is known of the way but what it is taken for.
    pub(crate) fn new(now: Instant, first_bps: u64) -> Self {
        Congestion {
            trend: Trend::default(),
            rate: Rate::new(first_bps),
            probes: Probes::new(now),
            wished_bps: 0,
            lost_percent: 0,
            told: None,
        }
    }

    /// What is wished for.
    pub(crate) fn wish(&mut self, bps: u64) {
        self.wished_bps = bps;
    }

    /// Whether it is time to be told what was lost, and to tell the estimate.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.told
            .is_none_or(|told| now.saturating_duration_since(told) >= ESTIMATE_INTERVAL)
    }

    /// Takes in what came, in the order of sending, `heard_after` the newest of it was sent, and what was lost of a second's
    /// packets in percent, if that was asked for. Gives the estimate in bits per second, now and then.
    pub(crate) fn hear(
        &mut self,
        now: Instant,
        arrivals: &[Arrival],
        heard_after: Duration,
        lost_percent: Option<u64>,
    ) -> Option<u64> {
        self.lost_percent = lost_percent.unwrap_or(self.lost_percent);
        for arrival in arrivals {
            self.trend.hear(arrival);
            self.rate.came(arrival);
            self.probes.came(arrival);
        }
        let pressure = self.trend.pressure();
        self.rate.adapt(now, pressure, self.lost_percent, heard_after);
        if let Some(found) = self.probes.found(now) {
            self.rate.tried(found);
            self.probes.judge(now, found, self.rate.bps(), self.wished_bps);
        }
        if !self.is_due(now) {
            return None;
        }
        self.told = Some(now);
        Some(self.rate.bps())
    }

    /// The way is to be filled: with so many bytes now, under that attempt's number. `sent`: what went out anyway since.
    pub(crate) fn probe(&mut self, now: Instant) -> Option<Probe> {
        let calm = self.rate.is_calm(now);
        self.probes.due(now, calm, self.rate.bps(), self.wished_bps)
    }

    /// So much went out, media or not: what an attempt still has to fill is less by that.
    pub(crate) fn went_out(&mut self, bytes: usize) {
        self.probes.went_out(bytes);
    }

    /// The attempt that is under way: what goes out now is part of it.
    pub(crate) fn attempt(&self) -> Option<u32> {
        self.probes.running()
    }

    /// When [`Congestion::probe`] wants to be asked again.
    pub(crate) fn next(&self, now: Instant) -> Option<Instant> {
        self.probes.next(now, self.rate.bps(), self.wished_bps)
    }
}
