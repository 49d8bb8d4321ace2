//! What crosses the wire between an incamera server and its clients: ids, limits, messages and error codes.
//!
//! Nothing here decides anything. Signed and MLS objects travel as opaque bytes ([`Bytes`]); `incamera-meeting` and
//! `incamera-handshake` give them meaning. The TypeScript types of the web client are generated from this crate by its
//! own tests (into `web/src/protocol/`), so that there is one description of the wire and not two.
#![forbid(unsafe_code)]

pub mod booths;
mod bytes;
pub mod desk;
pub mod document;
mod error;
mod ids;
pub mod limits;
pub mod member;
pub mod public;
pub mod recording;
mod relay;
pub mod view;

pub use bytes::{Bytes, DecodeError};
pub use document::DocumentId;
pub use error::{ErrorBody, ErrorCode};
pub use ids::{Kid, KidError, KidParts, Leaf, MediaKind, MeetingId, Stream};
pub use relay::Relay;
