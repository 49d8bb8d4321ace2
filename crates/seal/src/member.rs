//! A device in a meeting: its state, and the doors through which the world reaches it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use incamera_handshake::{key_package_of, leaf_key_of};
use incamera_meeting::{
    Added, Body, Floor, Goodbye, Judged, Meeting, MotionId, Person, Phase, SignedCharter, Standing,
};
use incamera_protocol::member::{MemberMessage, ServerMessage, WatchOf};
use incamera_protocol::view::{Command, MemberView, MotionKind, WhisperOf};
use incamera_protocol::{Bytes, ErrorCode, Leaf, MediaKind, MeetingId, Stream, limits};
use openmls::prelude::KeyPackage;
use openmls_rust_crypto::OpenMlsRustCrypto;
use openmls_traits::OpenMlsProvider as _;

use crate::action::{Action, Counters, Failure};
use crate::aside::AsideSecret;
use crate::booth::Booth;
use crate::code::Fingerprints;
use crate::digesting::Ends;
use crate::floor::SILENT;
use crate::group::{Group, store_meeting_secret};
use crate::identity::Identity;
use crate::leaf_keys::LeafKeys;
use crate::media::{Media, Opened, Refused};
use crate::papers::Papers;
use crate::table::Table;
use crate::typed::Typing;
use crate::whisper::Whisper;
use crate::witness::Witness;
use incamera_meeting::Group as Rules;

/// Actions waiting to be drained. The surroundings drain after every call; more means that they are gone.
const ACTIONS_MAX: usize = 4_096;

/// A device in a meeting.
pub struct Member {
    pub(crate) identity: Identity,
    pub(crate) provider: OpenMlsRustCrypto,
    pub(crate) meeting: Meeting,
    pub(crate) group: Option<Group>,
    pub(crate) media: Media,
    pub(crate) actions: VecDeque<Action>,
    pub(crate) now_ms: u64,
    /// The server's word, for the media connection only.
    pub(crate) ticket: Option<String>,
    pub(crate) instance: Option<Bytes>,
    pub(crate) media_fresh: bool,
    /// The connection is to be made, or looked at, with the newest ticket.
    pub(crate) media_due: bool,
    /// The key package that waits to be added.
    pub(crate) knocked: bool,
    pub(crate) pending: Option<Pending>,
    /// Those whom I was asked to add, by the bytes of their key package.
    pub(crate) knocks: BTreeMap<Vec<u8>, Newcomer>,
    /// Key packages that were used. Also after this device has lost the group.
    pub(crate) spent: LeafKeys,
    /// Key packages that I have made.
    pub(crate) mine: LeafKeys,
    pub(crate) removals: BTreeSet<Leaf>,
    pub(crate) connected: BTreeSet<Leaf>,
    /// My delegation has to let me in first.
    pub(crate) waits: bool,
    /// Who waits to be let in by their delegation, by letter and device.
    pub(crate) lobby: BTreeMap<String, Person>,
    /// How many heartbeats I have given in this epoch.
    pub(crate) beats: u32,
    /// When the next one is due.
    pub(crate) next_beat_ms: u64,
    /// When what was sent in public is signed for next.
    pub(crate) next_digest_ms: u64,
    /// The signed ends of the keys that ended last: said again with a fin that is.
    pub(crate) ends: Vec<Bytes>,
    /// This part was closed and not everybody has confirmed it yet; since when.
    pub(crate) door: Option<u64>,
    /// I have called a close: nothing more is sealed under the open key, whatever the network says, until it is done.
    pub(crate) closing: Option<Closing>,
    /// My fin for the close that runs is on its way.
    pub(crate) fin_sent: bool,
    /// I am in a public part in which I have not said that I appear: neither seen nor heard until I do.
    pub(crate) backstage: bool,
    /// The part in which the person has last chosen what to show of their screen.
    shows_in: Option<u32>,
    /// The motion by whose opening I appear: I moved it, consented to it, or said so.
    pub(crate) appears_by: Option<MotionId>,
    /// The server cannot be reached, or what was missed is not caught up.
    pub(crate) out_of_touch: bool,
    pub(crate) alarm: Option<String>,
    /// My delegation's, of this epoch.
    pub(crate) aside: Option<AsideSecret>,
    /// Whether my person speaks to it alone.
    pub(crate) whisper: Whisper,
    /// What is written to one another.
    pub(crate) table: Table,
    /// What is being typed.
    pub(crate) typing: Typing,
    /// The documents that members have offered one another.
    pub(crate) papers: Papers,
    /// Who speaks, and who asks to, as members have said it.
    pub(crate) floor: Floor,
    /// What I have said of myself about it last, whether or not it has been passed on.
    pub(crate) standing: Standing,
    /// Who interprets into which channel, and what I do at the booths.
    pub(crate) booth: Booth,
    /// What the house's record is held against.
    pub(crate) witness: Witness,
    pub(crate) was_keyed: bool,
    pub(crate) shown: Option<Arc<MemberView>>,
    /// How the page shows the pictures, as it said last: said again where it may not have arrived.
    pub(crate) watched: Option<(Vec<WatchOf>, Option<Leaf>)>,
    /// The fingerprints of the delegations' keys, as far as they are known.
    pub(crate) prints: Fingerprints,
    pub(crate) finished: bool,
    /// Something was taken in, and what follows from it is not yet done.
    pub(crate) unsettled: bool,
    /// When it was last looked at what time has run out.
    pub(crate) looked_ms: u64,
    /// What has run out is looked at now: everything that had come by then was taken in.
    pub(crate) looks: bool,
    /// The socket is to be closed and opened anew; what still comes over it is of no use.
    pub(crate) reconnecting: bool,
}

