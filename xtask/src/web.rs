//! The web client: npm packages, the wasm, Vite, compressed variants, budgets. The result is `web/dist`, which the
//! server embeds.

use crate::process::Process;
use crate::stamp::Stamp;
use crate::{budget, needs, wasm, workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// Builds the web client, unless what is there was built from the same inputs.
pub(crate) fn build() -> Result<()> {
    install_packages()?;
    wasm::build()?;
    let stamp = Stamp::of(stamp_file("web"), &inputs()?, "")?;
    if stamp.is_current() && workspace::web().join("dist/index.html").exists() {
        println!("web: unchanged");
    } else {
        stamp.clear()?;
        Process::npm().args(["run", "--silent", "build"]).run()?;
        stamp.set()?;
    }
    budget::check(&workspace::web().join("dist"))
}

/// Installs exactly the npm packages of the lockfile, unless they are there.
pub(crate) fn install_packages() -> Result<()> {
    needs::ensure_node()?;
    let web = workspace::web();
    let lock = [web.join("package-lock.json"), web.join(".npmrc")];
    let stamp = Stamp::of(stamp_file("npm"), &lock, "")?;
    if stamp.is_current() {
        return Ok(());
    }
    Process::npm()
        .args(["ci", "--no-audit", "--no-fund"])
        .advice(
            "npm must reach its registry. When package.json and package-lock.json disagree, run `npm install` in web/.",
        )
        .run()?;
    stamp.set()
}

/// What the built pages depend on: some folders, the words among them, and the pages and settings that lie in `web/` itself.
fn inputs() -> Result<Vec<PathBuf>> {
    let web = workspace::web();
    let mut inputs: Vec<PathBuf> = ["public", "scripts", "src", "../words"]
        .iter()
        .map(|name| web.join(name))
        .collect();
    for entry in fs::read_dir(&web).with_context(|| format!("cannot list {}", web.display()))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| ["html", "js", "json", "ts"].iter().any(|known| extension == *known))
        {
            inputs.push(path);
        }
    }
    inputs.sort();
    Ok(inputs)
}

/// Beside the packages, so that removing `node_modules` makes everything new.
fn stamp_file(name: &str) -> PathBuf {
    workspace::web().join("node_modules/.incamera").join(name)
}
