//! SRTP and SRTCP (RFC 3711, RFC 7714), with the ciphers of the media stack.
//!
//! With AES-GCM no two packets may have the same SSRC and index under one key. The media stack holds the same key for what
//! it sends. So who protects packets here uses no SSRC under which the stack sends, and takes from the stack those that it
//! uses.

use std::fmt;

use str0m::crypto::{AeadAes128Gcm, AeadAes256Gcm, Aes128CmSha1_80};

use crate::suite::*;
use crate::tap::{Agreed, stack};

/// Protects what goes out on one connection.
pub struct Protector {
    rtp: Suite,
    rtcp: Suite,
    rtcp_index: u32,
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
        let [rtp, rtcp] = labels.map(|labels| Suite::new(agreed, Side::Ours, labels));
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

#[cfg(test)]
mod tests;
