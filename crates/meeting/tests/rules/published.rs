//! What delegations publish: each its own readout, and statements that several sign.

use super::*;

fn texts(words: &str) -> Vec<Translation> {
    vec![Translation::typed("en", words).unwrap()]
}

fn readout(meeting: &Meeting, side: u8, previous: Option<&Readout>, words: &str) -> Signed<Readout> {
    let seed = delegation_seed(side);
    Signed::readout(meeting.id(), u16::from(side), previous, texts(words), START_MS, &seed).unwrap()
}

fn publish(meeting: &mut Meeting, readout: &Signed<Readout>, now_ms: u64) -> Result<usize, Refusal> {
    let events = meeting.decide(now_ms, Command::Publish(Box::new(readout.clone())))?;
    for event in &events {
        meeting.apply(event);
    }
    Ok(events.len())
}

fn sign(meeting: &mut Meeting, joint: &Joint, side: u8, now_ms: u64) -> Result<usize, Refusal> {
    let signed = joint.clone().signed(u16::from(side), &delegation_seed(side));
    let events = meeting.decide(now_ms, Command::SignJoint(Box::new(signed)))?;
    for event in &events {
        meeting.apply(event);
    }
    Ok(events.len())
}

fn adjourned(delegations: usize) -> Meeting {
    let (mut meeting, people) = seated(delegations);
    adjourn(&mut meeting, &people);
    meeting
}

fn adjourn(meeting: &mut Meeting, people: &[Person]) {
    let motion = motion(meeting, MotionKind::Adjourn);
    let motion = people[0].say(Body::Motion(motion));
    say(meeting, motion.clone(), START_MS).unwrap();
    let evidence = Evidence {
        motion,
        consents: Vec::new(),
        fins: Vec::new(),
    };
    turn(meeting, people, 0, &evidence, Vec::new(), START_MS).unwrap();
    assert!(meeting.is_adjourned());
}

#[test]
fn a_delegation_publishes_before_and_after_the_adjournment() {
    let (mut meeting, _) = seated(2);
    let first = readout(&meeting, 0, None, "We met.");
    assert_eq!(publish(&mut meeting, &first, START_MS), Ok(1));
    let mut meeting = adjourned(2);
    let weeks_later = START_MS + 21 * 24 * 3_600_000;
    let late = Signed::readout(
        meeting.id(),
        1,
        None,
        texts("We met."),
        weeks_later,
        &delegation_seed(1),
    )
    .unwrap();
    assert_eq!(publish(&mut meeting, &late, weeks_later), Ok(1));
    assert_eq!(meeting.public_state().published, 1);
}

#[test]
fn once_it_is_over_the_public_is_told_who_attended_and_not_who_only_knocked() {
    let (charter, people) = world(3);
    let mut meeting = founded(&charter, &people[0]);
    admit(&mut meeting, &people[1]).unwrap();
    let credential = Box::new(people[2].credential.clone());
    meeting.apply(&Event::Claimed { credential });
    // Whoever has left has attended all the same.
    let place = meeting.group().unwrap().place(meeting.id());
    say(&mut meeting, people[1].say(Body::Goodbye(Goodbye { place })), START_MS).unwrap();
    let mut leaves = facts(&meeting, 0);
    leaves.removes.push(Leaf(1));
    commit(&mut meeting, leaves, START_MS).unwrap();
    assert_eq!(meeting.public_state().attended, []);
    adjourn(&mut meeting, &people);
    let attended = meeting.public_state().attended;
    let named: Vec<_> = attended
        .iter()
        .map(|it| (it.delegation, it.name.as_str(), it.role.as_str()))
        .collect();
    assert_eq!(named, [(0, "A person", "principal"), (1, "A person", "principal")]);
}

