//! `incamera demo`: the story that the project exists for, with native clients over real UDP: two or more sides meet
//! closed, open by everybody's consent, close, and adjourn, while a viewer who keeps every key watches.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use incamera_client::{HouseClient, MemberClient, ViewerClient};
use incamera_meeting::{Draft, DraftItem};
use incamera_protocol::public::{PublicPhase, PublicState};
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_protocol::{MeetingId, limits};
use incamera_server::{Config, Running, Server};

use crate::record::Address;
use crate::record::files::Files;
use crate::verify::save;

/// How long any one step may take before the demo gives up. Far above what a step needs, also on a busy machine.
const STEP: Duration = Duration::from_secs(30);

/// Plays a whole meeting with native clients on this machine, and checks what must hold.
#[derive(Args)]
pub(crate) struct Demo {
    /// How many delegations meet.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..=24))]
    delegations: u16,

    /// How long each part lasts, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,

    /// Leaves the record of the meeting in this file.
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// The last line is one JSON object.
    #[arg(long)]
    json: bool,
}

/// The figures of a demo.
#[derive(Debug, Default, serde::Serialize)]
struct Outcome {
    ok: bool,
    delegations: u16,
    members: usize,
    frames: Frames,
    seconds: Seconds,
}

#[derive(Debug, Default, serde::Serialize)]
struct Frames {
    sent: u64,
    received_by_members: u64,
    gallery_opened_in_open: u64,
    gallery_opened_in_closed: u64,
    ciphertext_reaching_gallery_in_closed: u64,
}

#[derive(Debug, Default, serde::Serialize)]
struct Seconds {
    open: f64,
    closed: f64,
}

impl Demo {
    /// Plays it. Fails if anything that must hold did not.
    pub(crate) async fn run(self) -> Result<()> {
        let mut play = Play::begin(self.delegations, Duration::from_secs(self.seconds)).await?;
        let mut told = play.tell().await;
        if let (Ok(()), Some(archive)) = (&told, &self.archive) {
            told = play.leave(archive).await;
        }
        play.tally();
        play.outcome.ok = told.is_ok();
        if let Err(error) = &told {
            play.say(&format!("FAILED: {error:#}"));
        }
        if self.json {
            println!(
                "{}",
                serde_json::to_string(&play.outcome).context("the figures cannot be written")?
            );
        }
        play.running.shutdown().await;
        told
    }
}

struct Play {
    began: Instant,
    meeting: MeetingId,
    part: Duration,
    running: Running,
    members: Vec<MemberClient>,
    viewer: ViewerClient,
    outcome: Outcome,
    /// Deleted when the demo is over.
    _data: tempfile::TempDir,
}

impl Play {
    async fn begin(delegations: u16, part: Duration) -> Result<Self> {
        let data = tempfile::tempdir().context("no temporary folder")?;
        // The server goes on forwarding ciphertext to the gallery in closed parts: the keys have to shut it out.
        let config = Config {
            keep_gallery_routed: true,
            ..Config::local(data.path())
        };
        let running = Server::start(config).await.context("the house does not start")?;
        let house = HouseClient::new(format!("http://{}", running.http()));
        let draft = Draft {
            title: "A demonstration".to_owned(),
            languages: vec!["en".to_owned()],
            delegations: (1..=delegations).map(|number| format!("Delegation {number}")).collect(),
            agenda: vec![
                DraftItem {
                    title: "Words of welcome".to_owned(),
                    public: true,
                    ground: String::new(),
                },
                DraftItem {
                    title: "Talks".to_owned(),
                    public: false,
                    ground: "Negotiation".to_owned(),
                },
            ],
            ..Draft::default()
        };
        let meeting = house.convene(running.house_key(), &draft).await?;
        let mut members = Vec::new();
        for (number, fragment) in (1..).zip(&meeting.fragments) {
            let name = format!("Principal {number}");
            members.push(MemberClient::join(&house, meeting.id, fragment, &name).await?);
        }
        let viewer = ViewerClient::watch(&house, meeting.id);
        let outcome = Outcome {
            delegations,
            members: members.len(),
            ..Outcome::default()
        };
        let play = Self {
            began: Instant::now(),
            meeting: meeting.id,
            part,
            running,
            members,
            viewer,
            outcome,
            _data: data,
        };
        play.say(&format!(
            "convened: {delegations} delegations; media on {}",
            play.running.media()
        ));
        Ok(play)
    }

