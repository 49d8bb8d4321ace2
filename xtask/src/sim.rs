//! `cargo xtask sim`: whole meetings in virtual time, as many seeds as wanted.

use crate::process::Process;
use anyhow::Result;
use clap::Args;

/// Which seeds to play.
#[derive(Args)]
pub(crate) struct Seeds {
    /// How many; one if only `--seed` is given
    #[arg(long)]
    seeds: Option<u64>,
    /// The first
    #[arg(long)]
    seed: Option<u64>,
    /// Show everything that happens (of a single seed)
    #[arg(long)]
    verbose: bool,
}

impl Seeds {
    fn arguments(&self) -> Vec<String> {
        let many = if self.seed.is_some() { 1 } else { 1_000 };
        let mut arguments = vec![
            "--seeds".to_owned(),
            self.seeds.unwrap_or(many).to_string(),
            "--seed".to_owned(),
            self.seed.unwrap_or(1).to_string(),
        ];
        if self.verbose {
            arguments.push("--verbose".to_owned());
        }
        arguments
    }
}

/// Plays them; fails with the trace of each seed in which a promise was broken.
pub(crate) fn play(seeds: &Seeds) -> Result<()> {
    Process::cargo()
        .args(["run", "--quiet", "--package", "incamera-sim", "--"])
        .args(seeds.arguments())
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_alone_is_played_once_and_nothing_means_a_thousand() {
        let seeds = |seeds, seed| Seeds {
            seeds,
            seed,
            verbose: false,
        };
        assert_eq!(seeds(None, Some(7)).arguments(), ["--seeds", "1", "--seed", "7"]);
        assert_eq!(seeds(None, None).arguments(), ["--seeds", "1000", "--seed", "1"]);
        assert_eq!(seeds(Some(5), Some(7)).arguments(), ["--seeds", "5", "--seed", "7"]);
    }
}
