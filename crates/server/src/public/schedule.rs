//! `/`: what runs, what is to come by day, what was by day.

use std::sync::Arc;

use incamera_protocol::limits;
use incamera_protocol::public::{PublicPhase, PublicState};
use maud::{Markup, html};

use super::Page;
use super::course::{Stands, announced, enumerated, lengths, stands};
use super::layout::{About, feed_links, page};
use super::time::{duration, iso_day, long_day, moment, planned, time_of_day};
use crate::published::PublicView;

/// One page of the schedule. `number` counts from 1 and turns the pages of what was.
pub(crate) fn schedule(views: &[Arc<PublicView>], number: usize, now_ms: u64) -> Page {
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
            h1 { "Meetings of this house" }
            @if nothing { p.quiet { "There is nothing to show here." } }
            @if number <= 1 {
                @if !running.is_empty() {
                    section.days { h2 { "Under way" } ul { @for state in running { (entry(state)) } } }
                }
                @if !dated.is_empty() { (by_day("To come", &dated)) }
                @if !undated.is_empty() {
                    section.days { h2 { "Convened, no time announced" } ul { @for state in undated { (entry(state)) } } }
                }
            }
            @if !shown.is_empty() { (by_day("Past", &shown)) }
            @if number > 1 || older {
                nav.turn aria-label="Past meetings" {
                    @if number > 1 { a rel="prev" href={"/?page=" (number - 1)} { "Later" } }
                    @if older { a rel="next" href={"/?page=" (number + 1)} { "Earlier" } }
                }
            }
            footer { (feed_links("/feed.atom", "/calendar.ics")) }
        }
    };
    let about = About {
        title: "Meetings of this house · incamera",
        description: "What is announced, what is under way and what was, with the public parts live.",
        feeds: Some(("/feed.atom", "/calendar.ics")),
    };
    page(&about, &body)
}

fn by_day(title: &str, dated: &[(u64, &PublicState)]) -> Markup {
    let same_day = |(one, _): &(u64, &PublicState), (other, _): &(u64, &PublicState)| iso_day(*one) == iso_day(*other);
    html! {
        section.days {
            h2 { (title) }
            @for day in dated.chunk_by(same_day) {
                @if let Some((at_ms, _)) = day.first() {
                    h3 data-day=(iso_day(*at_ms)) { (long_day(*at_ms)) }
                }
                ul { @for (_, state) in day { (entry(state)) } }
            }
        }
    }
}

fn entry(state: &PublicState) -> Markup {
    html! {
        li {
            a href={"/m/" (state.meeting)} { (state.title) }
            p.small { (enumerated(state)) }
            p.small class=(if state.phase == PublicPhase::Open { "open" } else { "quiet" }) { (line(state)) }
        }
    }
}

fn line(state: &PublicState) -> Markup {
    html! {
        @match state.phase {
            PublicPhase::Open => { "In public since " (time_of_day(state.since_ms)) }
            PublicPhase::Closing | PublicPhase::Closed => { "In closed session since " (time_of_day(state.since_ms)) }
            PublicPhase::Convened => @if let Some(announced) = announced(state) {
                (time_of_day(announced.starts_at_ms))
                @if let Some(length) = planned(announced) { ", planned for " (length) }
                @if !announced.place.is_empty() { ". " (announced.place) }
                @if let Some(before) = state.announcements.iter().rev().nth(1)
                    && before.starts_at_ms != announced.starts_at_ms
                {
                    ". Moved from " (moment(before.starts_at_ms))
                }
            } @else {
                "Convened " (moment(state.convened_at_ms))
            },
            PublicPhase::Adjourned => @match lengths(state) {
                None => "Adjourned before anybody met",
                Some((total_ms, open_ms)) => {
                    @if let Some(started_ms) = state.started_at_ms { (time_of_day(started_ms)) ", " }
                    (duration(total_ms)) ", of which " (duration(open_ms)) " in public"
                },
            },
        }
        @if state.published > 0 { ". Readouts published" }
    }
}
