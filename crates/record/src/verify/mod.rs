//! Whether a record holds: its tree, every signature back to the charter, every rule of the meeting. Offline, and by
//! the same rules by which the house and its members decided.

mod dates;
mod found;
mod log;
mod page;
mod replay;
mod report;
mod witness;

pub use found::Found;
pub use replay::meeting_of;

pub use report::{
    Cosigned, Duties, Finding, Frames, Gathered, KeyOf, PartReport, PersonReport, RecordingReport, Report, Stretch,
};

use incamera_meeting::{Meeting, PublicKey, in_bulk};
use incamera_protocol::MeetingId;

use crate::bundle::Bundle;
use crate::merkle::{Hash, Tree};

/// What whoever verifies knows already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// The meeting whose record it must be: from its link.
    pub meeting: Option<MeetingId>,
    /// The key of the house that must have kept it.
    pub house: Option<PublicKey>,
}

/// Checks a record and says what it proves.
pub fn verify(bundle: &Bundle, known: Known) -> Report {
    replayed(bundle, known).0
}

/// The same, with the meeting as it is after the last entry; of one that does not hold, as far as it could be followed.
pub fn replayed(bundle: &Bundle, known: Known) -> (Report, Option<Meeting>) {
    in_bulk(|| check(bundle, known))
}

fn check(bundle: &Bundle, known: Known) -> (Report, Option<Meeting>) {
    let mut report = Report::default();
    let mut tree = Tree::default();
    for entry in &bundle.entries {
        tree.push(Hash::of_leaf(entry));
    }
    report.entries = tree.size();
    let Some(house) = log::check_key(bundle, known, &mut report) else {
        return (report.close(), None);
    };
    if bundle.elsewhere {
        report.remark(Found::GivenOutElsewhere);
    }
    let mut replayed = replay::replay(bundle, known, &mut report);
    if let Some(meeting) = report.meeting {
        log::check_head(bundle, house, meeting, &tree, &mut report);
        let cosigned = witness::check(bundle, house, meeting, &tree, &replayed, &mut report);
        dates::check(&replayed, &cosigned, &mut report);
        log::check_house(bundle, house, meeting, &tree, &mut report);
    }
    (report.close(), replayed.meeting.take())
}
