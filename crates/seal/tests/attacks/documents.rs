//! Documents, with a house that alters, cuts, mixes and exchanges what it keeps, and members who offer what is not so.

use incamera_meeting::{FileKey, FileType, Offer, Paper, Saying, TableMessage, Text, file_name};
use incamera_protocol::DocumentId;
use incamera_protocol::document::{DocumentState, Share};
use incamera_seal::{DocumentOpening, Failure};
use sha2::{Digest as _, Sha256};

use super::*;

const CHUNK: usize = limits::DOCUMENT_CHUNK_BYTES;

/// A file of so many bytes, each chunk different.
fn file(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at / 7 + at / CHUNK) as u8).collect()
}

/// Seals a file as a page does. Gives what goes to the house.
fn sealed(house: &House, seat: usize, name: &str, plain: &[u8]) -> (incamera_seal::DocumentSealing, Vec<u8>) {
    let member = &house.seats[seat].member;
    let mut sealing = member
        .seal_document(name, "application/pdf", plain.len() as u64)
        .unwrap();
    let mut at_house = Vec::new();
    let chunks: Vec<&[u8]> = if plain.is_empty() {
        vec![plain]
    } else {
        plain.chunks(CHUNK).collect()
    };
    for chunk in chunks {
        at_house.extend(sealing.chunk(chunk).unwrap());
    }
    assert_eq!(at_house.len() as u64, sealing.sealed_bytes());
    (sealing, at_house)
}

/// Offers a file; the house keeps it under this id.
fn offer(house: &mut House, seat: usize, name: &str, plain: &[u8], id: u8) -> Vec<u8> {
    let (sealing, at_house) = sealed(house, seat, name, plain);
    let now = house.now_ms;
    let member = &mut house.seats[seat].member;
    member.offer_document(sealing, DocumentId([id; 16]), now).unwrap();
    house.settle();
    at_house
}

/// What this seat shows: file, part, open, state.
fn shown(house: &House, seat: usize) -> Vec<(&str, u32, bool, DocumentState)> {
    let documents = house.seats[seat].documents.iter();
    documents
        .map(|it| (it.file.as_str(), it.part, it.open, it.state))
        .collect()
}

fn opening(house: &House, seat: usize) -> DocumentOpening {
    let id = &house.seats[seat].documents.last().unwrap().id;
    house.seats[seat].member.open_document(id).unwrap()
}

/// Opens what the house gives, as a page does: all of it, or nothing.
fn opened(mut opening: DocumentOpening, given: &[u8]) -> Result<Vec<u8>, Refusal> {
    if given.len() as u64 != opening.sealed_bytes() {
        return Err(Refusal::DocumentAltered);
    }
    taken(&mut opening, given)
}

/// The same for a page that does not look at the length first.
fn taken(opening: &mut DocumentOpening, given: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (mut plain, mut rest) = (Vec::new(), given);
    while opening.next_bytes() > 0 && !rest.is_empty() {
        let (chunk, after) = rest.split_at(opening.next_bytes().min(rest.len()));
        plain.extend(opening.chunk(chunk)?);
        rest = after;
    }
    opening.end()?;
    Ok(plain)
}

#[test]
fn what_one_offers_the_others_open_whole_whatever_its_length() {
    let mut house = House::seated(3);
    for (id, bytes) in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]
        .into_iter()
        .enumerate()
    {
        let plain = file(bytes);
        let at_house = offer(&mut house, 0, "plan.pdf", &plain, u8::try_from(id).unwrap());
        for seat in 0..3 {
            assert_eq!(
                opened(opening(&house, seat), &at_house),
                Ok(plain.clone()),
                "{bytes} bytes"
            );
        }
        let theirs = house.seats[1].documents.last().unwrap();
        assert_eq!(
            (theirs.name.as_str(), theirs.delegation, theirs.me),
            ("Principal 0", 0, false)
        );
        assert_eq!(theirs.size as usize, bytes);
    }
    let mine: Vec<DocumentState> = house.seats[0].documents.iter().take(2).map(|it| it.state).collect();
    assert_eq!(mine, [DocumentState::Waiting, DocumentState::Offered]);
}

