//! Frames that are forged, replayed or misplaced (I4, I5).

use super::*;

#[test]
fn i5_a_frame_forged_with_a_disclosed_key_is_refused_by_members() {
    let mut house = House::seated(2);
    house.open();
    let sealed = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    // The world can decrypt, so it can also encrypt: CTR is malleable. Turn one bit of the plain text.
    let mut forged = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    let body = forged.len() - 12;
    forged[body] ^= 0x20;
    let shown = house.gallery.open(MediaKind::Video, &forged).unwrap();
    assert_ne!(
        shown.frame, FRAME,
        "the attack works on whoever has no authentication key"
    );
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &forged),
        Err(Refused::Forged)
    );
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &sealed).unwrap().frame,
        FRAME
    );
    // A changed clear byte is found as well: it is authenticated.
    let mut relabelled = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    relabelled[0] ^= 1;
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &relabelled),
        Err(Refused::Forged)
    );
}

#[test]
fn a_replayed_frame_or_one_in_another_streams_place_is_refused() {
    let mut house = House::seated(2);
    let sealed = house.seats[0].member.seal(Stream::Microphone, b"yes").unwrap();
    house.seats[1].member.open(MediaKind::Audio, &sealed).unwrap();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &sealed),
        Err(Refused::Replayed)
    );
    let sound = house.seats[0].member.seal(Stream::Microphone, b"yes").unwrap();
    let as_picture = [b"\x10".as_slice(), &sound].concat();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &as_picture),
        Err(Refused::WrongStream)
    );
    // One's own frames, sent back, are nobody's.
    assert_eq!(
        house.seats[0].member.open(MediaKind::Audio, &sound),
        Err(Refused::UnknownKey)
    );
}

#[test]
fn clear_frames_and_frames_under_anothers_key_id_are_dropped() {
    let mut house = House::seated(3);
    for part in ["closed", "open"] {
        // What the server makes up, or lets through from a sender whose encryption was switched off.
        for clear in [
            b"sound in the clear".as_slice(),
            &[0x10; 400],
            &[0; 3],
            b"",
            &[0xff; 40],
        ] {
            for kind in [MediaKind::Audio, MediaKind::Video] {
                assert!(house.seats[1].member.open(kind, clear).is_err(), "{part}: {clear:?}");
            }
        }
        // Seat 0's words under seat 2's name: the key id says who it is, and that one has another key.
        let sealed = house.seats[0].member.seal(Stream::Microphone, b"I agree").unwrap();
        let other = house.seats[2].member.seal(Stream::Microphone, b"I do not").unwrap();
        let kid_and_counter = header_of(&other);
        let forged = [&other[..kid_and_counter], &sealed[header_of(&sealed)..]].concat();
        assert_eq!(
            house.seats[1].member.open(MediaKind::Audio, &forged),
            Err(Refused::Forged),
            "{part}"
        );
        assert_eq!(
            house.seats[1].member.open(MediaKind::Audio, &sealed).unwrap().frame,
            b"I agree"
        );
        if part == "closed" {
            house.open();
        }
    }
}

/// How long an SFrame header is (RFC 9605 §4.3).
fn header_of(frame: &[u8]) -> usize {
    let config = frame[0];
    let of = |field: u8| if field & 8 != 0 { usize::from(field & 7) + 1 } else { 0 };
    1 + of(config >> 4) + of(config & 15)
}

#[test]
fn i1_a_member_who_discloses_what_it_should_not_opens_nobody_elses_closed_frames() {
    let mut house = House::seated(2);
    house.open();
    let disclosed = house.disclosed.clone();
    house.move_to(0, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    let secret = house.seats[0]
        .member
        .seal(Stream::Microphone, b"behind closed doors")
        .unwrap();
    let kid = kid_of(&secret);
    // In a closed part nothing is taken: not one's own key, not another's, not one of the part that has ended.
    let group = house.meeting.group().unwrap();
    let own = Leaf(1);
    assert!(group.roster.contains_key(&own));
    let mut attempts: Vec<Disclosure> = disclosed.clone();
    attempts.extend(disclosed.iter().map(|key| Disclosure { kid, ..key.clone() }));
    for key in attempts {
        for leaf in [Leaf(0), own] {
            let rule = Rule::Disclose(leaf, vec![key.clone()], nobody());
            assert_eq!(house.meeting.decide(house.now_ms, rule), Err(Refusal::Phase));
        }
        // Given to the public past the server, each key of the part that has ended opens nothing of this one.
        house.gallery.disclose(&[key]);
        assert!(house.gallery.open(MediaKind::Audio, &secret).is_err());
    }
    // In an open part nobody discloses for another, for another epoch, or a key of the closed kind.
    house.open();
    let group = house.meeting.group().unwrap();
    let mut parts = kid.parts();
    (parts.epoch, parts.open, parts.leaf) = (group.epoch, true, own);
    let good = Disclosure {
        kid: Kid::new(parts).unwrap(),
        ..disclosed[0].clone()
    };
    let with = |change: fn(&mut KidParts)| {
        let mut parts = parts;
        change(&mut parts);
        let kid = Kid::new(parts).unwrap();
        Disclosure { kid, ..good.clone() }
    };
    for key in [
        with(|parts| parts.leaf = Leaf(0)),
        with(|parts| parts.epoch -= 1),
        with(|parts| parts.epoch += 1),
        with(|parts| parts.open = false),
        with(|parts| parts.founding += 1),
    ] {
        let rule = Rule::Disclose(own, vec![key.clone()], nobody());
        assert_eq!(
            house.meeting.decide(house.now_ms, rule),
            Err(Refusal::Malformed),
            "{key:?}"
        );
    }
}

/// No signature: these keys are refused before it is looked at.
fn nobody() -> Discloser {
    Discloser {
        letter: LetterId([0; 32]),
        signature: Bytes::default(),
    }
}

fn kid_of(frame: &[u8]) -> Kid {
    let field = usize::from((frame[0] >> 4) & 7) + 1;
    let number = frame[1..=field]
        .iter()
        .fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    Kid::from_number(number).unwrap()
}

#[test]
fn i3_a_screen_that_was_chosen_behind_closed_doors_is_not_sealed_for_the_public() {
    let mut house = House::seated(2);
    house.command(0, Command::Show);
    let closed = house.seats[0].member.seal(Stream::Screen, FRAME).unwrap();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &closed).unwrap().frame,
        FRAME
    );
    house.open();
    // The page has not yet heard that the doors are open, and its browser goes on making pictures of the screen.
    assert!(house.seats[0].member.seal(Stream::Screen, FRAME).is_none());
    assert!(house.seats[0].member.seal(Stream::Camera, FRAME).is_some());
    house.command(0, Command::Show);
    let open = house.seats[0].member.seal(Stream::Screen, FRAME).unwrap();
    assert_eq!(house.gallery.open(MediaKind::Video, &open).unwrap().frame, FRAME);
}
