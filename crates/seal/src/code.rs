//! The short code: the epoch authenticator (RFC 9420 §8.7) as digits and as words that people can read aloud; and the
//! fingerprints of the delegations' keys.

use bip39::Language;
use incamera_meeting::{Meeting, PublicKey};

/// 30 digits in fives: about 99 bits that nobody can steer, since the authenticator comes out of the key schedule.
pub(crate) fn digits(authenticator: &[u8]) -> Vec<String> {
    incamera_meeting::digits(authenticator)
}

/// Nine words of 11 bits each (the English list of BIP-39): the first 99 bits of the authenticator.
pub(crate) fn words(authenticator: &[u8]) -> Vec<String> {
    let bit = |index: usize| {
        let byte = authenticator.get(index / 8).copied().unwrap_or(0);
        usize::from(byte >> (7 - index % 8) & 1)
    };
    let list = Language::English.word_list();
    (0..9)
        .filter_map(|word| {
            let number = (0..11).fold(0, |sum, at| sum << 1 | bit(word * 11 + at));
            list.get(number).map(|word| (*word).to_owned())
        })
        .collect()
}

/// The fingerprint of a delegation's key, in digits.
pub(crate) fn fingerprint(key: &PublicKey) -> Vec<String> {
    key.fingerprint_digits()
}

/// The fingerprints of all delegations, in the charter's order.
pub(crate) fn fingerprints(meeting: &Meeting) -> Vec<Option<Vec<String>>> {
    (0u16..)
        .zip(&meeting.charter().delegations)
        .map(|(delegation, _)| meeting.delegation_key(delegation).map(fingerprint))
        .collect()
}

/// The fingerprints as they were worked out last: the keys of the delegations become known one by one, and change no
/// more.
#[derive(Default)]
pub(crate) struct Fingerprints {
    keys: Vec<Option<PublicKey>>,
    prints: Vec<Option<Vec<String>>>,
}

impl Fingerprints {
    /// Of all delegations, in the charter's order.
    pub(crate) fn of(&mut self, meeting: &Meeting) -> Vec<Option<Vec<String>>> {
        let slots = (0u16..).zip(&meeting.charter().delegations);
        let keys = slots.map(|(delegation, _)| meeting.delegation_key(delegation).copied());
        if !keys.clone().eq(self.keys.iter().copied()) {
            self.keys = keys.collect();
            self.prints = fingerprints(meeting);
        }
        self.prints.clone()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_code_is_thirty_digits_in_fives() {
        let code = super::digits(&[0xff; 32]);
        assert_eq!(code.len(), 6);
        assert!(code.iter().all(|five| five.len() == 5 && five == "27775"));
    }

    #[test]
    fn the_words_are_the_first_ninety_nine_bits() {
        assert_eq!(super::words(&[0; 32]), ["abandon"; 9]);
        assert_eq!(super::words(&[0xff; 32]), ["zoo"; 9]);
        // 00000000 001 | 00000 000010 …
        let mut bytes = [0; 32];
        bytes[1] = 0b0010_0000;
        bytes[2] = 0b0000_1000;
        assert_eq!(super::words(&bytes)[..2], ["ability", "able"]);
    }
}
