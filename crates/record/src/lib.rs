//! The public record of a meeting's frame: who, when, open or closed, by whose consent, which keys were disclosed.
//! Never its content.
//!
//! It is a transparency log (C2SP tlog-tiles) whose entries are the meeting's own events: a [`Scribe`] writes them down,
//! the house signs the head, members countersign it, and [`verify`] replays them by the same rules by which they were
//! decided. Nothing can be put in, left out, moved or dated anew without a check failing, unless house and all members
//! who countersigned conspire.
#![forbid(unsafe_code)]

mod bundle;
mod checkpoint;
mod download;
mod entry;
mod files;
mod house;
mod merkle;
mod note;
mod scribe;
mod tile;
mod verify;

pub use bundle::{Bundle, HousePart};
pub use checkpoint::{
    Checkpoint, CheckpointError, cosigner_key, house_name, house_origin, letter_of_cosigner, log_key, meeting_origin,
};
pub use download::{Download, DownloadError, Wanted};
pub use entry::{Attachment, Entry, EntryError, Happening, Sha256Sum};
pub use files::{FilesError, Gathering, named_files};
pub use house::{HouseEntry, HouseHappening, Inclusion, veil};
pub use merkle::{Frontier, Hash, Tree, extends, includes};
pub use note::{KeyKind, Note, NoteError, NoteKey, NoteSignature};
pub use scribe::{Scribe, Written};
pub use tile::{Tile, WIDTH, read_bundle};
pub use verify::{
    Cosigned, Finding, Found, Frames, Gathered, KeyOf, Known, PartReport, PersonReport, RecordingReport, Report,
    meeting_of, replayed, verify,
};
