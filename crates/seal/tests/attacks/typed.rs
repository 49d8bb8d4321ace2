//! Lines that are seen while they are typed, and a member or a server that would make a nuisance or a leak of them.

use incamera_meeting::{Prose, Saying, TableMessage, Text, Typed};
use incamera_protocol::view::Delivery as Passage;

use super::*;

/// A line that has not changed for so long no client shows (`docs/protocol.md` §11i).
const LINE_MS: u64 = 30_000;

fn types(house: &mut House, seat: usize, text: &str) {
    let part = house.seats[seat].view.part;
    types_in(house, seat, part, text);
}

fn types_in(house: &mut House, seat: usize, part: u32, text: &str) {
    let text = text.to_owned();
    house.command(seat, Command::Typed { part, text });
}

/// As slowly as it is told to the others.
fn types_and_waits(house: &mut House, seat: usize, text: &str) {
    types(house, seat, text);
    house.pass(limits::TYPED_MS + 1);
}

/// All that this seat was shown, in order.
fn seen(house: &House, seat: usize) -> Vec<&str> {
    house.seats[seat].typed.iter().map(|line| line.text.as_str()).collect()
}

fn last(house: &House, seat: usize) -> &str {
    seen(house, seat).last().copied().unwrap_or_default()
}

fn line(number: u32, part: u32, text: &str) -> Vec<u8> {
    said(
        number,
        Saying::Typed(Typed {
            part,
            text: Text::new(text).unwrap(),
        }),
    )
}

fn said(number: u32, body: Saying) -> Vec<u8> {
    let id = [u8::try_from(number % 251).unwrap(); 16];
    TableMessage { number, id, body }.encode()
}

fn text(number: u32, text: &str) -> Vec<u8> {
    said(number, Saying::Text(Prose::typed(text).unwrap()))
}

#[test]
fn a_line_is_seen_as_it_grows_and_is_one_text_in_the_end() {
    let mut house = House::seated(3);
    for draft in ["Sh", "Shall we", "Shall we begin?"] {
        types_and_waits(&mut house, 0, draft);
    }
    for seat in 1..3 {
        assert_eq!(seen(&house, seat), ["Sh", "Shall we", "Shall we begin?"]);
        let shown = &house.seats[seat].typed[0];
        assert_eq!((shown.name.as_str(), shown.delegation), ("Principal 0", 0));
        assert!(house.seats[seat].chat.is_empty(), "it is no text yet");
    }
    house.command(
        0,
        Command::Write {
            text: "Shall we begin?".to_owned(),
        },
    );
    house.pass(10 * limits::TYPED_MS);
    for seat in 1..3 {
        assert_eq!(seen(&house, seat).len(), 4);
        assert_eq!(last(&house, seat), "", "the line is gone");
        let texts: Vec<(&str, u32)> = house.seats[seat]
            .chat
            .iter()
            .map(|it| (it.text.as_str(), it.missing))
            .collect();
        assert_eq!(texts, [("Shall we begin?", 0)]);
    }
    assert!(house.seats[0].typed.is_empty(), "nobody is shown their own");
    assert_eq!(house.seats[0].chat.last().unwrap().delivery, Passage::Passed);
}

#[test]
fn fast_fingers_send_twice_a_second_and_the_last_letter_is_seen_within_one() {
    let mut house = House::seated(2);
    let before = house.sealed.len();
    let mut draft = String::new();
    for _ in 0..100 {
        draft.push('x');
        types(&mut house, 0, &draft);
        house.pass(20);
    }
    let sent = house.sealed.len() - before;
    assert!((3..=5).contains(&sent), "{sent} in two seconds");
    house.pass(limits::TYPED_MS);
    assert_eq!(last(&house, 1), draft);
    // What has been seen is not said again.
    let before = house.sealed.len();
    for _ in 0..4 {
        types_and_waits(&mut house, 0, &draft);
    }
    assert_eq!(house.sealed.len(), before);
}

#[test]
fn a_text_waits_for_no_line_and_no_line_comes_after_its_text() {
    let mut house = House::seated(2);
    types(&mut house, 0, "Yes");
    types(&mut house, 0, "Yes, agr");
    house.command(
        0,
        Command::Write {
            text: "Yes, agreed.".to_owned(),
        },
    );
    assert_eq!(house.seats[1].chat.last().unwrap().text, "Yes, agreed.", "at once");
    house.pass(10 * limits::TYPED_MS);
    assert_eq!(last(&house, 1), "");
}

