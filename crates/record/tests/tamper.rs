//! What a house that keeps the record can do to it, and that each of it is found and named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../seal/tests/house/mod.rs"]
mod house;
mod support;

use std::collections::BTreeMap;

use incamera_record::*;
use support::*;

/// What somebody makes of what a record says of a recording.
type Forgery = fn(&mut incamera_meeting::Recorded);

/// The first entry of each kind, the commits told apart by what they do, and the last entry.
fn one_of_each(kept: &Kept) -> Vec<(String, usize)> {
    let mut found = BTreeMap::new();
    for (index, entry) in kept.bundle.entries.iter().enumerate() {
        let mut kind = kind_of(entry);
        if let Happening::Committed { facts, .. } = Entry::decode(entry).unwrap().happening {
            let facts = &kept.bundle.attachments[&facts.sha256];
            let facts: incamera_meeting::CommitFacts = serde_json::from_slice(facts).unwrap();
            kind = match (facts.evidence.0.is_empty(), facts.adds.is_empty()) {
                (true, false) => "admission".to_owned(),
                (true, true) => "removal".to_owned(),
                (false, _) => format!("turn to {:?}", facts.context.phase),
            };
        }
        found.entry(kind).or_insert(index);
    }
    found.insert("the last".to_owned(), kept.bundle.entries.len() - 1);
    found.into_iter().collect()
}

/// Fails with a problem at this entry, or at a head that covers it.
fn found(bundle: &Bundle, kept: &Kept, index: usize, what: &str) {
    let known = Known {
        meeting: Some(kept.meeting),
        house: None,
    };
    let report = verify(bundle, known);
    assert!(!report.ok, "{what} passed:\n{}", report.page());
    let first = index.saturating_sub(1) as u64;
    let named = report
        .problems
        .iter()
        .any(|problem| problem.entry.is_some_and(|entry| entry >= first));
    assert!(named, "{what} was not placed: {:?}", report.problems);
}

/// As it is, and with everything signed anew by the house: the head, and its own log.
fn found_either_way(mut bundle: Bundle, kept: &Kept, index: usize, what: &str) {
    found(&bundle, kept, index, what);
    sign_anew(&mut bundle, kept.meeting);
    found(&bundle, kept, index, &format!("{what}, signed anew"));
    // The countersignatures of the last head, put under the new one.
    let last = bundle.witnessed.last().unwrap();
    let lines: Vec<_> = Note::read(last).unwrap().signatures.into_iter().skip(1).collect();
    let mut head = Note::read(&bundle.checkpoint).unwrap();
    head.signatures.extend(lines);
    bundle.checkpoint = head.write();
    bundle.witnessed.clear();
    found(
        &bundle,
        kept,
        index,
        &format!("{what}, with the countersignatures moved"),
    );
}

#[test]
fn i6_every_kind_of_entry_is_in_the_record_that_is_tampered_with() {
    let kinds: Vec<String> = one_of_each(&kept()).into_iter().map(|(kind, _)| kind).collect();
    let all = [
        "admission",
        "announced",
        "convened",
        "deleted",
        "disclosed",
        "founded",
        "joint",
        "left",
        "readout",
        "recorded",
        "removal",
        "revoked",
        "slot_claimed",
        "the last",
        "turn to Adjourned",
        "turn to Closed",
        "turn to Open",
        "unheard",
    ];
    assert_eq!(kinds, all);
}

#[test]
fn i9_the_stretch_in_which_the_public_did_not_hear_is_on_the_page() {
    let kept = kept();
    let report = verify(&kept.bundle, Known::default());
    assert!(report.ok, "{:?}", report.problems);
    let stretches: Vec<_> = report.parts.iter().flat_map(|part| &part.unheard).collect();
    let [stretch] = stretches.as_slice() else {
        panic!("{stretches:?}")
    };
    assert_eq!(stretch.until_ms, Some(stretch.from_ms + 1_000));
    assert!(report.parts[1].unheard.len() == 1 && report.page().contains("The public did not hear it"));
}

#[test]
fn i6_a_bit_that_is_flipped_in_an_entry_is_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        let length = kept.bundle.entries[index].len();
        for at in [1, length / 4, length / 2, length * 3 / 4, length - 2] {
            let mut bundle = kept.bundle.clone();
            bundle.entries[index][at] ^= 1;
            found_either_way(bundle, &kept, index, &format!("{kind}: a flipped bit at {at}"));
        }
    }
}

#[test]
fn i6_an_entry_that_is_dropped_is_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        let mut bundle = kept.bundle.clone();
        bundle.entries.remove(index);
        found_either_way(bundle, &kept, index, &format!("{kind}: dropped"));
    }
}

