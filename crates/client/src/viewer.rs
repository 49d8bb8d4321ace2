//! A viewer of the gallery without a screen, and without manners: it keeps every key that it was ever given and tries
//! every frame that reaches it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use incamera_endpoint::{Event, Frame, Kind, Offering};
use incamera_protocol::booths::PublicChannel;
use incamera_protocol::public::{Disclosure, GalleryMessage, PublicPhase, PublicState, ViewerMessage};
use incamera_protocol::{Bytes, Leaf, MediaKind, MeetingId, Stream};
use incamera_seal::{Gallery, Tally, kid_of};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::house::HouseClient;
use crate::offer::{MEDIA_AGAIN, Media, Offer, offer, outcome};
use crate::socket::{News, Socket};

/// What a viewer has seen so far.
#[derive(Debug, Clone, Default)]
pub struct ViewerStatus {
    /// What the world sees of the state.
    pub state: Option<PublicState>,
    /// The media connection stands.
    pub media: bool,
    /// Keys disclosed so far.
    pub keys: usize,
    /// The language channels.
    pub channels: Vec<PublicChannel>,
    /// Frames opened, by sender and stream: of the floor.
    pub opened: BTreeMap<(Leaf, Stream), u64>,
    /// Frames opened where the channel came that it listened to, by sender.
    pub heard: BTreeMap<Leaf, u64>,
    /// Frames that arrived under keys of open parts.
    pub open_ciphertext: u64,
    /// Frames that arrived under keys of closed parts.
    pub closed_ciphertext: u64,
    /// Frames of closed parts that it could open: must stay 0.
    pub opened_of_closed: u64,
    /// Of the frames of open parts, how many were as their senders have signed them, when a digest last came.
    pub tally: Tally,
}

impl ViewerStatus {
    /// Frames opened in all.
    pub fn opened_frames(&self) -> u64 {
        self.opened.values().sum()
    }

    /// The phase that the public page would show.
    pub fn phase(&self) -> Option<PublicPhase> {
        self.state.as_ref().map(|state| state.phase)
    }
}

/// Somebody who looks over a viewer's shoulder. What takes long keeps the viewer from its frames.
pub trait Onlooker: Send + 'static {
    /// What the world now sees of the meeting.
    fn state(&mut self, state: &PublicState);
    /// Keys were disclosed for the open part that runs.
    fn keys(&mut self, keys: &[Disclosure]);
    /// Somebody has signed for what they sent: a `SignedDigest`, unchecked.
    fn digest(&mut self, digest: &Bytes);
    /// A frame came, sealed.
    fn frame(&mut self, kind: MediaKind, frame: &Frame);
    /// Frames come over a new connection from now on, whose slots have clocks of their own.
    fn media(&mut self);
    /// No frames come any more, until there is another connection.
    fn media_lost(&mut self);
}

/// Nobody.
impl Onlooker for () {
    fn state(&mut self, _: &PublicState) {}
    fn keys(&mut self, _: &[Disclosure]) {}
    fn digest(&mut self, _: &Bytes) {}
    fn frame(&mut self, _: MediaKind, _: &Frame) {}
    fn media(&mut self) {}
    fn media_lost(&mut self) {}
}

/// Nobody, or somebody.
impl<O: Onlooker> Onlooker for Option<O> {
    fn state(&mut self, state: &PublicState) {
        self.iter_mut().for_each(|it| it.state(state));
    }

    fn keys(&mut self, keys: &[Disclosure]) {
        self.iter_mut().for_each(|it| it.keys(keys));
    }

    fn digest(&mut self, digest: &Bytes) {
        self.iter_mut().for_each(|it| it.digest(digest));
    }

    fn frame(&mut self, kind: MediaKind, frame: &Frame) {
        self.iter_mut().for_each(|it| it.frame(kind, frame));
    }

    fn media(&mut self) {
        self.iter_mut().for_each(Onlooker::media);
    }

    fn media_lost(&mut self) {
        self.iter_mut().for_each(Onlooker::media_lost);
    }
}

/// A viewer that runs until it is dropped.
pub struct ViewerClient {
    status: watch::Receiver<ViewerStatus>,
    renew: Arc<Notify>,
    listens: watch::Sender<Option<u8>>,
    task: JoinHandle<()>,
}

