//! A socket and a thread around the forwarding engine.
//!
//! One thread owns one UDP socket and one [`Engine`](incamera_sfu::Engine); nothing on the packet path is shared or
//! locked. Everyone else holds a [`MediaHandle`] and sends it messages.

mod addresses;
mod batch;
mod handle;
mod load;
mod outbox;
mod socket;
mod thread;

pub use addresses::candidates;
pub use handle::{JoinError, MediaGone, MediaHandle};
pub use incamera_sfu::{
    Counters, Dropped, Event, JoinRefusal, Kind, LossReason, PeerId, Role, RoomCounters, RoomId, ShapeFault, SlotWish,
    Source, Stream,
};
pub use thread::{MediaConfig, MediaEvents, MediaServer, StartError};
