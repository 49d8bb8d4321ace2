//! Records the open parts of meetings.
//!
//! The recorder is a viewer of the gallery: it holds disclosed keys and nothing else, so it could record a closed part as
//! little as anybody in the world. What it keeps of an open part is what reached it, *sealed*, with the keys that were
//! disclosed ([`sealed`]): the evidence. From that it makes files that anybody can play, without decoding anything: for
//! each person who was seen or heard one WebM file on the time line of the part ([`render`]). The same sealed file
//! always makes the same files.
#![forbid(unsafe_code)]

mod capture;
mod manifest;
mod render;
pub mod sealed;
mod timeline;
mod webm;

pub use capture::Recorder;
pub use manifest::{FILE as MANIFEST, Manifest, Recording, Take};
pub use render::{RenderError, render};

/// The name of the file of the sealed frames of a part. A part has one piece, unless the recorder was stopped in the midst
/// of it and came back.
#[must_use]
pub fn sealed_file(part: u32, piece: u32) -> String {
    format!("part-{part}.{piece}.sealed")
}

/// The part and piece of such a name.
fn piece_of(name: &str) -> Option<(u32, u32)> {
    let (part, piece) = name.strip_prefix("part-")?.strip_suffix(".sealed")?.split_once('.')?;
    Some((part.parse().ok()?, piece.parse().ok()?))
}
