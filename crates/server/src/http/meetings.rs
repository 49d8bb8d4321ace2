//! `/api/meetings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::public::{Convene, Convened, PublicMeeting, PublicState};
use incamera_protocol::{ErrorCode, MeetingId, limits};

use super::door;
use super::guard::{bearer, body_up_to};
use crate::house::House;
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

/// The id in a path. What is no id names no meeting.
pub(super) fn meeting_id(text: &str) -> Result<MeetingId, Problem> {
    text.parse().map_err(|_| Problem::no_such_meeting())
}
