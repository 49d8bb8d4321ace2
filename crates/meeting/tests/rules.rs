//! The rules as properties: whatever members and server say, in whatever order, these hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use incamera_meeting::{
    Added, Body, Command, CommitFacts, CommitSender, Consent, Credential, DelegationLink, Draft, DraftItem, Encode,
    Entry, Event, Evidence, Fin, FinEntry, FirstClientKeys, Goodbye, Heartbeat, Letter, Meeting, MeetingContext,
    Motion, MotionId, Phase, PublicKey, Refusal, Role, Seed, Signed, SignedCharter, Statement,
};
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Kid, KidParts, Leaf, Stream, limits};
use proptest::prelude::*;

const START_MS: u64 = 1_800_000_000_000;

/// Somebody with a letter.
struct Person {
    credential: Credential,
    letter_seed: Seed,
    device: PublicKey,
}

impl Person {
    fn say(&self, body: Body) -> Statement {
        Statement::new(self.credential.binding.body.letter, body, &self.letter_seed)
    }

    fn added(&self) -> Added {
        Added {
            credential: Bytes(self.credential.encode()),
            device_key: self.device,
        }
    }
}

fn dice() -> impl FnMut() -> [u8; 32] {
    let mut counter = 0u8;
    move || {
        counter += 1;
        [counter; 32]
    }
}

fn world(delegations: usize) -> (SignedCharter, Vec<Person>) {
    let item = |title: &str, public| DraftItem {
        title: title.to_owned(),
        public,
        ground: String::new(),
    };
    let draft = Draft {
        title: "A meeting".to_owned(),
        languages: Vec::new(),
        delegations: (0..delegations).map(|n| format!("Side {n}")).collect(),
        agenda: vec![item("Welcome", true), item("Talks", false)],
        ..Draft::default()
    };
    let (charter, links) = draft.convene(START_MS, dice()).unwrap();
    let people = people_of(&charter, &links);
    (charter, people)
}

fn people_of(charter: &SignedCharter, links: &[DelegationLink]) -> Vec<Person> {
    (0u8..)
        .zip(links)
        .map(|(n, link)| {
            let seed = |which: u8| Seed::new([100 + n * 3 + which; 32]);
            let device = seed(2).public_key();
            let credential = Credential::of_first_client(
                charter.charter.id(),
                link.delegation,
                FirstClientKeys {
                    slot: &link.slot_seed,
                    delegation: &seed(0),
                    letter: &seed(1),
                    device,
                },
                "A person",
                START_MS + 1_000_000,
            )
            .unwrap();
            Person {
                credential,
                letter_seed: seed(1),
                device,
            }
        })
        .collect()
}

/// A meeting in which the first of them sits alone, in closed part 1.
fn founded(charter: &SignedCharter, founder: &Person) -> Meeting {
    let mut meeting = Meeting::convene(charter.clone(), START_MS);
    let context = MeetingContext::founding(meeting.id().0, 1, 1, 0);
    let found = Command::Found {
        leaf: Leaf(0),
        founder: founder.added(),
        context,
        message: Bytes::default(),
    };
    for event in meeting.decide(START_MS, found).unwrap() {
        meeting.apply(&event);
    }
    meeting
}

fn facts(meeting: &Meeting, sender: u32) -> CommitFacts {
    let group = meeting.group().unwrap();
    CommitFacts {
        position: group.position(),
        sender: CommitSender::Member(Leaf(sender)),
        renewed: None,
        adds: Vec::new(),
        removes: Vec::new(),
        context: group.context.clone(),
        meeting_secret: false,
        foreign: false,
        evidence: Bytes::default(),
    }
}

fn commit(meeting: &mut Meeting, facts: CommitFacts, now: u64) -> Result<(), Refusal> {
    let before = meeting.group().unwrap().epoch;
    let events = meeting.decide(
        now,
        Command::Commit {
            facts: Box::new(facts),
            message: Bytes::default(),
        },
    )?;
    for event in &events {
        meeting.apply(event);
    }
    assert_eq!(meeting.group().unwrap().epoch, before + 1, "what was decided applies");
    Ok(())
}

fn admit(meeting: &mut Meeting, person: &Person) -> Result<(), Refusal> {
    let mut add = facts(meeting, 0);
    add.adds.push(person.added());
    add.meeting_secret = true;
    commit(meeting, add, START_MS)
}

fn seated(delegations: usize) -> (Meeting, Vec<Person>) {
    let (charter, people) = world(delegations);
    let mut meeting = founded(&charter, &people[0]);
    for person in &people[1..] {
        admit(&mut meeting, person).unwrap();
    }
    (meeting, people)
}

