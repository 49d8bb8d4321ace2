//! A commit that was found to be allowed, on its way from the judgement to the state.

use incamera_protocol::Bytes;

use super::{Event, Meeting};
use crate::commit::{CommitFacts, Outcome};
use crate::evidence::Evidence;
use crate::refusal::Refusal;

/// A commit that one meeting has judged and allowed, and what it does there. Only [`Meeting::judge`] makes one, so that
/// whoever takes it in need not judge it a second time: in a large group that is hundreds of signatures.
#[derive(Debug, Clone)]
pub struct Judged {
    at_ms: u64,
    facts: Box<CommitFacts>,
    message: Bytes,
    outcome: Outcome,
    /// Of the meeting when it was judged.
    revision: u64,
}

impl Judged {
    /// What it would do.
    pub fn facts(&self) -> &CommitFacts {
        &self.facts
    }

    /// The evidence, if it changes the phase.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.outcome.evidence.as_ref()
    }

    /// What is written down of it.
    pub fn event(&self) -> Event {
        self.clone().into_event()
    }

    /// The same, and nothing is left.
    pub fn into_event(self) -> Event {
        Event::Committed {
            at_ms: self.at_ms,
            facts: self.facts,
            message: self.message,
        }
    }
}

impl Meeting {
    /// Judges a commit against the current state. `message` is the MLS message, for the log.
    pub fn judge(&self, now_ms: u64, facts: Box<CommitFacts>, message: Bytes) -> Result<Judged, Refusal> {
        let outcome = self.weigh(&facts, now_ms)?;
        Ok(Judged {
            at_ms: now_ms,
            facts,
            message,
            outcome,
            revision: self.revision,
        })
    }

    /// Takes a commit in that this meeting has judged. If anything else was taken in since, it is judged again, as of
    /// the time when it was judged; what does not hold any more does nothing.
    pub fn commit(&mut self, judged: Judged) {
        let Judged {
            at_ms, facts, outcome, ..
        } = judged;
        let outcome = if judged.revision == self.revision {
            Ok(outcome)
        } else {
            self.weigh(&facts, at_ms)
        };
        if let Ok(outcome) = outcome {
            self.apply_commit(at_ms, &facts, outcome);
        }
    }
}
