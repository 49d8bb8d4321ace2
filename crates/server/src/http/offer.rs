//! `POST /api/media`: an SDP offer for an SDP answer (the shape of RFC 9725).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::{ErrorBody, ErrorCode, limits};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::guard::{bearer, body_up_to};
use crate::house::House;
use crate::problem::Problem;
use crate::sitting::{Ask, NOT_ADMITTED};

const SDP: &str = "application/sdp";

/// Takes the offer of a ticket's bearer. Somebody who waits to be let in waits here too, for a while.
#[utoipa::path(post, path = "/api/media", request_body(content = String, content_type = "application/sdp"),
    params(("authorization" = String, Header, description = "Bearer and a ticket")),
    responses((status = 201, description = "The answer", content_type = "application/sdp", body = String), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn media(State(house): State<Arc<House>>, request: Request) -> Result<Response, Problem> {
    let bearer = bearer(request.headers())
        .and_then(|ticket| house.tickets.bearer(ticket))
        .ok_or(Problem::new(
            ErrorCode::NotAMember,
            "This ticket is not valid (any more). The next one comes over the socket.",
        ))?;
    let is_sdp = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(SDP));
    if !is_sdp {
        return Err(Problem::new(ErrorCode::Malformed, "An offer is application/sdp."));
    }
    let body = body_up_to(request, limits::SDP_BYTES_MAX).await?;
    let offer = String::from_utf8(body).map_err(|_| Problem::malformed())?;

    let (answer, answered) = oneshot::channel();
    let ask = Ask::Media {
        socket: bearer.socket,
        offer,
        answer,
    };
    let seat = house.seat(bearer.meeting).await?;
    seat.ask(ask).await.map_err(|_| Problem::internal())?;
    let wait = Duration::from_millis(limits::MEDIA_WAIT_MS);
    match timeout(wait, answered).await {
        Ok(Ok(Ok(answer))) => Ok((StatusCode::CREATED, [(CONTENT_TYPE, SDP)], answer).into_response()),
        Ok(Ok(Err(problem))) => Err(problem),
        // The socket has gone, or the meeting.
        Ok(Err(_)) => Err(Problem::not_a_member()),
        Err(_) => Err(NOT_ADMITTED),
    }
}
