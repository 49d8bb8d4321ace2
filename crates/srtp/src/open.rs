//! Reports of the other side (SRTCP, RFC 3711 §3.4, RFC 7714 §9), opened with the keys of the handshake.

use std::fmt;

use str0m::crypto::{AeadAes128Gcm, AeadAes256Gcm, Aes128CmSha1_80};

use crate::suite::{BLOCK_BYTES, RTCP_AUTHENTICATION, RTCP_CLEAR_BYTES, RTCP_ENCRYPTED, RTCP_INDEX_MAX, RTCP_KEY};
use crate::suite::{RTCP_SALT, Side, Suite};
use crate::tap::{Agreed, stack};

/// Senders of reports on one connection whose numbers are kept: each stream that is sent has one, and a browser sends
/// a dozen. A report of one more is not opened.
const SENDERS_MAX: usize = 32;

/// Numbers behind the greatest of a sender under which a report may still come (RFC 3711 §3.3.2).
const WINDOW: u32 = u64::BITS;

/// Opens the reports that come in on one connection, each once.
pub struct Opener {
    suite: Suite,
    senders: Vec<Sender>,
}

/// What has come of one sender.
#[derive(Debug, Clone, Copy)]
struct Sender {
    ssrc: u32,
    greatest: u32,
    /// Bit n: that with n less than the greatest number has come.
    came: u64,
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").finish_non_exhaustive()
    }
}

impl Opener {
    /// With the keys of a handshake; `None` if they are not those of a profile that is known here.
    pub fn new(agreed: &Agreed) -> Option<Self> {
        let labels = [RTCP_KEY, RTCP_AUTHENTICATION, RTCP_SALT];
        Some(Opener {
            suite: Suite::new(agreed, Side::Theirs, labels)?,
            senders: Vec::new(),
        })
    }