#[test]
fn i1_neither_a_file_nor_its_key_nor_its_name_crosses_the_wire_in_the_clear() {
    let mut house = House::seated(2);
    let canary = b"the fallback is eleven per cent".repeat(10_000);
    let at_house = offer(&mut house, 0, "fallback-position.pdf", &canary, 1);
    house.open();
    let in_public = offer(&mut house, 0, "fallback-position.pdf", &canary, 2);
    let wire: Vec<u8> = house
        .wire
        .iter()
        .flat_map(|it| match it {
            MemberMessage::Sealed { message, .. } => message.0.clone(),
            other => serde_json::to_vec(other).unwrap(),
        })
        .collect();
    let everything = [wire, at_house.clone(), in_public.clone()].concat();
    let holds = |what: &[u8]| everything.windows(what.len()).any(|window| window == what);
    assert!(!holds(&canary[..31]) && !holds(b"fallback-position"));
    // The same file twice is not seen to be the same.
    assert_ne!(at_house[..64], in_public[..64]);
    assert_eq!(opened(opening(&house, 1), &in_public), Ok(canary));
}

#[test]
fn what_the_house_alters_cuts_mixes_or_exchanges_does_not_open() {
    let mut house = House::seated(2);
    let plain = file(3 * CHUNK + 5);
    let other = offer(&mut house, 0, "other.pdf", &file(3 * CHUNK + 5), 2);
    let good = offer(&mut house, 0, "plan.pdf", &plain, 1);
    let sealed_chunk = CHUNK + 16;
    let mut flipped = good.clone();
    flipped[2 * sealed_chunk] ^= 1;
    let mut tag = good.clone();
    *tag.last_mut().unwrap() ^= 0x80;
    let (first, rest) = good.split_at(sealed_chunk);
    let (second, last) = rest.split_at(sealed_chunk);
    let wrong = [
        ("altered", flipped),
        ("its last tag altered", tag),
        ("cut off", good[..good.len() - 1].to_vec()),
        ("cut off at a chunk", good[..3 * sealed_chunk].to_vec()),
        ("longer", [good.as_slice(), &[0]].concat()),
        ("two chunks exchanged", [second, first, last].concat()),
        ("a chunk left out", [first, last].concat()),
        ("a chunk repeated", [first, first, last].concat()),
        ("another file", other.clone()),
        ("a chunk of another file", [&other[..sealed_chunk], rest].concat()),
        ("nothing", Vec::new()),
    ];
    for (what, given) in wrong {
        assert_eq!(
            opened(opening(&house, 1), &given),
            Err(Refusal::DocumentAltered),
            "{what}"
        );
        if what != "longer" {
            assert_eq!(
                taken(&mut opening(&house, 1), &given),
                Err(Refusal::DocumentAltered),
                "{what}"
            );
        }
    }
    // After a chunk that does not hold no other is taken.
    let mut broken = opening(&house, 1);
    assert!(broken.chunk(&other[..sealed_chunk]).is_err());
    assert!(broken.chunk(first).is_err() && broken.end().is_err());
    assert_eq!(opened(opening(&house, 1), &good), Ok(plain));
}

#[test]
fn a_file_is_not_shown_before_its_end_has_come() {
    let mut house = House::seated(2);
    let good = offer(&mut house, 0, "plan.pdf", &file(2 * CHUNK), 1);
    let mut half = opening(&house, 1);
    assert!(half.chunk(&good[..CHUNK + 16]).is_ok());
    assert_eq!(half.end(), Err(Refusal::DocumentAltered));
}

