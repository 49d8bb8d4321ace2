//! The doors of the pages and feeds that the public reads.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use incamera_protocol::{ErrorCode, MeetingId};

use super::meetings::meeting_id;
use crate::house::House;
use crate::problem::Problem;
use crate::public::{self, Reader};
use crate::published::PublicView;
use crate::time::now_ms;

type Asked = Query<HashMap<String, String>>;

/// `/`.
#[utoipa::path(get, path = "/", params(("page" = Option<usize>, Query, description = "Pages of past meetings, from 1"), ("lang" = Option<String>, Query, description = "The language, instead of what Accept-Language says")), 
    responses((status = 200, description = "What was asked for", content_type = "text/html", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn schedule(State(house): State<Arc<House>>, Query(query): Asked, headers: HeaderMap) -> Response {
    let number = query.get("page").and_then(|number| number.parse().ok()).unwrap_or(1);
    let now_ms = now_ms();
    let views = house.public_views(now_ms).await;
    let page = public::schedule(&views, number, Reader::of(&query, &headers), now_ms);
    public::answer(page.at(&base(&house, &headers)), &headers)
}

/// `/m/{id}`.
#[utoipa::path(get, path = "/m/{id}", params(("id" = MeetingId, Path, description = "The meeting"), ("lang" = Option<String>, Query, description = "The language, instead of what Accept-Language says")), 
    responses((status = 200, description = "What was asked for", content_type = "text/html", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn meeting(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(&query, &headers);
    match view(&house, &id).await {
        Ok(view) => public::answer(view.page(reader).at(&base(&house, &headers)), &headers),
        Err(problem) => nowhere(&problem, "unknown-meeting", reader, &headers),
    }
}

/// `/d/{name}`.
#[utoipa::path(get, path = "/d/{name}", params(("name" = String, Path, description = "As charters name it"), ("lang" = Option<String>, Query, description = "The language, instead of what Accept-Language says")), 
    responses((status = 200, description = "What was asked for", content_type = "text/html", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn delegation(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(&query, &headers);
    let now_ms = now_ms();
    let views = house.public_views(now_ms).await;
    match public::delegation(&views, &name, reader, now_ms) {
        Some(page) => public::answer(page.at(&base(&house, &headers)), &headers),
        None => nowhere(&Problem::no_such_meeting(), "not-found-delegation", reader, &headers),
    }
}

/// `/calendar.ics`.
#[utoipa::path(get, path = "/calendar.ics", 
    responses((status = 200, description = "What was asked for", content_type = "text/calendar", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn house_calendar(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    let views = house.public_views(now_ms()).await;
    public::answer(public::calendar(&views, &base(&house, &headers)), &headers)
}

/// `/feed.atom`.
#[utoipa::path(get, path = "/feed.atom", 
    responses((status = 200, description = "What was asked for", content_type = "application/atom+xml", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn house_atom(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    let views = house.public_views(now_ms()).await;
    public::answer(public::atom(&views, None, &base(&house, &headers)), &headers)
}

/// `/m/{id}/calendar.ics`.
#[utoipa::path(get, path = "/m/{id}/calendar.ics", params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 200, description = "What was asked for", content_type = "text/calendar", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn meeting_calendar(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match view(&house, &id).await {
        Ok(view) => public::answer(public::calendar(&[view], &base(&house, &headers)), &headers),
        Err(problem) => nowhere(
            &problem,
            "unknown-meeting",
            Reader::of(&HashMap::new(), &headers),
            &headers,
        ),
    }
}

/// `/m/{id}/feed.atom`.
#[utoipa::path(get, path = "/m/{id}/feed.atom", params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 200, description = "What was asked for", content_type = "application/atom+xml", body = String), (status = 304, description = "Not changed"),
    (status = 404, description = "There is none, or it may not be known yet", content_type = "text/html", body = String)))]
pub(super) async fn meeting_atom(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match view(&house, &id).await {
        Ok(view) => {
            let of = Arc::clone(&view.state);
            let page = public::atom(&[view], Some(&of), &base(&house, &headers));
            public::answer(page, &headers)
        }
        Err(problem) => nowhere(
            &problem,
            "unknown-meeting",
            Reader::of(&HashMap::new(), &headers),
            &headers,
        ),
    }
}

async fn view(house: &Arc<House>, id: &str) -> Result<Arc<PublicView>, Problem> {
    house.public_view(meeting_id(id)?).await
}

/// `what` names the message that says so.
fn nowhere(problem: &Problem, what: &str, reader: Reader, headers: &HeaderMap) -> Response {
    if problem.code != ErrorCode::NotFound {
        let mut response = public::answer(public::nowhere(&problem.message, reader), headers);
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return response;
    }
    not_here(what, reader)
}

/// The page of an address where nothing is.
pub(super) fn not_here(what: &str, reader: Reader) -> Response {
    // Without conditions: a browser that asks again wants to know whether there is something now.
    let mut response = public::answer(public::nowhere(&reader.say(what), reader), &HeaderMap::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Where this house is reached, as whoever asks has reached it. Without TLS of its own it is either on this machine or
/// behind something that has TLS: browsers let nobody meet otherwise.
fn base(house: &House, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host
        .and_then(|host| host.parse::<axum::http::uri::Authority>().ok())
        .filter(|host| !host.as_str().contains('@'));
    let Some(host) = host else {
        return String::new();
    };
    let here = matches!(host.host(), "localhost" | "127.0.0.1" | "[::1]");
    let scheme = if here && !house.secure { "http" } else { "https" };
    format!("{scheme}://{host}")
}
