//! The meetings of a house. Each is loaded when it is first used, and again if its task had to stop; one that cannot
//! be loaded is refused and no other is touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use incamera_meeting::{Announcement, Command, Meeting, Signed, SignedCharter};
use incamera_protocol::{ErrorCode, MeetingId, limits};
use incamera_record::{HouseHappening, veil};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::house::House;
use crate::load::{History, LoadError, Restored, restore};
use crate::log::{Convened, Log};
use crate::problem::Problem;
use crate::published::PublicView;
use crate::record::{Record, STREAM};
use crate::sitting::{Ask, Seat, Sitting};
use crate::time::now_ms;

/// The meetings that were used so far.
#[derive(Default)]
pub(crate) struct Meetings {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    seats: BTreeMap<MeetingId, Place>,
    /// The house shuts down: nothing is loaded any more.
    closed: bool,
}

enum Place {
    Running(Seat),
    /// Its events cannot be made a meeting of. Until the house starts again nobody tries anew.
    Broken,
}

impl House {
    /// The way to a meeting of this house.
    pub(crate) async fn seat(self: &Arc<Self>, id: MeetingId) -> Result<Seat, Problem> {
        if self.imported(id).is_some() {
            return Err(Problem::held_elsewhere());
        }
        let mut known = self.meetings.known.lock().await;
        if known.closed {
            return Err(Problem::shutting_down());
        }
        match known.seats.get(&id) {
            Some(Place::Running(seat)) if !seat.is_vacant() => return Ok(seat.clone()),
            Some(Place::Broken) => return Err(Problem::internal()),
            Some(Place::Running(_)) | None => {}
        }
        let store = Arc::clone(&self.store);
        let restored = spawn_blocking(move || restore(store, id)).await;
        let restored = restored.map_err(|_| Problem::internal())?;
        match restored {
            Ok(Some(restored)) => Ok(self.place(&mut known, id, restored)),
            Ok(None) => Err(Problem::no_such_meeting()),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(meeting = ?id, %error, cause, "a meeting cannot be loaded");
                // A disk that fails now may answer later; a log that does not hold never will.
                if !matches!(error, LoadError::Log(crate::log::LogError::Store(_))) {
                    known.seats.insert(id, Place::Broken);
                }
                Err(Problem::internal())
            }
        }
    }

    /// Convenes a meeting. To convene the same charter again changes nothing: a client may not have heard the answer.
    pub(crate) async fn convene(
        self: &Arc<Self>,
        charter: &[u8],
        announcement: Option<&[u8]>,
    ) -> Result<MeetingId, Problem> {
        let charter = SignedCharter::open(charter)?;
        let announcement = announcement.map(Signed::<Announcement>::read).transpose()?;
        let id = charter.charter.id();
        match self.seat(id).await {
            Ok(_) => return Ok(id),
            Err(problem) if problem.code == ErrorCode::NotFound => {}
            Err(problem) => return Err(problem),
        }
        let mut known = self.meetings.known.lock().await;
        if known.closed {
            return Err(Problem::shutting_down());
        }
        if matches!(known.seats.get(&id), Some(Place::Running(_))) {
            return Ok(id);
        }
        if known.seats.len() >= limits::MEETINGS_MAX {
            return Err(Problem::new(
                ErrorCode::Unavailable,
                "This house has as many meetings as it may.",
            ));
        }
        let store = Arc::clone(&self.store);
        let restored = spawn_blocking(move || {
            let convened = Convened {
                at_ms: now_ms(),
                charter,
            };
            let mut meeting = Meeting::convene(convened.charter.clone(), convened.at_ms);
            let announced = match announcement {
                Some(announcement) => meeting.decide(convened.at_ms, Command::Announce(Box::new(announcement)))?,
                None => Vec::new(),
            };
            let mut log = Log::of(store, id);
            let record = Record::convene(&convened, &announced).map_err(|_| Problem::too_large())?;
            log.convene(&convened, &announced)?;
            for event in &announced {
                meeting.apply(event);
            }
            Ok::<_, Problem>(Restored {
                record: Some(record),
                meeting,
                delivery: None,
                history: History::default(),
                log,
            })
        })
        .await
        .map_err(|_| Problem::internal())??;
        self.place(&mut known, id, restored);
        drop(known);
        self.enter_in_house_log(HouseHappening::Convened { meeting: veil(id) })
            .await;
        tracing::info!(meeting = ?id, "convened");
        Ok(id)
    }

    fn place(self: &Arc<Self>, known: &mut Known, id: MeetingId, restored: Restored) -> Seat {
        let seat = Sitting::start(Arc::clone(self), restored);
        known.seats.insert(id, Place::Running(seat.clone()));
        seat
    }

    /// Loads every meeting there is. What cannot be loaded is logged and left out.
    pub(crate) async fn load_meetings(self: &Arc<Self>) -> Result<(), incamera_store::StoreError> {
        for stream in self.store.streams()?.into_iter().filter(|stream| *stream != STREAM) {
            let id = MeetingId(*stream.as_bytes());
            if let Ok(seat) = self.seat(id).await {
                self.complete_house_log(id, &seat).await;
                // What was recorded, and not entered before the house ended.
                self.enter_recordings(id).await;
            }
        }
        Ok(())
    }

    /// What a crash kept from the log of the house.
    async fn complete_house_log(self: &Arc<Self>, meeting: MeetingId, seat: &Seat) {
        let (convened, adjourned) = self.records.knows(meeting).await;
        if !convened {
            self.enter_in_house_log(HouseHappening::Convened { meeting: veil(meeting) })
                .await;
        }
        if !adjourned && seat.state().adjourned_at_ms.is_some() {
            self.enter_adjournment(meeting).await;
        }
    }

    /// The end of a meeting, in the log of the house.
    async fn enter_adjournment(self: &Arc<Self>, meeting: MeetingId) {
        let head = self
            .record(meeting, |record| (record.size(), record.scribe().tree().root()))
            .await;
        if let Ok((size, root)) = head {
            let root = root.to_string();
            let meeting = veil(meeting);
            let happening = HouseHappening::Adjourned { meeting, size, root };
            self.enter_in_house_log(happening).await;
        }
    }

    /// What the public sees of every meeting that it may know of, the newest first.
    pub(crate) async fn public_views(&self, now_ms: u64) -> Vec<Arc<PublicView>> {
        let known = self.meetings.known.lock().await;
        let mut views: Vec<Arc<PublicView>> = known
            .seats
            .values()
            .filter_map(|place| match place {
                Place::Running(seat) => Some(seat.view()),
                Place::Broken => None,
            })
            .chain(self.imported_views())
            .filter(|view| view.is_public(now_ms))
            .collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.state.convened_at_ms));
        views
    }

    /// What the public sees of a meeting. One that it may not know of yet is not there.
    pub(crate) async fn public_view(self: &Arc<Self>, id: MeetingId) -> Result<Arc<PublicView>, Problem> {
        let view = self.view(id).await?;
        if view.is_public(now_ms()) {
            Ok(view)
        } else {
            Err(Problem::no_such_meeting())
        }
    }

    /// The same of any meeting, for whoever was given its id.
    pub(crate) async fn view(self: &Arc<Self>, id: MeetingId) -> Result<Arc<PublicView>, Problem> {
        match self.imported(id) {
            Some(imported) => Ok(Arc::clone(&imported.view)),
            None => Ok(self.seat(id).await?.view()),
        }
    }

    /// The way to a meeting for the public.
    pub(crate) async fn public_seat(self: &Arc<Self>, id: MeetingId) -> Result<Seat, Problem> {
        let seat = self.seat(id).await?;
        if seat.view().is_public(now_ms()) {
            Ok(seat)
        } else {
            Err(Problem::no_such_meeting())
        }
    }

    /// Ends every meeting's task: what was acknowledged is on the disk, and every socket is told.
    pub(crate) async fn drain(&self) {
        let mut known = self.meetings.known.lock().await;
        known.closed = true;
        let seats: Vec<Seat> = std::mem::take(&mut known.seats)
            .into_values()
            .filter_map(|place| match place {
                Place::Running(seat) => Some(seat),
                Place::Broken => None,
            })
            .collect();
        for seat in &seats {
            let _ = seat.ask(Ask::Drain).await;
        }
        for seat in &seats {
            seat.vacated().await;
        }
    }
}
