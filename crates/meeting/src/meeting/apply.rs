//! Taking in what has happened.

use std::collections::BTreeMap;

use incamera_protocol::Leaf;
use incamera_protocol::public::Disclosure;

use super::{Event, Group, Meeting, Part, Running};
use crate::act::{Act, Deed};
use crate::codec::Encode as _;
use crate::commit::{Added, CommitFacts, Outcome};
use crate::context::{MeetingContext, Phase};
use crate::credential::{Credential, Signed};
use crate::statement::{Body, Statement};

impl Meeting {
    /// Takes in what has happened. Total: an event that was decided always applies.
    pub fn apply(&mut self, event: &Event) {
        if let Event::Committed { at_ms, facts, .. } = event {
            // Judged at the time it was decided; at a replay only what it does counts.
            if let Ok(outcome) = self.weigh(facts, *at_ms) {
                self.apply_commit(*at_ms, facts, outcome);
            }
            return;
        }
        self.revise();
        match event {
            Event::SlotClaimed { claim } => {
                self.claims
                    .entry(claim.body.delegation)
                    .or_insert_with(|| (**claim).clone());
            }
            Event::Revoked { act } => self.apply_revocation(act),
            Event::Noted { delegation, notebook } => {
                self.notebooks.insert(*delegation, notebook.clone());
            }
            Event::Claimed { credential } => {
                if let Ok(person) = self.follow(credential) {
                    self.learn((**credential).clone(), &person);
                    self.credentials.insert(person.letter, (**credential).clone());
                }
            }
            Event::Founded {
                at_ms,
                leaf,
                founder,
                context,
                ..
            } => self.apply_founded(*at_ms, *leaf, founder, context),
            Event::Stated { at_ms, statement } => self.apply_statement(*at_ms, statement),
            Event::Disclosed { keys, .. } => self.apply_disclosure(keys),
            Event::Announced { announcement, .. } => self.announcements.push((**announcement).clone()),
            Event::ReadoutPublished { at_ms, readout } => self.apply_readout(*at_ms, readout),
            Event::JointSigned { at_ms, signed } => self.apply_joint(*at_ms, signed),
            Event::JointPublished { at_ms, agreed } => self.apply_agreed(*at_ms, agreed),
            Event::JointSignedBefore {} => {}
            Event::Recorded { recorded, .. } => {
                self.recorded.insert((recorded.part, recorded.piece), true);
            }
            Event::Unheard { at_ms, failed } => self.apply_unheard(*at_ms, *failed),
            Event::RecordingDeleted { part, piece, .. } => {
                self.recorded.insert((*part, *piece), false);
            }
            // Above.
            Event::Committed { .. } => {}
        }
    }

    fn apply_founded(&mut self, at_ms: u64, leaf: Leaf, founder: &Added, context: &MeetingContext) {
        let Ok(credential) = Credential::read(&founder.credential.0) else {
            return;
        };
        let Ok(person) = self.follow(&credential) else {
            return;
        };
        self.learn(credential, &person);
        self.attend(&person);
        self.started_at_ms.get_or_insert(at_ms);
        self.begin_part(context, at_ms);
        let roster = BTreeMap::from([(leaf, person)]);
        self.group = Some(Group::begin(self.id, 0, context.clone(), roster, at_ms));
    }

    fn apply_revocation(&mut self, act: &Signed<Act>) {
        if let Deed::Revoke(letter) = act.body.deed {
            self.revoked
                .entry(act.body.delegation)
                .or_default()
                .insert(letter, act.clone());
            self.overhear(&act.encode());
        }
    }

    /// Takes a commit in that was weighed in this very state.
    pub(super) fn apply_commit(&mut self, at_ms: u64, facts: &CommitFacts, outcome: Outcome) {
        self.revise();
        // Those who are admitted stand in the order in which they were added.
        for (added, (_, person)) in facts.adds.iter().zip(&outcome.admitted) {
            if let Ok(credential) = Credential::read(&added.credential.0) {
                self.learn(credential, person);
            }
            self.attend(person);
        }
        let Some(before) = self.group.take() else {
            return;
        };
        let mut roster = before.roster;
        let (mut goodbyes, mut ahead) = (before.goodbyes, before.ahead);
        for (leaf, _) in &outcome.departed {
            roster.remove(leaf);
            goodbyes.remove(leaf);
            ahead.remove(leaf);
        }
        roster.extend(outcome.admitted);
        let turned = before.context != facts.context;
        let epoch = before.epoch.saturating_add(1);
        let mut group = Group::begin(self.id, epoch, facts.context.clone(), roster, at_ms);
        group.goodbyes = goodbyes;
        group.ahead = ahead;
        group.warrant = match facts.context.phase {
            Phase::Open => outcome.evidence.or(before.warrant),
            Phase::Closed | Phase::Adjourned => None,
        };
        self.reached = Some(group.position());
        self.group = Some(group);
        // Consents lapse with the epoch.
        self.running = None;
        if facts.context.phase == Phase::Adjourned {
            self.end_part(at_ms);
            self.adjourned_at_ms = Some(at_ms);
        } else if turned {
            self.begin_part(&facts.context, at_ms);
        }
    }

    /// What is disclosed already is passed over.
    fn apply_disclosure(&mut self, keys: &[Disclosure]) {
        for key in keys {
            if self.disclosed_kids.insert(key.kid) {
                self.disclosed.push(key.clone());
            }
        }
    }

    fn begin_part(&mut self, context: &MeetingContext, at_ms: u64) {
        self.end_part(at_ms);
        self.parts.push(Part {
            number: context.part,
            open: context.phase == Phase::Open,
            item: context.item,
            started_at_ms: at_ms,
            ended_at_ms: None,
        });
    }

    fn end_part(&mut self, at_ms: u64) {
        self.disclosed.clear();
        self.disclosed_kids.clear();
        self.running = None;
        self.unheard_since_ms = None;
        if let Some(part) = self.parts.last_mut() {
            part.ended_at_ms.get_or_insert(at_ms);
        }
    }

    fn apply_statement(&mut self, at_ms: u64, statement: &Statement) {
        if statement.is_kept() {
            self.overhear(&statement.encode());
        }
        let Some(group) = &mut self.group else {
            return;
        };
        // Whose it is was judged when it was decided: a large group's heartbeats are many, and a signature costs more than
        // all the rest.
        let signer = group.member_of(statement.signer);
        let Some((leaf, delegation)) = signer.map(|(leaf, person)| (leaf, person.delegation)) else {
            return;
        };
        match (&statement.body, &mut self.running) {
            (Body::Motion(motion), running) => {
                *running = Some(Running {
                    motion: *motion,
                    statement: statement.clone(),
                    mover: leaf,
                    seen_at_ms: at_ms,
                    shuts: group.context.phase == Phase::Open,
                    consents: BTreeMap::new(),
                    fins: BTreeMap::new(),
                });
            }
            (Body::Consent(_), Some(running)) => {
                running.consents.insert(delegation, statement.clone());
            }
            (Body::Fin(_), Some(running)) => {
                running.fins.entry(leaf).or_insert_with(|| statement.clone());
            }
            (Body::Heartbeat(heartbeat), _) => group.hear(leaf, heartbeat, at_ms),
            (Body::Goodbye(_), _) => {
                group.goodbyes.insert(leaf);
            }
            (_, None) => {}
        }
    }
}
