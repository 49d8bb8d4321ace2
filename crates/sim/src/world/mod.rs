//! A whole meeting in one thread and virtual time: people, tabs, desks, sockets, the server, the public.

mod chat;
mod check;
mod liar;
mod media;
mod network;
mod script;
mod settle;
mod tabs;

use std::collections::{BTreeMap, BTreeSet};

use incamera_meeting::{
    Body, Credential, DelegationLink, Encode as _, Event, LetterId, Link, MotionId, SignedCharter, Statement,
};
use incamera_protocol::desk::DeskView;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::view::MotionKind;
use incamera_seal::{Desk, DeskAction, Gallery, Member};

use crate::START_MS;
use crate::chance::Chance;
use crate::house::House;
use crate::line::{Call, End, Line, LineId};
use crate::setup::{Lie, Setup};
use crate::tab::{Person, Tab};
use crate::trace::{self, Trace};
use crate::truth::Truth;

/// As `TICK` in the server's sitting.
const TICK_MS: u64 = 250;
/// More than any run needs: beyond it something talks to itself.
const EVENTS_MAX: usize = 200_000;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

pub(crate) type Outcome = Result<(), Broken>;

pub(crate) fn broken<T>(what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(what.into()))
}

/// A server, or the log of one that is down.
struct Slot {
    house: Option<House>,
    log: Vec<Event>,
    restart_ms: Option<u64>,
    tick_ms: u64,
}

/// A desk on somebody's table.
struct Table {
    desk: Desk,
    line: Option<LineId>,
    reconnect_ms: Option<u64>,
    view: Option<DeskView>,
    finished: bool,
}

/// What a person has just asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Click {
    Move(MotionKind),
    Consent(String),
}

pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) setup: Setup,
    pub(crate) now_ms: u64,
    pub(crate) trace: Trace,
    charter: SignedCharter,
    links: Vec<DelegationLink>,
    slots: Vec<Slot>,
    people: Vec<Person>,
    tabs: Vec<Tab>,
    tables: Vec<Table>,
    lines: BTreeMap<LineId, Line>,
    last_line: LineId,
    truth: Truth,
    gallery: Gallery,
    /// Frames on their way: when, to whom, which.
    air: BTreeSet<(u64, usize, usize)>,
    steps_left: u64,
    step_ms: u64,
    healed: bool,
    healed_ms: u64,
    /// Somebody was in the group after the healing who has no tab any more.
    anybody_missing: bool,
    lies: Option<liar::Liar>,
    /// How long the world took to settle after it was healed.
    pub(crate) settled_ms: Option<u64>,
}

enum Happening {
    Up(LineId),
    Down(LineId),
    ClientEnds(LineId),
    ServerEnds(LineId),
    Timer(usize),
    TabConnects(usize),
    DeskConnects(usize),
    Frame,
    Tick(usize),
    Restart(usize),
    Step,
}

impl World {
    pub(crate) fn new(seed: u64, trace: Trace) -> Result<Self, Broken> {
        let mut chance = Chance::new(seed);
        let setup = Setup::of(&mut chance);
        let convened = setup.draft().convene(START_MS, || chance.bytes());
        let (charter, links) = convened.map_err(|refusal| Broken(refusal.to_string()))?;
        let house = House::start(&charter, Vec::new(), START_MS, &mut chance);
        let slot = Slot {
            house,
            log: Vec::new(),
            restart_ms: None,
            tick_ms: START_MS,
        };
        let mut world = Self {
            now_ms: START_MS,
            trace,
            charter,
            links,
            slots: vec![slot],
            people: Vec::new(),
            tabs: Vec::new(),
            tables: Vec::new(),
            lines: BTreeMap::new(),
            last_line: 0,
            truth: Truth::default(),
            gallery: Gallery::new(),
            air: BTreeSet::new(),
            steps_left: setup.steps,
            step_ms: START_MS,
            healed: false,
            healed_ms: START_MS,
            anybody_missing: false,
            lies: None,
            settled_ms: None,
            chance,
            setup,
        };
        world.lies = liar::Liar::of(&mut world);
        world.say(format!(
            "delegations {} people {} steps {} hostility {} lie {:?} chairs {:?} {:?}",
            world.setup.delegations,
            world.setup.people_max,
            world.setup.steps,
            world.setup.hostility,
            world.setup.lie,
            world.setup.opening_chair,
            world.setup.closing_chair,
        ));
        world.begin()?;
        Ok(world)
    }

    pub(crate) fn say(&mut self, line: String) {
        let ms = self.now_ms - START_MS;
        self.trace.line(format!("{ms:>7} {line}"));
    }

    /// Plays the whole of it.
    pub(crate) fn play(&mut self) -> Outcome {
        for _ in 0..EVENTS_MAX {
            if self.steps_left == 0 && !self.healed {
                self.heal()?;
            }
            if self.healed && self.is_over()? {
                return Ok(());
            }
            let Some((at_ms, happening)) = self.next() else {
                return broken("the world stands still");
            };
            self.now_ms = self.now_ms.max(at_ms);
            self.happen(happening)?;
        }
        broken("the world does not come to rest")
    }

