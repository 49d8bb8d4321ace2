//! The entries of a record.

use incamera_meeting::{Person, SignedCharter};
use incamera_protocol::Bytes;
use incamera_protocol::public::Disclosure;
use serde::{Deserialize, Serialize};

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the Unix epoch, by the house's clock.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happening", rename_all = "snake_case")]
pub enum Happening {
    /// The meeting was convened. The charter's hash is the meeting's id.
    Convened {
        /// With the convener's signature.
        charter: SignedCharter,
    },
    /// A first member founded a group, and a closed part began.
    Founded {
        /// Which group of this meeting.
        founding: u32,
        /// The number of the part.
        part: u32,
        /// The agenda item, as an index.
        item: u32,
        /// Who.
        by: Name,
    },
    /// Somebody was let in.
    Admitted {
        /// Who.
        person: Name,
        /// By whom.
        by: Name,
    },
    /// Somebody left, or was taken out after they were gone.
    Departed {
        /// Who.
        person: Name,
    },
    /// The public was let in.
    Opened {
        /// The number of the part that began.
        part: u32,
        /// The agenda item, as an index.
        item: u32,
        /// Motion and consents as signed: the evidence in the commit.
        evidence: Bytes,
        /// Who moved.
        moved_by: Name,
        /// Who consented.
        consents: Vec<Name>,
    },
    /// The door was shut.
    Closed {
        /// The number of the part that began.
        part: u32,
        /// The agenda item, as an index.
        item: u32,
        /// Motion and fins as signed: the evidence in the commit.
        evidence: Bytes,
        /// Who closed.
        moved_by: Name,
    },
    /// The meeting ended.
    Adjourned {
        /// The motion as signed: the evidence in the commit.
        evidence: Bytes,
        /// Who adjourned.
        moved_by: Name,
    },
    /// Keys of the open part were disclosed: with them anyone can check what was said in it.
    Disclosed {
        /// Which.
        keys: Vec<Disclosure>,
    },
}

/// Somebody, as their letter names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The person.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: String,
}

impl From<&Person> for Name {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            delegation: person.delegation,
            role: person.role.word().to_owned(),
        }
    }
}
