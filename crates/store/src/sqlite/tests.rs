//! What only someone who holds the connection can bring about: a full disk, a disk that turns read-only, tampering.

use super::*;

const STREAM: StreamId = StreamId::new([7; 32]);

fn store() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("incamera.db")).unwrap();
    (folder, store)
}

fn event(body: &[u8]) -> NewEvent<'_> {
    NewEvent { kind: "said", body }
}

#[test]
fn a_full_disk_is_named_loses_nothing_and_heals() {
    let (_folder, store) = store();
    store.append(&STREAM, 0, &[event(b"first")], 1).unwrap();
    let pages_now: i64 = store
        .connection()
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    let set_pages_max = |pages: i64| {
        store
            .connection()
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .unwrap();
    };
    let large = vec![1; 100_000];

    set_pages_max(pages_now + 2);
    let refused = store.append(&STREAM, 1, &[event(b"small"), event(&large)], 2);
    assert!(matches!(refused, Err(StoreError::DiskFull)), "{refused:?}");
    assert_eq!(
        store.read(&STREAM, 0).unwrap().len(),
        1,
        "the small event of the refused batch is not there either"
    );

    set_pages_max(1_000_000);
    assert_eq!(store.append(&STREAM, 1, &[event(&large)], 3).unwrap(), 2);
}

#[test]
fn a_store_that_turns_read_only_refuses_to_append_and_still_reads() {
    let (_folder, store) = store();
    store.append(&STREAM, 0, &[event(b"first")], 1).unwrap();
    store.connection().pragma_update(None, "query_only", true).unwrap();

    let refused = store.append(&STREAM, 1, &[event(b"second")], 2);
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    assert_eq!(store.read(&STREAM, 0).unwrap().len(), 1);
}

#[test]
fn events_can_be_neither_changed_nor_deleted() {
    let (_folder, store) = store();
    store.append(&STREAM, 0, &[event(b"first")], 1).unwrap();
    for tampering in ["UPDATE events SET body = x'00'", "DELETE FROM events"] {
        store.connection().execute(tampering, []).unwrap_err();
    }
    assert_eq!(store.read(&STREAM, 0).unwrap()[0].body, b"first");
}

#[test]
fn every_commit_is_synced() {
    let (_folder, store) = store();
    let connection = store.connection();
    let synchronous: i64 = connection
        .query_row("PRAGMA synchronous", [], |row| row.get(0))
        .unwrap();
    let journal: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!((synchronous, journal.as_str()), (2, "wal"));
}
