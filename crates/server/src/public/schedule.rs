//! `/`: what runs, what is to come by day, what was by day.

use std::sync::Arc;

use incamera_protocol::limits;
use incamera_protocol::public::{PublicPhase, PublicState};
use maud::{Markup, html};

use super::Page;
use super::course::{Stands, announced, enumerated, lengths, stands};
use super::layout::{About, feed_links, page};
use super::time::{duration, iso_day, long_day, moment, planned, time_of_day};
use super::words::{Arg, Reader};
use crate::published::PublicView;

/// One page of the schedule. `number` counts from 1 and turns the pages of what was.
pub(crate) fn schedule(views: &[Arc<PublicView>], number: usize, reader: Reader, now_ms: u64) -> Page {
    let states: Vec<&PublicState> = views.iter().map(|view| &*view.state).collect();
    let running: Vec<&PublicState> = states
        .iter()
        .copied()
        .filter(|state| stands(state, now_ms) == Stands::Running)
        .take(limits::SCHEDULE_MEETINGS_MAX)
        .collect();
    let mut dated: Vec<(u64, &PublicState)> = Vec::new();
    let mut undated: Vec<&PublicState> = Vec::new();
    let mut past: Vec<(u64, &PublicState)> = Vec::new();
    for state in states {
        match stands(state, now_ms) {
            Stands::Running => {}
            Stands::ToCome(Some(at_ms)) => dated.push((at_ms, state)),
            Stands::ToCome(None) => undated.push(state),
            Stands::Past(at_ms) => past.push((at_ms, state)),
        }
    }
    dated.sort_by_key(|(at_ms, _)| *at_ms);
    past.sort_by_key(|(at_ms, _)| std::cmp::Reverse(*at_ms));
    dated.truncate(limits::SCHEDULE_MEETINGS_MAX);
    undated.truncate(limits::SCHEDULE_MEETINGS_MAX);
    let turned = number.saturating_sub(1).saturating_mul(limits::SCHEDULE_PAST_PER_PAGE);
    let older = past.len() > turned.saturating_add(limits::SCHEDULE_PAST_PER_PAGE);
    let shown: Vec<(u64, &PublicState)> = past
        .into_iter()
        .skip(turned)
        .take(limits::SCHEDULE_PAST_PER_PAGE)
        .collect();
    let nothing = running.is_empty() && dated.is_empty() && undated.is_empty() && shown.is_empty();
    let body = html! {
        main.page #schedule {
            header.house { span.mark { "incamera" } }
            h1 { (reader.say("house-title")) }
            @if nothing { p.quiet { (reader.say("nothing")) } }
            @if number <= 1 {
                @if !running.is_empty() {
                    section.days { h2 { (reader.say("under-way")) } ul { @for state in running { (entry(state, reader)) } } }
                }
                @if !dated.is_empty() { (by_day("to-come", &dated, reader)) }
                @if !undated.is_empty() {
                    section.days {
                        h2 { (reader.say("no-time")) }
                        ul { @for state in undated { (entry(state, reader)) } }
                    }
                }
            }
            @if !shown.is_empty() { (by_day("past", &shown, reader)) }
            @if number > 1 || older {
                nav.turn aria-label=(reader.say("past-pages")) {
                    @if number > 1 { a rel="prev" href=(reader.link(&format!("/?page={}", number - 1))) { (reader.say("later")) } }
                    @if older { a rel="next" href=(reader.link(&format!("/?page={}", number + 1))) { (reader.say("earlier")) } }
                }
            }
            footer { (feed_links("/feed.atom", "/calendar.ics", reader)) }
        }
    };
    let about = About {
        title: &format!("{} · incamera", reader.say("house-title")),
        description: &reader.say("house-what"),
        path: Some("/"),
        feeds: Some(("/feed.atom", "/calendar.ics")),
    };
    page(&about, reader, &body)
}

fn by_day(title: &str, dated: &[(u64, &PublicState)], reader: Reader) -> Markup {
    let same_day = |(one, _): &(u64, &PublicState), (other, _): &(u64, &PublicState)| iso_day(*one) == iso_day(*other);
    html! {
        section.days {
            h2 { (reader.say(title)) }
            @for day in dated.chunk_by(same_day) {
                @if let Some((at_ms, _)) = day.first() {
                    h3 data-day=(iso_day(*at_ms)) { (long_day(*at_ms, reader)) }
                }
                ul { @for (_, state) in day { (entry(state, reader)) } }
            }
        }
    }
}

fn entry(state: &PublicState, reader: Reader) -> Markup {
    html! {
        li {
            a href=(reader.link(&format!("/m/{}", state.meeting))) { (reader.name(&state.title)) }
            p.small { (enumerated(state, reader)) }
            p.small class=(if state.phase == PublicPhase::Open { "open" } else { "quiet" }) { (line(state, reader)) }
        }
    }
}

/// One sentence after the other.
fn line(state: &PublicState, reader: Reader) -> Markup {
    let since = || [("time", Arg::Html(time_of_day(state.since_ms)))];
    let mut sentences = match state.phase {
        PublicPhase::Open => vec![reader.html("in-public-since", &since())],
        PublicPhase::Closing | PublicPhase::Closed => vec![reader.html("in-closed-since", &since())],
        PublicPhase::Convened => coming(state, reader),
        PublicPhase::Adjourned => vec![held(state, reader)],
    };
    if state.from_house.is_some() {
        sentences.push(html! { (reader.say("elsewhere")) });
    }
    if state.published > 0 {
        sentences.push(html! { (reader.say("readouts-out")) });
    }
    let said = sentences.into_iter().reduce(|first, second| {
        reader.html(
            "sentences",
            &[("first", Arg::Html(first)), ("second", Arg::Html(second))],
        )
    });
    said.unwrap_or_default()
}

fn coming(state: &PublicState, reader: Reader) -> Vec<Markup> {
    let Some(announced) = announced(state) else {
        let when = Arg::Html(moment(state.convened_at_ms, reader));
        return vec![reader.html("convened-at", &[("when", when)])];
    };
    let time = time_of_day(announced.starts_at_ms);
    let mut sentences = vec![match planned(announced, reader) {
        Some(length) => reader.html(
            "planned-at",
            &[("time", Arg::Html(time)), ("length", Arg::Said(&length))],
        ),
        None => time,
    }];
    if !announced.place.is_empty() {
        sentences.push(reader.name(&announced.place));
    }
    if let Some(before) = state.announcements.iter().rev().nth(1)
        && before.starts_at_ms != announced.starts_at_ms
    {
        let when = Arg::Html(moment(before.starts_at_ms, reader));
        sentences.push(reader.html("moved-from", &[("when", when)]));
    }
    sentences
}

fn held(state: &PublicState, reader: Reader) -> Markup {
    let (Some((total_ms, open_ms)), Some(started_ms)) = (lengths(state), state.started_at_ms) else {
        return html! { (reader.say("never-met")) };
    };
    let (length, open) = (duration(total_ms, reader), duration(open_ms, reader));
    let time = Arg::Html(time_of_day(started_ms));
    reader.html(
        "held-at",
        &[
            ("time", time),
            ("length", Arg::Said(&length)),
            ("open", Arg::Said(&open)),
        ],
    )
}
