//! A house that keeps another record of a meeting than the meeting that its members were in.

use incamera_meeting::{Event, Seed};
use incamera_protocol::member::RecordEntry;
use incamera_record::{
    Attachment, Entry, Happening, Hash, NoteSignature, Scribe, Tree, cosigner_key, log_key, meeting_origin,
};

use super::*;
use crate::house::START_MS;

/// What a house says its record is, and how it tells it.
struct Keeper {
    seed: Seed,
    entries: Vec<Vec<u8>>,
}

impl Keeper {
    /// The record as it was.
    fn honest(house: &House) -> Self {
        let (mut scribe, _) = Scribe::convene(&house.charter, START_MS).unwrap();
        for (at_ms, event) in &house.events {
            scribe.take(event, *at_ms).unwrap();
        }
        Self {
            seed: Seed::new([77; 32]),
            entries: scribe.entries().to_vec(),
        }
    }

    fn tree(&self) -> Tree {
        let mut tree = Tree::default();
        self.entries.iter().for_each(|entry| tree.push(Hash::of_leaf(entry)));
        tree
    }

    fn head(&self, house: &House) -> incamera_record::Checkpoint {
        incamera_record::Checkpoint {
            origin: meeting_origin(self.seed.public_key(), house.meeting.id()),
            size: self.tree().size(),
            root: self.tree().root(),
        }
    }

    /// Offers the head to a seat and tells it what it asks for, from this entry on if it has seen nothing.
    fn offer(&self, house: &mut House, seat: usize, start: u64) {
        let note = self.head(house).sign(&self.seed).write();
        self.offer_as(house, seat, start, note);
    }

    fn offer_as(&self, house: &mut House, seat: usize, start: u64, note: String) {
        let key = Bytes(self.seed.public_key().0.to_vec());
        house.asked.clear();
        house.seats[seat]
            .inbox
            .push_back(ServerMessage::Checkpoint { key, note });
        house.settle();
        let Some((_, from)) = house.asked.pop() else { return };
        let tree = self.tree();
        if from.is_none() {
            let frontier = tree.frontier_at(start).unwrap();
            let peaks = frontier.peaks().iter().map(|peak| Bytes(peak.0.to_vec())).collect();
            let inbox = &mut house.seats[seat].inbox;
            inbox.push_back(ServerMessage::RecordStart { size: start, peaks });
        }
        let first = from.unwrap_or(start);
        let told = |entry: &Vec<u8>| {
            let whole = matches!(
                Entry::decode(entry).map(|entry| entry.happening),
                Ok(Happening::Committed { .. } | Happening::Founded { .. })
            );
            if whole {
                RecordEntry::Entry(Bytes(entry.clone()))
            } else {
                RecordEntry::Hash(Bytes(Hash::of_leaf(entry).0.to_vec()))
            }
        };
        let entries = self.entries[first as usize..].iter().map(told).collect();
        house.seats[seat]
            .inbox
            .push_back(ServerMessage::Record { first, entries });
        house.settle();
    }

    fn index_of(&self, wanted: impl Fn(&Happening) -> bool) -> usize {
        let is = |entry: &Vec<u8>| wanted(&Entry::decode(entry).unwrap().happening);
        self.entries.iter().position(is).unwrap()
    }

    fn last_commit(&self) -> usize {
        let is = |entry: &Vec<u8>| matches!(Entry::decode(entry).unwrap().happening, Happening::Committed { .. });
        self.entries.iter().rposition(is).unwrap()
    }
}

/// Two sides, after an open part.
fn met() -> House {
    let mut house = House::seated(2);
    house.open();
    house.pass(2_000);
    house.move_to(1, MotionKind::Close);
    house.pass(3_000);
    house
}

fn refused(house: &House, seat: usize) -> String {
    assert!(
        house.cosigned.iter().all(|(who, ..)| *who != seat),
        "it has countersigned"
    );
    let said = house.seats[seat].view.record.clone().expect("the person is told");
    assert!(
        said.starts_with("The record of this house tells another story than the one I saw"),
        "{said}"
    );
    said
}

