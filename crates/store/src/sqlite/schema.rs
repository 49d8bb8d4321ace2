//! The tables, and how an older file becomes a newer one.

use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours (`PRAGMA application_id`): "InCa".
const APPLICATION_ID: i64 = 0x496e_4361;

/// Each entry makes the next schema out of the one before it. Entries are only ever added.
const MIGRATIONS: [&str; 1] = [
    // 1: events and settings. The triggers make "append-only" a property of the file and not of our good intentions.
    "CREATE TABLE events (
        stream BLOB NOT NULL CHECK (length(stream) = 32),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
        kind TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (stream, seq)
    ) STRICT;
    CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
        BEGIN SELECT raise(ABORT, 'events are never changed'); END;
    CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
        BEGIN SELECT raise(ABORT, 'events are never deleted'); END;
    CREATE TABLE house (
        key TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;",
];

/// The newest schema that this program knows.
const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Refuses a file that is not ours or is from the future, before anything in it is touched.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let application_id = number(connection, "PRAGMA application_id")?;
    let found = number(connection, "PRAGMA user_version")?;
    let objects = number(connection, "SELECT count(*) FROM sqlite_schema")?;
    let is_empty = application_id == 0 && found == 0 && objects == 0;
    if application_id != APPLICATION_ID && !is_empty {
        return Err(StoreError::NotAStore);
    }
    if found > KNOWN {
        return Err(StoreError::NewerSchema { found, known: KNOWN });
    }
    Ok(())
}

/// The schema of the file, and the newest that this program knows.
pub(super) fn versions(connection: &Connection) -> Result<(i64, i64), StoreError> {
    Ok((number(connection, "PRAGMA user_version")?, KNOWN))
}

/// Brings the file to the newest schema, in one transaction: a crash leaves the old schema or the new one.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = number(&transaction, "PRAGMA user_version")?;
    let done = usize::try_from(found).map_err(|_| StoreError::NotAStore)?;
    if done < MIGRATIONS.len() {
        for migration in MIGRATIONS.iter().skip(done) {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", KNOWN)?;
    }
    transaction.commit()?;
    Ok(())
}

fn number(connection: &Connection, query: &str) -> Result<i64, StoreError> {
    Ok(connection.query_row(query, [], |row| row.get(0))?)
}
