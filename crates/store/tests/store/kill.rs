//! I7: what was acknowledged survives kill -9, and no batch is torn.

use crate::{child, open, stream};
use incamera_store::{NewEvent, SqliteStore, Store};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const KILLS: u64 = 100;

/// The events of one batch share its number; the batch says how many they are.
fn batch(number: u64) -> Vec<Vec<u8>> {
    let events = 1 + number % 4;
    // Small and large ones, so that kills fall into the log being written and into its being folded into the file.
    let length = if number.is_multiple_of(5) { 30_000 } else { 20 };
    let body = |index: u64| {
        let mut body = [number, index, events].map(u64::to_be_bytes).concat();
        body.resize(body.len() + length, (number ^ index) as u8);
        body
    };
    (0..events).map(body).collect()
}

/// How many whole batches are stored; fails when one is torn or altered.
fn whole_batches(store: &SqliteStore) -> u64 {
    let stored = store.read(&stream(1), 0).unwrap();
    let mut stored = stored.iter().peekable();
    let mut batches = 0;
    while stored.peek().is_some() {
        for expected in batch(batches) {
            let event = stored.next().unwrap_or_else(|| panic!("batch {batches} is torn"));
            assert_eq!(event.body, expected, "batch {batches}");
        }
        batches += 1;
    }
    batches
}

/// The child: appends for ever and says after each batch how many it has been promised.
pub(crate) fn append_until_killed(folder: &Path) {
    let store = open(folder);
    let mut number = whole_batches(&store);
    let mut last = store.read(&stream(1), 0).unwrap().len() as u64;
    let mut out = std::io::stdout();
    loop {
        let bodies = batch(number);
        let events: Vec<_> = bodies.iter().map(|body| NewEvent { kind: "said", body }).collect();
        last = store.append(&stream(1), last, &events, number).unwrap();
        number += 1;
        writeln!(out, "\nacknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn acknowledged_events_survive_kill_9_and_no_batch_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let mut child = child::command(&std::env::current_exe().unwrap(), "append until killed", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

        // Each life ends at another point: before the file is even open, or some batches and some moments later.
        for _ in 0..kill % 13 {
            acknowledged = next_acknowledgement(&mut lines).unwrap();
        }
        let moment = Duration::from_micros(kill * 7_919 % 4_000);
        let began = Instant::now();
        while began.elapsed() < moment {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(last) = next_acknowledgement(&mut lines) {
            acknowledged = last;
        }

        let stored = whole_batches(&open(folder.path()));
        assert!(
            stored >= acknowledged,
            "kill {kill}: {acknowledged} batches acknowledged, {stored} there"
        );
        assert!(stored <= acknowledged + 1, "kill {kill}: a batch from nowhere");
        // What was stored but not acknowledged counts from now on: it has been read.
        acknowledged = stored;
    }
    assert!(
        acknowledged > KILLS,
        "the children lived too short to show anything: {acknowledged} batches"
    );
}

fn next_acknowledgement(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Option<u64> {
    lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
}
