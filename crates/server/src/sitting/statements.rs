//! What members state and disclose.

use incamera_meeting::{Body, Command, Encode as _, Statement};
use incamera_protocol::member::ServerMessage;
use incamera_protocol::public::{Disclosure, GalleryMessage};
use incamera_protocol::{Bytes, ErrorCode};

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
        let encoded = Bytes(statement.encode());
        let echo = ServerMessage::Statement {
            statement: encoded.clone(),
        };
        if self.is_known(&statement) {
            // Said again after a lost connection: acknowledged again, and nothing else.
            self.tell(socket, &echo);
            return Ok(());
        }
        let passing = matches!(statement.body, Body::Confirmation(_));
        let events = self.meeting.decide(now_ms(), Command::State(Box::new(statement)))?;
        // A confirmation is about this epoch and nothing follows from it later: it is not written down.
        if passing {
            self.confirmations.insert(letter, encoded);
        } else {
            self.happen(&events).await?;
        }
        self.tell_group(&echo);
        self.publish();
        Ok(())
    }

    fn is_known(&self, statement: &Statement) -> bool {
        self.meeting.running(now_ms()).is_some_and(|running| {
            running.statement == *statement
                || running.consents.values().any(|known| known == statement)
                || running.fins.values().any(|known| known == statement)
        })
    }

    pub(super) async fn disclose(&mut self, socket: SocketId, keys: Vec<Disclosure>) -> Result<(), Failure> {
        let leaf = self.leaf_of(socket)?;
        let events = self.meeting.decide(now_ms(), Command::Disclose(leaf, keys))?;
        self.happen(&events).await?;
        for event in events {
            if let incamera_meeting::Event::Disclosed { keys } = event {
                self.tell_viewers(&GalleryMessage::Disclosed { keys });
            }
        }
        Ok(())
    }
}
