//! The floor: who asks to speak, in which order, and who has been asked to. Every member works it out alike from what
//! members say to one another under seal ([`Saying`](crate::Saying)); the house knows nothing of it. It moves no key,
//! no consent and no door.
//!
//! It is made so that the order in which different people's words arrive does not matter, for the house decides that
//! order: what a person says of their own hand counts by that person's own number, and who has the floor is one value of
//! which the greatest counts.

use std::collections::BTreeMap;

use incamera_protocol::{Leaf, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::charter::{ClosingRule, OpeningRule};
use crate::credential::{LetterId, Person};
use crate::meeting::{Group, Meeting};
use crate::refusal::Refusal;

/// What somebody's hand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Hand {
    /// It asks for nothing.
    Down = 1,
    /// It asks for the floor.
    Up = 2,
    /// It asks for the floor at once, on a point of order.
    PointOfOrder = 3,
}

/// What a member says of itself; each one that is said takes the place of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Standing {
    /// Counts what this member has said of itself since it was added to the group, from 1.
    pub number: u32,
    /// Its hand.
    pub hand: Hand,
    /// When the hand went up, by its own clock.
    pub raised_at_ms: u64,
    /// The number of the [`Turn`] that it has given back; 0: none.
    pub returned: u32,
}

/// Who has the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Turn {
    /// Counts in the meeting from 1: greater than that of the turn that it ends. The order of the fields is the order by
    /// which two of the same number are told apart.
    pub number: u32,
    /// When it was given, by the clock of whoever gave it.
    pub given_at_ms: u64,
    /// Who speaks; none: nobody has the floor.
    pub speaker: Option<LetterId>,
    /// For how long, in seconds; 0: no time was set.
    pub seconds: u16,
}

/// A wish to somebody, which they may fulfil or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Wish {
    /// To whom.
    pub whom: LetterId,
    /// What.
    pub what: WishFor,
}

/// What may be wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum WishFor {
    /// That they turn their microphone off.
    Silence = 1,
    /// That they turn it on.
    Sound = 2,
}

/// The floor, as a member has heard of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Floor {
    /// Since when I am here: what is older I have not heard when it was said, and take as it is dated.
    since_ms: u64,
    /// As it was said, and when the hand went up by my clock.
    standings: BTreeMap<LetterId, (Standing, u64)>,
    turn: Option<Turn>,
    /// When the turn began, by my clock.
    began_at_ms: u64,
    /// The last turn that each has given back. Outlives a seat, so that whoever reloads does not get it again.
    returned: BTreeMap<LetterId, u32>,
}

/// Somebody who asks for the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Who.
    pub leaf: Leaf,
    /// On a point of order.
    pub hand: Hand,
}

/// Somebody who has the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaking {
    /// Who.
    pub leaf: Leaf,
    /// Since when, by my clock.
    pub began_at_ms: u64,
    /// For how long, in seconds; 0: no time was set.
    pub seconds: u16,
}

impl Turn {
    /// Refuses what no client says.
    fn check(&self, known: u32) -> Result<(), Refusal> {
        // One who leaps to the last number there is would have the last word for ever.
        let leap = self.number.saturating_sub(known);
        if self.number == 0 || leap > limits::FLOOR_LEAP_MAX || self.seconds > limits::FLOOR_SECONDS_MAX {
            return Err(Refusal::Malformed);
        }
        Ok(())
    }
}

impl Floor {
    /// Of somebody who has come into the group at this moment.
    pub fn entered(now_ms: u64) -> Self {
        Self {
            since_ms: now_ms,
            ..Self::default()
        }
    }

    /// Somebody has said something of themselves. False: it is not newer than what was known.
    pub fn stand(&mut self, now_ms: u64, who: LetterId, said: Standing) -> bool {
        let returned = self.returned.entry(who).or_default();
        *returned = said.returned.max(*returned);
        let known = self.standings.get(&who);
        if known.is_some_and(|(known, _)| known.number >= said.number) {
            return false;
        }
        // A hand that stays up keeps its place, whatever else is said.
        let stays = known.filter(|(known, _)| known.hand != Hand::Down && known.raised_at_ms == said.raised_at_ms);
        let raised_at_ms = stays.map_or_else(|| self.dated(now_ms, said.raised_at_ms), |(_, at_ms)| *at_ms);
        self.standings.insert(who, (said, raised_at_ms));
        true
    }

    /// Somebody who may ([`Meeting::may_give_floor`]) has given the floor or taken it back.
    pub fn give(&mut self, now_ms: u64, turn: Turn) -> Result<(), Refusal> {
        turn.check(self.number())?;
        if self.turn.is_none_or(|known| known < turn) {
            self.turn = Some(turn);
            self.began_at_ms = self.dated(now_ms, turn.given_at_ms);
        }
        Ok(())
    }

