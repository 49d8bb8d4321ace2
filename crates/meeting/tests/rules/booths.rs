//! Who sits in which booth and has its microphone, and that all members come to the same.

use incamera_meeting::{Booths, Call, Note, Person as Member, Post, Prose, Saying, Sitting, TableMessage};

use super::*;

const NOW_MS: u64 = START_MS + 60_000;
const EN: u8 = 0;
const FR: u8 = 1;
const RU: u8 = 2;

/// A principal and two interpreters, in this order of leaves.
fn assembly() -> (Meeting, Vec<Member>) {
    let draft = Draft {
        title: "A council".to_owned(),
        languages: ["en", "fr", "ru"].map(str::to_owned).to_vec(),
        delegations: vec!["North".to_owned(), "South".to_owned()],
        agenda: vec![DraftItem {
            title: "Water".to_owned(),
            public: true,
            ground: String::new(),
        }],
        ..Draft::default()
    };
    let (charter, links) = draft.convene(START_MS, dice()).unwrap();
    let people = people_of(&charter, &links);
    let mut meeting = founded(&charter, &people[0]);
    for side in 0..2 {
        let principal = &people[usize::from(side)];
        let interpreter = minted(&charter, principal, side, Role::Interpreter, Entry::AtOnce);
        admit(&mut meeting, &interpreter).unwrap();
    }
    let members = meeting.group().unwrap().roster.values().cloned().collect();
    (meeting, members)
}

fn sits(number: u32, booth: u8, post: Post, turn: u32) -> Sitting {
    Sitting {
        number,
        booth: Some(booth),
        hears: None,
        post,
        turn,
    }
}

fn heard(said: &[(&Member, Sitting)]) -> Booths {
    let mut booths = Booths::default();
    for (who, sitting) in said {
        booths.sit(NOW_MS, 3, who, *sitting).unwrap();
    }
    booths
}

fn voice(booths: &Booths, meeting: &Meeting, channel: u8) -> Option<u32> {
    let voice = booths.voice(meeting.group().unwrap(), channel);
    voice.map(|voice| voice.leaf.0)
}

#[test]
fn a_meeting_has_a_channel_for_each_language_where_there_is_more_than_one() {
    let (mut charter, _) = world(2);
    for (languages, channels) in [(0, 0), (1, 0), (2, 2), (24, 24)] {
        charter.charter.languages = vec![incamera_meeting::Text::name("x").unwrap(); languages];
        assert_eq!(charter.charter.channels(), channels);
    }
}

#[test]
fn the_greatest_turn_of_a_booth_has_its_microphone_until_it_is_given_back() {
    let (meeting, people) = assembly();
    let [_, one, two] = people.as_slice() else {
        panic!("three")
    };
    let on = |number, turn| sits(number, FR, Post::OnAir, turn);
    assert_eq!(voice(&heard(&[(one, on(1, 1))]), &meeting, FR), Some(1));
    assert_eq!(voice(&heard(&[(one, on(1, 1))]), &meeting, EN), None);
    assert_eq!(
        voice(&heard(&[(one, on(1, 1)), (two, on(1, 2))]), &meeting, FR),
        Some(2)
    );
    // Given back: whoever had it before has not got it again.
    let rests = sits(2, FR, Post::Rests, 2);
    let given_back = heard(&[(one, on(1, 1)), (two, on(1, 2)), (two, rests)]);
    assert_eq!(voice(&given_back, &meeting, FR), None);
    // Whoever moves is off air where they were; whoever offers is on air still.
    let moved = on(1, 1).moved(Some(RU));
    assert_eq!(moved, sits(1, RU, Post::Rests, 0));
    assert_eq!(
        voice(&heard(&[(one, sits(1, FR, Post::Offers, 4))]), &meeting, FR),
        Some(1)
    );
    // An older word changes nothing, and neither does one of somebody who has gone.
    let mut booths = heard(&[(one, on(5, 1))]);
    assert_eq!(booths.sit(NOW_MS, 3, one, sits(4, FR, Post::Rests, 1)), Ok(false));
    assert_eq!(voice(&booths, &meeting, FR), Some(1));
    booths.forget(one.letter);
    assert_eq!(voice(&booths, &meeting, FR), None);
}

#[test]
fn a_microphone_is_taken_when_it_is_free_or_offered() {
    let (meeting, people) = assembly();
    let group = meeting.group().unwrap();
    let [_, one, two] = people.as_slice() else {
        panic!("three")
    };
    let idle = sits(1, FR, Post::Rests, 0);
    let free = heard(&[(one, idle), (two, idle)]);
    let taken = free.take(group, one.letter, idle).unwrap();
    assert_eq!((taken.post, taken.turn), (Post::OnAir, 1));
    let had = heard(&[(one, taken), (two, idle)]);
    assert!(had.take(group, two.letter, idle).is_err());
    assert!(had.take(group, two.letter, Sitting::NOWHERE).is_err());
    let offers = had.hand_over(group, one.letter, taken, true).unwrap();
    assert_eq!((offers.post, offers.turn), (Post::Offers, 1));
    assert_eq!(had.hand_over(group, two.letter, idle, true).unwrap().post, Post::Asks);
    assert_eq!(had.hand_over(group, two.letter, idle, false).unwrap().post, Post::Rests);
    let offered = heard(&[(one, Sitting { number: 2, ..offers }), (two, idle)]);
    let next = offered.take(group, two.letter, idle).unwrap();
    assert_eq!((next.post, next.turn), (Post::OnAir, 2));
}

