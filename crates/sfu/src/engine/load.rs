//! More to do than can be done.

use std::time::{Duration, Instant};

use crate::ids::RoomId;
use crate::limits::TURN_WAIT_MAX;

use super::Engine;

impl Engine {
    /// The caller's thread was so busy in the last second, in percent: the part of it that it did not sleep. While it is
    /// nearly all, pictures are given up and viewers who come refused; sound goes on.
    pub fn hear_load(&mut self, now: Instant, busy_percent: u32) {
        self.now = self.now.max(now);
        let before = self.overload.level();
        if !self.overload.hear(now, busy_percent) {
            return;
        }
        let level = self.overload.level();
        if level > before {
            tracing::warn!(
                busy_percent,
                level,
                "more to do than can be done: pictures are given up"
            );
        } else {
            tracing::info!(level, "time to spare: pictures are taken up again");
        }
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.allocate_all(room);
        }
    }

    /// How much is given up for want of time: 0 is nothing, and then no viewer is refused for it.
    pub fn overload(&self) -> usize {
        self.overload.level()
    }

    /// Whether so much waits that nothing more should be taken in before it is done.
    pub fn is_behind(&self, now: Instant) -> bool {
        self.turns.longest(now) > TURN_WAIT_MAX
    }

    /// How long whoever waits longest for its connection to be driven has waited.
    pub fn longest_wait(&self, now: Instant) -> Duration {
        self.turns.longest(now)
    }
}
