//! Language channels, as the house carries them.

use incamera_meeting::Role;
use incamera_protocol::booths::PublicChannel;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::public::{GalleryMessage, ViewerMessage};
use incamera_protocol::{ErrorCode, Leaf, limits};

use crate::groups::{Device, two_sides};
use crate::harness::{Convocation, House, Socket};

const LANGUAGES: [&str; 3] = ["en", "fr", "ru"];
const EN: u8 = 0;
const FR: u8 = 1;

async fn interpreted(house: &House, roles: [Role; 2]) -> Convocation {
    let mut convocation = house.convene_in(&LANGUAGES).await;
    convocation.roles = roles;
    convocation
}

async fn booth(device: &mut Device, channel: Option<u8>, on_air: bool) {
    device.socket.say(&MemberMessage::Booth { channel, on_air }).await;
}

async fn listen(device: &mut Device, channel: Option<u8>) {
    device.socket.say(&MemberMessage::Listen { channel }).await;
}

/// What the house says next of who is on air.
async fn air(socket: &mut Socket) -> Vec<Option<Leaf>> {
    let air = |message| match message {
        ServerMessage::Air { voices } => Some(voices),
        ServerMessage::Refused { re, code, message } => panic!("{re}: {code:?}: {message}"),
        _ => None,
    };
    socket.until(air).await
}

async fn refused(socket: &mut Socket) -> ErrorCode {
    socket.refusal().await.1
}

#[tokio::test]
async fn each_channel_has_one_voice_and_all_are_told_whose() {
    let house = House::start().await;
    let convocation = interpreted(&house, [Role::Interpreter; 2]).await;
    let (mut north, mut south) = two_sides(&house, &convocation).await;
    // Each was told when it came in.
    assert_eq!(air(&mut south.socket).await, [None; 3]);
    booth(&mut north, Some(FR), false).await;
    booth(&mut north, Some(FR), true).await;
    assert_eq!(air(&mut south.socket).await, [None, Some(Leaf(0)), None]);
    // Whoever takes the microphone has it, and nobody else.
    booth(&mut south, Some(FR), true).await;
    assert_eq!(air(&mut south.socket).await, [None, Some(Leaf(1)), None]);
    // What the other says late takes nothing away.
    booth(&mut north, Some(FR), false).await;
    booth(&mut north, Some(EN), true).await;
    assert_eq!(air(&mut south.socket).await, [Some(Leaf(0)), Some(Leaf(1)), None]);
    // In another booth they are off air in the first.
    booth(&mut south, Some(2), true).await;
    assert_eq!(air(&mut south.socket).await, [Some(Leaf(0)), None, Some(Leaf(1))]);
    booth(&mut south, None, false).await;
    assert_eq!(air(&mut south.socket).await, [Some(Leaf(0)), None, None]);
    // Whoever goes is not on air.
    north.socket.say(&MemberMessage::Leave).await;
    assert_eq!(air(&mut south.socket).await, [None; 3]);
}

#[tokio::test]
async fn what_is_not_an_interpreters_or_is_no_channel_is_refused() {
    let house = House::start().await;
    let convocation = interpreted(&house, [Role::Principal, Role::Interpreter]).await;
    let mut early = Device::arrive(&house, &convocation, 1).await;
    booth(&mut early, Some(FR), true).await;
    assert_eq!(refused(&mut early.socket).await, ErrorCode::NotAMember);
    listen(&mut early, Some(FR)).await;
    assert_eq!(refused(&mut early.socket).await, ErrorCode::NotAMember);
    drop(early);

    let convocation = interpreted(&house, [Role::Principal, Role::Interpreter]).await;
    let (mut principal, mut interpreter) = two_sides(&house, &convocation).await;
    for (channel, on_air) in [(Some(FR), true), (Some(FR), false), (None, false)] {
        booth(&mut principal, channel, on_air).await;
        assert_eq!(refused(&mut principal.socket).await, ErrorCode::NotAllowed);
    }
    booth(&mut interpreter, Some(3), true).await;
    assert_eq!(refused(&mut interpreter.socket).await, ErrorCode::NotAllowed);
    booth(&mut interpreter, None, true).await;
    assert_eq!(refused(&mut interpreter.socket).await, ErrorCode::Malformed);
    listen(&mut principal, Some(3)).await;
    assert_eq!(refused(&mut principal.socket).await, ErrorCode::NotAllowed);
    // Nobody was put on air by any of it.
    booth(&mut interpreter, Some(EN), true).await;
    let last = async {
        loop {
            let voices = air(&mut principal.socket).await;
            if voices != [None; 3] {
                break voices;
            }
        }
    };
    assert_eq!(last.await, [Some(Leaf(1)), None, None]);
}

