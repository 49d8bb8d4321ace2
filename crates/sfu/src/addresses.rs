//! Where a peer is: the addresses that it has proven to own.
//!
//! A router may give a client another address in mid-call, and the client does not notice. What it sends then comes from
//! there, with its next check; but its connection goes on sending to the address that was agreed on, since nothing says
//! that it is gone. That it has fallen silent while another one has not says so.
//!
//! A check says whose an address is, and not that they are there: who sends it can write any address as its source. Media
//! goes only where a check of ours was answered from (RFC 8445 §7.3.1.4), and not long ago (RFC 7675 §5.1), else one member
//! or one guest of the gallery could turn a stream on somebody who never asked for it, or who asks no more.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use crate::demux::CheckId;
use crate::limits::{ADDRESS_DEAD, ADDRESSES_PER_PEER_MAX, CHECKS_PER_ADDRESS_MAX, CONSENT_LAPSES};

/// The addresses of one peer, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Addresses(VecDeque<Proven>);

/// One that it has proven to own, by a check that was signed with its password.
#[derive(Debug)]
struct Proven {
    address: SocketAddr,
    /// When anything last came from there.
    heard: Instant,
    /// Our latest checks of it and when they were sent, the oldest first: an answer may be long under way.
    asked: VecDeque<(Instant, CheckId)>,
    /// One of ours was answered from there: whoever is there agrees to be sent media until then. It counts from when the check
    /// was sent, so that an answer that is kept back or played back prolongs nothing.
    agreed_until: Option<Instant>,
}

impl Proven {
    fn is_silent(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard) >= ADDRESS_DEAD
    }

    fn agrees(&self, now: Instant) -> bool {
        self.agreed_until.is_some_and(|until| now < until)
    }
}