impl Drop for ViewerClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ViewerClient {
    /// Watches a meeting from the public link.
    pub fn watch(house: &HouseClient, meeting: MeetingId) -> Self {
        Self::watch_with(house, meeting, ())
    }

    /// The same, with somebody who looks over its shoulder.
    pub fn watch_with(house: &HouseClient, meeting: MeetingId, onlooker: impl Onlooker) -> Self {
        let (sender, status) = watch::channel(ViewerStatus::default());
        let renew = Arc::new(Notify::new());
        let (listens, chosen) = watch::channel(None);
        let task = Task {
            house: house.clone(),
            meeting,
            trusts: false,
            socket: Socket::new(house.socket(meeting, "gallery")),
            gallery: Gallery::new(),
            status: sender,
            media: None,
            offering: None,
            ticket: None,
            offer_again: None,
            renew: Arc::clone(&renew),
            listens: chosen,
            onlooker,
        };
        Self {
            status,
            renew,
            listens,
            task: tokio::spawn(task.run()),
        }
    }

    /// Makes both connections anew, as somebody does who loads the page again.
    pub fn renew(&self) {
        self.renew.notify_one();
    }

    /// Listens to a language channel, or to the floor alone.
    pub fn listen(&self, channel: Option<u8>) {
        self.listens.send_replace(channel);
    }

    /// What it has seen so far.
    pub fn status(&self) -> ViewerStatus {
        self.status.borrow().clone()
    }

    /// Waits until the status is as wanted, or the time is over (`None`).
    pub async fn until(&self, within: Duration, wanted: impl FnMut(&ViewerStatus) -> bool) -> Option<ViewerStatus> {
        let mut status = self.status.clone();
        let reached = tokio::time::timeout(within, status.wait_for(wanted)).await;
        reached.ok()?.ok().map(|status| status.clone())
    }
}

struct Task<O> {
    house: HouseClient,
    meeting: MeetingId,
    trusts: bool,
    socket: Socket,
    gallery: Gallery,
    status: watch::Sender<ViewerStatus>,
    media: Option<Media>,
    /// The offer of media that waits for its answer.
    offering: Option<Offer>,
    /// For media, as long as this socket is up.
    ticket: Option<String>,
    /// When media is offered anew with it.
    offer_again: Option<Instant>,
    /// Somebody wants the connections made anew.
    renew: Arc<Notify>,
    /// The channel that it listens to.
    listens: watch::Receiver<Option<u8>>,
    onlooker: O,
}

#[expect(clippy::large_enum_variant, reason = "there is one, on the stack, for a moment")]
enum Woken {
    Socket(News<GalleryMessage>),
    Media(Option<Event>),
    Offer,
    Renew,
    Listen,
    Offered(Option<Media>),
}

