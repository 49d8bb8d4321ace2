//! A meeting of real members, its record, and the keys to forge it with.
#![allow(dead_code)]

use std::collections::BTreeMap;

use incamera_meeting::{
    Command, Encode, Event, Joint, LetterId, Link, Plan, Recorded, RecordedFile, RecordedTake, Role, Seed, Signed,
    Translation,
};
use incamera_protocol::MeetingId;
use incamera_protocol::view::{Command as Asked, MotionKind};
use incamera_record::*;

use crate::house::{House, START_MS, dice, draft};

/// Whoever keeps the record.
pub fn house_seed() -> Seed {
    Seed::new([77; 32])
}

/// A record, and what it was made of.
pub struct Kept {
    pub bundle: Bundle,
    pub meeting: MeetingId,
    pub times: Vec<u64>,
    /// The letters of those who countersign.
    pub letters: Vec<(LetterId, Seed)>,
}

/// A meeting in which everything happens that a record can have, kept by an honest house and countersigned by its
/// first two members after each part.
pub fn kept() -> Kept {
    let mut house = House::convene(3);
    announce(&mut house);
    for delegation in 0..3 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    let adviser = house.mint(0, "An adviser", Role::Adviser, incamera_meeting::Entry::AtOnce);
    let adviser = house.new_guest(&adviser, 60);
    let adviser = house.join(adviser);
    let spy = house.mint(0, "A spy", Role::Adviser, incamera_meeting::Entry::AtOnce);
    let spy = house.new_guest(&spy, 61);
    let spy = house.join(spy);
    let dead = house.letter_of(spy);
    house.revoke(0, dead);
    let mut heads = Vec::new();
    house.pass(5_000);
    house.move_to(0, MotionKind::Open);
    house.consent(1);
    house.consent(2);
    house.pass(10_000);
    unheard_for_a_while(&mut house);
    house.pass(8_000);
    heads.push(house.events.len());
    house.move_to(1, MotionKind::Close);
    heads.push(house.events.len());
    record_the_open_part(&mut house);
    publish(&mut house);
    house.pass(7_000);
    house.command(adviser, Asked::Leave);
    house.pass(130_000);
    house.move_to(0, MotionKind::Adjourn);
    assert!(house.meeting.is_adjourned());
    heads.push(house.events.len());
    let letters = (0..2)
        .map(|seat| (house.letter_of(seat), letter_seed(&house, seat)))
        .collect();
    keep(&house, &heads, letters)
}

/// What a house enters whose watcher hears nothing for a second.
fn unheard_for_a_while(house: &mut House) {
    for failed in [true, false] {
        let events = house.meeting.decide_unheard(house.now_ms, failed).unwrap();
        happen(house, events);
        house.now_ms += 1_000;
    }
}

/// What a recorder of twenty seconds in public would have put on its list, twice: one piece is deleted again.
fn record_the_open_part(house: &mut House) {
    for piece in [1, 2] {
        let file = |name: &str| RecordedFile {
            sha256: Sha256Sum::of(name.as_bytes()).to_string(),
            size: 4_000,
        };
        let take = file(&format!("a person in piece {piece}"));
        let recorded = Recorded {
            part: 2,
            piece,
            offset_ms: 0,
            length_ms: 15_000,
            to_the_end: false,
            sealed: file(&format!("piece {piece}")),
            takes: vec![RecordedTake {
                number: 1,
                sha256: take.sha256,
                size: take.size,
            }],
        };
        let events = house
            .meeting
            .decide_recording(house.now_ms, Box::new(recorded))
            .unwrap();
        happen(house, events);
    }
    house.now_ms += 10;
    let events = house.meeting.decide_deletion(house.now_ms, 2, 1).unwrap();
    happen(house, events);
}

/// The convener says when, as whoever convened the house's meeting.
fn announce(house: &mut House) {
    let founded = draft(3).found(START_MS, dice(9)).unwrap();
    let Ok(Link::Convener(link)) = Link::from_fragment(&founded.convener.fragment()) else {
        panic!("a convener's link")
    };
    let plan = Plan {
        starts_at_ms: START_MS + 600_000,
        minutes: 90,
        place: "By video".to_owned(),
        public_from_ms: 0,
    };
    let id = house.meeting.id();
    let signed = Signed::announcement(id, None, &plan, house.now_ms, &link.convener_seed).unwrap();
    take(house, Command::Announce(Box::new(signed)));
}

