//! A house in a process of its own, and what is done with it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use incamera_client::{HouseClient, MemberClient, MemberStatus, NewMeeting};
use incamera_meeting::{Draft, DraftItem};
use incamera_protocol::view::{Command as Wish, Lamp, MotionKind};
use incamera_protocol::{Leaf, Stream};

pub const STEP: Duration = Duration::from_secs(60);

/// A house that dies with the test.
pub struct House {
    process: Child,
    pub port: u16,
    pub key: String,
    pub log: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl House {
    pub fn start(data: &Path, port: u16) -> Self {
        Self::start_with(data, port, "debug", &["--media-port", "0"])
    }

    pub fn start_with(data: &Path, port: u16, log_level: &str, flags: &[&str]) -> Self {
        let log = data.join("log.txt");
        let errors = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_incamera"))
            .args(["serve", "--keep-gallery-routed"])
            .args(flags)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data.join("house"))
            .env("RUST_LOG", log_level)
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut after = |mark: &str| {
            let line = lines.next().expect("the house starts").unwrap();
            line.split_once(mark).unwrap_or_else(|| panic!("{line}")).1.to_owned()
        };
        let port = after("://localhost:").parse().unwrap();
        let key = after("/convene#");
        Self {
            process,
            port,
            key,
            log,
        }
    }

    pub fn client(&self) -> HouseClient {
        HouseClient::new(format!("http://127.0.0.1:{}", self.port))
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub async fn convene(&self) -> NewMeeting {
        self.client().convene(&self.key, &draft()).await.unwrap()
    }

    /// Sends a signal by its name, as an operator does.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until the process has ended by itself, and gives how.
    pub fn ends(mut self, within: Duration) -> std::process::ExitStatus {
        let deadline = std::time::Instant::now() + within;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(std::time::Instant::now() < deadline, "the house does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    pub fn kill(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }
}

/// A meeting of two sides that can be convened.
pub fn draft() -> Draft {
    let item = |title: &str, public| DraftItem {
        title: title.to_owned(),
        public,
        ground: String::new(),
    };
    Draft {
        title: "A meeting that survives".to_owned(),
        languages: Vec::new(),
        delegations: vec!["One side".to_owned(), "The other side".to_owned()],
        agenda: vec![item("Welcome", true), item("Talks", false)],
        ..Draft::default()
    }
}

pub async fn reaches(member: &MemberClient, lamp: Lamp) -> MemberStatus {
    let status = member
        .until(STEP, |status| {
            status.lamp() == lamp && status.view.as_ref().is_some_and(|view| view.members.len() == 2)
        })
        .await;
    status.unwrap_or_else(|| {
        panic!(
            "the lamp is {:?}, not {lamp:?}: {:?}",
            member.status().lamp(),
            member.status()
        )
    })
}

/// New frames of the other side's sound and picture are opened.
pub async fn sees_and_hears(member: &MemberClient) {
    let before: BTreeMap<(Leaf, Stream), u64> = member.status().opened;
    let grown = |status: &MemberStatus| {
        status
            .opened
            .iter()
            .filter(|(from, count)| **count > before.get(from).copied().unwrap_or(0) + 5)
            .count()
            >= 2
    };
    assert!(
        member.until(STEP, grown).await.is_some(),
        "no sound and picture: {:?}",
        member.status()
    );
}

pub async fn open(a: &MemberClient, b: &MemberClient) {
    a.command(Wish::Move {
        kind: MotionKind::Open,
        item: 0,
    })
    .await
    .unwrap();
    let asked = b
        .until(STEP, |status| status.view.as_ref().is_some_and(|view| view.may.consent))
        .await
        .unwrap();
    b.command(Wish::Consent {
        motion: asked.view.unwrap().motion.clone().unwrap().id,
    })
    .await
    .unwrap();
    reaches(a, Lamp::Open).await;
    reaches(b, Lamp::Open).await;
}
