//! How much the forwarding of media costs, ours and another server's, under the same load.
//!
//! The server under test is a process of its own on one processor, the [`generator`] a thread on another; what the
//! server used is read from the kernel's account of its process. Servers take turns in the same run, so that what else
//! the machine does meets both.

mod adapter;
mod bounds;
mod browser;
mod figures;
mod gate;
mod generator;
mod janus;
mod network;
mod ours;
mod scenario;
mod server;
mod whip;

use std::collections::{HashSet, VecDeque};
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

pub use bounds::Bounds;
pub use figures::{Delays, MediaFigures, Ratio, ServerFigures};
pub use gate::{Gate, GateFigures, Handing, serve_instructions};
pub use generator::Spacing;
pub use network::{NetworkBench, NetworkBounds, NetworkFigures, NetworkScenario, WayFigures};
pub use scenario::Scenario;
pub use server::serve_load;
pub use whip::{Token, WhipPeer};

use adapter::{Entered, Server, Side};
use generator::{Generator, Report};
use scenario::{Plan, Seat, viewer};

/// Longest wait for one word of a server, at the joining of one participant.
const SIGNALLING_PATIENCE: Duration = Duration::from_secs(15);
/// Longest wait until everybody is connected, hears and sees.
const SETTLING_PATIENCE: Duration = Duration::from_secs(20);
/// Between the last joining and the window: what joining has queued is gone by then.
const SETTLING: Duration = Duration::from_secs(1);
/// How long a storm is watched after the last has asked to be let in.
const STORM_AFTERMATH: Duration = Duration::from_secs(5);
/// Participants of one scenario: as many as one thread can play.
const SIZE_MAX: u64 = 1_000;
/// Longest window. Nothing of a longer one would be kept.
const SECONDS_MAX: u64 = 300;
/// Most rounds of one scenario.
const ROUNDS_MAX: usize = 50;
/// Rounds that may be discarded, for each that counts, because the generator was kept from its work.
const DISCARDED_PER_ROUND_MAX: usize = 2;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The caller asks for what cannot be set up.
    #[error("{0}")]
    Plan(String),
    /// The server under load is at fault.
    #[error("the server under load: {0}")]
    Server(String),
    /// A step did not come to its end.
    #[error("{scenario} against {server}: {why}")]
    Step {
        /// What was played.
        scenario: &'static str,
        /// Against which server.
        server: &'static str,
        /// What was seen.
        why: String,
    },
    /// What was measured is beyond what was allowed.
    #[error("{scenario}: {what}")]
    Bound {
        /// What was played.
        scenario: &'static str,
        /// All that is beyond its bound.
        what: String,
    },
    /// The generator, not the server, was the bottleneck.
    #[error("{scenario}: the generator was saturated ({why}); take a smaller size or a quieter machine")]
    Saturated {
        /// What was played.
        scenario: &'static str,
        /// By what it was seen.
        why: String,
    },
}

/// Another server to compare with.
#[derive(Debug, Clone)]
pub enum Peer {
    /// Debian's `janus` with the VideoRoom plugin, and this many event loops; with 0, a thread for each connection.
    Janus {
        /// `event_loops` in its configuration.
        event_loops: usize,
    },
    /// Any server that speaks WHIP and WHEP.
    Whip(WhipPeer),
}

/// Where servers and clients run.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The program and arguments that run [`serve_load`]; `--address` and the address are added.
    pub server_command: Vec<OsString>,
    /// The address of this machine on which servers and clients meet.
    pub address: IpAddr,
    /// The processor of the server.
    pub server_core: usize,
    /// The processor of the generator.
    pub generator_core: usize,
}

impl Ground {
    /// The usual address to meet on. Janus takes no loopback interface, and other servers offer none; what a machine
    /// sends to any other address of its own does not leave it either.
    pub fn usual_address(peer: Option<&Peer>) -> IpAddr {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        if peer.is_none() {
            return loopback;
        }
        let anywhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        let outward = incamera_sfu_io::candidates(anywhere, &[]);
        outward.first().map_or(loopback, SocketAddr::ip)
    }
}

/// One scenario, measured.
#[derive(Debug, Clone)]
pub struct MediaBench {
    /// What is played.
    pub scenario: Scenario,
    /// How large; see [`Scenario`].
    pub size: u64,
    /// How long each window is.
    pub seconds: u64,
    /// How many rounds count. With more than one, another is played before them and dropped.
    pub rounds: usize,
    /// With whom ours is compared.
    pub peer: Option<Peer>,
    /// How the packets of a picture follow each other.
    pub spacing: Spacing,
    /// One in so many participants takes in what it gets as a browser does. The others only count it, so that the
    /// generator has time for more of them.
    pub full_one_in: u64,
    /// Where.
    pub ground: Ground,
}

/// What one round of one server gave.
#[derive(Debug)]
struct Round {
    report: Report,
    cpu: Duration,
    rss_bytes: u64,
    participants: u64,
}

