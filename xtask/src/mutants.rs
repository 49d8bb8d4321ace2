//! `cargo xtask mutants`: bugs that are planted on purpose, each of which must turn a named test red. A test of a
//! guarantee that stays green when the guarantee is broken guards nothing.

mod table;

use self::table::{Mutant, mutants};
use crate::process::Process;
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Which to plant.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Only those whose name contains this, or one of these
    #[arg(long)]
    only: Vec<String>,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The named test turned red.
    Killed,
    /// The named test stayed green.
    Survived,
    /// The named test did not run: the mutant does not compile, or there is no such test.
    NotJudged,
}

/// Plants every selected bug in a copy of the tracked files, one at a time, and runs its test.
pub(crate) fn run(selection: &Selection) -> Result<()> {
    let tree = workspace::target().join("mutants");
    copy_tracked(&tree)?;
    let only = &selection.only;
    let wanted = |mutant: &&Mutant| only.is_empty() || only.iter().any(|part| mutant.name.contains(part));
    let mut fates = Vec::new();
    for mutant in mutants().filter(wanted) {
        let started = Instant::now();
        let fate = plant(&tree, mutant)?;
        println!("{fate:?} in {:.0} s: {}", started.elapsed().as_secs_f64(), mutant.name);
        fates.push((mutant, fate));
    }
    println!("\n{:<52} {:<10} test", "planted bug", "");
    for (mutant, fate) in &fates {
        println!("{:<52} {:<10} {}", mutant.name, format!("{fate:?}"), mutant.test);
    }
    let missed = fates.iter().filter(|(_, fate)| *fate != Fate::Killed).count();
    if missed > 0 {
        bail!("{missed} of {} planted bugs were not found", fates.len());
    }
    Ok(())
}

fn copy_tracked(tree: &Path) -> Result<()> {
    let listed = Process::new("git").args(["ls-files", "-z"]).output()?;
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (workspace::root().join(name), tree.join(name));
        let Ok(bytes) = fs::read(&from) else { continue };
        // What is the same is left alone, so that cargo does not build it again.
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        let folder = to.parent().unwrap_or(tree);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

fn plant(tree: &Path, mutant: &Mutant) -> Result<Fate> {
    let file = tree.join(mutant.file);
    let sound = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let planted = planted(&sound, mutant)?;
    fs::write(&file, planted)?;
    let fate = judge(tree, mutant);
    fs::write(&file, sound)?;
    fate
}

fn planted(sound: &str, mutant: &Mutant) -> Result<String> {
    let mut text = sound.to_owned();
    for (from, to) in mutant.edits {
        if text.matches(from).count() != 1 {
            bail!(
                "`{}`: {} does not have this text once: {from}",
                mutant.name,
                mutant.file
            );
        }
        text = text.replace(from, to);
    }
    Ok(text)
}

fn judge(tree: &Path, mutant: &Mutant) -> Result<Fate> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", target())
        .args(["test", "--package", mutant.package])
        .args(mutant.target)
        .arg(mutant.test)
        .stdin(Stdio::null());
    let output = cargo.output().context("cannot start cargo")?;
    Ok(fate_of(&String::from_utf8_lossy(&output.stdout), mutant.test))
}

/// Dependencies that are built already are used again; the copy's own crates have a place of their own in it.
fn target() -> PathBuf {
    workspace::target()
}

fn fate_of(output: &str, test: &str) -> Fate {
    let mut verdict = output
        .lines()
        .filter(|line| line.starts_with("test ") && line.contains(test));
    match verdict.next_back() {
        Some(line) if line.ends_with("FAILED") => Fate::Killed,
        Some(line) if line.ends_with("ok") => Fate::Survived,
        _ => Fate::NotJudged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_bug_still_has_its_place_and_its_test() {
        for mutant in mutants() {
            let sound = fs::read_to_string(workspace::root().join(mutant.file)).unwrap();
            planted(&sound, mutant).unwrap();
        }
    }

    #[test]
    fn only_a_red_test_counts() {
        assert_eq!(fate_of("test a::b_c ... FAILED\n", "b_c"), Fate::Killed);
        assert_eq!(fate_of("test a::b_c ... ok\n", "b_c"), Fate::Survived);
        assert_eq!(fate_of("error[E0308]: mismatched types\n", "b_c"), Fate::NotJudged);
        assert_eq!(fate_of("running 0 tests\n", "b_c"), Fate::NotJudged);
    }
}