#[test]
fn i6_members_countersign_the_record_of_what_they_saw() {
    let mut house = met();
    let keeper = Keeper::honest(&house);
    let size = keeper.entries.len() as u64;
    // The founder from its founding on, the other from its first commit on: or from the beginning, if it is told more.
    keeper.offer(&mut house, 0, 0);
    keeper.offer(&mut house, 1, 0);
    assert_eq!(house.cosigned.len(), 2);
    let head = keeper.head(&house);
    for (seat, signed, signature) in &house.cosigned {
        let person = &house.meeting.group().unwrap().roster[&house.leaf(*seat)];
        let key = cosigner_key(person.letter, person.letter_key);
        let line = NoteSignature {
            name: key.name.clone(),
            key_id: key.id(),
            bytes: signature.0.clone(),
        };
        assert_eq!(*signed, size);
        assert_eq!(key.verifies(&head.text(), &line), Some(house.now_ms / 1_000));
        assert_eq!(house.seats[*seat].member.countersigned(), size);
    }
    // And of what follows, from where they were.
    house.move_to(0, MotionKind::Adjourn);
    assert_eq!(house.lamps(), [Lamp::Adjourned; 2]);
    let keeper = Keeper::honest(&house);
    keeper.offer(&mut house, 0, 0);
    keeper.offer(&mut house, 1, 0);
    let sizes: Vec<u64> = house.cosigned.iter().map(|(_, size, _)| *size).collect();
    assert_eq!(sizes, [size, size, size + 1, size + 1]);
    assert!(house.seats.iter().all(|seat| seat.view.record.is_none()));
}

#[test]
fn i6_a_commit_that_is_left_out_of_the_record_is_found_and_not_countersigned() {
    let mut house = met();
    let mut keeper = Keeper::honest(&house);
    let last = keeper.last_commit();
    keeper.entries.remove(last);
    for seat in 0..2 {
        keeper.offer(&mut house, seat, 0);
        refused(&house, seat);
    }
}

#[test]
fn i6_a_commit_that_is_hidden_behind_its_hash_is_missed_and_not_countersigned() {
    let mut house = met();
    let keeper = Keeper::honest(&house);
    let head = keeper.head(&house).sign(&keeper.seed).write();
    let key = Bytes(keeper.seed.public_key().0.to_vec());
    house.seats[1]
        .inbox
        .push_back(ServerMessage::Checkpoint { key, note: head });
    let peaks = Vec::new();
    house.seats[1]
        .inbox
        .push_back(ServerMessage::RecordStart { size: 0, peaks });
    let hashes = keeper
        .entries
        .iter()
        .map(|entry| RecordEntry::Hash(Bytes(Hash::of_leaf(entry).0.to_vec())));
    let entries = hashes.collect();
    house.seats[1]
        .inbox
        .push_back(ServerMessage::Record { first: 0, entries });
    house.settle();
    assert!(refused(&house, 1).contains("missing"));
}

#[test]
fn i6_a_commit_with_other_facts_than_it_had_is_found_and_not_countersigned() {
    let mut house = met();
    let mut keeper = Keeper::honest(&house);
    let index = keeper.last_commit();
    let entry = Entry::decode(&keeper.entries[index]).unwrap();
    let Happening::Committed {
        founding,
        epoch,
        facts,
        message,
    } = entry.happening
    else {
        panic!("a commit")
    };
    for (facts, message) in [(Attachment::of(b"other"), message), (facts, Attachment::of(b"other"))] {
        let happening = Happening::Committed {
            founding,
            epoch,
            facts,
            message,
        };
        keeper.entries[index] = Entry::new(entry.at_ms, happening).encode().unwrap();
        for seat in 0..2 {
            keeper.offer(&mut house, seat, 0);
            refused(&house, seat);
        }
    }
}

