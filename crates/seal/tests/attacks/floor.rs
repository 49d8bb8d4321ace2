//! Who speaks and who asks to, with members who take what is not theirs, and a server that forges, repeats and keeps back.

use incamera_meeting::{Hand, Saying, Standing, TableMessage, Turn, Wish, WishFor};
use incamera_protocol::view::{FloorOf, HandOf};

use super::*;

fn raise(house: &mut House, seat: usize, hand: HandOf) {
    house.command(seat, Command::Raise { hand });
}

fn give(house: &mut House, seat: usize, to: usize, seconds: u16) {
    let to = Some(house.leaf(to));
    house.command(seat, Command::Give { to, seconds });
}

fn floor(house: &House, seat: usize) -> &FloorOf {
    &house.seats[seat].view.floor
}

fn queue(house: &House, seat: usize) -> Vec<Leaf> {
    floor(house, seat).queue.iter().map(|asking| asking.leaf).collect()
}

fn speaker(house: &House, seat: usize) -> Option<Leaf> {
    floor(house, seat).speaker.map(|speaker| speaker.leaf)
}

/// Everybody sees this queue and this speaker.
fn all_see(house: &House, asking: &[usize], speaking: Option<usize>) {
    let asking: Vec<Leaf> = asking.iter().map(|seat| house.leaf(*seat)).collect();
    for seat in 0..house.seats.len() {
        assert_eq!(queue(house, seat), asking, "seat {seat}");
        assert_eq!(
            speaker(house, seat),
            speaking.map(|seat| house.leaf(seat)),
            "seat {seat}"
        );
    }
}

fn with_adviser(delegations: usize) -> (House, usize) {
    let mut house = House::seated(delegations);
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let adviser = house.join(house.new_guest(&link, 70));
    (house, adviser)
}

fn said(number: u32, body: Saying) -> Vec<u8> {
    let id = [u8::try_from(number).unwrap(); 16];
    TableMessage { number, id, body }.encode()
}

fn refused(house: &mut House, seat: usize, command: &Command) -> bool {
    let now = house.now_ms;
    let refused = house.seats[seat].member.command(command, now).is_err();
    house.settle();
    refused
}

#[test]
fn hands_are_seen_by_all_and_the_floor_goes_from_one_to_the_next() {
    let (mut house, adviser) = with_adviser(3);
    raise(&mut house, adviser, HandOf::Up);
    house.pass(1_000);
    raise(&mut house, 2, HandOf::Up);
    all_see(&house, &[2, adviser], None);
    raise(&mut house, adviser, HandOf::PointOfOrder);
    all_see(&house, &[adviser, 2], None);
    give(&mut house, 1, adviser, 120);
    all_see(&house, &[2], Some(adviser));
    let clock = floor(&house, 0).speaker.unwrap();
    assert_eq!((clock.seconds, clock.began_at_ms), (120, house.now_ms));
    house.move_to(0, MotionKind::Open);
    house.consent(1);
    house.consent(2);
    assert!(house.seats.iter().any(|seat| seat.view.lamp == Lamp::Open));
    all_see(&house, &[2], Some(adviser));
    house.command(adviser, Command::Yield);
    // Whoever had the floor asks no longer.
    all_see(&house, &[2], None);
    give(&mut house, 0, 2, 0);
    house.command(0, Command::Give { to: None, seconds: 0 });
    all_see(&house, &[], None);
    raise(&mut house, 2, HandOf::Up);
    raise(&mut house, 2, HandOf::Down);
    all_see(&house, &[], None);
}

#[test]
fn whoever_comes_later_sees_the_queue_and_the_speaker() {
    let mut house = House::seated(3);
    raise(&mut house, 2, HandOf::Up);
    house.pass(5_000);
    raise(&mut house, 1, HandOf::Up);
    give(&mut house, 0, 0, 300);
    house.pass(60_000);
    let began = floor(&house, 1).speaker.unwrap().began_at_ms;
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let adviser = house.join(house.new_guest(&link, 70));
    all_see(&house, &[2, 1], Some(0));
    assert_eq!(floor(&house, adviser).speaker.unwrap().began_at_ms, began);
    // And may go on from there.
    give(&mut house, 0, adviser, 60);
    all_see(&house, &[2, 1], Some(adviser));
}

