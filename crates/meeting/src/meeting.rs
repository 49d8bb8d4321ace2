//! The state of a meeting and what can happen to it.

mod announced;
mod apply;
mod decide;
mod enter;
mod group;
mod judged;
mod public;
mod published;
mod recorded;
mod unheard;

pub use group::{Group, Heard};
pub use judged::Judged;
pub use published::{JointStatement, PublishedReadout};

use std::collections::{BTreeMap, BTreeSet};

use incamera_protocol::member::Position;
use incamera_protocol::public::{Disclosure, PublicAttendee};
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Kid, Leaf, MeetingId, limits};

use crate::act::{Act, Deed};
use crate::announcement::Announcement;
use crate::charter::{Charter, OpeningRule, SignedCharter};
use crate::commit::{Added, CommitFacts};
use crate::context::MeetingContext;
use crate::credential::{Claim, Credential, Entry, LetterId, Person, Signed};
use crate::disclosure::Discloser;
use crate::readout::{AgreedJoint, Readout, SignedJoint};
use crate::recorded::Recorded;
use crate::refusal::Refusal;
use crate::sign::PublicKey;
use crate::statement::{Motion, Statement};

/// A meeting from convening to adjournment.
#[derive(Debug, Clone)]
pub struct Meeting {
    id: MeetingId,
    charter: SignedCharter,
    claims: BTreeMap<u16, Signed<Claim>>,
    devices: BTreeMap<LetterId, Device>,
    /// By the delegation that revoked it: nobody revokes another delegation's letter.
    revoked: BTreeMap<u16, BTreeMap<LetterId, Signed<Act>>>,
    notebooks: BTreeMap<u16, Bytes>,
    /// The chain of the device that a letter is bound to, where it was shown.
    credentials: BTreeMap<LetterId, Credential>,
    /// The last chain of each letter that was followed to the charter and taken in, and whose it is.
    followed: BTreeMap<LetterId, (Credential, Person)>,
    /// Everybody who has been in the group, by what they were named last.
    attended: BTreeMap<LetterId, PublicAttendee>,
    /// Counts what was taken in: what was judged before is not judged any more.
    revision: u64,
    group: Option<Group>,
    running: Option<Running>,
    parts: Vec<Part>,
    disclosed: Vec<Disclosure>,
    /// Of which keys: in a long open part of many there are very many.
    disclosed_kids: BTreeSet<Kid>,
    convened_at_ms: u64,
    started_at_ms: Option<u64>,
    adjourned_at_ms: Option<u64>,
    announcements: Vec<Signed<Announcement>>,
    published: published::Published,
    /// Pieces of recordings of open parts, and whether they are still there.
    recorded: BTreeMap<(u32, u32), bool>,
    /// Somebody else keeps the order, and this side may hear of everything late.
    follows: bool,
    /// The latest epoch with others that this side was in: what comes is later.
    reached: Option<Position>,
    /// Since when the house says that the public cannot hear the open part that runs.
    unheard_since_ms: Option<u64>,
}

/// The device that a letter is bound to.
#[derive(Debug, Clone, Copy)]
struct Device {
    key: PublicKey,
    admitted_at_ms: Option<u64>,
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
    /// It ends an open part: a close, or an adjournment in public.
    pub shuts: bool,
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
    /// A desk shows its claim: claims the slot if nobody has.
    ClaimSlot(Box<Signed<Claim>>),
    /// A device shows its chain: claims the slot if nobody has, binds the letter if it may enter with it.
    Claim(Box<Credential>),
    /// A delegation's key has signed this.
    Act(Box<Signed<Act>>),
    /// A delegation's desk has this kept.
    Note(u16, Bytes),
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
    /// The member at this leaf discloses keys, over its signature.
    Disclose(Leaf, Vec<Disclosure>, Discloser),
    /// A delegation publishes its readout, or a new version of it.
    Publish(Box<Signed<Readout>>),
    /// The convener announces the meeting, or changes what was announced.
    Announce(Box<Signed<Announcement>>),
    /// A delegation puts a joint statement before the others, or signs one.
    SignJoint(Box<SignedJoint>),
    /// A joint statement that all have signed, as whoever reads a record takes it in.
    PublishJoint(Box<AgreedJoint>),
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A delegation has claimed its slot.
    SlotClaimed {
        /// The claim.
        claim: Box<Signed<Claim>>,
    },
    /// A letter was revoked.
    Revoked {
        /// By this act.
        act: Box<Signed<Act>>,
    },
    /// A delegation's desk had this kept; only the last one counts.
    Noted {
        /// Index into the charter's delegations.
        delegation: u16,
        /// Sealed.
        notebook: Bytes,
    },
    /// A device was bound to its letter, and with it the delegation to its key, if they were not before.
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
        /// Which, in the order in which they were signed.
        keys: Vec<Disclosure>,
        /// By whom; none in what was stored before disclosures were signed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Discloser>,
    },
    /// The convener has announced the meeting, or changed what was announced.
    Announced {
        /// When.
        at_ms: u64,
        /// As signed by the convener.
        announcement: Box<Signed<Announcement>>,
    },
    /// A delegation has published its readout, or a new version of it.
    ReadoutPublished {
        /// When.
        at_ms: u64,
        /// As signed by the delegation.
        readout: Box<Signed<Readout>>,
    },
    /// What was stored before joint statements said who is to sign them. Nothing follows from it any more.
    #[serde(rename = "joint_signed")]
    JointSignedBefore {},
    /// A delegation has signed a joint statement; the first that does so puts it before the others.
    #[serde(rename = "joint_signed_by_named")]
    JointSigned {
        /// When.
        at_ms: u64,
        /// The statement and the delegation's signature.
        signed: Box<SignedJoint>,
    },
    /// The last of those whom a joint statement names has signed it.
    JointPublished {
        /// When.
        at_ms: u64,
        /// The statement and all signatures.
        agreed: Box<AgreedJoint>,
    },
    /// An open part, or a piece of it, was recorded.
    Recorded {
        /// When its files were made.
        at_ms: u64,
        /// Which.
        recorded: Box<Recorded>,
    },
    /// The way from this open part to the public has failed, or works again.
    Unheard {
        /// When the house found out.
        at_ms: u64,
        /// It has failed.
        failed: bool,
    },
    /// A recording was deleted.
    RecordingDeleted {
        /// When.
        at_ms: u64,
        /// The part's number.
        part: u32,
        /// The piece's number.
        piece: u32,
    },
}

