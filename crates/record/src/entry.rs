//! The entries of a record: what they say, and their bytes.

use incamera_meeting::{
    Act, Added, Announcement, Claim, CommitFacts, Discloser, Encode as _, Event, LetterId, MeetingContext, Recorded,
    Signed, Statement,
};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Bytes, Leaf, MeetingId, limits};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::note::hex;

/// The only version of entries there is.
const VERSION: u8 = 1;

/// Something that happened, and when. Its bytes are compact JSON with the fields in this order: one spelling only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1.
    pub v: u8,
    /// Milliseconds since the Unix epoch, by the house's clock; never less than in the entry before.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// The meeting was convened. The charter's hash is the meeting's id.
    Convened {
        /// Which.
        meeting: MeetingId,
        /// The encoded `SignedCharter`.
        charter: Attachment,
    },
    /// A delegation has claimed its slot.
    SlotClaimed {
        /// The signed claim.
        claim: Box<Signed<Claim>>,
    },
    /// A delegation has revoked a letter.
    Revoked {
        /// The signed act.
        act: Box<Signed<Act>>,
    },
    /// A first member founded a group, and a closed part began.
    Founded {
        /// Its leaf.
        leaf: Leaf,
        /// Who.
        founder: Added,
        /// What the group starts with.
        context: MeetingContext,
        /// The MLSMessage with the GroupInfo.
        message: Attachment,
    },
    /// A commit: somebody came or went, or the phase changed, with motion, consents and fins inside.
    Committed {
        /// Which group of the meeting.
        founding: u32,
        /// The epoch that it ends.
        epoch: u64,
        /// What it does: the JSON of `CommitFacts`.
        facts: Attachment,
        /// The MLSMessage with the commit.
        message: Attachment,
    },
    /// Somebody has said that they leave.
    Left {
        /// The signed goodbye.
        statement: Statement,
    },
    /// Keys of the open part were disclosed.
    Disclosed {
        /// By whom: the hash of the letter.
        by: LetterId,
        /// Which, in the order in which they were signed.
        keys: Vec<Disclosure>,
        /// Of the letter key over them.
        signature: Bytes,
    },
    /// The convener has announced the meeting, or changed what was announced.
    Announced {
        /// As signed by the convener.
        announcement: Box<Signed<Announcement>>,
    },
    /// A delegation has published its readout, or a new version of it.
    Readout {
        /// The encoded `SignedReadout`.
        readout: Attachment,
    },
    /// The last of those whom a joint statement names has signed it.
    Joint {
        /// The encoded `AgreedJoint`: the statement with all signatures.
        statement: Attachment,
    },
    /// An open part, or a piece of it, was recorded. Its files are no attachments: they are large, and may be deleted.
    Recorded {
        /// Their hashes, and where in the part they belong.
        recording: Box<Recorded>,
    },
    /// The way from the open part that runs to the public has failed, or works again, as the house has found out.
    Unheard {
        /// It has failed.
        failed: bool,
    },
    /// The house has deleted the files of a recording.
    Deleted {
        /// The part's number.
        part: u32,
        /// The piece's number.
        piece: u32,
    },
}

/// Bytes that an entry names and that are kept beside the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// SHA-256 of the bytes.
    pub sha256: Sha256Sum,
    /// How many.
    pub size: u64,
}

/// A SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sha256Sum(pub [u8; 32]);

/// Bytes that are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// They are not JSON of an entry, or of a kind that this version does not know.
    #[error("it is not an entry that this version can read")]
    Unreadable,
    /// They say what an entry says in other bytes than those that are prescribed.
    #[error("it is not written as an entry must be")]
    Spelling,
    /// More than an entry has.
    #[error("it is too long")]
    TooLong,
}

impl Entry {
    /// An entry of today's version.
    pub fn new(at_ms: u64, happening: Happening) -> Self {
        let v = VERSION;
        Self { v, at_ms, happening }
    }

    /// Its bytes.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        let bytes = serde_json::to_vec(self).map_err(|_| EntryError::Unreadable)?;
        if bytes.len() > limits::ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong);
        }
        Ok(bytes)
    }

    /// Reads an entry, believing nothing.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > limits::ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong);
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|_| EntryError::Unreadable)?;
        if entry.v != VERSION || entry.encode()? != bytes {
            return Err(EntryError::Spelling);
        }
        Ok(entry)
    }
}

impl Happening {
    /// The attachments that it names.
    pub fn attachments(&self) -> Vec<Attachment> {
        match self {
            Self::Convened { charter, .. } => vec![*charter],
            Self::Founded { message, .. } => vec![*message],
            Self::Committed { facts, message, .. } => vec![*facts, *message],
            Self::Readout { readout } => vec![*readout],
            Self::Joint { statement } => vec![*statement],
            Self::SlotClaimed { .. }
            | Self::Revoked { .. }
            | Self::Left { .. }
            | Self::Disclosed { .. }
            | Self::Announced { .. }
            | Self::Recorded { .. }
            | Self::Unheard { .. }
            | Self::Deleted { .. } => Vec::new(),
        }
    }

