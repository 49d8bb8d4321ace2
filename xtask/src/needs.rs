//! What a machine must have, and how it gets it.
//!
//! Debian packages are installed when this runs as root or `sudo` asks nothing; otherwise the error is the command to
//! type. Nothing else on the machine is changed.

use crate::process::Process;
use crate::wasm::toolchain;
use crate::workspace;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

const NODE_ADVICE: &str = "The web client is built with Node 20.19, 22.12 or newer and its npm: https://nodejs.org, or \
    `apt-get install nodejs npm` where Debian's is new enough.";

/// What a first build of everything takes on the disk, in GiB: 5 without what speeds up the next one, more with it.
const ROOM_GIB: u64 = 8;

/// Makes sure that a first build has room: a disk that is full ends it after a quarter of an hour, in words of the linker.
pub(crate) fn ensure_room() -> Result<()> {
    let target = workspace::target();
    // This program was built before it could ask.
    if target.join("debug/incamera").exists() {
        return Ok(());
    }
    let free = Process::new("df")
        .args(["--output=avail", "--block-size=1G"])
        .arg(&target)
        .answer();
    match free.as_deref().and_then(gib_of) {
        Some(free) if free < ROOM_GIB => bail!(
            "the disk of {} has {free} GiB free, and a first build of everything takes up to {ROOM_GIB}",
            target.display()
        ),
        // Where nobody can say, the build will.
        _ => Ok(()),
    }
}

/// The number under the heading that `df` writes.
fn gib_of(said: &str) -> Option<u64> {
    said.lines().last()?.trim().parse().ok()
}

/// Where the browser for the browser tests is.
pub(crate) fn chromium() -> PathBuf {
    std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from)
}

/// Makes sure that the browser for the browser tests is there.
pub(crate) fn ensure_chromium() -> Result<()> {
    if chromium().exists() {
        return Ok(());
    }
    install(
        &["chromium"],
        "the browser tests run in a real Chromium (set CHROMIUM to use one that lies elsewhere)",
    )
}

/// Where the other browser for the browser tests is.
pub(crate) fn firefox() -> PathBuf {
    std::env::var_os("FIREFOX").map_or_else(|| PathBuf::from("/usr/bin/firefox-esr"), PathBuf::from)
}

/// Makes sure that the other browser for the browser tests is there.
pub(crate) fn ensure_firefox() -> Result<()> {
    if firefox().exists() {
        return Ok(());
    }
    install(
        &["firefox-esr"],
        "a browser test has one side of a meeting in a real Firefox (set FIREFOX to use one that lies elsewhere)",
    )
}

/// Where the relay for the browser tests is.
pub(crate) fn turnserver() -> PathBuf {
    std::env::var_os("TURNSERVER").map_or_else(|| PathBuf::from("/usr/bin/turnserver"), PathBuf::from)
}

/// Makes sure that the relay for the browser tests is there.
pub(crate) fn ensure_turnserver() -> Result<()> {
    if turnserver().exists() {
        return Ok(());
    }
    install(
        &["coturn"],
        "a browser test has people meet through a real TURN relay (set TURNSERVER to use one that lies elsewhere)",
    )
}

/// Where the program is with which the tests look at recordings.
fn ffprobe() -> Option<String> {
    Process::new("ffprobe").arg("-version").answer()
}

/// Makes sure that it is there.
pub(crate) fn ensure_ffprobe() -> Result<()> {
    if ffprobe().is_some() {
        return Ok(());
    }
    install(&["ffmpeg"], "recordings are looked at by a program that is not ours")
}

/// Makes sure that the server is there with which ours is compared.
pub(crate) fn ensure_janus() -> Result<()> {
    if Process::new("sh").args(["-c", "command -v janus"]).answer().is_some() {
        return Ok(());
    }
    install(&["janus"], "the forwarding of media is compared with another server's")
}

/// Makes sure that instructions can be counted.
pub(crate) fn ensure_valgrind() -> Result<()> {
    if Process::new("valgrind").arg("--version").answer().is_some() {
        return Ok(());
    }
    install(&["valgrind"], "instructions are counted by callgrind")
}

