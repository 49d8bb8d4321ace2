//! Who may do what and when, as one table, and every cell of it tried against the rules.
//!
//! The table is what the protocol says (§5, §7 to §9) and is computed from nothing. A command, a statement, an act, a
//! kind of motion, a right or a role that the rules know and this file does not fails to compile; one without a cell
//! for every role, phase, chair and standing fails the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod deeds;
mod scene;
mod table;

use std::collections::BTreeSet;

use incamera_meeting::Role;

use deeds::{Deed, Kind, kind_of};
use scene::{Chair, Chairs, Phase, Scene, Standing};
use table::{Outcome, Table};

/// Whoever is not in the group has a role in a letter only; it must make no difference.
fn everybody() -> impl Iterator<Item = (Standing, Role)> {
    Standing::ALL
        .iter()
        .flat_map(|standing| Role::ALL.map(|role| (*standing, role)))
}

#[test]
fn everybody_may_do_exactly_what_the_table_says() {
    let table = Table::read();
    let mut wrong = Vec::new();
    let mut cells = 0;
    let mut tried = BTreeSet::new();
    for opening in Chair::ALL {
        for closing in Chair::ALL {
            let chairs = Chairs {
                opening: *opening,
                closing: *closing,
            };
            for phase in Phase::ALL {
                for (standing, role) in everybody() {
                    let scene = Scene::set(standing, role, chairs, *phase);
                    for deed in Deed::ALL {
                        let (meeting, command) = deed.by(&scene);
                        tried.insert(kind_of(&command));
                        let outcome = Outcome::of(&meeting.decide(scene::NOW_MS, command));
                        let expected = table.cell(*deed, standing, role, chairs, *phase);
                        cells += 1;
                        if outcome != expected {
                            wrong.push(format!(
                                "{}, {standing:?} {role:?}, {chairs:?}, {phase:?}: {outcome:?}, and the table says \
                                 {expected:?}",
                                deed.name()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cells} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let untried: Vec<&Kind> = Kind::ALL.iter().filter(|kind| !tried.contains(kind)).collect();
    assert!(untried.is_empty(), "no row tries {untried:?}");
    assert_eq!(cells, Deed::ALL.len() * 9 * 5 * 20);
}