#[test]
fn who_switches_it_off_is_seen_no_more_and_says_nothing_else() {
    let mut house = House::seated(2);
    types_and_waits(&mut house, 0, "I should not");
    types_and_waits(&mut house, 0, "");
    assert_eq!(seen(&house, 1), ["I should not", ""]);
    let before = house.sealed.len();
    types_and_waits(&mut house, 0, "");
    assert_eq!(house.sealed.len(), before);
}

#[test]
fn who_comes_while_somebody_types_sees_the_line_and_not_one_that_is_put_away() {
    let mut house = House::convene(4);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    types_and_waits(&mut house, 0, "Before we begin");
    types_and_waits(&mut house, 1, "");
    let member = house.new_member(2);
    let late = house.join(member);
    house.pass(2 * limits::TYPED_MS);
    assert_eq!(seen(&house, late), ["Before we begin"]);
    assert_eq!(last(&house, 1), "Before we begin");
    // Those who saw it show it no longer: nor is it told to whoever comes now.
    house.pass(LINE_MS);
    let member = house.new_member(3);
    let later = house.join(member);
    house.pass(2 * limits::TYPED_MS);
    assert!(seen(&house, later).is_empty());
}

#[test]
fn a_line_ends_with_its_part_and_is_never_said_in_the_next() {
    let mut house = House::seated(2);
    types_and_waits(&mut house, 0, "Between ourselves");
    // One that is on its way when the doors open, and one that has not left.
    house.swallows = vec!["sealed"];
    types_and_waits(&mut house, 0, "Between ourselves, the fall");
    house.swallows.clear();
    types(&mut house, 0, "Between ourselves, the fallback is");
    types_and_waits(&mut house, 1, "You were saying?");
    let before = house.sealed.len();
    house.open();
    house.pass(10 * limits::TYPED_MS);
    assert_eq!(
        house.sealed.len(),
        before,
        "nothing of it is even sealed for the open part"
    );
    assert_eq!(seen(&house, 1), ["Between ourselves", ""]);
    assert_eq!(last(&house, 0), "");
    types_and_waits(&mut house, 0, "Welcome");
    assert_eq!(last(&house, 1), "Welcome");
    assert_eq!(house.seats[1].chat.len() + house.seats[0].chat.len(), 0);
}

/// Between the commit and the page that shows it there is time for a letter or two.
#[test]
fn who_has_not_seen_yet_that_the_doors_are_open_says_nothing_through_them() {
    let mut house = House::seated(2);
    types_and_waits(&mut house, 0, "Between ourselves");
    house.open();
    let before = house.sealed.len();
    types_in(&mut house, 0, 1, "Between ourselves, the fallback");
    house.pass(10 * limits::TYPED_MS);
    assert_eq!(house.sealed.len(), before);
    assert!(house.seats[0].notices.is_empty());
}

#[test]
fn i1_what_is_typed_crosses_the_wire_sealed_and_its_length_shows_in_steps() {
    let mut house = House::seated(2);
    let canary = "the fallback is eleven per cent";
    let before = house.sealed.len();
    for end in 1..=canary.len() {
        types_and_waits(&mut house, 0, &canary[..end]);
    }
    assert_eq!(last(&house, 1), canary);
    let lengths: Vec<usize> = house.sealed[before..].iter().map(|(_, it)| it.0.len()).collect();
    assert!(
        lengths.len() > 20 && lengths.iter().all(|it| *it == lengths[0]),
        "{lengths:?}"
    );
    let holds = |bytes: &[u8]| bytes.windows(12).any(|window| window == &canary.as_bytes()[..12]);
    assert!(!house.sealed.iter().any(|(_, it)| holds(&it.0)));
}

#[test]
fn who_is_sent_away_or_comes_anew_leaves_no_line_behind() {
    let mut house = House::seated(2);
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.join(house.new_guest(&link, 70));
    types_and_waits(&mut house, guest, "And another th");
    assert_eq!(last(&house, 1), "And another th");
    // The page is loaded anew: what stood in its field is gone.
    let again = house.join(house.new_guest(&link, 70));
    assert_eq!(house.meeting.group().unwrap().roster.len(), 3);
    assert_eq!(last(&house, 1), "");
    types_and_waits(&mut house, again, "Where was");
    assert_eq!(last(&house, 1), "Where was");
    house.revoke(0, house.letter_of(again));
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    assert_eq!(last(&house, 1), "");
    // Whoever else comes or goes ends nobody's line.
    types_and_waits(&mut house, 0, "Now then");
    let link = house.mint(0, "Another", Role::Adviser, Entry::AtOnce);
    house.join(house.new_guest(&link, 71));
    assert_eq!(last(&house, 1), "Now then");
}

