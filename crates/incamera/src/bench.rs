//! `incamera bench`: figures of this machine, as a table or as one JSON object a line.

mod media;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use incamera_bench::{
    CloseBench, CloseFigures, CommitBench, CommitFigures, DELEGATIONS_MAX, Handing, Others, PublicBench, PublicFigures,
    RecordBench, RecordFigures,
};

use crate::table::table;

/// Measures how fast a meeting closes, what its commits cost and what forwarding its media does, on this machine.
#[derive(Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How fast everybody falls silent when one closes. Fails if a frame is sealed under the open key by a client that
    /// has taken in the close.
    ///
    /// For each size a house of its own and that many native clients, over real sockets on loopback. Everybody sends
    /// sound (no pictures): 50 frames a second up to 20 members, and with more so many fewer that all together send at
    /// most 1,000 a second. Then all consent to open, and one closes; in each round another.
    ///
    /// Times are in milliseconds from the command to close: `silence` until a member's last frame sealed under the open
    /// key (0 if that was before), `heard` until its lamp left `open`, which bounds its silence at any frame rate,
    /// `confirmed` until its lamp said `closed`. Percentiles (nearest rank) are over members times rounds. `late` counts
    /// frames that a client sealed under the open key after it had taken in the close, by the key id in each frame.
    ///
    /// House and clients share this machine's processors, so large sizes measure those; no network but loopback is in
    /// the figures, and no browser.
    ///
    /// The first members are principals of a delegation each, up to --delegations; the others are advisers, who come by
    /// letters of the same delegations.
    Close(ClosePlan),
    /// What a commit costs that adds a member to a group, by the size of the group: milliseconds to make it, to process
    /// it and to join by it, and bytes; medians.
    ///
    /// The members' own code, natively, one thread, without server and network. The group is as it is when all have
    /// been added by one: no tree of that size makes a larger commit.
    Commit(Plan),
    /// How long a long record takes to verify, of which each entry bears a signature; and the proof that an entry is in it.
    ///
    /// In memory, one thread, without downloading. `tree` is what a witness does who only holds the entries against the
    /// signed head. No commits are in it: see `commit`. Fails beyond the bounds.
    Record(RecordPlan),
    /// How many times a second the page of a meeting that is in public can be read, and what those cost who only watch
    /// its state.
    ///
    /// The house is a process of its own on one processor, its public on another; loopback, no TLS. Two members sit in the
    /// meeting and speak. Fails beyond the bounds.
    Public(PublicPlan),
    /// What it costs to forward media: our engine, in a process of its own, under load, and in turns with it Debian's
    /// Janus (`--peer janus`) or another server that speaks WHIP and WHEP (`--peer whip`).
    ///
    /// Server and load have a processor each. `CPU us/packet` is the server's CPU time, by the kernel's account, for each
    /// media packet that reached a receiver; delays are in milliseconds from the sender's sealing of a packet until the
    /// kernel had it for the receiver. Fails rather than tell figures when the load could not be kept up.
    Media(Box<media::Plan>),
    /// The engine as a server under load, for `media`.
    #[command(hide = true)]
    MediaServer {
        /// Where it listens, at a free port.
        #[arg(long)]
        address: IpAddr,
    },
    /// Everybody else in a room, for the measurement of a browser in it (`cargo xtask bench room`).
    #[command(hide = true)]
    RoomOthers {
        /// How many they are.
        #[arg(long)]
        number: usize,
        /// What they show, IVF with VP8.
        #[arg(long, value_name = "FILE")]
        picture: PathBuf,
        /// For how many more there are links.
        #[arg(long, default_value_t = 1)]
        more: usize,
        /// The link by which meetings are convened in the house where they sit. Without it: nobody seals, and they are at
        /// an engine alone.
        #[arg(long, value_name = "LINK")]
        house: Option<String>,
    },
    /// A livestream in virtual time, for `media --gate`.
    #[command(hide = true)]
    MediaInstructions {
        /// The packets of a picture are handed over together.
        #[arg(long)]
        together: bool,
    },
}

#[derive(Args)]
struct Plan {
    /// How many members, one size after the other.
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_values_t = [2, 40])]
    members: Vec<usize>,

    /// How often it is measured at each size.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,

    /// One JSON object a line for each size, and no table.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct ClosePlan {
    #[command(flatten)]
    plan: Plan,

    /// How many delegations there are at most.
    #[arg(long, value_name = "N", default_value_t = DELEGATIONS_MAX)]
    delegations: usize,
}

