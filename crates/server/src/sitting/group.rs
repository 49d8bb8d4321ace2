//! The delivery service: takes foundings and commits in, one after the other, and passes them on.

use std::collections::BTreeSet;

use incamera_handshake::Delivery;
use incamera_meeting::{Command, CommitFacts, CommitSender, Encode as _, PublicKey};
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::media::Ends;
use super::{Failure, Sitting};
use crate::load::agree;
use crate::problem::Problem;
use crate::socket::SocketId;
use crate::time::now_ms;

impl Sitting {
    pub(super) async fn founded(&mut self, socket: SocketId, founding: u32, group_info: Bytes) -> Result<(), Failure> {
        if group_info.0.len() > limits::MLS_BYTES_MAX {
            return Err(Problem::too_large().into());
        }
        let person = self.known(socket)?.person.clone();
        let appointed = self
            .appointed
            .as_ref()
            .is_some_and(|appointed| appointed.socket == socket);
        if !appointed || !self.may_found(socket) || founding != self.meeting.next_founding().0 {
            return Err(Problem::stale().into());
        }
        let (delivery, group) = Delivery::found(self.meeting.id(), &group_info.0)?;
        if self.meeting.recognise(&group.founder, now_ms())? != person {
            return Err(Problem::new(ErrorCode::Credential, "The founder is not the device that said hello.").into());
        }
        let command = Command::Found {
            leaf: group.leaf,
            founder: group.founder,
            context: group.context,
            message: group_info,
        };
        let events = self.meeting.decide(now_ms(), command)?;
        self.happen(&events).await?;
        self.delivery = Some(delivery);
        if !agree(&self.meeting, self.delivery.as_ref()) {
            return Err(Failure::Fall("the rules and the group disagree after a founding"));
        }
        // Whoever was in the group before is in none now; their pages knock when they see that.
        self.appointed = None;
        self.away.clear();
        self.lost.clear();
        self.leaving.clear();
        for member in self.members.values_mut() {
            if let Some(known) = &mut member.known {
                known.admitted = false;
            }
        }
        let strangers: Vec<_> = self.peers_of_others(person.letter);
        for letter in strangers {
            self.leave_media_of(letter, Ends::Entered).await;
        }
        self.admit(socket);
        self.after_epoch().await;
        Ok(())
    }

    pub(super) async fn commit(
        &mut self,
        socket: SocketId,
        position: Position,
        commit: Bytes,
        welcome: Option<Bytes>,
    ) -> Result<(), Failure> {
        let too_large = |bytes: &Bytes| bytes.0.len() > limits::MLS_BYTES_MAX;
        if too_large(&commit) || welcome.as_ref().is_some_and(too_large) {
            return Err(Problem::too_large().into());
        }
        let leaf = self.leaf_of(socket)?;
        let delivery = self.delivery.as_ref().ok_or_else(Problem::not_a_member)?;
        // The compare-and-swap by which commits have one order: the first for an epoch wins.
        if position != delivery.position() {
            return Err(Problem::stale().into());
        }
        let staged = delivery.stage(&commit.0)?;
        let facts = staged.facts.clone();
        if facts.sender != CommitSender::Member(leaf) {
            return Err(Problem::new(ErrorCode::Handshake, "This change to the group is somebody else's.").into());
        }
        if !facts.adds.is_empty() && welcome.is_none() {
            return Err(Problem::new(ErrorCode::Handshake, "Somebody is added and cannot be told.").into());
        }
        if !self.all_ask(&staged.newcomers) {
            self.forget_what_was_asked();
            return Err(Problem::new(
                ErrorCode::Handshake,
                "Somebody who was to be added does not ask for it now.",
            )
            .into());
        }
        let judged = self.meeting.judge(now_ms(), Box::new(facts.clone()), commit.clone())?;
        let group = self.meeting.group();
        let turns = group.is_some_and(|group| group.context != facts.context);
        // In the epoch that ends: those who leave are to see why.
        let audience: BTreeSet<SocketId> = self.admitted().into_iter().map(|(_, socket)| socket).collect();
        let departed = self.departing(&facts);
        self.take_in(judged).await?;
        let merged = self.delivery.as_mut().map(|delivery| delivery.merge(staged));
        if !matches!(merged, Some(Ok(()))) || !agree(&self.meeting, self.delivery.as_ref()) {
            return Err(Failure::Fall("the rules and the group disagree after a commit"));
        }
        let (added, removed) = (facts.adds.len(), facts.removes.len());
        tracing::debug!(meeting = ?self.meeting.id(), epoch = position.epoch, ?leaf, added, removed, "took a commit");
        self.tell_these(&audience, &ServerMessage::Commit { position, commit });
        for letter in departed {
            self.away.remove(&letter);
            self.lost.remove(&letter);
            self.leaving.remove(&letter);
            self.leave_media_of(letter, Ends::Entered).await;
            if let Some(known) = self.socket_of_letter(letter).and_then(|socket| self.known(socket).ok()) {
                known.admitted = false;
            }
        }
        self.welcome(&facts, welcome);
        self.after_epoch().await;
        if self.meeting.is_adjourned() {
            self.adjourned().await;
        } else if turns {
            self.offer_soon();
        }
        Ok(())
    }

