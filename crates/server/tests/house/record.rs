use incamera_protocol::ErrorCode;
use incamera_protocol::member::MemberMessage;
use incamera_protocol::{Bytes, MeetingId};

use crate::harness::House;

#[tokio::test]
async fn the_record_is_served_as_a_log_whose_files_never_change() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let record = format!("/m/{}/record", convocation.id());

    let head = house.get(&format!("{record}/checkpoint")).await;
    assert_eq!((head.status, head.header("cache-control")), (200, Some("no-cache")));
    assert_eq!(head.header("content-type"), Some("text/plain; charset=utf-8"));
    let lines: Vec<&str> = head.body.lines().collect();
    let key = house.get("/record/key").await.body;
    let (name, _) = key.split_once('+').unwrap();
    assert_eq!(lines[0], format!("{name}/{}", convocation.id()));
    assert_eq!(lines[1], "1");
    assert!(lines[4].starts_with(&format!("— {}", lines[0])));

    for path in ["tile/entries/000.p/1", "tile/0/000.p/1"] {
        let answer = house.get(&format!("{record}/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
    }
    let entry = house.get(&format!("{record}/tile/entries/000.p/1")).await.body;
    let (_, sum) = entry.split_once("\"sha256\":\"").unwrap();
    let charter = house.get(&format!("{record}/attachment/{}", &sum[..64])).await;
    assert_eq!(charter.status, 200);
    assert!(charter.body.contains("Talks"));

    let log = house.get("/record/checkpoint").await.body;
    assert_eq!(log.lines().next(), Some(name));
    assert!(
        house
            .get("/record/tile/entries/000.p/1")
            .await
            .body
            .contains(&incamera_record::veil(convocation.id()).to_string())
    );
    // The id opens the API of a meeting that nobody was told of yet: it stands in no log.
    let told = house.get("/record/tile/entries/000.p/1").await.body;
    assert!(!told.contains(&convocation.id().to_string()), "{told}");
    assert_eq!(house.get("/record/tile/0/000.p/1").await.status, 200);
}

#[tokio::test]
async fn a_record_has_nothing_under_any_other_name() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let nobody = MeetingId([7; 32]);
    let mut wrong: Vec<String> = [
        "tile/entries/000",
        "tile/entries/000.p/2",
        "tile/entries/0.p/1",
        "tile/entries/x000/000.p/1",
        "tile/entries/..%2f..%2fcheckpoint",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/00/000.p/1",
        "tile/64/000.p/1",
        "tile/99999999999999999999/000.p/1",
        "checkpoint/1",
        "checkpoint/0",
        "attachment/00",
    ]
    .iter()
    .map(|path| format!("/m/{}/record/{path}", convocation.id()))
    .collect();
    wrong.push(format!("/m/{}/record/attachment/{}", convocation.id(), "0".repeat(64)));
    wrong.push(format!("/m/{nobody}/record/checkpoint"));
    wrong.push("/m/nonsense/record/checkpoint".to_owned());
    wrong.push("/record/tile/entries/000.p/9".to_owned());
    for path in wrong {
        let answer = house.get(&path).await;
        assert_eq!((answer.status, answer.code()), (404, ErrorCode::NotFound), "{path}");
    }
}

#[tokio::test]
async fn a_restart_keeps_the_key_the_log_of_the_house_and_every_record() {
    let house = House::start().await;
    let one = house.convene().await;
    let two = house.convene().await;
    let paths = [
        "/record/key".to_owned(),
        "/record/checkpoint".to_owned(),
        "/record/tile/entries/000.p/2".to_owned(),
        format!("/m/{}/record/checkpoint", one.id()),
        format!("/m/{}/record/checkpoint", two.id()),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(house.get(path).await.body);
    }
    let house = house.restart().await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(house.get(path).await.body, before, "{path}");
    }
}

#[tokio::test]
async fn whoever_is_not_in_the_group_is_told_no_record_and_countersigns_nothing() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut stranger = convocation.person(0).arrive(&house, None).await;
    stranger.here().await;
    for message in [
        MemberMessage::Record { from: None },
        MemberMessage::Record { from: Some(0) },
        MemberMessage::Cosign {
            size: 1,
            signature: Bytes(vec![0; 72]),
        },
    ] {
        stranger.say(&message).await;
        assert_eq!(stranger.refusal().await.1, ErrorCode::NotAMember);
    }
}
