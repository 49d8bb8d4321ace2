//! A door that is called shut is shut (I4).

use super::*;

#[test]
fn i4_a_frame_of_the_ended_part_is_refused_after_the_close() {
    let mut house = House::seated(2);
    house.open();
    let early = house.seats[0]
        .member
        .seal(Stream::Microphone, b"before the end")
        .unwrap();
    let early_too = house.seats[0]
        .member
        .seal(Stream::Microphone, b"just before the end")
        .unwrap();
    let kid = Kid::from_number(u64::from_be_bytes(
        [[0].as_slice(), &early[1..8]].concat().try_into().unwrap(),
    ));
    house.move_to(0, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    // Late, and within what its sender signed: taken, for two seconds.
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &early).unwrap().frame,
        b"before the end"
    );
    // Beyond it: somebody who got hold of the sender's key, authentication key and all, makes one frame more.
    let mut beyond = early_too.clone();
    assert!(kid.unwrap().parts().open);
    assert_eq!(
        beyond[0] & 0x07,
        1,
        "the counter of the second frame, in the config byte"
    );
    beyond[0] = (beyond[0] & 0xf8) | 2;
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &beyond),
        Err(Refused::AfterFin)
    );
    house.pass(2_001);
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &early_too),
        Err(Refused::UnknownKey)
    );
}

#[test]
fn i4_the_closers_frames_stop_before_the_network_answers() {
    let mut house = House::seated(2);
    house.open();
    house.swallows = vec!["statement", "commit"];
    house.move_to(0, MotionKind::Close);
    assert_eq!(house.seats[0].view.lamp, Lamp::Closing);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"are we off?"), None);
    house.pass(3_200);
    assert!(house.seats[0].view.reason.as_ref().unwrap().contains("Nobody is heard"));
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"are we off?"), None);
}

#[test]
fn i4_all_hold_when_a_close_is_called_and_the_commit_is_withheld() {
    let mut house = House::seated(3);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(1, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closing; 3]);
    for seat in &mut house.seats {
        assert_eq!(seat.member.seal(Stream::Camera, FRAME), None);
    }
}

#[test]
fn i4_a_closer_who_vanishes_after_the_intent_leaves_a_meeting_that_closes() {
    let mut house = House::seated(3);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Close);
    house.swallows.clear();
    // Gone: says nothing any more.
    let vanished = house.leaf(0);
    house.seats[0].inbox = VecDeque::new();
    house.seats.remove(0);
    house.pass(3_600);
    house.pass(2_100);
    house.pass(4_000);
    assert_eq!(
        house.lamps(),
        [Lamp::Closed, Lamp::Closed],
        "{:?}",
        house.seats[0].notices
    );
    assert!(
        !house.meeting.group().unwrap().roster.contains_key(&vanished),
        "no fin: removed in the same commit"
    );
}

#[test]
fn i4_when_the_closer_and_the_next_in_line_have_both_gone_the_meeting_still_closes() {
    let mut house = House::seated(3);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Close);
    house.swallows.clear();
    // Both have said where their frames end, and are gone.
    house.seats.drain(..2);
    assert_eq!(house.lamps(), [Lamp::Closing]);
    for _ in 0..12 {
        house.pass(4_000);
    }
    assert_eq!(house.lamps(), [Lamp::Closed], "{:?}", house.seats[0].notices);
}

