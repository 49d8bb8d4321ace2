//! What the browser's copy of the cryptography costs, and how quickly and for whom pages come.

use crate::process::Process;
use crate::stamp::Stamp;
use crate::{wasm, web, workspace};
use anyhow::Result;

/// Builds the wasm that pages load and measures it under Node: `commit`, with the scenario of `incamera bench commit`, or
/// `frames`.
pub(crate) fn in_wasm(what: &str, arguments: &[String]) -> Result<()> {
    wasm::build()?;
    Process::new("node")
        .arg(workspace::web().join(format!("scripts/bench-{what}.mjs")))
        .args(arguments)
        .run()
}

/// Has Lighthouse judge the pages of a release build, in a browser of this machine.
pub(crate) fn pages(arguments: &[String]) -> Result<()> {
    web::build()?;
    let folder = workspace::web().join("lighthouse");
    let lock = Stamp::of(
        folder.join("node_modules/.incamera"),
        &[folder.join("package-lock.json")],
        "",
    )?;
    if !lock.is_current() {
        Process::npm()
            .folder(&folder)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .run()?;
        lock.set()?;
    }
    Process::cargo()
        .args(["build", "--release", "--workspace", "--bins"])
        .run()?;
    Process::new("node")
        .arg(folder.join("pages.mjs"))
        .args(arguments)
        .env("INCAMERA_BIN", workspace::target().join("release/incamera"))
        .run()
}
