//! What is to be sent, and the memory that it is written into.

use std::collections::VecDeque;

use crate::limits::{BUFFER_BYTES, SPARE_BUFFERS_MAX};
use crate::peer::Transmit;

/// Datagrams that wait to be fetched, in order, and buffers of those that have been sent: a packet is forwarded in memory
/// that another has left.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    waiting: VecDeque<Transmit>,
    spare: Vec<Vec<u8>>,
}

impl Outgoing {
    pub(crate) fn push_back(&mut self, transmit: Transmit) {
        self.waiting.push_back(transmit);
    }

    pub(crate) fn pop_front(&mut self) -> Option<Transmit> {
        self.waiting.pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Forgets what has waited longest, until no more than so many wait. Gives how many it forgot.
    pub(crate) fn keep_newest(&mut self, most: usize) -> usize {
        let excess = self.waiting.len().saturating_sub(most);
        self.waiting.drain(..excess);
        excess
    }

    /// An empty buffer.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES))
    }

    /// Takes back the buffer of a datagram that has been sent. What the media stack has sent may lie in a smaller one, which is
    /// let go.
    pub(crate) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if self.spare.len() < SPARE_BUFFERS_MAX && buffer.capacity() >= BUFFER_BYTES {
            buffer.clear();
            self.spare.push(buffer);
        }
    }
}
