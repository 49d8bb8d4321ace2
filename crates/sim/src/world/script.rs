//! What people do and what befalls them, by chance.

use incamera_protocol::desk::DeskCommand;
use incamera_protocol::view::{Command, Lamp, MotionKind};

use super::{Outcome, World};
use crate::START_MS;
use crate::house::Fault;
use crate::line::LineId;

/// Letters are good for an hour.
const LETTER_MS: u64 = 3_600_000;

impl World {
    /// Who is there at the beginning.
    pub(super) fn begin(&mut self) -> Outcome {
        for delegation in 0..self.links.len() {
            let fragment = self.delegation_fragment(delegation);
            if delegation == 0 || self.chance.percent(60) {
                let number = u16::try_from(delegation).unwrap_or(0);
                let person = self.add_person(fragment, number);
                self.open_tab(person)?;
            } else {
                self.open_desk(&fragment);
            }
        }
        Ok(())
    }

    pub(super) fn step(&mut self) -> Outcome {
        self.steps_left -= 1;
        self.step_ms = self.now_ms
            + match self.chance.below(10) {
                0..5 => self.chance.between(1, 100),
                5..9 => self.chance.between(100, 1_500),
                _ => self.chance.between(1_500, 8_000),
            };
        match self.chance.below(100) {
            0..16 => {}
            16..18 => self.somebody_types()?,
            18..20 => self.somebody_writes()?,
            20..34 => self.somebody_moves()?,
            34..56 => self.somebody_consents()?,
            56..62 => self.somebody_appears()?,
            62..67 => self.somebody_admits()?,
            67..75 => self.a_desk_works(),
            75..82 => self.somebody_opens_a_tab()?,
            82..84 => self.somebody_goes()?,
            _ => self.something_goes_wrong()?,
        }
        self.start_lying_when_it_is_time();
        self.frames()
    }

    /// A few frames from whoever can.
    pub(super) fn frames(&mut self) -> Outcome {
        for _ in 0..2 {
            let Some(at) = self.some_tab(|_| true) else {
                return Ok(());
            };
            if let Some(frame) = self.seal(at)? {
                self.send(at, frame)?;
            }
        }
        Ok(())
    }

    /// A live tab by chance of those that are wanted.
    pub(super) fn some_tab(&mut self, wanted: impl Fn(&crate::tab::Tab) -> bool) -> Option<usize> {
        let tabs = self.tabs.iter().enumerate();
        let live: Vec<usize> = tabs
            .filter(|(_, tab)| tab.is_live() && wanted(tab))
            .map(|(at, _)| at)
            .collect();
        self.chance.pick(&live).copied()
    }

    fn somebody_moves(&mut self) -> Outcome {
        let Some(at) = self.some_tab(|tab| tab.stay.group.is_some()) else {
            return Ok(());
        };
        let open = self.tabs.get(at).and_then(|tab| tab.stay.phase) == Some(incamera_meeting::Phase::Open);
        let kind = match self.chance.below(100) {
            0 if open == self.setup.reports => MotionKind::Adjourn,
            0..8 => MotionKind::Close,
            8..12 => MotionKind::Open,
            _ if open => MotionKind::Close,
            _ => MotionKind::Open,
        };
        let item = u32::try_from(self.chance.below(2)).unwrap_or(0);
        self.command(at, &Command::Move { kind, item })
    }

    fn somebody_consents(&mut self) -> Outcome {
        let missing = |tab: &crate::tab::Tab| tab.view.as_ref().is_some_and(|view| view.may.consent);
        let Some(at) = self.some_tab(missing) else {
            return Ok(());
        };
        let tab = self.tabs.get(at);
        let motion = tab.and_then(|tab| tab.view.as_ref()?.motion.as_ref().map(|motion| motion.id.clone()));
        match motion {
            Some(motion) => self.command(at, &Command::Consent { motion }),
            None => Ok(()),
        }
    }

