//! The members' sockets of a meeting.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use incamera_meeting::{Credential, Encode as _, LetterId, Person};
use incamera_protocol::member::ServerMessage;
use incamera_protocol::{Bytes, Leaf, limits};
use tokio::sync::oneshot;

use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::secret::random;
use crate::socket::{Goodbye, Members, Outbox, SocketId, Speaker as _, text_of};
use crate::tickets::Ticket;

/// A socket on the members' side.
pub(super) struct MemberSocket {
    pub(super) outbox: Outbox,
    pub(super) nonce: [u8; 32],
    pub(super) since: Instant,
    /// Who it is, once it has said and proven so.
    pub(super) known: Option<Known>,
}

/// Somebody who has shown a letter.
pub(super) struct Known {
    pub(super) person: Person,
    pub(super) credential: Credential,
    /// Its delegation has to let it in first.
    pub(super) waits: bool,
    /// Held for as long as it is to be valid.
    pub(super) _ticket: Ticket,
    /// It holds the group's keys, as far as the server can know: it founded, was added, or resumed.
    pub(super) admitted: bool,
    pub(super) knock: Option<Knock>,
    /// An offer for media that waits for admission.
    pub(super) offer: Option<(String, oneshot::Sender<Result<String, Problem>>)>,
}

/// Somebody who asks to be added.
pub(super) struct Knock {
    pub(super) key_package: Bytes,
    /// By which a commit that adds it is known.
    pub(super) leaf_key: Vec<u8>,
    /// The members have heard of it in this epoch.
    pub(super) announced: bool,
}

impl Sitting {
    pub(super) fn member_in(&mut self, socket: SocketId, outbox: Outbox) {
        let strangers = self.members.values().filter(|member| member.known.is_none()).count();
        let Ok(nonce) = random::<32>() else {
            return outbox.close(Goodbye::Fault);
        };
        if strangers >= limits::STRANGERS_MAX || self.members.len() >= 2 * limits::MEMBERS_MAX {
            outbox.send(Members::refused("hello", Problem::too_many()));
            return outbox.close(Goodbye::Policy);
        }
        outbox.send(text_of(&ServerMessage::Challenge {
            nonce: Bytes(nonce.to_vec()),
            instance: Bytes(self.house.instance.to_vec()),
            charter: Bytes(self.meeting.signed_charter().encode()),
        }));
        let member = MemberSocket {
            outbox,
            nonce,
            since: Instant::now(),
            known: None,
        };
        self.members.insert(socket, member);
    }

    pub(super) async fn member_out(&mut self, socket: SocketId) {
        let Some(member) = self.members.remove(&socket) else {
            return;
        };
        tracing::debug!(meeting = ?self.meeting.id(), ?socket, known = member.known.is_some(), "a member's socket ended");
        let Some(known) = member.known else { return };
        // Also who came back without the group's keys and has gone again: their leaf waits for nobody.
        if known.admitted || self.lost.contains(&known.person.letter) {
            self.away.insert(known.person.letter, Instant::now());
        }
        if let Some(knock) = known.knock.filter(|knock| knock.announced) {
            self.tell_group(&ServerMessage::KnockWithdrawn {
                key_package: knock.key_package,
            });
        }
        self.attend();
        self.tell_connected();
        self.tell_lobby();
    }

    /// Takes a socket out that has been told why.
    pub(super) fn dismiss(&mut self, socket: SocketId) {
        let Some(member) = self.members.remove(&socket) else {
            return;
        };
        member.outbox.close(Goodbye::Done);
        let knock = member.known.and_then(|known| known.knock);
        if let Some(knock) = knock.filter(|knock| knock.announced) {
            self.tell_group(&ServerMessage::KnockWithdrawn {
                key_package: knock.key_package,
            });
        }
    }

    /// Closes sockets that have not said who they are.
    pub(super) fn drop_silent_strangers(&mut self) {
        let wait = Duration::from_millis(limits::HELLO_WAIT_MS);
        self.members.retain(|_, member| {
            let silent = member.known.is_none() && member.since.elapsed() > wait;
            if silent {
                member.outbox.close(Goodbye::Policy);
            }
            !silent
        });
    }

    /// Somebody who has shown a letter.
    pub(super) fn known(&mut self, socket: SocketId) -> Result<&mut Known, Failure> {
        self.members
            .get_mut(&socket)
            .and_then(|member| member.known.as_mut())
            .ok_or(Failure::Problem(Problem::not_a_member()))
    }

    /// The leaf of a socket that holds the group's keys.
    pub(super) fn leaf_of(&self, socket: SocketId) -> Result<Leaf, Failure> {
        self.members
            .get(&socket)
            .and_then(|member| member.known.as_ref())
            .filter(|known| known.admitted)
            .and_then(|known| self.leaf_of_letter(known.person.letter))
            .ok_or(Failure::Problem(Problem::not_a_member()))
    }

    /// The leaf of a letter in the current epoch.
    pub(super) fn leaf_of_letter(&self, letter: LetterId) -> Option<Leaf> {
        self.meeting.group()?.leaf_of(letter)
    }

    /// The socket that somebody with this letter uses.
    pub(super) fn socket_of_letter(&self, letter: LetterId) -> Option<SocketId> {
        self.members
            .iter()
            .find(|(_, member)| {
                let known = member.known.as_ref();
                known.is_some_and(|known| known.person.letter == letter && !known.waits)
            })
            .map(|(socket, _)| *socket)
    }

    /// Sockets that hold the group's keys, with their leaves, in the order of the leaves.
    pub(super) fn admitted(&self) -> Vec<(Leaf, SocketId)> {
        let mut admitted: Vec<(Leaf, SocketId)> = self
            .members
            .iter()
            .filter_map(|(socket, member)| {
                let known = member.known.as_ref().filter(|known| known.admitted)?;
                Some((self.leaf_of_letter(known.person.letter)?, *socket))
            })
            .collect();
        admitted.sort_unstable();
        admitted
    }

    /// Says something to everybody who holds the group's keys.
    pub(super) fn tell_group(&self, message: &ServerMessage) {
        let text: Utf8Bytes = text_of(message);
        let in_group = |member: &&MemberSocket| member.known.as_ref().is_some_and(|known| known.admitted);
        for member in self.members.values().filter(in_group) {
            member.outbox.send(text.clone());
        }
    }

    /// Says something to these.
    pub(super) fn tell_these(&self, sockets: &BTreeSet<SocketId>, message: &ServerMessage) {
        let text: Utf8Bytes = text_of(message);
        for member in sockets.iter().filter_map(|socket| self.members.get(socket)) {
            member.outbox.send(text.clone());
        }
    }

    /// Says something to one socket.
    pub(super) fn tell(&self, socket: SocketId, message: &ServerMessage) {
        if let Some(member) = self.members.get(&socket) {
            member.outbox.send(text_of(message));
        }
    }

    /// Tells the group whose connections are up, if that has changed.
    pub(super) fn tell_connected(&mut self) {
        let leaves: Vec<Leaf> = self.admitted().into_iter().map(|(leaf, _)| leaf).collect();
        if leaves != self.connected {
            self.tell_group(&ServerMessage::Connected { leaves: leaves.clone() });
            self.connected = leaves;
        }
    }
}
