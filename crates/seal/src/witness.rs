//! What a member holds the house's record against before it countersigns: the history that it took part in.

use std::collections::VecDeque;

use incamera_meeting::{LetterId, PublicKey, Seed};
use incamera_protocol::member::{MemberMessage, Position, RecordEntry};
use incamera_protocol::{Bytes, MeetingId, limits};
use incamera_record::{Checkpoint, Entry, Frontier, Happening, Hash, log_key, meeting_origin};

/// What this device has seen of the meeting's record, and what it knows must stand in it.
#[derive(Default)]
pub(crate) struct Witness {
    /// The key of the house, from the first checkpoint on.
    house: Option<PublicKey>,
    /// The entries so far, as the roots of their perfect subtrees.
    seen: Option<Frontier>,
    /// Commits that I took in, and a founding of mine, in their order, that I have not found in the record yet.
    expected: VecDeque<Happening>,
    /// Since when I have been in the group, without a gap.
    since: Option<Position>,
    offer: Option<Offer>,
    /// Why this house's record is not believed any more.
    alarm: Option<String>,
    /// More has happened than I can keep in mind until the house offers its record.
    gave_up: bool,
    /// How many entries I have countersigned.
    signed: u64,
}

/// A checkpoint that I am to countersign.
struct Offer {
    checkpoint: Checkpoint,
    /// How many of the expected must stand in it: those that I had taken in when it came.
    due: usize,
}

impl Witness {
    /// I am in a group, from this epoch on.
    pub(crate) fn enter(&mut self, position: Position) {
        self.since = Some(position);
    }

    /// I have taken this in; the record must have it, at this place.
    pub(crate) fn expect(&mut self, happening: Happening) {
        if self.expected.len() >= limits::UNRECORDED_MAX {
            self.gave_up = true;
        }
        if !self.gave_up && self.alarm.is_none() {
            self.expected.push_back(happening);
        }
    }

    /// I am in no group any more. What I took in until now must still stand in the record; a founding that nothing came
    /// of may never have reached the house.
    pub(crate) fn leave(&mut self) {
        self.since = None;
        self.offer = None;
        if matches!(self.expected.back(), Some(Happening::Founded { .. })) {
            self.expected.pop_back();
        }
    }

    /// Why this house's record is not believed.
    pub(crate) fn alarm(&self) -> Option<&str> {
        self.alarm.as_deref()
    }

    /// How many entries I have countersigned.
    pub(crate) fn signed(&self) -> u64 {
        self.signed
    }

    /// The house offers a head of the record. Gives what to ask of it.
    pub(crate) fn take_offer(&mut self, meeting: MeetingId, key: &[u8], note: &str) -> Option<MemberMessage> {
        if self.alarm.is_some() || self.gave_up || self.since.is_none() {
            return None;
        }
        match self.open(meeting, key, note) {
            Ok(checkpoint) => {
                let due = self.expected.len();
                self.offer = Some(Offer { checkpoint, due });
                let from = self.seen.as_ref().map(Frontier::size);
                Some(MemberMessage::Record { from })
            }
            Err(why) => {
                self.disbelieve(&why);
                None
            }
        }
    }

    fn open(&mut self, meeting: MeetingId, key: &[u8], note: &str) -> Result<Checkpoint, String> {
        let key = PublicKey(key.try_into().map_err(|_| "its key is no key".to_owned())?);
        if self.house.is_some_and(|known| known != key) {
            return Err("it is signed with another key than before".to_owned());
        }
        let log = log_key(&meeting_origin(key, meeting), key).ok_or("its key is no key")?;
        let (checkpoint, _) =
            Checkpoint::open(note, &log).map_err(|error| format!("its head does not hold, {error}"))?;
        self.house = Some(key);
        let seen = self.seen.as_ref().map_or(0, Frontier::size);
        if checkpoint.size < seen {
            return Err("it has become shorter".to_owned());
        }
        Ok(checkpoint)
    }

