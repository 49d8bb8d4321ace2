//! What lies in the bytes on the wire: nonces, keys, and what is missing for whoever has recorded everything.

use std::collections::HashSet;

use incamera_seal::kid_of;

use incamera_meeting::DelegationSecret;

use super::*;

/// The nonce of an SFrame under one key is its counter (RFC 9605 §4.4.3): KID and counter may never come twice.
fn nonce_of(frame: &[u8]) -> (u64, u64) {
    let kid = kid_of(MediaKind::Audio, frame).unwrap().number();
    // RFC 9605 §4.3: X K K K Y C C C, then the long forms, most significant byte first.
    let config = frame[0];
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let kid_len = if config & 0x80 == 0 {
        0
    } else {
        usize::from(config >> 4 & 7) + 1
    };
    let counter = if config & 0x08 == 0 {
        u64::from(config & 7)
    } else {
        let len = usize::from(config & 7) + 1;
        number(&frame[1 + kid_len..1 + kid_len + len])
    };
    (kid, counter)
}

#[test]
fn no_nonce_is_used_twice_in_a_million_frames_across_epochs_parts_reloads_and_tabs() {
    let mut house = House::seated(2);
    let mut seen = HashSet::new();
    let mut frames = 0;
    let mut talk = |house: &mut House, seats: &[usize], each: usize| {
        for seat in seats {
            for _ in 0..each {
                if let Some(sealed) = house.seats[*seat].member.seal(Stream::Microphone, b"m") {
                    assert!(seen.insert(nonce_of(&sealed)), "a nonce comes twice");
                    frames += 1;
                }
            }
        }
    };
    let mut first = 0;
    for round in 0..10u8 {
        talk(&mut house, &[first, 1], 16_000);
        // In public and behind closed doors again.
        house.move_to(1, MotionKind::Open);
        house.consent(first);
        talk(&mut house, &[first, 1], 16_000);
        house.move_to(first, MotionKind::Close);
        talk(&mut house, &[first, 1], 16_000);
        // The first reloads, or opens a second tab while the old one goes on with what it has.
        let saved = house.seats[first].member.saved();
        let id = house.meeting.id();
        let (charter, fragment) = (house.charter.encode(), house.fragments[0].clone());
        let again = Member::new(
            id,
            &charter,
            &fragment,
            "",
            Some(&saved),
            house.now_ms,
            dice(90 + round),
        )
        .unwrap();
        let again = house.join_by(again, 1);
        talk(&mut house, &[first, again, 1], 4_000);
        first = again;
    }
    assert!(frames >= 1_000_000, "{frames}");
}

#[test]
fn a_transcript_and_every_x25519_key_open_no_closed_part_without_the_meeting_secret() {
    let mut house = House::seated(2);
    let identity = Identity::new(&house.charter, &house.fragments[1], "x", house.now_ms, dice(101)).unwrap();
    // The enemy has recorded every byte, and one day breaks X25519: of somebody who joins it then has the private keys
    // of the key package, which are all that a Welcome is sealed to (RFC 9420 §12.4.3.1).
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = Identity::new(&house.charter, &link, "", house.now_ms, dice(50)).unwrap();
    let broken = OpenMlsRustCrypto::default();
    let key_package = Bytes(key_package(&broken, &guest));
    house.wire.clear();
    house.seats[0].inbox.push_back(ServerMessage::Knock { key_package });
    house.settle();
    let welcome = house.wire.iter().find_map(|message| match message {
        MemberMessage::Commit { welcome, .. } => welcome.clone(),
        _ => None,
    });
    let welcome = welcome.expect("the letter is good: it is added");
    let open = |provider: &OpenMlsRustCrypto| {
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(&welcome.0).unwrap().extract()
        else {
            panic!("a welcome");
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(wire_format_policy())
            .build();
        StagedWelcome::new_from_welcome(provider, &config, welcome, None)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    // A failed attempt uses the key package up, so the control has a copy of every private key.
    let copy = OpenMlsRustCrypto::default();
    for (key, value) in broken.storage().values.read().unwrap().iter() {
        copy.storage()
            .values
            .write()
            .unwrap()
            .insert(key.clone(), value.clone());
    }
    let shut = open(&broken).expect_err("every X25519 key, and it stays shut");
    assert!(shut.contains("PSK"), "{shut}");
    // The control: the same keys with the secret that never crossed the network.
    rogue::meeting_secret(&house, &copy)
        .store(&copy, identity.meeting_secret())
        .unwrap();
    assert!(open(&copy).is_ok());
}

#[test]
fn nothing_secret_of_a_link_is_in_what_members_send() {
    let mut house = House::seated(2);
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    house.open();
    house.join(house.new_guest(&link, 70));
    let text = "Among ourselves.".to_owned();
    house.command(2, Command::Aside { text });
    house.move_to(1, MotionKind::Close);
    let wire = serde_json::to_string(&house.wire).unwrap();
    let identity = Identity::new(&house.charter, &house.fragments[0], "x", house.now_ms, dice(100)).unwrap();
    for fragment in &house.fragments {
        let link = Bytes::decode(fragment).unwrap().0;
        // Version, kind, delegation, slot seed, meeting secret.
        for secret in [&link[4..36], &link[36..68]] {
            assert!(!contains(&wire, secret));
        }
    }
    assert_eq!(
        identity.meeting_secret().as_slice(),
        &Bytes::decode(&house.fragments[0]).unwrap().0[36..68]
    );
    for seat in 0..2 {
        let secret = DelegationSecret::of(&house.desk(seat).delegation_seed);
        assert!(!contains(&wire, secret.reveal()), "what its letters carry");
    }
    // The control: what is public of it is found.
    assert!(contains(&wire, &house.letter_of(0).0));
}

/// Whether base64url text somewhere holds these bytes, at any of the three alignments.
fn contains(json: &str, bytes: &[u8]) -> bool {
    json.split('"')
        .filter_map(|text| Bytes::decode(text).ok())
        .any(|decoded| decoded.0.windows(bytes.len()).any(|window| window == bytes))
}
