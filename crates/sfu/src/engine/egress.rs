//! What is known of the way to a receiver, and what follows from it for how much may be given.

use std::time::{Duration, Instant};

use crate::allocation::{Demand, Rise, share};
use crate::limits::{
    BOLD_AFTER, BOLD_EVERY, BOLD_FOR, BOLD_TIMES, EARLY, EGRESS_BPS_FIRST, FALLEN_PERCENT, GIVEN_PERCENT,
    JAM_FORGOTTEN, JAM_LOST_PERCENT, LEAST_JAMS_WITHIN, LEAST_PATIENCE, RISE_AFTER, RISEN_PERCENT,
};

/// What is known of the way to a receiver, and what was made of it.
#[derive(Debug)]
pub(crate) struct Egress {
    /// What the path takes.
    estimate_bps: u64,
    /// The estimate of the last choice.
    chosen_at_bps: u64,
    /// What the congestion control was told that we would like to send.
    desired_bps: u64,
    /// When something was taken away for want of bandwidth.
    fell: Option<Instant>,
    /// When so much was lost that no estimate was waited for.
    jammed: Option<Instant>,
    /// The same while only the smallest layers were given.
    least_jammed: Option<Instant>,
    /// Since when the estimate is too low for the smallest layers.
    narrow_since: Option<Instant>,
    /// Since when something is shown smaller than it was asked for and nothing has changed about that.
    wanting_since: Option<Instant>,
    /// Something larger than the smallest is given.
    lavish: bool,
}

/// What the congestion control knows of a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// The estimate.
    pub(crate) estimate_bps: Option<u64>,
    /// What was lost of a second's packets, in percent.
    pub(crate) lost_percent: Option<u64>,
}

/// What may be given to a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Bits per second for pictures.
    pub(crate) budget_bps: u64,
    /// Whether more than before.
    pub(crate) rise: Rise,
    /// What of it the smallest layers take.
    pub(crate) least: Least,
}

/// Whether the smallest layer of a picture is given whatever the budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Least {
    /// It is.
    Free,
    /// It is if it is small. The only layer of a picture may be as large as the path.
    FreeIfSmall,
    /// It is not.
    Paid,
}

impl Default for Egress {
    fn default() -> Self {
        Egress {
            estimate_bps: EGRESS_BPS_FIRST,
            chosen_at_bps: EGRESS_BPS_FIRST,
            desired_bps: 0,
            fell: None,
            jammed: None,
            least_jammed: None,
            narrow_since: None,
            wanting_since: None,
            lavish: false,
        }
    }
}

impl Egress {
    pub(crate) fn estimate_bps(&self) -> u64 {
        self.estimate_bps
    }

    /// Takes in what the congestion control says; gives whether layers are to be chosen anew at once.
    pub(crate) fn hear(&mut self, now: Instant, measured: Measured) -> bool {
        let moved = measured.estimate_bps.is_some_and(|bps| self.estimated(bps));
        let lost = measured.lost_percent.is_some_and(|lost| lost >= JAM_LOST_PERCENT);
        // What was lost of what has been taken away since says nothing of what is left.
        let told = within(now, self.fell, JAM_FORGOTTEN) || within(now, self.jammed, JAM_FORGOTTEN);
        if !lost || told {
            return moved;
        }
        self.jammed = Some(now);
        if !self.lavish {
            if within(now, self.least_jammed, LEAST_JAMS_WITHIN) {
                // Not even the smallest comes through.
                self.narrow_since = now.checked_sub(LEAST_PATIENCE);
            }
            self.least_jammed = Some(now);
        }
        true
    }

    /// How many copies of all sound the way has room for. None on one that was too narrow just now: there they would be what
    /// is lost.
    pub(crate) fn room_for_copies(&self, now: Instant, for_sound: u64) -> u32 {
        if within(now, self.jammed, RISE_AFTER) || within(now, self.fell, JAM_FORGOTTEN) {
            return 0;
        }
        let room = self.estimate_bps.saturating_mul(GIVEN_PERCENT) / 100;
        // One at any rate: where losses make the estimate low, sound needs it most.
        u32::try_from((room / for_sound.max(1)).saturating_sub(1).max(1)).unwrap_or(u32::MAX)
    }

