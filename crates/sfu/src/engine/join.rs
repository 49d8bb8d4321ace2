//! Coming and going.

use std::time::Instant;

use crate::addresses::Addresses;
use crate::again::Again;
use crate::answer::{Accepted, accept};
use crate::error::{JoinRefusal, LossReason};
use crate::ids::{Channel, Circle, PeerId, Role, RoomId, Voice};
use crate::offer;
use crate::outlet::Outlet;
use crate::peer::Peer;
use crate::table::PeerKey;
use crate::timers::Alarm;

use super::{Egress, Engine, Event};

impl Engine {
    /// Takes a peer's one offer and gives the answer.
    ///
    /// A member's offer has one `sendonly` audio line, one `sendonly` video line (the camera, perhaps with simulcast,
    /// smallest layer first), perhaps a second one (the screen) and any number, within the limits, of `recvonly` lines,
    /// its slots; a viewer's has only the last. Opus and VP8 with RTX must be on every line of their kind. Candidates in
    /// the offer are not needed and not read; the answer has all of the engine's.
    ///
    /// A peer that is already here is replaced, silently: it has come back over a new connection, is heard where it was and
    /// listens to what it did. If the new offer is refused, the old connection stays.
    pub fn join(
        &mut self,
        now: Instant,
        room: RoomId,
        peer: PeerId,
        role: Role,
        offer_sdp: &str,
    ) -> Result<String, JoinRefusal> {
        self.now = self.now.max(now);
        let before = self.peers.key(peer);
        self.check_room(room, role, before)?;
        let shape = offer::read(offer_sdp, role, &self.config)?;
        let accepted = accept(self.now, shape, &self.config)?;
        let tuned = before
            .and_then(|before| self.peers.at(before))
            .map(|peer| (peer.voice, peer.listens, peer.circle));
        if let Some(before) = before {
            self.remove(before);
        }
        Ok(self.admit(room, peer, role, accepted, tuned.unwrap_or_default()))
    }

    /// Makes a member of a peer that waited. Others are ignored.
    pub fn let_in(&mut self, now: Instant, peer: PeerId) {
        self.now = self.now.max(now);
        let Some(key) = self.peers.key(peer) else { return };
        let Some(waiting) = self.peers.at_mut(key).filter(|peer| peer.role == Role::Waiting) else {
            return;
        };
        waiting.role = Role::Member;
        let room = waiting.room;
        self.slots_changed.insert(peer);
        self.remap(room);
        self.keep_reviewing(room);
    }

    /// Takes a peer out. Unknown peers are ignored; no event follows.
    pub fn leave(&mut self, now: Instant, peer: PeerId) {
        self.now = self.now.max(now);
        let Some(key) = self.peers.key(peer) else { return };
        if let Some(gone) = self.peers.at_mut(key) {
            gone.close(self.now, &mut self.transmits);
        }
        self.remove(key);
    }

    /// Takes out everybody of a room and forgets it, with its counters.
    pub fn close_room(&mut self, now: Instant, room: RoomId) {
        let peers: Vec<PeerId> = self
            .rooms
            .get(&room)
            .into_iter()
            .flat_map(|room| room.peers.keys().copied())
            .collect();
        for peer in peers {
            self.leave(now, peer);
        }
        self.rooms.remove(&room);
        self.timers.disarm(Alarm::Room(room));
        self.timers.disarm(Alarm::Layers(room));
    }

    fn check_room(&mut self, id: RoomId, role: Role, before: Option<PeerKey>) -> Result<(), JoinRefusal> {
        if before.is_none() && self.peers.len() >= self.config.peers_max {
            return Err(JoinRefusal::EngineFull);
        }
        // Who is in and makes its connection anew is no newcomer.
        if before.is_none() && !self.overload.admits(role) {
            return Err(JoinRefusal::Overloaded);
        }
        let Some(room) = self.rooms.get(&id) else {
            return self.make_place_for_a_room();
        };
        if role == Role::Viewer {
            return Ok(());
        }
        let others = room.peers.values().filter(|key| Some(**key) != before);
        let members = others
            .filter(|key| self.peers.at(**key).is_some_and(|peer| peer.role != Role::Viewer))
            .count();
        if members >= self.config.members_per_room_max {
            Err(JoinRefusal::RoomFull)
        } else {
            Ok(())
        }
    }

    pub(super) fn make_place_for_a_room(&mut self) -> Result<(), JoinRefusal> {
        if self.rooms.len() >= self.config.rooms_max {
            self.rooms
                .retain(|_, room| room.viewers_routed || !room.peers.is_empty());
        }
        if self.rooms.len() >= self.config.rooms_max {
            Err(JoinRefusal::EngineFull)
        } else {
            Ok(())
        }
    }

    fn admit(
        &mut self,
        room: RoomId,
        id: PeerId,
        role: Role,
        accepted: Accepted,
        (voice, listens, circle): (Voice, Option<Channel>, Option<Circle>),
    ) -> String {
        self.joins += 1;
        let outlet = Outlet::new(self.now, accepted.tap, accepted.lanes, self.config.bandwidth);
        let key = self.peers.insert(Peer {
            id,
            room,
            role,
            joined_at: self.now,
            joined: self.joins,
            rtc: accepted.rtc,
            names: accepted.names,
            ufrag: accepted.ufrag.clone(),
            addresses: Addresses::default(),
            sources: accepted.sources,
            slots: accepted.slots,
            voice,
            listens,
            circle,
            first: None,
            egress: Egress::default(),
            again: Again::default(),
            outlet,
            remote: None,
            last_heard: self.now,
            connected: false,
            connected_at: None,
            last_spoke: None,
            stirred: true,
            wants: self.now,
            wakes_at: self.now,
        });
        self.demux.name(accepted.ufrag, key);
        self.rooms.entry(room).or_default().peers.insert(id, key);
        self.mark(key);
        accepted.answer
    }

    /// Removes a peer and tells why it is gone.
    pub(super) fn lose(&mut self, key: PeerKey, why: LossReason) {
        let Some(peer) = self.peers.at(key).map(|peer| peer.id) else {
            return;
        };
        self.remove(key);
        self.events.push_back(Event::Lost { peer, why });
    }

    /// Removes every trace of a peer, waiting events included.
    fn remove(&mut self, key: PeerKey) {
        let Some(peer) = self.peers.remove(key) else { return };
        self.turns.taken(key);
        self.demux.forget_name(&peer.ufrag);
        for address in peer.addresses.iter() {
            self.demux.disown(address, key);
        }
        self.timers.disarm(Alarm::Peer(key));
        self.slots_changed.remove(&peer.id);
        self.layers_changed.remove(&peer.id);
        self.events.retain(|event| match event {
            Event::Connected { peer: id }
            | Event::Lost { peer: id, .. }
            | Event::Slots { peer: id, .. }
            | Event::Layers { peer: id, .. } => *id != peer.id,
        });
        if let Some(room) = self.rooms.get_mut(&peer.room) {
            room.peers.remove(&peer.id);
            room.subscribers_stale = true;
            if room.speaker == Some(key) {
                room.speaker = None;
            }
        }
        self.remap(peer.room);
    }
}
