//! From events to the record.

use incamera_meeting::{
    CommitFacts, CommitSender, Event, Evidence, Group, LetterId, Meeting, Outcome, Phase, SignedCharter, Statement,
};
use incamera_protocol::MeetingId;
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Happening, Name};

/// The frame of one meeting, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Which meeting.
    pub meeting: MeetingId,
    /// What happened.
    pub entries: Vec<Entry>,
}

impl Frame {
    /// The frame that follows from a meeting's charter, the time it was convened, and its events in order.
    pub fn of(charter: SignedCharter, convened_at_ms: u64, events: impl IntoIterator<Item = Event>) -> Self {
        let mut meeting = Meeting::convene(charter.clone(), convened_at_ms);
        let mut frame = Self {
            meeting: meeting.id(),
            entries: Vec::new(),
        };
        frame.add(convened_at_ms, Happening::Convened { charter });
        for event in events {
            frame.take(&meeting, &event);
            meeting.apply(&event);
        }
        frame
    }

    /// `meeting` is as it was before the event.
    fn take(&mut self, meeting: &Meeting, event: &Event) {
        match event {
            // Who may come is not yet who came; and a motion that leads to nothing is no part of the frame.
            Event::SlotClaimed { .. }
            | Event::Claimed { .. }
            | Event::Revoked { .. }
            | Event::Noted { .. }
            | Event::Stated { .. }
            | Event::Announced { .. }
            | Event::ReadoutPublished { .. }
            | Event::JointSigned { .. } => {}
            Event::Founded {
                at_ms,
                founder,
                context,
                ..
            } => {
                let Ok(person) = meeting.recognise(founder, *at_ms) else {
                    return;
                };
                self.add(
                    *at_ms,
                    Happening::Founded {
                        founding: context.founding,
                        part: context.part,
                        item: context.item,
                        by: Name::from(&person),
                    },
                );
            }
            Event::Committed { at_ms, facts, .. } => {
                if let (Some(group), Ok(outcome)) = (meeting.group(), meeting.weigh(facts, *at_ms)) {
                    self.take_commit(*at_ms, group, facts, &outcome);
                }
            }
            Event::Disclosed { keys } => {
                // Disclosures bear no time of their own: they belong to the part that runs.
                let at_ms = self.entries.last().map_or(0, |entry| entry.at_ms);
                self.add(at_ms, Happening::Disclosed { keys: keys.clone() });
            }
        }
    }

    fn take_commit(&mut self, at_ms: u64, group: &Group, facts: &CommitFacts, outcome: &Outcome) {
        let committer = match facts.sender {
            CommitSender::Member(leaf) => group.roster.get(&leaf),
            CommitSender::Outsider => None,
        };
        let Some(by) = committer.map(Name::from) else {
            return;
        };
        for (_, person) in &outcome.departed {
            let returns = outcome.admitted.iter().any(|(_, other)| other.letter == person.letter);
            if !returns {
                self.add(
                    at_ms,
                    Happening::Departed {
                        person: Name::from(person),
                    },
                );
            }
        }
        for (_, person) in &outcome.admitted {
            let returned = outcome.departed.iter().any(|(_, other)| other.letter == person.letter);
            if !returned {
                self.add(
                    at_ms,
                    Happening::Admitted {
                        person: Name::from(person),
                        by: by.clone(),
                    },
                );
            }
        }
        if let Some(evidence) = &outcome.evidence {
            self.take_turn(at_ms, group, facts, evidence);
        }
    }

    fn take_turn(&mut self, at_ms: u64, group: &Group, facts: &CommitFacts, evidence: &Evidence) {
        let Some(moved_by) = name_of(group, evidence.motion.signer) else {
            return;
        };
        let (part, item) = (facts.context.part, facts.context.item);
        let consents = |statements: &[Statement]| {
            statements
                .iter()
                .filter_map(|statement| name_of(group, statement.signer))
                .collect()
        };
        let signed = facts.evidence.clone();
        let happening = match facts.context.phase {
            Phase::Open => Happening::Opened {
                part,
                item,
                evidence: signed,
                moved_by,
                consents: consents(&evidence.consents),
            },
            Phase::Closed => Happening::Closed {
                part,
                item,
                evidence: signed,
                moved_by,
            },
            Phase::Adjourned => Happening::Adjourned {
                evidence: signed,
                moved_by,
            },
        };
        self.add(at_ms, happening);
    }

    fn add(&mut self, at_ms: u64, happening: Happening) {
        self.entries.push(Entry { at_ms, happening });
    }
}

fn name_of(group: &Group, letter: LetterId) -> Option<Name> {
    group
        .roster
        .values()
        .find(|person| person.letter == letter)
        .map(Name::from)
}
