//! A room and its ranking of sources.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;

use crate::counters::RoomCounters;
use crate::ids::{Circle, Kind, PeerId, Stream, Voice};
use crate::limits::{LOUDER_BY_DB, SPEAKING_DB};
use crate::slot::SourceKey;
use crate::table::PeerKey;

/// One room.
#[derive(Debug, Default)]
pub(crate) struct Room {
    pub(crate) peers: BTreeMap<PeerId, PeerKey>,
    pub(crate) viewers_routed: bool,
    pub(crate) counters: RoomCounters,
    /// Who speaks, by the last decision.
    pub(crate) speaker: Option<PeerKey>,
    /// The room's layers are looked at now and then.
    pub(crate) layered: bool,
    pub(crate) reviews: u32,
    /// The room's alarm is set.
    pub(crate) ticking: bool,
    pub(crate) ticks: u32,
    /// Some receiver has fewer slots than there are sources for it, so loudness decides.
    pub(crate) crowded: bool,
    /// Somebody went, so the lists of subscribers must be made anew.
    pub(crate) subscribers_stale: bool,
}

/// A source as the ranking sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ranked {
    pub(crate) key: SourceKey,
    pub(crate) joined: u64,
    pub(crate) loudness_db: i32,
    pub(crate) last_spoke: Option<Instant>,
    pub(crate) flows: bool,
    /// Where its sender's sound goes.
    pub(crate) voice: Voice,
}

impl Ranked {
    /// It is a picture, or sound of the floor.
    fn is_for_all(&self) -> bool {
        self.key.stream.kind() == Kind::Video || self.voice == Voice::Floor
    }

    /// It is sound for those of this circle.
    fn is_within(&self, circle: Option<Circle>) -> bool {
        self.key.stream.kind() == Kind::Audio && circle.is_some_and(|circle| self.voice == Voice::Circle(circle))
    }
}

/// The sources for one receiver, best first, but for those of channels. `first` is whom it wants before all others.
pub(crate) fn rank(
    sources: &[Ranked],
    kind: Kind,
    receiver: PeerKey,
    first: Option<PeerKey>,
    circle: Option<Circle>,
    slotted: &[Option<SourceKey>],
) -> Vec<SourceKey> {
    let mut others: Vec<&Ranked> = sources
        .iter()
        .filter(|source| source.key.stream.kind() == kind && source.key.peer != receiver)
        .filter(|source| source.is_for_all() || source.is_within(circle))
        .collect();
    match kind {
        // Who is in a slot is not thrown out by somebody just as loud.
        Kind::Audio => others.sort_by_key(|source| {
            let holds = if slotted.contains(&Some(source.key)) {
                LOUDER_BY_DB
            } else {
                0
            };
            let within = source.is_within(circle);
            (
                !within,
                Some(source.key.peer) != first,
                Reverse(source.loudness_db + holds),
                source.joined,
            )
        }),
        // A screen is shown so that all see it. Then whoever is wanted first, then whoever spoke last.
        Kind::Video => others.sort_by_key(|source| {
            (
                !source.flows,
                source.key.stream != Stream::Screen,
                Some(source.key.peer) != first,
                Reverse(source.last_spoke),
                source.joined,
            )
        }),
    }
    others.into_iter().map(|source| source.key).collect()
}

/// Who speaks now: the loudest, if loud enough, and clearly louder than who spoke before.
pub(crate) fn speaker(sources: &[Ranked], before: Option<PeerKey>) -> Option<PeerKey> {
    let heard = |source: &&Ranked| source.key.stream.kind() == Kind::Audio && source.is_for_all();
    let voices = || sources.iter().filter(heard);
    let loudest = voices().max_by_key(|source| (source.loudness_db, Reverse(source.joined)))?;
    if loudest.loudness_db < SPEAKING_DB {
        return before;
    }
    let present = before.and_then(|peer| voices().find(|source| source.key.peer == peer));
    match present {
        Some(present) if loudest.loudness_db < present.loudness_db + LOUDER_BY_DB => before,
        _ => Some(loudest.key.peer),
    }
}
