//! An engine, its clients and a network with a constant delay. Time passes only when told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use incamera_endpoint::{self as endpoint, Frame, LAYERS, MediaEndpoint, Offering, Outgoing, Stream};
use incamera_sfu::{Bandwidth, Engine, EngineConfig, Event, Output, PeerId, Role, RoomId, SlotWish, Source};

pub(crate) const ROOM: RoomId = RoomId(7);
const DELAY: Duration = Duration::from_millis(5);

/// More than all layers of all cameras here.
const WIDE_BPS: u64 = 50_000_000;

/// How long something waits at a narrow place before it is lost: a home router's buffer.
const DOWN_QUEUE_MAX: Duration = Duration::from_millis(300);

/// Bytes of a picture in each layer: 100, 400 and 1,500 kbit/s.
const LAYER_FRAME_BYTES: [usize; LAYERS] = [500, 2_000, 7_500];

/// A picture of a layered camera that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) at: Instant,
    pub(crate) rtp_time: u64,
    pub(crate) layer: u8,
    pub(crate) number: u32,
    pub(crate) key: bool,
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn server() -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, 1), 3478).into()
}

/// Without names of layers on lines of sound: browsers offer them for pictures alone.
fn as_a_browser_offers(offer: &str) -> String {
    let mut sound = false;
    let mut kept = String::new();
    for line in offer.split_inclusive('\n') {
        if line.starts_with("m=") {
            sound = line.starts_with("m=audio");
        }
        if !(sound && line.starts_with("a=extmap:") && line.contains("rtp-stream-id")) {
            kept.push_str(line);
        }
    }
    kept
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
    /// The address it sends from is another's: what is sent there does not come to it.
    pub(crate) forges: bool,
    /// Where all that it sends seems to come from as well, and first.
    pub(crate) seems_at: Option<SocketAddr>,
    /// What its way down takes, if that is little: more waits its turn, and is lost when it would wait too long.
    pub(crate) down_bps: Option<u64>,
    down_free: Instant,
    /// Part of what is sent to it that is lost, in percent.
    pub(crate) down_lost_percent: u32,
    /// What was sent towards its narrow way, lost or not: when, and how many bytes.
    sent_down: Vec<(Instant, usize)>,
    /// The layers that it was last told to send.
    pub(crate) sends: [bool; LAYERS],
    /// Layers that its encoder cannot make now, whatever it is told.
    pub(crate) unable: [bool; LAYERS],
    /// Layers whose next frame is to be a key frame.
    key_due: [bool; LAYERS],
    /// When each layer's key-frame requests came.
    pub(crate) layer_requests: [Vec<Instant>; LAYERS],
    filmed: u64,
    /// When each frame came, in the order of `frames`.
    pub(crate) came: Vec<Instant>,
    /// SSRCs of media packets that reached it, by payload type.
    pub(crate) ssrcs: BTreeSet<(u8, u32)>,
    wake: Instant,
    clock: BTreeMap<Stream, u64>,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) engine: Engine,
    /// The engine is told what ways take.
    given: bool,
    pub(crate) clients: Vec<Client>,
    pub(crate) events: Vec<Event>,
    /// Datagrams under way: when they arrive, from where, to where.
    wire: VecDeque<(Instant, SocketAddr, SocketAddr, Vec<u8>)>,
    /// Datagrams that were lost.
    pub(crate) lost: u32,
    /// What clients send is kept in `recorded`.
    pub(crate) record: bool,
    pub(crate) recorded: Vec<Vec<u8>>,
    /// What the engine sends is kept in `sent`.
    pub(crate) record_sent: bool,
    pub(crate) sent: Vec<(SocketAddr, Vec<u8>)>,
    /// Datagrams to addresses that are no client's.
    mail: BTreeMap<SocketAddr, Vec<Vec<u8>>>,
    lose_every: u32,
    media_datagrams: u32,
    next_port: u16,
    wake: Instant,
    dice: fastrand::Rng,
}

impl World {
    /// With ways that are wide and known to be, so that nothing hangs on how the congestion control happens to probe.
    pub(crate) fn new() -> Self {
        let mut config = EngineConfig::new(vec![server()]);
        config.bandwidth = Bandwidth::Given;
        Self::with(config)
    }

    /// With ways that the congestion control must measure. What it draws is drawn by this seed: one seed is one run.
    pub(crate) fn measured(seed: u64) -> Self {
        fastrand::seed(seed);
        Self::with(EngineConfig::new(vec![server()]))
    }

    pub(crate) fn with(config: EngineConfig) -> Self {
        let now = Instant::now();
        World {
            now,
            given: config.bandwidth == Bandwidth::Given,
            engine: Engine::new(config, now),
            clients: Vec::new(),
            events: Vec::new(),
            wire: VecDeque::new(),
            lost: 0,
            record: false,
            recorded: Vec::new(),
            record_sent: false,
            sent: Vec::new(),
            mail: BTreeMap::new(),
            lose_every: 0,
            media_datagrams: 0,
            next_port: 10_000,
            wake: now,
            dice: fastrand::Rng::with_seed(7),
        }
    }

