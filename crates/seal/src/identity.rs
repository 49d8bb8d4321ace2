//! Who this device is: the seeds behind the chain claim → letter → device, and what a reload of the tab needs of it.

use ed25519_dalek::{Signer as _, SigningKey};
use incamera_meeting::{
    Act, Credential, DelegationLink, DelegationSecret, DeskLink, Encode as _, FirstClientKeys, Letter, LetterId,
    LetterLink, Link, PublicKey, Refusal, Seed, Signed, SignedCharter,
};
use incamera_protocol::{Bytes, limits};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;

use crate::action::Failure;
use zeroize::Zeroizing;

/// How long the letter that a delegation's first client gives itself is valid, in milliseconds.
const OWN_LETTER_MS: u64 = 30 * 24 * 3_600 * 1_000;

/// The keys of one device in one meeting. Seeds are erased when it is dropped; nothing here prints them.
pub struct Identity {
    credential: Credential,
    letter_seed: Seed,
    device_seed: Seed,
    /// Of a delegation's first client.
    delegation_seed: Option<Seed>,
    meeting_secret: Zeroizing<[u8; 32]>,
    delegation_secret: DelegationSecret,
}

/// What a reload in the same tab needs. Secret: it goes into storage that dies with the tab, and nowhere else.
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    credential: Bytes,
    letter: Bytes,
    device: Bytes,
    delegation: Option<Bytes>,
    secret: Bytes,
    aside: Bytes,
}

