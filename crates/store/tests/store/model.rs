//! Any sequence of calls does to the store what it does to a list.

use crate::{open, stream};
use incamera_store::{NewEvent, Store, StoreError, StoredEvent};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    /// Append with an expectation that is off by this much.
    Append {
        stream: u8,
        off_by: i8,
        bodies: Vec<Vec<u8>>,
    },
    Read {
        stream: u8,
        after: u64,
    },
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let off_by = prop_oneof![8 => Just(0), 1 => -2..=2_i8];
    let bodies = vec(vec(any::<u8>(), 0..64), 0..4);
    vec(
        prop_oneof![
            6 => (0..3_u8, off_by, bodies).prop_map(|(stream, off_by, bodies)| Step::Append { stream, off_by, bodies }),
            3 => (0..3_u8, 0..12_u64).prop_map(|(stream, after)| Step::Read { stream, after }),
            1 => Just(Step::Reopen),
        ],
        1..40,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_a_list_of_events_per_stream(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut model: BTreeMap<u8, Vec<StoredEvent>> = BTreeMap::new();
        for (now_ms, step) in (1_000_u64..).zip(steps) {
            match step {
                Step::Append { stream: name, off_by, bodies } => {
                    let list = model.entry(name).or_default();
                    let last = list.len() as u64;
                    let expected = last.saturating_add_signed(i64::from(off_by));
                    let kind = format!("kind {off_by}");
                    let events: Vec<_> = bodies.iter().map(|body| NewEvent { kind: &kind, body }).collect();
                    match store.append(&stream(name), expected, &events, now_ms) {
                        Ok(now_last) => {
                            prop_assert_eq!(expected, last);
                            prop_assert_eq!(now_last, last + bodies.len() as u64);
                            for (seq, body) in (last + 1..).zip(bodies) {
                                list.push(StoredEvent { seq, at_ms: now_ms, kind: kind.clone(), body });
                            }
                        }
                        Err(StoreError::Conflict { actual, .. }) => {
                            prop_assert_ne!(expected, last);
                            prop_assert_eq!(actual, last);
                        }
                        Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
                    }
                }
                Step::Read { stream: name, after } => {
                    let list = model.get(&name).map_or(&[][..], Vec::as_slice);
                    let expected: Vec<_> = list.iter().filter(|event| event.seq > after).cloned().collect();
                    prop_assert_eq!(store.read(&stream(name), after).unwrap(), expected);
                }
                Step::Reopen => {
                    drop(store);
                    store = open(folder.path());
                }
            }
        }
        let known: Vec<_> = model.iter().filter(|(_, list)| !list.is_empty()).map(|(name, _)| stream(*name)).collect();
        prop_assert_eq!(store.streams().unwrap(), known);
    }
}
