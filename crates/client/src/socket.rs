//! A WebSocket that comes back: JSON text both ways.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use incamera_protocol::limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// First wait before connecting again; doubled up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(3);
/// See [`limits::HOUSE_SILENCE_MS_MAX`].
const SILENCE_MAX: Duration = Duration::from_millis(limits::HOUSE_SILENCE_MS_MAX);

/// What has come.
pub(crate) enum News<T> {
    Up,
    Down,
    Message(T),
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;
/// An attempt under way. Kept, because whoever waits for news waits for other things as well.
type Attempt = Pin<Box<dyn Future<Output = Option<Stream>> + Send>>;

/// The socket.
pub(crate) struct Socket {
    url: String,
    stream: Option<Stream>,
    attempt: Option<Attempt>,
    again_at: Instant,
    wait: Duration,
    /// When something last came.
    heard_at: Instant,
    /// The connection was seen to end, and that is still to be told.
    ended: bool,
}

impl Socket {
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            stream: None,
            attempt: None,
            again_at: Instant::now(),
            wait: WAIT_MIN,
            heard_at: Instant::now(),
            ended: false,
        }
    }

    /// The next news. May be dropped and called again at any time.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> News<T> {
        loop {
            let Some(stream) = self.stream.as_mut() else {
                let url = &self.url;
                let attempt = self
                    .attempt
                    .get_or_insert_with(|| Box::pin(connect(url.clone(), self.again_at)));
                self.stream = attempt.await;
                self.attempt = None;
                self.again_at = Instant::now() + self.wait;
                self.wait = (self.wait * 2).min(WAIT_MAX);
                if self.stream.is_some() {
                    self.wait = WAIT_MIN;
                    self.heard_at = Instant::now();
                    return News::Up;
                }
                continue;
            };
            if std::mem::take(&mut self.ended) {
                self.down();
                return News::Down;
            }
            let Ok(come) = timeout_at(self.heard_at + SILENCE_MAX, stream.next()).await else {
                tracing::info!("nothing comes from the house: connecting anew");
                self.down();
                return News::Down;
            };
            self.heard_at = Instant::now();
            match come {
                Some(Ok(Message::Text(text))) => {
                    if let Some(message) = read(text.as_str()) {
                        return News::Message(message);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.down();
                    return News::Down;
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next message that has come already. The end of a connection is left to [`Socket::next`].
    pub(crate) fn waiting<T: DeserializeOwned>(&mut self) -> Option<T> {
        if self.ended {
            return None;
        }
        loop {
            let come = self.stream.as_mut()?.next().now_or_never()?;
            self.heard_at = Instant::now();
            match come {
                Some(Ok(Message::Text(text))) => {
                    if let Some(message) = read(text.as_str()) {
                        return Some(message);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.ended = true;
                    return None;
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// Sends, if the socket is up; what is lost with it is repeated by the protocol.
    pub(crate) async fn send(&mut self, message: &impl Serialize) {
        let (Some(stream), Ok(text)) = (self.stream.as_mut(), serde_json::to_string(message)) else {
            return;
        };
        if stream.send(Message::text(text)).await.is_err() {
            self.down();
        }
    }

    /// Lets go of the connection; [`Socket::next`] makes a new one.
    pub(crate) fn down(&mut self) {
        self.stream = None;
        self.ended = false;
        self.again_at = Instant::now() + self.wait;
    }
}

/// A message of the house. An empty text is none: it says that the house is there.
fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    serde_json::from_str(text)
        .inspect_err(|error| tracing::debug!(%error, "a message that cannot be read"))
        .ok()
}

async fn connect(url: String, not_before: Instant) -> Option<Stream> {
    sleep_until(not_before).await;
    let connected = timeout(ATTEMPT, connect_async(url)).await;
    connected.ok()?.ok().map(|(stream, _)| stream)
}
