//! The meeting that is measured.

use incamera_meeting::{Draft, DraftItem};

/// The agenda's items, as indices.
pub(crate) const PUBLIC_ITEM: u32 = 0;
pub(crate) const CLOSED_ITEM: u32 = 1;

/// A meeting of so many sides, with a public and a closed item.
pub(crate) fn draft(delegations: usize) -> Draft {
    Draft {
        title: "A measurement".to_owned(),
        languages: vec!["en".to_owned()],
        delegations: (1..=delegations).map(|number| format!("Delegation {number}")).collect(),
        agenda: vec![
            DraftItem {
                title: "Words of welcome".to_owned(),
                public: true,
                ground: String::new(),
            },
            DraftItem {
                title: "Talks".to_owned(),
                public: false,
                ground: "Negotiation".to_owned(),
            },
        ],
        ..Draft::default()
    }
}
