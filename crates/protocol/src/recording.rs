//! Recordings of open parts: the list of them, as the recorder writes it beside the files, the house serves it, and the
//! public page reads it; and the names of the files.
//!
//! `GET /m/{id}/recordings` answers with [`Recordings`].

use serde::{Deserialize, Serialize};

use crate::MeetingId;

/// The name of the list among the files.
pub const LIST: &str = "recordings.json";
/// Bytes of a file's name: numbers have few digits.
const NAME_BYTES_MAX: usize = 64;

/// The recordings of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Recordings {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// In their order.
    pub recordings: Vec<Recording>,
}

/// The recording of one open part, or a piece of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Recording {
    /// The part's number.
    pub part: u32,
    /// Counts the pieces from 1. There is one, unless the recorder lost the house in the midst of the part, or was stopped,
    /// and came back.
    pub piece: u32,
    /// How long the part had lasted when this begins, in milliseconds.
    #[cfg_attr(test, ts(type = "number"))]
    pub offset_ms: u64,
    /// How long this is, in milliseconds.
    #[cfg_attr(test, ts(type = "number"))]
    pub length_ms: u64,
    /// It goes on to the part's end. If not, the recorder lost the house or was stopped before.
    pub to_the_end: bool,
    /// Frames that came and could not be opened with the keys that were disclosed.
    #[cfg_attr(test, ts(type = "number"))]
    pub shut: u64,
    /// The evidence: the frames as they were sealed.
    pub sealed: Take,
    /// One for each person who was seen or heard, in the order in which they first were.
    pub takes: Vec<Take>,
}

/// What whoever watches the gallery on this machine tells the house, a line of JSON each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// The list of recordings of this meeting has grown.
    Listed(MeetingId),
    /// What came out of an open part of it, every [`crate::limits::WATCH_MS`].
    Came(MeetingId, Came),
}

/// What came out for the public since the last time: could be opened, and was not altered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// Sound.
    pub sound: bool,
    /// Pictures.
    pub pictures: bool,
    /// The connection for both stands.
    pub stands: bool,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Take {
    /// Its name.
    pub file: String,
    /// Its length in bytes.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Who is in it; empty for the sealed file.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: Option<u16>,
    /// It is what they showed of their screen, and not they themselves.
    #[serde(default)]
    pub screen: bool,
    /// Frames of sound.
    #[cfg_attr(test, ts(type = "number"))]
    pub sound: u64,
    /// Pictures.
    #[cfg_attr(test, ts(type = "number"))]
    pub pictures: u64,
}

impl Recording {
    /// Its files: the sealed one, then those that were made of it.
    pub fn files(&self) -> impl Iterator<Item = &Take> {
        std::iter::once(&self.sealed).chain(&self.takes)
    }
}

/// What a file of a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The sealed frames of a piece.
    Sealed {
        /// The part's number.
        part: u32,
        /// The piece's number.
        piece: u32,
    },
    /// One person's sound and pictures, made of a piece.
    Take {
        /// The part's number.
        part: u32,
        /// The piece's number.
        piece: u32,
        /// Counts the people from 1.
        number: u32,
    },
}

impl FileKind {
    /// What a file of this name is. One spelling only: whatever else it may be, it is none of a recorder's.
    pub fn of(name: &str) -> Option<Self> {
        if name.len() > NAME_BYTES_MAX {
            return None;
        }
        let (stem, ending) = name.strip_prefix("part-")?.rsplit_once('.')?;
        let (part, rest) = stem.split_once('.')?;
        let kind = match (ending, rest.split_once('-')) {
            ("sealed", None) => Self::Sealed {
                part: part.parse().ok()?,
                piece: rest.parse().ok()?,
            },
            ("webm", Some((piece, number))) => Self::Take {
                part: part.parse().ok()?,
                piece: piece.parse().ok()?,
                number: number.parse().ok()?,
            },
            _ => return None,
        };
        (kind.name() == name).then_some(kind)
    }

    /// The name of such a file.
    pub fn name(self) -> String {
        match self {
            Self::Sealed { part, piece } => format!("part-{part}.{piece}.sealed"),
            Self::Take { part, piece, number } => format!("part-{part}.{piece}-{number}.webm"),
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Sealed { .. } => "application/octet-stream",
            Self::Take { .. } => "video/webm",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_no_others() {
        for kind in [
            FileKind::Sealed { part: 2, piece: 1 },
            FileKind::Take {
                part: 12,
                piece: 3,
                number: 40,
            },
        ] {
            assert_eq!(FileKind::of(&kind.name()), Some(kind));
        }
        for name in [
            "part-../../house.webm",
            "part-2/../x.webm",
            "recordings.json",
            "part-2.1.sealed.new",
            "part-02.1.sealed",
            "part-+2.1.sealed",
            "part-2.1.webm",
            "part-2.1-1.sealed",
            "part-.x",
            "",
        ] {
            assert_eq!(FileKind::of(name), None, "{name}");
        }
    }
}