#[test]
fn a_correction_is_a_new_version_and_the_old_one_stays() {
    let (mut meeting, _) = seated(2);
    let first = readout(&meeting, 0, None, "We met.");
    let second = readout(&meeting, 0, Some(&first.body), "We met and *agreed*.");
    publish(&mut meeting, &first, START_MS).unwrap();
    publish(&mut meeting, &second, START_MS).unwrap();
    let versions: Vec<u16> = meeting.readouts_of(0).map(|it| it.readout.body.version).collect();
    assert_eq!(versions, [1, 2]);
    assert_eq!(meeting.readouts()[0].readout, first);
    assert_eq!(meeting.readouts()[1].readout.body.previous, first.body.hash());
}

#[test]
fn a_version_follows_the_last_one_and_no_other() {
    let (mut meeting, _) = seated(2);
    let first = readout(&meeting, 0, None, "One.");
    let second = readout(&meeting, 0, Some(&first.body), "Two.");
    assert!(matches!(
        publish(&mut meeting, &second, START_MS),
        Err(Refusal::Text(_))
    ));
    publish(&mut meeting, &first, START_MS).unwrap();
    // Two desks of one delegation that write at the same moment: the second learns of the first.
    let other = readout(&meeting, 0, None, "Another one.");
    assert!(matches!(publish(&mut meeting, &other, START_MS), Err(Refusal::Text(_))));
    let forked = readout(&meeting, 0, Some(&other.body), "Two.");
    assert!(matches!(
        publish(&mut meeting, &forked, START_MS),
        Err(Refusal::Text(_))
    ));
    assert_eq!(publish(&mut meeting, &second, START_MS), Ok(1));
    // Whoever did not hear the answer says it again.
    assert_eq!(publish(&mut meeting, &second, START_MS + 3_600_000), Ok(0));
}

#[test]
fn nobody_publishes_in_the_name_of_a_delegation_but_its_key() {
    let (mut meeting, people) = seated(2);
    let id = meeting.id();
    let by_another = Signed::readout(id, 0, None, texts("x"), START_MS, &delegation_seed(1)).unwrap();
    assert!(matches!(
        publish(&mut meeting, &by_another, START_MS),
        Err(Refusal::Credential(_))
    ));
    let by_a_letter = Signed::readout(id, 0, None, texts("x"), START_MS, &people[0].letter_seed).unwrap();
    assert!(matches!(
        publish(&mut meeting, &by_a_letter, START_MS),
        Err(Refusal::Credential(_))
    ));
    let of_another_meeting = incamera_protocol::MeetingId([7; 32]);
    let of_another = Signed::readout(of_another_meeting, 0, None, texts("x"), START_MS, &delegation_seed(0)).unwrap();
    assert!(matches!(
        publish(&mut meeting, &of_another, START_MS),
        Err(Refusal::Credential(_))
    ));
    let mut altered = readout(&meeting, 0, None, "We agreed on nothing.");
    altered.body.texts = texts("We agreed on everything.");
    assert!(matches!(
        publish(&mut meeting, &altered, START_MS),
        Err(Refusal::Credential(_))
    ));
    assert!(meeting.readouts().is_empty());
}

#[test]
fn a_delegation_that_never_made_its_key_says_nothing() {
    let (charter, people) = world(3);
    let mut meeting = founded(&charter, &people[0]);
    let stranger = readout(&meeting, 2, None, "x");
    assert!(matches!(
        publish(&mut meeting, &stranger, START_MS),
        Err(Refusal::Credential(_))
    ));
}

#[test]
fn a_date_that_is_far_off_is_refused_so_nothing_is_kept_back_for_days() {
    let (mut meeting, _) = seated(2);
    let first = readout(&meeting, 0, None, "We met.");
    let later = START_MS + limits::CLOCK_SKEW_MS_MAX + 1;
    assert!(matches!(publish(&mut meeting, &first, later), Err(Refusal::Text(_))));
    assert_eq!(
        publish(&mut meeting, &first, START_MS + limits::CLOCK_SKEW_MS_MAX),
        Ok(1)
    );
}

