//! What opens and closes, and what is disclosed.

use super::*;

fn council() -> (SignedCharter, Vec<Person>) {
    let item = DraftItem {
        title: "Welcome".to_owned(),
        public: true,
        ground: String::new(),
    };
    let draft = Draft {
        title: "A council".to_owned(),
        delegations: vec!["Chair".to_owned(), "Members".to_owned()],
        agenda: vec![item.clone(), item],
        opening_chair: Some(0),
        closing_chair: Some(0),
        ..Draft::default()
    };
    let (charter, links) = draft.convene(START_MS, dice()).unwrap();
    let people = people_of(&charter, &links);
    (charter, people)
}

#[test]
fn a_chair_opens_and_closes_alone_where_the_charter_says_so() {
    let (charter, people) = council();
    let mut meeting = founded(&charter, &people[0]);
    admit(&mut meeting, &people[1]).unwrap();
    let opening = motion(&meeting, MotionKind::Open);
    assert_eq!(
        say(&mut meeting, people[1].say(Body::Motion(opening)), START_MS),
        Err(Refusal::Role)
    );
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: Vec::new(),
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    let closing = motion(&meeting, MotionKind::Close);
    assert_eq!(
        say(&mut meeting, people[1].say(Body::Motion(closing)), START_MS),
        Err(Refusal::Role)
    );
    assert_eq!(
        say(&mut meeting, people[0].say(Body::Motion(closing)), START_MS),
        Ok(())
    );
}

#[test]
fn nothing_is_disclosed_in_a_closed_part() {
    let (meeting, people) = seated(2);
    let group = meeting.group().unwrap();
    let kid = Kid::new(KidParts {
        founding: group.founding,
        epoch: group.epoch,
        slice: 0,
        leaf: Leaf(0),
        stream: Stream::Microphone,
        open: true,
    });
    let disclosure = incamera_protocol::public::Disclosure {
        kid: kid.unwrap(),
        enc_key: Bytes(vec![0; 16]),
        salt: Bytes(vec![0; 12]),
    };
    let refused = meeting.decide(
        START_MS,
        Command::Disclose(
            Leaf(0),
            vec![disclosure.clone()],
            people[0].disclose(&meeting, &[disclosure]),
        ),
    );
    assert_eq!(refused, Err(Refusal::Phase));
}

#[test]
fn i4_a_close_that_was_called_is_not_lost_with_its_epoch() {
    let (mut meeting, people) = seated(2);
    let opening = motion(&meeting, MotionKind::Open);
    let consent = Body::Consent(Consent { motion: opening.id() });
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: vec![people[1].say(consent)],
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    let renewal = facts(&meeting, 0);
    assert_eq!(commit(&mut meeting.clone(), renewal.clone(), START_MS), Ok(()));
    let closing = motion(&meeting, MotionKind::Close);
    say(&mut meeting, people[1].say(Body::Motion(closing)), START_MS).unwrap();
    assert!(matches!(
        commit(&mut meeting, renewal, START_MS),
        Err(Refusal::Commit(_))
    ));
}

#[test]
fn a_door_whose_chair_is_gone_is_shut_by_whoever_is_there() {
    let (charter, people) = council();
    let mut meeting = founded(&charter, &people[0]);
    admit(&mut meeting, &people[1]).unwrap();
    let opening = motion(&meeting, MotionKind::Open);
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: Vec::new(),
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    let alive = heartbeat(&meeting, &people[1], 0);
    say(&mut meeting, people[1].say(Body::Heartbeat(alive)), START_MS).unwrap();
    let close = |meeting: &mut Meeting| {
        let closing = motion(meeting, MotionKind::Close);
        say(meeting, people[1].say(Body::Motion(closing)), START_MS)
    };
    assert_eq!(close(&mut meeting), Err(Refusal::Role), "the chair is there");
    let place = meeting.group().unwrap().place(meeting.id());
    say(&mut meeting, people[0].say(Body::Goodbye(Goodbye { place })), START_MS).unwrap();
    let mut removal = facts(&meeting, 1);
    removal.removes.push(Leaf(0));
    commit(&mut meeting, removal, START_MS).unwrap();
    // To open and to adjourn stays the chair's alone.
    for kind in [MotionKind::Open, MotionKind::Adjourn] {
        let moved = motion(&meeting, kind);
        let refused = say(&mut meeting, people[1].say(Body::Motion(moved)), START_MS);
        assert_eq!(refused, Err(Refusal::Role), "{kind:?}");
    }
    assert_eq!(close(&mut meeting), Ok(()));
}

