//! Where the record of a meeting is while it is used: written by the meeting's task, read by requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use incamera_protocol::{MeetingId, limits};
use incamera_store::Store;
use tokio::task::spawn_blocking;

use super::{LoadError, Record};
use crate::house::House;
use crate::problem::Problem;

/// The place of one record. Cloning it is cheap. It is empty when the meeting is over and nobody has asked lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordPlace(Arc<Mutex<Place>>);

#[derive(Debug, Default)]
struct Place {
    record: Option<Record>,
    /// The number of the last event that is known to be stored: a record that was read before is out of date.
    stored: u64,
}

impl RecordPlace {
    /// With a record in it.
    pub(crate) fn new(record: Option<Record>) -> Self {
        let stored = record.as_ref().map_or(0, Record::last);
        Self(Arc::new(Mutex::new(Place { record, stored })))
    }

    fn lock(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the record, if it is here.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Record) -> T) -> Option<T> {
        self.lock().record.as_ref().map(look)
    }

    /// The same, and gives back who would have looked.
    fn try_look<T, F: FnOnce(&Record) -> T>(&self, look: F) -> Result<T, F> {
        match &self.lock().record {
            Some(record) => Ok(look(record)),
            None => Err(look),
        }
    }

    /// Looks at a record that is read from the disk, and keeps it here. What is stored meanwhile does not make it wrong for
    /// whoever asked before; who asks next reads anew.
    async fn look_at<T>(
        &self,
        record: impl Future<Output = Result<Record, Problem>>,
        look: impl FnOnce(&Record) -> T,
    ) -> Result<T, Problem> {
        let record = record.await?;
        let found = look(&record);
        self.fill(record);
        Ok(found)
    }

    /// Writes in it, if it is here.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut Record) -> T) -> Option<T> {
        self.lock().record.as_mut().map(write)
    }

    /// Writes down what was stored up to this number. Where the record is not here, whoever asks for it next reads that from
    /// the disk.
    pub(crate) fn stored<E>(&self, last: u64, write: impl FnOnce(&mut Record) -> Result<(), E>) -> Result<(), E> {
        let mut place = self.lock();
        place.stored = place.stored.max(last);
        place.record.as_mut().map_or(Ok(()), write)
    }

    /// Takes in a record that was read from the disk, unless something was stored since.
    fn fill(&self, record: Record) {
        let mut place = self.lock();
        if record.last() >= place.stored {
            place.record.get_or_insert(record);
        }
    }

    fn clear(&self) {
        self.lock().record = None;
    }
}

/// Adjourned meetings whose records were asked for lately.
#[derive(Default)]
pub(crate) struct Ready(Mutex<VecDeque<(MeetingId, RecordPlace)>>);

impl Ready {
    /// The one that was asked for last; the one that was asked for longest ago makes room.
    pub(crate) fn note(&self, meeting: MeetingId, place: &RecordPlace) {
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ready.retain(|(known, _)| *known != meeting);
        ready.push_back((meeting, place.clone()));
        if ready.len() > limits::RECORDS_READY_MAX
            && let Some((_, oldest)) = ready.pop_front()
        {
            oldest.clear();
        }
    }
}

impl House {
    /// Looks at the record of a meeting that the public may know of; reads it from the disk first if it is not in memory.
    pub(crate) async fn public_record<T>(
        self: &Arc<Self>,
        meeting: MeetingId,
        look: impl FnOnce(&Record) -> T,
    ) -> Result<T, Problem> {
        self.public_seat(meeting).await?;
        self.record(meeting, look).await
    }

    /// The same of any meeting, for the house itself.
    pub(crate) async fn record<T>(
        self: &Arc<Self>,
        meeting: MeetingId,
        look: impl FnOnce(&Record) -> T,
    ) -> Result<T, Problem> {
        // A meeting that cannot be loaded has no record either.
        let seat = self.seat(meeting).await?;
        let place = seat.record();
        let look = match place.try_look(look) {
            Ok(found) => return Ok(found),
            Err(look) => look,
        };
        let found = place.look_at(load(Arc::clone(&self.store), meeting), look).await?;
        self.records.ready.note(meeting, place);
        Ok(found)
    }
}

async fn load(store: Arc<dyn Store>, meeting: MeetingId) -> Result<Record, Problem> {
    let loaded = spawn_blocking(move || Record::load(store, meeting)).await;
    match loaded.map_err(|_| Problem::internal())? {
        Ok(Some(record)) => Ok(record),
        Ok(None) => Err(Problem::no_such_meeting()),
        Err(error) => {
            complain(meeting, &error);
            Err(Problem::internal())
        }
    }
}

fn complain(meeting: MeetingId, error: &LoadError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(?meeting, %error, cause, "the record of a meeting cannot be made");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::convert::Infallible;

    use incamera_meeting::{Draft, DraftItem, SignedCharter};

    use super::*;
    use crate::log::Convened;

    fn charter() -> SignedCharter {
        let draft = Draft {
            title: "A meeting".to_owned(),
            delegations: vec!["One side".to_owned(), "The other side".to_owned()],
            agenda: vec![DraftItem {
                title: "Talks".to_owned(),
                public: false,
                ground: String::new(),
            }],
            ..Draft::default()
        };
        let mut dice = 0;
        let random = || {
            dice += 1;
            [dice; 32]
        };
        draft.convene(0, random).unwrap().0
    }

    /// The house deletes a recording, and enters that, while somebody asks for the record of a meeting that is over.
    #[tokio::test]
    async fn a_record_is_answered_though_something_is_stored_while_it_is_read() {
        let charter = charter();
        let record = || {
            let charter = charter.clone();
            Record::convene(&Convened { at_ms: 0, charter }, &[]).unwrap()
        };
        let place = RecordPlace::default();
        let read = async {
            let record = record();
            place.stored(2, |_| Ok::<_, Infallible>(())).unwrap();
            Ok(record)
        };
        assert_eq!(place.look_at(read, Record::last).await.unwrap(), 1);
        // It is not kept, for it is not the last word.
        assert!(place.look(|_| ()).is_none());

        let place = RecordPlace::default();
        assert_eq!(place.look_at(async { Ok(record()) }, Record::last).await.unwrap(), 1);
        assert_eq!(place.look(Record::last), Some(1));
    }
}
