//! The load: many clients on one thread, each with a socket and a connection of its own, against any server.
//!
//! The thread is the clock of the measurement, so it measures itself as well: how late it sends, how much of its
//! processor it uses, what its own sockets had to drop. Figures of a generator that was the bottleneck are worth
//! nothing ([`Report::saturated`]).

mod client;
mod feedback;
mod packets;
mod received;
mod report;
mod worker;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

pub(super) use client::{ClientSpec, Lines};
pub(super) use packets::Sending;
pub(super) use report::Report;

use worker::Worker;

/// What every sender sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// Packets of 1,200 bytes that a camera sends in a second, evenly.
    pub(super) video_packets_per_second: f64,
    /// How its packets follow each other.
    pub(super) spacing: Spacing,
    /// With a number, so many of the senders speak at a time, and others every three seconds; else all always do.
    pub(super) speakers: Option<u64>,
}

/// How the packets of a picture follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// At the same distance as all others, as from a slow line.
    Evenly,
    /// At once, as browsers send them.
    Pictures,
}

/// A client of the generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ClientId(usize);

/// What is asked of the thread.
enum Command {
    Offer(ClientSpec, Lines, Reply<Offered>),
    Accept(ClientId, String, Reply<()>),
    Answer(ClientSpec, String, Reply<Offered>),
    Close(ClientId),
    Settled(oneshot::Sender<Unsettled>),
    Begin(oneshot::Sender<()>),
    Collect(oneshot::Sender<Report>),
}

type Reply<T> = oneshot::Sender<Result<T, String>>;

/// A client with its offer or answer.
#[derive(Debug)]
pub(super) struct Offered {
    pub(super) client: ClientId,
    pub(super) sdp: String,
    /// The `mid`s of what it sends: sound and picture.
    pub(super) sends: Option<(String, String)>,
}

/// Who still lacks what a running meeting gives everybody.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unsettled {
    pub(super) not_connected: usize,
    pub(super) without_sound: usize,
    pub(super) without_picture: usize,
    pub(super) failed: usize,
}

impl Unsettled {
    pub(super) fn nobody(self) -> bool {
        self.not_connected == 0 && self.without_sound == 0 && self.without_picture == 0
    }
}

/// A way to the thread. Dropping it ends the thread and all clients.
pub(super) struct Generator {
    commands: Option<mpsc::Sender<Command>>,
    waker: Arc<mio::Waker>,
    thread: Option<JoinHandle<()>>,
}

impl Generator {
    /// Starts the thread on a processor of its own. Clients bind to `address`.
    pub(super) fn start(address: IpAddr, core: usize, load: Load) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("the generator cannot be started: {error}");
        let (commands, inbox) = mpsc::channel();
        let (worker, waker) = Worker::new(address, load, inbox).map_err(failed)?;
        let thread = std::thread::Builder::new().name("generator".into()).spawn(move || {
            if let Err(error) = crate::process::pin_this_thread(core) {
                tracing::warn!(error, "the generator has no processor of its own");
            }
            if let Err(error) = incamera_sfu_io::go_first() {
                tracing::warn!(%error, "the generator is scheduled as any other thread");
            }
            worker.run();
        });
        Ok(Self {
            commands: Some(commands),
            waker,
            thread: Some(thread.map_err(failed)?),
        })
    }

    /// A new client and its offer.
    pub(super) async fn offer(&self, spec: ClientSpec, lines: Lines) -> Result<Offered, String> {
        self.ask(|reply| Command::Offer(spec, lines, reply)).await?
    }

    /// The server's answer to a client's offer.
    pub(super) async fn accept(&self, client: ClientId, answer: String) -> Result<(), String> {
        self.ask(|reply| Command::Accept(client, answer, reply)).await?
    }

    /// A new client that answers the server's offer.
    pub(super) async fn answer(&self, spec: ClientSpec, offer: String) -> Result<Offered, String> {
        self.ask(|reply| Command::Answer(spec, offer, reply)).await?
    }

    /// Ends a client.
    pub(super) fn close(&self, client: ClientId) {
        self.send(Command::Close(client));
    }

    /// Waits until every client is connected and gets what it should.
    pub(super) async fn settled(&self, patience: Duration) -> Result<(), String> {
        let until = Instant::now() + patience;
        loop {
            let lacking = self.ask(Command::Settled).await?;
            if lacking.failed > 0 {
                return Err(format!("{} connections failed", lacking.failed));
            }
            if lacking.nobody() {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(format!(
                    "after {patience:?}, {} clients are not connected, {} hear nothing, {} see nothing",
                    lacking.not_connected, lacking.without_sound, lacking.without_picture
                ));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Begins to measure.
    pub(super) async fn begin(&self) -> Result<(), String> {
        self.ask(Command::Begin).await
    }

    /// Ends to measure.
    pub(super) async fn collect(&self) -> Result<Report, String> {
        self.ask(Command::Collect).await
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, String> {
        let (reply, outcome) = oneshot::channel();
        self.send(command(reply));
        outcome.await.map_err(|_| "the generator has stopped".to_owned())
    }

    fn send(&self, command: Command) {
        // When the thread is gone, the reply is what tells it.
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
        let _ = self.waker.wake();
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.waker.wake();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the generator had panicked");
        }
    }
}
