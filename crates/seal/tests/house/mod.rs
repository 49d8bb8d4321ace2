//! A house in one thread and virtual time: real members, a real public group, and a server that does what each test
//! wants of it. Nothing sleeps; `settle` runs until nobody has anything to say.
#![allow(dead_code)]

use std::collections::VecDeque;

use incamera_handshake::Delivery;
use incamera_meeting::{
    Act, Body, Command as Rule, Credential, Decode, Deed, DelegationSecret, DeskLink, Discloser, Draft, DraftItem,
    Encode, Entry, Event, Letter, LetterId, LetterLink, Link, Meeting, Role, Seed, Signed, SignedCharter, Statement,
};
use incamera_protocol::booths::CallOf;
use incamera_protocol::document::DocumentOf;
use incamera_protocol::member::{MemberMessage, Position, ServerMessage};
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::{ChatOf, Command, Lamp, MemberView, MotionKind, TypedOf, WhisperOf, WishOf};
use incamera_protocol::{Bytes, ErrorCode, Leaf, limits};
use incamera_seal::{Action, Gallery, Member};

pub const START_MS: u64 = 1_800_000_000_000;

/// Deterministic "randomness" for seeds; MLS draws its own.
pub fn dice(seed: u8) -> impl FnMut() -> [u8; 32] {
    let mut counter = 0u8;
    move || {
        counter += 1;
        let mut bytes = [seed; 32];
        bytes[0] = counter;
        bytes
    }
}

pub fn draft(delegations: usize) -> Draft {
    Draft {
        title: "A test of the house".to_owned(),
        languages: vec!["en".to_owned()],
        delegations: (0..delegations).map(|n| format!("Delegation {n}")).collect(),
        agenda: vec![
            DraftItem {
                title: "Opening words".to_owned(),
                public: true,
                ground: String::new(),
            },
            DraftItem {
                title: "Talks".to_owned(),
                public: false,
                ground: "Negotiation".to_owned(),
            },
        ],
        ..Draft::default()
    }
}

pub struct Seat {
    pub member: Member,
    pub view: MemberView,
    /// What this seat was shown of what is written.
    pub chat: Vec<ChatOf>,
    pub notices: Vec<String>,
    /// What this seat was asked for.
    pub wishes: Vec<WishOf>,
    pub documents: Vec<DocumentOf>,
    /// What this seat was shown of what others type.
    pub typed: Vec<TypedOf>,
    /// What interpreters have called out to this seat.
    pub calls: Vec<CallOf>,
    pub fatal: Option<(ErrorCode, String)>,
    pub keyed: bool,
    pub inbox: VecDeque<ServerMessage>,
    pub device: Option<incamera_meeting::PublicKey>,
    pub knock: Option<Bytes>,
    pub credential: Option<Credential>,
    pub waits: bool,
}

pub struct House {
    pub now_ms: u64,
    pub charter: SignedCharter,
    pub fragments: Vec<String>,
    pub meeting: Meeting,
    pub delivery: Option<Delivery>,
    pub seats: Vec<Seat>,
    pub gallery: Gallery,
    pub disclosed: Vec<Disclosure>,
    /// What members have signed of what they sent in public.
    pub digests: Vec<(usize, Bytes)>,
    /// Everything that has happened, and when.
    pub events: Vec<(u64, Event)>,
    /// Who has asked to be told the record, and from where on.
    pub asked: Vec<(usize, Option<u64>)>,
    /// Who has countersigned how many entries.
    pub cosigned: Vec<(usize, u64, Bytes)>,
    /// What was sealed and passed on.
    pub sealed: Vec<(Position, Bytes)>,
    /// Everything that crossed the wire from members.
    pub wire: Vec<MemberMessage>,
    /// Types of messages that the server swallows.
    pub swallows: Vec<&'static str>,
    /// A seat to which commits do not get through.
    pub mutes: Option<usize>,
    /// A seat at which what comes waits.
    pub deaf: Option<usize>,
    /// What of all that is said does not get through to which seat.
    pub withholds: fn(usize, &ServerMessage) -> bool,
    /// The seat that is asked to add whoever knocks.
    pub doorkeeper: usize,
    /// The fins of a stalled close have been told to everybody.
    told_fins: bool,
}

impl House {
    pub fn convene(delegations: usize) -> Self {
        Self::convene_as(&draft(delegations))
    }

