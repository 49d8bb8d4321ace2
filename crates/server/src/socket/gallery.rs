//! A viewer's socket: the server speaks, the viewer says which channel it listens to and how it shows the pictures, and
//! nothing else.

use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt as _;
use incamera_protocol::limits;
use incamera_protocol::public::ViewerMessage;
use tokio::time::timeout;

use super::SocketId;
use super::bucket::Bucket;
use super::outbox::{Goodbye, Outbox};
use crate::sitting::{Ask, Seat};

/// Serves a socket until it ends.
pub(crate) async fn serve(socket: WebSocket, seat: Seat) {
    let id = SocketId::next();
    let (sink, mut stream) = socket.split();
    let (outbox, outgoing) = Outbox::new();
    let mut writer = tokio::spawn(outgoing.write(sink));
    let came = Ask::ViewerIn {
        socket: id,
        outbox: outbox.clone(),
    };
    if seat.ask(came).await.is_ok() {
        let listens = async {
            let mut bucket = Bucket::new(Instant::now());
            let mut tuning = Bucket::for_tuning(Instant::now());
            let silence_max = Duration::from_millis(limits::SOCKET_SILENCE_MS_MAX);
            while let Ok(Some(Ok(message))) = timeout(silence_max, stream.next()).await {
                let now = Instant::now();
                match message {
                    Message::Ping(_) | Message::Pong(_) if bucket.take(now) => {}
                    Message::Text(text) if tuning.take(now) => {
                        let Some(message) = read(&text) else { return };
                        if seat.ask(Ask::ViewerSays { socket: id, message }).await.is_err() {
                            return;
                        }
                    }
                    _ => return,
                }
            }
        };
        tokio::select! {
            _ = &mut writer => {}
            () = listens => outbox.close(Goodbye::Policy),
        }
        let _ = seat.ask(Ask::ViewerOut { socket: id }).await;
    } else {
        outbox.close(Goodbye::Fault);
    }
    drop(outbox);
    if !writer.is_finished() && timeout(Duration::from_secs(2), &mut writer).await.is_err() {
        writer.abort();
    }
}

fn read(text: &str) -> Option<ViewerMessage> {
    let short = text.len() <= limits::VIEWER_BYTES_MAX;
    short.then(|| serde_json::from_str(text).ok()).flatten()
}
