//! The public record of a meeting's frame: who, when, open or closed, by whose consent, which keys were disclosed.
//! Never its content.
//!
//! It is derived from the meeting's events by the same rules by which they were decided, so it says nothing that a
//! member did not sign. Tree heads and countersignatures over it come later.
#![forbid(unsafe_code)]

mod entry;
mod frame;

pub use entry::{Entry, Happening, Name};
pub use frame::Frame;
