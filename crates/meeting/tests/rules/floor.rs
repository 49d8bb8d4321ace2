//! Who speaks, and who asks to: the order of the queue, who gives the floor, and that all members come to the same.

use incamera_meeting::{Floor, Hand, Opened, Saying, Standing, TableMessage, Turn, Wish, WishFor};

use super::*;

const NOW_MS: u64 = START_MS + 60_000;

/// Two principals, an adviser of each, and their letters in that order.
fn assembly(draft: impl FnOnce(&mut Draft)) -> (Meeting, Vec<LetterId>) {
    let mut plan = Draft {
        title: "A council".to_owned(),
        delegations: vec!["North".to_owned(), "South".to_owned()],
        agenda: vec![DraftItem {
            title: "Water".to_owned(),
            public: true,
            ground: String::new(),
        }],
        ..Draft::default()
    };
    draft(&mut plan);
    let (charter, links) = plan.convene(START_MS, dice()).unwrap();
    let mut people = people_of(&charter, &links);
    for side in 0..2 {
        let adviser = minted(&charter, &people[usize::from(side)], side, Role::Adviser, Entry::AtOnce);
        people.push(adviser);
    }
    let mut meeting = founded(&charter, &people[0]);
    for person in &people[1..] {
        admit(&mut meeting, person).unwrap();
    }
    let letters = people.iter().map(|person| person.credential.binding.body.letter);
    let letters = letters.collect();
    (meeting, letters)
}

fn up(number: u32, hand: Hand, raised_at_ms: u64) -> Standing {
    Standing {
        number,
        hand,
        raised_at_ms,
        returned: 0,
    }
}

fn turn(number: u32, speaker: Option<LetterId>) -> Turn {
    Turn {
        number,
        given_at_ms: NOW_MS,
        speaker,
        seconds: 120,
    }
}

/// Leaves are given in the order of joining.
fn queue(floor: &Floor, meeting: &Meeting) -> Vec<u32> {
    let queue = floor.queue(meeting.group().unwrap());
    queue.into_iter().map(|waiting| waiting.leaf.0).collect()
}

fn speaker(floor: &Floor, meeting: &Meeting) -> Option<u32> {
    floor.speaker(meeting.group().unwrap()).map(|speaking| speaking.leaf.0)
}

#[test]
fn points_of_order_go_first_then_principals_then_whoever_asked_first() {
    use Hand::{PointOfOrder, Up};
    let (meeting, letters) = assembly(|_| {});
    for (hands, expected) in [
        // Whose hand, what it does, and how many seconds after the others.
        (vec![(0, Up, 2), (1, Up, 1)], vec![1, 0]),
        (vec![(2, Up, 1), (3, Up, 2)], vec![2, 3]),
        (vec![(2, Up, 1), (1, Up, 9)], vec![1, 2]),
        (vec![(0, Up, 1), (3, PointOfOrder, 9)], vec![3, 0]),
        (vec![(3, PointOfOrder, 1), (0, PointOfOrder, 9)], vec![0, 3]),
        (vec![(2, Up, 1), (3, Up, 2), (0, Up, 8), (1, Up, 9)], vec![0, 1, 2, 3]),
        (vec![(0, Hand::Down, 1)], vec![]),
    ] {
        let mut floor = Floor::entered(START_MS);
        for (who, hand, seconds) in hands.clone() {
            floor.stand(NOW_MS, letters[who], up(1, hand, NOW_MS - 20_000 + seconds * 1_000));
        }
        assert_eq!(queue(&floor, &meeting), expected, "{hands:?}");
    }
}

#[test]
fn who_gives_the_floor_is_the_chair_and_without_one_any_principal() {
    //                                          principals    advisers
    for (opening, closing, may) in [
        (None, None, [true, true, false, false]),
        (Some(1), None, [false, true, false, false]),
        (None, Some(0), [true, false, false, false]),
        (Some(0), Some(1), [true, false, false, false]),
    ] {
        let (meeting, letters) = assembly(|draft| (draft.opening_chair, draft.closing_chair) = (opening, closing));
        let group = meeting.group().unwrap();
        let gives = |letter: &LetterId| meeting.may_give_floor(group.member_of(*letter).unwrap().1);
        let given: Vec<bool> = letters.iter().map(gives).collect();
        assert_eq!(given, may, "{opening:?} {closing:?}");
    }
}

