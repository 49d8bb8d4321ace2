//! What opens, and what does not (I3).

use super::*;

#[test]
fn i3_a_commit_that_opens_without_all_consents_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    let motion = rogue.motion(&house, MotionKind::Open);
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(motion)),
        consents: Vec::new(),
        fins: Vec::new(),
    };
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(server_refuses(&house, &commit), Refusal::ConsentMissing);
    all_refuse(&mut house, commit);
}

#[test]
fn i3_one_delegation_that_withholds_its_consent_is_enough_to_keep_the_door_shut() {
    let (mut house, mut rogue) = betrayed();
    // The rogue moves, and one of the two others really consents.
    let motion = rogue.motion(&house, MotionKind::Open);
    let moved = rogue.statement(Body::Motion(motion));
    house.state(&moved).unwrap();
    house.settle();
    house.consent(1);
    let consents = house
        .meeting
        .running(house.now_ms)
        .unwrap()
        .consents
        .values()
        .cloned()
        .collect();
    let evidence = Evidence {
        motion: moved,
        consents,
        fins: Vec::new(),
    };
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(server_refuses(&house, &commit), Refusal::ConsentMissing);
    all_refuse(&mut house, commit);
}

#[test]
fn i3_consents_to_another_motion_or_epoch_open_nothing() {
    let (mut house, mut rogue) = betrayed();
    let (motion, Evidence { consents, .. }) = rogue.gather_consents(&mut house);
    assert_eq!(consents.len(), 2);
    // All have consented to item 0; the rogue opens for another item.
    let other = Motion { item: 1, ..motion };
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(other)),
        consents,
        fins: Vec::new(),
    };
    let commit = rogue.turn(&other, &evidence);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Motion("it is a consent to another motion")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i3_a_forged_consent_opens_nothing() {
    let (mut house, mut rogue) = betrayed();
    let motion = rogue.motion(&house, MotionKind::Open);
    let consents = (0..2)
        .map(|seat| {
            let victim = house.meeting.group().unwrap().roster[&house.leaf(seat)].letter;
            // In the victim's name, by the rogue's key.
            Statement::new(
                victim,
                Body::Consent(Consent { motion: motion.id() }),
                rogue.identity.letter_seed(),
            )
        })
        .collect();
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(motion)),
        consents,
        fins: Vec::new(),
    };
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Motion("its signature does not hold")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn a_member_who_sees_another_group_raises_the_alarm() {
    let (mut house, rogue) = betrayed();
    let lie = rogue.statement(Body::Heartbeat(Heartbeat {
        authenticator: [0; 32],
        beat: 1,
        ..rogue.heartbeat(&house)
    }));
    house.state(&lie).unwrap();
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Held, Lamp::Held]);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"x"), None);
}

#[test]
fn i3_consents_of_another_meeting_another_part_or_of_ones_own_making_open_nothing() {
    let (mut house, mut rogue) = betrayed();
    // The same people consent to the same words in another meeting, and in an earlier part of this one.
    let here = rogue.motion(&house, MotionKind::Open);
    let (mut elsewhere, mut earlier) = (here, here);
    elsewhere.place.meeting = [7; 32];
    earlier.place.part -= 1;
    for other in [elsewhere, earlier] {
        let moved = Body::Motion(other);
        // A motion for another place is void here …
        assert_eq!(house.state(&rogue.statement(moved.clone())), Err(Refusal::StaleEpoch));
        // … and is no evidence in a commit either.
        let evidence = Evidence {
            motion: rogue.statement(moved),
            consents: Vec::new(),
            fins: Vec::new(),
        };
        let mut context = rogue.context();
        (context.phase, context.part) = (Phase::Open, context.part + 1);
        let commit = rogue.turn_to(&context, evidence.encode());
        assert_eq!(server_refuses(&house, &commit), Refusal::StaleEpoch);
        rogue.forget_commit();
    }
    // The mover consents on its own behalf, as often as it likes: that speaks for one delegation.
    let own = rogue.statement(Body::Consent(Consent { motion: here.id() }));
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(here)),
        consents: vec![own.clone(), own.clone(), own],
        fins: Vec::new(),
    };
    let commit = rogue.turn(&here, &evidence);
    assert_eq!(server_refuses(&house, &commit), Refusal::ConsentMissing);
    all_refuse(&mut house, commit);
}
