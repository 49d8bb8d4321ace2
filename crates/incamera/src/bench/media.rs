//! `incamera bench media`: the forwarding engine under load, beside another server if asked.

mod peer;

use std::ffi::OsString;
use std::net::IpAddr;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use incamera_bench::{
    Bounds, Gate, Ground, MediaBench, MediaFigures, NetworkBench, NetworkBounds, NetworkFigures, NetworkScenario, Peer,
    Scenario, ServerFigures, Spacing, Spread, WayFigures,
};

use self::peer::PeerPlan;
use super::print_line;
use crate::table::table;

#[derive(Args)]
pub(super) struct Plan {
    /// What is played, one after the other.
    #[arg(long = "scenario", value_name = "NAME,…", value_delimiter = ',', default_values_t = [Name::Livestream, Name::ManySmall])]
    scenarios: Vec<Name>,

    /// Rooms, delegations or viewers, instead of the scenario's usual number.
    #[arg(long, value_name = "N")]
    size: Option<u64>,

    /// How long each window is.
    #[arg(long, value_name = "S", default_value_t = 8)]
    seconds: u64,

    /// How many rounds count. With more than one, another is played before them and dropped.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,

    #[command(flatten)]
    peer: PeerPlan,

    /// The address of this machine on which servers and clients meet.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,

    /// The processors of the server and of the generator.
    #[arg(long, value_name = "SERVER,GENERATOR", value_delimiter = ',', default_values_t = [0, 1])]
    cores: Vec<usize>,

    /// How the packets of a picture follow each other.
    #[arg(long, value_name = "HOW", default_value = "pictures")]
    spacing: SpacingName,

    /// One in so many participants takes in what it gets as a browser does; the others decrypt none of it: they count it by
    /// its headers, and report by those what came.
    #[arg(long, value_name = "N", default_value_t = 1)]
    full_one_in: u64,

    /// What the ways of `lossy` and `staircase` lose and delay is up to it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    #[command(flatten)]
    bounds: BoundsPlan,

    /// One JSON object a line for each scenario, and no table.
    #[arg(long)]
    json: bool,

    /// Counts instructions for each forwarded packet, with callgrind, and fails if they are more than a twentieth above
    /// the committed baseline. Scenarios are then played only if there are bounds to hold them to.
    #[arg(long)]
    gate: bool,
}

/// Upper bounds; the command fails if a scenario's figures are beyond one.
#[derive(Args)]
struct BoundsPlan {
    /// Of the server's CPU time for a packet, in microseconds.
    #[arg(long, value_name = "US")]
    cpu_us_max: Option<f64>,

    /// Of the share of packets that receivers missed: 0.0001 is one of ten thousand.
    #[arg(long, value_name = "SHARE")]
    loss_max: Option<f64>,

    /// Of the delay that 99 of 100 packets keep, in milliseconds.
    #[arg(long, value_name = "MS")]
    delay_p99_ms_max: Option<f64>,

    /// Of the delay that 999 of 1,000 packets keep, in milliseconds.
    #[arg(long, value_name = "MS")]
    delay_p999_ms_max: Option<f64>,

    /// Of our CPU time for a packet by the peer's.
    #[arg(long, value_name = "RATIO")]
    ratio_max: Option<f64>,

    /// Of resident memory that participants added, for each.
    #[arg(long, value_name = "KIB")]
    rss_kib_max: Option<f64>,

    /// Of the time to the first sound that 95 of 100 participants keep.
    #[arg(long, value_name = "MS")]
    first_audio_ms_max: Option<f64>,

    /// Of the time to the first picture that 95 of 100 participants keep.
    #[arg(long, value_name = "MS")]
    first_video_ms_max: Option<f64>,

    /// Of pictures that stood still and sounds that were not there.
    #[arg(long, value_name = "N")]
    breaks_max: Option<f64>,

    /// Of the share of sounds that were not there in time, on a bad way.
    #[arg(long, value_name = "SHARE")]
    concealed_max: Option<f64>,

    /// Of the share of sounds that never came, on a bad way.
    #[arg(long, value_name = "SHARE")]
    audio_lost_max: Option<f64>,

    /// Of the longest time without a new picture, on a bad way.
    #[arg(long, value_name = "MS")]
    freeze_ms_max: Option<u64>,

    /// Of the time until a smaller picture is shown on a way that has become narrow.
    #[arg(long, value_name = "MS")]
    step_down_ms_max: Option<u64>,

    /// Of the time until the largest is shown on one that has become wide again.
    #[arg(long, value_name = "MS")]
    step_up_ms_max: Option<u64>,
}