    pub fn convene_as(draft: &Draft) -> Self {
        let (charter, links) = draft.convene(START_MS, dice(9)).unwrap();
        let mut gallery = Gallery::new();
        gallery.trust(charter.charter.id(), &charter.encode()).unwrap();
        Self {
            now_ms: START_MS,
            meeting: Meeting::convene(charter.clone(), START_MS),
            charter,
            fragments: links.iter().map(|link| link.fragment()).collect(),
            delivery: None,
            seats: Vec::new(),
            gallery,
            disclosed: Vec::new(),
            digests: Vec::new(),
            events: Vec::new(),
            asked: Vec::new(),
            cosigned: Vec::new(),
            sealed: Vec::new(),
            wire: Vec::new(),
            swallows: Vec::new(),
            mutes: None,
            deaf: None,
            withholds: |_, _| false,
            doorkeeper: 0,
            told_fins: false,
        }
    }

    pub fn new_member(&self, delegation: usize) -> Member {
        let name = format!("Principal {delegation}");
        Member::new(
            self.meeting.id(),
            &self.charter.encode(),
            &self.fragments[delegation],
            &name,
            None,
            self.now_ms,
            dice(100 + delegation as u8),
        )
        .unwrap()
    }

    /// What the delegation's first client, which sits here, would open its desk with.
    pub fn desk(&self, seat: usize) -> DeskLink {
        match Link::from_fragment(&self.seats[seat].member.desk().unwrap()).unwrap() {
            Link::Desk(desk) => *desk,
            _ => panic!("a desk's link"),
        }
    }

    /// A letter by the delegation whose first client sits here, as a link.
    pub fn mint(&self, seat: usize, name: &str, role: Role, entry: Entry) -> String {
        let desk = self.desk(seat);
        let seed = Seed::new(*name.as_bytes().iter().fold(&mut [7u8; 32], |seed, byte| {
            seed.rotate_left(1);
            seed[0] ^= byte;
            seed
        }));
        let delegation = desk.claim.body.delegation;
        let until = START_MS + 3_600_000;
        let key = seed.public_key();
        let letter = Letter::new(self.meeting.id(), delegation, name, role, entry, key, until).unwrap();
        let letter = Signed::new("letter", letter, &desk.delegation_seed);
        let aside = DelegationSecret::of(&desk.delegation_seed);
        LetterLink::new(desk.claim.clone(), letter, seed, *desk.meeting_secret(), aside).fragment()
    }

    /// A device that uses a letter's link for the first time.
    pub fn new_guest(&self, fragment: &str, device: u8) -> Member {
        let charter = self.charter.encode();
        Member::new(
            self.meeting.id(),
            &charter,
            fragment,
            "",
            None,
            self.now_ms,
            dice(device),
        )
        .unwrap()
    }

    /// The delegation whose first client sits here revokes a letter of its own.
    pub fn revoke(&mut self, seat: usize, letter: LetterId) {
        let desk = self.desk(seat);
        let delegation = desk.claim.body.delegation;
        let act = Signed::revoke(
            self.meeting.id(),
            delegation,
            letter,
            self.now_ms,
            &desk.delegation_seed,
        );
        self.take_act(&act).unwrap();
        self.settle();
    }

    pub fn letter_of(&self, seat: usize) -> LetterId {
        self.seats[seat].credential.as_ref().unwrap().binding.body.letter
    }

    pub fn join(&mut self, member: Member) -> usize {
        let view = MemberView {
            lamp: Lamp::Waiting,
            reason: None,
            unheard_since_ms: None,
            report_due: false,
            part: 0,
            item: None,
            members: Vec::new(),
            motion: None,
            may: Default::default(),
            code: Vec::new(),
            words: Vec::new(),
            fingerprints: Default::default(),
            floor: Default::default(),
            booths: Default::default(),
            whisper: WhisperOf::default(),
            lobby: Vec::new(),
            waits: false,
            record: None,
            sending: false,
        };
        let inbox = VecDeque::from([self.challenge()]);
        self.seats.push(Seat {
            member,
            view,
            chat: Vec::new(),
            notices: Vec::new(),
            wishes: Vec::new(),
            documents: Vec::new(),
            typed: Vec::new(),
            calls: Vec::new(),
            fatal: None,
            keyed: false,
            inbox,
            device: None,
            knock: None,
            credential: None,
            waits: false,
        });
        self.settle();
        self.seats.len() - 1
    }

    /// The same, added by this seat.
    pub fn join_by(&mut self, member: Member, doorkeeper: usize) -> usize {
        self.doorkeeper = doorkeeper;
        self.join(member)
    }

    pub fn challenge(&self) -> ServerMessage {
        ServerMessage::Challenge {
            nonce: Bytes(vec![1; 32]),
            instance: Bytes(vec![2; 8]),
            charter: Bytes(self.charter.encode()),
        }
    }

