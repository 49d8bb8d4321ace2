//! Our forwarding engine as a server under load: the media thread that `serve` runs, and around it no meetings and no
//! cryptography of theirs, but one line of JSON for each message on standard input and output.
//!
//! A pipe and no port: nobody else can talk to it, and when whoever started it is gone, so is it.

use std::net::{IpAddr, SocketAddr};

use incamera_sfu_io::{MediaConfig, MediaServer, PeerId, Role, RoomId};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::MediaError;
use crate::say;

/// What it is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Let a peer in.
    Join {
        room: u64,
        peer: u64,
        member: bool,
        offer: String,
    },
    /// Take a peer out.
    Leave { peer: u64 },
}

/// What it says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// Once, first: it listens.
    Ready,
    /// The answer to a peer's offer.
    Answer { peer: u64, sdp: String },
    /// A peer that was not let in.
    Refused { peer: u64, why: String },
}

/// Runs the media thread on a free port of `address` until standard input ends.
pub async fn serve_load(address: IpAddr) -> Result<(), MediaError> {
    let stopped = |error: std::io::Error| MediaError::Server(format!("the pipe is broken: {error}"));
    let config = MediaConfig::new(SocketAddr::new(address, 0));
    let (server, mut events) = MediaServer::start(config).map_err(|error| MediaError::Server(error.to_string()))?;
    // Read, as the house does; what they say is of no use here.
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let media = server.handle();
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    say(&Reply::Ready).await.map_err(stopped)?;
    while let Some(line) = input.next_line().await.map_err(stopped)? {
        let gone = |_| MediaError::Server("the media thread has ended".to_owned());
        match serde_json::from_str(&line).map_err(|error| MediaError::Server(error.to_string()))? {
            Request::Join {
                room,
                peer,
                member,
                offer,
            } => {
                let role = if member { Role::Member } else { Role::Viewer };
                media.set_viewers_routed(RoomId(room), true).await.map_err(gone)?;
                let reply = match media.join(RoomId(room), PeerId(peer), role, offer).await {
                    Ok(sdp) => Reply::Answer { peer, sdp },
                    Err(error) => Reply::Refused {
                        peer,
                        why: error.to_string(),
                    },
                };
                say(&reply).await.map_err(stopped)?;
            }
            Request::Leave { peer } => media.leave(PeerId(peer)).await.map_err(gone)?,
        }
    }
    Ok(())
}
