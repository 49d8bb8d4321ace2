//! How a member takes in a group that others already hold.

use std::collections::{BTreeMap, BTreeSet};

use incamera_protocol::Leaf;
use incamera_protocol::member::Position;
use incamera_protocol::view::MotionKind;

use super::{Group, Meeting, Part};
use crate::commit::Added;
use crate::context::{MeetingContext, Phase};
use crate::credential::{Credential, Person};
use crate::evidence::Evidence;
use crate::refusal::Refusal;
use crate::roles::Right;
use crate::statement::Body;

impl Meeting {
    /// Takes in a group that somebody else holds: how a joiner begins. Every member's chain is followed; for an open
    /// part the warrant must be the one that the group context names, with a valid motion and valid consents.
    pub fn enter(
        &mut self,
        epoch: u64,
        context: MeetingContext,
        roster: &[(Leaf, Added)],
        warrant: Option<Evidence>,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        if context.version != MeetingContext::VERSION || context.meeting != self.id.0 {
            return Err(Refusal::Commit(
                "the group is not of this meeting, or of another version",
            ));
        }
        if context.phase == Phase::Adjourned {
            return Err(Refusal::Adjourned);
        }
        let position = Position {
            founding: context.founding,
            epoch,
        };
        if self.reached.is_some_and(|reached| position <= reached) {
            return Err(Refusal::Commit(
                "the group is an earlier one than this device has been in",
            ));
        }
        self.revise();
        let mut people = BTreeMap::new();
        let mut letters = BTreeSet::new();
        for (leaf, member) in roster {
            let credential = Credential::read(&member.credential.0)?;
            let person = self.verify_credential(&credential)?;
            if person.device_key != member.device_key {
                return Err(Refusal::Credential("a device is not the one that its letter binds"));
            }
            if !letters.insert(person.letter) {
                return Err(Refusal::LetterInUse);
            }
            self.learn(credential, &person);
            people.insert(*leaf, person);
        }
        if context.phase == Phase::Open {
            let warrant = warrant.as_ref().ok_or(Refusal::ConsentMissing)?;
            self.check_warrant(&context, &people, warrant)?;
        }
        let open = context.phase == Phase::Open;
        let part = Part {
            number: context.part,
            open,
            item: context.item,
            started_at_ms: now_ms,
            ended_at_ms: None,
        };
        self.parts = vec![part];
        self.started_at_ms = Some(now_ms);
        self.running = None;
        let mut group = Group::begin(self.id, epoch, context, people, now_ms);
        group.warrant = if open { warrant } else { None };
        if epoch > 0 {
            self.reached = Some(position);
        }
        self.group = Some(group);
        Ok(())
    }

    /// What a joiner can check of the opening it was not there for: that the evidence is the one in the authenticated
    /// context, and that each consent is by somebody whom it can see.
    fn check_warrant(
        &self,
        context: &MeetingContext,
        people: &BTreeMap<Leaf, Person>,
        warrant: &Evidence,
    ) -> Result<(), Refusal> {
        if warrant.warrant() != context.warrant {
            return Err(Refusal::ConsentMissing);
        }
        let Body::Motion(motion) = &warrant.motion.body else {
            return Err(Refusal::Motion("it is no motion"));
        };
        let right_place = motion.place.meeting == self.id.0
            && motion.place.founding == context.founding
            && motion.place.group == context.group
            && motion.place.part.checked_add(1) == Some(context.part)
            && motion.kind() == Some(MotionKind::Open);
        if !right_place {
            return Err(Refusal::Motion("it is for another part"));
        }
        for statement in &warrant.consents {
            let Body::Consent(consent) = &statement.body else {
                return Err(Refusal::Motion("it is no consent"));
            };
            if consent.motion != motion.id() {
                return Err(Refusal::Motion("it is a consent to another motion"));
            }
        }
        let move_to_open = (&warrant.motion, Right::Move(MotionKind::Open));
        let consents = warrant.consents.iter().map(|consent| (consent, Right::Consent));
        for (statement, right) in std::iter::once(move_to_open).chain(consents) {
            // A signer may have left since; whoever is still here must have signed what bears their name, and may.
            let Some(person) = people.values().find(|person| person.letter == statement.signer) else {
                continue;
            };
            if !statement.is_by(person) {
                return Err(Refusal::Motion("its signature does not hold"));
            }
            if !person.role.may(right) {
                return Err(Refusal::Role);
            }
        }
        Ok(())
    }
}
