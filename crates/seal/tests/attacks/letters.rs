//! Letters: who waits, who is let in, who is sent away (I2).

use incamera_meeting::{Credential, DelegationSecret, Letter, LetterLink, Seed, Signed};

use super::*;

fn people(house: &House, seat: usize) -> Vec<&str> {
    let members = &house.seats[seat].view.members;
    members.iter().map(|member| member.name.as_str()).collect()
}

#[test]
fn i2_a_letter_that_asks_waits_in_sight_of_all_until_its_own_delegation_lets_it_in() {
    let mut house = House::seated(2);
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::WhenLetIn);
    let guest = house.new_guest(&link, 50);
    let guest = house.join(guest);
    assert_eq!(house.seats[guest].view.lamp, Lamp::Waiting);
    assert!(house.seats[guest].view.waits);
    for seat in 0..2 {
        assert!(!house.seats[seat].view.waits);
        let lobby = &house.seats[seat].view.lobby;
        let seen: Vec<_> = lobby
            .iter()
            .map(|it| (it.name.as_str(), it.delegation, it.role.as_str()))
            .collect();
        assert_eq!(seen, [("An adviser", 1, "adviser")]);
    }
    let id = house.seats[0].view.lobby[0].id.clone();
    let now = house.now_ms;
    // Another delegation lets nobody in.
    let refused = house.seats[0].member.command(&Command::Admit { id: id.clone() }, now);
    assert!(refused.is_err());
    house.settle();
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    house.command(1, Command::Admit { id });
    assert_eq!(people(&house, 0), ["Principal 0", "Principal 1", "An adviser"]);
    assert_eq!(house.seats[guest].view.lamp, Lamp::Closed);
    assert!(!house.seats[guest].view.waits);
    assert!(house.seats[0].view.lobby.is_empty());
    let sealed = house.seats[guest]
        .member
        .seal(Stream::Microphone, b"good morning")
        .unwrap();
    assert!(house.seats[0].member.open(MediaKind::Audio, &sealed).is_ok());
}

#[test]
fn i2_a_second_device_on_one_letter_waits_and_takes_the_seat_when_it_is_let_in() {
    let mut house = House::seated(2);
    let link = house.mint(1, "A principal", Role::Principal, Entry::AtOnce);
    let first = house.new_guest(&link, 50);
    let first = house.join(first);
    assert_eq!(house.seats[first].view.lamp, Lamp::Closed);
    let second = house.new_guest(&link, 51);
    let second = house.join(second);
    assert_eq!(house.seats[second].view.lamp, Lamp::Waiting);
    let waiting = house.seats[1].view.lobby[0].clone();
    assert!(waiting.instead, "the person at the desk is told what it means");
    house.command(1, Command::Admit { id: waiting.id });
    assert_eq!(house.seats[second].view.lamp, Lamp::Closed);
    assert_eq!(house.seats[first].fatal.as_ref().unwrap().0, ErrorCode::NotAMember);
    assert_eq!(house.meeting.group().unwrap().roster.len(), 3);
}

#[test]
fn i2_a_revoked_member_stops_by_itself_and_is_removed_by_the_others() {
    let mut house = House::seated(2);
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.new_guest(&link, 50);
    let guest = house.join(guest);
    let letter = house.letter_of(guest);
    house.revoke(1, letter);
    assert_eq!(house.seats[guest].fatal.as_ref().unwrap().0, ErrorCode::LetterRevoked);
    assert_eq!(house.seats[guest].member.seal(Stream::Microphone, b"still here"), None);
    assert_eq!(people(&house, 0), ["Principal 0", "Principal 1"]);
    assert_eq!(house.lamps()[..2], [Lamp::Closed, Lamp::Closed]);
    // The letter is dead: it opens nothing any more.
    let again = house.new_guest(&link, 52);
    let again = house.join(again);
    assert_eq!(house.seats[again].fatal.as_ref().unwrap().0, ErrorCode::LetterRevoked);
}

#[test]
fn i2_a_revoked_member_that_keeps_its_transport_hears_and_says_nothing() {
    let mut house = House::seated(2);
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.new_guest(&link, 50);
    let guest = house.join(guest);
    let letter = house.letter_of(guest);
    // Its client heeds nothing: what would tell it does not come through.
    house.withholds = |seat, _| seat == 2;
    house.mutes = Some(guest);
    house.revoke(1, letter);
    assert_eq!(people(&house, 0), ["Principal 0", "Principal 1"]);
    let told = house.seats[0].member.seal(Stream::Microphone, b"between us").unwrap();
    assert_eq!(
        house.seats[guest].member.open(MediaKind::Audio, &told),
        Err(Refused::UnknownKey)
    );
    // What it says is taken for as long as late frames of the last epoch are, and no longer.
    let said = house.seats[guest].member.seal(Stream::Microphone, b"hello?").unwrap();
    house.pass(2_001);
    assert_eq!(
        house.seats[0].member.open(MediaKind::Audio, &said),
        Err(Refused::UnknownKey)
    );
}