impl Identity {
    /// A device that uses a link for the first time: of a delegation, whose key it then makes, or of a letter.
    /// `name` is only for a delegation's link; a letter names its person.
    pub fn new(
        charter: &SignedCharter,
        fragment: &str,
        name: &str,
        now_ms: u64,
        random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Failure> {
        match Link::from_fragment(fragment).map_err(|_| Failure::Link)? {
            Link::Delegation(link) => Self::first_client(charter, &link, name, now_ms, random),
            Link::Letter(link) => Self::of_letter(charter, &link, random),
            Link::Desk(_) => Err(Failure::DeskLink),
            Link::Convener(_) => Err(Failure::Link),
        }
    }

    fn first_client(
        charter: &SignedCharter,
        link: &DelegationLink,
        name: &str,
        now_ms: u64,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Failure> {
        check_slot(charter, link)?;
        let latest = charter
            .charter
            .convened_at_ms
            .saturating_add(limits::LETTER_VALIDITY_MS_MAX);
        let [delegation_seed, letter_seed, device_seed] =
            [Seed::new(random()), Seed::new(random()), Seed::new(random())];
        let credential = Credential::of_first_client(
            charter.charter.id(),
            link.delegation,
            FirstClientKeys {
                slot: &link.slot_seed,
                delegation: &delegation_seed,
                letter: &letter_seed,
                device: device_seed.public_key(),
            },
            name,
            now_ms.saturating_add(OWN_LETTER_MS).min(latest),
        )?;
        Ok(Self {
            credential,
            letter_seed,
            device_seed,
            delegation_secret: DelegationSecret::of(&delegation_seed),
            delegation_seed: Some(delegation_seed),
            meeting_secret: Zeroizing::new(*link.meeting_secret()),
        })
    }

    fn of_letter(
        charter: &SignedCharter,
        link: &LetterLink,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Failure> {
        if link.letter.body.letter_key != link.letter_seed.public_key() {
            return Err(Failure::Link);
        }
        let device_seed = Seed::new(random());
        let credential = Credential::of_letter(
            link.claim.clone(),
            link.letter.clone(),
            &link.letter_seed,
            device_seed.public_key(),
        );
        credential.verify(&charter.charter)?;
        Ok(Self {
            credential,
            letter_seed: link.letter_seed.clone(),
            device_seed,
            delegation_seed: None,
            meeting_secret: Zeroizing::new(*link.meeting_secret()),
            delegation_secret: link.delegation_secret.clone(),
        })
    }

    /// The same device after a reload.
    pub fn restore(charter: &SignedCharter, saved: &str) -> Result<Self, Failure> {
        let saved: Saved = serde_json::from_str(saved).map_err(|_| Failure::Saved)?;
        let key = |bytes: &Bytes| <[u8; 32]>::try_from(bytes.0.as_slice()).map_err(|_| Failure::Saved);
        let credential = Credential::read(&saved.credential.0).map_err(|_| Failure::Saved)?;
        credential.verify(&charter.charter).map_err(|_| Failure::Saved)?;
        let delegation_seed = saved.delegation.as_ref().map(key).transpose()?.map(Seed::new);
        let it = Self {
            credential,
            letter_seed: Seed::new(key(&saved.letter)?),
            device_seed: Seed::new(key(&saved.device)?),
            delegation_seed,
            meeting_secret: Zeroizing::new(key(&saved.secret)?),
            delegation_secret: DelegationSecret::new(key(&saved.aside)?),
        };
        let own = it.device_key() == it.credential.binding.body.device_key
            && it.letter_seed.public_key() == it.letter().letter_key
            && it
                .delegation_seed
                .as_ref()
                .is_none_or(|seed| seed.public_key() == it.credential.claim.body.delegation_key);
        if own { Ok(it) } else { Err(Failure::Saved) }
    }

    /// What a reload in the same tab needs.
    pub fn save(&self) -> String {
        let bytes = |seed: &Seed| Bytes(seed.reveal().to_vec());
        let saved = Saved {
            credential: Bytes(self.credential.encode()),
            letter: bytes(&self.letter_seed),
            device: bytes(&self.device_seed),
            delegation: self.delegation_seed.as_ref().map(bytes),
            secret: Bytes(self.meeting_secret.to_vec()),
            aside: Bytes(self.delegation_secret.reveal().to_vec()),
        };
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// Takes in that the delegation lets this device in.
    pub(crate) fn let_in(&mut self, charter: &SignedCharter, act: Signed<Act>) -> Result<(), Refusal> {
        let credential = Credential {
            admission: Some(act),
            ..self.credential.clone()
        };
        credential.verify(&charter.charter)?;
        self.credential = credential;
        Ok(())
    }

    /// The delegation's key, if this is its first client.
    pub(crate) fn delegation_seed(&self) -> Option<&Seed> {
        self.delegation_seed.as_ref()
    }

    /// The link of the delegation's desk, if this is its first client. Secret.
    pub fn desk(&self) -> Option<DeskLink> {
        let seed = self.delegation_seed.as_ref()?.clone();
        Some(DeskLink::new(self.credential.claim.clone(), seed, *self.meeting_secret))
    }

    /// Index into the charter's delegations.
    pub fn delegation(&self) -> u16 {
        self.letter().delegation
    }

    /// The letter.
    pub fn letter(&self) -> &Letter {
        &self.credential.letter.body
    }

    /// The letter's hash.
    pub fn letter_id(&self) -> LetterId {
        self.credential.binding.body.letter
    }

    /// Signs statements.
    pub fn letter_seed(&self) -> &Seed {
        &self.letter_seed
    }

    /// The chain claim → letter → device, encoded.
    pub fn credential(&self) -> Vec<u8> {
        self.credential.encode()
    }

    /// The device's MLS signature key.
    pub fn device_key(&self) -> PublicKey {
        self.device_seed.public_key()
    }

    /// The secret that never crosses the network.
    pub fn meeting_secret(&self) -> &[u8; 32] {
        &self.meeting_secret
    }

    /// What my delegation's people share, and nobody else has.
    pub(crate) fn delegation_secret(&self) -> &DelegationSecret {
        &self.delegation_secret
    }

    /// Proof of possession of the device key, over the server's challenge.
    pub(crate) fn prove(&self, meeting: &[u8; 32], nonce: &[u8]) -> Vec<u8> {
        self.device_seed
            .sign("hello", &[meeting.as_slice(), nonce].concat())
            .to_vec()
    }
}

/// Whether a delegation's link belongs to this charter.
pub(crate) fn check_slot(charter: &SignedCharter, link: &DelegationLink) -> Result<(), Failure> {
    let slot = charter.charter.delegations.get(usize::from(link.delegation));
    let own = slot.is_some_and(|slot| slot.key == link.slot_seed.public_key());
    if own { Ok(()) } else { Err(Failure::Link) }
}

/// The device key signs for MLS. MLS signs labelled content of its own (RFC 9420 §5.1.2), whose first byte is the
/// length of its label: it never coincides with our labels.
impl Signer for Identity {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(SigningKey::from_bytes(self.device_seed.reveal())
            .sign(payload)
            .to_bytes()
            .to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
