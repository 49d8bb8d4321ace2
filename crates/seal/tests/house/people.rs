//! Who comes: first clients, letters and the devices that use them.

use std::collections::VecDeque;

use incamera_meeting::{
    DelegationSecret, DeskLink, Encode, Entry, Letter, LetterId, LetterLink, Link, Role, Seed, Signed,
};
use incamera_protocol::Bytes;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::view::{Lamp, MemberView, WhisperOf};
use incamera_seal::Member;

use super::{House, START_MS, Seat, dice};

impl House {
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
}
