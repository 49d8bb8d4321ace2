//! WebSockets: one task reads, one writes, and neither can hold up a meeting.

mod bucket;
mod gallery;
mod outbox;
mod speaker;

pub(crate) use bucket::Bucket;
pub(crate) use gallery::serve as serve_viewer;
pub(crate) use outbox::{Goodbye, Outbox, text_of};
pub(crate) use speaker::{Desks, Members, Speaker, serve as serve_speaker};

use std::sync::atomic::{AtomicU64, Ordering};

/// Names a socket while the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SocketId(u64);

impl SocketId {
    /// A number that no other socket has.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
