//! A WebSocket that comes back: JSON text both ways.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// First wait before connecting again; doubled up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(3);

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
                    return News::Up;
                }
                continue;
            };
            if std::mem::take(&mut self.ended) {
                self.down();
                return News::Down;
            }
            match stream.next().await {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                    Ok(message) => return News::Message(message),
                    Err(error) => tracing::debug!(%error, "a message that cannot be read"),
                },
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
            match self.stream.as_mut()?.next().now_or_never()? {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                    Ok(message) => return Some(message),
                    Err(error) => tracing::debug!(%error, "a message that cannot be read"),
                },
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

async fn connect(url: String, not_before: Instant) -> Option<Stream> {
    sleep_until(not_before).await;
    let connected = timeout(ATTEMPT, connect_async(url)).await;
    connected.ok()?.ok().map(|(stream, _)| stream)
}
