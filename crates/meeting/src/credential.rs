//! Who somebody is: the chain slot key → delegation key → letter key → device key.

use incamera_protocol::{MeetingId, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::charter::Charter;
use crate::codec::{Decode, Encode, Text, serde_as_encoding};
use crate::refusal::Refusal;
use crate::sign::{PublicKey, Seed, hash};

/// What a person may do in a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Role {
    /// Speaks, moves, consents.
    Principal = 1,
    /// Speaks when the principal yields.
    Adviser = 2,
    /// Works in the language channels.
    Interpreter = 3,
    /// Runs the agenda; no consent.
    Secretary = 4,
}

impl Role {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Adviser => "adviser",
            Self::Interpreter => "interpreter",
            Self::Secretary => "secretary",
        }
    }
}

/// The first client of a delegation claims its slot with the delegation's own key. Signed by the slot key.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Claim {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// The delegation's key from now on.
    pub delegation_key: PublicKey,
}

/// Letter of credence. Signed by the delegation key.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Letter {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// The person.
    pub name: Text,
    /// What the person may do.
    pub role: Role,
    /// The person's key.
    pub letter_key: PublicKey,
    /// Valid up to and including this moment, in milliseconds since the Unix epoch.
    pub not_after_ms: u64,
}

/// Binds the device that uses a letter. Signed by the letter key.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Binding {
    /// The letter.
    pub letter: LetterId,
    /// The device's MLS signature key.
    pub device_key: PublicKey,
}

/// A letter's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct LetterId(pub [u8; 32]);

/// Something with a signature.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Signed<T: Encode + Decode> {
    /// What is signed.
    pub body: T,
    /// Over the encoding of `body`, under the label of its kind.
    pub signature: [u8; 64],
}

impl<T: Encode + Decode> Signed<T> {
    /// Signs.
    pub fn new(label: &str, body: T, seed: &Seed) -> Self {
        let signature = seed.sign(label, &body.encode());
        Self { body, signature }
    }

    fn verify(&self, label: &str, key: &PublicKey) -> bool {
        key.verifies(label, &self.body.encode(), &self.signature)
    }
}

/// The identity in an MLS basic credential (RFC 9420 §5.3): the whole chain.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Credential {
    /// By the slot key, label `claim`.
    pub claim: Signed<Claim>,
    /// By the delegation key, label `letter`.
    pub letter: Signed<Letter>,
    /// By the letter key, label `binding`.
    pub binding: Signed<Binding>,
}

serde_as_encoding!(Credential, LetterId, Signed<Claim>);

/// A member as its credential shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// From the claim.
    pub delegation_key: PublicKey,
    /// From the letter.
    pub name: String,
    /// From the letter.
    pub role: Role,
    /// The letter's hash.
    pub letter: LetterId,
    /// Signs the person's statements.
    pub letter_key: PublicKey,
    /// The device's MLS signature key.
    pub device_key: PublicKey,
    /// End of the letter's time.
    pub not_after_ms: u64,
}

/// The keys that a delegation's first client holds.
#[derive(Clone, Copy)]
pub struct FirstClientKeys<'a> {
    /// From the link.
    pub slot: &'a Seed,
    /// Of the delegation; made here.
    pub delegation: &'a Seed,
    /// Of the letter that it gives itself; made here.
    pub letter: &'a Seed,
    /// The device's MLS signature key.
    pub device: PublicKey,
}

impl Credential {
    /// Makes the chain of a delegation's first client, who is its principal.
    pub fn of_first_client(
        meeting: MeetingId,
        delegation: u16,
        keys: FirstClientKeys<'_>,
        name: &str,
        not_after_ms: u64,
    ) -> Result<Self, Refusal> {
        let claim = Claim {
            meeting: meeting.0,
            delegation,
            delegation_key: keys.delegation.public_key(),
        };
        let letter = Letter {
            meeting: meeting.0,
            delegation,
            name: Text::name(name)?,
            role: Role::Principal,
            letter_key: keys.letter.public_key(),
            not_after_ms,
        };
        let binding = Binding {
            letter: letter.id(),
            device_key: keys.device,
        };
        Ok(Self {
            claim: Signed::new("claim", claim, keys.slot),
            letter: Signed::new("letter", letter, keys.delegation),
            binding: Signed::new("binding", binding, keys.letter),
        })
    }

    /// Reads a credential without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::CREDENTIAL_BYTES_MAX {
            return Err(Refusal::TooLarge("letter of credence"));
        }
        Self::decode(bytes)
    }

    /// Follows the chain up to the charter. Time is judged apart, by [`Person::in_time`]: somebody whose letter
    /// runs out in mid-meeting stays a known member.
    pub fn verify(&self, charter: &Charter) -> Result<Person, Refusal> {
        let meeting = charter.id().0;
        let claim = &self.claim.body;
        let letter = &self.letter.body;
        let binding = &self.binding.body;
        if claim.meeting != meeting || letter.meeting != meeting {
            return Err(Refusal::Credential("it is for another meeting"));
        }
        if claim.delegation != letter.delegation {
            return Err(Refusal::Credential("it is for another delegation"));
        }
        let slot = charter
            .delegations
            .get(usize::from(claim.delegation))
            .ok_or(Refusal::Credential("the charter has no such delegation"))?;
        if !self.claim.verify("claim", &slot.key) {
            return Err(Refusal::Credential(
                "the claim is not signed with the key of this delegation's link",
            ));
        }
        if !self.letter.verify("letter", &claim.delegation_key) {
            return Err(Refusal::Credential("the letter is not signed by its delegation"));
        }
        if binding.letter != letter.id() {
            return Err(Refusal::Credential("the device is bound to another letter"));
        }
        if !self.binding.verify("binding", &letter.letter_key) {
            return Err(Refusal::Credential("the device is not bound by the letter's key"));
        }
        if letter.not_after_ms > charter.convened_at_ms.saturating_add(limits::LETTER_VALIDITY_MS_MAX) {
            return Err(Refusal::Credential("it is valid for longer than a letter may be"));
        }
        let name = Text::name(letter.name.as_str())?;
        Ok(Person {
            delegation: claim.delegation,
            delegation_key: claim.delegation_key,
            name: name.as_str().to_owned(),
            role: letter.role,
            letter: binding.letter,
            letter_key: letter.letter_key,
            device_key: binding.device_key,
            not_after_ms: letter.not_after_ms,
        })
    }
}

impl Letter {
    /// The letter's hash.
    pub fn id(&self) -> LetterId {
        LetterId(hash("letter", &self.encode()))
    }
}

impl Person {
    /// Refuses a person whose letter has run out.
    pub fn in_time(&self, now_ms: u64) -> Result<(), Refusal> {
        if now_ms > self.not_after_ms {
            Err(Refusal::LetterExpired)
        } else {
            Ok(())
        }
    }
}
