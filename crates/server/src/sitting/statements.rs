//! What members state and disclose.

use incamera_meeting::{Body, Command, Discloser, Encode as _, Statement};
use incamera_protocol::member::ServerMessage;
use incamera_protocol::public::{Disclosure, GalleryMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::SocketId;
use crate::time::now_ms;

impl Sitting {
    pub(super) async fn statement(&mut self, socket: SocketId, bytes: &Bytes) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let letter = self.known(socket)?.person.letter;
        let statement = Statement::read(&bytes.0)?;
        if statement.signer != letter {
            return Err(Problem::new(ErrorCode::NotAllowed, "This statement is somebody else's.").into());
        }
        if self.is_known(&statement) {
            // Said again after a lost connection. It has its place in the order, and was or will be told from there.
            return Ok(());
        }
        let bytes = Bytes(statement.encode());
        let body = statement.body.clone();
        let number = self.meeting.group().map_or(0, |group| group.said.so_far().0);
        let number = statement.is_kept().then_some(number);
        let events = self.meeting.decide(now_ms(), Command::State(Box::new(statement)))?;
        if number.is_some() {
            if events.is_empty() {
                // It says what was said already, and has no place of its own.
                return Ok(());
            }
            self.happen(&events).await?;
        } else {
            // About this moment, or for whoever closes: it is not written down.
            events.iter().for_each(|event| self.meeting.apply(event));
        }
        let said = ServerMessage::Statement {
            number,
            statement: bytes.clone(),
        };
        match body {
            Body::Fin(_) => self.tell_closer(&said),
            Body::Heartbeat(_) => {
                self.heartbeats.insert(letter, bytes);
                self.tell_group(&said);
            }
            Body::Motion(_) | Body::Consent(_) | Body::Goodbye(_) => {
                self.told_fins = false;
                self.tell_group(&said);
                self.publish();
            }
        }
        Ok(())
    }

    /// Where everybody's frames end is for whoever commits the close. In a large group the others are spared it: they
    /// see all of it in the commit.
    fn tell_closer(&self, fin: &ServerMessage) {
        if self.told_fins {
            return self.tell_group(fin);
        }
        let mover = self.meeting.called_close().map(|running| running.mover);
        let roster = self.meeting.group().map(|group| &group.roster);
        let mover = mover.and_then(|leaf| roster?.get(&leaf));
        if let Some(socket) = mover.and_then(|person| self.socket_of_letter(person.letter))
            && self.leaf_of(socket).is_ok()
        {
            self.tell(socket, fin);
        }
    }

    /// Whoever carries on a close that has stalled needs what so far only its mover has.
    pub(super) fn tell_fins_of_a_stalled_close(&mut self) {
        let Some(running) = self.meeting.called_close() else {
            return;
        };
        let stalled = now_ms().saturating_sub(running.seen_at_ms) >= limits::CLOSE_STALLED_MS;
        if !stalled || self.told_fins {
            return;
        }
        let fins: Vec<Bytes> = running.fins.values().map(|fin| Bytes(fin.encode())).collect();
        self.told_fins = true;
        for statement in fins {
            let number = None;
            self.tell_group(&ServerMessage::Statement { number, statement });
        }
    }

    fn is_known(&self, statement: &Statement) -> bool {
        let group = self.meeting.group();
        let Some((leaf, person)) = group.and_then(|group| group.member_of(statement.signer)) else {
            return false;
        };
        self.meeting.running(now_ms()).is_some_and(|running| {
            running.statement == *statement
                || running.consents.get(&person.delegation) == Some(statement)
                || running.fins.get(&leaf) == Some(statement)
        })
    }

    pub(super) async fn disclose(
        &mut self,
        socket: SocketId,
        keys: Vec<Disclosure>,
        signature: Bytes,
    ) -> Result<(), Failure> {
        let leaf = self.leaf_of(socket)?;
        let letter = self.known(socket)?.person.letter;
        let by = Discloser { letter, signature };
        let events = self.meeting.decide(now_ms(), Command::Disclose(leaf, keys, by))?;
        self.happen(&events).await?;
        for event in events {
            if let incamera_meeting::Event::Disclosed { keys, .. } = event {
                self.tell_viewers(&GalleryMessage::Disclosed { keys });
            }
        }
        Ok(())
    }
}