#[test]
fn i6_a_commit_that_never_was_is_found_and_not_countersigned() {
    let mut house = met();
    let mut keeper = Keeper::honest(&house);
    let last = Entry::decode(&keeper.entries[keeper.last_commit()]).unwrap();
    let Happening::Committed {
        founding,
        epoch,
        facts,
        message,
    } = last.happening
    else {
        panic!("a commit")
    };
    let happening = Happening::Committed {
        founding,
        epoch: epoch + 1,
        facts,
        message,
    };
    keeper.entries.push(Entry::new(last.at_ms, happening).encode().unwrap());
    for seat in 0..2 {
        keeper.offer(&mut house, seat, 0);
        refused(&house, seat);
    }
}

#[test]
fn i6_a_founding_by_another_than_the_founder_is_found_and_not_countersigned() {
    let mut house = met();
    let mut keeper = Keeper::honest(&house);
    let index = keeper.index_of(|happening| matches!(happening, Happening::Founded { .. }));
    let entry = Entry::decode(&keeper.entries[index]).unwrap();
    let Happening::Founded {
        leaf,
        mut founder,
        context,
        message,
    } = entry.happening
    else {
        panic!("a founding")
    };
    let other = house.seats[1].credential.clone().unwrap();
    founder.credential = Bytes(other.encode());
    let happening = Happening::Founded {
        leaf,
        founder,
        context,
        message,
    };
    keeper.entries[index] = Entry::new(entry.at_ms, happening).encode().unwrap();
    keeper.offer(&mut house, 0, 0);
    refused(&house, 0);
}

#[test]
fn i6_what_was_countersigned_cannot_be_rewritten_for_the_same_members() {
    let mut house = met();
    let honest = Keeper::honest(&house);
    honest.offer(&mut house, 0, 0);
    honest.offer(&mut house, 1, 0);
    house.cosigned.clear();
    house.move_to(0, MotionKind::Open);
    house.consent(1);
    house.pass(2_000);
    // An entry of the first part, of a kind that members see only the hash of, is dated anew by a millisecond.
    let mut keeper = Keeper::honest(&house);
    let index = keeper.index_of(|happening| matches!(happening, Happening::Disclosed { .. }));
    let entry = Entry::decode(&keeper.entries[index]).unwrap();
    keeper.entries[index] = Entry::new(entry.at_ms - 1, entry.happening).encode().unwrap();
    keeper.offer(&mut house, 0, 0);
    assert!(refused(&house, 0).contains("altered"));
    // Shorter than it was.
    let mut keeper = Keeper::honest(&house);
    keeper.entries.truncate(3);
    keeper.offer(&mut house, 1, 0);
    assert!(refused(&house, 1).contains("shorter"));
}

#[test]
fn i6_a_head_that_is_not_signed_as_the_house_signs_is_not_countersigned() {
    let other = Seed::new([78; 32]);
    let honest = Keeper::honest(&met());
    let of_another_meeting = honest.head(&House::convene(3));
    for (note_of, why) in [
        (0, "an unsigned note"),
        (1, "the signature of another key"),
        (2, "a bent signature"),
        (3, "the head of another meeting"),
    ] {
        let mut house = met();
        let keeper = Keeper::honest(&house);
        let head = keeper.head(&house);
        let signed = head.sign(&keeper.seed);
        let note = match note_of {
            0 => signed.text.clone(),
            1 => head.sign(&other).write(),
            2 => {
                let mut bent = signed;
                bent.signatures[0].bytes[5] ^= 1;
                bent.write()
            }
            _ => of_another_meeting.sign(&keeper.seed).write(),
        };
        keeper.offer_as(&mut house, 0, 0, note);
        assert!(refused(&house, 0).contains("head"), "{why}");
    }
    // Another key than the one by which the first was signed.
    let mut house = met();
    let mut keeper = Keeper::honest(&house);
    keeper.offer(&mut house, 0, 0);
    assert_eq!(house.cosigned.len(), 1);
    house.cosigned.clear();
    keeper.seed = other;
    keeper.offer(&mut house, 0, 0);
    assert!(refused(&house, 0).contains("another key"));
    assert!(log_key(&keeper.head(&house).origin, keeper.seed.public_key()).is_some());
}

