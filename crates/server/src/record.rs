//! The records of the meetings of a house: what is served of them, and how it is signed.

mod house;
mod ready;

pub(crate) use house::{HouseRecord, RecordError, STREAM};
pub(crate) use ready::RecordPlace;

use std::collections::BTreeMap;
use std::sync::Arc;

use incamera_meeting::{Encode as _, Event, LetterId, Seed};
use incamera_protocol::member::{Position, RecordEntry};
use incamera_protocol::{Bytes, MeetingId, limits};
use incamera_record::{
    Checkpoint, EntryError, Frontier, Happening, Note, NoteSignature, Scribe, Sha256Sum, letter_of_cosigner,
    meeting_origin,
};
use incamera_store::Store;

use crate::log::{Convened, Entry, Log, LogError, Logged};

/// The record of one meeting: a function of what is stored.
#[derive(Debug)]
pub(crate) struct Record {
    meeting: MeetingId,
    scribe: Scribe,
    /// The number of the last event of the store that was taken in.
    last: u64,
    /// In which entry of the store an attachment is.
    attachments: BTreeMap<Sha256Sum, u64>,
    /// Commits and foundings, by group and epoch that they end or begin.
    handshakes: BTreeMap<u64, Position>,
    /// Members' countersignatures, by how many entries they cover.
    cosigned: BTreeMap<u64, BTreeMap<LetterId, NoteSignature>>,
}

impl Record {
    /// Of a meeting that was just convened, as number 1 of its log, and of what happened with it.
    pub(crate) fn convene(convened: &Convened, events: &[Event]) -> Result<Self, EntryError> {
        let (scribe, written) = Scribe::convene(&convened.charter, convened.at_ms)?;
        let mut record = Self {
            meeting: convened.charter.charter.id(),
            scribe,
            last: 1,
            attachments: written.attachments.into_iter().map(|sum| (sum, 1)).collect(),
            handshakes: BTreeMap::new(),
            cosigned: BTreeMap::new(),
        };
        for (seq, event) in (2..).zip(events) {
            record.take(seq, convened.at_ms, event)?;
        }
        Ok(record)
    }

    /// The number of the last event of the store that was taken in.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Takes an event in that is stored as number `seq`. One that was there already when the record was read is passed over.
    pub(crate) fn take(&mut self, seq: u64, at_ms: u64, event: &Event) -> Result<(), EntryError> {
        if seq <= self.last {
            return Ok(());
        }
        self.last = seq;
        if let Some(written) = self.scribe.take(event, at_ms)? {
            let attachments = written.attachments.into_iter();
            self.attachments.extend(attachments.map(|sum| (sum, seq)));
            let position = match event {
                Event::Committed { facts, .. } => Some(facts.position),
                Event::Founded { context, .. } => {
                    let (founding, epoch) = (context.founding, 0);
                    Some(Position { founding, epoch })
                }
                _ => None,
            };
            self.handshakes
                .extend(position.map(|position| (written.index, position)));
        }
        Ok(())
    }

    /// Takes a countersignature in that was checked.
    pub(crate) fn cosign(&mut self, size: u64, letter: LetterId, line: NoteSignature) {
        self.cosigned.entry(size).or_default().insert(letter, line);
    }

    /// Whether this letter has countersigned so many entries.
    pub(crate) fn has_cosigned(&self, size: u64, letter: LetterId) -> bool {
        self.cosigned
            .get(&size)
            .is_some_and(|lines| lines.contains_key(&letter))
    }

    pub(crate) fn scribe(&self) -> &Scribe {
        &self.scribe
    }

    /// The head when there were so many entries.
    pub(crate) fn head_at(&self, house: &Seed, size: u64) -> Option<Checkpoint> {
        Some(Checkpoint {
            origin: meeting_origin(house.public_key(), self.meeting),
            size,
            root: self.scribe.tree().root_at(size)?,
        })
    }

    /// From which entry on somebody is told the record who entered the group in this epoch: all that happened in it since.
    pub(crate) fn start_of(&self, entered: Position) -> u64 {
        let mut handshakes = self.handshakes.iter();
        let first = handshakes.find(|(_, position)| **position >= entered);
        first.map_or_else(|| self.size(), |(index, _)| *index)
    }

