//! What follows from a public state: when, how long, with whom.

use incamera_protocol::public::{PublicAnnouncement, PublicPhase, PublicState};

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
pub(super) fn enumerated(state: &PublicState) -> String {
    const NAMED_MAX: usize = 8;
    let names: Vec<&str> = state.delegations.iter().map(|side| side.name.as_str()).collect();
    if names.len() > NAMED_MAX {
        let (first, rest) = names.split_at(NAMED_MAX);
        return format!("{} and {} more", first.join(", "), rest.len());
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}
