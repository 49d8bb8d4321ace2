//! What waits to be written to a socket. Bounded: a reader slower than that is cut off, and nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use incamera_protocol::limits;
use serde::Serialize;
use tokio::sync::{Notify, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// The sending end. Cloning it is cheap; when the last one goes, the socket is closed after what waits was written.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Out>,
    waiting: Arc<AtomicUsize>,
    cut: Arc<Notify>,
}

/// The receiving end, for [`Outbox::write`].
pub(crate) struct Outgoing {
    queue: mpsc::Receiver<Out>,
    waiting: Arc<AtomicUsize>,
    cut: Arc<Notify>,
}

enum Out {
    Text(Utf8Bytes),
    Close(Goodbye),
}

/// Why the server closes a socket (RFC 6455 §7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goodbye {
    /// The meeting or the visit is over.
    Done,
    /// The server goes away and will be back.
    Restart,
    /// The client did something that is not allowed.
    Policy,
    /// Our own fault.
    Fault,
}

impl Goodbye {
    fn frame(self) -> CloseFrame {
        let (code, reason) = match self {
            Self::Done => (close_code::NORMAL, "done"),
            Self::Restart => (close_code::AWAY, "the house is shutting down"),
            Self::Policy => (close_code::POLICY, "refused"),
            Self::Fault => (close_code::ERROR, "something went wrong in this house"),
        };
        CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        }
    }
}

/// A message as JSON text, made once for however many sockets.
pub(crate) fn text_of(message: &impl Serialize) -> Utf8Bytes {
    // Our own types without maps or floats always have a JSON form.
    serde_json::to_string(message).unwrap_or_default().into()
}

impl Outbox {
    /// An empty queue.
    pub(crate) fn new() -> (Self, Outgoing) {
        let (sender, receiver) = mpsc::channel(limits::SOCKET_QUEUE_MAX);
        let waiting = Arc::new(AtomicUsize::new(0));
        let cut = Arc::new(Notify::new());
        let outbox = Self {
            queue: sender,
            waiting: Arc::clone(&waiting),
            cut: Arc::clone(&cut),
        };
        let outgoing = Outgoing {
            queue: receiver,
            waiting,
            cut,
        };
        (outbox, outgoing)
    }

    /// Queues a message. If the queue is full the socket is cut off at once.
    pub(crate) fn send(&self, text: Utf8Bytes) {
        let bytes = text.len();
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        let over = before.saturating_add(bytes) > limits::SOCKET_QUEUE_BYTES_MAX;
        if over || self.queue.try_send(Out::Text(text)).is_err() {
            self.cut();
        }
    }

    /// Closes the socket after what waits was written.
    pub(crate) fn close(&self, why: Goodbye) {
        if self.queue.try_send(Out::Close(why)).is_err() {
            self.cut();
        }
    }

    fn cut(&self) {
        self.cut.notify_one();
    }
}

/// Messages that are written together: as many as fit into a few packets, so that hundreds of small ones, which a large
/// group's confirmations are, cost few calls of the system.
const BURST_MAX: usize = 64;
/// … and no more bytes than this, so that no socket's time for writing is used up by a burst.
const BURST_BYTES_MAX: usize = 64 * 1024;

async fn send_all(socket: &mut SplitSink<WebSocket, Message>, burst: Vec<Message>) -> Result<(), axum::Error> {
    for message in burst {
        socket.feed(message).await?;
    }
    socket.flush().await
}

impl Outgoing {
    /// A message, and what else waits behind it and is small.
    fn burst(&mut self, first: Message) -> Vec<Message> {
        let mut bytes = match &first {
            Message::Text(text) => text.len(),
            _ => return vec![first],
        };
        let mut burst = vec![first];
        while burst.len() < BURST_MAX
            && bytes < BURST_BYTES_MAX
            && let Ok(out) = self.queue.try_recv()
        {
            match out {
                Out::Text(text) => {
                    self.waiting.fetch_sub(text.len(), Ordering::Relaxed);
                    bytes += text.len();
                    burst.push(Message::Text(text));
                }
                Out::Close(why) => {
                    burst.push(Message::Close(Some(why.frame())));
                    break;
                }
            }
        }
        burst
    }

    /// Writes what comes until the queue ends, the socket fails, or it is cut off.
    pub(crate) async fn write(mut self, mut socket: SplitSink<WebSocket, Message>) {
        let write_max = Duration::from_millis(limits::SOCKET_WRITE_MS_MAX);
        let mut pings = interval(Duration::from_millis(limits::SOCKET_PING_MS));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        loop {
            let burst = tokio::select! {
                biased;
                () = self.cut.notified() => {
                    tracing::debug!("cut off a slow reader");
                    return;
                }
                out = self.queue.recv() => match out {
                    Some(Out::Text(text)) => {
                        self.waiting.fetch_sub(text.len(), Ordering::Relaxed);
                        self.burst(Message::Text(text))
                    }
                    Some(Out::Close(why)) => vec![Message::Close(Some(why.frame()))],
                    None => vec![Message::Close(Some(Goodbye::Done.frame()))],
                },
                // The ping asks whether the client is there. A page is not told of pings: the empty text tells it that the
                // house is.
                _ = pings.tick() => vec![Message::Ping(Default::default()), Message::Text(Utf8Bytes::default())],
            };
            let last = burst.iter().any(|message| matches!(message, Message::Close(_)));
            let written = tokio::select! {
                written = timeout(write_max, send_all(&mut socket, burst)) => matches!(written, Ok(Ok(()))),
                () = self.cut.notified() => false,
            };
            if last || !written {
                return;
            }
        }
    }
}
