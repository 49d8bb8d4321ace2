//! What of a meeting is recorded: the list beside the files.

use incamera_protocol::MeetingId;
use serde::{Deserialize, Serialize};

/// The list's name.
pub const FILE: &str = "recordings.json";

/// The recordings of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which.
    pub meeting: MeetingId,
    /// In their order.
    pub recordings: Vec<Recording>,
}

/// The recording of one open part, or a piece of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The part's number.
    pub part: u32,
    /// Counts the pieces from 1. There is one, unless the recorder was stopped in the midst of the part and came back.
    pub piece: u32,
    /// How long the part had lasted when this begins, in milliseconds.
    pub offset_ms: u64,
    /// How long this is, in milliseconds.
    pub length_ms: u64,
    /// It goes on to the part's end. If not, the recorder was stopped before.
    pub to_the_end: bool,
    /// Frames that came and could not be opened with the keys that were disclosed.
    pub shut: u64,
    /// The evidence: the frames as they were sealed.
    pub sealed: Take,
    /// One for each person who was seen or heard, in the order in which they first were.
    pub takes: Vec<Take>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Take {
    /// Its name.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Who is in it; empty for the sealed file.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: Option<u16>,
    /// Frames of sound.
    pub sound: u64,
    /// Pictures.
    pub pictures: u64,
}
