//! The gallery of a meeting: anonymous, receive-only, outside the group.

use incamera_protocol::public::GalleryMessage;
use incamera_protocol::{Bytes, limits};
use incamera_sfu_io::PeerId;

use super::Sitting;
use crate::secret::random;
use crate::socket::{Goodbye, Outbox, SocketId, text_of};
use crate::tickets::{Bearer, Ticket};

/// A viewer's socket.
pub(super) struct ViewerSocket {
    pub(super) outbox: Outbox,
    /// Held for as long as it is to be valid.
    _ticket: Ticket,
    pub(super) peer: Option<PeerId>,
    /// The channel that it listens to.
    pub(super) listens: Option<u8>,
}

impl Sitting {
    pub(super) fn viewer_in(&mut self, socket: SocketId, outbox: Outbox) {
        if self.viewers.len() >= limits::VIEWERS_MAX {
            tracing::warn!(meeting = ?self.meeting.id(), "the gallery is full");
            return outbox.close(Goodbye::Policy);
        }
        let bearer = Bearer {
            meeting: self.meeting.id(),
            socket,
        };
        // A viewer's media ends with its socket, so every socket is an instance of its own.
        let (Ok(ticket), Ok(instance)) = (self.house.tickets.issue(bearer), random::<16>()) else {
            return outbox.close(Goodbye::Fault);
        };
        if let Some(relay) = self.relay() {
            outbox.send(text_of(&GalleryMessage::Relay { relay }));
        }
        outbox.send(text_of(&GalleryMessage::Here {
            ticket: ticket.text().to_owned(),
            instance: Bytes(instance.to_vec()),
            state: self.meeting.public_state(),
            keys: self.meeting.disclosed().to_vec(),
        }));
        self.introduce_to(&outbox);
        self.show_channels(&outbox);
        let viewer = ViewerSocket {
            outbox,
            _ticket: ticket,
            peer: None,
            listens: None,
        };
        self.viewers.insert(socket, viewer);
    }

    pub(super) async fn viewer_out(&mut self, socket: SocketId) {
        if let Some(peer) = self.viewers.remove(&socket).and_then(|viewer| viewer.peer) {
            self.peers.remove(&peer);
            self.house.media.leave(peer).await;
        }
    }

    /// Says something to the whole gallery.
    pub(super) fn tell_viewers(&self, message: &GalleryMessage) {
        if self.viewers.is_empty() {
            return;
        }
        let text = text_of(message);
        for viewer in self.viewers.values() {
            viewer.outbox.send(text.clone());
        }
    }
}