#[test]
fn i4_a_change_of_members_that_comes_before_a_close_does_not_lose_it() {
    let mut house = House::seated(3);
    house.open();
    // The third has left. Its removal by the first is on its way while the second calls the close: the close is for an
    // epoch that has ended.
    let now = house.now_ms;
    let gone = house.leaf(2);
    house.command(2, Command::Leave);
    house.seats[0]
        .member
        .receive(ServerMessage::PleaseRemove { leaf: gone }, now);
    house.seats[1]
        .member
        .command(
            &Command::Move {
                kind: MotionKind::Close,
                item: 1,
            },
            now,
        )
        .unwrap();
    assert_eq!(house.seats[1].member.seal(Stream::Microphone, b"off?"), None);
    house.settle();
    assert_eq!(house.lamps()[..2], [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
}

#[test]
fn i4_nothing_but_the_close_may_end_the_epoch_in_which_a_close_was_called() {
    let mut house = House::convene(3);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    house.open();
    let newcomer = Identity::new(&house.charter, &house.fragments[2], "Third", house.now_ms, dice(83)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let package = Bytes(key_package(&provider, &newcomer));
    // The enemy's server keeps the fins back and asks for an addition, so that the close would lapse with the epoch.
    house.swallows = vec!["commit"];
    house.move_to(1, MotionKind::Close);
    house.swallows = vec![];
    house.seats[0]
        .inbox
        .push_back(ServerMessage::Knock { key_package: package });
    house.settle();
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2, "nobody was added");
    assert_eq!(house.lamps(), [Lamp::Closing, Lamp::Closing]);
    for seat in &mut house.seats {
        assert_eq!(seat.member.seal(Stream::Microphone, b"off?"), None);
    }
}

#[test]
fn i4_a_close_that_was_called_while_the_server_was_away_is_called_again() {
    let mut house = House::seated(2);
    house.open();
    let now = house.now_ms;
    house.swallows = vec!["statement"];
    house.move_to(0, MotionKind::Close);
    house.swallows.clear();
    house.seats[0].member.disconnected(now);
    let challenge = house.challenge();
    house.seats[0].inbox.push_back(challenge);
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i4_a_wrong_clock_does_not_keep_a_door_open() {
    let mut house = House::seated(2);
    house.open();
    let late = house.now_ms + 3_600_000;
    house.seats[0]
        .member
        .command(
            &Command::Move {
                kind: MotionKind::Close,
                item: 1,
            },
            late,
        )
        .unwrap();
    house.settle();
    // The closer's heartbeats look an hour old from now on, so the other may hold; nobody is in public.
    assert_eq!(house.seats[0].view.lamp, Lamp::Closed);
    assert!(!house.lamps().contains(&Lamp::Open));
    assert_eq!(house.meeting.group().unwrap().context.phase, Phase::Closed);
}

#[test]
fn i4_two_who_close_at_once_close_once() {
    let mut house = House::seated(2);
    house.open();
    let now = house.now_ms;
    for seat in 0..2 {
        house.seats[seat]
            .member
            .command(
                &Command::Move {
                    kind: MotionKind::Close,
                    item: 1,
                },
                now,
            )
            .unwrap();
    }
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.meeting.public_state().parts.len(), 3);
}

#[test]
fn i4_the_lamp_says_closed_only_when_everybody_has_confirmed_it() {
    let mut house = House::seated(3);
    house.open();
    house.mutes = Some(2);
    house.move_to(0, MotionKind::Close);
    // The third gave its fin and hears nothing since: it cannot confirm.
    assert_eq!(house.lamps()[..2], [Lamp::Closing, Lamp::Closing]);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"is it shut?"), None);
    // Who does not confirm in time is removed, and then it is shut.
    house.pass(3_200);
    assert_eq!(house.lamps()[..2], [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    assert!(house.seats[0].member.seal(Stream::Microphone, b"it is").is_some());
}

#[test]
fn i4_a_fin_that_waits_on_a_slow_device_has_not_come_late() {
    let mut house = House::seated(3);
    house.open();
    // The closer's device hears its own motion, and then nothing for as long as fins may take: the others' wait there.
    house.deaf = Some(0);
    house.move_to(0, MotionKind::Close);
    house.deaf = None;
    let waiting = house.seats[0].inbox.split_off(1);
    house.settle();
    assert_eq!(waiting.len(), 2, "two fins");
    house.now_ms += limits::FIN_WAIT_MS + 500;
    house.seats[0].inbox.extend(waiting);
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed; 3]);
    assert_eq!(house.meeting.group().unwrap().roster.len(), 3, "nobody was removed");
}
