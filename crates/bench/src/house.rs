//! A house of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use incamera_client::HouseClient;
use incamera_server::{Config, Running, Server};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::runtime::{Builder, Runtime};

use crate::process::{Usage, spawn_on};

/// Longest wait for the process to listen.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// A house on free loopback ports.
pub(crate) struct House {
    pub(crate) client: HouseClient,
    key: String,
    address: SocketAddr,
    place: Place,
    /// Deleted with the house.
    _data: tempfile::TempDir,
}

enum Place {
    /// In this process.
    Here { running: Running, threads: Threads },
    /// In a process of its own, which ends with its handle.
    Apart(Child),
}

impl House {
    pub(crate) async fn start() -> Result<Self, String> {
        let data = folder()?;
        let threads = Threads::start().map_err(|error| format!("no threads for the house: {error}"))?;
        let started = threads.run(Server::start(Config::local(data.path()))).await?;
        let running = started.map_err(|error| error.to_string())?;
        Ok(Self {
            client: HouseClient::new(format!("http://{}", running.http())),
            key: running.house_key().to_owned(),
            address: running.http(),
            place: Place::Here { running, threads },
            _data: data,
        })
    }

    /// The same in a process of its own, all of its threads on one processor. `serve` is the command that runs a house.
    pub(crate) async fn start_apart(serve: &[String], core: usize) -> Result<Self, String> {
        let data = folder()?;
        let (program, arguments) = serve.split_first().ok_or("no command for the house")?;
        let mut command = Command::new(program);
        command.args(arguments).arg("--data").arg(data.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = spawn_on(core, &mut command)?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("the house has no output")?).lines();
        // It says where it listens, then the link by which meetings are convened.
        let said = async {
            loop {
                let line = lines.next_line().await.map_err(|error| error.to_string())?;
                let line = line.ok_or("the house ended without a word")?;
                if let Some((page, key)) = line
                    .strip_prefix("convene: ")
                    .and_then(|link| link.split_once("/convene#"))
                {
                    return Ok::<_, String>((page.to_owned(), key.to_owned()));
                }
            }
        };
        let said = tokio::time::timeout(START_PATIENCE, said).await;
        let (base, key) = said.map_err(|_| "the house did not start in time")??;
        // Of the two addresses of `localhost` it has the older.
        let port = base.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let port: u16 = port.ok_or_else(|| format!("the house is at no port: {base}"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self {
            client: HouseClient::new(format!("http://{address}")),
            key,
            address,
            place: Place::Apart(child),
            _data: data,
        })
    }

    /// The key that lets one convene.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its process has used, if that is one of its own.
    pub(crate) fn usage(&self) -> Result<Usage, String> {
        match &self.place {
            Place::Here { .. } => Err("the house shares a process with its clients".to_owned()),
            Place::Apart(child) => Usage::of(child),
        }
    }

    /// Stops in good order.
    pub(crate) async fn stop(self) {
        if let Place::Here { running, threads } = self.place {
            // A house that cannot stop in order is stopped with its threads.
            let _ = threads.run(running.shutdown()).await;
        }
    }
}

fn folder() -> Result<tempfile::TempDir, String> {
    tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))
}

/// The house's own threads, so that the system shares the machine between it and the clients. On the clients' threads
/// it would have to wait until each of hundreds of them has had its turn, which no real house does.
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().thread_name("house").enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
        let Some(runtime) = self.0.as_ref() else {
            return Err("the house has stopped".to_owned());
        };
        runtime.spawn(work).await.map_err(|error| error.to_string())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // To wait here would block a thread of the clients.
            runtime.shutdown_background();
        }
    }
}
