//! Whether a house would stand on this machine.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use incamera_protocol::limits;
use incamera_server::STORE;
use incamera_sfu_io::candidates;
use incamera_store::SqliteStore;

use super::certificate;
use super::finding::Finding;
use crate::serve::Place;

/// When this was written: 2026-01-01. A clock before it is wrong.
const WRITTEN_MS: u64 = 1_767_225_600_000;

/// Looks at everything that `incamera serve` with the same flags would need.
pub(super) async fn look(place: &Place) -> Vec<Finding> {
    let now_ms = now_ms();
    let mut findings = vec![folder(&place.data), free_space(&place.data)];
    findings.extend(store(&place.data.join(STORE), now_ms));
    findings.push(clock(now_ms));
    findings.push(http_port(place).await);
    findings.push(media_port(place.media()));
    findings.extend(media_addresses(place));
    match (&place.tls_cert, &place.tls_key) {
        (Some(chain), Some(key)) => findings.push(certificate::look(chain, key, now_ms)),
        _ if place.listen.ip().is_loopback() => {}
        _ => findings.push(Finding::note(
            "certificate",
            "There is none. Browsers give camera and microphone to HTTPS and to localhost only; put a proxy with HTTPS in \
             front, or give --tls-cert and --tls-key.",
        )),
    }
    findings
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn folder(data: &Path) -> Finding {
    const OF: &str = "data";
    let metadata = match std::fs::metadata(data) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Finding::note(OF, format!("{} is not there; the house makes it.", data.display()));
        }
        Err(error) => return Finding::bad(OF, format!("{} cannot be looked at: {error}.", data.display())),
    };
    if !metadata.is_dir() {
        return Finding::bad(OF, format!("{} is not a folder.", data.display()));
    }
    // The only way to know is to write.
    if let Err(error) = tempfile::tempfile_in(data) {
        return Finding::bad(OF, format!("Nothing can be written in {}: {error}.", data.display()));
    }
    Finding::good(OF, format!("{} is a folder that can be written in.", data.display()))
}

fn free_space(data: &Path) -> Finding {
    const OF: &str = "disk";
    let there = data.ancestors().find(|folder| folder.exists());
    let there = there.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    match rustix::fs::statvfs(&there) {
        Err(error) => Finding::note(OF, format!("Its free space is not known: {error}.")),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let megabytes = free / 1_000_000;
            if free < limits::DISK_FREE_BYTES_MIN {
                Finding::bad(OF, format!("Only {megabytes} MB are free. A full disk stops meetings."))
            } else {
                Finding::good(OF, format!("{megabytes} MB are free."))
            }
        }
    }
}

fn store(file: &Path, now_ms: u64) -> Vec<Finding> {
    const OF: &str = "store";
    let metadata = match std::fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return vec![Finding::note(OF, "There is none yet; the house makes it, and its key.")];
        }
        Err(error) => {
            return vec![Finding::bad(
                OF,
                format!("{} cannot be looked at: {error}.", file.display()),
            )];
        }
    };
    let mut findings = Vec::new();
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        findings.push(Finding::good("house key", "Only this user can read it."));
    } else {
        findings.push(Finding::bad(
            "house key",
            format!(
                "Others can read it: {} has mode {mode:03o}. Run `chmod 600` on it.",
                file.display()
            ),
        ));
    }
    match SqliteStore::examine(file) {
        Err(error) => findings.push(Finding::bad(OF, format!("{}: {error}.", file.display()))),
        Ok(examined) if examined.schema < examined.known => findings.push(Finding::note(
            OF,
            format!(
                "It has schema {}; the house makes {} of it. An older incamera does not open it then: back it up first.",
                examined.schema, examined.known
            ),
        )),
        Ok(examined) => {
            findings.push(Finding::good(OF, format!("It has schema {}, which this program knows.", examined.schema)));
            let ahead_ms = examined.newest_at_ms.unwrap_or(0).saturating_sub(now_ms);
            if ahead_ms > limits::CLOCK_SKEW_MS_MAX {
                findings.push(Finding::bad(
                    "clock",
                    format!(
                        "What was stored last is dated {} minutes ahead of this machine's clock: the clock was or is \
                         wrong.",
                        ahead_ms / 60_000
                    ),
                ));
            }
        }
    }
    findings
}

fn clock(now_ms: u64) -> Finding {
    const OF: &str = "clock";
    if now_ms < WRITTEN_MS {
        return Finding::bad(OF, "It is before 2026: letters and motions would be refused.");
    }
    Finding::good(
        OF,
        "It is after this program was written. Whether it is right, only another clock can say.",
    )
}

async fn http_port(place: &Place) -> Finding {
    const OF: &str = "http";
    let address = place.listen;
    let error = match TcpListener::bind(address) {
        Ok(_) => return Finding::good(OF, format!("{address} is free.")),
        Err(error) => error,
    };
    if error.kind() != ErrorKind::AddrInUse {
        return Finding::bad(OF, format!("{address} cannot be listened on: {error}."));
    }
    if place.tls_cert.is_none() && answers_like_a_house(address).await {
        return Finding::note(OF, format!("A house answers at {address} already."));
    }
    Finding::bad(OF, format!("Another program listens on {address}."))
}

async fn answers_like_a_house(address: SocketAddr) -> bool {
    // Whoever listens everywhere answers here.
    let host = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    };
    let url = format!("http://{}/api/meetings", SocketAddr::new(host, address.port()));
    let wait = Duration::from_millis(limits::DOCTOR_WAIT_MS);
    let Ok(client) = reqwest::Client::builder().timeout(wait).build() else {
        return false;
    };
    let Ok(answer) = client.get(url).send().await else {
        return false;
    };
    answer
        .json::<Vec<incamera_protocol::public::PublicState>>()
        .await
        .is_ok()
}

fn media_port(address: SocketAddr) -> Finding {
    const OF: &str = "media";
    match UdpSocket::bind(address) {
        Ok(_) => Finding::good(
            OF,
            format!("UDP {address} is free. The firewall must let it in; that is not seen here."),
        ),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::note(
            OF,
            format!("UDP {address} is in use, by a house that runs or by another program."),
        ),
        Err(error) => Finding::bad(OF, format!("UDP {address} cannot be used: {error}.")),
    }
}

/// The addresses that clients would be told.
fn media_addresses(place: &Place) -> Vec<Finding> {
    let told = candidates(place.media(), &place.advertise);
    told.iter().map(|told| media_address(told.ip(), place)).collect()
}

fn media_address(address: IpAddr, place: &Place) -> Finding {
    const OF: &str = "media address";
    let is_private = match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    if address.is_unspecified() || address.is_multicast() || matches!(address, IpAddr::V4(v4) if v4.is_broadcast()) {
        return Finding::bad(OF, format!("Clients would be told {address}, which is no machine's."));
    }
    if address.is_loopback() && !place.listen.ip().is_loopback() {
        return Finding::bad(
            OF,
            format!("Clients would be told {address}, which is each one's own machine. Give --advertise."),
        );
    }
    if address.is_loopback() {
        return Finding::note(OF, format!("Clients are told {address}: only this machine reaches it."));
    }
    if is_private {
        let said = format!(
            "Clients are told {address}, which is reached from its own network only. Behind a NAT: give \
             the outer address with --advertise."
        );
        return Finding::note(OF, said);
    }
    Finding::good(OF, format!("Clients are told {address}."))
}
