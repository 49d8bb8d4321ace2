//! A delegation's own page: whom it has met, and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use incamera_protocol::limits;
use incamera_protocol::public::PublicState;
use maud::{Markup, html};

use super::Page;
use super::course::{Stands, date, enumerated, lengths, stands};
use super::layout::{About, page};
use super::time::{duration, moment};
use crate::published::PublicView;

/// The address of a delegation's page.
pub(super) fn link_to(name: &str) -> String {
    let mut link = String::from("/d/");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link
}

/// The page, if a meeting that the public knows of names such a delegation.
pub(crate) fn delegation(views: &[Arc<PublicView>], name: &str, now_ms: u64) -> Option<Page> {
    let mut meetings: Vec<&PublicState> = views
        .iter()
        .map(|view| &*view.state)
        .filter(|state| state.delegations.iter().any(|side| side.name == name))
        .collect();
    if meetings.is_empty() {
        return None;
    }
    meetings.sort_by_key(|state| std::cmp::Reverse(date(state)));
    let counterparts = counterparts(&meetings, name, now_ms);
    let body = html! {
        main.page #delegation {
            header.house { a.mark href="/" { "incamera" } }
            h1 { (name) }
            p.quiet {
                "All meetings of this house whose charter names a delegation so. The same name is no proof of the same "
                "body: whoever convenes a meeting writes the names."
            }
            @if !counterparts.is_empty() {
                section.days {
                    h2 { "With whom" }
                    ul {
                        @for (other, met) in counterparts.iter().take(limits::SCHEDULE_MEETINGS_MAX) {
                            li { a href=(link_to(other)) { (other) } p.small.quiet { (met_line(met)) } }
                        }
                    }
                }
            }
            section.days {
                h2 { "Meetings" }
                ul {
                    @for state in meetings.iter().take(limits::SCHEDULE_MEETINGS_MAX) { (entry(state, now_ms)) }
                }
                @if meetings.len() > limits::SCHEDULE_MEETINGS_MAX {
                    p.small.quiet { "Only the latest " (limits::SCHEDULE_MEETINGS_MAX) " are shown." }
                }
            }
            footer { a href="/" { "All meetings" } }
        }
    };
    let title = format!("{name} · incamera");
    let description = format!("Meetings of {name} in this house, and with whom.");
    let about = About {
        title: &title,
        description: &description,
        feeds: None,
    };
    Some(page(&about, &body))
}

/// When two sides met. A side has met if somebody used its link, in a meeting that was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Met {
    times: usize,
    first_ms: u64,
    last_ms: u64,
}

/// Every counterpart with whom the delegation has met, the latest first. `meetings` stand with the latest first.
fn counterparts<'a>(meetings: &[&'a PublicState], name: &str, now_ms: u64) -> Vec<(&'a str, Met)> {
    let mut met: BTreeMap<&str, Met> = BTreeMap::new();
    for state in meetings {
        let (Some(started_ms), Stands::Running | Stands::Past(_)) = (state.started_at_ms, stands(state, now_ms)) else {
            continue;
        };
        let came = |of: &str| {
            state
                .delegations
                .iter()
                .any(|side| side.name == of && side.key.is_some())
        };
        if !came(name) {
            continue;
        }
        for other in state
            .delegations
            .iter()
            .filter(|other| other.name != name && other.key.is_some())
        {
            let met = met.entry(&other.name).or_insert(Met {
                times: 0,
                first_ms: started_ms,
                last_ms: started_ms,
            });
            met.times += 1;
            met.first_ms = met.first_ms.min(started_ms);
            met.last_ms = met.last_ms.max(started_ms);
        }
    }
    let mut met: Vec<(&str, Met)> = met.into_iter().collect();
    met.sort_by_key(|(_, met)| std::cmp::Reverse(met.last_ms));
    met
}

fn met_line(met: &Met) -> Markup {
    html! {
        "Last met " (moment(met.last_ms)) "; "
        @if met.times == 1 { "once" } @else { "met " (met.times) " times since " (moment(met.first_ms)) }
    }
}

fn entry(state: &PublicState, now_ms: u64) -> Markup {
    html! {
        li {
            a href={"/m/" (state.meeting)} { (state.title) }
            p.small { (enumerated(state)) }
            p.small.quiet {
                (moment(date(state)))
                @match (stands(state, now_ms), lengths(state)) {
                    (Stands::Running, _) => ", under way",
                    (Stands::ToCome(_), _) => ", to come",
                    (Stands::Past(_), Some((total_ms, open_ms))) => {
                        ", " (duration(total_ms)) ", of which " (duration(open_ms)) " in public"
                    }
                    (Stands::Past(_), None) => ", not held",
                }
            }
        }
    }
}
