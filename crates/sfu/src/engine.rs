//! The engine: what the outside calls, and what it gets back.

mod allocate;
mod channels;
mod datagrams;
mod egress;
mod forward;
mod join;
mod load;
mod routing;
mod turns;

pub(crate) use egress::{Egress, Measured};
use turns::Turns;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::counters::{Counters, RoomCounters};
use crate::demux::Demux;
use crate::error::LossReason;
use crate::ids::{Kind, PeerId, Role, RoomId, Source, Stream};
use crate::layers::Layer;
use crate::limits::{EngineConfig, TRANSMITS_WAITING_MAX};
use crate::outgoing::Outgoing;
use crate::overload::Overload;
use crate::peer::Seen;
use crate::room::Room;
use crate::slot::SourceKey;
use crate::table::{PeerKey, PeerTable};
use crate::timers::{Alarm, Timers};

/// What the engine wants of its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes there.
    Transmit {
        /// The peer's address.
        destination: SocketAddr,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Something the signalling must know.
    Event(Event),
    /// Nothing more until this instant, or until the next call.
    Timeout(Instant),
}

/// Something the signalling must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A peer finished ICE and DTLS. Media flows from here on.
    Connected {
        /// Which.
        peer: PeerId,
    },
    /// A peer is gone without having left.
    Lost {
        /// Which.
        peer: PeerId,
        /// Why.
        why: LossReason,
    },
    /// What a peer's slots carry from now on. Only the latest state of a peer is told.
    Slots {
        /// Whose slots.
        peer: PeerId,
        /// Every slot by the `mid` of its media line, in the order of the offer.
        slots: Vec<(String, Option<Source>)>,
    },
    /// Which layers of a peer's camera are to be sent: the others nobody takes. Only the latest state of a peer is told,
    /// and nothing as long as all are to be sent.
    Layers {
        /// Whose camera.
        peer: PeerId,
        /// For each layer, smallest first, whether it is to be sent.
        wanted: Vec<bool>,
    },
}

/// The forwarding engine. After every call, fetch [`Engine::poll_output`] until it gives [`Output::Timeout`]. A caller that
/// sends in batches takes in what there is ([`Engine::take_datagram`], [`Engine::take_timeout`]), lets a part of what
/// follows from it be done ([`Engine::settle_some`]), fetches it ([`Engine::poll_transmit`]) and begins again.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
    rooms: BTreeMap<RoomId, Room>,
    peers: PeerTable,
    demux: Demux,
    timers: Timers,
    transmits: Outgoing,
    events: VecDeque<Event>,
    /// Peers to be told about their slots.
    slots_changed: BTreeSet<PeerId>,
    /// Peers to be told which layers to send.
    layers_changed: BTreeSet<PeerId>,
    /// Peers whose connection was written to and waits to be driven.
    turns: Turns,
    overload: Overload,
    seen: Seen,
    /// Empty between calls: alarms that are going off.
    due: Vec<Alarm>,
    counters: Counters,
    joins: u64,
    now: Instant,
}

impl Engine {
    /// An engine without peers.
    ///
    /// It builds and drops one connection: the first in a process gathers entropy for tens of milliseconds, which
    /// would otherwise be the first peer's.
    pub fn new(config: EngineConfig, now: Instant) -> Self {
        drop(crate::answer::connection(now));
        Engine {
            config,
            rooms: BTreeMap::new(),
            peers: PeerTable::default(),
            demux: Demux::default(),
            timers: Timers::new(now),
            transmits: Outgoing::default(),
            events: VecDeque::new(),
            slots_changed: BTreeSet::new(),
            layers_changed: BTreeSet::new(),
            turns: Turns::default(),
            overload: Overload::default(),
            seen: Seen::default(),
            due: Vec::new(),
            counters: Counters::default(),
            joins: 0,
            now,
        }
    }

