//! A charter, people with letters, and what they do to the rules.

use super::*;

pub(crate) const START_MS: u64 = 1_800_000_000_000;

/// Somebody with a letter.
pub(crate) struct Person {
    pub(crate) credential: Credential,
    pub(crate) letter_seed: Seed,
    pub(crate) device: PublicKey,
}

impl Person {
    pub(crate) fn say(&self, body: Body) -> Statement {
        Statement::new(self.credential.binding.body.letter, body, &self.letter_seed)
    }

    pub(crate) fn disclose(&self, meeting: &Meeting, keys: &[incamera_protocol::public::Disclosure]) -> Discloser {
        let place = meeting.group().unwrap().place(meeting.id());
        Discloser::sign(self.credential.binding.body.letter, &place, keys, &self.letter_seed).unwrap()
    }

    pub(crate) fn added(&self) -> Added {
        Added {
            credential: Bytes(self.credential.encode()),
            device_key: self.device,
        }
    }
}

pub(crate) fn dice() -> impl FnMut() -> [u8; 32] {
    let mut counter = 0u8;
    move || {
        counter += 1;
        [counter; 32]
    }
}

pub(crate) fn world(delegations: usize) -> (SignedCharter, Vec<Person>) {
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

pub(crate) fn people_of(charter: &SignedCharter, links: &[DelegationLink]) -> Vec<Person> {
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
pub(crate) fn founded(charter: &SignedCharter, founder: &Person) -> Meeting {
    founded_as([5; 16], charter, founder)
}

/// The same, in the group whose founder drew this.
pub(crate) fn founded_as(group: [u8; 16], charter: &SignedCharter, founder: &Person) -> Meeting {
    let mut meeting = Meeting::convene(charter.clone(), START_MS);
    let context = MeetingContext::founding(meeting.id().0, 1, group, 1, 0);
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

pub(crate) fn facts(meeting: &Meeting, sender: u32) -> CommitFacts {
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

pub(crate) fn commit(meeting: &mut Meeting, facts: CommitFacts, now: u64) -> Result<(), Refusal> {
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

pub(crate) fn admit(meeting: &mut Meeting, person: &Person) -> Result<(), Refusal> {
    let mut add = facts(meeting, 0);
    add.adds.push(person.added());
    add.meeting_secret = true;
    commit(meeting, add, START_MS)
}

pub(crate) fn seated(delegations: usize) -> (Meeting, Vec<Person>) {
    let (charter, people) = world(delegations);
    let mut meeting = founded(&charter, &people[0]);
    for person in &people[1..] {
        admit(&mut meeting, person).unwrap();
    }
    (meeting, people)
}

pub(crate) fn motion(meeting: &Meeting, kind: MotionKind) -> Motion {
    let place = meeting.group().unwrap().place(meeting.id());
    Motion {
        place,
        kind: Motion::number_of(kind),
        item: 1,
        moved_at_ms: START_MS,
    }
}

pub(crate) fn say(meeting: &mut Meeting, statement: Statement, now: u64) -> Result<(), Refusal> {
    for event in meeting.decide(now, Command::State(Box::new(statement)))? {
        meeting.apply(&event);
    }
    Ok(())
}

pub(crate) fn leaf_of(meeting: &Meeting, person: &Person) -> Option<u32> {
    let roster = &meeting.group()?.roster;
    roster
        .iter()
        .find(|(_, other)| other.device_key == person.device)
        .map(|(leaf, _)| leaf.0)
}

pub(crate) fn fin(meeting: &Meeting, person: &Person, leaf: u32, motion: &Motion) -> Statement {
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

pub(crate) fn turn(
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

pub(crate) fn heartbeat(meeting: &Meeting, person: &Person, beat: u32) -> Heartbeat {
    let group = meeting.group().unwrap();
    let (said, chain) = group.said.so_far();
    assert!(leaf_of(meeting, person).is_some());
    Heartbeat {
        place: group.place(meeting.id()),
        beat,
        at_ms: START_MS,
        authenticator: [0; 32],
        roster: group.roster_hash(),
        said,
        chain,
    }
}

/// What a delegation signs: the seed of its key is that of `world`.
pub(crate) fn delegation_seed(side: u8) -> Seed {
    Seed::new([100 + side * 3; 32])
}

pub(crate) fn minted(charter: &SignedCharter, founder: &Person, side: u8, role: Role, entry: Entry) -> Person {
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
