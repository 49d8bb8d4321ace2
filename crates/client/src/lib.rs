//! A native headless member and gallery viewer, for tests, bots and demonstrations: the same cryptography as in the
//! browser, real WebSockets, real media over UDP, and sample sound and pictures instead of a microphone and a camera.
#![forbid(unsafe_code)]

mod house;
mod member;
mod socket;
mod viewer;
mod witness;

pub use house::{HouseClient, HouseError, NewMeeting};
pub use incamera_endpoint::samples::SampleLoop;
pub use member::{JoinError, MemberClient, MemberStatus, Samples};
pub use viewer::{ViewerClient, ViewerStatus};

/// The wall clock, in milliseconds since the Unix epoch.
fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
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
