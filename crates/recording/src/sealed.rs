//! The file of an open part's sealed frames, as they reached the recorder.
//!
//! It begins with [`MAGIC`]. Then come notes, each a byte that says which kind, a length (32 bits, big-endian) and so many
//! bytes. A file whose recorder was killed ends anywhere; what came before the last whole note counts.
//!
//! | kind | body |
//! |---|---|
//! | 1 | [`Head`] as JSON; first, and once |
//! | 2 | a disclosed key ([`Disclosure`]) as JSON |
//! | 3 | somebody present ([`PublicPerson`]) as JSON, whenever that is new |
//! | 4 | a frame: when it came (64 bits, microseconds since the piece began), 0 for sound or 1 for pictures (8 bits), its time in ticks of its slot's clock (64 bits), the length of the slot's `mid` (8 bits) and the `mid`, the sealed frame |
//! | 5 | the end ([`End`]) as JSON; last |
//! | 6 | what somebody has signed of what they sent: an encoded `SignedDigest` |

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use incamera_protocol::public::{Disclosure, PublicPerson};
use incamera_protocol::{MediaKind, MeetingId, limits};
use serde::{Deserialize, Serialize};

/// The first bytes of a file.
pub const MAGIC: &[u8; 18] = b"incamera sealed 1\n";
/// Bytes of a note's body: a frame with what stands before it.
const NOTE_BYTES_MAX: u32 = limits::FRAME_BYTES_MAX as u32 + 1_024;
/// Bytes before a note's body: its kind and its length.
pub(crate) const HEADER_BYTES: usize = 5;

const HEAD: u8 = 1;
const KEY: u8 = 2;
const PERSON: u8 = 3;
const FRAME: u8 = 4;
const END: u8 = 5;
const DIGEST: u8 = 6;

/// Which part it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// The part's number.
    pub part: u32,
    /// Counts the pieces of the recording of this part from 1.
    pub piece: u32,
    /// When the part began, by the house's clock, in milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    /// How long it had lasted when this piece begins, in milliseconds.
    pub offset_ms: u64,
}

impl Head {
    /// How long a piece is, in milliseconds: to the part's end by the house's clock if it was seen, otherwise as far as
    /// frames came.
    #[must_use]
    pub fn length_ms(&self, ended_at_ms: Option<u64>, last_us: u64) -> u64 {
        match ended_at_ms {
            Some(ended) => ended.saturating_sub(self.started_at_ms.saturating_add(self.offset_ms)),
            None => last_us / 1_000,
        }
    }
}

/// The end of the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When the part ended, by the house's clock, in milliseconds since the Unix epoch.
    pub ended_at_ms: u64,
}

/// A frame as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Microseconds since the piece began.
    pub came_us: u64,
    /// Sound or pictures.
    pub kind: MediaKind,
    /// In ticks of the slot's clock.
    pub rtp_time: u64,
    /// The slot.
    pub mid: String,
    /// As sealed.
    pub bytes: Vec<u8>,
}

/// What a note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Which part it is.
    Head(Head),
    /// A disclosed key.
    Key(Disclosure),
    /// Somebody is present.
    Person(PublicPerson),
    /// A frame.
    Frame(Frame),
    /// The part has ended.
    End(End),
    /// What somebody has signed, unchecked.
    Digest(Vec<u8>),
}

/// Writes a file.
pub struct Writer<W: Write> {
    out: BufWriter<W>,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of the disk, here and below.
    pub fn new(out: W, head: &Head) -> io::Result<Self> {
        let mut this = Self {
            out: BufWriter::new(out),
        };
        this.out.write_all(MAGIC)?;
        this.json(HEAD, head)?;
        this.out.flush()?;
        Ok(this)
    }

    /// A key was disclosed.
    pub fn key(&mut self, key: &Disclosure) -> io::Result<()> {
        self.json(KEY, key)
    }

    /// Somebody is present.
    pub fn person(&mut self, person: &PublicPerson) -> io::Result<()> {
        self.json(PERSON, person)
    }

    /// Somebody has signed for what they sent.
    pub fn digest(&mut self, signed: &[u8]) -> io::Result<()> {
        self.note(DIGEST, &[signed])
    }

