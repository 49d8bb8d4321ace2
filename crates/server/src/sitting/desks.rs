//! The desks of the delegations.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use incamera_meeting::{Claim, Command, Encode as _, JointId, JointStatement, Readout, Signed, SignedJoint};
use incamera_protocol::desk::{DeskMessage, DeskServerMessage, DeskState};
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::{Failure, Next, Sitting};
use crate::problem::Problem;
use crate::published::signed_joint;
use crate::secret::random;
use crate::socket::{Desks, Goodbye, Outbox, SocketId, Speaker as _, text_of};
use crate::time::now_ms;

/// What the delegation key signs, under this label: meeting id and nonce.
const PROOF_LABEL: &str = "desk";

/// A desk's socket.
pub(super) struct DeskSocket {
    pub(super) outbox: Outbox,
    nonce: [u8; 32],
    /// Whose desk it is, once it has said and proven so.
    delegation: Option<u16>,
    shown: Option<DeskState>,
    /// Of each joint statement, how many signatures this desk was told of.
    told_joints: BTreeMap<JointId, usize>,
    since: Instant,
}

impl Sitting {
    pub(super) fn desk_in(&mut self, socket: SocketId, outbox: Outbox) {
        let Ok(nonce) = random::<32>() else {
            return outbox.close(Goodbye::Fault);
        };
        if self.desks.len() >= limits::DESKS_MAX {
            outbox.send(Desks::refused("hello", Problem::too_many()));
            return outbox.close(Goodbye::Policy);
        }
        outbox.send(text_of(&DeskServerMessage::Challenge {
            nonce: Bytes(nonce.to_vec()),
            charter: Bytes(self.meeting.signed_charter().encode()),
        }));
        let desk = DeskSocket {
            outbox,
            nonce,
            delegation: None,
            shown: None,
            told_joints: BTreeMap::new(),
            since: Instant::now(),
        };
        self.desks.insert(socket, desk);
    }

    /// Closes desks' sockets that have not said whose they are.
    pub(super) fn drop_silent_desks(&mut self) {
        let wait = Duration::from_millis(limits::HELLO_WAIT_MS);
        self.desks.retain(|_, desk| {
            let silent = desk.delegation.is_none() && desk.since.elapsed() > wait;
            if silent {
                desk.outbox.close(Goodbye::Policy);
            }
            !silent
        });
    }

    pub(super) fn desk_out(&mut self, socket: SocketId) {
        self.desks.remove(&socket);
    }

    pub(super) async fn desk_says(&mut self, socket: SocketId, message: DeskMessage) -> Next {
        let name = Desks::name_of(&message);
        let said = match message {
            DeskMessage::Hello { claim, proof } => self.desk_hello(socket, &claim, &proof).await,
            DeskMessage::Act { act } => match self.desk_of(socket) {
                Ok(delegation) => self.act(delegation, &act).await,
                Err(failure) => Err(failure),
            },
            DeskMessage::Note { notebook } => self.desk_notes(socket, notebook).await,
            DeskMessage::Publish { readout } => self.desk_publishes(socket, &readout).await,
            DeskMessage::Joint { joint } => self.desk_signs_joint(socket, &joint).await,
        };
        match said {
            Ok(()) => Next::GoOn,
            Err(Failure::Problem(problem)) => {
                tracing::info!(meeting = ?self.meeting.id(), re = name, code = ?problem.code, why = %problem.message, "refused a desk's message");
                if let Some(desk) = self.desks.get(&socket) {
                    desk.outbox.send(Desks::refused(name, problem));
                    if desk.delegation.is_none() {
                        desk.outbox.close(Goodbye::Policy);
                    }
                }
                Next::GoOn
            }
            Err(Failure::Fall(why)) => {
                tracing::error!(meeting = ?self.meeting.id(), re = name, why, "stopping the meeting's task");
                Next::End(Goodbye::Fault)
            }
        }
    }

    fn desk_of(&self, socket: SocketId) -> Result<u16, Failure> {
        let delegation = self.desks.get(&socket).and_then(|desk| desk.delegation);
        delegation.ok_or(Failure::Problem(Problem::not_a_member()))
    }

    async fn desk_hello(&mut self, socket: SocketId, claim: &Bytes, proof: &Bytes) -> Result<(), Failure> {
        let Some(desk) = self.desks.get(&socket) else {
            return Ok(());
        };
        if desk.delegation.is_some() {
            return Err(Problem::malformed().into());
        }
        let problem = Problem::new(
            ErrorCode::Proof,
            "This desk could not prove that it holds its delegation's key.",
        );
        let claim = Signed::<Claim>::read(&claim.0)?;
        let signature = <[u8; 64]>::try_from(proof.0.as_slice()).map_err(|_| problem.clone())?;
        let message = [self.meeting.id().0.as_slice(), &desk.nonce].concat();
        if !claim.body.delegation_key.verifies(PROOF_LABEL, &message, &signature) {
            return Err(problem.into());
        }
        let delegation = claim.body.delegation;
        if self.meeting.is_adjourned() {
            // Nothing is claimed any more; who has the key may look.
            if self.meeting.delegation_key(delegation) != Some(&claim.body.delegation_key) {
                return Err(incamera_meeting::Refusal::Adjourned.into());
            }
        } else {
            let events = self.meeting.decide(now_ms(), Command::ClaimSlot(Box::new(claim)))?;
            self.happen(&events).await?;
            self.publish();
        }
        if let Some(desk) = self.desks.get_mut(&socket) {
            desk.delegation = Some(delegation);
        }
        self.desks_behind = true;
        Ok(())
    }

