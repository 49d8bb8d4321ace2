//! A house in one thread and virtual time: real members, a real public group, and a server that does what each test
//! wants of it. Nothing sleeps; `settle` runs until nobody has anything to say.
#![allow(dead_code)]

mod people;
mod server;
mod time;

use std::collections::VecDeque;

use incamera_handshake::Delivery;
use incamera_meeting::{Credential, Draft, DraftItem, Encode, Event, LetterId, Meeting, SignedCharter};
use incamera_protocol::booths::CallOf;
use incamera_protocol::document::DocumentOf;
use incamera_protocol::member::{MemberMessage, Position, ServerMessage};
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::{ChatOf, Lamp, MemberView, TypedOf, WishOf};
use incamera_protocol::{Bytes, ErrorCode, Leaf};
use incamera_seal::{Gallery, Member};

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

    pub fn lamps(&self) -> Vec<Lamp> {
        self.seats.iter().map(|seat| seat.view.lamp).collect()
    }

    pub fn leaf(&self, seat: usize) -> Leaf {
        self.seats[seat].member.leaf().unwrap()
    }

    pub fn letter_of(&self, seat: usize) -> LetterId {
        self.seats[seat].credential.as_ref().unwrap().binding.body.letter
    }

    pub fn apply(&mut self, events: &[Event]) {
        for event in events {
            self.meeting.apply(event);
            self.events.push((self.now_ms, event.clone()));
        }
    }
}
