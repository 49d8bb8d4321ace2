//! What can go wrong, by who can put it right.

use rusqlite::ErrorCode;
use std::path::PathBuf;
use thiserror::Error;

/// Why the store did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The caller is late: somebody else appended since it last read.
    #[error("the stream's last event is {actual}, not {expected}")]
    Conflict {
        /// The number that the caller believed to be the last.
        expected: u64,
        /// The number of the event that is the last.
        actual: u64,
    },

    /// The caller gave a number that no file can hold.
    #[error("{0} is too large to store")]
    OutOfRange(&'static str),

    /// The house's disk has no room. Nothing was lost; appending works again when there is room.
    #[error("the disk is full")]
    DiskFull,

    /// The house's file, its folder or its disk refuses to be written.
    #[error("the store is read-only")]
    ReadOnly,

    /// Another program holds the file and does not let go.
    #[error("another program is using the store")]
    Busy,

    /// The file cannot be opened: the folder is not there, or this user may not read it.
    #[error("cannot open the store {}", path.display())]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },

    /// The file was written by a newer incamera, and this one would not understand all of it.
    #[error("the store has schema {found}, and this incamera knows only {known}: run the newer incamera again")]
    NewerSchema {
        /// The schema of the file.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },

    /// The file is something else.
    #[error("the file is not a store of incamera")]
    NotAStore,

    /// The file is damaged.
    #[error("the store is damaged")]
    Damaged(#[source] rusqlite::Error),

    /// The disk failed, or SQLite was used wrongly, which would be our fault.
    #[error("the store failed")]
    Failed(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::NotADatabase) => Self::NotAStore,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error),
            _ => Self::Failed(error),
        }
    }
}
