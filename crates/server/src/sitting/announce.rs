//! What the convener announces while the meeting has its task.

use incamera_meeting::{Announcement, Command, Signed};
use tokio::sync::oneshot;

use super::{Failure, Next, Sitting};
use crate::problem::Problem;
use crate::socket::Goodbye;
use crate::time::now_ms;

impl Sitting {
    pub(super) async fn convener_announces(
        &mut self,
        announcement: Box<Signed<Announcement>>,
        answer: oneshot::Sender<Result<(), Problem>>,
    ) -> Next {
        let (said, next) = match self.take_announcement(announcement).await {
            Ok(()) => (Ok(()), Next::GoOn),
            Err(Failure::Problem(problem)) => (Err(problem), Next::GoOn),
            Err(Failure::Fall(why)) => {
                tracing::error!(meeting = ?self.meeting.id(), why, "stopping the meeting's task");
                (Err(Problem::internal()), Next::End(Goodbye::Fault))
            }
        };
        // Whoever asked may have gone.
        let _ = answer.send(said);
        next
    }

    async fn take_announcement(&mut self, announcement: Box<Signed<Announcement>>) -> Result<(), Failure> {
        let events = self.meeting.decide(now_ms(), Command::Announce(announcement))?;
        self.happen(&events).await?;
        self.publish();
        Ok(())
    }
}
