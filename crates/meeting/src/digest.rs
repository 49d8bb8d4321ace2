//! What a sender has sent in public, over its signature: anybody can hold what reached them against it.
//!
//! A digest is over ciphertext: for each frame of one key, in the order in which they were sealed, a hash of the frame as it
//! left. Each names the one before, so that none can be left out unnoticed, and the last one says that it is the last.

use incamera_protocol::{Kid, MeetingId, limits};
use sha2::{Digest as _, Sha256};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Decode as _, Encode as _};
use crate::credential::LetterId;
use crate::refusal::Refusal;
use crate::sign::{PublicKey, Seed, hash};

/// The first 16 bytes of SHA-256 of a frame as it is sent: whoever signs one frame cannot find another of the same hash in
/// the second in which it would be of use, and 140 of them a second stay below what a bad line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct FrameHash(pub [u8; 16]);

impl FrameHash {
    /// Of a frame on the wire: clear prefix, header, ciphertext and tag.
    pub fn of(frame: &[u8]) -> Self {
        let whole: [u8; 32] = Sha256::digest(frame).into();
        let mut some = [0; 16];
        some.copy_from_slice(whole.split_at(16).0);
        Self(some)
    }
}

/// What was sent under one key in about a second.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Digest {
    /// Of which meeting.
    pub meeting: [u8; 32],
    /// Under which key.
    pub kid: u64,
    /// Counts the digests of this key from 0.
    pub number: u32,
    /// The hash of the digest before; zeros in the first.
    pub previous: [u8; 32],
    /// The counter of the first frame.
    pub first: u64,
    /// The frames, with counters that follow one another: what is sealed is counted without a gap.
    pub frames: Vec<FrameHash>,
    /// 1: nothing more was sent under this key. Otherwise 0.
    pub last: u8,
}

impl Digest {
    /// What the next one names.
    pub fn hash(&self) -> [u8; 32] {
        hash("digest", &self.encode())
    }

    /// The counter after the last frame of it.
    pub fn end(&self) -> u64 {
        self.first.saturating_add(self.frames.len() as u64)
    }
}

/// A digest with its sender's signature.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct SignedDigest {
    /// The hash of the sender's letter.
    pub signer: LetterId,
    /// What was sent.
    pub digest: Digest,
    /// By the letter key, label `digest`, over signer and digest.
    pub signature: [u8; 64],
}

impl SignedDigest {
    /// Signs.
    pub fn new(signer: LetterId, digest: Digest, letter_seed: &Seed) -> Self {
        let signature = letter_seed.sign("digest", &signed_bytes(signer, &digest));
        Self {
            signer,
            digest,
            signature,
        }
    }

    /// Reads one without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::DIGEST_BYTES_MAX {
            return Err(Refusal::TooLarge("digest"));
        }
        let this = Self::decode(bytes)?;
        let plain = this.digest.last <= 1 && this.digest.frames.len() <= limits::DIGEST_FRAMES_MAX;
        if plain { Ok(this) } else { Err(Refusal::Malformed) }
    }

    /// The key that it is about, if it is one of an open part.
    pub fn kid(&self) -> Option<Kid> {
        Kid::from_number(self.digest.kid).ok().filter(|kid| kid.parts().open)
    }

    /// Whether it is of this meeting and this key has signed it.
    pub fn is_by(&self, meeting: MeetingId, letter_key: &PublicKey) -> bool {
        let signed = signed_bytes(self.signer, &self.digest);
        self.digest.meeting == meeting.0 && letter_key.verifies("digest", &signed, &self.signature)
    }
}

fn signed_bytes(signer: LetterId, digest: &Digest) -> Vec<u8> {
    [signer.0.as_slice(), &digest.encode()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(frames: usize) -> Digest {
        Digest {
            meeting: [1; 32],
            kid: 1,
            number: 0,
            previous: [0; 32],
            first: 7,
            frames: vec![FrameHash::of(b"a frame"); frames],
            last: 0,
        }
    }

    #[test]
    fn a_digest_holds_for_its_meeting_its_signer_and_its_frames_only() {
        let seed = Seed::new([5; 32]);
        let (meeting, key) = (MeetingId([1; 32]), seed.public_key());
        let signed = SignedDigest::new(LetterId([2; 32]), digest(3), &seed);
        assert!(signed.is_by(meeting, &key));
        assert_eq!(SignedDigest::read(&signed.encode()).unwrap(), signed);
        assert!(!signed.is_by(MeetingId([3; 32]), &key));
        assert!(!signed.is_by(meeting, &Seed::new([6; 32]).public_key()));
        let mut other = signed.clone();
        other.digest.frames[1].0[0] ^= 1;
        assert!(!other.is_by(meeting, &key));
        let mut other = signed.clone();
        other.signer = LetterId([9; 32]);
        assert!(!other.is_by(meeting, &key));
    }

    #[test]
    fn the_largest_that_is_allowed_is_read_and_a_larger_one_is_not() {
        let seed = Seed::new([5; 32]);
        let most = SignedDigest::new(LetterId([2; 32]), digest(limits::DIGEST_FRAMES_MAX), &seed);
        assert!(most.encode().len() <= limits::DIGEST_BYTES_MAX);
        assert!(SignedDigest::read(&most.encode()).is_ok());
        let more = SignedDigest::new(LetterId([2; 32]), digest(limits::DIGEST_FRAMES_MAX + 1), &seed);
        assert!(SignedDigest::read(&more.encode()).is_err());
        let mut odd = digest(0);
        odd.last = 2;
        assert!(SignedDigest::read(&SignedDigest::new(LetterId([2; 32]), odd, &seed).encode()).is_err());
    }
}
