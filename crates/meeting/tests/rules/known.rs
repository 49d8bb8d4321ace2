//! What was checked once and is not checked again: only the very same bytes, and only while nothing else was taken in.

use super::*;

/// Every chain that differs from this one in one bit of one signature.
fn spoiled(credential: &Credential) -> Vec<Credential> {
    let spoil = |of: fn(&mut Credential) -> &mut [u8; 64]| {
        let mut other = credential.clone();
        of(&mut other)[40] ^= 1;
        other
    };
    vec![
        spoil(|credential| &mut credential.claim.signature),
        spoil(|credential| &mut credential.letter.signature),
        spoil(|credential| &mut credential.binding.signature),
    ]
}

fn with_a_bit_turned(statement: &Statement) -> Statement {
    let mut other = statement.clone();
    other.signature[40] ^= 1;
    other
}

#[test]
fn a_chain_with_one_bit_turned_is_refused_after_the_good_one_was_taken_in() {
    let (charter, people) = world(2);
    let mut meeting = founded(&charter, &people[0]);
    for credential in spoiled(&people[1].credential) {
        assert!(meeting.verify_credential(&credential).is_err(), "before");
    }
    admit(&mut meeting, &people[1]).unwrap();
    meeting.verify_credential(&people[1].credential).unwrap();
    for credential in spoiled(&people[1].credential) {
        assert!(meeting.verify_credential(&credential).is_err(), "after");
    }
    // Somebody else of a delegation whose claim is known by now.
    let second = minted(&charter, &people[1], 1, Role::Principal, Entry::AtOnce);
    for credential in spoiled(&second.credential) {
        let mut add = facts(&meeting, 0);
        add.adds.push(Added {
            credential: Bytes(credential.encode()),
            ..second.added()
        });
        add.meeting_secret = true;
        assert!(commit(&mut meeting, add, START_MS).is_err());
        assert_eq!(meeting.group().unwrap().roster.len(), 2);
    }
}

#[test]
fn i3_a_consent_with_one_bit_turned_is_refused_after_the_good_one_was_taken_in() {
    let (mut meeting, people) = seated(2);
    let opening = motion(&meeting, MotionKind::Open);
    let moved = people[0].say(Body::Motion(opening));
    say(&mut meeting, moved.clone(), START_MS).unwrap();
    let consent = people[1].say(Body::Consent(Consent { motion: opening.id() }));
    say(&mut meeting, consent.clone(), START_MS).unwrap();
    let spoiled = with_a_bit_turned(&consent);
    assert!(say(&mut meeting, spoiled.clone(), START_MS).is_err());
    let mut evidence = Evidence {
        motion: moved,
        consents: vec![spoiled],
        fins: Vec::new(),
    };
    assert!(turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).is_err());
    assert_eq!(meeting.group().unwrap().context.phase, Phase::Closed);
    evidence.consents = vec![consent];
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
}

#[test]
fn i4_a_fin_with_one_bit_turned_is_refused_after_the_good_one_was_taken_in() {
    let (mut meeting, people) = seated(2);
    let opening = motion(&meeting, MotionKind::Open);
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: vec![people[1].say(Body::Consent(Consent { motion: opening.id() }))],
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    let closing = motion(&meeting, MotionKind::Close);
    let moved = people[0].say(Body::Motion(closing));
    say(&mut meeting, moved.clone(), START_MS).unwrap();
    let fins: Vec<Statement> = (0u32..)
        .zip(&people)
        .map(|(leaf, person)| fin(&meeting, person, leaf, &closing))
        .collect();
    for fin in &fins {
        say(&mut meeting, fin.clone(), START_MS).unwrap();
    }
    let spoiled = with_a_bit_turned(&fins[1]);
    assert!(say(&mut meeting, spoiled.clone(), START_MS).is_err());
    let mut evidence = Evidence {
        motion: moved,
        consents: Vec::new(),
        fins: vec![fins[0].clone(), spoiled],
    };
    assert!(turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).is_err());
    assert_eq!(meeting.group().unwrap().context.phase, Phase::Open);
    evidence.fins = fins;
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
}

#[test]
fn a_commit_that_was_judged_before_something_else_was_taken_in_is_weighed_again() {
    let (mut meeting, people) = seated(2);
    let charter = meeting.signed_charter().clone();
    let second = minted(&charter, &people[1], 1, Role::Principal, Entry::AtOnce);
    let mut add = facts(&meeting, 0);
    add.adds.push(second.added());
    add.meeting_secret = true;
    let judged = meeting.judge(START_MS, Box::new(add), Bytes::default()).unwrap();
    let mut undisturbed = meeting.clone();
    undisturbed.commit(judged.clone());
    assert_eq!(undisturbed.group().unwrap().roster.len(), 3);
    // Meanwhile its letter is revoked.
    let letter = second.credential.binding.body.letter;
    let revoked = Signed::revoke(meeting.id(), 1, letter, START_MS, &delegation_seed(1));
    for event in meeting.decide(START_MS, Command::Act(Box::new(revoked))).unwrap() {
        meeting.apply(&event);
    }
    let before = meeting.group().unwrap().epoch;
    meeting.commit(judged);
    assert_eq!(meeting.group().unwrap().roster.len(), 2, "it does nothing any more");
    assert_eq!(meeting.group().unwrap().epoch, before);
}
