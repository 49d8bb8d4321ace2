//! A file of sealed frames as it comes, in pieces of any length.

use crate::sealed::{HEADER_BYTES, MAGIC, Note, header};

/// What is no file of sealed frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no file of sealed frames from byte {at} on")]
pub struct Spoiled {
    /// Where what cannot be read begins.
    pub at: u64,
}

/// Holds what is not a whole note yet, and no more than that.
#[derive(Debug, Default)]
pub struct Feed {
    buffer: Vec<u8>,
    /// How much of the buffer was taken out.
    taken: usize,
    /// Where in the file the buffer begins.
    at: u64,
    begun: bool,
}

impl Feed {
    /// Takes what came. Whoever calls takes all notes out before the next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.at += self.taken as u64;
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole note, and where it begins; none until more has come.
    ///
    /// # Errors
    /// [`Spoiled`]; nothing that comes after can be read.
    pub fn read(&mut self) -> Result<Option<(u64, Note)>, Spoiled> {
        let at = self.at + self.taken as u64;
        let spoiled = Spoiled { at };
        if !self.begun {
            let Some(magic) = self.buffer.get(..MAGIC.len()) else {
                return Ok(None);
            };
            if magic != MAGIC {
                return Err(spoiled);
            }
            (self.begun, self.taken) = (true, MAGIC.len());
            return self.read();
        }
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let Some((before, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        let (kind, length) = header(*before).map_err(|_| spoiled)?;
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let note = Note::read(kind, body).map_err(|_| spoiled)?;
        self.taken += HEADER_BYTES + length;
        Ok(Some((at, note)))
    }
}