#[test]
fn versions_have_an_end_for_each_delegation_by_itself() {
    let (mut meeting, _) = seated(2);
    let mut last: Option<Readout> = None;
    for _ in 0..limits::READOUT_VERSIONS_MAX {
        let next = readout(&meeting, 0, last.as_ref(), "Again.");
        publish(&mut meeting, &next, START_MS).unwrap();
        last = Some(next.body);
    }
    let one_more = readout(&meeting, 0, last.as_ref(), "Again.");
    assert_eq!(
        publish(&mut meeting, &one_more, START_MS),
        Err(Refusal::TooLarge("list of versions"))
    );
    let other = readout(&meeting, 1, None, "Once.");
    assert_eq!(publish(&mut meeting, &other, START_MS), Ok(1));
}

#[test]
fn a_text_is_in_each_language_once_and_not_too_long() {
    let (meeting, _) = seated(2);
    let make = |texts| Signed::readout(meeting.id(), 0, None, texts, START_MS, &delegation_seed(0));
    let text = |language: &str, words: &str| Translation::typed(language, words).unwrap();
    assert!(make(vec![text("en", "a"), text("fr", "b")]).is_ok());
    assert!(matches!(make(Vec::new()), Err(Refusal::Text(_))));
    assert!(matches!(
        make(vec![text("en", "a"), text("EN", "b")]),
        Err(Refusal::Text(_))
    ));
    assert!(matches!(
        make(vec![text("english language", "a")]),
        Err(Refusal::Text(_))
    ));
    let long = "x".repeat(limits::READOUT_BYTES_MAX);
    assert!(matches!(make(vec![text("en", &long)]), Err(Refusal::TooLarge(_))));
    // The same where it is read.
    let mut signed = make(vec![text("en", "a")]).unwrap();
    signed.body.texts.push(text("en", "b"));
    assert!(matches!(
        Signed::<Readout>::read(&signed.encode()),
        Err(Refusal::Text(_))
    ));
}

/// A statement that the first so many delegations are to sign.
fn joint(meeting: &Meeting, signers: u16, words: &str) -> Joint {
    Joint::new(meeting.id(), (0..signers).collect(), texts(words), START_MS).unwrap()
}

/// By all who are named in it, in this order.
fn agree(meeting: &mut Meeting, joint: &Joint, order: &[u8]) -> Vec<usize> {
    let each = order.iter();
    each.map(|side| sign(meeting, joint, *side, START_MS).unwrap())
        .collect()
}

#[test]
fn a_joint_statement_is_public_when_all_have_signed_whom_it_names_and_not_before() {
    let (mut meeting, _) = seated(4);
    let joint = joint(&meeting, 3, "We agree.");
    assert_eq!(sign(&mut meeting, &joint, 0, START_MS), Ok(1));
    // What one says twice is still one.
    assert_eq!(sign(&mut meeting, &joint, 0, START_MS), Ok(0));
    assert_eq!(sign(&mut meeting, &joint, 2, START_MS + 5), Ok(1));
    assert_eq!(meeting.joints()[0].public_at_ms, None, "one is missing");
    assert_eq!(meeting.public_state().published, 0);
    // The signature, and that it is public.
    assert_eq!(sign(&mut meeting, &joint, 1, START_MS + 9), Ok(2));
    let [statement] = meeting.joints() else { unreachable!() };
    assert_eq!(statement.public_at_ms, Some(START_MS + 9));
    assert_eq!(statement.signatures.keys().copied().collect::<Vec<u16>>(), [0, 1, 2]);
    assert_eq!(meeting.public_state().published, 1);
}

