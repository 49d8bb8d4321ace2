//! A house in a process of its own that is told to end in mid-meeting, as by a package's upgrade.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use std::time::{Duration, Instant};

use house::{House, STEP, draft, open, reaches, sees_and_hears};
use incamera_client::{MemberClient, ViewerClient};
use incamera_protocol::view::Lamp;

/// Longer than the drain that the tests ask for and what stopping may take by its own bounds.
const END: Duration = Duration::from_secs(20);

async fn status_of(house: &House, path: &str) -> (u16, Option<String>) {
    let url = format!("http://127.0.0.1:{}{path}", house.port);
    let response = reqwest::get(url).await.unwrap();
    let after = response.headers().get("retry-after");
    let after = after.map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), after)
}

async fn until_not_ready(house: &House) {
    let deadline = Instant::now() + STEP;
    while status_of(house, "/readyz").await.0 != 503 {
        assert!(Instant::now() < deadline, "the house stays ready");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_in_mid_meeting_it_refuses_newcomers_and_both_sides_are_back_in_the_same_phase() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--media-port", "0", "--drain-seconds", "3"];
    let house = House::start_with(data.path(), 0, "debug", &flags);
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
    open(&a, &b).await;
    let viewer = ViewerClient::watch(&client, meeting.id);
    viewer
        .until(STEP, |viewer| viewer.opened.len() == 4)
        .await
        .expect("the public sees and hears both");
    let code = a.status().view.unwrap().code.clone();
    assert_eq!(status_of(&house, "/readyz").await.0, 200);

    house.signal("TERM");
    until_not_ready(&house).await;
    // It lives, it says when to come again, and it convenes nothing more.
    assert_eq!(status_of(&house, "/healthz").await.0, 200);
    assert_eq!(status_of(&house, "/readyz").await, (503, Some("3".to_owned())));
    let Err(refused) = client.convene(&house.key, &draft()).await else {
        panic!("a house that is about to end has convened a meeting");
    };
    assert!(refused.to_string().contains("This house restarts"), "{refused}");
    // Whoever is here goes on meanwhile.
    sees_and_hears(&a).await;
    let port = house.port;
    assert_eq!(house.ends(END).code(), Some(0));

    let house = House::start(data.path(), port);
    reaches(&a, Lamp::Open).await;
    reaches(&b, Lamp::Open).await;
    assert_eq!(a.status().view.unwrap().code, code, "the same group in the same epoch");
    sees_and_hears(&a).await;
    sees_and_hears(&b).await;
    let seen = viewer.status().opened_frames();
    viewer
        .until(STEP, |viewer| viewer.opened_frames() > seen + 20)
        .await
        .expect("the public is back as well");
    drop(house);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--media-port", "0", "--drain-seconds", "60"];
    let house = House::start_with(data.path(), 0, "info", &flags);
    house.signal("TERM");
    until_not_ready(&house).await;
    house.signal("TERM");
    assert_eq!(house.ends(END).code(), Some(1));
}
