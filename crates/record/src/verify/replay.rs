//! The meeting once more, from its entries, by the same rules.

use std::collections::BTreeMap;

use incamera_handshake::{Delivery, HandshakeError};
use incamera_meeting::{
    AgreedJoint, Body, Command, CommitFacts, Event, Evidence, Group, LetterId, Meeting, Person, Phase, Readout,
    Recorded, Refusal, Signed, SignedCharter, Statement,
};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Bytes, MeetingId, limits};

use super::{Duties, Found, Frames, KeyOf, Known, PartReport, PersonReport, RecordingReport, Report, Stretch};
use crate::bundle::Bundle;
use crate::entry::{Attachment, Entry, EntryError, Happening};

/// What is known after the replay.
#[derive(Default)]
pub(super) struct Replayed {
    /// Whoever was in the meeting, by letter.
    pub(super) people: BTreeMap<LetterId, Person>,
    pub(super) turns: Vec<Turn>,
    /// The time of each entry that was read.
    pub(super) times: Vec<u64>,
    /// From the charter.
    pub(super) delegations: Vec<String>,
    pub(super) meeting: Option<Meeting>,
}

/// A change of phase.
pub(super) struct Turn {
    pub(super) entry: u64,
    /// By the house's clock.
    pub(super) at_ms: u64,
    /// By the mover's clock.
    pub(super) moved_at_ms: u64,
    pub(super) mover: LetterId,
    pub(super) opens: bool,
}

struct Replay<'a> {
    bundle: &'a Bundle,
    meeting: Meeting,
    /// None where the handshakes are too old to be followed.
    delivery: Option<Delivery>,
    /// When each came first and left last.
    presence: BTreeMap<LetterId, (u64, Option<u64>)>,
    /// Who moved and who consented, and how many keys were disclosed, by the part's number.
    turned: BTreeMap<u32, (String, Vec<String>)>,
    keys: BTreeMap<u32, u64>,
    unheard: BTreeMap<u32, Vec<Stretch>>,
    replayed: Replayed,
}

/// Replays as far as it holds. What follows upon something that does not hold is not looked at: it rests on it.
pub(super) fn replay(bundle: &Bundle, known: Known, report: &mut Report) -> Replayed {
    if bundle.entries.len() as u64 > limits::ENTRIES_MAX {
        report.problem(None, Found::TooManyEntries);
        return Replayed::default();
    }
    let mut replay = match begin(bundle, known, report) {
        Ok(replay) => replay,
        Err(found) => {
            report.problem(Some(0), found);
            return Replayed::default();
        }
    };
    for (index, bytes) in (0..).zip(&bundle.entries).skip(1) {
        if let Err(found) = replay.take(index, bytes, report) {
            report.problem(Some(index), found);
            let rest = bundle.entries.len() as u64 - index - 1;
            if rest > 0 {
                report.remark(Found::EntriesUnseen { rest, after: index });
            }
            break;
        }
    }
    replay.finish(report)
}

fn begin<'a>(bundle: &'a Bundle, known: Known, report: &mut Report) -> Result<Replay<'a>, Found> {
    let first = bundle.entries.first().ok_or(Found::NoBeginning)?;
    let entry = Entry::decode(first).map_err(unreadable)?;
    let Happening::Convened { meeting: id, charter } = &entry.happening else {
        return Err(Found::NoBeginning);
    };
    report.meeting = Some(*id);
    if known.meeting.is_some_and(|expected| expected != *id) {
        report.problem(Some(0), Found::OtherMeeting);
    }
    let charter = attachment(bundle, charter)?;
    let charter = SignedCharter::open_as(*id, charter).map_err(|refusal| Found::CharterUnsound {
        why: refusal.to_string(),
    })?;
    let meeting = Meeting::convene(charter, entry.at_ms);
    report.title = meeting.charter().title.as_str().to_owned();
    let names = meeting.charter().delegations.iter();
    report.delegations = names.map(|slot| slot.name.as_str().to_owned()).collect();
    report.convened_at_ms = entry.at_ms;
    Ok(Replay {
        bundle,
        meeting,
        delivery: None,
        presence: BTreeMap::new(),
        turned: BTreeMap::new(),
        keys: BTreeMap::new(),
        unheard: BTreeMap::new(),
        replayed: Replayed {
            times: vec![entry.at_ms],
            delegations: report.delegations.clone(),
            ..Replayed::default()
        },
    })
}