    async fn desk_notes(&mut self, socket: SocketId, notebook: Bytes) -> Result<(), Failure> {
        let delegation = self.desk_of(socket)?;
        let all = self.history.notes() >= limits::NOTES_MAX;
        if all || self.history.notes_of(delegation) >= limits::DELEGATION_NOTES_MAX {
            return Err(Problem::new(
                ErrorCode::TooMany,
                "This meeting's desks have minted as many letters as they may.",
            )
            .into());
        }
        let events = self.meeting.decide(now_ms(), Command::Note(delegation, notebook))?;
        self.happen(&events).await
    }

    /// What a delegation says may be said by whoever holds its key, and by nobody else: another's readout is not taken
    /// from this desk either.
    async fn desk_publishes(&mut self, socket: SocketId, readout: &Bytes) -> Result<(), Failure> {
        let delegation = self.desk_of(socket)?;
        let readout = Signed::<Readout>::read(&readout.0)?;
        if readout.body.delegation != delegation {
            return Err(Problem::malformed().into());
        }
        let events = self.meeting.decide(now_ms(), Command::Publish(Box::new(readout)))?;
        self.happen(&events).await?;
        self.publish();
        Ok(())
    }

    async fn desk_signs_joint(&mut self, socket: SocketId, joint: &Bytes) -> Result<(), Failure> {
        let delegation = self.desk_of(socket)?;
        let signed = SignedJoint::read(&joint.0)?;
        if signed.delegation != delegation {
            return Err(Problem::malformed().into());
        }
        let events = self.meeting.decide(now_ms(), Command::SignJoint(Box::new(signed)))?;
        self.happen(&events).await?;
        self.publish();
        Ok(())
    }

    /// Shows each desk what it now sees, if it is anything new.
    pub(super) fn show_desks(&mut self) {
        if !std::mem::take(&mut self.desks_behind) || self.desks.is_empty() {
            return;
        }
        let states: Vec<(SocketId, DeskState)> = self
            .desks
            .iter()
            .filter_map(|(socket, desk)| Some((*socket, self.desk_state(desk.delegation?))))
            .collect();
        for (socket, state) in states {
            let Some(desk) = self.desks.get_mut(&socket) else {
                continue;
            };
            if desk.shown.as_ref() != Some(&state) {
                desk.outbox.send(text_of(&DeskServerMessage::State {
                    state: Box::new(state.clone()),
                }));
                desk.shown = Some(state);
            }
            // Whoever is not to sign it learns of it with the public.
            let named = |it: &&JointStatement| desk.delegation.is_some_and(|it_is| it.joint.signers.contains(&it_is));
            let named: Vec<&JointStatement> = self.meeting.joints().iter().filter(named).collect();
            for joint in named {
                let (id, signatures) = (joint.joint.id(), joint.signatures.len());
                if desk.told_joints.insert(id, signatures) != Some(signatures) {
                    desk.outbox.send(text_of(&DeskServerMessage::Joint {
                        joint: signed_joint(joint),
                    }));
                }
            }
        }
    }

    fn desk_state(&self, delegation: u16) -> DeskState {
        let claims = (0u16..)
            .zip(&self.meeting.charter().delegations)
            .map(|(index, _)| self.meeting.claim_of(index).map(|claim| Bytes(claim.encode())))
            .collect();
        let used = self.meeting.credentials_of(delegation);
        let roster = self.meeting.group().map(|group| &group.roster);
        let is_present = |letter| {
            roster.is_some_and(|roster| {
                let mut people = roster.values();
                people.any(|person| person.letter == letter && person.delegation == delegation)
            })
        };
        DeskState {
            claims,
            used: used.iter().map(|credential| Bytes(credential.encode())).collect(),
            present: used
                .iter()
                .filter(|credential| is_present(credential.binding.body.letter))
                .map(|credential| Bytes(credential.encode()))
                .collect(),
            waiting: self
                .waiting()
                .filter(|credential| credential.letter.body.delegation == delegation)
                .map(|credential| Bytes(credential.encode()))
                .collect(),
            revocations: self
                .meeting
                .revocations()
                .filter(|act| act.body.delegation == delegation)
                .map(|act| Bytes(act.encode()))
                .collect(),
            notebook: self.meeting.notebook_of(delegation).cloned(),
            readout: self
                .meeting
                .readouts_of(delegation)
                .next_back()
                .map(|published| Bytes(published.readout.encode())),
            public: self.meeting.public_state(),
        }
    }
}
