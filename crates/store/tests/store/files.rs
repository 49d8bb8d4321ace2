//! Files that the store must refuse, or handle with care.

use crate::{child, event, open, stream};
use incamera_store::{SqliteStore, Store, StoreError};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

fn open_fails(folder: &Path) -> StoreError {
    match SqliteStore::open(&folder.join("incamera.db")) {
        Ok(_) => panic!("the file was accepted"),
        Err(error) => error,
    }
}

fn change(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("incamera.db"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

#[test]
fn only_its_owner_can_read_the_file_and_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.append(&stream(1), 0, &[event("said", b"first")], 1).unwrap();
    for name in ["incamera.db", "incamera.db-wal"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn someone_elses_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    change(folder.path(), "CREATE TABLE recipes (name TEXT)");
    let refusal = open_fails(folder.path());
    assert!(matches!(refusal, StoreError::NotAStore), "{refusal:?}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("incamera.db"), "Dear diary, ".repeat(1_000)).unwrap();
    let refusal = open_fails(folder.path());
    assert!(matches!(refusal, StoreError::NotAStore), "{refusal:?}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = open_fails(&folder.path().join("nowhere"));
    assert!(matches!(refusal, StoreError::CannotOpen { .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("nowhere"), "{refusal}");
}

#[test]
fn a_read_only_file_is_refused_at_the_start_and_not_in_the_meeting() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path())
        .append(&stream(1), 0, &[event("said", b"first")], 1)
        .unwrap();

    // Root may write everywhere, so the attempt is made by nobody, with a copy of this program where nobody can run it.
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let permit = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    permit(&program, 0o755);
    permit(&folder.path().join("incamera.db"), 0o444);
    permit(folder.path(), 0o555);
    let mut attempt = child::command(&program, "open what is read-only", folder.path());
    if fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0) {
        attempt.uid(65_534).gid(65_534);
    }
    let output = attempt.output().unwrap();
    permit(folder.path(), 0o755);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

pub(crate) fn open_what_is_read_only(folder: &Path) {
    let refusal = open_fails(folder);
    assert!(matches!(refusal, StoreError::ReadOnly), "{refusal:?}");
}
