//! What is said: motions, consents, heartbeats, goodbyes.

use super::*;

#[test]
fn a_motion_for_another_meeting_part_or_epoch_is_void() {
    let (mut meeting, people) = seated(2);
    let good = motion(&meeting, MotionKind::Open);
    let mut wrong = [good; 4];
    wrong[0].place.meeting = [0; 32];
    wrong[1].place.part += 1;
    wrong[2].place.epoch -= 1;
    wrong[3].place.founding += 1;
    for motion in wrong {
        assert_eq!(
            say(&mut meeting, people[0].say(Body::Motion(motion)), START_MS),
            Err(Refusal::StaleEpoch)
        );
    }
    assert_eq!(say(&mut meeting, people[0].say(Body::Motion(good)), START_MS), Ok(()));
}

#[test]
fn a_motion_from_a_device_whose_clock_is_far_off_is_refused_with_a_reason() {
    let (mut meeting, people) = seated(2);
    let motion = Motion {
        moved_at_ms: START_MS + limits::CLOCK_SKEW_MS_MAX + 1,
        ..motion(&meeting, MotionKind::Open)
    };
    let refusal = say(&mut meeting, people[0].say(Body::Motion(motion)), START_MS).unwrap_err();
    assert!(refusal.to_string().contains("clock"));
}

#[test]
fn consents_lapse_with_the_epoch() {
    let (mut meeting, people) = seated(3);
    let opening = motion(&meeting, MotionKind::Open);
    say(&mut meeting, people[0].say(Body::Motion(opening)), START_MS).unwrap();
    for person in &people[1..] {
        say(
            &mut meeting,
            person.say(Body::Consent(Consent { motion: opening.id() })),
            START_MS,
        )
        .unwrap();
    }
    let consents: Vec<_> = meeting.running(START_MS).unwrap().consents.values().cloned().collect();
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents,
        fins: Vec::new(),
    };
    // Somebody leaves: another epoch.
    let mut remove = facts(&meeting, 0);
    remove.removes.push(Leaf(2));
    let place = meeting.group().unwrap().place(meeting.id());
    say(&mut meeting, people[2].say(Body::Goodbye(Goodbye { place })), START_MS).unwrap();
    commit(&mut meeting, remove, START_MS).unwrap();
    assert_eq!(
        turn(&mut meeting, &people, 0, &evidence, Vec::new(), START_MS),
        Err(Refusal::StaleEpoch)
    );
}
#[test]
fn a_heartbeat_counts_only_for_its_epoch_and_once() {
    let (mut meeting, people) = seated(2);
    let first = heartbeat(&meeting, &people[1], 0);
    let mut elsewhere = first;
    elsewhere.place.epoch -= 1;
    let say = |meeting: &mut Meeting, beat| say(meeting, people[1].say(Body::Heartbeat(beat)), START_MS);
    assert_eq!(say(&mut meeting, elsewhere), Err(Refusal::StaleEpoch));
    assert_eq!(say(&mut meeting, first), Ok(()));
    assert_eq!(say(&mut meeting, first), Err(Refusal::StaleEpoch));
    let second = heartbeat(&meeting, &people[1], 1);
    assert_eq!(say(&mut meeting, second), Ok(()));
}

#[test]
fn a_heartbeat_over_another_course_of_things_is_found_out() {
    let (mut meeting, people) = seated(3);
    let before = heartbeat(&meeting, &people[1], 0);
    let opening = motion(&meeting, MotionKind::Open);
    say(&mut meeting, people[0].say(Body::Motion(opening)), START_MS).unwrap();
    // Somebody to whom the motion has not come yet is only behind …
    assert_eq!(
        say(&mut meeting, people[1].say(Body::Heartbeat(before)), START_MS),
        Ok(())
    );
    // … somebody who saw more, or something else, or another roster is elsewhere.
    let now = heartbeat(&meeting, &people[2], 0);
    let more = Heartbeat {
        said: now.said + 1,
        ..now
    };
    let other = Heartbeat { chain: [7; 32], ..now };
    let roster = Heartbeat { roster: [7; 32], ..now };
    for lie in [more, other, roster] {
        let said = people[2].say(Body::Heartbeat(lie));
        assert_eq!(say(&mut meeting, said, START_MS), Err(Refusal::Forked));
    }
}

