//! The members' countersignatures: they stand for what the house cannot take back alone.

use incamera_meeting::{LetterId, PublicKey};
use incamera_protocol::MeetingId;

use super::replay::{Replayed, delegation_of};
use super::{Cosigned, Found, Report};
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
                let why = error.to_string();
                report.problem(None, Found::CheckpointUnsound { why });
                continue;
            }
        };
        let members = note.signatures.iter().filter(|line| !key.is_named_by(line)).count() as u64;
        let seen = checkpoint.size;
        match tree.root_at(seen) {
            None => {
                let here = tree.size();
                report.problem(Some(here), Found::RecordCut { seen, here, members });
            }
            Some(root) if root != checkpoint.root => {
                report.problem(Some(seen.saturating_sub(1)), Found::OtherHistory { seen, members });
            }
            Some(_) => {
                for line in note.signatures.iter().filter(|line| !key.is_named_by(line)) {
                    found.extend(check_one(&note, seen, line, replayed, report));
                }
            }
        }
    }
    report.covered = found.iter().map(|it| it.size).max().unwrap_or_default();
    let rest = tree.size() - report.covered;
    if report.covered == 0 {
        report.remark(Found::CountersignedByNobody);
    } else if rest > 0 {
        let from = report.covered;
        report.remark(Found::CountersignedInPart { rest, from });
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
        report.problem(Some(size.saturating_sub(1)), Found::CountersignerUnknown);
        return None;
    };
    let Some(at) = cosigner_key(person.letter, person.letter_key).verifies(&note.text, line) else {
        let (name, entries) = (person.name.clone(), size);
        report.problem(
            Some(size.saturating_sub(1)),
            Found::CountersignatureUnsound { name, entries },
        );
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
