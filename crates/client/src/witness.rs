//! What a client holds its own frames against: the closes and commits as they came off the socket, read by nothing of
//! the cryptography that is to stop the frames.

use incamera_meeting::{Body, Decode as _, Statement};
use incamera_protocol::KidParts;
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::view::MotionKind;

/// The latest epoch of which this client has been told that it is over or about to be. Believed unread: what a forged
/// close would make it count is a figure and no decision.
#[derive(Default)]
pub(crate) struct Witness {
    ended: Option<(u32, u64)>,
}

impl Witness {
    /// A message has come; nobody has judged it yet.
    pub(crate) fn hears(&mut self, message: &ServerMessage) {
        self.ended = self.ended.max(ended_by(message).map(order));
    }

    /// A frame under this key comes too late.
    pub(crate) fn has_ended(&self, kid: KidParts) -> bool {
        Some((kid.founding, kid.epoch)) <= self.ended
    }
}

/// The epoch that is over for whoever reads this: a commit ends one, a close that was called forbids it to be used.
fn ended_by(message: &ServerMessage) -> Option<Position> {
    match message {
        ServerMessage::Commit { position, .. } => Some(*position),
        ServerMessage::Statement { statement, .. } => match Statement::decode(&statement.0).ok()?.body {
            Body::Motion(motion) if motion.kind() != Some(MotionKind::Open) => Some(motion.place.position()),
            _ => None,
        },
        _ => None,
    }
}

fn order(position: Position) -> (u32, u64) {
    (position.founding, position.epoch)
}

#[cfg(test)]
mod tests {
    use incamera_protocol::{Bytes, Leaf, Stream};

    use super::*;

    fn frame_of(founding: u32, epoch: u64) -> KidParts {
        KidParts {
            founding,
            epoch,
            slice: 0,
            leaf: Leaf(3),
            stream: Stream::Microphone,
            open: true,
        }
    }

    #[test]
    fn a_commit_ends_its_epoch_and_all_before_it_and_no_other() {
        let mut witness = Witness::default();
        assert!(!witness.has_ended(frame_of(1, 0)));
        witness.hears(&ServerMessage::Commit {
            position: Position { founding: 1, epoch: 7 },
            commit: Bytes(Vec::new()),
        });
        assert!(witness.has_ended(frame_of(1, 6)));
        assert!(witness.has_ended(frame_of(1, 7)));
        assert!(!witness.has_ended(frame_of(1, 8)));
        assert!(!witness.has_ended(frame_of(2, 0)));
    }

    #[test]
    fn a_close_that_is_called_ends_its_epoch_and_an_opening_does_not() {
        let called = |kind| {
            let motion = incamera_meeting::Motion {
                place: incamera_meeting::Place {
                    meeting: [1; 32],
                    founding: 1,
                    group: [4; 16],
                    epoch: 7,
                    part: 2,
                },
                kind: incamera_meeting::Motion::number_of(kind),
                item: 0,
                moved_at_ms: 0,
            };
            let letter = incamera_meeting::LetterId([2; 32]);
            let seed = incamera_meeting::Seed::new([3; 32]);
            let statement = Statement::new(letter, Body::Motion(motion), &seed);
            ServerMessage::Statement {
                number: Some(0),
                statement: Bytes(incamera_meeting::Encode::encode(&statement)),
            }
        };
        let mut witness = Witness::default();
        witness.hears(&called(MotionKind::Open));
        assert!(!witness.has_ended(frame_of(1, 7)));
        witness.hears(&called(MotionKind::Close));
        assert!(witness.has_ended(frame_of(1, 7)));
        assert!(!witness.has_ended(frame_of(1, 8)));
    }
}
