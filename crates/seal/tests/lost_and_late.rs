//! Connections that go at the worst moment, and words that come too late. Each of these once stopped a meeting of
//! honest people; the simulation found them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use house::House;
use incamera_meeting::{Entry, Role};
use incamera_protocol::ErrorCode;
use incamera_protocol::member::{MemberMessage, ServerMessage, WatchOf};
use incamera_protocol::view::{Command, Lamp, MotionKind};

fn here(house: &House, resumed: bool) -> ServerMessage {
    ServerMessage::Here {
        ticket: "t".to_owned(),
        resumed,
        waits: false,
        state: Box::new(house.meeting.public_state()),
    }
}

fn disconnect(house: &mut House, seat: usize) {
    let now = house.now_ms;
    house.seats[seat].inbox.clear();
    house.seats[seat].member.disconnected(now);
}

#[test]
fn whoever_comes_with_too_many_others_at_once_comes_again() {
    let mut house = House::seated(2);
    disconnect(&mut house, 1);
    let refused = ServerMessage::Refused {
        re: "hello".to_owned(),
        code: ErrorCode::TooMany,
        message: "This comes too often. Please wait a moment.".to_owned(),
    };
    house.seats[1].inbox.push_back(refused);
    house.settle();
    assert_eq!(house.seats[1].fatal, None);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn who_has_lost_the_group_comes_back_into_the_same_one_without_a_reload() {
    let mut house = House::seated(2);
    disconnect(&mut house, 1);
    // It was away for too long: the server does not let it resume, and it knocks.
    let answer = here(&house, false);
    house.seats[1].inbox.push_back(answer);
    house.settle();
    assert_eq!(house.seats[1].fatal, None);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.seats[0].view.code, house.seats[1].view.code);
}

#[test]
fn how_pictures_are_shown_is_said_again_on_a_new_line_and_troubles_nobody() {
    let mut house = House::seated(2);
    let slots = vec![WatchOf {
        mid: "7".to_owned(),
        height: 180,
        leaf: None,
    }];
    let watch = MemberMessage::Watch {
        slots: slots.clone(),
        first: None,
    };
    let said = |house: &House| house.wire.iter().filter(|message| **message == watch).count();
    disconnect(&mut house, 1);
    house.command(1, Command::Watch { slots, first: None });
    house.settle();
    let lost = said(&house);
    house.refuse(1, "watch", ErrorCode::NotAMember, "not in the group".to_owned());
    let answer = here(&house, true);
    house.seats[1].inbox.push_back(answer);
    house.settle();
    assert_eq!(said(&house), lost + 1);
    assert!(house.seats[1].notices.is_empty(), "{:?}", house.seats[1].notices);
}

#[test]
fn a_founding_that_was_lost_on_the_way_is_made_again() {
    let mut house = House::convene(2);
    house.swallows = vec!["founded", "statement"];
    let member = house.new_member(0);
    house.join(member);
    house.swallows.clear();
    disconnect(&mut house, 0);
    let answer = here(&house, false);
    house.seats[0].inbox.push_back(answer);
    house.settle();
    assert_eq!(house.seats[0].fatal, None);
    assert_eq!(house.lamps(), [Lamp::Closed]);
}

#[test]
fn a_commit_that_was_lost_with_its_connection_keeps_nobody_out_for_ever() {
    let mut house = House::seated(2);
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Open);
    house.consent(1);
    house.swallows.clear();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    disconnect(&mut house, 0);
    let answer = here(&house, true);
    house.seats[0].inbox.push_back(answer);
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
}

#[test]
fn a_late_word_that_a_commit_was_stale_does_not_undo_the_next_one() {
    let mut house = House::seated(2);
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Open);
    house.consent(1);
    // The server has taken this one in; the refusal that comes first is about an earlier one.
    let sent = house.wire.iter().rev().find_map(|message| match message {
        MemberMessage::Commit { position, commit, .. } => Some((*position, commit.clone())),
        _ => None,
    });
    house.refuse(0, "commit", ErrorCode::StaleEpoch, "stale".to_owned());
    house.settle();
    let (position, commit) = sent.unwrap();
    house.broadcast(&ServerMessage::Commit { position, commit });
    house.settle();
    assert!(
        house.lamps().iter().all(|lamp| *lamp != Lamp::Held),
        "{:?}",
        house.seats[0].notices
    );
    assert_eq!(house.seats[0].view.part, 2);
}

