//! Who is watched: a microphone and a camera in three layers, on a way without faults.

use std::net::IpAddr;
use std::time::Duration;

use incamera_endpoint::{Event, LAYERS, MediaConnection, MediaEvents, Offering, Outgoing, Stream};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Bytes of a picture in each layer, at 25 a second: 150, 500 and 1,700 kbit/s, as browsers send.
const PICTURE_BYTES: [usize; LAYERS] = [750, 2_500, 8_500];
/// How much larger a key frame is. That of a layer stays smaller than any picture of the next.
const KEY_FRAME: usize = 3;
/// How one begins (RFC 6386 §9.1), with its start code and a size: our server reads the first byte alone, which is clear in what
/// is sealed; Janus goes from layer to layer by the start code, which is not.
const KEY_FRAME_HEAD: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 5, 0xd0, 2];
/// A shown picture of so many bytes is of the largest layer.
pub(super) const LARGE_BYTES: usize = 8_000;
/// 20 ms of Opus at 32 kbit/s, sealed.
const SOUND_BYTES: usize = 100;
const SOUND_INTERVAL: Duration = Duration::from_millis(20);
const SOUNDS_PER_PICTURE: u64 = 2;

/// Dropping it ends it.
pub(super) struct Camera {
    connection: MediaConnection,
    /// Of its lines, sound and picture (RFC 9143).
    pub(super) mids: Vec<String>,
    running: Option<tokio::task::JoinHandle<()>>,
    events: Option<MediaEvents>,
}

impl Camera {
    /// Makes its offer.
    pub(super) async fn offer(address: IpAddr) -> Result<(Self, String), String> {
        let (connection, offer, events) = MediaConnection::open(address, Offering::LayeredMember, 0, 0)
            .await
            .map_err(|error| error.to_string())?;
        let mids = offer.lines().filter_map(|line| line.strip_prefix("a=mid:"));
        let camera = Self {
            connection,
            mids: mids.map(|mid| mid.trim().to_owned()).collect(),
            running: None,
            events: Some(events),
        };
        Ok((camera, offer))
    }

    /// Sends once it is connected.
    pub(super) async fn accept(&mut self, answer: String) -> Result<(), String> {
        self.connection
            .accept_answer(answer)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(events) = self.events.take() {
            self.running = Some(tokio::spawn(film(self.connection.clone(), events)));
        }
        Ok(())
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

async fn film(connection: MediaConnection, mut events: MediaEvents) {
    let mut key_due = [true; LAYERS];
    let mut ticks = interval(SOUND_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut number = 0u64;
    let mut connected: Option<Instant> = None;
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(Event::Connected) => connected = Some(Instant::now()),
                // As a browser does: in all layers, whichever was asked.
                Some(Event::KeyFrameRequested { stream: Stream::Camera, .. }) => key_due = [true; LAYERS],
                Some(Event::Closed) | None => return,
                Some(_) => {}
            },
            _ = ticks.tick() => {
                if connected.is_none() {
                    continue;
                }
                if send(&connection, number, &mut key_due).await.is_err() {
                    return;
                }
                number += 1;
            }
        }
    }
}

/// One sound, and each second time a picture in all layers.
async fn send(connection: &MediaConnection, number: u64, key_due: &mut [bool; LAYERS]) -> Result<(), ()> {
    let sound = Outgoing {
        stream: Stream::Microphone,
        layer: 0,
        rtp_time: number * 960,
        level_dbov: Some(-20),
        bytes: vec![7; SOUND_BYTES].into(),
    };
    connection.send_frame(sound).await.map_err(drop)?;
    if !number.is_multiple_of(SOUNDS_PER_PICTURE) {
        return Ok(());
    }
    for (layer, (bytes, key_due)) in PICTURE_BYTES.into_iter().zip(key_due).enumerate() {
        let key = std::mem::take(key_due);
        let mut picture = vec![7; if key { bytes * KEY_FRAME } else { bytes }];
        // RFC 6386 §9.1: the lowest bit says "not a key frame".
        let head: &[u8] = if key { &KEY_FRAME_HEAD } else { &[0x11] };
        if let Some(begins) = picture.get_mut(..head.len()) {
            begins.copy_from_slice(head);
        }
        let picture = Outgoing {
            stream: Stream::Camera,
            layer,
            rtp_time: number * 1_800,
            level_dbov: None,
            bytes: picture.into(),
        };
        connection.send_frame(picture).await.map_err(drop)?;
    }
    Ok(())
}
