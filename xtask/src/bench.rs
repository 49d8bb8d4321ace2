//! What a commit costs in the browser's copy of the cryptography.

use crate::process::Process;
use crate::{wasm, workspace};
use anyhow::Result;

/// Builds the wasm that pages load and measures it under Node, with the scenario of `incamera bench commit`.
pub(crate) fn commits_in_wasm(arguments: &[String]) -> Result<()> {
    wasm::build()?;
    Process::new("node")
        .arg(workspace::web().join("scripts/bench-commit.mjs"))
        .args(arguments)
        .run()
}
