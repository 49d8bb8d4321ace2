//! From the sealed frames of a part to files that anybody can play.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Read as _};
use std::path::Path;

use incamera_protocol::public::PublicPerson;
use incamera_protocol::recording::{FileKind, Recording, Take};
use incamera_protocol::{Kid, Leaf, MediaKind, Stream};
use incamera_recording::sealed::{self, Head, Note, Reader};
use incamera_seal::{Gallery, Opened};
use sha2::{Digest as _, Sha256};

use crate::timeline;
use crate::unbroken::{SILENCE, Unbroken, length_us};
use crate::webm::{self, Block, Content, Webm};

/// Why a recording cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The disk, or a file that is none of ours.
    #[error("the file of the sealed frames cannot be read, or what it makes not be written")]
    Io(#[from] io::Error),
    /// The file does not say which part it is.
    #[error("the file of the sealed frames has no beginning")]
    NoHead,
}

/// A frame that can be opened, and where it stands in the file.
struct Found {
    at: u64,
    said_us: i64,
    came_us: i64,
    /// How long it sounds; nothing for pictures.
    length_us: u64,
}

/// The frames of one key in one slot.
#[derive(Default)]
struct Run {
    first_at: u64,
    frames: Vec<Found>,
}

/// A person, as they were when they were first seen or heard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Someone {
    name: String,
    delegation: Option<u16>,
    /// Their screen, which has a file of its own.
    screen: bool,
}

/// What one reading of the file tells.
struct Survey {
    head: Head,
    gallery: Gallery,
    people: BTreeMap<Leaf, Someone>,
    /// By whose it is.
    owners: BTreeMap<Kid, Someone>,
    runs: BTreeMap<(Kid, String), Run>,
    taken: BTreeMap<Kid, HashSet<u64>>,
    ended_at_ms: Option<u64>,
    last_us: u64,
    shut: u64,
}

/// A frame in its place.
struct Placed {
    at_ms: u64,
    stream: Stream,
    /// Where it stands in the file; nowhere if it is the silence between two.
    at: Option<u64>,
    length_us: u64,
}

/// Makes the files of a part from `folder`/`sealed`, into the same folder.
///
/// # Errors
/// [`RenderError`].
pub fn render(folder: &Path, sealed: &str) -> Result<Recording, RenderError> {
    let path = folder.join(sealed);
    let mut reader = Reader::new(File::open(&path)?)?;
    let mut survey = survey(&mut reader)?;
    let length_ms = survey.head.length_ms(survey.ended_at_ms, survey.last_us);
    let mut takes = Vec::new();
    for (number, (someone, placed)) in (1_u32..).zip(survey.placed(length_ms)) {
        let (part, piece) = (survey.head.part, survey.head.piece);
        let file = FileKind::Take { part, piece, number }.name();
        let take = write(
            &mut reader,
            &mut survey.gallery,
            &placed,
            &folder.join(&file),
            length_ms,
        )?;
        if let Some((sound, pictures)) = take {
            takes.push(Take {
                name: someone.name,
                delegation: someone.delegation,
                screen: someone.screen,
                sound,
                pictures,
                ..described(folder, file)?
            });
        }
    }
    Ok(Recording {
        part: survey.head.part,
        piece: survey.head.piece,
        offset_ms: survey.head.offset_ms,
        length_ms,
        to_the_end: survey.ended_at_ms.is_some(),
        shut: survey.shut,
        sealed: described(folder, sealed.to_owned())?,
        takes,
    })
}

fn survey(reader: &mut Reader<File>) -> Result<Survey, RenderError> {
    let Some(Note::Head(head)) = reader.read()? else {
        return Err(RenderError::NoHead);
    };
    let mut survey = Survey {
        head,
        gallery: Gallery::new(),
        people: BTreeMap::new(),
        owners: BTreeMap::new(),
        runs: BTreeMap::new(),
        taken: BTreeMap::new(),
        ended_at_ms: None,
        last_us: 0,
        shut: 0,
    };
    // Frames come before their keys are known, so the keys are looked for first.
    let begin = reader.at();
    while let Some(note) = reader.read()? {
        match note {
            Note::Key(key) => survey.gallery.disclose(&[key]),
            Note::End(end) => survey.ended_at_ms = Some(end.ended_at_ms),
            Note::Head(_) | Note::Person(_) | Note::Frame(_) | Note::Digest(_) => {}
        }
    }
    reader.go_to(begin)?;
    loop {
        let at = reader.at();
        match reader.read()? {
            Some(Note::Person(person)) => survey.meet(person),
            Some(Note::Frame(frame)) => survey.take(at, &frame),
            Some(_) => {}
            None => return Ok(survey),
        }
    }
}

impl Survey {
    fn meet(&mut self, person: PublicPerson) {
        let someone = Someone {
            name: person.name,
            delegation: Some(person.delegation),
            screen: false,
        };
        self.people.insert(person.leaf, someone);
    }

    fn take(&mut self, at: u64, frame: &sealed::Frame) {
        self.last_us = self.last_us.max(frame.came_us);
        let Ok(Opened {
            kid,
            leaf,
            counter,
            frame: opened,
            ..
        }) = self.gallery.open(frame.kind, &frame.bytes)
        else {
            self.shut += 1;
            return;
        };
        // What reached the recorder twice is in its files once.
        if !self.taken.entry(kid).or_default().insert(counter) {
            return;
        }
        let unknown = || Someone {
            name: String::new(),
            delegation: None,
            screen: false,
        };
        let mut someone = self.people.get(&leaf).cloned().unwrap_or_else(unknown);
        someone.screen = kid.parts().stream == Stream::Screen;
        self.owners.entry(kid).or_insert(someone);
        let ticks_per_ms = match frame.kind {
            MediaKind::Audio => 48,
            MediaKind::Video => 90,
        };
        let run = self.runs.entry((kid, frame.mid.clone())).or_insert_with(|| Run {
            first_at: at,
            frames: Vec::new(),
        });
        run.frames.push(Found {
            at,
            said_us: i64::try_from(u128::from(frame.rtp_time) * 1_000 / ticks_per_ms).unwrap_or(i64::MAX),
            came_us: i64::try_from(frame.came_us).unwrap_or(i64::MAX),
            length_us: match frame.kind {
                MediaKind::Audio => length_us(&opened),
                MediaKind::Video => 0,
            },
        });
    }