#[test]
fn i1_the_floor_crosses_the_wire_sealed_and_as_long_as_a_short_text() {
    let mut house = House::seated(2);
    house.command(0, Command::Write { text: "a".to_owned() });
    raise(&mut house, 0, HandOf::PointOfOrder);
    give(&mut house, 0, 1, 60);
    let whom = house.leaf(1);
    house.command(0, Command::Ask { whom, mute: true });
    let lengths: Vec<usize> = house.sealed.iter().map(|(_, message)| message.0.len()).collect();
    // The text, a hand, the floor, a wish: the server cannot tell them apart.
    assert_eq!(lengths, [lengths[0]; 4]);
    let letter = house.letter_of(1).0;
    let last: Vec<_> = house.wire.iter().rev().take(12).collect();
    let tells = |message: &&MemberMessage| {
        let MemberMessage::Sealed { message, .. } = message else {
            return false;
        };
        message.0.windows(letter.len()).any(|window| window == letter)
    };
    assert!(!last.iter().any(tells));
}

#[test]
fn an_adviser_gives_no_floor_and_asks_nobody_to_be_silent() {
    let (mut house, adviser) = with_adviser(2);
    assert!(!floor(&house, adviser).give && !floor(&house, adviser).ask);
    assert!(floor(&house, 1).give && floor(&house, 1).ask);
    let whom = house.leaf(0);
    assert!(refused(
        &mut house,
        adviser,
        &Command::Give {
            to: Some(whom),
            seconds: 0
        }
    ));
    assert!(refused(&mut house, adviser, &Command::Ask { whom, mute: true }));
    assert!(refused(&mut house, adviser, &Command::Yield));
}

#[test]
fn an_adviser_who_has_changed_the_program_gives_no_floor_either() {
    for (role, given) in [(Role::Adviser, false), (Role::Principal, true)] {
        let mut house = House::seated(2);
        let link = house.mint(0, "A rogue", role, Entry::AtOnce);
        let mut rogue = Rogue::enter_by(&mut house, &link);
        let letter = rogue.identity.letter_id();
        let turn = Turn {
            number: 1,
            given_at_ms: house.now_ms,
            speaker: Some(letter),
            seconds: 0,
        };
        let wish = Wish {
            whom: house.letter_of(1),
            what: WishFor::Silence,
        };
        rogue.utter(&mut house, &said(0, Saying::Turn(turn)));
        rogue.utter(&mut house, &said(1, Saying::Wish(wish)));
        for seat in 0..2 {
            assert_eq!(floor(&house, seat).speaker.is_some(), given, "{role:?}");
        }
        assert_eq!(house.seats[1].wishes.len(), usize::from(given));
        let text = "Go on.".to_owned();
        house.command(1, Command::Write { text });
        assert_eq!(house.seats[0].chat.last().unwrap().text, "Go on.");
    }
}

#[test]
fn a_wish_is_told_to_the_one_it_is_for_and_moves_nothing() {
    let mut house = House::seated(3);
    let before = house.seats[1].view.clone();
    let whom = house.leaf(1);
    house.command(0, Command::Ask { whom, mute: true });
    let wishes: Vec<(&str, bool)> = house.seats[1]
        .wishes
        .iter()
        .map(|it| (it.name.as_str(), it.mute))
        .collect();
    assert_eq!(wishes, [("Principal 0", true)]);
    assert!(house.seats[0].wishes.is_empty() && house.seats[2].wishes.is_empty());
    assert_eq!(house.seats[1].view, before);
    assert!(house.seats[1].member.seal(Stream::Microphone, FRAME).is_some());
}

#[test]
fn i3_the_floor_opens_nothing_and_gives_nobody_a_right() {
    let (mut house, adviser) = with_adviser(2);
    let may = house.seats[adviser].view.may;
    give(&mut house, 0, adviser, 60);
    assert_eq!(house.seats[adviser].view.may, may);
    assert!(refused(
        &mut house,
        adviser,
        &Command::Move {
            kind: MotionKind::Open,
            item: 0
        }
    ));
    assert_eq!(house.lamps(), [Lamp::Closed; 3]);
}

