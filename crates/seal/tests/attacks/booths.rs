//! Who interprets into which language, with members who take what is not theirs, and a house that puts other voices into a
//! channel, forges, repeats and keeps back.

use incamera_meeting::{Post, Saying, Sitting, TableMessage};
use incamera_protocol::booths::{BoothsOf, CallFor, ChannelOf};

use super::*;

const SOUND: &[u8] = b"a word";
const EN: u8 = 0;
const FR: u8 = 1;
const RU: u8 = 2;

/// Two principals, and interpreters behind them.
fn booths(interpreters: usize) -> House {
    let languages = ["en", "fr", "ru"].map(str::to_owned).to_vec();
    let mut house = House::seated_as(&Draft { languages, ..draft(2) });
    for number in 0..interpreters {
        let link = house.mint(0, &format!("Interpreter {number}"), Role::Interpreter, Entry::AtOnce);
        house.join(house.new_guest(&link, 70 + u8::try_from(number).unwrap()));
    }
    house
}

fn seen(house: &House, seat: usize) -> &BoothsOf {
    &house.seats[seat].view.booths
}

fn channel(house: &House, seat: usize, channel: u8) -> &ChannelOf {
    &seen(house, seat).channels[usize::from(channel)]
}

fn sit(house: &mut House, seat: usize, booth: u8) {
    house.command(seat, Command::Sit { booth: Some(booth) });
}

fn air(house: &mut House, seat: usize, on: bool) {
    house.command(seat, Command::Air { on });
}

/// Everybody sees this voice in this channel.
fn all_hear(house: &House, of: u8, voice: Option<usize>) {
    for seat in 0..house.seats.len() {
        let voice = voice.map(|seat| house.leaf(seat));
        assert_eq!(channel(house, seat, of).voice, voice, "seat {seat}, channel {of}");
    }
}

fn refused(house: &mut House, seat: usize, command: &Command) -> bool {
    let now = house.now_ms;
    let refused = house.seats[seat].member.command(command, now).is_err();
    house.settle();
    refused
}

fn speak(house: &mut House, seat: usize) -> Option<Vec<u8>> {
    house.seats[seat].member.seal(Stream::Microphone, SOUND)
}

/// What somebody makes of a frame where the floor's sound comes.
fn on_floor(house: &mut House, seat: usize, frame: &[u8]) -> Result<Leaf, Refused> {
    let opened = house.seats[seat].member.open(MediaKind::Audio, frame);
    opened.map(|opened| opened.leaf)
}

/// What somebody makes of a frame where this channel's sound comes.
fn in_channel(house: &mut House, seat: usize, channel: u8, frame: &[u8]) -> Result<Leaf, Refused> {
    let opened = house.seats[seat].member.open_channel(channel, frame);
    opened.map(|opened| opened.leaf)
}

fn said(number: u8, sitting: Sitting) -> Vec<u8> {
    let body = Saying::Sitting(sitting);
    let (number, id) = (number.into(), [number; 16]);
    TableMessage { number, id, body }.encode()
}

/// What the house was told last of where somebody's sound goes.
fn told(house: &House) -> Vec<(Option<u8>, bool)> {
    let told = house.wire.iter().filter_map(|message| match message {
        MemberMessage::Booth { channel, on_air } => Some((*channel, *on_air)),
        _ => None,
    });
    told.collect()
}

const ON_AIR: Sitting = Sitting {
    number: 1,
    booth: Some(FR),
    hears: None,
    post: Post::OnAir,
    turn: 7,
};

#[test]
fn an_interpreter_is_heard_in_their_channel_and_nowhere_else() {
    let mut house = booths(1);
    all_hear(&house, FR, None);
    assert!(seen(&house, 2).may && !seen(&house, 0).may);
    sit(&mut house, 2, FR);
    assert_eq!(channel(&house, 0, FR).sitters[0].leaf, house.leaf(2));
    // Off air: heard by nobody.
    assert_eq!(speak(&mut house, 2), None);
    air(&mut house, 2, true);
    all_hear(&house, FR, Some(2));
    assert!(seen(&house, 2).on_air);
    let (leaf, word) = (house.leaf(2), speak(&mut house, 2).unwrap());
    assert_eq!(on_floor(&mut house, 0, &word), Err(Refused::WrongPlace));
    assert_eq!(in_channel(&mut house, 0, EN, &word), Err(Refused::WrongPlace));
    assert_eq!(in_channel(&mut house, 0, FR, &word), Ok(leaf));
    assert_eq!(told(&house), [(None, false), (Some(FR), false), (Some(FR), true)]);
    air(&mut house, 2, false);
    all_hear(&house, FR, None);
    assert_eq!(speak(&mut house, 2), None);
    // Out of the booth they are anybody again.
    house.command(2, Command::Sit { booth: None });
    let word = speak(&mut house, 2).unwrap();
    assert_eq!(in_channel(&mut house, 0, FR, &word), Err(Refused::WrongPlace));
    assert_eq!(on_floor(&mut house, 0, &word), Ok(leaf));
    assert_eq!(told(&house).last(), Some(&(None, false)));
}