    fn somebody_appears(&mut self) -> Outcome {
        let may = |tab: &crate::tab::Tab| tab.view.as_ref().is_some_and(|view| view.may.appear);
        match self.some_tab(may) {
            Some(at) => self.command(at, &Command::Appear),
            None => Ok(()),
        }
    }

    fn somebody_admits(&mut self) -> Outcome {
        let may = |tab: &crate::tab::Tab| {
            tab.view
                .as_ref()
                .is_some_and(|view| view.may.admit && !view.lobby.is_empty())
        };
        let Some(at) = self.some_tab(may) else {
            return Ok(());
        };
        let view = self.tabs.get(at).and_then(|tab| tab.view.as_ref());
        let ids: Vec<String> = view
            .into_iter()
            .flat_map(|view| view.lobby.iter().map(|it| it.id.clone()))
            .collect();
        match self.chance.pick(&ids).cloned() {
            Some(id) => self.command(at, &Command::Admit { id }),
            None => Ok(()),
        }
    }

    fn somebody_opens_a_tab(&mut self) -> Outcome {
        let seated: Vec<usize> = self
            .tabs
            .iter()
            .filter(|tab| tab.is_live())
            .map(|tab| tab.person)
            .collect();
        let gone: Vec<usize> = (0..self.people.len())
            .filter(|person| !seated.contains(person))
            .collect();
        let all: Vec<usize> = (0..self.people.len()).collect();
        // Mostly somebody who is not here; at times a second device.
        let from = if self.chance.percent(80) { &gone } else { &all };
        let person = self.chance.pick(from).copied();
        match person {
            Some(person) if self.tabs.len() < 12 => self.open_tab(person),
            _ => Ok(()),
        }
    }