#[test]
fn a_relay_that_comes_round_is_found_over_however_many_booths() {
    let (meeting, people) = assembly();
    let group = meeting.group().unwrap();
    let [_, one, two] = people.as_slice() else {
        panic!("three")
    };
    let relays = |booth, hears| Sitting {
        hears: Some(hears),
        ..sits(1, booth, Post::OnAir, 1)
    };
    let booths = heard(&[(one, relays(FR, EN)), (two, relays(RU, FR))]);
    assert!(booths.comes_round(group, EN, RU));
    assert!(booths.comes_round(group, FR, FR));
    assert!(!heard(&[(one, relays(FR, EN))]).comes_round(group, RU, FR));
    // Two who hear each other hear nobody else.
    let round = heard(&[(one, relays(FR, RU)), (two, relays(RU, FR))]);
    assert!(round.comes_round(group, EN, RU));
}

#[test]
fn what_no_client_says_is_void() {
    let (meeting, people) = assembly();
    let [principal, one, _] = people.as_slice() else {
        panic!("three")
    };
    let on = sits(1, FR, Post::OnAir, 1);
    let mut booths = Booths::default();
    assert_eq!(booths.sit(NOW_MS, 3, principal, on), Err(Refusal::Role));
    for (channels, sitting) in [
        (0, on),
        (1, on),
        (3, sits(1, 3, Post::Rests, 0)),
        (3, sits(1, FR, Post::OnAir, 0)),
        (3, sits(1, FR, Post::OnAir, limits::FLOOR_LEAP_MAX + 1)),
        (3, Sitting { booth: None, ..on }),
        (3, Sitting { hears: Some(FR), ..on }),
        (3, Sitting { hears: Some(3), ..on }),
    ] {
        assert_eq!(
            booths.sit(NOW_MS, channels, one, sitting),
            Err(Refusal::Malformed),
            "{sitting:?}"
        );
    }
    assert_eq!(
        (0..3).filter_map(|channel| voice(&booths, &meeting, channel)).count(),
        0
    );
}

#[test]
fn what_is_said_of_booths_is_read_as_it_was_written_and_nothing_else_is() {
    let text = Prose::typed("30 %").unwrap();
    for body in [
        Saying::Sitting(Sitting {
            hears: Some(RU),
            ..sits(9, FR, Post::Offers, 4)
        }),
        Saying::Sitting(Sitting::NOWHERE),
        Saying::Call(Call::Slower),
        Saying::Call(Call::Help),
        Saying::Call(Call::Seen(2)),
        Saying::Note(Note { booth: FR, text }),
    ] {
        let message = TableMessage {
            number: 3,
            id: [7; 16],
            body: body.clone(),
        };
        let bytes = message.encode();
        assert_eq!(TableMessage::read(&bytes).unwrap().body, Some(body));
        let less = &bytes[..bytes.len() - 1];
        assert_eq!(TableMessage::read(less).unwrap().body, None);
        assert_eq!(
            TableMessage::read(&[bytes.as_slice(), &[0]].concat()).unwrap().body,
            None
        );
    }
}

fn words() -> impl Strategy<Value = Vec<(usize, Sitting)>> {
    let post = prop_oneof![
        Just(Post::Rests),
        Just(Post::Asks),
        Just(Post::OnAir),
        Just(Post::Offers)
    ];
    let word = (1usize..3, 1u32..8, 0u8..3, post, 0u32..6).prop_map(|(who, number, booth, post, turn)| {
        // One writer says one thing under one number.
        let mixed = |most: u32, of: u32| (of + number) % most;
        let booth = u8::try_from(mixed(3, booth.into())).unwrap();
        (who, sits(number, booth, post, mixed(6, turn)))
    });
    proptest::collection::vec(word, 0..24)
}

proptest! {
    #[test]
    fn all_who_have_heard_the_same_hear_the_same_voices_and_of_each_channel_one(
        said in words().prop_flat_map(|words| (Just(words.clone()), Just(words).prop_shuffle()))
    ) {
        let (meeting, people) = assembly();
        let group = meeting.group().unwrap();
        let (one, other) = said;
        let mut once = std::collections::BTreeSet::new();
        let one: Vec<_> = one.into_iter().filter(|(who, sitting)| once.insert((*who, sitting.number))).collect();
        let other: Vec<_> = other.into_iter().filter(|word| one.contains(word)).collect();
        let play = |words: &[(usize, Sitting)]| {
            let mut booths = Booths::default();
            for (who, sitting) in words {
                let _ = booths.sit(NOW_MS, 3, &people[*who], *sitting);
            }
            (0..3).map(|channel| voice(&booths, &meeting, channel)).collect::<Vec<_>>()
        };
        let voices = play(&one);
        prop_assert_eq!(&voices, &play(&other));
        // Nobody is on air in two channels, and whoever is sits there and says so.
        let mut on_air: Vec<u32> = voices.iter().flatten().copied().collect();
        on_air.sort_unstable();
        let all = on_air.len();
        on_air.dedup();
        prop_assert_eq!(all, on_air.len());
        prop_assert!(on_air.iter().all(|leaf| group.roster[&Leaf(*leaf)].role == Role::Interpreter));
    }
}