impl BoundsPlan {
    fn any(&self) -> bool {
        let Self {
            cpu_us_max,
            loss_max,
            delay_p99_ms_max,
            delay_p999_ms_max,
            ratio_max,
            rss_kib_max,
            first_audio_ms_max,
            first_video_ms_max,
            breaks_max,
            concealed_max,
            audio_lost_max,
            freeze_ms_max,
            step_down_ms_max,
            step_up_ms_max,
        } = self;
        let shares = [
            cpu_us_max,
            loss_max,
            delay_p99_ms_max,
            delay_p999_ms_max,
            ratio_max,
            rss_kib_max,
            first_audio_ms_max,
            first_video_ms_max,
            breaks_max,
            concealed_max,
            audio_lost_max,
        ];
        let times = [freeze_ms_max, step_down_ms_max, step_up_ms_max];
        shares.into_iter().any(Option::is_some) || times.into_iter().any(Option::is_some)
    }

    fn network_bounds(&self) -> NetworkBounds {
        NetworkBounds {
            audio_concealed: self.concealed_max,
            audio_lost: self.audio_lost_max,
            longest_freeze_ms: self.freeze_ms_max,
            step_down_ms: self.step_down_ms_max,
            step_up_ms: self.step_up_ms_max,
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            cpu_us_per_packet: self.cpu_us_max,
            loss: self.loss_max,
            delay_p99_ms: self.delay_p99_ms_max,
            delay_p999_ms: self.delay_p999_ms_max,
            cpu_ratio: self.ratio_max,
            rss_kib: self.rss_kib_max,
            first_audio_ms: self.first_audio_ms_max,
            first_video_ms: self.first_video_ms_max,
            breaks: self.breaks_max,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum SpacingName {
    /// All at the same distance, as from a slow line.
    Evenly,
    /// Those of a picture at once, as browsers send them.
    Pictures,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    ManySmall,
    Plenary,
    Livestream,
    JoinStorm,
    Churn,
    /// One watches over ways that lose 2, 5 and 10 of 100 datagrams.
    Lossy,
    /// One watches over a way of 5, 0.5 and 5 Mbit/s.
    Staircase,
}

/// What a name stands for.
enum Played {
    Load(Scenario),
    Network(NetworkScenario),
}

impl Name {
    fn played(self) -> Played {
        match self {
            Name::ManySmall => Played::Load(Scenario::ManySmall),
            Name::Plenary => Played::Load(Scenario::Plenary),
            Name::Livestream => Played::Load(Scenario::Livestream),
            Name::JoinStorm => Played::Load(Scenario::JoinStorm),
            Name::Churn => Played::Load(Scenario::Churn),
            Name::Lossy => Played::Network(NetworkScenario::Lossy),
            Name::Staircase => Played::Network(NetworkScenario::Staircase),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

impl Plan {
    pub(super) async fn run(self) -> Result<()> {
        if self.gate {
            self.hold_the_gate().await?;
            if !self.bounds.any() {
                return Ok(());
            }
        }
        let [server_core, generator_core] = self.cores[..] else {
            anyhow::bail!("--cores takes two processors");
        };
        let peer = self.peer.peer();
        ensure!(
            !matches!(peer, Some(Peer::Whip(_)))
                || self
                    .scenarios
                    .iter()
                    .all(|name| matches!(name.played(), Played::Load(_))),
            "lossy and staircase are not played with --peer whip: name other scenarios, or --peer janus"
        );
        let ground = Ground {
            server_command: this_program("media-server")?,
            address: self.address.unwrap_or_else(|| Ground::usual_address(peer.as_ref())),
            server_core,
            generator_core,
        };
        let mut measured = Vec::new();
        let mut ways: Vec<NetworkFigures> = Vec::new();
        for name in &self.scenarios {
            let scenario = match name.played() {
                Played::Load(scenario) => scenario,
                Played::Network(scenario) => {
                    let bench = NetworkBench {
                        scenario,
                        seconds: self.seconds,
                        seed: self.seed,
                        peer: peer.clone(),
                        ground: ground.clone(),
                    };
                    for figures in bench.run().await? {
                        print_line(self.json, &figures)?;
                        ways.push(figures);
                    }
                    continue;
                }
            };
            let bench = MediaBench {
                scenario,
                size: self.size.unwrap_or_else(|| scenario.usual_size()),
                seconds: self.seconds,
                rounds: self.rounds,
                peer: peer.clone(),
                spacing: match self.spacing {
                    SpacingName::Evenly => Spacing::Evenly,
                    SpacingName::Pictures => Spacing::Pictures,
                },
                full_one_in: self.full_one_in,
                ground: ground.clone(),
            };
            let figures = bench.run().await?;
            print_line(self.json, &figures)?;
            measured.push(figures);
        }
        if !self.json && !measured.is_empty() {
            print!("{}", media_table(&measured));
        }
        if !self.json && !ways.is_empty() {
            print!("{}", network_table(&ways));
        }
        let bounds = self.bounds.bounds();
        for figures in &measured {
            bounds.verdict(figures)?;
        }
        let bounds = self.bounds.network_bounds();
        for figures in &ways {
            bounds.verdict(figures)?;
        }
        Ok(())
    }

    async fn hold_the_gate(&self) -> Result<()> {
        let gate = Gate {
            counted_command: this_program("media-instructions")?,
        };
        let figures = gate.count().await?;
        println!(
            "{}",
            serde_json::to_string(&figures).context("the figures cannot be written")?
        );
        Ok(figures.verdict(&incamera_bench::GateFigures::baseline()?)?)
    }
}

/// The command line by which this program runs a hidden part of itself.
fn this_program(part: &str) -> Result<Vec<OsString>> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    ensure!(program.is_file(), "this program has been replaced while it runs");
    Ok(vec![program.into(), "bench".into(), part.into()])
}

fn network_table(ways: &[NetworkFigures]) -> String {
    let head = [
        "scenario",
        "seed",
        "server",
        "concealed %",
        "lost %",
        "freeze ms",
        "pictures/s",
        "large %",
        "down ms",
        "up ms",
    ];
    let time = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), |ms| ms.to_string());
    let row = |figures: &NetworkFigures, server: &str, seen: &WayFigures| {
        vec![
            figures.scenario.to_owned(),
            figures.seed.to_string(),
            server.to_owned(),
            format!("{:.2}", seen.audio_concealed * 100.0),
            format!("{:.2}", seen.audio_lost * 100.0),
            seen.longest_freeze_ms.to_string(),
            format!("{:.1}", seen.pictures_per_s),
            format!("{:.0}", seen.large * 100.0),
            time(seen.step_down_ms),
            time(seen.step_up_ms),
        ]
    };
    let rows: Vec<Vec<String>> = ways
        .iter()
        .flat_map(|figures| {
            let peer = figures.peer.as_ref().map(|peer| row(figures, "peer", peer));
            std::iter::once(row(figures, "ours", &figures.ours)).chain(peer)
        })
        .collect();
    table(&head, &rows)
}

fn media_table(measured: &[MediaFigures]) -> String {
    let head = [
        "scenario",
        "size",
        "server",
        "CPU us/packet",
        "min",
        "max",
        "packets/s",
        "loss %",
        "delay p50",
        "p99",
        "p99.9",
        "KiB each",
        "sound ms",
        "p95",
        "picture ms",
        "p95",
        "freezes",
        "gaps",
        "core %",
        "ours/peer",
    ];
    let row = |figures: &MediaFigures, name: &str, server: &ServerFigures, ratio: String| {
        let [min, max] = server.cpu_us_per_packet_range;
        let spread = |times: Option<Spread>| match times {
            Some(times) => [format!("{:.0}", times.p50), format!("{:.0}", times.p95)],
            None => ["-".to_owned(), "-".to_owned()],
        };
        let [sound, sound_p95] = spread(server.first_audio_ms);
        let [picture, picture_p95] = spread(server.first_video_ms);
        vec![
            figures.scenario.to_owned(),
            figures.size.to_string(),
            name.to_owned(),
            format!("{:.2}", server.cpu_us_per_packet),
            format!("{min:.2}"),
            format!("{max:.2}"),
            format!("{:.0}", server.packets_per_s),
            format!("{:.3}", server.loss * 100.0),
            format!("{:.2}", server.delay_ms.p50),
            format!("{:.2}", server.delay_ms.p99),
            format!("{:.2}", server.delay_ms.p999),
            format!("{:.0}", server.rss_kib_per_participant),
            sound,
            sound_p95,
            picture,
            picture_p95,
            server.freezes.to_string(),
            server.sound_gaps.to_string(),
            format!("{:.0}", server.server_core * 100.0),
            ratio,
        ]
    };
    let mut rows = Vec::new();
    for figures in measured {
        rows.push(row(figures, "ours", &figures.ours, String::new()));
        if let (Some(peer), Some(ratio)) = (&figures.peer, &figures.cpu_ratio) {
            let ratio = format!("{:.2} ({:.2}-{:.2})", ratio.median, ratio.min, ratio.max);
            rows.push(row(figures, "peer", peer, ratio));
        }
    }
    table(&head, &rows)
}
