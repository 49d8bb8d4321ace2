//! Append-only events of every meeting, durable before they are acknowledged.
//!
//! The store knows no rules. It keeps, for each stream (a meeting), numbered events whose bodies are opaque bytes, and
//! a few settings of the house. What it promises is invariant I7: when [`Store::append`] has returned, the events
//! survive a kill of the process and a loss of power, all of them or none, in the order in which they were given.
//!
//! Whoever appends says which event it believes to be the last. Two writers who decided on the same state can so
//! never both be stored: one of them learns that it is late ([`StoreError::Conflict`]) and decides again.
#![forbid(unsafe_code)]

mod error;
mod sqlite;

pub use error::StoreError;
pub use sqlite::{Examined, SqliteStore};

use std::fmt;

/// Where events are kept. SQLite today; another database may follow behind the same trait.
///
/// All calls block until the disk has answered; an async caller makes them from a thread of its own.
pub trait Store: Send + Sync {
    /// Appends `events` to `stream`, all or none, and returns the number of the last event of the stream.
    ///
    /// `expected_seq` is the number of the event that the caller believes to be the last, 0 when it believes that there
    /// is none. The first event of a stream has number 1. When this has returned `Ok`, the events are on the disk.
    /// No events append nothing and only check `expected_seq`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the last event is another one: read what is new and decide again. After any other
    /// error the events were not acknowledged, and whether they are stored is known only to the next [`Store::read`]:
    /// a disk that fails while it writes may have kept them.
    fn append(
        &self,
        stream: &StreamId,
        expected_seq: u64,
        events: &[NewEvent<'_>],
        now_ms: u64,
    ) -> Result<u64, StoreError>;

    /// The events of `stream` whose number is greater than `after_seq`, in order; all of them after 0.
    ///
    /// # Errors
    /// Only those of the disk and the file. An unknown stream has no events.
    fn read(&self, stream: &StreamId, after_seq: u64) -> Result<Vec<StoredEvent>, StoreError>;

    /// One event, by its number; none if there is no such event.
    ///
    /// # Errors
    /// Only those of the disk and the file.
    fn read_one(&self, stream: &StreamId, seq: u64) -> Result<Option<StoredEvent>, StoreError>;

    /// Every stream that has an event, in the order of their ids.
    ///
    /// # Errors
    /// Only those of the disk and the file.
    fn streams(&self) -> Result<Vec<StreamId>, StoreError>;

    /// The setting of the house under `key`; when there is none, stores what `make` returns first.
    ///
    /// What is returned is durable, and the same for everyone who ever asks: a key that was shown to a person once
    /// must not be replaced by another one after a crash.
    ///
    /// # Errors
    /// Only those of the disk and the file.
    fn get_or_insert_setting(&self, key: &str, make: &mut dyn FnMut() -> Vec<u8>) -> Result<Vec<u8>, StoreError>;
}

/// Names a stream of events: the id of a meeting, 32 bytes.
///
/// It prints as its first bytes only, so that a log does not become a list of meetings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId([u8; Self::BYTES]);

impl StreamId {
    /// The length of an id in bytes.
    pub const BYTES: usize = 32;

    /// The stream of the meeting with this id.
    #[must_use]
    pub const fn new(id: [u8; Self::BYTES]) -> Self {
        Self(id)
    }

    /// The id of the meeting.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(4) {
            write!(formatter, "{byte:02x}")?;
        }
        formatter.write_str("…")
    }
}

/// An event to append.
#[derive(Clone, Copy)]
pub struct NewEvent<'a> {
    /// What the body is, in the words of whoever reads it again.
    pub kind: &'a str,
    /// The event itself, opaque to the store.
    pub body: &'a [u8],
}

/// An event as it was stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number in its stream, from 1.
    pub seq: u64,
    /// When it was appended, in milliseconds since 1970, by the clock of whoever appended it.
    pub at_ms: u64,
    /// What the body is.
    pub kind: String,
    /// The event itself.
    pub body: Vec<u8>,
}

/// Without the body, which may name people.
impl fmt::Debug for StoredEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, at_ms, kind, body } = self;
        write!(formatter, "#{seq} {kind} at {at_ms} ({} bytes)", body.len())
    }
}
