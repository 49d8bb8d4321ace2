//! A meeting of three delegations at a certain point, and somebody about whom the question is.

use incamera_meeting::{
    Added, Body, Command, CommitFacts, CommitSender, Consent, Credential, DelegationLink, Draft, DraftItem, Encode,
    Entry, Evidence, Fin, FinEntry, FirstClientKeys, Goodbye, Letter, Meeting, MeetingContext, Motion, PublicKey, Role,
    Seed, Signed, SignedCharter, Statement,
};
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Kid, KidParts, Leaf, Stream};

pub const NOW_MS: u64 = 1_800_000_000_000;
/// The delegation of whoever the question is about.
pub const OWN: usize = 2;

/// An enumeration that knows all of its values.
macro_rules! every {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$note:meta])* $value:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$note])* $value),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$value),*];
        }
    };
}
pub(crate) use every;

every! {
    /// What somebody is to this meeting.
    pub enum Standing {
        /// In the group.
        Member,
        /// Was in the group, said goodbye and was removed. The letter is good.
        Removed,
        /// Was in the group; its delegation has revoked the letter, and it was removed.
        Revoked,
        /// Has a good letter, and never came.
        Outsider,
        /// Has a good letter of another meeting with the same people.
        Stranger,
    }
}

every! {
    /// Where the meeting is.
    pub enum Phase {
        /// A closed part, and nothing waits.
        Closed,
        /// A closed part, and a motion to open waits.
        Asked,
        /// An open part.
        Open,
        /// An open part, and a close was called.
        Closing,
        /// Adjourned.
        Over,
    }
}

every! {
    /// Whom the charter names as chair.
    pub enum Chair {
        /// Nobody.
        None,
        /// The delegation of whoever the question is about.
        Own,
        /// Another one.
        Other,
    }
}

/// For opening; for closing and adjourning.
#[derive(Debug, Clone, Copy)]
pub struct Chairs {
    pub opening: Chair,
    pub closing: Chair,
}

impl Chair {
    fn delegation(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Own => Some(OWN),
            Self::Other => Some(0),
        }
    }
}

/// Somebody with a letter.
#[derive(Clone)]
pub struct Person {
    pub credential: Credential,
    pub letter_seed: Seed,
    pub device: PublicKey,
    pub delegation_seed: Seed,
    pub slot_seed: Seed,
}

impl Person {
    pub fn say(&self, body: Body) -> Statement {
        Statement::new(self.credential.binding.body.letter, body, &self.letter_seed)
    }

    pub fn added(&self) -> Added {
        Added {
            credential: Bytes(self.credential.encode()),
            device_key: self.device,
        }
    }
}

pub struct Scene {
    pub meeting: Meeting,
    /// The first client of each delegation, in their order. They sit at leaves 0, 1 and 2.
    pub principals: Vec<Person>,
    /// Whom the question is about; in the group at leaf 3, or not at all.
    pub subject: Person,
    pub is_member: bool,
    /// A fifth, who has never come.
    pub newcomer: Person,
    pub chairs: Chairs,
}

pub const SUBJECT: Leaf = Leaf(3);

fn charter(chairs: Chairs, seed: u8) -> (SignedCharter, Vec<DelegationLink>) {
    let item = |title: &str, public| DraftItem {
        title: title.to_owned(),
        public,
        ground: String::new(),
    };
    let chair = |chair: Chair| chair.delegation().map(|delegation| delegation as u16);
    let draft = Draft {
        title: "A meeting".to_owned(),
        delegations: (0..3).map(|n| format!("Side {n}")).collect(),
        agenda: vec![item("Welcome", true), item("Talks", false)],
        opening_chair: chair(chairs.opening),
        closing_chair: chair(chairs.closing),
        ..Draft::default()
    };
    let mut counter = seed;
    let dice = || {
        counter += 1;
        [counter; 32]
    };
    draft.convene(NOW_MS, dice).unwrap()
}

fn first_client(charter: &SignedCharter, link: &DelegationLink) -> Person {
    let seed = |which: u8| Seed::new([100 + link.delegation as u8 * 3 + which; 32]);
    let device = seed(2).public_key();
    let keys = FirstClientKeys {
        slot: &link.slot_seed,
        delegation: &seed(0),
        letter: &seed(1),
        device,
    };
    let until = NOW_MS + 1_000_000;
    let credential = Credential::of_first_client(charter.charter.id(), link.delegation, keys, "A principal", until);
    Person {
        credential: credential.unwrap(),
        letter_seed: seed(1),
        device,
        delegation_seed: seed(0),
        slot_seed: link.slot_seed.clone(),
    }
}