    /// Joins, without waiting for the connection. Gives the index of the client.
    pub(crate) fn join(&mut self, peer: u64, role: Role, audio_slots: usize, video_slots: usize) -> usize {
        let offering = match role {
            Role::Member | Role::Waiting => Offering::Member,
            Role::Viewer => Offering::Viewer,
        };
        self.join_as(peer, role, offering, audio_slots, video_slots)
    }

    fn join_as(&mut self, peer: u64, role: Role, offering: Offering, audio_slots: usize, video_slots: usize) -> usize {
        self.next_port += 1;
        let address = SocketAddr::from((Ipv4Addr::new(198, 51, 100, 1), self.next_port));
        let mut endpoint = MediaEndpoint::new(self.now, address).unwrap();
        let offer = as_a_browser_offers(&endpoint.offer(offering, audio_slots, video_slots).unwrap());
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
            forges: false,
            seems_at: None,
            down_bps: None,
            down_free: self.now,
            down_lost_percent: 0,
            sent_down: Vec::new(),
            sends: [true; LAYERS],
            unable: [false; LAYERS],
            key_due: [true; LAYERS],
            layer_requests: Default::default(),
            filmed: 0,
            came: Vec::new(),
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
        self.wait_for(at)
    }

    /// The same with a camera in layers, and perhaps a screen.
    pub(crate) fn connect_offering(
        &mut self,
        peer: u64,
        offering: Offering,
        audio_slots: usize,
        video_slots: usize,
    ) -> usize {
        let at = self.join_as(peer, Role::Member, offering, audio_slots, video_slots);
        self.wait_for(at)
    }

    /// Gives a client another address, as its router sees fit. The client itself does not notice.
    pub(crate) fn readdress(&mut self, at: usize) {
        self.next_port += 1;
        self.clients[at].address = SocketAddr::from((Ipv4Addr::new(203, 0, 113, 9), self.next_port));
    }

    /// Tells the engine what the way to a client takes.
    pub(crate) fn give_bandwidth(&mut self, at: usize, bps: u64) {
        self.engine.set_bandwidth(self.now, self.clients[at].peer, bps);
        self.drain_engine();
    }

