//! The socket of somebody who speaks, a member or a desk: reads, bounds and parses; the meeting's task judges.

use std::time::{Duration, Instant};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use incamera_protocol::desk::{DeskMessage, DeskServerMessage};
use incamera_protocol::limits;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::SocketId;
use super::bucket::Bucket;
use super::outbox::{Goodbye, Outbox, text_of};
use crate::problem::Problem;
use crate::sitting::{Ask, Seat};

/// How long a socket that was told goodbye is still read, so that the goodbye is not lost with a reset.
const LINGER: Duration = Duration::from_secs(2);

/// Who speaks on a socket.
pub(crate) trait Speaker: Send {
    /// What they say.
    type Message: DeserializeOwned + Send;
    fn came(socket: SocketId, outbox: Outbox) -> Ask;
    fn says(socket: SocketId, message: Self::Message) -> Ask;
    fn went(socket: SocketId) -> Ask;
    /// The `type` of a message.
    fn name_of(message: &Self::Message) -> &'static str;
    /// How long its text may be.
    fn bytes_max(message: &Self::Message) -> usize;
    fn refused(re: &str, problem: Problem) -> Utf8Bytes;
}

/// A member of the meeting, or somebody who would be.
pub(crate) struct Members;

impl Speaker for Members {
    type Message = MemberMessage;

    fn came(socket: SocketId, outbox: Outbox) -> Ask {
        Ask::MemberIn { socket, outbox }
    }

    fn says(socket: SocketId, message: MemberMessage) -> Ask {
        Ask::MemberSays { socket, message }
    }

    fn went(socket: SocketId) -> Ask {
        Ask::MemberOut { socket }
    }

    fn name_of(message: &MemberMessage) -> &'static str {
        message.name()
    }

    /// MLS messages may be long, in base64 with the JSON around them; the socket itself bounds them.
    fn bytes_max(message: &MemberMessage) -> usize {
        match message {
            MemberMessage::Commit { .. } | MemberMessage::Founded { .. } => limits::SOCKET_BYTES_MAX,
            _ => limits::MESSAGE_BYTES_MAX,
        }
    }

    fn refused(re: &str, problem: Problem) -> Utf8Bytes {
        text_of(&ServerMessage::Refused {
            re: re.to_owned(),
            code: problem.code,
            message: problem.message.into_owned(),
        })
    }
}

/// A delegation's desk.
pub(crate) struct Desks;

impl Speaker for Desks {
    type Message = DeskMessage;

    fn came(socket: SocketId, outbox: Outbox) -> Ask {
        Ask::DeskIn { socket, outbox }
    }

    fn says(socket: SocketId, message: DeskMessage) -> Ask {
        Ask::DeskSays { socket, message }
    }

    fn went(socket: SocketId) -> Ask {
        Ask::DeskOut { socket }
    }

    fn name_of(message: &DeskMessage) -> &'static str {
        match message {
            DeskMessage::Hello { .. } => "hello",
            DeskMessage::Act { .. } => "act",
            DeskMessage::Note { .. } => "note",
            DeskMessage::Publish { .. } => "publish",
            DeskMessage::Joint { .. } => "joint",
        }
    }

    /// A notebook may be long, and so may what is published; the socket itself bounds it, and the rules.
    fn bytes_max(message: &DeskMessage) -> usize {
        match message {
            DeskMessage::Note { .. } | DeskMessage::Publish { .. } | DeskMessage::Joint { .. } => {
                limits::SOCKET_BYTES_MAX
            }
            DeskMessage::Hello { .. } | DeskMessage::Act { .. } => limits::MESSAGE_BYTES_MAX,
        }
    }

    fn refused(re: &str, problem: Problem) -> Utf8Bytes {
        text_of(&DeskServerMessage::Refused {
            re: re.to_owned(),
            code: problem.code,
            message: problem.message.into_owned(),
        })
    }
}

/// Serves a socket until it ends.
pub(crate) async fn serve<S: Speaker>(socket: WebSocket, seat: Seat) {
    let id = SocketId::next();
    let (sink, mut stream) = socket.split();
    let (outbox, outgoing) = Outbox::new();
    let mut writer = tokio::spawn(outgoing.write(sink));
    if seat.ask(S::came(id, outbox.clone())).await.is_ok() {
        tokio::select! {
            _ = &mut writer => {}
            () = read::<S>(&mut stream, id, &outbox, &seat) => {}
        }
        let _ = seat.ask(S::went(id)).await;
    } else {
        outbox.send(S::refused("hello", Problem::internal()));
        outbox.close(Goodbye::Fault);
    }
    drop(outbox);
    if !writer.is_finished() {
        let drained = async {
            let (_, ()) = tokio::join!(&mut writer, async { while let Some(Ok(_)) = stream.next().await {} });
        };
        if timeout(LINGER, drained).await.is_err() {
            writer.abort();
        }
    }
}

/// Reads until the socket ends or the client does something that ends it.
async fn read<S: Speaker>(stream: &mut SplitStream<WebSocket>, id: SocketId, outbox: &Outbox, seat: &Seat) {
    let mut bucket = Bucket::new(Instant::now());
    let silence_max = Duration::from_millis(limits::SOCKET_SILENCE_MS_MAX);
    while let Ok(Some(message)) = timeout(silence_max, stream.next()).await {
        let text = match message {
            Ok(Message::Text(text)) => text,
            Ok(Message::Close(_)) => return,
            Ok(Message::Ping(_) | Message::Pong(_)) if bucket.take(Instant::now()) => continue,
            Ok(Message::Ping(_) | Message::Pong(_)) => return end::<S>(outbox, "", Problem::too_many()),
            Ok(Message::Binary(_)) => return end::<S>(outbox, "", Problem::malformed()),
            Err(error) => {
                tracing::info!(%error, "a socket failed");
                // Only a message that is too long leaves a socket that can still be told; a dead one does not mind.
                outbox.send(S::refused("", Problem::too_large()));
                return outbox.close(Goodbye::Policy);
            }
        };
        if !bucket.take(Instant::now()) {
            return end::<S>(outbox, "", Problem::too_many());
        }
        let Ok(message) = serde_json::from_str::<S::Message>(&text) else {
            return end::<S>(outbox, "", Problem::malformed());
        };
        if text.len() > S::bytes_max(&message) {
            return end::<S>(outbox, S::name_of(&message), Problem::too_large());
        }
        if seat.ask(S::says(id, message)).await.is_err() {
            return outbox.close(Goodbye::Fault);
        }
    }
}

fn end<S: Speaker>(outbox: &Outbox, re: &str, problem: Problem) {
    tracing::info!(re, code = ?problem.code, why = %problem.message, "ending a socket");
    outbox.send(S::refused(re, problem));
    outbox.close(Goodbye::Policy);
}
