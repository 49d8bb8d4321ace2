//! The member's cryptography, sans-IO: the MLS group, the key schedule, SFrame, and the conversation with the server.
//!
//! One crate, the same code natively and as WebAssembly in the browser's worker. No sockets and no clock: time is an
//! argument. ([`openmls`] draws its own randomness from the operating system or the browser.)
//!
//! * [`Member`] is a device in a meeting: feed it what the server says and what the person wants, drain its
//!   [`Action`]s, pass every frame through [`Member::seal`] and [`Member::open`].
//! * [`Desk`] is a delegation's: it holds the delegation's key, mints letters, lets people in, sends them away.
//! * [`Gallery`] opens frames of open parts with disclosed keys, and nothing else.
//!
//! There is no passthrough: a frame is sealed or dropped, opened or dropped.
#![forbid(unsafe_code)]

mod action;
mod aside;
mod booth;
mod code;
mod commits;
mod desk;
mod digesting;
mod document;
mod floor;
mod gallery;
mod group;
mod identity;
mod leaf_keys;
mod media;
mod member;
mod papers;
mod proof;
mod receive;
mod send;
mod speak;
mod table;
mod typed;
mod view;
mod whisper;
mod witness;

pub use action::{Action, Counters, Failure};
pub use desk::{Desk, DeskAction};
pub use document::{DocumentOpening, DocumentSealing};
pub use gallery::{Gallery, Shown};
pub use identity::Identity;
pub use media::{Opened, Refused, kid_of};
pub use member::Member;
pub use proof::{Proof, Tally, Verdict};
