//! A Rust compiler for the browser: the two ways to one.
//!
//! **The usual way.** The toolchain that builds the server has the target `wasm32-unknown-unknown`; where it has not,
//! `rustup target add wasm32-unknown-unknown` adds it. That is left to the person: the toolchain is theirs, and a builder
//! may be offline or locked down.
//!
//! **Debian's way**, for a toolchain without the target. Debian packages the compiler that it
//! builds its browsers with: `rustc-web cargo-web rust-web-src lld`. They bring no compiled standard library for the
//! browser but its sources, so cargo compiles that too (`-Z build-std`, an unstable flag, hence `RUSTC_BOOTSTRAP`),
//! and Debian's linker is called `wasm-ld`. By hand:
//!
//! ```text
//! RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld \
//!     /usr/bin/cargo build -Z build-std=std,panic_abort --target wasm32-unknown-unknown --profile wasm \
//!     -p incamera-seal-wasm -p incamera-record-wasm -p incamera-markdown-wasm
//! ```
//!
//! Randomness comes from the browser in both: the wasm-only dependencies of those crates switch on the feature of
//! each `getrandom` in the tree that asks it.

use crate::needs;
use crate::process::Process;
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// What a person does when neither way worked by itself.
pub(crate) const ADVICE: &str = "Either `rustup target add wasm32-unknown-unknown`, or on Debian \
    `apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld`.";

/// A compiler for the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain that builds everything else has the target.
    Installed,
    /// Debian's packages, which compile the standard library too.
    Debian,
}

impl fmt::Display for Toolchain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Installed => "the installed toolchain",
            Self::Debian => "Debian's packages",
        })
    }
}

/// The compiler for the browser that is there, if one is.
///
/// `INCAMERA_WASM_TOOLCHAIN=installed|debian` insists on one of the two, to try the other way on a machine with both.
pub(crate) fn installed() -> Option<Toolchain> {
    let insisted = std::env::var("INCAMERA_WASM_TOOLCHAIN").ok();
    let wanted = |name: &str| insisted.as_deref().is_none_or(|insisted| insisted == name);
    if wanted("installed") && installed_has_target() {
        Some(Toolchain::Installed)
    } else if wanted("debian") && debian_is_complete() {
        Some(Toolchain::Debian)
    } else {
        None
    }
}

/// A compiler for the browser: the toolchain's own if it can, otherwise Debian's, installed if that is allowed.
pub(crate) fn ensure() -> Result<Toolchain> {
    if let Some(toolchain) = installed() {
        return Ok(toolchain);
    }
    println!("wasm: this toolchain has no target {TARGET}; using Debian's compiler instead");
    needs::install(
        &DEBIAN_PACKAGES,
        "the browser's cryptography needs a compiler for WebAssembly",
    )
    .context(ADVICE)?;
    match installed() {
        Some(toolchain) => Ok(toolchain),
        None => bail!("There is still no compiler for WebAssembly here.\n  {ADVICE}"),
    }
}

impl Toolchain {
    /// Compiles these packages and returns where their modules are.
    pub(crate) fn compile(self, packages: &[String]) -> Result<PathBuf> {
        // A folder per compiler: cargo would otherwise build everything again whenever the two take turns.
        let folder = workspace::target().join("wasm").join(match self {
            Self::Installed => "installed",
            Self::Debian => "debian",
        });
        let process = match self {
            Self::Installed => Process::cargo().arg("build"),
            Self::Debian => debian_cargo().args(["build", "-Z", "build-std=std,panic_abort"]),
        };
        process
            .args(["--target", TARGET, "--profile", "wasm"])
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .arg("--target-dir")
            .arg(&folder)
            .without_env("RUSTFLAGS")
            .env("CARGO_ENCODED_RUSTFLAGS", remapped_paths())
            // wasm-bindgen reads in a section that full stripping removes what the compiler used; wasm-opt strips later.
            .env("CARGO_PROFILE_WASM_STRIP", "debuginfo")
            .advice(format!("Another compiler for the browser may do. {ADVICE}"))
            .run()?;
        Ok(folder.join(TARGET).join("wasm"))
    }
}

/// The module says where in the sources a panic was, and not in whose home the sources lay: anyone who builds the same
/// revision with the same compiler gets the same module.
fn remapped_paths() -> OsString {
    let mut flags = OsString::new();
    let mut remap = |from: &Path, to: &str| {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push(format!("={to}"));
    };
    remap(workspace::root(), "incamera");
    if let Some(home) = cargo_home() {
        remap(&home, "cargo");
    }
    flags
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")),
    }
}

fn installed_has_target() -> bool {
    let folder = Process::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .answer();
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

fn debian_is_complete() -> bool {
    [
        "/usr/bin/rustc",
        "/usr/bin/cargo",
        "/usr/bin/wasm-ld",
        "/usr/lib/rustlib/src/rust/library/std",
    ]
    .iter()
    .all(|path| Path::new(path).exists())
}

/// Debian's cargo, out of reach of rustup.
///
/// xtask itself runs under rustup's cargo, whose environment would put rustup's compiler and its libraries first.
fn debian_cargo() -> Process {
    let rustup = [
        "RUSTUP_TOOLCHAIN",
        "RUSTUP_HOME",
        "LD_LIBRARY_PATH",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
    ];
    let process = Process::cargo_at("/usr/bin/cargo")
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
    rustup.iter().fold(process, |process, name| process.without_env(name))
}
