//! `/m/{id}/recordings`: what was recorded of a meeting's open parts, once it is adjourned.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::{ErrorBody, ErrorCode};
use tower_http::services::ServeFile;

use super::meetings::meeting_id;
use crate::house::House;
use crate::problem::Problem;

/// The list, as whoever recorded wrote it; an empty one if nothing is recorded.
const LIST: &str = "recordings.json";
const NOTHING: &str = "{\"recordings\":[]}";

/// `GET`: the list.
#[utoipa::path(get, path = "/m/{id}/recordings", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "What was recorded of the open parts, once the meeting is adjourned", content_type = "application/json"), (status = 404, description = "There is none, or not yet", body = ErrorBody)))]
pub(super) async fn list(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let path = folder(&house, &id).await?.join(LIST);
    if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
        let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        return Ok((json, NOTHING).into_response());
    }
    serve(path, "application/json", request).await
}

/// `GET /{file}`: one of the files on the list; parts of it, if that is asked for (RFC 9110 §14).
#[utoipa::path(get, path = "/m/{id}/recordings/{file}", params(("id" = String, Path, description = "The meeting"), ("file" = String, Path, description = "Its name on the list")),
    responses((status = 200, description = "One of the files, or a range of it", content_type = "video/webm"), (status = 404, description = "There is none, or not yet", body = ErrorBody)))]
pub(super) async fn file(
    State(house): State<Arc<House>>,
    Path((id, file)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = kind_of(&file).ok_or_else(nothing)?;
    let path = folder(&house, &id).await?.join(file);
    if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
        return Err(nothing());
    }
    serve(path, kind, request).await
}

fn nothing() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such recording.")
}

/// Where a meeting's recordings are. Until it is adjourned there are none to be had.
async fn folder(house: &Arc<House>, id: &str) -> Result<PathBuf, Problem> {
    let id = meeting_id(id)?;
    let state = house.public_seat(id).await?.state();
    if state.adjourned_at_ms.is_none() {
        return Err(Problem::new(
            ErrorCode::NotFound,
            "Recordings of the open parts are offered once the meeting is adjourned.",
        ));
    }
    Ok(house.recordings.join(id.to_string()))
}

/// The type of a recorder's file, by its name: `part-2.1-3.webm`, `part-2.1.sealed`. No other name is looked for.
fn kind_of(name: &str) -> Option<&'static str> {
    let (stem, ending) = name.strip_prefix("part-")?.rsplit_once('.')?;
    let numbers = stem
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    if !numbers || name.len() > 64 {
        return None;
    }
    match ending {
        "webm" => Some("video/webm"),
        "sealed" => Some("application/octet-stream"),
        _ => None,
    }
}

async fn serve(path: PathBuf, kind: &'static str, request: Request) -> Result<Response, Problem> {
    let mut files = ServeFile::new(path);
    let served = files.try_call(request).await.map_err(|error| {
        tracing::error!(%error, "a recording cannot be read");
        Problem::internal()
    })?;
    let mut response = served.into_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_a_recorder_are_looked_for() {
        assert_eq!(kind_of("part-2.1-3.webm"), Some("video/webm"));
        assert_eq!(kind_of("part-2.1.sealed"), Some("application/octet-stream"));
        for name in [
            "part-../../house.webm",
            "part-2/../x.webm",
            "recordings.json",
            "part-2.1.sealed.new",
            "part-.x",
            "",
        ] {
            assert_eq!(kind_of(name), None, "{name}");
        }
    }
}
