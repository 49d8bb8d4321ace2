//! Ed25519 with a label for each kind of thing signed, so that a signature over one thing never passes for another.

mod bulk;

pub use bulk::in_bulk;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};
use zeroize::ZeroizeOnDrop;

use crate::codec::serde_as_encoding;

/// A 32-byte Ed25519 seed (RFC 8032 §5.1.5). Erased when dropped; never printed.
#[derive(Clone, ZeroizeOnDrop, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Takes random bytes as a seed.
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The seed itself, for the places that store it or hand it on.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(SigningKey::from_bytes(&self.0).verifying_key().to_bytes())
    }

    /// A key for another use, from which the seed cannot be found: SHA-256 of it under a label.
    pub fn derive(&self, label: &str) -> [u8; 32] {
        hash(label, &self.0)
    }

    /// Signs `message` under `label`.
    pub fn sign(&self, label: &str, message: &[u8]) -> [u8; 64] {
        SigningKey::from_bytes(&self.0)
            .sign(&labelled(label, message))
            .to_bytes()
    }
}

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct PublicKey(pub [u8; 32]);

serde_as_encoding!(PublicKey);

impl PublicKey {
    /// What people compare: SHA-256 of the key, label `fingerprint`.
    pub fn fingerprint(&self) -> [u8; 32] {
        hash("fingerprint", &self.0)
    }

    /// The fingerprint as people read it to each other: 30 digits in fives, each of 40 bits modulo 100,000.
    pub fn fingerprint_digits(&self) -> Vec<String> {
        digits(&self.fingerprint())
    }

    /// True if `signature` is this key's over `message` under `label` (strict: no malleable or small-order forms).
    pub fn verifies(&self, label: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        let message = labelled(label, message);
        bulk::defer(&self.0, &message, signature)
            || VerifyingKey::from_bytes(&self.0)
                .and_then(|key| key.verify_strict(&message, &Signature::from_bytes(signature)))
                .is_ok()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "PublicKey({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// 30 digits in fives, each of 40 bits modulo 100,000: what is random enough becomes about 99 bits that people can read
/// aloud.
pub fn digits(bytes: &[u8]) -> Vec<String> {
    bytes
        .chunks_exact(5)
        .take(6)
        .map(|chunk| {
            let number = chunk.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        })
        .collect()
}

fn labelled(label: &str, message: &[u8]) -> Vec<u8> {
    [b"incamera 1 ", label.as_bytes(), b"\0", message].concat()
}

/// SHA-256 under a label.
pub(crate) fn hash(label: &str, message: &[u8]) -> [u8; 32] {
    Sha256::digest(labelled(label, message)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_label_its_message_and_its_key_only() {
        let seed = Seed::new([7; 32]);
        let signature = seed.sign("letter", b"x");
        assert!(seed.public_key().verifies("letter", b"x", &signature));
        assert!(!seed.public_key().verifies("claim", b"x", &signature));
        assert!(!seed.public_key().verifies("letter", b"y", &signature));
        assert!(!Seed::new([8; 32]).public_key().verifies("letter", b"x", &signature));
    }
}
