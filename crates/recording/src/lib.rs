//! Recordings of open parts: the file of sealed frames as a recorder writes it ([`sealed`]), what is in such a file
//! ([`Check`]), and whether the recordings that a record names are what it says ([`Look`]).
//!
//! No disk and no network: bytes are handed over as they come, so that a browser holds no more of them than a program that
//! reads an archive.
#![forbid(unsafe_code)]

mod check;
mod feed;
mod look;
pub mod sealed;

pub use check::{Check, Checked, Proofs, SenderKey};
pub use feed::{Feed, Spoiled};
pub use look::{Look, Named, named};
