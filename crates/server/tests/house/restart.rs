use incamera_protocol::ErrorCode;
use incamera_protocol::public::PublicState;

use crate::harness::House;

#[tokio::test]
async fn a_restart_keeps_the_meetings_the_claims_and_the_house_key() {
    let house = House::start().await;
    let key = house.running.house_key().to_owned();
    let convocation = house.convene().await;
    let person = convocation.person(0);
    person.arrive(&house, None).await.here().await;
    let before: Vec<PublicState> = house.get("/api/meetings").await.json();

    let house = house.restart().await;
    assert_eq!(house.running.house_key(), key);
    assert_eq!(house.get("/api/meetings").await.json::<Vec<PublicState>>(), before);
    let mut other = convocation.person(0).arrive(&house, None).await;
    assert_eq!(other.refusal().await.1, ErrorCode::SlotTaken);
    person.arrive(&house, None).await.here().await;
}

#[tokio::test]
async fn sockets_are_told_when_the_house_shuts_down() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut member = convocation.person(0).arrive(&house, None).await;
    member.here().await;
    let mut viewer = house.socket(convocation.id(), "gallery").await;
    viewer.hear_gallery().await;
    house.running.shutdown().await;
    member.ends().await;
    viewer.ends().await;
}

#[tokio::test]
async fn a_meeting_that_cannot_be_loaded_is_refused_and_the_others_go_on() {
    use incamera_store::{NewEvent, SqliteStore, Store as _, StreamId};
    let house = House::start().await;
    let whole = house.convene().await;
    let broken = house.convene().await;
    let House { running, folder } = house;
    running.shutdown().await;
    let store = SqliteStore::open(&folder.path().join("incamera.sqlite")).unwrap();
    let nonsense = NewEvent {
        kind: "committed",
        body: b"{}",
    };
    store.append(&StreamId::new(broken.id().0), 1, &[nonsense], 1).unwrap();
    drop(store);

    let running = incamera_server::Server::start(incamera_server::Config::local(folder.path()))
        .await
        .unwrap();
    let house = House { running, folder };
    assert_eq!(
        house.get(&format!("/api/meetings/{}", broken.id())).await.code(),
        ErrorCode::Internal
    );
    assert_eq!(house.get(&format!("/api/meetings/{}", whole.id())).await.status, 200);
    whole.person(0).arrive(&house, None).await.here().await;
}
