//! What is fetched of a record, and what is made of answers that are none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../seal/tests/house/mod.rs"]
mod house;
mod support;

use std::collections::BTreeMap;

use incamera_protocol::limits;
use incamera_record::*;
use support::*;

/// All that a house serves of a record, by path.
fn served(kept: &Kept) -> BTreeMap<String, Vec<u8>> {
    let bundle = &kept.bundle;
    let record = format!("/m/{}/record", kept.meeting);
    let house = house_log(kept.meeting, &tree_of(&bundle.entries));
    let mut files = BTreeMap::from([
        ("/record/key".to_owned(), bundle.vkey.clone().into_bytes()),
        (
            "/record/checkpoint".to_owned(),
            bundle.house.clone().unwrap().checkpoint.into_bytes(),
        ),
        (format!("{record}/checkpoint"), bundle.checkpoint.clone().into_bytes()),
    ]);
    for (base, entries) in [("/record", &house), (record.as_str(), &bundle.entries)] {
        for tile in Tile::of_size(entries.len() as u64) {
            let path = format!("{base}/tile/entries/{}", tile.path());
            files.insert(path, tile.bundle(entries).unwrap());
        }
    }
    let mut list = String::new();
    for note in &bundle.witnessed {
        let size = Checkpoint::read(&Note::read(note).unwrap().text).unwrap().size;
        list += &format!("{size}\n");
        files.insert(format!("{record}/checkpoint/{size}"), note.clone().into_bytes());
    }
    // One that was countersigned after the head was fetched.
    list += &format!("{}\n", bundle.entries.len() + 1);
    files.insert(format!("{record}/checkpoints"), list.into_bytes());
    for (sum, bytes) in &bundle.attachments {
        files.insert(format!("{record}/attachment/{sum}"), bytes.clone());
    }
    files
}

/// Fetches from what is served, always what was asked for last, as many at a time as there are.
fn fetch(kept: &Kept, files: &BTreeMap<String, Vec<u8>>) -> Result<Bundle, (String, DownloadError)> {
    let mut download = Download::new(kept.meeting);
    let mut under_way = Vec::new();
    let mut asked = Vec::new();
    loop {
        under_way.extend(std::iter::from_fn(|| download.wanted()));
        let Some(wanted) = under_way.pop() else { break };
        assert!(!asked.contains(&wanted.path), "{} is asked for twice", wanted.path);
        asked.push(wanted.path.clone());
        let bytes = files[&wanted.path].clone();
        download
            .take(wanted.ticket, bytes)
            .map_err(|error| (wanted.path, error))?;
    }
    Ok(download.bundle().unwrap())
}

#[test]
fn a_record_is_fetched_whole_in_whatever_order_it_comes() {
    let kept = kept();
    assert_eq!(fetch(&kept, &served(&kept)), Ok(kept.bundle));
}

/// The same, given out by a house that has not kept it.
fn served_elsewhere(kept: &Kept) -> BTreeMap<String, Vec<u8>> {
    let mut files = served(kept);
    let record = format!("/m/{}/record", kept.meeting);
    let house = kept.bundle.house.as_ref().unwrap();
    files.retain(|path, _| !path.starts_with("/record/"));
    let other = incamera_meeting::Seed::new([9; 32]).public_key();
    let key = log_key(&house_origin(other), other).unwrap().vkey();
    files.insert("/record/key".to_owned(), key.into_bytes());
    files.insert(format!("{record}/key"), kept.bundle.vkey.clone().into_bytes());
    files.insert(
        format!("{record}/house/checkpoint"),
        house.checkpoint.clone().into_bytes(),
    );
    let inclusions = serde_json::to_vec(&house.inclusions).unwrap();
    files.insert(format!("{record}/house/inclusions"), inclusions);
    files
}

#[test]
fn a_record_that_another_house_has_kept_is_fetched_with_that_houses_word() {
    let kept = kept();
    let mut files = served_elsewhere(&kept);
    let fetched = fetch(&kept, &files).unwrap();
    assert!(fetched.elsewhere);
    let report = verify(&fetched, Known::default());
    assert!(report.ok, "{report:#?}");
    assert!(report.remarks.iter().any(|it| it.found == Found::GivenOutElsewhere));
    let same = Bundle {
        elsewhere: false,
        ..fetched
    };
    assert_eq!(same, kept.bundle);
    // The house that gives it out cannot pass for the one that kept it.
    let key = files["/record/key"].clone();
    let record = format!("/m/{}/record", kept.meeting);
    files.insert(format!("{record}/key"), key);
    assert!(!verify(&fetch(&kept, &files).unwrap(), Known::default()).ok);
    files.insert(format!("{record}/house/inclusions"), b"[1]".to_vec());
    assert_eq!(fetch(&kept, &files).unwrap_err().1, DownloadError::NoInclusions);
}

#[test]
fn a_record_is_not_there_before_all_of_it_has_come() {
    let kept = kept();
    let mut download = Download::new(kept.meeting);
    let wanted = download.wanted().unwrap();
    download
        .take(wanted.ticket, served(&kept)[&wanted.path].clone())
        .unwrap();
    assert_eq!(download.take(wanted.ticket, Vec::new()), Err(DownloadError::Unasked));
    assert_eq!(download.bundle(), None);
}

#[test]
fn answers_that_are_none_are_refused() {
    let kept = kept();
    let record = format!("/m/{}/record", kept.meeting);
    let entries = Tile::of_size(kept.bundle.entries.len() as u64).next().unwrap();
    let entries = format!("{record}/tile/entries/{}", entries.path());
    let head = format!("{record}/checkpoint");
    let too_long = Checkpoint {
        origin: "log".to_owned(),
        size: limits::ENTRIES_MAX + 1,
        root: tree_of(&[]).root(),
    };
    let too_long = too_long.sign(&house_seed()).write().into_bytes();
    for (path, answer, refused) in [
        ("/record/key", vec![0xff], DownloadError::NoText),
        (&head, b"size 12".to_vec(), DownloadError::NoCheckpoint),
        (&head, too_long, DownloadError::TooLarge),
        (&head, vec![b' '; limits::NOTE_BYTES_MAX + 1], DownloadError::TooLarge),
        (&entries, vec![0, 9, 1], DownloadError::NoBundle),
        (&entries, vec![0, 1, 1], DownloadError::NoBundle),
        (
            &format!("{record}/checkpoints"),
            b"twelve\n".to_vec(),
            DownloadError::NoList,
        ),
    ] {
        let mut files = served(&kept);
        files.insert(path.to_owned(), answer);
        assert_eq!(fetch(&kept, &files), Err((path.to_owned(), refused)));
    }
}

#[test]
fn what_does_not_hold_is_fetched_all_the_same_and_found() {
    let kept = kept();
    let mut files = served(&kept);
    let attachment = files.keys().find(|path| path.contains("/attachment/")).unwrap().clone();
    files.get_mut(&attachment).unwrap()[3] ^= 1;
    let bundle = fetch(&kept, &files).unwrap();
    assert!(!verify(&bundle, Known::default()).ok);
}
