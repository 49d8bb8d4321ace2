//! An endpoint on a UDP socket, under tokio.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::endpoint::{EndpointError, Event, MediaEndpoint, Offering, Outgoing, Output};

/// Commands waiting for the driver. A sender waits when there are this many: two seconds of sound and picture.
const COMMANDS_MAX: usize = 128;

/// Events waiting for their reader. Frames beyond it are dropped, as late media is worth least.
const EVENTS_MAX: usize = 512;

/// Places among the waiting events that frames leave free for the others.
const EVENTS_RESERVED: usize = 32;

/// What went wrong with a connection.
#[derive(Debug, Error)]
pub enum ConnectionError {
    /// The system refused the socket.
    #[error("the socket cannot be used")]
    Socket(#[from] io::Error),
    /// The endpoint refused.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The connection is over.
    #[error("the connection is over")]
    Over,
}

enum Command {
    Answer(String, tokio::sync::oneshot::Sender<Result<(), EndpointError>>),
    Frame(Outgoing),
    KeyFrame(String),
}

/// Events of a connection. After [`Event::Closed`] there is nothing more.
#[derive(Debug)]
pub struct MediaEvents {
    events: mpsc::Receiver<Event>,
}

impl MediaEvents {
    /// The next event, or nothing once the connection is over and all its events are read.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

/// A running endpoint. Dropping it says goodbye to the server.
#[derive(Debug, Clone)]
pub struct MediaConnection {
    commands: mpsc::Sender<Command>,
}

impl MediaConnection {
    /// Binds a socket to `local`, makes the offer and runs the endpoint. Give the answer to [`Self::accept_answer`].
    pub async fn open(
        local: IpAddr,
        offering: Offering,
        audio_slots: usize,
        video_slots: usize,
    ) -> Result<(MediaConnection, String, MediaEvents), ConnectionError> {
        let socket = UdpSocket::bind((local, 0)).await?;
        let mut endpoint = MediaEndpoint::new(Instant::now(), socket.local_addr()?)?;
        let offer = endpoint.offer(offering, audio_slots, video_slots)?;
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let (sink, events) = mpsc::channel(EVENTS_MAX);
        tokio::spawn(
            Driver {
                endpoint,
                socket,
                inbox,
                sink,
                dropped: 0,
            }
            .run(),
        );
        Ok((MediaConnection { commands }, offer, MediaEvents { events }))
    }

    /// Takes the server's answer. ICE starts with it.
    pub async fn accept_answer(&self, answer_sdp: impl Into<String>) -> Result<(), ConnectionError> {
        let (reply, outcome) = tokio::sync::oneshot::channel();
        self.send(Command::Answer(answer_sdp.into(), reply)).await?;
        Ok(outcome.await.map_err(|_| ConnectionError::Over)??)
    }

    /// Sends one sealed frame. A frame that cannot be sent now, before the connection stands for one, is dropped.
    pub async fn send_frame(&self, frame: Outgoing) -> Result<(), ConnectionError> {
        self.send(Command::Frame(frame)).await
    }

    /// Asks for a key frame in a video slot.
    pub async fn request_key_frame(&self, mid: impl Into<String>) -> Result<(), ConnectionError> {
        self.send(Command::KeyFrame(mid.into())).await
    }

    async fn send(&self, command: Command) -> Result<(), ConnectionError> {
        self.commands.send(command).await.map_err(|_| ConnectionError::Over)
    }
}

struct Driver {
    endpoint: MediaEndpoint,
    socket: UdpSocket,
    inbox: mpsc::Receiver<Command>,
    sink: mpsc::Sender<Event>,
    dropped: u64,
}

/// What the driver woke up for.
enum Woken {
    Timeout,
    Datagram(usize, SocketAddr),
    Command(Option<Command>),
}

impl Driver {
    async fn run(mut self) {
        if let Err(error) = self.drive().await {
            tracing::debug!(%error, "a media connection ended");
            self.tell(Event::Closed);
        }
        if self.dropped > 0 {
            tracing::warn!(frames = self.dropped, "frames were dropped because nobody read them");
        }
    }

    async fn drive(&mut self) -> Result<(), ConnectionError> {
        let mut buffer = vec![0; 2048];
        loop {
            let Some(deadline) = self.drain().await? else {
                return Ok(());
            };
            let woken = tokio::select! {
                biased;
                received = self.socket.recv_from(&mut buffer) => match received {
                    Ok((length, source)) => Woken::Datagram(length, source),
                    // The other side's "port unreachable" of an earlier datagram; ICE notices if it stays away.
                    Err(_) => Woken::Timeout,
                },
                command = self.inbox.recv() => Woken::Command(command),
                () = tokio::time::sleep_until(deadline.into()) => Woken::Timeout,
            };
            let now = Instant::now();
            match woken {
                Woken::Timeout => self.endpoint.handle_timeout(now)?,
                Woken::Datagram(length, source) => {
                    self.endpoint
                        .handle_datagram(now, source, buffer.get(..length).unwrap_or_default())?;
                }
                Woken::Command(Some(command)) => self.obey(now, command)?,
                Woken::Command(None) => {
                    self.endpoint.close();
                    self.drain().await?;
                    return Ok(());
                }
            }
        }
    }

    fn obey(&mut self, now: Instant, command: Command) -> Result<(), EndpointError> {
        match command {
            Command::Answer(answer, reply) => {
                // A caller that no longer waits has its answer in the events.
                let _ = reply.send(self.endpoint.accept_answer(&answer));
                self.endpoint.handle_timeout(now)
            }
            Command::Frame(frame) => match self.endpoint.send_frame(now, frame) {
                Err(EndpointError::NotSending | EndpointError::FrameSize) => Ok(()),
                outcome => outcome,
            },
            Command::KeyFrame(mid) => self.endpoint.request_key_frame(now, &mid),
        }
    }

    /// Does all the endpoint wants done. Gives when it wants to be called again, or nothing when it is over.
    async fn drain(&mut self) -> Result<Option<Instant>, ConnectionError> {
        loop {
            match self.endpoint.poll_output()? {
                Output::Timeout(at) => return Ok(Some(at)),
                Output::Transmit { destination, bytes } => {
                    // A datagram that cannot be sent is a lost one.
                    let _ = self.socket.send_to(&bytes, destination).await;
                }
                Output::Event(event) => {
                    let over = event == Event::Closed;
                    self.tell(event);
                    if over {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn tell(&mut self, event: Event) {
        let frame = matches!(event, Event::Frame(_));
        if (frame && self.sink.capacity() <= EVENTS_RESERVED) || self.sink.try_send(event).is_err() {
            self.dropped += u64::from(frame);
        }
    }
}
