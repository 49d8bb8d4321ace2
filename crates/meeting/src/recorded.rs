//! What was recorded of an open part, as it stands in the record: hashes, and where in the part it belongs.

use incamera_protocol::limits;
use incamera_protocol::recording::{FileKind, Recording, Take};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// A piece of the recording of an open part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The part's number.
    pub part: u32,
    /// Counts the pieces of a part from 1.
    pub piece: u32,
    /// How long the part had lasted when it begins, in milliseconds.
    pub offset_ms: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// It goes on to the part's end.
    pub to_the_end: bool,
    /// The frames as they were sealed.
    pub sealed: RecordedFile,
    /// What was made of them for people.
    pub takes: Vec<RecordedTake>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// How many.
    pub size: u64,
}

/// One person's sound and pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedTake {
    /// Counts the people of the piece from 1; stands in the file's name.
    pub number: u32,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// How many.
    pub size: u64,
}

impl Recorded {
    /// Of what a recorder has put on its list. Refuses names that are none of a recorder's.
    pub fn of(recording: &Recording) -> Result<Self, Refusal> {
        let (part, piece) = (recording.part, recording.piece);
        let sealed = FileKind::of(&recording.sealed.file);
        if sealed != Some(FileKind::Sealed { part, piece }) {
            return Err(Refusal::Malformed);
        }
        let take = |take: &Take| match FileKind::of(&take.file) {
            Some(FileKind::Take {
                part: of,
                piece: its,
                number,
            }) if (of, its) == (part, piece) => Ok(RecordedTake {
                number,
                sha256: take.sha256.clone(),
                size: take.bytes,
            }),
            _ => Err(Refusal::Malformed),
        };
        let recorded = Self {
            part,
            piece,
            offset_ms: recording.offset_ms,
            length_ms: recording.length_ms,
            to_the_end: recording.to_the_end,
            sealed: RecordedFile {
                sha256: recording.sealed.sha256.clone(),
                size: recording.sealed.bytes,
            },
            takes: recording.takes.iter().map(take).collect::<Result<_, _>>()?,
        };
        recorded.check()?;
        Ok(recorded)
    }

    /// Whether it can be what it says, of whatever part.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.takes.len() > limits::TAKES_MAX {
            return Err(Refusal::TooLarge("list of files"));
        }
        if self.piece == 0 || usize::try_from(self.piece).is_ok_and(|piece| piece > limits::PIECES_MAX) {
            return Err(Refusal::TooLarge("list of recordings"));
        }
        let grows = self.takes.is_sorted_by(|a, b| a.number < b.number);
        let sums = self.takes.iter().map(|take| &take.sha256);
        if grows && sums.chain([&self.sealed.sha256]).all(|sum| is_sum(sum)) {
            Ok(())
        } else {
            Err(Refusal::Malformed)
        }
    }
}

fn is_sum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