#[test]
fn a_hand_that_the_server_passes_on_again_does_not_go_up_again() {
    let mut house = House::seated(2);
    raise(&mut house, 0, HandOf::Up);
    let (position, message) = house.sealed.last().unwrap().clone();
    raise(&mut house, 0, HandOf::Down);
    all_see(&house, &[], None);
    for seat in 0..2 {
        for _ in 0..3 {
            let message = message.clone();
            house.seats[seat]
                .inbox
                .push_back(ServerMessage::Sealed { position, message });
            house.settle();
        }
    }
    all_see(&house, &[], None);
}

#[test]
fn whoever_is_kept_from_a_turn_agrees_again_with_the_next() {
    let mut house = House::seated(3);
    house.withholds = |seat, message| seat == 2 && matches!(message, ServerMessage::Sealed { .. });
    give(&mut house, 0, 1, 60);
    house.withholds = |_, _| false;
    assert_eq!(speaker(&house, 2), None);
    give(&mut house, 0, 0, 60);
    all_see(&house, &[], Some(0));
    // And when somebody comes, the floor is told to all who have missed it.
    house.withholds = |seat, message| seat == 2 && matches!(message, ServerMessage::Sealed { .. });
    give(&mut house, 0, 1, 60);
    house.withholds = |_, _| false;
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    house.join(house.new_guest(&link, 70));
    all_see(&house, &[], Some(1));
}

#[test]
fn hands_that_go_up_and_down_without_a_line_are_said_once() {
    let mut house = House::seated(2);
    house.swallows = vec!["sealed"];
    // The first is on its way, and the house has lost it.
    raise(&mut house, 0, HandOf::Up);
    house.swallows.clear();
    for _ in 0..3 * limits::CHAT_WAITING_MAX {
        raise(&mut house, 0, HandOf::Down);
        raise(&mut house, 0, HandOf::PointOfOrder);
    }
    house.open();
    assert!(house.sealed.len() <= 2, "{}", house.sealed.len());
    all_see(&house, &[0], None);
    assert_eq!(floor(&house, 1).queue[0].hand, HandOf::PointOfOrder);
}

#[test]
fn a_standing_of_an_absurd_date_or_number_harms_nobody() {
    let mut house = House::seated(2);
    raise(&mut house, 0, HandOf::Up);
    let link = house.mint(1, "A rogue", Role::Principal, Entry::AtOnce);
    let mut rogue = Rogue::enter_by(&mut house, &link);
    let leaf = Leaf(rogue.group.own_leaf_index().u32());
    for (number, standing_number, raised_at_ms) in [(0, 7, 0), (1, u32::MAX, u64::MAX)] {
        let standing = Standing {
            number: standing_number,
            hand: Hand::Up,
            raised_at_ms,
            returned: u32::MAX,
        };
        rogue.utter(&mut house, &said(number, Saying::Standing(standing)));
    }
    for seat in 0..2 {
        assert_eq!(queue(&house, seat), [house.leaf(0), leaf]);
    }
    give(&mut house, 1, 0, 60);
    assert_eq!(speaker(&house, 1), Some(house.leaf(0)));
    assert_eq!(house.lamps(), [Lamp::Closed; 2]);
}

#[test]
fn what_a_later_version_says_is_passed_over_and_not_missed() {
    let mut house = House::seated(2);
    let link = house.mint(0, "A newer client", Role::Principal, Entry::AtOnce);
    let mut newer = Rogue::enter_by(&mut house, &link);
    let wish = Wish {
        whom: house.letter_of(1),
        what: WishFor::Sound,
    };
    let mut later = said(0, Saying::Wish(wish));
    later[20] = 200;
    newer.utter(&mut house, &later);
    newer.utter(&mut house, &said(1, Saying::typed("Next.", None).unwrap()));
    let got: Vec<(&str, u32)> = house.seats[1]
        .chat
        .iter()
        .map(|it| (it.text.as_str(), it.missing))
        .collect();
    assert_eq!(got, [("Next.", 0)]);
    assert!(house.seats[1].wishes.is_empty());
}
