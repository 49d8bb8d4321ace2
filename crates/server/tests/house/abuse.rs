use std::net::SocketAddr;
use std::time::Duration;

use incamera_protocol::member::MemberMessage;
use incamera_protocol::{Bytes, ErrorCode, limits};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::House;

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_ends_the_socket() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let bystander = convocation.person(0);
    let mut beside = bystander.arrive(&house, None).await;
    beside.here().await;
    let deep = format!("{{\"type\":\"disclose\",\"keys\":{}", "[".repeat(50_000));
    for text in [
        "",
        "hello",
        "{\"type\":\"none\"}",
        "{\"type\":\"knock\",\"key_package\":\"AA\",\"more\":1}",
        &deep,
    ] {
        let mut socket = house.socket(convocation.id(), "member").await;
        socket.challenge().await;
        socket.say_text(text.to_owned()).await;
        assert_eq!(socket.refusal().await.1, ErrorCode::Malformed);
        socket.ends().await;
    }
    let mut socket = house.socket(convocation.id(), "member").await;
    socket.send(Message::binary(vec![0; 10])).await;
    assert_eq!(socket.refusal().await.1, ErrorCode::Malformed);
    // Whoever sits beside is not touched.
    beside.say(&MemberMessage::KeyFrames).await;
    assert_eq!(beside.refusal().await.1, ErrorCode::NotAMember);
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_ends_the_socket() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut socket = house.socket(convocation.id(), "member").await;
    socket.challenge().await;
    let statement = Bytes(vec![0; limits::MESSAGE_BYTES_MAX]);
    socket.say(&MemberMessage::Statement { statement }).await;
    assert_eq!(socket.refusal().await, ("statement".to_owned(), ErrorCode::TooLarge));
    socket.ends().await;

    let mut socket = house.socket(convocation.id(), "member").await;
    socket.challenge().await;
    socket.say_text(" ".repeat(2 * 1024 * 1024)).await;
    socket.ends().await;
    convocation.person(0).arrive(&house, None).await.here().await;
}

#[tokio::test]
async fn an_address_has_so_many_sockets_and_no_more() {
    let house = House::start_with(|config| config.sockets_per_address = Some(3)).await;
    let convocation = house.convene().await;
    let open = async |side| house.socket_from(convocation.id(), side, None).await;
    let first = open("member").await.unwrap();
    // Of all kinds together.
    let _others = (open("member").await.unwrap(), open("desk").await.unwrap());
    assert_eq!(open("member").await.err(), Some(429));
    assert_eq!(open("gallery").await.err(), Some(429));
    drop(first);
    // The house learns of it in its own time.
    let again = async {
        while open("gallery").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), again)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_address_that_only_connects_keeps_nobody_else_out() {
    let house = House::start_with(|config| config.sockets_per_address = Some(2)).await;
    let from = async |here: [u8; 4]| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((here, 0))).unwrap();
        socket.connect(house.address()).await.unwrap()
    };
    /// Whether the house has hung up, or waits to hear something.
    async fn is_closed(stream: &mut TcpStream) -> bool {
        let read = tokio::time::timeout(Duration::from_secs(1), stream.read_u8()).await;
        read.is_ok()
    }
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(from([127, 0, 0, 2]).await);
    }
    let mut refused = from([127, 0, 0, 2]).await;
    assert!(is_closed(&mut refused).await);
    for stream in &mut silent {
        assert!(!is_closed(stream).await);
    }
    assert_eq!(house.get("/healthz").await.status, 200);
    // Whoever hangs up makes room.
    drop(silent);
    let again = async { while is_closed(&mut from([127, 0, 0, 2]).await).await {} };
    tokio::time::timeout(Duration::from_secs(5), again).await.unwrap();
}

#[tokio::test]
async fn a_flood_ends_the_socket_of_whoever_floods() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut beside = convocation.person(0).arrive(&house, None).await;
    beside.here().await;
    let mut socket = convocation.person(1).arrive(&house, None).await;
    socket.here().await;
    for _ in 0..2 * limits::SIGNAL_BURST {
        socket.say(&MemberMessage::KeyFrames).await;
    }
    let flooded = socket
        .until(|message| match message {
            incamera_protocol::member::ServerMessage::Refused { code, .. } => {
                (code == ErrorCode::TooMany).then_some(())
            }
            _ => None,
        })
        .await;
    assert_eq!(flooded, ());
    socket.ends().await;
    beside.say(&MemberMessage::KeyFrames).await;
    assert_eq!(beside.refusal().await.1, ErrorCode::NotAMember);
}

#[tokio::test]
async fn whoever_has_not_said_hello_may_say_nothing_else() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut socket = house.socket(convocation.id(), "member").await;
    socket.challenge().await;
    socket.say(&MemberMessage::Leave).await;
    assert_eq!(socket.refusal().await, ("leave".to_owned(), ErrorCode::NotAMember));
    socket.ends().await;
}

#[tokio::test]
async fn a_viewer_who_talks_is_shown_out() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    viewer.hear_gallery().await;
    viewer.say(&MemberMessage::Leave).await;
    viewer.ends().await;
}
