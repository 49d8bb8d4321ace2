//! From a fresh checkout to a running server.

use crate::process::Process;
use crate::web;
use anyhow::Result;

/// Builds the client and the server and starts it; `incamera` itself prints the address.
pub(crate) fn serve(arguments: &[String]) -> Result<()> {
    web::build()?;
    Process::cargo()
        .args(["run", "--release", "--package", "incamera", "--", "serve"])
        .args(arguments)
        .advice("What the server printed above says why it stopped.")
        .run()
}
