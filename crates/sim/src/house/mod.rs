//! The model of the server: the semantics of `incamera-server`'s sitting in one thread and virtual time. The rules and
//! the group are the real ones; sockets, the disk and the clock are modelled. What is appended to the log is durable,
//! everything else dies with a crash.

mod admission;
mod commits;
mod desks;
mod hello;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use incamera_handshake::{Delivery, HandshakeError};
use incamera_meeting::{
    Claim, CommitFacts, Credential, Encode as _, Event, Judged, LetterId, Meeting, Person, Refusal, Signed,
    SignedCharter,
};
use incamera_protocol::desk::{DeskMessage, DeskServerMessage, DeskState};
use incamera_protocol::member::{MemberMessage, Position, ServerMessage};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Bytes, ErrorCode, Leaf, limits};

use self::admission::{Appointed, Errand};
use crate::chance::Chance;
use crate::line::{LineId, Word};

/// What the server wants done.
pub(crate) enum Out {
    Tell(LineId, Box<Word>),
    Gallery(Vec<Disclosure>),
}

/// When the next append fails, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The power goes before anything is written.
    BeforeAppend,
    /// It goes when it is written and nobody has been told.
    AfterAppend,
}

/// Why a message led to nothing.
pub(crate) enum Stop {
    Refused(ErrorCode, String),
    /// The server is no more; the log is what it is.
    Crash,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.code(), refusal.to_string())
    }
}

impl From<HandshakeError> for Stop {
    fn from(error: HandshakeError) -> Self {
        Self::Refused(ErrorCode::Handshake, error.to_string())
    }
}

fn not_a_member() -> Stop {
    Stop::Refused(ErrorCode::NotAMember, "not a member".to_owned())
}

fn stale() -> Stop {
    Stop::Refused(ErrorCode::StaleEpoch, "stale".to_owned())
}

struct Socket {
    nonce: [u8; 32],
    known: Option<Known>,
}

struct Known {
    person: Person,
    credential: Credential,
    waits: bool,
    admitted: bool,
    knock: Option<Knock>,
}

struct Knock {
    key_package: Bytes,
    leaf_key: Vec<u8>,
    announced: bool,
}

struct DeskSocket {
    nonce: [u8; 32],
    delegation: Option<u16>,
    shown: Option<DeskState>,
}

/// What the delivery service remembers of the group besides the group itself.
#[derive(Default)]
struct History {
    founded_seq: usize,
    ended: Vec<usize>,
    entered: BTreeMap<LetterId, u64>,
}

impl History {
    fn after(&self, epoch: u64) -> usize {
        let before = usize::try_from(epoch).ok().and_then(|epoch| epoch.checked_sub(1));
        before
            .and_then(|before| self.ended.get(before).copied())
            .unwrap_or(self.founded_seq)
    }

    fn apply(&mut self, meeting: &mut Meeting, seq: usize, event: &Event) {
        match event {
            Event::Founded { .. } => {
                self.founded_seq = seq;
                self.ended.clear();
                self.entered.clear();
            }
            Event::Committed { facts, .. } => self.note_commit(meeting, seq, facts),
            _ => {}
        }
        meeting.apply(event);
        self.note_entries(meeting);
    }

    fn commit(&mut self, meeting: &mut Meeting, seq: usize, judged: Judged) {
        self.note_commit(meeting, seq, judged.facts());
        meeting.commit(judged);
        self.note_entries(meeting);
    }

    fn note_commit(&mut self, meeting: &Meeting, seq: usize, facts: &CommitFacts) {
        self.ended.push(seq);
        let roster = meeting.group().map(|group| &group.roster);
        for leaf in &facts.removes {
            if let Some(person) = roster.and_then(|roster| roster.get(leaf)) {
                self.entered.remove(&person.letter);
            }
        }
    }

    fn note_entries(&mut self, meeting: &Meeting) {
        if let Some(group) = meeting.group() {
            for person in group.roster.values() {
                self.entered.entry(person.letter).or_insert(group.epoch);
            }
        }
    }
}

