//! Media of a meeting: who may connect, what goes to the gallery, whose stream is in which slot.
//!
//! A member's media belongs to its letter: it outlives a lost socket, and ends when the letter leaves the group or its
//! device has lost the keys. A viewer's ends with its socket. Whoever may enter and is on the way into the group makes the
//! connection meanwhile, by which nothing comes and nothing goes before they are in it; whoever waits for their
//! delegation's word is not answered before that.

use std::time::Instant;

use incamera_meeting::LetterId;
use incamera_protocol::member::{ServerMessage, WatchOf};
use incamera_protocol::public::{GalleryMessage, SlotOf, SlotSource};
use incamera_protocol::{ErrorCode, Leaf, limits};
use incamera_sfu_io::{PeerId, Role, SlotWish, Source};
use tokio::sync::oneshot;

use super::{Ask, Failure, Sitting};
use crate::media::{News, stream_of};
use crate::problem::Problem;
use crate::socket::{Goodbye, SocketId, text_of};
use crate::time::now_ms;

/// A media connection of this meeting.
pub(super) struct Peer {
    pub(super) owner: Owner,
    /// An offer is with the engine.
    joining: bool,
    /// Its letter is not in the group yet: it ends with its socket.
    waiting: bool,
    pub(super) slots: Vec<(String, Option<Source>)>,
}

/// Which of a letter's media ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// What it had as a member; not what waits for its next entry.
    Entered,
    All,
}

/// Whose connection it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Member(LetterId),
    Viewer(SocketId),
}

type Answer = oneshot::Sender<Result<String, Problem>>;

impl Sitting {
    /// Somebody with a socket's ticket offers media.
    pub(super) fn media_offered(&mut self, socket: SocketId, offer: String, answer: Answer) {
        if self.meeting.is_adjourned() {
            let _ = answer.send(Err(incamera_meeting::Refusal::Adjourned.into()));
        } else if self.viewers.contains_key(&socket) {
            self.join_media(Owner::Viewer(socket), Role::Viewer, offer, answer);
        } else if let Ok(known) = self.known(socket) {
            let owner = Owner::Member(known.person.letter);
            if known.admitted {
                self.join_media(owner, Role::Member, offer, answer);
            } else if !known.waits {
                self.join_media(owner, Role::Waiting, offer, answer);
            } else if let Some((_, before)) = known.offer.replace((offer, answer)) {
                let _ = before.send(Err(Problem::too_many()));
            }
        } else {
            let _ = answer.send(Err(Problem::not_a_member()));
        }
    }

    /// Whoever was let in gets the answer to the offer that waited.
    pub(super) fn start_waiting_media(&mut self, socket: SocketId) {
        let Ok(known) = self.known(socket) else { return };
        let owner = Owner::Member(known.person.letter);
        if let Some((offer, answer)) = known.offer.take().filter(|(_, answer)| !answer.is_closed()) {
            self.join_media(owner, Role::Member, offer, answer);
        }
    }

    /// Those who were on the way into the group and have gone.
    pub(super) async fn drop_media_of_nobody(&mut self) {
        let gone = |peer: &Peer| match peer.owner {
            Owner::Member(letter) => peer.waiting && self.socket_of_letter(letter).is_none(),
            Owner::Viewer(_) => false,
        };
        let ids = self.peers.iter().filter(|(_, peer)| gone(peer));
        let ids: Vec<PeerId> = ids.map(|(id, _)| *id).collect();
        self.end_media(ids).await;
    }

    /// The connection of a member or a viewer.
    pub(super) fn peer_of(&self, owner: Owner) -> Option<PeerId> {
        let mut peers = self.peers.iter();
        peers.find(|(_, peer)| peer.owner == owner).map(|(id, _)| *id)
    }

    async fn end_media(&mut self, ids: Vec<PeerId>) {
        for id in ids {
            self.peers.remove(&id);
            self.house.media.leave(id).await;
        }
    }

    fn join_media(&mut self, owner: Owner, role: Role, offer: String, answer: Answer) {
        let existing = self.peer_of(owner);
        let id = existing.unwrap_or_else(|| self.house.media.new_peer(self.inbox.clone()));
        let peer = self.peers.entry(id).or_insert_with(|| Peer {
            owner,
            joining: false,
            waiting: false,
            slots: Vec::new(),
        });
        if std::mem::replace(&mut peer.joining, true) {
            let _ = answer.send(Err(Problem::too_many()));
            return;
        }
        peer.waiting = role == Role::Waiting;
        if let Owner::Viewer(socket) = owner
            && let Some(viewer) = self.viewers.get_mut(&socket)
        {
            viewer.peer = Some(id);
        }
        let (media, room, inbox) = (self.house.media.clone(), self.room, self.inbox.clone());
        // The engine answers in its own time; the meeting goes on. Nothing flows before the answer is given out, and
        // that happens only after another look at who it is for.
        tokio::spawn(async move {
            let result = media.join(room, id, role, offer).await;
            let joined = Ask::MediaJoined {
                peer: id,
                result,
                answer,
            };
            let _ = inbox.send(joined).await;
        });
    }