    fn wait_for(&mut self, at: usize) -> usize {
        let peer = self.clients[at].peer;
        self.run_until("connected", |world| {
            world.clients[at].connected && world.events.contains(&Event::Connected { peer })
        });
        if self.given {
            self.give_bandwidth(at, WIDE_BPS);
        }
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
            Stream::Camera | Stream::Screen => 6_000,
        };
        let frame = Outgoing {
            stream,
            layer: 0,
            rtp_time: *clock,
            level_dbov,
            bytes: Arc::from(bytes),
        };
        client.endpoint.send_frame(now, frame).unwrap();
        self.drain_client(from);
    }

    /// Films for a while, at 25 pictures a second: each picture in all layers that the client was told to send, with key
    /// frames where they were asked for. The second byte of a picture is its layer, the next four its number.
    pub(crate) fn film(&mut self, from: &[usize], time: Duration) {
        self.film_and(from, time, |_| {});
    }

    /// The same, and something else before each picture.
    pub(crate) fn film_and(&mut self, from: &[usize], time: Duration, mut also: impl FnMut(&mut World)) {
        let until = self.now + time;
        while self.now < until {
            also(self);
            for at in from {
                self.shoot(*at);
            }
            self.run_for(ms(40));
        }
    }

    fn shoot(&mut self, at: usize) {
        let now = self.now;
        self.clients[at].filmed += 1;
        let number = self.clients[at].filmed;
        for (layer, bytes) in LAYER_FRAME_BYTES.into_iter().enumerate() {
            let client = &mut self.clients[at];
            if !client.sends[layer] || client.unable[layer] {
                // An encoder that starts again starts with a key frame.
                client.key_due[layer] = true;
                continue;
            }
            let key = std::mem::take(&mut client.key_due[layer]);
            let mut picture = World::picture(number as u8, key, if key { 3 * bytes } else { bytes });
            picture[1] = layer as u8;
            picture[2..6].copy_from_slice(&(number as u32).to_be_bytes());
            let frame = Outgoing {
                stream: Stream::Camera,
                layer,
                // Each layer's clock begins elsewhere, as in browsers.
                rtp_time: 90_000 * (1 + 1_000 * layer as u64) + number * 3_600,
                level_dbov: None,
                bytes: picture.into(),
            };
            client.endpoint.send_frame(now, frame).unwrap();
            // Each layer's picture goes out whole before the next: which of them its connection would let go first is up
            // to chance, and a receiver waits a while for the rest of a picture that a change of layers has cut off.
            self.drain_client(at);
        }
    }

    /// The pictures of layered cameras that came to a client: when, which layer, which number, whether a key frame.
    pub(crate) fn pictures(&self, at: usize) -> Vec<Picture> {
        let client = &self.clients[at];
        let frames = client.frames.iter().zip(&client.came);
        let films = frames.filter(|(frame, _)| frame.kind == endpoint::Kind::Video && frame.bytes.len() >= 400);
        films
            .map(|(frame, at)| Picture {
                at: *at,
                rtp_time: frame.rtp_time,
                layer: frame.bytes[1],
                number: u32::from_be_bytes(frame.bytes[2..6].try_into().unwrap()),
                key: frame.bytes[0] & 1 == 0,
            })
            .collect()
    }

    /// Bytes that were sent towards a client's narrow way in that time.
    pub(crate) fn sent_down(&self, at: usize, from: Instant, until: Instant) -> usize {
        let taken = self.clients[at]
            .sent_down
            .iter()
            .filter(|(at, _)| (from..until).contains(at));
        taken.map(|(_, bytes)| bytes).sum()
    }

    /// The layers of the pictures that came to a client since then.
    pub(crate) fn layers_since(&self, at: usize, since: Instant) -> BTreeSet<u8> {
        let pictures = self.pictures(at);
        let recent = pictures.iter().filter(|picture| picture.at >= since);
        recent.map(|picture| picture.layer).collect()
    }

    /// Tells the engine how large a client shows its video slots, in their order; the others are not asked for.
    pub(crate) fn wish(&mut self, at: usize, heights: &[u16]) {
        let mids: Vec<String> = self.clients[at]
            .endpoint
            .slots()
            .filter(|(_, kind)| *kind == endpoint::Kind::Video)
            .map(|(mid, _)| mid)
            .collect();
        let wishes: Vec<SlotWish> = mids
            .into_iter()
            .zip(heights)
            .map(|(mid, height)| SlotWish {
                mid,
                height: *height,
                pin: None,
            })
            .collect();
        self.engine.set_wishes(self.now, self.clients[at].peer, None, &wishes);
        self.drain_engine();
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
            .rposition(|client| client.address == destination && !client.cut && !client.forges)
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
                    if self.record_sent {
                        self.sent.push((destination, bytes.clone()));
                    }
                    if let Some(at) = self.arrives(destination, bytes.len()) {
                        let place = self.wire.partition_point(|datagram| datagram.0 <= at);
                        self.wire.insert(place, (at, server(), destination, bytes));
                    }
                }
                Output::Event(event) => {
                    if let Event::Layers { peer, wanted } = &event
                        && let Some(client) = self.clients.iter_mut().find(|client| client.peer == *peer)
                    {
                        client.sends.copy_from_slice(wanted);
                    }
                    self.events.push(event);
                }
                Output::Timeout(at) => break at,
            }
        };
    }

    /// When a datagram of the engine is there, if it is not lost in a narrow way.
    fn arrives(&mut self, destination: SocketAddr, bytes: usize) -> Option<Instant> {
        let now = self.now;
        let client = self.clients.iter_mut().rfind(|client| client.address == destination);
        if let Some(client) = &client
            && self.dice.u32(..100) < client.down_lost_percent
        {
            self.lost += 1;
            return None;
        }
        let Some((client, bps)) = client.and_then(|client| client.down_bps.map(|bps| (client, bps))) else {
            return Some(now + DELAY);
        };
        client.sent_down.push((now, bytes));
        let free = client.down_free.max(now);
        if free - now > DOWN_QUEUE_MAX {
            self.lost += 1;
            return None;
        }
        client.down_free = free + Duration::from_nanos(bytes as u64 * 8 * 1_000_000_000 / bps);
        Some(client.down_free + DELAY)
    }

    pub(crate) fn drain_client(&mut self, at: usize) {
        let client = &mut self.clients[at];
        client.wake = loop {
            match client.endpoint.poll_output().unwrap() {
                endpoint::Output::Transmit { destination, bytes } => {
                    if !client.cut {
                        // What waits at a narrow place on another way holds nobody up.
                        let at = self.now + DELAY;
                        let place = self.wire.partition_point(|datagram| datagram.0 <= at);
                        let sources = client.seems_at.into_iter().chain([client.address]);
                        for (nth, source) in sources.enumerate() {
                            self.wire.insert(place + nth, (at, source, destination, bytes.clone()));
                        }
                    }
                }
                endpoint::Output::Timeout(wake) => break wake,
                endpoint::Output::Event(endpoint::Event::Connected) => client.connected = true,
                endpoint::Output::Event(endpoint::Event::Closed) => client.closed = true,
                endpoint::Output::Event(endpoint::Event::Frame(frame)) => {
                    client.frames.push(frame);
                    client.came.push(self.now);
                }
                endpoint::Output::Event(endpoint::Event::KeyFrameRequested { layer, .. }) => {
                    client.key_frame_requests.push(self.now);
                    client.layer_requests[layer].push(self.now);
                    client.key_due[layer] = true;
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
