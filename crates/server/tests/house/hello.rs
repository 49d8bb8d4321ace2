use incamera_meeting::{Encode as _, Seed};
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::public::{PublicMeeting, PublicPhase};
use incamera_protocol::{Bytes, ErrorCode, limits};
use openmls_rust_crypto::OpenMlsRustCrypto;

use crate::harness::{Convocation, House, Person, now_ms, random};

#[tokio::test]
async fn somebody_with_a_letter_is_known_and_the_claim_is_seen() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let person = convocation.person(0);
    let (ticket, resumed) = person.arrive(&house, None).await.here().await;
    assert!(!ticket.is_empty() && !resumed);
    let meeting: PublicMeeting = house.get(&format!("/api/meetings/{}", convocation.id())).await.json();
    let key = Bytes(person.delegation.public_key().0.to_vec());
    assert_eq!(meeting.state.delegations[0].key, Some(key));
    assert_eq!(meeting.state.delegations[1].key, None);
}

#[tokio::test]
async fn the_challenge_shows_the_charter_that_the_link_names() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut socket = house.socket(convocation.id(), "member").await;
    let ServerMessage::Challenge { nonce, charter, .. } = socket.hear().await else {
        panic!("no challenge");
    };
    assert_eq!(charter.0, convocation.charter.encode());
    let mut other = house.socket(convocation.id(), "member").await;
    assert_ne!(nonce, other.challenge().await);
}

#[tokio::test]
async fn a_proof_by_another_key_or_over_another_challenge_is_refused() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let person = convocation.person(0);
    for (nonce, device) in [
        (None, Seed::new(random())),
        (Some(Bytes(vec![0; 32])), person.device.clone()),
    ] {
        let mut socket = house.socket(convocation.id(), "member").await;
        let given = socket.challenge().await;
        let message = [person.meeting.0.as_slice(), &nonce.unwrap_or(given).0].concat();
        socket
            .say(&MemberMessage::Hello {
                credential: Bytes(person.credential.encode()),
                proof: Bytes(device.sign("hello", &message).to_vec()),
                resume: None,
            })
            .await;
        assert_eq!(socket.refusal().await, ("hello".to_owned(), ErrorCode::Proof));
        socket.ends().await;
    }
    // Nothing was claimed by it.
    convocation.person(0).arrive(&house, None).await.here().await;
}

#[tokio::test]
async fn a_slot_is_claimed_once() {
    let house = House::start().await;
    let convocation = house.convene().await;
    convocation.person(0).arrive(&house, None).await.here().await;
    let mut second = convocation.person(0).arrive(&house, None).await;
    assert_eq!(second.refusal().await.1, ErrorCode::SlotTaken);
    convocation.person(1).arrive(&house, None).await.here().await;
}

#[tokio::test]
async fn a_second_device_on_one_letter_waits_and_disturbs_nobody() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let first = convocation.person(0);
    let mut there = first.arrive(&house, None).await;
    there.here().await;
    let not_after_ms = first.credential.letter.body.not_after_ms;
    let copy = Person::new(
        first.meeting,
        &convocation.links[0],
        first.delegation.clone(),
        first.letter.clone(),
        Seed::new(random()),
        not_after_ms,
    );
    let mut socket = copy.arrive(&house, None).await;
    assert!(socket.waits().await);
    // It may not help itself in, and the first device stays where it is.
    let key_package = copy.key_package(&OpenMlsRustCrypto::default());
    socket.say(&MemberMessage::Knock { key_package }).await;
    assert_eq!(socket.refusal().await.1, ErrorCode::LetterInUse);
    there.say(&MemberMessage::KeyFrames).await;
    assert_eq!(there.refusal().await.1, ErrorCode::NotAMember);
}

#[tokio::test]
async fn one_letter_does_not_fill_the_lobby() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let first = convocation.person(0);
    let mut there = first.arrive(&house, None).await;
    there.here().await;
    let copy = || {
        Person::new(
            first.meeting,
            &convocation.links[0],
            first.delegation.clone(),
            first.letter.clone(),
            Seed::new(random()),
            first.credential.letter.body.not_after_ms,
        )
    };
    let copies: Vec<Person> = (0..limits::LETTER_LOBBY_MAX).map(|_| copy()).collect();
    let mut waiting = Vec::new();
    for copy in &copies {
        let mut socket = copy.arrive(&house, None).await;
        assert!(socket.waits().await);
        waiting.push(socket);
    }
    let mut further = copy().arrive(&house, None).await;
    assert_eq!(further.refusal().await.1, ErrorCode::TooMany);
    // Who waits already and reloads keeps the place, in the new window.
    let mut again = copies[0].arrive(&house, None).await;
    assert!(again.waits().await);
    assert_eq!(waiting[0].refusal().await.1, ErrorCode::LetterInUse);
    // Other letters are not concerned.
    let mut other = convocation.person(1).arrive(&house, None).await;
    other.here().await;
}

#[tokio::test]
async fn an_expired_letter_is_refused() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut socket = convocation.person_until(0, now_ms() - 1_000).arrive(&house, None).await;
    assert_eq!(socket.refusal().await.1, ErrorCode::LetterExpired);
}

#[tokio::test]
async fn a_link_of_another_meeting_opens_nothing_here() {
    let house = House::start().await;
    let here = house.convene().await;
    let elsewhere = Convocation::new(now_ms());
    let mut person = elsewhere.person(0);
    person.meeting = here.id();
    let mut socket = person.arrive(&house, None).await;
    assert_eq!(socket.refusal().await.1, ErrorCode::Credential);
}

#[tokio::test]
async fn a_second_window_takes_over_from_the_first() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let person = convocation.person(0);
    let mut first = person.arrive(&house, None).await;
    first.here().await;
    let mut second = person.arrive(&house, None).await;
    second.here().await;
    assert_eq!(first.refusal().await.1, ErrorCode::LetterInUse);
    first.ends().await;
    second.say(&MemberMessage::KeyFrames).await;
    assert_eq!(second.refusal().await, ("key_frames".to_owned(), ErrorCode::NotAMember));
}

#[tokio::test]
async fn a_viewer_is_told_what_the_public_sees() {
    use incamera_protocol::public::GalleryMessage;
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    let GalleryMessage::Here { state, keys, .. } = viewer.hear_gallery().await else {
        panic!("no greeting");
    };
    assert_eq!((state.phase, keys.len()), (PublicPhase::Convened, 0));
    convocation.person(0).arrive(&house, None).await.here().await;
    let GalleryMessage::State { state } = viewer.hear_gallery().await else {
        panic!("no news");
    };
    assert!(state.delegations[0].key.is_some());
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_socket() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let own = format!("http://{}", house.address());
    for side in ["member", "gallery"] {
        assert!(house.socket_from(convocation.id(), side, Some(&own)).await.is_ok());
        let refused = house
            .socket_from(convocation.id(), side, Some("https://evil.example"))
            .await;
        assert_eq!(refused.err(), Some(403));
        assert_eq!(
            house.socket_from(convocation.id(), side, Some("null")).await.err(),
            Some(403)
        );
    }
}

#[tokio::test]
async fn there_is_no_socket_to_a_meeting_that_is_not() {
    let house = House::start().await;
    let nowhere = incamera_protocol::MeetingId([1; 32]);
    assert_eq!(house.socket_from(nowhere, "member", None).await.err(), Some(404));
}
