//! The public page of a meeting, as it is without a script: the facts, the state, the readouts.

use incamera_protocol::public::{PublicPart, PublicPhase, PublicState};
use maud::{Markup, html};

use super::course::{announced, enumerated, lengths};
use super::delegation::link_to;
use super::layout::{About, feed_links, page};
use super::time::{day, duration, moment, planned, time_of_day};
use super::{Page, readouts};
use crate::published::PublicView;

/// The page. It depends on nothing but the view, so it is written once for each.
pub(crate) fn meeting(view: &PublicView) -> Page {
    let state = &*view.state;
    let path = format!("/m/{}", state.meeting);
    let (atom, calendar) = (format!("{path}/feed.atom"), format!("{path}/calendar.ics"));
    let about = About {
        title: &format!("{} · {}", word(state.phase), state.title),
        description: &description(state),
        feeds: Some((&atom, &calendar)),
    };
    let body = html! {
        main #public {
            (lamp(state.phase))
            div.meeting {
                header {
                    h1 { (state.title) }
                    p.sides { (enumerated(state)) }
                }
                (now(state))
                div #stage {}
                section.present #present aria-label="Present" {}
            }
            div.meeting.after {
                (facts(state))
                (readouts::section(view))
                div.facts #announcements hidden[state.announcements.len() < 2] { (announcements(state)) }
                footer {
                    a href="/" { "All meetings" }
                    (feed_links(&atom, &calendar))
                }
            }
        }
    };
    page(&about, &body)
}

/// One sentence for a link preview.
fn description(state: &PublicState) -> String {
    let sides = enumerated(state);
    match state.phase {
        PublicPhase::Convened => match announced(state) {
            Some(announced) => format!("{sides}. To begin on {} (UTC).", day(announced.starts_at_ms)),
            None => format!("{sides}. Not yet begun."),
        },
        PublicPhase::Open => format!("{sides}. The meeting is in public."),
        PublicPhase::Closing | PublicPhase::Closed => format!("{sides}. In closed session."),
        PublicPhase::Adjourned => match lengths(state) {
            Some((total_ms, open_ms)) => format!(
                "{sides}. It lasted {}, of which {} in public.",
                duration(total_ms),
                duration(open_ms)
            ),
            None => format!("{sides}. Adjourned before anybody met."),
        },
    }
}

pub(super) fn word(phase: PublicPhase) -> &'static str {
    match phase {
        PublicPhase::Convened => "Not yet begun",
        PublicPhase::Closed => "Closed",
        PublicPhase::Open => "Open",
        PublicPhase::Closing => "Closing",
        PublicPhase::Adjourned => "Adjourned",
    }
}

/// The lamp, as `web/src/lamp` draws it.
fn lamp(phase: PublicPhase) -> Markup {
    const RING: &str = "M4 12a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z";
    let (tone, name, solid, outline, meaning) = match phase {
        PublicPhase::Convened => ("idle", "convened", "", RING, "The sides have not met yet."),
        PublicPhase::Closed => (
            "closed",
            "closed",
            "M4 3h16v18H4z",
            "",
            "The meeting is not public now.",
        ),
        PublicPhase::Closing => (
            "alert",
            "closing",
            "M3 3h4l4 9-4 9H3zM21 3h-4l-4 9 4 9h4z",
            "",
            "The doors are being shut. Nothing more is said in public.",
        ),
        PublicPhase::Open => (
            "open",
            "open",
            "M7 12a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
            "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0z",
            "The meeting is in public.",
        ),
        PublicPhase::Adjourned => ("idle", "adjourned", "M3 10h18v4H3z", "", "The meeting is over."),
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
                p { strong { (word(phase)) } " " span { (meaning) } }
            }
        }
    }
}

