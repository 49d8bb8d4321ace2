//! The MLS group of a meeting: who is in it, and who gives signs of life.

use std::collections::{BTreeMap, BTreeSet};

use incamera_protocol::member::Position;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Leaf, MeetingId, limits};

use crate::context::MeetingContext;
use crate::credential::{LetterId, Person};
use crate::evidence::Evidence;
use crate::refusal::Refusal;
use crate::roles::Right;
use crate::said::Said;
use crate::sign::hash;
use crate::statement::{Heartbeat, Place, Statement};

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
    /// When this side took the epoch in.
    pub began_at_ms: u64,
    /// What was said in this epoch.
    pub said: Said,
    /// The last heartbeat of each member in this epoch: who has one has confirmed the epoch.
    pub heard: BTreeMap<Leaf, Heard>,
    /// For each member, the least that this side's clock was ever ahead of the dates of its heartbeats when they came:
    /// that of the heartbeat that was quickest on its way.
    pub(super) ahead: BTreeMap<Leaf, i128>,
    pub(super) goodbyes: BTreeSet<Leaf>,
    roster_hash: [u8; 32],
    /// The roster, by letter.
    leaves: BTreeMap<LetterId, Leaf>,
}

/// A sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// When it was given, by this side's clock: it came so much later as it was slower on its way than the quickest
    /// heartbeat of the same member. A server that saves heartbeats up has old ones to hand out, not signs of life.
    pub at_ms: u64,
    /// Its number.
    pub beat: u32,
}

impl Group {
    /// A group as this side first sees it.
    pub(super) fn begin(
        meeting: MeetingId,
        epoch: u64,
        context: MeetingContext,
        roster: BTreeMap<Leaf, Person>,
        now_ms: u64,
    ) -> Self {
        let place = Place {
            meeting: meeting.0,
            founding: context.founding,
            group: context.group,
            epoch,
            part: context.part,
        };
        Self {
            founding: context.founding,
            epoch,
            context,
            roster_hash: hash_of_roster(&roster),
            leaves: roster.iter().map(|(leaf, person)| (person.letter, *leaf)).collect(),
            roster,
            warrant: None,
            began_at_ms: now_ms,
            said: Said::nothing_at(&place),
            heard: BTreeMap::new(),
            ahead: BTreeMap::new(),
            goodbyes: BTreeSet::new(),
        }
    }

    /// The hash of who is in it: leaf, letter and device of each, in the order of the leaves.
    pub fn roster_hash(&self) -> [u8; 32] {
        self.roster_hash
    }

    /// Takes in a heartbeat that was judged.
    pub(crate) fn hear(&mut self, leaf: Leaf, heartbeat: &Heartbeat, now_ms: u64) {
        let ahead = i128::from(now_ms) - i128::from(heartbeat.at_ms);
        let least = self.ahead.entry(leaf).or_insert(ahead);
        *least = ahead.min(*least);
        let late = u64::try_from(ahead - *least).unwrap_or(u64::MAX);
        let heard = Heard {
            at_ms: now_ms.saturating_sub(late),
            beat: heartbeat.beat,
        };
        self.heard.insert(leaf, heard);
    }

    /// How often each of its members gives a sign of life, in milliseconds.
    pub fn heartbeat_ms(&self) -> u64 {
        let members = self.roster.len() as u64;
        limits::HEARTBEAT_MS * members.div_ceil(limits::HEARTBEAT_SHARE).max(1)
    }

    /// How long its members may take to confirm an epoch, in milliseconds.
    pub fn confirm_wait_ms(&self) -> u64 {
        limits::CONFIRM_WAIT_MS + limits::CONFIRM_WAIT_MS_PER_MEMBER * self.roster.len() as u64
    }

    /// When this side last knew that a member was there.
    pub(crate) fn last_sign_of(&self, leaf: Leaf) -> u64 {
        self.heard.get(&leaf).map_or(self.began_at_ms, |heard| heard.at_ms)
    }

    /// How long the silence of a member must be before somebody may remove it. Whoever commits the removal has waited
    /// longer; clocks and paths differ. In a new epoch it is a matter of confirming it.
    pub(crate) fn patience_with(&self, leaf: Leaf) -> u64 {
        if self.heard.contains_key(&leaf) {
            limits::HEARD_MS.max(2 * self.heartbeat_ms())
        } else {
            self.confirm_wait_ms() / 2
        }
    }

    /// Whether a member has been silent for so long that the others, who heard of everything a little later, will not
    /// say that it is here: twice their patience.
    pub fn is_long_silent(&self, leaf: Leaf, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.last_sign_of(leaf)) >= 2 * self.patience_with(leaf)
    }

    /// Whether a member has said that it leaves.
    pub fn has_said_goodbye(&self, leaf: Leaf) -> bool {
        self.goodbyes.contains(&leaf)
    }

    /// Whether somebody of this delegation is in the group who may move this.
    pub(crate) fn has_mover_of(&self, delegation: u16, kind: MotionKind) -> bool {
        let mut people = self.roster.values();
        people.any(|person| person.delegation == delegation && person.role.may(Right::Move(kind)))
    }

    /// Everybody has confirmed this epoch.
    pub fn is_confirmed_by_all(&self) -> bool {
        self.roster.keys().all(|leaf| self.heard.contains_key(leaf))
    }

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
            group: self.context.group,
            epoch: self.epoch,
            part: self.context.part,
        }
    }

    /// The leaf of a letter.
    pub fn leaf_of(&self, letter: LetterId) -> Option<Leaf> {
        self.leaves.get(&letter).copied()
    }

    /// Who is here with this letter.
    pub fn member_of(&self, letter: LetterId) -> Option<(Leaf, &Person)> {
        let leaf = self.leaf_of(letter)?;
        Some((leaf, self.roster.get(&leaf)?))
    }

    /// The member whose statement this is; its signature is checked.
    pub fn signer(&self, statement: &Statement) -> Result<(Leaf, &Person), Refusal> {
        let (leaf, person) = self
            .member_of(statement.signer)
            .ok_or(Refusal::Motion("its signer is not in the group"))?;
        if !statement.is_by(person) {
            return Err(Refusal::Motion("its signature does not hold"));
        }
        Ok((leaf, person))
    }
}

fn hash_of_roster(roster: &BTreeMap<Leaf, Person>) -> [u8; 32] {
    let of = |(leaf, person): (&Leaf, &Person)| {
        let leaf = leaf.0.to_be_bytes();
        [leaf.as_slice(), &person.letter.0, &person.device_key.0].concat()
    };
    hash("roster", &roster.iter().flat_map(of).collect::<Vec<u8>>())
}
