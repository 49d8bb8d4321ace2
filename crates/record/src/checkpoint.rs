//! Checkpoints (C2SP tlog-checkpoint): how long a log is and what its root is, signed by the house, countersigned by
//! members.

use incamera_meeting::{LetterId, PublicKey, Seed};
use incamera_protocol::{Bytes, MeetingId};
use sha2::{Digest as _, Sha256};

use crate::merkle::Hash;
use crate::note::{KeyKind, Note, NoteError, NoteKey, NoteSignature, hex};

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the text. Lines after the third are refused: none are defined here.
    pub fn read(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::Checkpoint)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Checkpoint);
        };
        let number: u64 = size.parse().map_err(|_| NoteError::Checkpoint)?;
        let root = root.parse().map_err(|_| NoteError::Checkpoint)?;
        if origin.is_empty() || number.to_string() != size {
            return Err(NoteError::Checkpoint);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: number,
            root,
        })
    }

    /// The checkpoint with the signature of the house that keeps the log.
    pub fn sign(&self, house: &Seed) -> Note {
        let text = self.text();
        let signature = log_key(&self.origin, house.public_key()).map(|key| key.sign(house, &text));
        Note {
            text,
            signatures: signature.into_iter().collect(),
        }
    }

    /// A member's countersignature, at this time in seconds since 1970.
    pub fn cosign(&self, letter: LetterId, letter_seed: &Seed, time: u64) -> NoteSignature {
        cosigner_key(letter, letter_seed.public_key()).cosign(letter_seed, time, &self.text())
    }

    /// Reads a signed checkpoint and looks for the signature of the log's key under it.
    pub fn open(note: &str, log: &NoteKey) -> Result<(Self, Note), CheckpointError> {
        let note = Note::read(note)?;
        let checkpoint = Self::read(&note.text)?;
        if checkpoint.origin != log.name {
            return Err(CheckpointError::AnotherLog(checkpoint.origin));
        }
        let mut named = note.signatures.iter().filter(|signature| log.is_named_by(signature));
        let signed = named
            .next()
            .is_some_and(|signature| log.verifies(&note.text, signature).is_some());
        if !signed || named.next().is_some() {
            return Err(CheckpointError::Unsigned);
        }
        Ok((checkpoint, note))
    }
}

/// A checkpoint that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It cannot be read.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Its origin is another.
    #[error("it is of another log: {0}")]
    AnotherLog(String),
    /// The house's signature is missing or does not hold.
    #[error("it is not signed by the key of this house")]
    Unsigned,
}

/// The name of a house in its logs: 32 hexadecimal digits of the hash of its key. Whoever countersigns a checkpoint so
/// countersigns whose key it is.
pub fn house_name(key: PublicKey) -> String {
    let hash: [u8; 32] = Sha256::digest(key.0).into();
    hex(hash.split_at(16).0)
}

/// The origin of the log of a meeting.
pub fn meeting_origin(house: PublicKey, meeting: MeetingId) -> String {
    format!("incamera/{}/{meeting}", house_name(house))
}

/// The origin of the log of a house.
pub fn house_origin(house: PublicKey) -> String {
    format!("incamera/{}", house_name(house))
}

/// The key of a log; `None` if the origin cannot be a key's name.
pub fn log_key(origin: &str, house: PublicKey) -> Option<NoteKey> {
    NoteKey::new(origin, KeyKind::Log, house).ok()
}

/// What the name of every member's key begins with.
const COSIGNER: &str = "incamera/letter/";

/// The key by which a member countersigns: that of the letter.
pub fn cosigner_key(letter: LetterId, key: PublicKey) -> NoteKey {
    NoteKey {
        name: format!("{COSIGNER}{}", Bytes(letter.0.to_vec()).encode()),
        kind: KeyKind::Cosigner,
        key,
    }
}

/// The letter that the name of a member's key names.
pub fn letter_of_cosigner(name: &str) -> Option<LetterId> {
    let bytes = Bytes::decode(name.strip_prefix(COSIGNER)?).ok()?;
    Some(LetterId(bytes.0.try_into().ok()?))
}
