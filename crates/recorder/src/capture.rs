//! Watches the meetings that it is told of, each over a viewer's shoulder.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use incamera_client::{HouseClient, ViewerClient};
use incamera_protocol::MeetingId;
use tokio::sync::mpsc;

use crate::scribe::Scribe;
use crate::shelf::{Finished, Shelf, clear_up};

/// Meetings that are recorded at once. Each is a socket and some megabits a second; further ones are not recorded, which
/// the log says.
const MEETINGS_MAX: usize = 100;

/// Records the open parts of the meetings that it is told of, each into a folder of its own under one folder.
pub struct Recorder {
    house: HouseClient,
    folder: PathBuf,
    finished: Finished,
    meetings: BTreeMap<MeetingId, ViewerClient>,
    done: mpsc::UnboundedSender<MeetingId>,
    over: mpsc::UnboundedReceiver<MeetingId>,
}

impl Recorder {
    /// Records meetings of this house into this folder, and tells of every meeting whose list of recordings has grown.
    pub fn new(house: HouseClient, folder: impl Into<PathBuf>, finished: Finished) -> Self {
        let (done, over) = mpsc::unbounded_channel();
        Self {
            house,
            folder: folder.into(),
            finished,
            meetings: BTreeMap::new(),
            done,
            over,
        }
    }

    /// Runs until nobody can tell it of a meeting any more.
    pub async fn run(mut self, mut told: mpsc::UnboundedReceiver<MeetingId>) {
        let (folder, finished) = (self.folder.clone(), self.finished.clone());
        let cleared = tokio::task::spawn_blocking(move || clear_up(&folder, &finished)).await;
        if let Ok(Err(error)) = cleared {
            tracing::error!(%error, "earlier recordings cannot be read");
        }
        loop {
            tokio::select! {
                meeting = told.recv() => match meeting {
                    Some(meeting) => self.begin(meeting),
                    None => return,
                },
                Some(meeting) = self.over.recv() => {
                    self.meetings.remove(&meeting);
                }
            }
        }
    }

    fn begin(&mut self, meeting: MeetingId) {
        if self.meetings.contains_key(&meeting) {
            return;
        }
        if self.meetings.len() >= MEETINGS_MAX {
            tracing::error!(?meeting, "not recorded: so many meetings are recorded already");
            return;
        }
        let folder = self.folder.join(meeting.to_string());
        if let Err(error) = fs::create_dir_all(&folder) {
            tracing::error!(?meeting, %error, "not recorded: the folder cannot be used");
            return;
        }
        let shelf = Shelf::new(meeting, folder, self.finished.clone());
        let scribe = Scribe::new(shelf, self.done.clone());
        let viewer = ViewerClient::watch_with(&self.house, meeting, scribe);
        self.meetings.insert(meeting, viewer);
    }
}
