//! The log of a house: which meetings it has convened, and how the record of each ended.

use incamera_protocol::MeetingId;
use serde::{Deserialize, Serialize};

use crate::entry::{EntryError, Sha256Sum};
use crate::merkle::{Hash, Tree, includes};

/// The only version there is.
const VERSION: u8 = 1;

/// An entry: compact JSON, fields in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseEntry {
    /// 1.
    pub v: u8,
    /// Milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub happening: HouseHappening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HouseHappening {
    /// A meeting was convened.
    Convened {
        /// Which, by its [`veil`].
        meeting: Sha256Sum,
    },
    /// A meeting was adjourned.
    Adjourned {
        /// Which, by its [`veil`].
        meeting: Sha256Sum,
        /// How many entries its record had then.
        size: u64,
        /// Their root, in base64.
        root: String,
    },
}

/// What stands for a meeting in the log of the house, which everybody reads: whoever has the meeting's id finds it, and
/// nobody learns an id from it. A meeting that was not announced yet is known to those alone who were given its id.
pub fn veil(meeting: MeetingId) -> Sha256Sum {
    Sha256Sum::of(&[b"incamera house log\0".as_slice(), &meeting.0].concat())
}

impl HouseEntry {
    /// An entry of today's version.
    pub fn new(at_ms: u64, happening: HouseHappening) -> Self {
        let v = VERSION;
        Self { v, at_ms, happening }
    }

    /// Its bytes.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        serde_json::to_vec(self).map_err(|_| EntryError::Unreadable)
    }

    /// Reads one, believing nothing.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|_| EntryError::Unreadable)?;
        if entry.v != VERSION || entry.encode()? != bytes {
            return Err(EntryError::Spelling);
        }
        Ok(entry)
    }

    /// Whether it is about this meeting.
    pub fn is_about(&self, wanted: MeetingId) -> bool {
        match &self.happening {
            HouseHappening::Convened { meeting } | HouseHappening::Adjourned { meeting, .. } => {
                *meeting == veil(wanted)
            }
        }
    }
}

/// An entry of a log with the proof that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inclusion {
    /// Its number.
    pub index: u64,
    /// Its bytes, which are JSON.
    pub entry: String,
    /// The hashes of RFC 6962 §2.1.1, in base64.
    pub path: Vec<String>,
}

impl Inclusion {
    /// The proofs, under the tree of all these entries, of those about this meeting.
    pub fn of_meeting(entries: &[Vec<u8>], meeting: MeetingId) -> Vec<Self> {
        let mut tree = Tree::default();
        entries.iter().for_each(|entry| tree.push(Hash::of_leaf(entry)));
        let about = |bytes: &&Vec<u8>| HouseEntry::decode(bytes).is_ok_and(|entry| entry.is_about(meeting));
        let found = (0..).zip(entries).filter(|(_, bytes)| about(bytes));
        found
            .filter_map(|(index, bytes)| {
                Some(Self {
                    index,
                    entry: String::from_utf8(bytes.clone()).ok()?,
                    path: tree
                        .inclusion(index, tree.size())?
                        .iter()
                        .map(Hash::to_string)
                        .collect(),
                })
            })
            .collect()
    }

    /// Whether the entry is in the tree of this size with this root.
    pub fn holds(&self, size: u64, root: Hash) -> bool {
        let path: Option<Vec<Hash>> = self.path.iter().map(|hash| hash.parse().ok()).collect();
        path.is_some_and(|path| includes(root, size, self.index, Hash::of_leaf(self.entry.as_bytes()), &path))
    }
}
