//! A member's signature over the keys that it discloses: whoever reads the record knows whose they are, and the house
//! cannot add one that nobody disclosed.

use incamera_protocol::Bytes;
use incamera_protocol::public::Disclosure;
use serde::{Deserialize, Serialize};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::Encode as _;
use crate::credential::{LetterId, Person};
use crate::refusal::Refusal;
use crate::sign::Seed;
use crate::statement::Place;

/// Who disclosed, and the proof of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discloser {
    /// The hash of the signer's letter.
    pub letter: LetterId,
    /// By the letter key, label `disclosure`.
    pub signature: Bytes,
}

#[derive(Debug, TlsSerialize, TlsDeserialize, TlsSize)]
struct DisclosedKey {
    kid: u64,
    enc_key: [u8; 16],
    salt: [u8; 12],
}

/// What is signed.
#[derive(Debug, TlsSerialize, TlsDeserialize, TlsSize)]
struct Disclosed {
    signer: LetterId,
    place: Place,
    keys: Vec<DisclosedKey>,
}

impl Discloser {
    /// Signs; refuses keys of other lengths than those of an open part.
    pub fn sign(letter: LetterId, place: &Place, keys: &[Disclosure], letter_seed: &Seed) -> Result<Self, Refusal> {
        let signed = signed_bytes(letter, place, keys)?;
        let signature = letter_seed.sign("disclosure", &signed);
        Ok(Self {
            letter,
            signature: Bytes(signature.to_vec()),
        })
    }

    /// Whether this person has signed these keys, in this order, for this point of the meeting.
    pub fn is(&self, person: &Person, place: &Place, keys: &[Disclosure]) -> bool {
        let Ok(signature) = <[u8; 64]>::try_from(self.signature.0.as_slice()) else {
            return false;
        };
        self.letter == person.letter
            && signed_bytes(self.letter, place, keys)
                .is_ok_and(|signed| person.letter_key.verifies("disclosure", &signed, &signature))
    }
}

fn signed_bytes(signer: LetterId, place: &Place, keys: &[Disclosure]) -> Result<Vec<u8>, Refusal> {
    let key = |key: &Disclosure| {
        Ok(DisclosedKey {
            kid: key.kid.number(),
            enc_key: key.enc_key.0.as_slice().try_into().map_err(|_| Refusal::Malformed)?,
            salt: key.salt.0.as_slice().try_into().map_err(|_| Refusal::Malformed)?,
        })
    };
    let keys = keys.iter().map(key).collect::<Result<_, Refusal>>()?;
    let place = *place;
    Ok(Disclosed { signer, place, keys }.encode())
}
