//! Coming and going: `knock` and `leave`.

use incamera_handshake::{Delivery, Newcomer};
use incamera_meeting::{Command, Credential};
use incamera_protocol::member::ServerMessage;
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::media::Ends;
use super::members::Knock;
use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::SocketId;
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
        let before = self.known(socket)?.person.clone();
        let Newcomer { added, leaf_key } = Delivery::check_key_package(&key_package.0)?;
        // It may have been let in since it said hello, and then shows that here.
        let person = self.meeting.recognise(&added, now_ms())?;
        if person.letter != before.letter || person.device_key != before.device_key {
            return Err(Problem::new(
                ErrorCode::Credential,
                "The key package is not of the device that said hello.",
            )
            .into());
        }
        let credential = Credential::read(&added.credential.0)?;
        let bound = self
            .meeting
            .decide(now_ms(), Command::Claim(Box::new(credential.clone())))?;
        self.check_letters(&person, &bound)?;
        self.happen(&bound).await?;
        if before.admitted_at_ms != person.admitted_at_ms || self.known(socket)?.waits {
            self.replace_socket_of(&person);
            let known = self.known(socket)?;
            known.waits = false;
            known.person = person.clone();
            known.credential = credential;
            self.tell_lobby();
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
            leaf_key,
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
        self.leave_media_of(person.letter, Ends::Entered).await;
        self.attend();
        self.tell_connected();
        Ok(())
    }

    /// Somebody leaves for good.
    pub(super) async fn leave(&mut self, socket: SocketId) -> Result<(), Failure> {
        let known = self.known(socket)?;
        let (letter, waits) = (known.person.letter, known.waits);
        if waits {
            self.dismiss(socket);
            self.tell_lobby();
            return Ok(());
        }
        if self.leaf_of_letter(letter).is_some() {
            self.leaving.insert(letter);
            self.lost.insert(letter);
            self.away.remove(&letter);
        }
        self.leave_media_of(letter, Ends::All).await;
        self.dismiss(socket);
        self.attend();
        self.tell_connected();
        Ok(())
    }
}
