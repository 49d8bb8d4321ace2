//! A recording of three seconds, as a recorder writes it.
#![allow(dead_code)]

use incamera_protocol::{MediaKind, MeetingId, Stream};
use incamera_recording::SenderKey;
use incamera_recording::sealed::{End, Frame, Head, Note, Writer};

use crate::house::House;

pub const FRAMES: u64 = 150;

/// A recording of three seconds of sound of one member, and whose keys were disclosed.
pub fn recorded() -> (Vec<Note>, Vec<SenderKey>) {
    let mut house = House::seated(2);
    house.open();
    let mut notes = Vec::new();
    let mut digests = 0;
    for second in 0..3 {
        for number in 0..50 {
            let words = format!("second {second}, sound {number}");
            let bytes = house.seats[0]
                .member
                .seal(Stream::Microphone, words.as_bytes())
                .unwrap();
            notes.push(Note::Frame(Frame {
                came_us: (second * 50 + number) * 20_000,
                kind: MediaKind::Audio,
                rtp_time: 0,
                mid: "0".to_owned(),
                bytes,
            }));
        }
        house.pass(1_000);
        let fresh = house.digests[digests..]
            .iter()
            .map(|(_, bytes)| Note::Digest(bytes.0.clone()));
        notes.extend(fresh);
        digests = house.digests.len();
    }
    let head = Head {
        meeting: house.meeting.id(),
        part: 2,
        piece: 1,
        started_at_ms: 1_000,
        offset_ms: 0,
    };
    notes.insert(0, Note::Head(head));
    notes.push(Note::End(End { ended_at_ms: 4_000 }));
    let group = house.meeting.group().unwrap();
    let keys = house.disclosed.iter().map(|key| {
        let person = &group.roster[&key.kid.parts().leaf];
        SenderKey {
            key: key.clone(),
            letter: person.letter,
            letter_key: person.letter_key,
        }
    });
    (notes, keys.collect())
}

pub fn file(notes: &[Note]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Note::Head(head) = &notes[0] else {
        panic!("it begins with its head")
    };
    let mut writer = Writer::new(&mut bytes, head).unwrap();
    let mut end = None;
    for note in notes {
        match note {
            Note::Head(_) => {}
            Note::Frame(frame) => writer.frame(frame).unwrap(),
            Note::Digest(signed) => writer.digest(signed).unwrap(),
            Note::Key(key) => writer.key(key).unwrap(),
            Note::Person(person) => writer.person(person).unwrap(),
            Note::End(it) => end = Some(*it),
        }
    }
    writer.end(end).unwrap();
    bytes
}

pub fn frame(notes: &mut [Note], number: usize) -> &mut Frame {
    let mut frames = notes.iter_mut().filter_map(|note| match note {
        Note::Frame(frame) => Some(frame),
        _ => None,
    });
    frames.nth(number).unwrap()
}

/// The same frames, said to be of another meeting.
pub fn of_another_meeting() -> Vec<Note> {
    let (mut notes, _) = recorded();
    if let Note::Head(head) = &mut notes[0] {
        head.meeting = MeetingId([9; 32]);
    }
    notes
}