    /// Takes in an estimate; gives whether layers are to be chosen anew at once.
    pub(crate) fn estimated(&mut self, bps: u64) -> bool {
        self.estimate_bps = bps;
        let fallen = bps < self.chosen_at_bps.saturating_mul(FALLEN_PERCENT) / 100;
        let risen = self.wanting_since.is_some() && bps > self.chosen_at_bps.saturating_mul(RISEN_PERCENT) / 100;
        fallen || risen
    }

    /// What may be given now, beside sound, which is sent so many times. `since`: when the connection came up.
    pub(crate) fn allowance(
        &mut self,
        now: Instant,
        since: Option<Instant>,
        for_sound: u64,
        times: u64,
        demands: &[Demand],
    ) -> Allowance {
        self.chosen_at_bps = self.estimate_bps;
        let given_bps = self.estimate_bps.saturating_mul(GIVEN_PERCENT) / 100;
        let budget_bps = given_bps.saturating_sub(for_sound.saturating_mul(times));
        // Copies of sound keep pictures small, but take nobody's smallest away.
        let fits = share(given_bps.saturating_sub(for_sound), demands);
        let mut left_out = fits.iter().zip(demands);
        let narrow = left_out.any(|(layer, demand)| layer.is_none() && demand.wants_more_than(None));
        self.narrow_since = narrow.then(|| self.narrow_since.unwrap_or(now));
        let jammed = within(now, self.jammed, RISE_AFTER);
        Allowance {
            budget_bps: if jammed { 0 } else { budget_bps },
            rise: if jammed || within(now, self.fell, RISE_AFTER) {
                Rise::NotYet
            } else {
                Rise::Allowed
            },
            least: if within(now, since, EARLY) {
                Least::Free
            } else if self.narrow_since.is_none() || within(now, self.narrow_since, LEAST_PATIENCE) {
                Least::FreeIfSmall
            } else {
                Least::Paid
            },
        }
    }

    /// Remembers what was given; gives whether something was taken away for want of bandwidth.
    pub(crate) fn gave(&mut self, now: Instant, demands: &[Demand], given: &[Option<usize>]) -> bool {
        let pairs = || demands.iter().zip(given);
        let fell = pairs().any(|(demand, layer)| *layer < demand.kept());
        if fell {
            self.fell = Some(now);
        }
        let wanting = pairs().any(|(demand, layer)| demand.wants_more_than(*layer));
        let changed = pairs().any(|(demand, layer)| *layer != demand.kept());
        let since = self.wanting_since.filter(|_| !changed);
        self.wanting_since = wanting.then(|| since.unwrap_or(now));
        self.lavish = pairs().any(|(demand, layer)| *layer > demand.smallest());
        fell
    }

    /// What the congestion control is to be told that we would like to send, if that is news. It is told of real changes
    /// only: each rise makes it probe for it. Where its probes have not helped for a while, bolder ones are wished for, now
    /// and then: a probe is a hundredth of a second, and a few late packets spoil one that only just suffices.
    pub(crate) fn desire(&mut self, now: Instant, bps: u64) -> Option<u64> {
        let waited = self.wanting_since.map(|since| now.saturating_duration_since(since));
        let boldly = waited.is_some_and(|waited| {
            let place = Duration::from_millis((waited.as_millis() % BOLD_EVERY.as_millis()) as u64);
            (BOLD_AFTER..BOLD_AFTER + BOLD_FOR).contains(&place)
        });
        let bps = if boldly { bps.saturating_mul(BOLD_TIMES) } else { bps };
        (bps.abs_diff(self.desired_bps) > self.desired_bps / 10).then(|| {
            self.desired_bps = bps;
            bps
        })
    }
}

