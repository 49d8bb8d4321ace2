//! The record of a real house with real members: fetched, verified, taken away, and the same after a kill.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use std::path::Path;
use std::process::{Command, Output};

use house::{House, STEP, open, reaches};
use incamera_client::MemberClient;
use incamera_meeting::Draft;
use incamera_protocol::view::{Command as Wish, Lamp, MotionKind};
use serde_json::Value;

fn incamera(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_incamera"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

/// The findings, which are the last line.
fn findings(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn verify(source: &str, more: &[&str]) -> (Option<i32>, Value) {
    let output = incamera(&[&["verify", source, "--json"], more].concat());
    (output.status.code(), findings(&output))
}

async fn text(address: &str) -> String {
    reqwest::get(address).await.unwrap().text().await.unwrap()
}

/// The text at an address, once it is so.
async fn text_once(address: &str, so: impl Fn(&str) -> bool) -> String {
    let deadline = std::time::Instant::now() + STEP;
    loop {
        let found = text(address).await;
        if so(&found) {
            return found;
        }
        assert!(std::time::Instant::now() < deadline, "{address}: {found}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// Blocking, off the runtime: the house and its members go on meanwhile.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_the_record_is_verified_from_the_house_and_from_an_archive_and_is_the_same_after_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let house = House::start(data.path(), 0);
    let client = house.client();
    let meeting = house.convene().await;
    let address = format!("http://127.0.0.1:{}/m/{}", house.port, meeting.id);
    let a = MemberClient::join(&client, meeting.id, &meeting.fragments[0], "A")
        .await
        .unwrap();
    let b = MemberClient::join(&client, meeting.id, &meeting.fragments[1], "B")
        .await
        .unwrap();
    reaches(&a, Lamp::Closed).await;
    reaches(&b, Lamp::Closed).await;
    open(&a, &b).await;

    // Both countersign what they have seen so far.
    let witnessed = text_once(&format!("{address}/record/checkpoints"), |text| !text.is_empty()).await;
    let size = witnessed.trim().to_owned();
    let countersigned = format!("{address}/record/checkpoint/{size}");
    let before = text_once(&countersigned, |text| text.matches("incamera/letter/").count() == 2).await;

    // What the house has signed before it is killed, it stands by afterwards.
    let key = text(&format!("http://127.0.0.1:{}/record/key", house.port)).await;
    let seen = data.path().join("seen");
    std::fs::write(&seen, text(&format!("{address}/record/checkpoint")).await).unwrap();
    let port = house.kill();
    let house = House::start(data.path(), port);
    reaches(&a, Lamp::Open).await;
    reaches(&b, Lamp::Open).await;
    assert_eq!(text(&format!("http://127.0.0.1:{port}/record/key")).await, key);
    assert_eq!(text(&countersigned).await, before);

    // The new recorder has come back as well, and something has reached it.
    let piece = data
        .path()
        .join(format!("house/recordings/{}/part-2.2.sealed", meeting.id));
    let deadline = std::time::Instant::now() + STEP;
    while std::fs::metadata(&piece).map_or(0, |it| it.len()) < 100_000 {
        assert!(std::time::Instant::now() < deadline, "the recorder does not come back");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    let close = |kind| Wish::Move { kind, item: 1 };
    b.command(close(MotionKind::Close)).await.unwrap();
    reaches(&a, Lamp::Closed).await;
    reaches(&b, Lamp::Closed).await;
    // Two pieces: the recorder died with the house.
    let recorded = recorded_pieces(&address, 2).await;
    assert_eq!(recorded["recordings"][0]["checked"], false);
    a.command(close(MotionKind::Adjourn)).await.unwrap();
    let over = a.until(STEP, |status| status.lamp() == Lamp::Adjourned).await;
    assert!(over.is_some());
    text_once(&format!("{address}/record/checkpoint"), |text| {
        text.matches("incamera/letter/").count() == 2
    })
    .await;

    let (from, more) = (
        address.clone(),
        [
            "--seen".to_owned(),
            seen.display().to_string(),
            "--house-key".to_owned(),
            key.trim().to_owned(),
        ],
    );
    let (code, report) = aside(move || verify(&from, &more.iter().map(String::as_str).collect::<Vec<_>>())).await;
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["ok"], true);
    // Everything is countersigned by both, and nothing is left to be said of it.
    assert_eq!(report["covered"], report["entries"]);
    // But of the recording: the house was killed, and a recorder with it.
    let remarks = report["remarks"].as_array().unwrap();
    let of_recording = |it: &Value| {
        let code = it["code"].as_str().unwrap();
        it["part"] == 2 && ["frames-unsigned", "frames-missing"].contains(&code)
    };
    assert!(remarks.iter().all(of_recording), "{report:#}");
    let names = report["cosigned"].as_array().unwrap().iter();
    let of_all = names.filter(|it| it["entries"] == report["entries"]);
    assert_eq!(of_all.count(), 2);
    let phases: Vec<_> = report["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["phase"].clone())
        .collect();
    assert_eq!(phases, ["closed", "open", "closed"]);
    let part = &report["parts"][1];
    assert!(
        part["n"] == 2 && part["seconds"].as_f64().unwrap() > 0.0 && part["frames_checked"].as_u64().unwrap() > 100,
        "{part}"
    );
    // This house hands frames of closed parts on to the gallery as well: a few come before the close is known.
    assert!(part["frames"]["shut"].as_u64().unwrap() < 50, "{part}");
    let frames = &part["frames"];
    assert_eq!(frames["contradicted"], 0, "{part}");
    let (matched, unmatched) = (
        frames["matched"].as_u64().unwrap(),
        frames["unmatched"].as_u64().unwrap(),
    );
    assert_eq!(part["frames_checked"].as_u64().unwrap(), matched + unmatched, "{part}");
    // What had been sent when the house was killed, and was not signed yet or its signature not taken in: no more than two
    // seconds of two people, of 75 frames each.
    assert!(matched > 200 && unmatched < 300, "{part}");
    for piece in report["recordings"].as_array().unwrap() {
        assert!(piece["checked"] == true && piece["deleted_at_ms"].is_null(), "{piece}");
    }
    assert_eq!(part["consents"].as_array().unwrap().len(), 1);
    // The two members' keys: once when the part was opened, and never for anybody else.
    assert_eq!(part["keys"], 6);

    // Taken away, it is the same without the house.
    let archive = data.path().join("meeting.tar");
    let (from, out) = (address.clone(), archive.display().to_string());
    let exported = aside(move || incamera(&["export", &from, "--out", &out])).await;
    assert_eq!(
        exported.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&exported.stderr)
    );
    house.kill();
    another_house_takes_it(&archive, data.path(), &report).await;
    let (code, again) = verify(&archive.display().to_string(), &[]);
    assert_eq!(code, Some(0));
    assert_eq!(again["entries"], report["entries"]);
    assert_eq!(again["root"], report["root"]);
    assert_eq!(again["parts"], report["parts"]);
    // Recordings whose time is over are deleted: the record says so, and holds without them.
    let flags = ["--media-port", "0", "--keep-recordings-days", "0"];
    let house = House::start_with(data.path(), port, "debug", &flags);
    let deadline = std::time::Instant::now() + STEP;
    let gone = loop {
        let from = address.clone();
        let (code, report) = aside(move || verify(&from, &[])).await;
        let all = report["recordings"].as_array().unwrap();
        if all.len() == 2 && all.iter().all(|it| it["deleted_at_ms"].is_u64()) {
            assert_eq!(code, Some(0), "{report:#}");
            break report;
        }
        assert!(std::time::Instant::now() < deadline, "{report:#}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    assert_eq!(gone["parts"][1]["frames_checked"], 0);
    drop(house);
    what_is_wrong_is_said(&archive, &key);
    a_recording_that_is_not_the_one_in_the_record_is_found(&archive);
}

/// With its recordings; and the house that has held it does not.
async fn another_house_takes_it(archive: &Path, own: &Path, report: &Value) {
    let import = |archive: &Path, data: &Path| {
        let (archive, data) = (archive.display().to_string(), data.join("house").display().to_string());
        incamera(&["import", &archive, "--data", &data])
    };
    let refused = import(archive, own);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("has held this meeting itself"));
    let data = tempfile::tempdir().unwrap();
    let taken = import(archive, data.path());
    assert_eq!(
        taken.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&taken.stderr)
    );
    let house = House::start_with(
        data.path(),
        0,
        "debug",
        &["--media-port", "0", "--keep-recordings-days", "0"],
    );
    let meeting = report["meeting"].as_str().unwrap();
    let address = format!("http://127.0.0.1:{}/m/{meeting}", house.port);
    let list: Value = serde_json::from_str(&text(&format!("{address}/recordings")).await).unwrap();
    let takes = list["recordings"][0]["takes"].as_array().unwrap();
    let mut names: Vec<&str> = takes.iter().map(|it| it["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["A", "B"], "{list:#}");
    let from = address.clone();
    let (code, there) = aside(move || verify(&from, &[])).await;
    assert_eq!((code, &there["parts"]), (Some(0), &report["parts"]), "{there:#}");
    let again = data.path().join("again.tar");
    let to = again.display().to_string();
    let exported = aside(move || incamera(&["export", &address, "--out", &to])).await;
    assert_eq!(exported.status.code(), Some(0));
    assert!(std::fs::read(again).unwrap() == std::fs::read(archive).unwrap());
}

/// The findings once so many pieces of recordings stand in the record.
async fn recorded_pieces(address: &str, wanted: usize) -> Value {
    let deadline = std::time::Instant::now() + STEP;
    loop {
        let from = address.to_owned();
        let (_, report) = aside(move || verify(&from, &["--no-recordings"])).await;
        if report["recordings"].as_array().is_some_and(|all| all.len() >= wanted) {
            return report;
        }
        assert!(std::time::Instant::now() < deadline, "{report:#}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

fn a_recording_that_is_not_the_one_in_the_record_is_found(archive: &Path) {
    let bytes = std::fs::read(archive).unwrap();
    let spoilt = archive.with_extension("spoilt");
    // A bit of the sealed frames, and one of a file that was made of them.
    let sealed = bytes.windows(18).position(|it| it == b"incamera sealed 1\n").unwrap();
    let webm = bytes.windows(4).position(|it| it == [0x1a, 0x45, 0xdf, 0xa3]).unwrap();
    for at in [sealed + 400, webm + 400] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        std::fs::write(&spoilt, &bytes).unwrap();
        let (code, report) = verify(&spoilt.display().to_string(), &[]);
        assert_eq!(code, Some(1), "{report:#}");
        assert_eq!(report["problems"][0]["code"], "recording-altered", "{report:#}");
    }
    // Without its recordings it holds, and says that nobody has looked at them.
    let (code, report) = verify(&archive.display().to_string(), &["--no-recordings"]);
    assert_eq!(
        (code, &report["parts"][1]["frames_checked"]),
        (Some(0), &Value::from(0))
    );
    // With one of them gone it does not.
    let mut rest = tar::Builder::new(std::fs::File::create(&spoilt).unwrap());
    let mut gone = 0;
    for file in tar::Archive::new(bytes.as_slice()).entries().unwrap() {
        let mut file = file.unwrap();
        let path = file.path().unwrap().into_owned();
        if gone == 0 && path.starts_with("record/recording") {
            gone += 1;
            continue;
        }
        let mut header = file.header().clone();
        rest.append_data(&mut header, path, &mut file).unwrap();
    }
    rest.into_inner().unwrap();
    assert_eq!(gone, 1);
    let (code, report) = verify(&spoilt.display().to_string(), &[]);
    assert_eq!(code, Some(1));
    assert_eq!(report["problems"][0]["code"], "recording-missing", "{report:#}");
}

fn what_is_wrong_is_said(archive: &Path, key: &str) {
    let name = archive.display().to_string();
    // A byte of an entry, found by what stands in it.
    let mut bytes = std::fs::read(archive).unwrap();
    let place = bytes.windows(8).position(|it| it == b"\"founded").unwrap();
    bytes[place + 3] ^= 1;
    let spoilt = archive.with_extension("spoilt");
    std::fs::write(&spoilt, &bytes).unwrap();
    let (code, report) = verify(&spoilt.display().to_string(), &[]);
    assert_eq!((code, &report["ok"]), (Some(1), &Value::Bool(false)));
    assert!(report["problems"][0]["entry"].is_u64(), "{report:#}");
    // Another house's key.
    let other = "incamera/0e3bb8b66bbb9c8a4a3f8b9c3a4b9b86+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    assert_eq!(
        incamera(&["verify", &name, "--house-key", other]).status.code(),
        Some(2)
    );
    let fine = incamera(&["verify", &name, "--house-key", key.trim()]);
    assert_eq!(fine.status.code(), Some(0));
    // Nothing to read.
    let nowhere = incamera(&["verify", "/nowhere/at/all.tar"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("cannot open"));
    std::fs::write(archive.with_extension("cut"), &bytes[..bytes.len() / 3]).unwrap();
    let cut = incamera(&["verify", &archive.with_extension("cut").display().to_string()]);
    assert_eq!(cut.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_leaves_an_archive_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("demo.tar").display().to_string();
    let to = archive.clone();
    let played = aside(move || incamera(&["demo", "--seconds", "1", "--json", "--archive", &to])).await;
    assert_eq!(
        played.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&played.stdout)
    );
    let stated = findings(&played)["seconds"]["open"].as_f64().unwrap();
    let (code, report) = verify(&archive, &[]);
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["covered"], report["entries"]);
    let open = report["parts"][1]["seconds"].as_f64().unwrap();
    assert!((open - stated).abs() < 0.01, "{open} and {stated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_the_recording_of_a_meeting_that_ends_in_public_is_countersigned_too() {
    let data = tempfile::tempdir().unwrap();
    let house = House::start(data.path(), 0);
    let client = house.client();
    // One that reports is adjourned in an open part.
    let draft = Draft {
        reports: true,
        ..house::draft()
    };
    let meeting = client.convene(&house.key, &draft).await.unwrap();
    let address = format!("http://127.0.0.1:{}/m/{}", house.port, meeting.id);
    let join =
        |side: usize, name: &'static str| MemberClient::join(&client, meeting.id, &meeting.fragments[side], name);
    let (a, b) = (join(0, "A").await.unwrap(), join(1, "B").await.unwrap());
    reaches(&a, Lamp::Closed).await;
    reaches(&b, Lamp::Closed).await;
    open(&a, &b).await;
    let piece = data
        .path()
        .join(format!("house/recordings/{}/part-2.1.sealed", meeting.id));
    let deadline = std::time::Instant::now() + STEP;
    while std::fs::metadata(&piece).map_or(0, |it| it.len()) < 100_000 {
        assert!(std::time::Instant::now() < deadline, "nothing is recorded");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let adjourn = Wish::Move {
        kind: MotionKind::Adjourn,
        item: 0,
    };
    a.command(adjourn).await.unwrap();
    reaches(&b, Lamp::Adjourned).await;
    // The recording is entered when its files are made, and the members are still there.
    recorded_pieces(&address, 1).await;
    text_once(&format!("{address}/record/checkpoint"), |text| {
        text.matches("incamera/letter/").count() == 2
    })
    .await;
    let report = aside(move || verify(&address, &[])).await.1;
    assert_eq!(report["ok"], true, "{report:#}");
    assert_eq!(report["covered"], report["entries"], "{report:#}");
    assert_eq!(report["recordings"].as_array().unwrap().len(), 1);
}
