//! Which source goes into which slot. Pure: ranks in, slots out.

/// Fills slots with the first of the ranked sources. A source that stays keeps its slot; only what must change changes.
pub(crate) fn assign<S: Copy + PartialEq>(slots: &mut [Option<S>], ranked: &[S]) {
    let chosen = ranked.get(..slots.len()).unwrap_or(ranked);
    for slot in slots.iter_mut() {
        if slot.is_some_and(|source| !chosen.contains(&source)) {
            *slot = None;
        }
    }
    for source in chosen {
        if slots.contains(&Some(*source)) {
            continue;
        }
        if let Some(empty) = slots.iter_mut().find(|slot| slot.is_none()) {
            *empty = Some(*source);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everyone_has_a_slot_when_there_are_enough() {
        let mut slots = [None; 4];
        assign(&mut slots, &['a', 'b']);
        assign(&mut slots, &['c', 'b', 'a']);
        assert_eq!(slots, [Some('a'), Some('b'), Some('c'), None]);
    }

    #[test]
    fn a_newcomer_takes_only_the_place_of_the_one_who_goes() {
        let mut slots = [Some('a'), Some('b'), Some('c')];
        assign(&mut slots, &['d', 'c', 'a', 'b']);
        assert_eq!(slots, [Some('a'), Some('d'), Some('c')]);
    }

    proptest! {
        #[test]
        fn the_first_ranks_are_in_exactly_one_slot_each(
            before in prop::collection::vec(prop::option::of(0u8..12), 0..8),
            ranked in Just((0u8..12).collect::<Vec<_>>()).prop_shuffle(),
            take in 0usize..12,
        ) {
            let mut before = before;
            for at in 0..before.len() {
                if before[..at].contains(&before[at]) {
                    before[at] = None;
                }
            }
            let ranked = &ranked[..take];
            let mut after = before.clone();
            assign(&mut after, ranked);
            let expected = take.min(after.len());
            prop_assert_eq!(after.iter().flatten().count(), expected);
            for source in &ranked[..expected] {
                prop_assert_eq!(after.iter().filter(|slot| **slot == Some(*source)).count(), 1);
                if let Some(kept) = before.iter().position(|slot| slot == &Some(*source)) {
                    prop_assert_eq!(after[kept], Some(*source));
                }
            }
        }
    }
}
