//! The store in one SQLite file.

mod schema;

#[cfg(test)]
mod tests;

use crate::{NewEvent, Store, StoreError, StoredEvent, StreamId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long to wait for another program that holds the file, a backup most likely. Longer, and the meeting would stand
/// still without a word; shorter, and a backup would be felt.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The events of a house in one file, with a write-ahead log beside it.
pub struct SqliteStore {
    connection: Mutex<Connection>,
}

/// What a store says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// The schema of the file; 0 if nothing was ever stored in it.
    pub schema: i64,
    /// The newest schema that this program knows. An older one is made newer when the house starts.
    pub known: i64,
    /// When its newest event was stored, in milliseconds since 1970.
    pub newest_at_ms: Option<u64>,
}

impl SqliteStore {
    /// Opens the store, or creates it (readable by this user only: it holds the house key).
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`] and [`StoreError::ReadOnly`] when the house must look at its disk;
    /// [`StoreError::NewerSchema`], [`StoreError::NotAStore`] and [`StoreError::Damaged`] when the file is not one that
    /// this program can go on with. The file is left as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path)?;
        // No symbolic meaning for names such as `file:…`: a path is a path.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_WAIT)?;
        // SQLite opens what it may not write for reading only, and says so no sooner than at the first write.
        if connection.is_readonly("main")? {
            return Err(StoreError::ReadOnly);
        }
        // What is refused is not touched. A house that was killed has left a log beside its file, and SQLite would move that
        // into the file when it is closed.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        schema::check(&connection)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        configure(&connection)?;
        schema::migrate(&mut connection)?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// Looks at a store and changes nothing, not even an older schema: for whoever asks whether a house would start.
    ///
    /// # Errors
    /// As [`Self::open`], but that the file must be there.
    pub fn examine(path: &Path) -> Result<Examined, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_WAIT)?;
        schema::check(&connection)?;
        let (schema, known) = schema::versions(&connection)?;
        let newest_at_ms = match schema {
            0 => None,
            _ => connection.query_row("SELECT max(at_ms) FROM events", [], |row| row.get::<_, Option<i64>>(0))?,
        };
        Ok(Examined {
            schema,
            known,
            newest_at_ms: newest_at_ms.map(i64::unsigned_abs),
        })
    }

    /// A thread that panicked while it held the connection left no transaction open: dropping one rolls it back.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SqliteStore {
    fn append(
        &self,
        stream: &StreamId,
        expected_seq: u64,
        events: &[NewEvent<'_>],
        now_ms: u64,
    ) -> Result<u64, StoreError> {
        let at_ms = i64::try_from(now_ms).map_err(|_| StoreError::OutOfRange("the time"))?;
        let mut connection = self.connection();
        // Immediate: the lock is taken before the last number is read, so nobody can append in between.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let actual = last_seq(&transaction, stream)?;
        if u64::try_from(actual) != Ok(expected_seq) {
            return Err(StoreError::Conflict {
                expected: expected_seq,
                actual: actual.unsigned_abs(),
            });
        }
        let mut seq = actual;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO events (stream, seq, at_ms, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for event in events {
                seq = seq.checked_add(1).ok_or(StoreError::OutOfRange("the event's number"))?;
                insert.execute(params![stream.as_bytes(), seq, at_ms, event.kind, event.body])?;
            }
        }
        transaction.commit()?;
        Ok(seq.unsigned_abs())
    }

    fn read(&self, stream: &StreamId, after_seq: u64) -> Result<Vec<StoredEvent>, StoreError> {
        // A number that no event can have has no events after it.
        let Ok(after_seq) = i64::try_from(after_seq) else {
            return Ok(Vec::new());
        };
        let connection = self.connection();
        let mut select = connection
            .prepare_cached("SELECT seq, at_ms, kind, body FROM events WHERE stream = ?1 AND seq > ?2 ORDER BY seq")?;
        let events = select.query_map(params![stream.as_bytes(), after_seq], stored_event)?;
        Ok(events.collect::<Result<_, _>>()?)
    }

    fn read_one(&self, stream: &StreamId, seq: u64) -> Result<Option<StoredEvent>, StoreError> {
        let Ok(seq) = i64::try_from(seq) else {
            return Ok(None);
        };
        let connection = self.connection();
        let mut select =
            connection.prepare_cached("SELECT seq, at_ms, kind, body FROM events WHERE stream = ?1 AND seq = ?2")?;
        let found = select.query_row(params![stream.as_bytes(), seq], stored_event);
        Ok(found.optional()?)
    }

    fn streams(&self) -> Result<Vec<StreamId>, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached("SELECT DISTINCT stream FROM events ORDER BY stream")?;
        let streams = select.query_map([], |row| Ok(StreamId::new(row.get(0)?)))?;
        Ok(streams.collect::<Result<_, _>>()?)
    }

    fn get_or_insert_setting(&self, key: &str, make: &mut dyn FnMut() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known: Option<Vec<u8>> = transaction
            .prepare_cached("SELECT value FROM house WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        if let Some(value) = known {
            return Ok(value);
        }
        let value = make();
        transaction.execute("INSERT INTO house (key, value) VALUES (?1, ?2)", params![key, value])?;
        transaction.commit()?;
        Ok(value)
    }
}

fn stored_event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    // Neither number can be negative: the table refuses it.
    let seq: i64 = row.get(0)?;
    let at_ms: i64 = row.get(1)?;
    Ok(StoredEvent {
        seq: seq.unsigned_abs(),
        at_ms: at_ms.unsigned_abs(),
        kind: row.get(2)?,
        body: row.get(3)?,
    })
}

fn last_seq(transaction: &Transaction<'_>, stream: &StreamId) -> Result<i64, StoreError> {
    let mut select = transaction.prepare_cached("SELECT coalesce(max(seq), 0) FROM events WHERE stream = ?1")?;
    Ok(select.query_row([stream.as_bytes()], |row| row.get(0))?)
}

/// What makes a commit durable before it returns.
fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    // Sync the log at every commit. The default of many, NORMAL, may lose the last commits when the power fails.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A damaged file is to be an error and not a guess.
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

/// Creates an empty file that only this user can read; SQLite gives the log beside it the same permissions.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::CannotOpen {
            path: path.to_path_buf(),
            source,
        }),
    }
}
