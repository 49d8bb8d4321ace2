//! The story that the project exists for, told by members, a public and a server in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use house::House;
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_protocol::{MediaKind, Stream};
use incamera_seal::Refused;

const FRAME: &[u8] = b"\x10a picture of a handshake";

#[test]
fn two_sides_meet_closed_open_close_and_adjourn() {
    let mut house = House::seated(2);
    assert_eq!(
        house.lamps(),
        [Lamp::Closed, Lamp::Closed],
        "{:?} {:?}",
        house.seats[0].notices,
        house.seats[1].fatal
    );
    assert!(house.seats.iter().all(|seat| seat.keyed && seat.view.sending));
    assert_eq!(house.seats[0].view.code, house.seats[1].view.code);
    assert_eq!(house.seats[0].view.code.len(), 6);

    // Closed: the other side opens it, the public does not.
    let sealed = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    assert_eq!(sealed[0], FRAME[0]);
    let opened = house.seats[1].member.open(MediaKind::Video, &sealed).unwrap();
    assert_eq!(
        (opened.frame.as_slice(), opened.leaf, opened.open),
        (FRAME, house.leaf(0), false)
    );
    assert_eq!(house.gallery.open(MediaKind::Video, &sealed), Err(Refused::UnknownKey));

    // One moves, the other consents.
    house.move_to(0, MotionKind::Open);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.seats[1].view.motion.as_ref().unwrap().missing, [1]);
    assert!(house.seats[1].view.may.consent && !house.seats[0].view.may.consent);
    house.consent(1);
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
    let sealed = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    let shown = house.gallery.open(MediaKind::Video, &sealed).unwrap();
    assert_eq!((shown.frame.as_slice(), shown.leaf), (FRAME, house.leaf(0)));
    house.seats[1].member.open(MediaKind::Video, &sealed).unwrap();

    // One closes.
    house.move_to(1, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    let sealed = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    assert_eq!(house.gallery.open(MediaKind::Video, &sealed), Err(Refused::UnknownKey));
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &sealed).unwrap().frame,
        FRAME
    );

    house.move_to(0, MotionKind::Adjourn);
    assert_eq!(house.lamps(), [Lamp::Adjourned, Lamp::Adjourned]);
    assert_eq!(house.seats[0].member.seal(Stream::Camera, FRAME), None);
    assert!(house.meeting.is_adjourned());
}

#[test]
fn five_delegations_open_only_when_the_last_has_consented() {
    let mut house = House::seated(5);
    assert_eq!(house.lamps(), [Lamp::Closed; 5]);
    house.move_to(2, MotionKind::Open);
    for seat in [0, 1, 3] {
        house.consent(seat);
        assert_eq!(house.lamps(), [Lamp::Closed; 5]);
    }
    house.consent(4);
    assert_eq!(house.lamps(), [Lamp::Open; 5]);
}

#[test]
fn a_motion_lapses_after_a_minute() {
    let mut house = House::seated(2);
    house.move_to(0, MotionKind::Open);
    assert!(house.seats[1].view.motion.is_some());
    house.pass(60_001);
    assert_eq!(house.seats[1].view.motion, None);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn somebody_who_joins_an_open_part_sees_by_whose_consent_it_is_open() {
    let mut house = House::convene(3);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    house.open();
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
    let third = house.new_member(2);
    let third = house.join(third);
    // Nobody becomes public by entering.
    assert_eq!(
        house.lamps(),
        [Lamp::Open, Lamp::Open, Lamp::Held],
        "{:?}",
        house.seats[third].fatal
    );
    assert!(house.seats[third].view.may.appear);
    assert_eq!(house.seats[third].member.seal(Stream::Microphone, b"am I on?"), None);
    house.command(third, Command::Appear);
    assert_eq!(house.lamps(), [Lamp::Open; 3]);
    let sealed = house.seats[third].member.seal(Stream::Microphone, b"hello").unwrap();
    assert_eq!(house.gallery.open(MediaKind::Audio, &sealed).unwrap().frame, b"hello");
    assert_eq!(
        house.seats[0].member.open(MediaKind::Audio, &sealed).unwrap().frame,
        b"hello"
    );
}

#[test]
fn a_reload_takes_the_same_seat_under_new_keys() {
    let mut house = House::seated(2);
    let saved = house.seats[1].member.saved();
    let again = incamera_seal::Member::new(
        house.meeting.id(),
        &incamera_meeting::Encode::encode(&house.charter),
        "",
        "",
        Some(&saved),
        house.now_ms,
        || [0; 32],
    )
    .unwrap();
    house.seats.remove(1);
    let again = house.join(again);
    assert_eq!(
        house.lamps(),
        [Lamp::Closed, Lamp::Closed],
        "{:?}",
        house.seats[again].fatal
    );
    assert_eq!(house.seats[0].view.members.len(), 2);
    let sealed = house.seats[again].member.seal(Stream::Microphone, b"back").unwrap();
    assert_eq!(
        house.seats[0].member.open(MediaKind::Audio, &sealed).unwrap().frame,
        b"back"
    );
}

#[test]
fn leaving_stops_everything_at_once() {
    let mut house = House::seated(2);
    house.command(0, Command::Leave);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"x"), None);
}