    /// A frame came.
    pub fn frame(&mut self, frame: &Frame) -> io::Result<()> {
        let mid = frame.mid.as_bytes();
        let Ok(mid_length) = u8::try_from(mid.len()) else {
            return Ok(());
        };
        let mut before = Vec::with_capacity(32);
        before.extend(frame.came_us.to_be_bytes());
        before.push(match frame.kind {
            MediaKind::Audio => 0,
            MediaKind::Video => 1,
        });
        before.extend(frame.rtp_time.to_be_bytes());
        before.push(mid_length);
        before.extend(mid);
        self.note(FRAME, &[&before, &frame.bytes])
    }

    /// What was written is on its way to the disk: a killed recorder loses nothing of it.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The part has ended, or what is to come will be in another file. Everything is on the way to the disk when this has
    /// returned.
    pub fn end(mut self, end: Option<End>) -> io::Result<()> {
        if let Some(end) = end {
            self.json(END, &end)?;
        }
        self.out.flush()
    }

    fn json(&mut self, kind: u8, body: &impl Serialize) -> io::Result<()> {
        let body = serde_json::to_vec(body)?;
        self.note(kind, &[&body])
    }

    fn note(&mut self, kind: u8, body: &[&[u8]]) -> io::Result<()> {
        let length: usize = body.iter().map(|piece| piece.len()).sum();
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        if length > NOTE_BYTES_MAX {
            // No frame is so long: what is, somebody made up.
            return Ok(());
        }
        self.out.write_all(&[kind])?;
        self.out.write_all(&length.to_be_bytes())?;
        for piece in body {
            self.out.write_all(piece)?;
        }
        Ok(())
    }
}

/// Reads a file, note by note.
pub struct Reader<R: Read + Seek> {
    from: BufReader<R>,
    at: u64,
    /// A note that is not whole was read into.
    beyond: bool,
}

impl<R: Read + Seek> Reader<R> {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of the disk, here and below; and [`io::ErrorKind::InvalidData`] for what is no such file.
    pub fn new(from: R) -> io::Result<Self> {
        let mut from = BufReader::with_capacity(256 * 1024, from);
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic)?;
        if magic != *MAGIC {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is no file of sealed frames",
            ));
        }
        Ok(Self {
            from,
            at: MAGIC.len() as u64,
            beyond: false,
        })
    }

    /// Where the next note begins.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Goes to where a note begins.
    pub fn go_to(&mut self, at: u64) -> io::Result<()> {
        // Within the buffer, if it can be.
        let by = i64::try_from(at).and_then(|at| i64::try_from(self.at).map(|here| at - here));
        match by {
            Ok(by) if !self.beyond => self.from.seek_relative(by)?,
            _ => {
                self.from.seek(SeekFrom::Start(at))?;
            }
        }
        self.at = at;
        self.beyond = false;
        Ok(())
    }

    /// The next whole note; none at the end, or where the file was cut off.
    pub fn read(&mut self) -> io::Result<Option<Note>> {
        let mut before = [0; HEADER_BYTES];
        if !whole(self.from.read_exact(&mut before))? {
            self.beyond = true;
            return Ok(None);
        }
        let (kind, length) = header(before)?;
        let mut body = vec![0; length];
        if !whole(self.from.read_exact(&mut body))? {
            self.beyond = true;
            return Ok(None);
        }
        self.at += (HEADER_BYTES + length) as u64;
        Note::read(kind, &body).map(Some)
    }
}

/// The kind of a note and the length of its body, by what stands before it.
pub(crate) fn header([kind, length @ ..]: [u8; HEADER_BYTES]) -> io::Result<(u8, usize)> {
    let length = u32::from_be_bytes(length);
    if length > NOTE_BYTES_MAX {
        return Err(spoiled());
    }
    Ok((kind, length as usize))
}

impl Note {
    pub(crate) fn read(kind: u8, body: &[u8]) -> io::Result<Self> {
        Ok(match kind {
            HEAD => Self::Head(serde_json::from_slice(body)?),
            KEY => Self::Key(serde_json::from_slice(body)?),
            PERSON => Self::Person(serde_json::from_slice(body)?),
            FRAME => Self::Frame(frame_of(body).ok_or_else(spoiled)?),
            END => Self::End(serde_json::from_slice(body)?),
            DIGEST => Self::Digest(body.to_vec()),
            _ => return Err(spoiled()),
        })
    }
}

