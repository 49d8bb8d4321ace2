//! A server that lies. It holds no key and no seed; everything else is in its hands.

use incamera_protocol::Bytes;
use incamera_protocol::member::ServerMessage;

use super::{Slot, World};
use crate::START_MS;
use crate::chance::Chance;
use crate::house::House;
use crate::line::{End, LineId, Word};
use crate::setup::Lie;

/// What it once said and may say again, to each tab.
const REMEMBERED_MAX: usize = 200;

pub(crate) struct Liar {
    lie: Lie,
    from_ms: u64,
    victim: usize,
    chance: Chance,
    said: Vec<ServerMessage>,
    held: Option<(LineId, Word)>,
    forked_ms: Option<u64>,
    crossed: bool,
}

impl Liar {
    pub(super) fn of(world: &mut World) -> Option<Self> {
        let lie = world.lying()?;
        Some(Self {
            lie,
            from_ms: START_MS + world.chance.between(3_000, 25_000),
            victim: usize::try_from(world.chance.below(3)).unwrap_or(0),
            chance: Chance::new(world.chance.number()),
            said: Vec::new(),
            held: None,
            forked_ms: None,
            crossed: false,
        })
    }

    fn lie_about(&mut self, person: usize, line: LineId, word: Word) -> Vec<(LineId, Word)> {
        let Word::Member(message) = word else {
            return vec![(line, word)];
        };
        if self.said.len() < REMEMBERED_MAX {
            self.said.push(message.clone());
        }
        let hers = person == self.victim;
        match self.lie {
            Lie::Starve if hers => Vec::new(),
            Lie::KeepCommits if hers && is_commit(&message) => Vec::new(),
            Lie::KeepStatements if hers && is_said(&message) => Vec::new(),
            Lie::Noise => self.noise(line, message),
            _ => vec![(line, Word::Member(message))],
        }
    }

    fn noise(&mut self, line: LineId, message: ServerMessage) -> Vec<(LineId, Word)> {
        let word = Word::Member(message.clone());
        let mut out = match self.chance.below(100) {
            0..4 => Vec::new(),
            4..8 => vec![(line, word.clone()), (line, word)],
            8..12 if self.held.is_none() => {
                self.held = Some((line, word));
                Vec::new()
            }
            12..16 => {
                let old = self.chance.pick(&self.said).cloned();
                vec![(line, word)]
                    .into_iter()
                    .chain(old.map(|old| (line, Word::Member(old))))
                    .collect()
            }
            16..19 => vec![(line, Word::Member(self.garble(message)))],
            _ => vec![(line, word)],
        };
        if self.chance.percent(20) {
            out.extend(self.held.take());
        }
        out
    }

    fn garble(&mut self, message: ServerMessage) -> ServerMessage {
        match message {
            ServerMessage::Commit { position, commit } => {
                let commit = self.flip(commit);
                ServerMessage::Commit { position, commit }
            }
            ServerMessage::Statement { number, statement } => {
                let statement = self.flip(statement);
                ServerMessage::Statement { number, statement }
            }
            ServerMessage::Act { number, act } => {
                let act = self.flip(act);
                ServerMessage::Act { number, act }
            }
            ServerMessage::Joined { welcome, warrant } => {
                let warrant = warrant.map(|warrant| self.flip(warrant));
                ServerMessage::Joined { welcome, warrant }
            }
            ServerMessage::Here {
                ticket, waits, state, ..
            } => ServerMessage::Here {
                ticket,
                resumed: self.chance.percent(50),
                waits,
                state,
            },
            ServerMessage::PleaseRemove { leaf } => ServerMessage::PleaseRemove {
                leaf: incamera_protocol::Leaf(leaf.0 ^ 1),
            },
            other => other,
        }
    }

    fn flip(&mut self, mut bytes: Bytes) -> Bytes {
        let at = usize::try_from(self.chance.below(bytes.0.len() as u64)).unwrap_or(0);
        if let Some(byte) = bytes.0.get_mut(at) {
            *byte ^= 1 << self.chance.below(8);
        }
        bytes
    }
}

fn is_commit(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::Commit { .. } | ServerMessage::Joined { .. })
}

fn is_said(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::Statement { number: Some(_), .. } | ServerMessage::Act { .. }
    )
}

impl World {
    /// What a server says instead of the truth: the truth, if it is honest.
    pub(super) fn lie_about(&mut self, line: LineId, word: Word) -> Vec<Word> {
        let person = match self.lines.get(&line).map(|line| line.end) {
            Some(End::Tab(tab)) => self.tabs.get(tab).map(|tab| tab.person),
            _ => None,
        };
        let now_ms = self.now_ms;
        let liar = self.lies.as_mut().filter(|liar| now_ms >= liar.from_ms);
        let (Some(liar), Some(person)) = (liar, person) else {
            return vec![word];
        };
        let mut here = Vec::new();
        for (to, word) in liar.lie_about(person, line, word) {
            if to == line {
                here.push(word);
            } else {
                self.send_down(to, word);
            }
        }
        here
    }

    /// A fork begins, and somebody crosses over.
    pub(super) fn start_lying_when_it_is_time(&mut self) {
        let now_ms = self.now_ms;
        let Some(liar) = self.lies.as_mut().filter(|liar| liar.lie == Lie::Fork) else {
            return;
        };
        match liar.forked_ms {
            None if now_ms >= liar.from_ms => {
                liar.forked_ms = Some(now_ms);
                self.fork();
            }
            Some(at) if !liar.crossed && now_ms > at + 15_000 => {
                liar.crossed = true;
                self.cross();
            }
            _ => {}
        }
    }

    fn fork(&mut self) {
        let now_ms = self.now_ms;
        let log = self
            .slots
            .first()
            .and_then(|slot| slot.house.as_ref())
            .map(|house| house.log.clone());
        let Some(house) = House::start(&self.charter, log.unwrap_or_default(), now_ms, &mut self.chance) else {
            return;
        };
        self.slots.push(Slot {
            house: Some(house),
            log: Vec::new(),
            restart_ms: None,
            tick_ms: now_ms,
        });
        self.say("the server forks".to_owned());
        for at in 0..self.tabs.len() {
            if self.chance.percent(50) {
                self.send_to_house(at, 1);
            }
        }
    }

    fn cross(&mut self) {
        if let Some(at) = self.some_tab(|tab| tab.stay.group.is_some()) {
            let house = self.tabs.get(at).map_or(0, |tab| 1 - tab.house);
            self.send_to_house(at, house);
        }
    }

    fn send_to_house(&mut self, at: usize, house: usize) {
        let now_ms = self.now_ms;
        let Some(tab) = self.tabs.get_mut(at) else { return };
        tab.house = house;
        if let Some(line) = tab.line.and_then(|line| self.lines.get_mut(&line)) {
            line.client_ends_ms = Some(now_ms + 10);
            line.server_ends_ms = Some(now_ms + 10);
        }
        self.say(format!("tab {at} is led to house {house}"));
    }
}
