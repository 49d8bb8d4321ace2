//! What a command leads to, or why it is refused.

use incamera_protocol::public::Disclosure;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Leaf, Stream, limits};

use super::{Command, Event, Group, Meeting};
use crate::act::{Act, Deed};
use crate::commit::{judge_consent, judge_fin};
use crate::context::{MeetingContext, Phase};
use crate::credential::{Credential, Signed};
use crate::disclosure::Discloser;
use crate::refusal::Refusal;
use crate::roles::Right;
use crate::statement::{Body, Heartbeat, Motion, Statement};

impl Meeting {
    /// What a command leads to, or why it is refused. Changes nothing.
    pub fn decide(&self, now_ms: u64, command: Command) -> Result<Vec<Event>, Refusal> {
        let outlives = matches!(
            command,
            Command::Publish(_) | Command::SignJoint(_) | Command::PublishJoint(_)
        );
        if self.is_adjourned() && !outlives {
            return Err(Refusal::Adjourned);
        }
        match command {
            Command::Announce(announcement) => self.decide_announcement(now_ms, announcement),
            Command::Publish(readout) => self.decide_readout(now_ms, readout),
            Command::SignJoint(signed) => self.decide_joint(now_ms, signed),
            Command::PublishJoint(agreed) => self.decide_agreed(now_ms, agreed),
            Command::ClaimSlot(claim) => {
                claim.check(self.charter())?;
                match self.delegation_key(claim.body.delegation) {
                    Some(key) if *key != claim.body.delegation_key => Err(Refusal::SlotTaken),
                    Some(_) => Ok(Vec::new()),
                    None => Ok(vec![Event::SlotClaimed { claim }]),
                }
            }
            Command::Claim(credential) => self.decide_claim(now_ms, credential),
            Command::Act(act) => self.decide_act(act),
            Command::Note(delegation, notebook) => {
                if notebook.0.len() > limits::NOTEBOOK_BYTES_MAX {
                    return Err(Refusal::TooLarge("notebook"));
                }
                Ok(vec![Event::Noted { delegation, notebook }])
            }
            Command::Found {
                leaf,
                founder,
                context,
                message,
            } => {
                self.recognise(&founder, now_ms)?;
                let (founding, part) = self.next_founding();
                let expected = MeetingContext::founding(self.id.0, founding, context.group, part, self.current_item());
                if context != expected {
                    return Err(Refusal::Commit(
                        "the group does not start as this meeting's next one must",
                    ));
                }
                Ok(vec![Event::Founded {
                    at_ms: now_ms,
                    leaf,
                    founder,
                    context,
                    message,
                }])
            }
            Command::Commit { facts, message } => Ok(vec![self.judge(now_ms, facts, message)?.into_event()]),
            Command::State(statement) => self.decide_statement(now_ms, *statement),
            Command::Disclose(leaf, keys, by) => self.decide_disclosure(leaf, keys, by),
        }
    }

    fn decide_claim(&self, now_ms: u64, credential: Box<Credential>) -> Result<Vec<Event>, Refusal> {
        let person = self.identify(&credential)?;
        person.in_time(now_ms)?;
        let bound = self
            .devices
            .get(&person.letter)
            .is_some_and(|device| device.key == person.device_key && device.admitted_at_ms >= person.admitted_at_ms);
        if self.check_device(&person).is_ok() && !bound {
            return Ok(vec![Event::Claimed { credential }]);
        }
        // Whoever has to wait binds nothing. That their delegation has its key is known all the same.
        let claim = Box::new(credential.claim);
        self.decide(now_ms, Command::ClaimSlot(claim))
    }

    fn decide_act(&self, act: Box<Signed<Act>>) -> Result<Vec<Event>, Refusal> {
        let delegation = act.body.delegation;
        let key = self
            .delegation_key(delegation)
            .ok_or(Refusal::Credential("its delegation has no key yet"))?;
        if !act.is_by(self.id, delegation, key) {
            return Err(Refusal::Credential("the act is not signed by its delegation"));
        }
        match act.body.deed {
            // Whoever is let in shows it themselves; nothing need be kept.
            Deed::Admit(..) => Ok(Vec::new()),
            Deed::Revoke(letter) if self.is_letter_revoked(delegation, letter) => Ok(Vec::new()),
            Deed::Revoke(_) if self.revocations_of(delegation) >= limits::REVOCATIONS_MAX => {
                Err(Refusal::TooLarge("list of revocations"))
            }
            Deed::Revoke(_) => Ok(vec![Event::Revoked { act }]),
        }
    }

