//! Where a peer is: the addresses that it has proven to own.
//!
//! A router may give a client another address in mid-call, and the client does not notice. What it sends then comes from
//! there, with its next check; but its connection goes on sending to the address that was agreed on, since nothing says
//! that it is gone. That it has fallen silent while another one has not says so.
//!
//! A check says whose an address is, and not that they are there: who sends it can write any address as its source. Media
//! goes only where a check of ours was answered from (RFC 8445 §7.3.1.4, RFC 7675 §5.1), else one member or one guest of
//! the gallery could turn a stream on somebody who never asked for it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use crate::demux::CheckId;
use crate::limits::{ADDRESS_DEAD, ADDRESSES_PER_PEER_MAX};

/// The addresses of one peer, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Addresses(VecDeque<Proven>);

/// One that it has proven to own, by a check that was signed with its password.
#[derive(Debug, Clone, Copy)]
struct Proven {
    address: SocketAddr,
    /// When anything last came from there.
    heard: Instant,
    /// Our latest check of it.
    asked: Option<CheckId>,
    /// One of ours was answered from there: whoever is there agrees to be sent media.
    agreed: bool,
}

impl Addresses {
    /// Takes in a new one; gives the one that had to be forgotten for it.
    pub(crate) fn add(&mut self, now: Instant, address: SocketAddr) -> Option<SocketAddr> {
        self.0.push_back(Proven {
            address,
            heard: now,
            asked: None,
            agreed: false,
        });
        if self.0.len() <= ADDRESSES_PER_PEER_MAX {
            return None;
        }
        self.0.pop_front().map(|gone| gone.address)
    }

    /// Something has come from there.
    pub(crate) fn hear(&mut self, now: Instant, address: SocketAddr) {
        if let Some(proven) = self.find(address) {
            proven.heard = now;
        }
    }

    /// A check of ours goes there.
    pub(crate) fn ask(&mut self, address: SocketAddr, check: CheckId) {
        if let Some(proven) = self.find(address) {
            proven.asked = Some(check);
        }
    }

    /// A check of ours was answered from there. Only who was sent the latest one knows its number.
    pub(crate) fn agree(&mut self, address: SocketAddr, check: CheckId) {
        if let Some(proven) = self.find(address) {
            proven.agreed |= proven.asked == Some(check);
        }
    }

    fn find(&mut self, address: SocketAddr) -> Option<&mut Proven> {
        self.0.iter_mut().find(|proven| proven.address == address)
    }

    /// Where to send what is meant for an address: there, unless it is silent and another one is not, from which a check of
    /// ours was answered.
    pub(crate) fn living(&self, now: Instant, address: SocketAddr) -> SocketAddr {
        let silent = |proven: &&Proven| now.saturating_duration_since(proven.heard) >= ADDRESS_DEAD;
        let Some(dead) = self.0.iter().find(|proven| proven.address == address).filter(silent) else {
            return address;
        };
        let agreed = self.0.iter().filter(|proven| proven.agreed);
        let latest = agreed.max_by_key(|proven| proven.heard).unwrap_or(dead);
        if silent(&latest) { address } else { latest.address }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.0.iter().map(|proven| proven.address)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(port: u16) -> SocketAddr {
        ([192, 0, 2, 7], port).into()
    }

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    /// A check that was answered.
    fn answered(addresses: &mut Addresses, address: SocketAddr) {
        addresses.ask(address, [7; 12]);
        addresses.agree(address, [7; 12]);
    }

    #[test]
    fn what_is_meant_for_a_silent_address_goes_to_the_one_that_lives() {
        let start = Instant::now();
        let mut addresses = Addresses::default();
        addresses.add(start, address(1));
        addresses.add(after(start, 200), address(2));
        answered(&mut addresses, address(2));
        addresses.hear(after(start, 1_400), address(2));
        assert_eq!(
            addresses.living(after(start, 1_499), address(1)),
            address(1),
            "too soon"
        );
        assert_eq!(addresses.living(after(start, 1_500), address(1)), address(2));
        assert_eq!(addresses.living(after(start, 1_500), address(2)), address(2));
        addresses.hear(after(start, 1_600), address(1));
        assert_eq!(
            addresses.living(after(start, 1_601), address(1)),
            address(1),
            "it lives"
        );
    }

    #[test]
    fn nothing_goes_to_who_was_not_asked_or_has_not_answered() {
        let start = Instant::now();
        let mut addresses = Addresses::default();
        addresses.add(start, address(1));
        addresses.add(after(start, 3_000), address(2));
        let living = |addresses: &Addresses| addresses.living(after(start, 3_001), address(1));
        assert_eq!(living(&addresses), address(1), "never asked");
        addresses.agree(address(2), [7; 12]);
        assert_eq!(living(&addresses), address(1), "an answer to nothing");
        addresses.ask(address(1), [7; 12]);
        addresses.ask(address(2), [8; 12]);
        addresses.agree(address(2), [7; 12]);
        assert_eq!(living(&addresses), address(1), "what was asked elsewhere");
        addresses.agree(address(2), [8; 12]);
        assert_eq!(living(&addresses), address(2));
    }

    #[test]
    fn where_all_are_silent_nothing_goes_elsewhere() {
        let start = Instant::now();
        let mut addresses = Addresses::default();
        addresses.add(start, address(1));
        addresses.add(start, address(2));
        assert_eq!(addresses.living(after(start, 9_000), address(1)), address(1));
        assert_eq!(
            addresses.living(after(start, 9_000), address(3)),
            address(3),
            "never proven"
        );
    }

    #[test]
    fn the_oldest_of_too_many_is_forgotten() {
        let start = Instant::now();
        let mut addresses = Addresses::default();
        let forgotten: Vec<_> = (1..=10)
            .filter_map(|port| addresses.add(start, address(port)))
            .collect();
        assert_eq!(forgotten, [address(1), address(2)]);
        assert_eq!(addresses.iter().count(), ADDRESSES_PER_PEER_MAX);
    }
}
