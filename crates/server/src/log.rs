//! The events of one meeting, on the disk.

use std::sync::Arc;

use incamera_meeting::{Event, SignedCharter};
use incamera_protocol::MeetingId;
use incamera_store::{NewEvent, Store, StoreError, StoredEvent, StreamId};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::time::now_ms;

/// The kind of the first entry; all others are [`Event`]s.
const CONVENED: &str = "convened";

/// The first entry of every meeting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Convened {
    pub(crate) at_ms: u64,
    pub(crate) charter: SignedCharter,
}

/// An entry that was read again.
pub(crate) enum Entry {
    Convened(Box<Convened>),
    Event(Box<Event>),
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

    /// Every entry after `seq`, and from now on appends after the last of them. Blocks.
    pub(crate) fn read_all(&mut self) -> Result<Vec<(u64, Entry)>, LogError> {
        let stored = self.store.read(&self.stream, 0)?;
        let entries: Vec<(u64, Entry)> = stored.into_iter().map(read_entry).collect::<Result<_, _>>()?;
        self.last = entries.last().map_or(0, |(seq, _)| *seq);
        Ok(entries)
    }

    /// Appends events, durably, and returns the number of the first.
    pub(crate) async fn append(&mut self, events: &[Event]) -> Result<u64, AppendFailure> {
        let mut bodies = Vec::with_capacity(events.len());
        for event in events {
            let body = serde_json::to_vec(event).map_err(|_| AppendFailure::Refused(Problem::internal()))?;
            bodies.push((kind_of(event), body));
        }
        let (store, stream, last) = (Arc::clone(&self.store), self.stream, self.last);
        let written = tokio::task::spawn_blocking(move || {
            let new: Vec<NewEvent<'_>> = bodies.iter().map(|(kind, body)| NewEvent { kind, body }).collect();
            let written = store.append(&stream, last, &new, now_ms());
            // After a failure only the disk knows whether the events are there.
            let unchanged = written.is_err() && store.read(&stream, last).is_ok_and(|after| after.is_empty());
            (written, unchanged)
        })
        .await;
        match written {
            Ok((Ok(seq), _)) => {
                self.last = seq;
                Ok(last + 1)
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
            .map(|stored| read_entry(stored).map(|(_, entry)| entry))
            .collect()
    }
}

fn read_entry(stored: StoredEvent) -> Result<(u64, Entry), LogError> {
    let entry = if stored.kind == CONVENED {
        serde_json::from_slice(&stored.body).map(|convened| Entry::Convened(Box::new(convened)))
    } else {
        serde_json::from_slice(&stored.body).map(|event| Entry::Event(Box::new(event)))
    };
    match entry {
        Ok(entry) => Ok((stored.seq, entry)),
        Err(source) => Err(LogError::Unreadable {
            seq: stored.seq,
            kind: stored.kind,
            source,
        }),
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
        Event::JointSigned { .. } => "joint_signed",
    }
}

fn log_failure(error: &StoreError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, cause, "an append failed");
}