#[test]
fn without_a_principal_of_the_chair_those_who_are_here_give_the_floor() {
    let (mut meeting, letters) = assembly(|draft| draft.opening_chair = Some(1));
    let of = |meeting: &Meeting, who: usize| {
        let group = meeting.group().unwrap();
        meeting.may_give_floor(group.member_of(letters[who]).unwrap().1)
    };
    assert!(!of(&meeting, 0));
    let (leaf, _) = meeting.group().unwrap().member_of(letters[1]).unwrap();
    let seat = &meeting.group().unwrap().roster[&leaf];
    let place = meeting.group().unwrap().place(meeting.id());
    let goodbye = Statement::new(seat.letter, Body::Goodbye(Goodbye { place }), &Seed::new([104; 32]));
    say(&mut meeting, goodbye, NOW_MS).unwrap();
    let mut removal = facts(&meeting, 0);
    removal.removes.push(leaf);
    commit(&mut meeting, removal, NOW_MS).unwrap();
    assert!(of(&meeting, 0));
    // Its adviser is here still, and is no principal.
    assert!(!of(&meeting, 3));
}

#[test]
fn whoever_has_the_floor_is_no_longer_in_the_queue_and_may_give_it_back() {
    let (meeting, letters) = assembly(|_| {});
    let mut floor = Floor::entered(START_MS);
    floor.stand(NOW_MS, letters[2], up(1, Hand::Up, NOW_MS));
    floor.give(NOW_MS, turn(1, Some(letters[2]))).unwrap();
    assert_eq!((speaker(&floor, &meeting), queue(&floor, &meeting)), (Some(2), vec![]));
    let back = Standing {
        returned: 1,
        ..up(2, Hand::Down, 0)
    };
    floor.stand(NOW_MS, letters[2], back);
    assert_eq!(speaker(&floor, &meeting), None);
    // That was this turn and not the next one.
    floor.give(NOW_MS, turn(2, Some(letters[2]))).unwrap();
    assert_eq!(speaker(&floor, &meeting), Some(2));
    floor.give(NOW_MS, turn(3, None)).unwrap();
    assert_eq!(speaker(&floor, &meeting), None);
}

#[test]
fn nobody_gives_anothers_floor_back() {
    let (meeting, letters) = assembly(|_| {});
    let mut floor = Floor::entered(START_MS);
    floor.give(NOW_MS, turn(1, Some(letters[0]))).unwrap();
    let back = Standing {
        returned: 1,
        ..up(1, Hand::Down, 0)
    };
    floor.stand(NOW_MS, letters[1], back);
    assert_eq!(speaker(&floor, &meeting), Some(0));
}

#[test]
fn what_was_said_before_changes_nothing_when_it_comes_again() {
    let (meeting, letters) = assembly(|_| {});
    let mut floor = Floor::entered(START_MS);
    assert!(floor.stand(NOW_MS, letters[0], up(1, Hand::Up, NOW_MS)));
    assert!(floor.stand(NOW_MS, letters[0], up(2, Hand::Down, 0)));
    assert!(!floor.stand(NOW_MS, letters[0], up(1, Hand::Up, NOW_MS)));
    assert!(queue(&floor, &meeting).is_empty());
    floor.give(NOW_MS, turn(2, None)).unwrap();
    floor.give(NOW_MS, turn(1, Some(letters[0]))).unwrap();
    assert_eq!(speaker(&floor, &meeting), None);
}

