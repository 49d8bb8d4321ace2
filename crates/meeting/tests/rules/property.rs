//! Whatever members and server say, in whatever order, these hold.

use std::collections::BTreeSet;

use super::*;

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
        let context = MeetingContext::founding(meeting.id().0, 1, [5; 16], 1, 0);
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
