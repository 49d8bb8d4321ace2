//! The recordings on the disk, as the recorder lists them, and how long they are kept.

use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use incamera_meeting::Recorded;
use incamera_protocol::recording::{LIST, Recording, Recordings};
use incamera_protocol::{MeetingId, limits};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use crate::house::House;
use crate::sitting::Ask;
use crate::time::now_ms;

/// How often it is looked for recordings whose time is over.
const SWEEP: Duration = Duration::from_secs(3_600);

impl House {
    /// Where a meeting's recordings are.
    pub(crate) fn recordings_of(&self, meeting: MeetingId) -> PathBuf {
        match self.imported(meeting) {
            Some(imported) => imported.recordings(),
            None => self.recordings.join(meeting.to_string()),
        }
    }

    /// The list of a meeting's recordings: an empty one if nothing was recorded.
    pub(crate) async fn recordings(&self, meeting: MeetingId) -> io::Result<Recordings> {
        let path = self.recordings_of(meeting).join(LIST);
        let read = spawn_blocking(move || {
            let mut bytes = Vec::new();
            match fs::File::open(path) {
                Ok(file) => file.take(limits::RECORDINGS_LIST_BYTES_MAX).read_to_end(&mut bytes)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            Ok(Some(serde_json::from_slice(&bytes)?))
        });
        let nothing = Recordings {
            meeting,
            recordings: Vec::new(),
        };
        Ok(read.await.map_err(io::Error::other)??.unwrap_or(nothing))
    }

    /// Enters what is on the list of a meeting's recordings into its record, if it is not there.
    pub(crate) async fn enter_recordings(self: &Arc<Self>, meeting: MeetingId) {
        let list = match self.recordings(meeting).await {
            Ok(list) => list.recordings,
            Err(error) => {
                tracing::error!(?meeting, %error, "the list of recordings cannot be read");
                return;
            }
        };
        let mut recorded = Vec::new();
        for recording in &list {
            match Recorded::of(recording) {
                Ok(piece) => recorded.push(piece),
                Err(why) => tracing::error!(?meeting, part = recording.part, %why, "a recording is not in the record"),
            }
        }
        if recorded.is_empty() {
            return;
        }
        // A meeting that is not of this house, or whose task has ended: it is tried again at the next start.
        if let Ok(seat) = self.seat(meeting).await {
            let _ = seat.ask(Ask::Recorded { recorded }).await;
        }
    }

    /// Deletes recordings of meetings that were adjourned longer ago than they are to be kept, for as long as the house
    /// runs.
    pub(crate) async fn keep_recordings_for(self: Arc<Self>, kept: Duration) {
        loop {
            let meetings = self.public_views(u64::MAX).await;
            let kept_ms = u64::try_from(kept.as_millis()).unwrap_or(u64::MAX);
            for view in meetings {
                let adjourned = view.state.adjourned_at_ms;
                if adjourned.is_some_and(|at| at.saturating_add(kept_ms) < now_ms()) {
                    self.delete_recordings(view.state.meeting).await;
                }
            }
            tokio::time::sleep(SWEEP).await;
        }
    }

    /// Deletes a meeting's recordings, once the record says so.
    pub(crate) async fn delete_recordings(self: &Arc<Self>, meeting: MeetingId) {
        // Another house's record is not to be added to, so nothing could say that they were deleted.
        if self.imported(meeting).is_some() {
            return;
        }
        let Ok(list) = self.recordings(meeting).await else {
            return;
        };
        for recording in list.recordings {
            let (answer, entered) = oneshot::channel();
            let (part, piece) = (recording.part, recording.piece);
            let Ok(seat) = self.seat(meeting).await else { return };
            let ask = Ask::RecordingDeleted { part, piece, answer };
            if seat.ask(ask).await.is_err() || !entered.await.unwrap_or(false) {
                continue;
            }
            let folder = self.recordings_of(meeting);
            let removed = spawn_blocking(move || remove(&folder, &recording)).await;
            match removed {
                Ok(Ok(())) => tracing::info!(?meeting, part, piece, "a recording was deleted"),
                Ok(Err(error)) => tracing::error!(?meeting, part, piece, %error, "a recording cannot be deleted"),
                Err(error) => tracing::error!(?meeting, part, piece, %error, "a recording cannot be deleted"),
            }
        }
    }
}

/// The sealed file last: as long as it is there and not on the list, a recorder would make the others of it again; and the
/// list after all, so that what could not be deleted is tried again.
fn remove(folder: &std::path::Path, recording: &Recording) -> io::Result<()> {
    for take in recording.takes.iter().chain([&recording.sealed]) {
        match fs::remove_file(folder.join(&take.file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let path = folder.join(LIST);
    let mut list: Recordings = serde_json::from_slice(&fs::read(&path)?)?;
    list.recordings
        .retain(|other| (other.part, other.piece) != (recording.part, recording.piece));
    let new = folder.join(format!("{LIST}.new"));
    fs::write(&new, serde_json::to_vec_pretty(&list)?)?;
    fs::rename(new, path)
}
