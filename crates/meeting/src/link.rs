//! The secret part of a link: what stands after the `#`, which browsers never send.

use incamera_protocol::Bytes;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};
use zeroize::Zeroize;

use crate::aside::DelegationSecret;
use crate::codec::{Decode, Encode};
use crate::credential::{Claim, Letter, Signed};
use crate::refusal::Refusal;
use crate::sign::Seed;

const VERSION: u8 = 1;
/// Of a letter's link: the first had no delegation secret.
const VERSION_LETTER: u8 = 2;
const KIND_DELEGATION: u8 = 1;
const KIND_LETTER: u8 = 2;
const KIND_DESK: u8 = 3;
const KIND_CONVENER: u8 = 4;

/// What stands after the `#`, whichever kind of link it is.
#[derive(Clone)]
pub enum Link {
    /// The convener gives one to each delegation.
    Delegation(DelegationLink),
    /// A delegation gives one to each of its people.
    Letter(Box<LetterLink>),
    /// A delegation keeps it for itself.
    Desk(Box<DeskLink>),
    /// The convener keeps it.
    Convener(ConvenerLink),
}

impl Link {
    /// Reads what stands after the `#`.
    pub fn from_fragment(fragment: &str) -> Result<Self, Refusal> {
        let bytes = Bytes::decode(fragment).map_err(|_| Refusal::Malformed)?.0;
        match bytes.get(..2) {
            Some([VERSION, KIND_DELEGATION]) => Ok(Self::Delegation(DelegationLink::decode(&bytes)?)),
            Some([VERSION_LETTER, KIND_LETTER]) => Ok(Self::Letter(Box::new(LetterLink::decode(&bytes)?))),
            Some([VERSION, KIND_DESK]) => Ok(Self::Desk(Box::new(DeskLink::decode(&bytes)?))),
            Some([VERSION, KIND_CONVENER]) => Ok(Self::Convener(ConvenerLink::decode(&bytes)?)),
            _ => Err(Refusal::Malformed),
        }
    }
}

/// A letter's link: whoever holds it can enter the meeting as the person it names. Never printed.
#[derive(Clone, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct LetterLink {
    version: u8,
    kind: u8,
    /// By the slot key.
    pub claim: Signed<Claim>,
    /// By the delegation key.
    pub letter: Signed<Letter>,
    /// Seed of the letter's key.
    pub letter_seed: Seed,
    meeting_secret: [u8; 32],
    /// What the delegation's people share among themselves.
    pub delegation_secret: DelegationSecret,
}

impl LetterLink {
    /// A link for a letter that was just minted.
    pub fn new(
        claim: Signed<Claim>,
        letter: Signed<Letter>,
        letter_seed: Seed,
        meeting_secret: [u8; 32],
        delegation_secret: DelegationSecret,
    ) -> Self {
        Self {
            version: VERSION_LETTER,
            kind: KIND_LETTER,
            claim,
            letter,
            letter_seed,
            meeting_secret,
            delegation_secret,
        }
    }

    /// See [`DelegationLink::meeting_secret`].
    pub fn meeting_secret(&self) -> &[u8; 32] {
        &self.meeting_secret
    }

    /// What stands after the `#`.
    pub fn fragment(&self) -> String {
        Bytes(self.encode()).encode()
    }
}

impl Drop for LetterLink {
    fn drop(&mut self) {
        self.meeting_secret.zeroize();
    }
}

/// The link of a delegation's desk: the home of the delegation's key. Whoever holds it speaks for the delegation.
/// Never printed.
#[derive(Clone, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct DeskLink {
    version: u8,
    kind: u8,
    /// By the slot key.
    pub claim: Signed<Claim>,
    /// Seed of the delegation's key.
    pub delegation_seed: Seed,
    meeting_secret: [u8; 32],
}

impl DeskLink {
    /// A link for a delegation key that was just made.
    pub fn new(claim: Signed<Claim>, delegation_seed: Seed, meeting_secret: [u8; 32]) -> Self {
        Self {
            version: VERSION,
            kind: KIND_DESK,
            claim,
            delegation_seed,
            meeting_secret,
        }
    }

    /// See [`DelegationLink::meeting_secret`].
    pub fn meeting_secret(&self) -> &[u8; 32] {
        &self.meeting_secret
    }

    /// What stands after the `#`.
    pub fn fragment(&self) -> String {
        Bytes(self.encode()).encode()
    }
}

impl Drop for DeskLink {
    fn drop(&mut self) {
        self.meeting_secret.zeroize();
    }
}

/// The convener's own link: whoever holds it can announce the meeting and move it, and nothing else. It opens no door.
/// Never printed.
#[derive(Clone, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct ConvenerLink {
    version: u8,
    kind: u8,
    /// Seed of the convener's key.
    pub convener_seed: Seed,
}

impl ConvenerLink {
    pub(crate) fn new(convener_seed: Seed) -> Self {
        Self {
            version: VERSION,
            kind: KIND_CONVENER,
            convener_seed,
        }
    }

    /// What stands after the `#`.
    pub fn fragment(&self) -> String {
        Bytes(self.encode()).encode()
    }
}

/// A delegation's link: whoever holds it can claim the slot and enter the meeting. Never printed.
#[derive(Clone, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct DelegationLink {
    version: u8,
    kind: u8,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// Seed of the slot's key.
    pub slot_seed: Seed,
    meeting_secret: [u8; 32],
}

impl DelegationLink {
    pub(crate) fn new(delegation: u16, slot_seed: Seed, meeting_secret: [u8; 32]) -> Self {
        Self {
            version: VERSION,
            kind: KIND_DELEGATION,
            delegation,
            slot_seed,
            meeting_secret,
        }
    }

    /// The random secret that enters the group's key schedule as an external PSK (RFC 9420 §8.4) and never crosses
    /// the network.
    pub fn meeting_secret(&self) -> &[u8; 32] {
        &self.meeting_secret
    }

    /// What stands after the `#`.
    pub fn fragment(&self) -> String {
        Bytes(self.encode()).encode()
    }
}

impl Drop for DelegationLink {
    fn drop(&mut self) {
        self.meeting_secret.zeroize();
    }
}
