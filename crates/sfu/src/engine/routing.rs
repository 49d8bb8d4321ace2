//! Who sees and hears whom.

use std::time::{Duration, Instant};

use crate::ids::{Kind, PeerId, Role, RoomId, Stream};
use crate::limits::{TICK_INTERVAL, TICKS_PER_SPEAKER};
use crate::mapping::assign;
use crate::room::{Ranked, rank, speaker};
use crate::slot::SourceKey;
use crate::source::Subscriber;
use crate::table::PeerKey;
use crate::timers::Alarm;

use super::{Engine, KINDS};

/// A microphone without packets for so long fades.
const FADES_AFTER: Duration = Duration::from_millis(200);

impl Engine {
    /// Whether media of a room goes to its viewers. It does not until this was called with `true`; with `false` it
    /// stops at once. A room that nobody has joined yet may be routed ahead.
    pub fn set_viewers_routed(&mut self, now: Instant, room: RoomId, routed: bool) {
        self.now = self.now.max(now);
        if !self.rooms.contains_key(&room) && (!routed || self.make_place_for_a_room().is_err()) {
            return;
        }
        self.rooms.entry(room).or_default().viewers_routed = routed;
        self.remap(room);
        self.settle();
    }

    /// Asks every camera of a room for a key frame: the keys have changed. Requests close together become one.
    pub fn request_key_frames(&mut self, now: Instant, room: RoomId) {
        self.now = self.now.max(now);
        for key in self.peers_of(room) {
            self.want_key_frame(SourceKey {
                peer: key,
                stream: Stream::Camera,
            });
        }
        self.settle();
    }

    /// Asks the cameras in a peer's slots for a key frame: the peer has only now the key to them.
    pub fn request_key_frame_for(&mut self, now: Instant, peer: PeerId) {
        self.now = self.now.max(now);
        let peer = self.peers.key(peer).and_then(|key| self.peers.at(key));
        let sources: Vec<SourceKey> = peer
            .into_iter()
            .flat_map(|peer| peer.slotted(Kind::Video))
            .flatten()
            .collect();
        for source in sources {
            self.want_key_frame(source);
        }
        self.settle();
    }

    pub(super) fn want_key_frame(&mut self, wanted: SourceKey) {
        if wanted.stream.kind() != Kind::Video {
            return;
        }
        if let Some(source) = self
            .peers
            .at_mut(wanted.peer)
            .and_then(|peer| peer.source_mut(wanted.stream))
        {
            source.key_frames.want();
            self.mark(wanted.peer);
        }
    }

    fn peers_of(&self, room: RoomId) -> Vec<PeerKey> {
        self.rooms
            .get(&room)
            .into_iter()
            .flat_map(|room| room.peers.values().copied())
            .collect()
    }

    /// The sources of a room that have something to show.
    fn sources_of(&self, room: RoomId) -> Vec<Ranked> {
        let mut sources = Vec::new();
        for key in self.peers_of(room) {
            let Some(peer) = self.peers.at(key).filter(|peer| peer.connected) else {
                continue;
            };
            let loudness_db = peer.source(Stream::Microphone).map_or(0, |source| source.loudness.db());
            for source in peer.sources.iter().filter(|source| source.last_packet.is_some()) {
                sources.push(Ranked {
                    key: SourceKey {
                        peer: key,
                        stream: source.stream,
                    },
                    joined: peer.joined,
                    loudness_db,
                    last_spoke: peer.last_spoke,
                    flows: source.flows(self.now),
                });
            }
        }
        sources
    }

    /// Decides anew what is in the slots of a room. Calling it when nothing has changed changes nothing.
    pub(super) fn remap(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get(&id) else { return };
        let viewers_routed = room.viewers_routed;
        let mut changed = room.subscribers_stale;
        let mut crowded = false;
        let sources = self.sources_of(id);
        for key in self.peers_of(id) {
            let Some(receiver) = self.peers.at(key).filter(|peer| peer.connected) else {
                continue;
            };
            let visible: &[Ranked] = match receiver.role {
                Role::Viewer if !viewers_routed => &[],
                Role::Member | Role::Viewer => &sources,
            };
            for kind in KINDS {
                let Some(receiver) = self.peers.at(key) else { continue };
                let before: Vec<Option<SourceKey>> = receiver.slotted(kind).collect();
                let ranked = rank(visible, kind, key, &before);
                crowded |= ranked.len() > before.len();
                let mut after = before.clone();
                assign(&mut after, &ranked);
                if after != before {
                    changed = true;
                    self.put(key, kind, &after);
                }
            }
        }
        if changed {
            self.subscribe(id);
        }
        if let Some(room) = self.rooms.get_mut(&id) {
            room.crowded = crowded;
            room.subscribers_stale = false;
        }
    }

    /// Puts sources into a receiver's slots of one kind and asks the new cameras for a key frame.
    fn put(&mut self, receiver: PeerKey, kind: Kind, sources: &[Option<SourceKey>]) {
        let Some(peer) = self.peers.at_mut(receiver) else {
            return;
        };
        let mut wanted = Vec::new();
        let slots = peer.slots.iter_mut().filter(|slot| slot.kind == kind);
        for (slot, source) in slots.zip(sources).filter(|(slot, source)| slot.source != **source) {
            slot.assign(*source);
            if slot.waits_for_key_frame() {
                wanted.extend(*source);
            }
        }
        self.slots_changed.insert(peer.id);
        for source in wanted {
            self.want_key_frame(source);
        }
    }

    /// Makes the lists of subscribers of a room's sources from what is in the slots.
    fn subscribe(&mut self, room: RoomId) {
        let keys = self.peers_of(room);
        for key in &keys {
            let Some(peer) = self.peers.at_mut(*key) else { continue };
            for source in &mut peer.sources {
                source.subscribers.clear();
            }
        }
        for key in keys {
            let Some(peer) = self.peers.at(key) else { continue };
            let taken: Vec<(usize, SourceKey)> = peer
                .slots
                .iter()
                .enumerate()
                .filter_map(|(at, slot)| Some((at, slot.source?)))
                .collect();
            for (slot, source) in taken {
                let source = self
                    .peers
                    .at_mut(source.peer)
                    .and_then(|peer| peer.source_mut(source.stream));
                if let Some(source) = source {
                    source.subscribers.push(Subscriber { peer: key, slot });
                }
            }
        }
    }

    /// The room's alarm: who speaks, and does loudness move anybody into or out of a slot.
    pub(super) fn tick(&mut self, id: RoomId) {
        for key in self.peers_of(id) {
            let microphone = self
                .peers
                .at_mut(key)
                .and_then(|peer| peer.source_mut(Stream::Microphone));
            if let Some(source) = microphone
                && source
                    .last_packet
                    .is_none_or(|last| self.now.saturating_duration_since(last) > FADES_AFTER)
            {
                source.loudness.fade();
            }
        }
        let sources = self.sources_of(id);
        let Some(room) = self.rooms.get_mut(&id) else { return };
        room.ticks = room.ticks.wrapping_add(1);
        if room.ticks.is_multiple_of(TICKS_PER_SPEAKER) {
            room.speaker = speaker(&sources, room.speaker);
            if let Some(peer) = room.speaker.and_then(|key| self.peers.at_mut(key)) {
                peer.last_spoke = Some(self.now);
            }
        }
        room.ticking = sources
            .iter()
            .any(|source| source.flows && source.key.stream == Stream::Microphone);
        if room.ticking {
            self.timers.arm(Alarm::Room(id), self.now + TICK_INTERVAL);
        }
        if room.crowded {
            self.remap(id);
        }
    }
}
