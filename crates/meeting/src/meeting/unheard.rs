//! Whether the public hears an open part. It is the house that finds out and says so: nobody else watches from where the
//! public is. It opens and closes nothing, and moves no key.

use super::{Event, Meeting};
use crate::context::Phase;
use crate::refusal::Refusal;

impl Meeting {
    /// The house has found that the public does not hear the open part that runs, or hears it again: no command of
    /// anybody. Changes nothing; what is known already leads to nothing.
    pub fn decide_unheard(&self, now_ms: u64, failed: bool) -> Result<Vec<Event>, Refusal> {
        if !self.is_open() {
            return Err(Refusal::Phase);
        }
        if failed == self.unheard_since_ms.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Unheard { at_ms: now_ms, failed }])
    }

    /// Since when the house says that the public cannot hear the open part that runs.
    pub fn unheard_since_ms(&self) -> Option<u64> {
        self.unheard_since_ms.filter(|_| self.is_open())
    }

    /// Nobody is to speak: the public cannot hear it, and the charter has an open part pause then.
    pub fn is_paused(&self) -> bool {
        self.charter().pauses() && self.unheard_since_ms().is_some()
    }

    fn is_open(&self) -> bool {
        self.group
            .as_ref()
            .is_some_and(|group| group.context.phase == Phase::Open)
    }

    pub(super) fn apply_unheard(&mut self, at_ms: u64, failed: bool) {
        self.unheard_since_ms = failed.then_some(at_ms);
    }
}
