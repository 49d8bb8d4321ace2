//! HTTP: pages, the public API, the doors of the sockets.

mod addresses;
mod connections;
mod documents;
mod door;
mod guard;
mod headers;
mod meetings;
mod offer;
mod openapi;
mod pages;
mod public;
mod record;
mod recordings;
mod sockets;

pub(crate) use addresses::Addresses;
pub(crate) use connections::Counted;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, ETAG};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use incamera_protocol::limits;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::house::House;
use crate::problem::Problem;
use crate::socket::{Desks, Members};

/// Every route of a house.
pub(crate) fn router(house: Arc<House>, secure: bool) -> Router {
    let headers = headers::Headers::new(secure);
    Router::new()
        .route("/api/meetings", get(meetings::list).post(meetings::convene))
        .route("/api/meetings/{id}", get(meetings::one))
        .route(
            "/api/meetings/{id}/announcements",
            get(meetings::announcements).post(meetings::announce),
        )
        .route("/api/meetings/{id}/readouts", get(meetings::readouts))
        .route("/api/meetings/{id}/member", get(sockets::speaker::<Members>))
        .route("/api/meetings/{id}/desk", get(sockets::speaker::<Desks>))
        .route("/api/meetings/{id}/gallery", get(sockets::gallery))
        .route("/api/openapi.json", get(openapi::described))
        .route("/m/{id}/record/checkpoint", get(record::checkpoint))
        .route("/m/{id}/record/checkpoint/{size}", get(record::checkpoint_at))
        .route("/m/{id}/record/checkpoints", get(record::witnessed))
        .route("/m/{id}/record/tile/entries/{*path}", get(record::entries))
        .route("/m/{id}/record/tile/{level}/{*path}", get(record::tile))
        .route("/m/{id}/record/attachment/{sha256}", get(record::attached))
        .route("/m/{id}/record/key", get(record::other_key))
        .route("/m/{id}/record/house/checkpoint", get(record::other_checkpoint))
        .route("/m/{id}/record/house/inclusions", get(record::other_inclusions))
        .route("/record/key", get(record::key))
        .route("/record/checkpoint", get(record::house_checkpoint))
        .route("/record/tile/entries/{*path}", get(record::house_entries))
        .route("/record/tile/{level}/{*path}", get(record::house_tile))
        .route("/api/media", post(offer::media))
        .route("/healthz", get(door::alive))
        .route("/readyz", get(door::ready))
        .merge(written())
        .route("/m/{id}/join", get(pages::room))
        .route("/m/{id}/booth", get(pages::room))
        .route("/m/{id}/desk", get(pages::desk))
        .route("/m/{id}/recordings", get(recordings::list))
        .route("/m/{id}/recordings/{file}", get(recordings::file))
        .route("/m/{id}/convener", get(pages::convener))
        .route("/convene", get(pages::convene))
        .fallback(pages::anything_else)
        .method_not_allowed_fallback(pages::wrong_method)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_millis(limits::REQUEST_MS_MAX),
        ))
        .merge(documents::routes())
        .layer(from_fn_with_state(headers, headers::add))
        .layer(from_fn(note_refusals))
        .with_state(house)
}

/// What the server writes for the public, compressed. That can give away what is in a page only where a secret stands in it
/// beside something that an attacker chose (BREACH, CVE-2013-3587). There is no secret here: nobody is known, no cookie and no
/// key is asked for, and everybody who asks in one language gets the same. What does bear secrets, the API and the
/// sockets, is never compressed.
fn written() -> Router<Arc<House>> {
    Router::new()
        .route("/", get(public::schedule))
        .route("/calendar.ics", get(public::house_calendar))
        .route("/feed.atom", get(public::house_atom))
        .route("/d/{name}", get(public::delegation))
        .route("/m/{id}", get(public::meeting))
        .route("/m/{id}/calendar.ics", get(public::meeting_calendar))
        .route("/m/{id}/feed.atom", get(public::meeting_atom))
        .layer(CompressionLayer::new())
        .layer(map_response(weaken))
}

/// The tag is that of the page as it was written; of what it became it says only that it means the same (RFC 9110 §8.8.3).
async fn weaken(mut response: Response) -> Response {
    let compressed = response.headers().contains_key(CONTENT_ENCODING);
    let tag = response.headers().get(ETAG).filter(|_| compressed);
    let weak = tag.and_then(|tag| HeaderValue::from_str(&format!("W/{}", tag.to_str().ok()?)).ok());
    if let Some(weak) = weak {
        response.headers_mut().insert(ETAG, weak);
    }
    response
}

/// Every refusal leaves a line in the log. A path holds no secret: those stand in fragments and headers.
async fn note_refusals(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let problem = response.extensions().get::<Problem>();
        let (code, why) = (problem.map(|it| it.code), problem.map(|it| &it.message));
        tracing::info!(%method, ?path, status = status.as_u16(), ?code, why = why.map(AsRef::as_ref), "refused a request");
    }
    response
}
