//! `/api/meetings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use incamera_meeting::{Announcement, Signed};
use incamera_protocol::public::{Announce, Announcements, Convene, Convened, PublicMeeting, PublicState, Readouts};
use incamera_protocol::{ErrorBody, ErrorCode, MeetingId, limits};
use tokio::sync::oneshot;

use super::door;
use super::guard::{bearer, body_up_to};
use crate::house::House;
use crate::problem::Problem;
use crate::sitting::Ask;
use crate::time::now_ms;

/// `GET`: what the public sees of every meeting, the newest first.
#[utoipa::path(get, path = "/api/meetings", responses((status = 200, description = "What was asked for", body = [PublicState])))]
pub(super) async fn list(State(house): State<Arc<House>>) -> Json<Vec<PublicState>> {
    let views = house.public_views(now_ms()).await;
    Json(views.iter().map(|view| (*view.state).clone()).collect())
}

/// `POST`: convenes a meeting, for whoever has the house key.
#[utoipa::path(post, path = "/api/meetings", request_body = Convene,
    params(("authorization" = String, Header, description = "Bearer and the key of the house")),
    responses((status = 201, description = "Done", body = Convened), (status = "4XX", description = "Refused", body = ErrorBody)))]
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
    let announcement = convene.announcement.as_ref().map(|bytes| bytes.0.as_slice());
    let meeting = house.convene(&convene.charter.0, announcement).await?;
    Ok((StatusCode::CREATED, Json(Convened { meeting })).into_response())
}

/// `GET /{id}`: the charter, and what the public sees. Members and desks begin here, so an embargo does not shut it:
/// whoever has the id was given it.
#[utoipa::path(get, path = "/api/meetings/{id}", params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 200, description = "What was asked for", body = PublicMeeting), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn one(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
) -> Result<Json<PublicMeeting>, Problem> {
    let id = meeting_id(&id)?;
    if let Some(imported) = house.imported(id) {
        return Ok(Json(imported.public_meeting()));
    }
    let seat = house.seat(id).await?;
    Ok(Json(seat.public_meeting(house.recording)))
}

/// `GET /{id}/announcements`: every version, as signed. The convener signs the next one over the last.
#[utoipa::path(get, path = "/api/meetings/{id}/announcements", params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 200, description = "What was asked for", body = Announcements), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn announcements(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
) -> Result<Json<Announcements>, Problem> {
    let view = house.view(meeting_id(&id)?).await?;
    Ok(Json(view.signed_announcements()))
}

/// `POST /{id}/announcements`: the next version. The convener's signature says who may.
#[utoipa::path(post, path = "/api/meetings/{id}/announcements", request_body = Announce, params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 204, description = "Announced"), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn announce(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    door::check(&house)?;
    let seat = house.seat(meeting_id(&id)?).await?;
    let body = body_up_to(request, limits::BODY_BYTES_MAX).await?;
    let announce: Announce = serde_json::from_slice(&body).map_err(|_| Problem::malformed())?;
    let announcement = Signed::<Announcement>::read(&announce.announcement.0)?;
    let (answer, answered) = oneshot::channel();
    let ask = Ask::Announce {
        announcement: Box::new(announcement),
        answer,
    };
    seat.ask(ask).await.map_err(|_| Problem::internal())?;
    answered.await.map_err(|_| Problem::internal())??;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /{id}/readouts`: what was published, as signed.
#[utoipa::path(get, path = "/api/meetings/{id}/readouts", params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 200, description = "What was asked for", body = Readouts), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn readouts(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
) -> Result<Json<Readouts>, Problem> {
    let view = house.public_view(meeting_id(&id)?).await?;
    Ok(Json(view.signed_readouts()))
}

/// The id in a path. What is no id names no meeting.
pub(super) fn meeting_id(text: &str) -> Result<MeetingId, Problem> {
    text.parse().map_err(|_| Problem::no_such_meeting())
}
