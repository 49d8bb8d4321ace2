//! The task that owns a meeting: its rules, its group, its sockets. Everything about the meeting happens here, one
//! thing after the other; everyone else sends a message and goes on.

mod admission;
mod announce;
mod audience;
mod booths;
mod desks;
mod digests;
mod documents;
mod door;
mod gallery;
mod group;
mod hello;
mod lobby;
mod media;
mod members;
mod record;
mod recorded;
mod sealed;
mod seat;
mod statements;

pub(crate) use media::NOT_ADMITTED;
pub(crate) use seat::{Ask, Seat};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use incamera_handshake::{Delivery, HandshakeError};
use incamera_meeting::{Event, Judged, LetterId, Meeting, Phase, Refusal};
use incamera_protocol::document::Share;
use incamera_protocol::member::MemberMessage;
use incamera_protocol::{Bytes, Leaf};
use incamera_sfu_io::{PeerId, RoomId};
use tokio::sync::{mpsc, watch};

use self::admission::{Appointed, Errand};
use self::audience::Audience;
use self::booths::Booths;
use self::desks::DeskSocket;
use self::digests::Shown;
use self::gallery::ViewerSocket;
use self::media::Peer;
use self::members::MemberSocket;
use self::record::Offers;
use self::sealed::Sealed;
use crate::documents::Shelf;
use crate::house::House;
use crate::load::{History, Restored};
use crate::log::{AppendFailure, Appended, Log};
use crate::problem::Problem;
use crate::published::PublicView;
use crate::record::RecordPlace;
use crate::relay::Renewal;
use crate::socket::{Goodbye, Members, SocketId, Speaker as _};

/// How often waiting is looked at. Everything waited for is a matter of seconds.
const TICK: Duration = Duration::from_millis(250);
/// Messages waiting for the task. When there are more, whoever sends waits, each socket for itself.
const INBOX_MAX: usize = 1_024;

/// A meeting that runs.
pub(crate) struct Sitting {
    house: Arc<House>,
    meeting: Meeting,
    delivery: Option<Delivery>,
    history: History,
    log: Log,
    record: RecordPlace,
    offers: Offers,
    inbox: mpsc::Sender<Ask>,
    public: watch::Sender<Arc<PublicView>>,
    members: BTreeMap<SocketId, MemberSocket>,
    viewers: BTreeMap<SocketId, ViewerSocket>,
    shown: Shown,
    audience: Audience,
    sealed: Sealed,
    documents: Arc<Shelf>,
    booths: Booths,
    desks: BTreeMap<SocketId, DeskSocket>,
    /// Something has changed that desks show.
    desks_behind: bool,
    /// Who waits to be let in, as the group was told last.
    lobby: Vec<Bytes>,
    /// Since when nobody who holds the group's keys has been connected with this letter.
    away: BTreeMap<LetterId, Instant>,
    /// Letters with a leaf whose device is known to have lost the group's keys, or has left.
    lost: BTreeSet<LetterId>,
    /// Letters with a leaf that have said goodbye.
    leaving: BTreeSet<LetterId>,
    /// The last heartbeat of each member in this epoch, as signed: for somebody who comes back in the middle of it.
    heartbeats: BTreeMap<LetterId, Bytes>,
    /// The fins of a stalled close have been told to everybody.
    told_fins: bool,
    appointed: Option<Appointed>,
    errand: Option<Errand>,
    room: RoomId,
    peers: BTreeMap<PeerId, Peer>,
    relay_renewal: Renewal,
    routed: bool,
    connected: Vec<Leaf>,
}

/// Why something did not happen.
pub(crate) enum Failure {
    /// The client is told, and everything is as it was.
    Problem(Problem),
    /// What is in memory may not be what is true. The task ends; the meeting is loaded again, if it can be.
    Fall(&'static str),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Problem(refusal.into())
    }
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        Self::Problem(error.into())
    }
}

/// Whether the task goes on.
#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    End(Goodbye),
}

