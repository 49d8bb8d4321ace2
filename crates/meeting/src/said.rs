//! The order of what was said in an epoch, as a hash chain: whoever signs a heartbeat over it signs that they have
//! seen all of it, and nothing else.

use crate::codec::Encode as _;
use crate::sign::hash;
use crate::statement::Place;

/// Everything that was said in this epoch and is kept: the kept statements and the acts, in the order that the server
/// gave them. `chain(0) = H("said", place)`, `chain(n+1) = H("said", chain(n) ‖ the bytes of number n)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    chain: Vec<[u8; 32]>,
}

impl Said {
    pub(crate) fn nothing_at(place: &Place) -> Self {
        Self {
            chain: vec![hash("said", &place.encode())],
        }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let (_, last) = self.so_far();
        self.chain.push(hash("said", &[last.as_slice(), bytes].concat()));
    }

    /// How much was said, and the hash of it.
    pub fn so_far(&self) -> (u32, [u8; 32]) {
        let count = u32::try_from(self.chain.len().saturating_sub(1)).unwrap_or(u32::MAX);
        (count, self.chain.last().copied().unwrap_or_default())
    }

    /// Whether this is the hash of the first `count` of it.
    pub fn was(&self, count: u32, chain: &[u8; 32]) -> bool {
        self.chain.get(count as usize) == Some(chain)
    }
}