fn motion(meeting: &Meeting, kind: MotionKind) -> Motion {
    let place = meeting.group().unwrap().place(meeting.id());
    Motion {
        place,
        kind: Motion::number_of(kind),
        item: 1,
        moved_at_ms: START_MS,
    }
}

fn say(meeting: &mut Meeting, statement: Statement, now: u64) -> Result<(), Refusal> {
    for event in meeting.decide(now, Command::State(Box::new(statement)))? {
        meeting.apply(&event);
    }
    Ok(())
}

/// One thing that somebody tries.
#[derive(Debug, Clone)]
enum Try {
    Motion(usize, MotionKind),
    Consent(usize),
    /// In somebody else's name.
    ForgedConsent(usize, usize),
    ConsentToAnother(usize),
    /// By whom, and whose consents of those given are put into the commit.
    Open(usize, Vec<bool>),
    /// By whom, and who gave a fin.
    Close(usize, Vec<bool>),
    Adjourn(usize),
    /// Straight to a phase, with no evidence.
    Jump(usize, Phase),
    Remove(usize, usize),
    Return(usize),
    Outside,
    Stale(usize),
    Pass(u64),
}

fn tries(people: usize) -> impl Strategy<Value = Try> {
    let who = 0..people;
    let kind = prop_oneof![
        Just(MotionKind::Open),
        Just(MotionKind::Close),
        Just(MotionKind::Adjourn)
    ];
    let phase = prop_oneof![Just(Phase::Open), Just(Phase::Closed), Just(Phase::Adjourned)];
    let chosen = proptest::collection::vec(prop::bool::weighted(0.8), people);
    prop_oneof![
        4 => (who.clone(), kind).prop_map(|(a, b)| Try::Motion(a, b)),
        8 => who.clone().prop_map(Try::Consent),
        1 => (who.clone(), who.clone()).prop_map(|(a, b)| Try::ForgedConsent(a, b)),
        1 => who.clone().prop_map(Try::ConsentToAnother),
        6 => (who.clone(), chosen.clone()).prop_map(|(a, b)| Try::Open(a, b)),
        6 => (who.clone(), chosen).prop_map(|(a, b)| Try::Close(a, b)),
        1 => who.clone().prop_map(Try::Adjourn),
        1 => (who.clone(), phase).prop_map(|(a, b)| Try::Jump(a, b)),
        1 => (who.clone(), who.clone()).prop_map(|(a, b)| Try::Remove(a, b)),
        2 => who.clone().prop_map(Try::Return),
        1 => Just(Try::Outside),
        1 => who.prop_map(Try::Stale),
        1 => (0u64..70_000).prop_map(Try::Pass),
    ]
}

fn leaf_of(meeting: &Meeting, person: &Person) -> Option<u32> {
    let roster = &meeting.group()?.roster;
    roster
        .iter()
        .find(|(_, other)| other.device_key == person.device)
        .map(|(leaf, _)| leaf.0)
}

fn evidence_of(meeting: &Meeting, fallback: Statement) -> Evidence {
    let running = meeting.running(START_MS);
    let motion = running.map_or(fallback, |running| running.statement.clone());
    Evidence {
        motion,
        consents: Vec::new(),
        fins: Vec::new(),
    }
}

