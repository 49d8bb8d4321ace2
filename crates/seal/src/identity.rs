//! Who this device is: the seeds behind the chain claim → letter → device, and what a reload of the tab needs of it.

use ed25519_dalek::{Signer as _, SigningKey};
use incamera_meeting::{
    Credential, DelegationLink, Encode as _, FirstClientKeys, Letter, LetterId, PublicKey, Seed, SignedCharter,
};
use incamera_protocol::{Bytes, limits};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;

use crate::action::Failure;

/// How long the letter that a delegation's first client gives itself is valid, in milliseconds.
const OWN_LETTER_MS: u64 = 30 * 24 * 3_600 * 1_000;

/// The keys of one device in one meeting. Seeds are erased when it is dropped; nothing here prints them.
pub struct Identity {
    link: DelegationLink,
    delegation_seed: Seed,
    letter_seed: Seed,
    device_seed: Seed,
    credential: Credential,
}

/// What a reload in the same tab needs. Secret: it goes into storage that dies with the tab, and nowhere else.
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    fragment: String,
    delegation: Bytes,
    letter: Bytes,
    device: Bytes,
    name: String,
    not_after_ms: u64,
}

impl Identity {
    /// The delegation's first client: makes the delegation key and a letter for itself.
    pub fn first_client(
        charter: &SignedCharter,
        fragment: &str,
        name: &str,
        now_ms: u64,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Failure> {
        let latest = charter
            .charter
            .convened_at_ms
            .saturating_add(limits::LETTER_VALIDITY_MS_MAX);
        let seeds = [Seed::new(random()), Seed::new(random()), Seed::new(random())];
        Self::build(
            charter,
            fragment,
            name,
            now_ms.saturating_add(OWN_LETTER_MS).min(latest),
            seeds,
        )
    }

    /// The same device after a reload.
    pub fn restore(charter: &SignedCharter, saved: &str) -> Result<Self, Failure> {
        let saved: Saved = serde_json::from_str(saved).map_err(|_| Failure::Saved)?;
        let seed = |bytes: &Bytes| {
            <[u8; 32]>::try_from(bytes.0.as_slice())
                .map(Seed::new)
                .map_err(|_| Failure::Saved)
        };
        let seeds = [seed(&saved.delegation)?, seed(&saved.letter)?, seed(&saved.device)?];
        Self::build(charter, &saved.fragment, &saved.name, saved.not_after_ms, seeds)
    }

    fn build(
        charter: &SignedCharter,
        fragment: &str,
        name: &str,
        not_after_ms: u64,
        [delegation_seed, letter_seed, device_seed]: [Seed; 3],
    ) -> Result<Self, Failure> {
        let link = DelegationLink::from_fragment(fragment).map_err(|_| Failure::Link)?;
        let slot = charter
            .charter
            .delegations
            .get(usize::from(link.delegation))
            .ok_or(Failure::Link)?;
        if slot.key != link.slot_seed.public_key() {
            return Err(Failure::Link);
        }
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
            not_after_ms,
        )?;
        Ok(Self {
            link,
            delegation_seed,
            letter_seed,
            device_seed,
            credential,
        })
    }

    /// What a reload in the same tab needs.
    pub fn save(&self) -> String {
        let letter = self.letter();
        let saved = Saved {
            fragment: self.link.fragment(),
            delegation: Bytes(self.delegation_seed.reveal().to_vec()),
            letter: Bytes(self.letter_seed.reveal().to_vec()),
            device: Bytes(self.device_seed.reveal().to_vec()),
            name: letter.name.as_str().to_owned(),
            not_after_ms: letter.not_after_ms,
        };
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// Index into the charter's delegations.
    pub fn delegation(&self) -> u16 {
        self.link.delegation
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
        self.link.meeting_secret()
    }

    /// Proof of possession of the device key, over the server's challenge.
    pub(crate) fn prove(&self, meeting: &[u8; 32], nonce: &[u8]) -> Vec<u8> {
        self.device_seed
            .sign("hello", &[meeting.as_slice(), nonce].concat())
            .to_vec()
    }
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
