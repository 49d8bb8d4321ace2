//! `/api/meetings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::public::{Convene, Convened, PublicMeeting, PublicState};
use incamera_protocol::{ErrorCode, MeetingId, limits};
use incamera_record::Frame;

use super::door;
use super::guard::{bearer, body_up_to};
use crate::house::House;
use crate::log::{Entry, Log};
use crate::problem::Problem;

/// `GET`: what the public sees of every meeting, the newest first.
pub(super) async fn list(State(house): State<Arc<House>>) -> Json<Vec<PublicState>> {
    let states = house.public_states().await;
    Json(states.into_iter().map(Arc::unwrap_or_clone).collect())
}

/// `POST`: convenes a meeting, for whoever has the house key.
pub(super) async fn convene(State(house): State<Arc<House>>, request: Request) -> Result<Response, Problem> {
    let has_key = bearer(request.headers()).is_some_and(|token| house.key.is(token));
    if !has_key {
        return Err(Problem::new(
            ErrorCode::HouseKey,
            "Only whoever has the key of this house can convene a meeting here.",
        ));
    }
    door::check(&house)?;
    let body = body_up_to(request, limits::BODY_BYTES_MAX).await?;
    let convene: Convene = serde_json::from_slice(&body).map_err(|_| Problem::malformed())?;
    let meeting = house.convene(&convene.charter.0).await?;
    Ok((StatusCode::CREATED, Json(Convened { meeting })).into_response())
}

/// `GET /{id}`: the charter, and what the public sees.
pub(super) async fn one(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
) -> Result<Json<PublicMeeting>, Problem> {
    let seat = house.seat(meeting_id(&id)?).await?;
    Ok(Json(seat.public_meeting(house.recorder.is_some())))
}

/// `GET /{id}/record`: the frame of the meeting.
pub(super) async fn record(State(house): State<Arc<House>>, Path(id): Path<String>) -> Result<Json<Frame>, Problem> {
    let id = meeting_id(&id)?;
    // A meeting that cannot be loaded has no record either.
    house.seat(id).await?;
    let store = Arc::clone(&house.store);
    let frame = tokio::task::spawn_blocking(move || frame_of(Log::of(store, id)))
        .await
        .map_err(|_| Problem::internal())??;
    Ok(Json(frame))
}

fn frame_of(mut log: Log) -> Result<Frame, Problem> {
    let mut entries = log.read_all().map_err(|error| {
        tracing::error!(%error, "a meeting's log cannot be read");
        Problem::internal()
    })?;
    if entries.is_empty() {
        return Err(Problem::no_such_meeting());
    }
    let (_, Entry::Convened(convened)) = entries.remove(0) else {
        return Err(Problem::internal());
    };
    let events = entries.into_iter().filter_map(|(_, entry)| match entry {
        Entry::Event(event) => Some(*event),
        Entry::Convened(_) => None,
    });
    Ok(Frame::of(convened.charter, convened.at_ms, events))
}

/// The id in a path. What is no id names no meeting.
pub(super) fn meeting_id(text: &str) -> Result<MeetingId, Problem> {
    text.parse().map_err(|_| Problem::no_such_meeting())
}