#[test]
fn i6_an_entry_that_is_there_twice_is_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        let mut bundle = kept.bundle.clone();
        bundle.entries.insert(index, bundle.entries[index].clone());
        found_either_way(bundle, &kept, index, &format!("{kind}: twice"));
    }
}

#[test]
fn i6_entries_that_change_places_are_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        let mut bundle = kept.bundle.clone();
        let other = if index + 1 < bundle.entries.len() {
            index + 1
        } else {
            index - 1
        };
        bundle.entries.swap(index, other);
        found_either_way(
            bundle,
            &kept,
            index.min(other),
            &format!("{kind}: swapped with {other}"),
        );
    }
}

#[test]
fn i6_an_entry_that_is_backdated_is_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        // By the least there is; and so that the order of times is kept, by moving all before it as well.
        for by_ms in [1, 3_600_000] {
            let mut bundle = kept.bundle.clone();
            for entry in bundle.entries.iter_mut().take(index + 1) {
                let read = Entry::decode(entry).unwrap();
                *entry = Entry::new(read.at_ms - by_ms, read.happening).encode().unwrap();
            }
            found_either_way(bundle, &kept, index, &format!("{kind}: backdated by {by_ms} ms"));
        }
        let mut bundle = kept.bundle.clone();
        let read = Entry::decode(&bundle.entries[index]).unwrap();
        bundle.entries[index] = Entry::new(read.at_ms - 1, read.happening).encode().unwrap();
        found_either_way(bundle, &kept, index, &format!("{kind}: backdated alone"));
    }
}

#[test]
fn i6_an_attachment_that_is_altered_or_gone_is_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        let entry = Entry::decode(&kept.bundle.entries[index]).unwrap();
        for (number, named) in entry.happening.attachments().into_iter().enumerate() {
            let what = format!("{kind}: attachment {number}");
            let mut bundle = kept.bundle.clone();
            bundle.attachments.remove(&named.sha256);
            found_either_way(bundle, &kept, index, &format!("{what} gone"));
            let mut bundle = kept.bundle.clone();
            let middle = named.size as usize / 2;
            bundle.attachments.get_mut(&named.sha256).unwrap()[middle] ^= 1;
            found_either_way(bundle, &kept, index, &format!("{what} altered"));
            // Named anew, so that the entry fits it.
            let mut altered = kept.bundle.attachments[&named.sha256].clone();
            altered[middle] ^= 1;
            let mut bundle = kept.bundle.clone();
            let text = String::from_utf8(bundle.entries[index].clone()).unwrap();
            let text = text.replace(&named.sha256.to_string(), &Sha256Sum::of(&altered).to_string());
            bundle.entries[index] = text.into_bytes();
            bundle.attachments.insert(Sha256Sum::of(&altered), altered);
            found_either_way(bundle, &kept, index, &format!("{what} altered and named anew"));
        }
    }
}

#[test]
fn i6_a_consent_that_is_taken_out_of_an_opening_is_found_without_any_countersignature() {
    let kept = kept();
    let (_, index) = one_of_each(&kept)
        .into_iter()
        .find(|(kind, _)| kind == "turn to Open")
        .unwrap();
    let entry = Entry::decode(&kept.bundle.entries[index]).unwrap();
    let Happening::Committed { facts, .. } = &entry.happening else {
        panic!("a commit")
    };
    let mut forged: incamera_meeting::CommitFacts =
        serde_json::from_slice(&kept.bundle.attachments[&facts.sha256]).unwrap();
    let mut evidence = incamera_meeting::Evidence::read(&forged.evidence.0).unwrap();
    evidence.consents.pop().unwrap();
    forged.context.warrant = evidence.warrant();
    forged.evidence = incamera_protocol::Bytes(incamera_meeting::Encode::encode(&evidence));
    let mut bundle = kept.bundle.clone();
    bundle.witnessed.clear();
    let (Happening::Committed { message, .. }, attachments) = Happening::of_commit(&forged, b"") else {
        panic!("a commit")
    };
    let Happening::Committed { facts, .. } = Happening::of_commit(&forged, b"").0 else {
        panic!("a commit")
    };
    let _ = message;
    bundle.attachments.insert(facts.sha256, attachments[0].clone());
    let Happening::Committed {
        founding,
        epoch,
        message,
        ..
    } = entry.happening
    else {
        panic!("a commit")
    };
    let happening = Happening::Committed {
        founding,
        epoch,
        facts,
        message,
    };
    bundle.entries[index] = Entry::new(entry.at_ms, happening).encode().unwrap();
    sign_anew(&mut bundle, kept.meeting);
    found(&bundle, &kept, index, "an opening without a consent");
}

