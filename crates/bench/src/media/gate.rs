//! Instructions for each forwarded packet: a figure that does not depend on what else the machine does.
//!
//! Under callgrind, a process plays a livestream in virtual time, without sockets: real connections on both sides, the
//! real engine between them, datagrams handed over as they come out. Only what happens inside the engine is counted,
//! and only after everybody is connected. What the kernel does for each packet is therefore not in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use incamera_sfu::{Engine, EngineConfig, PeerId, Role, RoomId};
use str0m::change::SdpAnswer;
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::Ssrc;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::process::Command;

use super::MediaError;
use super::browser::browser;
use super::generator::{Load, Sending, Spacing};

/// What the gate holds against: the line that `--gate` prints, committed.
const BASELINE: &str = include_str!("gate/baseline.json");
/// How much more than the baseline passes.
const TOLERANCE: f64 = 0.05;
/// Viewers of the livestream.
const VIEWERS: u64 = 30;
/// Packets of the sender that are counted. Fewer, and what happens once a second would weigh too much.
const PACKETS: u64 = 400;
/// Rounds of handing datagrams over until everybody must be connected, a millisecond each.
const CONNECTING_ROUNDS: u32 = 20_000;
/// The function inside which callgrind counts.
const COUNTED: &str = "*counted_engine_work*";

/// What was counted, and what was expected.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct GateFigures {
    /// Instructions in the engine for each packet that reached a receiver.
    pub instructions_per_packet: f64,
}

/// The gate.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The program and arguments that run [`serve_instructions`].
    pub counted_command: Vec<OsString>,
}

impl Gate {
    /// Counts.
    pub async fn count(&self) -> Result<GateFigures, MediaError> {
        let failed = |why: String| MediaError::Server(why);
        let folder = tempfile::tempdir().map_err(|error| failed(format!("no temporary folder: {error}")))?;
        let counts = folder.path().join("counts");
        let mut out_file = OsString::from("--callgrind-out-file=");
        out_file.push(&counts);
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--collect-atstart=no"]).arg(out_file);
        command.arg(format!("--toggle-collect={COUNTED}"));
        command.args(&self.counted_command).kill_on_drop(true);
        let output = command.stdin(Stdio::null()).output().await;
        let output = output.map_err(|error| {
            failed(format!(
                "valgrind cannot be started (on Debian it is in the package `valgrind`): {error}"
            ))
        })?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(failed(format!("the counted process failed: {told}")));
        }
        let forwarded: u64 = String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse()
            .map_err(|_| failed("the counted process did not say what it forwarded".to_owned()))?;
        let counts =
            std::fs::read_to_string(counts).map_err(|error| failed(format!("callgrind wrote nothing: {error}")))?;
        let total = total(&counts).filter(|total| *total > 0);
        let total = total.ok_or_else(|| failed("callgrind counted nothing".to_owned()))?;
        Ok(GateFigures {
            instructions_per_packet: (total as f64 / forwarded as f64).round(),
        })
    }
}

impl GateFigures {
    /// What is committed.
    pub fn baseline() -> Result<Self, MediaError> {
        serde_json::from_str(BASELINE).map_err(|error| MediaError::Server(format!("the baseline is broken: {error}")))
    }

    /// Fails if it is more than a twentieth above the baseline.
    pub fn verdict(&self, baseline: &Self) -> Result<(), MediaError> {
        let (counted, expected) = (self.instructions_per_packet, baseline.instructions_per_packet);
        if counted > expected * (1.0 + TOLERANCE) {
            return Err(MediaError::Server(format!(
                "{counted} instructions for a forwarded packet; the baseline is {expected}, and {:.0} % more pass",
                TOLERANCE * 100.0
            )));
        }
        Ok(())
    }
}

/// The sum in callgrind's file.
fn total(counts: &str) -> Option<u64> {
    let line = counts.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.trim().parse().ok()
}

/// How datagrams are handed to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handing {
    /// A packet at a time, and the engine does all that follows.
    OneByOne,
    /// The packets of a picture, of which the engine does what follows when it has all.
    Together,
}

/// Plays the livestream and prints how many packets reached receivers. To be run under callgrind.
pub fn serve_instructions(handing: Handing) -> Result<(), MediaError> {
    let came = Stage::play(handing).map_err(MediaError::Server)?;
    println!("{came}");
    Ok(())
}

/// The engine and its clients in virtual time.
struct Stage {
    engine: Engine,
    at: SocketAddr,
    now: Instant,
    clients: BTreeMap<SocketAddr, Viewer>,
    /// What clients have sent and the engine has not yet been given.
    to_engine: Datagrams,
    /// What has got through, to be given back as after a socket has sent it.
    sent: Vec<Vec<u8>>,
    handing: Handing,
    counting: bool,
    came: u64,
}

