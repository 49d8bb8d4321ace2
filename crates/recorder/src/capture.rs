//! Looks over a viewer's shoulder, and writes down what reaches it in open parts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use incamera_client::{Frame, HouseClient, Onlooker, ViewerClient};
use incamera_protocol::public::{Disclosure, PublicPart, PublicPerson, PublicPhase, PublicState};
use incamera_protocol::{Kid, Leaf, MediaKind, MeetingId};
use tokio::sync::mpsc;

use crate::manifest::{FILE, Manifest, Recording};
use crate::render::{RenderError, render};
use crate::sealed::{self, End, Head, Writer};
use crate::{piece_of, sealed_file};

/// It takes a moment to be told that a part has begun. A recorder that is later than this has missed something.
const LATE: Duration = Duration::from_secs(2);
/// Meetings that are recorded at once. Each is a socket and some megabits a second; further ones are not recorded, which
/// the log says.
const MEETINGS_MAX: usize = 100;

/// Records the open parts of the meetings that it is told of, each into a folder of its own under one folder.
pub struct Recorder {
    house: HouseClient,
    folder: PathBuf,
    meetings: BTreeMap<MeetingId, ViewerClient>,
    done: mpsc::UnboundedSender<MeetingId>,
    over: mpsc::UnboundedReceiver<MeetingId>,
}

impl Recorder {
    /// Records meetings of this house into this folder.
    pub fn new(house: HouseClient, folder: impl Into<PathBuf>) -> Self {
        let (done, over) = mpsc::unbounded_channel();
        Self {
            house,
            folder: folder.into(),
            meetings: BTreeMap::new(),
            done,
            over,
        }
    }

    /// Runs until nobody can tell it of a meeting any more.
    pub async fn run(mut self, mut told: mpsc::UnboundedReceiver<MeetingId>) {
        let folder = self.folder.clone();
        let cleared = tokio::task::spawn_blocking(move || clear_up(&folder)).await;
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
        let shelf = Shelf {
            meeting,
            folder: self.folder.join(meeting.to_string()),
        };
        if let Err(error) = fs::create_dir_all(&shelf.folder) {
            tracing::error!(?meeting, %error, "not recorded: the folder cannot be used");
            return;
        }
        let scribe = Scribe {
            shelf,
            under_way: None,
            done: self.done.clone(),
        };
        let viewer = ViewerClient::watch_with(&self.house, meeting, scribe);
        self.meetings.insert(meeting, viewer);
    }
}

/// What a recorder that was killed left is made into what it can be, before anything new is recorded.
fn clear_up(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(meeting) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            let folder = entry.path();
            Shelf { meeting, folder }.clear_up()?;
        }
    }
    Ok(())
}

/// Where the recordings of a meeting are.
#[derive(Debug, Clone)]
struct Shelf {
    meeting: MeetingId,
    folder: PathBuf,
}

impl Shelf {
    fn clear_up(&self) -> io::Result<()> {
        let listed = self.manifest()?.recordings;
        for (part, piece) in self.pieces()? {
            if !listed.iter().any(|known| (known.part, known.piece) == (part, piece)) {
                self.render(part, piece);
            }
        }
        Ok(())
    }

