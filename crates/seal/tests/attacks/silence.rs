//! A server that keeps things from people, shows them different things, or shows them old ones.

use super::*;

fn says(message: &ServerMessage) -> Option<Statement> {
    match message {
        ServerMessage::Statement { statement, .. } => Statement::read(&statement.0).ok(),
        _ => None,
    }
}

fn is_heartbeat(message: &ServerMessage) -> bool {
    says(message).is_some_and(|statement| matches!(statement.body, Body::Heartbeat(_)))
}

#[test]
fn i4_who_is_kept_from_a_close_is_not_heard_for_longer_than_the_silence_lasts() {
    let mut house = House::seated(3);
    house.open();
    // The enemy wants the third to go on talking in public: nothing of the close comes through to it.
    house.withholds = |seat, message| seat == 2 && says(message).is_some();
    house.mutes = Some(2);
    house.move_to(0, MotionKind::Close);
    assert!(house.seats[2].member.seal(Stream::Microphone, b"in public").is_some());
    house.pass(10_001);
    assert_eq!(house.seats[2].view.lamp, Lamp::Held);
    assert!(
        house.seats[2]
            .view
            .reason
            .as_ref()
            .unwrap()
            .contains("Nothing has come from the others")
    );
    assert_eq!(house.seats[2].member.seal(Stream::Microphone, b"in public"), None);
    // The others are behind closed doors, without it.
    assert_eq!(house.lamps()[..2], [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i4_a_heartbeat_that_knows_of_more_gives_away_a_server_that_keeps_a_close_back() {
    let mut house = House::seated(3);
    house.open();
    // The heartbeats of the others come through, the close does not.
    house.withholds = |seat, message| seat == 2 && says(message).is_some() && !is_heartbeat(message);
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Close);
    assert!(house.seats[2].member.seal(Stream::Microphone, b"in public").is_some());
    house.pass(4_001);
    assert_eq!(house.seats[2].view.lamp, Lamp::Held);
    assert!(house.seats[2].view.reason.as_ref().unwrap().contains("another course"));
    assert_eq!(house.seats[2].member.seal(Stream::Microphone, b"in public"), None);
}

#[test]
fn an_old_heartbeat_is_no_sign_of_life() {
    let mut house = House::seated(2);
    let old = house.wire.iter().rev().find_map(|message| match message {
        MemberMessage::Statement { statement } => {
            let read = Statement::read(&statement.0).unwrap();
            (matches!(read.body, Body::Heartbeat(_)) && read.signer == house.letter_of(0)).then(|| statement.clone())
        }
        _ => None,
    });
    let old = old.unwrap();
    house.withholds = |seat, message| seat == 1 && says(message).is_some();
    for _ in 0..11 {
        house.pass(1_000);
        let (number, statement) = (None, old.clone());
        house.seats[1]
            .inbox
            .push_back(ServerMessage::Statement { number, statement });
        house.settle();
    }
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Held]);
    // When the others are heard again, it goes on.
    house.withholds = |_, _| false;
    house.pass(5_000);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i4_the_lamp_does_not_say_closed_to_somebody_whom_nobody_hears() {
    let mut house = House::seated(2);
    let now = house.now_ms;
    house.seats[1].member.disconnected(now);
    house.withholds = |seat, _| seat == 1;
    house.pass(10_001);
    assert!(!house.seats[1].view.sending);
    assert_eq!(house.seats[1].view.lamp, Lamp::Held);
    assert!(
        house.seats[1]
            .view
            .reason
            .as_ref()
            .unwrap()
            .contains("server cannot be reached")
    );
}

#[test]
fn members_who_are_shown_different_commits_find_out_in_the_same_epoch() {
    let mut house = House::seated(3);
    house.command(2, Command::Leave);
    let gone = Leaf(2);
    house.swallows = vec!["commit", "statement"];
    house.wire.clear();
    for seat in 0..2 {
        let ask = ServerMessage::PleaseRemove { leaf: gone };
        house.seats[seat].inbox.push_back(ask);
    }
    house.settle();
    // Each is told that its own commit was the first.
    let position = house.meeting.group().unwrap().position();
    let commits: Vec<_> = house
        .wire
        .iter()
        .filter_map(|message| match message {
            MemberMessage::Commit { commit, .. } => Some(commit.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(commits.len(), 2);
    house.wire.clear();
    for (seat, commit) in commits.into_iter().enumerate() {
        house.seats[seat]
            .inbox
            .push_back(ServerMessage::Commit { position, commit });
    }
    house.settle();
    assert_eq!(house.seats[0].view.members.len(), 2);
    // The first heartbeat of the one shows the other that it is elsewhere.
    let beats: Vec<_> = house
        .wire
        .iter()
        .filter_map(|message| match message {
            MemberMessage::Statement { statement } => Some(statement.clone()),
            _ => None,
        })
        .collect();
    for statement in beats {
        let number = None;
        house.broadcast(&ServerMessage::Statement { number, statement });
    }
    house.settle();
    assert_eq!(house.lamps()[..2], [Lamp::Held, Lamp::Held]);
    assert_ne!(house.seats[0].view.code, house.seats[1].view.code);
    for seat in 0..2 {
        assert!(
            house.seats[seat]
                .view
                .reason
                .as_ref()
                .unwrap()
                .contains("another group")
        );
        assert_eq!(house.seats[seat].member.seal(Stream::Microphone, b"x"), None);
    }
}

#[test]
fn commits_that_come_twice_or_in_the_wrong_order_do_no_harm() {
    let mut house = House::seated(2);
    let position = house.meeting.group().unwrap().position();
    house.open();
    let commit = house.wire.iter().rev().find_map(|message| match message {
        MemberMessage::Commit { commit, .. } => Some(commit.clone()),
        _ => None,
    });
    let commit = commit.unwrap();
    // Twice: passed over.
    house.broadcast(&ServerMessage::Commit {
        position,
        commit: commit.clone(),
    });
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
    // One that is not due yet: whoever gets it connects again and gets all of them in order.
    let ahead = incamera_protocol::member::Position {
        epoch: position.epoch + 5,
        ..position
    };
    let message = ServerMessage::Commit {
        position: ahead,
        commit,
    };
    house.seats[1].inbox.push_back(message);
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
}

#[test]
fn i4_a_closer_who_reloads_between_intent_and_commit_leaves_a_meeting_that_closes() {
    let mut house = House::seated(3);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Close);
    let saved = house.seats[0].member.saved();
    let charter = house.charter.encode();
    let id = house.meeting.id();
    // The tab is loaded again: all that it held is gone, but for its seeds.
    house.seats[0].inbox.clear();
    house.withholds = |seat, _| seat == 0;
    house.mutes = Some(0);
    house.swallows.clear();
    let again = Member::new(
        id,
        &charter,
        &house.fragments[0],
        "",
        Some(&saved),
        house.now_ms,
        dice(90),
    )
    .unwrap();
    let again = house.join(again);
    for _ in 0..8 {
        for seat in [1, 2, again] {
            let lamp = house.seats[seat].view.lamp;
            if lamp != Lamp::Closed {
                assert_eq!(
                    house.seats[seat].member.seal(Stream::Microphone, b"off?"),
                    None,
                    "{lamp:?}"
                );
            }
        }
        house.pass(1_000);
    }
    assert_eq!(house.lamps()[1..3], [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i3_an_opening_whose_consents_have_lapsed_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    let (motion, evidence) = rogue.gather_consents(&mut house);
    // All have consented; the rogue keeps it for later.
    house.pass(71_000);
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(server_refuses(&house, &commit), Refusal::Motion("it has lapsed"));
    all_refuse(&mut house, commit);
}

#[test]
fn i3_a_phase_without_its_motion_is_refused_by_server_and_members() {
    for phase in [Phase::Open, Phase::Adjourned] {
        let (mut house, mut rogue) = betrayed();
        let mut context = rogue.context();
        context.phase = phase;
        context.part += 1;
        let commit = rogue.turn_to(&context, Vec::new());
        assert_eq!(server_refuses(&house, &commit), Refusal::Malformed);
        all_refuse(&mut house, commit);
    }
}

#[test]
fn i3_a_motion_without_its_phase_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    // All have consented, and the commit turns to another part than the one that was moved.
    let (motion, evidence) = rogue.gather_consents(&mut house);
    let mut context = rogue.context().after(&motion, &evidence).unwrap();
    context.part += 1;
    let commit = rogue.turn_to(&context, evidence.encode());
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Commit("the new phase is not the one that was moved")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i4_heartbeats_that_are_saved_up_buy_no_time() {
    let mut house = House::seated(2);
    house.open();
    let mine = house.letter_of(1);
    // From the beginning the enemy hands out half of what comes, so as to have a store when it wants to keep a close
    // from the second: each heartbeat is newer than the last, and none is false.
    house.withholds = |seat, message| seat == 1 && is_heartbeat(message);
    let (mut store, mut seen, mut newest) = (VecDeque::new(), house.wire.len(), house.now_ms);
    let mut held = 0;
    for second in 0..60 {
        house.pass(1_000);
        for message in house.wire[seen..].iter().cloned() {
            let MemberMessage::Statement { statement } = message else {
                continue;
            };
            let read = Statement::read(&statement.0).unwrap();
            let is_heartbeat = matches!(read.body, Body::Heartbeat(_));
            if is_heartbeat && read.signer != mine {
                store.push_back((house.now_ms, statement));
            }
        }
        seen = house.wire.len();
        if second % 8 == 7 {
            let (given_ms, statement) = store.pop_front().unwrap();
            newest = given_ms;
            let number = None;
            let message = ServerMessage::Statement { number, statement };
            house.seats[1].inbox.push_back(message);
            house.settle();
        }
        let sealed = house.seats[1].member.seal(Stream::Microphone, b"in public");
        // A second for the way: the first one came at once.
        if house.now_ms - newest > 11_000 {
            held += 1;
            assert_eq!(sealed, None, "{second} s");
            assert_eq!(house.seats[1].view.lamp, Lamp::Held);
        } else if house.now_ms - newest < 10_000 {
            assert!(sealed.is_some(), "{second} s");
        }
    }
    assert!(held > 20 && store.len() > 5, "the attack was one");
}

#[test]
fn an_alarm_says_whose_word_raised_it_and_is_not_raised_again_and_again() {
    let (mut house, rogue) = betrayed();
    let lie = rogue.statement(Body::Heartbeat(Heartbeat {
        authenticator: [0; 32],
        beat: 1,
        ..rogue.heartbeat(&house)
    }));
    house.state(&lie).unwrap();
    house.settle();
    let reason = house.seats[0].view.reason.clone().unwrap();
    assert!(reason.contains("Rogue (Delegation 2)"), "{reason}");
    // What comes later does not make it come back for more of the same.
    let hellos = |house: &House| {
        let is_hello = |message: &&MemberMessage| matches!(message, MemberMessage::Hello { .. });
        house.wire.iter().filter(is_hello).count()
    };
    let before = hellos(&house);
    let mut position = house.meeting.group().unwrap().position();
    position.epoch += 3;
    let commit = Bytes(vec![1]);
    house.broadcast(&ServerMessage::Commit { position, commit });
    house.settle();
    assert_eq!(hellos(&house), before);
    assert_eq!(house.lamps(), [Lamp::Held, Lamp::Held]);
}
