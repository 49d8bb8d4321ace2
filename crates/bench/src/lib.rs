//! Figures of a meeting, measured and not estimated: how fast it falls silent when it is closed, and what its commits
//! cost.
//!
//! * [`CloseBench`] plays whole meetings with native clients against a house of its own, over real sockets.
//! * [`CommitBench`] drives the members' cryptography alone, in virtual time and without a network.
//! * [`PublicBench`] has the public look at a running meeting.
//! * [`RecordBench`] verifies long records.
//! * [`MediaBench`] puts the forwarding of media under load, ours and another server's in turns.
//! * [`Others`] fills a room for whoever measures a browser in it.
//! * [`NetworkBench`] says what a receiver on a bad way hears and sees.
//!
//! What each figure means stands at its field, in [`CloseFigures`] and [`CommitFigures`].
#![forbid(unsafe_code)]

mod close;
mod commit;
mod draft;
mod house;
mod letters;
mod media;
mod observed;
mod process;
mod public;
mod record;
mod room;
mod spread;
mod stage;

use tokio::io::AsyncWriteExt as _;

pub use close::{CloseBench, CloseFigures};
pub use commit::{CommitBench, CommitFigures};
pub use media::{
    Bounds, Delays, Gate, GateFigures, Ground, Handing, MediaBench, MediaError, MediaFigures, NetworkBench,
    NetworkBounds, NetworkFigures, NetworkScenario, Peer, Ratio, Scenario, ServerFigures, Spacing, Token, WayFigures,
    WhipPeer, serve_instructions, serve_load,
};
pub use public::{PublicBench, PublicFigures};
pub use record::{RecordBench, RecordFigures};
pub use room::{Others, RoomError};
pub use spread::Spread;

/// Members of one measured meeting: as many as a meeting may have.
pub const MEMBERS_MAX: usize = incamera_protocol::limits::MEMBERS_MAX;
/// Delegations of one measured meeting. Further members are of the same delegations, one after the other.
pub const DELEGATIONS_MAX: usize = 110;
/// Closes or commits measured at one size. More would not move a 95th percentile by anything that matters.
pub const ROUNDS_MAX: usize = 100;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The caller asks for what cannot be set up.
    #[error("{0}")]
    Plan(String),
    /// A step of the meeting did not come to its end: the house, the machine or this software is at fault.
    #[error("with {members} members, {step}: {why}")]
    Step {
        /// In a meeting of how many.
        members: usize,
        /// Which step.
        step: &'static str,
        /// What was seen instead.
        why: String,
    },
    /// The guarantee that is measured does not hold.
    #[error(
        "with {members} members, {frames} frames were sealed under the open key by clients that had taken in the close"
    )]
    SealedTooLate {
        /// In a meeting of how many.
        members: usize,
        /// How many frames.
        frames: u64,
    },
}

/// Refuses sizes and counts that cannot be measured, before anything is started.
fn check_plan(members: usize, members_min: usize, rounds: usize) -> Result<(), BenchError> {
    if !(members_min..=MEMBERS_MAX).contains(&members) {
        return Err(BenchError::Plan(format!(
            "{members} members: a size from {members_min} to {MEMBERS_MAX} can be measured"
        )));
    }
    if !(1..=ROUNDS_MAX).contains(&rounds) {
        return Err(BenchError::Plan(format!(
            "{rounds} rounds: from 1 to {ROUNDS_MAX} can be measured"
        )));
    }
    Ok(())
}

/// One line of JSON on standard output.
async fn say(saying: &impl serde::Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_string(saying).map_err(std::io::Error::other)?;
    line.push('\n');
    let mut output = tokio::io::stdout();
    output.write_all(line.as_bytes()).await?;
    output.flush().await
}

/// 32 random bytes from the operating system.
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the operating system gives no random bytes");
        std::process::abort();
    }
    bytes
}
