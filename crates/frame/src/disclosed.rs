//! What of an open part's key is disclosed, and how the world opens frames with it.
//!
//! `AES_128_CTR_HMAC_SHA256_80` (RFC 9605 §4.5.1) has an encryption key and a separate authentication key. Only the
//! encryption key and the salt leave the members: with them anyone can decrypt, and nobody can make a tag.

use aes::Aes128;
use ctr::Ctr32BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hkdf::Hkdf;
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Bytes, Kid};
use sframe::CipherSuite;
use sframe::crypto::{
    AeadDecrypt, DecryptionBufferView, KeyDerivation, get_hkdf_key_expand_label, get_hkdf_salt_expand_label,
};
use sframe::error::{Result, SframeError};
use sframe::key::GenericDecryptionKey;
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

use crate::OPEN_SUITE;

const ENC_KEY_LEN: usize = 16;
const SALT_LEN: usize = 12;

/// Derives what is disclosed from the base key of an open part (RFC 9605 §4.4.2 and §4.5.1). The authentication key
/// is derived as well, as part of `sframe_key`, and erased here.
pub fn disclosure_of(base_key: &[u8], kid: Kid) -> Disclosure {
    // HKDF-Extract("", base_key), then two HKDF-Expand; the lengths are far below HKDF's bound.
    let hkdf = Hkdf::<Sha256>::new(Some(&[]), base_key);
    let mut key = zeroize::Zeroizing::new([0u8; 48]);
    let mut salt = [0u8; SALT_LEN];
    let expanded = hkdf
        .expand(&get_hkdf_key_expand_label(kid.number(), OPEN_SUITE), key.as_mut_slice())
        .and_then(|()| hkdf.expand(&get_hkdf_salt_expand_label(kid.number(), OPEN_SUITE), &mut salt));
    let enc_key = match expanded {
        Ok(()) => key.iter().take(ENC_KEY_LEN).copied().collect(),
        Err(_) => Vec::new(),
    };
    Disclosure {
        kid,
        enc_key: Bytes(enc_key),
        salt: Bytes(salt.to_vec()),
    }
}

/// A disclosed key, ready to open frames.
pub type DisclosedKey = GenericDecryptionKey<CtrOpener, AsDisclosed>;

/// Makes a key of a disclosure.
///
/// # Errors
/// Its lengths are wrong.
pub fn disclosed_key(disclosure: &Disclosure) -> Result<DisclosedKey> {
    if disclosure.enc_key.0.len() != ENC_KEY_LEN || disclosure.salt.0.len() != SALT_LEN {
        return Err(SframeError::KeyDerivationFailure);
    }
    let material = [disclosure.enc_key.0.as_slice(), &disclosure.salt.0].concat();
    DisclosedKey::derive_from(OPEN_SUITE, disclosure.kid.number(), material)
}

/// Encryption key and salt.
#[derive(ZeroizeOnDrop)]
pub struct DisclosedSecret {
    enc_key: [u8; ENC_KEY_LEN],
    salt: [u8; SALT_LEN],
}

/// "Derives" by taking the disclosed bytes as they are.
pub struct AsDisclosed;

impl KeyDerivation for AsDisclosed {
    type Secret = DisclosedSecret;

    fn expand_from<M: AsRef<[u8]>, K: Into<u64>>(_: CipherSuite, material: M, _: K) -> Result<DisclosedSecret> {
        let (enc_key, salt) = material
            .as_ref()
            .split_at_checked(ENC_KEY_LEN)
            .ok_or(SframeError::KeyDerivationFailure)?;
        Ok(DisclosedSecret {
            enc_key: enc_key.try_into().map_err(|_| SframeError::KeyDerivationFailure)?,
            salt: salt.try_into().map_err(|_| SframeError::KeyDerivationFailure)?,
        })
    }
}

/// AES-CTR without a look at the tag: the public has no key for it. Whether a frame is the sender's own is not for
/// this to say (members check the tag; the public has the sender's signed digests).
pub struct CtrOpener;

impl TryFrom<CipherSuite> for CtrOpener {
    type Error = SframeError;

    fn try_from(suite: CipherSuite) -> Result<Self> {
        if suite == OPEN_SUITE {
            Ok(Self)
        } else {
            Err(SframeError::KeyDerivationFailure)
        }
    }
}

impl AeadDecrypt for CtrOpener {
    type Secret = DisclosedSecret;

    fn decrypt<'a, B: Into<DecryptionBufferView<'a>>>(
        &self,
        secret: &DisclosedSecret,
        buffer: B,
        ctr: u64,
    ) -> Result<()> {
        let view = buffer.into();
        let length = view
            .data
            .len()
            .checked_sub(OPEN_SUITE.auth_tag_len())
            .ok_or(SframeError::DecryptionFailure)?;
        let ciphertext = view.data.get_mut(..length).ok_or(SframeError::DecryptionFailure)?;
        // RFC 9605 §4.4.3: nonce = salt XOR counter (big-endian, right-aligned); §4.5.1: the block counter starts at 0.
        let mut iv = [0u8; 16];
        let counter = [[0u8; 4].as_slice(), &ctr.to_be_bytes()].concat();
        for ((byte, salt), counter) in iv.iter_mut().zip(secret.salt).zip(counter) {
            *byte = salt ^ counter;
        }
        let mut cipher = Ctr32BE::<Aes128>::new(&secret.enc_key.into(), &iv.into());
        cipher
            .try_apply_keystream(ciphertext)
            .map_err(|_| SframeError::DecryptionFailure)
    }
}