struct Viewer {
    rtc: Rtc,
    connected: bool,
    wants: Instant,
}

impl Stage {
    fn play(handing: Handing) -> Result<u64, String> {
        let at = SocketAddr::from(([192, 0, 2, 1], 3478));
        let now = Instant::now();
        let mut stage = Self {
            engine: Engine::new(EngineConfig::new(vec![at]), now),
            at,
            now,
            clients: BTreeMap::new(),
            to_engine: Datagrams::new(),
            sent: Vec::new(),
            handing,
            counting: false,
            came: 0,
        };
        stage.engine.set_viewers_routed(now, RoomId(1), true);
        let (sender, mut lines) = stage.join(0, Role::Member)?;
        for number in 1..=VIEWERS {
            stage.join(number, Role::Viewer)?;
        }
        for _ in 0..CONNECTING_ROUNDS {
            if stage.clients.values().all(|client| client.connected) {
                break;
            }
            stage.step(Duration::from_millis(1));
        }
        if !stage.clients.values().all(|client| client.connected) {
            return Err("not everybody connected".to_owned());
        }
        let started = stage.now;
        for packet in 0..PACKETS * 2 {
            // The first half fills the slots and answers the first requests for key frames.
            if packet == PACKETS {
                stage.counting = true;
                stage.came = 0;
            }
            // Of four packets, three are of a picture.
            let line = match handing {
                Handing::OneByOne => packet % 2,
                Handing::Together => u64::from(packet % 4 != 0),
            };
            let line = usize::try_from(line).unwrap_or_default();
            let sending = lines.get_mut(line).ok_or("nothing to send")?;
            let write = sending.next(stage.now, started);
            let client = stage.clients.get_mut(&sender).ok_or("the sender is gone")?;
            let mut api = client.rtc.direct_api();
            api.stream_tx(&sending.ssrc)
                .ok_or("the sender has no stream")?
                .write_rtp(write);
            client.wants = stage.now;
            // A picture is whole before it is sent.
            if handing == Handing::OneByOne || matches!(packet % 4, 0 | 3) {
                stage.step(Duration::from_millis(8));
            }
        }
        // Two or three in a hundred may be on their way or before the first key frame; more means that it is not what
        // is to be counted.
        if stage.came * 100 < PACKETS * VIEWERS * 97 {
            return Err(format!("only {} of {} packets came", stage.came, PACKETS * VIEWERS));
        }
        Ok(stage.came)
    }

    fn join(&mut self, number: u64, role: Role) -> Result<(SocketAddr, Vec<Sending>), String> {
        let port = 40_000 + u16::try_from(number).map_err(|error| error.to_string())?;
        let address = SocketAddr::from(([192, 0, 2, 2], port));
        let mut rtc = browser().build(self.now);
        rtc.add_local_candidate(Candidate::host(address, "udp").map_err(|error| error.to_string())?);
        let direction = match role {
            Role::Member | Role::Waiting => Direction::SendOnly,
            Role::Viewer => Direction::RecvOnly,
        };
        let mut change = rtc.sdp_api();
        let audio = change.add_media(MediaKind::Audio, direction, None, None, None);
        let video = change.add_media(MediaKind::Video, direction, None, None, None);
        let (offer, pending) = change.apply().ok_or("nothing to offer")?;
        let joined = self
            .engine
            .join(self.now, RoomId(1), PeerId(number), role, &offer.to_sdp_string());
        let answer = joined.map_err(|error| error.to_string())?;
        let answer = SdpAnswer::from_sdp_string(&answer).map_err(|error| error.to_string())?;
        rtc.sdp_api()
            .accept_answer(pending, answer)
            .map_err(|error| error.to_string())?;
        let lines = match role {
            Role::Viewer | Role::Waiting => Vec::new(),
            Role::Member => {
                let load = Load {
                    video_packets_per_second: 62.5,
                    spacing: Spacing::Evenly,
                    speakers: None,
                };
                let mut ssrc = |mid| -> Result<Ssrc, String> {
                    let stream = rtc.direct_api().stream_tx_by_mid(mid, None).map(|stream| stream.ssrc());
                    stream.ok_or_else(|| "a line has no stream".to_owned())
                };
                let (audio, video) = (ssrc(audio)?, ssrc(video)?);
                vec![
                    Sending::sound(audio, pt(&rtc, Codec::Opus)?, 0, 1, load),
                    Sending::pictures(video, pt(&rtc, Codec::Vp8)?, load),
                ]
            }
        };
        let viewer = Viewer {
            rtc,
            connected: false,
            wants: self.now,
        };
        self.clients.insert(address, viewer);
        Ok((address, lines))
    }