/// A server that runs.
pub(crate) struct House {
    pub(crate) meeting: Meeting,
    pub(crate) log: Vec<Event>,
    pub(crate) fault: Option<Fault>,
    pub(crate) out: Vec<Out>,
    instance: Bytes,
    nonces: Chance,
    now_ms: u64,
    delivery: Option<Delivery>,
    history: History,
    sockets: BTreeMap<LineId, Socket>,
    desks: BTreeMap<LineId, DeskSocket>,
    desks_behind: bool,
    lobby: Vec<Bytes>,
    away: BTreeMap<LetterId, u64>,
    lost: BTreeSet<LetterId>,
    leaving: BTreeSet<LetterId>,
    heartbeats: BTreeMap<LetterId, Bytes>,
    /// What members have sealed for one another: in memory only.
    sealed: Vec<(Position, Bytes)>,
    told_fins: bool,
    appointed: Option<Appointed>,
    errand: Option<Errand>,
    connected: Vec<Leaf>,
}

impl House {
    /// Starts a server on this log. `None` if rules and group disagree about what is in it.
    pub(crate) fn start(charter: &SignedCharter, log: Vec<Event>, now_ms: u64, chance: &mut Chance) -> Option<Self> {
        let mut meeting = Meeting::convene(charter.clone(), charter.charter.convened_at_ms);
        let mut history = History::default();
        let mut delivery: Option<Delivery> = None;
        for (seq, event) in log.iter().enumerate() {
            history.apply(&mut meeting, seq, event);
            match event {
                Event::Founded { message, .. } => delivery = Some(Delivery::found(meeting.id(), &message.0).ok()?.0),
                Event::Committed { message, .. } => {
                    let group = delivery.as_mut()?;
                    let staged = group.stage(&message.0).ok()?;
                    group.merge(staged).ok()?;
                }
                _ => {}
            }
        }
        let people = meeting.group().into_iter().flat_map(|group| group.roster.values());
        let away = people.map(|person| (person.letter, now_ms)).collect();
        let house = Self {
            meeting,
            log,
            fault: None,
            out: Vec::new(),
            instance: Bytes(chance.bytes().to_vec()),
            nonces: Chance::new(chance.number()),
            now_ms,
            delivery,
            history,
            sockets: BTreeMap::new(),
            desks: BTreeMap::new(),
            desks_behind: false,
            lobby: Vec::new(),
            away,
            lost: BTreeSet::new(),
            leaving: BTreeSet::new(),
            heartbeats: BTreeMap::new(),
            sealed: Vec::new(),
            told_fins: false,
            appointed: None,
            errand: None,
            connected: Vec::new(),
        };
        house.agrees().then_some(house)
    }

    /// A member's socket is up.
    pub(crate) fn member_in(&mut self, line: LineId, now_ms: u64) {
        self.now_ms = now_ms;
        let nonce = self.nonces.bytes();
        let challenge = ServerMessage::Challenge {
            nonce: Bytes(nonce.to_vec()),
            instance: self.instance.clone(),
            charter: Bytes(self.meeting.signed_charter().encode()),
        };
        self.sockets.insert(line, Socket { nonce, known: None });
        self.tell(line, &challenge);
    }

    /// A member's message. False: the server has crashed.
    pub(crate) fn member_says(&mut self, line: LineId, message: MemberMessage, now_ms: u64) -> bool {
        self.now_ms = now_ms;
        if !self.sockets.contains_key(&line) {
            return true;
        }
        let name = message.name();
        let said = match message {
            MemberMessage::Hello {
                credential,
                proof,
                resume,
            } => self.hello(line, &credential, &proof, resume),
            MemberMessage::Knock { key_package } => self.knock(line, key_package),
            MemberMessage::Founded { founding, group_info } => self.founded(line, founding, group_info),
            MemberMessage::Commit {
                position,
                commit,
                welcome,
            } => self.commit(line, position, commit, welcome),
            MemberMessage::Statement { statement } => self.statement(line, &statement),
            MemberMessage::Act { act } => self.member_acts(line, &act),
            MemberMessage::Sealed { position, message } => self.sealed(line, position, message),
            // This model keeps no record.
            MemberMessage::Record { .. } | MemberMessage::Cosign { .. } => Ok(()),
            MemberMessage::Disclose { keys, signature } => self.disclose(line, keys, signature),
            // This model has no gallery to hand them on to.
            MemberMessage::KeyFrames | MemberMessage::Watch { .. } | MemberMessage::Digest { .. } => Ok(()),
            // This model carries no media, and its charters have one language.
            MemberMessage::Booth { .. } | MemberMessage::Listen { .. } => Ok(()),
            MemberMessage::Whisper { on } => {
                self.tell(line, &ServerMessage::Whisper { on });
                Ok(())
            }
            MemberMessage::Leave => self.leave(line),
        };
        match said {
            Ok(()) => {}
            Err(Stop::Refused(code, why)) => self.refuse(line, name, code, why),
            Err(Stop::Crash) => return false,
        }
        self.show_desks();
        true
    }