fn spoiled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a note in the file cannot be read")
}

fn whole(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn frame_of(body: &[u8]) -> Option<Frame> {
    let (came_us, rest) = body.split_first_chunk()?;
    let ([kind], rest) = rest.split_first_chunk()?;
    let (rtp_time, rest) = rest.split_first_chunk()?;
    let ([mid_length], rest) = rest.split_first_chunk()?;
    let (mid, bytes) = rest.split_at_checked(usize::from(*mid_length))?;
    Some(Frame {
        came_us: u64::from_be_bytes(*came_us),
        kind: match kind {
            0 => MediaKind::Audio,
            1 => MediaKind::Video,
            _ => return None,
        },
        rtp_time: u64::from_be_bytes(*rtp_time),
        mid: std::str::from_utf8(mid).ok()?.to_owned(),
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn head() -> Head {
        Head {
            meeting: MeetingId([7; 32]),
            part: 2,
            piece: 1,
            started_at_ms: 1_000,
            offset_ms: 0,
        }
    }

    fn frame(came_us: u64) -> Frame {
        Frame {
            came_us,
            kind: MediaKind::Video,
            rtp_time: 1 << 40,
            mid: "12".to_owned(),
            bytes: vec![1, 2, 3],
        }
    }

    fn file() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, &head()).unwrap();
        writer.frame(&frame(1)).unwrap();
        writer.frame(&frame(2)).unwrap();
        writer.end(Some(End { ended_at_ms: 9_000 })).unwrap();
        bytes
    }

    fn notes(bytes: &[u8]) -> io::Result<Vec<Note>> {
        let mut reader = Reader::new(Cursor::new(bytes))?;
        std::iter::from_fn(|| reader.read().transpose()).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let wanted = vec![
            Note::Head(head()),
            Note::Frame(frame(1)),
            Note::Frame(frame(2)),
            Note::End(End { ended_at_ms: 9_000 }),
        ];
        assert_eq!(notes(&file()).unwrap(), wanted);
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_gives_what_came_before() {
        let bytes = file();
        let all = notes(&bytes).unwrap();
        for length in MAGIC.len()..bytes.len() {
            let some = notes(bytes.get(..length).unwrap()).unwrap();
            assert!(all.starts_with(&some) && some.len() < all.len());
            // And from the beginning again.
            let mut reader = Reader::new(Cursor::new(bytes.get(..length).unwrap())).unwrap();
            let begin = reader.at();
            while reader.read().unwrap().is_some() {}
            reader.go_to(begin).unwrap();
            assert_eq!(reader.read().unwrap().as_ref(), some.first());
        }
    }

    #[test]
    fn a_file_that_comes_in_pieces_of_any_length_is_the_same_file() {
        let bytes = file();
        let all = notes(&bytes).unwrap();
        for length in 1..=bytes.len() {
            let mut feed = crate::Feed::default();
            let mut found = Vec::new();
            for piece in bytes.chunks(length) {
                feed.push(piece);
                while let Some((_, note)) = feed.read().unwrap() {
                    found.push(note);
                }
            }
            assert_eq!(found, all, "in pieces of {length}");
        }
    }

    #[test]
    fn where_a_file_that_comes_is_spoiled_is_said() {
        let mut bytes = file();
        let at = bytes.len();
        bytes.extend([FRAME, 0, 0, 0, 1, 7]);
        let mut feed = crate::Feed::default();
        feed.push(&bytes);
        for _ in 0..4 {
            assert!(feed.read().unwrap().is_some());
        }
        assert_eq!(feed.read(), Err(crate::Spoiled { at: at as u64 }));
        let mut feed = crate::Feed::default();
        feed.push(b"RIFF and so on, whatever");
        assert_eq!(feed.read(), Err(crate::Spoiled { at: 0 }));
    }

    #[test]
    fn another_file_and_a_spoiled_one_are_refused() {
        assert!(notes(b"RIFF and so on, whatever").is_err());
        let mut bytes = file();
        bytes.truncate(MAGIC.len());
        bytes.extend([FRAME, 0xff, 0xff, 0xff, 0xff]);
        assert!(notes(&bytes).is_err());
    }
}
