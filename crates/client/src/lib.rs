//! A native headless member and gallery viewer, for tests, bots and demonstrations: the same cryptography as in the
//! browser, real WebSockets, real media over UDP, and sample sound and pictures instead of a microphone and a camera.
#![forbid(unsafe_code)]

mod document;
mod house;
mod member;
mod offer;
mod socket;
mod viewer;
mod witness;

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use document::{OfferError, OfferedDocument};
pub use house::{HouseClient, HouseError, NewMeeting};
pub use incamera_endpoint::Frame;
pub use incamera_endpoint::samples::SampleLoop;
pub use member::{Heard, JoinError, MemberClient, MemberStatus, Samples};
pub use viewer::{Onlooker, ViewerClient, ViewerStatus};

/// Milliseconds since the Unix epoch, by the wall clock as it stood when it was first asked, and from then on by a
/// steady one: whoever sets the wall clock back must not make a silence look shorter.
fn now_ms() -> u64 {
    static BEGAN: LazyLock<(Duration, Instant)> = LazyLock::new(|| {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        (wall.unwrap_or_default(), Instant::now())
    });
    let (wall, steady) = *BEGAN;
    u64::try_from((wall + steady.elapsed()).as_millis()).unwrap_or(u64::MAX)
}

/// 32 random bytes from the operating system.
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // Keys from anything less would be worse than none.
        tracing::error!(%error, "the operating system gives no random bytes");
        std::process::abort();
    }
    bytes
}