    /// For each person, in the order in which they were first seen or heard: their frames in the order of their times.
    fn placed(&mut self, length_ms: u64) -> Vec<(Someone, Vec<Placed>)> {
        let mut people: BTreeMap<Someone, (u64, Vec<Placed>)> = BTreeMap::new();
        for ((kid, _), mut run) in std::mem::take(&mut self.runs) {
            let Some(someone) = self.owners.get(&kid) else {
                continue;
            };
            run.frames.sort_by_key(|found| found.said_us);
            let times: Vec<(i64, i64)> = run.frames.iter().map(|found| (found.said_us, found.came_us)).collect();
            let (first, frames) = people
                .entry(someone.clone())
                .or_insert_with(|| (run.first_at, Vec::new()));
            *first = (*first).min(run.first_at);
            for (found, at_us) in run.frames.iter().zip(timeline::place(&times)) {
                let at_ms = (at_us / 1_000).max(0).unsigned_abs();
                // Nothing after the end: whatever comes then is nobody's.
                if at_ms <= length_ms {
                    frames.push(Placed {
                        at_ms,
                        stream: kid.parts().stream,
                        at: Some(found.at),
                        length_us: found.length_us,
                    });
                }
            }
        }
        let mut people: Vec<(Someone, (u64, Vec<Placed>))> = people.into_iter().collect();
        people.sort_by_key(|(_, (first, _))| *first);
        people
            .into_iter()
            .map(|(someone, (_, mut frames))| {
                frames.sort_by_key(|placed| (placed.at_ms, placed.at));
                let silence = silence(&frames);
                frames.extend(silence);
                frames.sort_by_key(|placed| (placed.at_ms, placed.at));
                (someone, frames)
            })
            .collect()
    }
}

/// What fills the holes in somebody's sound.
fn silence(frames: &[Placed]) -> Vec<Placed> {
    let mut unbroken = Unbroken::default();
    let mut filled = Vec::new();
    for sound in frames.iter().filter(|placed| placed.stream == Stream::Microphone) {
        filled.extend(unbroken.before(sound.at_ms).map(|at_ms| Placed {
            at_ms,
            stream: Stream::Microphone,
            at: None,
            length_us: 0,
        }));
        unbroken.take(sound.length_us);
    }
    filled
}

/// Writes one person's file, and says how many frames of sound and how many pictures are in it; none if there is nothing
/// that can be played.
fn write(
    reader: &mut Reader<File>,
    gallery: &mut Gallery,
    placed: &[Placed],
    to: &Path,
    length_ms: u64,
) -> Result<Option<(u64, u64)>, RenderError> {
    let mut open = |placed: &Placed, reader: &mut Reader<File>| -> Result<Option<Vec<u8>>, RenderError> {
        let Some(at) = placed.at else {
            return Ok(Some(SILENCE.to_vec()));
        };
        reader.go_to(at)?;
        let Some(Note::Frame(frame)) = reader.read()? else {
            return Ok(None);
        };
        Ok(gallery.open(frame.kind, &frame.bytes).ok().map(|opened| opened.frame))
    };
    let mut size = None;
    let mut begin = u64::MAX;
    for frame in placed.iter().filter(|placed| placed.stream != Stream::Microphone) {
        size = open(frame, reader)?.as_deref().and_then(webm::size_of_picture);
        if size.is_some() {
            begin = frame.at_ms;
            break;
        }
    }
    let content = Content {
        pictures: size,
        sound: placed.iter().any(|placed| placed.stream == Stream::Microphone),
        length_ms,
    };
    if content.pictures.is_none() && !content.sound {
        return Ok(None);
    }
    let mut webm = Webm::new(BufWriter::new(File::create(to)?), &content)?;
    let (mut sound, mut pictures) = (0, 0);
    for frame in placed {
        // Nothing can be made of a picture before the first that stands for itself.
        if frame.stream != Stream::Microphone && frame.at_ms < begin {
            continue;
        }
        let Some(opened) = open(frame, reader)? else {
            continue;
        };
        let block = match frame.stream {
            // Of an aside nothing is disclosed, so nothing is opened.
            Stream::Aside => continue,
            Stream::Microphone => {
                sound += u64::from(frame.at.is_some());
                Block::Sound
            }
            Stream::Camera | Stream::Screen => {
                pictures += 1;
                let key = webm::size_of_picture(&opened).is_some();
                Block::Picture { key }
            }
        };
        webm.write(frame.at_ms, block, &opened)?;
    }
    webm.finish()?
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    Ok(Some((sound, pictures)))
}

/// A file's name, length and hash.
fn described(folder: &Path, file: String) -> io::Result<Take> {
    let mut from = File::open(folder.join(&file))?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        let Some(some) = buffer.get(..read).filter(|some| !some.is_empty()) else {
            break;
        };
        hash.update(some);
        bytes += some.len() as u64;
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Take {
        file,
        bytes,
        sha256,
        name: String::new(),
        delegation: None,
        screen: false,
        sound: 0,
        pictures: 0,
    })
}