fn now(state: &PublicState) -> Markup {
    let item = state.item.and_then(|item| {
        let index = usize::try_from(item).ok()?;
        Some((index + 1, state.agenda.get(index)?))
    });
    html! {
        div.now #now aria-live="polite" {
            @match state.phase {
                PublicPhase::Convened => (to_come(state)),
                PublicPhase::Closed | PublicPhase::Closing => {
                    h2 { "In closed session since " (time_of_day(state.since_ms)) }
                    @if let Some((number, item)) = item {
                        p.item { "Agenda item " (number) ": " (item.title) }
                        @if !item.ground.is_empty() {
                            p { "The public is excluded on this ground: " (item.ground) }
                        }
                    }
                },
                PublicPhase::Open => {
                    h2 { "In public since " (time_of_day(state.since_ms)) }
                    @if let Some((number, item)) = item {
                        p.item { "Agenda item " (number) ": " (item.title) }
                    }
                    noscript {
                        p { "Picture and sound are decrypted in your browser: for that this page needs JavaScript." }
                    }
                },
                PublicPhase::Adjourned => {
                    h2 { "Adjourned " (moment(state.adjourned_at_ms.unwrap_or(state.since_ms))) }
                    @match lengths(state) {
                        None => p { "It was adjourned before anybody met." },
                        Some((total_ms, 0)) => p { "It lasted " (duration(total_ms)) ", all of it in closed session." },
                        Some((total_ms, open_ms)) => p {
                            "It lasted " (duration(total_ms)) ". " (duration(open_ms)) " of that were in public."
                        },
                    }
                },
            }
        }
    }
}

fn to_come(state: &PublicState) -> Markup {
    let Some(announced) = announced(state) else {
        return html! {
            p { "Convened on " (moment(state.convened_at_ms)) ". No time has been announced." }
        };
    };
    let before = state.announcements.iter().rev().nth(1);
    let moved_from = before.filter(|before| before.starts_at_ms != announced.starts_at_ms);
    html! {
        h2 { "To begin " (moment(announced.starts_at_ms)) }
        @if let Some(before) = moved_from {
            p.moved { "Moved from " (moment(before.starts_at_ms)) "." }
        }
        @if let Some(length) = planned(announced) { p { "Planned to last " (length) "." } }
        @if !announced.place.is_empty() { p { (announced.place) } }
    }
}

fn facts(state: &PublicState) -> Markup {
    html! {
        div.facts #facts {
            section {
                h2 { "Agenda" }
                ol {
                    @for (index, item) in state.agenda.iter().enumerate() {
                        @let runs = state.phase != PublicPhase::Adjourned
                            && state.item.is_some_and(|item| usize::try_from(item) == Ok(index));
                        li aria-current=[runs.then_some("step")] {
                            span { (index + 1) ". " (item.title) }
                            span.quiet.small {
                                @if item.public { "in public" }
                                @else if item.ground.is_empty() { "in closed session" }
                                @else { "in closed session: " (item.ground) }
                            }
                        }
                    }
                }
            }
            section {
                h2 { "Delegations" }
                ul {
                    @for side in &state.delegations {
                        li { a href=(link_to(&side.name)) { (side.name) } }
                    }
                }
            }
            @if !state.parts.is_empty() {
                section.course {
                    h2 { "Course of the meeting" }
                    ol { @for part in &state.parts { (course(part)) } }
                }
            }
        }
    }
}

fn announcements(state: &PublicState) -> Markup {
    html! {
        section {
            h2 { "Announcements" }
            ol {
                @for announced in state.announcements.iter().rev() {
                    li {
                        span { "To begin " (moment(announced.starts_at_ms)) }
                        span.quiet.small {
                            "Version " (announced.version) ", announced " (moment(announced.at_ms))
                            @if !announced.place.is_empty() { ". " (announced.place) }
                        }
                    }
                }
            }
        }
    }
}

fn course(part: &PublicPart) -> Markup {
    html! {
        li {
            span {
                i class=(if part.open { "open" } else { "closed" }) {}
                @if part.open { "In public" } @else { "In closed session" }
            }
            span.quiet.small {
                @match part.ended_at_ms {
                    None => { "since " (time_of_day(part.started_at_ms)) }
                    Some(end) => {
                        (time_of_day(part.started_at_ms)) " to " (time_of_day(end)) ", "
                        (duration(end.saturating_sub(part.started_at_ms).max(1_000)))
                    }
                }
            }
        }
    }
}
