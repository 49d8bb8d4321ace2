//! What everyone else holds: messages to the media threads.

use std::net::SocketAddr;
use std::sync::Arc;

use incamera_sfu::{Channel, Circle, Counters, JoinRefusal, PeerId, Role, RoomCounters, RoomId, SlotWish, Voice};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::directory::Directory;

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
    LetIn(PeerId),
    Leave(PeerId),
    CloseRoom(RoomId),
    RouteViewers(RoomId, bool),
    RequestKeyFrames(RoomId),
    RequestKeyFrameFor(PeerId),
    SetWishes(PeerId, Option<PeerId>, Vec<SlotWish>),
    SetVoice(PeerId, Voice),
    Listen(PeerId, Option<Channel>),
    SetCircle(PeerId, Option<Circle>),
    Counters(oneshot::Sender<Counters>),
    RoomCounters(RoomId, oneshot::Sender<Option<RoomCounters>>),
}

/// The way to one thread.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) waker: Arc<mio::Waker>,
}

/// A way to the media threads. Cloning it is cheap.
///
/// Messages of one handle about one room are carried out in the order in which they were sent. When many wait, sending
/// waits.
#[derive(Debug, Clone)]
pub struct MediaHandle {
    pub(crate) ways: Arc<[Way]>,
    pub(crate) directory: Directory,
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
        let was_in = self.directory.thread_of_peer(peer).is_some();
        let (thread, before) = self.directory.comes(peer, room);
        if let Some(before) = before {
            self.send(before, Command::Leave(peer)).await?;
        }
        let (reply, answer) = oneshot::channel();
        let join = Command::Join {
            room,
            peer,
            role,
            offer: offer_sdp.into(),
            reply,
        };
        self.send(thread, join).await?;
        let answer = answer.await.map_err(|_| MediaGone)?;
        // Who was in before stays in when a new offer is refused.
        if answer.is_err() && !was_in {
            self.directory.goes(peer);
        }
        Ok(answer?)
    }

    /// Makes a member of a peer that waited. See [`Engine::let_in`](incamera_sfu::Engine::let_in).
    pub async fn let_in(&self, peer: PeerId) -> Result<(), MediaGone> {
        self.send_to_peer(peer, Command::LetIn(peer)).await
    }

    /// Takes a peer out. No event follows.
    pub async fn leave(&self, peer: PeerId) -> Result<(), MediaGone> {
        match self.directory.goes(peer) {
            Some(thread) => self.send(thread, Command::Leave(peer)).await,
            None => Ok(()),
        }
    }

    /// Takes out everybody of a room and forgets it, with its counters.
    pub async fn close_room(&self, room: RoomId) -> Result<(), MediaGone> {
        match self.directory.closes(room) {
            Some(thread) => self.send(thread, Command::CloseRoom(room)).await,
            None => Ok(()),
        }
    }

    /// Whether media of a room goes to its viewers. It does not until this was called with `true`. When the call with
    /// `false` has returned, the message is on its way; [`Self::room_counters`] after it shows that it has arrived.
    pub async fn set_viewers_routed(&self, room: RoomId, routed: bool) -> Result<(), MediaGone> {
        self.send_to_room(room, Command::RouteViewers(room, routed)).await
    }

    /// Asks every camera of a room for a key frame: the keys have changed.
    pub async fn request_key_frames(&self, room: RoomId) -> Result<(), MediaGone> {
        self.send_to_room(room, Command::RequestKeyFrames(room)).await
    }

    /// Asks the cameras in a peer's slots for a key frame: the peer has only now the key to them.
    pub async fn request_key_frame_for(&self, peer: PeerId) -> Result<(), MediaGone> {
        self.send_to_peer(peer, Command::RequestKeyFrameFor(peer)).await
    }

    /// What a peer asks of its video slots, all of them. See
    /// [`Engine::set_wishes`](incamera_sfu::Engine::set_wishes).
    pub async fn set_wishes(
        &self,
        peer: PeerId,
        first: Option<PeerId>,
        wishes: Vec<SlotWish>,
    ) -> Result<(), MediaGone> {
        self.send_to_peer(peer, Command::SetWishes(peer, first, wishes)).await
    }

    /// Where the sound of a peer's microphone goes. See [`Engine::set_voice`](incamera_sfu::Engine::set_voice).
    pub async fn set_voice(&self, peer: PeerId, voice: Voice) -> Result<(), MediaGone> {
        self.send_to_peer(peer, Command::SetVoice(peer, voice)).await
    }

    /// Which channel a peer listens to. See [`Engine::listen`](incamera_sfu::Engine::listen).
    pub async fn listen(&self, peer: PeerId, channel: Option<Channel>) -> Result<(), MediaGone> {
        self.send_to_peer(peer, Command::Listen(peer, channel)).await
    }

    /// Which circle a peer is of. See [`Engine::set_circle`](incamera_sfu::Engine::set_circle).
    pub async fn set_circle(&self, peer: PeerId, circle: Option<Circle>) -> Result<(), MediaGone> {
        self.send_to_peer(peer, Command::SetCircle(peer, circle)).await
    }

    /// Totals since the start, of all threads.
    pub async fn counters(&self) -> Result<Counters, MediaGone> {
        let mut total = Counters::default();
        for counters in self.counters_of_threads().await? {
            total = total.plus(counters);
        }
        Ok(total)
    }

    /// The same for each thread.
    pub async fn counters_of_threads(&self) -> Result<Vec<Counters>, MediaGone> {
        let mut all = Vec::new();
        for thread in 0..self.ways.len() {
            let (reply, counters) = oneshot::channel();
            self.send(thread, Command::Counters(reply)).await?;
            all.push(counters.await.map_err(|_| MediaGone)?);
        }
        Ok(all)
    }

    /// What was forwarded in a room, if the room is known.
    pub async fn room_counters(&self, room: RoomId) -> Result<Option<RoomCounters>, MediaGone> {
        let (reply, counters) = oneshot::channel();
        self.send_to_room(room, Command::RoomCounters(room, reply)).await?;
        counters.await.map_err(|_| MediaGone)
    }

    async fn send_to_room(&self, room: RoomId, command: Command) -> Result<(), MediaGone> {
        self.send(self.directory.thread_of(room), command).await
    }

    /// For a peer that is with no thread there is nothing to be done.
    async fn send_to_peer(&self, peer: PeerId, command: Command) -> Result<(), MediaGone> {
        match self.directory.thread_of_peer(peer) {
            Some(thread) => self.send(thread, command).await,
            None => Ok(()),
        }
    }

    async fn send(&self, thread: usize, command: Command) -> Result<(), MediaGone> {
        let way = self.ways.get(thread).ok_or(MediaGone)?;
        way.commands.send(command).await.map_err(|_| MediaGone)?;
        // The message is there either way; without the waker it is found at the next timeout.
        if let Err(error) = way.waker.wake() {
            tracing::warn!(%error, "a media thread could not be woken");
        }
        Ok(())
    }

    pub(crate) fn wake_all(&self) {
        for way in &*self.ways {
            let _ = way.waker.wake();
        }
    }
}
