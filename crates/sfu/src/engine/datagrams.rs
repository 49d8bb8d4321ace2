//! Datagrams in, and driving connections until all is quiet.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::Input;
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::Ssrc;

use crate::claim::ssrc_of;
use crate::demux::{CheckId, Family, answered_check_of, checked_ufrag, family};
use crate::error::LossReason;
use crate::limits::{ADDRESS_QUIET, DATAGRAM_BYTES_MAX};
use crate::peer::Came;
use crate::table::PeerKey;
use crate::timers::Alarm;

use super::{Engine, Event, Measured};

impl Engine {
    /// Takes in one datagram and does all that follows from it. Nothing a datagram contains is an error for the caller:
    /// what is not wanted is dropped and counted.
    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) {
        self.take_datagram(now, source, destination, datagram);
        self.settle();
    }

    /// Takes in one of several datagrams that came together, of which the last is followed by [`Engine::settle`]. Until
    /// then what is forwarded waits, so that a receiver's connection is driven once for all of them and not once for
    /// each.
    pub fn take_datagram(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) {
        self.now = self.now.max(now);
        self.counters.datagrams_in += 1;
        let kind = family(datagram);
        if kind == Family::Foreign || datagram.len() > DATAGRAM_BYTES_MAX {
            self.counters.dropped.not_media += 1;
            return;
        }
        let Ok(contents) = DatagramRecv::try_from(datagram) else {
            self.counters.dropped.not_media += 1;
            return;
        };
        let destination = self.candidate_for(destination);
        let input = Input::Receive(
            self.now,
            Receive {
                proto: Protocol::Udp,
                source,
                destination,
                contents,
            },
        );
        let key = match kind {
            Family::Stun => match answered_check_of(datagram) {
                Some(check) => self.answered(source, check, &input),
                None => self.checked(source, datagram, &input),
            },
            Family::Secured | Family::Foreign => {
                let owner = self.demux.owner(source);
                self.counters.dropped.unknown_address += u64::from(owner.is_none());
                owner
            }
        };
        let Some(key) = key else { return };
        let stranger = ssrc_of(datagram).filter(|ssrc| self.peers.at(key).is_some_and(|peer| !peer.knows(*ssrc)));
        match stranger {
            None => self.drive(key, Some(Came { input, datagram })),
            Some(ssrc) => self.drive_by_stranger(key, ssrc, Came { input, datagram }),
        }
    }

    /// The same under an SSRC of which nothing true has come yet: nobody knows whether this is.
    fn drive_by_stranger(&mut self, key: PeerKey, ssrc: Ssrc, came: Came<'_>) {
        if !self.peers.at(key).is_some_and(|peer| peer.may_begin(came.datagram)) {
            self.counters.dropped.foreign_stream += 1;
            return;
        }
        let before = self.counters.packets_in;
        self.drive(key, Some(came));
        if self.counters.packets_in > before
            && let Some(peer) = self.peers.at_mut(key)
        {
            peer.has_begun(ssrc);
        }
    }

    /// Whether an address belongs to a peer of this engine.
    pub fn owns(&self, source: SocketAddr) -> bool {
        self.demux.owner(source).is_some()
    }

    /// Another engine behind the same port has taken this address on: it is ours no more, unless its peer was heard of late.
    pub fn give_up_address(&mut self, now: Instant, source: SocketAddr) {
        self.now = self.now.max(now);
        let Some(owner) = self.demux.owner(source) else { return };
        let quiet = self
            .peers
            .at(owner)
            .is_none_or(|peer| self.now.saturating_duration_since(peer.last_heard) >= ADDRESS_QUIET);
        if quiet {
            self.demux.disown(source, owner);
        }
    }

    /// The candidate at which a datagram counts as arrived: ICE takes none at an address it did not give out.
    fn candidate_for(&self, destination: SocketAddr) -> SocketAddr {
        let candidates = &self.config.candidates;
        if candidates.contains(&destination) {
            return destination;
        }
        let same_family = candidates
            .iter()
            .find(|candidate| candidate.is_ipv4() == destination.is_ipv4());
        same_family.or(candidates.first()).copied().unwrap_or(destination)
    }

    /// The peer a STUN check is for. Its first check from an address makes the address its own.
    fn checked(&mut self, source: SocketAddr, datagram: &[u8], input: &Input<'_>) -> Option<PeerKey> {
        let Some(key) = checked_ufrag(datagram).and_then(|ufrag| self.demux.named(&ufrag)) else {
            self.counters.dropped.unknown_check += 1;
            return None;
        };
        let owner = self.demux.owner(source);
        if owner == Some(key) {
            return Some(key);
        }
        if !self.peers.at(key)?.rtc.accepts(input) {
            self.counters.dropped.unknown_check += 1;
            return None;
        }
        if let Some(owner) = owner.and_then(|owner| self.peers.at(owner))
            && self.now.saturating_duration_since(owner.last_heard) < ADDRESS_QUIET
        {
            self.counters.dropped.address_taken += 1;
            return None;
        }
        self.demux.own(source, key);
        if let Some(forgotten) = self.peers.at_mut(key)?.addresses.add(self.now, source) {
            self.demux.disown(forgotten, key);
        }
        Some(key)
    }

    /// The peer from whose address a check of ours was answered.
    fn answered(&mut self, source: SocketAddr, check: CheckId, input: &Input<'_>) -> Option<PeerKey> {
        let owner = self.demux.owner(source);
        let peer = owner.and_then(|owner| self.peers.at_mut(owner));
        let Some(peer) = peer.filter(|peer| peer.rtc.accepts(input)) else {
            self.counters.dropped.unknown_check += 1;
            return None;
        };
        peer.addresses.agree(source, check);
        owner
    }

    /// Drives every connection that was written to, until none is left. [`Engine::poll_output`] does the same as it is
    /// asked for more.
    pub fn settle(&mut self) {
        while self.settle_some(usize::MAX) {}
    }

    /// As [`Engine::settle`], but stops when about so many datagrams wait to be fetched, for a caller that sends while
    /// there is more to do. Gives whether something is left.
    pub fn settle_some(&mut self, transmits: usize) -> bool {
        while let Some(key) = self.turns.next() {
            if self.transmits.len() >= transmits {
                return true;
            }
            self.drive(key, None);
        }
        self.bound_transmits();
        false
    }

    /// Feeds one connection, or lets out what waits in it, and acts on what comes out.
    fn drive(&mut self, key: PeerKey, came: Option<Came<'_>>) {
        let now = self.now;
        self.turns.taken(key);
        let Some(peer) = self.peers.at_mut(key) else { return };
        let source = match &came {
            Some(Came {
                input: Input::Receive(_, receive),
                ..
            }) => Some(receive.source),
            _ => None,
        };
        let patience = if peer.connected {
            self.config.silence_timeout
        } else {
            self.config.connect_timeout
        };
        // A peer that connects counts from its joining, whatever it sends.
        let since = if peer.connected {
            peer.last_heard
        } else {
            peer.joined_at
        };
        let gone_at = since + patience;
        if now >= gone_at {
            let why = if peer.connected {
                LossReason::Silent
            } else {
                LossReason::ConnectTimeout
            };
            return self.lose(key, why);
        }
        let mut seen = std::mem::take(&mut self.seen);
        let outcome = peer.drive(now, came, &mut self.transmits, &mut seen);
        let (id, room) = (peer.id, peer.room);
        // What anybody can send in its name says nothing of it (RFC 7675 §5.1).
        if std::mem::take(&mut seen.alive)
            && let Some(source) = source
        {
            peer.last_heard = now;
            peer.addresses.hear(now, source);
        }
        match outcome {
            Ok(at) => {
                let at = at.min(gone_at);
                peer.wakes_at = at;
                self.timers.arm(Alarm::Peer(key), at);
            }
            Err(why) => {
                self.lose(key, why);
                seen = Default::default();
            }
        }
        self.counters.key_frame_requests += std::mem::take(&mut seen.key_frames_asked);
        if std::mem::take(&mut seen.connected) {
            if let Some(peer) = self.peers.at_mut(key) {
                peer.connected_at = Some(now);
            }
            self.events.push_back(Event::Connected { peer: id });
            self.slots_changed.insert(id);
            self.remap(room);
        }
        for slot in seen.key_frames_wanted.drain(..) {
            self.want_key_frames_in(key, slot);
        }
        let measured = std::mem::take(&mut seen.measured);
        if measured != Measured::default() {
            self.measured(key, measured);
        }
        for packet in seen.packets.drain(..) {
            self.forward(key, packet);
        }
        self.seen = seen;
    }
}
