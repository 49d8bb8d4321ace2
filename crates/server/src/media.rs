//! The media engine as the meetings use it: rooms and peers get their numbers here, and its news finds its meeting.

mod post;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use incamera_protocol::{ErrorCode, Stream};
use incamera_sfu_io::{
    Channel, Circle, JoinError, JoinRefusal, MediaEvents, MediaHandle, PeerId, Role, RoomId, SlotWish, Source, Voice,
};
use tokio::sync::mpsc;

use crate::problem::Problem;
use crate::sitting::Ask;

/// The way to the engine.
#[derive(Clone)]
pub(crate) struct Media {
    handle: MediaHandle,
    owners: Owners,
    next: Arc<AtomicU64>,
}

/// Whose news is whose.
type Owners = Arc<Mutex<HashMap<PeerId, mpsc::Sender<Ask>>>>;

/// What the engine tells a meeting about one of its peers.
#[derive(Debug)]
pub(crate) enum News {
    /// It is gone without having left.
    Lost,
    /// What its slots carry from now on.
    Slots(Vec<(String, Option<Source>)>),
    /// Which layers of its camera anybody is shown.
    Layers(Vec<bool>),
}

impl Media {
    /// Takes the engine over; its news is passed on until it stops.
    pub(crate) fn new(handle: MediaHandle, events: MediaEvents) -> Self {
        let media = Self {
            handle,
            owners: Arc::default(),
            next: Arc::new(AtomicU64::new(1)),
        };
        tokio::spawn(post::deliver(events, Arc::clone(&media.owners)));
        media
    }

    /// A room that nobody has used.
    pub(crate) fn new_room(&self) -> RoomId {
        RoomId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// A peer that nobody has used; its news goes to `owner`.
    pub(crate) fn new_peer(&self, owner: mpsc::Sender<Ask>) -> PeerId {
        let peer = PeerId(self.next.fetch_add(1, Ordering::Relaxed));
        self.owners().insert(peer, owner);
        peer
    }

    pub(crate) async fn join(&self, room: RoomId, peer: PeerId, role: Role, offer: String) -> Result<String, Problem> {
        self.handle
            .join(room, peer, role, offer)
            .await
            .map_err(|error| problem_of(&error))
    }

    /// Makes a member of a peer that waited.
    pub(crate) async fn let_in(&self, peer: PeerId) {
        let _ = self.handle.let_in(peer).await;
    }

    /// Takes a peer out and forgets it. (That the engine has stopped is not an error here or below: so has all media.)
    pub(crate) async fn leave(&self, peer: PeerId) {
        self.owners().remove(&peer);
        let _ = self.handle.leave(peer).await;
    }

    /// Forgets a peer that is gone.
    pub(crate) fn forget(&self, peer: PeerId) {
        self.owners().remove(&peer);
    }

    pub(crate) async fn close_room(&self, room: RoomId) {
        let _ = self.handle.close_room(room).await;
    }

    pub(crate) async fn route_viewers(&self, room: RoomId, routed: bool) {
        let _ = self.handle.set_viewers_routed(room, routed).await;
    }

    pub(crate) async fn request_key_frames(&self, room: RoomId) {
        let _ = self.handle.request_key_frames(room).await;
    }

    pub(crate) async fn request_key_frames_for(&self, peer: PeerId) {
        let _ = self.handle.request_key_frame_for(peer).await;
    }

    /// What a peer asks of its slots.
    pub(crate) async fn wish(&self, peer: PeerId, first: Option<PeerId>, wishes: Vec<SlotWish>) {
        let _ = self.handle.set_wishes(peer, first, wishes).await;
    }

    /// Where the sound of a peer's microphone goes.
    pub(crate) async fn set_voice(&self, peer: PeerId, voice: Voice) {
        let _ = self.handle.set_voice(peer, voice).await;
    }

    /// Which channel a peer listens to.
    pub(crate) async fn listen(&self, peer: PeerId, channel: Option<Channel>) {
        let _ = self.handle.listen(peer, channel).await;
    }

    /// Whose whispers a peer is sent.
    pub(crate) async fn set_circle(&self, peer: PeerId, circle: Option<Circle>) {
        let _ = self.handle.set_circle(peer, circle).await;
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<PeerId, mpsc::Sender<Ask>>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream in the words of the wire.
pub(crate) fn stream_of(stream: incamera_sfu_io::Stream) -> Stream {
    match stream {
        incamera_sfu_io::Stream::Microphone => Stream::Microphone,
        incamera_sfu_io::Stream::Camera => Stream::Camera,
        incamera_sfu_io::Stream::Screen => Stream::Screen,
    }
}

fn problem_of(error: &JoinError) -> Problem {
    let JoinError::Refused(refusal) = error else {
        return Problem::shutting_down();
    };
    match refusal {
        JoinRefusal::OfferTooLong { .. } => Problem::too_large(),
        JoinRefusal::OfferMalformed { detail } => {
            tracing::debug!(%detail, "refused an offer");
            Problem::new(ErrorCode::Media, "The media offer cannot be understood.")
        }
        JoinRefusal::OfferShape(fault) => {
            tracing::debug!(%fault, "refused an offer");
            Problem::new(ErrorCode::Media, "The media offer does not have the agreed shape.")
        }
        JoinRefusal::CodecMissing(_) => Problem::new(
            ErrorCode::Media,
            "The media offer lacks a codec that this house forwards (Opus and VP8).",
        ),
        JoinRefusal::Overloaded | JoinRefusal::RoomFull | JoinRefusal::EngineFull => Problem::new(
            ErrorCode::Full,
            "This house is full: it carries as many people as it can. Please try again in a moment.",
        ),
        JoinRefusal::Internal => Problem::internal(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_no_room_is_told_that_the_house_is_full() {
        for refusal in [JoinRefusal::Overloaded, JoinRefusal::EngineFull, JoinRefusal::RoomFull] {
            let problem = problem_of(&JoinError::Refused(refusal));
            assert_eq!(problem.code, ErrorCode::Full);
            assert!(problem.message.starts_with("This house is full"));
        }
        let malformed = JoinRefusal::OfferMalformed { detail: String::new() };
        assert_eq!(problem_of(&JoinError::Refused(malformed)).code, ErrorCode::Media);
    }
}
