//! Who gets at the documents of a meeting: whoever is in its group, as long as it lasts.

use std::sync::Arc;

use super::{Failure, Sitting};
use crate::documents::{Sender, Shelf};
use crate::problem::Problem;
use crate::socket::SocketId;

impl Sitting {
    pub(super) fn shelf_for(&mut self, socket: SocketId) -> Result<(Sender, Arc<Shelf>), Problem> {
        let person = self.leaf_of(socket).and_then(|_| Ok(&self.known(socket)?.person));
        match person {
            Ok(person) => {
                let (letter, delegation) = (person.letter, person.delegation);
                Ok((Sender { letter, delegation }, Arc::clone(&self.documents)))
            }
            Err(Failure::Problem(problem)) => Err(problem),
            Err(Failure::Fall(_)) => Err(Problem::internal()),
        }
    }
}
