//! `cargo xtask test`: every step that must hold, in an order that fails early and builds little twice.

use crate::process::Process;
use crate::{architecture, lint, needs, types, wasm, web, workspace};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fmt, fs};

/// Which steps to run.
#[derive(Args)]
pub(crate) struct Selection {
    /// Run only this step; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Step>,
}

impl Selection {
    /// Every step.
    pub(crate) fn everything() -> Self {
        Self { only: Vec::new() }
    }

    fn steps(&self) -> Vec<Step> {
        let is_selected = |step: &Step| self.only.is_empty() || self.only.contains(step);
        Step::value_variants().iter().copied().filter(is_selected).collect()
    }
}

/// The steps, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Install or name what the machine lacks
    Needs,
    /// rustfmt
    Fmt,
    /// Directions of dependency, and I1 on the dependency graph
    Architecture,
    /// The browser's cryptography
    Wasm,
    /// The web client, its compressed variants, its weight
    Web,
    /// Clippy on everything, no warnings
    Clippy,
    /// Rust documentation, no warnings
    Docs,
    /// All tests in Rust
    Rust,
    /// The generated TypeScript types are the committed ones (needs the step `rust` before it)
    Types,
    /// Types of the web client
    WebCheck,
    /// Unit tests of the web client
    WebTest,
    /// A whole meeting of native clients
    Demo,
    /// A meeting with a member written from docs/protocol.md alone, in another language
    Interop,
    /// A whole meeting in real browsers
    E2e,
}

impl Step {
    fn run(self) -> Result<()> {
        match self {
            Self::Needs => everything_needed(),
            Self::Fmt => lint::format(),
            Self::Architecture => architecture::check(),
            Self::Wasm => wasm::build(),
            Self::Web => web::build(),
            Self::Clippy => lint::clippy(),
            Self::Docs => lint::documentation(),
            Self::Rust => types::redirected(Process::cargo().args(["test", "--workspace", "--quiet"]))?.run(),
            Self::Types => types::compare(),
            Self::WebCheck => npm_run("check"),
            Self::WebTest => npm_run("test"),
            Self::Demo => demo(),
            Self::Interop => interop(),
            Self::E2e => browsers(),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        formatter.pad(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// Runs the selected steps until one fails, and says at the end what was run and what was not.
pub(crate) fn run(selection: &Selection) -> Result<()> {
    let steps = selection.steps();
    let started = Instant::now();
    let mut passed: Vec<(Step, Duration)> = Vec::new();
    let mut failure = None;
    for step in &steps {
        println!("\n=== {step}");
        let step_started = Instant::now();
        match step.run() {
            Ok(()) => {
                println!("=== {step} passed in {:.1} s", step_started.elapsed().as_secs_f64());
                passed.push((*step, step_started.elapsed()));
            }
            Err(error) => {
                failure = Some((*step, error));
                break;
            }
        }
    }

    println!("\n=== summary");
    for (step, took) in &passed {
        println!("  {step:<13} passed {:>7.1} s", took.as_secs_f64());
    }
    if let Some((step, _)) = &failure {
        println!("  {step:<13} FAILED");
    }
    let reached = passed.len() + usize::from(failure.is_some());
    for step in steps.iter().skip(reached) {
        println!("  {step:<13} not run");
    }
    println!("  {:<13}        {:>7.1} s", "together", started.elapsed().as_secs_f64());
    if steps.get(..reached).is_some_and(|steps| steps.contains(&Step::E2e)) {
        println!(
            "\nWhat the pages look like: {}",
            workspace::target().join("screenshots").display()
        );
    }

    match failure {
        Some((step, error)) => Err(error.context(format!("step `{step}` failed"))),
        None if selection.only.is_empty() => {
            println!("\nEverything passed.");
            Ok(())
        }
        None => {
            println!("\nThe selected steps passed; the others were not run.");
            Ok(())
        }
    }
}

fn everything_needed() -> Result<()> {
    needs::ensure_room()?;
    needs::ensure_node()?;
    needs::ensure_chromium()?;
    needs::ensure_firefox()?;
    needs::ensure_turnserver()?;
    needs::ensure_ffprobe()?;
    let toolchain = wasm::toolchain::ensure()?;
    println!("wasm is compiled with {toolchain}");
    web::install_packages()
}

fn npm_run(script: &str) -> Result<()> {
    web::install_packages()?;
    // The client's sources import the generated glue.
    wasm::build()?;
    Process::npm().args(["run", "--silent", script]).run()
}

/// The binary under test, built as `cargo test --workspace` builds it so that no dependency is built a second time.
fn binary() -> Result<PathBuf> {
    web::build()?;
    Process::cargo()
        .args(["build", "--workspace", "--bin", "incamera", "--quiet"])
        .run()?;
    Ok(workspace::target().join("debug/incamera"))
}

fn demo() -> Result<()> {
    let output = Process::new(binary()?).args(["demo", "--json"]).output()?;
    let last = output.lines().last().unwrap_or_default();
    println!("{last}");
    judge_demo(last)
}

/// The exit code and the word must agree: a demo that prints nothing has not shown anything.
fn judge_demo(last_line: &str) -> Result<()> {
    let result: Value = serde_json::from_str(last_line)
        .with_context(|| format!("the last line of `incamera demo --json` is not JSON: {last_line}"))?;
    if result.get("ok") != Some(&Value::Bool(true)) {
        bail!("`incamera demo` succeeded without saying so: {last_line}");
    }
    Ok(())
}

fn interop() -> Result<()> {
    Process::npm()
        .env("INCAMERA_BIN", binary()?)
        .env("INCAMERA_SCRIPTED_MEMBER", scripted_member()?)
        .args(["run", "--silent", "interop"])
        .run()
}

/// A native member that does what a test tells it.
fn scripted_member() -> Result<PathBuf> {
    Process::cargo()
        .args(["build", "--workspace", "--example", "scripted_member", "--quiet"])
        .run()?;
    Ok(workspace::target().join("debug/examples/scripted_member"))
}

fn browsers() -> Result<()> {
    needs::ensure_chromium()?;
    needs::ensure_firefox()?;
    needs::ensure_turnserver()?;
    let screenshots = workspace::target().join("screenshots");
    if screenshots.exists() {
        fs::remove_dir_all(&screenshots)?;
    }
    Process::npm()
        .env("INCAMERA_BIN", binary()?)
        .env("INCAMERA_SCRIPTED_MEMBER", scripted_member()?)
        .env("CHROMIUM", needs::chromium())
        .env("FIREFOX", needs::firefox())
        .env("TURNSERVER", needs::turnserver())
        .args(["run", "--silent", "e2e"])
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_selection_every_step_runs() {
        assert_eq!(Selection::everything().steps(), Step::value_variants());
    }

    #[test]
    fn selected_steps_run_in_the_order_of_the_list() {
        let selection = Selection {
            only: vec![Step::E2e, Step::Fmt],
        };
        assert_eq!(selection.steps(), [Step::Fmt, Step::E2e]);
    }

    #[test]
    fn a_demo_must_say_that_it_went_well() {
        judge_demo(r#"{"ok":true,"delegations":2}"#).unwrap();
        for said in [r#"{"ok":false}"#, r#"{"ok":"true"}"#, "{}", "", "done"] {
            assert!(judge_demo(said).is_err(), "{said}");
        }
    }
}