#[test]
fn who_is_not_named_in_a_joint_statement_does_not_sign_it() {
    let (mut meeting, _) = seated(3);
    let joint = joint(&meeting, 2, "We agree.");
    sign(&mut meeting, &joint, 0, START_MS).unwrap();
    assert!(matches!(
        sign(&mut meeting, &joint, 2, START_MS),
        Err(Refusal::Credential(_))
    ));
    assert_eq!(meeting.joints()[0].public_at_ms, None);
    // Nor is anybody named whom the meeting does not have, or twice, or alone.
    let stranger = Joint::new(meeting.id(), vec![0, 3], texts("We agree."), START_MS).unwrap();
    assert!(matches!(
        sign(&mut meeting, &stranger, 0, START_MS),
        Err(Refusal::Text(_))
    ));
    for signers in [vec![0], vec![0, 0], vec![]] {
        assert!(Joint::new(meeting.id(), signers, texts("We agree."), START_MS).is_err());
    }
    let mut alone = joint.clone();
    alone.signers = vec![0];
    let alone = alone.signed(0, &delegation_seed(0));
    assert!(SignedJoint::read(&alone.encode()).is_err());
}

#[test]
fn a_joint_statement_is_signed_weeks_later_too() {
    let mut meeting = adjourned(2);
    let joint = joint(&meeting, 2, "We agree.");
    sign(&mut meeting, &joint, 0, START_MS).unwrap();
    assert_eq!(sign(&mut meeting, &joint, 1, START_MS + 21 * 24 * 3_600_000), Ok(2));
}

#[test]
fn nobody_signs_a_joint_statement_for_another() {
    let (mut meeting, _) = seated(2);
    let agreed = joint(&meeting, 2, "We agree.");
    let mut forged = agreed.clone().signed(0, &delegation_seed(0));
    forged.delegation = 1;
    let forged = Command::SignJoint(Box::new(forged));
    assert!(matches!(meeting.decide(START_MS, forged), Err(Refusal::Credential(_))));
    // A signature under one text is none under another, nor with others beside it.
    let signed = agreed.signed(0, &delegation_seed(0));
    let mut moved = signed.clone();
    moved.joint.texts = texts("We agree on more.");
    let mut joined = signed.clone();
    joined.joint.signers = vec![0, 1, 2];
    for altered in [moved, joined] {
        let altered = Command::SignJoint(Box::new(altered));
        assert!(matches!(meeting.decide(START_MS, altered), Err(Refusal::Credential(_))));
    }
    // And a readout is no joint statement.
    let readout = readout(&meeting, 0, None, "We agree.");
    let signature = readout.signature;
    let signed = SignedJoint { signature, ..signed };
    assert!(matches!(
        meeting.decide(START_MS, Command::SignJoint(Box::new(signed))),
        Err(Refusal::Credential(_))
    ));
    assert_eq!(publish(&mut meeting, &readout, START_MS), Ok(1));
}

#[test]
fn a_joint_statement_from_a_record_has_the_signature_of_each_whom_it_names() {
    let (mut meeting, _) = seated(3);
    let statement = joint(&meeting, 3, "We agree.");
    let signature = |side: u8| {
        statement
            .clone()
            .signed(u16::from(side), &delegation_seed(side))
            .signature
    };
    let with = |signatures: Vec<[u8; 64]>| {
        let joint = statement.clone();
        Command::PublishJoint(Box::new(AgreedJoint { joint, signatures }))
    };
    let all = vec![signature(0), signature(1), signature(2)];
    for wrong in [
        vec![signature(0), signature(1)],
        vec![signature(0), signature(1), signature(1)],
        vec![signature(1), signature(0), signature(2)],
        [all.clone(), vec![signature(2)]].concat(),
        Vec::new(),
    ] {
        assert!(matches!(
            meeting.decide(START_MS, with(wrong)),
            Err(Refusal::Credential(_))
        ));
    }
    let early = START_MS - limits::CLOCK_SKEW_MS_MAX - 1;
    assert!(matches!(
        meeting.decide(early, with(all.clone())),
        Err(Refusal::Text(_))
    ));
    let events = meeting.decide(START_MS, with(all.clone())).unwrap();
    events.iter().for_each(|event| meeting.apply(event));
    assert_eq!(meeting.public_joints().count(), 1);
    assert_eq!(meeting.decide(START_MS, with(all)), Ok(Vec::new()), "it is there");
}