#[test]
fn a_heartbeat_that_was_kept_back_is_a_sign_of_then_and_not_of_now() {
    let (mut meeting, people) = seated(2);
    let give = |meeting: &mut Meeting, number: u32, given_ms: u64, come_ms: u64| {
        let given = Heartbeat {
            at_ms: given_ms,
            ..heartbeat(meeting, &people[1], number)
        };
        say(meeting, people[1].say(Body::Heartbeat(given)), come_ms).unwrap();
        meeting.group().unwrap().heard[&Leaf(1)].at_ms
    };
    // The signer's clock may show anything: what counts is how it runs.
    let theirs = |ms: u64| START_MS - 3_600_000 + ms;
    let ours = |ms: u64| START_MS + ms;
    assert_eq!(give(&mut meeting, 0, theirs(0), ours(300)), ours(300));
    // A quicker way than the first shows what the first had lost on its way.
    assert_eq!(give(&mut meeting, 1, theirs(4_000), ours(4_100)), ours(4_100));
    // Kept back for a minute, it says that somebody was there a minute ago.
    assert_eq!(give(&mut meeting, 2, theirs(8_000), ours(68_100)), ours(8_100));
    // A new epoch changes nothing of that …
    let renewal = facts(&meeting, 0);
    commit(&mut meeting, renewal, ours(70_000)).unwrap();
    assert_eq!(give(&mut meeting, 0, theirs(20_000), ours(71_000)), ours(20_100));
    // … but somebody else at the same leaf has a clock of their own.
    let mut removal = facts(&meeting, 0);
    removal.removes.push(Leaf(1));
    commit(&mut meeting, removal, ours(200_000)).unwrap();
    admit(&mut meeting, &people[1]).unwrap();
    assert_eq!(give(&mut meeting, 0, theirs(0), ours(200_300)), ours(200_300));
}

#[test]
fn what_is_said_again_has_no_place_of_its_own() {
    let (mut meeting, people) = seated(3);
    let opening = motion(&meeting, MotionKind::Open);
    say(&mut meeting, people[0].say(Body::Motion(opening)), START_MS).unwrap();
    let consent = people[1].say(Body::Consent(Consent { motion: opening.id() }));
    let place = meeting.group().unwrap().place(meeting.id());
    let goodbye = people[1].say(Body::Goodbye(Goodbye { place }));
    for statement in [consent, goodbye] {
        say(&mut meeting, statement.clone(), START_MS).unwrap();
        let before = meeting.group().unwrap().said.so_far();
        say(&mut meeting, statement, START_MS).unwrap();
        assert_eq!(meeting.group().unwrap().said.so_far(), before);
    }
}

#[test]
fn i3_old_words_are_void_in_a_new_group_of_the_same_number() {
    let (charter, people) = world(2);
    let seat = |group| {
        let mut meeting = founded_as(group, &charter, &people[0]);
        admit(&mut meeting, &people[1]).unwrap();
        meeting
    };
    let (mut before, mut after) = (seat([5; 16]), seat([6; 16]));
    assert_eq!(before.group().unwrap().position(), after.group().unwrap().position());
    let opening = motion(&before, MotionKind::Open);
    let consent = Body::Consent(Consent { motion: opening.id() });
    let evidence = Evidence {
        motion: people[0].say(Body::Motion(opening)),
        consents: vec![people[1].say(consent)],
        fins: Vec::new(),
    };
    assert_eq!(
        say(&mut after, evidence.motion.clone(), START_MS),
        Err(Refusal::StaleEpoch)
    );
    assert_eq!(
        turn(&mut after, &people, 0, &evidence, Vec::new(), START_MS),
        Err(Refusal::StaleEpoch)
    );
    assert_eq!(turn(&mut before, &people, 0, &evidence, Vec::new(), START_MS), Ok(()));
}
