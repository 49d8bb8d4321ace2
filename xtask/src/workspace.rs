//! Where things are.

use std::path::{Path, PathBuf};

/// The root of the repository.
///
/// Known when xtask is compiled, so that every command works from any folder inside the repository.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The web client's folder.
pub(crate) fn web() -> PathBuf {
    root().join("web")
}

/// Cargo's target folder, wherever the environment put it.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A program that npm installed for the web client.
pub(crate) fn npm_program(name: &str) -> PathBuf {
    web().join("node_modules/.bin").join(name)
}
