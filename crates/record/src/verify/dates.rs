//! The house's clock against those of the people.
//!
//! A close never depends on anybody's clock, so that a single wrong one proves nothing against a record. Each change of
//! phase is dated by whoever moved it and, soon after, by whoever countersigns: one of them has to agree with the house.

use incamera_protocol::limits;

use super::replay::{Replayed, Turn};
use super::witness::Witnessed;
use super::{Found, Report};

pub(super) fn check(replayed: &Replayed, cosigned: &[Witnessed], report: &mut Report) {
    for turn in &replayed.turns {
        // A motion to open may have waited for its consents.
        let waited = if turn.opens {
            limits::MOTION_LIFE_MS + limits::COMMIT_WAIT_MS
        } else {
            limits::COMMIT_WAIT_MS
        };
        let early = turn.moved_at_ms.saturating_sub(turn.at_ms) > limits::CLOCK_SKEW_MS_MAX;
        let late = turn.at_ms.saturating_sub(turn.moved_at_ms) > limits::CLOCK_SKEW_MS_MAX + waited;
        if !early && !late {
            continue;
        }
        let witnessed = cosigned.iter().any(|it| agrees(it, turn));
        let seconds = turn.moved_at_ms.abs_diff(turn.at_ms) / 1_000;
        if turn.opens || !witnessed {
            report.problem(Some(turn.entry), Found::DatedOtherwise { seconds });
        } else {
            let number = turn.entry;
            report.remark(Found::DatedOtherwiseAgreed { number, seconds });
        }
    }
    if let Some(first) = cosigned.iter().min_by_key(|it| it.at_ms)
        && let Some(last) = usize::try_from(first.size)
            .ok()
            .and_then(|size| replayed.times.get(size.checked_sub(1)?))
        && last.saturating_sub(first.at_ms) > limits::CLOCK_SKEW_MS_MAX
        && cosigned.iter().all(|it| disagrees(it, replayed))
    {
        report.problem(Some(first.size - 1), Found::CountersignedBefore);
    }
}

/// Another member has countersigned it at about the time that the house gives.
fn agrees(it: &Witnessed, turn: &Turn) -> bool {
    it.size > turn.entry && it.letter != turn.mover && it.at_ms.abs_diff(turn.at_ms) <= limits::CLOCK_SKEW_MS_MAX
}

/// Dated before what it covers, by more than clocks may differ.
fn disagrees(it: &Witnessed, replayed: &Replayed) -> bool {
    let last = usize::try_from(it.size)
        .ok()
        .and_then(|size| replayed.times.get(size.checked_sub(1)?));
    last.is_some_and(|last| last.saturating_sub(it.at_ms) > limits::CLOCK_SKEW_MS_MAX)
}
