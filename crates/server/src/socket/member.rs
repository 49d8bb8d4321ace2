//! A member's socket: reads, bounds and parses; the meeting's task judges.

use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use incamera_protocol::limits;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use tokio::time::timeout;

use super::SocketId;
use super::bucket::Bucket;
use super::outbox::{Goodbye, Outbox, text_of};
use crate::problem::Problem;
use crate::sitting::{Ask, Seat};

/// How long a socket that was told goodbye is still read, so that the goodbye is not lost with a reset.
const LINGER: Duration = Duration::from_secs(2);

/// Serves a socket until it ends.
pub(crate) async fn serve(socket: WebSocket, seat: Seat) {
    let id = SocketId::next();
    let (sink, mut stream) = socket.split();
    let (outbox, outgoing) = Outbox::new();
    let mut writer = tokio::spawn(outgoing.write(sink));
    let came = Ask::MemberIn {
        socket: id,
        outbox: outbox.clone(),
    };
    if seat.ask(came).await.is_ok() {
        tokio::select! {
            _ = &mut writer => {}
            () = read(&mut stream, id, &outbox, &seat) => {}
        }
        let _ = seat.ask(Ask::MemberOut { socket: id }).await;
    } else {
        refuse(&outbox, "hello", Problem::internal());
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
async fn read(stream: &mut SplitStream<WebSocket>, id: SocketId, outbox: &Outbox, seat: &Seat) {
    let mut bucket = Bucket::new(Instant::now());
    let silence_max = Duration::from_millis(limits::SOCKET_SILENCE_MS_MAX);
    while let Ok(Some(message)) = timeout(silence_max, stream.next()).await {
        let text = match message {
            Ok(Message::Text(text)) => text,
            Ok(Message::Close(_)) => return,
            Ok(Message::Ping(_) | Message::Pong(_)) if bucket.take(Instant::now()) => continue,
            Ok(Message::Ping(_) | Message::Pong(_)) => return end(outbox, "", Problem::too_many()),
            Ok(Message::Binary(_)) => return end(outbox, "", Problem::malformed()),
            Err(error) => {
                tracing::info!(%error, "a member's socket failed");
                // Only a message that is too long leaves a socket that can still be told; a dead one does not mind.
                refuse(outbox, "", Problem::too_large());
                return outbox.close(Goodbye::Policy);
            }
        };
        if !bucket.take(Instant::now()) {
            return end(outbox, "", Problem::too_many());
        }
        let Ok(message) = serde_json::from_str::<MemberMessage>(&text) else {
            return end(outbox, "", Problem::malformed());
        };
        if text.len() > bytes_max(&message) {
            return end(outbox, name_of(&message), Problem::too_large());
        }
        if seat.ask(Ask::MemberSays { socket: id, message }).await.is_err() {
            return outbox.close(Goodbye::Fault);
        }
    }
}

fn end(outbox: &Outbox, re: &str, problem: Problem) {
    tracing::info!(re, code = ?problem.code, why = %problem.message, "ending a member's socket");
    refuse(outbox, re, problem);
    outbox.close(Goodbye::Policy);
}

fn refuse(outbox: &Outbox, re: &str, problem: Problem) {
    outbox.send(text_of(&ServerMessage::Refused {
        re: re.to_owned(),
        code: problem.code,
        message: problem.message.into_owned(),
    }));
}

/// MLS messages may be long, in base64 with the JSON around them; the socket itself bounds them.
fn bytes_max(message: &MemberMessage) -> usize {
    match message {
        MemberMessage::Commit { .. } | MemberMessage::Founded { .. } => limits::SOCKET_BYTES_MAX,
        _ => limits::MESSAGE_BYTES_MAX,
    }
}

/// The `type` of a message.
pub(crate) fn name_of(message: &MemberMessage) -> &'static str {
    match message {
        MemberMessage::Hello { .. } => "hello",
        MemberMessage::Knock { .. } => "knock",
        MemberMessage::Founded { .. } => "founded",
        MemberMessage::Commit { .. } => "commit",
        MemberMessage::Statement { .. } => "statement",
        MemberMessage::Disclose { .. } => "disclose",
        MemberMessage::KeyFrames => "key_frames",
        MemberMessage::Leave => "leave",
    }
}