#[test]
fn a_line_of_another_part_is_not_shown() {
    let (mut house, mut rogue) = betrayed();
    for (number, part) in (0..).zip([2, 0, u32::MAX]) {
        rogue.utter(&mut house, &line(number, part, "As we said behind closed doors"));
    }
    assert!(seen(&house, 0).is_empty());
    rogue.utter(&mut house, &line(3, 1, "Here"));
    assert_eq!(seen(&house, 0), ["Here"]);
}

#[test]
fn what_no_client_says_is_not_shown() {
    let (mut house, mut rogue) = betrayed();
    let long = "x".repeat(limits::TYPED_BYTES_MAX + 1);
    rogue.utter(&mut house, &line(0, 1, &long));
    // Made by hand, since no client can.
    for (number, odd) in (1..).zip(["a\u{202E}b", "a\nb", "a\u{0}b", "\u{2067}a", " a", "a\u{FEFF}"]) {
        let mut bytes = line(number, 1, "?");
        let at = bytes.len() - 2;
        bytes.truncate(at);
        bytes.push(u8::try_from(odd.len()).unwrap());
        bytes.extend_from_slice(odd.as_bytes());
        rogue.utter(&mut house, &bytes);
    }
    assert!(seen(&house, 0).is_empty());
    // It has come all the same, and nothing of it is held against the next text.
    rogue.utter(&mut house, &text(7, "Well."));
    assert_eq!(house.seats[0].chat.last().unwrap().missing, 0);
    rogue.utter(&mut house, &line(8, 1, &long[1..]));
    assert_eq!(last(&house, 0).len(), limits::TYPED_BYTES_MAX);
}

#[test]
fn what_comes_late_or_twice_takes_no_lines_place() {
    let mut house = House::seated(2);
    types_and_waits(&mut house, 0, "One");
    let old = house.sealed.last().cloned().unwrap();
    house.withholds = |seat, message| seat == 1 && matches!(message, ServerMessage::Sealed { .. });
    types_and_waits(&mut house, 0, "One tw");
    let kept_back = house.sealed.last().cloned().unwrap();
    house.withholds = |_, _| false;
    house.command(
        0,
        Command::Write {
            text: "One two.".to_owned(),
        },
    );
    assert_eq!(seen(&house, 1), ["One", ""]);
    // The house hands out what it has kept back, and what it has handed out before.
    for (position, message) in [old, kept_back] {
        house.seats[1]
            .inbox
            .push_back(ServerMessage::Sealed { position, message });
    }
    house.settle();
    assert_eq!(seen(&house, 1), ["One", ""]);
    assert_eq!(house.seats[1].chat.last().unwrap().missing, 1);
}

#[test]
fn who_counts_backwards_shows_nothing_and_who_floods_has_one_line() {
    let (mut house, mut rogue) = betrayed();
    rogue.utter(&mut house, &text(0, "Read once."));
    for number in 1..700 {
        rogue.utter(&mut house, &line(number, 1, &format!("{number}")));
    }
    let names: std::collections::BTreeSet<&str> = house.seats[0].typed.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((names.len(), last(&house, 0)), (1, "699"));
    for number in [300, 0, 698] {
        rogue.utter(&mut house, &line(number, 1, "backwards"));
    }
    assert_eq!(last(&house, 0), "699");
    // So many lines do not make anybody forget which texts have come.
    rogue.utter(
        &mut house,
        &said(700, Saying::Text(Prose::typed("Read once.").unwrap())),
    );
    let mut again = text(701, "Read once.");
    again[4..20].copy_from_slice(&[0; 16]);
    rogue.utter(&mut house, &again);
    let read = house.seats[0].chat.iter().filter(|it| it.text == "Read once.").count();
    assert_eq!(read, 2);
}

#[test]
fn nothing_is_typed_live_by_who_does_not_know_where_the_meeting_is() {
    let mut house = House::seated(3);
    house.withholds = |seat, _| seat == 0;
    house.mutes = Some(0);
    house.pass(limits::SILENCE_MS_MAX + 1_000);
    let before = house.sealed.len();
    types_and_waits(&mut house, 0, "Is anybody there?");
    assert_eq!(house.sealed.len(), before);
}