    fn next(&self) -> Option<(u64, Happening)> {
        let mut best: Option<(u64, Happening)> = None;
        let mut offer = |at_ms: Option<u64>, happening: Happening| {
            if let Some(at_ms) = at_ms
                && best.as_ref().is_none_or(|(first, _)| at_ms < *first)
            {
                best = Some((at_ms, happening));
            }
        };
        for (id, line) in &self.lines {
            if !line.server_gone {
                offer(line.up.front().map(|(at, _)| *at), Happening::Up(*id));
                offer(line.server_ends_ms, Happening::ServerEnds(*id));
            }
            if !line.client_gone {
                offer(line.down.front().map(|(at, _)| *at), Happening::Down(*id));
                offer(line.client_ends_ms, Happening::ClientEnds(*id));
            }
        }
        for (at, tab) in self.tabs.iter().enumerate() {
            if tab.is_live() {
                offer(tab.timer_ms, Happening::Timer(at));
                offer(tab.reconnect_ms, Happening::TabConnects(at));
            }
        }
        for (at, table) in self.tables.iter().enumerate() {
            offer(table.reconnect_ms, Happening::DeskConnects(at));
        }
        offer(self.air.first().map(|(at, _, _)| *at), Happening::Frame);
        for (at, slot) in self.slots.iter().enumerate() {
            offer(slot.house.as_ref().map(|_| slot.tick_ms), Happening::Tick(at));
            offer(slot.restart_ms, Happening::Restart(at));
        }
        offer(
            (self.steps_left > 0 || self.healed).then_some(self.step_ms),
            Happening::Step,
        );
        best
    }

    fn happen(&mut self, happening: Happening) -> Outcome {
        match happening {
            Happening::Up(line) => self.arrives_up(line),
            Happening::Down(line) => self.arrives_down(line),
            Happening::ClientEnds(line) => self.client_ends(line),
            Happening::ServerEnds(line) => self.server_ends(line),
            Happening::Timer(tab) => self.timer(tab),
            Happening::TabConnects(tab) => self.connect_tab(tab),
            Happening::DeskConnects(table) => {
                self.connect_desk(table);
                Ok(())
            }
            Happening::Frame => self.frame_arrives(),
            Happening::Tick(slot) => {
                let now_ms = self.now_ms;
                if let Some(slot) = self.slots.get_mut(slot) {
                    slot.tick_ms = now_ms + TICK_MS;
                    if let Some(house) = slot.house.as_mut() {
                        house.tick(now_ms);
                    }
                }
                self.deliver_out(slot);
                Ok(())
            }
            Happening::Restart(slot) => self.restart(slot),
            Happening::Step if self.healed => self.step_after_heal(),
            Happening::Step => self.step(),
        }
    }

    // ---- the network ----

    fn crash(&mut self, at: usize) {
        let now_ms = self.now_ms;
        let restart_ms = now_ms + self.chance.between(100, 4_000);
        let Some(slot) = self.slots.get_mut(at) else { return };
        let Some(house) = slot.house.take() else { return };
        slot.log = house.log;
        slot.restart_ms = Some(restart_ms);
        let mut dead: Vec<LineId> = Vec::new();
        for (id, line) in self.lines.iter_mut().filter(|(_, line)| line.house == at) {
            line.server_gone = true;
            line.server_ends_ms = None;
            line.up.clear();
            dead.push(*id);
        }
        for id in dead {
            let notices = now_ms + self.chance.below(1_500);
            if let Some(line) = self.lines.get_mut(&id).filter(|line| !line.client_gone) {
                line.client_ends_ms = Some(line.client_ends_ms.map_or(notices, |at| at.min(notices)));
            }
            self.forget_line(id);
        }
        self.say(format!("server {at} crashes"));
    }

    fn restart(&mut self, at: usize) -> Outcome {
        let now_ms = self.now_ms;
        let Some(slot) = self.slots.get_mut(at) else {
            return Ok(());
        };
        slot.restart_ms = None;
        let log = std::mem::take(&mut slot.log);
        let Some(house) = House::start(&self.charter, log, now_ms, &mut self.chance) else {
            return broken("I7: the log cannot be loaded");
        };
        slot.tick_ms = now_ms + TICK_MS;
        slot.house = Some(house);
        self.say(format!("server {at} is back"));
        self.check_that_nothing_was_lost(at)
    }

    // ---- tabs ----

    fn open_desk(&mut self, fragment: &str) {
        let charter = self.charter.encode();
        let chance = &mut self.chance;
        let id = self.charter.charter.id();
        let Ok(desk) = Desk::new(id, &charter, fragment, self.now_ms, || chance.bytes()) else {
            return;
        };
        self.tables.push(Table {
            desk,
            line: None,
            reconnect_ms: Some(self.now_ms + 10),
            view: None,
            finished: false,
        });
        self.say(format!("desk {} is opened", self.tables.len() - 1));
    }