    /// Lets everybody do what is due, hands datagrams over until nobody has one, and lets time pass.
    fn step(&mut self, pause: Duration) {
        loop {
            let mut to_engine = std::mem::take(&mut self.to_engine);
            for (address, client) in &mut self.clients {
                if client.wants <= self.now {
                    let _ = client.rtc.handle_input(Input::Timeout(self.now));
                    self.came += client.drain(*address, self.now, &mut to_engine);
                }
            }
            let sent = std::mem::take(&mut self.sent);
            let from_engine = if self.counting {
                counted_engine_work(&mut self.engine, self.handing, self.now, self.at, &to_engine, sent)
            } else {
                engine_work(&mut self.engine, self.handing, self.now, self.at, &to_engine, sent)
            };
            if to_engine.is_empty() && from_engine.is_empty() {
                break;
            }
            for (destination, bytes) in from_engine {
                let Some(client) = self.clients.get_mut(&destination) else {
                    continue;
                };
                let Ok(contents) = DatagramRecv::try_from(bytes.as_slice()) else {
                    continue;
                };
                let receive = Receive {
                    proto: Protocol::Udp,
                    source: self.at,
                    destination,
                    contents,
                };
                let _ = client.rtc.handle_input(Input::Receive(self.now, receive));
                self.came += client.drain(destination, self.now, &mut self.to_engine);
                self.sent.push(bytes);
            }
            self.now += Duration::from_micros(1);
        }
        self.now += pause;
    }
}

impl Viewer {
    /// Does what the connection wants; gives how many media packets came out of it.
    fn drain(&mut self, address: SocketAddr, now: Instant, out: &mut Datagrams) -> u64 {
        let mut came = 0;
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.wants = at.max(now + Duration::from_micros(1));
                    return came;
                }
                Ok(Output::Transmit(transmit)) => out.push((address, transmit.contents.into())),
                Ok(Output::Event(Event::Connected)) => self.connected = true,
                Ok(Output::Event(Event::RtpPacket(_))) => came += 1,
                Ok(Output::Event(_)) => {}
                Err(_) => return came,
            }
        }
    }
}

type Datagrams = Vec<(SocketAddr, Vec<u8>)>;

/// What the engine does with some datagrams. In a function of its own name, by which callgrind knows what to count.
#[inline(never)]
fn counted_engine_work(
    engine: &mut Engine,
    handing: Handing,
    now: Instant,
    at: SocketAddr,
    datagrams: &Datagrams,
    sent: Vec<Vec<u8>>,
) -> Datagrams {
    engine_work(engine, handing, now, at, datagrams, sent)
}

fn engine_work(
    engine: &mut Engine,
    handing: Handing,
    now: Instant,
    at: SocketAddr,
    datagrams: &Datagrams,
    sent: Vec<Vec<u8>>,
) -> Datagrams {
    sent.into_iter().for_each(|bytes| engine.give_back(bytes));
    let mut out = Vec::new();
    for (source, bytes) in datagrams {
        match handing {
            Handing::OneByOne => engine.handle_datagram(now, *source, at, bytes),
            Handing::Together => engine.take_datagram(now, *source, at, bytes),
        }
    }
    engine.handle_timeout(now);
    while let Some(transmit) = engine.poll_transmit() {
        out.push(transmit);
    }
    while engine.poll_event().is_some() {}
    out
}

fn pt(rtc: &Rtc, codec: Codec) -> Result<Pt, String> {
    let params = rtc.codec_config().find(|params| params.spec().codec == codec);
    params
        .map(|params| params.pt())
        .ok_or_else(|| "a codec is missing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_read_from_callgrinds_file() {
        assert_eq!(total("events: Ir\nsummary: 12\n\ntotals: 345\n"), Some(345));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn a_twentieth_more_passes_and_more_does_not() {
        let figures = |instructions_per_packet| GateFigures {
            instructions_per_packet,
        };
        assert!(figures(10_500.0).verdict(&figures(10_000.0)).is_ok());
        assert!(figures(10_501.0).verdict(&figures(10_000.0)).is_err());
    }

    #[test]
    fn the_livestream_in_virtual_time_reaches_every_viewer() {
        for handing in [Handing::OneByOne, Handing::Together] {
            assert!(Stage::play(handing).unwrap() >= PACKETS * VIEWERS * 97 / 100);
        }
    }
}
