//! Recordings of open parts, as far as the rules say something of them: whose part they are of, and each once.

use incamera_protocol::limits;

use super::{Event, Meeting};
use crate::recorded::Recorded;
use crate::refusal::Refusal;

impl Meeting {
    /// The house has recorded an open part, or a piece of it: no command of anybody, but what the house itself does, also
    /// when the meeting is over. Changes nothing; one that is known already leads to nothing.
    pub fn decide_recording(&self, now_ms: u64, recorded: Box<Recorded>) -> Result<Vec<Event>, Refusal> {
        recorded.check()?;
        let of = |part: &&super::Part| part.number == recorded.part && part.open;
        let part = self
            .parts
            .iter()
            .find(of)
            .ok_or(Refusal::Recording("there is no such open part"))?;
        let ended = part.ended_at_ms.ok_or(Refusal::Recording("the part has not ended"))?;
        if self.recorded.contains_key(&(recorded.part, recorded.piece)) {
            // What stands in the record stays as it is.
            return Ok(Vec::new());
        }
        if self.recorded.len() >= limits::PIECES_MAX {
            return Err(Refusal::TooLarge("list of recordings"));
        }
        let lasted = ended.saturating_sub(part.started_at_ms);
        let end = recorded.offset_ms.saturating_add(recorded.length_ms);
        let beyond = end > lasted.saturating_add(limits::RECORDING_SLACK_MS);
        let short = recorded.to_the_end && end.saturating_add(limits::RECORDING_SLACK_MS) < lasted;
        if beyond || short {
            return Err(Refusal::Recording("it is longer or shorter than the part"));
        }
        Ok(vec![Event::Recorded {
            at_ms: now_ms,
            recorded,
        }])
    }

    /// The house is about to delete the files of a recording.
    pub fn decide_deletion(&self, now_ms: u64, part: u32, piece: u32) -> Result<Vec<Event>, Refusal> {
        match self.recorded.get(&(part, piece)) {
            None => Err(Refusal::Recording("it is not in the record")),
            Some(false) => Ok(Vec::new()),
            Some(true) => Ok(vec![Event::RecordingDeleted {
                at_ms: now_ms,
                part,
                piece,
            }]),
        }
    }

    /// Part and piece of every recording in the record that was not deleted.
    pub fn recordings(&self) -> impl Iterator<Item = (u32, u32)> {
        self.recorded.iter().filter(|(_, kept)| **kept).map(|(place, _)| *place)
    }
}
