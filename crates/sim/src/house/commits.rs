//! The one order: foundings and commits.

use std::collections::BTreeSet;

use incamera_handshake::Delivery;
use incamera_meeting::{Command, CommitFacts, CommitSender, Encode as _, LetterId, PublicKey};
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode};

use super::{House, Stop, not_a_member, stale};
use crate::line::LineId;

impl House {
    pub(super) fn founded(&mut self, line: LineId, founding: u32, group_info: Bytes) -> Result<(), Stop> {
        let person = self.known(line)?.person.clone();
        let appointed = self.appointed.as_ref().is_some_and(|appointed| appointed.line == line);
        if !appointed || !self.may_found(line) || founding != self.meeting.next_founding().0 {
            return Err(stale());
        }
        let (delivery, group) = Delivery::found(self.meeting.id(), &group_info.0)?;
        if self.meeting.recognise(&group.founder, self.now_ms)? != person {
            return Err(Stop::Refused(ErrorCode::Credential, "not the founder".to_owned()));
        }
        let command = Command::Found {
            leaf: group.leaf,
            founder: group.founder,
            context: group.context,
            message: group_info,
        };
        let events = self.meeting.decide(self.now_ms, command)?;
        self.happen(&events)?;
        self.delivery = Some(delivery);
        self.appointed = None;
        self.away.clear();
        self.lost.clear();
        self.leaving.clear();
        for known in self.sockets.values_mut().filter_map(|socket| socket.known.as_mut()) {
            known.admitted = false;
        }
        self.admit(line);
        self.after_epoch();
        Ok(())
    }

    pub(super) fn commit(
        &mut self,
        line: LineId,
        position: Position,
        commit: Bytes,
        welcome: Option<Bytes>,
    ) -> Result<(), Stop> {
        let leaf = self.leaf_of(line)?;
        let delivery = self.delivery.as_ref().ok_or(not_a_member())?;
        if position != delivery.position() {
            return Err(stale());
        }
        let staged = delivery.stage(&commit.0)?;
        let facts = staged.facts.clone();
        if facts.sender != CommitSender::Member(leaf) {
            return Err(Stop::Refused(ErrorCode::Handshake, "somebody else's".to_owned()));
        }
        if !self.all_ask(&staged.newcomers) {
            self.forget_what_was_asked();
            return Err(Stop::Refused(ErrorCode::Handshake, "nobody asks".to_owned()));
        }
        let judged = self
            .meeting
            .judge(self.now_ms, Box::new(facts.clone()), commit.clone())?;
        let audience: BTreeSet<LineId> = self.admitted().into_iter().map(|(_, line)| line).collect();
        let departed = self.departing(&facts);
        self.take_in(judged)?;
        let merged = self.delivery.as_mut().map(|delivery| delivery.merge(staged));
        if !matches!(merged, Some(Ok(()))) || !self.agrees() {
            return Err(Stop::Crash);
        }
        let taken = ServerMessage::Commit { position, commit };
        for line in &audience {
            self.tell(*line, &taken);
        }
        for letter in departed {
            self.away.remove(&letter);
            self.lost.remove(&letter);
            self.leaving.remove(&letter);
            if let Some(known) = self.line_of_letter(letter).and_then(|line| self.known(line).ok()) {
                known.admitted = false;
            }
        }
        self.welcome(&facts, welcome);
        self.after_epoch();
        if self.meeting.is_adjourned() {
            for line in std::mem::take(&mut self.sockets).into_keys() {
                self.close(line);
            }
        }
        Ok(())
    }

    fn departing(&self, facts: &CommitFacts) -> Vec<LetterId> {
        let roster = self.meeting.group().map(|group| &group.roster);
        let person = |leaf| roster.and_then(|roster| roster.get(leaf));
        let departing = facts.removes.iter().filter_map(person);
        departing.map(|person| person.letter).collect()
    }

    fn welcome(&mut self, facts: &CommitFacts, welcome: Option<Bytes>) {
        let Some(welcome) = welcome.filter(|_| !facts.adds.is_empty()) else {
            return;
        };
        let added: BTreeSet<PublicKey> = facts.adds.iter().map(|added| added.device_key).collect();
        let group = self.meeting.group();
        let warrant = group.and_then(|group| group.warrant.as_ref());
        let warrant = warrant.map(|evidence| Bytes(evidence.encode()));
        let newcomers = self.lines_where(|socket| {
            let known = socket.known.as_ref();
            known.is_some_and(|known| known.knock.is_some() && added.contains(&known.person.device_key))
        });
        let now_ms = self.now_ms;
        if let Some(group) = self.meeting.group() {
            let fresh = group
                .roster
                .values()
                .filter(|person| added.contains(&person.device_key));
            self.away.extend(fresh.map(|person| (person.letter, now_ms)));
        }
        for line in newcomers {
            self.tell(line, &self.register());
            let (welcome, warrant) = (welcome.clone(), warrant.clone());
            self.tell(line, &ServerMessage::Joined { welcome, warrant });
            self.admit(line);
        }
    }

    fn admit(&mut self, line: LineId) {
        let Ok(known) = self.known(line) else { return };
        known.admitted = true;
        known.knock = None;
        let letter = known.person.letter;
        self.away.remove(&letter);
        self.lost.remove(&letter);
        self.leaving.remove(&letter);
    }

    fn after_epoch(&mut self) {
        self.heartbeats.clear();
        self.told_fins = false;
        self.lobby.clear();
        self.tell_lobby();
        self.connected.clear();
        self.tell_connected();
        self.ask_anew();
    }
}
