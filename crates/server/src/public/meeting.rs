//! The public page of a meeting, as it is without a script: the facts, the state, the readouts.

use incamera_protocol::public::{PublicAttendee, PublicPart, PublicPhase, PublicState};
use maud::{Markup, html};

use super::course::{announced, enumerated, lengths};
use super::delegation::link_to;
use super::layout::{About, feed_links, page};
use super::time::{day, duration, moment, planned, time_of_day};
use super::words::{Arg, Reader};
use super::{Page, readouts};
use crate::published::PublicView;

/// The page. It depends on nothing but the view, so it is written once for each.
pub(crate) fn meeting(view: &PublicView, reader: Reader) -> Page {
    let state = &*view.state;
    let path = format!("/m/{}", state.meeting);
    let (atom, calendar) = (format!("{path}/feed.atom"), format!("{path}/calendar.ics"));
    let about = About {
        title: &format!("{} · {}", word(state.phase, reader), state.title),
        description: &description(state, reader),
        path: Some(&path),
        feeds: Some((&atom, &calendar)),
    };
    let body = html! {
        main #public {
            (lamp(state.phase, reader))
            div.meeting {
                header {
                    h1 { (reader.name(&state.title)) }
                    p.sides { (enumerated(state, reader)) }
                }
                (now(state, reader))
                (elsewhere(state, reader))
                div #stage { (stage(state.phase, reader)) }
                section.present #present aria-label=(reader.say("present")) {}
            }
            div.meeting.after {
                (facts(state, reader))
                (readouts::section(view, reader))
                div.facts #announcements hidden[state.announcements.len() < 2] { (announcements(state, reader)) }
                section.record #record aria-labelledby="record-title" {
                    h2 #record-title { (reader.say("record")) }
                    p.quiet.small { (reader.say("record-what")) }
                }
                footer {
                    a href=(reader.link("/")) { (reader.say("all-meetings")) }
                    (feed_links(&atom, &calendar, reader))
                }
            }
        }
    };
    page(&about, reader, &body)
}

/// One sentence for a link preview.
fn description(state: &PublicState, reader: Reader) -> String {
    let sides = enumerated(state, reader);
    let of = |id: &str| reader.text(id, &[("sides", Arg::Text(&sides))]);
    match state.phase {
        PublicPhase::Convened => match announced(state) {
            Some(announced) => {
                let day = day(announced.starts_at_ms, reader);
                reader.text("begins-on", &[("sides", Arg::Text(&sides)), ("day", Arg::Said(&day))])
            }
            None => of("not-begun"),
        },
        PublicPhase::Open => of("is-open"),
        PublicPhase::Closing | PublicPhase::Closed => of("is-closed"),
        PublicPhase::Adjourned => match lengths(state) {
            Some((total_ms, open_ms)) => {
                let (length, open) = (duration(total_ms, reader), duration(open_ms, reader));
                let (length, open) = (Arg::Said(&length), Arg::Said(&open));
                reader.text(
                    "lasted",
                    &[("sides", Arg::Text(&sides)), ("length", length), ("open", open)],
                )
            }
            None => of("lasted-never"),
        },
    }
}

fn word(phase: PublicPhase, reader: Reader) -> String {
    reader.say(match phase {
        PublicPhase::Convened => "lamp-convened",
        PublicPhase::Closed => "lamp-closed",
        PublicPhase::Open => "lamp-open",
        PublicPhase::Closing => "lamp-closing",
        PublicPhase::Adjourned => "lamp-adjourned",
    })
}

/// The lamp, as `web/src/lamp` draws it.
fn lamp(phase: PublicPhase, reader: Reader) -> Markup {
    const RING: &str = "M4 12a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z";
    let (tone, name, solid, outline, meaning) = match phase {
        PublicPhase::Convened => ("idle", "convened", "", RING, "meaning-convened"),
        PublicPhase::Closed => ("closed", "closed", "M4 3h16v18H4z", "", "meaning-closed"),
        PublicPhase::Closing => (
            "alert",
            "closing",
            "M3 3h4l4 9-4 9H3zM21 3h-4l-4 9 4 9h4z",
            "",
            "meaning-closing",
        ),
        PublicPhase::Open => (
            "open",
            "open",
            "M7 12a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
            "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0z",
            // Without a script nothing is seen or heard here.
            "open-now",
        ),
        PublicPhase::Adjourned => ("idle", "adjourned", "M3 10h18v4H3z", "", "meaning-adjourned"),
    };
    html! {
        div.band #band role="status" {
            div class={"lamp " (tone)} data-lamp=(name) {
                svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
                    @if !solid.is_empty() { path d=(solid) fill="currentColor" fill-rule="evenodd" {} }
                    @if !outline.is_empty() {
                        path d=(outline) fill="none" stroke="currentColor" stroke-width="2" {}
                    }
                }
                p { strong { (word(phase, reader)) } " " span { (reader.say(meaning)) } }
            }
        }
    }
}

