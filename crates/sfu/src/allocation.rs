//! Who gets which layer, within what a receiver's path takes. Pure: demands and a budget in, layers out.
//!
//! Sound is not in here: what it needs is taken off the budget before, whatever is left.

use crate::limits::{BETTER_PERCENT, LAYERS_MAX};

/// What one slot could be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Demand {
    /// Bits per second of each layer, smallest first; `None` where there is none to be had, or none so large wanted.
    pub(crate) costs: [Option<u64>; LAYERS_MAX],
    /// The layer it was given last.
    pub(crate) now: Option<usize>,
}

impl Demand {
    /// What a layer counts as: never less than a smaller one, whatever was measured.
    fn cost(&self, layer: Option<usize>) -> Option<u64> {
        let Some(at) = layer else { return Some(0) };
        self.costs.get(at).copied().flatten()?;
        self.costs.get(..=at)?.iter().copied().flatten().max()
    }

    /// What its largest layer costs.
    pub(crate) fn largest(&self) -> u64 {
        self.costs.iter().copied().flatten().max().unwrap_or(0)
    }

    /// The same with its smallest layer for nothing: it is given whatever the budget is.
    pub(crate) fn least_free(&self) -> Self {
        let mut costs = self.costs;
        if let Some(least) = costs.iter_mut().flatten().next() {
            *least = 0;
        }
        Demand { costs, ..*self }
    }

    /// Whether there is a larger layer than this to be had.
    pub(crate) fn wants_more_than(&self, layer: Option<usize>) -> bool {
        self.costs.iter().rposition(Option::is_some) > layer
    }

    /// The same without anything larger than it has, or than the smallest there is.
    fn without_more(&self) -> Self {
        let smallest = self.costs.iter().position(Option::is_some);
        let largest = self.kept().or(smallest).unwrap_or(0);
        let mut costs = self.costs;
        for cost in costs.iter_mut().skip(largest + 1) {
            *cost = None;
        }
        Demand { costs, ..*self }
    }

    /// What it was given, as far as that is still to be had; otherwise the next smaller.
    pub(crate) fn kept(&self) -> Option<usize> {
        let now = self.now?;
        (0..=now).rev().find(|at| self.cost(Some(*at)).is_some())
    }
}

/// Whether more than before may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rise {
    /// It may.
    Allowed,
    /// The path has just proved too narrow: nobody is given more, but who has nothing may be given the least.
    NotYet,
}

/// A layer for each demand, or none. Demands come in order of priority.
///
/// What was given stays as long as it fits, unless clearly less than the budget suffices for something better: so small
/// movements of the budget change nothing.
pub(crate) fn allocate(budget: u64, rise: Rise, demands: &[Demand]) -> Vec<Option<usize>> {
    let kept: Vec<Option<usize>> = demands.iter().map(Demand::kept).collect();
    if total(demands, &kept) > budget {
        return share(budget, demands);
    }
    let surely = budget.saturating_mul(BETTER_PERCENT) / 100;
    let better = match rise {
        Rise::Allowed => share(surely, demands),
        Rise::NotYet => share(surely, &demands.iter().map(Demand::without_more).collect::<Vec<_>>()),
    };
    if rank(&better) > rank(&kept) { better } else { kept }
}

/// First something for everybody, in order of priority; then, in the same order, as much as fits for each.
pub(crate) fn share(budget: u64, demands: &[Demand]) -> Vec<Option<usize>> {
    let mut left = budget;
    let mut given = Vec::with_capacity(demands.len());
    for demand in demands {
        let smallest = (0..LAYERS_MAX).find_map(|at| Some((at, demand.cost(Some(at))?)));
        given.push(match smallest {
            Some((at, cost)) if cost <= left => {
                left -= cost;
                Some(at)
            }
            _ => None,
        });
    }
    for (demand, layer) in demands.iter().zip(&mut given) {
        let Some(smallest) = *layer else { continue };
        let free = left.saturating_add(demand.cost(*layer).unwrap_or(0));
        let largest = (smallest..LAYERS_MAX)
            .rev()
            .find_map(|at| Some((at, demand.cost(Some(at)).filter(|cost| *cost <= free)?)));
        if let Some((at, cost)) = largest {
            left = free - cost;
            *layer = Some(at);
        }
    }
    given
}

fn total(demands: &[Demand], given: &[Option<usize>]) -> u64 {
    let costs = demands
        .iter()
        .zip(given)
        .filter_map(|(demand, layer)| demand.cost(*layer));
    costs.fold(0, u64::saturating_add)
}