/// A second person of the delegation of this first client.
fn minted(charter: &SignedCharter, first: &Person, role: Role, seed: u8) -> Person {
    let letter_seed = Seed::new([seed; 32]);
    let device = Seed::new([seed + 1; 32]).public_key();
    let letter = Letter::new(
        charter.charter.id(),
        first.credential.claim.body.delegation,
        "Somebody",
        role,
        Entry::AtOnce,
        letter_seed.public_key(),
        NOW_MS + 1_000_000,
    );
    let letter = Signed::new("letter", letter.unwrap(), &first.delegation_seed);
    Person {
        credential: Credential::of_letter(first.credential.claim.clone(), letter, &letter_seed, device),
        letter_seed,
        device,
        ..first.clone()
    }
}

impl Scene {
    pub fn set(standing: Standing, role: Role, chairs: Chairs, phase: Phase) -> Self {
        let (here, links) = charter(chairs, 0);
        let principals: Vec<Person> = links.iter().map(|link| first_client(&here, link)).collect();
        let subject = match standing {
            Standing::Stranger => {
                let (elsewhere, links) = charter(chairs, 50);
                minted(&elsewhere, &first_client(&elsewhere, &links[OWN]), role, 200)
            }
            Standing::Member | Standing::Removed | Standing::Revoked | Standing::Outsider => {
                minted(&here, &principals[OWN], role, 200)
            }
        };
        let newcomer = minted(&here, &principals[1], Role::Adviser, 210);
        let mut scene = Self {
            meeting: Meeting::convene(here, NOW_MS),
            principals,
            subject,
            is_member: standing == Standing::Member,
            newcomer,
            chairs,
        };
        scene.seat(standing);
        scene.go_to(phase);
        scene
    }

    /// Everybody takes their seat, and whoever is to be gone again is gone.
    fn seat(&mut self, standing: Standing) {
        let context = MeetingContext::founding(self.meeting.id().0, 1, [8; 16], 1, 0);
        self.happens(Command::Found {
            leaf: Leaf(0),
            founder: self.principals[0].added(),
            context,
            message: Bytes::default(),
        });
        let mut add = self.facts(Leaf(0));
        add.meeting_secret = true;
        add.adds = self.principals[1..].iter().map(Person::added).collect();
        let seated = match standing {
            Standing::Member | Standing::Removed | Standing::Revoked => true,
            Standing::Outsider | Standing::Stranger => false,
        };
        if seated {
            add.adds.push(self.subject.added());
        }
        self.happens(commit(add));
        match standing {
            Standing::Removed => {
                let place = self.meeting.group().unwrap().place(self.meeting.id());
                let goodbye = self.subject.say(Body::Goodbye(Goodbye { place }));
                self.happens(Command::State(Box::new(goodbye)));
            }
            Standing::Revoked => {
                let letter = self.subject.credential.binding.body.letter;
                let seed = &self.subject.delegation_seed;
                let act = Signed::revoke(self.meeting.id(), OWN as u16, letter, NOW_MS, seed);
                self.happens(Command::Act(Box::new(act)));
            }
            Standing::Member | Standing::Outsider | Standing::Stranger => return,
        }
        let mut remove = self.facts(Leaf(0));
        remove.removes.push(SUBJECT);
        self.happens(commit(remove));
    }

    fn go_to(&mut self, phase: Phase) {
        let (ask, open, call, end) = match phase {
            Phase::Closed => (false, false, false, false),
            Phase::Asked => (true, false, false, false),
            Phase::Open => (true, true, false, false),
            Phase::Closing => (true, true, true, false),
            Phase::Over => (false, false, false, true),
        };
        if ask {
            let motion = self.mover(MotionKind::Open).say(self.motion(MotionKind::Open));
            self.happens(Command::State(Box::new(motion)));
        }
        if open {
            let opening = self.turn(Leaf(0), &self.opening(&[0, 1, 2]));
            self.happens(opening);
        }
        if call {
            let motion = self.mover(MotionKind::Close).say(self.motion(MotionKind::Close));
            self.happens(Command::State(Box::new(motion)));
        }
        if end {
            let adjournment = self.evidence(MotionKind::Adjourn);
            let adjournment = self.turn(Leaf(0), &adjournment);
            self.happens(adjournment);
        }
    }

