//! Who gets at the documents of a meeting: whoever is in its group, as long as it lasts.

use std::sync::Arc;

use incamera_meeting::LetterId;

use super::{Failure, Sitting};
use crate::documents::Shelf;
use crate::problem::Problem;
use crate::socket::SocketId;

impl Sitting {
    pub(super) fn shelf_for(&mut self, socket: SocketId) -> Result<(LetterId, Arc<Shelf>), Problem> {
        let letter = self.leaf_of(socket).and_then(|_| Ok(self.known(socket)?.person.letter));
        match letter {
            Ok(letter) => Ok((letter, Arc::clone(&self.documents))),
            Err(Failure::Problem(problem)) => Err(problem),
            Err(Failure::Fall(_)) => Err(Problem::internal()),
        }
    }
}
