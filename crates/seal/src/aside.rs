//! What this device's delegation says among itself (`docs/protocol.md` §11g). The keys come from two things at once: from
//! the group's exporter, which everybody in the epoch has, and from the delegation's secret, which stands in its letters.

use hkdf::Hkdf;
use incamera_meeting::{Aside, Decode as _, DelegationSecret, Encode as _, MeetingContext, Prose, Refusal, Saying};
use incamera_protocol::{Leaf, limits};
use openmls_traits::OpenMlsProvider as _;
use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::types::AeadType;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::member::Member;

/// Bytes of an AES-GCM nonce before the writer's number.
const NONCE_ZEROS: usize = 8;

/// The secret of one delegation in one epoch: who was removed before lacks it, and so has every other delegation.
pub(crate) struct AsideSecret(Zeroizing<[u8; 32]>);

/// Whose secret it is, and when.
pub(crate) struct Whose<'a> {
    pub(crate) context: &'a MeetingContext,
    pub(crate) epoch: u64,
    pub(crate) delegation: u16,
}

impl AsideSecret {
    /// HKDF-SHA-256 over both.
    pub(crate) fn derive(exported: &[u8], of: &DelegationSecret, whose: &Whose<'_>) -> Option<Self> {
        let info = [
            b"incamera 1 aside\0".as_slice(),
            &whose.context.meeting,
            &whose.delegation.to_be_bytes(),
            &whose.context.founding.to_be_bytes(),
            &whose.epoch.to_be_bytes(),
        ];
        let mut secret = Zeroizing::new([0; 32]);
        let hkdf = Hkdf::<Sha256>::new(Some(exported), of.reveal());
        hkdf.expand_multi_info(&info, secret.as_mut_slice()).ok()?;
        Some(Self(secret))
    }

    /// The key under which this member writes to its delegation.
    fn text_key(&self, writer: Leaf) -> Option<Zeroizing<[u8; 32]>> {
        self.key(&[b"text", &writer.0.to_be_bytes()])
    }

    /// From which the keys of what is whispered are derived, each sender's own (RFC 9605 §4.4.2).
    pub(crate) fn voice_key(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.key(&[b"voice"])
    }

    fn key(&self, info: &[&[u8]]) -> Option<Zeroizing<[u8; 32]>> {
        let mut key = Zeroizing::new([0; 32]);
        let hkdf = Hkdf::<Sha256>::from_prk(self.0.as_slice()).ok()?;
        hkdf.expand_multi_info(info, key.as_mut_slice()).ok()?;
        Some(key)
    }
}

/// A written message, as far as what it is sealed with depends on it.
#[derive(Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) writer: Leaf,
    /// Of the writer's messages in this epoch: no two have the same.
    pub(crate) number: u32,
    pub(crate) id: [u8; 16],
}

impl Envelope {
    fn nonce(&self) -> Vec<u8> {
        [[0; NONCE_ZEROS].as_slice(), &self.number.to_be_bytes()].concat()
    }
}

impl Member {
    /// The person writes to their own delegation.
    pub(crate) fn write_aside(&mut self, text: &str) -> Result<(), Refusal> {
        match Saying::typed(text, None)? {
            Saying::Text(text) => self.utter_aside(text),
            _ => Err(Refusal::Malformed),
        }
    }

    /// Seals a text for my own delegation, filled up so that its length says little.
    pub(crate) fn seal_aside(&self, text: &Prose, envelope: Envelope) -> Option<Aside> {
        let key = self.aside.as_ref()?.text_key(envelope.writer)?;
        let mut plain = Zeroizing::new(text.encode());
        let filled = plain.len().next_multiple_of(limits::ASIDE_PADDING_BYTES);
        plain.resize(filled, 0);
        let crypto = self.provider.crypto();
        let sealed = crypto.aead_encrypt(
            AeadType::Aes256Gcm,
            key.as_slice(),
            &plain,
            &envelope.nonce(),
            &envelope.id,
        );
        let sealed = sealed.ok()?;
        Some(Aside { sealed })
    }

    /// Opens what somebody of my own delegation has written to it.
    pub(crate) fn open_aside(&self, aside: &Aside, envelope: Envelope) -> Option<Prose> {
        let key = self.aside.as_ref()?.text_key(envelope.writer)?;
        let (sealed, nonce) = (&aside.sealed, envelope.nonce());
        let crypto = self.provider.crypto();
        let plain = crypto.aead_decrypt(AeadType::Aes256Gcm, key.as_slice(), sealed, &nonce, &envelope.id);
        let plain = Zeroizing::new(plain.ok()?);
        let end = plain.iter().rposition(|byte| *byte != 0)?.saturating_add(1);
        Prose::decode(plain.get(..end)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use incamera_meeting::Seed;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn secret(exported: u8, of: u8, delegation: u16, founding: u32, epoch: u64) -> AsideSecret {
        let context = MeetingContext::founding([1; 32], founding, [2; 16], 1, 0);
        let whose = Whose {
            context: &context,
            epoch,
            delegation,
        };
        AsideSecret::derive(&[exported; 32], &DelegationSecret::new([of; 32]), &whose).unwrap()
    }

    /// Worked out by another program from docs/protocol.md §11g.
    #[test]
    fn asides_are_sealed_as_the_protocol_says() {
        let of = DelegationSecret::of(&Seed::new([4; 32]));
        let expected = "a093eba7e8126c7a75fa9cf18a28bb39bc241eeec891ce170f863b28dbe1b0e3";
        assert_eq!(hex(of.reveal()), expected);
        let context = MeetingContext::founding([1; 32], 1, [2; 16], 1, 0);
        let whose = Whose {
            context: &context,
            epoch: 5,
            delegation: 7,
        };
        let secret = AsideSecret::derive(&[3; 32], &of, &whose).unwrap();
        let expected = "e8eb1d854a948f7193541d4ef61881bf123740dbe213cc9393d9f72452656635";
        assert_eq!(hex(secret.0.as_slice()), expected);
        let expected = "d1aa5a115a6effed2dc394cd11fc123552f7e8e907163c2f1c084967703755f4";
        assert_eq!(hex(secret.text_key(Leaf(2)).unwrap().as_slice()), expected);
        let expected = "9399f560b1dbafe1dfc0d6ea936ab67a46a261a7a4c31be17b465473ea38f624";
        assert_eq!(hex(secret.voice_key().unwrap().as_slice()), expected);
    }

    #[test]
    fn an_aside_secret_depends_on_all_that_it_is_of() {
        let all = [
            secret(3, 4, 0, 1, 5),
            secret(9, 4, 0, 1, 5),
            secret(3, 9, 0, 1, 5),
            secret(3, 4, 1, 1, 5),
            secret(3, 4, 0, 2, 5),
            secret(3, 4, 0, 1, 6),
        ];
        let different: std::collections::BTreeSet<String> = all.iter().map(|it| hex(it.0.as_slice())).collect();
        assert_eq!(different.len(), all.len());
        let (one, other) = (all[0].text_key(Leaf(0)).unwrap(), all[0].text_key(Leaf(1)).unwrap());
        assert_ne!(one, other);
    }
}
