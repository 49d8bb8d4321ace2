//! What is whispered to one's own delegation, with a house that hands it to others, or takes other sound for it, and with
//! the rest of the group listening.

use incamera_protocol::view::WhisperOf;
use incamera_seal::Gallery;

use super::*;
use crate::asides::{open, sides};

const WHISPERED: &[u8] = b"not a word about the levy";
const ALOUD: &[u8] = b"thank you";

fn whisper(house: &mut House, seat: usize, on: bool) {
    house.command(seat, Command::Whisper { on });
}

/// Holds the key, until the house has said that it sends the sound aside.
fn whispering(house: &mut House, seat: usize) {
    whisper(house, seat, true);
    assert_eq!(house.seats[seat].view.whisper, WhisperOf::On);
}

fn speak(house: &mut House, seat: usize, sound: &[u8]) -> Option<Vec<u8>> {
    house.seats[seat].member.seal(Stream::Microphone, sound)
}

fn hear(house: &mut House, seat: usize, frame: &[u8]) -> Result<(Leaf, Stream), Refused> {
    let opened = house.seats[seat].member.open(MediaKind::Audio, frame);
    opened.map(|opened| (opened.leaf, opened.stream))
}

fn kid(frame: &[u8]) -> Kid {
    incamera_seal::kid_of(MediaKind::Audio, frame).unwrap()
}

fn refused(house: &mut House, seat: usize) -> bool {
    let now = house.now_ms;
    let whisper = Command::Whisper { on: true };
    house.seats[seat].member.command(&whisper, now).is_err()
}

#[test]
fn a_whisper_is_heard_by_the_own_delegation_alone_and_is_known_for_one() {
    let mut house = sides();
    whispering(&mut house, 0);
    let frame = speak(&mut house, 0, WHISPERED).unwrap();
    let leaf = house.leaf(0);
    assert_eq!(hear(&mut house, 2, &frame), Ok((leaf, Stream::Aside)));
    // A house that puts it into everybody's slots hands out what nobody can open.
    for other in [1, 3] {
        let got = house.seats[other].member.open(MediaKind::Audio, &frame);
        assert!(got.is_err(), "seat {other}: {got:?}");
    }
    // Once it is over, the person is heard by all again, and that is no whisper.
    whisper(&mut house, 0, false);
    assert_eq!(speak(&mut house, 0, ALOUD), None, "what is on its way still goes aside");
    house.pass(limits::WHISPER_TAIL_MS + 10);
    assert_eq!(house.seats[0].view.whisper, WhisperOf::Off);
    let frame = speak(&mut house, 0, ALOUD).unwrap();
    for seat in 1..4 {
        assert_eq!(hear(&mut house, seat, &frame), Ok((leaf, Stream::Microphone)));
    }
}

#[test]
fn while_one_whispers_nothing_is_sealed_for_the_floor() {
    let mut house = sides();
    for part in ["closed", "open"] {
        if part == "open" {
            open(&mut house);
        }
        let aloud = kid(&speak(&mut house, 0, ALOUD).unwrap());
        assert_eq!(aloud.parts().open, part == "open");
        whispering(&mut house, 0);
        for _ in 0..20 {
            let aside = kid(&speak(&mut house, 0, WHISPERED).unwrap()).parts();
            assert_eq!((aside.stream, aside.open), (Stream::Aside, false));
        }
        // The picture goes on.
        assert!(house.seats[0].member.seal(Stream::Camera, FRAME).is_some());
        whisper(&mut house, 0, false);
        house.pass(limits::WHISPER_TAIL_MS + 10);
    }
}

#[test]
fn nothing_is_sealed_before_the_house_has_turned_the_sound_aside() {
    let mut house = sides();
    house.swallows = vec!["whisper"];
    whisper(&mut house, 0, true);
    assert_eq!(house.seats[0].view.whisper, WhisperOf::Turning);
    assert_eq!(speak(&mut house, 0, WHISPERED), None);
    // An answer to what was not asked counts for nothing.
    house.seats[0].inbox.push_back(ServerMessage::Whisper { on: false });
    house.settle();
    assert_eq!(speak(&mut house, 0, WHISPERED), None);
    // Nor is the floor given back what was said meanwhile, when the house does not answer.
    whisper(&mut house, 0, false);
    house.pass(limits::WHISPER_TAIL_MS + 10);
    assert_eq!(speak(&mut house, 0, ALOUD), None);
    assert_eq!(house.seats[0].view.whisper, WhisperOf::Turning);
}

