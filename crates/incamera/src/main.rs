//! One meeting, partly in public and partly behind closed doors.

mod bench;
mod demo;
mod doctor;
mod import;
mod record;
mod serve;
mod table;
mod turn;
mod verify;
mod watcher;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A self-hosted server for meetings that are partly public and partly closed.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a house.
    Serve(serve::Serve),
    /// Says what this program is, and whether a house would stand here. Exit code 1 if something is wrong.
    Doctor(doctor::Doctor),
    /// Plays a whole meeting with native clients on this machine, and checks what must hold.
    Demo(demo::Demo),
    /// Checks the record of a meeting. Exit code 1 if it does not hold.
    Verify(verify::Verify),
    /// Fetches the record of a meeting into one file, and checks it.
    Export(verify::Export),
    /// Takes a meeting that was held in another house into this one, to be read. Exit code 1 if it is refused.
    Import(import::Import),
    #[command(hide = true)]
    Watch(watcher::Watch),
    /// Measures how fast a meeting closes and what its commits cost, on this machine.
    Bench(bench::Bench),
}

impl Command {
    /// What is logged unless RUST_LOG says otherwise. Where times are measured, nothing but trouble.
    fn log_filter(&self) -> &'static str {
        match self {
            Self::Serve(_) | Self::Watch(_) | Self::Demo(_) => "info",
            Self::Bench(_) | Self::Doctor(_) | Self::Verify(_) | Self::Export(_) | Self::Import(_) => "warn",
        }
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(arguments.command.log_filter()));
    tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(is_discreet))
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .init();
    match arguments.command {
        Command::Serve(serve) => serve.run().await?,
        Command::Watch(watch) => watch.run().await?,
        Command::Doctor(doctor) => return doctor.run().await,
        Command::Demo(demo) => demo.run().await?,
        Command::Verify(verify) => return Ok(verify.run().await),
        Command::Export(export) => return Ok(export.run().await),
        Command::Import(import) => return Ok(import.run().await),
        Command::Bench(bench) => bench.run().await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The libraries below the sockets and the groups write whole messages and trees at `trace`: names, signatures, tickets.
/// Whatever RUST_LOG says, only this project's own crates speak so finely.
fn is_discreet(metadata: &Metadata<'_>) -> bool {
    *metadata.level() != Level::TRACE || metadata.target().starts_with("incamera")
}
