use std::panic::{AssertUnwindSafe, catch_unwind};

use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use ed25519_dalek::{Signature, VerifyingKey};

use super::*;
use crate::sign::Seed;

struct Signed {
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Signed {
    fn claim(&self) -> Claim {
        Claim::new(&self.key, &self.message, &self.signature)
    }

    fn holds_strictly(&self) -> bool {
        let signature = Signature::from_bytes(&self.signature);
        VerifyingKey::from_bytes(&self.key).is_ok_and(|key| key.verify_strict(&self.message, &signature).is_ok())
    }
}

/// As its owner signs, but with points of small order added to the key and to `R`.
fn signed(number: u64, key_and: EdwardsPoint, r_and: EdwardsPoint) -> Signed {
    let scalar = |what: &[u8]| {
        let hash = Sha512::new().chain_update(what).chain_update(number.to_be_bytes());
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    };
    let message = number.to_be_bytes().to_vec();
    let (a, nonce) = (Scalar::from(number % 7 + 1_000), scalar(b"nonce"));
    let key = (ED25519_BASEPOINT_TABLE * &a + key_and).compress().0;
    let r = (ED25519_BASEPOINT_TABLE * &nonce + r_and).compress().0;
    let h = Claim::new(&key, &message, &[r, [0; 32]].concat().try_into().unwrap()).h;
    let signature = [r, (nonce + h * a).to_bytes()].concat().try_into().unwrap();
    Signed {
        key,
        message,
        signature,
    }
}

fn good(number: u64) -> Signed {
    signed(number, EdwardsPoint::identity(), EdwardsPoint::identity())
}

/// Enough good ones that they are checked together, and this one among them.
fn hold_with(one: &Signed) -> bool {
    let mut claims: Vec<Claim> = (0..CHUNK_MIN as u64).map(|number| good(number).claim()).collect();
    claims.insert(100, one.claim());
    hold(&claims)
}

#[test]
fn many_good_ones_hold_together_and_one_with_any_bit_turned_is_found() {
    assert!(hold_with(&good(1_000)));
    for bit in (0..512).step_by(37) {
        let mut spoiled = good(1_000);
        spoiled.signature[bit / 8] ^= 1 << (bit % 8);
        assert!(!hold_with(&spoiled), "bit {bit} of the signature");
        assert!(!spoiled.claim().holds() && !spoiled.holds_strictly());
    }
    let mut spoiled = good(1_000);
    spoiled.message[0] ^= 1;
    assert!(!hold_with(&spoiled), "the message");
    let mut spoiled = good(1_000);
    spoiled.key = good(1_001).key;
    assert!(!hold_with(&spoiled), "the key");
}

#[test]
fn what_its_own_signer_has_bent_holds_together_as_little_as_alone() {
    let mut seen_alone = 0;
    for number in 0..16 {
        let small = EIGHT_TORSION[1 + number as usize % 7];
        let bent = signed(number, EdwardsPoint::identity(), small);
        assert!(!bent.holds_strictly());
        assert!(!hold_with(&bent), "a point of small order in R");
        // One of eight of these holds by itself: then too it is looked at by itself, and nothing is said of it here.
        let bent = signed(number, small, EdwardsPoint::identity());
        seen_alone += usize::from(bent.holds_strictly());
        assert_eq!(bent.claim().holds(), bent.holds_strictly());
        assert!(!hold_with(&bent), "a point of small order in the key");
    }
    assert!(seen_alone < 16);
}

#[test]
fn two_that_were_bent_against_each_other_do_not_hold() {
    let [small, opposite] = [EIGHT_TORSION[4], EIGHT_TORSION[4]];
    for number in 0..12 {
        let mut claims: Vec<Claim> = (0..CHUNK_MIN as u64).map(|number| good(number).claim()).collect();
        claims.push(signed(number, EdwardsPoint::identity(), small).claim());
        claims.push(signed(number + 40, EdwardsPoint::identity(), opposite).claim());
        assert!(!hold(&claims));
    }
}

#[test]
fn small_points_and_other_encodings_are_refused_as_ever() {
    let mut larger = good(5);
    // s + the order of the group, of which there are twelve forms that a lax reader takes.
    let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let mut carry = 0;
    for (place, digits) in order.as_bytes().chunks(2).enumerate() {
        let byte = u16::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        let sum = u16::from(larger.signature[32 + place]) + byte + carry;
        larger.signature[32 + place] = sum as u8;
        carry = sum >> 8;
    }
    let mut small_r = good(6);
    let mut small_key = good(7);
    for point in EIGHT_TORSION {
        small_r.signature[..32].copy_from_slice(&point.compress().0);
        small_key.key = point.compress().0;
        for it in [&small_r, &small_key, &larger] {
            assert!(!it.holds_strictly() && !it.claim().holds() && !hold_with(it));
        }
    }
    let mut last = [0xff; 32];
    (last[0], last[31]) = (0xec, 0x7f);
    assert!(is_canonical(&last), "2^255 - 20");
    last[0] = 0xed;
    assert!(!is_canonical(&last), "2^255 - 19");
}

#[test]
fn a_run_in_bulk_says_of_each_what_it_would_say_singly() {
    let seed = Seed::new([1; 32]);
    let of = |number: u64| (number, seed.sign("bulk", &number.to_be_bytes()));
    // More than two chunks.
    let mut all: Vec<(u64, [u8; 64])> = (0..2 * CHUNK as u64 + 300).map(of).collect();
    let key = seed.public_key();
    let say = |all: &[(u64, [u8; 64])]| -> Vec<bool> {
        in_bulk(|| {
            let each = all.iter();
            each.map(|(number, signature)| key.verifies("bulk", &number.to_be_bytes(), signature))
                .collect()
        })
    };
    assert!(say(&all).iter().all(|holds| *holds));
    for spoiled in [0, CHUNK, all.len() - 1] {
        all[spoiled].1[40] ^= 1;
        let said = say(&all);
        let wrong: Vec<usize> = (0..said.len()).filter(|number| !said[*number]).collect();
        assert_eq!(wrong, [spoiled]);
        all[spoiled].1[40] ^= 1;
    }
}

#[test]
fn after_a_run_that_broke_off_nothing_is_taken_for_good() {
    let key = Seed::new([1; 32]).public_key();
    let broken = catch_unwind(AssertUnwindSafe(|| {
        in_bulk(|| {
            key.verifies("bulk", b"x", &[1; 64]);
            panic!("in mid-run");
        })
    }));
    assert!(broken.is_err());
    assert!(!key.verifies("bulk", b"x", &[1; 64]));
    assert!(!in_bulk(|| in_bulk(|| key.verifies("bulk", b"x", &[1; 64]))));
}
