//! `hello`: who is there, and whether it still holds the group.

use incamera_meeting::{Command, Credential, Encode as _, Event, Person};
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::media::Ends;
use super::members::Known;
use super::{Failure, Sitting};
use crate::log::Entry;
use crate::problem::Problem;
use crate::socket::{SocketId, text_of};
use crate::tickets::Bearer;
use crate::time::now_ms;

/// What the device key signs, under this label: meeting id and nonce.
const PROOF_LABEL: &str = "hello";

impl Sitting {
    pub(super) async fn hello(
        &mut self,
        socket: SocketId,
        credential: &Bytes,
        proof: &Bytes,
        resume: Option<Position>,
    ) -> Result<(), Failure> {
        let Some(member) = self.members.get(&socket) else {
            return Ok(());
        };
        if member.known.is_some() {
            return Err(Problem::malformed().into());
        }
        let nonce = member.nonce;
        let credential = Credential::read(&credential.0)?;
        let events = self
            .meeting
            .decide(now_ms(), Command::Claim(Box::new(credential.clone())))?;
        let person = self.meeting.identify(&credential)?;
        self.check_proof(&person, &nonce, proof)?;
        self.check_letters(&person, &events)?;
        self.happen(&events).await?;
        // Who may not enter with this device waits for their delegation's word.
        let waits = self.meeting.check_device(&person).is_err();
        if waits {
            self.replace_waiting_socket_of(&person);
            self.check_lobby(&person)?;
        }
        let ticket = self
            .house
            .tickets
            .issue(Bearer {
                meeting: self.meeting.id(),
                socket,
            })
            .map_err(|_| Problem::internal())?;
        let missed = match resume.filter(|position| !waits && self.can_resume(&person, *position)) {
            Some(position) => Some(self.said_since(position).await?),
            None => None,
        };
        tracing::debug!(meeting = ?self.meeting.id(), ?socket, resumed = missed.is_some(), "said hello");
        if !waits {
            self.replace_socket_of(&person);
        }
        self.publish();
        let letter = person.letter;
        let here = ServerMessage::Here {
            ticket: ticket.text().to_owned(),
            resumed: missed.is_some(),
            waits,
            state: Box::new(self.meeting.public_state()),
        };
        let relay = self.relay();
        let Some(member) = self.members.get_mut(&socket) else {
            return Ok(());
        };
        member.known = Some(Known {
            person,
            credential,
            waits,
            _ticket: ticket,
            admitted: missed.is_some(),
            knock: None,
            offer: None,
        });
        if let Some(relay) = relay {
            member.outbox.send(text_of(&ServerMessage::Relay { relay }));
        }
        member.outbox.send(text_of(&here));
        match missed {
            Some(said) => {
                self.catch_up(socket, said);
                self.offer_again(socket, letter);
                self.tell_unheard(socket);
                self.tell_air_to(socket);
            }
            None if waits => {}
            None => {
                // Whoever does not resume has lost the group's keys: nobody need wait for that leaf, and a page that
                // was left behind gets no more media.
                if self.leaf_of_letter(letter).is_some() {
                    self.lost.insert(letter);
                    self.away.remove(&letter);
                }
                self.leave_media_of(letter, Ends::All).await;
            }
        }
        self.attend();
        self.tell_connected();
        self.tell_lobby();
        Ok(())
    }

    /// Whether one letter more may be bound. One delegation cannot use up what is there for all.
    pub(super) fn check_letters(&self, person: &Person, events: &[Event]) -> Result<(), Problem> {
        let binds = events.iter().any(|event| matches!(event, Event::Claimed { .. }));
        if !binds {
            return Ok(());
        }
        if self.history.letters() >= limits::LETTERS_MAX {
            let message = "Too many letters are in use in this meeting.";
            return Err(Problem::new(ErrorCode::TooMany, message));
        }
        if self.history.letters_of(person.delegation) >= limits::DELEGATION_LETTERS_MAX {
            let message = "Your delegation has as many letters in use as one delegation may.";
            return Err(Problem::new(ErrorCode::TooMany, message));
        }
        Ok(())
    }

    /// Whether one more may wait. One letter's link, or one delegation, cannot fill the lobby of all.
    fn check_lobby(&self, person: &Person) -> Result<(), Problem> {
        let (mut all, mut delegation, mut letter) = (0, 0, 0);
        for credential in self.waiting() {
            all += 1;
            delegation += usize::from(credential.letter.body.delegation == person.delegation);
            letter += usize::from(credential.letter.body.id() == person.letter);
        }
        let message = if letter >= limits::LETTER_LOBBY_MAX {
            "Other devices wait with this letter already. Ask your delegation for another one."
        } else if delegation >= limits::DELEGATION_LOBBY_MAX {
            "Too many people of your delegation wait to be let in."
        } else if all >= limits::LOBBY_MAX {
            "Too many people wait to be let into this meeting."
        } else {
            return Ok(());
        };
        Err(Problem::new(ErrorCode::TooMany, message))
    }