/// Makes sure that Node and npm are there and new enough for Vite.
pub(crate) fn ensure_node() -> Result<()> {
    let Some(version) = Process::new("node").arg("--version").answer() else {
        bail!("Node is missing.\n  {NODE_ADVICE}");
    };
    if !node_is_new_enough(&version) {
        bail!("Node {version} is too old.\n  {NODE_ADVICE}");
    }
    if Process::new("npm").arg("--version").answer().is_none() {
        bail!("npm is missing.\n  {NODE_ADVICE}");
    }
    Ok(())
}

/// Installs Debian packages, or says how.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("{why}: please install what Debian calls {}", packages.join(", "));
    }
    let is_root = Process::new("id").arg("-u").answer().as_deref() == Some("0");
    let apt = || {
        let process = if is_root {
            Process::new("env")
        } else {
            Process::new("sudo").args(["-n", "env"])
        };
        process.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"])
    };
    if !is_root && Process::new("sudo").args(["-n", "true"]).answer().is_none() {
        bail!("{why}. Please run:\n  sudo {by_hand}");
    }
    println!("Installing {} from Debian: {why}.", packages.join(", "));
    apt()
        .arg("update")
        .advice("Without package lists nothing can be installed; is this machine online?")
        .run()?;
    apt()
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .advice(format!("Please install by hand: {by_hand}"))
        .run()
}

/// Prints what is there and what is missing; fails when something is.
pub(crate) fn doctor() -> Result<()> {
    let version = |program: &str| Process::new(program).arg("--version").answer();
    let chromium = chromium();
    let rows = [
        ("rustc", version("rustc"), "install Rust with https://rustup.rs"),
        ("clippy", version("cargo-clippy"), "rustup component add clippy"),
        ("rustfmt", version("rustfmt"), "rustup component add rustfmt"),
        ("C compiler", version("cc").map(first_line), "apt-get install gcc"),
        (
            "node",
            version("node").filter(|version| node_is_new_enough(version)),
            NODE_ADVICE,
        ),
        ("npm", version("npm"), NODE_ADVICE),
        (
            "wasm compiler",
            toolchain::installed().map(|found| found.to_string()),
            toolchain::ADVICE,
        ),
        (
            "chromium",
            chromium.exists().then(|| chromium.display().to_string()),
            "apt-get install chromium",
        ),
        (
            "firefox",
            firefox().exists().then(|| firefox().display().to_string()),
            "apt-get install firefox-esr",
        ),
        (
            "turnserver",
            turnserver().exists().then(|| turnserver().display().to_string()),
            "apt-get install coturn",
        ),
        (
            "ffprobe",
            ffprobe().and_then(|said| said.lines().next().map(str::to_owned)),
            "apt-get install ffmpeg",
        ),
        ("npm packages", npm_packages(), "`cargo xtask web` installs them"),
    ];
    let mut missing = 0;
    for (name, found, advice) in rows {
        match found {
            Some(found) => println!("  {name:<14} {found}"),
            None => {
                missing += 1;
                println!("  {name:<14} MISSING: {advice}");
            }
        }
    }
    if missing > 0 {
        bail!("{missing} missing. `cargo xtask test` installs the Debian packages and the npm packages itself.");
    }
    Ok(())
}

fn npm_packages() -> Option<String> {
    let folder = workspace::web().join("node_modules");
    folder.exists().then(|| "web/node_modules".to_owned())
}

fn first_line(text: String) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Vite's own condition: `^20.19.0 || >=22.12.0`.
fn node_is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_read() {
        assert_eq!(gib_of("Avail\n   47"), Some(47));
        assert_eq!(gib_of("Avail\n    0"), Some(0));
        assert_eq!(gib_of(""), None);
        assert_eq!(gib_of("df: no such file"), None);
    }

    #[test]
    fn old_nodes_are_refused() {
        for version in ["v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0", ""] {
            assert!(!node_is_new_enough(version), "{version}");
        }
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0"] {
            assert!(node_is_new_enough(version), "{version}");
        }
    }
}
