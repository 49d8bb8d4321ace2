//! People and the tabs in which they sit: opened, loaded anew, closed, and what their members do.

use incamera_meeting::{Body, Encode as _, Statement};
use incamera_protocol::member::MemberMessage;
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_seal::{Action, Member};

use super::{Click, Outcome, World, broken, credential_of};
use crate::line::{Call, End};
use crate::tab::{Person, Stay, Tab};
use crate::trace;

impl World {
    /// What this tab's clock shows.
    pub(super) fn clock_of(&self, tab: usize) -> u64 {
        let person = self.tabs.get(tab).and_then(|tab| self.people.get(tab.person));
        self.now_ms
            .saturating_add_signed(person.map_or(0, |person| person.skew_ms))
    }

    pub(super) fn add_person(&mut self, fragment: String, delegation: u16) -> usize {
        let skew_ms = i64::try_from(self.chance.between(0, 240_000)).unwrap_or(0) - 120_000;
        self.people.push(Person {
            fragment,
            delegation,
            skew_ms,
        });
        self.people.len() - 1
    }

    /// Somebody opens their link in a tab of its own.
    pub(super) fn open_tab(&mut self, person: usize) -> Outcome {
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
    pub(super) fn reload(&mut self, at: usize) -> Outcome {
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

    pub(super) fn close_tab(&mut self, at: usize) {
        let Some(tab) = self.tabs.get_mut(at) else { return };
        tab.member = None;
        tab.stay = Stay::default();
        let line = tab.line.take();
        if let Some(line) = line {
            self.drop_line(line, 5_000);
        }
        self.say(format!("tab {at} is closed"));
    }

    pub(super) fn connect_tab(&mut self, at: usize) -> Outcome {
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

    pub(super) fn timer(&mut self, at: usize) -> Outcome {
        let now_ms = self.clock_of(at);
        if let Some(member) = self.tabs.get_mut(at).and_then(|tab| tab.member.as_mut()) {
            member.timeout(now_ms);
        }
        self.touch(at, None)
    }

    /// A person wants something.
    pub(super) fn command(&mut self, at: usize, command: &Command) -> Outcome {
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
    pub(super) fn touch(&mut self, at: usize, click: Option<Click>) -> Outcome {
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
                Action::Chat { message } => self.read(at, message)?,
                Action::Typed { line } => self.see(at, line)?,
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
                | Action::Wish { .. }
                | Action::Document { .. }
                | Action::Call { .. }
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

    pub(super) fn tab_lost_line(&mut self, at: usize) -> Outcome {
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

    pub(super) fn end(&mut self, at: usize, code: incamera_protocol::ErrorCode, message: String) -> Outcome {
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

    pub(super) fn show(&mut self, at: usize, view: incamera_protocol::view::MemberView) -> Outcome {
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
    pub(super) fn observe(&mut self, at: usize, message: &MemberMessage, click: Option<&Click>) -> Outcome {
        let (MemberMessage::Statement { statement: bytes } | MemberMessage::Commit { commit: bytes, .. }) = message
        else {
            if let MemberMessage::Act { act } = message {
                self.note_act(&act.0);
            }
            return Ok(());
        };
        let sent = trace::name_of(&bytes.0);
        self.say(format!("tab {at} -> {} {sent}", message.name()));
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
}