#[test]
fn a_correction_of_a_joint_statement_is_signed_by_the_same_and_follows_the_last() {
    let (mut meeting, _) = seated(3);
    let first = joint(&meeting, 2, "We agree.");
    let second = first.corrected(texts("We agree on *much*."), START_MS).unwrap();
    assert!(matches!(
        sign(&mut meeting, &second, 0, START_MS),
        Err(Refusal::Text(_))
    ));
    assert_eq!(agree(&mut meeting, &first, &[0, 1]), [1, 2]);
    // Others may not correct what these have said, nor these leave one of them out.
    let mut others = second.clone();
    others.signers = vec![0, 2];
    let mut leap = second.clone();
    leap.version = 3;
    for wrong in [others, leap] {
        assert!(matches!(sign(&mut meeting, &wrong, 0, START_MS), Err(Refusal::Text(_))));
    }
    // Two corrections at a time: the one that all have signed first counts, and the other can be signed no more.
    let rival = first.corrected(texts("We agree on little."), START_MS).unwrap();
    sign(&mut meeting, &rival, 0, START_MS).unwrap();
    assert_eq!(agree(&mut meeting, &second, &[1, 0]), [1, 2]);
    assert!(matches!(sign(&mut meeting, &rival, 1, START_MS), Err(Refusal::Text(_))));
    let public: Vec<u16> = meeting.public_joints().map(|it| it.joint.version).collect();
    assert_eq!(public, [1, 2], "the old one stays");
}

#[test]
fn what_was_stored_of_joint_statements_that_named_nobody_is_read_and_nothing_follows() {
    let stored = r#"{"event":"joint_signed","at_ms":5,"signed":"AAAA"}"#;
    let event: Event = serde_json::from_str(stored).unwrap();
    let (mut meeting, _) = seated(2);
    meeting.apply(&event);
    assert!(meeting.joints().is_empty());
}

#[test]
fn what_one_delegation_proposes_takes_nothing_from_another() {
    let (mut meeting, _) = seated(2);
    let propose = |meeting: &mut Meeting, side: u8, n: usize| {
        let joint = joint(meeting, 2, &format!("Draft {n} of {side}."));
        sign(meeting, &joint, side, START_MS)
    };
    for n in 0..limits::JOINTS_PROPOSED_MAX {
        propose(&mut meeting, 0, n).unwrap();
    }
    assert!(matches!(propose(&mut meeting, 0, 99), Err(Refusal::TooLarge(_))));
    assert_eq!(propose(&mut meeting, 1, 0), Ok(1));
}

#[test]
fn corrections_take_nothing_from_what_may_be_proposed() {
    let (mut meeting, _) = seated(2);
    let first = joint(&meeting, 2, "We agree.");
    assert_eq!(agree(&mut meeting, &first, &[0, 1]), [1, 2]);
    let correct = |meeting: &mut Meeting, n: usize| {
        let corrected = first.corrected(texts(&format!("We agree on {n}.")), START_MS).unwrap();
        sign(meeting, &corrected, 0, START_MS)
    };
    for n in 0..limits::JOINTS_CORRECTED_MAX {
        correct(&mut meeting, n).unwrap();
    }
    assert!(matches!(correct(&mut meeting, 99), Err(Refusal::TooLarge(_))));
    for n in 1..limits::JOINTS_PROPOSED_MAX {
        let other = joint(&meeting, 2, &format!("Draft {n}."));
        assert_eq!(sign(&mut meeting, &other, 0, START_MS), Ok(1));
    }
    let other = joint(&meeting, 2, "One too many.");
    assert!(matches!(
        sign(&mut meeting, &other, 0, START_MS),
        Err(Refusal::TooLarge(_))
    ));
}
