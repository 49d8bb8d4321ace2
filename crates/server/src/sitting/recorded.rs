//! What of the meeting's open parts was recorded, and what of that was deleted, in the record.

use incamera_meeting::{Event, Recorded, Refusal};
use tokio::sync::oneshot;

use super::{Failure, Next, Sitting};
use crate::socket::Goodbye;
use crate::time::now_ms;

impl Sitting {
    /// Pieces of recordings whose files are made. Those that stand in the record already are passed over.
    pub(super) async fn enter_recordings(&mut self, recorded: Vec<Recorded>) -> Next {
        for recorded in recorded {
            let (part, piece) = (recorded.part, recorded.piece);
            match self
                .enter(self.meeting.decide_recording(now_ms(), Box::new(recorded)))
                .await
            {
                Ok(()) => {}
                Err(Failure::Problem(problem)) => {
                    // Of a part that has not ended yet: it is on the list when the next piece of it comes.
                    tracing::warn!(meeting = ?self.meeting.id(), part, piece, why = %problem.message, "a recording is not in the record yet");
                }
                Err(Failure::Fall(why)) => return self.fall(why),
            }
        }
        self.offer_recorded();
        Next::GoOn
    }

    /// The files of a recording are about to be deleted. The answer says whether the record says so.
    pub(super) async fn enter_deletion(&mut self, part: u32, piece: u32, answer: oneshot::Sender<bool>) -> Next {
        let entered = self.enter(self.meeting.decide_deletion(now_ms(), part, piece)).await;
        let _ = answer.send(entered.is_ok());
        match entered {
            Ok(()) => Next::GoOn,
            Err(Failure::Problem(problem)) => {
                tracing::error!(meeting = ?self.meeting.id(), part, piece, why = %problem.message, "a recording is kept: its deletion is not in the record");
                Next::GoOn
            }
            Err(Failure::Fall(why)) => self.fall(why),
        }
    }

    pub(super) async fn enter(&mut self, decided: Result<Vec<Event>, Refusal>) -> Result<(), Failure> {
        self.happen(&decided?).await
    }

    pub(super) fn fall(&self, why: &'static str) -> Next {
        tracing::error!(meeting = ?self.meeting.id(), why, "stopping the meeting's task");
        // Whoever asked was not told that it is there, and asks again when the house starts.
        Next::End(Goodbye::Fault)
    }
}
