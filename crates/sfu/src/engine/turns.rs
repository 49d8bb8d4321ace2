//! Whose connection is driven next.
//!
//! Connections to which sound was written come first: a picture to hundreds of receivers takes a hundredth of a second,
//! and nobody's voice should wait for it. Otherwise whoever has waited longest.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::table::PeerKey;

/// Who waits.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    hasty: VecDeque<PeerKey>,
    others: VecDeque<(Instant, PeerKey)>,
    /// By the place of the peer.
    turns: Vec<Turn>,
}

/// What a peer waits for.
#[derive(Debug, Clone, Copy, Default)]
struct Turn {
    wants: Wants,
    /// It is in the long queue, perhaps for nothing.
    queued: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Wants {
    #[default]
    Nothing,
    /// Its turn.
    Turn,
    /// To be first.
    Haste,
}

impl Turns {
    /// A peer waits its turn.
    pub(crate) fn wait(&mut self, now: Instant, key: PeerKey) {
        let Some(turn) = self.turn(key) else { return };
        if turn.wants != Wants::Nothing {
            return;
        }
        turn.wants = Wants::Turn;
        if !std::mem::replace(&mut turn.queued, true) {
            self.others.push_back((now, key));
        }
    }

    /// A peer goes before all that are not in haste.
    pub(crate) fn hasten(&mut self, key: PeerKey) {
        if let Some(turn) = self.turn(key)
            && turn.wants != Wants::Haste
        {
            turn.wants = Wants::Haste;
            self.hasty.push_back(key);
        }
    }

    /// A peer's connection is driven, or gone: nothing waits in it any more.
    pub(crate) fn taken(&mut self, key: PeerKey) {
        if let Some(turn) = self.turns.get_mut(key.place()) {
            turn.wants = Wants::Nothing;
        }
    }

    /// Whose turn it is, until it is taken.
    pub(crate) fn next(&mut self) -> Option<PeerKey> {
        // A place in a queue may be for nothing: a datagram of a peer's own drives it, too, and so does haste.
        while let Some(key) = self.hasty.front().copied() {
            if self.turn(key).is_some_and(|turn| turn.wants == Wants::Haste) {
                return Some(key);
            }
            self.hasty.pop_front();
        }
        while let Some((_, key)) = self.others.front().copied() {
            if let Some(turn) = self.turn(key) {
                if turn.wants != Wants::Nothing {
                    return Some(key);
                }
                turn.queued = false;
            }
            self.others.pop_front();
        }
        None
    }

    /// How long whoever waits longest has waited, but for those in haste.
    pub(crate) fn longest(&self, now: Instant) -> Duration {
        let first = self.others.front();
        first.map_or(Duration::ZERO, |(since, _)| now.saturating_duration_since(*since))
    }

    /// What a peer waits for. There is always one.
    fn turn(&mut self, key: PeerKey) -> Option<&mut Turn> {
        if key.place() >= self.turns.len() {
            self.turns.resize(key.place() + 1, Turn::default());
        }
        self.turns.get_mut(key.place())
    }
}
