//! A house in a process of its own: killed in mid-meeting, and searched for what it must not know.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use incamera_client::{HouseClient, MemberClient, MemberStatus, NewMeeting, SampleLoop, Samples, ViewerClient};
use incamera_meeting::{Draft, DraftItem};
use incamera_protocol::public::PublicPhase;
use incamera_protocol::view::{Command as Wish, Lamp, MotionKind};
use incamera_protocol::{Bytes, Leaf, Stream};

const STEP: Duration = Duration::from_secs(60);

/// A house that dies with the test.
struct House {
    process: Child,
    port: u16,
    key: String,
    log: std::path::PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl House {
    fn start(data: &Path, port: u16) -> Self {
        let log = data.join("log.txt");
        let errors = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_incamera"))
            .args(["serve", "--media-port", "0", "--keep-gallery-routed"])
            .args(["--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data.join("house"))
            .env("RUST_LOG", "debug")
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut after = |mark: &str| {
            let line = lines.next().expect("the house starts").unwrap();
            line.split_once(mark).unwrap_or_else(|| panic!("{line}")).1.to_owned()
        };
        let port = after("http://localhost:").parse().unwrap();
        let key = after("/convene#");
        Self {
            process,
            port,
            key,
            log,
        }
    }

    fn client(&self) -> HouseClient {
        HouseClient::new(format!("http://127.0.0.1:{}", self.port))
    }

    async fn convene(&self) -> NewMeeting {
        let item = |title: &str, public| DraftItem {
            title: title.to_owned(),
            public,
            ground: String::new(),
        };
        let draft = Draft {
            title: "A meeting that survives".to_owned(),
            languages: Vec::new(),
            delegations: vec!["One side".to_owned(), "The other side".to_owned()],
            agenda: vec![item("Welcome", true), item("Talks", false)],
            ..Draft::default()
        };
        self.client().convene(&self.key, &draft).await.unwrap()
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    fn kill(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }

    /// Every readable byte of the process, searched for each of the needles.
    fn memory_holds(&self, needles: &[(&str, Vec<u8>)]) -> Vec<String> {
        let pid = self.process.id();
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let mut memory = std::fs::File::open(format!("/proc/{pid}/mem")).unwrap();
        let mut found = Vec::new();
        let mut searched = 0;
        for line in maps.lines().filter(|line| line.contains(" rw")) {
            let (from, to) = line.split_whitespace().next().unwrap().split_once('-').unwrap();
            let (from, to) = (
                u64::from_str_radix(from, 16).unwrap(),
                u64::from_str_radix(to, 16).unwrap(),
            );
            let mut bytes = vec![0; (to - from) as usize];
            memory.seek(SeekFrom::Start(from)).unwrap();
            if memory.read_exact(&mut bytes).is_err() {
                continue;
            }
            searched += bytes.len();
            for (name, needle) in needles {
                if holds(&bytes, needle) {
                    found.push((*name).to_owned());
                }
            }
        }
        assert!(searched > 1_000_000, "the memory could be read");
        found
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = haystack[from..].iter().position(|byte| *byte == needle[0]) {
        from += at;
        if haystack[from..].starts_with(needle) {
            return true;
        }
        from += 1;
    }
    false
}

fn everything_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(everything_below(&path));
        } else {
            all.extend(std::fs::read(path).unwrap());
        }
    }
    all
}

async fn reaches(member: &MemberClient, lamp: Lamp) -> MemberStatus {
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
async fn sees_and_hears(member: &MemberClient) {
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

async fn open(a: &MemberClient, b: &MemberClient) {
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
        motion: asked.view.unwrap().motion.unwrap().id,
    })
    .await
    .unwrap();
    reaches(a, Lamp::Open).await;
    reaches(b, Lamp::Open).await;
}

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
    let code = a.status().view.unwrap().code;

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

/// Frames full of a pattern that occurs nowhere else.
fn canary(stream: u8) -> Vec<u8> {
    (0..96u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 ^ stream)
        .collect()
}

/// An IVF file of key frames whose contents are the canary.
fn canary_picture() -> SampleLoop {
    let mut file = b"DKIF".to_vec();
    file.extend([0, 0, 32, 0]);
    file.extend(b"VP80");
    file.extend([0x40, 0x01, 0xb4, 0x00]);
    file.extend(15u32.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    file.extend(10u32.to_le_bytes());
    file.extend([0; 4]);
    for n in 0..10u64 {
        // RFC 6386 §9.1: a key frame's first bytes; what follows no decoder here looks at.
        let frame = [
            &[0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00],
            canary(7).as_slice(),
        ]
        .concat();
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend(n.to_le_bytes());
        file.extend(frame);
    }
    SampleLoop::from_ivf(&file).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_the_house_finds_nothing_of_a_closed_part_in_its_memory_on_its_disk_or_in_its_log() {
    let data = tempfile::tempdir().unwrap();
    let house = House::start(data.path(), 0);
    let client = house.client();
    let meeting = house.convene().await;
    let samples = || Samples {
        sound: SampleLoop::tone().unwrap(),
        picture: Some(canary_picture()),
    };
    let join =
        |side: usize| MemberClient::join_sending(&client, meeting.id, &meeting.fragments[side], "Somebody", samples());
    let a = join(0).await.unwrap();
    let b = join(1).await.unwrap();
    let viewer = ViewerClient::watch(&client, meeting.id);
    for member in [&a, &b] {
        reaches(member, Lamp::Closed).await;
        sees_and_hears(member).await;
    }
    viewer
        .until(STEP, |viewer| viewer.closed_ciphertext > 50)
        .await
        .expect("ciphertext reaches the gallery");

    let link = Bytes::decode(&meeting.fragments[0]).unwrap().0;
    let needles = [
        ("the canary", canary(7)[..32].to_vec()),
        ("the slot seed", link[4..36].to_vec()),
        ("the meeting secret", link[36..68].to_vec()),
        ("the link", meeting.fragments[0].as_bytes()[8..60].to_vec()),
    ];
    assert_eq!(house.memory_holds(&needles), Vec::<String>::new());
    // The search itself works: what the house does know is found.
    let known = [("the house key", house.key.as_bytes().to_vec())];
    assert!(!house.memory_holds(&known).is_empty());
    let disk = everything_below(data.path());
    for (name, needle) in &needles {
        assert!(!holds(&disk, needle), "{name} is on the disk");
    }
    let log = std::fs::read_to_string(&house.log).unwrap();
    assert!(
        !log.contains("Somebody") && !log.contains(&house.key),
        "the log names nobody and no key"
    );
}
