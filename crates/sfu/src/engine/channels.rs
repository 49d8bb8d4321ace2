//! Language channels and circles: where a microphone's sound goes, and who listens to what.

use std::time::Instant;

use crate::ids::{Channel, Circle, Kind, PeerId, Stream, Voice};
use crate::peer::Peer;
use crate::room::Ranked;
use crate::slot::SourceKey;
use crate::table::PeerKey;

use super::Engine;

impl Engine {
    /// Where the sound of a peer's microphone goes. A channel has one voice: whoever had it before is heard nowhere from
    /// this moment on. Unknown peers are ignored.
    pub fn set_voice(&mut self, now: Instant, peer: PeerId, voice: Voice) {
        self.now = self.now.max(now);
        let Some(key) = self.peers.key(peer) else { return };
        let Some((room, before)) = self.peers.at(key).map(|peer| (peer.room, peer.voice)) else {
            return;
        };
        if before == voice {
            return;
        }
        if let Voice::Channel(_) = voice {
            for other in self.peers_of(room) {
                if let Some(other) = self.peers.at_mut(other).filter(|other| other.voice == voice) {
                    other.voice = Voice::Nowhere;
                }
            }
        }
        if let Some(peer) = self.peers.at_mut(key) {
            peer.voice = voice;
        }
        self.remap(room);
    }

    /// Which channel a peer listens to: it comes in the last of its audio slots, and the floor in the others. With none the
    /// floor has them all. Unknown peers are ignored.
    pub fn listen(&mut self, now: Instant, peer: PeerId, channel: Option<Channel>) {
        self.now = self.now.max(now);
        let Some(key) = self.peers.key(peer) else { return };
        let Some(listener) = self.peers.at_mut(key) else { return };
        if std::mem::replace(&mut listener.listens, channel) != channel {
            let room = listener.room;
            self.remap_one(room, key);
        }
    }

    /// Which circle a peer is of: it hears what is said to that. Unknown peers are ignored.
    pub fn set_circle(&mut self, now: Instant, peer: PeerId, circle: Option<Circle>) {
        self.now = self.now.max(now);
        let Some(key) = self.peers.key(peer) else { return };
        let Some(listener) = self.peers.at_mut(key) else { return };
        if std::mem::replace(&mut listener.circle, circle) != circle {
            let room = listener.room;
            self.remap_one(room, key);
        }
    }
}

/// What comes in a listener's last audio slot, if it listens to a channel: its voice, or nothing.
pub(super) fn of_channel(listener: &Peer, kind: Kind, key: PeerKey, sources: &[Ranked]) -> Option<Option<SourceKey>> {
    let channel = listener.listens.filter(|_| kind == Kind::Audio)?;
    let voice = sources.iter().find(|source| {
        source.voice == Voice::Channel(channel) && source.key.stream == Stream::Microphone && source.key.peer != key
    });
    Some(voice.map(|source| source.key))
}