    /// Somebody has left or begins anew. Their hand goes down: what they say next counts from 1 again.
    pub fn forget(&mut self, who: LetterId) {
        self.standings.remove(&who);
    }

    /// Whoever is not here any more has no hand up either.
    pub fn keep_those_in(&mut self, group: &Group) {
        self.standings.retain(|letter, _| group.member_of(*letter).is_some());
    }

    /// Who asks for the floor, the first one first: points of order before everything else, then principals, then by the
    /// time at which hands went up.
    pub fn queue(&self, group: &Group) -> Vec<Waiting> {
        let speaker = self.speaker(group).map(|speaking| speaking.leaf);
        let mut queue: Vec<_> = self
            .standings
            .iter()
            .filter(|(_, (standing, _))| standing.hand != Hand::Down)
            .filter_map(|(letter, (standing, raised_at_ms))| {
                let (leaf, person) = group.member_of(*letter)?;
                let order = (
                    standing.hand != Hand::PointOfOrder,
                    !person.role.leads(),
                    *raised_at_ms,
                    *letter,
                );
                let hand = standing.hand;
                (Some(leaf) != speaker).then_some((order, Waiting { leaf, hand }))
            })
            .collect();
        queue.sort_unstable_by_key(|(order, _)| *order);
        queue.into_iter().map(|(_, waiting)| waiting).collect()
    }

    /// Who has the floor: it was given to them, they are here, and they have not given it back.
    pub fn speaker(&self, group: &Group) -> Option<Speaking> {
        let turn = self.turn?;
        let letter = turn.speaker?;
        let (leaf, _) = group.member_of(letter)?;
        let returned = self.returned.get(&letter).copied().unwrap_or_default();
        (returned < turn.number).then_some(Speaking {
            leaf,
            began_at_ms: self.began_at_ms,
            seconds: turn.seconds,
        })
    }

    /// The turn by which somebody is given the floor, or nobody.
    pub fn next_turn(&self, now_ms: u64, speaker: Option<LetterId>, seconds: u16) -> Turn {
        Turn {
            number: self.number().saturating_add(1),
            given_at_ms: now_ms,
            speaker,
            seconds,
        }
    }

    /// The number of the last turn that was given; 0: none was.
    pub fn number(&self) -> u32 {
        self.turn.map_or(0, |turn| turn.number)
    }

    /// What newcomers are told of the floor, who cannot read what was said before them: the last turn, or its end where
    /// its speaker has gone or has given it back.
    pub fn told_anew(&self, group: &Group, now_ms: u64) -> Option<Turn> {
        let turn = self.turn?;
        if turn.speaker.is_some() && self.speaker(group).is_none() {
            return Some(self.next_turn(now_ms, None, 0));
        }
        Some(turn)
    }

    /// When something was that is dated by another clock, and has come now. Nobody gains more than a little by dating
    /// back. What is older than I am here is told to me anew, and its date is believed.
    fn dated(&self, now_ms: u64, at_ms: u64) -> u64 {
        if at_ms < self.since_ms {
            return at_ms;
        }
        let least = now_ms.saturating_sub(limits::FLOOR_SKEW_MS_MAX).max(self.since_ms);
        at_ms.max(least).min(now_ms.max(least))
    }
}

impl Meeting {
    /// Whether this person gives the floor and takes it back. The chair does, where the charter names a delegation to open
    /// or close alone (the one that opens, if it names two) and a principal of it is here. Otherwise every principal does:
    /// two sides without a chair settle between themselves who speaks, and the last word counts.
    pub fn may_give_floor(&self, person: &Person) -> bool {
        person.role.leads() && self.chair_here().is_none_or(|chair| chair == person.delegation)
    }

    /// The first of those who give the floor and were here before these people came: tells them who has it.
    pub fn tells_floor(&self, newcomers: &[LetterId]) -> Option<LetterId> {
        let mut people = self.group()?.roster.values();
        let first = people.find(|person| self.may_give_floor(person) && !newcomers.contains(&person.letter));
        first.map(|person| person.letter)
    }

    fn chair_here(&self) -> Option<u16> {
        let charter = self.charter();
        let chair = match (charter.opening, charter.closing) {
            (OpeningRule::Chair(chair), _) | (OpeningRule::AllDelegations, ClosingRule::Chair(chair)) => chair,
            (OpeningRule::AllDelegations, ClosingRule::AnyPrincipal) => return None,
        };
        let mut people = self.group()?.roster.values();
        people
            .any(|person| person.delegation == chair && person.role.leads())
            .then_some(chair)
    }
}
