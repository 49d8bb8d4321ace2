//! The planted bugs, a table for each area.

mod asides;
mod booths;
mod engine;
mod entry;
mod parts;
mod public;
mod record;
mod written;

/// A bug, and the test that must find it.
pub(super) struct Mutant {
    /// What is broken.
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// Text that stands in the file exactly once, and what takes its place.
    pub(super) edits: &'static [(&'static str, &'static str)],
    pub(super) package: &'static str,
    /// Which of the package's test programs.
    pub(super) target: &'static [&'static str],
    pub(super) test: &'static str,
}

const ATTACKS: &[&str] = &["--test", "attacks"];
const RULES: &[&str] = &["--test", "rules"];
const TAMPER: &[&str] = &["--test", "tamper"];
const LIB: &[&str] = &["--lib"];

/// Every one of them.
pub(super) fn mutants() -> impl Iterator<Item = &'static Mutant> {
    let tables = [
        entry::MUTANTS,
        parts::MUTANTS,
        record::MUTANTS,
        public::MUTANTS,
        booths::MUTANTS,
        engine::MUTANTS,
        written::MUTANTS,
        asides::MUTANTS,
    ];
    tables.into_iter().flatten()
}
