//! What everyone else holds: messages to the media thread.

use std::net::SocketAddr;
use std::sync::Arc;

use incamera_sfu::{Counters, JoinRefusal, PeerId, Role, RoomCounters, RoomId, SlotWish};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// The media thread is no more: the server is shutting down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the media server has stopped")]
pub struct MediaGone;

/// Why an offer got no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JoinError {
    /// The engine refused it.
    #[error(transparent)]
    Refused(#[from] JoinRefusal),
    /// Nobody is there to answer.
    #[error(transparent)]
    Gone(#[from] MediaGone),
}

/// A message to the media thread.
#[derive(Debug)]
pub(crate) enum Command {
    Join {
        room: RoomId,
        peer: PeerId,
        role: Role,
        offer: String,
        reply: oneshot::Sender<Result<String, JoinRefusal>>,
    },
    Leave(PeerId),
    CloseRoom(RoomId),
    RouteViewers(RoomId, bool),
    RequestKeyFrames(RoomId),
    RequestKeyFrameFor(PeerId),
    SetWishes(PeerId, Vec<SlotWish>),
    SetFloor(RoomId, Option<PeerId>),
    Counters(oneshot::Sender<Counters>),
    RoomCounters(RoomId, oneshot::Sender<Option<RoomCounters>>),
}

/// A way to the media thread. Cloning it is cheap.
///
/// Messages of one handle are carried out in the order in which they were sent. When many wait, sending waits.
#[derive(Debug, Clone)]
pub struct MediaHandle {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) waker: Arc<mio::Waker>,
    pub(crate) candidates: Arc<[SocketAddr]>,
}

impl MediaHandle {
    /// The addresses that are put into every answer, with the real port.
    pub fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
    }

    /// Takes a peer's one offer and gives the answer. See [`Engine::join`](incamera_sfu::Engine::join).
    pub async fn join(
        &self,
        room: RoomId,
        peer: PeerId,
        role: Role,
        offer_sdp: impl Into<String>,
    ) -> Result<String, JoinError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Join {
            room,
            peer,
            role,
            offer: offer_sdp.into(),
            reply,
        })
        .await?;
        Ok(answer.await.map_err(|_| MediaGone)??)
    }

    /// Takes a peer out. No event follows.
    pub async fn leave(&self, peer: PeerId) -> Result<(), MediaGone> {
        self.send(Command::Leave(peer)).await
    }

    /// Takes out everybody of a room and forgets it, with its counters.
    pub async fn close_room(&self, room: RoomId) -> Result<(), MediaGone> {
        self.send(Command::CloseRoom(room)).await
    }

    /// Whether media of a room goes to its viewers. It does not until this was called with `true`. When the call with
    /// `false` has returned, the message is on its way; [`Self::room_counters`] after it shows that it has arrived.
    pub async fn set_viewers_routed(&self, room: RoomId, routed: bool) -> Result<(), MediaGone> {
        self.send(Command::RouteViewers(room, routed)).await
    }

    /// Asks every camera of a room for a key frame: the keys have changed.
    pub async fn request_key_frames(&self, room: RoomId) -> Result<(), MediaGone> {
        self.send(Command::RequestKeyFrames(room)).await
    }

    /// Asks the cameras in a peer's slots for a key frame: the peer has only now the key to them.
    pub async fn request_key_frame_for(&self, peer: PeerId) -> Result<(), MediaGone> {
        self.send(Command::RequestKeyFrameFor(peer)).await
    }

    /// What a peer asks of its video slots, all of them. See
    /// [`Engine::set_wishes`](incamera_sfu::Engine::set_wishes).
    pub async fn set_wishes(&self, peer: PeerId, wishes: Vec<SlotWish>) -> Result<(), MediaGone> {
        self.send(Command::SetWishes(peer, wishes)).await
    }

    /// Gives the floor of a room to somebody, or to nobody. See [`Engine::set_floor`](incamera_sfu::Engine::set_floor).
    pub async fn set_floor(&self, room: RoomId, floor: Option<PeerId>) -> Result<(), MediaGone> {
        self.send(Command::SetFloor(room, floor)).await
    }

    /// Totals since the start.
    pub async fn counters(&self) -> Result<Counters, MediaGone> {
        let (reply, counters) = oneshot::channel();
        self.send(Command::Counters(reply)).await?;
        counters.await.map_err(|_| MediaGone)
    }

    /// What was forwarded in a room, if the room is known.
    pub async fn room_counters(&self, room: RoomId) -> Result<Option<RoomCounters>, MediaGone> {
        let (reply, counters) = oneshot::channel();
        self.send(Command::RoomCounters(room, reply)).await?;
        counters.await.map_err(|_| MediaGone)
    }

    async fn send(&self, command: Command) -> Result<(), MediaGone> {
        self.commands.send(command).await.map_err(|_| MediaGone)?;
        // The message is there either way; without the waker it is found at the next timeout.
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "the media thread could not be woken");
        }
        Ok(())
    }
}