    fn somebody_goes(&mut self) -> Outcome {
        match self.some_tab(|tab| tab.stay.group.is_some()) {
            Some(at) => {
                self.command(at, &Command::Leave)?;
                if let Some(tab) = self.tabs.get_mut(at) {
                    tab.finished
                        .get_or_insert((incamera_protocol::ErrorCode::NotAMember, "left".to_owned()));
                    tab.reconnect_ms = None;
                }
                let line = self.tabs.get_mut(at).and_then(|tab| tab.line.take());
                if let Some(line) = line {
                    self.drop_line(line, 1_000);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn a_desk_works(&mut self) {
        if self.chance.percent(15) {
            let key_holder = self.some_tab(|_| true);
            let member = key_holder.and_then(|at| self.tabs.get(at)?.member.as_ref());
            if let Some(fragment) = member.and_then(incamera_seal::Member::desk)
                && self.tables.len() < 3
            {
                return self.open_desk(&fragment);
            }
        }
        let connected: Vec<usize> = self
            .tables
            .iter()
            .enumerate()
            .filter(|(_, table)| table.view.as_ref().is_some_and(|view| view.connected))
            .map(|(at, _)| at)
            .collect();
        let Some(at) = self.chance.pick(&connected).copied() else {
            return;
        };
        let Some(command) = self.desk_command(at) else { return };
        let now_ms = self.now_ms;
        let chance = &mut self.chance;
        let Some(table) = self.tables.get_mut(at) else { return };
        let done = table.desk.command(&command, now_ms, || chance.bytes());
        let what: String = format!("{command:?}").chars().take(40).collect();
        let done = done.map_err(|failure| failure.to_string());
        self.say(format!("person at desk {at}: {what}: {done:?}"));
        self.touch_desk(at);
        self.hand_out_letters(at);
    }

    fn desk_command(&mut self, at: usize) -> Option<DeskCommand> {
        let view = self.tables.get(at)?.view.clone()?;
        let roll = self.chance.below(10);
        if !view.waiting.is_empty() && roll < 6 {
            let id = self.chance.pick(&view.waiting)?.id.clone();
            return Some(DeskCommand::Admit { id });
        }
        if self.people.len() < self.setup.people_max && roll < 8 {
            let roles = ["principal", "principal", "principal", "adviser", "secretary"];
            return Some(DeskCommand::Mint {
                name: format!("Guest {}", self.people.len()),
                role: (*self.chance.pick(&roles)?).to_owned(),
                ask: self.chance.percent(40),
                not_after_ms: START_MS + LETTER_MS,
            });
        }
        if roll == 9 && self.chance.percent(40) {
            let id = self.chance.pick(&view.letters)?.id.clone();
            return Some(DeskCommand::Revoke { id });
        }
        None
    }

    fn hand_out_letters(&mut self, at: usize) {
        let Some(table) = self.tables.get_mut(at) else { return };
        let letters = table.view.iter().flat_map(|view| &view.letters);
        let fragments: Vec<String> = letters.filter_map(|letter| letter.fragment.clone()).collect();
        for fragment in fragments {
            let known = self.people.iter().any(|person| {
                super::letter_of(&person.fragment).is_some()
                    && super::letter_of(&person.fragment) == super::letter_of(&fragment)
            });
            if let (false, Some(delegation)) = (known, super::delegation_of(&fragment)) {
                self.add_person(fragment, delegation);
            }
        }
    }

    fn something_goes_wrong(&mut self) -> Outcome {
        // The calmest seeds lose nothing; the wildest something every few steps.
        if !self.chance.percent(self.setup.hostility * 33) {
            return Ok(());
        }
        match self.chance.below(20) {
            0..6 => self.cut(),
            6..10 => self.partition(),
            10..14 => {
                if let Some(at) = self.some_tab(|_| true) {
                    self.reload(at)?;
                }
            }
            14..16 => {
                if let Some(at) = self.some_tab(|_| true) {
                    self.close_tab(at);
                }
            }
            16 => self.crash(0),
            _ => {
                let fault = if self.chance.percent(50) {
                    Fault::BeforeAppend
                } else {
                    Fault::AfterAppend
                };
                if let Some(house) = self.slots.first_mut().and_then(|slot| slot.house.as_mut()) {
                    house.fault = Some(fault);
                }
            }
        }
        Ok(())
    }

    /// A connection dies; each side notices in its own time.
    fn cut(&mut self) {
        let lines: Vec<LineId> = self.lines.keys().copied().collect();
        let Some(id) = self.chance.pick(&lines).copied() else {
            return;
        };
        let client = self.now_ms + self.chance.below(3_000);
        let half_open_ms = if self.chance.percent(30) { 30_000 } else { 500 };
        let server = self.now_ms + self.chance.below(half_open_ms);
        if let Some(line) = self.lines.get_mut(&id) {
            line.client_ends_ms = Some(line.client_ends_ms.map_or(client, |at| at.min(client)));
            line.server_ends_ms = Some(line.server_ends_ms.map_or(server, |at| at.min(server)));
        }
        self.say(format!("line {id} is cut"));
    }

    /// Some are cut off from the server for a while; their sockets hold.
    fn partition(&mut self) {
        let until_ms = self.now_ms + self.chance.between(500, 20_000);
        let lines: Vec<LineId> = self.lines.keys().copied().collect();
        for id in lines {
            if self.chance.percent(50) {
                if let Some(line) = self.lines.get_mut(&id) {
                    line.block(until_ms);
                }
                self.say(format!("line {id} is blocked"));
            }
        }
    }

    /// Who is seen to be waiting in the lobby.
    pub(super) fn waits_for_delegation(&self, at: usize) -> bool {
        let view = self.tabs.get(at).and_then(|tab| tab.view.as_ref());
        view.is_some_and(|view| {
            view.lamp == Lamp::Waiting
                && view
                    .reason
                    .as_ref()
                    .is_some_and(|reason| reason.starts_with("Waiting for your delegation"))
        })
    }
}
