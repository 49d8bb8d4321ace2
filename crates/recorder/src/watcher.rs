//! Watches the meetings that it is told of, each as one of the public, with a scribe who looks over its shoulder.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use incamera_client::{HouseClient, ViewerClient};
use incamera_protocol::MeetingId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::audience::attend;
use crate::scribe::Scribe;
use crate::shelf::{Shelf, Told, clear_up};

/// Meetings that are recorded at once. Each is some megabits a second on the disk; further ones are watched and not
/// recorded, which the log says.
const RECORDED_MAX: usize = 100;

/// Watches the meetings that it is told of, and records their open parts, each into a folder of its own under one folder.
pub struct Watcher {
    house: HouseClient,
    /// None: nothing is recorded.
    folder: Option<PathBuf>,
    told: Told,
    meetings: BTreeMap<MeetingId, Watch>,
}

/// A meeting that is watched until it is adjourned.
struct Watch {
    task: JoinHandle<()>,
    recorded: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watcher {
    /// Watches meetings of this house and records into this folder, if there is one. Tells what comes out of open parts, and
    /// of every meeting whose list of recordings has grown.
    pub fn new(house: HouseClient, folder: Option<PathBuf>, told: Told) -> Self {
        Self {
            house,
            folder,
            told,
            meetings: BTreeMap::new(),
        }
    }

    /// Runs until nobody can tell it of a meeting any more.
    pub async fn run(mut self, mut meetings: mpsc::UnboundedReceiver<MeetingId>) {
        if let Some(folder) = self.folder.clone() {
            let told = self.told.clone();
            let cleared = tokio::task::spawn_blocking(move || clear_up(&folder, &told)).await;
            if let Ok(Err(error)) = cleared {
                tracing::error!(%error, "earlier recordings cannot be read");
            }
        }
        while let Some(meeting) = meetings.recv().await {
            self.begin(meeting);
        }
    }

    fn begin(&mut self, meeting: MeetingId) {
        self.meetings.retain(|_, watch| !watch.task.is_finished());
        if self.meetings.contains_key(&meeting) {
            return;
        }
        let scribe = self.scribe(meeting);
        let recorded = scribe.is_some();
        let viewer = ViewerClient::watch_with(&self.house, meeting, scribe);
        let task = tokio::spawn(attend(viewer, meeting, self.told.clone()));
        self.meetings.insert(meeting, Watch { task, recorded });
    }

    fn scribe(&self, meeting: MeetingId) -> Option<Scribe> {
        let folder = self.folder.as_ref()?.join(meeting.to_string());
        if self.meetings.values().filter(|watch| watch.recorded).count() >= RECORDED_MAX {
            tracing::error!(?meeting, "not recorded: so many meetings are recorded already");
            return None;
        }
        if let Err(error) = fs::create_dir_all(&folder) {
            tracing::error!(?meeting, %error, "not recorded: the folder cannot be used");
            return None;
        }
        Some(Scribe::new(Shelf::new(meeting, folder, self.told.clone())))
    }
}
