//! A real house, real members with sample sound and pictures, and the recorder as `serve` runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod booths;
mod in_step;
mod way;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use incamera_client::{HouseClient, MemberClient, MemberStatus, SampleLoop, Samples, ViewerClient};
use incamera_meeting::{Draft, DraftItem};
use incamera_protocol::MeetingId;
use incamera_protocol::recording::{LIST, Recording, Recordings, Watched};
use incamera_protocol::view::{Command as Ask, Lamp, MotionKind};
use incamera_recorder::{Watcher, render};
use incamera_server::{Config, RECORDINGS, Running, Server};
use tokio::sync::mpsc::unbounded_channel;

use way::Way;

const STEP: Duration = Duration::from_secs(30);

struct Talks {
    running: Arc<Running>,
    house: HouseClient,
    id: MeetingId,
    /// Of the delegations' links.
    fragments: Vec<String>,
    members: Vec<MemberClient>,
    data: tempfile::TempDir,
    viewer: ViewerClient,
}

impl Talks {
    async fn begin() -> Self {
        Self::begin_at(|_| {}).await
    }

    async fn begin_at(place: impl FnOnce(&mut Config)) -> Self {
        Self::begin_with(place, |_| {}).await
    }

    async fn begin_with(place: impl FnOnce(&mut Config), amend: impl FnOnce(&mut Draft)) -> Self {
        let samples = |_: &str| Samples {
            sound: SampleLoop::tone().unwrap(),
            picture: Some(SampleLoop::moving().unwrap()),
        };
        Self::begin_sending(place, amend, samples).await
    }

