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

/// What is fixed about a slot before the ranking is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<S> {
    /// Whoever ranks high enough.
    Free,
    /// This source, whatever its rank.
    Pinned(S),
    /// Nobody.
    Off,
}

/// The same as [`assign`], where some slots are spoken for. A pinned source is in the first slot it is pinned to, and in
/// no other.
pub(crate) fn assign_placed<S: Copy + PartialEq>(slots: &mut [Option<S>], places: &[Place<S>], ranked: &[S]) {
    let mut pinned: Vec<S> = Vec::new();
    let mut free: Vec<Option<S>> = Vec::new();
    for (slot, place) in slots.iter_mut().zip(places) {
        match place {
            Place::Pinned(source) if !pinned.contains(source) => {
                *slot = Some(*source);
                pinned.push(*source);
            }
            Place::Free => free.push(*slot),
            Place::Pinned(_) | Place::Off => *slot = None,
        }
    }
    let others: Vec<S> = ranked
        .iter()
        .copied()
        .filter(|source| !pinned.contains(source))
        .collect();
    assign(&mut free, &others);
    let places = slots.iter_mut().zip(places).filter(|(_, place)| **place == Place::Free);
    for ((slot, _), source) in places.zip(free) {
        *slot = source;
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

    #[test]
    fn a_pin_puts_its_source_there_and_takes_it_from_elsewhere() {
        use Place::{Free, Off, Pinned};
        let mut slots = [Some('a'), Some('b'), None];
        assign_placed(&mut slots, &[Free, Free, Pinned('a')], &['a', 'b', 'c']);
        assert_eq!(slots, [Some('c'), Some('b'), Some('a')]);
        assign_placed(&mut slots, &[Off, Pinned('z'), Pinned('z')], &['a', 'b', 'c']);
        assert_eq!(slots, [None, Some('z'), None]);
        assign_placed(&mut slots, &[Free, Free, Off], &['a', 'b', 'c']);
        assert_eq!(slots, [Some('a'), Some('b'), None]);
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
