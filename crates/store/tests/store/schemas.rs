//! Files of every schema that there ever was. Whoever adds a schema adds, beside its migration, a file of the one before it
//! to `tests/schemas`, as an incamera of that time wrote it.

use crate::open;
use incamera_store::{SqliteStore, Store as _, StoreError};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// By schema: the dump of a file.
const SCHEMAS: [(i64, &str); 1] = [(1, include_str!("../schemas/1.sql"))];

/// A file as an incamera of then left it.
fn written(folder: &Path, dump: &str) -> Connection {
    let connection = Connection::open(folder.join("incamera.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.execute_batch(dump).unwrap();
    connection
}

type Event = (Vec<u8>, i64, i64, String, Vec<u8>);

/// Everything that is in a file, whatever opens it.
fn contents(connection: &Connection) -> (Vec<Event>, BTreeMap<String, Vec<u8>>) {
    let mut events = connection
        .prepare("SELECT stream, seq, at_ms, kind, body FROM events ORDER BY stream, seq")
        .unwrap();
    let events = events
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .unwrap();
    let events = events.map(Result::unwrap).collect();
    let mut settings = connection.prepare("SELECT key, value FROM house").unwrap();
    let settings = settings.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    (events, settings.map(Result::unwrap).collect())
}

/// What the tables of a file are.
fn tables(folder: &Path) -> Vec<(String, Option<String>)> {
    let connection = Connection::open(folder.join("incamera.db")).unwrap();
    let mut tables = connection
        .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
        .unwrap();
    let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    tables
        .map(Result::unwrap)
        .map(|(name, sql): (String, Option<String>)| {
            // How a statement was broken into lines says nothing of the table.
            (
                name,
                sql.map(|sql| sql.split_whitespace().collect::<Vec<_>>().join(" ")),
            )
        })
        .collect()
}

/// The store and what is beside it, with all bytes. An empty log says nothing, and of the index of the log nothing is kept:
/// whoever opens the file next makes it anew (<https://sqlite.org/walformat.html> §2).
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    files
        .map(|it| (it.file_name().into_string().unwrap(), fs::read(it.path()).unwrap()))
        .filter(|(name, bytes)| !name.ends_with("-shm") && !bytes.is_empty())
        .collect()
}

#[test]
fn an_empty_file_becomes_the_present_schema() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("incamera.db"), b"").unwrap();
    drop(open(folder.path()));
    let examined = SqliteStore::examine(&folder.path().join("incamera.db")).unwrap();
    assert_eq!(examined.schema, examined.known);
}

#[test]
fn there_is_a_file_of_every_schema_that_there_was() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let known = SqliteStore::examine(&folder.path().join("incamera.db")).unwrap().known;
    let there: Vec<i64> = SCHEMAS.iter().map(|(schema, _)| *schema).collect();
    assert_eq!(there, (1..=known).collect::<Vec<_>>());
}

#[test]
fn a_file_of_every_schema_becomes_the_present_one_and_keeps_what_is_in_it() {
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()));
    for (schema, dump) in SCHEMAS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("incamera.db");
        let connection = written(folder.path(), dump);
        let before = contents(&connection);
        drop(connection);
        assert_eq!(SqliteStore::examine(&path).unwrap().schema, schema);

        let store = open(folder.path());
        let examined = SqliteStore::examine(&path).unwrap();
        assert_eq!(examined.schema, examined.known);
        assert_eq!(tables(folder.path()), tables(fresh.path()), "schema {schema}");
        let (events, settings) = before;
        let mut read = Vec::new();
        for stream in store.streams().unwrap() {
            read.extend(store.read(&stream, 0).unwrap().into_iter().map(|it| {
                let number = |number: u64| i64::try_from(number).unwrap();
                (
                    stream.as_bytes().to_vec(),
                    number(it.seq),
                    number(it.at_ms),
                    it.kind,
                    it.body,
                )
            }));
        }
        assert!(!events.is_empty() && read == events, "schema {schema}");
        for (key, value) in settings {
            let kept = store.get_or_insert_setting(&key, &mut || panic!("{key} is gone"));
            assert_eq!(kept.unwrap(), value);
        }
    }
}

#[test]
fn a_newer_schema_is_refused_with_both_numbers_and_not_touched_even_if_its_house_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (schema, dump) = SCHEMAS[SCHEMAS.len() - 1];
    let newer = written(folder.path(), dump);
    newer.pragma_update(None, "user_version", schema + 1).unwrap();
    // What a kill leaves: all of it is in the log beside the file still.
    let killed = tempfile::tempdir().unwrap();
    for (name, bytes) in files(folder.path()) {
        fs::write(killed.path().join(name), bytes).unwrap();
    }
    drop(newer);
    for folder in [folder.path(), killed.path()] {
        let before = files(folder);
        let Err(refusal) = SqliteStore::open(&folder.join("incamera.db")) else {
            panic!("a newer schema was accepted");
        };
        assert!(matches!(refusal, StoreError::NewerSchema { .. }), "{refusal:?}");
        let told = refusal.to_string();
        assert!(told.contains(&format!("schema {}", schema + 1)), "{told}");
        assert!(told.contains(&format!("only {schema}")), "{told}");
        assert!(told.contains("run the newer incamera again"), "{told}");
        assert!(before == files(folder), "the file was touched");
    }
    assert_eq!(files(killed.path()).len(), 2, "the log is beside it");
}
