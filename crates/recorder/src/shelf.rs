//! Where the recordings of a meeting are, and the list of them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use incamera_protocol::MeetingId;
use incamera_protocol::recording::{FileKind, LIST, Recording, Recordings, Watched};
use tokio::sync::mpsc;

use crate::render::{RenderError, render};

/// The house, which is told what was seen and what was recorded.
pub type Told = mpsc::UnboundedSender<Watched>;

/// What a recorder that was killed left is made into what it can be, before anything new is recorded.
pub(crate) fn clear_up(folder: &Path, told: &Told) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(meeting) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            let folder = entry.path();
            Shelf::new(meeting, folder, told.clone()).clear_up()?;
        }
    }
    Ok(())
}

/// Where the recordings of a meeting are.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    pub(crate) meeting: MeetingId,
    pub(crate) folder: PathBuf,
    told: Told,
}

impl Shelf {
    pub(crate) fn new(meeting: MeetingId, folder: PathBuf, told: Told) -> Self {
        Self { meeting, folder, told }
    }

    fn clear_up(&self) -> io::Result<()> {
        let listed = self.list()?.recordings;
        for (part, piece) in self.pieces()? {
            if !listed.iter().any(|known| (known.part, known.piece) == (part, piece)) {
                self.render(part, piece);
            }
        }
        if !listed.is_empty() {
            // Whoever keeps the record may have been stopped before it heard of them.
            self.tell();
        }
        Ok(())
    }

    /// Part and piece of every file of sealed frames.
    fn pieces(&self) -> io::Result<Vec<(u32, u32)>> {
        let mut pieces = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            if let Some(FileKind::Sealed { part, piece }) = entry?.file_name().to_str().and_then(FileKind::of) {
                pieces.push((part, piece));
            }
        }
        pieces.sort_unstable();
        Ok(pieces)
    }

    /// The number of the next piece of a part.
    pub(crate) fn next_piece(&self, part: u32) -> io::Result<u32> {
        let pieces = self.pieces()?;
        let last = pieces
            .iter()
            .filter(|(other, _)| *other == part)
            .map(|(_, piece)| *piece);
        Ok(last.max().unwrap_or(0) + 1)
    }

    fn list(&self) -> io::Result<Recordings> {
        match fs::read(self.folder.join(LIST)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Recordings {
                meeting: self.meeting,
                recordings: Vec::new(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Makes the files of a part, and puts them on the list.
    pub(crate) fn render(&self, part: u32, piece: u32) {
        let done = render(&self.folder, &FileKind::Sealed { part, piece }.name())
            .and_then(|recording| Ok(self.enter(recording)?));
        match done {
            Ok(()) => {
                tracing::info!(meeting = ?self.meeting, part, "recorded");
                self.tell();
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(meeting = ?self.meeting, part, %error, cause, "a recording cannot be made");
            }
        }
    }

    /// Whoever keeps the record looks at the list. One that has ended keeps none.
    fn tell(&self) {
        let _ = self.told.send(Watched::Listed(self.meeting));
    }

    fn enter(&self, recording: Recording) -> io::Result<()> {
        let mut list = self.list()?;
        let place = |recording: &Recording| (recording.part, recording.piece);
        list.recordings.retain(|other| place(other) != place(&recording));
        list.recordings.push(recording);
        list.recordings.sort_by_key(place);
        replace(&self.folder, LIST, &serde_json::to_vec_pretty(&list)?)
    }
}

/// Writes a file whole or not at all.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    fs::write(&new, bytes)?;
    File::open(&new)?.sync_all()?;
    fs::rename(&new, folder.join(name))
}

/// The same error for both kinds.
impl From<RenderError> for io::Error {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Io(error) => error,
            error @ RenderError::NoHead => Self::other(error),
        }
    }
}
