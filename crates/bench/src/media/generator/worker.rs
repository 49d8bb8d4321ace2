//! The thread: packets at their times, connections at theirs, and what the sockets bring.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId as TimerClock, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::time::{ClockId, clock_gettime};

use super::client::{Client, Context};
use super::received::Counts;
use super::report::{Report, Window, record};
use super::{ClientId, Command, Load, Unsettled};

const WAKER: Token = Token(usize::MAX - 1);
const TIMER: Token = Token(usize::MAX - 2);

/// Longest sleep, so that a lost wake-up shows as lateness and not as a standstill.
const SLEEP_MAX: Duration = Duration::from_millis(100);

/// A sender that is later than this skips what it missed: a burst of old packets would be another load.
const BEHIND_MAX: Duration = Duration::from_millis(500);

/// Shortest time between two calls of a connection that has nothing to do: a time of now would only spin.
const REST: Duration = Duration::from_millis(1);

/// A packet to be sent.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Instant,
    client: usize,
    line: usize,
}

pub(super) struct Worker {
    address: IpAddr,
    load: Load,
    poll: Poll,
    timer: TimerFd,
    inbox: Receiver<Command>,
    clients: Vec<Option<Box<Client>>>,
    sends: BinaryHeap<Reverse<Due>>,
    alarms: BinaryHeap<Reverse<(Instant, usize)>>,
    window: Option<Window>,
    began: Instant,
    began_cpu: Duration,
    failed: u64,
    /// Times of clients that have gone.
    first_audio: Vec<Duration>,
    first_video: Vec<Duration>,
}

