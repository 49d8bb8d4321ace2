//! What a member says: motions, consents, fins, heartbeats, digests, and its delegation's word.

use incamera_meeting::{
    Body, Command as Rule, Consent, Encode as _, Fin, Heartbeat, Motion, Phase, Refusal, Signed, SignedDigest,
    Statement,
};
use incamera_protocol::member::MemberMessage;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, limits};

use crate::digesting::Ends;
use crate::member::{Closing, Member};

impl Member {
    /// Signs and sends a statement. It takes effect when it comes back, in the order that everybody sees.
    pub(crate) fn state(&mut self, body: Body) {
        let statement = self.signed(body);
        self.say(&statement);
    }

    fn signed(&self, body: Body) -> Statement {
        Statement::new(self.identity.letter_id(), body, self.identity.letter_seed())
    }

    fn say(&mut self, statement: &Statement) {
        self.send(MemberMessage::Statement {
            statement: Bytes(statement.encode()),
        });
    }

    /// Moves to open, close or adjourn.
    pub(crate) fn call(&mut self, kind: MotionKind, item: u32) -> Result<(), Refusal> {
        let group = self.meeting.group().ok_or(Refusal::NotAMember)?;
        let place = group.place(self.meeting.id());
        let motion = Motion {
            place,
            kind: Motion::number_of(kind),
            item,
            moved_at_ms: self.now_ms,
        };
        let statement = self.signed(Body::Motion(motion));
        self.meeting
            .decide(self.now_ms, Rule::State(Box::new(statement.clone())))?;
        if group.context.phase == Phase::Open {
            // The closer's own frames stop before the network answers.
            let now = self.now_ms;
            // What is said into a dead connection is not said: it is said again when the server has me back.
            let said = !self.out_of_touch;
            let closing = self.closing.get_or_insert(Closing {
                since_ms: now,
                kind,
                item,
                said,
            });
            closing.said = said;
        }
        if kind == MotionKind::Open {
            self.appears_by = Some(motion.id());
        }
        self.say(&statement);
        Ok(())
    }

    /// From now on, or from the opening that has been moved, the public may see and hear me.
    pub(crate) fn appear(&mut self) -> Result<(), Refusal> {
        let opening = self
            .meeting
            .running(self.now_ms)
            .filter(|running| running.motion.kind() == Some(MotionKind::Open));
        match opening {
            Some(running) => self.appears_by = Some(running.motion.id()),
            None if self.backstage && !self.is_closing() => self.backstage = false,
            None => return Err(Refusal::Phase),
        }
        Ok(())
    }

    /// Lets somebody of my delegation in, with its key.
    pub(crate) fn let_in(&mut self, id: &str) -> Result<(), Refusal> {
        if self.meeting.is_adjourned() {
            return Err(Refusal::Adjourned);
        }
        let seed = self.identity.delegation_seed().ok_or(Refusal::Role)?;
        let person = self
            .lobby
            .get(id)
            .filter(|person| person.delegation == self.identity.delegation())
            .ok_or(Refusal::NotAMember)?;
        let (meeting, delegation) = (self.meeting.id(), person.delegation);
        let act = Signed::admit(meeting, delegation, person.letter, person.device_key, self.now_ms, seed);
        self.send(MemberMessage::Act {
            act: Bytes(act.encode()),
        });
        Ok(())
    }

    pub(crate) fn consent(&mut self, id: &str) -> Result<(), Refusal> {
        let running = self
            .meeting
            .running(self.now_ms)
            .ok_or(Refusal::Motion("it has lapsed"))?;
        let motion = running.motion.id();
        if motion.to_string() != id {
            return Err(Refusal::Motion("it is not the one that was shown"));
        }
        let consent = self.signed(Body::Consent(Consent { motion }));
        self.meeting
            .decide(self.now_ms, Rule::State(Box::new(consent.clone())))?;
        // What I consent to is to be public myself.
        self.appears_by = Some(motion);
        self.say(&consent);
        Ok(())
    }

    /// Says where my frames of the open part end. Called once I hold.
    pub(crate) fn finish(&mut self) {
        let Some(running) = self.meeting.called_close() else {
            return;
        };
        let fin = Fin {
            motion: running.motion.id(),
            counts: self.media.counts(),
        };
        self.fin_sent = true;
        if self.media.is_public() {
            self.sign_for_sent(Ends::Here);
        } else {
            // Said before, into a connection that is gone.
            for digest in self.ends.clone() {
                self.send(MemberMessage::Digest { digest });
            }
        }
        self.state(Body::Fin(fin));
    }

    /// Signs for what was sent in public since the last time, so that anybody can hold what reaches them against it.
    pub(crate) fn sign_for_sent(&mut self, ends: Ends) {
        self.next_digest_ms = self.now_ms.saturating_add(limits::DIGEST_MS);
        let (letter, meeting) = (self.identity.letter_id(), self.meeting.id());
        let digests = self.media.digests(meeting, ends).into_iter();
        let signed = digests.map(|digest| {
            let signed = SignedDigest::new(letter, digest, self.identity.letter_seed());
            Bytes(signed.encode())
        });
        let signed: Vec<Bytes> = signed.collect();
        if ends == Ends::Here {
            self.ends.clone_from(&signed);
        }
        for digest in signed {
            self.send(MemberMessage::Digest { digest });
        }
    }

    /// Tells the others that I am here, and what I see. The first time in an epoch it confirms that I have taken it in.
    pub(crate) fn beat(&mut self) {
        let (Some(rules), Some(mls)) = (self.meeting.group(), &self.group) else {
            return;
        };
        let (said, chain) = rules.said.so_far();
        let heartbeat = Heartbeat {
            place: rules.place(self.meeting.id()),
            beat: self.beats,
            at_ms: self.now_ms,
            authenticator: Heartbeat::hash_of(mls.authenticator()),
            roster: rules.roster_hash(),
            said,
            chain,
        };
        // After the first the members take turns, evenly: not all at once, and never silent for long.
        let interval = rules.heartbeat_ms();
        let me = mls.me();
        let turn = rules.roster.keys().filter(|leaf| **leaf <= me).count() as u64;
        let wait = if self.beats == 0 {
            interval * turn / (rules.roster.len() as u64).max(1)
        } else {
            interval
        };
        self.beats = self.beats.saturating_add(1);
        self.next_beat_ms = self.now_ms.saturating_add(wait);
        self.state(Body::Heartbeat(heartbeat));
    }
}