    async fn begin_sending(
        place: impl FnOnce(&mut Config),
        amend: impl FnOnce(&mut Draft),
        samples: impl Fn(&str) -> Samples,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (watcher, meetings) = unbounded_channel();
        let mut config = Config {
            watcher: Some(watcher),
            records: true,
            // Ciphertext of closed parts reaches the recorder as well.
            keep_gallery_routed: true,
            ..Config::local(data.path())
        };
        place(&mut config);
        let running = Arc::new(Server::start(config).await.unwrap());
        let house = HouseClient::new(format!("http://{}", running.near()));
        let (told, mut news) = unbounded_channel();
        tokio::spawn(Watcher::new(house.clone(), Some(data.path().join(RECORDINGS)), told).run(meetings));
        let told = Arc::downgrade(&running);
        tokio::spawn(async move {
            while let Some(watched) = news.recv().await {
                let Some(running) = told.upgrade() else { return };
                running.watched(watched).await;
            }
        });
        let item = |title: &str, public| DraftItem {
            title: title.to_owned(),
            public,
            ground: String::new(),
        };
        let mut draft = Draft {
            title: "Talks".to_owned(),
            delegations: vec!["Ardania".to_owned(), "Borland".to_owned()],
            agenda: vec![item("Welcome", true), item("Talks", false)],
            ..Draft::default()
        };
        amend(&mut draft);
        let meeting = house.convene(running.house_key(), &draft).await.unwrap();
        let mut members = Vec::new();
        for (name, fragment) in ["Ana", "Ben"].into_iter().zip(&meeting.fragments) {
            let sends = samples(name);
            members.push(
                MemberClient::join_sending(&house, meeting.id, fragment, name, sends)
                    .await
                    .unwrap(),
            );
        }
        let viewer = ViewerClient::watch(&house, meeting.id);
        let this = Self {
            running,
            house,
            id: meeting.id,
            fragments: meeting.fragments,
            members,
            data,
            viewer,
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
    drop(talks);
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
    drop(talks);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_has_lost_its_media_alone_gets_it_again_in_a_piece_of_its_own() {
    let way = Way::new().await;
    way.begin();
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
    drop(talks);
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
    Watcher::new(talks.house.clone(), Some(left.path().to_owned()), finished)
        .run(meetings)
        .await;
    assert_eq!(lists.recv().await, Some(Watched::Listed(talks.id)));
    let manifest: Recordings = serde_json::from_slice(&std::fs::read(folder.join(LIST)).unwrap()).unwrap();
    let [half] = manifest.recordings.try_into().unwrap();
    assert!(!half.to_the_end && half.length_ms < whole.length_ms && half.length_ms > 500);
    for take in &half.takes {
        assert_eq!(probe(&folder.join(&take.file)).complaints, "");
    }
    assert_eq!(half.takes.len(), 2);
    drop(talks);
}

/// What is behind a [`Way`] is told of it as of a NAT's outer address.
async fn behind(way: &Way, draft: impl FnOnce(&mut Draft)) -> Talks {
    way.begin();
    let port = way.port();
    let place = |config: &mut Config| {
        config.media = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        config.advertise = vec![Way::OUTER.into()];
    };
    Talks::begin_with(place, draft).await
}

fn unheard(status: &MemberStatus) -> bool {
    status.view.as_ref().is_some_and(|view| view.unheard_since_ms.is_some())
}

impl Talks {
    /// Waits until the public hears.
    async fn heard(&self) {
        let heard = self.viewer.until(STEP, |status| status.opened_frames() > 50);
        assert!(heard.await.is_some(), "the public hears nothing at all");
    }

    /// Waits until everybody has been told; says how long that took.
    async fn told(&self, failed: bool) -> Duration {
        let begin = Instant::now();
        for member in &self.members {
            let told = member.until(STEP, |status| unheard(status) == failed).await;
            assert!(told.is_some(), "nobody says unheard: {failed}");
        }
        begin.elapsed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_members_are_told_when_the_public_does_not_hear_them_and_when_it_does_again() {
    let way = Way::new().await;
    let talks = behind(&way, |_| {}).await;
    talks.open().await;
    talks.heard().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!talks.members.iter().any(|member| unheard(&member.status())));
    way.bar(true);
    let took = talks.told(true).await;
    assert!(took < Duration::from_millis(4_500), "it took {took:?}");
    // Nothing else is touched: this charter does not have the meeting pause.
    talks.everybody(Lamp::Open).await;
    let state = talks.viewer.until(STEP, |status| {
        status
            .state
            .as_ref()
            .is_some_and(|state| state.unheard_since_ms.is_some())
    });
    assert!(state.await.is_some(), "the public page does not know");
    way.bar(false);
    talks.told(false).await;
    // Another failure, with which the part ends.
    way.bar(true);
    talks.told(true).await;
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    assert!(!talks.members.iter().any(|member| unheard(&member.status())));
    drop(talks);
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_quiet_meeting_raises_no_alarm() {
    let way = Way::new().await;
    let talks = behind(&way, |_| {}).await;
    talks.open().await;
    talks.heard().await;
    for quiet in [true, false, true] {
        talks.members.iter().for_each(|member| member.be_silent(quiet));
        let end = Instant::now() + Duration::from_secs(7);
        while Instant::now() < end {
            assert!(
                !talks.members.iter().any(|member| unheard(&member.status())),
                "quiet: {quiet}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    drop(talks);
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_where_the_charter_says_so_nobody_speaks_until_the_public_hears_again() {
    let way = Way::new().await;
    let talks = behind(&way, |draft| draft.pauses = true).await;
    talks.open().await;
    talks.heard().await;
    way.bar(true);
    talks.everybody(Lamp::Held).await;
    assert!(talks.members.iter().all(|member| unheard(&member.status())));
    let before: Vec<_> = talks.members.iter().map(|it| it.status().last_open_sealed).collect();
    // It stays so for as long as the way is barred, and longer than the house waits where it stands.
    tokio::time::sleep(Duration::from_secs(8)).await;
    talks.everybody(Lamp::Held).await;
    way.bar(false);
    let after: Vec<_> = talks.members.iter().map(|it| it.status().last_open_sealed).collect();
    assert_eq!(before, after, "something was sealed for a public that does not hear");
    talks.everybody(Lamp::Open).await;
    let heard = talks.viewer.status().opened_frames();
    let more = talks.viewer.until(STEP, |status| status.opened_frames() > heard + 50);
    assert!(more.await.is_some(), "the public does not hear again");
    // And it is left as from any open part.
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    assert!(
        talks
            .members
            .iter()
            .all(|member| member.status().open_sealed_too_late == 0)
    );
    drop(talks);
}