#[tokio::test]
async fn a_meeting_of_one_language_has_no_channels() {
    let house = House::start().await;
    let mut convocation = house.convene_in(&["en"]).await;
    convocation.roles = [Role::Interpreter; 2];
    let (mut north, _south) = two_sides(&house, &convocation).await;
    booth(&mut north, Some(EN), true).await;
    assert_eq!(refused(&mut north.socket).await, ErrorCode::NotAllowed);
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    viewer.hear_gallery().await;
    viewer.say_text(choice(Some(EN))).await;
    viewer.ends().await;
}

#[tokio::test]
async fn changes_that_come_too_fast_are_refused_and_the_socket_lives() {
    let house = House::start().await;
    let convocation = interpreted(&house, [Role::Interpreter; 2]).await;
    let (mut north, _south) = two_sides(&house, &convocation).await;
    for _ in 0..=limits::TUNING_BURST / 2 {
        booth(&mut north, Some(FR), false).await;
        listen(&mut north, Some(EN)).await;
    }
    assert_eq!(refused(&mut north.socket).await, ErrorCode::TooMany);
    // Once the bucket has filled again.
    loop {
        listen(&mut north, Some(9)).await;
        if refused(&mut north.socket).await == ErrorCode::NotAllowed {
            break;
        }
    }
}

fn choice(channel: Option<u8>) -> String {
    serde_json::to_string(&ViewerMessage::Listen { channel }).unwrap()
}

/// What a viewer is told next of the channels: who is on air in each.
async fn shown(viewer: &mut Socket) -> Vec<PublicChannel> {
    loop {
        if let GalleryMessage::Channels { channels } = viewer.hear_gallery().await {
            return channels;
        }
    }
}

#[tokio::test]
async fn interpreters_are_told_how_many_listen_and_the_public_nothing_of_closed_parts() {
    let house = House::start().await;
    let convocation = interpreted(&house, [Role::Principal, Role::Interpreter]).await;
    let (mut principal, mut interpreter) = two_sides(&house, &convocation).await;
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    let languages: Vec<_> = shown(&mut viewer)
        .await
        .into_iter()
        .map(|it| (it.language, it.voice))
        .collect();
    assert_eq!(languages, LANGUAGES.map(|tag| (tag.to_owned(), None)));
    booth(&mut interpreter, Some(FR), true).await;
    assert_eq!(air(&mut principal.socket).await, [None, Some(Leaf(1)), None]);
    let mut later = house.socket(convocation.id(), "gallery").await;
    assert!(shown(&mut later).await.iter().all(|channel| channel.voice.is_none()));
    listen(&mut principal, Some(FR)).await;
    viewer.say_text(choice(Some(FR))).await;
    let told = |counts: [u32; 3]| {
        move |message| match message {
            ServerMessage::Listeners { counts: told } => (told == counts).then_some(()),
            _ => None,
        }
    };
    interpreter.socket.until(told([0, 1, 0])).await;
    listen(&mut principal, Some(EN)).await;
    interpreter.socket.until(told([1, 0, 0])).await;
    // It was told of nothing that has happened, and may still be there.
    viewer.say_text(choice(Some(3))).await;
    while let Some(message) = viewer.hear_gallery_or_end().await {
        assert!(
            !matches!(message, GalleryMessage::Channels { .. }),
            "told of a closed part"
        );
    }
    listen(&mut principal, None).await;
    interpreter.socket.until(told([0, 0, 0])).await;
    // Whoever interprets nothing is not told who listens to what.
    listen(&mut principal, Some(9)).await;
    let never = |message| match message {
        ServerMessage::Listeners { .. } => panic!("told to somebody who sits in no booth"),
        ServerMessage::Refused { .. } => Some(()),
        _ => None,
    };
    principal.socket.until(never).await;
}

#[tokio::test]
async fn a_viewer_who_says_anything_else_or_too_much_is_shown_out() {
    let house = House::start().await;
    let convocation = interpreted(&house, [Role::Principal; 2]).await;
    let long = format!(
        "{{\"type\":\"listen\",{}\"channel\":1}}",
        " ".repeat(limits::VIEWER_BYTES_MAX)
    );
    for text in [
        "{\"type\":\"listen\",\"channel\":3}",
        "{\"type\":\"listen\",\"channel\":-1}",
        "{\"type\":\"listen\",\"channel\":1,\"more\":1}",
        "{\"type\":\"leave\"}",
        "",
        &long,
    ] {
        let mut viewer = house.socket(convocation.id(), "gallery").await;
        viewer.hear_gallery().await;
        viewer.say_text(text.to_owned()).await;
        viewer.ends().await;
    }
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    viewer.hear_gallery().await;
    for _ in 0..2 * limits::TUNING_BURST {
        viewer.say_text(choice(Some(FR))).await;
    }
    viewer.ends().await;
}