    /// The engine has answered.
    pub(super) async fn media_joined(&mut self, id: PeerId, result: Result<String, Problem>, answer: Answer) {
        let Some(peer) = self.peers.get_mut(&id) else {
            // It was taken out while the engine thought about it.
            self.house.media.leave(id).await;
            let _ = answer.send(Err(Problem::not_a_member()));
            return;
        };
        peer.joining = false;
        let (owner, waiting) = (peer.owner, peer.waiting);
        if !waiting {
            // It may have been let in while the engine thought about it.
            self.house.media.let_in(id).await;
        }
        self.tune(id, owner).await;
        let _ = answer.send(result);
    }

    /// The engine tells of a peer.
    pub(super) async fn media_news(&mut self, id: PeerId, news: News) {
        match news {
            News::Lost => {
                // Unless it is being made anew at this moment. If it was made anew a moment ago, the new connection
                // ends as well: one that nobody keeps count of could outlive its member's place in the group.
                if self.peers.get(&id).is_some_and(|peer| !peer.joining) {
                    self.peers.remove(&id);
                    self.house.media.leave(id).await;
                }
            }
            News::Slots(slots) => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.slots = slots;
                    self.tell_slots(id);
                }
            }
            News::Layers(wanted) => {
                let owner = self.peers.get(&id).map(|peer| peer.owner);
                if let Some(Owner::Member(letter)) = owner
                    && let Some(socket) = self.socket_of_letter(letter)
                {
                    self.tell(socket, &ServerMessage::Layers { wanted });
                }
            }
        }
    }

    /// A member says how it shows its pictures, and whom it wants first.
    pub(super) async fn watch(
        &mut self,
        socket: SocketId,
        slots: Vec<WatchOf>,
        first: Option<Leaf>,
    ) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        if slots.len() > limits::WATCHED_MAX {
            return Err(Problem::malformed().into());
        }
        let letter = self.known(socket)?.person.letter;
        let Some(peer) = self.peer_of(Owner::Member(letter)) else {
            return Ok(());
        };
        let first = first.and_then(|leaf| self.peer_at(leaf));
        self.house.media.wish(peer, first, self.wishes(slots)).await;
        Ok(())
    }

    /// A viewer says how it shows its pictures. One with more of them than there are slots is no page of this house.
    pub(super) async fn viewer_watches(&mut self, socket: SocketId, slots: Vec<WatchOf>) {
        let Some(viewer) = self.viewers.get(&socket) else {
            return;
        };
        if slots.len() > limits::WATCHED_MAX {
            return viewer.outbox.close(Goodbye::Policy);
        }
        if let Some(peer) = viewer.peer {
            self.house.media.wish(peer, None, self.wishes(slots)).await;
        }
    }

    fn wishes(&self, slots: Vec<WatchOf>) -> Vec<SlotWish> {
        let wish = |slot: WatchOf| SlotWish {
            pin: slot.leaf.and_then(|leaf| self.peer_at(leaf)),
            mid: slot.mid,
            height: slot.height,
        };
        slots.into_iter().map(wish).collect()
    }

    /// The media of whoever is at a leaf of the group.
    fn peer_at(&self, leaf: Leaf) -> Option<PeerId> {
        let person = self.meeting.group()?.roster.get(&leaf)?;
        self.peer_of(Owner::Member(person.letter))
    }

    /// What a client is told of the house's relay now.
    pub(super) fn relay(&self) -> Option<incamera_protocol::Relay> {
        self.house.relay.as_ref().map(|relay| relay.opened_at(now_ms()))
    }

    /// Tells everybody what opens the relay from now on, when what they have is half over.
    pub(super) fn renew_relay(&mut self) {
        if !self.relay_renewal.is_due(Instant::now()) {
            return;
        }
        let Some(relay) = self.relay() else { return };
        self.tell_viewers(&GalleryMessage::Relay { relay: relay.clone() });
        let text = text_of(&ServerMessage::Relay { relay });
        for member in self.members.values().filter(|member| member.known.is_some()) {
            member.outbox.send(text.clone());
        }
    }

    /// Takes a letter's media out.
    pub(super) async fn leave_media_of(&mut self, letter: LetterId, ends: Ends) {
        let theirs = |peer: &Peer| peer.owner == Owner::Member(letter) && (ends == Ends::All || !peer.waiting);
        let ids = self.peers.iter().filter(|(_, peer)| theirs(peer));
        let ids: Vec<PeerId> = ids.map(|(id, _)| *id).collect();
        self.end_media(ids).await;
        self.untune(letter);
    }

    /// Letters other than this one that have media as members.
    pub(super) fn peers_of_others(&self, letter: LetterId) -> Vec<LetterId> {
        self.peers
            .values()
            .filter_map(|peer| match peer.owner {
                Owner::Member(other) if other != letter && !peer.waiting => Some(other),
                Owner::Member(_) | Owner::Viewer(_) => None,
            })
            .collect()
    }

    /// Takes everybody's media out.
    pub(super) async fn close_media(&mut self) {
        self.house.media.close_room(self.room).await;
        for id in std::mem::take(&mut self.peers).into_keys() {
            self.house.media.forget(id);
        }
        for viewer in self.viewers.values_mut() {
            viewer.peer = None;
        }
    }

    /// Lets media through to the gallery in open parts, and only then.
    pub(super) async fn route(&mut self) {
        let routed = (self.is_open() || self.house.keep_gallery_routed) && !self.meeting.is_adjourned();
        // The engine's word for a room that it has forgotten is "no", so "yes" is said again.
        if routed || self.routed {
            self.house.media.route_viewers(self.room, routed).await;
        }
        self.routed = routed;
    }

    /// Somebody holds keys now that it lacked before. If it has just come into the group, it has media from now on: what
    /// came sooner it could not open, and a picture whose beginning is lost is not seen.
    pub(super) async fn key_frames(&mut self, socket: SocketId) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let owner = Owner::Member(self.known(socket)?.person.letter);
        let peer = self.peers.iter_mut().find(|(_, peer)| peer.owner == owner);
        let Some((id, peer)) = peer else { return Ok(()) };
        let waited = std::mem::take(&mut peer.waiting);
        match (waited, peer.joining) {
            // The engine is still thinking about its offer, and then lets it in.
            (true, true) => {}
            // What is put into its slots is asked for from its beginning.
            (true, false) => self.house.media.let_in(*id).await,
            (false, _) => self.house.media.request_key_frames_for(*id).await,
        }
        Ok(())
    }

    /// Tells everybody what their slots carry: in a new epoch a sender's leaf may be another.
    pub(super) fn tell_all_slots(&self) {
        for id in self.peers.keys() {
            self.tell_slots(*id);
        }
    }

    /// Tells a member who has come back over a new socket what its slots carry.
    pub(super) fn tell_slots_again(&self, socket: SocketId) {
        let known = self.members.get(&socket).and_then(|member| member.known.as_ref());
        let Some(letter) = known.map(|known| known.person.letter) else {
            return;
        };
        let peer = self.peers.iter().find(|(_, peer)| peer.owner == Owner::Member(letter));
        if let Some((id, _)) = peer {
            self.tell_slots(*id);
        }
    }

    fn tell_slots(&self, id: PeerId) {
        let Some(peer) = self.peers.get(&id).filter(|peer| !peer.slots.is_empty()) else {
            return;
        };
        let slots = peer
            .slots
            .iter()
            .map(|(mid, source)| SlotOf {
                mid: mid.clone(),
                source: source.and_then(|source| self.source_of(source)),
            })
            .collect();
        match peer.owner {
            Owner::Member(letter) => {
                if let Some(socket) = self.socket_of_letter(letter) {
                    self.tell(socket, &ServerMessage::Slots { slots });
                }
            }
            Owner::Viewer(socket) => {
                if let Some(viewer) = self.viewers.get(&socket) {
                    viewer.outbox.send(text_of(&GalleryMessage::Slots { slots }));
                }
            }
        }
    }

    fn source_of(&self, source: Source) -> Option<SlotSource> {
        let Owner::Member(letter) = self.peers.get(&source.peer)?.owner else {
            return None;
        };
        Some(SlotSource {
            leaf: self.leaf_of_letter(letter)?,
            stream: stream_of(source.stream),
        })
    }
}

/// What a client is told whose offer waited for admission in vain.
pub(crate) const NOT_ADMITTED: Problem =
    Problem::new(ErrorCode::NotAMember, "You have not been let into the meeting yet.");
