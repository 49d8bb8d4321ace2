//! I9: whoever holds the recording and the disclosed keys can alter it, and whoever checks it finds out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../seal/tests/house/mod.rs"]
mod house;
mod recorded;

use std::io::Cursor;

use incamera_recording::sealed::{Note, Reader};
use incamera_recording::{Check, Checked, Proofs, SenderKey};
use incamera_seal::Tally;
use recorded::{FRAMES, file, frame, recorded};

fn checked(notes: &[Note], keys: &[SenderKey]) -> (Checked, Tally) {
    let mut proofs = Proofs::default();
    let Note::Head(head) = &notes[0] else {
        panic!("it begins with its head")
    };
    let mut check = Check::new(head.meeting, keys.to_vec());
    // As it comes from a network: in pieces that end anywhere.
    for piece in file(notes).chunks(1_000) {
        check.take(piece, &mut proofs).unwrap();
    }
    (check.finish(), proofs.finish())
}

#[test]
fn i9_every_frame_of_a_recording_is_the_one_that_its_sender_signed() {
    let (notes, keys) = recorded();
    let (checked, tally) = checked(&notes, &keys);
    assert_eq!((checked.opened, checked.shut, checked.length_ms), (FRAMES, 0, 3_000));
    let all = Tally {
        matched: FRAMES,
        ..Tally::default()
    };
    assert_eq!(tally, all);
}

#[test]
fn i9_a_frame_that_is_altered_in_the_recording_is_found() {
    let (mut notes, keys) = recorded();
    let altered = frame(&mut notes, 70);
    let at = altered.bytes.len() - 12;
    altered.bytes[at] ^= 1;
    let (checked, tally) = checked(&notes, &keys);
    // The disclosed key opens it all the same.
    assert_eq!(checked.opened, FRAMES);
    assert_eq!((tally.matched, tally.contradicted), (FRAMES - 1, 1));
    // It came after 1.4 s, and the signature that it contradicts before two were over.
    let at_ms = checked.contradicted_at_ms.unwrap();
    assert!((1_400..2_000).contains(&at_ms), "{at_ms}");
}

#[test]
fn i9_a_frame_that_is_put_into_the_recording_is_found() {
    let (mut notes, keys) = recorded();
    let mut forged = frame(&mut notes, 70).clone();
    let last = forged.bytes.len() - 1;
    forged.bytes[last] ^= 1;
    for at in [3, 72, 110] {
        let mut notes = notes.clone();
        notes.insert(at, Note::Frame(forged.clone()));
        let (_, tally) = checked(&notes, &keys);
        assert_eq!((tally.matched, tally.contradicted), (FRAMES, 1), "at {at}");
    }
}

#[test]
fn i9_sound_that_is_cut_out_of_the_recording_is_counted() {
    let (mut notes, keys) = recorded();
    let mut number = 0;
    notes.retain(|note| {
        number += u32::from(matches!(note, Note::Frame(_)));
        !matches!(note, Note::Frame(_)) || !(60..80).contains(&number)
    });
    let (_, tally) = checked(&notes, &keys);
    assert_eq!((tally.matched, tally.missing, tally.unmatched), (FRAMES - 20, 20, 0));
}

#[test]
fn i9_frames_whose_signatures_are_taken_out_or_are_somebody_elses_are_signed_by_nobody() {
    let (mut notes, mut keys) = recorded();
    let stripped: Vec<Note> = notes
        .iter()
        .filter(|it| !matches!(it, Note::Digest(_)))
        .cloned()
        .collect();
    let (_, tally) = checked(&stripped, &keys);
    assert_eq!((tally.matched, tally.unmatched, tally.contradicted), (0, FRAMES, 0));
    // The record says that another disclosed these keys.
    let other = keys.iter().find(|it| it.key.kid.parts().leaf.0 == 1).unwrap().clone();
    for key in &mut keys {
        (key.letter, key.letter_key) = (other.letter, other.letter_key);
    }
    let (checked_again, tally) = checked(&notes, &keys);
    assert_eq!((checked_again.digests, tally.matched), (0, 0));
    // And one that was signed, with a bit of it turned.
    for note in &mut notes {
        if let Note::Digest(signed) = note {
            signed[100] ^= 1;
        }
    }
    let (_, keys) = recorded();
    assert_eq!(checked(&notes, &keys).1.matched, 0);
}

#[test]
fn what_the_file_itself_says_of_keys_is_not_believed() {
    let (mut notes, keys) = recorded();
    notes.insert(1, Note::Key(keys[0].key.clone()));
    let (checked, _) = checked(&notes, &[]);
    assert_eq!((checked.opened, checked.shut), (0, FRAMES));
    let mut reader = Reader::new(Cursor::new(file(&notes))).unwrap();
    assert!(matches!(reader.read().unwrap(), Some(Note::Head(_))));
}
