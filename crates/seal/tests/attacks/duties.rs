//! What the charter owes the public, whatever members and house would rather have: a report before the end, and a pause
//! while it does not hear.

use super::*;

/// When the house found out, by its clock.
const SINCE_MS: u64 = 1_234;

fn owing(reports: bool, pauses: bool) -> House {
    let draft = Draft {
        reports,
        pauses,
        ..draft(2)
    };
    House::seated_as(&draft)
}

#[test]
fn a_meeting_that_reports_is_adjourned_in_public_and_nowhere_else() {
    let mut house = owing(true, false);
    let now = house.now_ms;
    let adjourn = Command::Move {
        kind: MotionKind::Adjourn,
        item: 0,
    };
    assert!(!house.seats[0].view.may.adjourn && house.seats[0].view.report_due);
    let refused = house.seats[0].member.command(&adjourn, now).unwrap_err();
    assert!(refused.to_string().contains("reports to the public"), "{refused}");
    house.open();
    house.move_to(0, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closed; 2]);
    // An open part is not enough: what was said behind the doors since has to be reported as well.
    assert!(house.seats[0].member.command(&adjourn, now).is_err());
    house.open();
    assert!(
        house
            .seats
            .iter()
            .all(|seat| seat.view.may.adjourn && seat.view.may.close && !seat.view.report_due)
    );
    house.move_to(1, MotionKind::Adjourn);
    assert_eq!(house.lamps(), [Lamp::Adjourned; 2]);
    assert!(house.meeting.is_adjourned());
}

#[test]
fn i4_an_adjournment_in_public_ends_the_part_as_a_close_does() {
    let mut house = owing(true, false);
    house.open();
    house.swallows = vec!["statement"];
    house.move_to(0, MotionKind::Adjourn);
    // Before the network answers.
    assert_eq!(house.seats[0].view.lamp, Lamp::Closing);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"are we off?"), None);
    house.swallows.clear();
    let now = house.now_ms;
    house.seats[0].member.disconnected(now);
    let challenge = house.challenge();
    house.seats[0].inbox.push_back(challenge);
    house.settle();
    // Said again, held by all, and carried out.
    assert_eq!(house.lamps(), [Lamp::Adjourned; 2], "{:?}", house.seats[0].notices);
    let last = house.events.iter().rev().find_map(|(_, event)| match event {
        Event::Committed { facts, .. } => Some(facts),
        _ => None,
    });
    let facts = last.unwrap();
    let evidence = Evidence::read(&facts.evidence.0).unwrap();
    assert_eq!(evidence.fins.len(), 2, "everybody has signed where their frames end");
}

#[test]
fn i4_whoever_vanishes_after_asking_to_adjourn_in_public_leaves_a_meeting_that_is_over() {
    let mut house = owing(true, false);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Adjourn);
    assert_eq!(house.lamps(), [Lamp::Closing; 2]);
    house.swallows.clear();
    house.seats.remove(0);
    house.pass(3_600);
    house.pass(2_100);
    assert_eq!(house.lamps(), [Lamp::Adjourned], "{:?}", house.seats[0].notices);
}

#[test]
fn i4_an_adjournment_in_public_without_the_fin_of_somebody_who_stays_is_refused() {
    let mut house = owing(true, false);
    house.open();
    let leaves: Vec<Leaf> = house.meeting.group().unwrap().roster.keys().copied().collect();
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Adjourn);
    let running = house.meeting.called_close().unwrap().clone();
    let group = house.meeting.group().unwrap();
    for (fins, removes, holds) in [(2, 0, true), (1, 0, false), (0, 0, false), (1, 1, true), (2, 1, false)] {
        let evidence = Evidence {
            motion: running.statement.clone(),
            consents: Vec::new(),
            fins: running.fins.values().take(fins).cloned().collect(),
        };
        let facts = CommitFacts {
            position: group.position(),
            sender: CommitSender::Member(leaves[0]),
            renewed: None,
            adds: Vec::new(),
            removes: leaves[1..].iter().take(removes).copied().collect(),
            context: group.context.after(&running.motion, &evidence).unwrap(),
            meeting_secret: false,
            foreign: false,
            evidence: Bytes(evidence.encode()),
        };
        let weighed = house.meeting.weigh(&facts, house.now_ms);
        assert_eq!(weighed.is_ok(), holds, "{fins} fins, {removes} removed: {weighed:?}");
    }
}

#[test]
fn i9_a_meeting_that_pauses_seals_nothing_while_the_house_says_that_the_public_does_not_hear() {
    for (pauses, lamp) in [(true, Lamp::Held), (false, Lamp::Open)] {
        let mut house = owing(false, pauses);
        house.open();
        let now = house.now_ms;
        for seat in &mut house.seats {
            seat.inbox.push_back(ServerMessage::Unheard {
                since_ms: Some(SINCE_MS),
            });
        }
        house.settle();
        assert_eq!(house.lamps(), [lamp; 2]);
        assert!(
            house
                .seats
                .iter()
                .all(|seat| seat.view.unheard_since_ms == Some(SINCE_MS))
        );
        for seat in &mut house.seats {
            let sealed = seat.member.seal(Stream::Microphone, FRAME);
            assert_eq!(sealed.is_none(), pauses);
        }
        // A door that nobody may speak behind can be shut all the same, and what is behind it is nobody's business.
        house.move_to(1, MotionKind::Close);
        assert_eq!(house.lamps(), [Lamp::Closed; 2]);
        assert!(house.seats.iter().all(|seat| seat.view.unheard_since_ms.is_none()));
        let unheard = ServerMessage::Unheard {
            since_ms: Some(SINCE_MS),
        };
        house.seats[0].member.receive(unheard, now);
        house.settle();
        assert_eq!(house.lamps(), [Lamp::Closed; 2]);
        assert!(house.seats[0].member.seal(Stream::Microphone, FRAME).is_some());
    }
}
