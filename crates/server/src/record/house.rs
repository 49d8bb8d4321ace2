//! The record of the house: its key, and the log of its meetings.

use std::collections::BTreeSet;
use std::sync::Arc;

use incamera_meeting::Seed;
use incamera_protocol::MeetingId;
use incamera_record::{
    Checkpoint, EntryError, Hash, HouseEntry, HouseHappening, Note, NoteKey, Sha256Sum, Tree, house_origin, log_key,
    veil,
};
use incamera_store::{NewEvent, Store, StoreError, StreamId};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::ready::Ready;
use crate::house::House;
use crate::secret::random;
use crate::time::now_ms;

/// The setting under which the seed of the record's key is kept.
const RECORD_KEY: &str = "record_key";
/// The stream of the log of the house: no meeting has this id, since no charter has this hash that anybody could find.
pub(crate) const STREAM: StreamId = StreamId::new(*b"incamera: the record of a house.");
/// The kind of its entries.
const KIND: &str = "house";

/// What a house signs, and the log of its meetings.
pub(crate) struct HouseRecord {
    pub(crate) seed: Seed,
    pub(crate) ready: Ready,
    log: Mutex<HouseLog>,
}

#[derive(Default)]
struct HouseLog {
    entries: Vec<Vec<u8>>,
    tree: Tree,
    convened: BTreeSet<Sha256Sum>,
    adjourned: BTreeSet<Sha256Sum>,
}

/// Why the log of the house cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the store does not give or take the record of the house")]
    Store(#[from] StoreError),
    #[error("entry {0} of the record of the house cannot be read")]
    Unreadable(u64, #[source] EntryError),
    #[error("the key of the record in the store is not a key")]
    NotAKey,
    #[error("the system gives no random bytes")]
    Random,
}

/// The key by which the house signs its records: made once, the same for ever. Blocks.
fn record_key(store: &dyn Store) -> Result<Seed, RecordError> {
    let fresh = random::<32>().map_err(|_| RecordError::Random)?;
    let bytes = store.get_or_insert_setting(RECORD_KEY, &mut || fresh.to_vec())?;
    Ok(Seed::new(bytes.try_into().map_err(|_| RecordError::NotAKey)?))
}

impl HouseRecord {
    /// Reads it. Blocks.
    pub(crate) fn load(store: &dyn Store) -> Result<Self, RecordError> {
        let mut log = HouseLog::default();
        for stored in store.read(&STREAM, 0)? {
            let entry = HouseEntry::decode(&stored.body).map_err(|error| RecordError::Unreadable(stored.seq, error))?;
            log.push(&entry, stored.body);
        }
        Ok(Self {
            seed: record_key(store)?,
            ready: Ready::default(),
            log: Mutex::new(log),
        })
    }

    /// The key by which everybody verifies.
    pub(crate) fn vkey(&self) -> Option<NoteKey> {
        let key = self.seed.public_key();
        log_key(&house_origin(key), key)
    }

    /// The head of the log, signed.
    pub(crate) async fn checkpoint(&self) -> Note {
        let log = self.log.lock().await;
        let head = Checkpoint {
            origin: house_origin(self.seed.public_key()),
            size: log.tree.size(),
            root: log.tree.root(),
        };
        head.sign(&self.seed)
    }

    /// Looks at entries and tree.
    pub(crate) async fn look<T>(&self, look: impl FnOnce(&[Vec<u8>], &Tree) -> T) -> T {
        let log = self.log.lock().await;
        look(&log.entries, &log.tree)
    }

    /// Whether the log has the convening and the adjournment of a meeting.
    pub(crate) async fn knows(&self, meeting: MeetingId) -> (bool, bool) {
        let log = self.log.lock().await;
        let meeting = veil(meeting);
        (log.convened.contains(&meeting), log.adjourned.contains(&meeting))
    }
}

impl HouseLog {
    fn push(&mut self, entry: &HouseEntry, bytes: Vec<u8>) {
        match &entry.happening {
            HouseHappening::Convened { meeting } => self.convened.insert(*meeting),
            HouseHappening::Adjourned { meeting, .. } => self.adjourned.insert(*meeting),
        };
        self.tree.push(Hash::of_leaf(&bytes));
        self.entries.push(bytes);
    }

    fn has(&self, happening: &HouseHappening) -> bool {
        match happening {
            HouseHappening::Convened { meeting } => self.convened.contains(meeting),
            HouseHappening::Adjourned { meeting, .. } => self.adjourned.contains(meeting),
        }
    }
}

impl House {
    /// Writes into the log of the house, durably, what it does not have yet. What fails now is made good at the next
    /// start: the meeting itself is stored already.
    pub(crate) async fn enter_in_house_log(&self, happening: HouseHappening) {
        let mut log = self.records.log.lock().await;
        if log.has(&happening) {
            return;
        }
        let at_ms = now_ms();
        let entry = HouseEntry::new(at_ms, happening);
        let Ok(bytes) = entry.encode() else { return };
        let (store, last, body) = (Arc::clone(&self.store), log.entries.len() as u64, bytes.clone());
        let written = spawn_blocking(move || {
            let event = NewEvent {
                kind: KIND,
                body: &body,
            };
            store.append(&STREAM, last, &[event], at_ms)
        })
        .await;
        match written {
            Ok(Ok(_)) => log.push(&entry, bytes),
            Ok(Err(error)) => tracing::error!(%error, "the log of the house was not written"),
            Err(error) => tracing::error!(%error, "the log of the house was not written"),
        }
    }
}
