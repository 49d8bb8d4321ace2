//! `hello`, `knock` and `leave`.

use incamera_handshake::{Delivery, Newcomer};
use incamera_meeting::{Command, Credential, Encode as _, Event, Person};
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode};

use super::{House, Knock, Known, Stop};
use crate::line::LineId;

impl House {
    pub(super) fn hello(
        &mut self,
        line: LineId,
        credential: &Bytes,
        proof: &Bytes,
        resume: Option<Position>,
    ) -> Result<(), Stop> {
        let nonce = self.sockets.get(&line).map(|socket| socket.nonce).unwrap_or_default();
        let credential = Credential::read(&credential.0)?;
        let claim = Command::Claim(Box::new(credential.clone()));
        let events = self.meeting.decide(self.now_ms, claim)?;
        let person = self.meeting.identify(&credential)?;
        let signature = <[u8; 64]>::try_from(proof.0.as_slice()).unwrap_or([0; 64]);
        let proven = [self.meeting.id().0.as_slice(), &nonce].concat();
        if !person.device_key.verifies("hello", &proven, &signature) {
            return Err(Stop::Refused(ErrorCode::Proof, "no proof".to_owned()));
        }
        self.happen(&events)?;
        let waits = self.meeting.check_device(&person).is_err();
        let missed = resume
            .filter(|position| !waits && self.can_resume(&person, *position))
            .map(|position| self.said_since(position));
        if !waits {
            self.replace_line_of(&person);
        }
        let letter = person.letter;
        let here = ServerMessage::Here {
            ticket: "t".to_owned(),
            resumed: missed.is_some(),
            waits,
            state: Box::new(self.meeting.public_state()),
        };
        let Some(socket) = self.sockets.get_mut(&line) else {
            return Ok(());
        };
        socket.known = Some(Known {
            person,
            credential,
            waits,
            admitted: missed.is_some(),
            knock: None,
        });
        self.tell(line, &here);
        match missed {
            Some(said) => self.catch_up(line, said),
            None if waits => {}
            None => {
                if self.leaf_of_letter(letter).is_some() {
                    self.lost.insert(letter);
                    self.away.remove(&letter);
                }
            }
        }
        self.attend();
        self.tell_connected();
        self.tell_lobby();
        Ok(())
    }

    fn can_resume(&self, person: &Person, position: Position) -> bool {
        let Some(group) = self.meeting.group() else {
            return false;
        };
        let has_leaf = group.roster.values().any(|member| member == person);
        let entered = self.history.entered.get(&person.letter);
        let same_stay = entered.is_some_and(|entered| *entered <= position.epoch);
        has_leaf && same_stay && position.founding == group.founding && position.epoch <= group.epoch
    }

    fn said_since(&self, position: Position) -> Vec<ServerMessage> {
        let mut number = 0;
        let mut said = Vec::new();
        for event in self.log.iter().skip(self.history.after(position.epoch) + 1) {
            match event {
                Event::Committed { facts, message, .. } => {
                    let (position, commit) = (facts.position, message.clone());
                    said.extend(self.sealed_in(position));
                    said.push(ServerMessage::Commit { position, commit });
                    number = 0;
                }
                Event::Stated { statement, .. } => {
                    said.push(ServerMessage::Statement {
                        number: Some(number),
                        statement: Bytes(statement.encode()),
                    });
                    number += 1;
                }
                Event::Revoked { act } => {
                    let act = Bytes(act.encode());
                    said.push(ServerMessage::Act { number, act });
                    number += 1;
                }
                _ => {}
            }
        }
        said.extend(
            self.meeting
                .group()
                .into_iter()
                .flat_map(|group| self.sealed_in(group.position())),
        );
        said
    }

    fn sealed_in(&self, epoch: Position) -> impl Iterator<Item = ServerMessage> {
        let of_epoch = self.sealed.iter().filter(move |(position, _)| *position == epoch);
        of_epoch.map(|(position, message)| ServerMessage::Sealed {
            position: *position,
            message: message.clone(),
        })
    }

    fn catch_up(&mut self, line: LineId, said: Vec<ServerMessage>) {
        for message in &said {
            self.tell(line, message);
        }
        self.tell(line, &self.register());
        let fins = self.meeting.called_close().map(|running| running.fins.values());
        let fins = fins.into_iter().flatten().map(|fin| Bytes(fin.encode()));
        let here = self
            .heartbeats
            .iter()
            .filter(|(letter, _)| !self.away.contains_key(letter));
        let unkept: Vec<Bytes> = fins.chain(here.map(|(_, heartbeat)| heartbeat.clone())).collect();
        for statement in unkept {
            let number = None;
            self.tell(line, &ServerMessage::Statement { number, statement });
        }
        let waiting = self.lobby.clone();
        self.tell(line, &ServerMessage::Lobby { waiting });
        if let Ok(known) = self.known(line) {
            let letter = known.person.letter;
            self.away.remove(&letter);
            self.lost.remove(&letter);
            self.leaving.remove(&letter);
        }
        let leaves = self.connected.clone();
        self.tell(line, &ServerMessage::Connected { leaves });
    }

    fn replace_line_of(&mut self, person: &Person) {
        let Some(older) = self.line_of_letter(person.letter) else {
            return;
        };
        let why = "You have joined from another window; this one has ended.".to_owned();
        self.refuse(older, "hello", ErrorCode::LetterInUse, why);
        self.dismiss(older);
    }

    pub(super) fn knock(&mut self, line: LineId, key_package: Bytes) -> Result<(), Stop> {
        if self.meeting.is_adjourned() {
            return Err(incamera_meeting::Refusal::Adjourned.into());
        }
        let before = self.known(line)?.person.clone();
        let Newcomer { added, leaf_key } = Delivery::check_key_package(&key_package.0)?;
        let person = self.meeting.recognise(&added, self.now_ms)?;
        if person.letter != before.letter || person.device_key != before.device_key {
            return Err(Stop::Refused(ErrorCode::Credential, "another device".to_owned()));
        }
        let credential = Credential::read(&added.credential.0)?;
        let claim = Command::Claim(Box::new(credential.clone()));
        let bound = self.meeting.decide(self.now_ms, claim)?;
        self.happen(&bound)?;
        if before.admitted_at_ms != person.admitted_at_ms || self.known(line)?.waits {
            self.replace_line_of(&person);
            let known = self.known(line)?;
            known.waits = false;
            known.person = person.clone();
            known.credential = credential;
            self.tell_lobby();
        }
        let known = self.known(line)?;
        known.admitted = false;
        let before = known.knock.replace(Knock {
            key_package,
            leaf_key,
            announced: false,
        });
        self.withdraw(before);
        if self.leaf_of_letter(person.letter).is_some() {
            self.lost.insert(person.letter);
            self.away.remove(&person.letter);
        }
        self.leaving.remove(&person.letter);
        self.attend();
        self.tell_connected();
        Ok(())
    }

    pub(super) fn leave(&mut self, line: LineId) -> Result<(), Stop> {
        let known = self.known(line)?;
        let (letter, waits) = (known.person.letter, known.waits);
        if waits {
            self.dismiss(line);
            self.tell_lobby();
            return Ok(());
        }
        if self.leaf_of_letter(letter).is_some() {
            self.leaving.insert(letter);
            self.lost.insert(letter);
            self.away.remove(&letter);
        }
        self.dismiss(line);
        self.attend();
        self.tell_connected();
        Ok(())
    }
}
