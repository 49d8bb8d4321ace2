//! Which thread has which room.
//!
//! Asked by whoever sends messages to the threads, and by a thread that has lost a peer; never for a packet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use incamera_sfu::{PeerId, RoomId};

/// The rooms and peers of all threads.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    rooms: BTreeMap<RoomId, usize>,
    peers: BTreeMap<PeerId, RoomId>,
    /// Peers of each thread.
    counts: Vec<usize>,
}

impl Directory {
    /// For so many threads.
    pub(crate) fn of(threads: usize) -> Self {
        let shared = Shared {
            rooms: BTreeMap::new(),
            peers: BTreeMap::new(),
            counts: vec![0; threads.max(1)],
        };
        Directory {
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// The thread of a room, which stays its thread: at first the one with the fewest peers.
    pub(crate) fn thread_of(&self, room: RoomId) -> usize {
        self.shared().thread_of(room)
    }

    /// A peer comes into a room. Gives the thread, and where it was before if that was another.
    pub(crate) fn comes(&self, peer: PeerId, room: RoomId) -> (usize, Option<usize>) {
        let mut shared = self.shared();
        let thread = shared.thread_of(room);
        let before = shared.goes(peer);
        shared.peers.insert(peer, room);
        shared.count(thread, |count| count + 1);
        (thread, before.filter(|before| *before != thread))
    }

    /// A peer goes. Gives the thread it was with.
    pub(crate) fn goes(&self, peer: PeerId) -> Option<usize> {
        self.shared().goes(peer)
    }

    /// The thread a peer is with.
    pub(crate) fn thread_of_peer(&self, peer: PeerId) -> Option<usize> {
        let shared = self.shared();
        shared.rooms.get(shared.peers.get(&peer)?).copied()
    }

    /// A room is closed. Gives its thread.
    pub(crate) fn closes(&self, room: RoomId) -> Option<usize> {
        let mut shared = self.shared();
        let inside = shared.peers.iter().filter(|(_, of)| **of == room);
        let gone: Vec<PeerId> = inside.map(|(peer, _)| *peer).collect();
        for peer in gone {
            shared.goes(peer);
        }
        shared.rooms.remove(&room)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn thread_of(&mut self, room: RoomId) -> usize {
        if let Some(thread) = self.rooms.get(&room) {
            return *thread;
        }
        // Rooms without peers count, too: those that are made at the same time are spread.
        let rooms = |thread: usize| self.rooms.values().filter(|of| **of == thread).count();
        let counts = self.counts.iter().enumerate();
        let least = counts.min_by_key(|(thread, count)| (**count, rooms(*thread), *thread));
        let thread = least.map_or(0, |(thread, _)| thread);
        self.rooms.insert(room, thread);
        thread
    }

    fn goes(&mut self, peer: PeerId) -> Option<usize> {
        let room = self.peers.remove(&peer)?;
        let thread = self.rooms.get(&room).copied()?;
        self.count(thread, |count| count.saturating_sub(1));
        Some(thread)
    }

    fn count(&mut self, thread: usize, change: impl Fn(usize) -> usize) {
        if let Some(count) = self.counts.get_mut(thread) {
            *count = change(*count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_goes_to_the_thread_with_the_fewest_peers_and_stays() {
        let directory = Directory::of(2);
        for peer in 0..3 {
            assert_eq!(directory.comes(PeerId(peer), RoomId(1)), (0, None));
        }
        assert_eq!(directory.thread_of(RoomId(2)), 1);
        assert_eq!(directory.comes(PeerId(9), RoomId(2)), (1, None));
        assert_eq!(directory.thread_of(RoomId(3)), 1, "with one peer against three");
        for peer in 0..3 {
            assert_eq!(directory.goes(PeerId(peer)), Some(0));
        }
        assert_eq!(directory.thread_of(RoomId(4)), 0);
        assert_eq!(directory.thread_of(RoomId(3)), 1, "it stays");
    }

    #[test]
    fn rooms_without_peers_are_spread() {
        let directory = Directory::of(3);
        let threads = [1, 2, 3, 4].map(|room| directory.thread_of(RoomId(room)));
        assert_eq!(threads, [0, 1, 2, 0]);
    }

    #[test]
    fn a_peer_that_changes_rooms_is_told_where_it_was() {
        let directory = Directory::of(2);
        directory.comes(PeerId(1), RoomId(1));
        assert_eq!(directory.comes(PeerId(1), RoomId(1)), (0, None));
        directory.comes(PeerId(2), RoomId(1));
        assert_eq!(directory.comes(PeerId(1), RoomId(2)), (1, Some(0)));
        assert_eq!(directory.thread_of_peer(PeerId(1)), Some(1));
    }

    #[test]
    fn with_a_closed_room_its_peers_are_gone() {
        let directory = Directory::of(1);
        directory.comes(PeerId(1), RoomId(1));
        assert_eq!(directory.closes(RoomId(1)), Some(0));
        assert_eq!(directory.goes(PeerId(1)), None);
        assert_eq!(directory.closes(RoomId(1)), None);
    }
}