impl Running {
    /// A motion to open that has waited too long.
    pub fn has_lapsed(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.seen_at_ms) > limits::MOTION_LIFE_MS
    }

    /// A close has been called: nobody is to be heard until it is done.
    pub fn is_close(&self) -> bool {
        self.shuts
    }
}

impl Meeting {
    /// A meeting that was just convened.
    pub fn convene(charter: SignedCharter, at_ms: u64) -> Self {
        Self {
            id: charter.charter.id(),
            charter,
            claims: BTreeMap::new(),
            devices: BTreeMap::new(),
            revoked: BTreeMap::new(),
            notebooks: BTreeMap::new(),
            credentials: BTreeMap::new(),
            followed: BTreeMap::new(),
            attended: BTreeMap::new(),
            revision: 0,
            group: None,
            running: None,
            parts: Vec::new(),
            disclosed: Vec::new(),
            disclosed_kids: BTreeSet::new(),
            convened_at_ms: at_ms,
            started_at_ms: None,
            adjourned_at_ms: None,
            announcements: Vec::new(),
            published: published::Published::default(),
            recorded: BTreeMap::new(),
            follows: false,
            reached: None,
            unheard_since_ms: None,
        }
    }

    /// The same, on the side of a member: it follows an order that the server keeps, and may hear of an epoch only when
    /// the next has begun. How long somebody was silent in it, it cannot tell.
    pub fn following(self) -> Self {
        Self { follows: true, ..self }
    }

    pub(crate) fn follows(&self) -> bool {
        self.follows
    }