    fn departing(&self, facts: &CommitFacts) -> Vec<incamera_meeting::LetterId> {
        let roster = self.meeting.group().map(|group| &group.roster);
        let person = |leaf| roster.and_then(|roster| roster.get(leaf));
        facts
            .removes
            .iter()
            .filter_map(person)
            .map(|person| person.letter)
            .collect()
    }

    /// Gives the newcomers their Welcome. Who is not there any more knocks again later.
    fn welcome(&mut self, facts: &CommitFacts, welcome: Option<Bytes>) {
        let Some(welcome) = welcome.filter(|_| !facts.adds.is_empty()) else {
            return;
        };
        let added: BTreeSet<PublicKey> = facts.adds.iter().map(|added| added.device_key).collect();
        let warrant = self
            .meeting
            .group()
            .and_then(|group| group.warrant.as_ref())
            .map(|evidence| Bytes(evidence.encode()));
        let newcomers: BTreeSet<SocketId> = self
            .members
            .iter()
            .filter(|(_, member)| {
                member
                    .known
                    .as_ref()
                    .is_some_and(|known| known.knock.is_some() && added.contains(&known.person.device_key))
            })
            .map(|(socket, _)| *socket)
            .collect();
        let now = std::time::Instant::now();
        if let Some(group) = self.meeting.group() {
            // Those who were added and are not there: their leaf waits like anybody else's.
            let fresh = group
                .roster
                .values()
                .filter(|person| added.contains(&person.device_key));
            self.away.extend(fresh.map(|person| (person.letter, now)));
        }
        self.tell_these(&newcomers, &self.register());
        self.tell_these(&newcomers, &ServerMessage::Joined { welcome, warrant });
        for socket in newcomers {
            self.admit(socket);
        }
    }

    /// From now on the socket is one of the group's.
    fn admit(&mut self, socket: SocketId) {
        tracing::debug!(meeting = ?self.meeting.id(), ?socket, "is in the group");
        let Ok(known) = self.known(socket) else { return };
        known.admitted = true;
        known.knock = None;
        let letter = known.person.letter;
        self.away.remove(&letter);
        self.lost.remove(&letter);
        self.leaving.remove(&letter);
        self.start_waiting_media(socket);
        self.tell_unheard(socket);
        self.tell_air_to(socket);
    }

    /// What follows from every new epoch.
    async fn after_epoch(&mut self) {
        self.heartbeats.clear();
        self.told_fins = false;
        self.lobby.clear();
        self.publish();
        self.tell_lobby();
        self.route().await;
        if self.is_open() {
            // Members ask by themselves when they hold the new keys. Viewers cannot.
            self.house.media.request_key_frames(self.room).await;
        }
        // Somebody new has heard of nobody yet.
        self.connected.clear();
        self.tell_connected();
        self.tell_all_slots();
        self.ask_anew();
    }
}
