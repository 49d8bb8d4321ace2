//! Starting and stopping the media threads.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use incamera_sfu::{ENGINES_MAX, Engine, EngineConfig, Event};
use mio::{Interest, Poll, Token, Waker};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::addresses::candidates;
use crate::directory::Directory;
use crate::handle::{Command, MediaHandle, Way};
use crate::priority::go_first;
use crate::socket::MediaSocket;
use crate::strays::{Neighbour, Strays, WORDS_MAX, Word};
use crate::worker::Worker;

/// Threads at most: as many as the names in their answers can tell apart.
const THREADS_MAX: usize = ENGINES_MAX as usize;

/// From so many processors on there are several threads, unless the operator says otherwise.
const PROCESSORS_FOR_SEVERAL: usize = 4;

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);

/// Messages that may wait for the thread. Senders wait when there are this many.
const COMMANDS_MAX: usize = 1024;

/// Events that may wait for their reader. Further ones wait in the engine, which keeps only the latest of each kind for
/// each peer; none is lost.
const EVENTS_MAX: usize = 1024;

/// Where the thread listens, and what clients are told.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// The address to bind. Port 0 lets the system choose.
    pub bind: SocketAddr,
    /// Addresses at which clients reach the socket, if not those of the machine itself. See [`candidates`].
    pub advertise: Vec<IpAddr>,
    /// How many threads share the rooms. One is enough for some hundreds of receivers; each more costs a copy and a wake-up
    /// for most of what comes in.
    pub threads: usize,
    /// The limits of each thread's engine. Its candidates are filled in from the first two.
    pub engine: EngineConfig,
}

impl MediaConfig {
    /// Listens at an address, with the usual limits.
    pub fn new(bind: SocketAddr) -> Self {
        MediaConfig {
            bind,
            advertise: Vec::new(),
            threads: 1,
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

/// As many threads as are sensible on this machine: as many as it has processors, but for one that is left to all else the
/// house does; and one thread where there are only two or three processors, where another would only be in the way.
pub fn usual_threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    if processors < PROCESSORS_FOR_SEVERAL {
        1
    } else {
        (processors - 1).min(THREADS_MAX)
    }
}

/// The running threads. Dropping this stops them and waits for their end, a few milliseconds.
#[derive(Debug)]
pub struct MediaServer {
    handle: MediaHandle,
    local: SocketAddr,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl MediaServer {
    /// Binds the sockets and starts the threads.
    pub fn start(config: MediaConfig) -> Result<(MediaServer, MediaEvents), StartError> {
        let bind = |source| StartError::Bind {
            address: config.bind,
            source,
        };
        let count = config.threads.clamp(1, THREADS_MAX);
        let sockets = MediaSocket::bind_all(config.bind, count).map_err(bind)?;
        let local = sockets.first().map_or(config.bind, MediaSocket::local);
        let candidates = candidates(local, &config.advertise);
        let (sink, events) = mpsc::channel(EVENTS_MAX);
        let stop = Arc::new(AtomicBool::new(false));
        let directory = Directory::of(count);

        let mut seats = Vec::new();
        for socket in sockets {
            seats.push(Seat::of(socket).map_err(StartError::Thread)?);
        }
        let neighbours: Vec<Neighbour> = seats.iter().map(|seat| seat.neighbour.clone()).collect();
        let ways = seats.iter().map(|seat| Way {
            commands: seat.commands.clone(),
            waker: Arc::clone(&seat.neighbour.waker),
        });
        let handle = MediaHandle {
            ways: ways.collect(),
            directory: directory.clone(),
            candidates: candidates.clone().into(),
        };
        let mut server = MediaServer {
            handle,
            local,
            stop: Arc::clone(&stop),
            threads: Vec::new(),
        };
        for (number, seat) in seats.into_iter().enumerate() {
            let engine = EngineConfig {
                candidates: candidates.clone(),
                number: u8::try_from(number).unwrap_or_default(),
                ..config.engine.clone()
            };
            let worker = Worker {
                engine: Engine::new(engine, Instant::now()),
                socket: seat.socket,
                poll: seat.poll,
                inbox: seat.inbox,
                sink: sink.clone(),
                directory: directory.clone(),
                strays: Strays::new(number, neighbours.clone()),
                words: seat.words,
                stop: Arc::clone(&stop),
            };
            let thread = std::thread::Builder::new()
                .name(format!("media-{number}"))
                .spawn(move || {
                    hurry(number);
                    worker.run();
                });
            // Those that run already end with the server.
            server.threads.push(thread.map_err(StartError::Thread)?);
        }
        tracing::info!(port = local.port(), threads = count, "media listens");
        Ok((server, events))
    }

    /// A way to the threads.
    pub fn handle(&self) -> MediaHandle {
        self.handle.clone()
    }

    /// The address the sockets are bound to, with its real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for MediaServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // If one cannot be woken, it looks after its longest sleep.
        self.handle.wake_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a media thread had panicked");
            }
        }
    }
}

/// Has a media thread go before others, and says how far that was allowed.
fn hurry(thread: usize) {
    match go_first() {
        Ok(priority) => tracing::info!(thread, ?priority, "a media thread is scheduled"),
        Err(error) => tracing::warn!(thread, %error, "a media thread is scheduled as any other"),
    }
}

/// What a thread is given, and what others need to reach it.
struct Seat {
    socket: MediaSocket,
    poll: Poll,
    commands: mpsc::Sender<Command>,
    inbox: mpsc::Receiver<Command>,
    neighbour: Neighbour,
    words: mpsc::Receiver<Word>,
}

impl Seat {
    fn of(mut socket: MediaSocket) -> io::Result<Self> {
        let poll = Poll::new()?;
        poll.registry()
            .register(&mut socket.socket, SOCKET, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let (word, words) = mpsc::channel(WORDS_MAX);
        let neighbour = Neighbour { words: word, waker };
        Ok(Seat {
            socket,
            poll,
            commands,
            inbox,
            neighbour,
            words,
        })
    }
}
