//! The members' countersignatures: they stand for what the house cannot take back alone.

use incamera_meeting::{LetterId, PublicKey};
use incamera_protocol::MeetingId;

use super::replay::{Replayed, delegation_of};
use super::{Cosigned, Report};
use crate::bundle::Bundle;
use crate::checkpoint::{Checkpoint, cosigner_key, letter_of_cosigner, log_key, meeting_origin};
use crate::merkle::Tree;
use crate::note::{Note, NoteSignature};

/// A countersignature that holds and is over entries that are here.
pub(super) struct Witnessed {
    pub(super) letter: LetterId,
    pub(super) size: u64,
    /// In milliseconds.
    pub(super) at_ms: u64,
}

/// Holds every checkpoint that somebody has seen against the entries, and counts whose countersignatures they bear.
pub(super) fn check(
    bundle: &Bundle,
    house: PublicKey,
    meeting: MeetingId,
    tree: &Tree,
    replayed: &Replayed,
    report: &mut Report,
) -> Vec<Witnessed> {
    let mut found = Vec::new();
    let Some(key) = log_key(&meeting_origin(house, meeting), house) else {
        return found;
    };
    for note in std::iter::once(&bundle.checkpoint).chain(&bundle.witnessed) {
        let (checkpoint, note) = match Checkpoint::open(note, &key) {
            Ok(opened) => opened,
            // Of the head it was said before.
            Err(_) if *note == bundle.checkpoint => continue,
            Err(error) => {
                report.problem(
                    None,
                    format!("A checkpoint that somebody has seen does not hold: {error}."),
                );
                continue;
            }
        };
        let cosigners = note.signatures.iter().filter(|line| !key.is_named_by(line)).count();
        let whose = match cosigners {
            0 => "was signed by the house".to_owned(),
            1 => "was countersigned by a member".to_owned(),
            many => format!("was countersigned by {many} members"),
        };
        let size = checkpoint.size;
        match tree.root_at(size) {
            None => {
                let here = tree.size();
                let what = format!("A record of {size} entries {whose}; here are only {here}: the last are missing.");
                report.problem(Some(here), what);
            }
            Some(root) if root != checkpoint.root => {
                let what = format!(
                    "Another history {whose}: at {size} entries its root was another. Something before entry {size} was altered, dropped, put in or moved."
                );
                report.problem(Some(size.saturating_sub(1)), what);
            }
            Some(_) => {
                for line in note.signatures.iter().filter(|line| !key.is_named_by(line)) {
                    found.extend(check_one(&note, size, line, replayed, report));
                }
            }
        }
    }
    report.covered = found.iter().map(|it| it.size).max().unwrap_or_default();
    let rest = tree.size() - report.covered;
    if report.covered == 0 {
        report.remark("No member has countersigned the record: it rests on the house's signature and on those in it.");
    } else if rest > 0 {
        let from = report.covered;
        report.remark(format!(
            "The last {rest} entries, from entry {from} on, are countersigned by no member."
        ));
    }
    found
}

fn check_one(
    note: &Note,
    size: u64,
    line: &NoteSignature,
    replayed: &Replayed,
    report: &mut Report,
) -> Option<Witnessed> {
    // Other witnesses than members may sign as well; they are not counted.
    let letter = letter_of_cosigner(&line.name)?;
    let Some(person) = replayed.people.get(&letter) else {
        let what = "A countersignature is by a letter of which this record does not know.";
        report.problem(Some(size.saturating_sub(1)), what);
        return None;
    };
    let Some(at) = cosigner_key(person.letter, person.letter_key).verifies(&note.text, line) else {
        let what = format!(
            "The countersignature of {} over {size} entries does not hold.",
            person.name
        );
        report.problem(Some(size.saturating_sub(1)), what);
        return None;
    };
    // The head may also stand among those that were witnessed.
    let same = |it: &Cosigned| it.entries == size && it.at == at && it.name == person.name;
    if !report.cosigned.iter().any(same) {
        report.cosigned.push(Cosigned {
            name: person.name.clone(),
            delegation: delegation_of(&replayed.delegations, person),
            entries: size,
            at,
        });
    }
    Some(Witnessed {
        letter: person.letter,
        size,
        at_ms: at.saturating_mul(1_000),
    })
}
