//! Child processes whose failure is understandable: each error names the command and what to do about it.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command to run, with the advice to give when it fails.
pub(crate) struct Process {
    command: Command,
    settings: Vec<String>,
    advice: Option<String>,
}

impl Process {
    /// Any program, run in the repository's root with nothing to read.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(workspace::root()).stdin(Stdio::null());
        Self {
            command,
            settings: Vec::new(),
            advice: None,
        }
    }

    /// The cargo that the person uses.
    pub(crate) fn cargo() -> Self {
        Self::cargo_at("cargo")
    }

    /// A cargo that lies elsewhere.
    pub(crate) fn cargo_at(program: &str) -> Self {
        let mut process = Self::new(program);
        for name in set_by_cargo_run() {
            process.command.env_remove(name);
        }
        process
    }

    /// The npm that the person uses, in the web client's folder.
    pub(crate) fn npm() -> Self {
        Self::new("npm").folder(&workspace::web())
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.settings
            .push(format!("{name}={}", value.as_ref().to_string_lossy()));
        self.command.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// What the reader should do when the command fails.
    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Runs the command with its output on the terminal.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self.command.status().with_context(|| self.cannot_start())?;
        if !status.success() {
            bail!("{}", self.failed(&status.to_string()));
        }
        Ok(())
    }

    /// Runs the command and returns what it wrote to standard output; its complaints stay on the terminal.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self
            .command
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| self.cannot_start())?;
        if !output.status.success() {
            bail!("{}", self.failed(&output.status.to_string()));
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{}` wrote something other than text", self.shown()))
    }

    /// Asks a question: the command's output when it succeeded, nothing when it failed or is not there.
    pub(crate) fn answer(mut self) -> Option<String> {
        let Output { status, stdout, .. } = self.command.stderr(Stdio::null()).output().ok()?;
        status
            .success()
            .then(|| String::from_utf8_lossy(&stdout).trim().to_owned())
    }

    /// The command as a person would type it.
    pub(crate) fn shown(&self) -> String {
        let mut shown = String::new();
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        for word in self.settings.iter().map(OsStr::new).chain(words) {
            let separator = if shown.is_empty() { "" } else { " " };
            let _ = write!(shown, "{separator}{}", quoted(&word.to_string_lossy()));
        }
        shown
    }

    fn cannot_start(&self) -> String {
        let program = self.command.get_program().to_string_lossy();
        self.with_advice(format!("cannot start `{program}` (for `{}`)", self.shown()))
    }

    fn failed(&self, status: &str) -> String {
        self.with_advice(format!("`{}` failed ({status})", self.shown()))
    }

    fn with_advice(&self, mut message: String) -> String {
        if let Some(advice) = &self.advice {
            let _ = write!(message, "\n  {advice}");
        }
        message
    }
}

/// The variables by which `cargo run` describes xtask itself to xtask.
///
/// Some build scripts ask cargo to run them again when these change, so a cargo started from here would rebuild what a
/// cargo started by hand has built, and the other way round.
fn set_by_cargo_run() -> impl Iterator<Item = String> {
    let settings_of_the_person = [
        "CARGO_HOME",
        "CARGO_TARGET_DIR",
        "CARGO_INCREMENTAL",
        "CARGO_TERM_COLOR",
    ];
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(move |name| {
            let kept = settings_of_the_person.contains(&name.as_str())
                || [
                    "CARGO_NET_",
                    "CARGO_HTTP_",
                    "CARGO_REGISTR",
                    "CARGO_BUILD_",
                    "CARGO_PROFILE_",
                    "CARGO_TARGET_",
                ]
                .iter()
                .any(|prefix| name.starts_with(prefix));
            name == "CARGO" || (name.starts_with("CARGO_") && !kept)
        })
}

fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named_with_its_settings_and_its_advice() {
        let failing = Process::new("sh")
            .args(["-c", "exit 3"])
            .env("COLOUR", "blue")
            .advice("Try something else.");
        let message = failing.run().unwrap_err().to_string();
        assert!(message.contains("COLOUR=blue sh -c 'exit 3'"), "{message}");
        assert!(message.contains("Try something else."), "{message}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let message = format!("{:#}", Process::new("no-such-program").run().unwrap_err());
        assert!(message.contains("cannot start `no-such-program`"), "{message}");
    }
}
