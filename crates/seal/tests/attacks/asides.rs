//! What a delegation says among itself, and others who would read it, forge it or say it again.

use hkdf::Hkdf;
use incamera_meeting::{Aside, Decode, DelegationSecret, Prose, Saying, TableMessage};
use incamera_protocol::view::Delivery as Passage;
use openmls_traits::types::AeadType;

use super::*;

const OURS: &str = "We can go to eleven, but not in this session.";

/// Two sides, each a principal and behind them an adviser: seats 0 and 2, seats 1 and 3.
pub fn sides() -> House {
    let mut house = House::seated(2);
    for side in 0..2 {
        let link = house.mint(side, &format!("Adviser {side}"), Role::Adviser, Entry::AtOnce);
        house.join(house.new_guest(&link, 70 + u8::try_from(side).unwrap()));
    }
    house
}

fn write(house: &mut House, seat: usize, text: &str) {
    house.command(seat, Command::Aside { text: text.to_owned() });
}

pub fn open(house: &mut House) {
    house.move_to(0, MotionKind::Open);
    house.consent(1);
}

/// The asides that somebody has read, of others.
fn read(house: &House, seat: usize) -> Vec<&str> {
    let chat = house.seats[seat].chat.iter();
    chat.filter(|message| message.aside && !message.me)
        .map(|message| message.text.as_str())
        .collect()
}

fn secret_of(house: &House, seat: usize) -> DelegationSecret {
    DelegationSecret::of(&house.desk(seat).delegation_seed)
}

/// What docs/protocol.md §11g says, by another hand.
struct Key([u8; 32]);

impl Key {
    fn derive(rogue: &Rogue, secret: &DelegationSecret, delegation: u16, writer: Leaf) -> Self {
        let crypto = rogue.provider.crypto();
        let exported = rogue.group.export_secret(crypto, "incamera 1 aside", b"", 32).unwrap();
        let context = rogue.context();
        let info = [
            b"incamera 1 aside\0".to_vec(),
            context.meeting.to_vec(),
            delegation.to_be_bytes().to_vec(),
            context.founding.to_be_bytes().to_vec(),
            rogue.group.epoch().as_u64().to_be_bytes().to_vec(),
        ];
        let (mut aside, mut key) = ([0; 32], [0; 32]);
        let hkdf = Hkdf::<sha2::Sha256>::new(Some(&exported), secret.reveal());
        hkdf.expand(&info.concat(), &mut aside).unwrap();
        let info = [b"text".as_slice(), &writer.0.to_be_bytes()].concat();
        Hkdf::<sha2::Sha256>::from_prk(&aside)
            .unwrap()
            .expand(&info, &mut key)
            .unwrap();
        Self(key)
    }

    fn open(&self, number: u32, id: [u8; 16], sealed: &[u8]) -> Option<Vec<u8>> {
        let nonce = [[0; 8].as_slice(), &number.to_be_bytes()].concat();
        let crypto = OpenMlsRustCrypto::default();
        let opened = crypto
            .crypto()
            .aead_decrypt(AeadType::Aes256Gcm, &self.0, sealed, &nonce, &id);
        opened.ok()
    }

    fn seal(&self, number: u32, id: [u8; 16], text: &str) -> TableMessage {
        let mut plain = Prose::new(text).unwrap().encode();
        plain.resize(plain.len().next_multiple_of(128), 0);
        let nonce = [[0; 8].as_slice(), &number.to_be_bytes()].concat();
        let crypto = OpenMlsRustCrypto::default();
        let sealed = crypto
            .crypto()
            .aead_encrypt(AeadType::Aes256Gcm, &self.0, &plain, &nonce, &id)
            .unwrap();
        let body = Saying::Aside(Aside { sealed });
        TableMessage { number, id, body }
    }
}

/// What a member that knows no shame gets of the last message that crossed the wire.
fn overhear(house: &House, rogue: &mut Rogue) -> Option<TableMessage> {
    let (_, message) = house.sealed.last()?;
    let message = MlsMessageIn::tls_deserialize_exact(&message.0).ok()?;
    let message = message.try_into_protocol_message().ok()?;
    let processed = rogue.group.process_message(&rogue.provider, message).ok()?;
    let ProcessedMessageContent::ApplicationMessage(plain) = processed.into_content() else {
        return None;
    };
    TableMessage::decode(&plain.into_bytes()).ok()
}

