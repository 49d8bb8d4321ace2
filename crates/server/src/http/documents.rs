//! `/api/documents`: sealed documents, from members and for members of a meeting, as long as it lasts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::StreamExt as _;
use incamera_protocol::document::Uploaded;
use incamera_protocol::{DocumentId, ErrorBody, ErrorCode, limits};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tower_http::services::ServeFile;

use super::guard::bearer;
use crate::documents::{Coming, Sender, Shelf};
use crate::house::House;
use crate::problem::Problem;
use crate::sitting::Ask;

/// Routes with times of their own: what is sent here takes longer than a request does.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/api/documents", post(send))
        .route("/api/documents/{document}", get(fetch).delete(take_back))
        .layer(DefaultBodyLimit::disable())
}

/// Takes a sealed document of a member's. Its length is said beforehand.
#[utoipa::path(post, path = "/api/documents", request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("authorization" = String, Header, description = "Bearer and the ticket of a member's socket")),
    responses((status = 201, description = "It is kept until the meeting is adjourned, or it is taken back", body = Uploaded), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn send(State(house): State<Arc<House>>, request: Request) -> Result<Response, Problem> {
    let (who, shelf) = shelf_of(&house, request.headers()).await?;
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let bytes = length.and_then(|length| length.parse().ok()).ok_or(Problem::new(
        ErrorCode::Malformed,
        "A document says beforehand how long it is.",
    ))?;
    let mut body = request.into_body().into_data_stream();
    let taken = async {
        let taken = match shelf.receive(who, bytes) {
            Ok(coming) => take(coming, &mut body).await,
            Err(problem) => Err(problem),
        };
        // A browser that is still sending when it is answered, and hung up on, never sees the answer.
        if bytes <= limits::DOCUMENT_SEALED_BYTES_MAX && taken.as_ref().is_err_and(|problem| *problem != TOO_SLOW) {
            pass_over(&mut body).await;
        }
        taken
    };
    let most = Duration::from_millis(limits::DOCUMENT_MS_MAX);
    let document = timeout(most, taken).await.map_err(|_| TOO_SLOW)??;
    Ok((StatusCode::CREATED, Json(Uploaded { document })).into_response())
}

async fn take(mut coming: Coming, body: &mut BodyDataStream) -> Result<DocumentId, Problem> {
    while let Some(bytes) = timeout(SILENCE, body.next()).await.map_err(|_| TOO_SLOW)? {
        coming.write(&bytes.map_err(|_| Problem::malformed())?).await?;
    }
    coming.end().await
}

/// Takes the rest of what was refused, and keeps none of it.
async fn pass_over(body: &mut BodyDataStream) {
    while let Ok(Some(Ok(_))) = timeout(SILENCE, body.next()).await {}
}

/// Gives a sealed document to a member.
#[utoipa::path(get, path = "/api/documents/{document}",
    params(("document" = String, Path, description = "Its id"), ("authorization" = String, Header, description = "Bearer and the ticket of a member's socket")),
    responses((status = 200, description = "As it was sealed", content_type = "application/octet-stream", body = Vec<u8>), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn fetch(
    State(house): State<Arc<House>>,
    Path(document): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (who, shelf) = shelf_of(&house, request.headers()).await?;
    let path = shelf.fetch(who.letter, named(&document)?)?;
    serve(path, request).await
}

/// Deletes a document of the member who asks for it.
#[utoipa::path(delete, path = "/api/documents/{document}",
    params(("document" = String, Path, description = "Its id"), ("authorization" = String, Header, description = "Bearer and the ticket of a member's socket")),
    responses((status = 204, description = "It is deleted"), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn take_back(
    State(house): State<Arc<House>>,
    Path(document): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (who, shelf) = shelf_of(&house, &headers).await?;
    shelf.take_back(who.letter, named(&document)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The documents of the meeting in whose group the bearer of the ticket is: nobody else sends any or gets any.
async fn shelf_of(house: &Arc<House>, headers: &HeaderMap) -> Result<(Sender, Arc<Shelf>), Problem> {
    let bearer = bearer(headers).and_then(|ticket| house.tickets.bearer(ticket));
    let bearer = bearer.ok_or_else(Problem::not_a_member)?;
    let (answer, answered) = oneshot::channel();
    let seat = house.seat(bearer.meeting).await?;
    let ask = Ask::Documents {
        socket: bearer.socket,
        answer,
    };
    seat.ask(ask).await.map_err(|_| Problem::internal())?;
    answered.await.map_err(|_| Problem::not_a_member())?
}

fn named(document: &str) -> Result<DocumentId, Problem> {
    document.parse().map_err(|_| Problem::malformed())
}

async fn serve(path: PathBuf, request: Request) -> Result<Response, Problem> {
    let mut file = ServeFile::new(path);
    let served = file.try_call(request).await.map_err(|error| {
        tracing::error!(%error, "a document cannot be read");
        Problem::internal()
    })?;
    let mut response = served.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok(response)
}

/// How long nothing may come.
const SILENCE: Duration = Duration::from_millis(limits::DOCUMENT_SILENCE_MS_MAX);

const TOO_SLOW: Problem = Problem::new(
    ErrorCode::TooLarge,
    "The document came too slowly. Nothing of it was kept; please try again on a better line.",
);
