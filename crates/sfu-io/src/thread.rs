//! The media thread.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use incamera_sfu::{Engine, EngineConfig, Event};
use mio::{Events, Interest, Poll, Token, Waker};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::addresses::candidates;
use crate::batch::{Arrivals, RECEIVED_MAX};
use crate::handle::{Command, MediaHandle};
use crate::load::Load;
use crate::socket::{MediaSocket, plain};

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);

/// Messages that may wait for the thread. Senders wait when there are this many.
const COMMANDS_MAX: usize = 1024;

/// Events that may wait for their reader. Further ones wait in the engine, which keeps only the latest of each kind for
/// each peer; none is lost.
const EVENTS_MAX: usize = 1024;

/// Messages of others carried out in one round before datagrams, and the timers, have their turn.
const COMMANDS_PER_ROUND_MAX: usize = 64;

/// Datagrams made and sent in one round, about a millisecond's work. After it the thread looks what has come, so that sound
/// overtakes a picture that goes to hundreds. Many, and a system call carries more.
const SENT_TOGETHER: usize = 64;

/// Longest sleep. The system's waker is trusted, but not with a meeting.
const SLEEP_MAX: Duration = Duration::from_millis(250);

/// Where the thread listens, and what clients are told.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// The address to bind. Port 0 lets the system choose.
    pub bind: SocketAddr,
    /// Addresses at which clients reach the socket, if not those of the machine itself. See [`candidates`].
    pub advertise: Vec<IpAddr>,
    /// The engine's limits. Its candidates are filled in from the two above.
    pub engine: EngineConfig,
}

impl MediaConfig {
    /// Listens at an address, with the usual limits.
    pub fn new(bind: SocketAddr) -> Self {
        MediaConfig {
            bind,
            advertise: Vec::new(),
            engine: EngineConfig::new(Vec::new()),
        }
    }
}

/// Why the thread did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The system refused the media address.
    #[error("the media address {address} cannot be used")]
    Bind {
        /// The configured address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused a thread, or what the thread sleeps on.
    #[error("the media thread cannot be started")]
    Thread(#[source] io::Error),
}

/// What happens to peers, in order. Read it: what waits is bounded, and late news is old news.
pub type MediaEvents = mpsc::Receiver<Event>;

/// The running thread. Dropping this stops it and waits for its end, a few milliseconds.
#[derive(Debug)]
pub struct MediaServer {
    handle: MediaHandle,
    local: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl MediaServer {
    /// Binds the socket and starts the thread.
    pub fn start(config: MediaConfig) -> Result<(MediaServer, MediaEvents), StartError> {
        let bind = |source| StartError::Bind {
            address: config.bind,
            source,
        };
        let mut socket = MediaSocket::bind(config.bind).map_err(bind)?;
        let local = socket.local();
        let poll = Poll::new().map_err(StartError::Thread)?;
        poll.registry()
            .register(&mut socket.socket, SOCKET, Interest::READABLE)
            .map_err(StartError::Thread)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(StartError::Thread)?);

        let candidates = candidates(local, &config.advertise);
        let engine = Engine::new(
            EngineConfig {
                candidates: candidates.clone(),
                ..config.engine
            },
            Instant::now(),
        );
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let (sink, events) = mpsc::channel(EVENTS_MAX);
        let stop = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            engine,
            socket,
            poll,
            inbox,
            sink,
            stop: stop.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("media".into())
            .spawn(move || worker.run());
        let thread = Some(thread.map_err(StartError::Thread)?);
        tracing::info!(port = local.port(), "media listens");
        let handle = MediaHandle {
            commands,
            waker,
            candidates: candidates.into(),
        };
        Ok((
            MediaServer {
                handle,
                local,
                stop,
                thread,
            },
            events,
        ))
    }

    /// A way to the thread.
    pub fn handle(&self) -> MediaHandle {
        self.handle.clone()
    }

    /// The address the socket is bound to, with its real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for MediaServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // If it cannot be woken, it looks after its longest sleep.
        let _ = self.handle.waker.wake();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the media thread had panicked");
        }
    }
}