    fn happens(&mut self, command: Command) {
        let events = self.meeting.decide(NOW_MS, command).unwrap();
        assert!(!events.is_empty());
        for event in &events {
            self.meeting.apply(event);
        }
    }

    /// A principal who may move this.
    pub fn mover(&self, kind: MotionKind) -> &Person {
        let chair = match kind {
            MotionKind::Open => self.chairs.opening,
            MotionKind::Close | MotionKind::Adjourn => self.chairs.closing,
        };
        &self.principals[chair.delegation().unwrap_or(0)]
    }

    /// For the present place.
    pub fn motion(&self, kind: MotionKind) -> Body {
        let place = self.meeting.group().unwrap().place(self.meeting.id());
        Body::Motion(Motion {
            place,
            kind: Motion::number_of(kind),
            item: 1,
            moved_at_ms: NOW_MS,
        })
    }

    /// A motion by whoever may make it, and nothing else: the one that waits, if one of this kind does.
    pub fn evidence(&self, kind: MotionKind) -> Evidence {
        let running = self.meeting.running(NOW_MS);
        let running = running.filter(|running| running.motion.kind() == Some(kind));
        let motion = running.map_or_else(
            || self.mover(kind).say(self.motion(kind)),
            |running| running.statement.clone(),
        );
        Evidence {
            motion,
            consents: Vec::new(),
            fins: Vec::new(),
        }
    }

    /// The evidence of an opening, with the consents of the principals of these delegations, but the mover's.
    pub fn opening(&self, agreed: &[usize]) -> Evidence {
        let evidence = self.evidence(MotionKind::Open);
        let mover = self.mover(MotionKind::Open).device;
        let others = agreed.iter().map(|side| &self.principals[*side]);
        let others: Vec<&Person> = others.filter(|person| person.device != mover).collect();
        with_consents(evidence, &others)
    }

    /// The evidence with the fin of everybody in the group.
    pub fn with_fins(&self, mut evidence: Evidence) -> Evidence {
        let motion = motion_of(&evidence);
        let subject = self.is_member.then_some(&self.subject);
        for (leaf, person) in (0..).map(Leaf).zip(self.principals.iter().chain(subject)) {
            evidence.fins.push(person.say(Body::Fin(self.fin(leaf, &motion))));
        }
        evidence
    }

    pub fn fin(&self, leaf: Leaf, motion: &Motion) -> Fin {
        let count = FinEntry {
            kid: self.kid(leaf).number(),
            count: 5,
        };
        Fin {
            motion: motion.id(),
            counts: vec![count],
        }
    }

    /// Of somebody's microphone in the open part.
    pub fn kid(&self, leaf: Leaf) -> Kid {
        let group = self.meeting.group().unwrap();
        let parts = KidParts {
            founding: group.founding,
            epoch: group.epoch,
            slice: 0,
            leaf,
            stream: Stream::Microphone,
            open: true,
        };
        Kid::new(parts).unwrap()
    }

    /// A commit that changes nothing yet.
    pub fn facts(&self, sender: Leaf) -> CommitFacts {
        let group = self.meeting.group().unwrap();
        CommitFacts {
            position: group.position(),
            sender: CommitSender::Member(sender),
            renewed: None,
            adds: Vec::new(),
            removes: Vec::new(),
            context: group.context.clone(),
            meeting_secret: false,
            foreign: false,
            evidence: Bytes::default(),
        }
    }

    /// The commit that carries this evidence out.
    pub fn turn(&self, sender: Leaf, evidence: &Evidence) -> Command {
        let mut facts = self.facts(sender);
        facts.context = facts.context.after(&motion_of(evidence), evidence).unwrap();
        facts.evidence = Bytes(evidence.encode());
        commit(facts)
    }
}

pub fn commit(facts: CommitFacts) -> Command {
    Command::Commit {
        facts: Box::new(facts),
        message: Bytes::default(),
    }
}

pub fn motion_of(evidence: &Evidence) -> Motion {
    let Body::Motion(motion) = &evidence.motion.body else {
        panic!("a motion");
    };
    *motion
}

pub fn with_consents(mut evidence: Evidence, people: &[&Person]) -> Evidence {
    let motion = motion_of(&evidence).id();
    let consents = people
        .iter()
        .map(|person| person.say(Body::Consent(Consent { motion })));
    evidence.consents.extend(consents);
    evidence
}
