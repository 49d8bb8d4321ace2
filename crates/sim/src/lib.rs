//! Whole meetings in virtual time under a hostile scheduler: real members, desks, rules and public group, a model of
//! the server with a log, and one seed from which everything follows. For tests only; nothing that is shipped depends
//! on it.
//!
//! [`run`] plays a seed and looks at every invariant after every step; [`run_many`] plays many on all cores.

mod chance;
mod entropy;
mod house;
mod line;
mod setup;
mod tab;
mod trace;
mod truth;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::trace::Trace;
use crate::world::{Broken, World};

/// When virtual time begins, in milliseconds since the Unix epoch.
const START_MS: u64 = 1_800_000_000_000;

/// How a seed went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub seed: u64,
    /// The promise that was broken, if any.
    pub broken: Option<String>,
    /// SHA-256 over every line of the trace.
    pub hash: String,
    /// The trace, or its end.
    pub lines: Vec<String>,
    /// How long the meeting took to settle after the network had healed, in virtual milliseconds; none where the
    /// server lied or it never did.
    pub settled_ms: Option<u64>,
    /// The server lied.
    pub lied: bool,
}

/// How much of a trace is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All of it.
    Everything,
    /// Its end.
    TheEnd,
}

/// Plays one seed, on a thread of its own: whatever is random there follows from the seed.
pub fn run(seed: u64, keep: Keep) -> Report {
    let played = thread::Builder::new()
        .spawn(move || play(seed, keep))
        .map(thread::JoinHandle::join);
    match played {
        Ok(Ok(report)) => report,
        _ => Report {
            seed,
            broken: Some("a panic".to_owned()),
            hash: String::new(),
            lines: Vec::new(),
            settled_ms: None,
            lied: false,
        },
    }
}

/// The MLS library seals the secrets of a path in parallel, on threads of a pool that draw for themselves. Here this
/// thread is the whole pool.
fn play(seed: u64, keep: Keep) -> Report {
    entropy::determine(seed ^ 0x005E_ED0F_5EED);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build();
    match pool {
        Ok(_pool) => play_alone(seed, keep),
        Err(error) => Report {
            seed,
            broken: Some(error.to_string()),
            hash: String::new(),
            lines: Vec::new(),
            settled_ms: None,
            lied: false,
        },
    }
}

fn play_alone(seed: u64, keep: Keep) -> Report {
    let trace = match keep {
        Keep::Everything => Trace::whole(),
        Keep::TheEnd => Trace::last_lines(),
    };
    let mut world = match World::new(seed, trace) {
        Ok(world) => world,
        Err(Broken(why)) => {
            return Report {
                seed,
                broken: Some(why),
                hash: String::new(),
                lines: Vec::new(),
                settled_ms: None,
                lied: false,
            };
        }
    };
    let broken = world.play().err().map(|Broken(why)| why);
    if let Some(why) = &broken {
        world.say(format!("BROKEN: {why}"));
    }
    let (settled_ms, lied) = (world.settled_ms, world.setup.lie.is_some());
    let (hash, lines) = world.trace.finish();
    Report {
        seed,
        broken,
        hash,
        lines,
        settled_ms,
        lied,
    }
}

/// Plays `count` seeds from `first` on, on all cores, and gives every report to `each`, in no particular order.
pub fn run_many(first: u64, count: u64, each: impl Fn(Report) + Sync) {
    let next = AtomicU64::new(0);
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        return;
                    }
                    each(run(first.wrapping_add(at), Keep::TheEnd));
                }
            });
        }
    });
}
