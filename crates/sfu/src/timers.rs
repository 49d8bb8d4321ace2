//! Deadlines of peers and rooms, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::ids::RoomId;
use crate::table::PeerKey;

/// Whose deadline it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    Peer(PeerKey),
    Room(RoomId),
    /// The layers of a room are to be looked at.
    Layers(RoomId),
}

/// The earliest deadline of everyone.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Instant, Alarm)>,
    armed: BTreeMap<Alarm, Instant>,
}

impl Timers {
    /// Makes sure that `alarm` goes off at `at` or before. An earlier deadline stays: waking somebody too early costs
    /// little, and moving a deadline on every packet would cost much.
    pub(crate) fn arm(&mut self, alarm: Alarm, at: Instant) {
        if let Some(armed) = self.armed.get(&alarm).copied() {
            if armed <= at {
                return;
            }
            self.queue.remove(&(armed, alarm));
        }
        self.armed.insert(alarm, at);
        self.queue.insert((at, alarm));
    }

    pub(crate) fn disarm(&mut self, alarm: Alarm) {
        if let Some(armed) = self.armed.remove(&alarm) {
            self.queue.remove(&(armed, alarm));
        }
    }

    /// The next alarm that is due, disarmed.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Alarm> {
        let (at, alarm) = self.queue.first().copied()?;
        if at > now {
            return None;
        }
        self.disarm(alarm);
        Some(alarm)
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn alarms_go_off_in_order_and_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let (a, b) = (Alarm::Room(RoomId(1)), Alarm::Room(RoomId(2)));
        let mut timers = Timers::default();
        timers.arm(a, at(30));
        timers.arm(b, at(20));
        timers.arm(a, at(10));
        timers.arm(b, at(99));
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.pop(at(5)), None);
        assert_eq!(timers.pop(at(50)), Some(a));
        assert_eq!(timers.pop(at(50)), Some(b));
        assert_eq!(timers.pop(at(500)), None);
    }
}
