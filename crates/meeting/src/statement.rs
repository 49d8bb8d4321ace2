//! What members say to all others over their signature: motions, consents, fins, heartbeats, goodbyes.

use incamera_protocol::member::Position;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Decode as _, Encode as _, serde_as_encoding};
use crate::credential::{LetterId, Person};
use crate::refusal::Refusal;
use crate::sign::{Seed, hash};

/// The exact point of a meeting that a statement is for. A statement for another point is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Place {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Which group of this meeting.
    pub founding: u32,
    /// What its founder drew: [`crate::MeetingContext::group`].
    pub group: [u8; 16],
    /// The MLS epoch.
    pub epoch: u64,
    /// The part that runs.
    pub part: u32,
}

impl Place {
    /// Founding and epoch.
    pub fn position(&self) -> Position {
        Position {
            founding: self.founding,
            epoch: self.epoch,
        }
    }
}

/// A principal's proposal. To close or adjourn it is also the decision; to open it needs consents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Motion {
    /// Where.
    pub place: Place,
    /// 1 open, 2 close, 3 adjourn.
    pub kind: u8,
    /// The agenda item that the next part is for, as an index.
    pub item: u32,
    /// By the mover's clock, in milliseconds since the Unix epoch.
    pub moved_at_ms: u64,
}

/// A motion's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct MotionId(pub [u8; 32]);

/// A principal's agreement to a motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Consent {
    /// To which.
    pub motion: MotionId,
}

/// How many frames a member sealed under each key of the part that ends: after this no more will come.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Fin {
    /// The close that it answers.
    pub motion: MotionId,
    /// One for each key of the ending part that the member held.
    pub counts: Vec<FinEntry>,
}

/// See [`Fin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct FinEntry {
    /// Which key.
    pub kid: u64,
    /// Frames sealed: counters 0 to `count - 1` were used.
    pub count: u64,
}

/// A member is here and sees this. The first in an epoch confirms that the member has taken it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Heartbeat {
    /// Where.
    pub place: Place,
    /// Counts the signer's heartbeats in this epoch from 0: an old one says nothing about now.
    pub beat: u32,
    /// By the signer's clock, in milliseconds. What counts is how it runs, not what it shows: see [`crate::Group`].
    pub at_ms: u64,
    /// SHA-256 of the epoch authenticator (RFC 9420 §8.7), label `authenticator`.
    pub authenticator: [u8; 32],
    /// The hash of the roster: everybody's leaf, letter and device.
    pub roster: [u8; 32],
    /// How many acts and statements of this epoch the signer has seen …
    pub said: u32,
    /// … and the hash that chains them (see [`crate::Said`]).
    pub chain: [u8; 32],
}

/// A member leaves for good; the others may remove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Goodbye {
    /// Where.
    pub place: Place,
}

/// What is stated.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Body {
    /// A proposal.
    #[tls_codec(discriminant = 1)]
    Motion(Motion),
    /// An agreement.
    #[tls_codec(discriminant = 2)]
    Consent(Consent),
    /// An end.
    #[tls_codec(discriminant = 3)]
    Fin(Fin),
    /// A sign of life.
    #[tls_codec(discriminant = 4)]
    Heartbeat(Heartbeat),
    /// A departure.
    #[tls_codec(discriminant = 5)]
    Goodbye(Goodbye),
}

/// A statement with its signature.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Statement {
    /// Whose: the hash of the signer's letter.
    pub signer: LetterId,
    /// What.
    pub body: Body,
    /// By the letter key, label `statement`, over signer and body.
    pub signature: [u8; 64],
}

serde_as_encoding!(Statement, MotionId);

impl Statement {
    /// Signs.
    pub fn new(signer: LetterId, body: Body, letter_seed: &Seed) -> Self {
        let signature = letter_seed.sign("statement", &signed_bytes(signer, &body));
        Self {
            signer,
            body,
            signature,
        }
    }

    /// Reads a statement without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::MESSAGE_BYTES_MAX {
            return Err(Refusal::TooLarge("statement"));
        }
        Self::decode(bytes)
    }

    /// Whether it has its place in the order of what was said, and is kept. A heartbeat is about a moment, and a fin
    /// is for whoever closes and stands in their commit.
    pub fn is_kept(&self) -> bool {
        match self.body {
            Body::Motion(_) | Body::Consent(_) | Body::Goodbye(_) => true,
            Body::Fin(_) | Body::Heartbeat(_) => false,
        }
    }

    /// True if `person` signed it.
    pub fn is_by(&self, person: &Person) -> bool {
        self.signer == person.letter
            && person
                .letter_key
                .verifies("statement", &signed_bytes(self.signer, &self.body), &self.signature)
    }
}

fn signed_bytes(signer: LetterId, body: &Body) -> Vec<u8> {
    [signer.encode(), body.encode()].concat()
}

impl Motion {
    /// The motion's hash.
    pub fn id(&self) -> MotionId {
        MotionId(hash("motion", &self.encode()))
    }

    /// What it asks for; `None` for a number that is no kind.
    pub fn kind(&self) -> Option<MotionKind> {
        match self.kind {
            1 => Some(MotionKind::Open),
            2 => Some(MotionKind::Close),
            3 => Some(MotionKind::Adjourn),
            _ => None,
        }
    }

    /// The number of a kind.
    pub fn number_of(kind: MotionKind) -> u8 {
        match kind {
            MotionKind::Open => 1,
            MotionKind::Close => 2,
            MotionKind::Adjourn => 3,
        }
    }
}

impl std::fmt::Display for MotionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&Bytes(self.0.to_vec()).encode())
    }
}

impl Heartbeat {
    /// The hash of an epoch authenticator.
    pub fn hash_of(authenticator: &[u8]) -> [u8; 32] {
        hash("authenticator", authenticator)
    }
}
