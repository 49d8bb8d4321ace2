//! Whoever watches the gallery, and records it: a process of its own beside the house, a viewer and nothing more. What it
//! opens is in its memory and not in the house's, and what goes wrong in it harms no meeting. House and watcher talk over
//! the watcher's own standard input and output: nobody else can say that the public does not hear.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use incamera_client::HouseClient;
use incamera_protocol::MeetingId;
use incamera_protocol::recording::Watched;
use incamera_recorder::{Told, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Between the end of one watcher and the start of the next: one that cannot live is not started in a circle.
const AGAIN: Duration = Duration::from_secs(1);

/// Watches the open parts of the meetings that are named on the standard input, a line each, until it ends; says on the
/// standard output what comes out of them, and whose list of recordings has grown. `serve` starts it.
#[derive(Args)]
pub(crate) struct Watch {
    /// Where the house is served over plain HTTP.
    #[arg(long)]
    house: String,

    /// The folder of recordings. Without it nothing is recorded.
    #[arg(long)]
    into: Option<PathBuf>,
}

impl Watch {
    /// Runs until the house that started it is gone.
    pub(crate) async fn run(self) -> Result<()> {
        let (tell, meetings) = unbounded_channel();
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                match line.parse() {
                    Ok(meeting) if tell.send(meeting).is_err() => return,
                    Ok(_) => {}
                    Err(_) => tracing::warn!("a line that is no meeting"),
                }
            }
        });
        let (told, mut news) = unbounded_channel::<Watched>();
        std::thread::spawn(move || {
            let mut out = io::stdout().lock();
            while let Some(watched) = news.blocking_recv() {
                let Ok(line) = serde_json::to_string(&watched) else {
                    continue;
                };
                // When the house is gone, what is on a list is read at its next start.
                if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        });
        let watcher = Watcher::new(HouseClient::new(self.house), self.into, told);
        watcher.run(meetings).await;
        Ok(())
    }
}

/// Keeps a watcher running beside the house, and tells it of the meetings, until the house tells of none any more. What it
/// has seen is told in turn.
pub(crate) fn keep(house: String, into: Option<PathBuf>, meetings: UnboundedReceiver<MeetingId>, told: Told) {
    let (turn, turns) = channel();
    forward(meetings, turn.clone());
    std::thread::spawn(move || {
        let keeper = Keeper {
            house,
            into,
            turn,
            told,
        };
        if let Err(error) = keeper.keep(&turns) {
            tracing::error!(%error, cause = ?error.source(), "nobody watches the gallery, and nothing is recorded");
        }
    });
}

/// What the keeper waits for.
enum Turn {
    Meeting(MeetingId),
    Ended,
    Over,
}

fn forward(mut meetings: UnboundedReceiver<MeetingId>, turn: Sender<Turn>) {
    std::thread::spawn(move || {
        while let Some(meeting) = meetings.blocking_recv() {
            if turn.send(Turn::Meeting(meeting)).is_err() {
                return;
            }
        }
        let _ = turn.send(Turn::Over);
    });
}

struct Keeper {
    house: String,
    into: Option<PathBuf>,
    turn: Sender<Turn>,
    told: Told,
}

impl Keeper {
    fn keep(&self, turns: &Receiver<Turn>) -> Result<()> {
        let mut known = BTreeSet::new();
        let mut watcher = self.start()?;
        while let Ok(turn) = turns.recv() {
            match turn {
                Turn::Meeting(meeting) => {
                    known.insert(meeting);
                    // One that has ended is told of everything when there is another.
                    let _ = write(&mut watcher, [&meeting]);
                }
                Turn::Ended => {
                    tracing::error!("the watcher has ended; starting another");
                    let _ = watcher.wait();
                    std::thread::sleep(AGAIN);
                    watcher = self.start()?;
                    let _ = write(&mut watcher, &known);
                }
                Turn::Over => break,
            }
        }
        drop(watcher.stdin.take());
        watcher.wait().context("the watcher cannot be waited for")?;
        Ok(())
    }

    fn start(&self) -> Result<Child> {
        let program = std::env::current_exe().context("this program does not know where it is")?;
        let mut watcher = Command::new(program);
        watcher.args(["watch", "--house", &self.house]);
        if let Some(into) = &self.into {
            watcher.arg("--into").arg(into);
        }
        let watcher = watcher.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut watcher = watcher.context("the watcher does not start")?;
        let out = watcher.stdout.take().context("the watcher cannot be heard")?;
        let (told, turn) = (self.told.clone(), self.turn.clone());
        std::thread::spawn(move || {
            for line in io::BufReader::new(out).lines() {
                let Ok(line) = line else { break };
                if let Ok(watched) = serde_json::from_str(&line)
                    && told.send(watched).is_err()
                {
                    return;
                }
            }
            let _ = turn.send(Turn::Ended);
        });
        Ok(watcher)
    }
}

fn write<'a>(watcher: &mut Child, meetings: impl IntoIterator<Item = &'a MeetingId>) -> io::Result<()> {
    let input = watcher.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
    for meeting in meetings {
        writeln!(input, "{meeting}")?;
    }
    input.flush()
}
