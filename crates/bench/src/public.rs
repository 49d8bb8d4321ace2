//! The public of a running meeting: how many times a second its page can be read, and what it costs to keep those who
//! only watch its state.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use incamera_protocol::limits;
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::BenchError;
use crate::house::House;
use crate::process::{Usage, pin_this_thread};
use crate::stage::Stage;

/// Connections over which the page is read, one view after the other: enough that the house is never without work.
const READERS: usize = 32;
/// Sockets that are opened at a time: as many as come in a moment when a link is in the news.
const AT_ONCE: usize = 50;
/// Watchers from one address: a house has a limit for each.
const PER_ADDRESS: usize = 100;
/// How long the house may take to tell a watcher the state.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the memory is left to settle, and long enough for a sign of life to everybody.
const SETTLE: Duration = Duration::from_millis(limits::SOCKET_PING_MS + 2_000);

/// Reads the page of a meeting that is in public, and watches it.
///
/// The house is a process of its own on one processor; two native members sit in the meeting and speak. Readers and
/// watchers are on another processor, over loopback, without TLS.
#[derive(Debug, Clone)]
pub struct PublicBench {
    /// The command that runs a house on free loopback ports, but for its folder.
    pub serve: Vec<String>,
    /// How long the page is read.
    pub seconds: u64,
    /// How many watch.
    pub watchers: usize,
    /// The processors of the house and of its public.
    pub cores: [usize; 2],
}

/// What was measured.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PublicFigures {
    /// Views of the page in a second.
    pub views_per_s: f64,
    /// Bytes of one view, without headers.
    pub view_bytes: usize,
    /// CPU time of the house for a view, in microseconds: its whole time in the window, the meeting's included.
    pub cpu_us_per_view: f64,
    /// Of its processor, how much the house had, in percent. Well below 100, the readers were too slow, and it could do
    /// more.
    pub busy_percent: f64,
    /// How many watched.
    pub watchers: usize,
    /// Memory of the house for each of them, in KiB: what its resident memory grew by.
    pub watcher_kib: f64,
    /// Of its processor, how much the house had while nothing but signs of life went to them, in percent.
    pub watched_busy_percent: f64,
}

impl PublicBench {
    /// Plays the meeting and measures.
    pub async fn run(&self) -> Result<PublicFigures, BenchError> {
        if self.seconds == 0 || self.seconds > 60 || self.watchers > limits::VIEWERS_MAX {
            return Err(BenchError::Plan(format!(
                "from 1 to 60 seconds, and at most {} watchers",
                limits::VIEWERS_MAX
            )));
        }
        let [for_house, for_public] = self.cores;
        let house = House::start_apart(&self.serve, for_house).await;
        let stage = Stage::set(house.map_err(failed("starting the house"))?, 2, 2).await?;
        stage.open().await?;
        let figures = self.measure(&stage, for_public).await;
        stage.end().await;
        figures
    }

    async fn measure(&self, stage: &Stage, core: usize) -> Result<PublicFigures, BenchError> {
        let page = format!("/m/{}", stage.meeting);
        let (house, window) = (stage.house.address(), Duration::from_secs(self.seconds));
        let begun = self.usage(stage)?;
        let started = Instant::now();
        let read = apart(core, read(house, page, window)).await?;
        let (elapsed, done) = (started.elapsed(), self.usage(stage)?);
        let reading = done.cpu.saturating_sub(begun.cpu);

        let before = self.usage(stage)?;
        let socket = format!("/api/meetings/{}/gallery", stage.meeting);
        let watchers = self.watchers;
        let (arrived, all_there) = tokio::sync::oneshot::channel();
        let (leave, left) = tokio::sync::oneshot::channel::<()>();
        let watching = tokio::spawn(apart(core, watch(house, socket, watchers, arrived, left)));
        // If nobody comes, the reason is what `watching` ends with.
        if all_there.await.is_err() {
            watching
                .await
                .map_err(|error| failed("watching")(error.to_string()))??;
            return Err(failed("watching")("the watchers have gone".to_owned()));
        }
        let quiet = self.usage(stage)?;
        tokio::time::sleep(SETTLE).await;
        let after = self.usage(stage)?;
        drop(leave);
        watching
            .await
            .map_err(|error| failed("watching")(error.to_string()))??;

        let share = |cpu: Duration, of: Duration| 100.0 * cpu.as_secs_f64() / of.as_secs_f64();
        let grown = after.rss_bytes.saturating_sub(before.rss_bytes);
        Ok(PublicFigures {
            views_per_s: rounded(read.views as f64 / elapsed.as_secs_f64()),
            view_bytes: read.bytes,
            cpu_us_per_view: rounded(reading.as_secs_f64() * 1e6 / read.views.max(1) as f64),
            busy_percent: rounded(share(reading, elapsed)),
            watchers,
            watcher_kib: rounded(grown as f64 / 1_024.0 / watchers.max(1) as f64),
            watched_busy_percent: rounded(share(after.cpu.saturating_sub(quiet.cpu), SETTLE)),
        })
    }

