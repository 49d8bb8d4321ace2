//! What members have sealed for one another: passed on to all, and kept for a little while for those who come back. In
//! memory only, and never opened: the house has no key to it.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use incamera_meeting::LetterId;
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};

use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::{Bucket, SocketId};

/// What was passed on lately, and how fast its writers may go on.
#[derive(Default)]
pub(super) struct Sealed {
    kept: VecDeque<(Instant, Position, Bytes)>,
    buckets: BTreeMap<LetterId, Bucket>,
}

impl Sealed {
    /// What was sealed under the keys of this epoch, in order.
    pub(super) fn of(&self, epoch: Position) -> impl Iterator<Item = ServerMessage> {
        let of_epoch = self.kept.iter().filter(move |(_, position, _)| *position == epoch);
        of_epoch.map(|(_, position, message)| ServerMessage::Sealed {
            position: *position,
            message: message.clone(),
        })
    }

    fn keep(&mut self, now: Instant, position: Position, message: Bytes) {
        self.forget(now);
        if self.kept.len() >= limits::SEALED_KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back((now, position, message));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Lets go of what nobody comes back for.
    pub(super) fn forget(&mut self, now: Instant) {
        let long = Duration::from_millis(limits::SEALED_KEPT_MS);
        while self
            .kept
            .front()
            .is_some_and(|(at, ..)| now.saturating_duration_since(*at) > long)
        {
            self.kept.pop_front();
        }
    }

    fn may_write(&mut self, now: Instant, letter: LetterId) -> bool {
        let bucket = self.buckets.entry(letter);
        let new = || Bucket::of(now, limits::SEALED_BURST, limits::SEALED_PER_SECOND);
        bucket.or_insert_with(new).take(now)
    }
}

impl Sitting {
    pub(super) fn sealed(&mut self, socket: SocketId, position: Position, message: Bytes) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let letter = self.known(socket)?.person.letter;
        let delivery = self.delivery.as_ref().ok_or_else(Problem::not_a_member)?;
        if message.0.len() > limits::SEALED_BYTES_MAX {
            return Err(Problem::too_large().into());
        }
        if position != delivery.position() {
            return Err(Problem::new(ErrorCode::StaleEpoch, "The meeting has moved on; seal it again.").into());
        }
        delivery.check_application(&message.0)?;
        let now = Instant::now();
        if !self.sealed.may_write(now, letter) {
            return Err(Problem::too_many().into());
        }
        self.sealed.keep(now, position, message.clone());
        self.tell_group(&ServerMessage::Sealed { position, message });
        Ok(())
    }
}
