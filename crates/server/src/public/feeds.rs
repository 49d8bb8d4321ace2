//! Calendar and news: of one meeting, and of the whole house.

use std::sync::Arc;

use atom_syndication::{Entry, Feed, FixedDateTime, Link, Person, Text};
use icalendar::{Calendar, Component as _, Event, EventLike as _};
use incamera_protocol::public::{PublicPhase, PublicState};
use incamera_protocol::{MeetingId, limits};

use super::Page;
use super::course::{announced, date, enumerated, lengths};
use super::time::{day, duration, iso, iso_day, planned, utc};
use super::words::Reader;
use crate::published::PublicView;

/// Whoever subscribes has many readers: a feed speaks the house's own language.
const HOUSE: Reader = Reader::HOUSE;

/// What is assumed of a meeting whose length nobody has said, in a calendar that wants an end.
const USUAL_MINUTES: u64 = 60;

/// RFC 5545. A meeting is in it once it has a time: announced, or begun. `base` is where this house is reached, without a
/// slash at the end.
pub(crate) fn calendar(views: &[Arc<PublicView>], base: &str) -> Page {
    let mut calendar = Calendar::new();
    calendar.name("Meetings · incamera");
    let mut changed_at_ms = 0;
    for view in in_time(views) {
        let state = &*view.state;
        if announced(state).is_none() && state.started_at_ms.is_none() {
            continue;
        }
        changed_at_ms = changed_at_ms.max(changed(view));
        calendar.push(event(view, base));
    }
    Page::new(
        "text/calendar; charset=utf-8",
        calendar.to_string(),
        Some(changed_at_ms),
    )
}

fn event(view: &PublicView, base: &str) -> Event {
    let state = &*view.state;
    let start_ms = date(state);
    let announced = announced(state);
    let minutes = announced.map_or(0, |announced| u64::from(announced.minutes));
    let planned_ms = if minutes > 0 { minutes } else { USUAL_MINUTES } * 60_000;
    let end_ms = state.adjourned_at_ms.unwrap_or(start_ms.saturating_add(planned_ms));
    let mut event = Event::new();
    event
        .uid(&format!("{}@incamera", state.meeting))
        .add_property("DTSTAMP", stamp(changed(view)))
        .add_property("DTSTART", stamp(start_ms))
        .add_property("DTEND", stamp(end_ms.max(start_ms)))
        .add_property("SEQUENCE", sequence(state).to_string())
        .summary(&state.title)
        .description(&format!("{}\n{}", enumerated(state, HOUSE), news(state)))
        .url(&format!("{base}/m/{}", state.meeting));
    if let Some(place) = announced
        .map(|announced| &announced.place)
        .filter(|place| !place.is_empty())
    {
        event.location(place);
    }
    // Adjourned before anybody met.
    if state.phase == PublicPhase::Adjourned && state.started_at_ms.is_none() {
        event.add_property("STATUS", "CANCELLED");
    } else {
        event.add_property("STATUS", "CONFIRMED");
    }
    event
}

/// RFC 5545 §3.8.7.4: grows with each version of what was announced, and with what really happened.
fn sequence(state: &PublicState) -> usize {
    state.announcements.len()
        + usize::from(state.started_at_ms.is_some())
        + usize::from(state.adjourned_at_ms.is_some())
}

/// "20261127T100500Z".
fn stamp(ms: u64) -> String {
    iso(ms).replace(['-', ':'], "")
}

/// RFC 4287. `id` and title say what it is a feed of: one meeting, or the house (`None`).
pub(crate) fn atom(views: &[Arc<PublicView>], of: Option<&PublicState>, base: &str) -> Page {
    let shown = in_time(views);
    let changed_at_ms = shown.iter().map(|view| changed(view)).max().unwrap_or_default();
    let (id, title, path) = match of {
        Some(state) => (
            id_of(state.meeting),
            state.title.clone(),
            format!("/m/{}", state.meeting),
        ),
        None => (format!("{base}/"), "Meetings · incamera".to_owned(), "/".to_owned()),
    };
    let own = if of.is_some() {
        format!("{base}{path}/feed.atom")
    } else {
        format!("{base}/feed.atom")
    };
    let feed = Feed {
        title: Text::plain(title),
        id,
        updated: moment(changed_at_ms),
        authors: vec![Person {
            name: "incamera".to_owned(),
            ..Person::default()
        }],
        links: vec![link(own, "self"), link(format!("{base}{path}"), "alternate")],
        entries: shown.iter().map(|view| entry(view, base)).collect(),
        ..Feed::default()
    };
    Page::new(
        "application/atom+xml; charset=utf-8",
        feed.to_string(),
        Some(changed_at_ms),
    )
}

