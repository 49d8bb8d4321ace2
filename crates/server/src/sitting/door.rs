//! Coming and going: `knock` and `leave`.

use incamera_handshake::Delivery;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::members::Knock;
use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::{Goodbye, SocketId};
use crate::time::now_ms;

impl Sitting {
    /// Somebody asks to be added.
    pub(super) async fn knock(&mut self, socket: SocketId, key_package: Bytes) -> Result<(), Failure> {
        if key_package.0.len() > limits::MESSAGE_BYTES_MAX {
            return Err(Problem::too_large().into());
        }
        if self.meeting.is_adjourned() {
            return Err(incamera_meeting::Refusal::Adjourned.into());
        }
        let person = self.known(socket)?.person.clone();
        let added = Delivery::check_key_package(&key_package.0)?;
        if self.meeting.recognise(&added, now_ms())? != person {
            return Err(Problem::new(
                ErrorCode::Credential,
                "The key package is not of the device that said hello.",
            )
            .into());
        }
        let others = self.meeting.group().map_or(0, |group| group.roster.len());
        if others >= limits::MEMBERS_MAX && self.leaf_of_letter(person.letter).is_none() {
            return Err(Problem::new(ErrorCode::TooMany, "This meeting has as many members as it may.").into());
        }
        tracing::debug!(meeting = ?self.meeting.id(), ?socket, "knocks");
        let known = self.known(socket)?;
        known.admitted = false;
        let before = known.knock.replace(Knock {
            key_package,
            announced: false,
        });
        if let Some(knock) = before.filter(|knock| knock.announced) {
            self.tell_group(&ServerMessage::KnockWithdrawn {
                key_package: knock.key_package,
            });
        }
        // Whoever knocks holds no keys of the group, whatever it held before.
        if self.leaf_of_letter(person.letter).is_some() {
            self.lost.insert(person.letter);
            self.away.remove(&person.letter);
        }
        self.leaving.remove(&person.letter);
        self.leave_media_of(person.letter).await;
        self.attend();
        self.tell_connected();
        Ok(())
    }

    /// Somebody leaves for good.
    pub(super) async fn leave(&mut self, socket: SocketId) -> Result<(), Failure> {
        let letter = self.known(socket)?.person.letter;
        if self.leaf_of_letter(letter).is_some() {
            self.leaving.insert(letter);
            self.lost.insert(letter);
            self.away.remove(&letter);
        }
        self.leave_media_of(letter).await;
        if let Some(member) = self.members.remove(&socket) {
            member.outbox.close(Goodbye::Done);
            if let Some(knock) = member
                .known
                .and_then(|known| known.knock)
                .filter(|knock| knock.announced)
            {
                self.tell_group(&ServerMessage::KnockWithdrawn {
                    key_package: knock.key_package,
                });
            }
        }
        self.attend();
        self.tell_connected();
        Ok(())
    }
}