    /// In a word, for people.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Convened { .. } => "convened",
            Self::SlotClaimed { .. } => "slot claimed",
            Self::Revoked { .. } => "letter revoked",
            Self::Founded { .. } => "founded",
            Self::Committed { .. } => "commit",
            Self::Left { .. } => "left",
            Self::Disclosed { .. } => "keys disclosed",
            Self::Announced { .. } => "announced",
            Self::Readout { .. } => "readout",
            Self::Joint { .. } => "joint statement",
            Self::Recorded { .. } => "recorded",
            Self::Unheard { failed: true } => "public path failed",
            Self::Unheard { failed: false } => "public path restored",
            Self::Deleted { .. } => "recording deleted",
        }
    }

    /// The entry that a commit must have, and its attachments.
    pub fn of_commit(facts: &CommitFacts, message: &[u8]) -> (Self, Vec<Vec<u8>>) {
        // Facts are plain: numbers, names and bytes. Writing them does not fail.
        let written = serde_json::to_vec(facts).unwrap_or_default();
        let happening = Self::Committed {
            founding: facts.position.founding,
            epoch: facts.position.epoch,
            facts: Attachment::of(&written),
            message: Attachment::of(message),
        };
        (happening, vec![written, message.to_vec()])
    }

    /// The entry that a founding must have, and its attachment.
    pub fn of_founding(leaf: Leaf, founder: &Added, context: &MeetingContext, message: &[u8]) -> (Self, Vec<Vec<u8>>) {
        let happening = Self::Founded {
            leaf,
            founder: founder.clone(),
            context: context.clone(),
            message: Attachment::of(message),
        };
        (happening, vec![message.to_vec()])
    }

    /// What the public record has of an event, and the attachments of it. `None`: the event is no part of the frame.
    /// This is the place to say so for every new kind of event.
    pub fn of(event: &Event) -> Option<(Self, Vec<Vec<u8>>)> {
        match event {
            Event::SlotClaimed { claim } => Some((Self::SlotClaimed { claim: claim.clone() }, Vec::new())),
            // Who may come is not yet who came; that the delegation has its key is known by it.
            Event::Claimed { credential } => {
                let claim = Box::new(credential.claim.clone());
                Some((Self::SlotClaimed { claim }, Vec::new()))
            }
            Event::Revoked { act } => Some((Self::Revoked { act: act.clone() }, Vec::new())),
            Event::Founded {
                leaf,
                founder,
                context,
                message,
                ..
            } => Some(Self::of_founding(*leaf, founder, context, &message.0)),
            Event::Committed { facts, message, .. } => Some(Self::of_commit(facts, &message.0)),
            Event::Disclosed { keys, by: Some(by) } => {
                let happening = Self::Disclosed {
                    by: by.letter,
                    keys: keys.clone(),
                    signature: by.signature.clone(),
                };
                Some((happening, Vec::new()))
            }
            // Nobody has signed them: they prove nothing.
            Event::Disclosed { by: None, .. } => None,
            // A motion that leads to something stands in the commit, with its consents and fins; one that leads to
            // nothing is no part of the frame. A goodbye is the ground on which its signer may be removed.
            Event::Stated { statement, .. } => {
                let statement = statement.clone();
                let goodbye = matches!(statement.body, incamera_meeting::Body::Goodbye(_));
                goodbye.then_some((Self::Left { statement }, Vec::new()))
            }
            Event::Announced { announcement, .. } => {
                let announcement = announcement.clone();
                Some((Self::Announced { announcement }, Vec::new()))
            }
            Event::ReadoutPublished { readout, .. } => {
                let written = readout.encode();
                let readout = Attachment::of(&written);
                Some((Self::Readout { readout }, vec![written]))
            }
            Event::Recorded { recorded, .. } => {
                let recording = recorded.clone();
                Some((Self::Recorded { recording }, Vec::new()))
            }
            Event::Unheard { failed, .. } => Some((Self::Unheard { failed: *failed }, Vec::new())),
            Event::RecordingDeleted { part, piece, .. } => {
                let (part, piece) = (*part, *piece);
                Some((Self::Deleted { part, piece }, Vec::new()))
            }
            Event::JointPublished { agreed, .. } => {
                let written = agreed.encode();
                let statement = Attachment::of(&written);
                Some((Self::Joint { statement }, vec![written]))
            }
            // What not all have signed is nobody's business but theirs.
            Event::JointSigned { .. } | Event::JointSignedBefore {} => None,
            // A desk's own.
            Event::Noted { .. } => None,
        }
    }

    /// The signed part of a disclosure, for the rules.
    pub(crate) fn discloser(by: LetterId, signature: &Bytes) -> Discloser {
        Discloser {
            letter: by,
            signature: signature.clone(),
        }
    }
}

impl Attachment {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Sha256Sum::of(bytes),
            size: bytes.len() as u64,
        }
    }
}

impl Sha256Sum {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl std::fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::str::FromStr for Sha256Sum {
    type Err = EntryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut sum = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)) {
            return Err(EntryError::Spelling);
        }
        for (byte, pair) in sum.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| EntryError::Spelling)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| EntryError::Spelling)?;
        }
        Ok(Self(sum))
    }
}

impl Serialize for Sha256Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