fn entry(view: &PublicView, base: &str) -> Entry {
    let state = &*view.state;
    Entry {
        title: Text::plain(state.title.clone()),
        id: id_of(state.meeting),
        updated: moment(changed(view)),
        published: Some(moment(first_known(state))),
        links: vec![link(format!("{base}/m/{}", state.meeting), "alternate")],
        summary: Some(Text::plain(format!("{}. {}", enumerated(state, HOUSE), news(state)))),
        ..Entry::default()
    }
}

fn link(href: String, rel: &str) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        ..Link::default()
    }
}

/// The meeting's id is a SHA-256, and this is how a hash is named for ever (RFC 6920), at whichever address the house is.
fn id_of(meeting: MeetingId) -> String {
    format!("ni:///sha-256;{meeting}")
}

fn moment(ms: u64) -> FixedDateTime {
    iso(ms).parse().unwrap_or_default()
}

/// What there is to say, in a sentence or two.
fn news(state: &PublicState) -> String {
    let mut said = match state.phase {
        PublicPhase::Convened => match announced(state) {
            Some(announced) => {
                let at = utc(announced.starts_at_ms);
                let length = planned(announced, HOUSE).map(|length| format!(", planned for {length}"));
                let time = format!("{:02}:{:02} UTC", at.hour(), at.minute());
                format!(
                    "To begin on {}, {time}{}.",
                    day(announced.starts_at_ms, HOUSE),
                    length.unwrap_or_default()
                )
            }
            None => "Convened; no time has been announced.".to_owned(),
        },
        PublicPhase::Open => "The meeting is in public.".to_owned(),
        PublicPhase::Closing | PublicPhase::Closed => "The meeting is in closed session.".to_owned(),
        PublicPhase::Adjourned => match lengths(state) {
            Some((total_ms, open_ms)) => format!(
                "Adjourned. It lasted {}, of which {} in public.",
                duration(total_ms, HOUSE),
                duration(open_ms, HOUSE)
            ),
            None => "Adjourned before anybody met.".to_owned(),
        },
    };
    if let [.., before, last] = state.announcements.as_slice()
        && before.starts_at_ms != last.starts_at_ms
    {
        said.push_str(&format!(" Moved from {}.", iso_day(before.starts_at_ms)));
    }
    if state.published > 0 {
        said.push_str(" Readouts have been published.");
    }
    said
}

/// When the public could first know of it.
fn first_known(state: &PublicState) -> u64 {
    let until_ms = announced(state).map_or(0, |announced| announced.public_from_ms);
    state.convened_at_ms.max(until_ms)
}

/// When what is said of it last changed. Who comes and goes is not in the feeds.
fn changed(view: &PublicView) -> u64 {
    let state = &*view.state;
    let announced = state.announcements.iter().map(|announced| announced.at_ms);
    let readouts = view.readouts.iter().map(|readout| readout.at_ms);
    let joints = view
        .joints
        .iter()
        .flat_map(|joint| joint.signatures.values().map(|(at_ms, _)| *at_ms));
    let phase = (state.phase != PublicPhase::Convened).then_some(state.since_ms);
    let times = announced.chain(readouts).chain(joints).chain(phase);
    times.chain([first_known(state)]).max().unwrap_or_default()
}

/// The meetings of a feed, the latest first.
fn in_time(views: &[Arc<PublicView>]) -> Vec<&Arc<PublicView>> {
    let mut views: Vec<&Arc<PublicView>> = views.iter().collect();
    views.sort_by_key(|view| std::cmp::Reverse(changed(view)));
    views.truncate(limits::FEED_ENTRIES_MAX);
    views
}
