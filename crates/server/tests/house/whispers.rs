//! What is said to one's own delegation alone, as the house carries it.

use incamera_protocol::ErrorCode;
use incamera_protocol::member::{MemberMessage, ServerMessage};

use crate::groups::{Device, two_sides};
use crate::harness::House;

async fn whisper(device: &mut Device, on: bool) {
    device.socket.say(&MemberMessage::Whisper { on }).await;
}

#[tokio::test]
async fn whoever_asks_is_told_and_nobody_else() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, mut south) = two_sides(&house, &convocation).await;
    for on in [true, false] {
        whisper(&mut north, on).await;
        let said = north.socket.until(|message| match message {
            ServerMessage::Whisper { on } => Some(on),
            ServerMessage::Refused { re, code, message } => panic!("{re}: {code:?}: {message}"),
            _ => None,
        });
        assert_eq!(said.await, on);
    }
    // What the other side hears next is the answer to its own, and nothing of the first.
    whisper(&mut south, true).await;
    let said = south.socket.until(|message| match message {
        ServerMessage::Whisper { on } => Some(on),
        _ => None,
    });
    assert!(said.await);
}

#[tokio::test]
async fn whoever_is_not_in_the_group_or_asks_too_often_is_refused() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut early = Device::arrive(&house, &convocation, 1).await;
    whisper(&mut early, true).await;
    assert_eq!(early.socket.refusal().await.1, ErrorCode::NotAMember);
    drop(early);

    let convocation = house.convene().await;
    let (mut north, _south) = two_sides(&house, &convocation).await;
    for at in 0..60 {
        whisper(&mut north, at % 2 == 0).await;
    }
    assert_eq!(north.socket.refusal().await.1, ErrorCode::TooMany);
}
