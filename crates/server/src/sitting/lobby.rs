//! Who waits to be let in by their delegation, and what delegations sign.

use std::collections::BTreeSet;

use incamera_meeting::{Act, Claim, Command, Credential, Deed, Encode as _, Signed};
use incamera_protocol::member::ServerMessage;
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::media::Ends;
use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::SocketId;
use crate::time::now_ms;

impl Sitting {
    /// Tells the group and the desks who waits, if that has changed.
    pub(super) fn tell_lobby(&mut self) {
        let waiting: Vec<Bytes> = self
            .waiting()
            .map(|credential| Bytes(credential.encode()))
            .take(limits::LOBBY_MAX)
            .collect();
        if waiting != self.lobby {
            self.desks_behind = true;
            self.tell_group(&ServerMessage::Lobby {
                waiting: waiting.clone(),
            });
            self.lobby = waiting;
        }
    }

    /// Those who wait to be let in.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Credential> {
        let known = self.members.values().filter_map(|member| member.known.as_ref());
        known.filter(|known| known.waits).map(|known| &known.credential)
    }

    /// What the delegations have signed so far.
    pub(super) fn register(&self) -> ServerMessage {
        ServerMessage::Register {
            claims: self.claims().map(|claim| Bytes(claim.encode())).collect(),
            revocations: self.meeting.revocations().map(|act| Bytes(act.encode())).collect(),
        }
    }

    fn claims(&self) -> impl Iterator<Item = &Signed<Claim>> {
        let delegations = 0..u16::try_from(limits::DELEGATIONS_MAX).unwrap_or(u16::MAX);
        delegations.filter_map(|delegation| self.meeting.claim_of(delegation))
    }

    /// The delegations whose key is known.
    pub(super) fn claimed(&self) -> BTreeSet<u16> {
        self.claims().map(|claim| claim.body.delegation).collect()
    }

    /// Tells the group of delegations whose key has become known. What it has been told before it keeps.
    pub(super) fn tell_new_claims(&self, known: &BTreeSet<u16>) {
        let new = self.claims().filter(|claim| !known.contains(&claim.body.delegation));
        let claims: Vec<Bytes> = new.map(|claim| Bytes(claim.encode())).collect();
        if !claims.is_empty() {
            let revocations = Vec::new();
            self.tell_group(&ServerMessage::Register { claims, revocations });
        }
    }

    /// A member says what its delegation's key has signed.
    pub(super) async fn member_acts(&mut self, socket: SocketId, act: &Bytes) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let delegation = self.known(socket)?.person.delegation;
        self.act(delegation, act).await
    }

    /// Takes in what a delegation's key has signed, and passes it on.
    pub(super) async fn act(&mut self, delegation: u16, act: &Bytes) -> Result<(), Failure> {
        let act = Signed::<Act>::read(&act.0)?;
        if act.body.delegation != delegation {
            return Err(Problem::new(ErrorCode::NotAllowed, "This is another delegation's.").into());
        }
        let number = self.meeting.group().map(|group| group.said.so_far().0);
        let events = self.meeting.decide(now_ms(), Command::Act(Box::new(act.clone())))?;
        self.happen(&events).await?;
        let bytes = Bytes(act.encode());
        match (act.body.deed, number) {
            (Deed::Admit(letter, device), _) => {
                let admitted = ServerMessage::Admitted { act: bytes };
                let waiting = self.members.values().filter(|member| {
                    member.known.as_ref().is_some_and(|known| {
                        known.waits && known.person.letter == letter && known.person.device_key == device
                    })
                });
                for member in waiting {
                    member.outbox.send(crate::socket::text_of(&admitted));
                }
            }
            (Deed::Revoke(letter), number) => {
                if let Some(number) = number.filter(|_| !events.is_empty()) {
                    self.tell_group(&ServerMessage::Act { number, act: bytes });
                }
                self.turn_away(delegation, letter).await;
            }
        }
        Ok(())
    }

    /// Whoever waits or knocks with a dead letter is told so; its media ends at once, wherever it is.
    async fn turn_away(&mut self, delegation: u16, letter: incamera_meeting::LetterId) {
        let outside: Vec<SocketId> = self
            .members
            .iter()
            .filter(|(_, member)| {
                member.known.as_ref().is_some_and(|known| {
                    known.person.delegation == delegation && known.person.letter == letter && !known.admitted
                })
            })
            .map(|(socket, _)| *socket)
            .collect();
        for socket in outside {
            self.refuse(socket, "hello", incamera_meeting::Refusal::LetterRevoked.into());
            self.dismiss(socket);
        }
        let theirs = |person: &incamera_meeting::Person| person.letter == letter && person.delegation == delegation;
        let present = self
            .meeting
            .group()
            .is_some_and(|group| group.roster.values().any(theirs));
        if present {
            self.leaving.insert(letter);
            self.leave_media_of(letter, Ends::All).await;
        }
        self.attend();
        self.tell_lobby();
    }
}