/// What a member says who has a client of its own.
fn made_up(key: [u8; 32], plain: &[u8], size: u32, kind: FileType, part: u32) -> (Offer, Vec<u8>) {
    use openmls_traits::crypto::OpenMlsCrypto as _;
    let provider = OpenMlsRustCrypto::default();
    let mut nonce = [0; 12];
    nonce[11] = 1;
    let crypto = openmls_traits::OpenMlsProvider::crypto(&provider);
    let aead = openmls_traits::types::AeadType::Aes256Gcm;
    let at_house = crypto.aead_encrypt(aead, &key, plain, &nonce, &[]).unwrap();
    let offer = Offer {
        id: [9; 16],
        part,
        key: FileKey(key),
        sealed_hash: Sha256::digest(&at_house).into(),
        size,
        name: file_name("chart.png"),
        kind,
    };
    (offer, at_house)
}

fn said(number: u32, offer: Offer) -> Vec<u8> {
    let body = Saying::Paper(Paper::Offered(offer));
    TableMessage {
        number,
        id: [u8::try_from(number).unwrap(); 16],
        body,
    }
    .encode()
}

#[test]
fn a_member_whose_offer_lies_about_size_hash_or_kind_shows_nobody_anything() {
    let (mut house, mut rogue) = betrayed();
    let markup = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let size = u32::try_from(markup.len()).unwrap();
    // It calls markup a picture: it opens, and is not one to be shown.
    let (lying, at_house) = made_up([7; 32], markup, size, FileType::Png, 1);
    rogue.utter(&mut house, &said(0, lying.clone()));
    let mut open = opening(&house, 0);
    assert_eq!(open.chunk(&at_house).unwrap(), markup);
    assert_eq!(open.end(), Ok(None));
    // A true picture is.
    let picture = b"\x89PNG\r\n\x1a\n and so on";
    let (mut honest, at_house) = made_up(
        [7; 32],
        picture,
        u32::try_from(picture.len()).unwrap(),
        FileType::Png,
        1,
    );
    honest.id = [10; 16];
    rogue.utter(&mut house, &said(1, honest));
    let mut open = opening(&house, 0);
    open.chunk(&at_house).unwrap();
    assert_eq!(open.end(), Ok(Some("image/png")));
    // Another size than the file's.
    let (mut short, at_house) = made_up([7; 32], markup, size - 1, FileType::Bytes, 1);
    short.id = [11; 16];
    rogue.utter(&mut house, &said(2, short));
    assert_eq!(taken(&mut opening(&house, 0), &at_house), Err(Refusal::DocumentAltered));
    // One file for some and another for others: the key opens both, and only one is what was offered.
    let (mut two, _) = made_up([7; 32], b"one", 3, FileType::Bytes, 1);
    let (_, second) = made_up([7; 32], b"two", 3, FileType::Bytes, 1);
    two.id = [12; 16];
    rogue.utter(&mut house, &said(3, two));
    assert_eq!(taken(&mut opening(&house, 0), &second), Err(Refusal::DocumentAltered));
    // What no client offers is not shown at all.
    let before = shown(&house, 0).len();
    let large = Offer {
        id: [13; 16],
        size: u32::MAX,
        ..lying.clone()
    };
    let path = Offer {
        id: [14; 16],
        name: Text::new("../x.png").unwrap(),
        ..lying.clone()
    };
    let elsewhere = Offer {
        id: [15; 16],
        part: 2,
        ..lying
    };
    for (number, wrong) in (4..).zip([large, path, elsewhere]) {
        rogue.utter(&mut house, &said(number, wrong));
    }
    assert_eq!(shown(&house, 0).len(), before);
}