#[test]
fn i4_a_close_that_was_called_twice_into_a_dead_connection_is_called_again() {
    let mut house = House::seated(2);
    house.open();
    house.swallows = vec!["statement"];
    disconnect(&mut house, 0);
    for _ in 0..2 {
        house.seats[0]
            .member
            .command(
                &Command::Move {
                    kind: MotionKind::Close,
                    item: 1,
                },
                house.now_ms,
            )
            .unwrap();
    }
    house.settle();
    house.swallows.clear();
    let answer = here(&house, true);
    house.seats[0].inbox.push_back(answer);
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn who_takes_an_epoch_in_late_does_not_take_a_removal_in_it_for_a_crime() {
    let mut house = House::convene(4);
    for delegation in 0..3 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    // The third is gone without a word; the second hears of nothing for a while.
    let now = house.now_ms;
    house.seats[2].member.command(&Command::Leave, now).unwrap();
    while house.seats[2].member.poll().is_some() {}
    house.mutes = Some(1);
    house.withholds = |seat, _| seat == 1;
    house.wire.clear();
    let member = house.new_member(3);
    house.join(member);
    let leaf = incamera_protocol::Leaf(2);
    house.seats[0].inbox.push_back(ServerMessage::PleaseRemove { leaf });
    house.pass(8_000);
    assert_eq!(house.seats[0].view.members.len(), 3);
    // Both commits reach it in the same moment.
    let sent = house.wire.clone();
    for message in sent {
        if let MemberMessage::Commit { position, commit, .. } = message {
            house.seats[1]
                .inbox
                .push_back(ServerMessage::Commit { position, commit });
        }
    }
    house.mutes = None;
    house.withholds = |_, _| false;
    house.settle();
    house.pass(5_000);
    assert_eq!(
        house.lamps()[..2],
        [Lamp::Closed, Lamp::Closed],
        "{:?}",
        house.seats[1].notices
    );
    assert_eq!(house.seats[1].view.code, house.seats[0].view.code);
}

#[test]
fn a_welcome_for_a_key_package_from_before_a_reload_means_to_knock_again() {
    let mut house = House::seated(2);
    let joined = house.wire.iter().find_map(|message| match message {
        MemberMessage::Commit { welcome, .. } => welcome.clone(),
        _ => None,
    });
    // It knocks with a new key package, and the Welcome for the old one comes first.
    disconnect(&mut house, 1);
    house.swallows = vec!["knock"];
    let answer = here(&house, false);
    house.seats[1].inbox.push_back(answer);
    house.settle();
    house.swallows.clear();
    house.seats[1].inbox.push_back(ServerMessage::Joined {
        welcome: joined.unwrap(),
        warrant: None,
    });
    house.settle();
    assert_eq!(house.seats[1].fatal, None);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn a_knock_that_is_refused_waits_for_another_word_of_the_delegation() {
    let mut house = House::seated(2);
    let letter = house.mint(0, "Guest", Role::Adviser, Entry::WhenLetIn);
    let guest = house.new_guest(&letter, 50);
    let seat = house.join(guest);
    house.swallows = vec!["knock"];
    let id = house.seats[0].view.lobby[0].id.clone();
    house.command(0, Command::Admit { id: id.clone() });
    house.refuse(seat, "knock", ErrorCode::LetterInUse, "in use".to_owned());
    house.settle();
    house.swallows.clear();
    house.now_ms += 1_000;
    house.seats[seat].waits = true;
    house.command(0, Command::Admit { id });
    assert_eq!(house.seats[seat].view.lamp, Lamp::Closed);
}