impl Worker {
    pub(super) fn new(address: IpAddr, load: Load, inbox: Receiver<Command>) -> io::Result<(Self, Arc<Waker>)> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let timer = TimerFd::new(TimerClock::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK)?;
        let descriptor = timer.as_fd().as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&descriptor), TIMER, Interest::READABLE)?;
        let worker = Self {
            address,
            load,
            poll,
            timer,
            inbox,
            clients: Vec::new(),
            sends: BinaryHeap::new(),
            alarms: BinaryHeap::new(),
            window: None,
            began: Instant::now(),
            began_cpu: Duration::ZERO,
            failed: 0,
            first_audio: Vec::new(),
            first_video: Vec::new(),
        };
        Ok((worker, waker))
    }

    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        // The kernel joins at most so much.
        let mut buffer = vec![0; 65_535];
        let mut control = nix::cmsg_space!(TimeSpec, u32, i32);
        loop {
            if !self.obey() {
                return;
            }
            self.send_due();
            self.call_due();
            self.sleep_until_next();
            if let Err(error) = self.poll.poll(&mut events, Some(SLEEP_MAX))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the generator cannot wait for its sockets");
                return;
            }
            for event in &events {
                let Token(index) = event.token();
                self.with(index, |client, context| {
                    client.receive(&mut buffer, &mut control, context)
                });
                // Packets are due while others come in.
                self.send_due();
            }
        }
    }

    /// Does something with a client, and what follows from it.
    fn with<T>(&mut self, index: usize, act: impl FnOnce(&mut Client, &mut Context<'_>) -> T) -> Option<T> {
        let client = self.clients.get_mut(index)?.as_deref_mut()?;
        let mut context = Context {
            window: self.window.as_mut(),
            picture_interval: picture_interval(self.load),
        };
        let outcome = act(client, &mut context);
        if client.over {
            self.failed += 1;
            self.remove(index);
            return Some(outcome);
        }
        let now = Instant::now();
        let at = client.wants.max(now + REST);
        // An earlier call stays: being called too early costs little, a queue of calls for every packet costs much.
        if client.armed.is_none_or(|armed| at < armed) {
            client.armed = Some(at);
            self.alarms.push(Reverse((at, index)));
        }
        if client.connected && client.started.is_none() {
            client.started = Some(now);
            // Senders are spread over the interval by the golden ratio: evenly, however many there are.
            let phase = (index as f64 * 0.618_033_988_749_895).fract();
            for (line, sending) in client.sends.iter().enumerate() {
                let at = now + sending.interval().mul_f64(phase);
                self.sends.push(Reverse(Due {
                    at,
                    client: index,
                    line,
                }));
            }
        }
        Some(outcome)
    }

    fn remove(&mut self, index: usize) {
        let Some(mut client) = self.clients.get_mut(index).and_then(Option::take) else {
            return;
        };
        if let Err(error) = self.poll.registry().deregister(&mut client.socket) {
            tracing::warn!(%error, "a socket stays registered");
        }
        if let Some(window) = &mut self.window {
            window.gone += client.counts();
        }
        if client.spec.times_count {
            self.first_audio.extend(client.first_audio);
            self.first_video.extend(client.first_video);
        }
    }

    fn send_due(&mut self) {
        loop {
            let now = Instant::now();
            match self.sends.peek() {
                Some(Reverse(due)) if due.at <= now => {}
                _ => return,
            }
            let Some(Reverse(due)) = self.sends.pop() else { return };
            let late = now.saturating_duration_since(due.at);
            let interval = self.with(due.client, |client, context| {
                let sent = client.send(due.line, now, context);
                if sent > 0
                    && let Some(window) = &mut context.window
                {
                    window.sent += sent;
                    record(&mut window.lateness_us, late);
                }
                client.sends.get(due.line).map(|sending| sending.interval())
            });
            let Some(Some(interval)) = interval else { continue };
            let at = if late > BEHIND_MAX { now } else { due.at } + interval;
            self.sends.push(Reverse(Due { at, ..due }));
        }
    }

    fn call_due(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, index))) = self.alarms.peek().copied()
            && at <= now
        {
            self.alarms.pop();
            self.with(index, |client, context| {
                // Of several scheduled calls only the earliest counts.
                if client.armed.is_some_and(|armed| armed <= at) {
                    client.armed = None;
                    client.timeout(now, context);
                }
            });
        }
    }

    /// Sets the timer, which is finer than the milliseconds of the system's poll.
    fn sleep_until_next(&mut self) {
        let sends = self.sends.peek().map(|Reverse(due)| due.at);
        let alarms = self.alarms.peek().map(|Reverse((at, _))| *at);
        let next = sends.into_iter().chain(alarms).min();
        let wait = next.map_or(SLEEP_MAX, |at| at.saturating_duration_since(Instant::now()));
        // Zero would unset it.
        let wait = wait.clamp(Duration::from_nanos(1), SLEEP_MAX);
        let expiration = Expiration::OneShot(TimeSpec::from_duration(wait));
        if let Err(error) = self.timer.set(expiration, TimerSetTimeFlags::empty()) {
            tracing::warn!(%error, "the generator's timer cannot be set");
        }
    }

    /// Carries out what is asked. Gives whether there may be more to come.
    fn obey(&mut self) -> bool {
        loop {
            match self.inbox.try_recv() {
                Ok(command) => self.carry_out(command),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn carry_out(&mut self, command: Command) {
        // A reply that nobody waits for any longer is dropped.
        match command {
            Command::Offer(spec, lines, reply) => {
                let offered = self.admit(spec, |client, id| client.offer(id, lines));
                let _ = reply.send(offered);
            }
            Command::Answer(spec, offer, reply) => {
                let answered = self.admit(spec, |client, id| client.answer(id, &offer));
                let _ = reply.send(answered);
            }
            Command::Accept(ClientId(index), answer, reply) => {
                let load = self.load;
                let accepted = self.with(index, |client, context| {
                    client.accept(&answer, load)?;
                    client.timeout(Instant::now(), context);
                    Ok(())
                });
                let _ = reply.send(accepted.unwrap_or_else(|| Err("no such client".to_owned())));
            }
            Command::Close(ClientId(index)) => {
                self.with(index, |client, context| client.close(context));
                // It was asked to go.
                self.failed = self.failed.saturating_sub(1);
            }
            Command::Settled(reply) => {
                let _ = reply.send(self.unsettled());
            }
            Command::Begin(reply) => {
                self.clients
                    .iter_mut()
                    .flatten()
                    .for_each(|client| client.begin_window());
                self.window = Some(Window::new());
                self.began = Instant::now();
                self.began_cpu = cpu_of_this_thread();
                let _ = reply.send(());
            }
            Command::Collect(reply) => {
                if let Some(report) = self.collect() {
                    let _ = reply.send(report);
                }
            }
        }
    }

    fn admit<T>(
        &mut self,
        spec: super::ClientSpec,
        begin: impl FnOnce(&mut Client, ClientId) -> Result<T, String>,
    ) -> Result<T, String> {
        let now = Instant::now();
        let index = self.clients.len();
        let mut client = Box::new(Client::new(spec, self.address, now)?);
        let offered = begin(&mut client, ClientId(index))?;
        self.poll
            .registry()
            .register(&mut client.socket, Token(index), Interest::READABLE)
            .map_err(|error| error.to_string())?;
        self.clients.push(Some(client));
        self.with(index, |client, context| client.timeout(now, context));
        Ok(offered)
    }

    fn unsettled(&self) -> Unsettled {
        let clients = || self.clients.iter().flatten();
        Unsettled {
            not_connected: clients().filter(|client| !client.connected).count(),
            without_sound: clients().filter(|client| client.lacks_sound()).count(),
            without_picture: clients().filter(|client| client.lacks_picture()).count(),
            failed: usize::try_from(self.failed).unwrap_or(usize::MAX),
        }
    }

    fn collect(&mut self) -> Option<Report> {
        let window = self.window.take()?;
        let lasted = self.began.elapsed();
        let cpu = cpu_of_this_thread().saturating_sub(self.began_cpu);
        let mut counts: Counts = window.gone;
        for client in self.clients.iter().flatten() {
            counts += client.counts();
        }
        let counted = || self.clients.iter().flatten().filter(|client| client.spec.times_count);
        let first_audio = counted().filter_map(|client| client.first_audio);
        let first_video = counted().filter_map(|client| client.first_video);
        Some(Report {
            lasted,
            sent: window.sent,
            came: counts.came,
            expected: counts.expected,
            delays_us: window.delays_us,
            freezes: window.freezes,
            gaps: window.gaps,
            first_audio: first_audio.chain(self.first_audio.iter().copied()).collect(),
            first_video: first_video.chain(self.first_video.iter().copied()).collect(),
            failed: self.failed,
            lateness_us: window.lateness_us,
            cpu_share: cpu.as_secs_f64() / lasted.as_secs_f64(),
            overflowed: window.overflowed,
        })
    }
}

/// From one picture of a sender to its next.
fn picture_interval(load: Load) -> Duration {
    let packets = (load.video_packets_per_second / super::packets::PICTURES_PER_SECOND)
        .round()
        .max(1.0);
    Duration::from_secs_f64(packets / load.video_packets_per_second)
}

fn cpu_of_this_thread() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