#[test]
fn the_gallery_with_every_disclosed_key_opens_no_whisper() {
    let mut house = sides();
    whispering(&mut house, 0);
    let frame = speak(&mut house, 0, WHISPERED).unwrap();
    // The gallery, with all that is disclosed in an open part.
    whisper(&mut house, 0, false);
    house.pass(limits::WHISPER_TAIL_MS + 10);
    assert!(hear(&mut house, 1, &frame).is_err());
    open(&mut house);
    whispering(&mut house, 0);
    let frame = speak(&mut house, 0, WHISPERED).unwrap();
    let mut gallery = Gallery::new();
    assert!(house.disclosed.len() >= 6, "keys of all are disclosed");
    for disclosure in &house.disclosed {
        let parts = disclosure.kid.parts();
        assert!(parts.open && parts.stream != Stream::Aside);
    }
    gallery.disclose(&house.disclosed);
    assert!(gallery.open(MediaKind::Audio, &frame).is_err());
    let aloud = speak(&mut house, 1, ALOUD).unwrap();
    assert!(gallery.open(MediaKind::Audio, &aloud).is_ok());
}

#[test]
fn a_key_of_an_aside_cannot_even_be_named_as_one_of_an_open_part() {
    let parts = KidParts {
        founding: 1,
        epoch: 2,
        slice: 0,
        leaf: Leaf(0),
        stream: Stream::Aside,
        open: true,
    };
    assert!(Kid::new(parts).is_err());
    let closed = Kid::new(KidParts { open: false, ..parts }).unwrap();
    assert!(Kid::from_number(closed.number() | 1).is_err());
    assert_eq!(closed.parts().stream, Stream::Aside);
}

#[test]
fn in_an_open_part_a_whisper_is_in_no_digest_and_no_fin() {
    let mut house = sides();
    open(&mut house);
    for _ in 0..3 {
        speak(&mut house, 0, ALOUD).unwrap();
    }
    house.pass(1_100);
    house.digests.clear();
    whispering(&mut house, 0);
    for _ in 0..5 {
        speak(&mut house, 0, WHISPERED).unwrap();
    }
    house.pass(1_100);
    assert!(house.digests.is_empty(), "nothing was sent in public");
    house.wire.clear();
    house.move_to(1, MotionKind::Close);
    let fins: Vec<(u64, u64)> = house
        .wire
        .iter()
        .filter_map(|message| match message {
            MemberMessage::Statement { statement } => Statement::read(&statement.0).ok(),
            _ => None,
        })
        .filter_map(|statement| match statement.body {
            Body::Fin(fin) => Some(fin.counts),
            _ => None,
        })
        .flatten()
        .map(|fin| (fin.kid, fin.count))
        .collect();
    assert_eq!(fins.len(), 4 * 3, "three keys of each");
    let mine = fins
        .iter()
        .filter(|(kid, _)| Kid::from_number(*kid).unwrap().parts().leaf == Leaf(0));
    assert_eq!(mine.map(|(_, count)| count).sum::<u64>(), 3);
}

#[test]
fn i4_in_a_close_nothing_is_whispered_and_no_late_whisper_is_taken() {
    let mut house = sides();
    open(&mut house);
    whispering(&mut house, 0);
    let within = speak(&mut house, 0, WHISPERED).unwrap();
    // The closer's own frames stop before anybody answers, and everybody's when the motion comes.
    house.swallows = vec!["commit"];
    house.move_to(1, MotionKind::Close);
    assert_eq!(speak(&mut house, 0, WHISPERED), None);
    assert_eq!(house.seats[0].view.whisper, WhisperOf::Turning);
    house.swallows.clear();
    house.pass(4_000);
    assert_eq!(house.lamps(), [Lamp::Closed; 4]);
    assert!(hear(&mut house, 2, &within).is_err(), "of a part that has ended");
    // Whoever still holds the key goes on under the closed part's.
    let after = speak(&mut house, 0, WHISPERED).unwrap();
    assert!(hear(&mut house, 2, &after).is_ok());
}

#[test]
fn out_of_touch_or_in_alarm_nobody_whispers() {
    let mut house = sides();
    whispering(&mut house, 0);
    let now = house.now_ms;
    house.seats[0].member.disconnected(now);
    assert_eq!(speak(&mut house, 0, WHISPERED), None);
    assert!(refused(&mut house, 0));
}

