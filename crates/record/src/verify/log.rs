//! The tree against what the house has signed, and the meeting in the log of the house.

use incamera_meeting::PublicKey;
use incamera_protocol::MeetingId;

use super::{Known, Report};
use crate::bundle::Bundle;
use crate::checkpoint::{Checkpoint, house_name, house_origin, log_key, meeting_origin};
use crate::house::{HouseEntry, HouseHappening};
use crate::merkle::{Hash, Tree};
use crate::note::{KeyKind, NoteKey};

/// The key of the house, if it is one and the expected one.
pub(super) fn check_key(bundle: &Bundle, known: Known, report: &mut Report) -> Option<PublicKey> {
    let house = match NoteKey::read(&bundle.vkey) {
        Ok(key) if key.kind == KeyKind::Log && key.name == house_origin(key.key) => key.key,
        Ok(_) => {
            report.problem(None, "The key of the house is not named as its hash demands.");
            return None;
        }
        Err(error) => {
            report.problem(None, format!("The key of the house cannot be read: {error}."));
            return None;
        }
    };
    report.house = house_name(house);
    if known.house.is_some_and(|expected| expected != house) {
        report.problem(
            None,
            "The record is kept by another house than the one whose key was given.",
        );
    }
    Some(house)
}

/// The head of the log: signed by the house, and the head of these very entries.
pub(super) fn check_head(bundle: &Bundle, house: PublicKey, meeting: MeetingId, tree: &Tree, report: &mut Report) {
    report.root = tree.root().to_string();
    let opened = log_key(&meeting_origin(house, meeting), house).map(|key| Checkpoint::open(&bundle.checkpoint, &key));
    let head = match opened {
        Some(Ok((head, _))) => head,
        Some(Err(error)) => return report.problem(None, format!("The head of the record does not hold: {error}.")),
        None => return report.problem(None, "The head of the record does not hold."),
    };
    if head.size != tree.size() {
        let (said, found) = (head.size, tree.size());
        let what = format!("The house has signed {said} entries, and {found} are here: some are missing or too many.");
        return report.problem(Some(said.min(found)), what);
    }
    if head.root != tree.root() {
        report.problem(
            None,
            "The entries are not those that the house has signed: the root of their tree is another.",
        );
    }
}

/// The log of the house has the meeting, and the end of its record as it is here.
pub(super) fn check_house(bundle: &Bundle, house: PublicKey, meeting: MeetingId, tree: &Tree, report: &mut Report) {
    let Some(part) = &bundle.house else {
        return report.remark("The log of the house was not looked at.");
    };
    let opened = log_key(&house_origin(house), house).map(|key| Checkpoint::open(&part.checkpoint, &key));
    let head = match opened {
        Some(Ok((head, _))) => head,
        Some(Err(error)) => {
            return report.problem(
                None,
                format!("The head of the log of the house does not hold: {error}."),
            );
        }
        None => return report.problem(None, "The head of the log of the house does not hold."),
    };
    let mut convened = false;
    let mut adjourned = false;
    for inclusion in &part.inclusions {
        let number = inclusion.index;
        if !inclusion.holds(head.size, head.root) {
            report.problem(
                None,
                format!("Entry {number} is not in the log of the house that was signed."),
            );
            continue;
        }
        let Ok(entry) = HouseEntry::decode(inclusion.entry.as_bytes()) else {
            report.problem(None, format!("Entry {number} of the log of the house cannot be read."));
            continue;
        };
        if !entry.is_about(meeting) {
            continue;
        }
        match entry.happening {
            HouseHappening::Convened { .. } => convened = true,
            HouseHappening::Adjourned { size, root, .. } => {
                adjourned = true;
                if tree.root_at(size).as_ref().map(Hash::to_string) != Some(root) {
                    let what = "The log of the house says that the record ended otherwise than it does here.";
                    report.problem(Some(size), what);
                }
            }
        }
    }
    if !convened {
        report.problem(None, "The log of the house does not have this meeting.");
    }
    if report.adjourned_at_ms.is_some() && !adjourned {
        report.remark("The log of the house does not say yet that the meeting is over.");
    }
}