fn now(state: &PublicState, reader: Reader) -> Markup {
    let item = state.item.and_then(|item| {
        let index = usize::try_from(item).ok()?;
        Some((index + 1, state.agenda.get(index)?))
    });
    let running = html! {
        @if let Some((number, item)) = item {
            p.item {
                (reader.html("running-item", &[("number", Arg::Number(number as u64)), ("title", Arg::Text(&item.title))]))
            }
        }
    };
    let since = [("time", Arg::Html(time_of_day(state.since_ms)))];
    html! {
        div.now #now aria-live="polite" {
            @match state.phase {
                PublicPhase::Convened => (to_come(state, reader)),
                PublicPhase::Closed | PublicPhase::Closing => {
                    h2 { (reader.html("in-closed-since", &since)) }
                    (running)
                    @if let Some((_, item)) = item && !item.ground.is_empty() {
                        p { (reader.html("closed-ground", &[("ground", Arg::Text(&item.ground))])) }
                    }
                },
                PublicPhase::Open => {
                    h2 { (reader.html("in-public-since", &since)) }
                    (unheard(state, reader))
                    (running)
                    noscript { p { (reader.say("needs-script")) } }
                },
                PublicPhase::Adjourned => (over(state, reader)),
            }
        }
    }
}

/// Where picture and sound will be, as the page's script draws it: nothing moves once that has come. Who has none does not see it.
fn stage(phase: PublicPhase, reader: Reader) -> Markup {
    html! {
        @if phase == PublicPhase::Open {
            div.start {
                button disabled {
                    svg viewBox="0 0 24 24" aria-hidden="true" {
                        path d="M7 4v16l13-8z" fill="currentColor" fill-rule="evenodd" {}
                    }
                    (reader.say("watch"))
                }
                p { (reader.say("watch-hint")) }
            }
        }
    }
}

/// That it was held in another house, and in which.
fn elsewhere(state: &PublicState, reader: Reader) -> Markup {
    html! {
        @if let Some(house) = &state.from_house {
            section.elsewhere #elsewhere {
                p { (reader.say("elsewhere-what")) }
                p.quiet.small { (reader.say("elsewhere-house")) " " bdi { (house.name) } }
                p.quiet.small { (reader.say("elsewhere-key")) " " bdi { (house.key) } }
            }
        }
    }
}

/// That nothing comes through to the public, as the house itself has noticed.
fn unheard(state: &PublicState, reader: Reader) -> Markup {
    let told = if state.pauses {
        "unheard-pauses"
    } else {
        "unheard-goes-on"
    };
    html! {
        @if let Some(since_ms) = state.unheard_since_ms {
            p.unheard {
                (reader.html("unheard", &[("time", Arg::Html(time_of_day(since_ms)))])) " " (reader.say(told))
            }
        }
    }
}

fn over(state: &PublicState, reader: Reader) -> Markup {
    let when = Arg::Html(moment(state.adjourned_at_ms.unwrap_or(state.since_ms), reader));
    let length = match lengths(state) {
        None => reader.say("adjourned-never"),
        Some((total_ms, 0)) => {
            let length = duration(total_ms, reader);
            reader.text("adjourned-length-none", &[("length", Arg::Said(&length))])
        }
        Some((total_ms, open_ms)) => {
            let (length, open) = (duration(total_ms, reader), duration(open_ms, reader));
            reader.text(
                "adjourned-length",
                &[("length", Arg::Said(&length)), ("open", Arg::Said(&open))],
            )
        }
    };
    html! {
        h2 { (reader.html("adjourned-when", &[("when", when)])) }
        p { (length) }
    }
}

