//! `GET /api/openapi.json`: every route of a house, described. The same text is committed as `docs/openapi.json`.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;

use super::{documents, door, meetings, offer, public, record, recordings, sockets};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "incamera",
        version = "1",
        description = "The HTTP side of a house. What crosses its WebSockets, and what the signed bytes are made of, is in docs/protocol.md. Every error of /api has a body {code, message}."
    ),
    paths(
        meetings::list,
        meetings::convene,
        meetings::one,
        meetings::announcements,
        meetings::announce,
        meetings::readouts,
        sockets::member_described,
        sockets::desk_described,
        sockets::gallery,
        offer::media,
        documents::send,
        documents::fetch,
        documents::take_back,
        described,
        door::ready,
        door::alive,
        public::schedule,
        public::meeting,
        public::delegation,
        public::house_calendar,
        public::house_atom,
        public::meeting_calendar,
        public::meeting_atom,
        record::key,
        record::house_checkpoint,
        record::house_entries,
        record::house_tile,
        record::checkpoint,
        record::witnessed,
        record::checkpoint_at,
        record::entries,
        record::tile,
        record::attached,
        record::other_key,
        record::other_checkpoint,
        record::other_inclusions,
        recordings::list,
        recordings::file,
    )
)]
struct Description;

/// The text, indented as it is committed.
pub(super) fn text() -> String {
    Description::openapi().to_pretty_json().unwrap_or_default() + "\n"
}

/// The description itself.
#[utoipa::path(get, path = "/api/openapi.json", responses((status = 200, description = "This", body = Object)))]
pub(super) async fn described() -> Response {
    ([(CONTENT_TYPE, "application/json")], text()).into_response()
}
