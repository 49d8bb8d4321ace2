//! What the browser's side costs: its copy of the cryptography, and a room of ten.

use crate::process::Process;
use crate::{needs, wasm, web, workspace};
use anyhow::Result;

/// `commit`, with the scenario of `incamera bench commit`, and `frames` measure the wasm that pages load under Node; `room`
/// a Chromium in a room of ten, with the program as it is released.
pub(crate) fn run(what: &str, arguments: &[String]) -> Result<()> {
    let script = workspace::web().join(format!("scripts/bench-{what}.mjs"));
    let script = Process::new("node").arg(script).args(arguments);
    if what != "room" {
        wasm::build()?;
        return script.run();
    }
    needs::ensure_chromium()?;
    needs::ensure_ffprobe()?;
    web::build()?;
    Process::cargo()
        .args(["build", "--release", "--workspace", "--bins"])
        .run()?;
    script
        .env("CHROMIUM", needs::chromium())
        .env("INCAMERA_BIN", workspace::target().join("release/incamera"))
        .run()
}
