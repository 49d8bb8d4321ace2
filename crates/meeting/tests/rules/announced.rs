//! What the convener announces, and until when nobody is told.

use super::*;

const HOUR_MS: u64 = 3_600_000;
const STARTS_MS: u64 = START_MS + 24 * HOUR_MS;

/// A charter whose convener's key is known.
fn convened() -> (SignedCharter, Seed) {
    let draft = Draft {
        title: "A meeting".to_owned(),
        delegations: vec!["North".to_owned(), "South".to_owned()],
        agenda: vec![DraftItem {
            title: "Welcome".to_owned(),
            public: true,
            ground: String::new(),
        }],
        ..Draft::default()
    };
    let founded = draft.found(START_MS, dice()).unwrap();
    let fragment = founded.convener.fragment();
    let Ok(Link::Convener(link)) = Link::from_fragment(&fragment) else {
        panic!("not a convener's link");
    };
    assert_eq!(link.convener_seed.public_key(), founded.charter.charter.convener);
    (founded.charter, link.convener_seed.clone())
}

fn plan(starts_at_ms: u64, public_from_ms: u64) -> Plan {
    Plan {
        starts_at_ms,
        minutes: 90,
        place: "By video".to_owned(),
        public_from_ms,
    }
}

fn announce(meeting: &mut Meeting, plan: &Plan, seed: &Seed, now_ms: u64) -> Result<usize, Refusal> {
    let signed = Signed::announcement(meeting.id(), meeting.announcement(), plan, now_ms, seed)?;
    take(meeting, signed, now_ms)
}

fn take(meeting: &mut Meeting, signed: Signed<Announcement>, now_ms: u64) -> Result<usize, Refusal> {
    let events = meeting.decide(now_ms, Command::Announce(Box::new(signed)))?;
    for event in &events {
        meeting.apply(event);
    }
    Ok(events.len())
}

#[test]
fn changes_of_time_are_versions_and_all_stay() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    assert!(
        meeting.is_public(START_MS),
        "a meeting of which nothing is announced is public"
    );
    announce(&mut meeting, &plan(STARTS_MS, 0), &seed, START_MS + 1).unwrap();
    announce(&mut meeting, &plan(STARTS_MS + HOUR_MS, 0), &seed, START_MS + 2).unwrap();
    let state = meeting.public_state();
    let times: Vec<(u32, u64)> = state
        .announcements
        .iter()
        .map(|it| (it.version, it.starts_at_ms))
        .collect();
    assert_eq!(times, [(1, STARTS_MS), (2, STARTS_MS + HOUR_MS)]);
}

#[test]
fn only_the_convener_announces_this_meeting() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    let other = Seed::new([77; 32]);
    let refused = announce(&mut meeting, &plan(STARTS_MS, 0), &other, START_MS);
    assert!(matches!(refused, Err(Refusal::Credential(_))));
    let elsewhere = incamera_protocol::MeetingId([7; 32]);
    let signed = Signed::announcement(elsewhere, None, &plan(STARTS_MS, 0), START_MS, &seed).unwrap();
    assert!(matches!(
        take(&mut meeting, signed, START_MS),
        Err(Refusal::Credential(_))
    ));
    let mut moved = Signed::announcement(meeting.id(), None, &plan(STARTS_MS, 0), START_MS, &seed).unwrap();
    moved.body.starts_at_ms += HOUR_MS;
    assert!(matches!(
        take(&mut meeting, moved, START_MS),
        Err(Refusal::Credential(_))
    ));
    assert!(meeting.announcements().is_empty());
}

