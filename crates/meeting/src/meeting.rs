//! The state of a meeting, what changes it, and what the public sees of it.

use std::collections::BTreeMap;

use incamera_protocol::member::Position;
use incamera_protocol::public::{
    Disclosure, PublicDelegation, PublicItem, PublicPart, PublicPerson, PublicPhase, PublicState,
};
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Leaf, MeetingId, limits};

use crate::charter::{Charter, OpeningRule, SignedCharter};
use crate::commit::{Added, CommitFacts, judge_consent, judge_fin};
use crate::context::{MeetingContext, Phase};
use crate::credential::{Credential, LetterId, Person};
use crate::evidence::Evidence;
use crate::refusal::Refusal;
use crate::sign::PublicKey;
use crate::statement::{Body, Motion, Place, Statement};

/// A meeting from convening to adjournment.
#[derive(Debug, Clone)]
pub struct Meeting {
    id: MeetingId,
    charter: SignedCharter,
    delegation_keys: BTreeMap<u16, PublicKey>,
    devices: BTreeMap<LetterId, PublicKey>,
    group: Option<Group>,
    running: Option<Running>,
    parts: Vec<Part>,
    disclosed: Vec<Disclosure>,
    convened_at_ms: u64,
    started_at_ms: Option<u64>,
    adjourned_at_ms: Option<u64>,
}

/// The MLS group, as far as the rules need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which group of this meeting.
    pub founding: u32,
    /// The MLS epoch.
    pub epoch: u64,
    /// The meeting context of this epoch.
    pub context: MeetingContext,
    /// Who is in it.
    pub roster: BTreeMap<Leaf, Person>,
    /// In an open part: by what it was opened.
    pub warrant: Option<Evidence>,
}

/// A motion that waits for its consents, or a close that waits for its fins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// What was moved.
    pub motion: Motion,
    /// As signed.
    pub statement: Statement,
    /// Who moved.
    pub mover: Leaf,
    /// When this side saw it first.
    pub seen_at_ms: u64,
    /// By delegation.
    pub consents: BTreeMap<u16, Statement>,
    /// By leaf.
    pub fins: BTreeMap<Leaf, Statement>,
}

/// A part, past or running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Counts from 1 through the meeting.
    pub number: u32,
    /// Open or closed.
    pub open: bool,
    /// The agenda item, as an index.
    pub item: u32,
    /// Milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    /// Milliseconds since the Unix epoch.
    pub ended_at_ms: Option<u64>,
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub enum Command {
    /// A device shows its chain: claims the slot if nobody has, binds the letter if no device has.
    Claim(Box<Credential>),
    /// The first member has founded a group.
    Found {
        /// The founder's leaf.
        leaf: Leaf,
        /// The founder.
        founder: Added,
        /// The group's meeting context.
        context: MeetingContext,
        /// The MLS GroupInfo, for the log.
        message: Bytes,
    },
    /// A commit that the MLS library found valid.
    Commit {
        /// What it would do.
        facts: Box<CommitFacts>,
        /// The MLS message, for the log.
        message: Bytes,
    },
    /// A signed statement.
    State(Box<Statement>),
    /// The member at this leaf discloses keys.
    Disclose(Leaf, Vec<Disclosure>),
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A delegation or a letter was used for the first time.
    Claimed {
        /// The chain.
        credential: Box<Credential>,
    },
    /// A group was founded.
    Founded {
        /// When.
        at_ms: u64,
        /// The founder's leaf.
        leaf: Leaf,
        /// The founder.
        founder: Added,
        /// The group's meeting context.
        context: MeetingContext,
        /// The MLS GroupInfo.
        message: Bytes,
    },
    /// A commit was taken in.
    Committed {
        /// When.
        at_ms: u64,
        /// What it does.
        facts: Box<CommitFacts>,
        /// The MLS message.
        message: Bytes,
    },
    /// A statement was made.
    Stated {
        /// When.
        at_ms: u64,
        /// Which.
        statement: Statement,
    },
    /// Keys of the open part were disclosed.
    Disclosed {
        /// Which.
        keys: Vec<Disclosure>,
    },
}

impl Group {
    /// Founding and epoch.
    pub fn position(&self) -> Position {
        Position {
            founding: self.founding,
            epoch: self.epoch,
        }
    }

    /// The point of the meeting for which statements are made now.
    pub fn place(&self, meeting: MeetingId) -> Place {
        Place {
            meeting: meeting.0,
            founding: self.founding,
            epoch: self.epoch,
            part: self.context.part,
        }
    }

