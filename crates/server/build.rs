//! Lists the built web client for `src/assets.rs`, which embeds it.
//!
//! Without a built client the server still builds, so that nobody needs Node to work on it, and says so in a warning
//! here and on every page there.

use std::error::Error;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let dist = manifest.join("../../web/dist");
    // Cargo runs a build script every time when what it watches is not there, and then compiles the server every time.
    let _ = fs::create_dir_all(&dist);
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed=build.rs");

    let mut names = Vec::new();
    list(&dist, "", &mut names)?;
    names.sort();
    if !names.iter().any(|name| name == "index.html") {
        println!("cargo:warning=This build has no web client: run `cargo xtask web` (needs Node) and build again.");
        names.clear();
    }

    let out = PathBuf::from(env::var("OUT_DIR")?);
    let kept = out.join("web");
    let mut table = String::from("&[\n");
    for name in names.iter().filter(|name| !is_variant(name, &names)) {
        let path = keep(&dist, &kept, name)?;
        let etag = format!("W/\"{:016x}\"", hash(&fs::read(&path)?));
        writeln!(
            table,
            "    File {{ name: {name:?}, etag: {etag:?}, identity: include_bytes!({path:?}), br: {}, gz: {} }},",
            variant(&dist, &kept, name, &names, ".br")?,
            variant(&dist, &kept, name, &names, ".gz")?,
        )?;
    }
    table.push_str("]\n");
    fs::write(out.join("web_client.rs"), table)?;
    Ok(())
}

/// The files below `folder`, named from the root of the site with slashes. What starts with a dot is not published.
fn list(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let file_name = entry
            .file_name()
            .into_string()
            .map_err(|name| format!("{} is not a URL", name.display()))?;
        if file_name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{file_name}");
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn is_variant(name: &str, names: &[String]) -> bool {
    let original = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz"));
    original.is_some_and(|original| names.iter().any(|name| name == original))
}

/// Copies a file to where nobody changes it: the compiler reads it later, when the client may be being built again.
fn keep(dist: &Path, kept: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let to = kept.join(name);
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(dist.join(name), &to)?;
    Ok(to)
}

fn variant(dist: &Path, kept: &Path, name: &str, names: &[String], suffix: &str) -> Result<String, Box<dyn Error>> {
    let compressed = format!("{name}{suffix}");
    if !names.contains(&compressed) {
        return Ok("None".to_owned());
    }
    Ok(format!("Some(include_bytes!({:?}))", keep(dist, kept, &compressed)?))
}

/// Only has to differ when a file differs; nobody gains anything from two files with one hash.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