    /// Whether the member at this leaf may move this now: what a button asks before it is shown.
    pub fn may_move(&self, leaf: Leaf, motion: &Motion, now_ms: u64) -> Result<(), Refusal> {
        let group = self.group.as_ref().ok_or(Refusal::NotAMember)?;
        let mover = group.roster.get(&leaf).ok_or(Refusal::NotAMember)?;
        self.check_motion(group, motion, mover)?;
        self.check_turn_to_move(motion, now_ms)
    }

    /// Whether what waits already gives way to this motion, and its date is credible.
    fn check_turn_to_move(&self, motion: &Motion, now_ms: u64) -> Result<(), Refusal> {
        // A close never depends on anybody's clock.
        let opens = motion.kind() == Some(MotionKind::Open);
        if opens && now_ms.abs_diff(motion.moved_at_ms) > limits::CLOCK_SKEW_MS_MAX {
            return Err(Refusal::Motion(
                "its time is far from ours; check the clock of this device",
            ));
        }
        let gives_way = match self.running(now_ms) {
            None => true,
            // A close trumps whatever waits; a close that was called is done by whoever is left.
            Some(running) => !opens && !running.is_close(),
        };
        if gives_way { Ok(()) } else { Err(Refusal::Phase) }
    }

    fn decide_statement(&self, now_ms: u64, statement: Statement) -> Result<Vec<Event>, Refusal> {
        let group = self.group.as_ref().ok_or(Refusal::NotAMember)?;
        match &statement.body {
            Body::Motion(_) => {
                let (motion, _) = self.judge_motion(group, &statement)?;
                self.check_turn_to_move(&motion, now_ms)?;
            }
            Body::Consent(_) => {
                let running = self.running(now_ms).ok_or(Refusal::Motion("it has lapsed"))?;
                if running.motion.kind() != Some(MotionKind::Open) {
                    return Err(Refusal::Phase);
                }
                let delegation = judge_consent(group, Some(running), &running.motion, &statement)?;
                if running.consents.contains_key(&delegation) {
                    // Said already: once is enough, and is all that is kept.
                    return Ok(Vec::new());
                }
            }
            Body::Fin(_) => {
                let running = self
                    .running(now_ms)
                    .filter(|running| running.is_close())
                    .ok_or(Refusal::Phase)?;
                judge_fin(group, Some(running), &running.motion, &statement)?;
            }
            Body::Heartbeat(heartbeat) => self.judge_heartbeat(group, &statement, heartbeat)?,
            Body::Goodbye(goodbye) => {
                let (leaf, _) = group.signer(&statement)?;
                if goodbye.place != group.place(self.id) {
                    return Err(Refusal::StaleEpoch);
                }
                if group.has_said_goodbye(leaf) {
                    return Ok(Vec::new());
                }
            }
        }
        Ok(vec![Event::Stated {
            at_ms: now_ms,
            statement,
        }])
    }

    /// A heartbeat: for this epoch, newer than the last, and over the same roster and course of things as seen here.
    /// A server that keeps something from somebody cannot pass this on without being found out.
    fn judge_heartbeat(&self, group: &Group, statement: &Statement, heartbeat: &Heartbeat) -> Result<(), Refusal> {
        if heartbeat.place != group.place(self.id) {
            return Err(Refusal::StaleEpoch);
        }
        let (leaf, _) = group.signer(statement)?;
        if group.heard.get(&leaf).is_some_and(|last| heartbeat.beat <= last.beat) {
            return Err(Refusal::StaleEpoch);
        }
        if heartbeat.roster != group.roster_hash() || !group.said.was(heartbeat.said, &heartbeat.chain) {
            return Err(Refusal::Forked);
        }
        Ok(())
    }

    fn decide_disclosure(&self, sender: Leaf, keys: Vec<Disclosure>, by: Discloser) -> Result<Vec<Event>, Refusal> {
        let group = self.group.as_ref().ok_or(Refusal::NotAMember)?;
        if group.context.phase != Phase::Open {
            return Err(Refusal::Phase);
        }
        let person = group.roster.get(&sender).ok_or(Refusal::NotAMember)?;
        if !person.role.may(Right::Send) {
            return Err(Refusal::Role);
        }
        if keys.len() > Stream::ALL.len() {
            return Err(Refusal::TooLarge("list of keys"));
        }
        for key in &keys {
            let kid = key.kid.parts();
            let ours = kid.epoch == group.epoch && kid.founding == group.founding && kid.slice == 0;
            let own = ours && kid.leaf == sender && kid.open;
            if !own || key.enc_key.0.len() != 16 || key.salt.0.len() != 12 {
                return Err(Refusal::Malformed);
            }
        }
        if keys.iter().all(|key| self.disclosed_kids.contains(&key.kid)) {
            return Ok(Vec::new());
        }
        if !by.is(person, &group.place(self.id), &keys) {
            return Err(Refusal::Disclosure);
        }
        let by = Some(by);
        Ok(vec![Event::Disclosed { keys, by }])
    }
}
