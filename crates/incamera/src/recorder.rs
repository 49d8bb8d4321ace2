//! The recorder: a process of its own beside the house, a viewer of the gallery and nothing more. What it opens is in its
//! memory and not in the house's, and what goes wrong in it harms no meeting.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use clap::Args;
use incamera_client::HouseClient;
use incamera_protocol::MeetingId;
use incamera_recorder::Recorder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Records the open parts of the meetings that are named on the standard input, a line each, until it ends; names those on
/// the standard output whose list of recordings has grown. `serve` starts it.
#[derive(Args)]
pub(crate) struct Record {
    /// Where the house is served over plain HTTP.
    #[arg(long)]
    house: String,

    /// The folder of recordings.
    #[arg(long)]
    into: PathBuf,
}

impl Record {
    /// Runs until the house that started it is gone.
    pub(crate) async fn run(self) -> Result<()> {
        let (tell, told) = unbounded_channel();
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
        let (finished, mut lists) = unbounded_channel::<MeetingId>();
        std::thread::spawn(move || {
            let mut out = io::stdout().lock();
            while let Some(meeting) = lists.blocking_recv() {
                // When the house is gone, what is on the list is read at its next start.
                if writeln!(out, "{meeting}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        });
        let recorder = Recorder::new(HouseClient::new(self.house), self.into, finished);
        recorder.run(told).await;
        Ok(())
    }
}

/// Keeps a recorder running beside the house, and tells it of the meetings, until the house tells of none any more. What it
/// has recorded is told in turn.
pub(crate) fn keep(
    house: String,
    into: PathBuf,
    told: UnboundedReceiver<MeetingId>,
    finished: UnboundedSender<MeetingId>,
) {
    std::thread::spawn(move || {
        if let Err(error) = tell(&house, &into, told, &finished) {
            tracing::error!(%error, cause = ?error.source(), "nothing is recorded");
        }
    });
}

fn tell(
    house: &str,
    into: &Path,
    mut told: UnboundedReceiver<MeetingId>,
    finished: &UnboundedSender<MeetingId>,
) -> Result<()> {
    let mut known = BTreeSet::new();
    let mut recorder = start(house, into, finished)?;
    while let Some(meeting) = told.blocking_recv() {
        known.insert(meeting);
        // A recorder that has ended is noticed here; the next one is told of everything.
        if write(&mut recorder, [&meeting]).is_err() {
            tracing::error!("the recorder has ended; starting another");
            let _ = recorder.wait();
            recorder = start(house, into, finished)?;
            write(&mut recorder, &known).context("the recorder ends at once")?;
        }
    }
    drop(recorder.stdin.take());
    recorder.wait().context("the recorder cannot be waited for")?;
    Ok(())
}

fn start(house: &str, into: &Path, finished: &UnboundedSender<MeetingId>) -> Result<Child> {
    let program = std::env::current_exe().context("this program does not know where it is")?;
    let mut recorder = Command::new(program)
        .args(["record", "--house", house, "--into"])
        .arg(into)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the recorder does not start")?;
    if let Some(lists) = recorder.stdout.take() {
        let finished = finished.clone();
        std::thread::spawn(move || {
            for line in io::BufReader::new(lists).lines() {
                let Ok(line) = line else { return };
                if let Ok(meeting) = line.parse()
                    && finished.send(meeting).is_err()
                {
                    return;
                }
            }
        });
    }
    Ok(recorder)
}

fn write<'a>(recorder: &mut Child, meetings: impl IntoIterator<Item = &'a MeetingId>) -> io::Result<()> {
    let input = recorder.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
    for meeting in meetings {
        writeln!(input, "{meeting}")?;
    }
    input.flush()
}