/// One delegation publishes its readout, and two a joint statement.
fn publish(house: &mut House) {
    let seeds: Vec<Seed> = (0..2).map(|seat| house.desk(seat).delegation_seed.clone()).collect();
    let texts = || vec![Translation::typed("en", "We met.").unwrap()];
    let id = house.meeting.id();
    let readout = Signed::readout(id, 0, None, texts(), house.now_ms, &seeds[0]).unwrap();
    take(house, Command::Publish(Box::new(readout)));
    let joint = Joint::new(id, vec![0, 1], texts(), house.now_ms).unwrap();
    for (delegation, seed) in (0..).zip(&seeds) {
        take(
            house,
            Command::SignJoint(Box::new(joint.clone().signed(delegation, seed))),
        );
    }
}

fn take(house: &mut House, command: Command) {
    let events = house.meeting.decide(house.now_ms, command).unwrap();
    happen(house, events);
}

fn happen(house: &mut House, events: Vec<Event>) {
    for event in events {
        house.meeting.apply(&event);
        house.events.push((house.now_ms, event));
    }
}

/// The seed of a first client's letter, as the test's dice made it.
fn letter_seed(house: &House, seat: usize) -> Seed {
    let saved: serde_json::Value = serde_json::from_str(&house.seats[seat].member.saved()).unwrap();
    let text = saved["letter"].as_str().unwrap();
    Seed::new(incamera_protocol::Bytes::decode(text).unwrap().0.try_into().unwrap())
}

fn keep(house: &House, heads: &[usize], letters: Vec<(LetterId, Seed)>) -> Kept {
    let (mut scribe, _) = Scribe::convene(&house.charter, START_MS).unwrap();
    let seed = house_seed();
    let meeting = house.meeting.id();
    let mut attachments = BTreeMap::from([(Sha256Sum::of(&house.charter.encode()), house.charter.encode())]);
    let mut witnessed = Vec::new();
    for (index, (at_ms, event)) in house.events.iter().enumerate() {
        scribe.take(event, *at_ms).unwrap();
        for bytes in Happening::of(event)
            .map(|(_, attachments)| attachments)
            .unwrap_or_default()
        {
            attachments.insert(Sha256Sum::of(&bytes), bytes);
        }
        if heads.contains(&(index + 1)) {
            let head = scribe.checkpoint(meeting_origin(seed.public_key(), meeting));
            witnessed.push(countersigned(&head, &letters, at_ms / 1_000));
        }
    }
    let times = scribe
        .entries()
        .iter()
        .map(|entry| Entry::decode(entry).unwrap().at_ms)
        .collect();
    let mut bundle = Bundle {
        vkey: log_key(&house_origin(seed.public_key()), seed.public_key())
            .unwrap()
            .vkey(),
        checkpoint: String::new(),
        witnessed,
        entries: scribe.entries().to_vec(),
        attachments,
        house: None,
        elsewhere: false,
    };
    sign_anew(&mut bundle, meeting);
    Kept {
        bundle,
        meeting,
        times,
        letters,
    }
}

pub fn countersigned(head: &Checkpoint, letters: &[(LetterId, Seed)], at: u64) -> String {
    let mut note = head.sign(&house_seed());
    note.signatures
        .extend(letters.iter().map(|(letter, seed)| head.cosign(*letter, seed, at)));
    note.write()
}

/// What a house can do alone: sign whatever entries there are, and put it all into its own log.
pub fn sign_anew(bundle: &mut Bundle, meeting: MeetingId) {
    let seed = house_seed();
    let tree = tree_of(&bundle.entries);
    let head = Checkpoint {
        origin: meeting_origin(seed.public_key(), meeting),
        size: tree.size(),
        root: tree.root(),
    };
    bundle.checkpoint = head.sign(&seed).write();
    let entries = house_log(meeting, &tree);
    let tree = tree_of(&entries);
    let head = Checkpoint {
        origin: house_origin(seed.public_key()),
        size: tree.size(),
        root: tree.root(),
    };
    bundle.house = Some(HousePart {
        checkpoint: head.sign(&seed).write(),
        inclusions: Inclusion::of_meeting(&entries, meeting),
    });
}

/// What the log of the house holds: something of another meeting, and this one's beginning and end.
pub fn house_log(meeting: MeetingId, tree: &Tree) -> Vec<Vec<u8>> {
    [
        HouseHappening::Convened {
            meeting: veil(MeetingId([3; 32])),
        },
        HouseHappening::Convened { meeting: veil(meeting) },
        HouseHappening::Adjourned {
            meeting: veil(meeting),
            size: tree.size(),
            root: tree.root().to_string(),
        },
    ]
    .into_iter()
    .map(|happening| HouseEntry::new(START_MS, happening).encode().unwrap())
    .collect()
}

pub fn tree_of(entries: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::default();
    entries.iter().for_each(|entry| tree.push(Hash::of_leaf(entry)));
    tree
}

/// The kind of each entry, as it stands in it.
pub fn kind_of(entry: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(entry).unwrap();
    value["kind"].as_str().unwrap().to_owned()
}
