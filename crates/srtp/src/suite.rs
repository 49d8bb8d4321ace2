//! The ciphers of the profiles, with the session keys of one direction.

use str0m::crypto::dtls::SrtpProfile;
use str0m::crypto::{AeadAes128GcmCipher, AeadAes256GcmCipher, Aes128CmSha1_80Cipher, SrtpProvider};
use zeroize::Zeroizing;

use crate::tap::{Agreed, stack};

/// Labels of the key derivation (RFC 3711 §4.3.2).
pub(crate) const RTP_KEY: u8 = 0;
pub(crate) const RTP_AUTHENTICATION: u8 = 1;
pub(crate) const RTP_SALT: u8 = 2;
pub(crate) const RTCP_KEY: u8 = 3;
pub(crate) const RTCP_AUTHENTICATION: u8 = 4;
pub(crate) const RTCP_SALT: u8 = 5;

/// Length of the key of the HMAC (RFC 3711 §5.2).
const HMAC_KEY_BYTES: usize = 20;

/// A block of AES.
pub(crate) const BLOCK_BYTES: usize = 16;

/// What an RTCP packet begins with in clear (RFC 3711 §3.4).
pub(crate) const RTCP_CLEAR_BYTES: usize = 8;

/// The index of SRTCP has 31 bits; the first bit says that it is encrypted (RFC 3711 §3.4).
pub(crate) const RTCP_INDEX_MAX: u32 = 0x7fff_ffff;
pub(crate) const RTCP_ENCRYPTED: u32 = 0x8000_0000;

/// Whose packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Theirs,
}

/// One of the profiles with its session keys.
pub(crate) enum Suite {
    Gcm128 {
        cipher: Box<dyn AeadAes128GcmCipher>,
        salt: [u8; 12],
    },
    Gcm256 {
        cipher: Box<dyn AeadAes256GcmCipher>,
        salt: [u8; 12],
    },
    Cm {
        cipher: Box<dyn Aes128CmSha1_80Cipher>,
        salt: [u8; 14],
        hmac: Zeroizing<[u8; HMAC_KEY_BYTES]>,
    },
}

impl Suite {
    pub(crate) fn new(agreed: &Agreed, side: Side, [key, authentication, salt]: [u8; 3]) -> Option<Self> {
        let srtp = stack().srtp_provider;
        let seals = side == Side::Ours;
        if agreed.profile == SrtpProfile::AEAD_AES_128_GCM {
            let master = Master::<16, 12>::of(agreed, side)?;
            Some(Suite::Gcm128 {
                cipher: srtp.aead_aes_128_gcm().create_cipher(*master.derive(srtp, key)?, seals),
                salt: *master.derive(srtp, salt)?,
            })
        } else if agreed.profile == SrtpProfile::AEAD_AES_256_GCM {
            let master = Master::<32, 12>::of(agreed, side)?;
            Some(Suite::Gcm256 {
                cipher: srtp.aead_aes_256_gcm().create_cipher(*master.derive(srtp, key)?, seals),
                salt: *master.derive(srtp, salt)?,
            })
        } else if agreed.profile == SrtpProfile::AES128_CM_SHA1_80 {
            let master = Master::<16, 14>::of(agreed, side)?;
            Some(Suite::Cm {
                cipher: srtp
                    .aes_128_cm_sha1_80()
                    .create_cipher(*master.derive(srtp, key)?, seals),
                salt: *master.derive(srtp, salt)?,
                hmac: master.derive(srtp, authentication)?,
            })
        } else {
            None
        }
    }
}

/// A master key and its salt (RFC 3711 §3.2.1).
pub(crate) struct Master<const KEY: usize, const SALT: usize> {
    pub(crate) key: Zeroizing<[u8; KEY]>,
    pub(crate) salt: [u8; SALT],
}

impl<const KEY: usize, const SALT: usize> Master<KEY, SALT> {
    /// One side's of the two: keys of client and server, then salts of client and server (RFC 5764 §4.2).
    fn of(agreed: &Agreed, side: Side) -> Option<Self> {
        if agreed.material.len() != 2 * (KEY + SALT) {
            return None;
        }
        let (keys, salts) = agreed.material.split_at_checked(2 * KEY)?;
        let (key, salt) = if agreed.as_client == (side == Side::Ours) {
            (keys.first_chunk()?, salts.first_chunk()?)
        } else {
            (keys.last_chunk()?, salts.last_chunk()?)
        };
        Some(Master {
            key: Zeroizing::new(*key),
            salt: *salt,
        })
    }

    /// A session key: AES in counter mode over the label (RFC 3711 §4.3.3; with 256 bits, RFC 6188 §3).
    pub(crate) fn derive<const OUT: usize>(&self, srtp: &dyn SrtpProvider, label: u8) -> Option<Zeroizing<[u8; OUT]>> {
        let mut input = [0; BLOCK_BYTES];
        input.get_mut(..SALT)?.copy_from_slice(&self.salt);
        *input.get_mut(7)? ^= label;
        let mut out = Zeroizing::new([0; OUT]);
        for (round, part) in (0_u16..).zip(out.chunks_mut(BLOCK_BYTES)) {
            *input.last_chunk_mut()? = round.to_be_bytes();
            // The stack's cipher asks for room for a second block.
            let mut block = Zeroizing::new([0; 2 * BLOCK_BYTES]);
            match KEY {
                16 => srtp.srtp_aes_128_ecb_round(&*self.key, &input, &mut *block),
                _ => srtp.srtp_aes_256_ecb_round(&*self.key, &input, &mut *block),
            }
            part.copy_from_slice(block.get(..part.len())?);
        }
        Some(out)
    }
}
