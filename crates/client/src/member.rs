//! A member without a screen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use incamera_endpoint::samples::{Paced, SampleError, SampleLoop};
use incamera_endpoint::{Event, Kind, Offering, Outgoing, Stream as MediaStream};
use incamera_protocol::booths::CallOf;
use incamera_protocol::document::DocumentOf;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::view::{ChatOf, Command, Lamp, MemberView, TypedOf};
use incamera_protocol::{ErrorCode, Leaf, MediaKind, MeetingId, Stream, limits};
use incamera_seal::{Action, Failure, Member, kid_of};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::house::{HouseClient, HouseError};
use crate::offer::{MEDIA_AGAIN, Media, Offer, offer, outcome};
use crate::socket::{News, Socket};
use crate::witness::Witness;

/// Calls waiting for the member's task.
const CALLS_MAX: usize = 16;
/// Messages that are taken in together before it is worked out what follows from them: one of each of many members. No
/// more, so that sound does not wait.
const BATCH_MAX: usize = 64;
/// Messages that are taken in before anybody is found too late: all that the server keeps for a slow reader.
const WAITING_MAX: usize = limits::SOCKET_QUEUE_MAX;
/// The sample sound is a tone at about this level, for RFC 6464.
const TONE_DBOV: i8 = -20;

/// What came of one voice in one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Frames.
    pub frames: u64,
    /// When the first came …
    pub first: std::time::Instant,
    /// … and the last.
    pub last: std::time::Instant,
}

impl Heard {
    fn more(known: &mut BTreeMap<(u8, Leaf), Self>, voice: (u8, Leaf)) {
        let now = std::time::Instant::now();
        let new = Self {
            frames: 0,
            first: now,
            last: now,
        };
        let heard = known.entry(voice).or_insert(new);
        heard.frames += 1;
        heard.last = now;
    }
}

/// What a member has seen so far.
#[derive(Debug, Clone, Default)]
pub struct MemberStatus {
    /// What the person would see.
    pub view: Option<Arc<MemberView>>,
    /// The media connection stands.
    pub media: bool,
    /// Frames sealed and sent.
    pub sent: u64,
    /// Frames opened, by sender and stream: of the floor.
    pub opened: BTreeMap<(Leaf, Stream), u64>,
    /// Frames opened of channels that it listened to, by channel and sender.
    pub heard: BTreeMap<(u8, Leaf), Heard>,
    /// What interpreters have called out.
    pub calls: Vec<CallOf>,
    /// Frames that could not be opened.
    pub refused: u64,
    /// When the lamp took the state that it shows.
    pub lamp_since: Option<std::time::Instant>,
    /// When the lamp last left `open`.
    pub left_open: Option<std::time::Instant>,
    /// When the last frame was sealed under a key of an open part.
    pub last_open_sealed: Option<std::time::Instant>,
    /// Frames sealed under a key of an open part after this client had been told that the part ends, or while its lamp
    /// said anything but `open`. Zero, or a guarantee is broken.
    pub open_sealed_too_late: u64,
    /// What was written, by everybody, in the order in which it came.
    pub chat: Vec<ChatOf>,
    /// What others are typing, by writer.
    pub lines: BTreeMap<String, String>,
    /// What was offered, by everybody, in the order in which it came.
    pub documents: Vec<DocumentOf>,
    /// Refusals told to the person.
    pub notices: Vec<String>,
    /// It cannot go on.
    pub fatal: Option<(ErrorCode, String)>,
}

impl MemberStatus {
    /// The lamp; waiting before there is one.
    pub fn lamp(&self) -> Lamp {
        self.view.as_ref().map_or(Lamp::Waiting, |view| view.lamp)
    }

    /// Frames opened in all.
    pub fn opened_frames(&self) -> u64 {
        self.opened.values().sum()
    }

    fn read(&mut self, message: ChatOf) {
        match self.chat.iter_mut().find(|known| known.id == message.id) {
            Some(known) => *known = message,
            None => self.chat.push(message),
        }
    }

    fn watch(&mut self, line: TypedOf) {
        if line.text.is_empty() {
            self.lines.remove(&line.id);
        } else {
            self.lines.insert(line.id, line.text);
        }
    }

    fn see(&mut self, document: DocumentOf) {
        match self.documents.iter_mut().find(|known| known.id == document.id) {
            Some(known) => *known = document,
            None => self.documents.push(document),
        }
    }

