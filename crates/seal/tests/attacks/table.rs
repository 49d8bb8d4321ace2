//! What members write to one another, and a server that would read it, forge it, repeat it or keep it back.

use incamera_protocol::member::Position;
use incamera_protocol::view::{ChatOf, Delivery as Passage};

use super::*;

fn write(house: &mut House, seat: usize, text: &str) {
    house.command(seat, Command::Write { text: text.to_owned() });
}

fn read(house: &House, seat: usize) -> Vec<&str> {
    house.seats[seat]
        .chat
        .iter()
        .map(|message| message.text.as_str())
        .collect()
}

fn sealed(house: &House) -> Vec<(Position, Bytes)> {
    house.sealed.clone()
}

fn pass(house: &mut House, seat: usize, (position, message): &(Position, Bytes)) {
    house.seats[seat].inbox.push_back(ServerMessage::Sealed {
        position: *position,
        message: message.clone(),
    });
    house.settle();
}

#[test]
fn what_one_writes_the_others_read_and_the_writer_is_told() {
    let mut house = House::seated(3);
    write(&mut house, 0, "Shall we take item 3 first?\nThe minister leaves early.");
    for seat in 1..3 {
        let [message] = house.seats[seat].chat.as_slice() else {
            panic!("one message");
        };
        assert_eq!(message.text, "Shall we take item 3 first?\nThe minister leaves early.");
        assert_eq!((message.name.as_str(), message.delegation), ("Principal 0", 0));
        assert_eq!((message.part, message.open, message.missing), (1, false, 0));
    }
    let mine: Vec<Passage> = house.seats[0].chat.iter().map(|it| it.delivery).collect();
    assert_eq!(mine, [Passage::Waiting, Passage::Passed]);
    house.open();
    write(&mut house, 2, "Welcome.");
    let last = house.seats[0].chat.last().unwrap();
    assert_eq!((last.part, last.open), (2, true));
}

#[test]
fn i1_what_is_written_crosses_the_wire_sealed_in_open_parts_too() {
    let mut house = House::seated(2);
    let canary = "the fallback is eleven per cent";
    write(&mut house, 0, canary);
    house.open();
    write(&mut house, 1, canary);
    assert_eq!(read(&house, 0).iter().filter(|text| **text == canary).count(), 3);
    let wire: Vec<Vec<u8>> = house
        .wire
        .iter()
        .map(|message| match message {
            MemberMessage::Sealed { message, .. } => message.0.clone(),
            other => serde_json::to_vec(other).unwrap(),
        })
        .collect();
    let holds = |bytes: &Vec<u8>| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    assert!(!wire.iter().any(holds));
    // Nor is its length seen: a short one and a shorter one are as long on the wire.
    write(&mut house, 0, "a");
    write(&mut house, 0, "a somewhat longer answer");
    let lengths: Vec<usize> = sealed(&house).iter().rev().take(2).map(|(_, it)| it.0.len()).collect();
    assert_eq!(lengths[0], lengths[1]);
}

#[test]
fn what_is_passed_on_twice_is_read_once() {
    let mut house = House::seated(2);
    write(&mut house, 0, "Agreed.");
    let old = sealed(&house).pop().unwrap();
    for _ in 0..3 {
        pass(&mut house, 1, &old);
        pass(&mut house, 0, &old);
    }
    assert_eq!(read(&house, 1), ["Agreed."]);
    // Nor in a later epoch, under whatever name.
    house.open();
    pass(&mut house, 1, &old);
    let now = house.delivery.as_ref().unwrap().position();
    pass(&mut house, 1, &(now, old.1.clone()));
    assert_eq!(read(&house, 1), ["Agreed."]);
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
}

