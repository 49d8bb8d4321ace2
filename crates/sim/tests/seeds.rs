//! Whole meetings under a hostile scheduler. Every step of every seed is held against the invariants; see the crate.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use incamera_sim::{Keep, Report, run, run_many};

/// Seeds that once broke something, by what they broke. They play other meetings once the scheduler changes; what each
/// found has a test of its own in `crates/seal/tests/lost_and_late.rs`.
const ONCE_BROKEN: [u64; 12] = [82, 385, 449, 657, 764, 895, 975, 1097, 1383, 1562, 2024, 2069];

const SEEDS: u64 = 1_000;

fn told(report: &Report) -> String {
    let why = report.broken.clone().unwrap_or_default();
    format!(
        "seed {}: {why} (cargo xtask sim --seed {} --verbose)",
        report.seed, report.seed
    )
}

#[test]
fn whatever_a_thousand_seeds_do_to_a_meeting_its_promises_hold_and_it_settles() {
    let broken = Mutex::new(Vec::new());
    run_many(1, SEEDS, |report| {
        if report.broken.is_some() {
            broken.lock().unwrap().push(told(&report));
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn what_once_broke_holds() {
    for seed in ONCE_BROKEN {
        let report = run(seed, Keep::TheEnd);
        assert_eq!(report.broken, None, "{}", told(&report));
    }
}

#[test]
fn a_seed_is_the_same_run_byte_for_byte() {
    for seed in [3, 14, 159, 265, 358, 979] {
        let (first, second) = (run(seed, Keep::Everything), run(seed, Keep::Everything));
        let differs = first.lines.iter().zip(&second.lines).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.hash, second.hash, "seed {seed}");
    }
}

#[test]
fn two_seeds_are_two_runs() {
    assert_ne!(run(1, Keep::TheEnd).hash, run(2, Keep::TheEnd).hash);
}
