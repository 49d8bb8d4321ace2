//! A meeting that was held in one house is taken to another, from the archive alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use house::{House, STEP};
use reqwest::{Client, StatusCode};
use serde_json::Value;

fn incamera(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_incamera"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The archive of a meeting of two delegations, with an open part, from a house that is no more.
fn archive(folder: &Path, name: &str) -> PathBuf {
    let archive = folder.join(name);
    let to = archive.display().to_string();
    let played = incamera(&["demo", "--seconds", "1", "--archive", &to]);
    assert_eq!(played.status.code(), Some(0), "{}", said(&played));
    archive
}

fn import(archive: &Path, data: &Path) -> (Option<i32>, String) {
    let (archive, data) = (archive.display().to_string(), data.join("house").display().to_string());
    let output = incamera(&["import", &archive, "--data", &data]);
    (output.status.code(), said(&output))
}

fn verify(source: &str) -> (Option<i32>, Value) {
    let output = incamera(&["verify", source, "--json"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let report = serde_json::from_str(text.lines().last().unwrap_or_default());
    (
        output.status.code(),
        report.unwrap_or_else(|_| panic!("{}", said(&output))),
    )
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn text(address: &str) -> String {
    reqwest::get(address).await.unwrap().text().await.unwrap()
}

/// The page of a meeting that is over names those whom its record names, each with their side.
fn names_who_attended(page: &str, people: &Value) {
    let (_, from) = page
        .split_once("<section class=\"attended\">")
        .expect("a list of who attended");
    let (list, _) = from.split_once("</section>").unwrap();
    let people = people.as_array().unwrap();
    assert_eq!(list.matches("<li>").count(), people.len(), "{list}");
    for person in people {
        let [name, side] = ["name", "delegation"].map(|what| person[what].as_str().unwrap());
        let named = |item: &str| item.contains(name) && item.contains(side);
        assert!(list.split("<li>").any(named), "{name} of {side}: {list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_of_another_house_is_kept_shown_and_given_out_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path(), "one.tar");
    let (_, original) = verify(&archive.display().to_string());
    let (code, told) = import(&archive, folder.path());
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = import(&archive, folder.path());
    assert!(code == Some(0) && told.contains("here already"), "{told}");

    let house = House::start(folder.path(), 0);
    let id = original["meeting"].as_str().unwrap().to_owned();
    let base = format!("http://127.0.0.1:{}", house.port);
    let address = format!("{base}/m/{id}");
    let from = address.clone();
    let (code, report) = aside(move || verify(&from)).await;
    assert_eq!(code, Some(0), "{report:#}");
    for same in ["entries", "root", "house", "parts", "cosigned", "people"] {
        assert_eq!(report[same], original[same], "{same}");
    }
    let remarks = report["remarks"].to_string();
    assert!(remarks.contains("given-out-elsewhere"), "{remarks}");

    // People are told whose it is; so are programs.
    let name = original["house"].as_str().unwrap();
    let page = text(&format!("{address}?lang=en")).await;
    assert!(page.contains("held in another house") && page.contains(name), "{page}");
    assert!(
        text(&format!("{base}/?lang=en"))
            .await
            .contains("Held in another house")
    );
    let state: Value = serde_json::from_str(&text(&format!("{base}/api/meetings/{id}")).await).unwrap();
    assert_eq!(state["state"]["from_house"]["name"], name);
    let key = state["state"]["from_house"]["key"].as_str().unwrap().to_owned();
    assert!(page.contains(&key) && key != text(&format!("{base}/record/key")).await.trim());
    assert_eq!(state["state"]["phase"], "adjourned");
    names_who_attended(&page, &original["people"]);

    // Given out again, it is the archive that came.
    let again = folder.path().join("again.tar");
    let (from, to) = (address.clone(), again.display().to_string());
    let exported = aside(move || incamera(&["export", &from, "--out", &to])).await;
    assert_eq!(exported.status.code(), Some(0), "{}", said(&exported));
    assert!(std::fs::read(&again).unwrap() == std::fs::read(&archive).unwrap());

    nothing_can_be_done_with_it(&base, &id, &house.key, &state["charter"]).await;
    a_house_that_runs_takes_another_in(folder.path(), &base).await;

    // What was altered on the disk is not shown.
    house.kill();
    let head = folder.path().join(format!("house/imported/{id}/record/checkpoint"));
    let mut bytes = std::fs::read(&head).unwrap();
    spoil_signature(&mut bytes, 0);
    std::fs::write(&head, bytes).unwrap();
    let house = House::start(folder.path(), 0);
    let address = format!("http://127.0.0.1:{}/m/{id}", house.port);
    assert_eq!(reqwest::get(&address).await.unwrap().status(), StatusCode::NOT_FOUND);
}

/// Neither convened, nor joined, nor amended.
async fn nothing_can_be_done_with_it(base: &str, id: &str, key: &str, charter: &Value) {
    let client = Client::new();
    let convened = client.post(format!("{base}/api/meetings")).bearer_auth(key);
    let convened = convened.body(serde_json::json!({ "charter": charter }).to_string());
    assert_eq!(convened.send().await.unwrap().status(), StatusCode::GONE);
    let announced = client.post(format!("{base}/api/meetings/{id}/announcements"));
    let announced = announced.body(r#"{"announcement":""}"#);
    assert_eq!(announced.send().await.unwrap().status(), StatusCode::GONE);
    for door in ["member", "desk", "gallery"] {
        let socket = client
            .get(format!("{base}/api/meetings/{id}/{door}"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(socket.send().await.unwrap().status(), StatusCode::GONE, "{door}");
    }
}

async fn a_house_that_runs_takes_another_in(folder: &Path, base: &str) {
    let owned = folder.to_owned();
    let id = aside(move || {
        let other = archive(&owned, "two.tar");
        let (code, told) = import(&other, &owned);
        assert_eq!(code, Some(0), "{told}");
        let (_, report) = verify(&other.display().to_string());
        report["meeting"].as_str().unwrap().to_owned()
    })
    .await;
    let deadline = Instant::now() + STEP;
    while reqwest::get(format!("{base}/m/{id}")).await.unwrap().status() != StatusCode::OK {
        assert!(Instant::now() < deadline, "the house does not show it");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Of the house, under a head that stands somewhere behind this byte.
fn spoil_signature(bytes: &mut [u8], behind: usize) {
    let line = "\n— incamera/".as_bytes();
    let found = bytes[behind..].windows(line.len()).position(|it| it == line).unwrap();
    let begin = behind + found + line.len();
    let end = begin + bytes[begin..].iter().position(|it| *it == b' ').unwrap();
    bytes[end + 20] ^= 1;
}

#[test]
fn an_archive_that_does_not_hold_is_refused_in_the_words_of_the_verifier() {
    let folder = tempfile::tempdir().unwrap();
    let whole = archive(folder.path(), "whole.tar");
    let mut bytes = std::fs::read(&whole).unwrap();
    let place = bytes.windows(8).position(|it| it == b"\"founded").unwrap();
    bytes[place + 3] ^= 1;
    let spoilt = folder.path().join("spoilt.tar");
    std::fs::write(&spoilt, &bytes).unwrap();
    let (_, report) = verify(&spoilt.display().to_string());
    let problem = &report["problems"][0];
    let (code, told) = import(&spoilt, folder.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("Not imported") && told.contains(problem["what"].as_str().unwrap()),
        "{told}"
    );
    assert!(told.contains(&format!("ntry {}", problem["entry"])), "{told}");
    // All entries are right, and the house has not signed them.
    let mut bytes = std::fs::read(&whole).unwrap();
    let head = bytes.windows(18).position(|it| it == b"record/checkpoint\0").unwrap();
    spoil_signature(&mut bytes, head);
    std::fs::write(&spoilt, &bytes).unwrap();
    let (code, told) = import(&spoilt, folder.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("head of the record does not hold"), "{told}");
    std::fs::write(&spoilt, &bytes[..bytes.len() / 3]).unwrap();
    assert_eq!(import(&spoilt, folder.path()).0, Some(2));
    assert!(!folder.path().join("house/imported").exists());

    // Of a record that is here already there is no second one.
    assert_eq!(import(&whole, folder.path()).0, Some(0));
    let head = std::fs::read_dir(folder.path().join("house/imported")).unwrap();
    let [kept] = head
        .map(|it| it.unwrap().path())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    std::fs::write(kept.join("record/checkpoint"), "another").unwrap();
    let (code, told) = import(&whole, folder.path());
    assert!(
        code == Some(1) && told.contains("another record of this meeting"),
        "{told}"
    );
}
