//! A real house, real members with sample sound and pictures, and the recorder as `serve` runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use incamera_client::{HouseClient, MemberClient};
use incamera_meeting::{Draft, DraftItem};
use incamera_protocol::MeetingId;
use incamera_protocol::recording::{LIST, Recording, Recordings};
use incamera_protocol::view::{Command as Ask, Lamp, MotionKind};
use incamera_recorder::{Recorder, render};
use incamera_server::{Config, RECORDINGS, Running, Server};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const STEP: Duration = Duration::from_secs(30);

struct Talks {
    running: Running,
    house: HouseClient,
    id: MeetingId,
    members: Vec<MemberClient>,
    data: tempfile::TempDir,
    _lists: UnboundedReceiver<MeetingId>,
}

impl Talks {
    async fn begin() -> Self {
        Self::begin_at(|_| {}).await
    }

    async fn begin_at(place: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (told, meetings) = unbounded_channel();
        let mut config = Config {
            recorder: Some(told),
            // Ciphertext of closed parts reaches the recorder as well.
            keep_gallery_routed: true,
            ..Config::local(data.path())
        };
        place(&mut config);
        let running = Server::start(config).await.unwrap();
        let house = HouseClient::new(format!("http://{}", running.near()));
        let (finished, lists) = unbounded_channel();
        tokio::spawn(Recorder::new(house.clone(), data.path().join(RECORDINGS), finished).run(meetings));
        let item = |title: &str, public| DraftItem {
            title: title.to_owned(),
            public,
            ground: String::new(),
        };
        let draft = Draft {
            title: "Talks".to_owned(),
            delegations: vec!["Ardania".to_owned(), "Borland".to_owned()],
            agenda: vec![item("Welcome", true), item("Talks", false)],
            ..Draft::default()
        };
        let meeting = house.convene(running.house_key(), &draft).await.unwrap();
        let mut members = Vec::new();
        for (name, fragment) in ["Ana", "Ben"].into_iter().zip(&meeting.fragments) {
            members.push(MemberClient::join(&house, meeting.id, fragment, name).await.unwrap());
        }
        let this = Self {
            running,
            house,
            id: meeting.id,
            members,
            data,
            _lists: lists,
        };
        this.everybody(Lamp::Closed).await;
        this
    }

    async fn everybody(&self, lamp: Lamp) {
        for member in &self.members {
            let reached = member.until(STEP, |status| {
                status.lamp() == lamp && status.view.as_ref().is_some_and(|view| view.members.len() == 2)
            });
            assert!(reached.await.is_some(), "the lamp does not say {lamp:?}");
        }
    }

    async fn moves(&self, kind: MotionKind, item: u32) {
        let [ana, _] = self.members.as_slice() else { panic!() };
        ana.command(Ask::Move { kind, item }).await.unwrap();
    }

    async fn open(&self) {
        self.moves(MotionKind::Open, 0).await;
        let [_, ben] = self.members.as_slice() else { panic!() };
        let asked = ben.until(STEP, |status| status.view.as_ref().is_some_and(|view| view.may.consent));
        let motion = asked.await.unwrap().view.as_ref().unwrap().motion.clone().unwrap().id;
        ben.command(Ask::Consent { motion }).await.unwrap();
        self.everybody(Lamp::Open).await;
    }

    fn folder(&self) -> std::path::PathBuf {
        self.data.path().join(RECORDINGS).join(self.id.to_string())
    }