    /// From where on the house tells somebody who has seen nothing of the record yet. What was before is not vouched for.
    pub(crate) fn take_start(&mut self, size: u64, peaks: &[Bytes]) {
        if self.seen.is_some() || self.offer.is_none() {
            return;
        }
        let peaks: Option<Vec<Hash>> = peaks
            .iter()
            .map(|peak| Some(Hash(peak.0.as_slice().try_into().ok()?)))
            .collect();
        match peaks.and_then(|peaks| Frontier::from_parts(size, peaks)) {
            Some(start) => self.seen = Some(start),
            None => self.disbelieve("its beginning is no tree"),
        }
    }

    /// Entries, in order. Gives the countersignature when the last has come and everything is as I saw it.
    pub(crate) fn take_entries(
        &mut self,
        first: u64,
        entries: &[RecordEntry],
        letter: LetterId,
        seed: &Seed,
        now_ms: u64,
    ) -> Option<MemberMessage> {
        let end = self.offer.as_ref()?.checkpoint.size;
        for (number, entry) in (first..).zip(entries) {
            let seen = self.seen.as_ref().map_or(0, Frontier::size);
            if number < seen || seen >= end {
                // Told before.
                continue;
            }
            if number > seen {
                // Something is missing; the next offer brings everything.
                self.offer = None;
                return None;
            }
            if let Err(why) = self.take_entry(entry) {
                self.disbelieve(&why);
                return None;
            }
        }
        let seen = self.seen.as_ref()?;
        (seen.size() == end)
            .then(|| self.conclude(letter, seed, now_ms))
            .flatten()
    }

    fn take_entry(&mut self, entry: &RecordEntry) -> Result<(), String> {
        let leaf = match entry {
            RecordEntry::Hash(hash) => Hash(
                hash.0
                    .as_slice()
                    .try_into()
                    .map_err(|_| "an entry is no hash".to_owned())?,
            ),
            RecordEntry::Entry(bytes) => {
                let entry = Entry::decode(&bytes.0).map_err(|_| "an entry cannot be read".to_owned())?;
                self.compare(&entry.happening)?;
                Hash::of_leaf(&bytes.0)
            }
        };
        self.seen.get_or_insert_default().push(leaf);
        Ok(())
    }

    /// A commit or a founding must be the next one that I took in; one of a time when I was not there may be any.
    fn compare(&mut self, happening: &Happening) -> Result<(), String> {
        let position = match happening {
            Happening::Committed { founding, epoch, .. } => (*founding, *epoch),
            Happening::Founded { context, .. } => (context.founding, 0),
            _ => return Ok(()),
        };
        if self.expected.front() == Some(happening) {
            self.expected.pop_front();
            if let Some(offer) = self.offer.as_mut() {
                offer.due = offer.due.saturating_sub(1);
            }
            return Ok(());
        }
        let since = self.since.map(|since| (since.founding, since.epoch));
        if since.is_none_or(|since| position >= since) {
            let (founding, epoch) = position;
            return Err(format!(
                "what ended epoch {epoch} of group {founding} is not what this device took in"
            ));
        }
        Ok(())
    }

    /// Everything up to the head has come.
    fn conclude(&mut self, letter: LetterId, seed: &Seed, now_ms: u64) -> Option<MemberMessage> {
        let (offer, seen) = (self.offer.take()?, self.seen.as_ref()?);
        if seen.root() != offer.checkpoint.root {
            self.disbelieve("its entries are not those that the house has signed, or what came before was altered");
            return None;
        }
        if offer.due > 0 {
            self.disbelieve("something is missing in it that this device took in");
            return None;
        }
        self.signed = offer.checkpoint.size;
        let line = offer.checkpoint.cosign(letter, seed, now_ms / 1_000);
        Some(MemberMessage::Cosign {
            size: offer.checkpoint.size,
            signature: Bytes(line.bytes),
        })
    }

    /// Nothing of this house's record is countersigned any more, and the person is told why.
    fn disbelieve(&mut self, why: &str) {
        self.offer = None;
        self.alarm = Some(format!(
            "The record of this house tells another story than the one I saw: {why}. I have not countersigned it."
        ));
        self.expected.clear();
    }
}
