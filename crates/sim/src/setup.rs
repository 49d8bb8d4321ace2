//! What a seed plays: how large, how hostile, whether the server lies.

use incamera_meeting::{Draft, DraftItem};

use crate::chance::Chance;

/// How the server of a seed lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Drops, doubles, reorders, replays and garbles a little of everything.
    Noise,
    /// Nothing comes through to one person.
    Starve,
    /// No commits come through to one person.
    KeepCommits,
    /// Nothing that is said in order comes through to one person.
    KeepStatements,
    /// Two houses from one moment on, each with its own continuation; later somebody changes from one to the other.
    Fork,
}

pub(crate) struct Setup {
    pub(crate) delegations: u64,
    pub(crate) people_max: usize,
    pub(crate) steps: u64,
    /// 0 to 3: how often links are cut, people partitioned, tabs and the server crashed.
    pub(crate) hostility: u64,
    pub(crate) lie: Option<Lie>,
    pub(crate) opening_chair: Option<u16>,
    pub(crate) closing_chair: Option<u16>,
    /// It is adjourned in public.
    pub(crate) reports: bool,
}

impl Setup {
    pub(crate) fn of(chance: &mut Chance) -> Self {
        let delegations = chance.between(2, 3);
        let lies = [
            Lie::Noise,
            Lie::Starve,
            Lie::KeepCommits,
            Lie::KeepStatements,
            Lie::Fork,
        ];
        let lie = chance.pick(&lies).copied().filter(|_| chance.percent(20));
        Self {
            delegations,
            people_max: usize::try_from(chance.between(2, 5)).unwrap_or(2),
            steps: chance.between(30, 150),
            hostility: if lie.is_some() { 0 } else { chance.below(4) },
            lie,
            opening_chair: chance.percent(15).then_some(0),
            closing_chair: chance.percent(15).then_some(0),
            reports: chance.percent(25),
        }
    }

    pub(crate) fn draft(&self) -> Draft {
        let item = |title: &str, public, ground: &str| DraftItem {
            title: title.to_owned(),
            public,
            ground: ground.to_owned(),
        };
        Draft {
            title: "A meeting".to_owned(),
            languages: vec!["en".to_owned()],
            delegations: (0..self.delegations).map(|n| format!("Delegation {n}")).collect(),
            agenda: vec![item("Opening words", true, ""), item("Talks", false, "Negotiation")],
            opening_chair: self.opening_chair,
            closing_chair: self.closing_chair,
            reports: self.reports,
            pauses: false,
        }
    }
}