    /// The frontier of the tree when there were so many entries.
    pub(crate) fn frontier_at(&self, size: u64) -> Option<Frontier> {
        self.scribe.tree().frontier_at(size)
    }

    /// Entries for a member: commits and foundings whole, of the others the hash.
    pub(crate) fn told(&self, first: u64, end: u64) -> Vec<RecordEntry> {
        let mut bytes = 0;
        let mut told = Vec::new();
        for index in first..end {
            let entry = usize::try_from(index)
                .ok()
                .and_then(|index| self.scribe.entries().get(index));
            let Some(entry) = entry else { break };
            let entry = if self.handshakes.contains_key(&index) {
                RecordEntry::Entry(Bytes(entry.clone()))
            } else {
                let Some(hash) = self.scribe.tree().node(0, index) else {
                    break;
                };
                RecordEntry::Hash(Bytes(hash.0.to_vec()))
            };
            bytes += match &entry {
                RecordEntry::Entry(bytes) | RecordEntry::Hash(bytes) => bytes.0.len(),
            };
            told.push(entry);
            if told.len() >= limits::RECORD_CHUNK_ENTRIES || bytes >= limits::RECORD_CHUNK_BYTES {
                break;
            }
        }
        told
    }

    /// How many entries there are.
    pub(crate) fn size(&self) -> u64 {
        self.scribe.tree().size()
    }

    /// The head when there were so many entries, signed, with the countersignatures under it.
    pub(crate) fn checkpoint(&self, house: &Seed, size: u64) -> Option<Note> {
        let mut note = self.head_at(house, size)?.sign(house);
        let lines = self.cosigned.get(&size).into_iter().flat_map(BTreeMap::values);
        note.signatures.extend(lines.cloned());
        Some(note)
    }

    /// How many entries each checkpoint covers that somebody has countersigned.
    pub(crate) fn witnessed(&self) -> impl Iterator<Item = u64> {
        self.cosigned.keys().copied()
    }

    /// In which entry of the store an attachment is.
    pub(crate) fn seq_of(&self, attachment: &Sha256Sum) -> Option<u64> {
        self.attachments.get(attachment).copied()
    }

    /// From the whole log of a meeting.
    pub(crate) fn of(entries: &[Logged]) -> Result<Option<Self>, EntryError> {
        let mut entries = entries.iter();
        let Some(Logged {
            entry: Entry::Convened(convened),
            ..
        }) = entries.next()
        else {
            return Ok(None);
        };
        let mut record = Self::convene(convened, &[])?;
        for Logged { seq, at_ms, entry } in entries {
            match entry {
                Entry::Event(event) => record.take(*seq, *at_ms, event)?,
                Entry::Cosigned(cosigned) => {
                    // Checked before it was stored.
                    if let Ok(line) = NoteSignature::read(&cosigned.line)
                        && let Some(letter) = letter_of_cosigner(&line.name)
                    {
                        record.cosign(cosigned.size, letter, line);
                    }
                }
                Entry::Convened(_) => {}
            }
        }
        Ok(Some(record))
    }

    /// From the disk. Blocks.
    pub(crate) fn load(store: Arc<dyn Store>, meeting: MeetingId) -> Result<Option<Self>, LoadError> {
        let entries = Log::of(store, meeting).read_all()?;
        Ok(Self::of(&entries)?)
    }
}

/// The bytes of an attachment, from the disk. Blocks.
pub(crate) fn attachment(
    store: Arc<dyn Store>,
    meeting: MeetingId,
    seq: u64,
    sum: Sha256Sum,
) -> Result<Option<Vec<u8>>, LogError> {
    let found = match Log::of(store, meeting).read_one(seq)? {
        Some(Entry::Convened(convened)) => vec![convened.charter.encode()],
        Some(Entry::Event(event)) => Happening::of(&event)
            .map(|(_, attachments)| attachments)
            .unwrap_or_default(),
        Some(Entry::Cosigned(_)) | None => Vec::new(),
    };
    Ok(found.into_iter().find(|bytes| Sha256Sum::of(bytes) == sum))
}

/// A record that cannot be made of what is stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("its log cannot be read")]
    Log(#[from] LogError),
    #[error("something in its log cannot be written down in the record")]
    Entry(#[from] EntryError),
}
