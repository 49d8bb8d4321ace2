//! Watches the open parts of meetings as the public does, and records them.
//!
//! Whoever watches tells the house what comes out, so that members learn when the public does not hear them. The recorder is a viewer of the gallery: it holds disclosed keys and nothing else, so it could record a closed part as
//! little as anybody in the world. What it keeps of an open part is what reached it, *sealed*, with the keys that were
//! disclosed ([`incamera_recording::sealed`]): the evidence. From that it makes files that anybody can play, without decoding anything: for
//! each person who was seen or heard one WebM file on the time line of the part ([`render`]). The same sealed file
//! always makes the same files.
#![forbid(unsafe_code)]

mod audience;
mod render;
mod scribe;
mod shelf;
mod timeline;
mod unbroken;
mod watcher;
mod webm;

pub use render::{RenderError, render};
pub use shelf::Told;
pub use watcher::Watcher;
