//! The tree against what the house has signed, and the meeting in the log of the house.

use incamera_meeting::PublicKey;
use incamera_protocol::MeetingId;

use super::{Found, Known, Report};
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
            let why = "it is not named as its hash demands".to_owned();
            report.problem(None, Found::HouseKeyUnsound { why });
            return None;
        }
        Err(error) => {
            let why = error.to_string();
            report.problem(None, Found::HouseKeyUnsound { why });
            return None;
        }
    };
    report.house = house_name(house);
    if known.house.is_some_and(|expected| expected != house) {
        report.problem(None, Found::OtherHouse);
    }
    Some(house)
}

/// The head of the log: signed by the house, and the head of these very entries.
pub(super) fn check_head(bundle: &Bundle, house: PublicKey, meeting: MeetingId, tree: &Tree, report: &mut Report) {
    report.root = tree.root().to_string();
    let opened = log_key(&meeting_origin(house, meeting), house).map(|key| Checkpoint::open(&bundle.checkpoint, &key));
    let head = match opened {
        Some(Ok((head, _))) => head,
        Some(Err(error)) => {
            let why = error.to_string();
            return report.problem(None, Found::HeadUnsound { why });
        }
        None => {
            let why = "the house has no key to sign it with".to_owned();
            return report.problem(None, Found::HeadUnsound { why });
        }
    };
    if head.size != tree.size() {
        let (signed, here) = (head.size, tree.size());
        return report.problem(Some(signed.min(here)), Found::HeadOfOtherLength { signed, here });
    }
    if head.root != tree.root() {
        report.problem(None, Found::HeadOfOtherEntries);
    }
}

/// The log of the house has the meeting, and the end of its record as it is here.
pub(super) fn check_house(bundle: &Bundle, house: PublicKey, meeting: MeetingId, tree: &Tree, report: &mut Report) {
    let Some(part) = &bundle.house else {
        return report.remark(Found::HouseLogUnseen);
    };
    let opened = log_key(&house_origin(house), house).map(|key| Checkpoint::open(&part.checkpoint, &key));
    let head = match opened {
        Some(Ok((head, _))) => head,
        Some(Err(error)) => return unsound(report, error.to_string()),
        None => return unsound(report, "the house has no key to sign it with".to_owned()),
    };
    let mut convened = false;
    let mut adjourned = false;
    for inclusion in &part.inclusions {
        let number = inclusion.index;
        if !inclusion.holds(head.size, head.root) {
            unsound(report, format!("entry {number} is not in what was signed"));
            continue;
        }
        let Ok(entry) = HouseEntry::decode(inclusion.entry.as_bytes()) else {
            unsound(report, format!("entry {number} cannot be read"));
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
                    report.problem(Some(size), Found::HouseLogEndsOtherwise);
                }
            }
        }
    }
    if !convened {
        report.problem(None, Found::HouseLogLacksMeeting);
    }
    if report.adjourned_at_ms.is_some() && !adjourned {
        report.remark(Found::HouseLogLags);
    }
}

fn unsound(report: &mut Report, why: String) {
    report.problem(None, Found::HouseLogUnsound { why });
}
