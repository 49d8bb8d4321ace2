//! What an enemy who owns the server does with the words by which people asked to be let in.

use super::*;

/// The knocks so far, in the order in which they came.
fn knocks(house: &House) -> Vec<Bytes> {
    let knock = |message: &MemberMessage| match message {
        MemberMessage::Knock { key_package } => Some(key_package.clone()),
        _ => None,
    };
    house.wire.iter().filter_map(knock).collect()
}

fn asks(house: &mut House, seat: usize, key_package: &Bytes) {
    let key_package = key_package.clone();
    house.seats[seat].inbox.push_back(ServerMessage::Knock { key_package });
    house.settle();
}

fn position(house: &House) -> incamera_protocol::member::Position {
    house.meeting.group().unwrap().position()
}

/// A reload in the same tab: the keys of the group are gone, the device is the same.
fn reload(house: &mut House, seat: usize) {
    let saved = house.seats[seat].member.saved();
    let charter = house.charter.encode();
    let delegation = usize::from(house.seats[seat].member.delegation());
    let fragment = house.fragments[delegation].clone();
    let (id, now) = (house.meeting.id(), house.now_ms);
    house.seats[seat].member = Member::new(id, &charter, &fragment, "", Some(&saved), now, dice(9)).unwrap();
    house.seats[seat].inbox = VecDeque::from([house.challenge()]);
    house.settle();
}

#[test]
fn i2_a_knock_that_is_played_again_moves_nobody() {
    let mut house = House::seated(3);
    let knocks = knocks(&house);
    assert_eq!(knocks.len(), 3);
    let before = position(&house);
    for asked in 0..3 {
        for knock in &knocks[1..] {
            asks(&mut house, asked, knock);
        }
    }
    assert_eq!(position(&house), before, "nobody has answered");
    // The second's leaf gets another key by its own commit; its knock is as old as before.
    house.open();
    house.move_to(1, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closed; 3]);
    let before = position(&house);
    for asked in [0, 2] {
        asks(&mut house, asked, &knocks[1]);
    }
    assert_eq!(position(&house), before, "nobody has answered");
    // Nor does it bring back somebody who has gone.
    let gone = house.leaf(2);
    house.command(2, Command::Leave);
    house.seats[0]
        .inbox
        .push_back(ServerMessage::PleaseRemove { leaf: gone });
    house.settle();
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    for asked in [0, 1] {
        asks(&mut house, asked, &knocks[2]);
    }
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    for seat in &house.seats[..2] {
        assert_eq!(seat.fatal, None);
        assert_eq!(seat.view.lamp, Lamp::Closed);
    }
}

#[test]
fn i2_a_knock_that_was_never_answered_puts_nobody_out() {
    let mut house = House::seated(2);
    // Who founds has knocked before, and was added by nobody: the others cannot know that it is old.
    let founders = knocks(&house).remove(0);
    house.doorkeeper = 1;
    let before = position(&house);
    asks(&mut house, 1, &founders);
    assert!(position(&house) > before, "the second has answered");
    assert_eq!(house.seats[0].fatal, None);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.seats[0].view.code, house.seats[1].view.code);
    assert_eq!(house.seats[0].view.members.len(), 2);
    // And by now it is spent.
    let before = position(&house);
    asks(&mut house, 1, &founders);
    assert_eq!(position(&house), before);
}

#[test]
fn a_device_that_comes_back_is_let_in_anew_also_when_another_commit_comes_first() {
    let mut house = House::convene(4);
    for delegation in 0..3 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    // The commit by which the first lets the second in again does not arrive …
    house.swallows = vec!["commit"];
    reload(&mut house, 1);
    assert_eq!(house.seats[1].member.leaf(), None);
    house.swallows.clear();
    // … and the third's, which lets in somebody else, is there before its next.
    let fourth = house.new_member(3);
    house.join_by(fourth, 2);
    assert_eq!(house.lamps(), [Lamp::Closed; 4]);
    assert_eq!(house.seats[1].view.members.len(), 4);
    assert_eq!(house.seats[0].view.code, house.seats[1].view.code);
}
