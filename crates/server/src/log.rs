//! The events of one meeting, on the disk.

use std::sync::Arc;

use incamera_meeting::{Event, SignedCharter};
use incamera_protocol::MeetingId;
use incamera_store::{NewEvent, Store, StoreError, StoredEvent, StreamId};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::time::now_ms;

/// The kind of the first entry; nearly all others are [`Event`]s.
const CONVENED: &str = "convened";

/// The first entry of every meeting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Convened {
    pub(crate) at_ms: u64,
    pub(crate) charter: SignedCharter,
}

/// The kind of a member's countersignature, which is no event of the meeting.
const COSIGNED: &str = "cosigned";

/// A member's countersignature under a checkpoint of the meeting's record, as a line of a signed note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cosigned {
    /// How many entries the checkpoint covers.
    pub(crate) size: u64,
    pub(crate) line: String,
}

/// An entry that was read again.
pub(crate) enum Entry {
    Convened(Box<Convened>),
    Event(Box<Event>),
    Cosigned(Box<Cosigned>),
}

/// An entry with its number and the time at which it was stored.
pub(crate) struct Logged {
    pub(crate) seq: u64,
    pub(crate) at_ms: u64,
    pub(crate) entry: Entry,
}

/// Where events were written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appended {
    /// The number of the first.
    pub(crate) first: u64,
    /// When they were stored.
    pub(crate) at_ms: u64,
}

/// Where a meeting's next event goes.
pub(crate) struct Log {
    store: Arc<dyn Store>,
    stream: StreamId,
    last: u64,
}

/// An append that was not acknowledged.
pub(crate) enum AppendFailure {
    /// Nothing was written: the meeting goes on as it was.
    Refused(Problem),
    /// What is on the disk is not what this process believes: the meeting must be loaded again.
    Unsure,
}

/// A log that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("entry {seq} ({kind}) cannot be read")]
    Unreadable {
        seq: u64,
        kind: String,
        #[source]
        source: serde_json::Error,
    },
}

impl Log {
    pub(crate) fn of(store: Arc<dyn Store>, meeting: MeetingId) -> Self {
        Self {
            store,
            stream: StreamId::new(meeting.0),
            last: 0,
        }
    }

    /// Writes the first entry, and what is announced with it: all or nothing. Blocks.
    pub(crate) fn convene(&mut self, convened: &Convened, announced: &[Event]) -> Result<(), Problem> {
        let mut bodies = vec![(CONVENED, serde_json::to_vec(convened).map_err(|_| Problem::internal())?)];
        for event in announced {
            let body = serde_json::to_vec(event).map_err(|_| Problem::internal())?;
            bodies.push((kind_of(event), body));
        }
        let new: Vec<NewEvent<'_>> = bodies.iter().map(|(kind, body)| NewEvent { kind, body }).collect();
        self.last = self
            .store
            .append(&self.stream, self.last, &new, convened.at_ms)
            .map_err(|error| {
                log_failure(&error);
                Problem::from_store(&error)
            })?;
        Ok(())
    }

    /// Every entry, and from now on appends after the last of them. Blocks.
    pub(crate) fn read_all(&mut self) -> Result<Vec<Logged>, LogError> {
        let stored = self.store.read(&self.stream, 0)?;
        let entries: Vec<Logged> = stored.into_iter().map(read_entry).collect::<Result<_, _>>()?;
        self.last = entries.last().map_or(0, |logged| logged.seq);
        Ok(entries)
    }

    /// One entry, by its number. Blocks.
    pub(crate) fn read_one(&self, seq: u64) -> Result<Option<Entry>, LogError> {
        let stored = self.store.read_one(&self.stream, seq)?;
        stored
            .map(|stored| read_entry(stored).map(|logged| logged.entry))
            .transpose()
    }

    /// Appends events, durably.
    pub(crate) async fn append(&mut self, events: &[Event]) -> Result<Appended, AppendFailure> {
        let mut bodies = Vec::with_capacity(events.len());
        for event in events {
            let body = serde_json::to_vec(event).map_err(|_| AppendFailure::Refused(Problem::internal()))?;
            bodies.push((kind_of(event), body));
        }
        self.append_bodies(bodies).await
    }