#[derive(Args)]
struct RecordPlan {
    /// How many entries, one size after the other.
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_values_t = [10_000, 100_000])]
    entries: Vec<usize>,

    /// How often each size is verified.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,

    /// Fails if half of the verifications of the largest size take longer, in milliseconds.
    #[arg(long, value_name = "MS")]
    verify_ms_max: Option<f64>,

    /// Fails if any proof takes longer, in milliseconds.
    #[arg(long, value_name = "MS")]
    inclusion_ms_max: Option<f64>,

    /// One JSON object a line for each size, and no table.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct PublicPlan {
    /// How long the page is read.
    #[arg(long, value_name = "S", default_value_t = 5)]
    seconds: u64,

    /// How many watch.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    watchers: usize,

    /// The processors of the house and of its public.
    #[arg(long, value_name = "HOUSE,PUBLIC", value_delimiter = ',', default_values_t = [0, 1])]
    cores: Vec<usize>,

    /// Fails if fewer views a second are served.
    #[arg(long, value_name = "N")]
    views_min: Option<f64>,

    /// Fails if a watcher costs more memory, in KiB.
    #[arg(long, value_name = "KIB")]
    watcher_kib_max: Option<f64>,

    /// One JSON object, and no table.
    #[arg(long)]
    json: bool,
}

impl Bench {
    /// Measures and prints. Fails at the first size that cannot be measured, or if what must be zero is not.
    pub(crate) async fn run(self) -> Result<()> {
        if cfg!(debug_assertions) {
            eprintln!("built without optimisation: the figures say little");
        }
        match self.what {
            What::Close(plan) => close(plan).await,
            What::Commit(plan) => commit(&plan),
            What::Record(plan) => record(&plan),
            What::Public(plan) => public(&plan).await,
            What::Media(plan) => plan.run().await,
            What::MediaServer { address } => Ok(incamera_bench::serve_load(address).await?),
            What::RoomOthers {
                number,
                picture,
                more,
                house,
            } => {
                let others = Others::sending(number, &picture)?;
                match house {
                    Some(convene) => others.in_house(&convene, more).await?,
                    None => others.in_clear(Ipv4Addr::LOCALHOST.into()).await?,
                }
                Ok(())
            }
            What::MediaInstructions { together } => {
                let handing = if together { Handing::Together } else { Handing::OneByOne };
                Ok(incamera_bench::serve_instructions(handing)?)
            }
        }
    }
}

async fn close(ClosePlan { plan, delegations }: ClosePlan) -> Result<()> {
    let mut measured = Vec::new();
    let mut outcome = Ok(());
    for members in plan.members {
        let rounds = plan.rounds;
        let bench = CloseBench {
            members,
            delegations,
            rounds,
        };
        match bench.run().await {
            Ok(figures) => {
                print_line(plan.json, &figures)?;
                outcome = figures.verdict();
                measured.push(figures);
            }
            Err(error) => outcome = Err(error),
        }
        if outcome.is_err() {
            break;
        }
    }
    if !plan.json && !measured.is_empty() {
        print!("{}", close_table(&measured));
    }
    Ok(outcome?)
}

