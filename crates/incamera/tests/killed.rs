//! A house in a process of its own, killed in mid-meeting.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use house::{House, STEP, open, reaches, sees_and_hears};
use incamera_client::{MemberClient, ViewerClient};
use incamera_protocol::public::PublicPhase;
use incamera_protocol::view::Lamp;

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_both_sides_are_back_in_the_same_phase_and_nothing_is_lost() {
    let data = tempfile::tempdir().unwrap();
    let house = House::start(data.path(), 0);
    let client = house.client();
    let meeting = house.convene().await;
    let a = MemberClient::join(&client, meeting.id, &meeting.fragments[0], "A")
        .await
        .unwrap();
    let b = MemberClient::join(&client, meeting.id, &meeting.fragments[1], "B")
        .await
        .unwrap();
    reaches(&a, Lamp::Closed).await;
    reaches(&b, Lamp::Closed).await;
    sees_and_hears(&a).await;
    let code = a.status().view.unwrap().code.clone();

    // In a closed part.
    let port = house.kill();
    let house = House::start(data.path(), port);
    sees_and_hears(&a).await;
    sees_and_hears(&b).await;
    assert_eq!(
        reaches(&a, Lamp::Closed).await.view.unwrap().code,
        code,
        "the same group in the same epoch"
    );

    // And in an open one.
    open(&a, &b).await;
    let viewer = ViewerClient::watch(&client, meeting.id);
    viewer
        .until(STEP, |viewer| viewer.opened.len() == 4)
        .await
        .expect("the public sees and hears both");
    let before = client.meeting(meeting.id).await.unwrap().state;
    let port = house.kill();
    let house = House::start(data.path(), port);
    let after = client.meeting(meeting.id).await.unwrap().state;
    assert_eq!(before, after, "what was acknowledged is there");
    assert_eq!(after.phase, PublicPhase::Open);
    reaches(&a, Lamp::Open).await;
    reaches(&b, Lamp::Open).await;
    sees_and_hears(&a).await;
    sees_and_hears(&b).await;
    let seen = viewer.status().opened_frames();
    viewer
        .until(STEP, |viewer| viewer.opened_frames() > seen + 20)
        .await
        .expect("the public is back as well");
    drop(house);
}