    fn connect_desk(&mut self, at: usize) {
        let id = self.new_line(End::Desk(at), 0);
        if let Some(table) = self.tables.get_mut(at) {
            table.line = Some(id);
            table.reconnect_ms = None;
        }
    }

    fn touch_desk(&mut self, at: usize) {
        loop {
            let Some(table) = self.tables.get_mut(at) else { return };
            let Some(action) = table.desk.poll() else { return };
            match action {
                DeskAction::Send { message } => {
                    if let incamera_protocol::desk::DeskMessage::Act { act } = &message {
                        self.note_act(&act.0);
                    }
                    let at_ms = self.now_ms + self.delay_ms();
                    let line = self.tables.get(at).and_then(|table| table.line);
                    if let Some(line) = line.and_then(|line| self.lines.get_mut(&line)) {
                        line.send_up(at_ms, Call::Desk(message));
                    }
                }
                DeskAction::View { view } => table.view = Some(*view),
                DeskAction::Notice { message } => self.say(format!("desk {at} notes: {message}")),
                DeskAction::Fatal { code, .. } => {
                    table.finished = true;
                    self.say(format!("desk {at} ends: {code:?}"));
                }
            }
        }
    }

    /// A delegation has really let somebody in.
    fn note_act(&mut self, bytes: &[u8]) {
        let act = incamera_meeting::Signed::<incamera_meeting::Act>::read(bytes);
        if let Ok(incamera_meeting::Deed::Admit(letter, device)) = act.map(|act| act.body.deed) {
            self.truth.admitted.insert((letter, device));
        }
    }

    /// The fragment of a delegation's own link.
    fn delegation_fragment(&self, delegation: usize) -> String {
        self.links
            .get(delegation)
            .map(DelegationLink::fragment)
            .unwrap_or_default()
    }

    fn lying(&self) -> Option<Lie> {
        self.setup.lie
    }
}

/// The chain of a member, as it would show it to the server.
fn credential_of(member: &Member) -> Option<Credential> {
    #[derive(serde::Deserialize)]
    struct Saved {
        credential: incamera_protocol::Bytes,
    }
    let saved: Saved = serde_json::from_str(&member.saved()).ok()?;
    Credential::read(&saved.credential.0).ok()
}

/// The delegation of a letter's link.
fn delegation_of(fragment: &str) -> Option<u16> {
    match Link::from_fragment(fragment).ok()? {
        Link::Delegation(link) => Some(link.delegation),
        Link::Letter(link) => Some(link.letter.body.delegation),
        Link::Desk(link) => Some(link.claim.body.delegation),
        Link::Convener(_) => None,
    }
}

fn letter_of(fragment: &str) -> Option<LetterId> {
    match Link::from_fragment(fragment).ok()? {
        Link::Letter(link) => Some(link.letter.body.id()),
        _ => None,
    }
}

fn describe(message: &ServerMessage) -> String {
    match message {
        ServerMessage::Commit { position, commit } => {
            let (founding, epoch) = (position.founding, position.epoch);
            format!("commit {founding}/{epoch} {}", trace::name_of(&commit.0))
        }
        ServerMessage::Statement { number, statement } => {
            let body = Statement::read(&statement.0).map(|statement| match statement.body {
                Body::Motion(motion) => format!("motion {:?}", motion.kind()),
                Body::Consent(_) => "consent".to_owned(),
                Body::Fin(_) => "fin".to_owned(),
                Body::Heartbeat(beat) => format!("heartbeat {}/{}", beat.place.epoch, beat.beat),
                Body::Goodbye(_) => "goodbye".to_owned(),
            });
            let body = body.unwrap_or_else(|_| "garbage".to_owned());
            format!("{body} {number:?} {}", trace::name_of(&statement.0))
        }
        ServerMessage::Refused { re, code, .. } => format!("refused {re} {code:?}"),
        ServerMessage::Here { resumed, waits, .. } => format!("here resumed {resumed} waits {waits}"),
        ServerMessage::Knock { .. } => "knock".to_owned(),
        ServerMessage::PleaseRemove { leaf } => format!("please remove {}", leaf.0),
        ServerMessage::Found { founding, .. } => format!("found {founding}"),
        other => format!("{other:?}")
            .chars()
            .take_while(|c| c.is_alphanumeric())
            .collect(),
    }
}

fn motion_name(id: &MotionId) -> String {
    id.to_string()
}

/// The motion by which the open part of this group was opened.
fn check_warrant_motion(group: &incamera_meeting::Group) -> Option<String> {
    match &group.warrant.as_ref()?.motion.body {
        Body::Motion(motion) => Some(motion_name(&motion.id())),
        _ => None,
    }
}