fn commit(plan: &Plan) -> Result<()> {
    let mut measured = Vec::new();
    let mut outcome = Ok(());
    for members in &plan.members {
        let bench = CommitBench {
            members: *members,
            rounds: plan.rounds,
        };
        match bench.run() {
            Ok(figures) => {
                print_line(plan.json, &figures)?;
                measured.push(figures);
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    if !plan.json && !measured.is_empty() {
        print!("{}", commit_table(&measured));
    }
    Ok(outcome?)
}

fn record(plan: &RecordPlan) -> Result<()> {
    let mut measured = Vec::new();
    for entries in &plan.entries {
        let rounds = plan.rounds;
        let figures = RecordBench {
            entries: *entries,
            rounds,
        }
        .run()?;
        print_line(plan.json, &figures)?;
        measured.push(figures);
    }
    if !plan.json && !measured.is_empty() {
        print!("{}", record_table(&measured));
    }
    let beyond = |measured: f64, bound: Option<f64>| bound.is_some_and(|bound| measured > bound);
    if let Some(last) = measured.last() {
        ensure!(
            !beyond(last.verify_ms.p50, plan.verify_ms_max),
            "verifying takes too long"
        );
        ensure!(
            !beyond(last.inclusion_ms.max, plan.inclusion_ms_max),
            "a proof takes too long"
        );
    }
    Ok(())
}

async fn public(plan: &PublicPlan) -> Result<()> {
    let [house, public] = plan.cores[..] else {
        anyhow::bail!("--cores takes two processors");
    };
    let program = std::env::current_exe().context("where this program is cannot be told")?;
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--media-port",
        "0",
        "--no-recording",
    ];
    let mut serve = vec![program.to_string_lossy().into_owned()];
    serve.extend(arguments.map(str::to_owned));
    let bench = PublicBench {
        serve,
        seconds: plan.seconds,
        watchers: plan.watchers,
        cores: [house, public],
    };
    let figures = bench.run().await?;
    print_line(plan.json, &figures)?;
    if !plan.json {
        print!("{}", public_table(&figures));
    }
    ensure!(
        plan.views_min.is_none_or(|least| figures.views_per_s >= least),
        "too few views a second"
    );
    ensure!(
        plan.watcher_kib_max.is_none_or(|most| figures.watcher_kib <= most),
        "a watcher costs too much memory"
    );
    Ok(())
}

fn public_table(figures: &PublicFigures) -> String {
    let head = [
        "views/s",
        "bytes",
        "CPU us/view",
        "busy %",
        "watchers",
        "KiB each",
        "busy %",
    ];
    let row = vec![
        format!("{:.0}", figures.views_per_s),
        figures.view_bytes.to_string(),
        format!("{:.1}", figures.cpu_us_per_view),
        format!("{:.0}", figures.busy_percent),
        figures.watchers.to_string(),
        format!("{:.1}", figures.watcher_kib),
        format!("{:.1}", figures.watched_busy_percent),
    ];
    table(&head, &[row])
}

fn record_table(measured: &[RecordFigures]) -> String {
    let head = [
        "entries",
        "rounds",
        "bytes",
        "verify ms p50",
        "max",
        "tree ms p50",
        "inclusion ms p50",
        "max",
    ];
    let row = |figures: &RecordFigures| {
        vec![
            figures.entries.to_string(),
            figures.rounds.to_string(),
            figures.bytes.to_string(),
            format!("{:.0}", figures.verify_ms.p50),
            format!("{:.0}", figures.verify_ms.max),
            format!("{:.0}", figures.tree_ms.p50),
            format!("{:.2}", figures.inclusion_ms.p50),
            format!("{:.2}", figures.inclusion_ms.max),
        ]
    };
    table(&head, &measured.iter().map(row).collect::<Vec<_>>())
}

fn print_line(json: bool, figures: &impl serde::Serialize) -> Result<()> {
    if json {
        println!(
            "{}",
            serde_json::to_string(figures).context("the figures cannot be written")?
        );
    }
    Ok(())
}

fn close_table(measured: &[CloseFigures]) -> String {
    let head = [
        "members",
        "rounds",
        "frames/s",
        "join s",
        "silence p50",
        "p95",
        "max",
        "closer",
        "heard p50",
        "p95",
        "confirmed p50",
        "p95",
        "late",
    ];
    let row = |figures: &CloseFigures| {
        vec![
            figures.members.to_string(),
            figures.rounds.to_string(),
            format!("{:.1}", figures.frames_per_second),
            format!("{:.1}", figures.join_seconds),
            format!("{:.1}", figures.silence_ms.p50),
            format!("{:.1}", figures.silence_ms.p95),
            format!("{:.1}", figures.silence_ms.max),
            format!("{:.1}", figures.closer_last_frame_ms),
            format!("{:.1}", figures.heard_ms.p50),
            format!("{:.1}", figures.heard_ms.p95),
            format!("{:.1}", figures.confirmed_ms.p50),
            format!("{:.1}", figures.confirmed_ms.p95),
            figures.frames_under_open_key_after_close.to_string(),
        ]
    };
    table(&head, &measured.iter().map(row).collect::<Vec<_>>())
}

fn commit_table(measured: &[CommitFigures]) -> String {
    let head = [
        "members",
        "rounds",
        "make ms",
        "commit bytes",
        "welcome bytes",
        "process ms",
        "join ms",
    ];
    let row = |figures: &CommitFigures| {
        vec![
            figures.members.to_string(),
            figures.rounds.to_string(),
            format!("{:.2}", figures.make_ms),
            figures.commit_bytes.to_string(),
            figures.welcome_bytes.to_string(),
            format!("{:.2}", figures.process_ms),
            format!("{:.2}", figures.join_ms),
        ]
    };
    table(&head, &measured.iter().map(row).collect::<Vec<_>>())
}
