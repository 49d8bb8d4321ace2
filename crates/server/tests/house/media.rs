use incamera_protocol::member::WatchOf;
use incamera_protocol::public::{GalleryMessage, ViewerMessage};
use incamera_protocol::{ErrorCode, limits};

use crate::harness::{Answer, House};

async fn offer(house: &House, ticket: &str, content_type: &str, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {ticket}");
    let headers = [("authorization", bearer.as_str()), ("content-type", content_type)];
    house.post("/api/media", &headers, body).await
}

#[tokio::test]
async fn an_offer_needs_the_ticket_of_a_socket_that_lives() {
    let house = House::start().await;
    let convocation = house.convene().await;
    assert_eq!(house.post("/api/media", &[], b"v=0").await.status, 403);
    let wrong = offer(&house, "none", "application/sdp", b"v=0").await;
    assert_eq!((wrong.status, wrong.code()), (403, ErrorCode::NotAMember));

    let mut viewer = house.socket(convocation.id(), "gallery").await;
    let GalleryMessage::Here { ticket, .. } = viewer.hear_gallery().await else {
        panic!("no greeting");
    };
    assert_eq!(
        offer(&house, &ticket, "application/sdp", b"v=0").await.code(),
        ErrorCode::Media
    );
    drop(viewer);
    // The ticket ends with the socket, as soon as the house sees that it has ended.
    loop {
        let late = offer(&house, &ticket, "application/sdp", b"v=0").await;
        if late.code() == ErrorCode::NotAMember {
            break;
        }
    }
}

#[tokio::test]
async fn what_is_no_offer_is_refused() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    let GalleryMessage::Here { ticket, .. } = viewer.hear_gallery().await else {
        panic!("no greeting");
    };
    let sdp = "application/sdp; charset=utf-8";
    assert_eq!(
        offer(&house, &ticket, "text/plain", b"v=0").await.code(),
        ErrorCode::Malformed
    );
    assert_eq!(
        offer(&house, &ticket, sdp, b"\xff\xfe").await.code(),
        ErrorCode::Malformed
    );
    for text in [
        "",
        "not an offer",
        "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 X 1\r\n",
    ] {
        let answer = offer(&house, &ticket, sdp, text.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (400, ErrorCode::Media), "{text}");
    }
    let large = offer(&house, &ticket, sdp, &vec![b'a'; limits::SDP_BYTES_MAX + 1]).await;
    assert_eq!((large.status, large.code()), (413, ErrorCode::TooLarge));
}

#[tokio::test]
async fn a_viewer_says_how_large_it_shows_pictures_and_no_more_of_them_than_there_are() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let watch = |count: usize| {
        let slot = |mid: usize| WatchOf {
            mid: mid.to_string(),
            height: 1_080,
            leaf: None,
        };
        let slots = (0..count).map(slot).collect();
        serde_json::to_string(&ViewerMessage::Watch { slots }).unwrap()
    };
    let most = watch(limits::WATCHED_MAX);
    assert!(most.len() <= limits::VIEWER_BYTES_MAX, "{} bytes", most.len());
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    let GalleryMessage::Here { ticket, .. } = viewer.hear_gallery().await else {
        panic!("no greeting");
    };
    viewer.say_text(most).await;
    let mut other = house.socket(convocation.id(), "gallery").await;
    other.say_text(watch(limits::WATCHED_MAX + 1)).await;
    while other.hear_gallery_or_end().await.is_some() {}
    let heard = offer(&house, &ticket, "application/sdp", b"v=0").await;
    assert_eq!(heard.code(), ErrorCode::Media, "the first has lost its socket");
}
