//! From a datagram's source address to its peer.
//!
//! An address belongs to the peer that proved it with a STUN check: user name and message integrity of the answer's
//! ICE credentials. Everything else from an address without an owner is dropped.

use std::collections::HashMap;
use std::net::SocketAddr;

use str0m::ice::StunMessage;

use crate::table::PeerKey;

/// Owners of addresses and of ICE user name fragments. The maps are for look-ups only, never walked.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    addresses: HashMap<SocketAddr, PeerKey>,
    ufrags: HashMap<String, PeerKey>,
}

/// What a datagram is, by its first byte (RFC 7983 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Stun,
    Secured,
    Foreign,
}

/// Sorts a datagram without reading further than its first byte.
pub(crate) fn family(datagram: &[u8]) -> Family {
    match datagram.first() {
        Some(0..=3) => Family::Stun,
        // DTLS, and RTP with RTCP.
        Some(20..=63 | 128..=191) => Family::Secured,
        _ => Family::Foreign,
    }
}

/// Our half of the user name of a STUN binding request.
pub(crate) fn checked_ufrag(datagram: &[u8]) -> Option<String> {
    let message = StunMessage::parse(datagram).ok()?;
    if !message.is_binding_request() {
        return None;
    }
    message.split_username().map(|(ours, _theirs)| ours.to_owned())
}

impl Demux {
    pub(crate) fn owner(&self, address: SocketAddr) -> Option<PeerKey> {
        self.addresses.get(&address).copied()
    }

    pub(crate) fn named(&self, ufrag: &str) -> Option<PeerKey> {
        self.ufrags.get(ufrag).copied()
    }

    pub(crate) fn name(&mut self, ufrag: String, key: PeerKey) {
        self.ufrags.insert(ufrag, key);
    }

    pub(crate) fn own(&mut self, address: SocketAddr, key: PeerKey) {
        self.addresses.insert(address, key);
    }

    pub(crate) fn forget_name(&mut self, ufrag: &str) {
        self.ufrags.remove(ufrag);
    }

    /// Forgets an address, unless it has passed to somebody else.
    pub(crate) fn disown(&mut self, address: SocketAddr, key: PeerKey) {
        if self.owner(address) == Some(key) {
            self.addresses.remove(&address);
        }
    }
}