    /// Appends members' countersignatures, durably.
    pub(crate) async fn append_cosignatures(&mut self, cosigned: &[Cosigned]) -> Result<Appended, AppendFailure> {
        let bodies = cosigned
            .iter()
            .map(|cosigned| Ok((COSIGNED, serde_json::to_vec(cosigned)?)));
        let bodies: Result<_, serde_json::Error> = bodies.collect();
        self.append_bodies(bodies.map_err(|_| AppendFailure::Refused(Problem::internal()))?)
            .await
    }

    async fn append_bodies(&mut self, bodies: Vec<(&'static str, Vec<u8>)>) -> Result<Appended, AppendFailure> {
        let at_ms = now_ms();
        let (store, stream, last) = (Arc::clone(&self.store), self.stream, self.last);
        let written = tokio::task::spawn_blocking(move || {
            let new: Vec<NewEvent<'_>> = bodies.iter().map(|(kind, body)| NewEvent { kind, body }).collect();
            let written = store.append(&stream, last, &new, at_ms);
            // After a failure only the disk knows whether the events are there.
            let unchanged = written.is_err() && store.read(&stream, last).is_ok_and(|after| after.is_empty());
            (written, unchanged)
        })
        .await;
        match written {
            Ok((Ok(seq), _)) => {
                self.last = seq;
                Ok(Appended { first: last + 1, at_ms })
            }
            Ok((Err(error), unchanged)) => {
                log_failure(&error);
                if unchanged {
                    Err(AppendFailure::Refused(Problem::from_store(&error)))
                } else {
                    Err(AppendFailure::Unsure)
                }
            }
            Err(_) => Err(AppendFailure::Unsure),
        }
    }

    /// Every event after `seq`.
    pub(crate) async fn events_after(&self, seq: u64) -> Result<Vec<Entry>, LogError> {
        let (store, stream) = (Arc::clone(&self.store), self.stream);
        let stored = tokio::task::spawn_blocking(move || store.read(&stream, seq))
            .await
            .unwrap_or(Ok(Vec::new()))?;
        stored
            .into_iter()
            .map(|stored| read_entry(stored).map(|logged| logged.entry))
            .collect()
    }
}

fn read_entry(stored: StoredEvent) -> Result<Logged, LogError> {
    let body = &stored.body;
    let entry = match stored.kind.as_str() {
        CONVENED => serde_json::from_slice(body).map(|convened| Entry::Convened(Box::new(convened))),
        COSIGNED => serde_json::from_slice(body).map(|cosigned| Entry::Cosigned(Box::new(cosigned))),
        _ => serde_json::from_slice(body).map(|event| Entry::Event(Box::new(event))),
    };
    let StoredEvent { seq, at_ms, kind, .. } = stored;
    match entry {
        Ok(entry) => Ok(Logged { seq, at_ms, entry }),
        Err(source) => Err(LogError::Unreadable { seq, kind, source }),
    }
}

fn kind_of(event: &Event) -> &'static str {
    match event {
        Event::SlotClaimed { .. } => "slot_claimed",
        Event::Claimed { .. } => "claimed",
        Event::Revoked { .. } => "revoked",
        Event::Noted { .. } => "noted",
        Event::Founded { .. } => "founded",
        Event::Committed { .. } => "committed",
        Event::Stated { .. } => "stated",
        Event::Disclosed { .. } => "disclosed",
        Event::Announced { .. } => "announced",
        Event::ReadoutPublished { .. } => "readout_published",
        Event::JointSigned { .. } | Event::JointSignedBefore {} => "joint_signed",
        Event::JointPublished { .. } => "joint_published",
        Event::Recorded { .. } => "recorded",
        Event::Unheard { .. } => "unheard",
        Event::RecordingDeleted { .. } => "recording_deleted",
    }
}

fn log_failure(error: &StoreError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, cause, "an append failed");
}
