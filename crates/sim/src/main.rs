//! Plays seeds: `--seeds` many from `--seed` on; `--verbose` shows the whole trace of a single one.

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use clap::Parser;
use incamera_sim::{Keep, Report, run, run_many};

#[derive(Parser)]
#[command(about = "Whole meetings in virtual time under a hostile scheduler")]
struct Arguments {
    /// How many
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Show everything that happens (of a single seed)
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.seeds == 1 {
        return show(&run(arguments.seed, Keep::Everything), arguments.verbose);
    }
    let started = Instant::now();
    let (failed, settled) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    run_many(arguments.seed, arguments.seeds, |report| {
        if report.broken.is_some() {
            print_failure(&report);
            failed.lock().unwrap_or_else(|it| it.into_inner()).push(report.seed);
        } else {
            settled
                .lock()
                .unwrap_or_else(|it| it.into_inner())
                .extend(report.settled_ms);
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    let settled = settled.into_inner().unwrap_or_default();
    let slowest = settled.iter().max().copied().unwrap_or(0);
    println!(
        "{} seeds from {} in {:.1} s: {} failed; honest ones settled within {slowest} ms",
        arguments.seeds,
        arguments.seed,
        started.elapsed().as_secs_f64(),
        failed.len(),
    );
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn show(report: &Report, verbose: bool) -> ExitCode {
    if verbose {
        report.lines.iter().for_each(|line| println!("{line}"));
    }
    println!(
        "seed {} trace {} settled {:?}",
        report.seed, report.hash, report.settled_ms
    );
    match &report.broken {
        None => ExitCode::SUCCESS,
        Some(why) => {
            println!("broken: {why}");
            ExitCode::FAILURE
        }
    }
}

fn print_failure(report: &Report) {
    let why = report.broken.as_deref().unwrap_or_default();
    let end: Vec<&str> = report.lines.iter().map(String::as_str).collect();
    let (seed, end) = (report.seed, end.join("\n  "));
    println!("seed {seed}: {why}\n  {end}\n  again: cargo xtask sim --seed {seed} --verbose\n");
}