    fn show(&mut self, view: Arc<MemberView>) {
        if self.lamp() != view.lamp {
            let now = std::time::Instant::now();
            if self.lamp() == Lamp::Open {
                self.left_open = Some(now);
            }
            self.lamp_since = Some(now);
        }
        self.view = Some(view);
    }
}

/// Something that the member's task does with it.
type Call = Box<dyn FnOnce(&mut Member) + Send>;

/// A member that runs. Dropping it is like pulling the plug.
pub struct MemberClient {
    pub(crate) house: HouseClient,
    calls: mpsc::Sender<Call>,
    status: watch::Receiver<MemberStatus>,
    silent: Arc<AtomicBool>,
    covered: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for MemberClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a member sends instead of a microphone and a camera.
#[derive(Debug, Clone)]
pub struct Samples {
    /// Opus.
    pub sound: SampleLoop,
    /// VP8; without it only sound is sent.
    pub picture: Option<SampleLoop>,
}

/// A member cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The meeting cannot be read.
    #[error(transparent)]
    House(#[from] HouseError),
    /// The link or the charter does not hold.
    #[error(transparent)]
    Member(#[from] Failure),
    /// The sample media cannot be read.
    #[error(transparent)]
    Samples(#[from] SampleError),
}

impl MemberClient {
    /// Joins by a delegation's link: reads the charter, checks it against the link, and goes on by itself.
    pub async fn join(house: &HouseClient, meeting: MeetingId, fragment: &str, name: &str) -> Result<Self, JoinError> {
        let samples = Samples {
            sound: SampleLoop::tone()?,
            picture: Some(SampleLoop::moving()?),
        };
        Self::join_sending(house, meeting, fragment, name, samples).await
    }

    /// The same, with media of one's own.
    pub async fn join_sending(
        house: &HouseClient,
        meeting: MeetingId,
        fragment: &str,
        name: &str,
        samples: Samples,
    ) -> Result<Self, JoinError> {
        let charter = house.meeting(meeting).await?.charter;
        let member = Member::new(
            meeting,
            &charter.0,
            fragment,
            name,
            None,
            crate::now_ms(),
            crate::random,
        )?;
        let (calls, inbox) = mpsc::channel(CALLS_MAX);
        let (status_sender, status) = watch::channel(MemberStatus::default());
        let silent = Arc::new(AtomicBool::new(false));
        let covered = Arc::new(AtomicBool::new(false));
        let task = Task {
            house: house.clone(),
            socket: Socket::new(house.socket(meeting, "member")),
            member,
            inbox,
            status: status_sender,
            media: None,
            offering: None,
            ticket: None,
            offer_again: None,
            sound: Paced::new(samples.sound, 48_000),
            picture: samples.picture.map(|picture| Paced::new(picture, 90_000)),
            silent: Arc::clone(&silent),
            covered: Arc::clone(&covered),
            witness: Witness::default(),
        };
        Ok(Self {
            house: house.clone(),
            calls,
            status,
            silent,
            covered,
            task: tokio::spawn(task.run()),
        })
    }

    /// What the person would ask for.
    pub async fn command(&self, command: Command) -> Result<(), Failure> {
        self.ask(move |member| member.command(&command, crate::now_ms())).await
    }

    /// Has the member's task do this, and waits for what comes of it.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Member) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let gone = Failure::Internal("the member's task has ended");
        // Whoever no longer waits for the answer sees it in the view.
        let call: Call = Box::new(move |member| drop(reply.send(what(member))));
        self.calls.send(call).await.map_err(|_| gone.clone())?;
        answer.await.map_err(|_| gone)?
    }

    /// Takes microphone and camera away, or gives them back.
    pub fn be_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    /// Takes the camera alone away, or gives it back.
    pub fn cover_camera(&self, covered: bool) {
        self.covered.store(covered, Ordering::Relaxed);
    }

    /// What it has seen so far.
    pub fn status(&self) -> MemberStatus {
        self.status.borrow().clone()
    }

    /// Waits until the status is as wanted, or the time is over (`None`).
    pub async fn until(&self, within: Duration, wanted: impl FnMut(&MemberStatus) -> bool) -> Option<MemberStatus> {
        let mut status = self.status.clone();
        let reached = tokio::time::timeout(within, status.wait_for(wanted)).await;
        reached.ok()?.ok().map(|status| status.clone())
    }
}

struct Task {
    house: HouseClient,
    socket: Socket,
    member: Member,
    inbox: mpsc::Receiver<Call>,
    status: watch::Sender<MemberStatus>,
    media: Option<Media>,
    /// The offer of media that waits for its answer. Kept, because the member goes on hearing and answering meanwhile.
    offering: Option<Offer>,
    /// The newest ticket for media.
    ticket: Option<String>,
    /// When media is offered anew with it.
    offer_again: Option<Instant>,
    sound: Paced,
    picture: Option<Paced>,
    silent: Arc<AtomicBool>,
    covered: Arc<AtomicBool>,
    witness: Witness,
}

enum Woken {
    Socket(News<ServerMessage>),
    Media(Option<Event>),
    Call(Option<Call>),
    Time,
    Sound,
    Picture,
    Offer,
    Offered(Option<Media>),
}

impl Task {
    async fn run(mut self) {
        loop {
            let woken = self.wake().await;
            let now = crate::now_ms();
            match woken {
                Woken::Socket(News::Up) => self.member.connected(now),
                Woken::Socket(News::Down) => self.member.disconnected(now),
                Woken::Socket(News::Message(message)) => self.hear(message, BATCH_MAX),
                Woken::Media(event) => self.media_event(event),
                Woken::Call(Some(call)) => call(&mut self.member),
                Woken::Call(None) => return,
                Woken::Time => {
                    // Nobody is late whose word is here already.
                    self.hear_what_waits(WAITING_MAX);
                    self.member.timeout(crate::now_ms());
                }
                Woken::Sound => self.send_sample(Stream::Microphone).await,
                Woken::Picture => self.send_sample(Stream::Camera).await,
                Woken::Offer => {
                    self.offer_again = None;
                    if self.media.is_none() {
                        self.offer_media();
                    }
                }
                Woken::Offered(media) => {
                    self.offering = None;
                    match media {
                        Some(media) => self.media = Some(media),
                        None => self.offer_again = Some(Instant::now() + MEDIA_AGAIN),
                    }
                }
            }
            self.drain().await;
            // Where hundreds of clients share a machine, none is to keep a thread until it has taken in all that waits
            // for it while others have not heard the first word.
            tokio::task::yield_now().await;
        }
    }

    /// A message has come, and perhaps others with it.
    fn hear(&mut self, message: ServerMessage, most: usize) {
        self.witness.hears(&message);
        self.member.receive(message, crate::now_ms());
        self.hear_what_waits(most);
    }

    /// Takes in what has come and waits; at most so much, and only until the connection ends.
    fn hear_what_waits(&mut self, most: usize) {
        for _ in 0..most {
            let Some(message) = self.socket.waiting() else {
                return;
            };
            self.witness.hears(&message);
            self.member.receive(message, crate::now_ms());
        }
    }

    async fn wake(&mut self) -> Woken {
        let time = self
            .member
            .next_timeout()
            .map(|at| Instant::now() + Duration::from_millis(at.saturating_sub(crate::now_ms())));
        let far = Instant::now() + Duration::from_secs(3_600);
        let offer = self.offer_again.unwrap_or(far);
        let sound = self.sound.due();
        let picture = self.picture.as_ref().map_or(far, Paced::due);
        let media = async {
            match self.media.as_mut() {
                Some(media) => media.events.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            call = self.inbox.recv() => Woken::Call(call),
            news = self.socket.next() => Woken::Socket(news),
            event = media => Woken::Media(event),
            media = outcome(self.offering.as_mut()) => Woken::Offered(media),
            () = sleep_until(time.unwrap_or(far)) => Woken::Time,
            () = sleep_until(offer) => Woken::Offer,
            () = sleep_until(sound) => Woken::Sound,
            () = sleep_until(picture) => Woken::Picture,
        }
    }

    async fn drain(&mut self) {
        while let Some(action) = self.member.poll() {
            match action {
                Action::Send { message } => self.socket.send(&message).await,
                Action::View { view } => self.status.send_modify(|status| status.show(view)),
                Action::Media { ticket, fresh } => {
                    self.ticket = Some(ticket);
                    if fresh || (self.media.is_none() && self.offering.is_none()) {
                        self.offer_media();
                    }
                }
                Action::Notice { message } => {
                    tracing::debug!(message, "a member was told");
                    self.status.send_modify(|status| status.notices.push(message));
                }
                Action::Fatal { code, message } => {
                    tracing::debug!(?code, message, "a member cannot go on");
                    self.status.send_modify(|status| status.fatal = Some((code, message)));
                }
                Action::Reconnect => {
                    self.socket.down();
                    self.member.disconnected(crate::now_ms());
                }
                Action::Call { call } => self.status.send_modify(|status| status.calls.push(call)),
                Action::Document { document } => self.status.send_modify(|status| status.see(document)),
                Action::Typed { line } => self.status.send_modify(|status| status.watch(line)),
                Action::Chat { message } => self.status.send_modify(|status| status.read(message)),
                // The samples are one layer, which is always sent; and it is on the house's own machine, which no network is
                // between.
                Action::Slots { .. }
                | Action::Layers { .. }
                | Action::Relay { .. }
                | Action::Wish { .. }
                | Action::Keyed => {}
            }
        }
    }

    /// Offers media with the newest ticket, instead of what was offered before.
    fn offer_media(&mut self) {
        let ticket = self.ticket.as_ref();
        self.offering = ticket.map(|ticket| offer(&self.house, ticket, Offering::Member));
    }

    fn media_event(&mut self, event: Option<Event>) {
        match event {
            Some(Event::Connected) => self.status.send_modify(|status| status.media = true),
            Some(Event::Frame(frame)) => {
                let kind = match frame.kind {
                    Kind::Audio => MediaKind::Audio,
                    Kind::Video => MediaKind::Video,
                };
                let last_sound = self.media.as_ref().and_then(|media| media.last_sound.as_ref());
                let channel = self.member.listens().filter(|_| last_sound == Some(&frame.mid));
                let opened = match channel {
                    Some(channel) => self.member.open_channel(channel, &frame.bytes),
                    None => self.member.open(kind, &frame.bytes),
                };
                self.status.send_modify(|status| match (opened, channel) {
                    (Ok(opened), Some(channel)) => Heard::more(&mut status.heard, (channel, opened.leaf)),
                    (Ok(opened), None) => *status.opened.entry((opened.leaf, opened.stream)).or_default() += 1,
                    (Err(_), _) => status.refused += 1,
                });
            }
            Some(Event::KeyFrameRequested {
                stream: MediaStream::Camera,
                ..
            }) => {
                if let Some(picture) = self.picture.as_mut() {
                    picture.jump_to_key_frame();
                }
            }
            Some(Event::KeyFrameRequested { .. }) => {}
            Some(Event::Closed) | None => {
                // The server is gone, has dropped us, or the way to it is: the seat is kept, and media is offered anew. After
                // a restart of the server the socket brings a new ticket.
                self.media = None;
                self.offer_again = Some(Instant::now() + MEDIA_AGAIN);
                self.status.send_modify(|status| status.media = false);
            }
        }
    }

    async fn send_sample(&mut self, stream: Stream) {
        let (track, to) = match stream {
            Stream::Microphone => (Some(&mut self.sound), MediaStream::Microphone),
            Stream::Camera => (self.picture.as_mut(), MediaStream::Camera),
            // These clients show no screen, and what they whisper comes from the microphone.
            Stream::Screen | Stream::Aside => return,
        };
        let Some((rtp_time, plain)) = track.and_then(Paced::next) else {
            return;
        };
        let covered = stream == Stream::Camera && self.covered.load(Ordering::Relaxed);
        if covered || self.silent.load(Ordering::Relaxed) {
            return;
        }
        let Some(Media { connection, .. }) = self.media.as_ref() else {
            return;
        };
        let Some(sealed) = self.member.seal(stream, &plain) else {
            return;
        };
        self.note_sealed(stream, &sealed);
        let level_dbov = (stream == Stream::Microphone).then_some(TONE_DBOV);
        let frame = Outgoing {
            stream: to,
            layer: 0,
            rtp_time,
            level_dbov,
            bytes: sealed.into(),
        };
        if connection.send_frame(frame).await.is_ok() {
            self.status.send_modify(|status| status.sent += 1);
        }
    }

    /// Holds a frame that is about to leave against what this client has been told, by the key id in the frame itself.
    fn note_sealed(&self, stream: Stream, sealed: &[u8]) {
        let kid = kid_of(stream.kind(), sealed).map(|kid| kid.parts());
        let Some(kid) = kid.filter(|kid| kid.open) else {
            return;
        };
        let ended = self.witness.has_ended(kid);
        self.status.send_modify(|status| {
            status.last_open_sealed = Some(std::time::Instant::now());
            status.open_sealed_too_late += u64::from(ended || status.lamp() != Lamp::Open);
        });
    }
}
