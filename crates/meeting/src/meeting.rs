//! The state of a meeting and what can happen to it.

mod apply;
mod decide;
mod enter;
mod public;

use std::collections::BTreeMap;

use incamera_protocol::member::Position;
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Leaf, MeetingId, limits};

use crate::charter::{Charter, OpeningRule, SignedCharter};
use crate::commit::{Added, CommitFacts};
use crate::context::MeetingContext;
use crate::credential::{Credential, LetterId, Person};
use crate::evidence::Evidence;
use crate::refusal::Refusal;
use crate::sign::PublicKey;
use crate::statement::{Motion, Place, Statement};

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

    /// Forgets the group, not who claimed which delegation and letter: how a member who lost its keys starts again.
    pub fn leave_group(&mut self) {
        self.group = None;
        self.running = None;
        self.parts.clear();
        self.disclosed.clear();
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
}