impl<O: Onlooker> Task<O> {
    async fn run(mut self) {
        loop {
            let media = async {
                match self.media.as_mut() {
                    Some(media) => media.events.next().await,
                    None => std::future::pending().await,
                }
            };
            let again = self.offer_again;
            let due = async {
                match again {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let woken = tokio::select! {
                news = self.socket.next() => Woken::Socket(news),
                event = media => Woken::Media(event),
                () = due => Woken::Offer,
                () = self.renew.notified() => Woken::Renew,
                () = chosen(&mut self.listens) => Woken::Listen,
                media = outcome(self.offering.as_mut()) => Woken::Offered(media),
            };
            match woken {
                Woken::Socket(News::Message(message)) => self.take(message).await,
                Woken::Socket(News::Up) => {}
                Woken::Socket(News::Down) => self.lose_all(),
                Woken::Renew => {
                    self.socket.down();
                    self.lose_all();
                }
                Woken::Listen => self.say_listens().await,
                Woken::Media(event) => self.media_event(event),
                Woken::Offer => {
                    self.offer_again = None;
                    self.offer_media();
                }
                Woken::Offered(media) => self.offered(media),
            }
        }
    }

    async fn take(&mut self, message: GalleryMessage) {
        match message {
            GalleryMessage::Here {
                ticket, state, keys, ..
            } => {
                self.trust().await;
                self.onlooker.state(&state);
                self.onlooker.keys(&keys);
                self.gallery.disclose(&keys);
                self.status.send_modify(|status| {
                    status.state = Some(state);
                    status.keys += keys.len();
                });
                self.ticket = Some(ticket);
                self.offer_media();
                if self.listens.borrow().is_some() {
                    self.say_listens().await;
                }
            }
            GalleryMessage::Channels { channels } => self.status.send_modify(|status| status.channels = channels),
            GalleryMessage::State { state } => {
                self.onlooker.state(&state);
                self.status.send_modify(|status| status.state = Some(state));
            }
            GalleryMessage::Disclosed { keys } => {
                self.onlooker.keys(&keys);
                self.gallery.disclose(&keys);
                self.status.send_modify(|status| status.keys += keys.len());
            }
            GalleryMessage::Digest { digest } => {
                self.onlooker.digest(&digest);
                self.gallery.digest(&digest.0);
                let tally = self.gallery.tally();
                self.status.send_modify(|status| status.tally = tally);
            }
            GalleryMessage::Signer { credential } => self.gallery.signer(&credential.0),
            GalleryMessage::Relay { .. } | GalleryMessage::Slots { .. } => {}
        }
    }

    async fn say_listens(&mut self) {
        let channel = *self.listens.borrow_and_update();
        self.socket.send(&ViewerMessage::Listen { channel }).await;
    }

    /// Signatures count from the charter on.
    async fn trust(&mut self) {
        if !self.trusts
            && let Ok(found) = self.house.meeting(self.meeting).await
        {
            self.trusts = self.gallery.trust(self.meeting, &found.charter.0).is_ok();
        }
    }

    /// Offers media with the ticket of this socket.
    fn offer_media(&mut self) {
        let ticket = self.ticket.as_ref();
        self.offering = ticket.map(|ticket| offer(&self.house, ticket, Offering::Viewer));
    }

    fn offered(&mut self, media: Option<Media>) {
        self.offering = None;
        if media.is_some() {
            self.media = media;
            self.onlooker.media();
        } else {
            // A new socket brings a new ticket.
            self.socket.down();
            self.ticket = None;
        }
    }

    /// A viewer's media ends with its socket.
    fn lose_all(&mut self) {
        self.ticket = None;
        self.offering = None;
        self.lose_media();
        self.offer_again = None;
    }

    fn lose_media(&mut self) {
        if self.media.take().is_some() {
            self.onlooker.media_lost();
        }
        self.status.send_modify(|status| status.media = false);
    }

    fn media_event(&mut self, event: Option<Event>) {
        match event {
            Some(Event::Connected) => self.status.send_modify(|status| status.media = true),
            Some(Event::Frame(frame)) => {
                let kind = match frame.kind {
                    Kind::Audio => MediaKind::Audio,
                    Kind::Video => MediaKind::Video,
                };
                self.onlooker.frame(kind, &frame);
                let of_open = kid_of(kind, &frame.bytes).is_some_and(|kid| kid.parts().open);
                let last_sound = self.media.as_ref().and_then(|media| media.last_sound.as_ref());
                let of_channel = self.listens.borrow().is_some() && last_sound == Some(&frame.mid);
                let opened = if of_channel {
                    self.gallery.open_channel(&frame.bytes)
                } else {
                    self.gallery.open(kind, &frame.bytes)
                };
                self.status.send_modify(|status| {
                    *(if of_open {
                        &mut status.open_ciphertext
                    } else {
                        &mut status.closed_ciphertext
                    }) += 1;
                    if let Ok(opened) = opened {
                        *(if of_channel {
                            status.heard.entry(opened.leaf).or_default()
                        } else {
                            status.opened.entry((opened.leaf, opened.stream)).or_default()
                        }) += 1;
                        status.opened_of_closed += u64::from(!of_open);
                    }
                });
            }
            Some(Event::KeyFrameRequested { .. }) => {}
            Some(Event::Closed) | None => {
                // The way to the house is gone, or the house has dropped us; while the socket is up its ticket opens another.
                self.lose_media();
                self.offer_again = Some(Instant::now() + MEDIA_AGAIN);
            }
        }
    }
}

/// When another channel is chosen; never, once nobody can.
async fn chosen(listens: &mut watch::Receiver<Option<u8>>) {
    if listens.changed().await.is_err() {
        std::future::pending().await
    }
}