    /// The member whose statement this is; its signature is checked.
    pub fn signer(&self, statement: &Statement) -> Result<(Leaf, &Person), Refusal> {
        let (leaf, person) = self
            .roster
            .iter()
            .find(|(_, person)| person.letter == statement.signer)
            .ok_or(Refusal::Motion("its signer is not in the group"))?;
        if !statement.is_by(person) {
            return Err(Refusal::Motion("its signature does not hold"));
        }
        Ok((*leaf, person))
    }
}

impl Running {
    /// A motion to open that has waited too long.
    pub fn has_lapsed(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.seen_at_ms) > limits::MOTION_LIFE_MS
    }

    /// A close has been called: nobody is to be heard until it is done.
    pub fn is_close(&self) -> bool {
        self.motion.kind() == Some(MotionKind::Close)
    }
}

impl Meeting {
    /// A meeting that was just convened.
    pub fn convene(charter: SignedCharter, at_ms: u64) -> Self {
        Self {
            id: charter.charter.id(),
            charter,
            delegation_keys: BTreeMap::new(),
            devices: BTreeMap::new(),
            group: None,
            running: None,
            parts: Vec::new(),
            disclosed: Vec::new(),
            convened_at_ms: at_ms,
            started_at_ms: None,
            adjourned_at_ms: None,
        }
    }

    /// Takes in a group that somebody else holds: how a joiner begins. Every member's chain is followed; for an open
    /// part the warrant must be the one that the group context names, with a valid motion and valid consents.
    pub fn enter(
        &mut self,
        epoch: u64,
        context: MeetingContext,
        roster: &[(Leaf, Added)],
        warrant: Option<Evidence>,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        if context.version != MeetingContext::VERSION || context.meeting != self.id.0 {
            return Err(Refusal::Commit(
                "the group is not of this meeting, or of another version",
            ));
        }
        if context.phase == Phase::Adjourned {
            return Err(Refusal::Adjourned);
        }
        let mut people = BTreeMap::new();
        for (leaf, member) in roster {
            let person = self.verify_credential(&Credential::read(&member.credential.0)?)?;
            if person.device_key != member.device_key {
                return Err(Refusal::Credential("a device is not the one that its letter binds"));
            }
            if people.values().any(|other: &Person| other.letter == person.letter) {
                return Err(Refusal::LetterInUse);
            }
            self.learn(&person);
            people.insert(*leaf, person);
        }
        if context.phase == Phase::Open {
            let warrant = warrant.as_ref().ok_or(Refusal::ConsentMissing)?;
            self.check_warrant(&context, &people, warrant)?;
        }
        let open = context.phase == Phase::Open;
        let part = Part {
            number: context.part,
            open,
            item: context.item,
            started_at_ms: now_ms,
            ended_at_ms: None,
        };
        self.parts = vec![part];
        self.started_at_ms = Some(now_ms);
        self.running = None;
        let warrant = if open { warrant } else { None };
        self.group = Some(Group {
            founding: context.founding,
            epoch,
            context,
            roster: people,
            warrant,
        });
        Ok(())
    }

    /// Forgets the group, not who claimed which delegation and letter: how a member who lost its keys starts again.
    pub fn leave_group(&mut self) {
        self.group = None;
        self.running = None;
        self.parts.clear();
        self.disclosed.clear();
    }

    /// What a joiner can check of the opening it was not there for: that the evidence is the one in the authenticated
    /// context, and that each consent is by somebody whom it can see.
    fn check_warrant(
        &self,
        context: &MeetingContext,
        people: &BTreeMap<Leaf, Person>,
        warrant: &Evidence,
    ) -> Result<(), Refusal> {
        if warrant.warrant() != context.warrant {
            return Err(Refusal::ConsentMissing);
        }
        let Body::Motion(motion) = &warrant.motion.body else {
            return Err(Refusal::Motion("it is no motion"));
        };
        let right_place = motion.place.meeting == self.id.0
            && motion.place.founding == context.founding
            && motion.place.part.checked_add(1) == Some(context.part)
            && motion.kind() == Some(MotionKind::Open);
        if !right_place {
            return Err(Refusal::Motion("it is for another part"));
        }
        for statement in &warrant.consents {
            let Body::Consent(consent) = &statement.body else {
                return Err(Refusal::Motion("it is no consent"));
            };
            if consent.motion != motion.id() {
                return Err(Refusal::Motion("it is a consent to another motion"));
            }
        }
        for statement in std::iter::once(&warrant.motion).chain(&warrant.consents) {
            // A signer may have left since; whoever is still here must have signed what bears their name.
            let signer = people.values().find(|person| person.letter == statement.signer);
            if signer.is_some_and(|person| !statement.is_by(person)) {
                return Err(Refusal::Motion("its signature does not hold"));
            }
        }
        Ok(())
    }

