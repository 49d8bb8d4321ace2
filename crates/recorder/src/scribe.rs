//! Writes down what reaches a viewer in open parts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use incamera_client::{Frame, Onlooker};
use incamera_protocol::public::{Disclosure, PublicPart, PublicPerson, PublicPhase, PublicState};
use incamera_protocol::recording::FileKind;
use incamera_protocol::{Bytes, Kid, Leaf, MediaKind};
use incamera_recording::sealed::{self, End, Head, Writer};

use crate::shelf::Shelf;

/// It takes a moment to be told that a part has begun. A recorder that is later than this has missed something.
const LATE: Duration = Duration::from_secs(2);
/// What is written is on its way to the disk after this long: a killed recorder loses no more.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// A piece that is being written down.
struct UnderWay {
    part: u32,
    piece: u32,
    began: Instant,
    writer: Writer<File>,
    flushed: Instant,
    people: BTreeMap<Leaf, PublicPerson>,
    keys: BTreeSet<Kid>,
    /// Frames have come: their times are those of one connection.
    has_frames: bool,
}

impl UnderWay {
    fn flush(&mut self) -> io::Result<()> {
        if self.flushed.elapsed() > FLUSH_EVERY {
            self.writer.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }
}

pub(crate) struct Scribe {
    shelf: Shelf,
    under_way: Option<UnderWay>,
    /// The open part that runs, who is present, and the keys that were disclosed: what a piece must begin with that goes on
    /// where another ended.
    running: Option<PublicPart>,
    present: Vec<PublicPerson>,
    keys: BTreeMap<Kid, Disclosure>,
}

impl Scribe {
    pub(crate) fn new(shelf: Shelf) -> Self {
        Self {
            shelf,
            under_way: None,
            running: None,
            present: Vec::new(),
            keys: BTreeMap::new(),
        }
    }

    /// Begins a piece of the part that runs.
    fn begin(&mut self) {
        let Some(part) = self.running.clone() else { return };
        match self.try_begin(&part) {
            Ok(under_way) => self.under_way = Some(under_way),
            Err(error) => return self.failed(part.number, &error),
        }
        self.note_people();
        self.note_keys();
    }

    fn try_begin(&self, part: &PublicPart) -> io::Result<UnderWay> {
        let late = Duration::from_millis(now_ms().saturating_sub(part.started_at_ms));
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
        let part = part.number;
        let name = FileKind::Sealed { part, piece }.name();
        let file = File::create_new(self.shelf.folder.join(name))?;
        Ok(UnderWay {
            part,
            piece,
            began,
            writer: Writer::new(file, &head)?,
            flushed: now,
            people: BTreeMap::new(),
            keys: BTreeSet::new(),
            has_frames: false,
        })
    }

    fn end(&mut self, ended_at_ms: Option<u64>) {
        let Some(under_way) = self.under_way.take() else {
            return;
        };
        let (part, piece) = (under_way.part, under_way.piece);
        let ended = under_way.writer.end(ended_at_ms.map(|ended_at_ms| End { ended_at_ms }));
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
            if let Err(error) = what(under_way).and_then(|()| under_way.flush()) {
                self.failed(part, &error);
                self.end(None);
                self.running = None;
            }
        }
    }

    fn note_people(&mut self) {
        let present = std::mem::take(&mut self.present);
        self.write(|under_way| {
            for person in &present {
                if under_way.people.get(&person.leaf) != Some(person) {
                    under_way.writer.person(person)?;
                    under_way.people.insert(person.leaf, person.clone());
                }
            }
            Ok(())
        });
        self.present = present;
    }

    fn note_keys(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        self.write(|under_way| {
            for (kid, key) in &keys {
                if under_way.keys.insert(*kid) {
                    under_way.writer.key(key)?;
                }
            }
            Ok(())
        });
        self.keys = keys;
    }
}

impl Onlooker for Scribe {
    fn state(&mut self, state: &PublicState) {
        let open = matches!(state.phase, PublicPhase::Open | PublicPhase::Closing);
        let running = state.parts.last().filter(|part| open && part.open);
        if self.running.as_ref().map(|part| part.number) != running.map(|part| part.number) {
            let ended = |under_way: &UnderWay| {
                let part = state.parts.iter().find(|other| other.number == under_way.part);
                part.and_then(|part| part.ended_at_ms)
            };
            self.end(self.under_way.as_ref().and_then(ended));
            self.keys.clear();
        }
        self.present.clone_from(&state.present);
        let begins = self.running.as_ref().map(|part| part.number) != running.map(|part| part.number);
        self.running = running.cloned();
        if begins && state.phase == PublicPhase::Open {
            self.begin();
        }
        self.note_people();
    }

    fn keys(&mut self, keys: &[Disclosure]) {
        if self.running.is_some() {
            self.keys.extend(keys.iter().map(|key| (key.kid, key.clone())));
            self.note_keys();
        }
    }

    fn digest(&mut self, digest: &Bytes) {
        self.write(|under_way| under_way.writer.digest(&digest.0));
    }

    fn frame(&mut self, kind: MediaKind, frame: &Frame) {
        self.write(|under_way| {
            under_way.has_frames = true;
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

    fn media(&mut self) {
        // Each connection's slots have clocks of their own: what comes now is not on the time line of what came before.
        if self.under_way.as_ref().is_some_and(|under_way| under_way.has_frames) {
            self.end(None);
        }
        if self.under_way.is_none() {
            self.begin();
        }
    }

    fn media_lost(&mut self) {
        tracing::info!(meeting = ?self.shelf.meeting, "the recorder has lost its media, and comes back");
        // Until it comes again nothing is recorded; that is no part of any piece.
        if self.under_way.as_ref().is_some_and(|under_way| under_way.has_frames) {
            self.end(None);
        }
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