/// Somebody whom I was asked to add, with a key package that holds.
pub(crate) struct Newcomer {
    pub(crate) key_package: KeyPackage,
    pub(crate) added: Added,
    pub(crate) leaf_key: Vec<u8>,
}

/// A close that I have called.
pub(crate) struct Closing {
    pub(crate) since_ms: u64,
    /// A close, or an adjournment in public.
    pub(crate) kind: MotionKind,
    pub(crate) item: u32,
    /// Said on this connection, in this epoch. If not, it is said again.
    pub(crate) said: bool,
}

/// My commit, on its way through the delivery service.
pub(crate) struct Pending {
    pub(crate) commit: Vec<u8>,
    pub(crate) judged: Judged,
    /// The connection over which it was sent is gone: if it does not come with what was missed, it was lost.
    pub(crate) adrift: bool,
}

impl Member {
    /// A device that joins by a link. `fragment` is what stands after the `#`; `name` is for a delegation's link, a
    /// letter names its person. `saved` is what
    /// [`Member::saved`] gave before a reload. `random` must give fresh random bytes at each call.
    pub fn new(
        meeting: MeetingId,
        charter: &[u8],
        fragment: &str,
        name: &str,
        saved: Option<&str>,
        now_ms: u64,
        random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Failure> {
        let charter = SignedCharter::open_as(meeting, charter)?;
        let identity = match saved {
            Some(saved) => Identity::restore(&charter, saved)?,
            None => Identity::new(&charter, fragment, name, now_ms, random)?,
        };
        let provider = OpenMlsRustCrypto::default();
        store_meeting_secret(&provider, meeting, &identity)
            .map_err(|_| Failure::Internal("the meeting secret cannot be stored"))?;
        Ok(Self {
            identity,
            provider,
            meeting: Meeting::convene(charter, now_ms).following(),
            group: None,
            media: Media::default(),
            actions: VecDeque::new(),
            now_ms,
            ticket: None,
            instance: None,
            media_fresh: true,
            media_due: false,
            knocked: false,
            pending: None,
            knocks: BTreeMap::new(),
            spent: LeafKeys::default(),
            mine: LeafKeys::default(),
            removals: BTreeSet::new(),
            connected: BTreeSet::new(),
            waits: false,
            lobby: BTreeMap::new(),
            beats: 0,
            next_beat_ms: 0,
            next_digest_ms: 0,
            ends: Vec::new(),
            door: None,
            closing: None,
            fin_sent: false,
            backstage: false,
            shows_in: None,
            appears_by: None,
            out_of_touch: true,
            alarm: None,
            aside: None,
            whisper: Whisper::default(),
            table: Table::default(),
            typing: Typing::default(),
            papers: Papers::default(),
            floor: Floor::default(),
            standing: SILENT,
            booth: Booth::default(),
            witness: Witness::default(),
            was_keyed: false,
            shown: None,
            watched: None,
            prints: Fingerprints::default(),
            finished: false,
            unsettled: true,
            looked_ms: now_ms,
            looks: false,
            reconnecting: false,
        })
    }

    /// The meeting as this device knows it, by the rules.
    pub fn meeting(&self) -> &Meeting {
        &self.meeting
    }

    /// The epoch authenticator (RFC 9420 §8.7), while I am in the group: whoever has the same is in the same group.
    pub fn authenticator(&self) -> Option<&[u8]> {
        self.group.as_ref().map(Group::authenticator)
    }

    /// How many entries of the house's record I have countersigned.
    pub fn countersigned(&self) -> u64 {
        self.witness.signed()
    }

    /// Index into the charter's delegations.
    pub fn delegation(&self) -> u16 {
        self.identity.delegation()
    }

    /// What stands after the `#` of the link of my delegation's desk, if I hold its key. Secret.
    pub fn desk(&self) -> Option<String> {
        self.identity.desk().map(|link| link.fragment())
    }

    /// What a reload in the same tab needs. Secret.
    pub fn saved(&self) -> String {
        self.identity.save()
    }

    /// The socket is up.
    pub fn connected(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.reconnecting = false;
        self.unsettled = true;
    }

    /// The socket is down. In an open part that means to be silent: a close could not reach us.
    pub fn disconnected(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.out_of_touch = true;
        // What was said may not have arrived.
        self.fin_sent = false;
        self.table.unsay();
        self.untell_booths();
        self.untell_whisper();
        if let Some(closing) = self.closing.as_mut() {
            closing.said = false;
        }
        if let Some(pending) = self.pending.as_mut() {
            pending.adrift = true;
        }
        self.reconnecting = false;
        self.unsettled = true;
    }

    /// Something has come from the server. Nothing of it is believed that is not signed by a member. Several messages
    /// that have come together may be handed over one after the other before [`Member::poll`] is called: what is held is
    /// held at once, and what is said and shown is worked out once for all of them.
    pub fn receive(&mut self, message: ServerMessage, now_ms: u64) {
        self.now_ms = now_ms;
        if !self.finished && !self.reconnecting {
            self.take(message);
        } else if self.meeting.is_adjourned() {
            // Nothing else counts any more; the end of the record is still to be countersigned.
            self.take_record(message);
        }
        self.unsettled = true;
    }

    /// The person wants something. A refusal changes nothing.
    pub fn command(&mut self, command: &Command, now_ms: u64) -> Result<(), Failure> {
        self.now_ms = now_ms;
        let done = match command {
            Command::Move { kind, item } => self.call(*kind, *item),
            Command::Consent { motion } => self.consent(motion),
            Command::Appear => self.appear(),
            Command::Show => {
                self.shows_in = self.meeting.group().map(|group| group.context.part);
                Ok(())
            }
            Command::Admit { id } => self.let_in(id),
            Command::Watch { slots, first } => {
                self.watched = Some((slots.clone(), *first));
                if self.group.is_some() {
                    self.watch();
                }
                Ok(())
            }
            Command::Write { text } => self.write(text),
            Command::Typed { part, text } => self.type_live(*part, text),
            Command::Whisper { on } => self.whisper(*on),
            Command::Aside { text } => self.write_aside(text),
            Command::Note { booth, text } => self.note(*booth, text),
            Command::Withdraw { document } => self.withdraw(document),
            Command::Listen { channel } => self.listen(*channel),
            Command::Sit { booth } => self.sit(*booth),
            Command::Air { on } => self.air(*on),
            Command::HandOver { wanted } => self.hand_over(*wanted),
            Command::Call { what } => self.call_out(*what),
            Command::Answer { booth } => self.answer_call(*booth),
            Command::Raise { hand } => self.raise(*hand),
            Command::Yield => self.yield_floor(),
            Command::Give { to, seconds } => self.give_floor(*to, *seconds),
            Command::Ask { whom, mute } => self.ask(*whom, *mute),
            Command::Leave => {
                if let Some(place) = self.meeting.group().map(|group| group.place(self.meeting.id())) {
                    self.state(Body::Goodbye(Goodbye { place }));
                }
                self.sign_for_sent(Ends::Here);
                self.send(MemberMessage::Leave);
                self.lose_group();
                self.finished = true;
                Ok(())
            }
        };
        self.unsettled = true;
        done.map_err(Failure::Refused)
    }

    /// The time has come that [`Member::next_timeout`] named. Only here is anybody found too late, and everything that had
    /// come by then has to be handed over before: what waits in a queue of this device is nobody else's delay.
    pub fn timeout(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.looked_ms = now_ms;
        self.media.expire(now_ms);
        self.looks = true;
        self.settle();
        self.looks = false;
    }

    /// When [`Member::timeout`] wants to be called next, in milliseconds since the Unix epoch.
    pub fn next_timeout(&self) -> Option<u64> {
        // What could not be done when its time had run out is looked at again, until it is.
        let again = self.looked_ms.saturating_add(limits::LOOK_AGAIN_MS);
        let stuck = self.out_of_touch || self.alarm.is_some() || self.finished;
        let until_done = |time: u64| if time > self.looked_ms || stuck { time } else { again };
        let running = self.meeting.running(self.now_ms).map(|running| {
            if running.is_close() {
                until_done(running.seen_at_ms.saturating_add(limits::FIN_WAIT_MS + 1))
            } else {
                running.seen_at_ms.saturating_add(limits::MOTION_LIFE_MS + 1)
            }
        });
        let stalled = self
            .meeting
            .running(self.now_ms)
            .filter(|running| running.is_close())
            .map(|running| running.seen_at_ms.saturating_add(limits::CLOSE_STALLED_MS + 1));
        let rules = self.meeting.group();
        let confirm_wait_ms = rules.map_or(0, Rules::confirm_wait_ms);
        let door = self
            .door
            .map(|since| until_done(since.saturating_add(confirm_wait_ms + 1)));
        let beat = rules.map(|_| self.next_beat_ms);
        let digest = (self.media.is_public() && !self.out_of_touch).then_some(self.next_digest_ms);
        let silent = self
            .last_heard_ms()
            .map(|at| at.saturating_add(limits::SILENCE_MS_MAX + 1));
        let late = self
            .closing
            .as_ref()
            .map(|closing| closing.since_ms.saturating_add(limits::CLOSE_STALLED_MS));
        // Not "later than now": what ran out while messages were taken in is still to be looked at.
        let due = |time: &u64| *time > self.looked_ms;
        [
            running.filter(due),
            stalled.filter(due),
            door.filter(due),
            late.filter(due),
            beat.filter(due),
            digest.filter(due),
            silent.filter(due),
            self.media.next_expiry(),
            self.table.again_ms().filter(due),
            self.typing.due_ms().filter(due),
            self.whisper.again_ms().filter(due),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What is to be done next; call until `None` after every other call, or after some that came together.
    pub fn poll(&mut self) -> Option<Action> {
        if self.unsettled {
            self.settle();
        }
        self.actions.pop_front()
    }

    /// Seals one frame for the wire, or says `None`: drop it.
    pub fn seal(&mut self, stream: Stream, frame: &[u8]) -> Option<Vec<u8>> {
        let live = match (stream, self.whisper_of()) {
            // Under a key of my delegation, whatever the part that runs.
            (Stream::Microphone, WhisperOf::On) => return self.media.seal(Stream::Aside, frame, false),
            (Stream::Microphone, WhisperOf::Off) => self.is_microphone_live(),
            // No device of its own sends it.
            (Stream::Microphone, WhisperOf::Turning) | (Stream::Aside, _) => false,
            (Stream::Camera, _) => true,
            (Stream::Screen, _) => self.may_show(),
        };
        let held = !self.may_send() || !live;
        self.media.seal(stream, frame, held)
    }

    /// Opens one frame from the wire. What somebody of my delegation whispers comes where the floor's sound does, and its key
    /// says that it is that: [`Opened::stream`]. Sound of whoever sits in a booth is not for the floor:
    /// [`Member::open_channel`] opens what comes where a channel's sound comes.
    pub fn open(&mut self, kind: MediaKind, frame: &[u8]) -> Result<Opened, Refused> {
        let (booths, mine) = (&self.booth, self.identity.delegation());
        let group = self.meeting.group();
        let of_mine = |leaf: Leaf| {
            let person = group.and_then(|group| group.roster.get(&leaf));
            person.is_some_and(|person| person.delegation == mine)
        };
        let belongs = |leaf, stream| match stream {
            Stream::Microphone => group.is_some_and(|group| booths.is_of_floor(group, leaf)),
            Stream::Aside => of_mine(leaf),
            Stream::Camera | Stream::Screen => true,
        };
        self.media.open(kind, frame, self.now_ms, belongs)
    }

    /// What has gone through the frame path so far.
    pub fn counters(&self) -> Counters {
        self.media.counters()
    }

    /// Whether what is shown of the screen was chosen for those who would see it.
    fn may_show(&self) -> bool {
        let group = self.meeting.group();
        group.is_some_and(|group| match group.context.phase {
            Phase::Closed => true,
            Phase::Adjourned => false,
            Phase::Open => self.shows_in == Some(group.context.part),
        })
    }

    /// True when frames may be sealed now.
    pub(crate) fn may_send(&self) -> bool {
        let Some(group) = self.meeting.group() else {
            return false;
        };
        let in_group = self.group.is_some() && !self.finished && self.alarm.is_none();
        let me = self.group.as_ref().map(Group::me);
        let calm = match group.context.phase {
            // What is shut in stays shut in, whether or not the server can be reached.
            Phase::Closed => {
                self.door.is_none() && (self.was_keyed || me.is_some_and(|me| group.heard.contains_key(&me)))
            }
            Phase::Open => !self.out_of_touch && !self.is_closing() && !self.backstage && !self.meeting.is_paused(),
            Phase::Adjourned => false,
        };
        let calm = calm && !self.is_left_in_silence();
        in_group && calm
    }

    /// When somebody else last gave a sign of life in this epoch; none while I am alone.
    pub(crate) fn last_heard_ms(&self) -> Option<u64> {
        let (rules, me) = (self.meeting.group()?, self.leaf()?);
        let others = rules.roster.keys().filter(|leaf| **leaf != me);
        others
            .map(|leaf| rules.heard.get(leaf).map_or(rules.began_at_ms, |heard| heard.at_ms))
            .max()
    }

    /// Nothing fresh has come from anybody else for too long: whatever they have done meanwhile, a close among it, has
    /// not come here.
    pub(crate) fn is_left_in_silence(&self) -> bool {
        self.last_heard_ms()
            .is_some_and(|at| self.now_ms.saturating_sub(at) > limits::SILENCE_MS_MAX)
    }

    /// A close was called, by me or by somebody else, and is not done.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.is_some()
            || self
                .meeting
                .running(self.now_ms)
                .is_some_and(|running| running.is_close())
    }

    /// Tells the server how the page shows the pictures.
    pub(crate) fn watch(&mut self) {
        if let Some((slots, first)) = self.watched.clone() {
            self.send(MemberMessage::Watch { slots, first });
        }
    }

    pub(crate) fn send(&mut self, message: MemberMessage) {
        self.act(Action::Send { message });
    }

    pub(crate) fn act(&mut self, action: Action) {
        if self.actions.len() < ACTIONS_MAX {
            self.actions.push_back(action);
        }
    }

    pub(crate) fn fatal(&mut self, code: ErrorCode, message: impl Into<String>) {
        self.finished = true;
        self.lose_group();
        self.act(Action::Fatal {
            code,
            message: message.into(),
        });
    }

    /// Forgets the group and all its keys.
    pub(crate) fn lose_group(&mut self) {
        // The store is in memory, where erasing does not fail; what could not be erased would refuse the next group.
        if let Some(Err(error)) = self.group.take().map(|group| group.erase(&self.provider)) {
            self.act(Action::Notice {
                message: error.to_string(),
            });
        }
        self.pending = None;
        self.clear_table();
        self.clear_floor();
        self.clear_booths();
        self.media.clear();
        self.aside = None;
        self.whisper = Whisper::default();
        self.knocks.clear();
        self.removals.clear();
        self.lobby.clear();
        self.beats = 0;
        self.door = None;
        self.closing = None;
        self.fin_sent = false;
        self.backstage = false;
        self.appears_by = None;
        self.was_keyed = false;
        self.witness.leave();
        self.meeting.leave_group();
    }

    /// My own leaf as the rules see it.
    pub(crate) fn added_me(&self) -> Added {
        Added {
            credential: Bytes(self.identity.credential()),
            device_key: self.identity.device_key(),
        }
    }

    /// I am asked to add somebody. A key package that does not hold, or was used before, is passed over.
    pub(crate) fn note_knock(&mut self, bytes: Bytes) {
        if self.knocks.len() >= limits::KNOCKS_MAX || self.knocks.contains_key(&bytes.0) {
            return;
        }
        let Ok((key_package, added)) = key_package_of(&bytes.0, self.provider.crypto()) else {
            return;
        };
        if let Ok(leaf_key) = leaf_key_of(&key_package)
            && !self.spent.has(&leaf_key)
        {
            let newcomer = Newcomer {
                key_package,
                added,
                leaf_key,
            };
            self.knocks.insert(bytes.0, newcomer);
        }
    }
}
