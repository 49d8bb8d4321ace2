//! The store from outside: one harness, a module per behaviour.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod child;
mod events;
mod files;
mod kill;
mod model;
mod schemas;

use incamera_store::{NewEvent, SqliteStore, StreamId};
use std::path::Path;

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("incamera.db")).unwrap()
}

fn stream(number: u8) -> StreamId {
    StreamId::new([number; 32])
}

fn event<'a>(kind: &'a str, body: &'a [u8]) -> NewEvent<'a> {
    NewEvent { kind, body }
}