    /// Which meeting.
    pub fn id(&self) -> MeetingId {
        self.id
    }

    /// Its charter.
    pub fn charter(&self) -> &Charter {
        &self.charter.charter
    }

    /// Its charter with the signature.
    pub fn signed_charter(&self) -> &SignedCharter {
        &self.charter
    }

    /// The group that meets, if any.
    pub fn group(&self) -> Option<&Group> {
        self.group.as_ref()
    }

    /// The close that was called and is not done. It does not lapse by time.
    pub fn called_close(&self) -> Option<&Running> {
        self.running.as_ref().filter(|running| running.is_close())
    }

    pub(crate) fn latest(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// The motion that runs, unless it has lapsed.
    pub fn running(&self, now_ms: u64) -> Option<&Running> {
        self.running
            .as_ref()
            .filter(|running| running.is_close() || !running.has_lapsed(now_ms))
    }

    /// Over.
    pub fn is_adjourned(&self) -> bool {
        self.adjourned_at_ms.is_some()
    }

    /// Keys disclosed for the open part that runs.
    pub fn disclosed(&self) -> &[Disclosure] {
        &self.disclosed
    }

    /// The number that the next group of this meeting has, and that of the closed part it starts with.
    pub fn next_founding(&self) -> (u32, u32) {
        let founding = self.group.as_ref().map_or(1, |group| group.founding.saturating_add(1));
        let part = self.parts.last().map_or(1, |part| part.number.saturating_add(1));
        (founding, part)
    }

    /// The agenda item that runs, or the first.
    pub fn current_item(&self) -> u32 {
        self.parts.last().map_or(0, |part| part.item)
    }

    /// Follows a chain to the charter and holds it against the delegation's and the letter's first use.
    pub fn verify_credential(&self, credential: &Credential) -> Result<Person, Refusal> {
        let person = credential.verify(self.charter())?;
        if self
            .delegation_keys
            .get(&person.delegation)
            .is_some_and(|key| *key != person.delegation_key)
        {
            return Err(Refusal::SlotTaken);
        }
        if self
            .devices
            .get(&person.letter)
            .is_some_and(|device| *device != person.device_key)
        {
            return Err(Refusal::LetterInUse);
        }
        Ok(person)
    }

    fn learn(&mut self, person: &Person) {
        self.delegation_keys
            .entry(person.delegation)
            .or_insert(person.delegation_key);
        self.devices.entry(person.letter).or_insert(person.device_key);
    }

    /// Delegations present whose consent the running motion still needs.
    pub fn missing_consents(&self) -> Vec<u16> {
        let (Some(group), Some(running)) = (&self.group, &self.running) else {
            return Vec::new();
        };
        if running.motion.kind() != Some(MotionKind::Open) || self.charter().opening != OpeningRule::AllDelegations {
            return Vec::new();
        }
        let mover = group.roster.get(&running.mover).map(|person| person.delegation);
        let mut missing: Vec<u16> = group
            .roster
            .values()
            .map(|person| person.delegation)
            .filter(|delegation| Some(*delegation) != mover && !running.consents.contains_key(delegation))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// What a command leads to, or why it is refused. Changes nothing.
    pub fn decide(&self, now_ms: u64, command: Command) -> Result<Vec<Event>, Refusal> {
        if self.is_adjourned() {
            return Err(Refusal::Adjourned);
        }
        match command {
            Command::Claim(credential) => {
                let person = self.verify_credential(&credential)?;
                person.in_time(now_ms)?;
                let known =
                    self.delegation_keys.contains_key(&person.delegation) && self.devices.contains_key(&person.letter);
                Ok(if known {
                    Vec::new()
                } else {
                    vec![Event::Claimed { credential }]
                })
            }
            Command::Found {
                leaf,
                founder,
                context,
                message,
            } => {
                self.recognise(&founder, now_ms)?;
                let (founding, part) = self.next_founding();
                let expected = MeetingContext::founding(self.id.0, founding, part, self.current_item());
                if context != expected {
                    return Err(Refusal::Commit(
                        "the group does not start as this meeting's next one must",
                    ));
                }
                Ok(vec![Event::Founded {
                    at_ms: now_ms,
                    leaf,
                    founder,
                    context,
                    message,
                }])
            }
            Command::Commit { facts, message } => {
                self.judge(&facts, now_ms)?;
                Ok(vec![Event::Committed {
                    at_ms: now_ms,
                    facts,
                    message,
                }])
            }
            Command::State(statement) => self.decide_statement(now_ms, *statement),
            Command::Disclose(leaf, keys) => self.decide_disclosure(leaf, keys),
        }
    }

    fn decide_statement(&self, now_ms: u64, statement: Statement) -> Result<Vec<Event>, Refusal> {
        let group = self.group.as_ref().ok_or(Refusal::NotAMember)?;
        match &statement.body {
            Body::Motion(_) => {
                let (motion, _) = self.judge_motion(group, &statement)?;
                // A close never depends on anybody's clock.
                let opens = motion.kind() == Some(MotionKind::Open);
                if opens && now_ms.abs_diff(motion.moved_at_ms) > limits::CLOCK_SKEW_MS_MAX {
                    return Err(Refusal::Motion(
                        "its time is far from ours; check the clock of this device",
                    ));
                }
                let gives_way = match self.running(now_ms) {
                    None => true,
                    // A close trumps whatever waits; a close that was called is done by whoever is left.
                    Some(running) => !opens && !running.is_close(),
                };
                if !gives_way {
                    return Err(Refusal::Phase);
                }
            }
            Body::Consent(_) => {
                let running = self.running(now_ms).ok_or(Refusal::Motion("it has lapsed"))?;
                if running.motion.kind() != Some(MotionKind::Open) {
                    return Err(Refusal::Phase);
                }
                judge_consent(group, &running.motion, &statement)?;
            }
            Body::Fin(_) => {
                let running = self
                    .running(now_ms)
                    .filter(|running| running.is_close())
                    .ok_or(Refusal::Phase)?;
                judge_fin(group, &running.motion, &statement)?;
            }
            Body::Confirmation(confirmation) => {
                group.signer(&statement)?;
                if confirmation.place != group.place(self.id) {
                    return Err(Refusal::StaleEpoch);
                }
            }
        }
        Ok(vec![Event::Stated {
            at_ms: now_ms,
            statement,
        }])
    }

    fn decide_disclosure(&self, sender: Leaf, keys: Vec<Disclosure>) -> Result<Vec<Event>, Refusal> {
        let group = self.group.as_ref().ok_or(Refusal::NotAMember)?;
        if group.context.phase != Phase::Open {
            return Err(Refusal::Phase);
        }
        for key in &keys {
            let kid = key.kid.parts();
            let ours = kid.epoch == group.epoch && kid.founding == group.founding && kid.slice == 0;
            let own = ours && kid.leaf == sender && kid.open;
            if !own || key.enc_key.0.len() != 16 || key.salt.0.len() != 12 {
                return Err(Refusal::Malformed);
            }
        }
        let fresh = |key: &Disclosure| !self.disclosed.iter().any(|known| known.kid == key.kid);
        let keys: Vec<Disclosure> = keys.into_iter().filter(fresh).collect();
        Ok(if keys.is_empty() {
            Vec::new()
        } else {
            vec![Event::Disclosed { keys }]
        })
    }

    /// Takes in what has happened. Total: an event that was decided always applies.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Claimed { credential } => {
                if let Ok(person) = credential.verify(&self.charter.charter) {
                    self.learn(&person);
                }
            }
            Event::Founded {
                at_ms,
                leaf,
                founder,
                context,
                ..
            } => self.apply_founded(*at_ms, *leaf, founder, context),
            Event::Committed { at_ms, facts, .. } => self.apply_commit(*at_ms, facts),
            Event::Stated { at_ms, statement } => self.apply_statement(*at_ms, statement),
            Event::Disclosed { keys } => self.disclosed.extend(keys.iter().cloned()),
        }
    }

    fn apply_founded(&mut self, at_ms: u64, leaf: Leaf, founder: &Added, context: &MeetingContext) {
        let Some(person) = Credential::read(&founder.credential.0)
            .ok()
            .and_then(|c| c.verify(self.charter()).ok())
        else {
            return;
        };
        self.learn(&person);
        self.started_at_ms.get_or_insert(at_ms);
        self.begin_part(context, at_ms);
        self.group = Some(Group {
            founding: context.founding,
            epoch: 0,
            context: context.clone(),
            roster: BTreeMap::from([(leaf, person)]),
            warrant: None,
        });
    }

    fn apply_commit(&mut self, at_ms: u64, facts: &CommitFacts) {
        // Judged at the time it was decided; at a replay only what it does counts.
        let Ok(outcome) = self.judge(facts, at_ms) else {
            return;
        };
        for (_, person) in &outcome.admitted {
            self.learn(person);
        }
        let Some(group) = self.group.as_mut() else {
            return;
        };
        for (leaf, _) in &outcome.departed {
            group.roster.remove(leaf);
        }
        group.roster.extend(outcome.admitted);
        group.epoch = group.epoch.saturating_add(1);
        let turned = group.context != facts.context;
        group.context = facts.context.clone();
        group.warrant = match facts.context.phase {
            Phase::Open => outcome.evidence.or(group.warrant.take()),
            Phase::Closed | Phase::Adjourned => None,
        };
        // Consents lapse with the epoch.
        self.running = None;
        if facts.context.phase == Phase::Adjourned {
            self.end_part(at_ms);
            self.adjourned_at_ms = Some(at_ms);
        } else if turned {
            self.begin_part(&facts.context, at_ms);
        }
    }

    fn begin_part(&mut self, context: &MeetingContext, at_ms: u64) {
        self.end_part(at_ms);
        self.parts.push(Part {
            number: context.part,
            open: context.phase == Phase::Open,
            item: context.item,
            started_at_ms: at_ms,
            ended_at_ms: None,
        });
    }

    fn end_part(&mut self, at_ms: u64) {
        self.disclosed.clear();
        self.running = None;
        if let Some(part) = self.parts.last_mut() {
            part.ended_at_ms.get_or_insert(at_ms);
        }
    }

    fn apply_statement(&mut self, at_ms: u64, statement: &Statement) {
        let Some(group) = &self.group else {
            return;
        };
        let Ok((leaf, person)) = group.signer(statement) else {
            return;
        };
        match (&statement.body, &mut self.running) {
            (Body::Motion(motion), running) => {
                *running = Some(Running {
                    motion: *motion,
                    statement: statement.clone(),
                    mover: leaf,
                    seen_at_ms: at_ms,
                    consents: BTreeMap::new(),
                    fins: BTreeMap::new(),
                });
            }
            (Body::Consent(_), Some(running)) => {
                running.consents.insert(person.delegation, statement.clone());
            }
            (Body::Fin(_), Some(running)) => {
                running.fins.entry(leaf).or_insert_with(|| statement.clone());
            }
            (Body::Confirmation(_), _) | (_, None) => {}
        }
    }

    /// What the public sees.
    pub fn public_state(&self) -> PublicState {
        let last = self.parts.last();
        let closing = self.running.as_ref().filter(|running| running.is_close());
        let (phase, since_ms) = match (self.adjourned_at_ms, closing, last) {
            (Some(at), _, _) => (PublicPhase::Adjourned, at),
            (None, Some(running), _) => (PublicPhase::Closing, running.seen_at_ms),
            (None, None, Some(part)) if part.open => (PublicPhase::Open, part.started_at_ms),
            (None, None, Some(part)) => (PublicPhase::Closed, part.started_at_ms),
            (None, None, None) => (PublicPhase::Convened, self.convened_at_ms),
        };
        let charter = self.charter();
        PublicState {
            meeting: self.id,
            title: charter.title.as_str().to_owned(),
            delegations: (0u16..)
                .zip(&charter.delegations)
                .map(|(index, slot)| PublicDelegation {
                    name: slot.name.as_str().to_owned(),
                    key: self.delegation_keys.get(&index).map(|key| Bytes(key.0.to_vec())),
                })
                .collect(),
            agenda: charter
                .agenda
                .iter()
                .map(|item| PublicItem {
                    title: item.title.as_str().to_owned(),
                    public: item.public == 1,
                    ground: item.ground.as_str().to_owned(),
                })
                .collect(),
            phase,
            part: last.map_or(0, |part| part.number),
            item: last.map(|part| part.item),
            since_ms,
            convened_at_ms: self.convened_at_ms,
            started_at_ms: self.started_at_ms,
            adjourned_at_ms: self.adjourned_at_ms,
            parts: self.parts.iter().map(Part::public).collect(),
            present: self
                .group
                .iter()
                .flat_map(|group| &group.roster)
                .map(public_person)
                .collect(),
        }
    }
}

impl Part {
    fn public(&self) -> PublicPart {
        PublicPart {
            number: self.number,
            open: self.open,
            item: Some(self.item),
            started_at_ms: self.started_at_ms,
            ended_at_ms: self.ended_at_ms,
        }
    }
}

fn public_person((leaf, person): (&Leaf, &Person)) -> PublicPerson {
    PublicPerson {
        leaf: *leaf,
        name: person.name.clone(),
        delegation: person.delegation,
        role: person.role.word().to_owned(),
    }
}
