//! From a datagram's source address to its peer.
//!
//! An address belongs to the peer that proved it with a STUN check: user name and message integrity of the answer's
//! ICE credentials. Everything else from an address without an owner is dropped. That something belongs to a peer does not
//! make it a place to send media to: for that, a check of our own must have been answered from there.

use std::collections::HashMap;
use std::net::SocketAddr;

use str0m::ice::StunMessage;

use crate::limits::ENGINES_MAX;
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

/// The transaction ID of a check (RFC 8489 §5).
pub(crate) type CheckId = [u8; 12];

/// The ID of a Binding request.
pub(crate) fn check_of(datagram: &[u8]) -> Option<CheckId> {
    transaction(datagram, [0, 1])
}

/// The ID in a Binding success response: of a check that was answered.
pub(crate) fn answered_check_of(datagram: &[u8]) -> Option<CheckId> {
    transaction(datagram, [1, 1])
}

fn transaction(datagram: &[u8], kind: [u8; 2]) -> Option<CheckId> {
    datagram.strip_prefix(&kind)?.get(6..18)?.try_into().ok()
}

/// Our half of the user name of a STUN binding request.
pub(crate) fn checked_ufrag(datagram: &[u8]) -> Option<String> {
    let message = StunMessage::parse(datagram).ok()?;
    if !message.is_binding_request() {
        return None;
    }
    message.split_username().map(|(ours, _theirs)| ours.to_owned())
}

/// The engine, among several behind one port, for which a STUN binding request is. It may be none that there is.
pub fn engine_of_check(datagram: &[u8]) -> Option<u8> {
    if family(datagram) != Family::Stun {
        return None;
    }
    let first = checked_ufrag(datagram)?.bytes().next()?;
    let place = MARKS.iter().position(|mark| *mark == first)?;
    u8::try_from(place).ok()
}

/// What the names of an engine with this number begin with.
pub(crate) fn mark(engine: u8) -> char {
    // Numbers are below the count of marks; a larger one would only make checks miss their engine.
    MARKS.get(usize::from(engine)).copied().map_or('0', char::from)
}

/// Letters and digits are in ICE's alphabet (RFC 8839 §5.4).
const MARKS: &[u8; ENGINES_MAX as usize] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_has_a_mark_of_its_own() {
        let marks: std::collections::BTreeSet<char> = (0..ENGINES_MAX).map(mark).collect();
        assert_eq!(marks.len(), usize::from(ENGINES_MAX));
        assert!(marks.iter().all(char::is_ascii_alphanumeric));
    }

    #[test]
    fn a_check_and_its_answer_have_one_number() {
        let mut message = [
            0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
        ];
        let id = Some([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!((check_of(&message), answered_check_of(&message)), (id, None));
        message[0] = 1;
        assert_eq!((check_of(&message), answered_check_of(&message)), (None, id));
        assert_eq!(answered_check_of(&message[..19]), None, "cut short");
    }

    #[test]
    fn what_is_no_check_is_for_no_engine() {
        assert_eq!(engine_of_check(&[]), None);
        assert_eq!(engine_of_check(&[0x80, 96, 0, 1]), None);
        assert_eq!(engine_of_check(&[0, 1, 0, 0]), None);
    }
}