fn attempt(meeting: &mut Meeting, people: &[Person], what: &Try, now: u64) -> Result<(), Refusal> {
    match what {
        Try::Motion(who, kind) => {
            let motion = motion(meeting, *kind);
            say(meeting, people[*who].say(Body::Motion(motion)), now)
        }
        Try::Consent(who) => {
            let motion = meeting
                .running(now)
                .map_or(MotionId([0; 32]), |running| running.motion.id());
            say(meeting, people[*who].say(Body::Consent(Consent { motion })), now)
        }
        Try::ForgedConsent(who, by) => {
            let motion = meeting
                .running(now)
                .map_or(MotionId([0; 32]), |running| running.motion.id());
            let signer = people[*who].credential.binding.body.letter;
            let forged = Statement::new(signer, Body::Consent(Consent { motion }), &people[*by].letter_seed);
            say(meeting, forged, now)
        }
        Try::ConsentToAnother(who) => say(
            meeting,
            people[*who].say(Body::Consent(Consent {
                motion: MotionId([7; 32]),
            })),
            now,
        ),
        Try::Open(who, chosen) => {
            let own = people[*who].say(Body::Motion(motion(meeting, MotionKind::Open)));
            let mut evidence = evidence_of(meeting, own);
            if let Some(running) = meeting.running(now) {
                evidence.consents = running
                    .consents
                    .iter()
                    .filter(|(side, _)| chosen[**side as usize])
                    .map(|(_, c)| c.clone())
                    .collect();
            }
            turn(meeting, people, *who, &evidence, Vec::new(), now)
        }
        Try::Close(who, chosen) => {
            let own = people[*who].say(Body::Motion(motion(meeting, MotionKind::Close)));
            let mut evidence = evidence_of(meeting, own);
            let mut removes = Vec::new();
            let Body::Motion(closed) = evidence.motion.body.clone() else {
                unreachable!()
            };
            for (person, finished) in people.iter().zip(chosen) {
                let Some(leaf) = leaf_of(meeting, person) else { continue };
                if *finished {
                    evidence.fins.push(fin(meeting, person, leaf, &closed));
                } else {
                    removes.push(Leaf(leaf));
                }
            }
            turn(meeting, people, *who, &evidence, removes, now)
        }
        Try::Adjourn(who) => {
            let own = people[*who].say(Body::Motion(motion(meeting, MotionKind::Adjourn)));
            let evidence = evidence_of(meeting, own);
            turn(meeting, people, *who, &evidence, Vec::new(), now)
        }
        Try::Jump(who, phase) => {
            let mut jump = facts(meeting, leaf_of(meeting, &people[*who]).unwrap_or(99));
            jump.context.phase = *phase;
            jump.context.part += 1;
            commit(meeting, jump, now)
        }
        Try::Remove(who, whom) => {
            let mut remove = facts(meeting, leaf_of(meeting, &people[*who]).unwrap_or(99));
            remove
                .removes
                .push(Leaf(leaf_of(meeting, &people[*whom]).unwrap_or(98)));
            commit(meeting, remove, now)
        }
        Try::Return(who) => {
            let sender = meeting.group().unwrap().roster.keys().next().map_or(99, |leaf| leaf.0);
            let mut add = facts(meeting, sender);
            add.adds.push(people[*who].added());
            add.meeting_secret = true;
            commit(meeting, add, now)
        }
        Try::Outside => {
            let mut outside = facts(meeting, 0);
            outside.sender = CommitSender::Outsider;
            commit(meeting, outside, now)
        }
        Try::Stale(who) => {
            let mut stale = facts(meeting, leaf_of(meeting, &people[*who]).unwrap_or(99));
            stale.position.epoch += 1;
            commit(meeting, stale, now)
        }
        Try::Pass(_) => Ok(()),
    }
}

fn fin(meeting: &Meeting, person: &Person, leaf: u32, motion: &Motion) -> Statement {
    let group = meeting.group().unwrap();
    let parts = KidParts {
        founding: group.founding,
        epoch: group.epoch,
        slice: 0,
        leaf: Leaf(leaf),
        stream: Stream::Microphone,
        open: true,
    };
    let entry = FinEntry {
        kid: Kid::new(parts).unwrap().number(),
        count: 5,
    };
    person.say(Body::Fin(Fin {
        motion: motion.id(),
        counts: vec![entry],
    }))
}

