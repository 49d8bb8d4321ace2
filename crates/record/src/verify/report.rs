//! What a verification found.

use incamera_meeting::{FinEntry, LetterId, PublicKey, Recorded};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{MeetingId, limits};
use serde::Serialize;

use super::Found;

/// Something that does not hold, or that holds and is still worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which entry, from 0; none if it is not about one.
    pub entry: Option<u64>,
    /// What, as a code with what it is about.
    #[serde(flatten)]
    pub found: Found,
    /// The same in a sentence.
    pub what: String,
}

impl Finding {
    fn new(entry: Option<u64>, found: Found) -> Self {
        let what = found.to_string();
        Self { entry, found, what }
    }
}

/// What a verification found. Written as JSON it is for machines, [`Report::page`] is for people.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Nothing was found that does not hold.
    pub ok: bool,
    /// How many entries the record has.
    pub entries: u64,
    /// Its parts.
    pub parts: Vec<PartReport>,
    /// What does not hold, the first ones.
    pub problems: Vec<Finding>,
    /// What holds and is still worth knowing.
    pub remarks: Vec<Finding>,
    /// Which meeting.
    pub meeting: Option<MeetingId>,
    /// From the charter.
    pub title: String,
    /// From the charter.
    pub delegations: Vec<String>,
    /// When it was convened, by the house's clock.
    pub convened_at_ms: u64,
    /// When it was adjourned.
    pub adjourned_at_ms: Option<u64>,
    /// From the charter.
    pub duties: Duties,
    /// Whoever was in it.
    pub people: Vec<PersonReport>,
    /// The name of the house: the beginning of the hash of its key.
    pub house: String,
    /// The root of the tree.
    pub root: String,
    /// Which members have countersigned, and how much.
    pub cosigned: Vec<Cosigned>,
    /// How many entries, from the first, some member has countersigned.
    pub covered: u64,
    /// What was recorded.
    pub recordings: Vec<RecordingReport>,
    /// Where senders have signed, for a close, that their frames end.
    #[serde(skip)]
    pub fins: Vec<FinEntry>,
    /// The keys that were disclosed, for whoever checks recordings.
    #[serde(skip)]
    pub keys: Vec<KeyOf>,
    /// How many handshakes were followed by MLS, and how many were too old for that.
    pub handshakes: Gathered,
}

/// The frames of the recordings of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Frames {
    /// Opened, and as their senders have signed them.
    pub matched: u64,
    /// There, and signed by nobody, or otherwise.
    pub unmatched: u64,
    /// Of those, how many contradict what was signed: altered, put in, or beyond the end.
    pub contradicted: u64,
    /// Sound that its sender has signed, between the first and the last that is there, and that is not there.
    pub missing: u64,
    /// How long the part had lasted at the first that contradicts, in milliseconds, as nearly as signatures come.
    pub contradicted_at_ms: Option<u64>,
    /// Under no key that was disclosed.
    pub shut: u64,
}

/// A recording that the record names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingReport {
    /// The entry that names it.
    pub entry: u64,
    /// What it says.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// When the house has said that it deleted the files.
    pub deleted_at_ms: Option<u64>,
    /// Its files are here and were checked.
    pub checked: bool,
}

/// A key that was disclosed, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOf {
    /// In which part.
    pub part: u32,
    /// Which.
    pub key: Disclosure,
    /// The letter of whoever disclosed it.
    pub letter: LetterId,
    /// By this key they sign.
    pub letter_key: PublicKey,
    /// Who, for people.
    pub name: String,
}

/// Handshakes of the groups of the meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Gathered {
    /// Checked by MLS itself: signatures, trees, transcript.
    pub by_mls: u64,
    /// Older than the lifetimes in them; checked by the rules, the signed evidence and the countersignatures.
    pub by_rules_only: u64,
}

/// A part of the meeting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartReport {
    /// Counts from 1.
    pub n: u32,
    /// `open` or `closed`.
    pub phase: &'static str,
    /// How long it lasted, by the house's clock; up to the last entry if it has not ended.
    pub seconds: f64,
    /// How many frames of its recordings were opened with the keys that were disclosed.
    pub frames_checked: u64,
    /// What became of them.
    pub frames: Frames,
    /// Milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    /// Milliseconds since the Unix epoch.
    pub ended_at_ms: Option<u64>,
    /// The agenda item.
    pub item: String,
    /// For a closed item: on what ground the public is excluded.
    pub ground: String,
    /// Who moved it; empty for a part with which a group began.
    pub moved_by: String,
    /// Who consented to it.
    pub consents: Vec<String>,
    /// How many keys were disclosed, each over its sender's signature.
    pub keys: u64,
    /// When the public did not hear it, by the house's own word.
    pub unheard: Vec<Stretch>,
}

/// A stretch of an open part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Milliseconds since the Unix epoch.
    pub from_ms: u64,
    /// Milliseconds since the Unix epoch; none: to the end of the part.
    pub until_ms: Option<u64>,
}

/// What the charter has the meeting owe the public.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Duties {
    /// To report before it ends: to be adjourned in public.
    pub reports: bool,
    /// To pause while the public does not hear.
    pub pauses: bool,
}

/// Somebody who was in the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonReport {
    /// As the letter names them.
    pub name: String,
    /// The name of the delegation.
    pub delegation: String,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: &'static str,
    /// When they came, the first time.
    pub came_at_ms: u64,
    /// When they left, the last time; none if they were there at the end.
    pub left_at_ms: Option<u64>,
}

/// A countersignature that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigned {
    /// Who.
    pub name: String,
    /// The name of the delegation.
    pub delegation: String,
    /// How many entries.
    pub entries: u64,
    /// When, by the member's clock, in seconds since 1970.
    pub at: u64,
}

impl Report {
    /// Notes something that does not hold; the first ones are named.
    pub fn problem(&mut self, entry: Option<u64>, found: Found) {
        if self.problems.len() < limits::PROBLEMS_MAX {
            self.problems.push(Finding::new(entry, found));
        }
    }

    /// Notes what holds and is still worth knowing.
    pub fn remark(&mut self, found: Found) {
        if self.remarks.len() < limits::PROBLEMS_MAX {
            self.remarks.push(Finding::new(None, found));
        }
    }

    /// Says whether it holds, by the problems that were found.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.ok = self.problems.is_empty();
        self
    }
}
