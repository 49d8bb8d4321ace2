//! Who enters, by which letter, and who is removed.

use super::*;

#[test]
fn a_letter_that_has_run_out_lets_nobody_in() {
    let (charter, people) = world(2);
    let meeting = founded(&charter, &people[0]);
    let late = START_MS + 1_000_001;
    assert_eq!(meeting.recognise(&people[1].added(), late), Err(Refusal::LetterExpired));
    let claim = Command::Claim(Box::new(people[1].credential.clone()));
    assert_eq!(meeting.decide(late, claim), Err(Refusal::LetterExpired));
}

#[test]
fn a_second_device_on_one_letter_is_not_bound() {
    let (charter, people) = world(2);
    let mut meeting = founded(&charter, &people[0]);
    admit(&mut meeting, &people[1]).unwrap();
    let device = Seed::new([9; 32]).public_key();
    let copy = Credential::of_letter(
        people[1].credential.claim.clone(),
        people[1].credential.letter.clone(),
        &people[1].letter_seed,
        device,
    );
    assert_eq!(meeting.verify_credential(&copy), Err(Refusal::LetterInUse));
    // It may say who it is, and wait for its delegation's word.
    assert_eq!(meeting.decide(START_MS, Command::Claim(Box::new(copy))), Ok(Vec::new()));
}
#[test]
fn a_letter_that_asks_enters_only_when_its_delegation_has_let_it_in() {
    let (charter, people) = world(2);
    let mut meeting = founded(&charter, &people[0]);
    let mut guest = minted(&charter, &people[1], 1, Role::Adviser, Entry::WhenLetIn);
    assert_eq!(admit(&mut meeting, &guest), Err(Refusal::NotLetIn));
    let letter = guest.credential.binding.body.letter;
    let id = charter.charter.id();
    // Another delegation's word is nobody's.
    guest.credential.admission = Some(Signed::admit(
        id,
        1,
        letter,
        guest.device,
        START_MS,
        &delegation_seed(0),
    ));
    assert!(matches!(admit(&mut meeting, &guest), Err(Refusal::Credential(_))));
    // Nor is a word for another device.
    let other = Seed::new([9; 32]).public_key();
    guest.credential.admission = Some(Signed::admit(id, 1, letter, other, START_MS, &delegation_seed(1)));
    assert!(matches!(admit(&mut meeting, &guest), Err(Refusal::Credential(_))));
    guest.credential.admission = Some(Signed::admit(
        id,
        1,
        letter,
        guest.device,
        START_MS,
        &delegation_seed(1),
    ));
    assert_eq!(admit(&mut meeting, &guest), Ok(()));
}

#[test]
fn a_second_device_takes_the_seat_only_when_its_delegation_has_let_it_in() {
    let (mut meeting, people) = seated(2);
    let id = meeting.id();
    let letter = people[1].credential.binding.body.letter;
    let device = Seed::new([9; 32]).public_key();
    let mut credential = Credential::of_letter(
        people[1].credential.claim.clone(),
        people[1].credential.letter.clone(),
        &people[1].letter_seed,
        device,
    );
    credential.admission = Some(Signed::admit(id, 1, letter, device, START_MS + 1, &delegation_seed(1)));
    let added = Added {
        credential: Bytes(credential.encode()),
        device_key: device,
    };
    let mut add = facts(&meeting, 0);
    add.adds.push(added.clone());
    add.meeting_secret = true;
    // Both at once: no.
    assert_eq!(commit(&mut meeting, add.clone(), START_MS), Err(Refusal::LetterInUse));
    add.removes.push(Leaf(1));
    commit(&mut meeting, add, START_MS).unwrap();
    // The first device is out, and stays out.
    assert_eq!(
        meeting.recognise(&people[1].added(), START_MS),
        Err(Refusal::LetterInUse)
    );
    assert!(meeting.recognise(&added, START_MS).is_ok());
}