#[test]
fn another_delegations_sound_and_the_floors_do_not_pass_for_a_whisper() {
    let mut house = sides();
    let aloud = speak(&mut house, 1, ALOUD).unwrap();
    let leaf = house.leaf(1);
    assert_eq!(hear(&mut house, 0, &aloud), Ok((leaf, Stream::Microphone)));
    // The same bytes under the name of a whisper: the key of it is another.
    let forged = |number: u64| {
        let mut bytes = aloud.clone();
        let before = kid(&aloud).number().to_be_bytes();
        let after = number.to_be_bytes();
        let at = bytes.windows(7).position(|window| window == &before[1..]).unwrap();
        bytes[at..at + 7].copy_from_slice(&after[1..]);
        bytes
    };
    let name = kid(&aloud).number();
    let as_whisper = forged(name | (Stream::Aside as u64) << 1);
    assert_eq!(kid(&as_whisper).parts().stream, Stream::Aside);
    // Of another's delegation …
    assert_eq!(hear(&mut house, 0, &as_whisper), Err(Refused::WrongPlace));
    // … and of the own.
    assert_eq!(hear(&mut house, 3, &as_whisper), Err(Refused::Forged));
    // A whisper that is passed on again is heard once.
    whispering(&mut house, 1);
    let whispered = speak(&mut house, 1, WHISPERED).unwrap();
    assert!(hear(&mut house, 3, &whispered).is_ok());
    assert_eq!(hear(&mut house, 3, &whispered), Err(Refused::Replayed));
}

#[test]
fn i2_whoever_was_removed_hears_no_whisper() {
    let mut house = sides();
    let link = house.mint(0, "Dismissed", Role::Adviser, Entry::AtOnce);
    let guest = house.join(house.new_guest(&link, 80));
    whispering(&mut house, 0);
    let frame = speak(&mut house, 0, WHISPERED).unwrap();
    assert!(hear(&mut house, guest, &frame).is_ok());
    house.mutes = Some(guest);
    house.withholds = |seat, message| seat == 4 && matches!(message, ServerMessage::Act { .. });
    house.revoke(0, house.letter_of(guest));
    let frame = speak(&mut house, 0, WHISPERED).unwrap();
    assert!(hear(&mut house, 2, &frame).is_ok());
    assert_eq!(hear(&mut house, guest, &frame), Err(Refused::UnknownKey));
}

#[test]
fn whoever_does_not_appear_in_public_may_whisper_and_whoever_is_alone_has_nobody_to() {
    let mut house = sides();
    open(&mut house);
    // The adviser has not said that it appears.
    assert_eq!(speak(&mut house, 2, ALOUD), None);
    whispering(&mut house, 2);
    let frame = speak(&mut house, 2, WHISPERED).unwrap();
    let leaf = house.leaf(2);
    assert_eq!(hear(&mut house, 0, &frame), Ok((leaf, Stream::Aside)));
    whisper(&mut house, 2, false);
    house.pass(limits::WHISPER_TAIL_MS + 10);
    assert_eq!(speak(&mut house, 2, ALOUD), None, "that was no wish to appear");
    let mut alone = House::seated(2);
    assert!(refused(&mut alone, 0));
}

#[test]
fn an_interpreter_on_air_does_not_whisper() {
    let languages = ["en", "fr"].map(str::to_owned).to_vec();
    let mut house = House::seated_as(&Draft { languages, ..draft(2) });
    let link = house.mint(0, "Interpreter", Role::Interpreter, Entry::AtOnce);
    let interpreter = house.join(house.new_guest(&link, 70));
    house.command(interpreter, Command::Sit { booth: Some(1) });
    whispering(&mut house, interpreter);
    let whispered = speak(&mut house, interpreter, WHISPERED).unwrap();
    assert_eq!(kid(&whispered).parts().stream, Stream::Aside);
    // Not even as the channel's sound, whatever the house puts there.
    house.command(interpreter, Command::Air { on: true });
    assert_eq!(
        house.seats[1].member.open_channel(1, &whispered),
        Err(Refused::WrongPlace)
    );
    house.pass(limits::WHISPER_TAIL_MS + 10);
    let on_air = speak(&mut house, interpreter, ALOUD).unwrap();
    assert_eq!(kid(&on_air).parts().stream, Stream::Microphone);
    assert!(refused(&mut house, interpreter));
    let forwarded = house.seats[0].member.open_channel(1, &whispered);
    assert_eq!(forwarded, Err(Refused::WrongPlace), "nor for the own side");
}

#[test]
fn a_house_that_is_asked_too_often_is_asked_again_later() {
    let mut house = sides();
    house.swallows = vec!["whisper"];
    whisper(&mut house, 0, true);
    house.swallows.clear();
    house.refuse(0, "whisper", ErrorCode::TooMany, "too many".to_owned());
    house.settle();
    assert_eq!(house.seats[0].view.whisper, WhisperOf::Turning);
    house.pass(limits::WHISPER_AGAIN_MS + 10);
    assert_eq!(house.seats[0].view.whisper, WhisperOf::On);
}
