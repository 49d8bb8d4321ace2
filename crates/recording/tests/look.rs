//! I9: the recordings that a record names, altered, exchanged, cut off and gone: whoever looks at them finds it, and where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../seal/tests/house/mod.rs"]
mod house;
mod recorded;

use std::collections::BTreeMap;

use incamera_meeting::{Recorded, RecordedFile, RecordedTake};
use incamera_record::{Finding, Found, Frames, KeyOf, PartReport, RecordingReport, Report};
use incamera_recording::{Look, named};
use recorded::{FRAMES, file, recorded};
use sha2::{Digest as _, Sha256};

/// A verified record that names one recording of a sealed file and another that was made of it; and the files.
fn meeting() -> (Report, BTreeMap<String, Vec<u8>>) {
    let (notes, keys) = recorded();
    let (sealed, take) = (file(&notes), vec![7_u8; 70_000]);
    let of = |bytes: &[u8]| {
        let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        (sum, bytes.len() as u64)
    };
    let ((sealed_sum, sealed_size), (take_sum, take_size)) = (of(&sealed), of(&take));
    let recorded = Recorded {
        part: 2,
        piece: 1,
        offset_ms: 0,
        length_ms: 3_000,
        to_the_end: true,
        sealed: RecordedFile {
            sha256: sealed_sum,
            size: sealed_size,
        },
        takes: vec![RecordedTake {
            number: 1,
            sha256: take_sum,
            size: take_size,
        }],
    };
    let names: Vec<String> = named(&recorded).iter().map(|it| it.kind.name()).collect();
    let files = names.into_iter().zip([sealed, take]).collect();
    let incamera_recording::sealed::Note::Head(head) = &notes[0] else {
        panic!("it begins with its head")
    };
    let report = Report {
        meeting: Some(head.meeting),
        parts: vec![part(2, 1_000, 4_000)],
        recordings: vec![RecordingReport {
            entry: 9,
            recorded,
            deleted_at_ms: None,
            checked: false,
        }],
        keys: keys
            .into_iter()
            .map(|it| KeyOf {
                part: 2,
                key: it.key,
                letter: it.letter,
                letter_key: it.letter_key,
                name: String::new(),
            })
            .collect(),
        ..Report::default()
    };
    (report, files)
}

fn part(n: u32, started_at_ms: u64, ended_at_ms: u64) -> PartReport {
    PartReport {
        n,
        phase: "open",
        seconds: 3.0,
        frames_checked: 0,
        frames: Frames::default(),
        started_at_ms,
        ended_at_ms: Some(ended_at_ms),
        item: String::new(),
        ground: String::new(),
        moved_by: String::new(),
        consents: Vec::new(),
        keys: 0,
        unheard: Vec::new(),
    }
}

fn looked(report: Report, files: &BTreeMap<String, Vec<u8>>) -> Report {
    let mut look = Look::new(report);
    while let Some(named) = look.wanted() {
        match files.get(&named.kind.name()) {
            None => look.give_up(None),
            Some(bytes) => {
                let _ = bytes.chunks(1_234).all(|piece| look.take(piece));
                look.end();
            }
        }
    }
    look.report()
}

/// What was found, which was not checked through.
fn found(report: &Report) -> Vec<Found> {
    assert!(!report.ok && !report.recordings[0].checked, "{report:#?}");
    let placed = |it: &Finding| it.entry == Some(9) || matches!(it.found, Found::FramesContradicted { .. });
    assert!(report.problems.iter().all(placed), "{report:#?}");
    report.problems.iter().map(|it| it.found.clone()).collect()
}

const SEALED: &str = "part-2.1.sealed";
const TAKE: &str = "part-2.1-1.webm";

#[test]
fn recordings_that_are_what_the_record_says_hold() {
    let (report, files) = meeting();
    let report = looked(report, &files);
    assert!(report.ok && report.recordings[0].checked, "{report:#?}");
    assert_eq!(report.parts[0].frames_checked, FRAMES);
    assert_eq!(report.parts[0].frames.matched, FRAMES);
}

