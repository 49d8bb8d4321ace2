//! A whole meeting in one thread and virtual time: people, tabs, desks, sockets, the server, the public.

mod check;
mod liar;
mod media;
mod script;
mod settle;

use std::collections::{BTreeMap, BTreeSet};

use incamera_meeting::{
    Body, Credential, DelegationLink, Encode as _, Event, LetterId, Link, MotionId, SignedCharter, Statement,
};
use incamera_protocol::desk::DeskView;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_seal::{Action, Desk, DeskAction, Gallery, Member};

use crate::START_MS;
use crate::chance::Chance;
use crate::house::{House, Out, name_of};
use crate::line::{Call, End, Line, LineId, Word};
use crate::setup::{Lie, Setup};
use crate::tab::{Person, Stay, Tab};
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

    fn delay_ms(&mut self) -> u64 {
        if self.chance.percent(5) {
            self.chance.between(40, 800)
        } else {
            self.chance.between(1, 40)
        }
    }

    fn new_line(&mut self, end: End, house: usize) -> LineId {
        self.last_line += 1;
        let mut line = Line::new(end, house);
        line.send_up(self.now_ms + self.delay_ms(), Call::Connect);
        self.lines.insert(self.last_line, line);
        self.last_line
    }

    /// Everything that the server wants done goes on its way.
    fn deliver_out(&mut self, slot: usize) {
        let house = self.slots.get_mut(slot).and_then(|slot| slot.house.as_mut());
        let out = house.map(|house| std::mem::take(&mut house.out)).unwrap_or_default();
        for out in out {
            match out {
                Out::Gallery(keys) => self.gallery.disclose(&keys),
                Out::Tell(line, word) => {
                    for word in self.lie_about(line, *word) {
                        self.send_down(line, word);
                    }
                }
            }
        }
    }

    fn send_down(&mut self, line: LineId, word: Word) {
        let at_ms = self.now_ms + self.delay_ms();
        if let Some(line) = self.lines.get_mut(&line) {
            line.send_down(at_ms, word);
        }
    }

    fn arrives_up(&mut self, id: LineId) -> Outcome {
        let now_ms = self.now_ms;
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        let Some((_, call)) = line.up.pop_front() else {
            return Ok(());
        };
        let (slot, end) = (line.house, line.end);
        let Some(house) = self.slots.get_mut(slot).and_then(|slot| slot.house.as_mut()) else {
            // Nobody answers.
            line.server_gone = true;
            let notices = now_ms + 100;
            line.client_ends_ms = Some(line.client_ends_ms.map_or(notices, |at| at.min(notices)));
            return Ok(());
        };
        let goes_on = match call {
            Call::Connect => {
                match end {
                    End::Tab(_) => house.member_in(id, now_ms),
                    End::Desk(_) => house.desk_in(id),
                }
                true
            }
            Call::Member(message) => {
                let told = name_of(&message);
                let goes_on = house.member_says(id, message, now_ms);
                self.say(format!("server <- line {id} {told}"));
                goes_on
            }
            Call::Desk(message) => house.desk_says(id, message, now_ms),
        };
        if goes_on {
            self.deliver_out(slot);
        } else {
            self.crash(slot);
        }
        Ok(())
    }

    fn arrives_down(&mut self, id: LineId) -> Outcome {
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        let Some((_, word)) = line.down.pop_front() else {
            return Ok(());
        };
        let end = line.end;
        match (end, word) {
            (_, Word::Close) => {
                line.server_gone = true;
                self.client_ends(id)
            }
            (End::Tab(tab), Word::Member(message)) => {
                let what = describe(&message);
                self.say(format!("tab {tab} <- {what}"));
                let now_ms = self.clock_of(tab);
                if let Some(member) = self.tabs.get_mut(tab).and_then(|tab| tab.member.as_mut()) {
                    member.receive(message, now_ms);
                }
                self.touch(tab, None)
            }
            (End::Desk(table), Word::Desk(message)) => {
                if let Some(table) = self.tables.get_mut(table) {
                    table.desk.receive(message);
                }
                self.touch_desk(table);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The client notices that its socket is dead, and will connect again.
    fn client_ends(&mut self, id: LineId) -> Outcome {
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        line.client_gone = true;
        line.client_ends_ms = None;
        line.down.clear();
        let end = line.end;
        self.forget_line(id);
        let again_ms = self.now_ms + self.chance.between(50, 1_200);
        match end {
            End::Tab(at) => {
                let now_ms = self.clock_of(at);
                let Some(tab) = self.tabs.get_mut(at).filter(|tab| tab.line == Some(id)) else {
                    return Ok(());
                };
                tab.line = None;
                tab.reconnect_ms = Some(again_ms);
                if let Some(member) = tab.member.as_mut() {
                    member.disconnected(now_ms);
                }
                self.say(format!("tab {at} is disconnected"));
                self.touch(at, None)
            }
            End::Desk(at) => {
                if let Some(table) = self.tables.get_mut(at).filter(|table| table.line == Some(id)) {
                    table.line = None;
                    table.reconnect_ms = (!table.finished).then_some(again_ms);
                    table.desk.disconnected();
                }
                self.touch_desk(at);
                Ok(())
            }
        }
    }

    fn server_ends(&mut self, id: LineId) -> Outcome {
        let now_ms = self.now_ms;
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        line.server_gone = true;
        line.server_ends_ms = None;
        line.up.clear();
        let (slot, end) = (line.house, line.end);
        if let Some(house) = self.slots.get_mut(slot).and_then(|slot| slot.house.as_mut()) {
            match end {
                End::Tab(_) => house.member_out(id, now_ms),
                End::Desk(_) => house.desk_out(id),
            }
        }
        self.forget_line(id);
        self.deliver_out(slot);
        Ok(())
    }

    fn forget_line(&mut self, id: LineId) {
        if self
            .lines
            .get(&id)
            .is_some_and(|line| line.client_gone && line.server_gone)
        {
            self.lines.remove(&id);
        }
    }

    /// The client gives its socket up; the server notices within `within_ms`.
    fn drop_line(&mut self, id: LineId, within_ms: u64) {
        let notices = self.now_ms + 1 + self.chance.below(within_ms.max(1));
        if let Some(line) = self.lines.get_mut(&id) {
            line.client_gone = true;
            line.down.clear();
            let last = line.up.back().map_or(0, |(at, _)| *at);
            let at_ms = if self.healed { last.max(notices) } else { notices };
            line.server_ends_ms = Some(line.server_ends_ms.map_or(at_ms, |at| at.min(at_ms)));
        }
        self.forget_line(id);
    }

    // ---- the server ----

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

    /// What this tab's clock shows.
    fn clock_of(&self, tab: usize) -> u64 {
        let person = self.tabs.get(tab).and_then(|tab| self.people.get(tab.person));
        self.now_ms
            .saturating_add_signed(person.map_or(0, |person| person.skew_ms))
    }

    fn add_person(&mut self, fragment: String, delegation: u16) -> usize {
        let skew_ms = i64::try_from(self.chance.between(0, 240_000)).unwrap_or(0) - 120_000;
        self.people.push(Person {
            fragment,
            delegation,
            skew_ms,
        });
        self.people.len() - 1
    }

    /// Somebody opens their link in a tab of its own.
    fn open_tab(&mut self, person: usize) -> Outcome {
        let Some(who) = self.people.get(person) else {
            return Ok(());
        };
        let now_ms = self.now_ms.saturating_add_signed(who.skew_ms);
        let name = format!("Person {person}");
        let charter = self.charter.encode();
        let chance = &mut self.chance;
        let made = Member::new(
            self.charter.charter.id(),
            &charter,
            &who.fragment,
            &name,
            None,
            now_ms,
            || chance.bytes(),
        );
        let member = match made {
            Ok(member) => member,
            Err(failure) => return broken(format!("a member cannot be made: {failure}")),
        };
        let credential = credential_of(&member);
        let Some(credential) = credential else {
            return broken("a member's credential cannot be read");
        };
        let letter = credential.binding.body.letter;
        let device = credential.binding.body.device_key;
        self.truth.devices.insert((letter, device));
        if credential.letter.body.entry == incamera_meeting::Entry::WhenLetIn {
            self.truth.asking.insert(letter);
        }
        let late = [0, 0, 5, 300, 1_000];
        let late_ms = self.chance.pick(&late).copied().unwrap_or(0);
        let reconnect_ms = self.now_ms + self.chance.below(300);
        self.tabs.push(Tab {
            person,
            member: Some(member),
            line: None,
            reconnect_ms: Some(reconnect_ms),
            timer_ms: None,
            late_ms,
            finished: None,
            view: None,
            letter,
            device,
            house: 0,
            alarmed: false,
            stay: Stay::default(),
        });
        self.say(format!(
            "person {person} opens tab {} letter {}",
            self.tabs.len() - 1,
            trace::name_of(&letter.0)
        ));
        Ok(())
    }

    /// The page is loaded again: everything but what was saved is lost.
    fn reload(&mut self, at: usize) -> Outcome {
        let now_ms = self.clock_of(at);
        let charter = self.charter.encode();
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        let Some(member) = tab.member.as_ref() else {
            return Ok(());
        };
        let saved = member.saved();
        let fragment = self.people.get(tab.person).map(|it| it.fragment.clone());
        let fragment = fragment.unwrap_or_default();
        let chance = &mut self.chance;
        let id = self.charter.charter.id();
        let made = Member::new(id, &charter, &fragment, "", Some(&saved), now_ms, || chance.bytes());
        let member = match made {
            Ok(member) => member,
            Err(failure) => return broken(format!("a reload fails: {failure}")),
        };
        tab.member = Some(member);
        tab.finished = None;
        tab.view = None;
        tab.timer_ms = None;
        tab.stay = Stay::default();
        tab.reconnect_ms = Some(self.now_ms + 20);
        let line = tab.line.take();
        if let Some(line) = line {
            self.drop_line(line, 3_000);
        }
        self.say(format!("tab {at} is loaded again"));
        Ok(())
    }

    fn close_tab(&mut self, at: usize) {
        let Some(tab) = self.tabs.get_mut(at) else { return };
        tab.member = None;
        tab.stay = Stay::default();
        let line = tab.line.take();
        if let Some(line) = line {
            self.drop_line(line, 5_000);
        }
        self.say(format!("tab {at} is closed"));
    }

    fn connect_tab(&mut self, at: usize) -> Outcome {
        let house = self.tabs.get(at).map_or(0, |tab| tab.house);
        let id = self.new_line(End::Tab(at), house);
        let now_ms = self.clock_of(at);
        if let Some(tab) = self.tabs.get_mut(at) {
            tab.line = Some(id);
            tab.reconnect_ms = None;
            if let Some(member) = tab.member.as_mut() {
                member.connected(now_ms);
            }
        }
        self.say(format!("tab {at} connects: line {id}"));
        self.touch(at, None)
    }

    fn timer(&mut self, at: usize) -> Outcome {
        let now_ms = self.clock_of(at);
        if let Some(member) = self.tabs.get_mut(at).and_then(|tab| tab.member.as_mut()) {
            member.timeout(now_ms);
        }
        self.touch(at, None)
    }

    /// A person wants something.
    fn command(&mut self, at: usize, command: &Command) -> Outcome {
        let now_ms = self.clock_of(at);
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        let Some(member) = tab.member.as_mut() else {
            return Ok(());
        };
        let running = member.meeting().running(now_ms).map(|running| running.motion);
        let place = member
            .meeting()
            .group()
            .map(|group| (group.founding, group.context.part));
        let group = member.meeting().group();
        let shuts = group.is_some_and(|group| group.context.phase == incamera_meeting::Phase::Open);
        let done = member.command(command, now_ms);
        let click = match (&done, command) {
            (Ok(()), Command::Move { kind, .. }) => {
                if *kind == MotionKind::Adjourn {
                    tab.stay.has_adjourned = true;
                }
                if *kind == MotionKind::Close || shuts {
                    (tab.stay.closing, tab.stay.has_closed) = (true, true);
                }
                Some(Click::Move(*kind))
            }
            (Ok(()), Command::Consent { motion }) => {
                tab.stay.willing.insert(motion.clone());
                Some(Click::Consent(motion.clone()))
            }
            (Ok(()), Command::Appear) => {
                match running.filter(|motion| motion.kind() == Some(MotionKind::Open)) {
                    Some(motion) => {
                        tab.stay.willing.insert(motion.id().to_string());
                    }
                    None => tab.stay.appeared_in.extend(place),
                }
                None
            }
            _ => None,
        };
        let what = match command {
            Command::Move { kind, .. } => format!("move {kind:?}"),
            Command::Consent { .. } => "consent".to_owned(),
            other => format!("{other:?}").chars().take(12).collect(),
        };
        let done = done.map_err(|failure| failure.to_string());
        self.say(format!("person at tab {at}: {what}: {done:?}"));
        self.touch(at, click)
    }

    /// Takes what the member wants done, and looks at it.
    fn touch(&mut self, at: usize, click: Option<Click>) -> Outcome {
        let mut reconnect = false;
        loop {
            let member = self.tabs.get_mut(at).and_then(|tab| tab.member.as_mut());
            let Some(action) = member.and_then(Member::poll) else {
                break;
            };
            match action {
                Action::Send { message } => {
                    self.observe(at, &message, click.as_ref())?;
                    let at_ms = self.now_ms + self.delay_ms();
                    let line = self.tabs.get(at).and_then(|tab| tab.line);
                    if let Some(line) = line.and_then(|line| self.lines.get_mut(&line)) {
                        line.send_up(at_ms, Call::Member(message));
                    }
                }
                Action::View { view } => self.show(at, (*view).clone())?,
                Action::Notice { message } => {
                    self.say(format!("tab {at} notes: {message}"));
                    if self.setup.lie.is_none() && message.starts_with("A change to the meeting was refused") {
                        return broken(format!("an honest run raises an alarm at tab {at}: {message}"));
                    }
                }
                Action::Fatal { code, message } => self.end(at, code, message)?,
                Action::Reconnect => reconnect = true,
                Action::Media { .. }
                | Action::Relay { .. }
                | Action::Slots { .. }
                | Action::Layers { .. }
                | Action::Keyed => {}
            }
        }
        self.check(at)?;
        let person = self.tabs.get(at).and_then(|tab| self.people.get(tab.person));
        let skew_ms = person.map_or(0, |person| person.skew_ms);
        let now_ms = self.now_ms;
        if let Some(tab) = self.tabs.get_mut(at) {
            let next = tab.member.as_ref().and_then(Member::next_timeout);
            let late_ms = tab.late_ms;
            tab.timer_ms = next.map(|next| (next.saturating_add_signed(-skew_ms) + late_ms).max(now_ms + 1));
        }
        let line = self.tabs.get(at).and_then(|tab| tab.line);
        if let (true, Some(line)) = (reconnect, line) {
            self.say(format!("tab {at} connects anew"));
            self.drop_line(line, 200);
            self.tab_lost_line(at)?;
        }
        Ok(())
    }

    fn tab_lost_line(&mut self, at: usize) -> Outcome {
        let now_ms = self.clock_of(at);
        let again_ms = self.now_ms + self.chance.between(20, 500);
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        tab.line = None;
        tab.reconnect_ms = Some(again_ms);
        if let Some(member) = tab.member.as_mut() {
            member.disconnected(now_ms);
        }
        self.touch(at, None)
    }

    fn end(&mut self, at: usize, code: incamera_protocol::ErrorCode, message: String) -> Outcome {
        use incamera_protocol::ErrorCode as Code;
        self.say(format!("tab {at} ends: {code:?} {message}"));
        let wrong = matches!(
            code,
            Code::Internal | Code::Handshake | Code::Charter | Code::Proof | Code::Malformed
        );
        if self.setup.lie.is_none() && wrong {
            return broken(format!("an honest run ends tab {at}: {code:?} {message}"));
        }
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        tab.finished = Some((code, message));
        tab.reconnect_ms = None;
        let line = tab.line.take();
        if let Some(line) = line {
            self.drop_line(line, 200);
        }
        Ok(())
    }

    fn show(&mut self, at: usize, view: incamera_protocol::view::MemberView) -> Outcome {
        let alarm = view.lamp == Lamp::Held && view.reason.as_ref().is_some_and(|it| it.ends_with("Nothing is sent."));
        let lamp = view.lamp;
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        let before = tab.view.replace(view).map(|view| view.lamp);
        tab.alarmed |= alarm;
        if before != Some(lamp) {
            self.say(format!("tab {at} shows {lamp:?}"));
        }
        if alarm && self.setup.lie.is_none() {
            return broken(format!("an honest run raises an alarm at tab {at}"));
        }
        Ok(())
    }

    /// Something leaves a member: what it says it says for its person, who must have wanted it.
    fn observe(&mut self, at: usize, message: &MemberMessage, click: Option<&Click>) -> Outcome {
        let (MemberMessage::Statement { statement: bytes } | MemberMessage::Commit { commit: bytes, .. }) = message
        else {
            if let MemberMessage::Act { act } = message {
                self.note_act(&act.0);
            }
            return Ok(());
        };
        let sent = trace::name_of(&bytes.0);
        self.say(format!("tab {at} -> {} {sent}", name_of(message)));
        let MemberMessage::Statement { statement } = message else {
            return Ok(());
        };
        let Ok(statement) = Statement::read(&statement.0) else {
            return broken("a member says what cannot be read");
        };
        let person = self.tabs.get(at).and_then(|tab| self.people.get(tab.person));
        let delegation = person.map_or(0, |person| person.delegation);
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        match &statement.body {
            Body::Motion(motion) => {
                let kind = motion.kind();
                let id = motion.id().to_string();
                let wanted = match kind {
                    Some(MotionKind::Close) => tab.stay.has_closed,
                    // In public it is a close, and said again like one.
                    Some(MotionKind::Adjourn) => tab.stay.has_adjourned,
                    Some(kind) => click == Some(&Click::Move(kind)),
                    None => false,
                };
                if !wanted {
                    return broken(format!("I3: tab {at} moves {kind:?} on its own"));
                }
                if kind == Some(MotionKind::Open) {
                    tab.stay.willing.insert(id.clone());
                    self.truth.moved.insert(id, delegation);
                }
            }
            Body::Consent(consent) => {
                let id = consent.motion.to_string();
                if click != Some(&Click::Consent(id.clone())) {
                    return broken(format!("I3: tab {at} consents on its own"));
                }
                self.truth.consents.insert((id, delegation));
            }
            Body::Fin(fin) => tab.stay.finished_keys.extend(fin.counts.iter().map(|entry| entry.kid)),
            Body::Heartbeat(heartbeat) => {
                let key = (heartbeat.authenticator, statement.signer);
                self.truth.confirmed.insert(key);
                self.truth.alive_ms.insert(key, self.now_ms);
            }
            Body::Goodbye(_) => {}
        }
        Ok(())
    }

    // ---- desks ----

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
