//! What members state, disclose and sign for their delegation.

use incamera_meeting::{Act, Body, Command, Deed, Discloser, Encode as _, Event, Refusal, Signed, Statement};
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::{House, Out, Stop, not_a_member, stale};
use crate::line::LineId;

impl House {
    pub(super) fn sealed(&mut self, line: LineId, position: Position, message: Bytes) -> Result<(), Stop> {
        self.leaf_of(line)?;
        let delivery = self.delivery.as_ref().ok_or(not_a_member())?;
        if position != delivery.position() {
            return Err(stale());
        }
        delivery.check_application(&message.0)?;
        self.sealed.push((position, message.clone()));
        self.tell_group(&ServerMessage::Sealed { position, message });
        Ok(())
    }

    pub(super) fn statement(&mut self, line: LineId, bytes: &Bytes) -> Result<(), Stop> {
        self.leaf_of(line)?;
        let letter = self.known(line)?.person.letter;
        let statement = Statement::read(&bytes.0)?;
        if statement.signer != letter {
            return Err(Stop::Refused(ErrorCode::NotAllowed, "somebody else's".to_owned()));
        }
        if self.is_known(&statement) {
            return Ok(());
        }
        let body = statement.body.clone();
        let number = self.meeting.group().map_or(0, |group| group.said.so_far().0);
        let number = statement.is_kept().then_some(number);
        let events = self.meeting.decide(self.now_ms, Command::State(Box::new(statement)))?;
        if events.is_empty() {
            return Ok(());
        }
        if number.is_some() {
            self.happen(&events)?;
        } else {
            events.iter().for_each(|event| self.meeting.apply(event));
        }
        let statement = bytes.clone();
        let said = ServerMessage::Statement { number, statement };
        match body {
            Body::Fin(_) => self.tell_closer(&said),
            Body::Heartbeat(_) => {
                self.heartbeats.insert(letter, bytes.clone());
                self.tell_group(&said);
            }
            Body::Motion(_) | Body::Consent(_) | Body::Goodbye(_) => {
                self.told_fins = false;
                self.tell_group(&said);
            }
        }
        Ok(())
    }

    fn tell_closer(&mut self, fin: &ServerMessage) {
        if self.told_fins {
            return self.tell_group(fin);
        }
        let mover = self.meeting.called_close().map(|running| running.mover);
        let line = self.admitted().into_iter().find(|(leaf, _)| Some(*leaf) == mover);
        if let Some((_, line)) = line {
            self.tell(line, fin);
        }
    }

    pub(super) fn tell_fins_of_a_stalled_close(&mut self) {
        let Some(running) = self.meeting.called_close() else {
            return;
        };
        let stalled = self.now_ms.saturating_sub(running.seen_at_ms) >= limits::CLOSE_STALLED_MS;
        if !stalled || self.told_fins {
            return;
        }
        let fins: Vec<Bytes> = running.fins.values().map(|fin| Bytes(fin.encode())).collect();
        self.told_fins = true;
        for statement in fins {
            let number = None;
            self.tell_group(&ServerMessage::Statement { number, statement });
        }
    }

    fn is_known(&self, statement: &Statement) -> bool {
        self.meeting.running(self.now_ms).is_some_and(|running| {
            running.statement == *statement
                || running.consents.values().any(|known| known == statement)
                || running.fins.values().any(|known| known == statement)
        })
    }

    pub(super) fn disclose(&mut self, line: LineId, keys: Vec<Disclosure>, signature: Bytes) -> Result<(), Stop> {
        let leaf = self.leaf_of(line)?;
        let letter = self.known(line)?.person.letter;
        let by = Discloser { letter, signature };
        let events = self.meeting.decide(self.now_ms, Command::Disclose(leaf, keys, by))?;
        self.happen(&events)?;
        for event in events {
            if let Event::Disclosed { keys, .. } = event {
                self.out.push(Out::Gallery(keys));
            }
        }
        Ok(())
    }

    pub(super) fn member_acts(&mut self, line: LineId, act: &Bytes) -> Result<(), Stop> {
        self.leaf_of(line)?;
        let delegation = self.known(line)?.person.delegation;
        self.act(delegation, act)
    }

    pub(super) fn act(&mut self, delegation: u16, act: &Bytes) -> Result<(), Stop> {
        let act = Signed::<Act>::read(&act.0)?;
        if act.body.delegation != delegation {
            return Err(Stop::Refused(ErrorCode::NotAllowed, "another delegation's".to_owned()));
        }
        let number = self.meeting.group().map(|group| group.said.so_far().0);
        let events = self.meeting.decide(self.now_ms, Command::Act(Box::new(act.clone())))?;
        self.happen(&events)?;
        let bytes = Bytes(act.encode());
        match act.body.deed {
            Deed::Admit(letter, device) => {
                let waiting = self.lines_where(|socket| {
                    socket.known.as_ref().is_some_and(|known| {
                        known.waits && known.person.letter == letter && known.person.device_key == device
                    })
                });
                for line in waiting {
                    let act = bytes.clone();
                    self.tell(line, &ServerMessage::Admitted { act });
                }
            }
            Deed::Revoke(letter) => {
                if let Some(number) = number.filter(|_| !events.is_empty()) {
                    self.tell_group(&ServerMessage::Act { number, act: bytes });
                }
                self.turn_away(delegation, letter);
            }
        }
        Ok(())
    }

    fn turn_away(&mut self, delegation: u16, letter: incamera_meeting::LetterId) {
        let outside = self.lines_where(|socket| {
            socket.known.as_ref().is_some_and(|known| {
                known.person.delegation == delegation && known.person.letter == letter && !known.admitted
            })
        });
        for line in outside {
            let refusal = Refusal::LetterRevoked;
            self.refuse(line, "hello", refusal.code(), refusal.to_string());
            self.dismiss(line);
        }
        let theirs = |person: &incamera_meeting::Person| person.letter == letter && person.delegation == delegation;
        let group = self.meeting.group();
        if group.is_some_and(|group| group.roster.values().any(theirs)) {
            self.leaving.insert(letter);
        }
        self.attend();
        self.tell_lobby();
    }
}
