//! The desks of the delegations.

use incamera_meeting::{Claim, Command, Encode as _, Readout, Signed, SignedJoint};
use incamera_protocol::desk::{DeskMessage, DeskServerMessage, DeskState};
use incamera_protocol::{Bytes, ErrorCode};

use super::{DeskSocket, House, Out, Stop, not_a_member};
use crate::line::{LineId, Word};

impl House {
    /// A desk's socket is up.
    pub(crate) fn desk_in(&mut self, line: LineId) {
        let nonce = self.nonces.bytes();
        let challenge = DeskServerMessage::Challenge {
            nonce: Bytes(nonce.to_vec()),
            charter: Bytes(self.meeting.signed_charter().encode()),
        };
        self.out.push(Out::Tell(line, Box::new(Word::Desk(challenge))));
        let (delegation, shown) = (None, None);
        self.desks.insert(
            line,
            DeskSocket {
                nonce,
                delegation,
                shown,
            },
        );
    }

    /// A desk's socket is gone.
    pub(crate) fn desk_out(&mut self, line: LineId) {
        self.desks.remove(&line);
    }

    pub(super) fn take_from_desk(&mut self, line: LineId, message: DeskMessage) -> Result<(), Stop> {
        match message {
            DeskMessage::Hello { claim, proof } => self.desk_hello(line, &claim, &proof),
            DeskMessage::Act { act } => {
                let delegation = self.delegation_of(line)?;
                self.act(delegation, &act)
            }
            DeskMessage::Note { notebook } => {
                let delegation = self.delegation_of(line)?;
                let events = self.meeting.decide(self.now_ms, Command::Note(delegation, notebook))?;
                self.happen(&events)
            }
            DeskMessage::Publish { readout } => {
                let readout = Box::new(Signed::<Readout>::read(&readout.0)?);
                let events = self.meeting.decide(self.now_ms, Command::Publish(readout))?;
                self.happen(&events)
            }
            DeskMessage::Joint { joint } => {
                let signed = Box::new(SignedJoint::read(&joint.0)?);
                let events = self.meeting.decide(self.now_ms, Command::SignJoint(signed))?;
                self.happen(&events)
            }
        }
    }

    fn delegation_of(&self, line: LineId) -> Result<u16, Stop> {
        let desk = self.desks.get(&line);
        desk.and_then(|desk| desk.delegation).ok_or(not_a_member())
    }

    fn desk_hello(&mut self, line: LineId, claim: &Bytes, proof: &Bytes) -> Result<(), Stop> {
        let nonce = self.desks.get(&line).map(|desk| desk.nonce).unwrap_or_default();
        let claim = Signed::<Claim>::read(&claim.0)?;
        let signature = <[u8; 64]>::try_from(proof.0.as_slice()).unwrap_or([0; 64]);
        let proven = [self.meeting.id().0.as_slice(), &nonce].concat();
        if !claim.body.delegation_key.verifies("desk", &proven, &signature) {
            return Err(Stop::Refused(ErrorCode::Proof, "no proof".to_owned()));
        }
        let delegation = claim.body.delegation;
        let events = self.meeting.decide(self.now_ms, Command::ClaimSlot(Box::new(claim)))?;
        self.happen(&events)?;
        if let Some(desk) = self.desks.get_mut(&line) {
            desk.delegation = Some(delegation);
        }
        self.desks_behind = true;
        Ok(())
    }

    pub(super) fn show_desks(&mut self) {
        if !std::mem::take(&mut self.desks_behind) {
            return;
        }
        let desks = self.desks.iter();
        let known = desks.filter_map(|(line, desk)| Some((*line, desk.delegation?)));
        let known: Vec<(LineId, u16)> = known.collect();
        for (line, delegation) in known {
            let state = self.desk_state(delegation);
            let Some(desk) = self.desks.get_mut(&line) else {
                continue;
            };
            if desk.shown.as_ref() != Some(&state) {
                desk.shown = Some(state.clone());
                let state = Word::Desk(DeskServerMessage::State { state: Box::new(state) });
                self.out.push(Out::Tell(line, Box::new(state)));
            }
        }
    }

    fn desk_state(&self, delegation: u16) -> DeskState {
        let delegations = (0u16..).zip(&self.meeting.charter().delegations);
        let used = self.meeting.credentials_of(delegation);
        let present = |letter| {
            let roster = self.meeting.group().into_iter().flat_map(|group| group.roster.values());
            roster.into_iter().any(|person| person.letter == letter)
        };
        let known = self.sockets.values().filter_map(|socket| socket.known.as_ref());
        let waiting = known.filter(|known| known.waits && known.person.delegation == delegation);
        let revocations = self.meeting.revocations();
        let revocations = revocations.filter(|act| act.body.delegation == delegation);
        DeskState {
            claims: delegations
                .map(|(index, _)| self.meeting.claim_of(index).map(|claim| Bytes(claim.encode())))
                .collect(),
            used: used.iter().map(|credential| Bytes(credential.encode())).collect(),
            present: used
                .iter()
                .filter(|credential| present(credential.binding.body.letter))
                .map(|credential| Bytes(credential.encode()))
                .collect(),
            waiting: waiting.map(|known| Bytes(known.credential.encode())).collect(),
            revocations: revocations.map(|act| Bytes(act.encode())).collect(),
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
