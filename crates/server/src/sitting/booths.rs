//! Language channels and whispers, as the house carries them: where somebody's sound goes, who listens to what, and how many.
//!
//! Who interprets members tell one another under seal; the house sends sound by what each interpreter says of itself, and
//! nobody takes its word for whose sound a channel's is. Like media, all this belongs to a letter: it outlives a lost
//! socket, and ends when the letter leaves the group or its device has lost the keys.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use incamera_meeting::{LetterId, Refusal, Right};
use incamera_protocol::booths::PublicChannel;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::public::{GalleryMessage, ViewerMessage};
use incamera_protocol::{Leaf, limits};
use incamera_sfu_io::{Channel, Circle, PeerId, Voice};

use super::media::Owner;
use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::{Bucket, Goodbye, Outbox, SocketId, text_of};

/// Who interprets and who listens.
#[derive(Default)]
pub(super) struct Booths {
    /// The booth in which somebody sits, and whether they are on air. Of each channel at most one is.
    posts: BTreeMap<LetterId, (u8, bool)>,
    listens: BTreeMap<LetterId, u8>,
    /// Who speaks to their own delegation alone, and which that is.
    whispers: BTreeMap<LetterId, u16>,
    buckets: BTreeMap<LetterId, Bucket>,
    /// Who is on air, as all were told last.
    told: Vec<Option<Leaf>>,
    /// The same, as the public was told: of closed parts nothing.
    shown: Vec<Option<Leaf>>,
    /// How many listen, as interpreters were told last, and when that was.
    counts: Vec<u32>,
    counted: Option<Instant>,
}

impl Booths {
    /// Where the sound of somebody's microphone goes.
    fn voice_of(&self, letter: LetterId) -> Voice {
        match (self.posts.get(&letter), self.whispers.get(&letter)) {
            (Some((channel, true)), _) => Voice::Channel(Channel(*channel)),
            (_, Some(delegation)) => Voice::Circle(Circle(*delegation)),
            (Some((_, false)), None) => Voice::Nowhere,
            (None, None) => Voice::Floor,
        }
    }

    /// Whether somebody sits in a booth: what they say is not for the floor.
    pub(super) fn seats(&self, letter: LetterId) -> bool {
        self.posts.contains_key(&letter)
    }

    fn voice_in(&self, channel: u8) -> Option<LetterId> {
        let mut posts = self.posts.iter();
        posts
            .find(|(_, post)| **post == (channel, true))
            .map(|(letter, _)| *letter)
    }

    fn forget(&mut self, letter: LetterId) {
        self.posts.remove(&letter);
        self.listens.remove(&letter);
        self.whispers.remove(&letter);
    }

    fn may_tune(&mut self, letter: LetterId) -> Result<(), Problem> {
        let now = Instant::now();
        let bucket = self.buckets.entry(letter).or_insert_with(|| Bucket::for_tuning(now));
        if bucket.take(now) {
            Ok(())
        } else {
            Err(Problem::too_many())
        }
    }
}

impl Sitting {
    fn channels(&self) -> u8 {
        self.meeting.charter().channels()
    }

