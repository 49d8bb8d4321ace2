//! A file of sealed frames against the record: which of its frames the disclosed keys open, and how long it is.

use std::io::{self, Read, Seek};

use incamera_protocol::public::Disclosure;
use incamera_seal::Gallery;

use crate::sealed::{Head, Note, Reader};

/// What a file of sealed frames holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which part it says that it is of.
    pub head: Head,
    /// When the part ended, if it goes on to there.
    pub ended_at_ms: Option<u64>,
    /// Frames that the keys open.
    pub opened: u64,
    /// Frames that they do not open.
    pub shut: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
}

/// Looks at every frame of a file, with these keys and no others: what the file itself says of keys is not believed.
///
/// # Errors
/// Those of the disk; [`io::ErrorKind::InvalidData`] for what is no file of sealed frames.
pub fn check<R: Read + Seek>(from: R, keys: &[Disclosure]) -> io::Result<Checked> {
    let mut reader = Reader::new(from)?;
    let Some(Note::Head(head)) = reader.read()? else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has no beginning"));
    };
    let mut gallery = Gallery::new();
    gallery.disclose(keys);
    let mut checked = Checked {
        head,
        ended_at_ms: None,
        opened: 0,
        shut: 0,
        length_ms: 0,
    };
    let mut last_us = 0;
    while let Some(note) = reader.read()? {
        match note {
            Note::Frame(frame) => {
                last_us = last_us.max(frame.came_us);
                match gallery.open(frame.kind, &frame.bytes) {
                    Ok(_) => checked.opened += 1,
                    Err(_) => checked.shut += 1,
                }
            }
            Note::End(end) => checked.ended_at_ms = Some(end.ended_at_ms),
            Note::Head(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "it begins twice")),
            Note::Key(_) | Note::Person(_) => {}
        }
    }
    checked.length_ms = checked.head.length_ms(checked.ended_at_ms, last_us);
    Ok(checked)
}
