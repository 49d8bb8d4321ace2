//! A table of peers with small, reused keys.

use std::collections::HashMap;

use crate::ids::PeerId;
use crate::peer::Peer;

/// A place in the table. Whoever removes a peer removes every key of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerKey(usize);

impl PeerKey {
    /// A small number, for tables by the side of this one.
    pub(crate) fn place(self) -> usize {
        self.0
    }
}

/// All peers of an engine.
#[derive(Debug, Default)]
pub(crate) struct PeerTable {
    places: Vec<Option<Box<Peer>>>,
    free: Vec<usize>,
    /// For look-ups only, never walked: its order differs from run to run.
    keys: HashMap<PeerId, PeerKey>,
}

impl PeerTable {
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn key(&self, id: PeerId) -> Option<PeerKey> {
        self.keys.get(&id).copied()
    }

    pub(crate) fn at(&self, key: PeerKey) -> Option<&Peer> {
        self.places.get(key.0)?.as_deref()
    }

    pub(crate) fn at_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.places.get_mut(key.0)?.as_deref_mut()
    }

    /// Adds a peer whose id is not in the table.
    pub(crate) fn insert(&mut self, peer: Peer) -> PeerKey {
        let id = peer.id;
        let peer = Some(Box::new(peer));
        let key = match self
            .free
            .pop()
            .and_then(|place| Some((place, self.places.get_mut(place)?)))
        {
            Some((place, empty)) => {
                *empty = peer;
                PeerKey(place)
            }
            None => {
                self.places.push(peer);
                PeerKey(self.places.len() - 1)
            }
        };
        self.keys.insert(id, key);
        key
    }

    pub(crate) fn remove(&mut self, key: PeerKey) -> Option<Box<Peer>> {
        let peer = self.places.get_mut(key.0)?.take()?;
        self.free.push(key.0);
        self.keys.remove(&peer.id);
        Some(peer)
    }
}
