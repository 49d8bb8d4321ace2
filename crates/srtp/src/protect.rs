//! SRTP and SRTCP (RFC 3711, RFC 7714), with the ciphers of the media stack.
//!
//! With AES-GCM no two packets may have the same SSRC and index under one key. The media stack holds the same key for what
//! it sends. So who protects packets here uses no SSRC under which the stack sends, and takes from the stack those that it
//! uses.

use std::fmt;

use str0m::crypto::dtls::SrtpProfile;
use str0m::crypto::{AeadAes128Gcm, AeadAes128GcmCipher, AeadAes256Gcm, AeadAes256GcmCipher};
use str0m::crypto::{Aes128CmSha1_80, Aes128CmSha1_80Cipher, SrtpProvider};
use zeroize::Zeroizing;

use crate::tap::{Agreed, stack};

/// Labels of the key derivation (RFC 3711 §4.3.2).
const RTP_KEY: u8 = 0;
const RTP_AUTHENTICATION: u8 = 1;
const RTP_SALT: u8 = 2;
const RTCP_KEY: u8 = 3;
const RTCP_AUTHENTICATION: u8 = 4;
const RTCP_SALT: u8 = 5;

/// Length of the key of the HMAC (RFC 3711 §5.2).
const HMAC_KEY_BYTES: usize = 20;

/// The cipher of the CM profile may write up to a block more than it reads.
const BLOCK_BYTES: usize = 16;

/// What an RTCP packet begins with in clear (RFC 3711 §3.4).
const RTCP_CLEAR_BYTES: usize = 8;

/// The index of SRTCP has 31 bits; the first bit says that it is encrypted (RFC 3711 §3.4).
const RTCP_INDEX_MAX: u32 = 0x7fff_ffff;
const RTCP_ENCRYPTED: u32 = 0x8000_0000;

/// Protects what goes out on one connection.
pub struct Protector {
    rtp: Suite,
    rtcp: Suite,
    rtcp_index: u32,
}

/// One of the profiles with its session keys.
enum Suite {
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

impl fmt::Debug for Protector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protector").finish_non_exhaustive()
    }
}

impl Protector {
    /// With the keys of a handshake; `None` if they are not those of a profile that is known here.
    pub fn new(agreed: &Agreed) -> Option<Self> {
        let labels = [
            [RTP_KEY, RTP_AUTHENTICATION, RTP_SALT],
            [RTCP_KEY, RTCP_AUTHENTICATION, RTCP_SALT],
        ];
        let [rtp, rtcp] = labels.map(|labels| Suite::new(agreed, labels));
        Some(Protector {
            rtp: rtp?,
            rtcp: rtcp?,
            rtcp_index: 0,
        })
    }

