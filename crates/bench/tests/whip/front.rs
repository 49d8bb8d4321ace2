//! The forwarding engine as a server that speaks WHIP and WHEP: a room for each stream.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, post};
use incamera_sfu_io::{MediaConfig, MediaHandle, MediaServer, PeerId, Role, RoomId};

struct Front {
    media: MediaHandle,
    sessions_max: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    rooms: HashMap<String, RoomId>,
    /// Streams that have been asked for; the first time, they are not there yet.
    asked: HashSet<String>,
    sessions: HashSet<u64>,
    next: u64,
}

/// Serves until it is killed.
pub(crate) async fn serve(address: IpAddr, port: u16, sessions_max: usize) {
    let (server, mut events) = MediaServer::start(MediaConfig::new(SocketAddr::new(address, 0))).unwrap();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let front = Front {
        media: server.handle(),
        sessions_max,
        open: Mutex::default(),
    };
    let router = Router::new()
        .route("/{stream}/whip", post(publish))
        .route("/{stream}/whep", post(watch))
        .route("/{stream}/session/{peer}", delete(end))
        .with_state(Arc::new(front));
    let listener = tokio::net::TcpListener::bind((address, port)).await.unwrap();
    axum::serve(listener, router).await.unwrap();
}

type Shared = State<Arc<Front>>;

async fn publish(State(front): Shared, Path(stream): Path<String>, headers: HeaderMap, offer: String) -> Response {
    if let Some(refusal) = stranger(&stream, &headers) {
        return refusal;
    }
    let room = {
        let mut open = front.open.lock().unwrap();
        let room = RoomId(open.rooms.len() as u64);
        if open.rooms.insert(stream, room).is_some() {
            return (StatusCode::FORBIDDEN, "somebody sends this stream already").into_response();
        }
        room
    };
    front.media.set_viewers_routed(room, true).await.unwrap();
    front.let_in(room, Role::Member, offer).await
}

async fn watch(State(front): Shared, Path(stream): Path<String>, headers: HeaderMap, offer: String) -> Response {
    if let Some(refusal) = stranger(&stream, &headers) {
        return refusal;
    }
    let room = {
        let mut open = front.open.lock().unwrap();
        let room = open.rooms.get(&stream).copied();
        if open.asked.insert(stream) {
            return StatusCode::CONFLICT.into_response();
        }
        room
    };
    match room {
        Some(room) => front.let_in(room, Role::Viewer, offer).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn end(State(front): Shared, Path((stream, peer)): Path<(String, u64)>, headers: HeaderMap) -> Response {
    if let Some(refusal) = stranger(&stream, &headers) {
        return refusal;
    }
    if !front.open.lock().unwrap().sessions.remove(&peer) {
        return StatusCode::NOT_FOUND.into_response();
    }
    front.media.leave(PeerId(peer)).await.unwrap();
    StatusCode::OK.into_response()
}

/// What is said to who does not have the stream's token, which is its name.
fn stranger(stream: &str, headers: &HeaderMap) -> Option<Response> {
    let token = headers.get(AUTHORIZATION);
    if token.is_some_and(|token| *token == *format!("Bearer {stream}")) {
        return None;
    }
    Some((StatusCode::UNAUTHORIZED, "no such token").into_response())
}

impl Front {
    async fn let_in(&self, room: RoomId, role: Role, offer: String) -> Response {
        let peer = {
            let mut open = self.open.lock().unwrap();
            if open.sessions.len() == self.sessions_max {
                return (StatusCode::SERVICE_UNAVAILABLE, "too many sessions").into_response();
            }
            open.next += 1;
            let peer = open.next;
            open.sessions.insert(peer);
            peer
        };
        match self.media.join(room, PeerId(peer), role, offer).await {
            Ok(answer) => {
                let headers = [
                    (CONTENT_TYPE, "application/sdp".to_owned()),
                    (LOCATION, format!("session/{peer}")),
                ];
                (StatusCode::CREATED, headers, answer).into_response()
            }
            Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
        }
    }
}