    /// An interpreter says where it sits, and whether it is on air.
    pub(super) async fn booth(&mut self, socket: SocketId, channel: Option<u8>, on_air: bool) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let person = &self.known(socket)?.person;
        let (letter, role) = (person.letter, person.role);
        if !role.may(Right::Interpret) {
            return Err(Refusal::Role.into());
        }
        self.meeting.charter().check_channel(channel)?;
        if channel.is_none() && on_air {
            return Err(Problem::malformed().into());
        }
        self.booths.may_tune(letter)?;
        match channel {
            Some(channel) => {
                // Whoever takes the microphone has it, and nobody else: the engine makes the same step.
                if on_air && let Some(before) = self.booths.voice_in(channel).filter(|before| *before != letter) {
                    self.booths.posts.insert(before, (channel, false));
                }
                self.booths.posts.insert(letter, (channel, on_air));
            }
            None => {
                self.booths.posts.remove(&letter);
            }
        }
        self.booths.counted = None;
        if let Some(peer) = self.peer_of(Owner::Member(letter)) {
            self.house.media.set_voice(peer, self.booths.voice_of(letter)).await;
        }
        self.tell_air();
        Ok(())
    }

    /// A member says what it listens to.
    pub(super) async fn listen(&mut self, socket: SocketId, channel: Option<u8>) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let letter = self.known(socket)?.person.letter;
        self.meeting.charter().check_channel(channel)?;
        self.booths.may_tune(letter)?;
        match channel {
            Some(channel) => self.booths.listens.insert(letter, channel),
            None => self.booths.listens.remove(&letter),
        };
        if let Some(peer) = self.peer_of(Owner::Member(letter)) {
            self.house.media.listen(peer, channel.map(Channel)).await;
        }
        Ok(())
    }

    /// A member speaks to its own delegation alone from now on, or no longer. It is told once nobody else is sent its sound.
    pub(super) async fn whisper(&mut self, socket: SocketId, on: bool) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let person = &self.known(socket)?.person;
        let (letter, delegation) = (person.letter, person.delegation);
        self.booths.may_tune(letter)?;
        if on {
            self.booths.whispers.insert(letter, delegation);
        } else {
            self.booths.whispers.remove(&letter);
        }
        if let Some(peer) = self.peer_of(Owner::Member(letter)) {
            self.house.media.set_voice(peer, self.booths.voice_of(letter)).await;
        }
        self.tell(socket, &ServerMessage::Whisper { on });
        Ok(())
    }

    /// Whose whispers somebody hears.
    fn circle_of(&self, letter: LetterId) -> Option<Circle> {
        let member = self
            .socket_of_letter(letter)
            .and_then(|socket| self.members.get(&socket));
        let person = member
            .and_then(|member| member.known.as_ref())
            .map(|known| &known.person);
        person.map(|person| Circle(person.delegation))
    }

    /// A viewer says what it wants.
    pub(super) async fn viewer_says(&mut self, socket: SocketId, message: ViewerMessage) {
        match message {
            ViewerMessage::Listen { channel } => self.viewer_listens(socket, channel).await,
            ViewerMessage::Watch { slots } => self.viewer_watches(socket, slots).await,
        }
    }

    /// What it listens to. One that asks for what there is not is no page of this house.
    async fn viewer_listens(&mut self, socket: SocketId, channel: Option<u8>) {
        let exists = self.meeting.charter().check_channel(channel).is_ok();
        let Some(viewer) = self.viewers.get_mut(&socket) else {
            return;
        };
        if !exists {
            return viewer.outbox.close(Goodbye::Policy);
        }
        viewer.listens = channel;
        if let Some(peer) = viewer.peer {
            self.house.media.listen(peer, channel.map(Channel)).await;
        }
    }

    /// A connection has been made: it is heard where its owner is, and gets what its owner listens to.
    pub(super) async fn tune(&self, peer: PeerId, owner: Owner) {
        let (voice, listens) = match owner {
            Owner::Member(letter) => (self.booths.voice_of(letter), self.booths.listens.get(&letter).copied()),
            Owner::Viewer(socket) => {
                let viewer = self.viewers.get(&socket);
                (Voice::Floor, viewer.and_then(|viewer| viewer.listens))
            }
        };
        if let Owner::Member(letter) = owner {
            self.house.media.set_circle(peer, self.circle_of(letter)).await;
        }
        if voice != Voice::Floor {
            self.house.media.set_voice(peer, voice).await;
        }
        if listens.is_some() {
            self.house.media.listen(peer, listens.map(Channel)).await;
        }
    }

    /// A letter has left the group, or its device has lost the keys: it sits nowhere, and listens to the floor.
    pub(super) fn untune(&mut self, letter: LetterId) {
        self.booths.forget(letter);
    }

    /// Tells everybody whose sound goes into the channels, if that has changed; the public in open parts.
    pub(super) fn tell_air(&mut self) {
        let (voices, shown) = (self.voices(), self.voices_in_public());
        // Whoever was told nothing yet knows of nobody.
        self.booths.told.resize(voices.len(), None);
        self.booths.shown.resize(shown.len(), None);
        if voices != self.booths.told {
            self.booths.told.clone_from(&voices);
            self.tell_group(&ServerMessage::Air { voices });
        }
        if shown != self.booths.shown {
            self.booths.shown = shown;
            self.tell_viewers(&self.public_channels());
        }
    }

    /// Somebody has come, or come back, who does not know.
    pub(super) fn tell_air_to(&self, socket: SocketId) {
        if self.channels() > 0 {
            let voices = self.voices();
            self.tell(socket, &ServerMessage::Air { voices });
        }
    }

    /// The same for a viewer.
    pub(super) fn show_channels(&self, outbox: &Outbox) {
        if self.channels() > 0 {
            outbox.send(text_of(&self.public_channels()));
        }
    }

    fn voices(&self) -> Vec<Option<Leaf>> {
        let letters = (0..self.channels()).map(|channel| self.booths.voice_in(channel));
        letters.map(|letter| self.leaf_of_letter(letter?)).collect()
    }

    /// Who interprets behind closed doors, and when they take turns, is not the public's.
    fn voices_in_public(&self) -> Vec<Option<Leaf>> {
        if self.is_open() {
            return self.voices();
        }
        vec![None; self.channels().into()]
    }

    fn public_channels(&self) -> GalleryMessage {
        let languages = self.meeting.charter().languages.iter();
        let channels = languages
            .zip(self.voices_in_public())
            .map(|(language, voice)| PublicChannel {
                language: language.as_str().to_owned(),
                voice,
            });
        GalleryMessage::Channels {
            channels: channels.collect(),
        }
    }

    /// Tells interpreters how many listen to each channel, now and then, if that has changed.
    pub(super) fn tell_listeners(&mut self) {
        let now = Instant::now();
        let pause = Duration::from_millis(limits::LISTENERS_MS);
        let anew = self.booths.counted.is_none();
        if self.booths.posts.is_empty() || self.booths.counted.is_some_and(|at| now.duration_since(at) < pause) {
            return;
        }
        let mut counts = vec![0_u32; self.channels().into()];
        // Behind closed doors the public hears nothing, whatever it has chosen.
        let viewers = self.viewers.values().filter(|_| self.is_open());
        let viewers = viewers.filter_map(|viewer| viewer.listens);
        for channel in self.booths.listens.values().copied().chain(viewers) {
            if let Some(count) = counts.get_mut(usize::from(channel)) {
                *count = count.saturating_add(1);
            }
        }
        self.booths.counted = Some(now);
        if !anew && counts == self.booths.counts {
            return;
        }
        self.booths.counts.clone_from(&counts);
        let sockets = self
            .booths
            .posts
            .keys()
            .filter_map(|letter| self.socket_of_letter(*letter));
        let sockets = sockets.collect();
        self.tell_these(&sockets, &ServerMessage::Listeners { counts });
    }
}
