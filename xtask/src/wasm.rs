//! What runs in browsers, compiled to WebAssembly, in `web/src/wasm/`: `crates/seal-wasm`, the cryptography;
//! `crates/record-wasm`, the verifier; `crates/markdown-wasm`, how a text will look.
//!
//! Three tools in a row: a Rust compiler that knows the target ([`toolchain`] explains which, and the two ways to one),
//! `wasm-bindgen` for the JavaScript side (as a library, so that its version cannot drift from the crate's), and
//! `wasm-opt` from the npm package `binaryen`.

pub(crate) mod toolchain;

use crate::process::Process;
use crate::stamp::Stamp;
use crate::{web, workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// What each module is called in the web client.
const MODULES: [&str; 3] = ["seal", "record", "markdown"];

/// The crates that are compiled into the modules.
const CRATES: [&str; 11] = [
    "frame",
    "markdown",
    "markdown-wasm",
    "protocol",
    "meeting",
    "handshake",
    "record",
    "record-wasm",
    "recording",
    "seal",
    "seal-wasm",
];

/// What the compiler may use of WebAssembly, all of it in every browser of the last four years. `wasm-opt` refuses a
/// module that uses what it was not told about.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds the modules, unless what is there was built from the same inputs.
pub(crate) fn build() -> Result<()> {
    let out = workspace::web().join("src/wasm");
    let stamp = Stamp::of(out.join(".stamp"), &inputs(), include_str!("wasm.rs"))?;
    if stamp.is_current() {
        println!("wasm: unchanged");
        return Ok(());
    }
    web::install_packages()?;
    let toolchain = toolchain::ensure()?;
    stamp.clear()?;

    println!("wasm: compiling with {toolchain}");
    let compiled = toolchain.compile(&MODULES.map(|name| format!("incamera-{name}-wasm")))?;
    for name in MODULES {
        bind(&compiled.join(format!("incamera_{name}_wasm.wasm")), name, &out)?;
        optimise(&out.join(format!("{name}_bg.wasm")))?;
    }
    stamp.set()
}

fn inputs() -> Vec<PathBuf> {
    let root = workspace::root();
    let crates = CRATES.iter().flat_map(|name| {
        let folder = root.join("crates").join(name);
        [folder.join("Cargo.toml"), folder.join("src")]
    });
    let rest = [
        "Cargo.toml",
        "Cargo.lock",
        "web/package-lock.json",
        "xtask/src/wasm/toolchain.rs",
    ];
    crates.chain(rest.map(|name| root.join(name))).collect()
}

fn bind(compiled: &Path, name: &str, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name(name)
        .typescript(true)
        .remove_producers_section(true);
    // The glue names the wasm as `new URL(…, import.meta.url)`, which Vite turns into a file of its own.
    bindgen.omit_default_module_path(false);
    bindgen.web(true).and_then(|bindgen| bindgen.generate(out)).with_context(|| {
        format!(
            "wasm-bindgen cannot read {}. When it speaks of a version: `wasm-bindgen` in crates/{name}-wasm/Cargo.toml \
             and `wasm-bindgen-cli-support` in xtask/Cargo.toml must be the same",
            compiled.display()
        )
    })
}

fn optimise(wasm: &Path) -> Result<()> {
    let optimised = wasm.with_extension("optimised");
    let before = size(wasm)?;
    Process::new(workspace::npm_program("wasm-opt"))
        // Twice: what the first pass leaves small enough, the second can put in the place of its calls.
        .args(["-Oz", "-Oz", "--strip-debug", "--strip-producers"])
        .args(FEATURES)
        .arg(wasm)
        .arg("-o")
        .arg(&optimised)
        .advice("When it refuses a feature of WebAssembly, add it to FEATURES in xtask/src/wasm.rs.")
        .run()?;
    fs::rename(&optimised, wasm).with_context(|| format!("cannot replace {}", wasm.display()))?;
    println!(
        "wasm: {}: {before} bytes from the compiler, {} after wasm-opt",
        wasm.display(),
        size(wasm)?
    );
    Ok(())
}

fn size(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .len())
}
