//! What the browser's side costs: its copy of the cryptography, a room of ten, and how quickly and for whom pages come. And
//! all that is wanted of the forwarding of media.

mod media;

use crate::process::Process;
use crate::stamp::Stamp;
use crate::{needs, wasm, web, workspace};
use anyhow::Result;
use std::path::Path;

/// `commit`, with the scenario of `incamera bench commit`, and `frames` measure the wasm that pages load under Node; `room`
/// a Chromium in a room of ten, and `pages` has Lighthouse judge the pages; `media` holds the engine to its bounds; all three
/// with the program as it is released.
pub(crate) fn run(what: &str, arguments: &[String]) -> Result<()> {
    let folder = workspace::web();
    let script = match what {
        "pages" => "lighthouse/pages.mjs".to_owned(),
        _ => format!("scripts/bench-{what}.mjs"),
    };
    let script = Process::new("node").arg(folder.join(script)).args(arguments);
    match what {
        "media" => {}
        "room" => needs::ensure_ffprobe()?,
        "pages" => install(&folder.join("lighthouse"))?,
        _ => {
            wasm::build()?;
            return script.run();
        }
    }
    needs::ensure_chromium()?;
    web::build()?;
    Process::cargo()
        .args(["build", "--release", "--workspace", "--bins"])
        .run()?;
    if what == "media" {
        return media::run(arguments);
    }
    script
        .env("CHROMIUM", needs::chromium())
        .env("INCAMERA_BIN", workspace::target().join("release/incamera"))
        .run()
}

/// The packages of a folder of its own: what only a benchmark needs, nobody else installs.
fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let stamp = Stamp::of(folder.join("node_modules/.incamera"), &[lock], "")?;
    if stamp.is_current() {
        return Ok(());
    }
    Process::npm()
        .folder(folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .run()?;
    stamp.set()
}
