//! Recordings: of open parts that have ended, each piece once, and no longer than its part.

use incamera_meeting::Recorded;
use incamera_protocol::recording::{FileKind, Recording, Take};

use super::*;

fn file(kind: FileKind) -> Take {
    Take {
        file: kind.name(),
        bytes: 100,
        sha256: "0f".repeat(32),
        name: String::new(),
        delegation: None,
        screen: false,
        sound: 0,
        pictures: 0,
    }
}

fn recording(part: u32, piece: u32, length_ms: u64) -> Recording {
    Recording {
        part,
        piece,
        offset_ms: 0,
        length_ms,
        to_the_end: true,
        shut: 0,
        sealed: file(FileKind::Sealed { part, piece }),
        takes: vec![file(FileKind::Take { part, piece, number: 1 })],
    }
}

/// Part 2 was open for ten seconds.
pub(super) fn after_an_open_part() -> Meeting {
    let (mut meeting, people) = seated(2);
    let opening = people[0].say(Body::Motion(motion(&meeting, MotionKind::Open)));
    say(&mut meeting, opening.clone(), START_MS).unwrap();
    let Body::Motion(moved) = &opening.body else { panic!() };
    let consent = people[1].say(Body::Consent(Consent { motion: moved.id() }));
    say(&mut meeting, consent.clone(), START_MS).unwrap();
    let evidence = Evidence {
        motion: opening,
        consents: vec![consent],
        fins: Vec::new(),
    };
    turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    meeting
}

pub(super) fn close(meeting: &mut Meeting) {
    let (_, people) = world(2);
    let closing = people[0].say(Body::Motion(motion(meeting, MotionKind::Close)));
    say(meeting, closing.clone(), START_MS + 9_000).unwrap();
    let Body::Motion(moved) = &closing.body else { panic!() };
    let fins = people.iter().map(|person| {
        let counts = Vec::new();
        let motion = moved.id();
        person.say(Body::Fin(Fin { motion, counts }))
    });
    let fins: Vec<Statement> = fins.collect();
    for fin in &fins {
        say(meeting, fin.clone(), START_MS + 9_000).unwrap();
    }
    let evidence = Evidence {
        motion: closing,
        consents: Vec::new(),
        fins,
    };
    turn(meeting, &people, 0, &evidence, Vec::new(), START_MS + 10_000).unwrap();
}

fn enter(meeting: &mut Meeting, recording: &Recording) -> Result<usize, Refusal> {
    let recorded = Recorded::of(recording)?;
    let events = meeting.decide_recording(START_MS + 20_000, Box::new(recorded))?;
    events.iter().for_each(|event| meeting.apply(event));
    Ok(events.len())
}

#[test]
fn an_open_part_that_has_ended_is_entered_once_for_each_piece() {
    let mut meeting = after_an_open_part();
    let not_yet = enter(&mut meeting, &recording(2, 1, 10_000));
    assert!(matches!(not_yet, Err(Refusal::Recording(_))), "{not_yet:?}");
    close(&mut meeting);
    assert_eq!(enter(&mut meeting, &recording(2, 1, 10_000)), Ok(1));
    assert_eq!(enter(&mut meeting, &recording(2, 1, 10_000)), Ok(0));
    assert_eq!(enter(&mut meeting, &recording(2, 2, 10_000)), Ok(1));
    assert_eq!(meeting.recordings().collect::<Vec<_>>(), [(2, 1), (2, 2)]);
}

#[test]
fn a_recording_of_a_closed_part_or_of_another_length_is_refused() {
    let mut meeting = after_an_open_part();
    close(&mut meeting);
    for (part, length_ms) in [(1, 1_000), (3, 1_000), (9, 1_000), (2, 12_000), (2, 8_000)] {
        let refused = enter(&mut meeting, &recording(part, 1, length_ms));
        assert!(
            matches!(refused, Err(Refusal::Recording(_))),
            "part {part}, {length_ms} ms"
        );
    }
    let mut half = recording(2, 1, 5_000);
    half.to_the_end = false;
    assert_eq!(enter(&mut meeting, &half), Ok(1));
}

#[test]
fn names_and_hashes_that_are_none_are_refused() {
    let mut other = recording(2, 1, 10_000);
    other.sealed.file = "part-3.1.sealed".to_owned();
    assert_eq!(Recorded::of(&other), Err(Refusal::Malformed));
    let mut other = recording(2, 1, 10_000);
    other.takes[0].sha256 = "0F".repeat(32);
    assert_eq!(Recorded::of(&other), Err(Refusal::Malformed));
    let mut many = recording(2, 1, 10_000);
    many.takes = (1..=u32::try_from(limits::TAKES_MAX).unwrap() + 1)
        .map(|number| {
            file(FileKind::Take {
                part: 2,
                piece: 1,
                number,
            })
        })
        .collect();
    assert_eq!(Recorded::of(&many), Err(Refusal::TooLarge("list of files")));
}

#[test]
fn what_was_not_recorded_is_not_deleted_and_nothing_twice() {
    let mut meeting = after_an_open_part();
    close(&mut meeting);
    assert!(meeting.decide_deletion(START_MS, 2, 1).is_err());
    enter(&mut meeting, &recording(2, 1, 10_000)).unwrap();
    let events = meeting.decide_deletion(START_MS + 30_000, 2, 1).unwrap();
    assert_eq!(events.len(), 1);
    events.iter().for_each(|event| meeting.apply(event));
    assert_eq!(meeting.decide_deletion(START_MS + 40_000, 2, 1), Ok(Vec::new()));
    assert_eq!(meeting.recordings().count(), 0);
    // It stays known, so that it is not entered a second time.
    assert_eq!(enter(&mut meeting, &recording(2, 1, 10_000)), Ok(0));
}
