//! Datagrams that arrive at a thread whose peer is with another.
//!
//! Several sockets are on one port, and the kernel spreads what comes over them by the addresses, the same address always to
//! the same socket. So most datagrams arrive at a thread that does not know their sender. A check says in its user name for
//! which engine it is; from then on the thread knows where else to send what comes from that address.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use incamera_sfu::{Engine, engine_of_check};
use mio::Waker;
use tokio::sync::mpsc;

/// Words of other threads that may wait for one. Each holds what came in one system call; when there are so many, the
/// thread is far behind, and more is dropped and counted.
pub(crate) const WORDS_MAX: usize = 256;

/// Addresses remembered of peers of other threads. When there are more, all are forgotten: each is learned anew with its
/// next check, which comes every few seconds.
const OWNERS_MAX: usize = 16_384;

/// What one thread tells another.
#[derive(Debug)]
pub(crate) enum Word {
    /// These are for a peer of yours. They came to this thread.
    Strays { via: usize, datagrams: Vec<Stray> },
    /// The peer with this address is with this thread.
    Owned { source: SocketAddr, owner: usize },
}

/// A datagram and where it came from.
pub(crate) type Stray = (SocketAddr, Vec<u8>);

/// The way to another thread.
#[derive(Debug, Clone)]
pub(crate) struct Neighbour {
    pub(crate) words: mpsc::Sender<Word>,
    pub(crate) waker: Arc<Waker>,
}

/// What a thread knows of the others.
pub(crate) struct Strays {
    /// Its own number.
    number: usize,
    /// All threads, itself as well.
    neighbours: Vec<Neighbour>,
    owners: Owners,
    /// What is to go to each of them next.
    outgoing: Vec<Vec<Stray>>,
    dropped: u64,
}

impl Strays {
    pub(crate) fn new(number: usize, neighbours: Vec<Neighbour>) -> Self {
        Strays {
            number,
            outgoing: vec![Vec::new(); neighbours.len()],
            neighbours,
            owners: Owners::default(),
            dropped: 0,
        }
    }

    /// Keeps a datagram that is for another thread. Gives whether it was.
    pub(crate) fn keep(&mut self, engine: &Engine, source: SocketAddr, datagram: &[u8]) -> bool {
        if self.neighbours.len() < 2 {
            return false;
        }
        let owner = match engine_of_check(datagram).map(usize::from) {
            Some(owner) if owner < self.neighbours.len() && owner != self.number => {
                self.owners.claim(source, owner);
                owner
            }
            Some(_) => return false,
            None if engine.owns(source) => return false,
            None => match self.owners.of(source) {
                Some(owner) => owner,
                None => return false,
            },
        };
        if let Some(outgoing) = self.outgoing.get_mut(owner) {
            outgoing.push((source, datagram.to_vec()));
        }
        true
    }

    /// Hands on what was kept.
    pub(crate) fn hand_on(&mut self) {
        let via = self.number;
        for (neighbour, outgoing) in self.neighbours.iter().zip(&mut self.outgoing) {
            if outgoing.is_empty() {
                continue;
            }
            let datagrams = std::mem::take(outgoing);
            let count = datagrams.len() as u64;
            if neighbour.words.try_send(Word::Strays { via, datagrams }).is_err() {
                self.dropped += count;
                tracing::debug!(
                    count,
                    dropped = self.dropped,
                    "another thread is too far behind to take its datagrams"
                );
            }
            if let Err(error) = neighbour.waker.wake() {
                tracing::warn!(%error, "another media thread could not be woken");
            }
        }
    }

    /// A check that came to another thread was good: tells that thread whose the address is. If it does not get through,
    /// the next check says it again.
    pub(crate) fn tell_owned(&self, via: usize, source: SocketAddr) {
        let owner = self.number;
        if let Some(neighbour) = self.neighbours.get(via) {
            let _ = neighbour.words.try_send(Word::Owned { source, owner });
        }
    }

    /// Another thread has said whose an address is.
    pub(crate) fn hear_owned(&mut self, source: SocketAddr, owner: usize) {
        self.owners.prove(source, owner);
    }
}

/// Whose addresses are, of peers of other threads. For look-ups only, never walked.
///
/// What anybody can write has a table of its own: a flood of it cannot wash out what was proven.
#[derive(Default)]
struct Owners {
    proven: HashMap<SocketAddr, usize>,
    claimed: HashMap<SocketAddr, usize>,
}

impl Owners {
    fn of(&self, source: SocketAddr) -> Option<usize> {
        let owner = self.proven.get(&source).or_else(|| self.claimed.get(&source));
        owner.copied()
    }

    /// A check from there claims to be for a peer of this thread.
    fn claim(&mut self, source: SocketAddr, thread: usize) {
        if !self.proven.contains_key(&source) {
            note(&mut self.claimed, source, thread);
        }
    }

    /// The engine of this thread has found a check from there good.
    fn prove(&mut self, source: SocketAddr, thread: usize) {
        self.claimed.remove(&source);
        note(&mut self.proven, source, thread);
    }
}

fn note(table: &mut HashMap<SocketAddr, usize>, source: SocketAddr, thread: usize) {
    if table.len() >= OWNERS_MAX && !table.contains_key(&source) {
        table.clear();
    }
    table.insert(source, thread);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], number))
    }

    #[test]
    fn what_a_check_claims_counts_until_something_is_proven() {
        let mut owners = Owners::default();
        assert_eq!(owners.of(address(1)), None);
        owners.claim(address(1), 3);
        owners.claim(address(1), 2);
        assert_eq!(owners.of(address(1)), Some(2));
        owners.prove(address(1), 1);
        owners.claim(address(1), 3);
        assert_eq!(owners.of(address(1)), Some(1), "anybody can write a check");
        owners.prove(address(1), 0);
        assert_eq!(owners.of(address(1)), Some(0));
    }

    #[test]
    fn a_flood_of_claims_neither_grows_for_ever_nor_washes_out_what_was_proven() {
        let mut owners = Owners::default();
        owners.prove(address(1), 2);
        for high in 0..3u8 {
            for port in 0..10_000 {
                owners.claim(SocketAddr::from(([198, 51, 100, high], port)), 1);
            }
        }
        assert!(owners.claimed.len() <= OWNERS_MAX);
        assert_eq!(owners.of(address(1)), Some(2));
    }
}