#[test]
fn what_the_server_makes_up_is_not_read_and_harms_nobody() {
    let mut house = House::seated(2);
    write(&mut house, 0, "One.");
    let (position, good) = sealed(&house).pop().unwrap();
    let mut flipped = good.0.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let long = vec![7; limits::SEALED_BYTES_MAX + 1];
    for junk in [flipped, Vec::new(), vec![0; 64], long] {
        pass(&mut house, 1, &(position, Bytes(junk)));
    }
    write(&mut house, 0, "Two.");
    assert_eq!(read(&house, 1), ["One.", "Two."]);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i2_whoever_was_removed_reads_nothing_that_is_written_afterwards() {
    let mut house = House::seated(2);
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.join(house.new_guest(&link, 70));
    write(&mut house, 1, "While they are here.");
    assert_eq!(read(&house, guest), ["While they are here."]);
    // The adviser keeps its keys, and the server passes everything on to it but its own removal.
    house.mutes = Some(guest);
    house.withholds = |seat, message| seat == 2 && matches!(message, ServerMessage::Act { .. });
    house.revoke(0, house.letter_of(guest));
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    write(&mut house, 1, "Now that they are gone.");
    assert_eq!(read(&house, 0).last(), Some(&"Now that they are gone."));
    assert_eq!(read(&house, guest), ["While they are here."]);
}

#[test]
fn what_is_kept_back_from_somebody_is_missed_with_the_next() {
    let mut house = House::seated(2);
    write(&mut house, 0, "One.");
    house.withholds = |seat, message| seat == 1 && matches!(message, ServerMessage::Sealed { .. });
    write(&mut house, 0, "Two.");
    write(&mut house, 0, "Three.");
    house.withholds = |_, _| false;
    write(&mut house, 0, "Four.");
    let got: Vec<(&str, u32)> = house.seats[1]
        .chat
        .iter()
        .map(|it| (it.text.as_str(), it.missing))
        .collect();
    assert_eq!(got, [("One.", 0), ("Four.", 2)]);
}

#[test]
fn what_comes_too_late_for_its_epoch_is_sealed_again_and_read_once() {
    let mut house = House::seated(3);
    house.swallows = vec!["sealed"];
    write(&mut house, 0, "Wait for it.");
    house.swallows.clear();
    let waiting: Vec<Passage> = house.seats[0].chat.iter().map(|it: &ChatOf| it.delivery).collect();
    assert_eq!(waiting, [Passage::Waiting]);
    house.open();
    assert_eq!(read(&house, 1), ["Wait for it."]);
    assert_eq!(house.seats[0].chat.last().unwrap().delivery, Passage::Passed);
    let positions: Vec<u64> = house
        .wire
        .iter()
        .filter_map(|message| match message {
            MemberMessage::Sealed { position, .. } => Some(position.epoch),
            _ => None,
        })
        .collect();
    assert_eq!(positions.len(), 2);
    assert!(positions[0] < positions[1]);
}

#[test]
fn what_the_house_will_not_pass_on_is_given_up_and_keeps_nothing_else_back() {
    let mut house = House::seated(2);
    house.swallows = vec!["sealed"];
    write(&mut house, 0, "One.");
    house.swallows.clear();
    house.refuse(0, "sealed", ErrorCode::Handshake, "This is not passed on.".to_owned());
    house.settle();
    write(&mut house, 0, "Two.");
    assert_eq!(read(&house, 1), ["Two."]);
    assert_eq!(house.seats[0].notices, ["This is not passed on."]);
    let mine: Vec<(&str, Passage)> = house.seats[0]
        .chat
        .iter()
        .map(|it| (it.text.as_str(), it.delivery))
        .collect();
    assert!(mine.contains(&("One.", Passage::Lost)) && mine.contains(&("Two.", Passage::Passed)));
}

#[test]
fn what_comes_too_fast_for_the_house_goes_out_a_little_later() {
    let mut house = House::seated(2);
    house.swallows = vec!["sealed"];
    write(&mut house, 0, "One.");
    house.swallows.clear();
    house.refuse(0, "sealed", ErrorCode::TooMany, "Slower.".to_owned());
    house.settle();
    assert!(read(&house, 1).is_empty());
    house.pass(limits::SEALED_AGAIN_MS + 1);
    let got: Vec<(&str, u32)> = house.seats[1]
        .chat
        .iter()
        .map(|it| (it.text.as_str(), it.missing))
        .collect();
    assert_eq!(got, [("One.", 0)]);
}

#[test]
fn what_its_writer_does_not_know_to_have_come_is_sealed_again_and_read_once() {
    let mut house = House::seated(2);
    house.withholds = |seat, message| seat == 0 && matches!(message, ServerMessage::Sealed { .. });
    write(&mut house, 0, "Did you get this?");
    house.withholds = |_, _| false;
    assert_eq!(read(&house, 1), ["Did you get this?"]);
    house.open();
    assert_eq!(house.sealed.len(), 2);
    assert_eq!(read(&house, 1), ["Did you get this?"]);
    let mine: Vec<Passage> = house.seats[0].chat.iter().map(|it| it.delivery).collect();
    assert_eq!(mine, [Passage::Waiting, Passage::Passed]);
}

#[test]
fn i4_nothing_is_written_under_keys_that_may_be_those_of_an_ended_epoch() {
    let mut house = House::seated(3);
    // Whatever the others do meanwhile, the first hears nothing of it.
    house.withholds = |seat, _| seat == 0;
    house.mutes = Some(0);
    house.pass(limits::SILENCE_MS_MAX + 1_000);
    let before = house.wire.len();
    write(&mut house, 0, "Is anybody there?");
    assert!(
        !house.wire[before..]
            .iter()
            .any(|message| matches!(message, MemberMessage::Sealed { .. }))
    );
}

#[test]
fn a_text_that_is_too_long_or_empty_is_refused_with_a_reason() {
    let mut house = House::seated(2);
    let now = house.now_ms;
    let member = &mut house.seats[0].member;
    for (text, why) in [
        ("x".repeat(limits::CHAT_BYTES_MAX + 1), "too long"),
        (" \n ".to_owned(), "could not be read"),
        ("a\u{202E}b".to_owned(), "could not be read"),
    ] {
        let refused = member.command(&Command::Write { text }, now).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    house.settle();
    assert!(house.seats[1].chat.is_empty());
}