#[test]
fn a_version_follows_the_last_one() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    let first = Signed::announcement(meeting.id(), None, &plan(STARTS_MS, 0), START_MS, &seed).unwrap();
    assert_eq!(take(&mut meeting, first.clone(), START_MS), Ok(1));
    assert_eq!(take(&mut meeting, first, START_MS + HOUR_MS), Ok(0), "once is enough");
    let other = Signed::announcement(meeting.id(), None, &plan(STARTS_MS + 1, 0), START_MS, &seed).unwrap();
    assert!(matches!(take(&mut meeting, other, START_MS), Err(Refusal::Text(_))));
    let late = START_MS + limits::CLOCK_SKEW_MS_MAX + 1;
    let old = Signed::announcement(
        meeting.id(),
        meeting.announcement(),
        &plan(STARTS_MS, 0),
        START_MS,
        &seed,
    )
    .unwrap();
    assert!(matches!(take(&mut meeting, old, late), Err(Refusal::Text(_))));
}

#[test]
fn nobody_is_told_before_the_embargo_ends_and_it_is_not_set_again_afterwards() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    let ends_ms = START_MS + HOUR_MS;
    announce(&mut meeting, &plan(STARTS_MS, ends_ms), &seed, START_MS).unwrap();
    assert!(!meeting.is_public(ends_ms - 1));
    assert!(meeting.is_public(ends_ms));
    // While it holds, it can be moved.
    announce(&mut meeting, &plan(STARTS_MS, ends_ms + 1), &seed, START_MS).unwrap();
    assert!(!meeting.is_public(ends_ms));
    // Once the public was told, it stays told.
    let again = announce(&mut meeting, &plan(STARTS_MS, ends_ms + HOUR_MS), &seed, ends_ms + 2);
    assert!(matches!(again, Err(Refusal::Text(_))));
    assert_eq!(
        announce(&mut meeting, &plan(STARTS_MS + 1, ends_ms + 1), &seed, ends_ms + 2),
        Ok(1)
    );
}

#[test]
fn a_meeting_that_was_shown_is_not_hidden_by_a_first_announcement() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    let late = announce(&mut meeting, &plan(STARTS_MS, STARTS_MS), &seed, START_MS + 1);
    assert!(matches!(late, Err(Refusal::Text(_))));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    let never = START_MS + limits::LETTER_VALIDITY_MS_MAX;
    for (wrong, why) in [
        (plan(START_MS - HOUR_MS, 0), "before it was convened"),
        (plan(never + 1, 0), "later than any letter is valid"),
        (plan(STARTS_MS, STARTS_MS + 1), "public only after it has begun"),
        (
            Plan {
                minutes: limits::PLANNED_MINUTES_MAX + 1,
                ..plan(STARTS_MS, 0)
            },
            "longer than a week",
        ),
    ] {
        let refused = announce(&mut meeting, &wrong, &seed, START_MS);
        assert!(matches!(refused, Err(Refusal::Text(_))), "{why}");
    }
}

#[test]
fn an_open_part_ends_the_embargo() {
    let (charter, seed) = convened();
    let mut meeting = Meeting::convene(charter, START_MS);
    announce(&mut meeting, &plan(STARTS_MS, STARTS_MS), &seed, START_MS).unwrap();
    assert_eq!(meeting.embargo_until_ms(), Some(STARTS_MS));
    let (mut open, people) = seated(2);
    let motion = motion(&open, MotionKind::Open);
    let moved = people[0].say(Body::Motion(motion));
    say(&mut open, moved.clone(), START_MS).unwrap();
    let consent = people[1].say(Body::Consent(Consent { motion: motion.id() }));
    say(&mut open, consent.clone(), START_MS).unwrap();
    let evidence = Evidence {
        motion: moved,
        consents: vec![consent],
        fins: Vec::new(),
    };
    turn(&mut open, &people, 0, &evidence, Vec::new(), START_MS).unwrap();
    // The convener of this world is the first throw of its dice.
    let convener = Seed::new([1; 32]);
    let hidden = Signed::announcement(open.id(), None, &plan(STARTS_MS, STARTS_MS), START_MS, &convener).unwrap();
    open.apply(&Event::Announced {
        at_ms: START_MS,
        announcement: Box::new(hidden),
    });
    assert_eq!(open.embargo_until_ms(), None);
    assert!(open.is_public(START_MS));
}
