//! Who gets in, and who does not (I2).

use super::*;

#[test]
fn i2_a_ghost_without_a_letter_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    // A whole chain of credence, of another meeting: signed by nobody whom the charter names.
    let (charter, links) = draft(3).convene(house.now_ms, dice(77)).unwrap();
    let ghost = Identity::new(&charter, &links[2].fragment(), "Ghost", house.now_ms, dice(78)).unwrap();
    let newcomer = key_package(&OpenMlsRustCrypto::default(), &ghost);
    let commit = rogue.add(&house, &newcomer, true);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Credential("it is for another meeting")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_a_second_delegation_key_for_a_claimed_slot_is_refused() {
    let (mut house, mut rogue) = betrayed();
    // Somebody else holds the link of delegation 1 and makes another key for it.
    let twin = Identity::new(&house.charter, &house.fragments[1], "Twin", house.now_ms, dice(79)).unwrap();
    let newcomer = key_package(&OpenMlsRustCrypto::default(), &twin);
    let commit = rogue.add(&house, &newcomer, true);
    assert_eq!(server_refuses(&house, &commit), Refusal::SlotTaken);
    all_refuse(&mut house, commit);
}

#[test]
fn i2_somebody_added_without_the_meeting_secret_is_refused() {
    let mut house = House::convene(4);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    let mut rogue = Rogue::enter(&mut house, 2);
    let fourth = Identity::new(&house.charter, &house.fragments[3], "Fourth", house.now_ms, dice(80)).unwrap();
    let newcomer = key_package(&OpenMlsRustCrypto::default(), &fourth);
    let commit = rogue.add(&house, &newcomer, false);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Commit("it adds somebody without the meeting secret")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_an_external_commit_is_refused_by_server_and_members() {
    let (mut house, rogue) = betrayed();
    // The rogue hands the group's public state to somebody outside, who commits their own way in (RFC 9420 §12.4.3.2).
    let info = rogue
        .group
        .export_group_info(rogue.provider.crypto(), &rogue.identity, true)
        .unwrap()
        .to_bytes()
        .unwrap();
    let MlsMessageBodyIn::GroupInfo(info) = MlsMessageIn::tls_deserialize_exact(&info).unwrap().extract() else {
        panic!("a group info");
    };
    let outsider = Identity::new(&house.charter, &house.fragments[2], "Outsider", house.now_ms, dice(81)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let (_, bundle) = MlsGroup::external_commit_builder()
        .with_config(
            MlsGroupJoinConfig::builder()
                .wire_format_policy(wire_format_policy())
                .build(),
        )
        .build_group(&provider, info, credential(&outsider))
        .unwrap()
        .leaf_node_parameters(LeafNodeParameters::builder().with_capabilities(capabilities()).build())
        .load_psks(provider.storage())
        .unwrap()
        .build(provider.rand(), provider.crypto(), &outsider, |_| true)
        .unwrap()
        .finalize(&provider)
        .unwrap();
    let commit = Bytes(bundle.into_contents().0.to_bytes().unwrap());
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Commit("it comes from outside the group")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_whoever_lacks_the_meeting_secret_gets_nowhere() {
    let mut house = House::convene(2);
    let first = house.new_member(0);
    house.join(first);
    // The slot's seed has leaked, the rest of the link has not.
    let mut fragment = Bytes::decode(&house.fragments[1]).unwrap().0;
    let last = fragment.len() - 1;
    fragment[last] ^= 1;
    let thief = Member::new(
        house.meeting.id(),
        &house.charter.encode(),
        &Bytes(fragment).encode(),
        "Thief",
        None,
        house.now_ms,
        dice(82),
    )
    .unwrap();
    let thief = house.join(thief);
    assert_eq!(house.seats[thief].fatal.as_ref().unwrap().0, ErrorCode::Handshake);
    let sealed = house.seats[0].member.seal(Stream::Microphone, b"alone?").unwrap();
    assert!(house.seats[thief].member.open(MediaKind::Audio, &sealed).is_err());
}

#[test]
fn an_altered_charter_or_a_link_of_another_meeting_is_refused() {
    let house = House::convene(2);
    let mut charter = house.charter.encode();
    charter[30] ^= 1;
    let id = house.meeting.id();
    let altered = Member::new(id, &charter, &house.fragments[0], "A", None, house.now_ms, dice(1))
        .err()
        .unwrap();
    assert!(altered.to_string().contains("altered"));
    let (_, links) = draft(2).convene(house.now_ms, dice(55)).unwrap();
    let foreign = links[0].fragment();
    let other = Member::new(id, &house.charter.encode(), &foreign, "A", None, house.now_ms, dice(1))
        .err()
        .unwrap();
    assert!(other.to_string().contains("does not belong"));
    for broken in ["", "AQ", "not base64!", &house.fragments[0][..20]] {
        assert!(Member::new(id, &house.charter.encode(), broken, "A", None, house.now_ms, dice(1)).is_err());
    }
}

#[test]
fn a_server_that_hands_out_another_charter_is_found_out() {
    let mut house = House::convene(2);
    let member = house.new_member(0);
    let (other, _) = draft(2).convene(house.now_ms, dice(55)).unwrap();
    let honest = std::mem::replace(&mut house.charter, other);
    let seat = house.join(member);
    house.charter = honest;
    assert_eq!(house.seats[seat].fatal.as_ref().unwrap().0, ErrorCode::Charter);
}

#[test]
fn a_founders_group_of_another_profile_is_refused_by_the_server() {
    let house = House::convene(2);
    let identity = Identity::new(&house.charter, &house.fragments[0], "A", house.now_ms, dice(1)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let group = MlsGroup::builder()
        .ciphersuite(CIPHERSUITE)
        .build(&provider, &identity, credential(&identity))
        .unwrap();
    let info = group
        .export_group_info(provider.crypto(), &identity, true)
        .unwrap()
        .to_bytes()
        .unwrap();
    assert!(Delivery::found(house.meeting.id(), &info).is_err());
    assert!(Delivery::found(house.meeting.id(), b"nonsense").is_err());
    let _: PublicKey = identity.device_key();
}