    /// A member's socket is gone.
    pub(crate) fn member_out(&mut self, line: LineId, now_ms: u64) {
        self.now_ms = now_ms;
        let Some(known) = self.sockets.remove(&line).and_then(|socket| socket.known) else {
            return;
        };
        // Also who came back without the group's keys and has gone again: their leaf waits for nobody.
        if known.admitted || self.lost.contains(&known.person.letter) {
            self.away.insert(known.person.letter, now_ms);
        }
        self.withdraw(known.knock);
        self.attend();
        self.tell_connected();
        self.tell_lobby();
        self.show_desks();
    }

    /// The clock, while anybody is connected.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.tell_fins_of_a_stalled_close();
        self.attend();
    }

    pub(crate) fn desk_says(&mut self, line: LineId, message: DeskMessage, now_ms: u64) -> bool {
        self.now_ms = now_ms;
        match self.take_from_desk(line, message) {
            Ok(()) => {}
            Err(Stop::Refused(code, message)) => {
                let re = if self.desks.get(&line).is_some_and(|desk| desk.delegation.is_none()) {
                    "hello"
                } else {
                    "act"
                };
                let re = re.to_owned();
                let refused = DeskServerMessage::Refused { re, code, message };
                self.out.push(Out::Tell(line, Box::new(Word::Desk(refused))));
            }
            Err(Stop::Crash) => return false,
        }
        self.show_desks();
        true
    }

    /// What the log holds is stored first, then applied.
    fn happen(&mut self, events: &[Event]) -> Result<(), Stop> {
        if events.is_empty() {
            return Ok(());
        }
        let fault = self.fault.take();
        if fault == Some(Fault::BeforeAppend) {
            return Err(Stop::Crash);
        }
        let known: BTreeSet<u16> = self.claims().map(|claim| claim.body.delegation).collect();
        for event in events {
            self.history.apply(&mut self.meeting, self.log.len(), event);
            self.log.push(event.clone());
        }
        if fault == Some(Fault::AfterAppend) {
            return Err(Stop::Crash);
        }
        self.desks_behind = true;
        let new = self.claims();
        let new = new.filter(|claim| !known.contains(&claim.body.delegation));
        let claims: Vec<Bytes> = new.map(|claim| Bytes(claim.encode())).collect();
        if !claims.is_empty() {
            let revocations = Vec::new();
            self.tell_group(&ServerMessage::Register { claims, revocations });
        }
        Ok(())
    }

    /// The same for a commit that was judged.
    fn take_in(&mut self, judged: Judged) -> Result<(), Stop> {
        let fault = self.fault.take();
        if fault == Some(Fault::BeforeAppend) {
            return Err(Stop::Crash);
        }
        let event = judged.event();
        self.history.commit(&mut self.meeting, self.log.len(), judged);
        self.log.push(event);
        if fault == Some(Fault::AfterAppend) {
            return Err(Stop::Crash);
        }
        self.desks_behind = true;
        Ok(())
    }

    fn agrees(&self) -> bool {
        let (group, delivery) = match (self.meeting.group(), &self.delivery) {
            (Some(group), Some(delivery)) => (group, delivery),
            (None, None) => return true,
            _ => return false,
        };
        let Ok(members) = delivery.members() else { return false };
        let tree: BTreeMap<Leaf, _> = members.into_iter().map(|(leaf, it)| (leaf, it.device_key)).collect();
        let roster: BTreeMap<Leaf, _> = group.roster.iter().map(|(leaf, it)| (*leaf, it.device_key)).collect();
        group.position() == delivery.position() && roster == tree
    }

    fn refuse(&mut self, line: LineId, re: &str, code: ErrorCode, message: String) {
        let refused = ServerMessage::Refused {
            re: re.to_owned(),
            code,
            message,
        };
        self.tell(line, &refused);
        let stranger = self.sockets.get(&line).is_some_and(|socket| socket.known.is_none());
        if stranger {
            self.sockets.remove(&line);
            self.close(line);
        }
    }

    fn close(&mut self, line: LineId) {
        self.out.push(Out::Tell(line, Box::new(Word::Close)));
    }

    /// Takes a socket out that has been told why.
    fn dismiss(&mut self, line: LineId) {
        let Some(socket) = self.sockets.remove(&line) else {
            return;
        };
        self.close(line);
        self.withdraw(socket.known.and_then(|known| known.knock));
    }

    fn withdraw(&mut self, knock: Option<Knock>) {
        if let Some(knock) = knock.filter(|knock| knock.announced) {
            let key_package = knock.key_package;
            self.tell_group(&ServerMessage::KnockWithdrawn { key_package });
        }
    }

    fn tell(&mut self, line: LineId, message: &ServerMessage) {
        self.out.push(Out::Tell(line, Box::new(Word::Member(message.clone()))));
    }

    fn tell_group(&mut self, message: &ServerMessage) {
        let in_group = |socket: &Socket| socket.known.as_ref().is_some_and(|known| known.admitted);
        let lines: Vec<LineId> = self.lines_where(in_group);
        for line in lines {
            self.tell(line, message);
        }
    }

    fn lines_where(&self, wanted: impl Fn(&Socket) -> bool) -> Vec<LineId> {
        let sockets = self.sockets.iter().filter(|(_, socket)| wanted(socket));
        sockets.map(|(line, _)| *line).collect()
    }

    fn known(&mut self, line: LineId) -> Result<&mut Known, Stop> {
        let socket = self.sockets.get_mut(&line);
        socket.and_then(|socket| socket.known.as_mut()).ok_or(not_a_member())
    }

    fn leaf_of(&self, line: LineId) -> Result<Leaf, Stop> {
        let known = self.sockets.get(&line).and_then(|socket| socket.known.as_ref());
        known
            .filter(|known| known.admitted)
            .and_then(|known| self.leaf_of_letter(known.person.letter))
            .ok_or(not_a_member())
    }

    fn leaf_of_letter(&self, letter: LetterId) -> Option<Leaf> {
        let roster = &self.meeting.group()?.roster;
        let mut found = roster.iter().filter(|(_, person)| person.letter == letter);
        found.next().map(|(leaf, _)| *leaf)
    }

    fn line_of_letter(&self, letter: LetterId) -> Option<LineId> {
        let theirs = |known: &Known| known.person.letter == letter && !known.waits;
        let lines = self.lines_where(|socket| socket.known.as_ref().is_some_and(theirs));
        lines.first().copied()
    }

    fn admitted(&self) -> Vec<(Leaf, LineId)> {
        let sockets = self.sockets.iter().filter_map(|(line, socket)| {
            let known = socket.known.as_ref().filter(|known| known.admitted)?;
            Some((self.leaf_of_letter(known.person.letter)?, *line))
        });
        let mut admitted: Vec<_> = sockets.collect();
        admitted.sort_unstable();
        admitted
    }

    fn tell_connected(&mut self) {
        let leaves: Vec<Leaf> = self.admitted().into_iter().map(|(leaf, _)| leaf).collect();
        if leaves != self.connected {
            self.connected.clone_from(&leaves);
            self.tell_group(&ServerMessage::Connected { leaves });
        }
    }

    fn waiting(&self) -> Vec<Bytes> {
        let known = self.sockets.values().filter_map(|socket| socket.known.as_ref());
        known
            .filter(|known| known.waits)
            .map(|known| Bytes(known.credential.encode()))
            .take(limits::LOBBY_MAX)
            .collect()
    }

    fn tell_lobby(&mut self) {
        let waiting = self.waiting();
        if waiting != self.lobby {
            self.desks_behind = true;
            self.lobby.clone_from(&waiting);
            self.tell_group(&ServerMessage::Lobby { waiting });
        }
    }

    fn claims(&self) -> impl Iterator<Item = &Signed<Claim>> {
        let delegations = (0u16..).zip(&self.meeting.charter().delegations);
        delegations.filter_map(|(index, _)| self.meeting.claim_of(index))
    }

    /// What the delegations have signed so far.
    fn register(&self) -> ServerMessage {
        ServerMessage::Register {
            claims: self.claims().map(|claim| Bytes(claim.encode())).collect(),
            revocations: self.meeting.revocations().map(|act| Bytes(act.encode())).collect(),
        }
    }
}
