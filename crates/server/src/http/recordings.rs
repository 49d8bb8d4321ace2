//! `/m/{id}/recordings`: what was recorded of a meeting's open parts, once it is adjourned.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::recording::{FileKind, Recordings};
use incamera_protocol::{ErrorBody, ErrorCode, MeetingId};
use tower_http::services::ServeFile;

use super::meetings::meeting_id;
use crate::house::House;
use crate::problem::Problem;

/// `GET`: the list.
#[utoipa::path(get, path = "/m/{id}/recordings", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "What was recorded of the open parts, once the meeting is adjourned", body = Recordings), (status = 404, description = "There is none, or not yet", body = ErrorBody)))]
pub(super) async fn list(State(house): State<Arc<House>>, Path(id): Path<String>) -> Result<Json<Recordings>, Problem> {
    let id = adjourned(&house, &id).await?;
    let list = house.recordings(id).await.map_err(unreadable)?;
    Ok(Json(list))
}

/// `GET /{file}`: one of the files on the list; parts of it, if that is asked for (RFC 9110 §14).
#[utoipa::path(get, path = "/m/{id}/recordings/{file}", params(("id" = String, Path, description = "The meeting"), ("file" = String, Path, description = "Its name on the list")),
    responses((status = 200, description = "One of the files, or a range of it", content_type = "video/webm"), (status = 404, description = "There is none, or not yet", body = ErrorBody)))]
pub(super) async fn file(
    State(house): State<Arc<House>>,
    Path((id, file)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    // Only names of a recorder are looked for.
    let kind = FileKind::of(&file).ok_or_else(nothing)?;
    let id = adjourned(&house, &id).await?;
    let path = house.recordings_of(id).join(file);
    if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
        return Err(nothing());
    }
    serve(path, kind.media_type(), request).await
}

fn nothing() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such recording.")
}

fn unreadable(error: std::io::Error) -> Problem {
    tracing::error!(%error, "a recording cannot be read");
    Problem::internal()
}

/// Until a meeting is adjourned there are no recordings to be had.
async fn adjourned(house: &Arc<House>, id: &str) -> Result<MeetingId, Problem> {
    let id = meeting_id(id)?;
    let view = house.public_view(id).await?;
    if view.state.adjourned_at_ms.is_none() {
        return Err(Problem::new(
            ErrorCode::NotFound,
            "Recordings of the open parts are offered once the meeting is adjourned.",
        ));
    }
    Ok(id)
}

async fn serve(path: PathBuf, kind: &'static str, request: Request) -> Result<Response, Problem> {
    let mut files = ServeFile::new(path);
    let served = files.try_call(request).await.map_err(unreadable)?;
    let mut response = served.into_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
