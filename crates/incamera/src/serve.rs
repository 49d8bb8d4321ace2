//! `incamera serve`.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use incamera_protocol::limits;
use incamera_server::{Config, RECORDINGS, Running, Server, Tls, usual_media_threads};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::unbounded_channel;

use crate::doctor::Bundle;
use crate::turn::Turn;
use crate::watcher;

/// Where a house is, and what it is given.
#[derive(Args)]
pub(crate) struct Place {
    /// Where HTTP is served.
    #[arg(long, env = "INCAMERA_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// An address at which clients reach this machine for media; may be given several times. Without it: the address
    /// of --listen, or those from which this machine reaches the world.
    #[arg(long, env = "INCAMERA_ADVERTISE", value_name = "ADDR", value_delimiter = ',')]
    pub(crate) advertise: Vec<IpAddr>,

    /// The one UDP port for media; 0 takes a free one.
    #[arg(long, env = "INCAMERA_MEDIA_PORT", value_name = "PORT", default_value_t = 8080)]
    pub(crate) media_port: u16,

    /// The certificate chain (PEM) to serve HTTPS with.
    #[arg(long, env = "INCAMERA_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's private key (PEM).
    #[arg(long, env = "INCAMERA_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Where meetings are kept.
    #[arg(long, env = "INCAMERA_DATA", value_name = "DIR", default_value = "./var")]
    pub(crate) data: PathBuf,
}

/// Runs a house.
#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Place,

    /// Forward sealed media to the gallery in closed parts too, to show that keys and not routing shut it out.
    #[arg(long, env = "INCAMERA_KEEP_GALLERY_ROUTED")]
    keep_gallery_routed: bool,

    /// How long the house goes on for those who are in it once it is told to end (SIGTERM): newcomers are refused and
    /// /readyz says so meanwhile. A second signal ends it at once.
    #[arg(long, env = "INCAMERA_DRAIN_SECONDS", value_name = "SECONDS", default_value_t = limits::DRAIN_S,
        value_parser = clap::value_parser!(u64).range(0..=limits::DRAIN_S_MAX))]
    drain_seconds: u64,

    /// How many threads forward media. Without it: one, or on four processors and more all but one of them.
    #[arg(long, env = "INCAMERA_MEDIA_THREADS", value_name = "N", default_value_t = usual_media_threads(),
        value_parser = threads)]
    media_threads: usize,

    /// How many connections to meetings one address may have open at a time; 0 is without limit, for a house behind a proxy,
    /// where everybody comes from the proxy's address.
    #[arg(long, env = "INCAMERA_SOCKETS_PER_ADDRESS", value_name = "N", default_value_t = limits::SOCKETS_PER_ADDRESS)]
    sockets_per_address: usize,

    /// Record nothing. Otherwise the open parts are recorded, by a viewer that has no other keys than the public, and
    /// offered to everybody once the meeting is adjourned; whoever is asked to open is told so.
    #[arg(long, env = "INCAMERA_NO_RECORDING")]
    no_recording: bool,

    /// Delete recordings so many days after their meeting was adjourned. The record keeps their hashes and says that they
    /// were deleted. Without it they are kept.
    #[arg(long, env = "INCAMERA_KEEP_RECORDINGS_DAYS", value_name = "DAYS")]
    keep_recordings_days: Option<u32>,

    #[command(flatten)]
    turn: Turn,
}

impl Place {
    /// Where media is received.
    pub(crate) fn media(&self) -> SocketAddr {
        SocketAddr::new(self.listen.ip(), self.media_port)
    }
}

impl Serve {
    /// Runs until the process is told to end.
    pub(crate) async fn run(self) -> Result<()> {
        // Before anything listens: a signal that comes early must not be lost.
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
        tracing::info!(web_client = %Bundle::embedded().sha256(), "this program's own; `incamera doctor` lists its files");
        let drain = Duration::from_secs(self.drain_seconds);
        let mut config = self.config()?;
        let recordings = config.records.then(|| config.data.join(RECORDINGS));
        let (watcher, meetings) = unbounded_channel();
        config.watcher = Some(watcher);
        let mut running = Server::start(config).await.context("the house does not start")?;
        let (told, mut watched) = unbounded_channel();
        watcher::keep(format!("http://{}", running.near()), recordings, meetings, told);
        announce(&running).context("cannot print the address")?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                Some(news) = watched.recv() => running.watched(news).await,
                ended = running.ended() => {
                    return ended.context("the house has stopped serving");
                }
            }
        }
        tracing::info!(seconds = drain.as_secs(), "shutting down; newcomers are refused");
        tokio::select! {
            () = async { running.drain(drain).await; running.shutdown().await } => Ok(()),
            // What was acknowledged is on the disk at every moment.
            _ = terminate.recv() => bail!("told to end a second time"),
            _ = interrupt.recv() => bail!("told to end a second time"),
        }
    }

    fn config(self) -> Result<Config> {
        let place = self.place;
        Ok(Config {
            listen: place.listen,
            media: place.media(),
            advertise: place.advertise,
            media_threads: self.media_threads,
            sockets_per_address: (self.sockets_per_address > 0).then_some(self.sockets_per_address),
            tls: place
                .tls_cert
                .zip(place.tls_key)
                .map(|(certificate, key)| Tls { certificate, key }),
            data: place.data,
            keep_gallery_routed: self.keep_gallery_routed,
            relay: self.turn.relay()?,
            watcher: None,
            records: !self.no_recording,
            keep_recordings: self
                .keep_recordings_days
                .map(|days| Duration::from_secs(u64::from(days) * 24 * 3_600)),
        })
    }
}

/// A number of threads, at least one. More than the names of connections can tell apart are not started.
fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1 on".to_owned()),
        Ok(count) => Ok(count),
    }
}

/// What whoever starts the house must know. The second line is a secret: it makes conveners.
fn announce(running: &Running) -> std::io::Result<()> {
    let scheme = if running.is_secure() { "https" } else { "http" };
    let address = running.http();
    // Browsers give pages of `localhost` their camera without HTTPS, and nobody else's.
    let host = if address.ip().is_loopback() || address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "incamera is listening on {scheme}://{host}")?;
    writeln!(out, "convene: {scheme}://{host}/convene#{}", running.house_key())?;
    out.flush()
}
