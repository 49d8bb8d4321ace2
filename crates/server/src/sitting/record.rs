//! The record and those who were there: its head is offered to the members after each part, and what they countersign is
//! kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use incamera_meeting::LetterId;
use incamera_protocol::member::{Position, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};
use incamera_record::{HouseHappening, NoteSignature, cosigner_key, veil};

use super::{Failure, Sitting};
use crate::log::{AppendFailure, Cosigned};
use crate::problem::Problem;
use crate::socket::{Goodbye, SocketId};

/// How long members stay, when a meeting is over, for its last recording to be made, so that they countersign that too: a
/// disk writes gigabytes in that time, and nothing else waits for it.
const RECORDING_WAIT: Duration = Duration::from_secs(60);

/// What the members were offered to countersign.
#[derive(Default)]
pub(super) struct Offers {
    /// When the next head is offered.
    due: Option<Instant>,
    /// How many entries the latest head covers.
    latest: Option<u64>,
    /// Sockets that have been told the record up to it.
    told: BTreeSet<SocketId>,
    /// Countersignatures that hold and are not stored yet.
    waiting: BTreeMap<LetterId, (u64, NoteSignature)>,
    /// The meeting is over: when the sockets of those are closed who have not countersigned.
    farewell: Option<Instant>,
}

impl Offers {
    /// No countersignature waits to be stored.
    pub(super) fn are_stored(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Sitting {
    /// A part has ended: its record is offered when the door is shut.
    pub(super) fn offer_soon(&mut self) {
        let members = self.meeting.group().map_or(0, |group| group.roster.len() as u64);
        let wait_ms = limits::RECORD_OFFER_MS + limits::CONFIRM_WAIT_MS_PER_MEMBER * members;
        self.offers.due = Some(Instant::now() + Duration::from_millis(wait_ms));
    }

    fn offer(&mut self) {
        self.offers.due = None;
        self.offers.latest = self.record.look(|record| record.size());
        self.offers.told.clear();
        if let Some(offer) = self.offered() {
            self.tell_group(&offer);
        }
    }

    /// The head that was offered last.
    fn offered(&self) -> Option<ServerMessage> {
        let (latest, seed) = (self.offers.latest?, &self.house.records.seed);
        let head = self.record.look(|record| record.head_at(seed, latest)).flatten()?;
        Some(ServerMessage::Checkpoint {
            key: Bytes(seed.public_key().0.to_vec()),
            note: head.sign(seed).write(),
        })
    }

    /// Somebody has come back who may have missed the offer.
    pub(super) fn offer_again(&mut self, socket: SocketId, letter: LetterId) {
        let Some(latest) = self.offers.latest else { return };
        let done = self.record.look(|record| record.has_cosigned(latest, letter));
        if done == Some(false)
            && let Some(offer) = self.offered()
        {
            self.tell(socket, &offer);
        }
    }

    /// A member wants to see what it is to countersign: once for each offer.
    pub(super) fn tell_record(&mut self, socket: SocketId, from: Option<u64>) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let letter = self.known(socket)?.person.letter;
        let end = self.offers.latest.ok_or_else(Problem::stale)?;
        if !self.offers.told.insert(socket) {
            return Err(Problem::too_many().into());
        }
        let first = match from {
            Some(from) if from <= end => from,
            Some(_) => return Err(Problem::malformed().into()),
            None => {
                let start = self.start_for(letter).min(end);
                let frontier = self.record.look(|record| record.frontier_at(start)).flatten();
                let frontier = frontier.ok_or_else(Problem::internal)?;
                let peaks = frontier.peaks().iter().map(|peak| Bytes(peak.0.to_vec())).collect();
                self.tell(socket, &ServerMessage::RecordStart { size: start, peaks });
                start
            }
        };
        let mut first = first;
        // Also when there is nothing new: the member concludes by the last message.
        loop {
            let entries = self.record.look(|record| record.told(first, end)).unwrap_or_default();
            let next = first + entries.len() as u64;
            let done = entries.is_empty() || next >= end;
            self.tell(socket, &ServerMessage::Record { first, entries });
            if done {
                return Ok(());
            }
            first = next;
        }
    }

    fn start_for(&self, letter: LetterId) -> u64 {
        let founding = self.meeting.group().map_or(0, |group| group.founding);
        let epoch = self.history.entered(letter).unwrap_or_default();
        let entered = Position { founding, epoch };
        self.record.look(|record| record.start_of(entered)).unwrap_or_default()
    }

    /// A member has countersigned.
    pub(super) fn cosign(&mut self, socket: SocketId, size: u64, signature: Bytes) -> Result<(), Failure> {
        self.leaf_of(socket)?;
        let person = self.known(socket)?.person.clone();
        if self.offers.latest != Some(size) {
            return Err(Problem::stale().into());
        }
        let seed = &self.house.records.seed;
        let head = self.record.look(|record| record.head_at(seed, size)).flatten();
        let head = head.ok_or_else(Problem::internal)?;
        let key = cosigner_key(person.letter, person.letter_key);
        let line = NoteSignature {
            name: key.name.clone(),
            key_id: key.id(),
            bytes: signature.0,
        };
        if key.verifies(&head.text(), &line).is_none() {
            return Err(Problem::new(ErrorCode::Proof, "The countersignature does not hold.").into());
        }
        let done = self.record.look(|record| record.has_cosigned(size, person.letter));
        if done == Some(false) {
            self.offers.waiting.insert(person.letter, (size, line));
        }
        if self.meeting.is_adjourned()
            && !self.awaits_recording()
            && let Some(member) = self.members.remove(&socket)
        {
            // Nothing is left to be said.
            member.outbox.close(Goodbye::Done);
        }
        Ok(())
    }

    /// Offers what is due, stores what has come, and ends what is over.
    pub(super) async fn tend_record(&mut self) {
        let now = Instant::now();
        if self.offers.due.is_some_and(|due| now >= due) {
            self.offer();
        }
        self.keep_cosignatures().await;
        if self.offers.farewell.is_some_and(|farewell| now >= farewell) {
            self.offers.farewell = None;
            for member in std::mem::take(&mut self.members).into_values() {
                member.outbox.close(Goodbye::Done);
            }
        }
    }

    /// All that have come since the last time, in one write: in a large group there are hundreds.
    pub(super) async fn keep_cosignatures(&mut self) {
        let waiting = std::mem::take(&mut self.offers.waiting);
        if waiting.is_empty() {
            return;
        }
        let cosigned = waiting.values().map(|(size, line)| Cosigned {
            size: *size,
            line: line.line(),
        });
        let cosigned: Vec<Cosigned> = cosigned.collect();
        match self.log.append_cosignatures(&cosigned).await {
            Ok(_) => {
                self.record.write(|record| {
                    for (letter, (size, line)) in waiting {
                        record.cosign(size, letter, line);
                    }
                });
            }
            // Nobody was told that they are kept. If the log is not what this task believes, the next event finds it.
            Err(AppendFailure::Refused(_) | AppendFailure::Unsure) => {
                tracing::warn!(meeting = ?self.meeting.id(), "countersignatures were not stored");
            }
        }
    }

    /// The meeting is over: no more media. The end of the record is offered once more; sockets are closed when what waits
    /// was written, those of members when they have countersigned, or have not for a while.
    pub(super) async fn adjourned(&mut self) {
        self.close_media().await;
        self.documents.close();
        self.enter_end_of_record().await;
        let admitted: BTreeSet<SocketId> = self.admitted().into_iter().map(|(_, socket)| socket).collect();
        let (stay, go): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.members)
            .into_iter()
            .partition(|(socket, _)| admitted.contains(socket));
        for member in go.into_values() {
            member.outbox.close(Goodbye::Done);
        }
        self.members = stay;
        self.offer();
        let cosigned = Duration::from_millis(limits::COSIGN_WAIT_MS);
        let recorded = if self.awaits_recording() {
            RECORDING_WAIT
        } else {
            Duration::ZERO
        };
        self.offers.farewell = Some(Instant::now() + cosigned + recorded);
    }

    /// What was recorded after the end stands in the record: its head is offered once more, to those who have stayed.
    pub(super) fn offer_recorded(&mut self) {
        if self.offers.farewell.is_some() && !self.awaits_recording() {
            self.offer();
            self.offers.farewell = Some(Instant::now() + Duration::from_millis(limits::COSIGN_WAIT_MS));
        }
    }

    /// The last open part is recorded, and that is not in the record yet.
    fn awaits_recording(&self) -> bool {
        let parts = self.meeting.public_state().parts;
        let last = parts.iter().rfind(|part| part.open);
        let stands = |number| self.meeting.recordings().any(|(part, _)| part == number);
        self.house.recording && last.is_some_and(|last| !stands(last.number))
    }

    /// The end of the record, in the log of the house.
    async fn enter_end_of_record(&mut self) {
        let meeting = self.meeting.id();
        let end = self.record.look(|record| HouseHappening::Adjourned {
            meeting: veil(meeting),
            size: record.size(),
            root: record.scribe().tree().root().to_string(),
        });
        if let Some(end) = end {
            self.house.enter_in_house_log(end).await;
        }
        self.house.records.ready.note(meeting, &self.record);
    }
}
