//! The one way in: serve, test, ci, lint, wasm, web.
//!
//! Everything a person or a CI machine does with this repository is a command here, so that there is one description
//! of how it is built and no second one in a Makefile or a wiki. `cargo xtask help` lists the commands.
#![forbid(unsafe_code)]

mod architecture;
mod bench;
mod budget;
mod lint;
mod mutants;
mod needs;
mod process;
mod serve;
mod sim;
mod stamp;
mod test;
mod types;
mod wasm;
mod web;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "The one way in: build, run and test incamera",
    version
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and start the server; arguments after `--` go to `incamera serve`
    Serve {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build everything and run every test
    Test(test::Selection),
    /// What CI runs: the same as `test`
    Ci,
    /// Format, clippy, documentation and the directions of dependency
    Lint,
    /// Play whole meetings in virtual time under a hostile scheduler
    Sim(sim::Seeds),
    /// Plant bugs on purpose; each must turn its test red
    Mutants(mutants::Selection),
    /// Build the web client into web/dist
    Web,
    /// Build the browser's copy of the cryptography into web/src/wasm
    Wasm,
    /// Measure the browser's wasm, under Node: commits, with the arguments of `incamera bench commit` after `--`, or frames;
    /// or what a room of ten costs a Chromium, or what Lighthouse says of the pages; or hold the forwarding of media to its
    /// bounds, on a machine that does nothing else
    Bench {
        #[arg(default_value = "commit", value_parser = ["commit", "frames", "room", "pages", "media"])]
        what: String,
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Write the TypeScript types of the wire into web/src/protocol
    Types,
    /// Say what this machine has and what it lacks
    Doctor,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve { arguments } => serve::serve(&arguments),
        Command::Test(selection) => test::run(&selection),
        Command::Ci => test::run(&test::Selection::everything()),
        Command::Lint => lint::everything(),
        Command::Sim(seeds) => sim::play(&seeds),
        Command::Mutants(selection) => mutants::run(&selection),
        Command::Web => web::build(),
        Command::Wasm => wasm::build(),
        Command::Bench { what, arguments } => bench::run(&what, &arguments),
        Command::Types => types::write(),
        Command::Doctor => needs::doctor(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