#[test]
fn a_house_that_puts_another_voice_into_a_channel_is_not_heard() {
    let mut house = booths(3);
    sit(&mut house, 2, FR);
    sit(&mut house, 3, RU);
    sit(&mut house, 4, FR);
    air(&mut house, 2, true);
    air(&mut house, 3, true);
    let (speaker, other) = (speak(&mut house, 0).unwrap(), speak(&mut house, 3).unwrap());
    // A delegate's words, and those of another booth, in the place of this one's; and the booth's where the floor's come.
    assert_eq!(in_channel(&mut house, 1, FR, &speaker), Err(Refused::WrongPlace));
    assert_eq!(in_channel(&mut house, 1, FR, &other), Err(Refused::WrongPlace));
    assert_eq!(on_floor(&mut house, 1, &other), Err(Refused::WrongPlace));
    assert_eq!(house.seats[1].member.counters().refused, 3);
    // The house's own word for who is on air counts for nothing.
    house.wire.clear();
    let lie = ServerMessage::Air {
        voices: vec![None, Some(house.leaf(3)), None],
    };
    house.broadcast(&lie);
    house.settle();
    all_hear(&house, FR, Some(2));
    assert_eq!(in_channel(&mut house, 1, FR, &other), Err(Refused::WrongPlace));
    // Whoever is on air by the members' word and not by the house's says so again, once for each lie.
    assert_eq!(told(&house), [(Some(FR), true), (Some(RU), true)]);
    // There is no such channel.
    assert_eq!(in_channel(&mut house, 1, 9, &other), Err(Refused::WrongPlace));
}

#[test]
fn nobody_but_an_interpreter_goes_on_air() {
    let mut house = booths(1);
    assert!(refused(&mut house, 0, &Command::Sit { booth: Some(FR) }));
    assert!(refused(&mut house, 0, &Command::Air { on: true }));
    assert!(refused(&mut house, 2, &Command::Sit { booth: Some(3) }));
    assert!(refused(&mut house, 2, &Command::Air { on: true }));
    assert!(refused(&mut house, 2, &Command::HandOver { wanted: true }));
    assert!(refused(&mut house, 2, &Command::Call { what: CallFor::Slower }));
    // An adviser with a client of their own says so all the same.
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let mut rogue = Rogue::enter_by(&mut house, &link);
    rogue.utter(&mut house, &said(0, ON_AIR));
    all_hear(&house, FR, None);
    assert!(channel(&house, 0, FR).sitters.is_empty());
}

#[test]
fn a_handover_is_one_step_with_never_two_on_air() {
    let mut house = booths(2);
    sit(&mut house, 2, FR);
    sit(&mut house, 3, FR);
    air(&mut house, 2, true);
    // What is not offered is not taken.
    assert!(refused(&mut house, 3, &Command::Air { on: true }));
    house.command(2, Command::HandOver { wanted: true });
    let offers = |house: &House| {
        channel(house, 3, FR)
            .sitters
            .iter()
            .filter(|sitter| sitter.wants)
            .count()
    };
    assert_eq!(offers(&house), 1);
    assert!(speak(&mut house, 2).is_some());
    air(&mut house, 3, true);
    all_hear(&house, FR, Some(3));
    assert_eq!(offers(&house), 0);
    assert!(speak(&mut house, 2).is_none() && speak(&mut house, 3).is_some());
    assert!(!seen(&house, 2).on_air && seen(&house, 3).on_air);
    // The other way round: asked for, and offered.
    house.command(2, Command::HandOver { wanted: true });
    all_hear(&house, FR, Some(3));
    house.command(3, Command::HandOver { wanted: true });
    all_hear(&house, FR, Some(2));
    assert!(speak(&mut house, 3).is_none() && speak(&mut house, 2).is_some());
    assert_eq!(channel(&house, 0, FR).sitters.len(), 2);
}

