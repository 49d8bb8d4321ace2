//! Sealed documents: who may send and get them, and what those gain who are cut off, lie about the length or send too much.

use std::time::Duration;

use incamera_protocol::document::Uploaded;
use incamera_protocol::member::MemberMessage;
use incamera_protocol::{DocumentId, ErrorCode, limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::groups::two_sides;
use crate::harness::{Answer, Convocation, House};

async fn send(house: &House, ticket: &str, bytes: &[u8]) -> Answer {
    let bearer = format!("Bearer {ticket}");
    let headers = [("authorization", bearer.as_str())];
    house.post("/api/documents", &headers, bytes).await
}

async fn ask(house: &House, method: &str, ticket: &str, document: impl std::fmt::Display) -> Answer {
    let bearer = format!("Bearer {ticket}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/api/documents/{document}");
    house.request(method, &path, &headers, b"").await
}

fn sent(answer: &Answer) -> DocumentId {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json::<Uploaded>().document
}

/// Files of this meeting on the house's disk.
fn on_disk(house: &House, convocation: &Convocation) -> usize {
    let folder = house.folder.path().join("documents").join(convocation.id().to_string());
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

async fn until_nothing_is_on_disk(house: &House, convocation: &Convocation) {
    while on_disk(house, convocation) > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_member_sends_a_document_the_others_get_it_and_its_sender_takes_it_back() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = two_sides(&house, &convocation).await;
    let sealed = vec![b'x'; 100_000];
    let id = sent(&send(&house, &north.ticket, &sealed).await);
    let got = ask(&house, "GET", &south.ticket, id).await;
    assert_eq!((got.status, got.body.as_bytes()), (200, sealed.as_slice()));
    assert_eq!(got.header("content-type"), Some("application/octet-stream"));
    assert_eq!(got.header("content-disposition"), Some("attachment"));
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
    // Only its sender.
    assert_eq!(ask(&house, "DELETE", &south.ticket, id).await.status, 404);
    assert_eq!(ask(&house, "DELETE", &north.ticket, id).await.status, 204);
    assert_eq!(ask(&house, "GET", &south.ticket, id).await.code(), ErrorCode::NotFound);
    assert_eq!(on_disk(&house, &convocation), 0);
    for nonsense in ["..%2F..%2Fincamera.sqlite", "AA", "x"] {
        let answer = ask(&house, "GET", &south.ticket, nonsense).await;
        assert_eq!(answer.code(), ErrorCode::Malformed, "{nonsense}");
    }
}

#[tokio::test]
async fn whoever_is_not_in_the_group_sends_and_gets_nothing() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = two_sides(&house, &convocation).await;
    let id = sent(&send(&house, &north.ticket, b"sealed").await);
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    let incamera_protocol::public::GalleryMessage::Here {
        ticket: viewer_ticket, ..
    } = viewer.hear_gallery().await
    else {
        panic!("no greeting");
    };
    // Somebody with a good letter who has not been added, of this meeting and of another; one of the public; nobody.
    let mut again = south.person.arrive(&house, None).await;
    let (outside, _) = again.here().await;
    let elsewhere = house.convene().await;
    let (other, _theirs) = two_sides(&house, &elsewhere).await;
    for (who, ticket) in [
        ("nobody", "none"),
        ("the public", &viewer_ticket),
        ("not added", &outside),
    ] {
        assert_eq!(
            send(&house, ticket, b"sealed").await.code(),
            ErrorCode::NotAMember,
            "{who}"
        );
        for method in ["GET", "DELETE"] {
            let answer = ask(&house, method, ticket, id).await;
            assert_eq!((answer.status, answer.code()), (403, ErrorCode::NotAMember), "{who}");
        }
    }
    assert_eq!(house.post("/api/documents", &[], b"sealed").await.status, 403);
    assert_eq!(ask(&house, "GET", &other.ticket, id).await.code(), ErrorCode::NotFound);
    assert_eq!(on_disk(&house, &convocation), 1);
    // The ticket ends with its socket.
    drop(north.socket);
    while ask(&house, "GET", &north.ticket, id).await.status != 403 {}
}

#[tokio::test]
async fn what_is_cut_off_or_too_long_leaves_nothing_and_harms_nobody() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, mut south) = two_sides(&house, &convocation).await;
    let head = |length: &str| {
        let (host, ticket) = (house.address(), &north.ticket);
        format!("POST /api/documents HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {ticket}\r\n{length}\r\n\r\n")
    };
    // Cut off in the middle.
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(head("content-length: 1000").as_bytes()).await.unwrap();
    stream.write_all(&[1; 500]).await.unwrap();
    while on_disk(&house, &convocation) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(stream);
    until_nothing_is_on_disk(&house, &convocation).await;
    // Of a length that is not said, or is too much, nothing is taken.
    for (length, code) in [
        ("transfer-encoding: chunked".to_owned(), ErrorCode::Malformed),
        (
            format!("content-length: {}", limits::DOCUMENT_SEALED_BYTES_MAX + 1),
            ErrorCode::TooLarge,
        ),
    ] {
        let mut stream = TcpStream::connect(house.address()).await.unwrap();
        stream.write_all(head(&length).as_bytes()).await.unwrap();
        let mut answer = vec![0; 4_096];
        let read = stream.read(&mut answer).await.unwrap();
        let text = String::from_utf8_lossy(&answer[..read]).into_owned();
        let code = serde_json::to_string(&code).unwrap();
        assert!(text.contains(&code), "{text}");
    }
    assert_eq!(on_disk(&house, &convocation), 0);
    // The meeting has gone on.
    south.socket.say(&MemberMessage::KeyFrames).await;
    sent(&send(&house, &south.ticket, b"sealed").await);
}

