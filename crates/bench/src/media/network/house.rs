//! The server between who is watched and who watches.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::camera::Camera;
use super::watcher::Watcher;
use super::way::Way;
use crate::media::adapter::{Server, Side};
use crate::media::{Ground, SETTLING_PATIENCE};

/// The one room, and who is watched in it.
const ROOM: u64 = 0;
const FILMED: u64 = 0;
const WATCHES: u64 = 1;

/// From one attempt to watch somebody who is still coming to the next.
const AGAIN: Duration = Duration::from_millis(200);

pub(super) struct House(Server);

impl House {
    pub(super) async fn start(side: Side<'_>, ground: &Ground) -> Result<Self, String> {
        Server::start(side, ground, &HashSet::from([ROOM])).await.map(House)
    }

    pub(super) async fn stop(self) {
        self.0.stop().await;
    }

    /// Who is watched: connecting.
    pub(super) async fn film(&self, address: IpAddr) -> Result<Camera, String> {
        let (mut camera, offer) = Camera::offer(address).await?;
        let answer = match &self.0 {
            Server::Ours(ours) => ours.join(ROOM, FILMED, true, offer).await?,
            Server::Janus(janus) => janus.publish(ROOM, FILMED, offer).await?,
            Server::Whip(_) => return Err("it cannot be asked for layers by WHIP".to_owned()),
        };
        camera.accept(answer).await?;
        Ok(camera)
    }

    /// Who watches them: connecting.
    pub(super) async fn watch(&self, address: IpAddr, way: Way, camera: &Camera) -> Result<Watcher, String> {
        let mut watcher = Watcher::on(address, way).await?;
        match &self.0 {
            Server::Ours(ours) => {
                let offer = watcher.offer()?;
                watcher.accept(&ours.join(ROOM, WATCHES, false, offer).await?)?;
            }
            Server::Janus(janus) => {
                // Only what has come can be subscribed to.
                let streams: Vec<(u64, String)> = camera.mids.iter().map(|mid| (FILMED, mid.clone())).collect();
                let until = Instant::now() + SETTLING_PATIENCE;
                let (handle, offer) = loop {
                    match janus.subscribe(ROOM, &streams).await {
                        Ok(subscribed) => break subscribed,
                        Err(why) if Instant::now() >= until => return Err(why),
                        Err(_) => tokio::time::sleep(AGAIN).await,
                    }
                };
                let answer = watcher.answer(&offer)?;
                janus.begin(handle, answer).await?;
            }
            Server::Whip(_) => return Err("it cannot be asked for layers by WHEP".to_owned()),
        }
        Ok(watcher)
    }
}
