//! What follows from a public state: when, how long, with whom.

use incamera_protocol::public::{PublicAnnouncement, PublicPhase, PublicState};

use super::words::{Arg, Reader};

/// Announced, never held, and this long after its planned end: it is not to come any more.
const FORGOTTEN_MS: u64 = 12 * 3_600_000;

/// Where a meeting stands in the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Somebody meets.
    Running,
    /// It is to come, at this time if one was announced.
    ToCome(Option<u64>),
    /// It is over, or was never held: since then.
    Past(u64),
}

pub(super) fn announced(state: &PublicState) -> Option<&PublicAnnouncement> {
    state.announcements.last()
}

pub(super) fn stands(state: &PublicState, now_ms: u64) -> Stands {
    match state.phase {
        PublicPhase::Open | PublicPhase::Closing | PublicPhase::Closed => Stands::Running,
        PublicPhase::Adjourned => Stands::Past(state.started_at_ms.unwrap_or(state.since_ms)),
        PublicPhase::Convened => {
            let Some(announced) = announced(state) else {
                return Stands::ToCome(None);
            };
            let end_ms = announced
                .starts_at_ms
                .saturating_add(u64::from(announced.minutes) * 60_000);
            if now_ms > end_ms.saturating_add(FORGOTTEN_MS) {
                Stands::Past(announced.starts_at_ms)
            } else {
                Stands::ToCome(Some(announced.starts_at_ms))
            }
        }
    }
}

/// How long an adjourned meeting lasted, and how much of that was in public.
pub(super) fn lengths(state: &PublicState) -> Option<(u64, u64)> {
    let (started_ms, ended_ms) = (state.started_at_ms?, state.adjourned_at_ms?);
    let open_ms = state
        .parts
        .iter()
        .filter(|part| part.open)
        .map(|part| part.ended_at_ms.unwrap_or(ended_ms).saturating_sub(part.started_at_ms))
        .sum();
    Some((ended_ms.saturating_sub(started_ms), open_ms))
}

/// The time by which people know a meeting: when it began, or is to begin, or was convened.
pub(super) fn date(state: &PublicState) -> u64 {
    state
        .started_at_ms
        .or_else(|| announced(state).map(|announced| announced.starts_at_ms))
        .unwrap_or(state.convened_at_ms)
}

/// "Ardania, Borland and Cenland"; of very many only the first.
pub(super) fn enumerated(state: &PublicState, reader: Reader) -> String {
    const NAMED_MAX: usize = 8;
    let names: Vec<&str> = state.delegations.iter().map(|side| side.name.as_str()).collect();
    if names.len() <= NAMED_MAX {
        return listed(&names, reader);
    }
    let (first, rest) = names.split_at(NAMED_MAX);
    let rest = Arg::Number(rest.len() as u64);
    reader.text(
        "list-more",
        &[("list", Arg::Said(&joined(first, reader))), ("number", rest)],
    )
}

/// "Ardania, Borland and Cenland": plain text, in the direction of the page, with each name set apart.
pub(super) fn listed(names: &[&str], reader: Reader) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            let list = joined(rest, reader);
            reader.text("list-last", &[("list", Arg::Said(&list)), ("name", Arg::Text(last))])
        }
        Some((last, _)) => reader.isolated(last).into_owned(),
        None => String::new(),
    }
}

fn joined(names: &[&str], reader: Reader) -> String {
    let together = names.iter().map(|name| reader.isolated(name).into_owned());
    let joined = together
        .reduce(|list, name| reader.text("list-next", &[("list", Arg::Said(&list)), ("name", Arg::Said(&name))]));
    joined.unwrap_or_default()
}