    /// Protects an RTP packet into an empty buffer: its header goes in clear, `index` is its extended sequence number.
    pub fn rtp(&mut self, header: &[u8], ssrc: u32, index: u64, payload: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (roc, sequence) = ((index >> 16) as u32, index as u16);
        let hmac = stack().sha1_hmac_provider;
        let clear = header.len();
        let end = clear + payload.len();
        match &mut self.rtp {
            Suite::Gcm128 { cipher, salt } => {
                let iv = AeadAes128Gcm::rtp_iv(*salt, ssrc, roc, sequence);
                make_room(out, header, payload.len() + AeadAes128Gcm::TAG_LEN);
                cipher.encrypt(&iv, header, payload, out.get_mut(clear..)?).ok()?;
            }
            Suite::Gcm256 { cipher, salt } => {
                let iv = AeadAes256Gcm::rtp_iv(*salt, ssrc, roc, sequence);
                make_room(out, header, payload.len() + AeadAes256Gcm::TAG_LEN);
                cipher.encrypt(&iv, header, payload, out.get_mut(clear..)?).ok()?;
            }
            Suite::Cm {
                cipher,
                salt,
                hmac: key,
            } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, index);
                make_room(out, header, payload.len() + BLOCK_BYTES);
                cipher.encrypt(&iv, payload, out.get_mut(clear..)?).ok()?;
                let sign = |key: &[u8], parts: &[&[u8]]| hmac.sha1_hmac(key, parts);
                Aes128CmSha1_80::rtp_hmac(sign, &**key, out, index, end);
                out.truncate(end + Aes128CmSha1_80::HMAC_TAG_LEN);
            }
        }
        Some(())
    }

    /// Protects an RTCP packet, perhaps a compound one.
    pub fn rtcp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        // A key is for so many reports only (RFC 3711 §9.2): at one a second, for a lifetime.
        let index = self.rtcp_index;
        self.rtcp_index = index.checked_add(1).filter(|next| *next <= RTCP_INDEX_MAX)?;
        let trailer = (RTCP_ENCRYPTED | index).to_be_bytes();
        let (clear, secret) = packet.split_at_checked(RTCP_CLEAR_BYTES)?;
        let ssrc = u32::from_be_bytes(*clear.last_chunk()?);
        let hmac = stack().sha1_hmac_provider;
        let aad = [clear, &trailer].concat();
        let mut out;
        match &mut self.rtcp {
            Suite::Gcm128 { cipher, salt } => {
                let iv = AeadAes128Gcm::rtcp_iv(*salt, ssrc, index);
                out = with_room(clear, secret.len() + AeadAes128Gcm::TAG_LEN);
                cipher
                    .encrypt(&iv, &aad, secret, out.get_mut(RTCP_CLEAR_BYTES..)?)
                    .ok()?;
                out.extend(trailer);
            }
            Suite::Gcm256 { cipher, salt } => {
                let iv = AeadAes256Gcm::rtcp_iv(*salt, ssrc, index);
                out = with_room(clear, secret.len() + AeadAes256Gcm::TAG_LEN);
                cipher
                    .encrypt(&iv, &aad, secret, out.get_mut(RTCP_CLEAR_BYTES..)?)
                    .ok()?;
                out.extend(trailer);
            }
            Suite::Cm {
                cipher,
                salt,
                hmac: key,
            } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, index.into());
                out = with_room(clear, secret.len() + BLOCK_BYTES);
                cipher.encrypt(&iv, secret, out.get_mut(RTCP_CLEAR_BYTES..)?).ok()?;
                out.truncate(packet.len());
                out.extend(trailer);
                let end = out.len();
                out.resize(end + Aes128CmSha1_80::HMAC_TAG_LEN, 0);
                let sign = |key: &[u8], parts: &[&[u8]]| hmac.sha1_hmac(key, parts);
                Aes128CmSha1_80::rtcp_hmac(sign, &**key, &mut out, end);
            }
        }
        Some(out)
    }
}

/// The clear part, and room for so many bytes more.
fn with_room(clear: &[u8], more: usize) -> Vec<u8> {
    let mut out = Vec::new();
    make_room(&mut out, clear, more);
    out
}

/// The same in a buffer that is empty.
fn make_room(out: &mut Vec<u8>, clear: &[u8], more: usize) {
    out.reserve(clear.len() + more + BLOCK_BYTES);
    out.extend_from_slice(clear);
    out.resize(clear.len() + more, 0);
}

impl Suite {
    fn new(agreed: &Agreed, [key, authentication, salt]: [u8; 3]) -> Option<Self> {
        let srtp = stack().srtp_provider;
        if agreed.profile == SrtpProfile::AEAD_AES_128_GCM {
            let master = Master::<16, 12>::of(agreed)?;
            Some(Suite::Gcm128 {
                cipher: srtp.aead_aes_128_gcm().create_cipher(*master.derive(srtp, key)?, true),
                salt: *master.derive(srtp, salt)?,
            })
        } else if agreed.profile == SrtpProfile::AEAD_AES_256_GCM {
            let master = Master::<32, 12>::of(agreed)?;
            Some(Suite::Gcm256 {
                cipher: srtp.aead_aes_256_gcm().create_cipher(*master.derive(srtp, key)?, true),
                salt: *master.derive(srtp, salt)?,
            })
        } else if agreed.profile == SrtpProfile::AES128_CM_SHA1_80 {
            let master = Master::<16, 14>::of(agreed)?;
            Some(Suite::Cm {
                cipher: srtp
                    .aes_128_cm_sha1_80()
                    .create_cipher(*master.derive(srtp, key)?, true),
                salt: *master.derive(srtp, salt)?,
                hmac: master.derive(srtp, authentication)?,
            })
        } else {
            None
        }
    }
}

/// A master key and its salt (RFC 3711 §3.2.1).
struct Master<const KEY: usize, const SALT: usize> {
    key: Zeroizing<[u8; KEY]>,
    salt: [u8; SALT],
}

impl<const KEY: usize, const SALT: usize> Master<KEY, SALT> {
    /// Ours of the two: keys of client and server, then salts of client and server (RFC 5764 §4.2).
    fn of(agreed: &Agreed) -> Option<Self> {
        if agreed.material.len() != 2 * (KEY + SALT) {
            return None;
        }
        let (keys, salts) = agreed.material.split_at_checked(2 * KEY)?;
        let (key, salt) = if agreed.as_client {
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
    fn derive<const OUT: usize>(&self, srtp: &dyn SrtpProvider, label: u8) -> Option<Zeroizing<[u8; OUT]>> {
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

#[cfg(test)]
mod tests;
