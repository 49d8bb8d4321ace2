//! The booths: who interprets into which language, and who has the microphone of a booth. A channel is a language of the
//! charter, by its index; the booth of a channel is where those sit who interpret into it. Every member works it out alike
//! from what interpreters say of themselves under seal ([`Saying`](crate::Saying)), in whatever order it comes: nobody says
//! anything of somebody else, so nobody is put on air by another, and nobody can be put there by the house.

use std::collections::BTreeMap;

use incamera_protocol::{Leaf, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::charter::Charter;
use crate::credential::{LetterId, Person};
use crate::meeting::Group;
use crate::prose::Prose;
use crate::refusal::Refusal;
use crate::roles::Right;

/// What an interpreter does with the microphone of their booth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Post {
    /// Nothing: off air.
    Rests = 1,
    /// Off air, and asks for it.
    Asks = 2,
    /// Has it: on air.
    OnAir = 3,
    /// Has it, and offers it.
    Offers = 4,
}

/// What an interpreter says of itself; each one that is said takes the place of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Sitting {
    /// Counts what this member has said of itself since it was added to the group, from 1.
    pub number: u32,
    /// The channel of its booth; none: it sits in none.
    pub booth: Option<u8>,
    /// The channel that it interprets from (relay); none: the floor.
    pub hears: Option<u8>,
    /// What it does with the microphone.
    pub post: Post,
    /// The number of its last turn at the microphone of this booth; 0: it had none. The greatest of a booth counts.
    pub turn: u32,
}

/// What an interpreter calls out, and what is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Call {
    /// That whoever speaks go slower.
    #[tls_codec(discriminant = 1)]
    Slower,
    /// For help, from whoever looks after the meeting.
    #[tls_codec(discriminant = 2)]
    Help,
    /// Whoever looks after the meeting sees to what this booth has called for.
    #[tls_codec(discriminant = 3)]
    Seen(u8),
}

/// Something written for those who sit in a booth.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Note {
    /// Whose booth.
    pub booth: u8,
    /// As typed: nothing in it is markup.
    pub text: Prose,
}

/// The booths, as a member has heard of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Booths {
    /// As it was said, and when its turn began by my clock.
    sittings: BTreeMap<LetterId, (Sitting, u64)>,
}

/// Somebody who has the microphone of a booth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// Who.
    pub letter: LetterId,
    /// Their leaf.
    pub leaf: Leaf,
    /// Since when, by my clock.
    pub began_at_ms: u64,
    /// What they interpret from.
    pub hears: Option<u8>,
    /// They offer it.
    pub offers: bool,
}

impl Charter {
    /// How many language channels there are: one for each language, where there is more than one.
    pub fn channels(&self) -> u8 {
        let count = u8::try_from(self.languages.len()).unwrap_or(u8::MAX);
        if count < 2 { 0 } else { count }
    }

    /// Refuses a channel that there is not. None is the floor, which there always is.
    pub fn check_channel(&self, channel: Option<u8>) -> Result<(), Refusal> {
        if channel.is_some_and(|channel| channel >= self.channels()) {
            return Err(Refusal::Booth("this meeting has no such channel"));
        }
        Ok(())
    }
}

impl Post {
    fn is_on_air(self) -> bool {
        matches!(self, Self::OnAir | Self::Offers)
    }
}

impl Sitting {
    /// Of somebody who has said nothing of themselves.
    pub const NOWHERE: Self = Self {
        number: 0,
        booth: None,
        hears: None,
        post: Post::Rests,
        turn: 0,
    };

    /// Whether it says that its writer has the microphone.
    pub fn is_on_air(&self) -> bool {
        self.post.is_on_air()
    }

    /// The same in another booth, or in none: every turn is over.
    #[must_use]
    pub fn moved(self, booth: Option<u8>) -> Self {
        Self {
            booth,
            post: Post::Rests,
            turn: 0,
            ..self
        }
    }

    /// Refuses what no client says. `known` is the greatest turn of this booth.
    fn check(&self, channels: u8, known: u32) -> Result<(), Refusal> {
        let exists = |channel: Option<u8>| channel.is_none_or(|channel| channel < channels);
        let idle = self.booth.is_some() || (self.post == Post::Rests && self.turn == 0);
        let onto_itself = self.booth.is_some() && self.booth == self.hears;
        // One who leaps to the last number there is would have the microphone for ever.
        let leaps = self.turn.saturating_sub(known) > limits::FLOOR_LEAP_MAX;
        let turned = self.turn > 0 || !self.is_on_air();
        if exists(self.booth) && exists(self.hears) && idle && turned && !onto_itself && !leaps {
            Ok(())
        } else {
            Err(Refusal::Malformed)
        }
    }
}

