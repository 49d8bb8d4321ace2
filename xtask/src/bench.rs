//! What the browser's copy of the cryptography costs.

use crate::process::Process;
use crate::{wasm, workspace};
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