#[cfg(test)]
mod tests {
    use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
    use sframe::key::{DecryptionKey, EncryptionKey};

    use super::*;

    /// RFC 9605 Appendix C.3, suite 0x0001. (Its KID 0x123 happens to be one that our layout can read.)
    const KID: u64 = 0x123;
    const CTR: u64 = 0x4567;
    const BASE_KEY: &str = "000102030405060708090a0b0c0d0e0f";
    const METADATA: &str = "4945544620534672616d65205747";
    const PLAIN: &str = "64726166742d696574662d736672616d652d656e63";
    const OPEN_KEY: &str = "3f7d9a7c83ae8e1c8a11ae695ab59314";
    const OPEN_SALT: &str = "50b29329a04dc0f184ac3168";
    const OPEN_WIRE: &str = "9901234567449408b6f490086165b9d6f62b24ae1a59a56486b4ae8ed036b88912e24f11";
    /// The same of suite 0x0005, that of closed parts.
    const CLOSED_WIRE: &str = "990123456794f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279";

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn the_disclosed_key_is_the_one_of_the_rfc_without_its_authentication_key() {
        let disclosure = disclosure_of(&bytes(BASE_KEY), Kid::from_number(KID).unwrap());
        assert_eq!(disclosure.enc_key.0, bytes(OPEN_KEY));
        assert_eq!(disclosure.salt.0, bytes(OPEN_SALT));
    }

    #[test]
    fn the_public_opens_the_frame_of_the_rfc() {
        let key = disclosed_key(&disclosure_of(&bytes(BASE_KEY), Kid::from_number(KID).unwrap())).unwrap();
        let (wire, metadata) = (bytes(OPEN_WIRE), bytes(METADATA));
        let view = EncryptedFrameView::try_with_meta_data(&wire, &metadata).unwrap();
        assert_eq!(view.decrypt(&key).unwrap().payload(), bytes(PLAIN));
    }

    #[test]
    fn both_suites_give_the_frames_of_the_rfc() {
        for (suite, expected) in [(OPEN_SUITE, OPEN_WIRE), (crate::CLOSED_SUITE, CLOSED_WIRE)] {
            let sealing = EncryptionKey::derive_from(suite, KID, bytes(BASE_KEY)).unwrap();
            let (plain, metadata) = (bytes(PLAIN), bytes(METADATA));
            let mut counter = MonotonicCounter::with_start_value(CTR, u64::MAX);
            let frame = MediaFrameView::try_with_meta_data(&mut counter, &plain, &metadata).unwrap();
            let sealed = frame.encrypt(&sealing).unwrap();
            assert_eq!(sealed.sframe_cipher_text(), bytes(expected));
            let opening = DecryptionKey::derive_from(suite, KID, bytes(BASE_KEY)).unwrap();
            assert_eq!(sealed.decrypt(&opening).unwrap().payload(), plain);
        }
    }

    #[test]
    fn a_disclosure_of_the_wrong_lengths_is_no_key() {
        let good = disclosure_of(&[7; 48], Kid::from_number(KID).unwrap());
        let short = Disclosure {
            enc_key: Bytes(vec![0; 15]),
            ..good.clone()
        };
        let long = Disclosure {
            salt: Bytes(vec![0; 13]),
            ..good
        };
        assert!(disclosed_key(&short).is_err());
        assert!(disclosed_key(&long).is_err());
    }

    proptest::proptest! {
        /// The hand-written opener against the `sframe` crate's sealing, at any counter and length.
        #[test]
        fn the_public_opens_what_members_seal(plain in proptest::collection::vec(0u8.., 0..300), ctr in 0u64.., base in proptest::array::uniform32(0u8..)) {
            let kid = Kid::from_number(KID).unwrap();
            let sealing = EncryptionKey::derive_from(OPEN_SUITE, KID, base).unwrap();
            let mut counter = MonotonicCounter::with_start_value(ctr, u64::MAX);
            let sealed = MediaFrameView::try_with_meta_data(&mut counter, &plain, b"x").unwrap().encrypt(&sealing).unwrap();
            let key = disclosed_key(&disclosure_of(&base, kid)).unwrap();
            let view = EncryptedFrameView::try_with_meta_data(sealed.sframe_cipher_text(), b"x").unwrap();
            let opened = view.decrypt(&key).unwrap();
            proptest::prop_assert_eq!(opened.payload(), &plain[..]);
        }
    }
}