fn to_come(state: &PublicState, reader: Reader) -> Markup {
    let when = |ms: u64| [("when", Arg::Html(moment(ms, reader)))];
    let Some(announced) = announced(state) else {
        return html! { p { (reader.html("convened-no-time", &when(state.convened_at_ms))) } };
    };
    let before = state.announcements.iter().rev().nth(1);
    let moved_from = before.filter(|before| before.starts_at_ms != announced.starts_at_ms);
    html! {
        h2 { (reader.html("begins-at", &when(announced.starts_at_ms))) }
        @if let Some(before) = moved_from {
            p.moved { (reader.html("moved-from", &when(before.starts_at_ms))) }
        }
        @if let Some(length) = planned(announced, reader) {
            p { (reader.text("planned", &[("length", Arg::Said(&length))])) }
        }
        @if !announced.place.is_empty() { p { (reader.name(&announced.place)) } }
    }
}

fn facts(state: &PublicState, reader: Reader) -> Markup {
    html! {
        div.facts #facts {
            section {
                h2 { (reader.say("agenda")) }
                ol {
                    @for (index, item) in state.agenda.iter().enumerate() {
                        @let runs = state.phase != PublicPhase::Adjourned
                            && state.item.is_some_and(|item| usize::try_from(item) == Ok(index));
                        @let number = Arg::Number(index as u64 + 1);
                        li aria-current=[runs.then_some("step")] {
                            span { (reader.html("item", &[("number", number), ("title", Arg::Text(&item.title))])) }
                            span.quiet.small {
                                @if item.public { (reader.say("item-public")) }
                                @else if item.ground.is_empty() { (reader.say("item-closed")) }
                                @else { (reader.html("item-closed-ground", &[("ground", Arg::Text(&item.ground))])) }
                            }
                        }
                    }
                }
            }
            section {
                h2 { (reader.say("delegations")) }
                ul {
                    @for side in &state.delegations {
                        li { a href=(reader.link(&link_to(&side.name))) { (reader.name(&side.name)) } }
                    }
                }
            }
            @if !state.attended.is_empty() {
                section.attended {
                    h2 { (reader.say("attended")) }
                    ul {
                        @for (index, side) in state.delegations.iter().enumerate() {
                            @let people = state.attended.iter().filter(|it| usize::from(it.delegation) == index);
                            @for person in people { (attendee(person, &side.name, reader)) }
                        }
                    }
                }
            }
            @if state.reports || state.pauses {
                section {
                    h2 { (reader.say("duties")) }
                    ul {
                        @if state.reports { li { (reader.say("duty-reports")) } }
                        @if state.pauses { li { (reader.say("duty-pauses")) } }
                    }
                }
            }
            @if !state.parts.is_empty() {
                section.course {
                    h2 { (reader.say("course")) }
                    ol { @for part in &state.parts { (course(part, reader)) } }
                }
            }
        }
    }
}

fn attendee(person: &PublicAttendee, side: &str, reader: Reader) -> Markup {
    let role = reader.say(&format!("role-{}", person.role));
    let named = [("name", Arg::Text(&person.name)), ("role", Arg::Said(&role))];
    html! {
        li {
            span { (reader.html("attendee", &named)) }
            span.quiet.small { (reader.name(side)) }
        }
    }
}

fn announcements(state: &PublicState, reader: Reader) -> Markup {
    html! {
        section {
            h2 { (reader.say("announcements")) }
            ol {
                @for announced in state.announcements.iter().rev() {
                    @let begins = Arg::Html(moment(announced.starts_at_ms, reader));
                    @let number = Arg::Number(u64::from(announced.version));
                    @let when = Arg::Html(moment(announced.at_ms, reader));
                    @let version = reader.html("version-announced", &[("number", number), ("when", when)]);
                    li {
                        span { (reader.html("begins-at", &[("when", begins)])) }
                        span.quiet.small {
                            @if announced.place.is_empty() { (version) }
                            @else {
                                @let place = Arg::Text(&announced.place);
                                (reader.html("sentences", &[("first", Arg::Html(version)), ("second", place)]))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn course(part: &PublicPart, reader: Reader) -> Markup {
    let from = Arg::Html(time_of_day(part.started_at_ms));
    let times = match part.ended_at_ms {
        None => reader.html("part-since", &[("time", from)]),
        Some(end) => {
            let length = duration(end.saturating_sub(part.started_at_ms).max(1_000), reader);
            let to = Arg::Html(time_of_day(end));
            reader.html(
                "part-span",
                &[("from", from), ("to", to), ("length", Arg::Said(&length))],
            )
        }
    };
    html! {
        li {
            span {
                i class=(if part.open { "open" } else { "closed" }) {}
                (reader.say(if part.open { "part-open" } else { "part-closed" }))
            }
            span.quiet.small { (times) }
        }
    }
}
