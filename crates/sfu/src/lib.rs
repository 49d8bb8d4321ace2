//! Sans-IO forwarding engine on str0m: sources, slots, key-frame requests.
//!
//! The engine forwards sealed media between the peers of a room. It owns no socket and no clock: datagrams and instants
//! are arguments, datagrams and events are results. It knows rooms, peers, sources and slots; it knows no users, no
//! parts of a meeting, no group and no keys but those of its connections (DTLS-SRTP), and it could not use one: of a media
//! payload it reads the VP8 payload descriptor and the first byte behind it, which every client leaves clear.
//!
//! One SDP offer per peer, once. A member sends one microphone, one camera (in up to three layers) and perhaps a screen,
//! and receives a fixed number of slots; a viewer only receives. Which source is in which slot changes without a word of
//! SDP and is told by [`Event::Slots`].
//!
//! ```
//! use std::time::Instant;
//! use incamera_sfu::{Engine, EngineConfig, Output, PeerId, Role, RoomId};
//!
//! let mut engine = Engine::new(EngineConfig::new(vec!["192.0.2.7:3478".parse()?]), Instant::now());
//! let refused = engine.join(Instant::now(), RoomId(1), PeerId(1), Role::Member, "not an offer");
//! assert!(refused.is_err());
//! assert!(matches!(engine.poll_output(), Output::Timeout(_)));
//! # Ok::<(), std::net::AddrParseError>(())
//! ```
#![forbid(unsafe_code)]

mod addresses;
mod again;
mod allocation;
mod answer;
mod claim;
mod congestion;
mod counters;
mod demux;
mod engine;
mod error;
mod ids;
mod keyframe;
mod layers;
mod limits;
mod mapping;
mod offer;
mod outgoing;
mod outlet;
mod overload;
mod peer;
mod reports;
mod rewrite;
mod room;
mod slot;
mod source;
mod table;
mod timers;

pub use counters::{Counters, Dropped, RoomCounters};
pub use demux::engine_of_check;
pub use engine::{Engine, Event, Output};
pub use error::{JoinRefusal, LossReason, ShapeFault};
pub use ids::{Channel, Circle, Kind, PeerId, Role, RoomId, SlotWish, Source, Stream, Voice};
pub use limits::{Bandwidth, ENGINES_MAX, EngineConfig};
