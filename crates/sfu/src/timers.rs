//! Deadlines of peers and rooms, in order.
//!
//! Kept in grains of a millisecond, rounded up: whoever is due about the same time is woken together, and moving a
//! deadline within its grain costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::ids::RoomId;
use crate::limits::DEADLINE_GRAIN_NS;
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
#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    queue: BTreeSet<(Grain, Alarm)>,
    /// By the place of the peer: asked for every connection that is driven.
    peers: Vec<Option<Grain>>,
    rooms: BTreeMap<RoomId, Grain>,
    layers: BTreeMap<RoomId, Grain>,
}

/// Grains since the start.
type Grain = u64;

impl Timers {
    pub(crate) fn new(start: Instant) -> Self {
        Timers {
            start,
            queue: BTreeSet::new(),
            peers: Vec::new(),
            rooms: BTreeMap::new(),
            layers: BTreeMap::new(),
        }
    }

    /// Makes sure that `alarm` goes off at `at` or before, give or take a grain. An earlier deadline stays: waking
    /// somebody too early costs little, and moving a deadline on every packet would cost much.
    pub(crate) fn arm(&mut self, alarm: Alarm, at: Instant) {
        let at = self.grain(at);
        if let Some(armed) = self.armed(alarm) {
            if armed <= at {
                return;
            }
            self.queue.remove(&(armed, alarm));
        }
        self.set(alarm, Some(at));
        self.queue.insert((at, alarm));
    }

    pub(crate) fn disarm(&mut self, alarm: Alarm) {
        if let Some(armed) = self.armed(alarm) {
            self.set(alarm, None);
            self.queue.remove(&(armed, alarm));
        }
    }

    /// The next alarm that is due, disarmed.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Alarm> {
        let (at, alarm) = self.queue.first().copied()?;
        if self.instant(at)? > now {
            return None;
        }
        self.disarm(alarm);
        Some(alarm)
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.instant(self.queue.first()?.0)
    }

    fn armed(&self, alarm: Alarm) -> Option<Grain> {
        match alarm {
            Alarm::Peer(key) => self.peers.get(key.place()).copied().flatten(),
            Alarm::Room(room) => self.rooms.get(&room).copied(),
            Alarm::Layers(room) => self.layers.get(&room).copied(),
        }
    }

    fn set(&mut self, alarm: Alarm, at: Option<Grain>) {
        match (alarm, at) {
            (Alarm::Peer(key), at) => {
                if key.place() >= self.peers.len() {
                    self.peers.resize(key.place() + 1, None);
                }
                if let Some(place) = self.peers.get_mut(key.place()) {
                    *place = at;
                }
            }
            (Alarm::Room(room), Some(at)) => {
                self.rooms.insert(room, at);
            }
            (Alarm::Room(room), None) => {
                self.rooms.remove(&room);
            }
            (Alarm::Layers(room), Some(at)) => {
                self.layers.insert(room, at);
            }
            (Alarm::Layers(room), None) => {
                self.layers.remove(&room);
            }
        }
    }

    /// Rounded up to the last nanosecond: whoever is woken too early would be set to the same grain for ever.
    fn grain(&self, at: Instant) -> Grain {
        let since = at.saturating_duration_since(self.start);
        let part = since.subsec_nanos().div_ceil(DEADLINE_GRAIN_NS);
        let whole = since.as_secs().saturating_mul(GRAINS_PER_SECOND);
        whole.saturating_add(part.into())
    }

    /// Nothing for what no clock can show.
    fn instant(&self, at: Grain) -> Option<Instant> {
        let nanos = (at % GRAINS_PER_SECOND) * u64::from(DEADLINE_GRAIN_NS);
        let since = Duration::from_secs(at / GRAINS_PER_SECOND) + Duration::from_nanos(nanos);
        self.start.checked_add(since)
    }
}

const GRAINS_PER_SECOND: u64 = 1_000_000_000 / DEADLINE_GRAIN_NS as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_go_off_in_order_and_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let (a, b) = (Alarm::Room(RoomId(1)), Alarm::Room(RoomId(2)));
        let mut timers = Timers::new(start);
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

    #[test]
    fn who_is_due_within_a_millisecond_is_woken_together_and_never_too_early() {
        let start = Instant::now();
        let at = |us| start + Duration::from_micros(us);
        let (a, b) = (Alarm::Room(RoomId(1)), Alarm::Room(RoomId(2)));
        let mut timers = Timers::new(start);
        timers.arm(a, at(1_200));
        timers.arm(b, at(1_999) + Duration::from_nanos(1));
        assert_eq!(timers.pop(at(1_999)), None);
        assert_eq!(timers.next(), Some(at(2_000)));
        assert_eq!(timers.pop(at(2_000)), Some(a));
        assert_eq!(timers.pop(at(2_000)), Some(b));
    }

    #[test]
    fn what_is_disarmed_does_not_go_off() {
        let start = Instant::now();
        let at = start + Duration::from_millis(1);
        let mut timers = Timers::new(start);
        timers.arm(Alarm::Room(RoomId(1)), at);
        timers.disarm(Alarm::Room(RoomId(1)));
        assert_eq!(timers.next(), None);
        assert_eq!(timers.pop(at), None);
    }
}