fn sealed_in(message: &TableMessage) -> Vec<u8> {
    match &message.body {
        Saying::Aside(aside) => aside.sealed.clone(),
        other => panic!("an aside, and not {other:?}"),
    }
}

#[test]
fn an_aside_is_read_by_the_writers_delegation_and_by_nobody_else() {
    let mut house = sides();
    write(&mut house, 0, OURS);
    assert_eq!(read(&house, 2), [OURS]);
    for other in [1, 3] {
        assert!(house.seats[other].chat.is_empty(), "seat {other} sees nothing of it");
    }
    let mine: Vec<Passage> = house.seats[0].chat.iter().map(|it| it.delivery).collect();
    assert_eq!(mine, [Passage::Waiting, Passage::Passed]);
    // In public too, and the other way.
    open(&mut house);
    write(&mut house, 3, "They will not.");
    assert_eq!(read(&house, 1), ["They will not."]);
    assert_eq!(read(&house, 0), Vec::<&str>::new());
    let last = house.seats[1].chat.last().unwrap();
    assert_eq!((last.delegation, last.part, last.open), (1, 2, true));
    // What is said to all is no aside, and nothing of either counts as kept back.
    house.command(
        0,
        Command::Write {
            text: "Shall we?".to_owned(),
        },
    );
    for seat in 1..4 {
        let last = house.seats[seat].chat.last().unwrap();
        assert_eq!((last.text.as_str(), last.aside, last.missing), ("Shall we?", false, 0));
    }
}

#[test]
fn on_the_wire_an_aside_is_a_short_text_like_any() {
    let mut house = sides();
    house.command(
        0,
        Command::Write {
            text: "Yes.".to_owned(),
        },
    );
    write(&mut house, 0, "No.");
    write(&mut house, 0, OURS);
    let lengths: Vec<usize> = house.sealed.iter().rev().take(3).map(|(_, it)| it.0.len()).collect();
    assert_eq!(lengths[0], lengths[2]);
    assert_eq!(lengths[1], lengths[2]);
    // The longest there may be goes through.
    let long = "x".repeat(limits::CHAT_BYTES_MAX);
    write(&mut house, 0, &long);
    assert_eq!(read(&house, 2).last(), Some(&long.as_str()));
    let (now, text) = (house.now_ms, format!("{long}x"));
    assert!(house.seats[0].member.command(&Command::Aside { text }, now).is_err());
}

#[test]
fn another_delegation_with_all_that_it_has_opens_no_aside() {
    let mut house = sides();
    let link = house.mint(1, "A spy", Role::Adviser, Entry::AtOnce);
    let mut spy = Rogue::enter_by(&mut house, &link);
    write(&mut house, 0, OURS);
    let (ours, theirs, writer) = (secret_of(&house, 0), secret_of(&house, 1), house.leaf(0));
    let got = overhear(&house, &mut spy).expect("it hears that something was said");
    let sealed = sealed_in(&got);
    assert!(!sealed.windows(8).any(|window| window == &OURS.as_bytes()[..8]));
    for delegation in 0..2 {
        let key = Key::derive(&spy, &theirs, delegation, writer);
        assert_eq!(key.open(got.number, got.id, &sealed), None);
    }
    // This is how it would be opened: with the secret that stands in the writer's delegation's letters.
    let key = Key::derive(&spy, &ours, 0, writer);
    let plain = key.open(got.number, got.id, &sealed).unwrap();
    assert!(plain.windows(OURS.len()).any(|window| window == OURS.as_bytes()));
}

#[test]
fn i2_whoever_was_removed_reads_no_aside_that_is_written_afterwards() {
    let mut house = sides();
    let link = house.mint(0, "Dismissed", Role::Adviser, Entry::AtOnce);
    let guest = house.join(house.new_guest(&link, 80));
    write(&mut house, 0, "While they are here.");
    assert_eq!(read(&house, guest), ["While they are here."]);
    // It keeps its keys and the delegation's secret, and the server passes everything on but its own removal.
    house.mutes = Some(guest);
    house.withholds = |seat, message| seat == 4 && matches!(message, ServerMessage::Act { .. });
    house.revoke(0, house.letter_of(guest));
    assert_eq!(house.meeting.group().unwrap().roster.len(), 4);
    write(&mut house, 0, "Now that they are gone.");
    assert_eq!(read(&house, 2).last(), Some(&"Now that they are gone."));
    assert_eq!(read(&house, guest), ["While they are here."]);
}