#[test]
fn a_date_that_cannot_be_gains_a_little_and_no_more() {
    let (meeting, letters) = assembly(|_| {});
    let mut floor = Floor::entered(START_MS);
    // Two advisers; the second one says that it has asked for an hour.
    floor.stand(NOW_MS, letters[2], up(1, Hand::Up, NOW_MS));
    let later = NOW_MS + limits::FLOOR_SKEW_MS_MAX + 1;
    floor.stand(later, letters[3], up(1, Hand::Up, START_MS));
    assert_eq!(queue(&floor, &meeting), [2, 3]);
    // Nor does a hand from the future wait for ever behind others.
    let mut floor = Floor::entered(START_MS);
    floor.stand(NOW_MS, letters[2], up(1, Hand::Up, u64::MAX));
    floor.stand(NOW_MS + 1, letters[3], up(1, Hand::Up, NOW_MS + 1));
    assert_eq!(queue(&floor, &meeting), [2, 3]);
    floor
        .give(
            NOW_MS,
            Turn {
                given_at_ms: u64::MAX,
                ..turn(1, Some(letters[0]))
            },
        )
        .unwrap();
    let speaking = floor.speaker(meeting.group().unwrap()).unwrap();
    assert_eq!((speaking.began_at_ms, speaking.seconds), (NOW_MS, 120));
}

#[test]
fn a_hand_that_stays_up_keeps_its_place_when_it_is_said_again() {
    let (meeting, letters) = assembly(|_| {});
    let mut floor = Floor::entered(START_MS);
    floor.stand(NOW_MS, letters[2], up(1, Hand::Up, NOW_MS));
    floor.stand(NOW_MS + 1, letters[3], up(1, Hand::Up, NOW_MS + 1));
    let long = NOW_MS + 100 * limits::FLOOR_SKEW_MS_MAX;
    floor.stand(long, letters[2], up(2, Hand::Up, NOW_MS));
    assert_eq!(queue(&floor, &meeting), [2, 3]);
}

#[test]
fn nobody_takes_the_last_word_by_leaping_to_the_last_number() {
    let (meeting, letters) = assembly(|_| {});
    let mut floor = Floor::entered(START_MS);
    floor.give(NOW_MS, turn(1, Some(letters[0]))).unwrap();
    for wrong in [
        turn(u32::MAX, Some(letters[1])),
        turn(limits::FLOOR_LEAP_MAX + 2, Some(letters[1])),
        turn(0, Some(letters[1])),
        Turn {
            seconds: limits::FLOOR_SECONDS_MAX + 1,
            ..turn(2, Some(letters[1]))
        },
    ] {
        assert_eq!(floor.give(NOW_MS, wrong), Err(Refusal::Malformed), "{wrong:?}");
    }
    assert_eq!(speaker(&floor, &meeting), Some(0));
}

#[test]
fn a_newcomer_who_is_told_anew_sees_what_the_others_see() {
    let (meeting, letters) = assembly(|_| {});
    let group = meeting.group().unwrap();
    let mut old = Floor::entered(START_MS);
    let hands = [(2, NOW_MS), (3, NOW_MS + 1_000), (1, NOW_MS + 2_000)];
    for (who, at_ms) in hands {
        old.stand(at_ms, letters[who], up(1, Hand::Up, at_ms));
    }
    old.give(NOW_MS, turn(7, Some(letters[0]))).unwrap();
    let much_later = NOW_MS + 100 * limits::FLOOR_SKEW_MS_MAX;
    let mut new = Floor::entered(much_later);
    for (who, at_ms) in hands {
        new.stand(much_later, letters[who], up(1, Hand::Up, at_ms));
    }
    let told = old.told_anew(group, much_later).unwrap();
    new.give(much_later, told).unwrap();
    assert_eq!(queue(&new, &meeting), queue(&old, &meeting));
    assert_eq!(new.speaker(group), old.speaker(group));
    assert_eq!(meeting.tells_floor(&[letters[0]]), Some(letters[1]));
    // What was given back is told as that.
    let back = Standing {
        returned: 7,
        ..up(1, Hand::Down, 0)
    };
    old.stand(NOW_MS, letters[0], back);
    let mut newest = Floor::entered(much_later);
    newest
        .give(much_later, old.told_anew(group, much_later).unwrap())
        .unwrap();
    assert_eq!(speaker(&newest, &meeting), None);
}

