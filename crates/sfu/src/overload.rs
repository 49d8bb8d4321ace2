//! What is given up when the engine has more to do than its processor can.
//!
//! Pictures go first, the largest and least important before the others; sound is never given up. Who is in stays in, and
//! viewers who come are turned away before those who are in lose much. Members are let in all the same: the meeting is
//! theirs, one of them more costs it pictures, and how busy a thread is says little where it shares its processor.

use std::time::Instant;

use crate::ids::Role;
use crate::limits::{BUSY_PERCENT, CALM_FOR, CALM_PERCENT, LAYERS_MAX};

/// How many layers, from the smallest, a receiver may have of its most important picture, of the next three, and of the
/// others.
type Ration = [usize; 3];

/// From nothing given up to no pictures at all. In the order in which it hurts: whoever speaks stays large for longest.
const RATIONS: [Ration; 6] = [
    [LAYERS_MAX, LAYERS_MAX, LAYERS_MAX],
    [3, 2, 2],
    [2, 1, 1],
    [1, 1, 0],
    [1, 0, 0],
    [0, 0, 0],
];

/// From here on no viewer is let in: pictures have become smaller, and one more would cost those who are in.
const VIEWERS_REFUSED_FROM: usize = 1;

/// How much is given up now.
#[derive(Debug, Default)]
pub(crate) struct Overload {
    level: usize,
    /// Since when there is time to spare.
    calm_since: Option<Instant>,
}

impl Overload {
    /// Takes in how busy the thread was in the last second, in percent. Gives whether pictures are to be chosen anew.
    pub(crate) fn hear(&mut self, now: Instant, busy_percent: u32) -> bool {
        if busy_percent >= CALM_PERCENT {
            self.calm_since = None;
        }
        if busy_percent >= BUSY_PERCENT {
            let before = self.level;
            self.level = (self.level + 1).min(RATIONS.len() - 1);
            return self.level > before;
        }
        if busy_percent >= CALM_PERCENT || self.level == 0 {
            return false;
        }
        let since = *self.calm_since.get_or_insert(now);
        if now.saturating_duration_since(since) < CALM_FOR {
            return false;
        }
        // One step, and then another look at what it costs.
        self.level -= 1;
        self.calm_since = None;
        true
    }

    /// How many layers, from the smallest, a receiver may have of its picture at this place in the order of importance.
    pub(crate) fn layers(&self, place: usize) -> usize {
        let [first, next, others] = RATIONS.get(self.level).copied().unwrap_or([0; 3]);
        match place {
            0 => first,
            1..=3 => next,
            _ => others,
        }
    }

    /// Whether somebody more may come in.
    pub(crate) fn admits(&self, role: Role) -> bool {
        match role {
            Role::Viewer => self.level < VIEWERS_REFUSED_FROM,
            Role::Member | Role::Waiting => true,
        }
    }

    /// How much is given up: 0 is nothing.
    pub(crate) fn level(&self) -> usize {
        self.level
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn pictures_are_given_up_step_by_step_the_least_important_first() {
        let start = Instant::now();
        let mut overload = Overload::default();
        let mut before = [LAYERS_MAX; 3];
        for second in 1..RATIONS.len() as u64 {
            assert!(overload.hear(after(start, second), BUSY_PERCENT));
            let given = [0, 1, 4].map(|place| overload.layers(place));
            assert!(given.is_sorted_by(|more, less| more >= less), "{given:?}");
            assert!(given.iter().zip(&before).all(|(now, before)| now <= before));
            assert_ne!(given, before);
            before = given;
        }
        assert_eq!(before, [0; 3]);
        assert!(
            !overload.hear(after(start, 60), 100),
            "there is nothing left to give up"
        );
    }

    #[test]
    fn they_come_back_one_step_at_a_time_when_there_has_been_time_to_spare() {
        let start = Instant::now();
        let mut overload = Overload::default();
        overload.hear(start, 100);
        overload.hear(start, 100);
        assert_eq!(overload.level(), 2);
        assert!(!overload.hear(after(start, 1), CALM_PERCENT - 1));
        // A busy second in between: the calm begins anew.
        assert!(!overload.hear(after(start, 2), CALM_PERCENT));
        let calm = CALM_FOR.as_secs();
        let steps = (3..=3 + 2 * calm + 1).filter(|second| overload.hear(after(start, *second), 0));
        assert_eq!(steps.collect::<Vec<_>>(), [3 + calm, 3 + 2 * calm + 1]);
        assert_eq!(overload.level(), 0);
    }

    #[test]
    fn viewers_are_turned_away_and_members_never() {
        let start = Instant::now();
        let mut overload = Overload::default();
        let mut admitted = Vec::new();
        for second in 0..4 {
            admitted.push([Role::Member, Role::Viewer].map(|role| overload.admits(role)));
            overload.hear(after(start, second), 100);
        }
        assert_eq!(admitted, [[true, true], [true, false], [true, false], [true, false]]);
    }
}