/// Signed anew, and no member has ever countersigned anything: what is left is what stands in the entries.
fn found_by_itself(mut bundle: Bundle, kept: &Kept, index: usize, what: &str) {
    bundle.witnessed.clear();
    sign_anew(&mut bundle, kept.meeting);
    found(&bundle, kept, index, what);
}

#[test]
fn i6_what_the_rules_forbid_is_found_without_any_countersignature() {
    let kept = kept();
    let kinds: BTreeMap<String, usize> = one_of_each(&kept).into_iter().collect();
    // What later entries rest on is missed.
    for kind in ["founded", "admission", "revoked", "turn to Open", "turn to Closed"] {
        let mut bundle = kept.bundle.clone();
        bundle.entries.remove(kinds[kind]);
        found_by_itself(bundle, &kept, kinds[kind], &format!("{kind}: dropped"));
    }
    for kind in [
        "founded",
        "admission",
        "removal",
        "turn to Open",
        "turn to Closed",
        "turn to Adjourned",
        "left",
        "disclosed",
        "recorded",
        "deleted",
        "announced",
        "readout",
        "joint",
        "unheard",
    ] {
        let mut bundle = kept.bundle.clone();
        bundle.entries.insert(kinds[kind], bundle.entries[kinds[kind]].clone());
        found_by_itself(bundle, &kept, kinds[kind], &format!("{kind}: twice"));
    }
    // A recording that is deleted before it was made, of a closed part, or longer than its part.
    let mut bundle = kept.bundle.clone();
    bundle.entries.remove(kinds["recorded"]);
    found_by_itself(bundle, &kept, kinds["recorded"], "a deletion without a recording");
    let index = kinds["recorded"];
    let forgeries: [(&str, Forgery); 4] = [
        ("of a closed part", |it| it.part = 1),
        ("of a part that never was", |it| it.part = 9),
        ("longer than its part", |it| it.length_ms = 60_000),
        ("to an end that it does not reach", |it| it.to_the_end = true),
    ];
    for (what, forge) in forgeries {
        let mut bundle = kept.bundle.clone();
        let entry = Entry::decode(&bundle.entries[index]).unwrap();
        let Happening::Recorded { mut recording } = entry.happening else {
            panic!("a recording")
        };
        forge(&mut recording);
        let happening = Happening::Recorded { recording };
        bundle.entries[index] = Entry::new(entry.at_ms, happening).encode().unwrap();
        found_by_itself(bundle, &kept, index, &format!("a recording {what}"));
    }
    // What nobody could hear anyhow.
    let index = kinds["turn to Open"];
    let mut bundle = kept.bundle.clone();
    let entry = Entry::new(kept.times[index - 1], Happening::Unheard { failed: true });
    bundle.entries.insert(index, entry.encode().unwrap());
    found_by_itself(bundle, &kept, index, "a closed part that the public does not hear");
    // Time that runs back.
    let index = kinds["turn to Open"];
    let mut bundle = kept.bundle.clone();
    let entry = Entry::decode(&bundle.entries[index]).unwrap();
    bundle.entries[index] = Entry::new(kept.times[index - 1] - 1, entry.happening).encode().unwrap();
    found_by_itself(bundle, &kept, index, "time runs back");
    // An opening an hour after it was moved, and everything after it.
    let mut bundle = kept.bundle.clone();
    for entry in &mut bundle.entries[index..] {
        let read = Entry::decode(entry).unwrap();
        *entry = Entry::new(read.at_ms + 3_600_000, read.happening).encode().unwrap();
    }
    found_by_itself(bundle, &kept, index, "an opening long after its motion");
    // Another key than was disclosed.
    let index = kinds["disclosed"];
    let mut bundle = kept.bundle.clone();
    let entry = Entry::decode(&bundle.entries[index]).unwrap();
    let Happening::Disclosed {
        by,
        mut keys,
        signature,
    } = entry.happening
    else {
        panic!("keys")
    };
    keys[0].enc_key.0[3] ^= 1;
    let happening = Happening::Disclosed { by, keys, signature };
    bundle.entries[index] = Entry::new(entry.at_ms, happening).encode().unwrap();
    found_by_itself(bundle, &kept, index, "a key that nobody disclosed");
}

