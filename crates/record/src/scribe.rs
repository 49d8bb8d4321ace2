//! Who writes a record down: from a meeting's events, one after the other, to the entries of its log.

use std::collections::BTreeSet;

use incamera_meeting::{Encode as _, Event, SignedCharter};

use crate::checkpoint::Checkpoint;
use crate::entry::{Attachment, Entry, EntryError, Happening, Sha256Sum};
use crate::merkle::{Hash, Tree};

/// The log of one meeting. A function of its events: whoever reads them again has the same tree.
#[derive(Debug, Clone, Default)]
pub struct Scribe {
    entries: Vec<Vec<u8>>,
    tree: Tree,
    /// Delegations whose key is known: of their further claims none is written down.
    claimed: BTreeSet<u16>,
    last_ms: u64,
}

/// What was written down of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The number of the entry, from 0.
    pub index: u64,
    /// What it names and does not hold.
    pub attachments: Vec<Sha256Sum>,
}

impl Scribe {
    /// The record of a meeting that was just convened.
    pub fn convene(charter: &SignedCharter, at_ms: u64) -> Result<(Self, Written), EntryError> {
        let mut scribe = Self::default();
        let bytes = charter.encode();
        let happening = Happening::Convened {
            meeting: charter.charter.id(),
            charter: Attachment::of(&bytes),
        };
        let written = scribe.write(at_ms, happening)?;
        Ok((scribe, written))
    }

    /// Writes down what an event is for the public, if it is anything. `at_ms` is when it was stored, for events that do
    /// not say when they happened. Events come in the order in which they happened.
    pub fn take(&mut self, event: &Event, at_ms: u64) -> Result<Option<Written>, EntryError> {
        let Some((happening, _)) = Happening::of(event) else {
            return Ok(None);
        };
        if let Happening::SlotClaimed { claim } = &happening
            && !self.claimed.insert(claim.body.delegation)
        {
            return Ok(None);
        }
        let at_ms = match event {
            Event::Founded { at_ms, .. } | Event::Committed { at_ms, .. } | Event::Stated { at_ms, .. } => *at_ms,
            _ => at_ms,
        };
        self.write(at_ms, happening).map(Some)
    }

    fn write(&mut self, at_ms: u64, happening: Happening) -> Result<Written, EntryError> {
        // A clock that was set back does not turn the order round.
        let at_ms = at_ms.max(self.last_ms);
        let attachments = happening.attachments().iter().map(|it| it.sha256).collect();
        let bytes = Entry::new(at_ms, happening).encode()?;
        let index = self.tree.size();
        self.last_ms = at_ms;
        self.tree.push(Hash::of_leaf(&bytes));
        self.entries.push(bytes);
        Ok(Written { index, attachments })
    }

    /// The entries so far.
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// Their tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The head, under this origin.
    pub fn checkpoint(&self, origin: String) -> Checkpoint {
        Checkpoint {
            origin,
            size: self.tree.size(),
            root: self.tree.root(),
        }
    }
}
