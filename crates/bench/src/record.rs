//! How long a record takes to verify, and a proof that an entry is in it.
//!
//! Every entry but the first bears a signature of its own, by keys that the record itself brings: revocations of letters
//! by delegations that have claimed their slots. That is the dearest kind of entry for its size. No commits: following
//! MLS is measured by [`crate::CommitBench`].

use std::time::{Duration, Instant};

use incamera_meeting::{Draft, DraftItem, Event, LetterId, Seed, Signed};
use incamera_protocol::limits;
use incamera_record::{
    Bundle, Hash, Known, Scribe, Sha256Sum, Tree, house_origin, includes, log_key, meeting_origin, verify,
};

use crate::{BenchError, Spread};

const CONVENED_MS: u64 = 1_800_000_000_000;

/// Verifies records of one size.
#[derive(Debug, Clone, Copy)]
pub struct RecordBench {
    /// How many entries.
    pub entries: usize,
    /// How often.
    pub rounds: usize,
}

/// What it took.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RecordFigures {
    /// How many entries.
    pub entries: usize,
    /// How often it was measured.
    pub rounds: usize,
    /// Bytes of the entries.
    pub bytes: usize,
    /// Everything that `incamera verify` does once the record is in memory.
    pub verify_ms: Spread,
    /// Of that, what a witness does who only holds the tree against its head.
    pub tree_ms: Spread,
    /// To make the proof that an entry is in the tree, and to check it; over a thousand entries.
    pub inclusion_ms: Spread,
}

impl RecordBench {
    /// Makes a record and measures.
    pub fn run(&self) -> Result<RecordFigures, BenchError> {
        let most = limits::DELEGATIONS_MAX * limits::REVOCATIONS_MAX;
        if !(1_000..=most).contains(&self.entries) || self.rounds == 0 {
            return Err(BenchError::Plan(format!(
                "a record of 1,000 to {most} entries, and at least one round"
            )));
        }
        let bundle = self
            .record()
            .map_err(|why| BenchError::Plan(format!("no record can be made: {why}")))?;
        let mut verified = Vec::new();
        let mut hashed = Vec::new();
        for _ in 0..self.rounds {
            let started = Instant::now();
            let report = verify(&bundle, Known::default());
            verified.push(started.elapsed());
            if !report.ok || report.entries != self.entries as u64 {
                return Err(BenchError::Plan(format!(
                    "the record does not hold: {:?}",
                    report.problems
                )));
            }
            let started = Instant::now();
            let tree = tree_of(&bundle);
            hashed.push(started.elapsed());
            if tree.root().to_string() != report.root {
                return Err(BenchError::Plan("the root is another".to_owned()));
            }
        }
        let proofs = self.proofs(&bundle)?;
        let nothing = || BenchError::Plan("nothing was measured".to_owned());
        Ok(RecordFigures {
            entries: self.entries,
            rounds: self.rounds,
            bytes: bundle.entries.iter().map(Vec::len).sum(),
            verify_ms: Spread::of(verified).ok_or_else(nothing)?,
            tree_ms: Spread::of(hashed).ok_or_else(nothing)?,
            inclusion_ms: Spread::of(proofs).ok_or_else(nothing)?,
        })
    }

    fn proofs(&self, bundle: &Bundle) -> Result<Vec<Duration>, BenchError> {
        let tree = tree_of(bundle);
        let (size, root) = (tree.size(), tree.root());
        let step = (self.entries / 1_000).max(1);
        let mut taken = Vec::new();
        for (index, entry) in (0..).zip(&bundle.entries).step_by(step) {
            let started = Instant::now();
            let path = tree.inclusion(index, size);
            let holds = path.is_some_and(|path| includes(root, size, index, Hash::of_leaf(entry), &path));
            taken.push(started.elapsed());
            if !holds {
                return Err(BenchError::Plan(format!("entry {index} cannot be proven")));
            }
        }
        Ok(taken)
    }

    fn record(&self) -> Result<Bundle, String> {
        let delegations = self
            .entries
            .div_ceil(limits::REVOCATIONS_MAX)
            .max(limits::DELEGATIONS_MIN);
        let draft = Draft {
            title: "A record to measure".to_owned(),
            delegations: (0..delegations).map(|number| format!("Delegation {number}")).collect(),
            agenda: vec![DraftItem {
                title: "Everything".to_owned(),
                public: true,
                ground: String::new(),
            }],
            ..Draft::default()
        };
        let mut drawn = 0_u64;
        let random = || {
            drawn += 1;
            let mut bytes = [7; 32];
            bytes[..8].copy_from_slice(&drawn.to_be_bytes());
            bytes
        };
        let (charter, links) = draft.convene(CONVENED_MS, random).map_err(|error| error.to_string())?;
        let meeting = charter.charter.id();
        let (mut scribe, _) = Scribe::convene(&charter, CONVENED_MS).map_err(|error| error.to_string())?;
        let seeds: Vec<Seed> = (0..delegations).map(|number| Seed::new([number as u8; 32])).collect();
        for (link, seed) in links.iter().zip(&seeds) {
            let claim = Signed::claim(meeting, link.delegation, &link.slot_seed, seed.public_key());
            let event = Event::SlotClaimed { claim: Box::new(claim) };
            scribe.take(&event, CONVENED_MS).map_err(|error| error.to_string())?;
        }
        for (number, at_ms) in (1 + delegations..self.entries).zip(CONVENED_MS..) {
            let delegation = number % delegations;
            let mut letter = [0; 32];
            letter[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let seed = seeds.get(delegation).ok_or("no such delegation")?;
            let act = Signed::revoke(meeting, delegation as u16, LetterId(letter), at_ms, seed);
            let event = Event::Revoked { act: Box::new(act) };
            scribe.take(&event, at_ms).map_err(|error| error.to_string())?;
        }
        let house = Seed::new([9; 32]);
        let key = house.public_key();
        let charter = incamera_meeting::Encode::encode(&charter);
        Ok(Bundle {
            vkey: log_key(&house_origin(key), key).ok_or("no key")?.vkey(),
            checkpoint: scribe.checkpoint(meeting_origin(key, meeting)).sign(&house).write(),
            entries: scribe.entries().to_vec(),
            attachments: [(Sha256Sum::of(&charter), charter)].into(),
            ..Bundle::default()
        })
    }
}

fn tree_of(bundle: &Bundle) -> Tree {
    let mut tree = Tree::default();
    bundle.entries.iter().for_each(|entry| tree.push(Hash::of_leaf(entry)));
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_made_and_verified_and_nonsense_is_refused() {
        let figures = RecordBench {
            entries: 1_500,
            rounds: 1,
        }
        .run()
        .unwrap();
        assert!(figures.verify_ms.max >= figures.tree_ms.max);
        assert!(figures.inclusion_ms.max > 0.0 || figures.inclusion_ms.p50 == 0.0);
        assert!(RecordBench { entries: 3, rounds: 1 }.run().is_err());
        assert!(
            RecordBench {
                entries: 2_000,
                rounds: 0
            }
            .run()
            .is_err()
        );
    }
}
