//! One meeting, partly in public and partly behind closed doors.

mod bench;
mod demo;
mod serve;
mod table;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

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
    /// Plays a whole meeting with native clients on this machine, and checks what must hold.
    Demo(demo::Demo),
    /// Measures how fast a meeting closes and what its commits cost, on this machine.
    Bench(bench::Bench),
}

impl Command {
    /// What is logged unless RUST_LOG says otherwise. Where times are measured, nothing but trouble.
    fn log_filter(&self) -> &'static str {
        match self {
            Self::Serve(_) | Self::Demo(_) => "info",
            Self::Bench(_) => "warn",
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(arguments.command.log_filter()));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match arguments.command {
        Command::Serve(serve) => serve.run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Bench(bench) => bench.run().await,
    }
}
