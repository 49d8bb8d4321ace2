//! The doors of the WebSockets.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use incamera_protocol::{ErrorBody, ErrorCode, MeetingId, limits};

use super::door;
use super::guard::is_from_elsewhere;
use super::meetings::meeting_id;
use crate::house::House;
use crate::problem::Problem;
use crate::sitting::Seat;
use crate::socket::{Speaker, serve_speaker, serve_viewer};
use crate::time::now_ms;

/// What a socket reads at a time, in bytes. The library's own choice is 128 KiB, held for as long as a socket is open: a
/// gigabyte for ten thousand who only watch.
const READ_BYTES: usize = 4_096;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `GET /api/meetings/{id}/member` and `GET /api/meetings/{id}/desk`.
pub(super) async fn speaker<S: Speaker + 'static>(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let (upgrade, seat) = admit(&house, &id, &headers, upgrade).await?;
    let open = house.addresses.open(from.ip())?;
    Ok(upgrade.on_upgrade(async move |socket: WebSocket| {
        serve_speaker::<S>(socket, seat).await;
        drop(open);
    }))
}

/// `GET /api/meetings/{id}/gallery`.
#[utoipa::path(get, path = "/api/meetings/{id}/gallery", params(("id" = MeetingId, Path, description = "The meeting")), 
    responses((status = 101, description = "A WebSocket"), (status = "4XX", description = "Refused", body = ErrorBody)))]
pub(super) async fn gallery(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let (upgrade, seat) = admit(&house, &id, &headers, upgrade).await?;
    // Of what it may not know of yet, the public is told nothing here either.
    if !seat.view().is_public(now_ms()) {
        return Err(Problem::no_such_meeting());
    }
    let open = house.addresses.open(from.ip())?;
    Ok(upgrade.on_upgrade(async move |socket: WebSocket| {
        serve_viewer(socket, seat).await;
        drop(open);
    }))
}

/// The description of a route for which [`speaker`] is too general to have one.
#[utoipa::path(get, path = "/api/meetings/{id}/member", params(("id" = MeetingId, Path, description = "The meeting")),
    responses((status = 101, description = "A WebSocket"), (status = "4XX", description = "Refused", body = ErrorBody)))]
#[allow(dead_code)]
pub(super) fn member_described() {}

/// As above.
#[utoipa::path(get, path = "/api/meetings/{id}/desk", params(("id" = MeetingId, Path, description = "The meeting")),
    responses((status = 101, description = "A WebSocket"), (status = "4XX", description = "Refused", body = ErrorBody)))]
#[allow(dead_code)]
pub(super) fn desk_described() {}

async fn admit(
    house: &Arc<House>,
    id: &str,
    headers: &HeaderMap,
    upgrade: Upgrade,
) -> Result<(WebSocketUpgrade, Seat), Problem> {
    // Browsers let any page open a socket to anywhere; only this header says whose page it is (RFC 6455 §10.2).
    if is_from_elsewhere(headers) {
        return Err(Problem::new(ErrorCode::NotAllowed, "This page is not of this house."));
    }
    door::check(house)?;
    let upgrade = upgrade.map_err(|_| Problem::new(ErrorCode::Malformed, "This address is for WebSockets."))?;
    let seat = house.seat(meeting_id(id)?).await?;
    let upgrade = upgrade
        .max_message_size(limits::SOCKET_BYTES_MAX)
        .max_frame_size(limits::SOCKET_BYTES_MAX)
        .read_buffer_size(READ_BYTES);
    Ok((upgrade, seat))
}
