use incamera_meeting::Encode as _;
use incamera_protocol::ErrorCode;
use incamera_protocol::public::{Convened, PublicMeeting, PublicPhase, PublicState};

use crate::harness::{Convocation, House, now_ms};

#[tokio::test]
async fn whoever_has_the_house_key_convenes_and_everyone_sees_it() {
    let house = House::start().await;
    let convocation = Convocation::new(now_ms());
    let charter = convocation.charter.encode();
    let answer = house.convene_bytes(&charter, house.running.house_key()).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json::<Convened>().meeting, convocation.id());

    let meeting: PublicMeeting = house.get(&format!("/api/meetings/{}", convocation.id())).await.json();
    assert_eq!(meeting.charter.0, charter);
    assert_eq!(meeting.state.phase, PublicPhase::Convened);
    let list: Vec<PublicState> = house.get("/api/meetings").await.json();
    assert_eq!(list, [meeting.state]);
    let record = house
        .get(&format!("/m/{}/record/tile/entries/000.p/1", convocation.id()))
        .await;
    assert_eq!(record.status, 200);
    assert!(record.body.contains("\"kind\":\"convened\""));
}

#[tokio::test]
async fn convening_the_same_charter_again_changes_nothing() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let again = house
        .convene_bytes(&convocation.charter.encode(), house.running.house_key())
        .await;
    assert_eq!(again.status, 201);
    assert_eq!(house.get("/api/meetings").await.json::<Vec<PublicState>>().len(), 1);
}

#[tokio::test]
async fn nobody_convenes_without_the_house_key() {
    let house = House::start().await;
    let charter = Convocation::new(now_ms()).charter.encode();
    for key in ["", "wrong", &house.running.house_key().to_lowercase()] {
        let answer = house.convene_bytes(&charter, key).await;
        assert_eq!((answer.status, answer.code()), (401, ErrorCode::HouseKey));
    }
    let answer = house.post("/api/meetings", &[], b"{}").await;
    assert_eq!((answer.status, answer.code()), (401, ErrorCode::HouseKey));
    assert_eq!(house.get("/api/meetings").await.body, "[]");
}

#[tokio::test]
async fn an_altered_charter_is_refused() {
    let house = House::start().await;
    let mut charter = Convocation::new(now_ms()).charter.encode();
    let title = charter.windows(5).position(|bytes| bytes == b"Talks").unwrap();
    charter[title] = b'W';
    let answer = house.convene_bytes(&charter, house.running.house_key()).await;
    assert_eq!((answer.status, answer.code()), (400, ErrorCode::Charter));
}

#[tokio::test]
async fn what_is_no_charter_is_refused() {
    let house = House::start().await;
    let key = format!("Bearer {}", house.running.house_key());
    let post = async |body: &[u8]| house.post("/api/meetings", &[("authorization", &key)], body).await;
    assert_eq!(post(b"not json").await.code(), ErrorCode::Malformed);
    assert_eq!(post(b"{\"charter\":\"AAAA\"}").await.code(), ErrorCode::Malformed);
    assert_eq!(
        post(b"{\"charter\":\"AA\",\"more\":1}").await.code(),
        ErrorCode::Malformed
    );
    let deep = "[".repeat(100_000);
    assert_eq!(post(deep.as_bytes()).await.code(), ErrorCode::Malformed);
    let large = post(&vec![b' '; 2 * 1024 * 1024]).await;
    assert_eq!((large.status, large.code()), (413, ErrorCode::TooLarge));
}
