//! What the house's operator decides.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use incamera_protocol::{MeetingId, limits};
pub use incamera_sfu_io::usual_threads as usual_media_threads;
use tokio::sync::mpsc;

use crate::relay::Relay;

/// How to run a house.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where HTTP is served. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where media is received (UDP). Port 0 lets the system choose.
    pub media: SocketAddr,
    /// Addresses at which clients reach the media socket, if not those of the machine itself.
    pub advertise: Vec<IpAddr>,
    /// How many threads forward media; see [`usual_media_threads`].
    pub media_threads: usize,
    /// WebSockets that one address may have open at a time; none is unlimited. See [`limits::SOCKETS_PER_ADDRESS`].
    pub sockets_per_address: Option<usize>,
    /// Serve HTTPS with this certificate. Without it, only `localhost` is a secure context for browsers.
    pub tls: Option<Tls>,
    /// Where the store is kept. Made if it is not there.
    pub data: PathBuf,
    /// Forward sealed media to the gallery in closed parts too. It shows that the keys, and not the routing, shut the
    /// public out; it costs bandwidth and serves nothing else.
    pub keep_gallery_routed: bool,
    /// A relay for clients whose network lets no UDP through.
    pub relay: Option<Relay>,
    /// Somebody who watches the gallery as the public does, and says what comes out; see [`crate::Running::watched`]. Without
    /// it nobody notices that the public does not hear.
    pub watcher: Option<Told>,
    /// Who watches also records the open parts, into [`RECORDINGS`] in the data folder.
    pub records: bool,
    /// For how long after the adjournment recordings are kept; none: until somebody deletes them.
    pub keep_recordings: Option<Duration>,
}

/// The folder of recordings in the data folder: in it one for each meeting, by its id.
pub const RECORDINGS: &str = "recordings";

/// The folder of members' sealed documents in the data folder: in it one for each meeting, by its id, as long as it lasts.
pub(crate) const DOCUMENTS: &str = "documents";

/// The folder of other houses' meetings in the data folder: in it one for each, by its id, with [`RECORD`] and [`RECORDINGS`].
pub const IMPORTED: &str = "imported";

/// The folder of a record's files.
pub const RECORD: &str = "record";

/// Told of every meeting in which people meet, once or more often.
pub type Told = mpsc::UnboundedSender<MeetingId>;

/// A certificate and its key, in PEM files.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The chain, the house's own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Config {
    /// The usual house on this machine alone: free loopback ports, plain HTTP.
    pub fn local(data: impl Into<PathBuf>) -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: free,
            media: free,
            advertise: Vec::new(),
            media_threads: 1,
            sockets_per_address: Some(limits::SOCKETS_PER_ADDRESS),
            tls: None,
            data: data.into(),
            keep_gallery_routed: false,
            relay: None,
            watcher: None,
            records: false,
            keep_recordings: None,
        }
    }
}