    /// A meeting in which everybody sits.
    pub fn seated(delegations: usize) -> Self {
        Self::seated_as(&draft(delegations))
    }

    /// The same by another charter.
    pub fn seated_as(draft: &Draft) -> Self {
        let mut house = Self::convene_as(draft);
        let delegations = draft.delegations.len();
        for delegation in 0..delegations {
            let member = house.new_member(delegation);
            house.join(member);
        }
        house
    }

    pub fn command(&mut self, seat: usize, command: Command) {
        let now = self.now_ms;
        self.seats[seat].member.command(&command, now).unwrap();
        self.settle();
    }

    pub fn move_to(&mut self, seat: usize, kind: MotionKind) {
        self.command(seat, Command::Move { kind, item: 1 });
    }

    pub fn consent(&mut self, seat: usize) {
        let id = self.seats[seat]
            .view
            .motion
            .as_ref()
            .expect("a motion is shown")
            .id
            .clone();
        self.command(seat, Command::Consent { motion: id });
    }

    /// Opens the meeting, with everybody's consent.
    pub fn open(&mut self) {
        self.move_to(0, MotionKind::Open);
        for seat in 1..self.seats.len() {
            self.consent(seat);
        }
    }

    /// Time passes, a second at a time, as it does for clients that heed their deadlines.
    pub fn pass(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while self.now_ms < until {
            self.step((until - self.now_ms).min(1_000));
        }
    }

    fn step(&mut self, ms: u64) {
        self.now_ms += ms;
        self.tell_fins_of_a_stalled_close();
        for seat in 0..self.seats.len() {
            let now = self.now_ms;
            self.seats[seat].member.timeout(now);
        }
        self.settle();
    }

    pub fn lamps(&self) -> Vec<Lamp> {
        self.seats.iter().map(|seat| seat.view.lamp).collect()
    }

