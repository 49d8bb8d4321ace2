//! Taking in what has happened.

use std::collections::BTreeMap;

use incamera_protocol::Leaf;

use super::{Event, Group, Meeting, Part, Running};
use crate::commit::{Added, CommitFacts};
use crate::context::{MeetingContext, Phase};
use crate::credential::Credential;
use crate::statement::{Body, Statement};

impl Meeting {
    /// Takes in what has happened. Total: an event that was decided always applies.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Claimed { credential } => {
                if let Ok(person) = credential.verify(&self.charter.charter) {
                    self.learn(&person);
                }
            }
            Event::Founded {
                at_ms,
                leaf,
                founder,
                context,
                ..
            } => self.apply_founded(*at_ms, *leaf, founder, context),
            Event::Committed { at_ms, facts, .. } => self.apply_commit(*at_ms, facts),
            Event::Stated { at_ms, statement } => self.apply_statement(*at_ms, statement),
            Event::Disclosed { keys } => self.disclosed.extend(keys.iter().cloned()),
        }
    }

    fn apply_founded(&mut self, at_ms: u64, leaf: Leaf, founder: &Added, context: &MeetingContext) {
        let Some(person) = Credential::read(&founder.credential.0)
            .ok()
            .and_then(|c| c.verify(self.charter()).ok())
        else {
            return;
        };
        self.learn(&person);
        self.started_at_ms.get_or_insert(at_ms);
        self.begin_part(context, at_ms);
        self.group = Some(Group {
            founding: context.founding,
            epoch: 0,
            context: context.clone(),
            roster: BTreeMap::from([(leaf, person)]),
            warrant: None,
        });
    }

    fn apply_commit(&mut self, at_ms: u64, facts: &CommitFacts) {
        // Judged at the time it was decided; at a replay only what it does counts.
        let Ok(outcome) = self.judge(facts, at_ms) else {
            return;
        };
        for (_, person) in &outcome.admitted {
            self.learn(person);
        }
        let Some(group) = self.group.as_mut() else {
            return;
        };
        for (leaf, _) in &outcome.departed {
            group.roster.remove(leaf);
        }
        group.roster.extend(outcome.admitted);
        group.epoch = group.epoch.saturating_add(1);
        let turned = group.context != facts.context;
        group.context = facts.context.clone();
        group.warrant = match facts.context.phase {
            Phase::Open => outcome.evidence.or(group.warrant.take()),
            Phase::Closed | Phase::Adjourned => None,
        };
        // Consents lapse with the epoch.
        self.running = None;
        if facts.context.phase == Phase::Adjourned {
            self.end_part(at_ms);
            self.adjourned_at_ms = Some(at_ms);
        } else if turned {
            self.begin_part(&facts.context, at_ms);
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
        self.running = None;
        if let Some(part) = self.parts.last_mut() {
            part.ended_at_ms.get_or_insert(at_ms);
        }
    }

    fn apply_statement(&mut self, at_ms: u64, statement: &Statement) {
        let Some(group) = &self.group else {
            return;
        };
        let Ok((leaf, person)) = group.signer(statement) else {
            return;
        };
        match (&statement.body, &mut self.running) {
            (Body::Motion(motion), running) => {
                *running = Some(Running {
                    motion: *motion,
                    statement: statement.clone(),
                    mover: leaf,
                    seen_at_ms: at_ms,
                    consents: BTreeMap::new(),
                    fins: BTreeMap::new(),
                });
            }
            (Body::Consent(_), Some(running)) => {
                running.consents.insert(person.delegation, statement.clone());
            }
            (Body::Fin(_), Some(running)) => {
                running.fins.entry(leaf).or_insert_with(|| statement.clone());
            }
            (Body::Confirmation(_), _) | (_, None) => {}
        }
    }
}