/// Whether something has happened less than that long ago.
fn within(now: Instant, at: Option<Instant>, time: Duration) -> bool {
    at.is_some_and(|at| now.saturating_duration_since(at) < time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: Demand = Demand {
        costs: [Some(150_000), Some(500_000), Some(1_700_000)],
        now: Some(2),
    };

    fn estimate(bps: u64) -> Measured {
        Measured {
            estimate_bps: Some(bps),
            ..Measured::default()
        }
    }

    fn lost(percent: u64) -> Measured {
        Measured {
            lost_percent: Some(percent),
            ..Measured::default()
        }
    }

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    /// A receiver that is given the largest layer on a path of 5 Mbit/s.
    fn lavish(start: Instant) -> Egress {
        let mut egress = Egress::default();
        assert!(!egress.hear(start, estimate(5_000_000)), "nothing is wanted yet");
        let allowance = egress.allowance(start, None, 60_000, 1, &[CAMERA]);
        assert!(allowance.budget_bps > 4_600_000);
        assert!(!egress.gave(start, &[CAMERA], &[Some(2)]));
        egress
    }

    #[test]
    fn a_jam_is_acted_on_before_there_is_an_estimate() {
        let start = Instant::now();
        let mut egress = lavish(start);
        assert!(!egress.hear(start, lost(JAM_LOST_PERCENT - 1)));
        assert!(egress.hear(start, lost(JAM_LOST_PERCENT)));
        let allowance = egress.allowance(start, None, 60_000, 1, &[CAMERA]);
        assert_eq!(allowance.budget_bps, 0);
        assert_eq!(
            allowance.least,
            Least::FreeIfSmall,
            "the smallest is given all the same"
        );
        assert!(egress.gave(start, &[CAMERA], &[Some(0)]));
        // The same losses are still in the second's account.
        assert!(!egress.hear(after(start, 1_000), lost(60)));
        let allowance = egress.allowance(after(start, 2_900), None, 60_000, 1, &[CAMERA]);
        assert_eq!((allowance.budget_bps, allowance.rise), (0, Rise::NotYet));
        let allowance = egress.allowance(after(start, 3_100), None, 60_000, 1, &[CAMERA]);
        assert!(allowance.budget_bps > 4_600_000, "the jam is over");
    }

    #[test]
    fn where_not_even_the_smallest_comes_through_nothing_is_shown() {
        let start = Instant::now();
        let mut egress = lavish(start);
        egress.hear(start, lost(50));
        egress.hear(start, estimate(90_000));
        egress.allowance(start, None, 60_000, 1, &[CAMERA]);
        egress.gave(start, &[CAMERA], &[Some(0)]);
        let mut least = |ms| {
            assert!(egress.hear(after(start, ms), lost(50)));
            egress.allowance(after(start, ms), None, 60_000, 1, &[CAMERA]).least
        };
        assert_eq!(least(1_600), Least::FreeIfSmall, "one bad second");
        assert_eq!(least(3_200), Least::Paid, "and another");
    }

    #[test]
    fn an_estimate_that_is_too_low_for_a_moment_takes_the_smallest_from_nobody() {
        let start = Instant::now();
        let mut egress = lavish(start);
        let mut least = |ms, bps| {
            egress.hear(after(start, ms), estimate(bps));
            egress.allowance(after(start, ms), None, 60_000, 1, &[CAMERA]).least
        };
        assert_eq!(least(0, 100_000), Least::FreeIfSmall);
        assert_eq!(least(2_000, 400_000), Least::FreeIfSmall);
        assert_eq!(least(4_000, 100_000), Least::FreeIfSmall, "anew");
        assert_eq!(least(6_900, 100_000), Least::FreeIfSmall);
        assert_eq!(least(7_000, 100_000), Least::Paid);
        assert_eq!(least(8_000, 400_000), Least::FreeIfSmall);
    }

    #[test]
    fn the_congestion_control_is_told_of_real_changes_only() {
        let mut egress = Egress::default();
        let now = Instant::now();
        let mut told = |bps| egress.desire(now, bps);
        assert_eq!(told(600_000), Some(600_000));
        assert_eq!(told(650_000), None);
        assert_eq!(told(680_000), Some(680_000));
        assert_eq!(told(0), Some(0));
    }

    #[test]
    fn where_probes_do_not_help_bolder_ones_are_wished_for_now_and_then() {
        let start = Instant::now();
        let mut egress = lavish(start);
        egress.gave(start, &[CAMERA], &[Some(0)]);
        let small = [Demand { now: Some(0), ..CAMERA }];
        let mut wishes = Vec::new();
        for at in 0..30 {
            let now = after(start, at * 1_000);
            egress.gave(now, &small, &[Some(0)]);
            wishes.extend(egress.desire(now, 700_000).map(|bps| (at, bps)));
        }
        let (plain, bold) = (700_000, 2_100_000);
        assert_eq!(wishes, [(0, plain), (4, bold), (10, plain), (19, bold), (25, plain)]);
    }
}
