//! Everything that is wanted of the forwarding of media, in one go: each scenario with its bounds. For a quiet machine; on
//! another a failure says little.

use crate::process::Process;
use crate::{needs, workspace};
use anyhow::{Result, bail};

/// What is played, as arguments of `incamera bench media`. Each line says by its bounds what is wanted.
const PLAYED: [&str; 10] = [
    // Instructions, which are the same on any machine.
    "--gate",
    // Half of Janus's CPU for a packet at the most, a quarter is the goal; and nothing is lost.
    "--scenario livestream --size 100 --full-one-in 10 --rounds 3 --seconds 5 --peer janus --ratio-max 0.25 --loss-max 0.0001",
    "--scenario many-small --size 8 --rounds 3 --seconds 5 --peer janus --ratio-max 0.5 --loss-max 0.0001",
    // 150,000 packets a second on a busy processor.
    "--scenario livestream --size 400 --full-one-in 40 --rounds 5 --seconds 5 --cpu-us-max 6.7 --loss-max 0.0001",
    // What rooms make of delays at some 70 percent of a processor.
    "--scenario many-small --size 38 --full-one-in 19 --rounds 3 --seconds 5 --loss-max 0.0001 --delay-p99-ms-max 2 \
     --delay-p999-ms-max 10",
    "--scenario plenary --full-one-in 22 --rounds 2 --seconds 5 --loss-max 0.0001 --delay-p99-ms-max 20 --rss-kib-max 300 \
     --breaks-max 0",
    "--scenario join-storm --full-one-in 22 --rounds 2 --first-audio-ms-max 2500 --first-video-ms-max 2500",
    "--scenario churn --rounds 2 --seconds 5 --loss-max 0.0001",
    "--scenario lossy --seconds 20 --concealed-max 0.01 --freeze-ms-max 1000",
    // Sound is whole; what waits behind a large picture as the way becomes narrow is late once.
    "--scenario staircase --seconds 20 --audio-lost-max 0 --concealed-max 0.02 --freeze-ms-max 1000 \
     --step-down-ms-max 2000 --step-up-ms-max 15000",
];

/// From the click on *Join*, in Chromium: 300 ms to the first sound and 600 ms to the first picture.
const FIRSTS: [(&str, &str); 2] = [
    ("INCAMERA_FIRST_SOUND_MS_MAX", "300"),
    ("INCAMERA_FIRST_PICTURE_MS_MAX", "600"),
];

/// Plays all of it, and says at the end what was beyond its bounds. `more` goes to each scenario.
pub(super) fn run(more: &[String]) -> Result<()> {
    needs::ensure_janus()?;
    needs::ensure_valgrind()?;
    let program = workspace::target().join("release/incamera");
    let mut beyond = Vec::new();
    for played in PLAYED {
        eprintln!("\nincamera bench media {played}");
        let arguments = played.split_whitespace();
        let scenario = Process::new(&program)
            .args(["bench", "media"])
            .args(arguments)
            .args(more);
        beyond.extend(scenario.run().err());
    }
    let mut firsts = Process::new("node")
        .folder(&workspace::web())
        .args(["--test", "e2e/8-first-media.test.mjs"])
        .env("CHROMIUM", needs::chromium())
        .env("INCAMERA_BIN", &program);
    for (name, bound) in FIRSTS {
        firsts = firsts.env(name, bound);
    }
    beyond.extend(firsts.run().err());
    if beyond.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = beyond.iter().map(ToString::to_string).collect();
    bail!(
        "{} of {} are beyond their bounds:\n{}",
        all.len(),
        PLAYED.len() + 1,
        all.join("\n")
    )
}
