//! A meeting as its events made it.

use std::collections::BTreeMap;
use std::sync::Arc;

use incamera_handshake::{Delivery, HandshakeError};
use incamera_meeting::{CommitFacts, Event, Judged, LetterId, Meeting};
use incamera_protocol::MeetingId;
use incamera_record::EntryError;
use incamera_store::Store;

use crate::log::{Entry, Log, LogError, Logged};
use crate::record::Record;

/// A meeting that was read from the disk.
pub(crate) struct Restored {
    pub(crate) meeting: Meeting,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) history: History,
    pub(crate) log: Log,
    /// None when the meeting is over: it is read again when somebody asks for it.
    pub(crate) record: Option<Record>,
}

/// Why a meeting cannot be loaded. It is refused; no other meeting is touched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("its log cannot be read")]
    Log(#[from] LogError),
    #[error("its log does not begin with its charter")]
    NoCharter,
    #[error("something in its log cannot be written down in its record")]
    Record(#[from] EntryError),
    #[error("a handshake message in its log does not hold")]
    Handshake(#[from] HandshakeError),
    #[error("the roster of the rules is not the tree of the group")]
    Disagreement,
}

/// What the delivery service must remember of the group that meets, besides the group itself.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The log's number of the group's founding.
    founded_seq: u64,
    /// For each epoch of the group that has ended, the log's number of the commit that ended it.
    ended: Vec<u64>,
    /// Since which epoch a letter has had its leaf. A device that was in an earlier epoch has lost the group since.
    entered: BTreeMap<LetterId, u64>,
    /// Letters ever used in the meeting, by delegation.
    letters: BTreeMap<u16, usize>,
    /// How often a desk had its notebook kept, by delegation.
    notes: BTreeMap<u16, usize>,
}

impl History {
    /// After which entry of the log the commits follow that lead from `epoch` to the present.
    pub(crate) fn seq_before_commit_of(&self, epoch: u64) -> u64 {
        usize::try_from(epoch)
            .ok()
            .and_then(|epoch| epoch.checked_sub(1))
            .and_then(|before| self.ended.get(before).copied())
            .unwrap_or(self.founded_seq)
    }

    /// Since which epoch a letter has had its leaf, if it has one.
    pub(crate) fn entered(&self, letter: LetterId) -> Option<u64> {
        self.entered.get(&letter).copied()
    }

    /// Letters ever used in the meeting.
    pub(crate) fn letters(&self) -> usize {
        self.letters.values().sum()
    }

    /// Letters that one delegation has ever used.
    pub(crate) fn letters_of(&self, delegation: u16) -> usize {
        self.letters.get(&delegation).copied().unwrap_or_default()
    }

    /// How often the desks had their notebooks kept.
    pub(crate) fn notes(&self) -> usize {
        self.notes.values().sum()
    }

    /// How often one delegation's desk had.
    pub(crate) fn notes_of(&self, delegation: u16) -> usize {
        self.notes.get(&delegation).copied().unwrap_or_default()
    }

    /// Takes in a commit that was judged, as number `seq` of the log.
    pub(crate) fn commit(&mut self, meeting: &mut Meeting, seq: u64, judged: Judged) {
        self.note_commit(meeting, seq, judged.facts());
        meeting.commit(judged);
        self.note_entries(meeting);
    }

    /// Applies an event that is number `seq` of the log.
    pub(crate) fn apply(&mut self, meeting: &mut Meeting, seq: u64, event: &Event) {
        match event {
            Event::Claimed { credential } => *self.letters.entry(credential.letter.body.delegation).or_default() += 1,
            Event::Noted { delegation, .. } => *self.notes.entry(*delegation).or_default() += 1,
            Event::Founded { .. } => {
                self.founded_seq = seq;
                self.ended.clear();
                self.entered.clear();
            }
            Event::Committed { facts, .. } => self.note_commit(meeting, seq, facts),
            _ => {}
        }
        meeting.apply(event);
        if matches!(event, Event::Founded { .. } | Event::Committed { .. }) {
            self.note_entries(meeting);
        }
    }

    /// Before a commit is taken in.
    fn note_commit(&mut self, meeting: &Meeting, seq: u64, facts: &CommitFacts) {
        self.ended.push(seq);
        let roster = meeting.group().map(|group| &group.roster);
        for leaf in &facts.removes {
            if let Some(person) = roster.and_then(|roster| roster.get(leaf)) {
                self.entered.remove(&person.letter);
            }
        }
    }

    /// After the roster has changed.
    fn note_entries(&mut self, meeting: &Meeting) {
        if let Some(group) = meeting.group() {
            for person in group.roster.values() {
                self.entered.entry(person.letter).or_insert(group.epoch);
            }
        }
    }
}

/// Reads a meeting; `None` if there is none. Blocks.
pub(crate) fn restore(store: Arc<dyn Store>, id: MeetingId) -> Result<Option<Restored>, LoadError> {
    let mut log = Log::of(store, id);
    let entries = log.read_all()?;
    let Some(first) = entries.first() else {
        return Ok(None);
    };
    let Entry::Convened(convened) = &first.entry else {
        return Err(LoadError::NoCharter);
    };
    let mut meeting = Meeting::convene(convened.charter.clone(), convened.at_ms);
    if meeting.id() != id {
        return Err(LoadError::NoCharter);
    }
    let mut history = History::default();
    // Only the last group is followed again; those before it are lost and gone.
    let mut handshakes: Vec<&Event> = Vec::new();
    for Logged { seq, entry, .. } in entries.iter().skip(1) {
        let event = match entry {
            Entry::Event(event) => event,
            Entry::Cosigned(_) => continue,
            Entry::Convened(_) => return Err(LoadError::NoCharter),
        };
        history.apply(&mut meeting, *seq, event);
        match **event {
            Event::Founded { .. } => handshakes = vec![event],
            Event::Committed { .. } => handshakes.push(event),
            _ => {}
        }
    }
    let record = if meeting.is_adjourned() {
        None
    } else {
        Record::of(&entries)?
    };
    // Nothing more is decided in a meeting that is over, and its handshakes grow too old to be checked: the MLS library
    // holds their key packages' lifetimes against today's clock.
    let delivery = if meeting.is_adjourned() {
        None
    } else {
        let delivery = follow(id, &handshakes)?;
        if !agree(&meeting, delivery.as_ref()) {
            return Err(LoadError::Disagreement);
        }
        delivery
    };
    Ok(Some(Restored {
        meeting,
        delivery,
        history,
        log,
        record,
    }))
}

fn follow(id: MeetingId, handshakes: &[&Event]) -> Result<Option<Delivery>, LoadError> {
    let mut delivery = None;
    for event in handshakes {
        match event {
            Event::Founded { message, .. } => delivery = Some(Delivery::found(id, &message.0)?.0),
            Event::Committed { message, .. } => {
                let group: &mut Delivery = delivery.as_mut().ok_or(LoadError::Disagreement)?;
                let staged = group.stage(&message.0)?;
                group.merge(staged)?;
            }
            _ => {}
        }
    }
    Ok(delivery)
}

/// Whether rules and group agree, if there is one.
pub(crate) fn agree(meeting: &Meeting, delivery: Option<&Delivery>) -> bool {
    match delivery {
        Some(delivery) => delivery.agrees_with(meeting),
        None => meeting.group().is_none(),
    }
}