impl Addresses {
    /// Takes in a new one; gives the one that had to be forgotten for it.
    pub(crate) fn add(&mut self, now: Instant, address: SocketAddr) -> Option<SocketAddr> {
        self.0.push_back(Proven {
            address,
            heard: now,
            asked: VecDeque::new(),
            agreed_until: None,
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
    pub(crate) fn ask(&mut self, now: Instant, address: SocketAddr, check: CheckId) {
        if let Some(proven) = self.find(address) {
            proven.asked.push_back((now, check));
            if proven.asked.len() > CHECKS_PER_ADDRESS_MAX {
                proven.asked.pop_front();
            }
        }
    }

    /// A check of ours was answered from there. Only who was sent it knows its number.
    pub(crate) fn agree(&mut self, address: SocketAddr, check: CheckId) {
        if let Some(proven) = self.find(address)
            && let Some((sent, _)) = proven.asked.iter().rfind(|(_, id)| *id == check)
        {
            proven.agreed_until = proven.agreed_until.max(Some(*sent + CONSENT_LAPSES));
        }
    }

    fn find(&mut self, address: SocketAddr) -> Option<&mut Proven> {
        self.0.iter_mut().find(|proven| proven.address == address)
    }

    /// Where to send what is meant for an address: there, unless it agrees no more, or is silent and another one is not that
    /// agrees. Nowhere when none agrees.
    pub(crate) fn living(&self, now: Instant, address: SocketAddr) -> Option<SocketAddr> {
        let meant = self.0.iter().find(|proven| proven.address == address);
        let meant = meant.filter(|meant| meant.agrees(now));
        if let Some(meant) = meant.filter(|meant| !meant.is_silent(now)) {
            return Some(meant.address);
        }
        let agreed = self.0.iter().filter(|proven| proven.agrees(now));
        let latest = agreed.max_by_key(|proven| proven.heard)?;
        let chosen = meant.filter(|_| latest.is_silent(now)).unwrap_or(latest);
        Some(chosen.address)
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
    fn answered(addresses: &mut Addresses, now: Instant, address: SocketAddr) {
        addresses.ask(now, address, [7; 12]);
        addresses.agree(address, [7; 12]);
    }

    /// Some that have all answered.
    fn agreeing(now: Instant, ports: impl IntoIterator<Item = u16>) -> Addresses {
        let mut addresses = Addresses::default();
        for port in ports {
            addresses.add(now, address(port));
            answered(&mut addresses, now, address(port));
        }
        addresses
    }

    #[test]
    fn what_is_meant_for_a_silent_address_goes_to_the_one_that_lives() {
        let start = Instant::now();
        let mut addresses = agreeing(start, [1, 2]);
        addresses.hear(after(start, 1_400), address(2));
        let living = |addresses: &Addresses, ms, port| addresses.living(after(start, ms), address(port));
        assert_eq!(living(&addresses, 1_499, 1), Some(address(1)), "too soon");
        assert_eq!(living(&addresses, 1_500, 1), Some(address(2)));
        assert_eq!(living(&addresses, 1_500, 2), Some(address(2)));
        addresses.hear(after(start, 1_600), address(1));
        assert_eq!(living(&addresses, 1_601, 1), Some(address(1)), "it lives");
    }

    #[test]
    fn nothing_goes_to_who_was_not_asked_or_has_not_answered() {
        let start = Instant::now();
        let mut addresses = agreeing(start, [1]);
        let now = after(start, 3_000);
        addresses.add(now, address(2));
        let living = |addresses: &Addresses| addresses.living(now, address(1));
        assert_eq!(living(&addresses), Some(address(1)), "never asked");
        addresses.agree(address(2), [7; 12]);
        assert_eq!(
            living(&addresses),
            Some(address(1)),
            "an answer to what was asked elsewhere"
        );
        addresses.ask(now, address(2), [8; 12]);
        addresses.agree(address(2), [7; 12]);
        assert_eq!(living(&addresses), Some(address(1)), "still");
        assert_eq!(
            addresses.living(now, address(2)),
            Some(address(1)),
            "nor when it is meant for it"
        );
        addresses.agree(address(2), [8; 12]);
        assert_eq!(living(&addresses), Some(address(2)));
    }

    #[test]
    fn whoever_answers_no_more_is_sent_nothing_more_though_it_is_heard() {
        let start = Instant::now();
        let mut addresses = agreeing(start, [1]);
        let lapses = start + CONSENT_LAPSES;
        let living = |addresses: &mut Addresses, now| {
            addresses.hear(now, address(1));
            addresses.living(now, address(1))
        };
        assert_eq!(
            living(&mut addresses, lapses - Duration::from_millis(1)),
            Some(address(1))
        );
        assert_eq!(living(&mut addresses, lapses), None);
        addresses.add(lapses, address(2));
        assert_eq!(living(&mut addresses, lapses), None, "the other has not answered");
        answered(&mut addresses, lapses, address(2));
        assert_eq!(living(&mut addresses, lapses), Some(address(2)));
        let pause = lapses + ADDRESS_DEAD;
        assert_eq!(
            living(&mut addresses, pause),
            Some(address(2)),
            "though it is silent for a while"
        );
        answered(&mut addresses, pause, address(1));
        assert_eq!(living(&mut addresses, pause), Some(address(1)));
    }

    #[test]
    fn an_answer_that_is_kept_back_or_played_back_prolongs_nothing() {
        let start = Instant::now();
        let mut addresses = agreeing(start, [1]);
        addresses.ask(start, address(1), [8; 12]);
        let lapses = start + CONSENT_LAPSES;
        for check in [7, 8] {
            addresses.agree(address(1), [check; 12]);
            assert_eq!(addresses.living(lapses, address(1)), None);
        }
    }

    #[test]
    fn an_answer_may_be_long_under_way() {
        let start = Instant::now();
        let mut addresses = Addresses::default();
        addresses.add(start, address(1));
        for check in 0..=CHECKS_PER_ADDRESS_MAX as u8 {
            addresses.ask(start, address(1), [check; 12]);
        }
        addresses.agree(address(1), [0; 12]);
        assert_eq!(addresses.living(start, address(1)), None, "too long");
        addresses.agree(address(1), [1; 12]);
        assert_eq!(addresses.living(start, address(1)), Some(address(1)));
    }

    #[test]
    fn where_all_are_silent_nothing_goes_elsewhere() {
        let start = Instant::now();
        let addresses = agreeing(start, [1, 2]);
        let living = |port| addresses.living(after(start, 9_000), address(port));
        assert_eq!(living(1), Some(address(1)));
        assert_eq!(living(2), Some(address(2)));
        assert_eq!(Addresses::default().living(start, address(1)), None, "never proven");
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
