//! Whatever is refused leaves a line in the log, at the level that a house has by default. In a process of its own,
//! because a log is a process's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "house/harness.rs"]
mod harness;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use incamera_protocol::ErrorCode;
use incamera_protocol::member::MemberMessage;
use tracing_subscriber::EnvFilter;

use crate::harness::House;

/// What the process has logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Waits for a line that has all of these, and forgets what stands before it.
    fn expect(&self, wanted: &[&str]) {
        let patience = Instant::now();
        while patience.elapsed() < Duration::from_secs(10) {
            let mut bytes = self.0.lock().unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if text.lines().any(|line| wanted.iter().all(|part| line.contains(part))) {
                bytes.clear();
                return;
            }
            drop(bytes);
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!(
            "no line with {wanted:?} in:\n{}",
            String::from_utf8_lossy(&self.0.lock().unwrap())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_leaves_a_line_at_the_default_level() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info"))
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let house = House::start().await;
    let convocation = house.convene().await;

    // Over HTTP: an unknown route, a page that is not there, a wrong key, an altered charter.
    house.get("/api/nothing").await;
    lines.expect(&["refused a request", "/api/nothing", "404", "NotFound"]);
    house.get("/nothing").await;
    lines.expect(&["refused a request", "\"/nothing\"", "404"]);
    house.convene_bytes(b"x", "a wrong key").await;
    lines.expect(&["refused a request", "401", "HouseKey"]);
    house.convene_bytes(b"x", house.running.house_key()).await;
    lines.expect(&["refused a request", "400", "Malformed"]);
    house.post("/api/media", &[("authorization", "Bearer x")], b"v=0").await;
    lines.expect(&["refused a request", "/api/media"]);

    // On a socket: what cannot be read, what is too long, what is not allowed.
    let mut socket = house.socket(convocation.id(), "member").await;
    socket.challenge().await;
    socket.say_text("hello".to_owned()).await;
    socket.ends().await;
    lines.expect(&["ending a socket", "Malformed"]);
    let mut socket = house.socket(convocation.id(), "member").await;
    socket.challenge().await;
    socket.say_text(" ".repeat(2 * 1024 * 1024)).await;
    socket.ends().await;
    lines.expect(&["a socket failed"]);
    let expired = convocation.person_until(0, 1);
    let mut socket = expired.arrive(&house, None).await;
    assert_eq!(socket.refusal().await.1, ErrorCode::LetterExpired);
    lines.expect(&["refused a message", "re=\"hello\"", "LetterExpired"]);
    let mut member = convocation.person(0).arrive(&house, None).await;
    member.here().await;
    member.say(&MemberMessage::KeyFrames).await;
    member.refusal().await;
    lines.expect(&["refused a message", "re=\"key_frames\"", "NotAMember"]);

    // No line holds the house key or what stands in a link.
    house.get(&format!("/api/nothing?{}", house.running.house_key())).await;
    let text = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    assert!(!text.contains(house.running.house_key()), "{text}");
}