#[test]
fn what_a_client_does_not_know_is_counted_and_passed_over() {
    let say = |body| {
        TableMessage {
            number: 3,
            id: [7; 16],
            body,
        }
        .encode()
    };
    let (_, letters) = assembly(|_| {});
    let wish = Wish {
        whom: letters[0],
        what: WishFor::Silence,
    };
    for body in [
        Saying::Standing(up(1, Hand::Up, 5)),
        Saying::Turn(turn(1, None)),
        Saying::Wish(wish),
    ] {
        let bytes = say(body.clone());
        assert_eq!(TableMessage::read(&bytes).unwrap().body, Some(body));
        let nothing = Opened {
            number: 3,
            id: [7; 16],
            body: None,
        };
        let more = [bytes.clone(), vec![0]].concat();
        let less = bytes[..bytes.len() - 1].to_vec();
        let mut later = bytes;
        later[20] = 99;
        for odd in [more, less, later] {
            assert_eq!(TableMessage::read(&odd), Ok(nothing.clone()));
        }
    }
    assert_eq!(TableMessage::read(&[0; 19]), Err(Refusal::Malformed));
}

#[derive(Debug, Clone)]
enum Word {
    Standing(usize, Standing),
    Turn(Turn),
}

fn words() -> impl Strategy<Value = Vec<Word>> {
    let hand = prop_oneof![Just(Hand::Down), Just(Hand::Up), Just(Hand::PointOfOrder)];
    let standing = (0usize..4, 1u32..6, hand, 0u64..20, 0u32..6).prop_map(|(who, number, hand, at, returned)| {
        // One writer says one thing under one number.
        let raised_at_ms = NOW_MS - (at + u64::from(number)) % 20 * 1_000;
        Word::Standing(
            who,
            Standing {
                number,
                hand,
                raised_at_ms,
                returned,
            },
        )
    });
    let turn = (1u32..6, 0u64..20, proptest::option::of(0u8..4), 0u16..3).prop_map(|(number, at, who, seconds)| {
        Word::Turn(Turn {
            number,
            given_at_ms: NOW_MS - at * 1_000,
            speaker: who.map(|who| LetterId([who; 32])),
            seconds: seconds * 60,
        })
    });
    proptest::collection::vec(prop_oneof![standing, turn], 0..24)
}

proptest! {
    #[test]
    fn all_who_have_heard_the_same_agree_in_whatever_order_it_came(
        said in words().prop_flat_map(|words| (Just(words.clone()), Just(words).prop_shuffle()))
    ) {
        let (meeting, letters) = assembly(|_| {});
        let mut once = std::collections::BTreeSet::new();
        let (one, other) = said;
        let unique = |word: &Word| match word {
            Word::Standing(who, standing) => once.insert((*who, standing.number)),
            Word::Turn(_) => true,
        };
        let one: Vec<Word> = one.into_iter().filter(unique).collect();
        let kept = |word: &&Word| match word {
            Word::Standing(who, standing) => one.iter().any(|known| matches!(known, Word::Standing(by, it) if by == who && it == standing)),
            Word::Turn(_) => true,
        };
        let other: Vec<&Word> = other.iter().filter(kept).collect();
        let play = |words: &[&Word]| {
            let mut floor = Floor::entered(START_MS - 1_000_000);
            for word in words {
                match word {
                    Word::Standing(who, standing) => {
                        floor.stand(NOW_MS, letters[*who], *standing);
                    }
                    Word::Turn(turn) => {
                        let speaker = turn.speaker.map(|who| letters[usize::from(who.0[0])]);
                        floor.give(NOW_MS, Turn { speaker, ..*turn }).unwrap();
                    }
                }
            }
            let group = meeting.group().unwrap();
            (floor.queue(group), floor.speaker(group))
        };
        let one: Vec<&Word> = one.iter().collect();
        prop_assert_eq!(play(&one), play(&other));
    }
}