    /// Opens a report, perhaps a compound one, into `out`, whatever was in it. `None` if the other side has not protected
    /// it, has not encrypted it, or it has come before.
    pub fn rtcp(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let tag = match &self.suite {
            Suite::Cm { .. } => Aes128CmSha1_80::HMAC_TAG_LEN,
            // Theirs is before the trailer.
            Suite::Gcm128 { .. } | Suite::Gcm256 { .. } => 0,
        };
        let (signed, tag) = packet.split_at_checked(packet.len().checked_sub(tag)?)?;
        let (body, trailer) = signed.split_last_chunk::<4>()?;
        let (clear, secret) = body.split_at_checked(RTCP_CLEAR_BYTES)?;
        let word = u32::from_be_bytes(*trailer);
        let index = word & RTCP_INDEX_MAX;
        let ssrc = u32::from_be_bytes(*clear.last_chunk()?);
        if word & RTCP_ENCRYPTED == 0 || !self.is_new(ssrc, index) {
            return None;
        }
        out.clear();
        out.extend_from_slice(clear);
        out.resize(body.len() + BLOCK_BYTES, 0);
        let plain = out.get_mut(RTCP_CLEAR_BYTES..)?;
        let length = match &mut self.suite {
            Suite::Gcm128 { cipher, salt } => {
                let length = secret.len().checked_sub(AeadAes128Gcm::TAG_LEN)?;
                let iv = AeadAes128Gcm::rtcp_iv(*salt, ssrc, index);
                cipher.decrypt(&iv, &[clear, trailer], secret, plain).ok()?;
                length
            }
            Suite::Gcm256 { cipher, salt } => {
                let length = secret.len().checked_sub(AeadAes256Gcm::TAG_LEN)?;
                let iv = AeadAes256Gcm::rtcp_iv(*salt, ssrc, index);
                cipher.decrypt(&iv, &[clear, trailer], secret, plain).ok()?;
                length
            }
            Suite::Cm { cipher, salt, hmac } => {
                let provider = stack().sha1_hmac_provider;
                let sign = |key: &[u8], parts: &[&[u8]]| provider.sha1_hmac(key, parts);
                if !Aes128CmSha1_80::rtcp_verify(sign, &**hmac, signed, tag) {
                    return None;
                }
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, index.into());
                cipher.decrypt(&iv, secret, plain).ok()?;
                secret.len()
            }
        };
        out.truncate(RTCP_CLEAR_BYTES + length);
        self.note(ssrc, index);
        Some(())
    }

    fn is_new(&self, ssrc: u32, index: u32) -> bool {
        let Some(sender) = self.senders.iter().find(|sender| sender.ssrc == ssrc) else {
            return self.senders.len() < SENDERS_MAX;
        };
        match sender.greatest.checked_sub(index) {
            None => true,
            Some(behind) => behind < WINDOW && sender.came >> behind & 1 == 0,
        }
    }

    fn note(&mut self, ssrc: u32, index: u32) {
        let Some(sender) = self.senders.iter_mut().find(|sender| sender.ssrc == ssrc) else {
            let (greatest, came) = (index, 1);
            return self.senders.push(Sender { ssrc, greatest, came });
        };
        match index.checked_sub(sender.greatest) {
            Some(ahead) => {
                sender.came = sender.came.checked_shl(ahead).unwrap_or_default() | 1;
                sender.greatest = index;
            }
            None => sender.came |= 1_u64.checked_shl(sender.greatest - index).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use str0m::crypto::dtls::SrtpProfile;
    use zeroize::Zeroizing;

    use super::*;
    use crate::Protector;

    const PROFILES: [(SrtpProfile, u8); 3] = [
        (SrtpProfile::AEAD_AES_128_GCM, 56),
        (SrtpProfile::AEAD_AES_256_GCM, 88),
        (SrtpProfile::AES128_CM_SHA1_80, 60),
    ];

    /// Reception reports of two senders, as they are sent.
    const REPORT: [u8; 32] = *b"\x82\xc9\x00\x07fromabcdefghijklmnopqrstuvwx";

    fn pair(profile: SrtpProfile, length: u8) -> (Protector, Opener) {
        let agreed = |as_client| Agreed {
            profile,
            material: Zeroizing::new((0..length).collect()),
            as_client,
        };
        let theirs = Protector::new(&agreed(true)).unwrap();
        (theirs, Opener::new(&agreed(false)).unwrap())
    }

    fn open(opener: &mut Opener, packet: &[u8]) -> Option<Vec<u8>> {
        let mut out = b"what was in it".to_vec();
        opener.rtcp(packet, &mut out).map(|()| out)
    }

    #[test]
    fn a_report_is_opened_as_it_was_written_and_once() {
        for (profile, length) in PROFILES {
            let (mut theirs, mut ours) = pair(profile, length);
            let [first, second] = [theirs.rtcp(&REPORT).unwrap(), theirs.rtcp(&REPORT).unwrap()];
            assert_eq!(open(&mut ours, &second).as_deref(), Some(REPORT.as_slice()));
            assert_eq!(open(&mut ours, &first).as_deref(), Some(REPORT.as_slice()), "overtaken");
            for again in [&first, &second] {
                assert_eq!(open(&mut ours, again), None);
            }
        }
    }

    #[test]
    fn what_was_changed_cut_or_sent_back_is_not_opened_and_takes_no_number() {
        for (profile, length) in PROFILES {
            let (mut theirs, mut ours) = pair(profile, length);
            let report = theirs.rtcp(&REPORT).unwrap();
            for at in 0..report.len() {
                let mut changed = report.clone();
                changed[at] ^= 0x80;
                assert_eq!(open(&mut ours, &changed), None, "{profile:?}, byte {at}");
                assert_eq!(open(&mut ours, &report[..at]), None);
            }
            let mut back = pair(profile, length).0;
            let mine = Agreed {
                profile,
                material: Zeroizing::new((0..length).collect()),
                as_client: true,
            };
            let sent_back = back.rtcp(&REPORT).unwrap();
            assert_eq!(open(&mut Opener::new(&mine).unwrap(), &sent_back), None);
            assert!(open(&mut ours, &report).is_some());
        }
    }

    #[test]
    fn each_sender_has_numbers_of_its_own_and_only_so_many_senders_are_known() {
        let (_, mut ours) = pair(SrtpProfile::AEAD_AES_256_GCM, 88);
        let from = |ssrc: usize, protector: &mut Protector| {
            let mut report = REPORT;
            report[4..8].copy_from_slice(&u32::try_from(ssrc).unwrap().to_be_bytes());
            protector.rtcp(&report).unwrap()
        };
        for ssrc in 0..=SENDERS_MAX {
            let (mut theirs, _) = pair(SrtpProfile::AEAD_AES_256_GCM, 88);
            let opened = open(&mut ours, &from(ssrc, &mut theirs));
            assert_eq!(opened.is_some(), ssrc < SENDERS_MAX, "{ssrc}");
        }
    }

    #[test]
    fn what_is_too_late_to_be_told_from_a_repetition_is_not_opened() {
        let (mut theirs, mut ours) = pair(SrtpProfile::AEAD_AES_256_GCM, 88);
        let reports: Vec<Vec<u8>> = (0..=WINDOW).map(|_| theirs.rtcp(&REPORT).unwrap()).collect();
        assert!(open(&mut ours, reports.last().unwrap()).is_some());
        assert!(open(&mut ours, &reports[0]).is_none());
        assert!(open(&mut ours, &reports[1]).is_some());
        // Far ahead nothing of before is known any more.
        (0..3 * WINDOW).for_each(|_| drop(theirs.rtcp(&REPORT)));
        assert!(open(&mut ours, &theirs.rtcp(&REPORT).unwrap()).is_some());
        assert!(open(&mut ours, &reports[2]).is_none());
    }
}
