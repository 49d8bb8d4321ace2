//! An engine, its clients and a network with a constant delay. Time passes only when told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use incamera_endpoint::{self as endpoint, Frame, MediaEndpoint, Offering, Outgoing, Stream};
use incamera_sfu::{Engine, EngineConfig, Event, Output, PeerId, Role, RoomId, Source};

pub(crate) const ROOM: RoomId = RoomId(7);
const DELAY: Duration = Duration::from_millis(5);

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn server() -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, 1), 3478).into()
}

/// One client.
pub(crate) struct Client {
    pub(crate) peer: PeerId,
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: MediaEndpoint,
    pub(crate) answer: String,
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) frames: Vec<Frame>,
    pub(crate) key_frame_requests: Vec<Instant>,
    /// Its cable is pulled: nothing goes in or out.
    pub(crate) cut: bool,
    /// SSRCs of media packets that reached it, by payload type.
    pub(crate) ssrcs: BTreeSet<(u8, u32)>,
    wake: Instant,
    clock: BTreeMap<Stream, u64>,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) engine: Engine,
    pub(crate) clients: Vec<Client>,
    pub(crate) events: Vec<Event>,
    /// Datagrams under way: when they arrive, from where, to where.
    wire: VecDeque<(Instant, SocketAddr, SocketAddr, Vec<u8>)>,
    /// Datagrams that were lost.
    pub(crate) lost: u32,
    /// What clients send is kept in `recorded`.
    pub(crate) record: bool,
    pub(crate) recorded: Vec<Vec<u8>>,
    /// Datagrams to addresses that are no client's.
    mail: BTreeMap<SocketAddr, Vec<Vec<u8>>>,
    lose_every: u32,
    media_datagrams: u32,
    next_port: u16,
    wake: Instant,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(EngineConfig::new(vec![server()]))
    }

    pub(crate) fn with(config: EngineConfig) -> Self {
        let now = Instant::now();
        World {
            now,
            engine: Engine::new(config, now),
            clients: Vec::new(),
            events: Vec::new(),
            wire: VecDeque::new(),
            lost: 0,
            record: false,
            recorded: Vec::new(),
            mail: BTreeMap::new(),
            lose_every: 0,
            media_datagrams: 0,
            next_port: 10_000,
            wake: now,
        }
    }

    /// Joins, without waiting for the connection. Gives the index of the client.
    pub(crate) fn join(&mut self, peer: u64, role: Role, audio_slots: usize, video_slots: usize) -> usize {
        self.next_port += 1;
        let address = SocketAddr::from((Ipv4Addr::new(198, 51, 100, 1), self.next_port));
        let mut endpoint = MediaEndpoint::new(self.now, address).unwrap();
        let offering = match role {
            Role::Member => Offering::Member,
            Role::Viewer => Offering::Viewer,
        };
        let offer = endpoint.offer(offering, audio_slots, video_slots).unwrap();
        let answer = self.engine.join(self.now, ROOM, PeerId(peer), role, &offer).unwrap();
        self.drain_engine();
        endpoint.accept_answer(&answer).unwrap();
        endpoint.handle_timeout(self.now).unwrap();
        self.clients.push(Client {
            peer: PeerId(peer),
            address,
            endpoint,
            answer,
            connected: false,
            closed: false,
            frames: Vec::new(),
            key_frame_requests: Vec::new(),
            cut: false,
            ssrcs: BTreeSet::new(),
            wake: self.now,
            clock: BTreeMap::new(),
        });
        let at = self.clients.len() - 1;
        self.drain_client(at);
        at
    }

    /// Joins and waits until media can flow.
    pub(crate) fn connect(&mut self, peer: u64, role: Role, audio_slots: usize, video_slots: usize) -> usize {
        let at = self.join(peer, role, audio_slots, video_slots);
        self.run_until("connected", |world| {
            let told = Event::Connected { peer: PeerId(peer) };
            world.clients[at].connected && world.events.contains(&told)
        });
        at
    }

    pub(crate) fn member(&mut self, peer: u64) -> usize {
        self.connect(peer, Role::Member, 4, 6)
    }

    pub(crate) fn viewer(&mut self, peer: u64) -> usize {
        self.connect(peer, Role::Viewer, 4, 6)
    }

    /// Sends one frame; the stream's clock goes on by 20 ms of sound or 66 ms of picture.
    pub(crate) fn send(&mut self, from: usize, stream: Stream, level_dbov: Option<i8>, bytes: &[u8]) {
        let now = self.now;
        let client = &mut self.clients[from];
        let clock = client.clock.entry(stream).or_insert(90_000);
        *clock += match stream {
            Stream::Microphone => 960,
            Stream::Camera => 6_000,
        };
        let frame = Outgoing {
            stream,
            rtp_time: *clock,
            level_dbov,
            bytes: Arc::from(bytes),
        };
        client.endpoint.send_frame(now, frame).unwrap();
        self.drain_client(from);
    }

    /// A picture: the clear first byte, then something nobody here can read.
    pub(crate) fn picture(seed: u8, key: bool, length: usize) -> Vec<u8> {
        let mut state = u32::from(seed).wrapping_mul(2_654_435_761) | 1;
        let mut bytes = vec![if key { 0x10 } else { 0x11 }];
        bytes.extend((1..length).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        }));
        bytes
    }

    /// Speaks for a while: sound of this level each 20 ms.
    pub(crate) fn speak(&mut self, from: &[(usize, i8)], time: Duration) {
        let until = self.now + time;
        while self.now < until {
            for (client, level) in from {
                self.send(*client, Stream::Microphone, Some(*level), &[*client as u8; 40]);
            }
            self.run_for(ms(20));
        }
    }

    pub(crate) fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        while self.step(until) {}
        self.now = until;
    }

    /// Lets time pass until the condition holds; fails after 30 virtual seconds.
    pub(crate) fn run_until(&mut self, what: &str, mut condition: impl FnMut(&World) -> bool) {
        let until = self.now + Duration::from_secs(30);
        while !condition(self) {
            assert!(self.step(until), "never: {what}");
        }
    }

    /// Does the next thing that is due before `until`.
    fn step(&mut self, until: Instant) -> bool {
        let wire = self.wire.front().map(|datagram| datagram.0);
        let clients = self.clients.iter().map(|client| client.wake).min();
        let next = [wire, clients, Some(self.wake)].into_iter().flatten().min().unwrap();
        if next > until {
            return false;
        }
        self.now = self.now.max(next);
        if wire.is_some_and(|at| at <= self.now) {
            let (_, source, destination, bytes) = self.wire.pop_front().unwrap();
            self.deliver(source, destination, &bytes);
            return true;
        }
        if self.wake <= self.now {
            self.engine.handle_timeout(self.now);
            self.drain_engine();
        }
        for at in 0..self.clients.len() {
            if self.clients[at].wake <= self.now {
                self.clients[at].endpoint.handle_timeout(self.now).unwrap();
                self.drain_client(at);
            }
        }
        true
    }

    fn deliver(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        if self.lose_every > 0 && bytes[0] >= 128 {
            self.media_datagrams += 1;
            if self.media_datagrams.is_multiple_of(self.lose_every) {
                self.lost += 1;
                return;
            }
        }
        if self.record && destination == server() {
            self.recorded.push(bytes.to_vec());
        }
        if destination == server() {
            self.engine.handle_datagram(self.now, source, destination, bytes);
            self.drain_engine();
            return;
        }
        // The latest client with an address has it.
        let Some(at) = self
            .clients
            .iter()
            .rposition(|client| client.address == destination && !client.cut)
        else {
            self.mail.entry(destination).or_default().push(bytes.to_vec());
            return;
        };
        if bytes[0] & 0xc0 == 0x80 && !(64..96).contains(&(bytes[1] & 0x7f)) {
            let ssrc = u32::from_be_bytes(bytes[8..12].try_into().unwrap());
            self.clients[at].ssrcs.insert((bytes[1] & 0x7f, ssrc));
        }
        self.clients[at]
            .endpoint
            .handle_datagram(self.now, source, bytes)
            .unwrap();
        self.drain_client(at);
    }

    /// Hands the engine a datagram from anywhere.
    pub(crate) fn inject(&mut self, source: SocketAddr, bytes: &[u8]) {
        self.engine.handle_datagram(self.now, source, server(), bytes);
        self.drain_engine();
    }

    pub(crate) fn drain_engine(&mut self) {
        let mut spins = 0;
        self.wake = loop {
            spins += 1;
            assert!(spins < 100_000, "the engine never comes to rest");
            match self.engine.poll_output() {
                Output::Transmit { destination, bytes } => {
                    self.wire.push_back((self.now + DELAY, server(), destination, bytes));
                }
                Output::Event(event) => self.events.push(event),
                Output::Timeout(at) => break at,
            }
        };
    }

    pub(crate) fn drain_client(&mut self, at: usize) {
        let client = &mut self.clients[at];
        client.wake = loop {
            match client.endpoint.poll_output().unwrap() {
                endpoint::Output::Transmit { destination, bytes } => {
                    if !client.cut {
                        self.wire
                            .push_back((self.now + DELAY, client.address, destination, bytes));
                    }
                }
                endpoint::Output::Timeout(wake) => break wake,
                endpoint::Output::Event(endpoint::Event::Connected) => client.connected = true,
                endpoint::Output::Event(endpoint::Event::Closed) => client.closed = true,
                endpoint::Output::Event(endpoint::Event::Frame(frame)) => client.frames.push(frame),
                endpoint::Output::Event(endpoint::Event::KeyFrameRequested(_)) => {
                    client.key_frame_requests.push(self.now);
                }
            }
        };
    }

    /// Takes what a client has sent off the wire, before it arrives.
    pub(crate) fn take_under_way(&mut self, from: SocketAddr) -> Vec<Vec<u8>> {
        let (taken, left) = std::mem::take(&mut self.wire)
            .into_iter()
            .partition(|(_, source, destination, _)| *source == from && *destination == server());
        self.wire = left;
        let taken: VecDeque<(Instant, SocketAddr, SocketAddr, Vec<u8>)> = taken;
        taken.into_iter().map(|(.., bytes)| bytes).collect()
    }

    /// What came to an address that is no client's.
    pub(crate) fn take_mail(&mut self, address: SocketAddr) -> Vec<Vec<u8>> {
        self.mail.remove(&address).unwrap_or_default()
    }

    /// Loses every n-th datagram from now on; none with zero.
    pub(crate) fn lose_every(&mut self, n: u32) {
        self.lose_every = n;
    }

    /// The frames that came to a client, in order.
    pub(crate) fn received(&self, at: usize) -> Vec<&[u8]> {
        self.clients[at].frames.iter().map(|frame| &*frame.bytes).collect()
    }

    /// What a client's slots carry, without the empty ones.
    pub(crate) fn carried(&self, at: usize) -> Vec<(String, Source)> {
        let slots = self.engine.slots(self.clients[at].peer);
        slots
            .into_iter()
            .filter_map(|(mid, source)| Some((mid, source?)))
            .collect()
    }
}