    /// The list, once so many recordings are on it.
    async fn recordings(&self, wanted: usize) -> Vec<Recording> {
        for _ in 0..300 {
            if let Ok(bytes) = std::fs::read(self.folder().join(LIST)) {
                let manifest: Recordings = serde_json::from_slice(&bytes).unwrap();
                if manifest.recordings.len() >= wanted {
                    return manifest.recordings;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{wanted} recordings are not made");
    }
}

/// What an independent program makes of a file: complaints, and seconds by its container and for each stream the times of
/// its first and last packet, the number of frames that it decodes.
fn probe(file: &Path) -> Probed {
    let run = |arguments: &[&str]| {
        let output = Command::new("ffprobe")
            .args(["-v", "warning", "-of", "json"])
            .args(arguments)
            .arg(file)
            .output()
            .expect("ffprobe is not installed (Debian: apt-get install ffmpeg)");
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{complaints}");
        (
            serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap(),
            complaints,
        )
    };
    let (format, complaints) = run(&["-show_format"]);
    let stream = |which: &str| {
        let (packets, _) = run(&["-select_streams", which, "-show_entries", "packet=pts_time"]);
        let times: Vec<f64> = packets["packets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|packet| packet["pts_time"].as_str().unwrap().parse().unwrap())
            .collect();
        let (frames, wrong) = run(&["-select_streams", which, "-count_frames", "-show_streams"]);
        assert_eq!(wrong, "", "decoding complains");
        let decoded = frames["streams"][0]["nb_read_frames"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        Stream { times, decoded }
    };
    Probed {
        complaints,
        seconds: format["format"]["duration"].as_str().unwrap().parse().unwrap(),
        sound: stream("a:0"),
        pictures: stream("v:0"),
    }
}

struct Probed {
    complaints: String,
    seconds: f64,
    sound: Stream,
    pictures: Stream,
}

struct Stream {
    times: Vec<f64>,
    decoded: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recording_is_the_open_part_and_nothing_else() {
    let talks = Talks::begin().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    talks.open().await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let recordings = talks.recordings(1).await;
    let [recording] = recordings.as_slice() else {
        panic!("{recordings:?}")
    };

    // Before the meeting is over nobody gets it.
    let at = format!("http://{}/m/{}/recordings", talks.running.near(), talks.id);
    assert_eq!(reqwest::get(&at).await.unwrap().status(), 404);
    talks.moves(MotionKind::Adjourn, 1).await;
    talks.everybody(Lamp::Adjourned).await;
    let list: Recordings = reqwest::get(&at).await.unwrap().json().await.unwrap();
    assert_eq!(list.recordings, recordings);

    let state = talks.house.meeting(talks.id).await.unwrap().state;
    let part = state.parts.iter().find(|part| part.open).unwrap();
    let length_ms = part.ended_at_ms.unwrap() - part.started_at_ms;
    assert_eq!(recording.length_ms, length_ms);
    assert!(recording.to_the_end && recording.offset_ms == 0);
    assert_eq!(recording.part, part.number);

    let mut names: Vec<&str> = recording.takes.iter().map(|take| take.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ana", "Ben"]);
    for take in &recording.takes {
        let file = talks.folder().join(&take.file);
        let found = probe(&file);
        assert_eq!(found.complaints, "", "{}", take.file);
        assert!(
            (found.seconds - length_ms as f64 / 1_000.0).abs() < 1.0,
            "{} s",
            found.seconds
        );
        // Sample sound has 50 frames a second and pictures 10 or more; the opening takes a moment.
        assert!(found.sound.decoded > 200 && found.pictures.decoded > 30, "{take:?}");
        assert_eq!(found.sound.times.len() as u64, take.sound);
        assert_eq!(found.pictures.times.len() as u64, take.pictures);
        let in_part = |times: &[f64]| times.iter().all(|at| (0.0..=length_ms as f64 / 1_000.0).contains(at));
        assert!(in_part(&found.sound.times) && in_part(&found.pictures.times));
        assert!(found.sound.times.is_sorted() && found.pictures.times.is_sorted());
        // What is on the list is what is served, and a part of it is served too.
        let at = format!("{at}/{}", take.file);
        let whole = reqwest::get(&at).await.unwrap();
        assert_eq!(whole.headers()["content-type"], "video/webm");
        assert_eq!(whole.bytes().await.unwrap(), std::fs::read(&file).unwrap());
        let some = reqwest::Client::new()
            .get(&at)
            .header("range", "bytes=0-99")
            .send()
            .await
            .unwrap();
        assert_eq!((some.status().as_u16(), some.bytes().await.unwrap().len()), (206, 100));
    }
    let outside = format!("{at}/..%2f..%2f..%2fincamera.sqlite");
    assert_eq!(reqwest::get(&outside).await.unwrap().status(), 404);

    // The same sealed frames make the same files.
    let again = tempfile::tempdir().unwrap();
    std::fs::copy(
        talks.folder().join(&recording.sealed.file),
        again.path().join(&recording.sealed.file),
    )
    .unwrap();
    assert_eq!(&render(again.path(), &recording.sealed.file).unwrap(), recording);
    talks.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_open_part_has_a_recording_of_its_own() {
    let talks = Talks::begin().await;
    for _ in 0..2 {
        talks.open().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        talks.moves(MotionKind::Close, 1).await;
        talks.everybody(Lamp::Closed).await;
    }
    let recordings = talks.recordings(2).await;
    let parts: Vec<(u32, usize)> = recordings.iter().map(|it| (it.part, it.takes.len())).collect();
    assert_eq!(parts, [(2, 2), (4, 2)]);
    talks.running.shutdown().await;
}

/// Stands in the way of all media, and lets it through or not. The house is told of it as of the outer address of a NAT.
struct Way {
    outer: Arc<UdpSocket>,
    barred: Arc<AtomicBool>,
}

impl Way {
    const OUTER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

    async fn new() -> Self {
        Self {
            outer: Arc::new(UdpSocket::bind((Self::OUTER, 0)).await.unwrap()),
            barred: Arc::default(),
        }
    }

    fn port(&self) -> u16 {
        self.outer.local_addr().unwrap().port()
    }

    fn bar(&self, barred: bool) {
        self.barred.store(barred, Ordering::Relaxed);
    }

    async fn pass_on(outer: Arc<UdpSocket>, barred: Arc<AtomicBool>) {
        let port = outer.local_addr().unwrap().port();
        let mut inner: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        let mut buffer = vec![0; 2_048];
        while let Ok((length, client)) = outer.recv_from(&mut buffer).await {
            if let Entry::Vacant(place) = inner.entry(client) {
                let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
                socket.connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                let (from, to, barred) = (Arc::clone(&socket), Arc::clone(&outer), Arc::clone(&barred));
                tokio::spawn(async move {
                    let mut buffer = vec![0; 2_048];
                    while let Ok(length) = from.recv(&mut buffer).await {
                        if !barred.load(Ordering::Relaxed) {
                            let _ = to.send_to(&buffer[..length], client).await;
                        }
                    }
                });
                place.insert(socket);
            }
            if !barred.load(Ordering::Relaxed) {
                let _ = inner[&client].send(&buffer[..length]).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_has_lost_its_media_alone_gets_it_again_in_a_piece_of_its_own() {
    let way = Way::new().await;
    tokio::spawn(Way::pass_on(Arc::clone(&way.outer), Arc::clone(&way.barred)));
    let port = way.port();
    let talks = Talks::begin_at(|config| {
        config.media = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        config.advertise = vec![Way::OUTER.into()];
    })
    .await;
    talks.open().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    way.bar(true);
    // The piece ends when the connection is seen to be gone.
    let [first] = talks.recordings(1).await.try_into().unwrap();
    assert!(!first.to_the_end && first.offset_ms == 0);
    way.bar(false);
    tokio::time::sleep(Duration::from_secs(8)).await;
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    let [again, second] = talks.recordings(2).await.try_into().unwrap();
    assert_eq!(again, first);
    assert!(second.to_the_end && second.piece == 2 && second.offset_ms > first.length_ms);
    assert_eq!(second.takes.len(), 2, "{second:?}");
    for take in &second.takes {
        assert!(take.sound > 50 && take.pictures > 10, "{take:?}");
        let found = probe(&talks.folder().join(&take.file));
        assert_eq!(found.complaints, "");
        // On the time line of the piece, from near its beginning to its end.
        let end = second.length_ms as f64 / 1_000.0;
        assert!(found.sound.times.iter().all(|at| (0.0..=end).contains(at)));
    }
    talks.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_recorder_left_is_made_into_what_it_can_be() {
    let talks = Talks::begin().await;
    talks.open().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    let [whole] = talks.recordings(1).await.try_into().unwrap();
    // As a kill in the midst of writing leaves it.
    let left = tempfile::tempdir().unwrap();
    let folder = left.path().join(talks.id.to_string());
    std::fs::create_dir(&folder).unwrap();
    let mut bytes = std::fs::read(talks.folder().join(&whole.sealed.file)).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(folder.join(&whole.sealed.file), bytes).unwrap();
    let (told, meetings) = unbounded_channel();
    drop(told);
    let (finished, mut lists) = unbounded_channel();
    Recorder::new(talks.house.clone(), left.path(), finished)
        .run(meetings)
        .await;
    assert_eq!(lists.recv().await, Some(talks.id));
    let manifest: Recordings = serde_json::from_slice(&std::fs::read(folder.join(LIST)).unwrap()).unwrap();
    let [half] = manifest.recordings.try_into().unwrap();
    assert!(!half.to_the_end && half.length_ms < whole.length_ms && half.length_ms > 500);
    for take in &half.takes {
        assert_eq!(probe(&folder.join(&take.file)).complaints, "");
    }
    assert_eq!(half.takes.len(), 2);
    talks.running.shutdown().await;
}