#[test]
fn nobody_takes_back_or_takes_the_place_of_what_another_has_offered() {
    let (mut house, mut rogue) = betrayed();
    let plain = file(10);
    let at_house = offer(&mut house, 0, "plan.pdf", &plain, 9);
    let mine = house.seats[0].documents.last().unwrap().id.clone();
    let taken_back = Saying::Paper(Paper::Withdrawn([9; 16]));
    let message = TableMessage {
        number: 0,
        id: [99; 16],
        body: taken_back,
    };
    rogue.utter(&mut house, &message.encode());
    let (same_id, _) = made_up([7; 32], b"another", 7, FileType::Bytes, 1);
    rogue.utter(&mut house, &said(1, same_id));
    let last = house.seats[0].documents.last().unwrap();
    assert_ne!(last.id, mine, "it stands beside the other");
    assert_eq!(
        opened(house.seats[0].member.open_document(&mine).unwrap(), &at_house),
        Ok(plain)
    );
    // Nor by a command.
    let theirs = last.id.clone();
    let now = house.now_ms;
    let refused = house.seats[0]
        .member
        .command(&Command::Withdraw { document: theirs }, now);
    assert_eq!(refused, Err(Failure::Refused(Refusal::Role)));
}

#[test]
fn what_its_offerer_takes_back_is_gone_for_all_and_makes_room() {
    let mut house = House::seated(2);
    offer(&mut house, 0, "draft.pdf", &file(10), 1);
    let id = house.seats[0].documents.last().unwrap().id.clone();
    house.command(0, Command::Withdraw { document: id.clone() });
    for seat in 0..2 {
        assert_eq!(
            shown(&house, seat).last(),
            Some(&("draft.pdf", 1, false, DocumentState::Withdrawn))
        );
        let gone = house.seats[seat].member.open_document(&id).err();
        assert_eq!(gone, Some(Failure::Refused(Refusal::DocumentKeyless)));
    }
    for id in 0..limits::DOCUMENTS_OF_ONE_MAX {
        house.pass(1_000);
        offer(&mut house, 0, "x.pdf", b"x", 10 + u8::try_from(id).unwrap());
    }
    let full = house.seats[0].member.seal_document("x.pdf", "", 1).err();
    assert_eq!(full, Some(Failure::Refused(Refusal::TooLarge("list of documents"))));
}

#[test]
fn one_delegation_takes_no_room_from_another_however_much_it_offers() {
    let mut house = House::convene(64);
    for delegation in 0..2 {
        house.join(house.new_member(delegation));
    }
    let mut rogue = Rogue::enter(&mut house, 2);
    for id in 0..20 {
        let (mut one, _) = made_up([7; 32], b"one", 3, FileType::Bytes, 1);
        one.id = [id; 16];
        rogue.utter(&mut house, &said(u32::from(id), one));
    }
    let share = Share::of_one_in(64).documents;
    assert!(share < limits::DOCUMENTS_OF_ONE_MAX);
    assert_eq!(shown(&house, 0).len(), share);
    // An honest client does not even seal more.
    for id in 0..share {
        offer(&mut house, 1, "x.pdf", b"x", 100 + u8::try_from(id).unwrap());
        house.pass(1_000);
    }
    assert_eq!(shown(&house, 0).len(), 2 * share);
    let full = house.seats[1].member.seal_document("x.pdf", "", 1).err();
    assert_eq!(full, Some(Failure::Refused(Refusal::TooLarge("list of documents"))));
    assert!(house.seats[0].member.seal_document("x.pdf", "", 1).is_ok());
}

#[test]
fn whoever_joins_later_in_a_part_is_told_what_was_offered_in_it_and_nothing_older() {
    let mut house = House::seated(2);
    let closed = offer(&mut house, 0, "closed.pdf", &file(10), 1);
    house.open();
    let open = offer(&mut house, 0, "open.pdf", &file(20), 2);
    offer(&mut house, 1, "theirs.pdf", &file(30), 3);
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let adviser = house.join(house.new_guest(&link, 70));
    house.pass(3_000);
    let mut told = shown(&house, adviser);
    told.sort_unstable_by_key(|it| it.0);
    assert_eq!(
        told,
        [
            ("open.pdf", 2, true, DocumentState::Offered),
            ("theirs.pdf", 2, true, DocumentState::Offered)
        ]
    );
    let of = |house: &House, seat: usize, file: &str| {
        let found = house.seats[seat].documents.iter().find(|it| it.file == file).unwrap();
        house.seats[seat].member.open_document(&found.id)
    };
    assert_eq!(opened(of(&house, adviser, "open.pdf").unwrap(), &open), Ok(file(20)));
    // Those who were there know both apart, and see nothing twice.
    assert_eq!(opened(of(&house, 1, "closed.pdf").unwrap(), &closed), Ok(file(10)));
    assert_eq!(
        shown(&house, 1)
            .iter()
            .filter(|it| it.3 == DocumentState::Offered)
            .map(|it| (it.0, it.1, it.2))
            .collect::<Vec<_>>(),
        [("closed.pdf", 1, false), ("open.pdf", 2, true), ("theirs.pdf", 2, true)]
    );
}

