//! Starting and stopping a house.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use incamera_protocol::limits;
use incamera_protocol::recording::Watched;
use incamera_sfu_io::{MediaConfig, MediaServer};
use incamera_store::{SqliteStore, Store, StoreError};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::config::{Config, DOCUMENTS, IMPORTED, RECORDINGS, Tls};
use crate::documents::Held;
use crate::house::{House, KeyError, house_key};
use crate::http;
use crate::imported::Imports;
use crate::media::Media;
use crate::record::{HouseRecord, RecordError};
use crate::secret::random;
use crate::sitting::Ask;

/// The file of the store in the data folder.
pub const STORE: &str = "incamera.sqlite";
/// How long requests that run may take when the house shuts down.
const GRACE: Duration = Duration::from_secs(3);

/// A house.
pub struct Server;

/// Why a house does not start. The operator can put it right, or learns what cannot.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be made.
    #[error("cannot make the data folder {}", path.display())]
    Data {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The store does not open.
    #[error("cannot use the store")]
    Store(#[from] StoreError),
    /// The house key is lost.
    #[error("cannot have the house key")]
    HouseKey(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The record of the house, or its key, is lost.
    #[error("cannot have the record of the house")]
    Record(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use the certificate and key")]
    Tls(#[source] std::io::Error),
    /// The media socket or thread does not start.
    #[error("cannot start the media server")]
    Media(#[from] incamera_sfu_io::StartError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// A house that runs. Dropping it stops it at once; [`Running::shutdown`] lets everyone know first.
pub struct Running {
    http: SocketAddr,
    media_address: SocketAddr,
    secure: bool,
    house: Arc<House>,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<std::io::Result<()>>,
    near: Option<(SocketAddr, JoinHandle<std::io::Result<()>>)>,
    sweeping: Option<JoinHandle<()>>,
    looking: JoinHandle<()>,
    media: Option<MediaServer>,
}

impl Server {
    /// Starts a house: opens or makes the store, loads the meetings, listens. When this has returned, the house
    /// answers.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        let tls = match &config.tls {
            Some(tls) => Some(certificate(tls).await?),
            None => None,
        };
        let (listener, http) = listen(config.listen)?;
        let store = open_store(config.data.clone()).await?;
        let key = house_key(store.as_ref()).map_err(|error| match error {
            KeyError::Store(error) => StartError::Store(error),
            error => StartError::HouseKey(Box::new(error)),
        })?;
        let records = HouseRecord::load(store.as_ref()).map_err(|error| match error {
            RecordError::Store(error) => StartError::Store(error),
            error => StartError::Record(Box::new(error)),
        })?;
        let (media, events) = MediaServer::start(MediaConfig {
            advertise: config.advertise.clone(),
            threads: config.media_threads,
            ..media_config(config.media)
        })?;
        let house = Arc::new(House {
            store,
            key,
            instance: random::<16>().map_err(|_| StartError::Random)?,
            media: Media::new(media.handle(), events),
            tickets: crate::tickets::Tickets::default(),
            addresses: http::Addresses::up_to(config.sockets_per_address),
            meetings: crate::meetings::Meetings::default(),
            keep_gallery_routed: config.keep_gallery_routed,
            relay: config.relay,
            watcher: config.watcher,
            recording: config.records,
            documents: config.data.join(DOCUMENTS),
            documents_held: Held::default(),
            recordings: config.data.join(RECORDINGS),
            imports: Imports::default(),
            imported: config.data.join(IMPORTED),
            secure: tls.is_some(),
            draining: AtomicBool::new(false),
            records,
        });
        house.load_meetings().await?;
        house.load_imports().await;
        let looking = tokio::spawn(Arc::clone(&house).look_for_imports());
        let sweeping = config
            .keep_recordings
            .map(|kept| tokio::spawn(Arc::clone(&house).keep_recordings_for(kept)));

        let handle = Handle::new();
        let connections = config
            .sockets_per_address
            .map(|max| max * limits::CONNECTIONS_BY_SOCKETS);
        let connections = http::Addresses::up_to(connections);
        let secure = tls.is_some();
        // Who watches does it on this machine, and has no use for a certificate that is made out to a name.
        let near = if secure && house.watcher.is_some() {
            let (listener, address) = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
            let served = serve(
                listener,
                None,
                connections.clone(),
                &handle,
                http::router(Arc::clone(&house), false),
            );
            let serving = served.map_err(|source| StartError::Listen { address, source })?;
            Some((address, serving))
        } else {
            None
        };
        let serving = serve(
            listener,
            tls,
            connections,
            &handle,
            http::router(Arc::clone(&house), secure),
        )
        .map_err(|source| StartError::Listen { address: http, source })?;
        Ok(Running {
            http,
            media_address: media.local_addr(),
            secure,
            house,
            handle,
            serving,
            near,
            looking,
            sweeping,
            media: Some(media),
        })
    }
}

impl Running {
    /// Where HTTP is served, with the real port.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where media is received (UDP), with the real port.
    pub fn media(&self) -> SocketAddr {
        self.media_address
    }

    /// Where this machine reaches the house over plain HTTP, for whoever watches.
    pub fn near(&self) -> SocketAddr {
        match &self.near {
            Some((address, _)) => *address,
            None if self.http.ip().is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, self.http.port())),
            None => self.http,
        }
    }

    /// HTTPS and not plain HTTP.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The key that lets somebody convene a meeting here, as it stands in the link. A secret.
    pub fn house_key(&self) -> &str {
        self.house.key.text()
    }

    /// What whoever watches the gallery tells: what came out of an open part; or that a list of recordings has grown, whose
    /// news are entered into the record.
    pub async fn watched(&self, watched: Watched) {
        match watched {
            Watched::Listed(meeting) => self.house.enter_recordings(meeting).await,
            Watched::Came(meeting, came) => {
                // Of a meeting whose task has ended nobody is told.
                if let Ok(seat) = self.house.seat(meeting).await {
                    let _ = seat.ask(Ask::Came { came }).await;
                }
            }
        }
    }

    /// Refuses newcomers and new meetings for a while, so that whoever distributes them sees that this house is about to
    /// stop; who is here goes on. Follow it with [`Running::shutdown`].
    pub async fn drain(&self, time: Duration) {
        self.house.draining.store(true, Ordering::Release);
        tokio::time::sleep(time).await;
    }

    /// Lets every client know, lets requests end, and stops.
    pub async fn shutdown(mut self) {
        self.house.drain().await;
        self.handle.graceful_shutdown(Some(GRACE));
        let _ = tokio::time::timeout(2 * GRACE, &mut self.serving).await;
        if let Some(media) = self.media.take() {
            // Stopping waits for a thread.
            let _ = spawn_blocking(move || drop(media)).await;
        }
    }

    /// Waits until serving has ended by itself, which is a failure.
    pub async fn ended(&mut self) -> std::io::Result<()> {
        match (&mut self.serving).await {
            Ok(result) => result,
            Err(error) => Err(std::io::Error::other(error)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.shutdown();
        self.serving.abort();
        if let Some((_, serving)) = &self.near {
            serving.abort();
        }
        self.looking.abort();
        if let Some(sweeping) = &self.sweeping {
            sweeping.abort();
        }
    }
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|source| StartError::Listen { address, source })
}

/// Whoever may be in a group may send and see.
fn media_config(bind: SocketAddr) -> MediaConfig {
    let mut config = MediaConfig::new(bind);
    config.engine.members_per_room_max = limits::MEMBERS_MAX;
    config
}

fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    connections: http::Addresses,
    handle: &Handle<SocketAddr>,
    router: axum::Router,
) -> std::io::Result<JoinHandle<std::io::Result<()>>> {
    let header_read = Duration::from_millis(limits::HEADER_READ_MS);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)?
        .map(|acceptor| http::Counted::new(acceptor, connections.clone()))
        .handle(handle.clone())
        .first_request_timeout(Duration::from_millis(limits::REQUEST_MS_MAX));
    server.http_builder().http1().header_read_timeout(header_read);
    Ok(match tls {
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls).handshake_timeout(header_read);
            tokio::spawn(
                server
                    .acceptor(http::Counted::new(acceptor, connections))
                    .serve(service),
            )
        }
        None => tokio::spawn(server.serve(service)),
    })
}

async fn certificate(tls: &Tls) -> Result<RustlsConfig, StartError> {
    // Another library in the process may have chosen first; it is the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    RustlsConfig::from_pem_chain_file(&tls.certificate, &tls.key)
        .await
        .map_err(StartError::Tls)
}

async fn open_store(data: PathBuf) -> Result<Arc<dyn Store>, StartError> {
    let opened = spawn_blocking(move || {
        std::fs::create_dir_all(&data).map_err(|source| StartError::Data {
            path: data.clone(),
            source,
        })?;
        Ok::<_, StartError>(SqliteStore::open(&data.join(STORE))?)
    })
    .await;
    let store = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok(Arc::new(store))
}