#[test]
fn two_who_take_the_microphone_at_once_are_never_both_on_air() {
    let mut house = booths(2);
    sit(&mut house, 2, FR);
    sit(&mut house, 3, FR);
    let now = house.now_ms;
    for seat in [2, 3] {
        house.seats[seat]
            .member
            .command(&Command::Air { on: true }, now)
            .unwrap();
    }
    house.settle();
    let on_air: Vec<usize> = [2, 3].into_iter().filter(|seat| seen(&house, *seat).on_air).collect();
    let [winner] = on_air.as_slice() else {
        panic!("{on_air:?}")
    };
    all_hear(&house, FR, Some(*winner));
    let sound = [2, 3].map(|seat| speak(&mut house, seat).is_some());
    assert_eq!(sound.iter().filter(|sound| **sound).count(), 1);
}

#[test]
fn an_interpreter_cannot_leap_to_the_last_turn_nor_be_put_on_air_by_another() {
    let mut house = booths(1);
    sit(&mut house, 2, FR);
    air(&mut house, 2, true);
    let link = house.mint(0, "Another", Role::Interpreter, Entry::AtOnce);
    let mut rogue = Rogue::enter_by(&mut house, &link);
    let turn = limits::FLOOR_LEAP_MAX + 100;
    rogue.utter(&mut house, &said(0, Sitting { turn, ..ON_AIR }));
    all_hear(&house, FR, Some(2));
    // On air without a turn, in no booth, or onto its own channel: what no client says.
    let void = [
        Sitting { turn: 0, ..ON_AIR },
        Sitting { booth: None, ..ON_AIR },
        Sitting {
            hears: Some(FR),
            ..ON_AIR
        },
        Sitting {
            booth: Some(3),
            ..ON_AIR
        },
    ];
    for (number, sitting) in (1..).zip(void) {
        rogue.utter(&mut house, &said(number, sitting));
        all_hear(&house, FR, Some(2));
    }
    // Within the rules it takes the microphone, by its own name and in sight of all.
    rogue.utter(&mut house, &said(9, ON_AIR));
    for seat in 0..3 {
        assert_eq!(channel(&house, seat, FR).voice, Some(Leaf(3)));
    }
    assert!(!seen(&house, 2).on_air && speak(&mut house, 2).is_none());
}

#[test]
fn what_is_repeated_or_kept_back_puts_nobody_on_air() {
    let mut house = booths(1);
    sit(&mut house, 2, FR);
    air(&mut house, 2, true);
    let on = house.sealed.last().unwrap().clone();
    air(&mut house, 2, false);
    house.broadcast(&ServerMessage::Sealed {
        position: on.0,
        message: on.1,
    });
    house.settle();
    all_hear(&house, FR, None);
    // Kept from one: that one hears nothing in the channel, rather than somebody else.
    house.withholds = |seat, message| seat == 1 && matches!(message, ServerMessage::Sealed { .. });
    air(&mut house, 2, true);
    let word = speak(&mut house, 2).unwrap();
    assert!(in_channel(&mut house, 0, FR, &word).is_ok());
    assert_eq!(in_channel(&mut house, 1, FR, &word), Err(Refused::WrongPlace));
}

#[test]
fn whoever_comes_later_hears_who_is_on_air_and_whoever_goes_is_not() {
    let mut house = booths(2);
    sit(&mut house, 2, FR);
    air(&mut house, 2, true);
    sit(&mut house, 3, RU);
    house.command(3, Command::Listen { channel: Some(FR) });
    air(&mut house, 3, true);
    let link = house.mint(0, "A listener", Role::Adviser, Entry::AtOnce);
    let late = house.join(house.new_guest(&link, 90));
    all_hear(&house, FR, Some(2));
    assert_eq!(channel(&house, late, RU).relays, Some(FR));
    let word = speak(&mut house, 2).unwrap();
    assert!(in_channel(&mut house, late, FR, &word).is_ok());
    let leaf = house.leaf(2);
    house.command(2, Command::Leave);
    house.seats.remove(2);
    house.seats[0].inbox.push_back(ServerMessage::PleaseRemove { leaf });
    house.settle();
    all_hear(&house, FR, None);
    assert!(channel(&house, 0, FR).sitters.is_empty());
}