impl Booths {
    /// An interpreter has said something of itself. False: it is not newer than what was known.
    pub fn sit(&mut self, now_ms: u64, channels: u8, who: &Person, said: Sitting) -> Result<bool, Refusal> {
        if !who.role.may(Right::Interpret) {
            return Err(Refusal::Role);
        }
        said.check(channels, said.booth.map_or(0, |booth| self.last_turn(booth)))?;
        let known = self.sittings.get(&who.letter);
        if known.is_some_and(|(known, _)| known.number >= said.number) {
            return Ok(false);
        }
        let goes_on = known.filter(|(known, _)| known.booth == said.booth && known.turn == said.turn);
        let began_at_ms = goes_on.map_or(now_ms, |(_, began_at_ms)| *began_at_ms);
        self.sittings.insert(who.letter, (said, began_at_ms));
        Ok(true)
    }

    /// Somebody has left or begins anew: what they say next counts from 1 again.
    pub fn forget(&mut self, who: LetterId) {
        self.sittings.remove(&who);
    }

    /// Whoever is not here any more sits nowhere.
    pub fn keep_those_in(&mut self, group: &Group) {
        self.sittings.retain(|letter, _| group.member_of(*letter).is_some());
    }

    /// What somebody has said of itself last.
    pub fn of(&self, who: LetterId) -> Sitting {
        self.sittings.get(&who).map_or(Sitting::NOWHERE, |(said, _)| *said)
    }

    /// Who is on air in a channel: of those who sit in its booth and are here the one with the greatest turn, if they
    /// have not given the microphone back. At most one, whatever was said.
    pub fn voice(&self, group: &Group, channel: u8) -> Option<Voice> {
        let here = self
            .sittings
            .iter()
            .filter(|(_, (said, _))| said.booth == Some(channel));
        let here = here.filter_map(|(letter, (said, began_at_ms))| {
            let (leaf, person) = group.member_of(*letter)?;
            let voice = Voice {
                letter: *letter,
                leaf,
                began_at_ms: *began_at_ms,
                hears: said.hears,
                offers: said.post == Post::Offers,
            };
            (person.role.may(Right::Interpret) && said.turn > 0).then_some((said, voice))
        });
        let (said, voice) = here.max_by_key(|(said, voice)| (said.turn, voice.letter))?;
        said.is_on_air().then_some(voice)
    }

    /// Whether this member sits in a booth, on air or not: then it is not heard on the floor.
    pub fn seats(&self, group: &Group, leaf: Leaf) -> bool {
        let person = group.roster.get(&leaf);
        person.is_some_and(|person| self.of(person.letter).booth.is_some())
    }

    /// Who sits in the booth of a channel, in the order of the leaves.
    pub fn sitters<'a>(&'a self, group: &'a Group, channel: u8) -> impl Iterator<Item = (Leaf, Sitting)> + 'a {
        let people = group
            .roster
            .iter()
            .map(|(leaf, person)| (*leaf, self.of(person.letter)));
        people.filter(move |(_, said)| said.booth == Some(channel))
    }

    /// What somebody says who takes the microphone of their booth: it is free, or is offered.
    pub fn take(&self, group: &Group, who: LetterId, said: Sitting) -> Result<Sitting, Refusal> {
        let booth = said.booth.ok_or(Refusal::Booth("you sit in none"))?;
        let voice = self.voice(group, booth).filter(|voice| voice.letter != who);
        if voice.is_some_and(|voice| !voice.offers) {
            return Err(Refusal::Booth("somebody else has its microphone; ask for it"));
        }
        Ok(Sitting {
            post: Post::OnAir,
            turn: self.last_turn(booth).saturating_add(1),
            ..said
        })
    }

    /// What somebody says who asks for a handover or offers one, or no longer does.
    pub fn hand_over(&self, group: &Group, who: LetterId, said: Sitting, wanted: bool) -> Result<Sitting, Refusal> {
        let booth = said.booth.ok_or(Refusal::Booth("you sit in none"))?;
        let has_it = self.voice(group, booth).is_some_and(|voice| voice.letter == who);
        let post = match (has_it, wanted) {
            (true, true) => Post::Offers,
            (true, false) => Post::OnAir,
            (false, true) => Post::Asks,
            (false, false) => Post::Rests,
        };
        Ok(Sitting { post, ..said })
    }

    /// Whether somebody in this booth who listens to this channel would hear their own words again, over however many
    /// relays.
    pub fn comes_round(&self, group: &Group, booth: u8, hears: u8) -> bool {
        let mut channel = hears;
        for _ in 0..limits::LANGUAGES_MAX {
            if channel == booth {
                return true;
            }
            let Some(next) = self.voice(group, channel).and_then(|voice| voice.hears) else {
                return false;
            };
            channel = next;
        }
        // A round of others, in which nobody hears the floor: as useless.
        true
    }

    fn last_turn(&self, booth: u8) -> u32 {
        let here = self.sittings.values().filter(|(said, _)| said.booth == Some(booth));
        here.map(|(said, _)| said.turn).max().unwrap_or_default()
    }
}