/// The bytes that an entry names.
fn attachment<'a>(bundle: &'a Bundle, named: &Attachment) -> Result<&'a [u8], Found> {
    let sum = || named.sha256.to_string();
    let found = bundle.attachments.get(&named.sha256);
    let bytes = found.ok_or_else(|| Found::AttachmentMissing { sum: sum() })?;
    if Attachment::of(bytes) != *named {
        return Err(Found::AttachmentAltered { sum: sum() });
    }
    Ok(bytes)
}

fn unreadable(error: EntryError) -> Found {
    let why = error.to_string();
    Found::EntryUnreadable { why }
}

fn against(why: impl ToString) -> Found {
    let why = why.to_string();
    Found::AgainstRules { why }
}

/// With the kind of the entry.
fn in_a(found: Found, kind: &str) -> Found {
    match found {
        Found::AgainstRules { why } => against(format!("{why} ({kind})")),
        Found::HandshakeUnsound { why } => unsound(format!("{why} ({kind})")),
        other => other,
    }
}

fn unsound(why: impl Into<String>) -> Found {
    Found::HandshakeUnsound { why: why.into() }
}

impl Replay<'_> {
    fn take(&mut self, index: u64, bytes: &[u8], report: &mut Report) -> Result<(), Found> {
        let entry = Entry::decode(bytes).map_err(unreadable)?;
        let before = self.replayed.times.last().copied().unwrap_or_default();
        if entry.at_ms < before {
            return Err(Found::DatedBefore);
        }
        self.replayed.times.push(entry.at_ms);
        let word = entry.happening.word();
        let done = match &entry.happening {
            Happening::Convened { .. } => Err(against("The record begins twice.")),
            Happening::SlotClaimed { claim } => self.decide(entry.at_ms, Command::ClaimSlot(claim.clone())),
            Happening::Revoked { act } => self.decide(entry.at_ms, Command::Act(act.clone())),
            Happening::Left { statement } => self.take_goodbye(entry.at_ms, statement),
            Happening::Founded {
                leaf,
                founder,
                context,
                message,
            } => attachment(self.bundle, message).and_then(|message| {
                let command = Command::Found {
                    leaf: *leaf,
                    founder: founder.clone(),
                    context: context.clone(),
                    message: Bytes(message.to_vec()),
                };
                self.decide(entry.at_ms, command)?;
                self.found(message, report)
            }),
            Happening::Committed {
                founding,
                epoch,
                facts,
                message,
            } => {
                let (facts, message) = (attachment(self.bundle, facts)?, attachment(self.bundle, message)?);
                let facts: CommitFacts =
                    serde_json::from_slice(facts).map_err(|_| unsound("The facts of the commit cannot be read."))?;
                if (facts.position.founding, facts.position.epoch) != (*founding, *epoch) {
                    return Err(unsound("The commit is for another epoch than the entry says."));
                }
                self.commit(index, entry.at_ms, facts, message, report)
            }
            Happening::Disclosed { by, keys, signature } => self.disclose(entry.at_ms, *by, keys, signature, report),
            Happening::Announced { announcement } => self.decide(entry.at_ms, Command::Announce(announcement.clone())),
            Happening::Readout { readout } => attachment(self.bundle, readout).and_then(|bytes| {
                let readout = Signed::<Readout>::read(bytes).map_err(against)?;
                self.decide(entry.at_ms, Command::Publish(Box::new(readout)))
            }),
            Happening::Joint { statement } => attachment(self.bundle, statement).and_then(|bytes| {
                let agreed = AgreedJoint::read(bytes).map_err(against)?;
                self.decide(entry.at_ms, Command::PublishJoint(Box::new(agreed)))
            }),
            Happening::Recorded { recording } => self.record(index, entry.at_ms, recording, report),
            Happening::Unheard { failed } => self.take_unheard(entry.at_ms, *failed),
            Happening::Deleted { part, piece } => {
                let events = self.meeting.decide_deletion(entry.at_ms, *part, *piece);
                self.happen(events)?;
                let mut all = report.recordings.iter_mut();
                if let Some(it) = all.find(|it| (it.recorded.part, it.recorded.piece) == (*part, *piece)) {
                    it.deleted_at_ms = Some(entry.at_ms);
                }
                Ok(())
            }
        };
        done.map_err(|found| in_a(found, word))?;
        if matches!(entry.happening, Happening::Founded { .. } | Happening::Committed { .. }) {
            self.note_presence(entry.at_ms);
        }
        Ok(())
    }

    /// By the rules; each entry must lead to something.
    fn decide(&mut self, at_ms: u64, command: Command) -> Result<(), Found> {
        let events = self.meeting.decide(at_ms, command);
        self.happen(events)
    }

    fn happen(&mut self, decided: Result<Vec<Event>, Refusal>) -> Result<(), Found> {
        let events = decided.map_err(against)?;
        if events.is_empty() {
            return Err(against("It says what was said before."));
        }
        events.iter().for_each(|event| self.meeting.apply(event));
        Ok(())
    }

    fn take_goodbye(&mut self, at_ms: u64, statement: &Statement) -> Result<(), Found> {
        if !matches!(statement.body, Body::Goodbye(_)) {
            return Err(against("It is no goodbye."));
        }
        self.decide(at_ms, Command::State(Box::new(statement.clone())))
    }

    fn found(&mut self, message: &[u8], report: &mut Report) -> Result<(), Found> {
        self.delivery = None;
        match Delivery::found(self.meeting.id(), message) {
            Ok((delivery, _)) if delivery.agrees_with(&self.meeting) => {
                self.delivery = Some(delivery);
                report.handshakes.by_mls += 1;
                Ok(())
            }
            Ok(_) => Err(unsound(
                "The group that was founded is not the one that the entry says.",
            )),
            Err(HandshakeError::Expired) => {
                report.handshakes.by_rules_only += 1;
                Ok(())
            }
            Err(error) => Err(unsound(format!("The founding does not hold: {error}."))),
        }
    }

    fn commit(
        &mut self,
        index: u64,
        at_ms: u64,
        facts: CommitFacts,
        message: &[u8],
        report: &mut Report,
    ) -> Result<(), Found> {
        let staged = match self.delivery.as_ref().map(|delivery| delivery.stage(message)) {
            None => None,
            Some(Ok(staged)) if staged.facts == facts => Some(staged),
            Some(Ok(_)) => return Err(unsound("The commit does something else than the entry says.")),
            Some(Err(HandshakeError::Expired)) => None,
            Some(Err(error)) => return Err(unsound(format!("The commit does not hold: {error}."))),
        };
        let judged = self.meeting.judge(at_ms, Box::new(facts), Bytes(message.to_vec()));
        let judged = judged.map_err(against)?;
        if let (Some(evidence), Some(group)) = (judged.evidence(), self.meeting.group()) {
            let turn = turn_of(index, at_ms, evidence);
            let names = self.names_of(group, evidence);
            let fins = evidence.fins.iter().filter_map(|it| match &it.body {
                Body::Fin(fin) => Some(&fin.counts),
                _ => None,
            });
            report.fins.extend(fins.flatten().copied());
            let next = judged.facts().context.part;
            if judged.facts().context.phase != Phase::Adjourned {
                self.turned.insert(next, names);
            }
            self.replayed.turns.extend(turn);
        }
        self.meeting.commit(judged);
        match (self.delivery.as_mut(), staged) {
            (Some(delivery), Some(staged)) => {
                delivery
                    .merge(staged)
                    .map_err(|error| unsound(format!("The commit does not hold: {error}.")))?;
                if !delivery.agrees_with(&self.meeting) {
                    return Err(unsound("The group is not the one that the rules say."));
                }
                report.handshakes.by_mls += 1;
            }
            _ => {
                self.delivery = None;
                report.handshakes.by_rules_only += 1;
            }
        }
        Ok(())
    }

    fn disclose(
        &mut self,
        at_ms: u64,
        by: LetterId,
        keys: &[Disclosure],
        signature: &Bytes,
        report: &mut Report,
    ) -> Result<(), Found> {
        let group = self.meeting.group();
        let leaf = group.and_then(|group| group.leaf_of(by));
        let leaf = leaf.ok_or_else(|| against("Whoever disclosed is not in the group."))?;
        let part = group.map_or(0, |group| group.context.part);
        let person = group.and_then(|group| group.roster.get(&leaf)).cloned();
        let discloser = Happening::discloser(by, signature);
        self.decide(at_ms, Command::Disclose(leaf, keys.to_vec(), discloser))?;
        *self.keys.entry(part).or_default() += keys.len() as u64;
        if let Some(person) = person {
            let name = name_of(&self.replayed.delegations, &person);
            report.keys.extend(keys.iter().map(|key| KeyOf {
                part,
                key: key.clone(),
                letter: by,
                letter_key: person.letter_key,
                name: name.clone(),
            }));
        }
        Ok(())
    }

    fn record(&mut self, entry: u64, at_ms: u64, recorded: &Recorded, report: &mut Report) -> Result<(), Found> {
        let events = self.meeting.decide_recording(at_ms, Box::new(recorded.clone()));
        self.happen(events)?;
        report.recordings.push(RecordingReport {
            entry,
            recorded: recorded.clone(),
            deleted_at_ms: None,
            checked: false,
        });
        Ok(())
    }

    /// A stretch in which the public did not hear: from there to the word that it does, or to the end of the part.
    fn take_unheard(&mut self, at_ms: u64, failed: bool) -> Result<(), Found> {
        let events = self.meeting.decide_unheard(at_ms, failed);
        self.happen(events)?;
        let part = self.meeting.group().map_or(0, |group| group.context.part);
        let stretches = self.unheard.entry(part).or_default();
        match stretches.last_mut().filter(|_| !failed) {
            Some(stretch) => stretch.until_ms = Some(at_ms),
            None => stretches.push(Stretch {
                from_ms: at_ms,
                until_ms: None,
            }),
        }
        Ok(())
    }

    fn names_of(&self, group: &Group, evidence: &Evidence) -> (String, Vec<String>) {
        let name = |statement: &Statement| {
            let person = group.member_of(statement.signer);
            person.map_or_else(String::new, |(_, person)| name_of(&self.replayed.delegations, person))
        };
        (name(&evidence.motion), evidence.consents.iter().map(name).collect())
    }

    fn note_presence(&mut self, at_ms: u64) {
        let Some(group) = self.meeting.group() else { return };
        for person in group.roster.values() {
            self.replayed
                .people
                .entry(person.letter)
                .or_insert_with(|| person.clone());
            self.presence.entry(person.letter).or_insert((at_ms, None)).1 = None;
        }
        for (letter, (_, left)) in &mut self.presence {
            if left.is_none() && group.leaf_of(*letter).is_none() {
                *left = Some(at_ms);
            }
        }
    }

    fn finish(self, report: &mut Report) -> Replayed {
        let state = self.meeting.public_state();
        report.adjourned_at_ms = state.adjourned_at_ms;
        let last = self.replayed.times.last().copied().unwrap_or_default();
        for part in &state.parts {
            let item = part.item.and_then(|item| state.agenda.get(item as usize));
            let (moved_by, consents) = self.turned.get(&part.number).cloned().unwrap_or_default();
            let ended = part.ended_at_ms.unwrap_or(last);
            report.parts.push(PartReport {
                n: part.number,
                phase: if part.open { "open" } else { "closed" },
                seconds: ended.saturating_sub(part.started_at_ms) as f64 / 1_000.0,
                frames_checked: 0,
                frames: Frames::default(),
                started_at_ms: part.started_at_ms,
                ended_at_ms: part.ended_at_ms,
                item: item.map(|item| item.title.clone()).unwrap_or_default(),
                ground: item.map(|item| item.ground.clone()).unwrap_or_default(),
                moved_by,
                consents,
                keys: self.keys.get(&part.number).copied().unwrap_or_default(),
                unheard: self.unheard.get(&part.number).cloned().unwrap_or_default(),
            });
        }
        report.duties = Duties {
            reports: state.reports,
            pauses: state.pauses,
        };
        for (letter, person) in &self.replayed.people {
            let (came_at_ms, left_at_ms) = self.presence.get(letter).copied().unwrap_or_default();
            report.people.push(PersonReport {
                name: person.name.clone(),
                delegation: delegation_of(&self.replayed.delegations, person),
                role: person.role.word(),
                came_at_ms,
                left_at_ms,
            });
        }
        report
            .people
            .sort_by(|a, b| (a.came_at_ms, &a.name).cmp(&(b.came_at_ms, &b.name)));
        Replayed {
            meeting: Some(self.meeting),
            ..self.replayed
        }
    }
}

fn turn_of(entry: u64, at_ms: u64, evidence: &Evidence) -> Option<Turn> {
    let Body::Motion(motion) = &evidence.motion.body else {
        return None;
    };
    Some(Turn {
        entry,
        at_ms,
        moved_at_ms: motion.moved_at_ms,
        mover: evidence.motion.signer,
        opens: motion.kind() == Some(incamera_protocol::view::MotionKind::Open),
    })
}

/// Somebody with their delegation.
pub(super) fn name_of(delegations: &[String], person: &Person) -> String {
    format!("{} ({})", person.name, delegation_of(delegations, person))
}

pub(super) fn delegation_of(delegations: &[String], person: &Person) -> String {
    delegations
        .get(usize::from(person.delegation))
        .cloned()
        .unwrap_or_default()
}

/// The meeting that a record is of, by its first entry; nothing of it is believed.
pub fn meeting_of(first: &[u8]) -> Option<MeetingId> {
    match Entry::decode(first).ok()?.happening {
        Happening::Convened { meeting, .. } => Some(meeting),
        _ => None,
    }
}
