//! A socket and a thread around the forwarding engine.
//!
//! Each thread owns one UDP socket, one [`Engine`](incamera_sfu::Engine) and the rooms that were given to it; nothing on the
//! packet path is shared or locked. All sockets are on one port: what arrives at the wrong thread is handed on. Everyone
//! else holds a [`MediaHandle`] and sends messages.

mod addresses;
mod batch;
mod directory;
mod handle;
mod load;
mod outbox;
mod priority;
mod socket;
mod strays;
mod thread;
mod worker;

pub use addresses::candidates;
pub use handle::{JoinError, MediaGone, MediaHandle};
pub use incamera_sfu::{
    Channel, Circle, Counters, Dropped, Event, JoinRefusal, Kind, LossReason, PeerId, Role, RoomCounters, RoomId,
    ShapeFault, SlotWish, Source, Stream, Voice,
};
pub use priority::{Priority, go_first};
pub use thread::{MediaConfig, MediaEvents, MediaServer, StartError, usual_threads};