#[test]
fn a_revoked_letter_is_dead_and_its_holder_may_be_removed() {
    let (mut meeting, people) = seated(3);
    let id = meeting.id();
    let letter = people[2].credential.binding.body.letter;
    let act = |side: u8| Signed::revoke(id, u16::from(side), letter, START_MS, &delegation_seed(side));
    let take = |meeting: &mut Meeting, act| {
        for event in meeting.decide(START_MS, Command::Act(Box::new(act)))? {
            meeting.apply(&event);
        }
        Ok::<_, Refusal>(())
    };
    let remove = |meeting: &mut Meeting| {
        let mut remove = facts(meeting, 0);
        remove.removes.push(Leaf(2));
        commit(meeting, remove, START_MS)
    };
    // A forged act is refused; another delegation's own act is about its own letters.
    let mut forged = act(0);
    forged.body.delegation = 2;
    assert!(matches!(take(&mut meeting, forged), Err(Refusal::Credential(_))));
    take(&mut meeting, act(1)).unwrap();
    assert!(meeting.recognise(&people[2].added(), START_MS).is_ok());
    assert!(matches!(remove(&mut meeting), Err(Refusal::Commit(_))));
    take(&mut meeting, act(2)).unwrap();
    assert_eq!(
        meeting.recognise(&people[2].added(), START_MS),
        Err(Refusal::LetterRevoked)
    );
    let claim = Command::Claim(Box::new(people[2].credential.clone()));
    assert_eq!(meeting.decide(START_MS, claim), Err(Refusal::LetterRevoked));
    remove(&mut meeting).unwrap();
    assert_eq!(admit(&mut meeting, &people[2]), Err(Refusal::LetterRevoked));
}

#[test]
fn nobody_who_is_here_is_removed() {
    let (mut meeting, people) = seated(3);
    let remove = |meeting: &mut Meeting, leaf, now| {
        let mut remove = facts(meeting, 0);
        remove.removes.push(Leaf(leaf));
        commit(meeting, remove, now)
    };
    let alive = heartbeat(&meeting, &people[1], 0);
    say(&mut meeting, people[1].say(Body::Heartbeat(alive)), START_MS).unwrap();
    let soon = START_MS + limits::CONFIRM_WAIT_MS;
    // Leaf 1 is heard; leaf 2 has not even confirmed the epoch.
    assert!(matches!(remove(&mut meeting, 1, soon), Err(Refusal::Commit(_))));
    assert!(matches!(
        remove(&mut meeting, 2, START_MS + 10),
        Err(Refusal::Commit(_))
    ));
    assert_eq!(remove(&mut meeting.clone(), 2, soon), Ok(()));
    assert_eq!(remove(&mut meeting.clone(), 1, START_MS + limits::HEARD_MS), Ok(()));
    // Whoever has said goodbye may be removed at once.
    let place = meeting.group().unwrap().place(meeting.id());
    say(&mut meeting, people[1].say(Body::Goodbye(Goodbye { place })), START_MS).unwrap();
    assert_eq!(remove(&mut meeting, 1, START_MS + 10), Ok(()));
}

#[test]
fn the_first_commit_mixes_in_the_meeting_secret() {
    let (charter, people) = world(2);
    let mut meeting = founded(&charter, &people[0]);
    let opening = motion(&meeting, MotionKind::Open);
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: Vec::new(),
        fins: Vec::new(),
    };
    let alone = turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS);
    assert!(matches!(alone, Err(Refusal::Commit(_))), "{alone:?}");
}

#[test]
fn one_delegation_that_revokes_without_end_takes_nothing_from_another() {
    let (mut meeting, _) = seated(2);
    let mut revoke = |delegation: u8, letter: u32| {
        let mut name = [0; 32];
        name[..4].copy_from_slice(&letter.to_be_bytes());
        let seed = delegation_seed(delegation);
        let act = Signed::revoke(meeting.id(), u16::from(delegation), LetterId(name), START_MS, &seed);
        let events = meeting.decide(START_MS, Command::Act(Box::new(act)))?;
        events.iter().for_each(|event| meeting.apply(event));
        Ok(())
    };
    for letter in 0..limits::REVOCATIONS_MAX as u32 {
        assert_eq!(revoke(0, letter), Ok(()));
    }
    assert_eq!(revoke(0, u32::MAX), Err(Refusal::TooLarge("list of revocations")));
    assert_eq!(revoke(1, 0), Ok(()));
}