fn turn(
    meeting: &mut Meeting,
    people: &[Person],
    who: usize,
    evidence: &Evidence,
    removes: Vec<Leaf>,
    now: u64,
) -> Result<(), Refusal> {
    let mut turn = facts(meeting, leaf_of(meeting, &people[who]).unwrap_or(99));
    let Body::Motion(motion) = &evidence.motion.body else {
        unreachable!()
    };
    turn.context = turn.context.after(motion, evidence).unwrap();
    turn.removes = removes
        .into_iter()
        .filter(|leaf| CommitSender::Member(*leaf) != turn.sender)
        .collect();
    turn.evidence = Bytes(evidence.encode());
    commit(meeting, turn, now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_tried_the_door_is_opened_by_all_and_shut_by_one(attempts in proptest::collection::vec(tries(3), 1..80)) {
        let (mut meeting, people) = seated(3);
        let mut now = START_MS;
        for what in &attempts {
            if let Try::Pass(ms) = what {
                now += ms;
            }
            let before = meeting.group().unwrap().clone();
            let outcome = attempt(&mut meeting, &people, what, now);
            let after = meeting.group().unwrap();
            if outcome.is_err() {
                prop_assert_eq!(&before, after, "a refusal changes nothing");
            }
            // I3: it opened just now only by the consent of a principal of every side present.
            if before.context.phase != Phase::Open && after.context.phase == Phase::Open {
                let warrant = after.warrant.as_ref().unwrap();
                let agreed: BTreeSet<_> = std::iter::once(&warrant.motion)
                    .chain(&warrant.consents)
                    .map(|statement| before.signer(statement).unwrap().1.delegation)
                    .collect();
                let present: BTreeSet<_> = before.roster.values().map(|person| person.delegation).collect();
                prop_assert!(agreed.is_superset(&present), "{:?} of {:?}", agreed, present);
                prop_assert_eq!(warrant.warrant(), after.context.warrant);
            }
            // I4: whoever stays in a part that closes has said where their frames end.
            if before.context.phase == Phase::Open && after.context.phase == Phase::Closed {
                prop_assert_eq!(after.context.part, before.context.part + 1);
            }
            // I2: nobody sits here twice, and nobody without a letter of this meeting.
            let letters: BTreeSet<_> = after.roster.values().map(|person| person.letter).collect();
            prop_assert_eq!(letters.len(), after.roster.len());
            // Parts count up, alternate sensibly, and only the last runs.
            let state = meeting.public_state();
            for pair in state.parts.windows(2) {
                prop_assert_eq!(pair[0].number + 1, pair[1].number);
                prop_assert!(pair[0].ended_at_ms.is_some());
            }
            prop_assert_eq!(meeting.is_adjourned(), after.context.phase == Phase::Adjourned);
        }
    }

    #[test]
    fn what_is_stored_is_what_happened(attempts in proptest::collection::vec(tries(2), 1..40)) {
        let (charter, people) = world(2);
        let mut meeting = Meeting::convene(charter.clone(), START_MS);
        let mut log: Vec<Event> = Vec::new();
        let context = MeetingContext::founding(meeting.id().0, 1, 1, 0);
        let found = Command::Found { leaf: Leaf(0), founder: people[0].added(), context, message: Bytes::default() };
        let mut take = |meeting: &mut Meeting, now, command| {
            for event in meeting.decide(now, command).unwrap_or_default() {
                meeting.apply(&event);
                log.push(event);
            }
        };
        take(&mut meeting, START_MS, found);
        let mut add = facts(&meeting, 0);
        add.adds.push(people[1].added());
        add.meeting_secret = true;
        take(&mut meeting, START_MS, Command::Commit { facts: Box::new(add), message: Bytes::default() });
        for what in &attempts {
            if let Try::Motion(who, kind) = what {
                let body = Body::Motion(motion(&meeting, *kind));
                take(&mut meeting, START_MS, Command::State(Box::new(people[*who].say(body))));
            }
        }
        // Through JSON and back, as the store keeps it.
        let text = serde_json::to_string(&log).unwrap();
        let again: Vec<Event> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&again, &log);
        let mut replayed = Meeting::convene(charter, START_MS);
        for event in &again {
            replayed.apply(event);
        }
        prop_assert_eq!(replayed.public_state(), meeting.public_state());
        prop_assert_eq!(replayed.group(), meeting.group());
    }

    #[test]
    fn bytes_from_outside_are_refused_and_never_a_panic(bytes in proptest::collection::vec(0u8.., 0..400)) {
        let _ = SignedCharter::open(&bytes);
        let _ = Credential::read(&bytes);
        let _ = Statement::read(&bytes);
        let _ = Evidence::read(&bytes);
        let _ = incamera_meeting::Link::from_fragment(&Bytes(bytes.clone()).encode());
    }

    #[test]
    fn a_charter_with_one_byte_changed_is_not_the_one_of_the_link(at in 0usize..300, bit in 0u8..8) {
        let (charter, _) = world(2);
        let mut bytes = charter.encode();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert_eq!(SignedCharter::open_as(charter.charter.id(), &bytes).err(), Some(Refusal::CharterAltered));
    }
}

#[test]
fn a_motion_for_another_meeting_part_or_epoch_is_void() {
    let (mut meeting, people) = seated(2);
    let good = motion(&meeting, MotionKind::Open);
    let mut wrong = [good; 4];
    wrong[0].place.meeting = [0; 32];
    wrong[1].place.part += 1;
    wrong[2].place.epoch -= 1;
    wrong[3].place.founding += 1;
    for motion in wrong {
        assert_eq!(
            say(&mut meeting, people[0].say(Body::Motion(motion)), START_MS),
            Err(Refusal::StaleEpoch)
        );
    }
    assert_eq!(say(&mut meeting, people[0].say(Body::Motion(good)), START_MS), Ok(()));
}

#[test]
fn a_motion_from_a_device_whose_clock_is_far_off_is_refused_with_a_reason() {
    let (mut meeting, people) = seated(2);
    let motion = Motion {
        moved_at_ms: START_MS + limits::CLOCK_SKEW_MS_MAX + 1,
        ..motion(&meeting, MotionKind::Open)
    };
    let refusal = say(&mut meeting, people[0].say(Body::Motion(motion)), START_MS).unwrap_err();
    assert!(refusal.to_string().contains("clock"));
}