#[test]
fn the_secret_of_a_delegation_opens_nothing_of_another_epoch() {
    let mut house = sides();
    let link = house.mint(0, "A colleague", Role::Adviser, Entry::AtOnce);
    let mut colleague = Rogue::enter_by(&mut house, &link);
    let (secret, writer) = (secret_of(&house, 0), house.leaf(0));
    let then = Key::derive(&colleague, &secret, 0, writer);
    write(&mut house, 0, "Then.");
    let heard = overhear(&house, &mut colleague).unwrap();
    assert!(then.open(heard.number, heard.id, &sealed_in(&heard)).is_some());
    house.wire.clear();
    open(&mut house);
    colleague.follow(&house);
    write(&mut house, 0, "Now.");
    let heard = overhear(&house, &mut colleague).unwrap();
    assert_eq!(then.open(heard.number, heard.id, &sealed_in(&heard)), None);
    let now = Key::derive(&colleague, &secret, 0, writer);
    assert!(now.open(heard.number, heard.id, &sealed_in(&heard)).is_some());
}

#[test]
fn an_aside_by_another_delegation_is_not_read_even_with_the_right_key() {
    let mut house = sides();
    let link = house.mint(1, "A spy", Role::Adviser, Entry::AtOnce);
    let mut spy = Rogue::enter_by(&mut house, &link);
    // One of our links has come into the wrong hands.
    let me = Leaf(spy.group.own_leaf_index().u32());
    let key = Key::derive(&spy, &secret_of(&house, 0), 0, me);
    let forged = key.seal(0, [9; 16], "Give in.");
    spy.utter(&mut house, &forged.encode());
    for seat in 0..4 {
        assert!(house.seats[seat].chat.is_empty(), "seat {seat}");
    }
    // By its own delegation's key it speaks to its own.
    let key = Key::derive(&spy, &secret_of(&house, 1), 1, me);
    spy.utter(&mut house, &key.seal(1, [10; 16], "Hello.").encode());
    assert_eq!(read(&house, 1), ["Hello."]);
    assert_eq!(read(&house, 0), Vec::<&str>::new());
}

#[test]
fn an_aside_that_is_said_again_by_another_or_under_another_number_is_not_read() {
    let mut house = sides();
    let link = house.mint(0, "A colleague", Role::Adviser, Entry::AtOnce);
    let mut colleague = Rogue::enter_by(&mut house, &link);
    write(&mut house, 0, OURS);
    let heard = overhear(&house, &mut colleague).unwrap();
    let before = read(&house, 2).len();
    // Its words are another's; and so it cannot hand its own out a second time.
    let replayed = TableMessage {
        number: 0,
        ..heard.clone()
    };
    colleague.utter(&mut house, &replayed.encode());
    let me = Leaf(colleague.group.own_leaf_index().u32());
    let own = Key::derive(&colleague, &secret_of(&house, 0), 0, me).seal(1, [5; 16], "Mine.");
    colleague.utter(
        &mut house,
        &TableMessage {
            id: [6; 16],
            ..own.clone()
        }
        .encode(),
    );
    colleague.utter(
        &mut house,
        &TableMessage {
            number: 3,
            ..own.clone()
        }
        .encode(),
    );
    assert_eq!(read(&house, 2).len(), before);
    // Nor in a later epoch.
    open(&mut house);
    assert_eq!(read(&house, 2).len(), before);
}

#[test]
fn an_aside_that_the_epoch_has_overtaken_is_sealed_anew() {
    let mut house = sides();
    house.swallows = vec!["sealed"];
    write(&mut house, 0, OURS);
    assert!(read(&house, 2).is_empty());
    house.swallows.clear();
    let link = house.mint(1, "A newcomer", Role::Adviser, Entry::AtOnce);
    let guest = house.join(house.new_guest(&link, 81));
    assert_eq!(read(&house, 2), [OURS]);
    assert!(house.seats[guest].chat.is_empty());
}

#[test]
fn a_device_keeps_the_delegations_secret_over_a_reload() {
    let mut house = sides();
    let saved = house.seats[2].member.saved();
    let charter = house.charter.encode();
    let again = Member::new(
        house.meeting.id(),
        &charter,
        "",
        "",
        Some(&saved),
        house.now_ms,
        dice(90),
    )
    .unwrap();
    let seat = house.join(again);
    write(&mut house, 0, OURS);
    assert_eq!(read(&house, seat), [OURS]);
}
