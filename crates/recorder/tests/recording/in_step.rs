//! Whether sound and pictures of a recording are in step. Somebody sends a flash and a beep at every full second of their own
//! clock; an independent program says when they are seen and heard in the files.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use incamera_client::{SampleLoop, Samples};
use incamera_protocol::view::{Lamp, MotionKind};

use crate::Talks;
use crate::way::Way;

/// What nobody notices, and a third of what people are annoyed by (ITU-R BT.1359 §2).
const APART_S_MAX: f64 = 0.040;

/// What digital silence is encoded to has three bytes.
const SILENT_BYTES_MAX: usize = 3;

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|_| panic!("{program} is not installed (Debian: apt-get install ffmpeg)"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn made(folder: &Path, name: &str, source: &str, encode: &[&str]) -> Vec<u8> {
    let file = folder.join(name).display().to_string();
    let source = ["-v", "error", "-f", "lavfi", "-i", source, "-t", "60"];
    run("ffmpeg", &[&source, encode, &[&file]].concat());
    std::fs::read(file).unwrap()
}

/// Flashes and beeps, on clocks that have nothing to do with each other. Every picture stands for itself: whoever asks for
/// a key frame does not move what is to be measured.
fn marks() -> Samples {
    let folder = tempfile::tempdir().unwrap();
    let flashes = "color=black:s=64x64:r=25,drawbox=color=white:t=fill:enable='lt(mod(t+0.001,1),0.08)'";
    let pictures = ["-c:v", "libvpx", "-g", "1", "-deadline", "realtime", "-b:v", "200k"];
    let beeps = "aevalsrc='if(lt(mod(t,1),0.06),0.8*sin(2*PI*1000*t),0)':s=48000";
    let sound = ["-c:a", "libopus", "-b:a", "64k"];
    let pictures = made(folder.path(), "flashes.ivf", flashes, &pictures);
    let sound = made(folder.path(), "beeps.ogg", beeps, &sound);
    Samples {
        // Whoever says nothing sends nothing but now and then.
        sound: SampleLoop::from_ogg_opus(&sound)
            .unwrap()
            .from_time(1_234_567)
            .with_pauses(SILENT_BYTES_MAX),
        picture: Some(SampleLoop::from_ivf(&pictures).unwrap().from_time(4_000_000_000)),
    }
}

/// When a value first is beyond a limit that it was not beyond before, in seconds: `(seconds, value)` in, in their order.
/// Where frames are missing just before, nobody can say when that was.
fn onsets(values: &[(f64, f64)], limit: f64) -> Vec<f64> {
    let pairs = values.windows(2).filter(|it| it[0].1 <= limit && it[1].1 > limit);
    let pairs = pairs.filter(|it| it[1].0 - it[0].0 < 0.05);
    pairs.map(|it| it[1].0).collect()
}

/// What `ffprobe` says of every decoded frame.
fn measured(source: &str, tag: &str) -> Vec<(f64, f64)> {
    let entries = format!("frame=pts_time:frame_tags={tag}");
    let arguments = [
        "-v",
        "error",
        "-of",
        "json",
        "-show_entries",
        &entries,
        "-f",
        "lavfi",
        source,
    ];
    let said: serde_json::Value = serde_json::from_slice(&run("ffprobe", &arguments).stdout).unwrap();
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>();
    let frames = said["frames"].as_array().unwrap().iter();
    frames
        .map(|it| {
            (
                number(&it["pts_time"]).unwrap(),
                number(&it["tags"][tag]).unwrap_or(-200.0),
            )
        })
        .collect()
}

/// When flashes are seen and beeps are heard in a file.
fn flashes_and_beeps(file: &Path) -> (Vec<f64>, Vec<f64>) {
    let file = file.display();
    let light = measured(&format!("movie={file},signalstats"), "lavfi.signalstats.YAVG");
    let loud = measured(
        &format!("amovie={file},astats=metadata=1:reset=1"),
        "lavfi.astats.Overall.RMS_level",
    );
    // Of a flash before the first sound nobody knows whether it had a beep.
    let from = loud.first().map_or(f64::MAX, |(at, _)| at + 0.05);
    let flashes = onsets(&light, 120.0).into_iter().filter(|at| *at > from).collect();
    (flashes, onsets(&loud, -40.0))
}

/// How far the sound of a file, packet behind packet as players put them, is from the times that the packets have.
fn broken(file: &Path) -> f64 {
    let file = file.display().to_string();
    let entries = ["-v", "error", "-of", "json", "-select_streams", "a"];
    let said = run(
        "ffprobe",
        &[&entries[..], &["-show_entries", "packet=pts_time,duration_time", &file]].concat(),
    );
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let packets = said["packets"].as_array().unwrap();
    let begins = number(&packets[0]["pts_time"]);
    let mut reaches = begins;
    let mut worst: f64 = 0.0;
    for packet in packets {
        worst = worst.max((number(&packet["pts_time"]) - reaches).abs());
        reaches += number(&packet["duration_time"]);
    }
    assert!(reaches - begins > 4.0, "{file} has sound");
    worst
}

/// Every flash has its beep, and how far they are apart at most.
fn apart(file: &Path, wanted: usize) -> f64 {
    let (flashes, beeps) = flashes_and_beeps(file);
    assert!(flashes.len() >= wanted, "{flashes:?}\n{beeps:?}");
    let nearest = |flash: &f64| beeps.iter().map(|beep| (beep - flash).abs()).fold(f64::MAX, f64::min);
    let worst = flashes.iter().map(nearest).fold(0.0, f64::max);
    assert!(
        worst <= APART_S_MAX,
        "{worst} s apart in {}\n{flashes:?}\n{beeps:?}",
        file.display()
    );
    worst
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_and_pictures_are_within_forty_milliseconds_of_each_other() {
    // Each datagram comes up to 30 ms late on its way to the house, and again on its way to the recorder.
    let way = Way::trembling(30).await;
    way.begin();
    let port = way.port();
    let place = |config: &mut incamera_server::Config| {
        config.media = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port));
        config.advertise = vec![Way::OUTER.into()];
    };
    let marks = marks();
    let talks = Talks::begin_sending(place, |_| {}, |_| marks.clone()).await;
    let [ana, _] = talks.members.as_slice() else { panic!() };
    // Sound alone, then both, then a pause of the camera, then both again.
    ana.cover_camera(true);
    talks.open().await;
    for (covered, seconds) in [(true, 2), (false, 7), (true, 5), (false, 7)] {
        ana.cover_camera(covered);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    talks.open().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    talks.moves(MotionKind::Close, 1).await;
    talks.everybody(Lamp::Closed).await;
    let recordings = talks.recordings(2).await;
    for (recording, wanted) in recordings.iter().zip([8, 3]) {
        assert_eq!(recording.takes.len(), 2);
        for take in &recording.takes {
            let worst = apart(&talks.folder().join(&take.file), wanted);
            let broken = broken(&talks.folder().join(&take.file));
            assert!(
                broken <= APART_S_MAX,
                "{broken} s of sound too few or too many in {}",
                take.file
            );
            println!(
                "part {}: {} at most {worst} s apart, sound {broken} s",
                recording.part, take.name
            );
        }
    }
    drop(talks);
}