    fn usage(&self, stage: &Stage) -> Result<Usage, BenchError> {
        stage.house.usage().map_err(failed("reading the house's account"))
    }
}

/// What was read.
struct Read {
    views: u64,
    bytes: usize,
}

/// Reads a page again and again, each reader over a connection of its own.
async fn read(house: SocketAddr, page: String, window: Duration) -> Result<Read, String> {
    let until = Instant::now() + window;
    let views = Arc::new(AtomicU64::new(0));
    let readers = (0..READERS).map(|_| {
        let (url, views) = (format!("http://{house}{page}"), Arc::clone(&views));
        async move {
            let http = reqwest::Client::new();
            let mut bytes = 0;
            while Instant::now() < until {
                let response = http
                    .get(&url)
                    .send()
                    .await
                    .and_then(reqwest::Response::error_for_status);
                let body = response.map_err(|error| error.to_string())?.bytes().await;
                bytes = body.map_err(|error| error.to_string())?.len();
                views.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, String>(bytes)
        }
    });
    let bytes = try_join_all(readers).await?;
    Ok(Read {
        views: views.load(Ordering::Relaxed),
        bytes: bytes.first().copied().unwrap_or(0),
    })
}

/// Opens so many sockets of the gallery, waits until each was told the state, and holds them until it is told to leave.
async fn watch(
    house: SocketAddr,
    path: String,
    watchers: usize,
    arrived: tokio::sync::oneshot::Sender<()>,
    leave: tokio::sync::oneshot::Receiver<()>,
) -> Result<(), String> {
    let mut open = Vec::with_capacity(watchers);
    let numbers: Vec<usize> = (0..watchers).collect();
    for some in numbers.chunks(AT_ONCE) {
        let come = some.iter().map(|number| watcher(house, &path, number / PER_ADDRESS));
        open.extend(try_join_all(come).await?);
    }
    // Whoever does not wait has failed meanwhile, and says so.
    let _ = arrived.send(());
    let _ = leave.await;
    drop(open);
    Ok(())
}

async fn watcher(house: SocketAddr, path: &str, address: usize) -> Result<WebSocketStream<TcpStream>, String> {
    let from = u32::from(Ipv4Addr::new(127, 0, 1, 1)) + u32::try_from(address).unwrap_or(0);
    let come = async {
        let socket = TcpSocket::new_v4().map_err(|error| error.to_string())?;
        let from = SocketAddr::new(IpAddr::V4(Ipv4Addr::from(from)), 0);
        socket.bind(from).map_err(|error| error.to_string())?;
        let stream = socket.connect(house).await.map_err(|error| error.to_string())?;
        let upgraded = client_async(format!("ws://{house}{path}"), stream).await;
        let (mut socket, _) = upgraded.map_err(|error| error.to_string())?;
        match socket.next().await {
            Some(Ok(Message::Text(_))) => Ok(socket),
            other => Err(format!("a watcher was told {other:?}")),
        }
    };
    let within = tokio::time::timeout(PATIENCE, come).await;
    within.map_err(|_| "a watcher was told nothing".to_owned())?
}

/// Runs on a thread of its own on one processor.
async fn apart<T: Send + 'static>(
    core: usize,
    work: impl Future<Output = Result<T, String>> + Send + 'static,
) -> Result<T, BenchError> {
    let done = tokio::task::spawn_blocking(move || {
        pin_this_thread(core)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(work)
    });
    let done = done.await.map_err(|error| error.to_string());
    done.flatten().map_err(failed("being the public"))
}

fn failed(step: &'static str) -> impl Fn(String) -> BenchError {
    move |why| BenchError::Step { members: 2, step, why }
}

/// To a tenth.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
