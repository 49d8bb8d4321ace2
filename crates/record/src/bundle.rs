//! A record as it was downloaded or taken from an archive: nothing of it is believed.

use std::collections::BTreeMap;

use crate::entry::Sha256Sum;
use crate::house::Inclusion;

/// The record of one meeting, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The house's key, as C2SP signed-note writes keys.
    pub vkey: String,
    /// The head of the log, signed.
    pub checkpoint: String,
    /// Earlier heads with members' countersignatures, and any others that somebody has seen.
    pub witnessed: Vec<String>,
    /// The entries, in order.
    pub entries: Vec<Vec<u8>>,
    /// What entries name and do not hold.
    pub attachments: BTreeMap<Sha256Sum, Vec<u8>>,
    /// What the log of the house says of the meeting.
    pub house: Option<HousePart>,
    /// It was fetched from another house than the one that kept it.
    pub elsewhere: bool,
}

/// What the log of a house says of one meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HousePart {
    /// The head of the log of the house, signed.
    pub checkpoint: String,
    /// The entries about the meeting.
    pub inclusions: Vec<Inclusion>,
}