#[test]
fn nobody_interprets_from_their_own_channel_over_however_many_relays() {
    let mut house = booths(2);
    sit(&mut house, 2, FR);
    assert!(refused(&mut house, 2, &Command::Listen { channel: Some(FR) }));
    // Who listens to the language of the booth in which they sit down hears the floor from then on.
    house.command(3, Command::Listen { channel: Some(FR) });
    sit(&mut house, 3, FR);
    assert_eq!((seen(&house, 3).sits, seen(&house, 3).listens), (Some(FR), None));
    house.command(3, Command::Sit { booth: None });
    house.command(2, Command::Listen { channel: Some(RU) });
    air(&mut house, 2, true);
    sit(&mut house, 3, RU);
    assert!(refused(&mut house, 3, &Command::Listen { channel: Some(FR) }));
    assert!(!refused(&mut house, 3, &Command::Listen { channel: Some(EN) }));
    assert!(refused(&mut house, 3, &Command::Listen { channel: Some(3) }));
    // Who listens and interprets nothing may listen to all.
    assert!(!refused(&mut house, 0, &Command::Listen { channel: Some(RU) }));
    assert_eq!(seen(&house, 0).listens, Some(RU));
}

#[test]
fn a_call_for_slower_speech_is_shown_and_not_more_often_than_it_may() {
    let mut house = booths(1);
    sit(&mut house, 2, FR);
    house.command(2, Command::Call { what: CallFor::Slower });
    assert_eq!(house.seats[0].calls.len(), 1);
    assert_eq!(house.seats[0].calls[0].booth, FR);
    assert!(house.seats[2].calls.is_empty());
    assert!(refused(&mut house, 2, &Command::Call { what: CallFor::Slower }));
    house.command(2, Command::Call { what: CallFor::Help });
    house.pass(limits::CALL_MS);
    house.command(2, Command::Call { what: CallFor::Slower });
    let what: Vec<CallFor> = house.seats[1].calls.iter().map(|call| call.what).collect();
    assert_eq!(what, [CallFor::Slower, CallFor::Help, CallFor::Slower]);
    // One that heeds no limit is shown no more often.
    let link = house.mint(0, "Another", Role::Interpreter, Entry::AtOnce);
    let mut rogue = Rogue::enter_by(&mut house, &link);
    let sits = Sitting {
        post: Post::Rests,
        turn: 0,
        ..ON_AIR
    };
    rogue.utter(&mut house, &said(0, sits));
    for number in 1..9 {
        let body = Saying::Call(incamera_meeting::Call::Slower);
        let (number, id) = (number.into(), [number; 16]);
        rogue.utter(&mut house, &TableMessage { number, id, body }.encode());
    }
    assert_eq!(house.seats[1].calls.len(), 4);
}

#[test]
fn a_note_is_read_in_the_booth_alone() {
    let mut house = booths(3);
    for (seat, booth) in [(2, FR), (3, FR), (4, RU)] {
        sit(&mut house, seat, booth);
    }
    house.command(2, note(None, "30 %"));
    assert_eq!([0, 2, 3, 4].map(|seat| read(&house, seat)), [0, 1, 1, 0]);
    assert!(refused(&mut house, 0, &note(None, "and I?")));
    // Nor do interpreters write into one another's booths, whatever their client lets them.
    assert!(refused(&mut house, 4, &note(Some(FR), "and I?")));
    let link = house.mint(0, "Another", Role::Interpreter, Entry::AtOnce);
    let mut rogue = Rogue::enter_by(&mut house, &link);
    let body = Saying::typed("and I?", Some(FR)).unwrap();
    let (number, id) = (0, [9; 16]);
    rogue.utter(&mut house, &TableMessage { number, id, body }.encode());
    assert_eq!([2, 3].map(|seat| read(&house, seat)), [1, 1]);
    // Whoever looks after the meeting writes to a booth, and nobody else reads it.
    house.command(0, note(Some(FR), "I am coming"));
    assert_eq!([0, 1, 2, 3, 4].map(|seat| read(&house, seat)), [1, 0, 2, 2, 0]);
    assert!(refused(&mut house, 0, &note(Some(3), "there is no such booth")));
}

fn note(booth: Option<u8>, text: &str) -> Command {
    let text = text.to_owned();
    Command::Note { booth, text }
}

/// How many notes to the French booth somebody has read or written.
fn read(house: &House, seat: usize) -> usize {
    let chat = house.seats[seat].chat.iter();
    let notes = chat.map(|note| (&note.id, note.booth == Some(FR)));
    let notes: std::collections::BTreeMap<_, _> = notes.collect();
    notes.values().filter(|of_booth| **of_booth).count()
}