#[test]
fn i2_a_letter_signed_by_another_delegation_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    // The rogue's delegation is number 2. It signs a letter for number 1, under number 1's true claim.
    let id = house.meeting.id();
    let (seed, device) = (Seed::new([3; 32]), Seed::new([4; 32]));
    let until = house.now_ms + 1_000;
    let letter = Letter::new(
        id,
        1,
        "Forged",
        Role::Principal,
        Entry::AtOnce,
        seed.public_key(),
        until,
    )
    .unwrap();
    let desk = rogue.identity.desk().unwrap();
    let letter = Signed::new("letter", letter, &desk.delegation_seed);
    let claim = house.seats[1].credential.as_ref().unwrap().claim.clone();
    let aside = DelegationSecret::of(&desk.delegation_seed);
    let forged = LetterLink::new(claim, letter.clone(), seed.clone(), *desk.meeting_secret(), aside).fragment();
    let honest = Identity::new(&house.charter, &forged, "", house.now_ms, dice(60));
    assert!(honest.is_err(), "an honest device refuses");
    // So the rogue puts the letter under its own claim, and says that this is delegation 1.
    let mut own = desk.claim.clone();
    own.body.delegation = 1;
    let chain = Credential::of_letter(own, letter, &seed, device.public_key());
    let newcomer = rogue::key_package_with(&OpenMlsRustCrypto::default(), &device, &chain);
    let commit = rogue.add(&house, &newcomer, true);
    assert!(matches!(server_refuses(&house, &commit), Refusal::Credential(_)));
    all_refuse(&mut house, commit);
}

#[test]
fn i2_a_replayed_addition_adds_nobody() {
    let mut house = House::seated(2);
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::AtOnce);
    house.wire.clear();
    let guest = house.new_guest(&link, 50);
    let guest = house.join(guest);
    let addition = house.wire.iter().find_map(|message| match message {
        MemberMessage::Commit { commit, .. } => Some(commit.clone()),
        _ => None,
    });
    let addition = addition.unwrap();
    let letter = house.letter_of(guest);
    house.revoke(1, letter);
    assert_eq!(people(&house, 0).len(), 2);
    // Under its true number it is old, and passed over; under a false one it is no commit of this epoch.
    let position = house.meeting.group().unwrap().position();
    let old = incamera_protocol::member::Position {
        epoch: position.epoch - 2,
        ..position
    };
    for position in [old, position] {
        let commit = addition.clone();
        house.broadcast(&ServerMessage::Commit { position, commit });
        house.settle();
        assert_eq!(people(&house, 0).len(), 2);
    }
    assert_eq!(house.seats[0].view.lamp, Lamp::Held);
}

#[test]
fn i3_nobody_becomes_public_without_having_said_so() {
    let mut house = House::seated(2);
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.new_guest(&link, 50);
    let guest = house.join(guest);
    house.move_to(0, MotionKind::Open);
    // Whoever is asked to consent is asked that, and nothing beside it; whoever is not may say that they appear.
    let asked = |house: &House, seat: usize| {
        let may = house.seats[seat].view.may;
        (may.consent, may.appear)
    };
    assert_eq!([asked(&house, 1), asked(&house, guest)], [(true, false), (false, true)]);
    house.consent(1);
    // It took the consent of the delegations, and the adviser was not asked.
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open, Lamp::Held]);
    assert_eq!(house.seats[guest].member.seal(Stream::Camera, FRAME), None);
    assert!(house.seats[guest].view.may.appear);
    house.command(guest, Command::Appear);
    assert!(house.seats[guest].member.seal(Stream::Camera, FRAME).is_some());
    // The next opening asks anew; who says so before it begins is there from its beginning.
    house.move_to(0, MotionKind::Close);
    house.pass(3_000);
    house.move_to(0, MotionKind::Open);
    house.command(guest, Command::Appear);
    assert!(house.seats[guest].view.motion.as_ref().unwrap().appears);
    house.consent(1);
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open, Lamp::Open]);
    assert!(house.seats[guest].member.seal(Stream::Camera, FRAME).is_some());
}

#[test]
fn i3_an_adviser_neither_moves_nor_consents() {
    let mut house = House::seated(2);
    let link = house.mint(1, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.new_guest(&link, 50);
    let guest = house.join(guest);
    let now = house.now_ms;
    for kind in [MotionKind::Open, MotionKind::Close, MotionKind::Adjourn] {
        let command = Command::Move { kind, item: 0 };
        assert!(house.seats[guest].member.command(&command, now).is_err());
    }
    house.move_to(0, MotionKind::Open);
    assert!(!house.seats[guest].view.may.consent);
    let motion = house.seats[guest].view.motion.as_ref().unwrap().id.clone();
    let refused = house.seats[guest].member.command(&Command::Consent { motion }, now);
    assert!(refused.is_err(), "and is told so");
    house.settle();
    assert_eq!(
        house.lamps(),
        [Lamp::Closed; 3],
        "the rules refuse it, whatever its client says"
    );
    // A refused consent is no word about appearing either.
    house.consent(1);
    assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open, Lamp::Held]);
    assert_eq!(house.seats[guest].member.seal(Stream::Camera, FRAME), None);
}
