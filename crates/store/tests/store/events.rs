//! Order, conflicts, batches, reopening, settings.

use crate::{event, open, stream};
use incamera_store::{Store, StoreError, StoredEvent};

fn stored(seq: u64, at_ms: u64, kind: &str, body: &[u8]) -> StoredEvent {
    StoredEvent {
        seq,
        at_ms,
        kind: kind.to_owned(),
        body: body.to_vec(),
    }
}

#[test]
fn events_come_back_in_order_and_from_where_one_asks() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(
        store
            .append(&stream(1), 0, &[event("convened", b"a"), event("joined", b"")], 10)
            .unwrap(),
        2
    );
    assert_eq!(
        store.append(&stream(1), 2, &[event("opened", &[0, 255])], 20).unwrap(),
        3
    );

    let all = [
        stored(1, 10, "convened", b"a"),
        stored(2, 10, "joined", b""),
        stored(3, 20, "opened", &[0, 255]),
    ];
    assert_eq!(store.read(&stream(1), 0).unwrap(), all);
    assert_eq!(store.read(&stream(1), 2).unwrap(), all[2..]);
    assert_eq!(store.read(&stream(1), 3).unwrap(), []);
    assert_eq!(store.read(&stream(1), u64::MAX).unwrap(), []);
    for event in &all {
        assert_eq!(store.read_one(&stream(1), event.seq).unwrap().as_ref(), Some(event));
    }
    for none in [0, 4, u64::MAX] {
        assert_eq!(store.read_one(&stream(1), none).unwrap(), None);
    }
}

#[test]
fn streams_do_not_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.append(&stream(2), 0, &[event("said", b"two")], 1).unwrap();
    store.append(&stream(1), 0, &[event("said", b"one")], 2).unwrap();

    assert_eq!(store.streams().unwrap(), [stream(1), stream(2)]);
    assert_eq!(store.read(&stream(1), 0).unwrap(), [stored(1, 2, "said", b"one")]);
    assert_eq!(store.read(&stream(3), 0).unwrap(), []);
}

#[test]
fn a_late_writer_conflicts_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.append(&stream(1), 0, &[event("said", b"first")], 1).unwrap();

    for late in [0, 2, u64::MAX] {
        match store.append(&stream(1), late, &[event("said", b"late")], 2) {
            Err(StoreError::Conflict { expected, actual }) => assert_eq!((expected, actual), (late, 1)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.read(&stream(1), 0).unwrap().len(), 1);
}

#[test]
fn of_two_writers_on_one_file_who_decided_on_the_same_state_one_conflicts() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(folder.path()), open(folder.path())];
    std::thread::scope(|scope| {
        for store in &stores {
            scope.spawn(move || {
                for _ in 0..50 {
                    let last = store.read(&stream(1), 0).unwrap().len() as u64;
                    match store.append(&stream(1), last, &[event("said", &last.to_be_bytes())], 1) {
                        Ok(_) | Err(StoreError::Conflict { .. }) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    for (index, stored) in stores[0].read(&stream(1), 0).unwrap().iter().enumerate() {
        assert_eq!(
            stored.body,
            (index as u64).to_be_bytes(),
            "appended on top of exactly what it had read"
        );
    }
}

#[test]
fn no_events_append_nothing_but_still_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(store.append(&stream(1), 0, &[], 1).unwrap(), 0);
    assert!(matches!(
        store.append(&stream(1), 1, &[], 1),
        Err(StoreError::Conflict { .. })
    ));
    assert_eq!(store.streams().unwrap(), []);
}

#[test]
fn a_time_that_cannot_be_stored_is_the_callers_fault() {
    let folder = tempfile::tempdir().unwrap();
    let refused = open(folder.path()).append(&stream(1), 0, &[event("said", b"")], u64::MAX);
    assert!(matches!(refused, Err(StoreError::OutOfRange(_))), "{refused:?}");
}

#[test]
fn a_reopened_store_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path())
        .append(&stream(1), 0, &[event("said", b"before")], 1)
        .unwrap();
    let store = open(folder.path());
    assert_eq!(store.append(&stream(1), 1, &[event("said", b"after")], 2).unwrap(), 2);
    assert_eq!(store.read(&stream(1), 0).unwrap().len(), 2);
}

#[test]
fn a_setting_is_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path())
        .get_or_insert_setting("house key", &mut || vec![1, 2, 3])
        .unwrap();
    let again = open(folder.path())
        .get_or_insert_setting("house key", &mut || panic!("made twice"))
        .unwrap();
    assert_eq!((first, again), (vec![1, 2, 3], vec![1, 2, 3]));
}

#[test]
fn logs_do_not_show_meetings_or_what_was_stored() {
    assert_eq!(format!("{:?}", stream(0xab)), "abababab…");
    assert_eq!(
        format!("{:?}", stored(1, 2, "said", b"a name")),
        "#1 said at 2 (6 bytes)"
    );
}