    /// Until nobody has anything to say.
    pub fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 1_000, "the house does not come to rest");
            let mut quiet = true;
            for seat in 0..self.seats.len() {
                while let Some(action) = self.seats[seat].member.poll() {
                    quiet = false;
                    self.act(seat, action);
                }
                if self.deaf != Some(seat)
                    && let Some(message) = self.seats[seat].inbox.pop_front()
                {
                    quiet = false;
                    let now = self.now_ms;
                    self.seats[seat].member.receive(message, now);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn act(&mut self, seat: usize, action: Action) {
        match action {
            Action::Send { message } => {
                self.wire.push(message.clone());
                self.serve(seat, message);
            }
            Action::View { view } => self.seats[seat].view = (*view).clone(),
            Action::Chat { message } => self.seats[seat].chat.push(message),
            Action::Wish { wish } => self.seats[seat].wishes.push(wish),
            Action::Typed { line } => self.seats[seat].typed.push(line),
            Action::Document { document } => self.seats[seat].documents.push(document),
            Action::Call { call } => self.seats[seat].calls.push(call),
            Action::Notice { message } => self.seats[seat].notices.push(message),
            Action::Fatal { code, message } => self.seats[seat].fatal = Some((code, message)),
            Action::Keyed => self.seats[seat].keyed = true,
            Action::Media { .. } | Action::Relay { .. } | Action::Slots { .. } | Action::Layers { .. } => {}
            Action::Reconnect => {
                let (challenge, now) = (self.challenge(), self.now_ms);
                let seat = &mut self.seats[seat];
                seat.member.disconnected(now);
                seat.member.connected(now);
                seat.inbox = VecDeque::from([challenge]);
            }
        }
    }

    /// Who carries a stalled close on needs the fins that so far only its mover has.
    fn tell_fins_of_a_stalled_close(&mut self) {
        let Some(running) = self.meeting.called_close() else {
            self.told_fins = false;
            return;
        };
        if self.told_fins || self.now_ms < running.seen_at_ms + limits::CLOSE_STALLED_MS {
            return;
        }
        self.told_fins = true;
        let fins: Vec<_> = running.fins.values().map(|fin| Bytes(fin.encode())).collect();
        for statement in fins {
            let number = None;
            self.broadcast(&ServerMessage::Statement { number, statement });
        }
    }

    pub fn refuse(&mut self, seat: usize, re: &str, code: ErrorCode, message: String) {
        self.seats[seat].inbox.push_back(ServerMessage::Refused {
            re: re.to_owned(),
            code,
            message,
        });
    }

    pub fn broadcast(&mut self, message: &ServerMessage) {
        for (index, seat) in self.seats.iter_mut().enumerate() {
            if !(self.withholds)(index, message) {
                seat.inbox.push_back(message.clone());
            }
        }
    }

    /// What a statement's number in the order is.
    pub fn number_of(&self, statement: &Statement) -> Option<u32> {
        let count = self.meeting.group().map_or(0, |group| group.said.so_far().0);
        statement.is_kept().then_some(count)
    }

    /// The server takes a statement in and tells everybody.
    pub fn state(&mut self, statement: &Statement) -> Result<(), incamera_meeting::Refusal> {
        let number = self.number_of(statement);
        let events = self
            .meeting
            .decide(self.now_ms, Rule::State(Box::new(statement.clone())))?;
        self.apply(&events);
        let message = ServerMessage::Statement {
            number,
            statement: Bytes(statement.encode()),
        };
        match &statement.body {
            Body::Fin(_) => {
                let mover = self.meeting.called_close().map(|running| running.mover);
                for seat in &mut self.seats {
                    if seat.member.leaf() == mover {
                        seat.inbox.push_back(message.clone());
                    }
                }
            }
            _ => self.broadcast(&message),
        }
        Ok(())
    }

    /// The server takes an act in and tells everybody.
    pub fn take_act(&mut self, act: &Signed<Act>) -> Result<(), incamera_meeting::Refusal> {
        let number = self.meeting.group().map_or(0, |group| group.said.so_far().0);
        let events = self.meeting.decide(self.now_ms, Rule::Act(Box::new(act.clone())))?;
        if !events.is_empty() {
            self.apply(&events);
            let act = Bytes(act.encode());
            self.broadcast(&ServerMessage::Act { number, act });
        }
        Ok(())
    }

    pub fn register(&self) -> ServerMessage {
        let claims = (0..250).filter_map(|delegation| self.meeting.claim_of(delegation));
        ServerMessage::Register {
            claims: claims.map(|claim| Bytes(claim.encode())).collect(),
            revocations: self.meeting.revocations().map(|act| Bytes(act.encode())).collect(),
        }
    }

    fn serve(&mut self, seat: usize, message: MemberMessage) {
        let kind = message.name();
        if self.swallows.contains(&kind) {
            return;
        }
        match message {
            MemberMessage::Hello { credential, resume, .. } => {
                let credential = Credential::read(&credential.0).unwrap();
                self.seats[seat].device = Some(credential.binding.body.device_key);
                let shown = credential.clone();
                match self.meeting.decide(self.now_ms, Rule::Claim(Box::new(credential))) {
                    Ok(events) => self.apply(&events),
                    Err(refusal) => return self.refuse(seat, kind, refusal.code(), refusal.to_string()),
                }
                let state = Box::new(self.meeting.public_state());
                let resumed = resume.is_some();
                let waits = self.meeting.verify_credential(&shown).is_err();
                self.seats[seat].credential = Some(shown);
                self.seats[seat].waits = waits;
                self.seats[seat].inbox.push_back(ServerMessage::Here {
                    ticket: "t".to_owned(),
                    resumed,
                    waits,
                    state,
                });
                self.tell_lobby();
            }
            MemberMessage::Knock { key_package } => {
                self.seats[seat].knock = Some(key_package.clone());
                self.seats[seat].waits = false;
                let register = self.register();
                self.seats[seat].inbox.push_back(register);
                self.tell_lobby();
                if self.meeting.group().is_none() {
                    let (founding, part) = self.meeting.next_founding();
                    self.seats[seat].inbox.push_back(ServerMessage::Found {
                        founding,
                        part,
                        item: self.meeting.current_item(),
                    });
                } else {
                    let doorkeeper = self.doorkeeper;
                    self.seats[doorkeeper]
                        .inbox
                        .push_back(ServerMessage::Knock { key_package });
                }
            }
            MemberMessage::Founded { group_info, .. } => {
                let (delivery, founding) = Delivery::found(self.meeting.id(), &group_info.0).unwrap();
                let rule = Rule::Found {
                    leaf: founding.leaf,
                    founder: founding.founder,
                    context: founding.context,
                    message: group_info,
                };
                let events = self.meeting.decide(self.now_ms, rule).unwrap();
                self.apply(&events);
                self.delivery = Some(delivery);
            }
            MemberMessage::Commit {
                position,
                commit,
                welcome,
            } => self.serve_commit(seat, position, commit, welcome),
            MemberMessage::Statement { statement } => {
                let read = Statement::decode(&statement.0).unwrap();
                if let Err(refusal) = self.state(&read) {
                    self.refuse(seat, kind, refusal.code(), refusal.to_string());
                }
            }
            MemberMessage::Act { act } => {
                let act = Signed::<Act>::read(&act.0).unwrap();
                if let Err(refusal) = self.take_act(&act) {
                    return self.refuse(seat, kind, refusal.code(), refusal.to_string());
                }
                if let Deed::Admit(letter, device) = act.body.deed {
                    for seat in self.seats.iter_mut().filter(|seat| seat.waits) {
                        let binding = seat.credential.as_ref().map(|it| it.binding.body.clone());
                        if binding.is_some_and(|it| it.letter == letter && it.device_key == device) {
                            let act = Bytes(act.encode());
                            seat.inbox.push_back(ServerMessage::Admitted { act });
                        }
                    }
                }
            }
            MemberMessage::Disclose { keys, signature } => {
                let leaf = self.seats[seat].member.leaf().unwrap();
                let letter = self.letter_of(seat);
                let by = Discloser { letter, signature };
                // One that comes when its epoch has ended is refused.
                let Ok(events) = self.meeting.decide(self.now_ms, Rule::Disclose(leaf, keys.clone(), by)) else {
                    return;
                };
                self.apply(&events);
                self.gallery.disclose(&keys);
                self.disclosed.extend(keys);
            }
            MemberMessage::Record { from } => self.asked.push((seat, from)),
            MemberMessage::Cosign { size, signature } => self.cosigned.push((seat, size, signature)),
            MemberMessage::Digest { digest } => {
                if let Some(credential) = &self.seats[seat].credential {
                    self.gallery.signer(&credential.encode());
                }
                self.gallery.digest(&digest.0);
                self.digests.push((seat, digest));
            }
            MemberMessage::Sealed { position, message } => {
                let delivery = self.delivery.as_ref().unwrap();
                if position != delivery.position() {
                    return self.refuse(seat, kind, ErrorCode::StaleEpoch, "stale".to_owned());
                }
                delivery.check_application(&message.0).unwrap();
                self.sealed.push((position, message.clone()));
                self.broadcast(&ServerMessage::Sealed { position, message });
            }
            // This house sends no sound.
            MemberMessage::Whisper { on } => self.seats[seat].inbox.push_back(ServerMessage::Whisper { on }),
            MemberMessage::KeyFrames
            | MemberMessage::Watch { .. }
            | MemberMessage::Booth { .. }
            | MemberMessage::Listen { .. }
            | MemberMessage::Leave => {}
        }
    }

    fn tell_lobby(&mut self) {
        let waiting = self.seats.iter().filter(|seat| seat.waits);
        let waiting = waiting
            .filter_map(|seat| Some(Bytes(seat.credential.as_ref()?.encode())))
            .collect();
        self.broadcast(&ServerMessage::Lobby { waiting });
    }

    fn serve_commit(&mut self, seat: usize, position: Position, commit: Bytes, welcome: Option<Bytes>) {
        let delivery = self.delivery.as_mut().unwrap();
        if position != delivery.position() {
            return self.refuse(seat, "commit", ErrorCode::StaleEpoch, "stale".to_owned());
        }
        let staged = delivery.stage(&commit.0).unwrap();
        let rule = Rule::Commit {
            facts: Box::new(staged.facts.clone()),
            message: commit.clone(),
        };
        match self.meeting.decide(self.now_ms, rule) {
            Ok(events) => self.apply(&events),
            Err(refusal) => return self.refuse(seat, "commit", refusal.code(), refusal.to_string()),
        }
        let newcomers: Vec<_> = staged.facts.adds.iter().map(|added| added.device_key).collect();
        self.delivery.as_mut().unwrap().merge(staged).unwrap();
        let warrant = self
            .meeting
            .group()
            .and_then(|group| group.warrant.as_ref())
            .map(|w| Bytes(w.encode()));
        for (index, other) in self.seats.iter_mut().enumerate() {
            if self.mutes == Some(index) {
                continue;
            }
            other.inbox.push_back(ServerMessage::Commit {
                position,
                commit: commit.clone(),
            });
            if let (Some(welcome), Some(device)) = (&welcome, other.device)
                && newcomers.contains(&device)
            {
                other.inbox.push_back(ServerMessage::Joined {
                    welcome: welcome.clone(),
                    warrant: warrant.clone(),
                });
            }
        }
    }

    pub fn apply(&mut self, events: &[Event]) {
        for event in events {
            self.meeting.apply(event);
            self.events.push((self.now_ms, event.clone()));
        }
    }

    pub fn leaf(&self, seat: usize) -> Leaf {
        self.seats[seat].member.leaf().unwrap()
    }
}
