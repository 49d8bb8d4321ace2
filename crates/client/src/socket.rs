//! A WebSocket that comes back: JSON text both ways.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
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

/// The socket.
pub(crate) struct Socket {
    url: String,
    stream: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    again_at: Instant,
    wait: Duration,
}

impl Socket {
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            stream: None,
            again_at: Instant::now(),
            wait: WAIT_MIN,
        }
    }

    /// The next news. May be dropped and called again at any time.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> News<T> {
        loop {
            let Some(stream) = self.stream.as_mut() else {
                sleep_until(self.again_at).await;
                // Counted before the attempt, so that one that is dropped half-way counts as well.
                self.again_at = Instant::now() + self.wait;
                self.wait = (self.wait * 2).min(WAIT_MAX);
                if let Ok(Ok((stream, _))) = timeout(ATTEMPT, connect_async(self.url.as_str())).await {
                    self.stream = Some(stream);
                    self.wait = WAIT_MIN;
                    return News::Up;
                }
                continue;
            };
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
        self.again_at = Instant::now() + self.wait;
    }
}
