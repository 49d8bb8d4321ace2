//! What is judged without running anything: format, clippy, documentation, directions of dependency.

use crate::architecture;
use crate::process::Process;
use anyhow::Result;

/// All of it.
pub(crate) fn everything() -> Result<()> {
    format()?;
    architecture::check()?;
    clippy()?;
    documentation()
}

/// Fails when a file is not as `rustfmt` would write it.
pub(crate) fn format() -> Result<()> {
    Process::cargo()
        .args(["fmt", "--all", "--check"])
        .advice("Run `cargo fmt --all`.")
        .run()
}

/// Fails on any warning of the compiler or of clippy, in tests too.
pub(crate) fn clippy() -> Result<()> {
    Process::cargo()
        .args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ])
        .run()
}

/// Fails on any warning of rustdoc, such as a link to nothing.
pub(crate) fn documentation() -> Result<()> {
    Process::cargo()
        .args(["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}