    /// Lets the connections do what is due. Call it when the last [`Output::Timeout`] is reached; earlier does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.take_timeout(now);
        self.settle();
    }

    /// As [`Engine::handle_timeout`], but what is due waits its turn, for a caller that sends while there is more to do.
    pub fn take_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        // Whoever is set again while this lasts is due later: the present is over.
        let mut due = std::mem::take(&mut self.due);
        due.extend(std::iter::from_fn(|| self.timers.pop(self.now)));
        for alarm in due.drain(..) {
            match alarm {
                Alarm::Peer(key) => self.wake(key),
                Alarm::Room(room) => self.tick(room),
                Alarm::Layers(room) => self.review(room),
            }
        }
        self.due = due;
    }

    /// A peer's alarm. Packets may have driven its connection since the alarm was set: then it is only set anew.
    fn wake(&mut self, key: PeerKey) {
        match self.peers.at(key).map(|peer| peer.wakes_at) {
            Some(at) if at > self.now => self.timers.arm(Alarm::Peer(key), at),
            Some(_) => self.turns.wait(self.now, key),
            None => {}
        }
    }

    /// The next thing for the caller to do.
    pub fn poll_output(&mut self) -> Output {
        while self.transmits.is_empty() && self.settle_some(1) {}
        if let Some((destination, bytes)) = self.poll_transmit() {
            return Output::Transmit { destination, bytes };
        }
        if let Some(event) = self.poll_event() {
            return Output::Event(event);
        }
        Output::Timeout(self.next_timeout())
    }

    /// The next datagram to send, if any. For a caller that sends in batches.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        let transmit = self.transmits.pop_front()?;
        self.counters.datagrams_out += 1;
        Some((transmit.destination, transmit.bytes))
    }

    /// Takes back the memory of a datagram that has been sent, for one that will be. Who does not give it back loses nothing
    /// but time.
    pub fn give_back(&mut self, bytes: Vec<u8>) {
        self.transmits.give_back(bytes);
    }

    /// The next event, if any. Events wait: a peer has at most one of each kind waiting.
    pub fn poll_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        while let Some(id) = self.slots_changed.pop_first() {
            if let Some(peer) = self.peers.key(id).and_then(|key| self.peers.at(key)) {
                let slots = peer
                    .slots
                    .iter()
                    .map(|slot| (slot.mid.clone(), self.source_name(slot.source)))
                    .collect();
                return Some(Event::Slots { peer: id, slots });
            }
        }
        while let Some(id) = self.layers_changed.pop_first() {
            let peer = self.peers.key(id).and_then(|key| self.peers.at(key));
            if let Some(camera) = peer.and_then(|peer| peer.source(Stream::Camera)) {
                let wanted = camera.layers.iter().map(Layer::is_wanted).collect();
                return Some(Event::Layers { peer: id, wanted });
            }
        }
        None
    }

    /// When [`Engine::handle_timeout`] wants to be called, if nothing else happens before.
    pub fn next_timeout(&self) -> Instant {
        self.timers.next().unwrap_or(self.now + Duration::from_secs(3600))
    }

    /// Totals since the engine was made.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// What was forwarded in a room, if the room is known.
    pub fn room_counters(&self, room: RoomId) -> Option<RoomCounters> {
        let room = self.rooms.get(&room)?;
        let peers = room.peers.values().filter_map(|key| self.peers.at(*key));
        let mut counters = room.counters;
        for peer in peers {
            match peer.role {
                Role::Member => counters.members += 1,
                Role::Viewer => counters.viewers += 1,
                Role::Waiting => {}
            }
        }
        Some(counters)
    }

    /// What the slots of a connected or connecting peer carry, by `mid`.
    pub fn slots(&self, peer: PeerId) -> Vec<(String, Option<Source>)> {
        let peer = self.peers.key(peer).and_then(|key| self.peers.at(key));
        let slots = peer.into_iter().flat_map(|peer| &peer.slots);
        slots
            .map(|slot| (slot.mid.clone(), self.source_name(slot.source)))
            .collect()
    }

    fn source_name(&self, source: Option<SourceKey>) -> Option<Source> {
        let source = source?;
        let peer = self.peers.at(source.peer)?.id;
        Some(Source {
            peer,
            stream: source.stream,
        })
    }

    /// Puts a peer on the list of those whose connection is to be driven.
    fn mark(&mut self, key: PeerKey) {
        if let Some(peer) = self.peers.at_mut(key) {
            peer.stirred = true;
            self.turns.wait(self.now, key);
        }
    }

    /// Bounds what waits for the caller. The oldest go first: late media is worth least.
    fn bound_transmits(&mut self) {
        let excess = self.transmits.keep_newest(TRANSMITS_WAITING_MAX);
        self.counters.dropped.not_fetched += excess as u64;
    }
}

const KINDS: [Kind; 2] = [Kind::Audio, Kind::Video];