impl MediaBench {
    /// Plays all rounds and sums them up.
    pub async fn run(&self) -> Result<MediaFigures, MediaError> {
        self.check()?;
        let mut sides = vec![Side::Ours];
        sides.extend(self.peer.as_ref().map(Side::Peer));
        let dropped = usize::from(self.rounds > 1);
        let mut discarded = 0;
        let mut rounds: Vec<Vec<Round>> = Vec::new();
        while rounds.len() < self.rounds + dropped {
            // Who begins changes, too.
            sides.reverse();
            match self.play_all(&sides).await {
                Ok(mut round) => {
                    if matches!(sides.first(), Some(Side::Peer(_))) {
                        round.reverse();
                    }
                    rounds.push(round);
                }
                Err(MediaError::Saturated { why, .. }) if discarded < self.rounds * DISCARDED_PER_ROUND_MAX => {
                    tracing::warn!(why, "a round is discarded: the generator was saturated");
                    discarded += 1;
                }
                Err(error) => return Err(error),
            }
        }
        rounds.drain(..dropped);
        Ok(MediaFigures::of(self, &rounds, discarded))
    }

    /// Whether a participant only counts.
    fn is_light(&self, seat: &Seat) -> bool {
        !seat.number.is_multiple_of(self.full_one_in.max(1))
    }

    fn check(&self) -> Result<(), MediaError> {
        let plan = |what: String| Err(MediaError::Plan(what));
        if !(1..=SIZE_MAX).contains(&self.size) {
            return plan(format!("a size from 1 to {SIZE_MAX} can be played"));
        }
        if !(1..=SECONDS_MAX).contains(&self.seconds) {
            return plan(format!("a window from 1 to {SECONDS_MAX} seconds can be measured"));
        }
        if !(1..=ROUNDS_MAX).contains(&self.rounds) {
            return plan(format!("from 1 to {ROUNDS_MAX} rounds can be measured"));
        }
        if self.ground.server_core == self.ground.generator_core {
            return plan("server and generator need a processor each".to_owned());
        }
        match &self.peer {
            Some(Peer::Whip(whip)) => whip.check().map_err(MediaError::Plan),
            Some(Peer::Janus { .. }) | None => Ok(()),
        }
    }

    /// One round of every server, in this order.
    async fn play_all(&self, sides: &[Side<'_>]) -> Result<Vec<Round>, MediaError> {
        let scenario = self.scenario.name();
        let mut rounds = Vec::new();
        for side in sides {
            let round = self.play(*side).await.map_err(|why| MediaError::Step {
                scenario,
                server: side.name(),
                why,
            })?;
            if let Some(why) = round.report.saturated() {
                return Err(MediaError::Saturated { scenario, why });
            }
            rounds.push(round);
        }
        Ok(rounds)
    }

    async fn play(&self, side: Side<'_>) -> Result<Round, String> {
        let mut plan = self.scenario.plan(self.size, self.spacing);
        plan.seats.iter_mut().for_each(|seat| seat.light = self.is_light(seat));
        let generator = Generator::start(self.ground.address, self.ground.generator_core, plan.load)?;
        let rooms: HashSet<u64> = plan.seats.iter().map(|seat| seat.room).collect();
        let server = Server::start(side, &self.ground, &rooms).await?;
        let round = self.play_on(&server, &generator, &plan).await;
        server.stop().await;
        round
    }

    async fn play_on(&self, server: &Server, generator: &Generator, plan: &Plan) -> Result<Round, String> {
        let before = server.usage()?;
        let mut began = before;
        if plan.storm {
            generator.begin().await?;
        }
        let mut entered = server.let_in(generator, plan).await?;
        if plan.storm {
            tokio::time::sleep(STORM_AFTERMATH).await;
        } else {
            generator.settled(SETTLING_PATIENCE).await?;
            tokio::time::sleep(SETTLING).await;
            generator.begin().await?;
            began = server.usage()?;
            self.watch(server, generator, plan, &mut entered).await?;
        }
        let after = server.usage()?;
        let report = generator.collect().await?;
        if report.failed > 0 {
            return Err(format!("{} connections failed", report.failed));
        }
        if report.came == 0 {
            return Err("nothing was forwarded".to_owned());
        }
        Ok(Round {
            report,
            cpu: after.cpu.saturating_sub(began.cpu),
            rss_bytes: after.rss_bytes.saturating_sub(before.rss_bytes),
            participants: plan.seats.len() as u64,
        })
    }

    /// Lets the window pass, and lets viewers come and go if they should.
    async fn watch(
        &self,
        server: &Server,
        generator: &Generator,
        plan: &Plan,
        entered: &mut VecDeque<Entered>,
    ) -> Result<(), String> {
        let until = Instant::now() + Duration::from_secs(self.seconds);
        if plan.churn_per_second == 0 {
            tokio::time::sleep_until(until.into()).await;
            return Ok(());
        }
        let pause = Duration::from_secs(1) / u32::try_from(plan.churn_per_second).unwrap_or(u32::MAX);
        let mut next = Instant::now();
        let mut number = plan.seats.len() as u64;
        while next < until {
            tokio::time::sleep_until(next.into()).await;
            next += pause;
            // The first is who sends.
            if let Some(gone) = entered.remove(1) {
                server.let_out(generator, &gone).await?;
            }
            let mut seat = viewer(number);
            seat.light = self.is_light(&seat);
            entered.push_back(server.enter(generator, &seat, Instant::now()).await?);
            number += 1;
        }
        Ok(())
    }
}