/// The order of goodness: who is shown at all counts before how well, and the first demands before the later ones.
fn rank(given: &[Option<usize>]) -> (Vec<bool>, Vec<Option<usize>>) {
    (given.iter().map(Option::is_some).collect(), given.to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn camera(now: Option<usize>) -> Demand {
        Demand {
            costs: [Some(150), Some(500), Some(1_700)],
            now,
        }
    }

    #[test]
    fn everybody_is_shown_before_anybody_is_shown_large() {
        let three = [camera(None), camera(None), camera(None)];
        assert_eq!(share(449, &three), [Some(0), Some(0), None]);
        assert_eq!(share(450, &three), [Some(0), Some(0), Some(0)]);
        assert_eq!(share(800, &three), [Some(1), Some(0), Some(0)]);
        assert_eq!(share(2_000, &three), [Some(2), Some(0), Some(0)]);
        assert_eq!(share(2_400, &three), [Some(2), Some(1), Some(0)]);
        assert_eq!(share(9_000, &three), [Some(2), Some(2), Some(2)]);
        assert_eq!(share(0, &three), [None, None, None]);
    }

    #[test]
    fn more_is_given_only_when_clearly_less_than_the_budget_suffices() {
        let one = |now| [camera(Some(now))];
        assert_eq!(allocate(550, Rise::Allowed, &one(0)), [Some(0)]);
        assert_eq!(allocate(600, Rise::Allowed, &one(0)), [Some(1)]);
        assert_eq!(allocate(500, Rise::Allowed, &one(1)), [Some(1)]);
        assert_eq!(allocate(499, Rise::Allowed, &one(1)), [Some(0)]);
        assert_eq!(allocate(149, Rise::Allowed, &one(1)), [None]);
        assert_eq!(allocate(9_000, Rise::NotYet, &one(0)), [Some(0)]);
        assert_eq!(allocate(9_000, Rise::NotYet, &[camera(None)]), [Some(0)]);
    }

    #[test]
    fn a_layer_that_is_not_to_be_had_gives_way_to_the_next_smaller() {
        let mut demand = camera(Some(2));
        demand.costs[2] = None;
        assert_eq!(allocate(9_000, Rise::NotYet, &[demand]), [Some(1)]);
        demand.costs = [None, None, None];
        assert_eq!(allocate(9_000, Rise::Allowed, &[demand]), [None]);
    }

    #[test]
    fn the_least_is_given_for_nothing_where_it_is_free() {
        let three = [camera(None).least_free(); 3];
        assert_eq!(share(0, &three), [Some(0), Some(0), Some(0)]);
        assert_eq!(share(600, &three), [Some(1), Some(0), Some(0)]);
        let mut without = camera(None);
        without.costs = [None, Some(500), None];
        assert_eq!(share(0, &[without.least_free()]), [Some(1)]);
    }

    #[test]
    fn the_floor_takes_from_whoever_had_more() {
        let demands = [camera(Some(0)), camera(Some(2))];
        assert_eq!(allocate(2_200, Rise::Allowed, &demands), [Some(2), Some(0)]);
    }

    fn demands() -> impl Strategy<Value = Vec<Demand>> {
        let cost = prop::option::weighted(0.8, 1u64..3_000);
        let demand =
            (prop::array::uniform3(cost), prop::option::of(0usize..3)).prop_map(|(costs, now)| Demand { costs, now });
        prop::collection::vec(demand, 0..8)
    }

    fn rise() -> impl Strategy<Value = Rise> {
        prop_oneof![Just(Rise::Allowed), Just(Rise::NotYet)]
    }

    proptest! {
        #[test]
        fn the_budget_is_never_exceeded(budget in 0u64..10_000, rise in rise(), demands in demands()) {
            let given = allocate(budget, rise, &demands);
            prop_assert_eq!(given.len(), demands.len());
            prop_assert!(total(&demands, &given) <= budget);
            for (demand, layer) in demands.iter().zip(&given) {
                prop_assert!(demand.cost(*layer).is_some(), "gave what is not to be had");
            }
        }

        #[test]
        fn chosen_again_nothing_changes(budget in 0u64..10_000, rise in rise(), demands in demands()) {
            let given = allocate(budget, rise, &demands);
            let mut again = demands;
            for (demand, layer) in again.iter_mut().zip(&given) {
                demand.now = *layer;
            }
            prop_assert_eq!(allocate(budget, rise, &again), given);
        }

        #[test]
        fn who_comes_earlier_is_given_no_less(
            budget in 0u64..10_000,
            demands in demands(),
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
        ) {
            prop_assume!(!demands.is_empty());
            let from = from.index(demands.len());
            let to = to.index(from + 1);
            let before = share(budget, &demands);
            let mut raised = demands;
            let demand = raised.remove(from);
            raised.insert(to, demand);
            let after = share(budget, &raised);
            prop_assert!(after[to] >= before[from], "{before:?} became {after:?}");
        }

        #[test]
        fn a_larger_budget_is_no_worse(budget in 0u64..10_000, more in 0u64..5_000, demands in demands()) {
            prop_assert!(rank(&share(budget + more, &demands)) >= rank(&share(budget, &demands)));
        }
    }
}
