//! Key packages, by the leaf keys in them: those that were used, and those that this device has made.

use std::collections::{BTreeSet, VecDeque};

use incamera_protocol::limits;

/// Leaf keys, the latest that were seen.
///
/// A house can play an old knock again. Whoever answered it would take its device out of the group and put it in anew
/// with keys that it has erased, and so put out somebody who is here; or put in somebody who has gone. So what has let
/// somebody in once lets nobody in again.
#[derive(Default)]
pub(crate) struct LeafKeys {
    keys: BTreeSet<Vec<u8>>,
    /// In the order in which they were seen: the oldest is forgotten first.
    order: VecDeque<Vec<u8>>,
}

impl LeafKeys {
    pub(crate) fn note(&mut self, leaf_key: Vec<u8>) {
        if !self.keys.insert(leaf_key.clone()) {
            return;
        }
        self.order.push_back(leaf_key);
        if self.order.len() > limits::SPENT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
    }

    pub(crate) fn has(&self, leaf_key: &[u8]) -> bool {
        self.keys.contains(leaf_key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first_and_what_is_seen_again_takes_no_room() {
        let key = |number: usize| number.to_be_bytes().to_vec();
        let mut spent = LeafKeys::default();
        for number in 0..limits::SPENT_MAX {
            spent.note(key(number));
            spent.note(key(0));
        }
        assert!(spent.has(&key(0)));
        spent.note(key(limits::SPENT_MAX));
        assert!(!spent.has(&key(0)));
        assert!(spent.has(&key(1)));
        assert_eq!(
            (spent.keys.len(), spent.order.len()),
            (limits::SPENT_MAX, limits::SPENT_MAX)
        );
    }
}