#[test]
fn i9_a_byte_that_is_flipped_anywhere_in_a_recording_is_found() {
    let (report, files) = meeting();
    let altered = |file: &str| Found::RecordingAltered { file: file.to_owned() };
    for name in [SEALED, TAKE] {
        for at in (0..files[name].len()).step_by(997) {
            let mut files = files.clone();
            files.get_mut(name).unwrap()[at] ^= 1;
            let report = looked(report.clone(), &files);
            assert_eq!(found(&report)[0], altered(name), "at {at}");
        }
    }
    // Of a frame it is said as well when it was to be heard: number 70, after 1.4 s.
    let (mut notes, _) = recorded();
    let frame = recorded::frame(&mut notes, 70);
    let last = frame.bytes.len() - 12;
    frame.bytes[last] ^= 1;
    let mut files = files;
    files.insert(SEALED.to_owned(), file(&notes));
    let contradicted = Found::FramesContradicted {
        part: 2,
        frames: 1,
        seconds: 1,
    };
    assert_eq!(found(&looked(report, &files)), [altered(SEALED), contradicted]);
}

#[test]
fn i9_a_recording_that_is_cut_off_is_found_and_how_much_there_is() {
    let (report, files) = meeting();
    for name in [SEALED, TAKE] {
        let of = files[name].len();
        for bytes in [0, 10, of / 2, of - 1] {
            let mut files = files.clone();
            files.get_mut(name).unwrap().truncate(bytes);
            let report = looked(report.clone(), &files);
            let cut = Found::RecordingCut {
                file: name.to_owned(),
                bytes: bytes as u64,
                of: of as u64,
            };
            assert_eq!(found(&report)[0], cut);
            // What is there of it is held against its signatures all the same.
            let half = name == SEALED && bytes == of / 2;
            assert!(!half || report.parts[0].frames.matched == FRAMES / 3, "{report:#?}");
        }
    }
}

#[test]
fn i9_a_recording_with_another_in_its_place_or_with_more_behind_it_is_found() {
    let (report, files) = meeting();
    let altered = |file: &str| Found::RecordingAltered { file: file.to_owned() };
    // The sealed frames of another meeting, which nothing opens.
    let mut other = files.clone();
    other.insert(SEALED.to_owned(), file(&recorded::of_another_meeting()));
    let other = found(&looked(report.clone(), &other));
    assert!(
        matches!(other[0], Found::RecordingAltered { .. } | Found::RecordingCut { .. }),
        "{other:?}"
    );
    assert!(
        other.contains(&Found::RecordingOfAnother {
            file: SEALED.to_owned()
        }),
        "{other:?}"
    );
    // One in the place of the other.
    let mut swapped = files.clone();
    swapped.insert(TAKE.to_owned(), files[SEALED].clone());
    assert!(!found(&looked(report.clone(), &swapped)).is_empty());
    // And more than there was.
    let mut longer = files;
    longer.get_mut(TAKE).unwrap().push(7);
    assert_eq!(found(&looked(report, &longer)), [altered(TAKE)]);
}

#[test]
fn i9_a_recording_that_is_gone_is_found_unless_the_record_says_that_it_was_deleted() {
    let (report, mut files) = meeting();
    files.remove(SEALED);
    let missing = Found::RecordingMissing {
        file: SEALED.to_owned(),
    };
    assert_eq!(found(&looked(report.clone(), &files)), [missing]);
    let mut deleted = report;
    deleted.recordings[0].deleted_at_ms = Some(9_000);
    assert!(looked(deleted, &files).ok);
}

#[test]
fn i9_a_recording_that_ends_before_its_part_is_found() {
    let (mut report, files) = meeting();
    report.parts[0].ended_at_ms = Some(9_000);
    let other = Found::RecordingOfOtherLength {
        file: SEALED.to_owned(),
    };
    assert_eq!(found(&looked(report, &files)), [other]);
}