    /// Forgets the group, not who claimed which delegation and letter, nor what was revoked: how a member who lost its keys starts again.
    pub fn leave_group(&mut self) {
        self.revise();
        self.group = None;
        self.running = None;
        self.unheard_since_ms = None;
        self.parts.clear();
        self.disclosed.clear();
        self.disclosed_kids.clear();
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

    /// The claim of a delegation, once it is known.
    pub fn claim_of(&self, delegation: u16) -> Option<&Signed<Claim>> {
        self.claims.get(&delegation)
    }

    /// The key of a delegation, once it is known.
    pub fn delegation_key(&self, delegation: u16) -> Option<&PublicKey> {
        self.claims.get(&delegation).map(|claim| &claim.body.delegation_key)
    }

    /// The chains by which this delegation's letters were used.
    pub fn credentials_of(&self, delegation: u16) -> Vec<&Credential> {
        let credentials = self.credentials.values();
        credentials
            .filter(|credential| credential.letter.body.delegation == delegation)
            .collect()
    }

    /// The chain by which this letter was used, where it was shown.
    pub fn credential_of(&self, letter: LetterId) -> Option<&Credential> {
        self.credentials.get(&letter)
    }

    /// What a delegation's desk had kept last.
    pub fn notebook_of(&self, delegation: u16) -> Option<&Bytes> {
        self.notebooks.get(&delegation)
    }

    /// Everything that was revoked, by whom.
    pub fn revocations(&self) -> impl Iterator<Item = &Signed<Act>> {
        self.revoked.values().flat_map(BTreeMap::values)
    }

    /// How many letters this delegation has revoked.
    fn revocations_of(&self, delegation: u16) -> usize {
        self.revoked.get(&delegation).map_or(0, BTreeMap::len)
    }

    /// Whether the delegation of this person has revoked its letter.
    pub fn is_revoked(&self, person: &Person) -> bool {
        self.is_letter_revoked(person.delegation, person.letter)
    }

    /// Whether this delegation has revoked this letter.
    pub fn is_letter_revoked(&self, delegation: u16, letter: LetterId) -> bool {
        let of_it = self.revoked.get(&delegation);
        of_it.is_some_and(|letters| letters.contains_key(&letter))
    }

    /// Follows a chain to the charter. One that was followed and taken in before, and is the same to the last byte, need
    /// not be followed again: the charter does not change.
    pub(crate) fn follow(&self, credential: &Credential) -> Result<Person, Refusal> {
        match self.followed.get(&credential.binding.body.letter) {
            Some((known, person)) if known == credential => Ok(person.clone()),
            _ => {
                let claim = self.claims.get(&credential.claim.body.delegation);
                credential.verify_knowing(self.id, self.charter(), claim)
            }
        }
    }

    /// What was judged before something was taken in has to be judged again.
    fn revise(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Follows a chain to the charter, and holds it against the delegation's key and against what it has revoked. The
    /// person may still have to be let in.
    pub fn identify(&self, credential: &Credential) -> Result<Person, Refusal> {
        let person = self.follow(credential)?;
        if self
            .delegation_key(person.delegation)
            .is_some_and(|key| *key != person.claim.body.delegation_key)
        {
            return Err(Refusal::SlotTaken);
        }
        if self.is_revoked(&person) {
            return Err(Refusal::LetterRevoked);
        }
        Ok(person)
    }

    /// The person of a chain, who may enter: it is the device that the letter is bound to, or the delegation has let
    /// it in since, or it is the first and the letter lets the first in.
    pub fn verify_credential(&self, credential: &Credential) -> Result<Person, Refusal> {
        let person = self.identify(credential)?;
        self.check_device(&person)?;
        Ok(person)
    }

    /// Whether this person's device has its letter to itself.
    pub fn check_device(&self, person: &Person) -> Result<(), Refusal> {
        match self.devices.get(&person.letter) {
            Some(device) if device.key == person.device_key => Ok(()),
            Some(device) if person.admitted_at_ms > device.admitted_at_ms => Ok(()),
            Some(_) => Err(Refusal::LetterInUse),
            None if person.entry == Entry::AtOnce || person.admitted_at_ms.is_some() => Ok(()),
            None => Err(Refusal::NotLetIn),
        }
    }

    /// Whether a device holds this person's letter already, and another one.
    pub fn holds_another(&self, person: &Person) -> bool {
        self.check_device(person) == Err(Refusal::LetterInUse)
    }

    /// Takes in a chain that was followed, and whose it is.
    fn learn(&mut self, credential: Credential, person: &Person) {
        // Whoever is not remembered is only followed again.
        if self.followed.len() < limits::LETTERS_MAX || self.followed.contains_key(&person.letter) {
            self.followed.insert(person.letter, (credential, person.clone()));
        }
        self.claims
            .entry(person.delegation)
            .or_insert_with(|| person.claim.clone());
        if self.check_device(person).is_ok() {
            let known = self.devices.get(&person.letter);
            let device = Device {
                key: person.device_key,
                admitted_at_ms: person
                    .admitted_at_ms
                    .max(known.and_then(|device| device.admitted_at_ms)),
            };
            self.devices.insert(person.letter, device);
        }
    }

    /// Somebody has been taken into the group.
    fn attend(&mut self, person: &Person) {
        if self.attended.len() < limits::LETTERS_MAX {
            let attendee = PublicAttendee {
                name: person.name.clone(),
                delegation: person.delegation,
                role: person.role.word().to_owned(),
            };
            self.attended.insert(person.letter, attendee);
        }
    }

    /// Takes in what delegations have signed, from somebody who need not be believed: how a joiner begins.
    pub fn learn_register(&mut self, claims: &[Signed<Claim>], revocations: &[Signed<Act>]) {
        self.revise();
        for claim in claims {
            // The first claim of a slot is the one that counts; what it is already need not be checked.
            let known = self.claims.contains_key(&claim.body.delegation);
            if !known && claim.check_knowing(self.id, self.charter()).is_ok() {
                self.claims.insert(claim.body.delegation, claim.clone());
            }
        }
        for act in revocations {
            let delegation = act.body.delegation;
            let by = self.delegation_key(delegation).copied();
            if let (Deed::Revoke(letter), Some(key)) = (act.body.deed, by)
                && !self.is_letter_revoked(delegation, letter)
                && act.is_by(self.id, delegation, &key)
                && self.revocations_of(delegation) < limits::REVOCATIONS_MAX
            {
                self.revoked.entry(delegation).or_default().insert(letter, act.clone());
            }
        }
    }

    /// Something that is kept was said to everybody in this epoch, whatever this side makes of it.
    pub fn overhear(&mut self, bytes: &[u8]) {
        self.revise();
        if let Some(group) = self.group.as_mut() {
            group.said.add(bytes);
        }
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