    async fn tell(&mut self) -> Result<()> {
        self.everybody(Lamp::Closed).await?;
        self.everybody_hears_everybody("before the opening").await?;
        self.say("closed: everybody sees and hears everybody, end-to-end encrypted");
        self.viewer
            .until(STEP, |viewer| viewer.closed_ciphertext > 0)
            .await
            .context("no ciphertext reached the gallery")?;
        tokio::time::sleep(self.part).await;
        ensure!(
            self.viewer.status().opened_frames() == 0,
            "the gallery opened a frame before the opening"
        );

        self.open().await?;
        self.viewer
            .until(STEP, |viewer| viewer.phase() == Some(PublicPhase::Open))
            .await
            .context("the public page does not say open")?;
        let shown = self.members.len().min(limits::AUDIO_SLOTS) + self.members.len().min(limits::VIDEO_SLOTS);
        self.viewer
            .until(STEP, |viewer| {
                viewer.opened.values().filter(|frames| **frames >= 5).count() >= shown
            })
            .await
            .context("the gallery does not see and hear everybody it has slots for")?;
        self.say("open: the public sees and hears");
        tokio::time::sleep(self.part).await;
        self.everybody_hears_everybody("in the open part").await?;

        let closer = self.members.last().context("nobody is there to close")?;
        closer
            .command(Command::Move {
                kind: MotionKind::Close,
                item: 1,
            })
            .await?;
        self.everybody(Lamp::Closed).await?;
        self.viewer
            .until(STEP, |viewer| viewer.phase() == Some(PublicPhase::Closed))
            .await
            .context("the public page does not say closed")?;
        let at_close = self.viewer.status();
        self.outcome.frames.gallery_opened_in_open = at_close.opened_frames();
        self.say(&format!(
            "closed: the gallery has opened {} frames and opens no more",
            at_close.opened_frames()
        ));
        tokio::time::sleep(self.part).await;
        self.everybody_hears_everybody("after the close").await?;
        let later = self.viewer.status();
        self.outcome.frames.gallery_opened_in_closed =
            later.opened_of_closed + (later.opened_frames() - at_close.opened_frames());
        ensure!(
            self.outcome.frames.gallery_opened_in_closed == 0,
            "the gallery opened frames after the close"
        );
        ensure!(
            later.closed_ciphertext > at_close.closed_ciphertext,
            "no ciphertext reached the gallery after the close"
        );

        let chair = self.members.first().context("nobody is there to adjourn")?;
        chair
            .command(Command::Move {
                kind: MotionKind::Adjourn,
                item: 1,
            })
            .await?;
        self.everybody(Lamp::Adjourned).await?;
        let state = self
            .viewer
            .until(STEP, |viewer| viewer.phase() == Some(PublicPhase::Adjourned))
            .await;
        self.measure(state.and_then(|status| status.state).as_ref())?;
        self.say("adjourned");
        Ok(())
    }

    /// Leaves the record, and checks it.
    async fn leave(&self, archive: &Path) -> Result<()> {
        let address = Address {
            base: format!("http://{}", self.running.http()),
            meeting: self.meeting,
        };
        // The members countersign the end of it; the house writes that down a moment later.
        let deadline = Instant::now() + STEP;
        let report = loop {
            let report = save(&address, archive, None, &Files::LeftAlone)
                .await
                .context("the record cannot be left")?;
            if !report.ok || report.covered == report.entries {
                break report;
            }
            ensure!(Instant::now() < deadline, "nobody countersigns the record");
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        ensure!(report.ok, "the record does not hold: {:?}", report.problems);
        self.say(&format!(
            "the record is in {} and holds: {} entries, all countersigned",
            archive.display(),
            report.entries
        ));
        Ok(())
    }

    async fn open(&self) -> Result<()> {
        let Some((mover, others)) = self.members.split_first() else {
            bail!("nobody is there to open");
        };
        mover
            .command(Command::Move {
                kind: MotionKind::Open,
                item: 0,
            })
            .await?;
        for other in others {
            let asked = other
                .until(STEP, |status| status.view.as_ref().is_some_and(|view| view.may.consent))
                .await;
            let motion = asked
                .and_then(|status| status.view)
                .and_then(|view| view.motion.clone())
                .context("no motion is shown")?;
            other.command(Command::Consent { motion: motion.id }).await?;
        }
        self.everybody(Lamp::Open).await
    }

    async fn everybody(&self, lamp: Lamp) -> Result<()> {
        for (number, member) in (1..).zip(&self.members) {
            if member
                .until(STEP, |status| {
                    status.lamp() == lamp && seated(status, self.members.len())
                })
                .await
                .is_none()
            {
                let status = member.status();
                bail!(
                    "member {number}: the lamp is {:?} and not {lamp:?} ({:?})",
                    status.lamp(),
                    status.notices
                );
            }
        }
        Ok(())
    }

    /// Every member opens new frames from as many others as it has slots for.
    async fn everybody_hears_everybody(&self, when: &str) -> Result<()> {
        let others = self.members.len() - 1;
        let wanted = others.min(limits::AUDIO_SLOTS) + others.min(limits::VIDEO_SLOTS);
        for (number, member) in (1..).zip(&self.members) {
            let before = member.status().opened;
            let fresh = member
                .until(STEP, |status| {
                    let grown = |(source, count): (_, &u64)| *count > before.get(source).copied().unwrap_or(0) + 2;
                    status
                        .opened
                        .iter()
                        .filter(|(source, count)| grown((*source, count)))
                        .count()
                        >= wanted
                })
                .await;
            let Some(_) = fresh else {
                let heard = member.status().opened;
                bail!("member {number} does not see and hear the others {when} ({before:?}, then {heard:?})");
            };
        }
        Ok(())
    }

    fn measure(&mut self, state: Option<&PublicState>) -> Result<()> {
        let state = state.context("the public page does not say adjourned")?;
        for part in &state.parts {
            let ended = part.ended_at_ms.context("a part has not ended")?;
            let seconds = Duration::from_millis(ended.saturating_sub(part.started_at_ms)).as_secs_f64();
            if part.open {
                self.outcome.seconds.open += seconds;
            } else {
                self.outcome.seconds.closed += seconds;
            }
        }
        Ok(())
    }

    fn tally(&mut self) {
        let frames = &mut self.outcome.frames;
        frames.sent = self.members.iter().map(|member| member.status().sent).sum();
        frames.received_by_members = self.members.iter().map(|member| member.status().opened_frames()).sum();
        frames.ciphertext_reaching_gallery_in_closed = self.viewer.status().closed_ciphertext;
    }

    fn say(&self, what: &str) {
        println!("{:7.3} s  {what}", self.began.elapsed().as_secs_f64());
    }
}

fn seated(status: &incamera_client::MemberStatus, members: usize) -> bool {
    status.view.as_ref().is_some_and(|view| view.members.len() == members)
}