impl Sitting {
    /// Starts the task.
    pub(crate) fn start(house: Arc<House>, restored: Restored) -> Seat {
        let (inbox, asks) = mpsc::channel(INBOX_MAX);
        let Restored {
            meeting,
            delivery,
            history,
            log,
            record,
        } = restored;
        let record = RecordPlace::new(record);
        let (public, seen) = watch::channel(Arc::new(PublicView::of(&meeting)));
        let seat = Seat::new(&meeting, inbox.clone(), seen, record.clone());
        let folder = house.documents.join(meeting.id().to_string());
        let share = Share::of_one_in(meeting.charter().delegations.len());
        let documents = Shelf::open(folder, share, Arc::clone(&house.documents_held));
        if meeting.is_adjourned() {
            documents.close();
        }
        let now = Instant::now();
        let away = meeting
            .group()
            .into_iter()
            .flat_map(|group| group.roster.values())
            .map(|person| (person.letter, now))
            .collect();
        let sitting = Self {
            room: house.media.new_room(),
            house,
            meeting,
            delivery,
            history,
            log,
            record,
            offers: Offers::default(),
            inbox,
            public,
            members: BTreeMap::new(),
            viewers: BTreeMap::new(),
            shown: Shown::default(),
            audience: Audience::default(),
            sealed: Sealed::default(),
            documents: Arc::new(documents),
            booths: Booths::default(),
            desks: BTreeMap::new(),
            desks_behind: false,
            lobby: Vec::new(),
            away,
            lost: BTreeSet::new(),
            leaving: BTreeSet::new(),
            heartbeats: BTreeMap::new(),
            told_fins: false,
            appointed: None,
            errand: None,
            peers: BTreeMap::new(),
            relay_renewal: Renewal::new(now),
            routed: false,
            connected: Vec::new(),
        };
        sitting.tell_watcher();
        tokio::spawn(sitting.run(asks));
        seat
    }