#[test]
fn i6_a_flipped_bit_of_a_record_that_nobody_countersigned_is_found() {
    let kept = kept();
    for (kind, index) in one_of_each(&kept) {
        let mut bundle = kept.bundle.clone();
        bundle.witnessed.clear();
        bundle.house = None;
        // A date, which no rule forbids and nobody has signed but the house.
        let read = Entry::decode(&bundle.entries[index]).unwrap();
        let later = kept.times.get(index + 1).copied().unwrap_or(u64::MAX);
        let at_ms = (read.at_ms + 1).min(later);
        bundle.entries[index] = Entry::new(at_ms, read.happening).encode().unwrap();
        if at_ms != read.at_ms {
            assert!(!verify(&bundle, Known::default()).ok, "{kind}");
        }
    }
}

#[test]
fn i6_the_end_cannot_be_cut_off_where_members_have_countersigned_it() {
    let kept = kept();
    for keep in [1, kept.bundle.entries.len() / 2, kept.bundle.entries.len() - 1] {
        let mut bundle = kept.bundle.clone();
        bundle.entries.truncate(keep);
        found_either_way(bundle, &kept, keep, &format!("cut off after {keep}"));
    }
}

#[test]
fn i6_two_members_who_were_shown_different_logs_find_it_from_two_checkpoints() {
    let kept = kept();
    assert!(verify(&kept.bundle, Known::default()).ok);
    // Another log of the same meeting, of the same length, well signed, and countersigned by somebody who saw no other.
    let mut entries = kept.bundle.entries.clone();
    let last = entries.len() - 1;
    let read = Entry::decode(&entries[last]).unwrap();
    entries[last] = Entry::new(read.at_ms + 1, read.happening).encode().unwrap();
    let tree = tree_of(&entries);
    let key = house_seed().public_key();
    let head = Checkpoint {
        origin: meeting_origin(key, kept.meeting),
        size: tree.size(),
        root: tree.root(),
    };
    let seen = countersigned(&head, &kept.letters, kept.times[last] / 1_000);
    let mut bundle = kept.bundle.clone();
    bundle.witnessed.push(seen.clone());
    let report = verify(&bundle, Known::default());
    assert!(!report.ok);
    assert!(
        report
            .problems
            .iter()
            .any(|it| matches!(it.found, Found::OtherHistory { .. })),
        "{:?}",
        report.problems
    );
    // And from the two checkpoints alone.
    let log = log_key(&head.origin, key).unwrap();
    let (mine, _) = Checkpoint::open(&kept.bundle.checkpoint, &log).unwrap();
    let (other, _) = Checkpoint::open(&seen, &log).unwrap();
    assert_eq!(mine.size, other.size);
    assert_ne!(mine.root, other.root);
}

#[test]
fn i6_a_record_of_another_meeting_or_house_does_not_pass_for_this_one() {
    let kept = kept();
    let other = Known {
        meeting: Some(incamera_protocol::MeetingId([9; 32])),
        house: None,
    };
    assert!(!verify(&kept.bundle, other).ok);
    let other = Known {
        meeting: None,
        house: Some(incamera_meeting::Seed::new([1; 32]).public_key()),
    };
    assert!(!verify(&kept.bundle, other).ok);
    let mut bundle = kept.bundle.clone();
    bundle.house.as_mut().unwrap().inclusions.remove(0);
    let report = verify(&bundle, Known::default());
    assert_eq!(report.problems[0].found, Found::HouseLogLacksMeeting);
}

#[test]
fn i6_a_house_that_dates_everything_wrongly_is_found_by_the_members_dates() {
    // The house has lied from the beginning: what it stored, signed and showed to be countersigned is an hour off.
    let kept = kept();
    for (direction, hour) in [("behind", -3_600_000_i64), ("ahead", 3_600_000)] {
        let mut bundle = kept.bundle.clone();
        for entry in &mut bundle.entries {
            let read = Entry::decode(entry).unwrap();
            *entry = Entry::new(read.at_ms.saturating_add_signed(hour), read.happening)
                .encode()
                .unwrap();
        }
        let heads = kept.bundle.witnessed.iter().map(|note| {
            let note = Note::read(note).unwrap();
            Checkpoint::read(&note.text).unwrap().size as usize
        });
        let key = house_seed().public_key();
        let witnessed = heads.map(|size| {
            let tree = tree_of(&bundle.entries[..size]);
            let head = Checkpoint {
                origin: meeting_origin(key, kept.meeting),
                size: tree.size(),
                root: tree.root(),
            };
            // The members' clocks are right.
            countersigned(&head, &kept.letters, kept.times[size - 1] / 1_000)
        });
        bundle.witnessed = witnessed.collect();
        sign_anew(&mut bundle, kept.meeting);
        let report = verify(&bundle, Known::default());
        assert!(!report.ok, "{direction}");
    }
}
