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
use super::words::{Arg, Reader};
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
pub(crate) fn delegation(views: &[Arc<PublicView>], name: &str, reader: Reader, now_ms: u64) -> Option<Page> {
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
            header.house { a.mark href=(reader.link("/")) { "incamera" } }
            h1 { (reader.name(name)) }
            p.quiet { (reader.say("delegation-what")) }
            @if !counterparts.is_empty() {
                section.days {
                    h2 { (reader.say("with-whom")) }
                    ul {
                        @for (other, met) in counterparts.iter().take(limits::SCHEDULE_MEETINGS_MAX) {
                            li {
                                a href=(reader.link(&link_to(other))) { (reader.name(other)) }
                                p.small.quiet { (met_line(met, reader)) }
                            }
                        }
                    }
                }
            }
            section.days {
                h2 { (reader.say("meetings")) }
                ul {
                    @for state in meetings.iter().take(limits::SCHEDULE_MEETINGS_MAX) { (entry(state, reader, now_ms)) }
                }
                @if meetings.len() > limits::SCHEDULE_MEETINGS_MAX {
                    p.small.quiet {
                        (reader.text("only-latest", &[("number", Arg::Number(limits::SCHEDULE_MEETINGS_MAX as u64))]))
                    }
                }
            }
            footer { a href=(reader.link("/")) { (reader.say("all-meetings")) } }
        }
    };
    let title = format!("{name} · incamera");
    let description = reader.text("delegation-about", &[("name", Arg::Text(name))]);
    let about = About {
        title: &title,
        description: &description,
        path: Some(&link_to(name)),
        feeds: None,
    };
    Some(page(&about, reader, &body))
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

fn met_line(met: &Met, reader: Reader) -> Markup {
    let args = [
        ("times", Arg::Number(met.times as u64)),
        ("last", Arg::Html(moment(met.last_ms, reader))),
        ("first", Arg::Html(moment(met.first_ms, reader))),
    ];
    reader.html("met", &args)
}

fn entry(state: &PublicState, reader: Reader, now_ms: u64) -> Markup {
    let when = ("when", Arg::Html(moment(date(state), reader)));
    let line = match (stands(state, now_ms), lengths(state)) {
        (Stands::Running, _) => reader.html("under-way-when", &[when]),
        (Stands::ToCome(_), _) => reader.html("to-come-when", &[when]),
        (Stands::Past(_), Some((total_ms, open_ms))) => {
            let (length, open) = (duration(total_ms, reader), duration(open_ms, reader));
            reader.html(
                "held-when",
                &[when, ("length", Arg::Said(&length)), ("open", Arg::Said(&open))],
            )
        }
        (Stands::Past(_), None) => reader.html("not-held-when", &[when]),
    };
    html! {
        li {
            a href=(reader.link(&format!("/m/{}", state.meeting))) { (reader.name(&state.title)) }
            p.small { (enumerated(state, reader)) }
            p.small.quiet { (line) }
        }
    }
}
