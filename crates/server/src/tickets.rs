//! Tickets for media: each belongs to one socket and ends with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use incamera_protocol::{Bytes, MeetingId};

use crate::secret::random;
use crate::socket::SocketId;

/// The tickets that are valid now. A look-up table only, never walked.
#[derive(Clone, Default)]
pub(crate) struct Tickets {
    valid: Arc<Mutex<HashMap<String, Bearer>>>,
}

/// Whose ticket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) meeting: MeetingId,
    pub(crate) socket: SocketId,
}

/// A ticket; when this is dropped it is no longer valid.
pub(crate) struct Ticket {
    text: String,
    tickets: Tickets,
}

impl Tickets {
    /// A new ticket.
    pub(crate) fn issue(&self, bearer: Bearer) -> Result<Ticket, getrandom::Error> {
        let text = Bytes(random::<32>()?.to_vec()).encode();
        self.valid().insert(text.clone(), bearer);
        Ok(Ticket {
            text,
            tickets: self.clone(),
        })
    }

    /// Whose ticket this is, if it is one. The time of a look-up depends on a keyed hash of 256 random bits.
    pub(crate) fn bearer(&self, text: &str) -> Option<Bearer> {
        self.valid().get(text).copied()
    }

    fn valid(&self) -> MutexGuard<'_, HashMap<String, Bearer>> {
        self.valid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// What the client shows.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tickets.valid().remove(&self.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_valid_while_it_is_held() {
        let tickets = Tickets::default();
        let bearer = Bearer {
            meeting: MeetingId([1; 32]),
            socket: SocketId::next(),
        };
        let ticket = tickets.issue(bearer).unwrap();
        let text = ticket.text().to_owned();
        assert_eq!(tickets.bearer(&text), Some(bearer));
        drop(ticket);
        assert_eq!(tickets.bearer(&text), None);
    }
}
