//! Signed notes (C2SP signed-note): a text and signatures under it, each with the name of its key.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use incamera_meeting::{PublicKey, Seed};
use incamera_protocol::limits;
use sha2::{Digest as _, Sha256};

/// What a key signs, by the number that the specifications give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyKind {
    /// Ed25519 over the text of the note (C2SP signed-note).
    Log = 1,
    /// Ed25519 over the text and a time (C2SP tlog-cosignature).
    Cosigner = 4,
}

/// A key by which signatures under notes are told, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteKey {
    /// Without white space and plus.
    pub name: String,
    /// What it signs.
    pub kind: KeyKind,
    /// Ed25519.
    pub key: PublicKey,
}

/// One signature under a note, not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of its key.
    pub name: String,
    /// The first bytes of a hash over name, kind and key.
    pub key_id: [u8; 4],
    /// What follows.
    pub bytes: Vec<u8>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// With its last newline.
    pub text: String,
    /// In their order.
    pub signatures: Vec<NoteSignature>,
}

/// Something is not a signed note, a checkpoint or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than any.
    #[error("it is too long")]
    TooLong,
    /// The text cannot be told from the signatures.
    #[error("it is not a signed note")]
    NotANote,
    /// A line under it is no signature.
    #[error("a line under it is not a signature")]
    Signature,
    /// Not origin, size and root.
    #[error("it is not a checkpoint: origin, size and root, a line each")]
    Checkpoint,
    /// Not a verifier key.
    #[error("it is not a verifier key")]
    Key,
}

impl NoteKey {
    /// A key; an error if the name cannot stand in a note.
    pub fn new(name: &str, kind: KeyKind, key: PublicKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key);
        }
        let name = name.to_owned();
        Ok(Self { name, kind, key })
    }

    /// Reads `<name>+<key id>+<kind and key>`.
    pub fn read(vkey: &str) -> Result<Self, NoteError> {
        let mut fields = vkey.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(NoteError::Key);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::Key)?;
        let (kind, key) = key.split_first().ok_or(NoteError::Key)?;
        let kind = match kind {
            1 => KeyKind::Log,
            4 => KeyKind::Cosigner,
            _ => return Err(NoteError::Key),
        };
        let key = PublicKey(key.try_into().map_err(|_| NoteError::Key)?);
        let read = Self::new(name, kind, key)?;
        if hex(&read.id()) == id {
            Ok(read)
        } else {
            Err(NoteError::Key)
        }
    }

    /// The text of a verifier key.
    pub fn vkey(&self) -> String {
        let material = [[self.kind as u8].as_slice(), &self.key.0].concat();
        format!("{}+{}+{}", self.name, hex(&self.id()), STANDARD.encode(material))
    }

    /// The first four bytes of SHA-256(name ‖ newline ‖ kind ‖ key).
    pub fn id(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', self.kind as u8])
            .chain_update(self.key.0);
        let hash: [u8; 32] = digest.finalize().into();
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }

    /// Whether a signature says that it is this key's.
    pub fn is_named_by(&self, signature: &NoteSignature) -> bool {
        signature.name == self.name && signature.key_id == self.id()
    }

    /// Whether a signature under this text is this key's; for a cosigner's, when it was given, in seconds since 1970.
    pub fn verifies(&self, text: &str, signature: &NoteSignature) -> Option<u64> {
        if !self.is_named_by(signature) {
            return None;
        }
        let (time, signed, bytes) = match self.kind {
            KeyKind::Log => (0, text.to_owned(), signature.bytes.as_slice()),
            KeyKind::Cosigner => {
                let (time, bytes) = signature.bytes.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                (time, cosigned(time, text), bytes)
            }
        };
        let signature = Signature::from_bytes(bytes.try_into().ok()?);
        let key = VerifyingKey::from_bytes(&self.key.0).ok()?;
        key.verify_strict(signed.as_bytes(), &signature).ok().map(|()| time)
    }

    /// Signs as a log.
    pub fn sign(&self, seed: &Seed, text: &str) -> NoteSignature {
        self.signature(raw(seed, text).to_vec())
    }

    /// Signs as a cosigner, at this time in seconds since 1970.
    pub fn cosign(&self, seed: &Seed, time: u64, text: &str) -> NoteSignature {
        let signature = raw(seed, &cosigned(time, text));
        self.signature([time.to_be_bytes().as_slice(), &signature].concat())
    }

    fn signature(&self, bytes: Vec<u8>) -> NoteSignature {
        NoteSignature {
            name: self.name.clone(),
            key_id: self.id(),
            bytes,
        }
    }
}

/// These texts are no structures of ours and bear no label of ours: the specifications prescribe every byte. None can
/// pass for one of ours, whose first bytes are `incamera 1 `: a log's text begins with `incamera/`, a cosigner's with
/// `cosignature/`.
fn raw(seed: &Seed, text: &str) -> [u8; 64] {
    SigningKey::from_bytes(seed.reveal()).sign(text.as_bytes()).to_bytes()
}

fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl Note {
    /// Reads a note and believes nothing of it.
    pub fn read(note: &str) -> Result<Self, NoteError> {
        if note.len() > limits::NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::NotANote);
        }
        let end = note.rfind("\n\n").ok_or(NoteError::NotANote)?;
        let (text, signatures) = note.split_at_checked(end + 1).ok_or(NoteError::NotANote)?;
        let signatures = signatures.strip_prefix('\n').ok_or(NoteError::NotANote)?;
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::NotANote)?;
        Ok(Self {
            text: text.to_owned(),
            signatures: signatures
                .split('\n')
                .map(NoteSignature::read)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The note as text.
    pub fn write(&self) -> String {
        let mut note = format!("{}\n", self.text);
        for signature in &self.signatures {
            // Writing to a string does not fail.
            let _ = writeln!(note, "{}", signature.line());
        }
        note
    }
}

impl NoteSignature {
    /// One line under a note.
    pub fn line(&self) -> String {
        let bytes = [self.key_id.as_slice(), &self.bytes].concat();
        format!("— {} {}", self.name, STANDARD.encode(bytes))
    }

    /// Reads one line.
    pub fn read(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix("— ").ok_or(NoteError::Signature)?;
        let (name, bytes) = rest.split_once(' ').ok_or(NoteError::Signature)?;
        let bytes = STANDARD.decode(bytes).map_err(|_| NoteError::Signature)?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>().ok_or(NoteError::Signature)?;
        if !is_name(name) || bytes.is_empty() {
            return Err(NoteError::Signature);
        }
        Ok(Self {
            name: name.to_owned(),
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