#[test]
fn a_key_that_is_disclosed_twice_is_disclosed_once() {
    let (mut meeting, people) = seated(2);
    let opening = motion(&meeting, MotionKind::Open);
    let consent = Body::Consent(Consent { motion: opening.id() });
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: vec![people[1].say(consent)],
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    let group = meeting.group().unwrap();
    let kid = Kid::new(KidParts {
        founding: group.founding,
        epoch: group.epoch,
        slice: 0,
        leaf: Leaf(0),
        stream: Stream::Microphone,
        open: true,
    });
    let key = incamera_protocol::public::Disclosure {
        kid: kid.unwrap(),
        enc_key: Bytes(vec![0; 16]),
        salt: Bytes(vec![0; 12]),
    };
    let keys = vec![key.clone(), key.clone()];
    let by = people[0].disclose(&meeting, &keys);
    let twice = Command::Disclose(Leaf(0), keys, by.clone());
    for event in meeting.decide(START_MS, twice).unwrap() {
        meeting.apply(&event);
    }
    assert_eq!(meeting.disclosed(), std::slice::from_ref(&key));
    let again = Command::Disclose(Leaf(0), vec![key.clone()], by);
    assert_eq!(meeting.decide(START_MS, again), Ok(Vec::new()));
}

#[test]
fn a_key_that_its_sender_has_not_signed_is_not_disclosed() {
    let (mut meeting, people) = seated(2);
    let opening = motion(&meeting, MotionKind::Open);
    let consent = Body::Consent(Consent { motion: opening.id() });
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: vec![people[1].say(consent)],
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    let group = meeting.group().unwrap();
    let kid = Kid::new(KidParts {
        founding: group.founding,
        epoch: group.epoch,
        slice: 0,
        leaf: Leaf(0),
        stream: Stream::Microphone,
        open: true,
    });
    let key = incamera_protocol::public::Disclosure {
        kid: kid.unwrap(),
        enc_key: Bytes(vec![0; 16]),
        salt: Bytes(vec![0; 12]),
    };
    let other = incamera_protocol::public::Disclosure {
        enc_key: Bytes(vec![1; 16]),
        ..key.clone()
    };
    let good = people[0].disclose(&meeting, std::slice::from_ref(&key));
    let try_to = |key: &incamera_protocol::public::Disclosure, by: Discloser| {
        let command = Command::Disclose(Leaf(0), vec![key.clone()], by);
        meeting.decide(START_MS, command).map(|events| events.len())
    };
    assert_eq!(try_to(&key, good.clone()), Ok(1));
    assert_eq!(try_to(&other, good.clone()), Err(Refusal::Disclosure));
    let by_another = people[1].disclose(&meeting, std::slice::from_ref(&key));
    assert_eq!(try_to(&key, by_another), Err(Refusal::Disclosure));
    let mut bent = good;
    bent.signature.0[5] ^= 1;
    assert_eq!(try_to(&key, bent), Err(Refusal::Disclosure));
}

/// What somebody who comes later is shown of the group: everybody's leaf and chain.
fn roster_of<'a>(meeting: &Meeting, people: impl IntoIterator<Item = &'a Person>) -> Vec<(Leaf, Added)> {
    people
        .into_iter()
        .filter_map(|person| Some((Leaf(leaf_of(meeting, person)?), person.added())))
        .collect()
}

#[test]
fn a_joiner_is_not_shown_an_opening_by_somebody_who_may_not() {
    let (charter, people) = world(2);
    let adviser = minted(&charter, &people[0], 0, Role::Adviser, Entry::AtOnce);
    let mut meeting = founded(&charter, &people[0]);
    admit(&mut meeting, &people[1]).unwrap();
    admit(&mut meeting, &adviser).unwrap();
    let opening = motion(&meeting, MotionKind::Open);
    let consent = Body::Consent(Consent { motion: opening.id() });
    let enter = |mover: &Person, consenter: &Person| {
        let warrant = Evidence {
            motion: mover.say(Body::Motion(opening)),
            consents: vec![consenter.say(consent.clone())],
            fins: Vec::new(),
        };
        let context = meeting.group().unwrap().context.after(&opening, &warrant).unwrap();
        let present = people.iter().chain([&adviser]);
        let roster = roster_of(&meeting, present);
        let mut joiner = Meeting::convene(charter.clone(), START_MS);
        joiner.enter(5, context, &roster, Some(warrant), START_MS)
    };
    assert_eq!(enter(&people[0], &people[1]), Ok(()));
    assert_eq!(enter(&adviser, &people[1]), Err(Refusal::Role));
    assert_eq!(enter(&people[1], &adviser), Err(Refusal::Role));
}

#[test]
fn who_was_in_a_later_epoch_is_not_led_into_an_earlier_one() {
    let (meeting, people) = seated(2);
    let group = meeting.group().unwrap();
    let roster = roster_of(&meeting, &people);
    let mut member = meeting.clone().following();
    member.leave_group();
    for (founding, epoch) in [(group.founding, group.epoch), (group.founding, 0)] {
        let context = MeetingContext::founding(meeting.id().0, founding, [5; 16], 1, 0);
        let refused = member.enter(epoch, context, &roster, None, START_MS);
        assert!(matches!(refused, Err(Refusal::Commit(_))), "{refused:?}");
    }
    let next = MeetingContext::founding(meeting.id().0, group.founding + 1, [6; 16], 2, 0);
    assert_eq!(member.enter(0, next, &roster, None, START_MS), Ok(()));
}