#[test]
fn what_was_meant_for_a_closed_part_does_not_slip_into_an_open_one() {
    let mut house = House::seated(2);
    // Sealed before, to be offered after: refused.
    let (late, _) = sealed(&house, 0, "late.pdf", b"x");
    // Offered before, and kept back by the house until the part is over: lost, and said to be.
    house.swallows = vec!["sealed"];
    offer(&mut house, 0, "waiting.pdf", b"x", 1);
    house.swallows.clear();
    house.open();
    let now = house.now_ms;
    let refused = house.seats[0].member.offer_document(late, DocumentId([2; 16]), now);
    assert_eq!(refused, Err(Failure::Refused(Refusal::DocumentPart)));
    house.settle();
    assert_eq!(shown(&house, 0).last().unwrap().3, DocumentState::Lost);
    assert!(shown(&house, 1).is_empty());
}

#[test]
fn i2_whoever_was_removed_gets_no_key_to_what_is_offered_afterwards() {
    let mut house = House::seated(2);
    let link = house.mint(0, "An adviser", Role::Adviser, Entry::AtOnce);
    let guest = house.join(house.new_guest(&link, 70));
    offer(&mut house, 1, "before.pdf", b"x", 1);
    assert_eq!(shown(&house, guest).len(), 1);
    house.mutes = Some(guest);
    house.withholds = |seat, message| seat == 2 && matches!(message, ServerMessage::Act { .. });
    house.revoke(0, house.letter_of(guest));
    offer(&mut house, 1, "after.pdf", b"x", 2);
    assert_eq!(shown(&house, 0).last().unwrap().0, "after.pdf");
    assert!(!shown(&house, guest).iter().any(|it| it.0 == "after.pdf"));
}

#[test]
fn a_device_that_is_out_of_the_group_has_no_key_and_says_so() {
    let mut house = House::seated(2);
    offer(&mut house, 0, "plan.pdf", b"x", 1);
    let id = house.seats[1].documents.last().unwrap().id.clone();
    house.command(1, Command::Leave);
    assert_eq!(shown(&house, 1).last().unwrap().3, DocumentState::Lost);
    let member = &house.seats[1].member;
    assert_eq!(
        member.open_document(&id).err(),
        Some(Failure::Refused(Refusal::DocumentKeyless))
    );
    assert_eq!(
        member.seal_document("x", "", 1).err(),
        Some(Failure::Refused(Refusal::NotAMember))
    );
}

#[test]
fn what_is_too_large_or_changes_while_it_is_read_is_not_offered() {
    let mut house = House::seated(2);
    let now = house.now_ms;
    let member = &mut house.seats[0].member;
    let large = member.seal_document("x", "", limits::DOCUMENT_BYTES_MAX + 1).err();
    assert_eq!(large, Some(Failure::Refused(Refusal::TooLarge("document"))));
    let mut shrunk = member.seal_document("x", "", 10).unwrap();
    assert_eq!(shrunk.chunk(b"short"), Err(Refusal::DocumentChanged));
    let unfinished = member.offer_document(shrunk, DocumentId([1; 16]), now);
    assert_eq!(unfinished, Err(Failure::Refused(Refusal::DocumentChanged)));
}
