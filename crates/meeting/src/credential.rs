//! Who somebody is: the chain slot key → delegation key → letter key → device key.

use incamera_protocol::{MeetingId, limits};

use crate::act::{Act, Deed};
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

/// How somebody enters with a letter for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Entry {
    /// The first device to use the letter enters.
    AtOnce = 1,
    /// The delegation lets each device in.
    WhenLetIn = 2,
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
    /// How the person enters.
    pub entry: Entry,
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

    pub(crate) fn verify(&self, label: &str, key: &PublicKey) -> bool {
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
    /// By the delegation key, label `act`: it has let this device in.
    pub admission: Option<Signed<Act>>,
}

serde_as_encoding!(Credential, LetterId, Signed<Claim>, Signed<Letter>);

/// A member as its credential shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// By which the delegation has its key.
    pub claim: Signed<Claim>,
    /// From the letter.
    pub name: String,
    /// From the letter.
    pub role: Role,
    /// From the letter.
    pub entry: Entry,
    /// When the delegation let this device in, by its clock; none if it has not said so.
    pub admitted_at_ms: Option<u64>,
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
        let claim = Signed::claim(meeting, delegation, keys.slot, keys.delegation.public_key());
        let letter_key = keys.letter.public_key();
        let (role, entry) = (Role::Principal, Entry::AtOnce);
        let letter = Letter::new(meeting, delegation, name, role, entry, letter_key, not_after_ms)?;
        let letter = Signed::new("letter", letter, keys.delegation);
        Ok(Self::of_letter(claim, letter, keys.letter, keys.device))
    }

    /// Makes the chain of a device that uses a letter.
    pub fn of_letter(claim: Signed<Claim>, letter: Signed<Letter>, letter_seed: &Seed, device_key: PublicKey) -> Self {
        let binding = Binding {
            letter: letter.body.id(),
            device_key,
        };
        Self {
            claim,
            letter,
            binding: Signed::new("binding", binding, letter_seed),
            admission: None,
        }
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
        self.verify_knowing(charter.id(), charter, None)
    }

    /// The same for somebody who knows the charter's id, and perhaps the claim: one that was checked against this
    /// charter before, to the last byte, is not checked again.
    pub(crate) fn verify_knowing(
        &self,
        meeting: MeetingId,
        charter: &Charter,
        known: Option<&Signed<Claim>>,
    ) -> Result<Person, Refusal> {
        let claim = &self.claim.body;
        let letter = &self.letter.body;
        let binding = &self.binding.body;
        if known != Some(&self.claim) {
            self.claim.check_knowing(meeting, charter)?;
        }
        if letter.meeting != meeting.0 {
            return Err(Refusal::Credential("it is for another meeting"));
        }
        if claim.delegation != letter.delegation {
            return Err(Refusal::Credential("it is for another delegation"));
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
        let admitted_at_ms = match &self.admission {
            None => None,
            Some(act) => {
                let this_device = act.body.deed == Deed::Admit(binding.letter, binding.device_key);
                if !this_device || !act.is_by(meeting, claim.delegation, &claim.delegation_key) {
                    return Err(Refusal::Credential("its delegation has not let this device in"));
                }
                Some(act.body.at_ms)
            }
        };
        Ok(Person {
            delegation: claim.delegation,
            claim: self.claim.clone(),
            name: name.as_str().to_owned(),
            role: letter.role,
            entry: letter.entry,
            admitted_at_ms,
            letter: binding.letter,
            letter_key: letter.letter_key,
            device_key: binding.device_key,
            not_after_ms: letter.not_after_ms,
        })
    }
}

impl Signed<Claim> {
    /// Claims a slot.
    pub fn claim(meeting: MeetingId, delegation: u16, slot: &Seed, delegation_key: PublicKey) -> Self {
        let claim = Claim {
            meeting: meeting.0,
            delegation,
            delegation_key,
        };
        Self::new("claim", claim, slot)
    }

    /// Reads a claim without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::decode(bytes)
    }

    /// Whether it claims a slot of this charter, by that slot's key.
    pub fn check(&self, charter: &Charter) -> Result<(), Refusal> {
        self.check_knowing(charter.id(), charter)
    }

    /// The same for somebody who knows the charter's id: a large charter is long to hash.
    pub(crate) fn check_knowing(&self, meeting: MeetingId, charter: &Charter) -> Result<(), Refusal> {
        if self.body.meeting != meeting.0 {
            return Err(Refusal::Credential("it is for another meeting"));
        }
        let slot = charter
            .delegations
            .get(usize::from(self.body.delegation))
            .ok_or(Refusal::Credential("the charter has no such delegation"))?;
        if self.verify("claim", &slot.key) {
            Ok(())
        } else {
            Err(Refusal::Credential(
                "the claim is not signed with the key of this delegation's link",
            ))
        }
    }
}

impl Letter {
    /// A letter, to be signed by the delegation.
    pub fn new(
        meeting: MeetingId,
        delegation: u16,
        name: &str,
        role: Role,
        entry: Entry,
        letter_key: PublicKey,
        not_after_ms: u64,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            meeting: meeting.0,
            delegation,
            name: Text::name(name)?,
            role,
            entry,
            letter_key,
            not_after_ms,
        })
    }

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
