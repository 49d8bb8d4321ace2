//! The server: takes in what members send, and tells the others.

use incamera_handshake::Delivery;
use incamera_meeting::{Act, Body, Command as Rule, Credential, Decode, Deed, Discloser, Encode, Signed, Statement};
use incamera_protocol::member::{MemberMessage, Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::House;

impl House {
    pub(super) fn serve(&mut self, seat: usize, message: MemberMessage) {
        let kind = message.name();
        if self.swallows.contains(&kind) {
            return;
        }
        match message {
            MemberMessage::Hello { credential, resume, .. } => {
                let credential = Credential::read(&credential.0).unwrap();
                self.seats[seat].device = Some(credential.binding.body.device_key);
                let shown = credential.clone();
                match self.meeting.decide(self.now_ms, Rule::Claim(Box::new(credential))) {
                    Ok(events) => self.apply(&events),
                    Err(refusal) => return self.refuse(seat, kind, refusal.code(), refusal.to_string()),
                }
                let state = Box::new(self.meeting.public_state());
                let resumed = resume.is_some();
                let waits = self.meeting.verify_credential(&shown).is_err();
                self.seats[seat].credential = Some(shown);
                self.seats[seat].waits = waits;
                self.seats[seat].inbox.push_back(ServerMessage::Here {
                    ticket: "t".to_owned(),
                    resumed,
                    waits,
                    state,
                });
                self.tell_lobby();
            }
            MemberMessage::Knock { key_package } => {
                self.seats[seat].knock = Some(key_package.clone());
                self.seats[seat].waits = false;
                let register = self.register();
                self.seats[seat].inbox.push_back(register);
                self.tell_lobby();
                if self.meeting.group().is_none() {
                    let (founding, part) = self.meeting.next_founding();
                    self.seats[seat].inbox.push_back(ServerMessage::Found {
                        founding,
                        part,
                        item: self.meeting.current_item(),
                    });
                } else {
                    let doorkeeper = self.doorkeeper;
                    self.seats[doorkeeper]
                        .inbox
                        .push_back(ServerMessage::Knock { key_package });
                }
            }
            MemberMessage::Founded { group_info, .. } => {
                let (delivery, founding) = Delivery::found(self.meeting.id(), &group_info.0).unwrap();
                let rule = Rule::Found {
                    leaf: founding.leaf,
                    founder: founding.founder,
                    context: founding.context,
                    message: group_info,
                };
                let events = self.meeting.decide(self.now_ms, rule).unwrap();
                self.apply(&events);
                self.delivery = Some(delivery);
            }
            MemberMessage::Commit {
                position,
                commit,
                welcome,
            } => self.serve_commit(seat, position, commit, welcome),
            MemberMessage::Statement { statement } => {
                let read = Statement::decode(&statement.0).unwrap();
                if let Err(refusal) = self.state(&read) {
                    self.refuse(seat, kind, refusal.code(), refusal.to_string());
                }
            }
            MemberMessage::Act { act } => {
                let act = Signed::<Act>::read(&act.0).unwrap();
                if let Err(refusal) = self.take_act(&act) {
                    return self.refuse(seat, kind, refusal.code(), refusal.to_string());
                }
                if let Deed::Admit(letter, device) = act.body.deed {
                    for seat in self.seats.iter_mut().filter(|seat| seat.waits) {
                        let binding = seat.credential.as_ref().map(|it| it.binding.body.clone());
                        if binding.is_some_and(|it| it.letter == letter && it.device_key == device) {
                            let act = Bytes(act.encode());
                            seat.inbox.push_back(ServerMessage::Admitted { act });
                        }
                    }
                }
            }
            MemberMessage::Disclose { keys, signature } => {
                let leaf = self.seats[seat].member.leaf().unwrap();
                let letter = self.letter_of(seat);
                let by = Discloser { letter, signature };
                // One that comes when its epoch has ended is refused.
                let Ok(events) = self.meeting.decide(self.now_ms, Rule::Disclose(leaf, keys.clone(), by)) else {
                    return;
                };
                self.apply(&events);
                self.gallery.disclose(&keys);
                self.disclosed.extend(keys);
            }
            MemberMessage::Record { from } => self.asked.push((seat, from)),
            MemberMessage::Cosign { size, signature } => self.cosigned.push((seat, size, signature)),
            MemberMessage::Digest { digest } => {
                if let Some(credential) = &self.seats[seat].credential {
                    self.gallery.signer(&credential.encode());
                }
                self.gallery.digest(&digest.0);
                self.digests.push((seat, digest));
            }
            MemberMessage::Sealed { position, message } => {
                let delivery = self.delivery.as_ref().unwrap();
                if position != delivery.position() {
                    return self.refuse(seat, kind, ErrorCode::StaleEpoch, "stale".to_owned());
                }
                delivery.check_application(&message.0).unwrap();
                self.sealed.push((position, message.clone()));
                self.broadcast(&ServerMessage::Sealed { position, message });
            }
            // This house sends no sound.
            MemberMessage::Whisper { on } => self.seats[seat].inbox.push_back(ServerMessage::Whisper { on }),
            MemberMessage::KeyFrames
            | MemberMessage::Watch { .. }
            | MemberMessage::Booth { .. }
            | MemberMessage::Listen { .. }
            | MemberMessage::Leave => {}
        }
    }

    fn serve_commit(&mut self, seat: usize, position: Position, commit: Bytes, welcome: Option<Bytes>) {
        let delivery = self.delivery.as_mut().unwrap();
        if position != delivery.position() {
            return self.refuse(seat, "commit", ErrorCode::StaleEpoch, "stale".to_owned());
        }
        let staged = delivery.stage(&commit.0).unwrap();
        let rule = Rule::Commit {
            facts: Box::new(staged.facts.clone()),
            message: commit.clone(),
        };
        match self.meeting.decide(self.now_ms, rule) {
            Ok(events) => self.apply(&events),
            Err(refusal) => return self.refuse(seat, "commit", refusal.code(), refusal.to_string()),
        }
        let newcomers: Vec<_> = staged.facts.adds.iter().map(|added| added.device_key).collect();
        self.delivery.as_mut().unwrap().merge(staged).unwrap();
        let warrant = self
            .meeting
            .group()
            .and_then(|group| group.warrant.as_ref())
            .map(|w| Bytes(w.encode()));
        for (index, other) in self.seats.iter_mut().enumerate() {
            if self.mutes == Some(index) {
                continue;
            }
            other.inbox.push_back(ServerMessage::Commit {
                position,
                commit: commit.clone(),
            });
            if let (Some(welcome), Some(device)) = (&welcome, other.device)
                && newcomers.contains(&device)
            {
                other.inbox.push_back(ServerMessage::Joined {
                    welcome: welcome.clone(),
                    warrant: warrant.clone(),
                });
            }
        }
    }

    fn tell_lobby(&mut self) {
        let waiting = self.seats.iter().filter(|seat| seat.waits);
        let waiting = waiting
            .filter_map(|seat| Some(Bytes(seat.credential.as_ref()?.encode())))
            .collect();
        self.broadcast(&ServerMessage::Lobby { waiting });
    }

    /// Who carries a stalled close on needs the fins that so far only its mover has.
    pub(super) fn tell_fins_of_a_stalled_close(&mut self) {
        let Some(running) = self.meeting.called_close() else {
            self.told_fins = false;
            return;
        };
        if self.told_fins || self.now_ms < running.seen_at_ms + limits::CLOSE_STALLED_MS {
            return;
        }
        self.told_fins = true;
        let fins: Vec<_> = running.fins.values().map(|fin| Bytes(fin.encode())).collect();
        for statement in fins {
            let number = None;
            self.broadcast(&ServerMessage::Statement { number, statement });
        }
    }

    pub fn refuse(&mut self, seat: usize, re: &str, code: ErrorCode, message: String) {
        self.seats[seat].inbox.push_back(ServerMessage::Refused {
            re: re.to_owned(),
            code,
            message,
        });
    }

    pub fn broadcast(&mut self, message: &ServerMessage) {
        for (index, seat) in self.seats.iter_mut().enumerate() {
            if !(self.withholds)(index, message) {
                seat.inbox.push_back(message.clone());
            }
        }
    }

    /// What a statement's number in the order is.
    pub fn number_of(&self, statement: &Statement) -> Option<u32> {
        let count = self.meeting.group().map_or(0, |group| group.said.so_far().0);
        statement.is_kept().then_some(count)
    }

    /// The server takes a statement in and tells everybody.
    pub fn state(&mut self, statement: &Statement) -> Result<(), incamera_meeting::Refusal> {
        let number = self.number_of(statement);
        let events = self
            .meeting
            .decide(self.now_ms, Rule::State(Box::new(statement.clone())))?;
        self.apply(&events);
        let message = ServerMessage::Statement {
            number,
            statement: Bytes(statement.encode()),
        };
        match &statement.body {
            Body::Fin(_) => {
                let mover = self.meeting.called_close().map(|running| running.mover);
                for seat in &mut self.seats {
                    if seat.member.leaf() == mover {
                        seat.inbox.push_back(message.clone());
                    }
                }
            }
            _ => self.broadcast(&message),
        }
        Ok(())
    }

    /// The server takes an act in and tells everybody.
    pub fn take_act(&mut self, act: &Signed<Act>) -> Result<(), incamera_meeting::Refusal> {
        let number = self.meeting.group().map_or(0, |group| group.said.so_far().0);
        let events = self.meeting.decide(self.now_ms, Rule::Act(Box::new(act.clone())))?;
        if !events.is_empty() {
            self.apply(&events);
            let act = Bytes(act.encode());
            self.broadcast(&ServerMessage::Act { number, act });
        }
        Ok(())
    }

    pub fn register(&self) -> ServerMessage {
        let claims = (0..250).filter_map(|delegation| self.meeting.claim_of(delegation));
        ServerMessage::Register {
            claims: claims.map(|claim| Bytes(claim.encode())).collect(),
            revocations: self.meeting.revocations().map(|act| Bytes(act.encode())).collect(),
        }
    }
}