    async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        self.route().await;
        let goodbye = loop {
            let alone = self.members.is_empty() && self.desks.is_empty() && self.viewers.is_empty();
            // What is kept for a while goes also when nobody is there any more, and what has come is stored: with its
            // countersignature the last member leaves.
            let idle = alone && self.sealed.is_empty() && self.offers.are_stored();
            let next = tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => self.take(ask).await,
                    None => Next::End(Goodbye::Restart),
                },
                () = tokio::time::sleep(TICK), if !idle => self.tick().await,
            };
            if let Next::End(goodbye) = next {
                break goodbye;
            }
        };
        // What still waits is refused by the closed inbox, not by silence.
        asks.close();
        self.keep_cosignatures().await;
        self.close_everything(goodbye).await;
    }

    async fn take(&mut self, ask: Ask) -> Next {
        let next = self.take_one(ask).await;
        self.show_desks();
        next
    }

    async fn take_one(&mut self, ask: Ask) -> Next {
        match ask {
            Ask::MemberIn { socket, outbox } => self.member_in(socket, outbox),
            Ask::MemberSays { socket, message } => return self.member_says(socket, message).await,
            Ask::MemberOut { socket } => self.member_out(socket).await,
            Ask::DeskIn { socket, outbox } => self.desk_in(socket, outbox),
            Ask::DeskSays { socket, message } => return self.desk_says(socket, message).await,
            Ask::DeskOut { socket } => self.desk_out(socket),
            Ask::ViewerIn { socket, outbox } => self.viewer_in(socket, outbox),
            Ask::ViewerSays { socket, message } => self.viewer_says(socket, message).await,
            Ask::ViewerOut { socket } => self.viewer_out(socket).await,
            Ask::Documents { socket, answer } => {
                // Whoever asked may have gone.
                let _ = answer.send(self.shelf_for(socket));
            }
            Ask::Media { socket, offer, answer } => self.media_offered(socket, offer, answer),
            Ask::MediaJoined { peer, result, answer } => self.media_joined(peer, result, answer).await,
            Ask::Announce { announcement, answer } => return self.convener_announces(announcement, answer).await,
            Ask::MediaNews { peer, news } => self.media_news(peer, news).await,
            Ask::Came { came } => self.audience.came(Instant::now(), came),
            Ask::Recorded { recorded } => return self.enter_recordings(recorded).await,
            Ask::RecordingDeleted { part, piece, answer } => return self.enter_deletion(part, piece, answer).await,
            Ask::Drain => return Next::End(Goodbye::Restart),
        }
        Next::GoOn
    }

    async fn member_says(&mut self, socket: SocketId, message: MemberMessage) -> Next {
        let name = message.name();
        let said = match message {
            MemberMessage::Hello {
                credential,
                proof,
                resume,
            } => self.hello(socket, &credential, &proof, resume).await,
            MemberMessage::Knock { key_package } => self.knock(socket, key_package).await,
            MemberMessage::Founded { founding, group_info } => self.founded(socket, founding, group_info).await,
            MemberMessage::Commit {
                position,
                commit,
                welcome,
            } => self.commit(socket, position, commit, welcome).await,
            MemberMessage::Statement { statement } => self.statement(socket, &statement).await,
            MemberMessage::Act { act } => self.member_acts(socket, &act).await,
            MemberMessage::Disclose { keys, signature } => self.disclose(socket, keys, signature).await,
            MemberMessage::Digest { digest } => self.digest(socket, digest),
            MemberMessage::Sealed { position, message } => self.sealed(socket, position, message),
            MemberMessage::Record { from } => self.tell_record(socket, from),
            MemberMessage::Cosign { size, signature } => self.cosign(socket, size, signature),
            MemberMessage::KeyFrames => self.key_frames(socket).await,
            MemberMessage::Watch { slots, first } => self.watch(socket, slots, first).await,
            MemberMessage::Booth { channel, on_air } => self.booth(socket, channel, on_air).await,
            MemberMessage::Listen { channel } => self.listen(socket, channel).await,
            MemberMessage::Whisper { on } => self.whisper(socket, on).await,
            MemberMessage::Leave => self.leave(socket).await,
        };
        match said {
            Ok(()) => Next::GoOn,
            Err(Failure::Problem(problem)) => {
                tracing::info!(meeting = ?self.meeting.id(), re = name, code = ?problem.code, why = %problem.message, "refused a message");
                self.refuse(socket, name, problem);
                Next::GoOn
            }
            Err(Failure::Fall(why)) => {
                tracing::error!(meeting = ?self.meeting.id(), re = name, why, "stopping the meeting's task");
                self.refuse(socket, name, Problem::internal());
                Next::End(Goodbye::Fault)
            }
        }
    }

    /// Tells a client that its message was refused. A refused `hello` ends the socket: there is nothing else to say.
    fn refuse(&mut self, socket: SocketId, re: &str, problem: Problem) {
        let Some(member) = self.members.get(&socket) else {
            return;
        };
        member.outbox.send(Members::refused(re, problem));
        if member.known.is_none() {
            member.outbox.close(Goodbye::Policy);
        }
    }

    /// Stores events, then applies them: what has happened has happened on the disk first.
    async fn happen(&mut self, events: &[Event]) -> Result<(), Failure> {
        if events.is_empty() {
            return Ok(());
        }
        let first = self.store(events).await?.first;
        let known = self.claimed();
        for (seq, event) in (first..).zip(events) {
            self.history.apply(&mut self.meeting, seq, event);
        }
        self.desks_behind = true;
        self.tell_new_claims(&known);
        Ok(())
    }

    /// The same for a commit that was judged.
    async fn take_in(&mut self, judged: Judged) -> Result<(), Failure> {
        let seq = self.store(&[judged.event()]).await?.first;
        self.history.commit(&mut self.meeting, seq, judged);
        self.desks_behind = true;
        Ok(())
    }

    /// Stores events, and writes down in the record what of them is for the public: nothing is signed that is not durable.
    async fn store(&mut self, events: &[Event]) -> Result<Appended, Failure> {
        match self.log.append(events).await {
            Ok(appended) => {
                let Appended { first, at_ms } = appended;
                let last = (first + events.len() as u64).saturating_sub(1);
                let written = self.record.stored(last, |record| {
                    (first..)
                        .zip(events)
                        .try_for_each(|(seq, event)| record.take(seq, at_ms, event))
                });
                written.map_err(|_| Failure::Fall("the record does not take what was stored"))?;
                Ok(appended)
            }
            Err(AppendFailure::Refused(problem)) => Err(problem.into()),
            Err(AppendFailure::Unsure) => Err(Failure::Fall("the log is not what this task wrote")),
        }
    }

    /// An open part runs.
    fn is_open(&self) -> bool {
        let group = self.meeting.group();
        group.is_some_and(|group| group.context.phase == Phase::Open)
    }

    /// Lets everyone see what the public now sees, if it is anything new.
    fn publish(&mut self) {
        let view = PublicView::of(&self.meeting);
        if self.public.borrow().state == view.state {
            return;
        }
        self.tell_viewers(&incamera_protocol::public::GalleryMessage::State {
            state: (*view.state).clone(),
        });
        self.public.send_replace(Arc::new(view));
        self.tell_watcher();
    }

    /// Whoever watches does from the moment people meet: an opening may come at any time.
    fn tell_watcher(&self) {
        let state = Arc::clone(&self.public.borrow().state);
        if let Some(watcher) = &self.house.watcher
            && state.started_at_ms.is_some()
            && state.adjourned_at_ms.is_none()
        {
            // One that has ended watches nothing; its own log says why.
            let _ = watcher.send(self.meeting.id());
        }
    }

    async fn tick(&mut self) -> Next {
        self.drop_silent_strangers();
        self.drop_silent_desks();
        self.drop_media_of_nobody().await;
        self.tell_fins_of_a_stalled_close();
        self.attend();
        self.renew_relay();
        self.note_shown();
        self.tell_air();
        self.tell_listeners();
        self.sealed.forget(Instant::now());
        self.tend_record().await;
        self.judge_audience().await
    }

    async fn close_everything(&mut self, goodbye: Goodbye) {
        self.house.media.close_room(self.room).await;
        for peer in std::mem::take(&mut self.peers).into_keys() {
            self.house.media.forget(peer);
        }
        for member in std::mem::take(&mut self.members).into_values() {
            member.outbox.close(goodbye);
        }
        for desk in std::mem::take(&mut self.desks).into_values() {
            desk.outbox.close(goodbye);
        }
        for viewer in std::mem::take(&mut self.viewers).into_values() {
            viewer.outbox.close(goodbye);
        }
    }
}
