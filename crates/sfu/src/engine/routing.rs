//! Who sees and hears whom.

use std::time::{Duration, Instant};

use crate::ids::{Kind, PeerId, Role, RoomId, Stream};
use crate::limits::{TICK_INTERVAL, TICKS_PER_SPEAKER};
use crate::mapping::{Place, assign_placed};
use crate::peer::Peer;
use crate::room::{Ranked, rank, speaker};
use crate::slot::SourceKey;
use crate::source::Subscriber;
use crate::table::PeerKey;
use crate::timers::Alarm;

use super::channels::of_channel;
use super::{Engine, KINDS};

/// A microphone without packets for so long fades.
const FADES_AFTER: Duration = Duration::from_millis(200);

/// What is done to the list of a layer.
#[derive(Debug, Clone, Copy)]
enum Listing {
    On,
    Off,
}

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
        // What was written to viewers before goes out before this returns, and nothing after.
        self.settle();
    }

    /// Asks every camera of a room for a key frame: the keys have changed. Requests close together become one.
    pub fn request_key_frames(&mut self, now: Instant, room: RoomId) {
        self.now = self.now.max(now);
        for key in self.peers_of(room) {
            for stream in [Stream::Camera, Stream::Screen] {
                let Some(source) = self.peers.at(key).and_then(|peer| peer.source(stream)) else {
                    continue;
                };
                let taken = (0..source.layers.len()).filter(|at| {
                    *at == 0
                        || source
                            .layers
                            .get(*at)
                            .is_some_and(|layer| !layer.subscribers.is_empty())
                });
                for layer in taken.collect::<Vec<_>>() {
                    self.want_key_frame(SourceKey { peer: key, stream }, layer);
                }
            }
        }
    }

    /// Asks the cameras in a peer's slots for a key frame: the peer has only now the key to them.
    pub fn request_key_frame_for(&mut self, now: Instant, peer: PeerId) {
        self.now = self.now.max(now);
        if let Some(key) = self.peers.key(peer) {
            let slots = self.peers.at(key).map_or(0, |peer| peer.slots.len());
            for slot in 0..slots {
                self.want_key_frames_in(key, slot);
            }
        }
    }

    /// Asks for a key frame of every layer that a slot takes.
    pub(super) fn want_key_frames_in(&mut self, receiver: PeerKey, slot: usize) {
        let Some(slot) = self.peers.at(receiver).and_then(|peer| peer.slots.get(slot)) else {
            return;
        };
        let Some(source) = slot.source else { return };
        for layer in slot.takes().collect::<Vec<_>>() {
            self.want_key_frame(source, layer);
        }
    }

    /// Asks for a key frame of one layer.
    pub(super) fn want_key_frame(&mut self, wanted: SourceKey, layer: usize) {
        if wanted.stream.kind() != Kind::Video {
            return;
        }
        if let Some(layer) = self
            .peers
            .at_mut(wanted.peer)
            .and_then(|peer| peer.source_mut(wanted.stream))
            .and_then(|source| source.layers.get_mut(layer))
        {
            layer.key_frames.want();
            self.mark(wanted.peer);
        }
    }

    pub(super) fn peers_of(&self, room: RoomId) -> Vec<PeerKey> {
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
            let sends = |peer: &&Peer| peer.connected && peer.role == Role::Member;
            let Some(peer) = self.peers.at(key).filter(sends) else {
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
                    voice: peer.voice,
                });
            }
        }
        sources
    }

    /// Decides anew what is in the slots of a room. Calling it when nothing has changed changes nothing.
    pub(super) fn remap(&mut self, id: RoomId) {
        if !self.rooms.contains_key(&id) {
            return;
        }
        let sources = self.sources_of(id);
        if self.rooms.get(&id).is_some_and(|room| room.subscribers_stale) {
            self.subscribe(id);
        }
        let mut crowded = false;
        for key in self.peers_of(id) {
            crowded |= self.map_receiver(id, key, &sources);
        }
        if let Some(room) = self.rooms.get_mut(&id) {
            room.crowded = crowded;
        }
    }

    /// The same for one receiver, whose wishes have changed.
    pub(super) fn remap_one(&mut self, id: RoomId, key: PeerKey) {
        let sources = self.sources_of(id);
        let crowded = self.map_receiver(id, key, &sources);
        if let Some(room) = self.rooms.get_mut(&id) {
            room.crowded |= crowded;
        }
    }

    /// Decides what is in the slots of one receiver. Gives whether there are more sources than slots for it.
    fn map_receiver(&mut self, room: RoomId, key: PeerKey, sources: &[Ranked]) -> bool {
        let viewers_routed = self.rooms.get(&room).is_some_and(|room| room.viewers_routed);
        let Some(receiver) = self.peers.at(key).filter(|peer| peer.connected) else {
            return false;
        };
        let visible: &[Ranked] = match receiver.role {
            Role::Viewer if !viewers_routed => &[],
            Role::Waiting => &[],
            Role::Member | Role::Viewer => sources,
        };
        let (mut changed, mut crowded) = (false, false);
        for kind in KINDS {
            let Some(receiver) = self.peers.at(key) else { continue };
            let before: Vec<Option<SourceKey>> = receiver.slotted(kind).collect();
            let first = receiver.first.and_then(|first| self.peers.key(first));
            let ranked = rank(visible, kind, key, first, receiver.circle, &before);
            let channel = of_channel(receiver, kind, key, visible);
            let mut places = self.places(receiver, kind, &ranked);
            if let (Some(_), Some(last)) = (channel, places.last_mut()) {
                *last = Place::Off;
            }
            crowded |= ranked.len() > places.iter().filter(|place| **place != Place::Off).count();
            let mut after = before.clone();
            assign_placed(&mut after, &places, &ranked);
            if let (Some(voice), Some(last)) = (channel, after.last_mut()) {
                *last = voice;
            }
            if after != before {
                changed = true;
                self.put(key, kind, &after);
            }
        }
        if changed {
            self.allocate(key);
        }
        crowded
    }

    /// What a receiver has asked of its slots, as far as there is something to show for it.
    fn places(&self, receiver: &Peer, kind: Kind, ranked: &[SourceKey]) -> Vec<Place<SourceKey>> {
        let slots = receiver.slots.iter().filter(|slot| slot.kind == kind);
        slots
            .map(|slot| {
                if slot.wish.height == 0 {
                    return Place::Off;
                }
                let pinned = slot.wish.pin.and_then(|peer| self.peers.key(peer));
                // Whoever shows a screen is seen by it; the camera follows in rank.
                let source = ranked.iter().find(|source| Some(source.peer) == pinned);
                source.map_or(Place::Free, |source| Place::Pinned(*source))
            })
            .collect()
    }

    /// Puts sources into a receiver's slots of one kind. Sound is taken up at once, pictures when they are given layers.
    fn put(&mut self, receiver: PeerKey, kind: Kind, sources: &[Option<SourceKey>]) {
        let Some(peer) = self.peers.at_mut(receiver) else {
            return;
        };
        let mut changes: Vec<(SourceKey, usize, Subscriber, Listing)> = Vec::new();
        let slots = peer.slots.iter_mut().enumerate().filter(|(_, slot)| slot.kind == kind);
        for ((at, slot), source) in slots.zip(sources).filter(|((_, slot), source)| slot.source != **source) {
            let subscriber = Subscriber {
                peer: receiver,
                slot: at,
            };
            if let Some(before) = slot.source {
                changes.extend(slot.takes().map(|layer| (before, layer, subscriber, Listing::Off)));
            }
            slot.assign(*source);
            if let Some(after) = *source {
                changes.extend(slot.takes().map(|layer| (after, layer, subscriber, Listing::On)));
            }
        }
        self.slots_changed.insert(peer.id);
        for (source, layer, subscriber, listing) in changes {
            let source = self
                .peers
                .at_mut(source.peer)
                .and_then(|peer| peer.source_mut(source.stream));
            match (source, listing) {
                (Some(source), Listing::On) => source.subscribe(layer, subscriber),
                (Some(source), Listing::Off) => source.unsubscribe(layer, subscriber),
                (None, _) => {}
            }
        }
    }

    /// Makes the lists of subscribers of a room's sources from what is in the slots: somebody has gone, and keys are used
    /// again.
    fn subscribe(&mut self, room: RoomId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.subscribers_stale = false;
        }
        let keys = self.peers_of(room);
        for key in &keys {
            let Some(peer) = self.peers.at_mut(*key) else { continue };
            for source in &mut peer.sources {
                source.layers.iter_mut().for_each(|layer| layer.subscribers.clear());
            }
        }
        for key in keys {
            let Some(peer) = self.peers.at(key) else { continue };
            let slots = peer.slots.iter().enumerate();
            let taken: Vec<(usize, SourceKey, usize)> = slots
                .filter_map(|(at, slot)| Some((at, slot, slot.source?)))
                .flat_map(|(at, slot, source)| slot.takes().map(move |layer| (at, source, layer)))
                .collect();
            for (slot, source, layer) in taken {
                let source = self
                    .peers
                    .at_mut(source.peer)
                    .and_then(|peer| peer.source_mut(source.stream));
                if let Some(source) = source {
                    // The lists were empty and no slot takes a layer twice: no need to look.
                    if let Some(layer) = source.layers.get_mut(layer) {
                        layer.subscribers.push(Subscriber { peer: key, slot });
                    }
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
        let mut turned = false;
        let Some(room) = self.rooms.get_mut(&id) else { return };
        room.ticks = room.ticks.wrapping_add(1);
        if room.ticks.is_multiple_of(TICKS_PER_SPEAKER) {
            let before = room.speaker;
            room.speaker = speaker(&sources, room.speaker);
            turned = room.speaker != before;
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
        if turned {
            self.allocate_all(id);
        }
    }
}
