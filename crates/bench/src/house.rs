//! A house of its own.

use incamera_client::HouseClient;
use incamera_server::{Config, Running, Server};
use tokio::runtime::{Builder, Runtime};

/// A house on free loopback ports.
pub(crate) struct House {
    pub(crate) client: HouseClient,
    running: Running,
    threads: Threads,
    /// Deleted with the house.
    _data: tempfile::TempDir,
}

impl House {
    pub(crate) async fn start() -> Result<Self, String> {
        let data = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let threads = Threads::start().map_err(|error| format!("no threads for the house: {error}"))?;
        let started = threads.run(Server::start(Config::local(data.path()))).await?;
        let running = started.map_err(|error| error.to_string())?;
        Ok(Self {
            client: HouseClient::new(format!("http://{}", running.http())),
            running,
            threads,
            _data: data,
        })
    }

    /// The key that lets one convene.
    pub(crate) fn key(&self) -> &str {
        self.running.house_key()
    }

    /// Stops in good order.
    pub(crate) async fn stop(self) {
        // A house that cannot stop in order is stopped with its threads.
        let _ = self.threads.run(self.running.shutdown()).await;
    }
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