    /// Part and piece of every file of sealed frames.
    fn pieces(&self) -> io::Result<Vec<(u32, u32)>> {
        let mut pieces = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            pieces.extend(entry?.file_name().to_str().and_then(piece_of));
        }
        pieces.sort_unstable();
        Ok(pieces)
    }

    /// The number of the next piece of a part.
    fn next_piece(&self, part: u32) -> io::Result<u32> {
        let pieces = self.pieces()?;
        let last = pieces
            .iter()
            .filter(|(other, _)| *other == part)
            .map(|(_, piece)| *piece);
        Ok(last.max().unwrap_or(0) + 1)
    }

    fn manifest(&self) -> io::Result<Manifest> {
        match fs::read(self.folder.join(FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest {
                meeting: self.meeting,
                recordings: Vec::new(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Makes the files of a part, and puts them on the list.
    fn render(&self, part: u32, piece: u32) {
        let done = render(&self.folder, &sealed_file(part, piece)).and_then(|recording| Ok(self.list(recording)?));
        match done {
            Ok(()) => tracing::info!(meeting = ?self.meeting, part, "recorded"),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(meeting = ?self.meeting, part, %error, cause, "a recording cannot be made");
            }
        }
    }

    fn list(&self, recording: Recording) -> io::Result<()> {
        let mut manifest = self.manifest()?;
        let place = |recording: &Recording| (recording.part, recording.piece);
        manifest.recordings.retain(|other| place(other) != place(&recording));
        manifest.recordings.push(recording);
        manifest.recordings.sort_by_key(place);
        replace(&self.folder, FILE, &serde_json::to_vec_pretty(&manifest)?)
    }
}

/// Writes a file whole or not at all.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    fs::write(&new, bytes)?;
    File::open(&new)?.sync_all()?;
    fs::rename(&new, folder.join(name))
}

/// An open part that is being written down.
struct UnderWay {
    part: u32,
    piece: u32,
    began: Instant,
    writer: Writer<File>,
    people: BTreeMap<Leaf, PublicPerson>,
    keys: BTreeSet<Kid>,
}

struct Scribe {
    shelf: Shelf,
    under_way: Option<UnderWay>,
    done: mpsc::UnboundedSender<MeetingId>,
}

impl Scribe {
    fn begin(&mut self, part: &PublicPart, late: Duration) -> io::Result<()> {
        let piece = self.shelf.next_piece(part.number)?;
        let now = Instant::now();
        // Who is told a moment after the beginning counts from the beginning.
        let (began, offset_ms) = if late <= LATE && piece == 1 {
            (now.checked_sub(late).unwrap_or(now), 0)
        } else {
            (now, millis(late))
        };
        let head = Head {
            meeting: self.shelf.meeting,
            part: part.number,
            piece,
            started_at_ms: part.started_at_ms,
            offset_ms,
        };
        let file = File::create_new(self.shelf.folder.join(sealed_file(part.number, piece)))?;
        self.under_way = Some(UnderWay {
            part: part.number,
            piece,
            began,
            writer: Writer::new(file, &head)?,
            people: BTreeMap::new(),
            keys: BTreeSet::new(),
        });
        Ok(())
    }

    fn end(&mut self, ended_at_ms: Option<u64>) {
        let Some(under_way) = self.under_way.take() else {
            return;
        };
        let (part, piece) = (under_way.part, under_way.piece);
        let ended = match ended_at_ms {
            Some(ended_at_ms) => under_way.writer.end(&End { ended_at_ms }),
            None => Ok(()),
        };
        if let Err(error) = ended {
            self.failed(part, &error);
        }
        let shelf = self.shelf.clone();
        tokio::task::spawn_blocking(move || shelf.render(part, piece));
    }

    fn failed(&self, part: u32, error: &io::Error) {
        tracing::error!(meeting = ?self.shelf.meeting, part, %error, "recording has stopped");
    }

    /// Writes, and stops recording the part where that fails.
    fn write(&mut self, what: impl FnOnce(&mut UnderWay) -> io::Result<()>) {
        if let Some(under_way) = self.under_way.as_mut() {
            let part = under_way.part;
            if let Err(error) = what(under_way) {
                self.failed(part, &error);
                self.end(None);
            }
        }
    }
}

impl Onlooker for Scribe {
    fn state(&mut self, state: &PublicState) {
        let open = matches!(state.phase, PublicPhase::Open | PublicPhase::Closing);
        let running = state.parts.last().filter(|part| open && part.open);
        if let Some(part) = self.under_way.as_ref().map(|under_way| under_way.part)
            && running.is_none_or(|running| running.number != part)
        {
            let ended = state.parts.iter().find(|other| other.number == part);
            self.end(ended.and_then(|ended| ended.ended_at_ms));
        }
        if let Some(part) = running
            && self.under_way.is_none()
            && state.phase == PublicPhase::Open
        {
            let late = Duration::from_millis(now_ms().saturating_sub(part.started_at_ms));
            if let Err(error) = self.begin(part, late) {
                self.failed(part.number, &error);
            }
        }
        self.write(|under_way| {
            for person in &state.present {
                if under_way.people.get(&person.leaf) != Some(person) {
                    under_way.writer.person(person)?;
                    under_way.people.insert(person.leaf, person.clone());
                }
            }
            Ok(())
        });
        if state.phase == PublicPhase::Adjourned {
            let _ = self.done.send(self.shelf.meeting);
        }
    }

    fn keys(&mut self, keys: &[Disclosure]) {
        self.write(|under_way| {
            for key in keys {
                if under_way.keys.insert(key.kid) {
                    under_way.writer.key(key)?;
                }
            }
            Ok(())
        });
    }

    fn frame(&mut self, kind: MediaKind, frame: &Frame) {
        self.write(|under_way| {
            let came = sealed::Frame {
                came_us: u64::try_from(under_way.began.elapsed().as_micros()).unwrap_or(u64::MAX),
                kind,
                rtp_time: frame.rtp_time,
                mid: frame.mid.clone(),
                bytes: frame.bytes.to_vec(),
            };
            under_way.writer.frame(&came)
        });
    }

    fn lost(&mut self) {
        tracing::info!(meeting = ?self.shelf.meeting, "the recorder has lost the house, and comes back");
    }
}

/// A recorder that ends in the midst of a part leaves what it has.
impl Drop for Scribe {
    fn drop(&mut self) {
        if let Some(under_way) = self.under_way.take() {
            tracing::info!(meeting = ?self.shelf.meeting, part = under_way.part, "recording ends in the midst of a part");
        }
    }
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