#[test]
fn a_call_for_help_is_answered_by_those_who_look_after_the_meeting_and_by_nobody_else() {
    let mut house = booths(1);
    sit(&mut house, 2, FR);
    assert!(seen(&house, 0).attends && !seen(&house, 2).attends);
    house.command(2, Command::Call { what: CallFor::Help });
    assert!(refused(&mut house, 2, &Command::Answer { booth: FR }));
    assert!(refused(&mut house, 0, &Command::Answer { booth: 3 }));
    house.command(0, Command::Answer { booth: FR });
    let answer = house.seats[2].calls.last().unwrap();
    assert_eq!((answer.what, answer.booth), (CallFor::Seen, FR));
    assert_eq!(house.seats[1].calls.last(), Some(answer));
    assert!(house.seats[0].calls.iter().all(|call| call.what == CallFor::Help));
    // Once is enough, and is all that is shown.
    assert!(refused(&mut house, 0, &Command::Answer { booth: FR }));
    // An interpreter who answers for the secretary is not heard.
    let link = house.mint(0, "Another", Role::Interpreter, Entry::AtOnce);
    let mut rogue = Rogue::enter_by(&mut house, &link);
    let body = Saying::Call(incamera_meeting::Call::Seen(FR));
    let (number, id) = (0, [9; 16]);
    rogue.utter(&mut house, &TableMessage { number, id, body }.encode());
    assert_eq!(house.seats[2].calls.len(), 1);
}

#[test]
fn the_public_hears_no_delegate_in_a_channel_once_it_knows_who_it_is() {
    let mut house = booths(1);
    house.move_to(0, MotionKind::Open);
    house.consent(1);
    house.command(2, Command::Appear);
    sit(&mut house, 2, FR);
    air(&mut house, 2, true);
    let mut voice = speak(&mut house, 2).unwrap();
    let mut delegate = speak(&mut house, 0).unwrap();
    assert!(house.gallery.open_channel(&voice).is_ok());
    assert!(house.gallery.open_channel(&delegate).is_ok());
    // Their signatures come: a letter says who interprets.
    house.pass(2 * limits::DIGEST_MS);
    voice = speak(&mut house, 2).unwrap_or(voice);
    delegate = speak(&mut house, 0).unwrap_or(delegate);
    assert!(house.gallery.open_channel(&voice).is_ok());
    assert_eq!(house.gallery.open_channel(&delegate), Err(Refused::WrongPlace));
    assert!(house.gallery.open(MediaKind::Audio, &delegate).is_ok());
}

#[test]
fn a_meeting_of_one_language_has_no_booths() {
    let mut house = House::seated(2);
    let link = house.mint(0, "An interpreter", Role::Interpreter, Entry::AtOnce);
    let interpreter = house.join(house.new_guest(&link, 70));
    assert_eq!(*seen(&house, interpreter), BoothsOf::default());
    assert!(refused(&mut house, interpreter, &Command::Sit { booth: Some(0) }));
    assert!(refused(&mut house, 0, &Command::Listen { channel: Some(0) }));
    let untold =
        |message: &MemberMessage| !matches!(message, MemberMessage::Booth { .. } | MemberMessage::Listen { .. });
    assert!(house.wire.iter().all(untold));
    assert!(speak(&mut house, interpreter).is_some());
}

#[test]
fn an_interpreter_who_loses_the_group_and_comes_back_is_not_of_a_sudden_heard_on_the_floor() {
    let mut house = booths(1);
    sit(&mut house, 2, FR);
    air(&mut house, 2, true);
    // The house no longer knows where it was: it knocks, and is added again.
    let (challenge, now) = (house.challenge(), house.now_ms);
    let here = ServerMessage::Here {
        ticket: "t".to_owned(),
        resumed: false,
        waits: false,
        state: Box::new(house.meeting.public_state()),
    };
    let seat = &mut house.seats[2];
    seat.member.disconnected(now);
    seat.member.connected(now);
    seat.member.receive(challenge, now);
    seat.member.receive(here, now);
    assert_eq!(speak(&mut house, 2), None);
    house.settle();
    assert!(house.seats[2].view.members.len() == 3, "it is back");
    all_hear(&house, FR, None);
    assert_eq!(channel(&house, 0, FR).sitters.len(), 1);
    assert_eq!(speak(&mut house, 2), None);
    air(&mut house, 2, true);
    all_hear(&house, FR, Some(2));
    assert!(speak(&mut house, 2).is_some());
}