#[tokio::test]
async fn who_is_refused_before_the_end_is_told_why() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, _south) = two_sides(&house, &convocation).await;
    for _ in 0..limits::DOCUMENTS_OF_ONE_MAX {
        sent(&send(&house, &north.ticket, b"sealed").await);
    }
    // A browser hears nothing before it has sent all: of a connection that ends meanwhile it says only that it has ended.
    let bytes = usize::try_from(limits::DOCUMENT_SEALED_BYTES_MAX).unwrap();
    let head = format!(
        "POST /api/documents HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-length: {bytes}\r\n\r\n",
        house.address(),
        north.ticket
    );
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for chunk in vec![1; bytes].chunks(64 * 1024) {
        stream.write_all(chunk).await.unwrap();
        // The house has time to hang up.
        tokio::task::yield_now().await;
    }
    let mut answer = vec![0; 4_096];
    let read = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.contains("Take a document back first."), "{answer}");
    assert_eq!(on_disk(&house, &convocation), limits::DOCUMENTS_OF_ONE_MAX);
}

#[tokio::test]
async fn whoever_sends_slowly_is_cut_off_and_leaves_nothing() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = two_sides(&house, &convocation).await;
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    let head = format!(
        "POST /api/documents HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-length: 100\r\n\r\nslow",
        house.address(),
        north.ticket
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Others are not kept waiting.
    sent(&send(&house, &south.ticket, b"sealed").await);
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer))
        .await
        .unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.contains("too slowly"), "{answer}");
    assert_eq!(on_disk(&house, &convocation), 1);
}

#[tokio::test]
async fn a_house_that_starts_again_still_has_the_documents_of_a_meeting_that_goes_on() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = two_sides(&house, &convocation).await;
    let id = sent(&send(&house, &north.ticket, b"sealed").await);
    let position = south.position();
    let (north, south) = (north.person, south.person);
    let house = house.restart().await;
    let (ticket, resumed) = south.arrive(&house, Some(position)).await.here().await;
    assert!(resumed);
    // The socket is gone with the ticket; a living one gets it.
    assert_eq!(ask(&house, "GET", &ticket, id).await.status, 403);
    let mut back = south.arrive(&house, Some(position)).await;
    let (ticket, _) = back.here().await;
    assert_eq!(ask(&house, "GET", &ticket, id).await.body, "sealed");
    // Its sender is known by the letter.
    let mut back = north.arrive(&house, Some(position)).await;
    let (ticket, _) = back.here().await;
    assert_eq!(ask(&house, "DELETE", &ticket, id).await.status, 204);
}