/// What the thread owns.
struct Worker {
    engine: Engine,
    socket: MediaSocket,
    poll: Poll,
    inbox: mpsc::Receiver<Command>,
    sink: mpsc::Sender<Event>,
    stop: Arc<AtomicBool>,
}

impl Worker {
    fn run(mut self) {
        let mut arrivals = Arrivals::new();
        let mut events = Events::with_capacity(8);
        let mut load = Load::new(Instant::now());
        // A round that was cut short has left something waiting: then there is no sleep before the next.
        let mut busy = false;
        while !self.stop.load(Ordering::Acquire) {
            let sleep = if busy { Duration::ZERO } else { self.sleep() };
            let before = Instant::now();
            if let Err(error) = self.poll.poll(&mut events, Some(sleep))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the media thread cannot wait for its socket");
                return;
            }
            let now = Instant::now();
            if !busy {
                load.slept(now.saturating_duration_since(before));
            }
            if let Some(percent) = load.of_the_last_second(now) {
                self.engine.hear_load(now, percent);
            }
            busy = self.obey();
            busy |= self.receive(&mut arrivals);
            self.engine.take_timeout(Instant::now());
            busy |= self.engine.settle_some(SENT_TOGETHER);
            self.flush();
        }
    }

    fn sleep(&self) -> Duration {
        // The system counts in milliseconds and rounds down: rather a little late than spinning.
        let until = self.engine.next_timeout().saturating_duration_since(Instant::now());
        until.saturating_add(Duration::from_micros(999)).min(SLEEP_MAX)
    }

    /// Carries out messages. Gives whether more may wait.
    fn obey(&mut self) -> bool {
        for _ in 0..COMMANDS_PER_ROUND_MAX {
            let Ok(command) = self.inbox.try_recv() else {
                return false;
            };
            self.carry_out(command);
        }
        true
    }

    fn carry_out(&mut self, command: Command) {
        let now = Instant::now();
        // A reply that nobody waits for any longer is dropped.
        match command {
            Command::Join {
                room,
                peer,
                role,
                offer,
                reply,
            } => {
                let _ = reply.send(self.engine.join(now, room, peer, role, &offer));
            }
            Command::Leave(peer) => self.engine.leave(now, peer),
            Command::CloseRoom(room) => self.engine.close_room(now, room),
            Command::RouteViewers(room, routed) => self.engine.set_viewers_routed(now, room, routed),
            Command::RequestKeyFrames(room) => self.engine.request_key_frames(now, room),
            Command::RequestKeyFrameFor(peer) => self.engine.request_key_frame_for(now, peer),
            Command::SetWishes(peer, wishes) => self.engine.set_wishes(now, peer, &wishes),
            Command::SetFloor(room, floor) => self.engine.set_floor(now, room, floor),
            Command::Counters(reply) => {
                let _ = reply.send(self.engine.counters());
            }
            Command::RoomCounters(room, reply) => {
                let _ = reply.send(self.engine.room_counters(room));
            }
        }
    }

    /// Takes in datagrams, unless too much waits already. Gives whether more may have come.
    fn receive(&mut self, arrivals: &mut Arrivals) -> bool {
        if self.engine.is_behind(Instant::now()) {
            return true;
        }
        let local = self.socket.local();
        let messages = self.socket.receive(arrivals);
        let now = Instant::now();
        for (source, datagram) in arrivals.datagrams() {
            self.engine.take_datagram(now, plain(source), local, datagram);
        }
        messages >= RECEIVED_MAX
    }

    /// Sends what is to be sent and tells what is to be told.
    fn flush(&mut self) {
        self.send();
        while let Ok(place) = self.sink.try_reserve() {
            let Some(event) = self.engine.poll_event() else { return };
            place.send(event);
        }
    }

    fn send(&mut self) {
        while let Some((destination, bytes)) = self.engine.poll_transmit() {
            self.socket.push(destination, bytes);
        }
        self.socket.send();
    }
}