#[test]
fn i6_somebody_who_comes_back_countersigns_and_still_vouches_for_the_time_before() {
    let mut house = House::seated(3);
    house.open();
    // The third reloads: its device has lost the group, and takes its seat anew in another epoch.
    let saved = house.seats[2].member.saved();
    let charter = house.charter.encode();
    let again = Member::new(
        house.meeting.id(),
        &charter,
        "",
        "",
        Some(&saved),
        house.now_ms,
        dice(3),
    )
    .unwrap();
    house.seats.remove(2);
    let again = house.join(again);
    house.pass(2_000);
    house.move_to(0, MotionKind::Close);
    house.pass(3_000);
    let keeper = Keeper::honest(&house);
    for seat in [0, 1, again] {
        keeper.offer(&mut house, seat, 0);
    }
    assert_eq!(house.cosigned.len(), 3, "{:?}", house.seats[again].view.record);
    // Nothing of the time since it came can be kept from it.
    let mut house = house;
    house.cosigned.clear();
    house.open();
    house.pass(2_000);
    let mut keeper = Keeper::honest(&house);
    let last = keeper.last_commit();
    keeper.entries.remove(last);
    keeper.offer(&mut house, again, 0);
    refused(&house, again);
    assert!(
        house
            .events
            .iter()
            .any(|(_, event)| matches!(event, Event::Founded { .. }))
    );
}

#[test]
fn a_record_that_is_older_than_its_key_packages_is_verified_by_the_rules_and_says_so() {
    let mut house = House::seated(2);
    // Somebody is added whose key package is good for two seconds.
    let brief = house.mint(0, "Brief", Role::Adviser, incamera_meeting::Entry::AtOnce);
    let identity = Identity::new(&house.charter, &brief, "", house.now_ms, dice(202)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let bundle = KeyPackage::builder()
        .leaf_node_capabilities(capabilities())
        .key_package_lifetime(Lifetime::new(2))
        .build(CIPHERSUITE, &provider, &identity, rogue::credential(&identity))
        .unwrap();
    let key_package = MlsMessageOut::from(bundle.key_package().clone()).to_bytes().unwrap();
    let key_package = Bytes(key_package);
    house.seats[0].inbox.push_back(ServerMessage::Knock {
        key_package: key_package.clone(),
    });
    house.settle();
    assert_eq!(house.meeting.group().unwrap().roster.len(), 3);
    house.move_to(0, MotionKind::Adjourn);
    assert!(house.meeting.is_adjourned());

    let keeper = Keeper::honest(&house);
    let key = keeper.seed.public_key();
    let attachments = house.events.iter().filter_map(|(_, event)| Happening::of(event));
    let attachments = attachments
        .flat_map(|(_, attachments)| attachments)
        .chain([house.charter.encode()]);
    let bundle = incamera_record::Bundle {
        vkey: log_key(&incamera_record::house_origin(key), key).unwrap().vkey(),
        checkpoint: keeper.head(&house).sign(&keeper.seed).write(),
        entries: keeper.entries.clone(),
        attachments: attachments
            .map(|bytes| (incamera_record::Sha256Sum::of(&bytes), bytes))
            .collect(),
        ..incamera_record::Bundle::default()
    };
    let verify = || incamera_record::verify(&bundle, incamera_record::Known::default());
    let fresh = verify();
    assert!(fresh.ok, "{}", fresh.page());
    assert_eq!(fresh.handshakes.by_rules_only, 0);
    std::thread::sleep(std::time::Duration::from_millis(3_100));
    let old = verify();
    assert!(old.ok, "{}", old.page());
    assert_eq!(
        old.handshakes.by_mls + old.handshakes.by_rules_only,
        fresh.handshakes.by_mls
    );
    // The addition and the adjournment.
    assert_eq!(old.handshakes.by_rules_only, 2);
    assert!(old.page().contains("older than the lifetimes"));
    // The house takes nobody in by such a one.
    assert!(matches!(
        Delivery::check_key_package(&key_package.0),
        Err(incamera_handshake::HandshakeError::Expired)
    ));
}