    fn check_proof(&self, person: &Person, nonce: &[u8; 32], proof: &Bytes) -> Result<(), Problem> {
        let problem = Problem::new(ErrorCode::Proof, "This device could not prove that it holds its key.");
        let signature = <[u8; 64]>::try_from(proof.0.as_slice()).map_err(|_| problem.clone())?;
        let message = [self.meeting.id().0.as_slice(), nonce].concat();
        if person.device_key.verifies(PROOF_LABEL, &message, &signature) {
            Ok(())
        } else {
            Err(problem)
        }
    }

    /// Whether a device that is in this epoch can get to the present one by the commits since.
    fn can_resume(&self, person: &Person, position: Position) -> bool {
        let Some(group) = self.meeting.group() else {
            return false;
        };
        let has_leaf = group.roster.values().any(|member| member == person);
        let same_stay = self
            .history
            .entered(person.letter)
            .is_some_and(|entered| entered <= position.epoch);
        has_leaf && same_stay && position.founding == group.founding && position.epoch <= group.epoch
    }

    /// Everything that was said since the beginning of this epoch, in the order of all: what a device knows already it
    /// passes over by the number.
    async fn said_since(&self, position: Position) -> Result<Vec<ServerMessage>, Failure> {
        let after = self.history.seq_before_commit_of(position.epoch);
        let entries = self.log.events_after(after).await.map_err(|error| {
            tracing::error!(%error, "a meeting's log cannot be read");
            Problem::internal()
        })?;
        let mut number = 0;
        let mut said = Vec::new();
        for entry in entries {
            let Entry::Event(event) = entry else { continue };
            match *event {
                Event::Committed { facts, message, .. } => {
                    let (position, commit) = (facts.position, message);
                    said.extend(self.sealed.of(position));
                    said.push(ServerMessage::Commit { position, commit });
                    number = 0;
                }
                Event::Stated { statement, .. } => {
                    let (place, statement) = (Some(number), Bytes(statement.encode()));
                    said.push(ServerMessage::Statement {
                        number: place,
                        statement,
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
                .flat_map(|group| self.sealed.of(group.position())),
        );
        Ok(said)
    }

    /// Everything that a device which resumed has missed, in order.
    fn catch_up(&mut self, socket: SocketId, said: Vec<ServerMessage>) {
        for message in &said {
            self.tell(socket, message);
        }
        // Not before: what was revoked later would make additions of then look wrong.
        self.tell(socket, &self.register());
        // What is not kept and still counts: the fins of a close that is called, and who is there.
        let fins = self.meeting.called_close().map(|running| running.fins.values());
        let fins = fins.into_iter().flatten().map(|fin| Bytes(fin.encode()));
        // Who is away would count as heard just now.
        let here = self
            .heartbeats
            .iter()
            .filter(|(letter, _)| !self.away.contains_key(letter));
        let heartbeats: Vec<Bytes> = here.map(|(_, heartbeat)| heartbeat.clone()).collect();
        for statement in fins.chain(heartbeats) {
            let number = None;
            self.tell(socket, &ServerMessage::Statement { number, statement });
        }
        let waiting = self.lobby.clone();
        self.tell(socket, &ServerMessage::Lobby { waiting });
        if let Ok(known) = self.known(socket) {
            let letter = known.person.letter;
            self.away.remove(&letter);
            self.lost.remove(&letter);
            self.leaving.remove(&letter);
        }
        self.tell(
            socket,
            &ServerMessage::Connected {
                leaves: self.connected.clone(),
            },
        );
        self.tell_slots_again(socket);
    }

    /// One connection per letter: the newer one counts, and the older one is told so that it does not come back.
    pub(super) fn replace_socket_of(&mut self, person: &Person) {
        if let Some(older) = self.socket_of_letter(person.letter) {
            self.show_out_for_another_window(older);
        }
    }

    /// Who waits, and comes again on the same device, waits once.
    fn replace_waiting_socket_of(&mut self, person: &Person) {
        let same = |known: &Known| known.waits && known.person.device_key == person.device_key;
        let older = self
            .members
            .iter()
            .find(|(_, member)| member.known.as_ref().is_some_and(same))
            .map(|(socket, _)| *socket);
        if let Some(older) = older {
            self.show_out_for_another_window(older);
        }
    }

    fn show_out_for_another_window(&mut self, older: SocketId) {
        self.refuse(
            older,
            "hello",
            Problem::new(
                ErrorCode::LetterInUse,
                "You have joined from another window; this one has ended.",
            ),
        );
        self.dismiss(older);
    }
}