#[test]
fn consents_lapse_with_the_epoch() {
    let (mut meeting, people) = seated(3);
    let opening = motion(&meeting, MotionKind::Open);
    say(&mut meeting, people[0].say(Body::Motion(opening)), START_MS).unwrap();
    for person in &people[1..] {
        say(
            &mut meeting,
            person.say(Body::Consent(Consent { motion: opening.id() })),
            START_MS,
        )
        .unwrap();
    }
    let consents: Vec<_> = meeting.running(START_MS).unwrap().consents.values().cloned().collect();
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents,
        fins: Vec::new(),
    };
    // Somebody leaves: another epoch.
    let mut remove = facts(&meeting, 0);
    remove.removes.push(Leaf(2));
    let place = meeting.group().unwrap().place(meeting.id());
    say(&mut meeting, people[2].say(Body::Goodbye(Goodbye { place })), START_MS).unwrap();
    commit(&mut meeting, remove, START_MS).unwrap();
    assert_eq!(
        turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS),
        Err(Refusal::StaleEpoch)
    );
}

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

fn heartbeat(meeting: &Meeting, person: &Person, beat: u32) -> Heartbeat {
    let group = meeting.group().unwrap();
    let (said, chain) = group.said.so_far();
    assert!(leaf_of(meeting, person).is_some());
    Heartbeat {
        place: group.place(meeting.id()),
        beat,
        authenticator: [0; 32],
        roster: group.roster_hash(),
        said,
        chain,
    }
}

#[test]
fn a_heartbeat_counts_only_for_its_epoch_and_once() {
    let (mut meeting, people) = seated(2);
    let first = heartbeat(&meeting, &people[1], 0);
    let mut elsewhere = first;
    elsewhere.place.epoch -= 1;
    let say = |meeting: &mut Meeting, beat| say(meeting, people[1].say(Body::Heartbeat(beat)), START_MS);
    assert_eq!(say(&mut meeting, elsewhere), Err(Refusal::StaleEpoch));
    assert_eq!(say(&mut meeting, first), Ok(()));
    assert_eq!(say(&mut meeting, first), Err(Refusal::StaleEpoch));
    let second = heartbeat(&meeting, &people[1], 1);
    assert_eq!(say(&mut meeting, second), Ok(()));
}

#[test]
fn a_heartbeat_over_another_course_of_things_is_found_out() {
    let (mut meeting, people) = seated(3);
    let before = heartbeat(&meeting, &people[1], 0);
    let opening = motion(&meeting, MotionKind::Open);
    say(&mut meeting, people[0].say(Body::Motion(opening)), START_MS).unwrap();
    // Somebody to whom the motion has not come yet is only behind …
    assert_eq!(
        say(&mut meeting, people[1].say(Body::Heartbeat(before)), START_MS),
        Ok(())
    );
    // … somebody who saw more, or something else, or another roster is elsewhere.
    let now = heartbeat(&meeting, &people[2], 0);
    let more = Heartbeat {
        said: now.said + 1,
        ..now
    };
    let other = Heartbeat { chain: [7; 32], ..now };
    let roster = Heartbeat { roster: [7; 32], ..now };
    for lie in [more, other, roster] {
        let said = people[2].say(Body::Heartbeat(lie));
        assert_eq!(say(&mut meeting, said, START_MS), Err(Refusal::Forked));
    }
}

/// What a delegation signs: the seed of its key is that of `world`.
fn delegation_seed(side: u8) -> Seed {
    Seed::new([100 + side * 3; 32])
}

fn minted(charter: &SignedCharter, founder: &Person, side: u8, role: Role, entry: Entry) -> Person {
    let letter_seed = Seed::new([200 + side; 32]);
    let device = Seed::new([220 + side; 32]).public_key();
    let letter = Letter::new(
        charter.charter.id(),
        u16::from(side),
        "A second person",
        role,
        entry,
        letter_seed.public_key(),
        START_MS + 1_000_000,
    );
    let letter = Signed::new("letter", letter.unwrap(), &delegation_seed(side));
    let claim = founder.credential.claim.clone();
    Person {
        credential: Credential::of_letter(claim, letter, &letter_seed, device),
        letter_seed,
        device,
    }
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
fn a_chair_opens_and_closes_alone_where_the_charter_says_so() {
    let (charter, people) = {
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
    };
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
    let (meeting, _) = seated(2);
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
    let refused = meeting.decide(START_MS, Command::Disclose(Leaf(0), vec![disclosure]));
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
