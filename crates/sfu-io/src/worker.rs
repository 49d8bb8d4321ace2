//! What a media thread does.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use incamera_sfu::{Engine, Event, engine_of_check};
use mio::{Events, Poll};
use tokio::sync::mpsc;

use crate::batch::{Arrivals, RECEIVED_MAX};
use crate::directory::Directory;
use crate::handle::Command;
use crate::load::Load;
use crate::socket::{MediaSocket, plain};
use crate::strays::{Strays, Word};

/// How long messages of others are carried out in one round before datagrams, and the timers, have their turn. To let one
/// in takes a millisecond or more, and when a hundred come at once sound must not wait for them all.
const OBEYS_FOR: Duration = Duration::from_millis(1);

/// Datagrams made and sent in one round, about a millisecond's work. After it the thread looks what has come, so that sound
/// overtakes a picture that goes to hundreds. Many, and a system call carries more.
const SENT_TOGETHER: usize = 64;

/// From this part of a second's work on, in percent, what comes is gathered, and down to that one. Gathered batches are fewer and
/// larger and cost a tenth less, but every packet waits for its batch: so it is done where there would soon be no room for
/// more, and until then nobody waits. Apart by more than what it saves, or it would be turned on and off each second …
const GATHERS_AT_PERCENT: u32 = 80;
const GATHERS_TO_PERCENT: u32 = 60;

/// … and for so long. To be woken for each packet of a room of five costs as much as to forward it.
const GATHERS_FOR: Duration = Duration::from_micros(500);

/// Longest sleep. The system's waker is trusted, but not with a meeting.
const SLEEP_MAX: Duration = Duration::from_millis(250);

/// Words of other threads taken in in one round, each with what came in one system call.
const WORDS_PER_ROUND_MAX: usize = 8;

/// What the thread owns.
pub(crate) struct Worker {
    pub(crate) engine: Engine,
    pub(crate) socket: MediaSocket,
    pub(crate) poll: Poll,
    pub(crate) inbox: mpsc::Receiver<Command>,
    pub(crate) sink: mpsc::Sender<Event>,
    pub(crate) directory: Directory,
    pub(crate) strays: Strays,
    pub(crate) words: mpsc::Receiver<Word>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Worker {
    pub(crate) fn run(mut self) {
        let mut arrivals = Arrivals::new();
        let mut events = Events::with_capacity(8);
        let mut load = Load::new(Instant::now());
        // A round that was cut short has left something waiting: then there is no sleep before the next.
        let mut busy = false;
        let mut gathers = false;
        while !self.stop.load(Ordering::Acquire) {
            let before = Instant::now();
            if gathers && !busy {
                std::thread::sleep(GATHERS_FOR);
            }
            let sleep = if busy { Duration::ZERO } else { self.sleep() };
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
                gathers = percent
                    >= if gathers {
                        GATHERS_TO_PERCENT
                    } else {
                        GATHERS_AT_PERCENT
                    };
            }
            busy = self.obey();
            // Before what comes by itself: of what others know of its senders, this thread is to know, too.
            busy |= self.listen();
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
        let until = Instant::now() + OBEYS_FOR;
        while let Ok(command) = self.inbox.try_recv() {
            self.carry_out(command);
            if Instant::now() >= until {
                return true;
            }
        }
        false
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
            Command::LetIn(peer) => self.engine.let_in(now, peer),
            Command::Leave(peer) => self.engine.leave(now, peer),
            Command::CloseRoom(room) => self.engine.close_room(now, room),
            Command::RouteViewers(room, routed) => self.engine.set_viewers_routed(now, room, routed),
            Command::RequestKeyFrames(room) => self.engine.request_key_frames(now, room),
            Command::RequestKeyFrameFor(peer) => self.engine.request_key_frame_for(now, peer),
            Command::SetWishes(peer, first, wishes) => self.engine.set_wishes(now, peer, first, &wishes),
            Command::SetVoice(peer, voice) => self.engine.set_voice(now, peer, voice),
            Command::Listen(peer, channel) => self.engine.listen(now, peer, channel),
            Command::SetCircle(peer, circle) => self.engine.set_circle(now, peer, circle),
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
            let source = plain(source);
            if !self.strays.keep(&self.engine, source, datagram) {
                self.engine.take_datagram(now, source, local, datagram);
            }
        }
        self.strays.hand_on();
        messages >= RECEIVED_MAX
    }

    /// Takes in what other threads have handed on. Gives whether more may wait.
    fn listen(&mut self) -> bool {
        let local = self.socket.local();
        for _ in 0..WORDS_PER_ROUND_MAX {
            if self.engine.is_behind(Instant::now()) {
                return true;
            }
            let Ok(word) = self.words.try_recv() else {
                return false;
            };
            let now = Instant::now();
            match word {
                Word::Strays { via, datagrams } => {
                    for (source, datagram) in datagrams {
                        self.engine.take_datagram(now, source, local, &datagram);
                        if engine_of_check(&datagram).is_some() && self.engine.owns(source) {
                            self.strays.tell_owned(via, source);
                        }
                    }
                }
                Word::Owned { source, owner } => {
                    self.engine.give_up_address(now, source);
                    self.strays.hear_owned(source, owner);
                }
            }
        }
        true
    }

    /// Sends what is to be sent and tells what is to be told.
    fn flush(&mut self) {
        self.send();
        while let Ok(place) = self.sink.try_reserve() {
            let Some(event) = self.engine.poll_event() else { return };
            if let Event::Lost { peer, .. } = &event {
                self.directory.goes(*peer);
            }
            place.send(event);
        }
    }

    fn send(&mut self) {
        while let Some((destination, bytes)) = self.engine.poll_transmit() {
            self.socket.push(destination, bytes);
        }
        let engine = &mut self.engine;
        self.socket.send(|sent| engine.give_back(sent));
    }
}
