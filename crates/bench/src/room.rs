//! Everybody else in a room, for whoever measures what one browser among them costs: sealed in a house, and the same pictures
//! and sound without sealing through the same engine.
//!
//! One line of JSON for each message on standard input and output, as of the engine under load.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use incamera_client::{HouseClient, MemberClient, SampleLoop, Samples};
use incamera_endpoint::samples::Paced;
use incamera_endpoint::{Event, MediaConnection, MediaEvents, Offering, Outgoing, Stream};
use incamera_protocol::limits;
use incamera_protocol::view::Lamp;
use incamera_sfu_io::{Event as Told, MediaConfig, MediaHandle, MediaServer, PeerId, Role, RoomId};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::draft::draft;
use crate::say;

/// How long they may take until they sit: some seconds, and a minute on a busy machine.
const SEAT_PATIENCE: Duration = Duration::from_secs(60);
/// The room, where there is no house.
const ROOM: RoomId = RoomId(1);
/// How far apart in the loop two of them are, in pictures: else all key frames would come at once.
const APART: usize = 13;
/// Loudness of the sample sound, for RFC 6464.
const TONE_DBOV: i8 = -20;

/// There is nobody in the room.
#[derive(Debug, thiserror::Error)]
#[error("the room cannot be filled: {0}")]
pub struct RoomError(String);

fn because(why: impl ToString) -> RoomError {
    RoomError(why.to_string())
}

/// So many people, who all send the same.
#[derive(Debug)]
pub struct Others {
    number: usize,
    picture: SampleLoop,
    sound: SampleLoop,
}

/// What is said.
#[derive(Serialize)]
enum Saying {
    /// All sit and send; where further ones go in, one each, as path and fragment.
    Seated { links: Vec<String> },
    /// The answer to the offer of the page that is measured.
    Answer { sdp: String },
    /// Which layers of its camera are wanted by anybody.
    Layers { wanted: Vec<bool> },
}

/// What is asked.
#[derive(Deserialize)]
enum Asking {
    /// Let a page in; the one before goes.
    Join { offer: String },
}

impl Others {
    /// They send the VP8 pictures of this IVF file and the sample sound.
    pub fn sending(number: usize, picture: &Path) -> Result<Self, RoomError> {
        let file = std::fs::read(picture).map_err(because)?;
        Ok(Self {
            number,
            picture: SampleLoop::from_ivf(&file).map_err(because)?,
            sound: SampleLoop::tone().map_err(because)?,
        })
    }

    fn samples(&self, at: usize) -> Samples {
        let mut picture = self.picture.clone();
        for _ in 0..(at * APART) % picture.frames().len() {
            picture.next();
        }
        Samples {
            sound: self.sound.clone(),
            picture: Some(picture),
        }
    }

    /// Convenes in the house and sits there until standard input ends. `convene`: its link for that; `more`: for how many
    /// there are links beside.
    pub async fn in_house(&self, convene: &str, more: usize) -> Result<(), RoomError> {
        let (base, key) = convene
            .split_once("/convene#")
            .ok_or_else(|| because("no link to convene by"))?;
        let house = HouseClient::new(base);
        let meeting = house.convene(key, &draft(self.number + more)).await.map_err(because)?;
        let mut members = Vec::new();
        for (at, fragment) in meeting.fragments.iter().take(self.number).enumerate() {
            let name = format!("Principal {}", at + 1);
            let joined = MemberClient::join_sending(&house, meeting.id, fragment, &name, self.samples(at)).await;
            members.push(joined.map_err(because)?);
        }
        for member in &members {
            let sits = member.until(SEAT_PATIENCE, |status| {
                let seats = status.view.as_ref().map_or(0, |view| view.members.len());
                status.lamp() == Lamp::Closed && status.media && seats == self.number
            });
            sits.await.ok_or_else(|| because("somebody does not get in"))?;
        }
        let free = meeting.fragments.iter().skip(self.number);
        let links = free.map(|fragment| format!("/m/{}/join#{fragment}", meeting.id));
        say(&Saying::Seated { links: links.collect() }).await.map_err(because)?;
        let mut input = BufReader::new(tokio::io::stdin()).lines();
        while input.next_line().await.map_err(because)?.is_some() {}
        Ok(())
    }

    /// The same without house and sealing: connects them to an engine at a free port of `address`, and whoever asks.
    pub async fn in_clear(&self, address: IpAddr) -> Result<(), RoomError> {
        let (server, mut events) =
            MediaServer::start(MediaConfig::new(SocketAddr::new(address, 0))).map_err(because)?;
        let media = server.handle();
        let mut peers = (1..).map(PeerId);
        let (up, mut ups) = mpsc::channel(self.number.max(1));
        for (at, peer) in (0..self.number).zip(&mut peers) {
            let slots = (limits::AUDIO_SLOTS, limits::VIDEO_SLOTS);
            let opened = MediaConnection::open(address, Offering::Member, slots.0, slots.1).await;
            let (connection, offer, heard) = opened.map_err(because)?;
            let answer = join(&media, peer, offer).await?;
            connection.accept_answer(answer).await.map_err(because)?;
            tokio::spawn(send(connection, heard, self.samples(at), up.clone()));
        }
        for _ in 0..self.number {
            let connected = tokio::time::timeout(SEAT_PATIENCE, ups.recv()).await;
            connected.map_err(|_| because("somebody does not get in"))?;
        }
        say(&Saying::Seated { links: Vec::new() }).await.map_err(because)?;
        let mut input = BufReader::new(tokio::io::stdin()).lines();
        let mut page = None;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(Told::Layers { peer, wanted }) if Some(peer) == page => {
                        say(&Saying::Layers { wanted }).await.map_err(because)?;
                    }
                    Some(_) => {}
                    None => return Err(because("the media thread has ended")),
                },
                line = input.next_line() => {
                    let Some(line) = line.map_err(because)? else {
                        return Ok(());
                    };
                    let Asking::Join { offer } = serde_json::from_str(&line).map_err(because)?;
                    if let Some(before) = page {
                        media.leave(before).await.map_err(because)?;
                    }
                    let peer = peers.next().ok_or_else(|| because("too many"))?;
                    page = Some(peer);
                    let sdp = join(&media, peer, offer).await?;
                    say(&Saying::Answer { sdp }).await.map_err(because)?;
                }
            }
        }
    }
}

async fn join(media: &MediaHandle, peer: PeerId, offer: String) -> Result<String, RoomError> {
    media.join(ROOM, peer, Role::Member, offer).await.map_err(because)
}

/// Sends in clear for as long as the connection stands.
async fn send(connection: MediaConnection, mut heard: MediaEvents, samples: Samples, up: mpsc::Sender<()>) {
    let mut sound = Paced::new(samples.sound, 48_000);
    let Some(mut picture) = samples.picture.map(|picture| Paced::new(picture, 90_000)) else {
        return;
    };
    loop {
        let (frame, stream, level_dbov) = tokio::select! {
            event = heard.next() => {
                match event {
                    Some(Event::Connected) => {
                        let _ = up.send(()).await;
                    }
                    Some(Event::KeyFrameRequested { stream: Stream::Camera, .. }) => picture.jump_to_key_frame(),
                    Some(Event::Closed) | None => return,
                    Some(_) => {}
                }
                continue;
            }
            () = sleep_until(sound.due()) => (sound.next(), Stream::Microphone, Some(TONE_DBOV)),
            () = sleep_until(picture.due()) => (picture.next(), Stream::Camera, None),
        };
        let Some((rtp_time, bytes)) = frame else { return };
        let sent = Outgoing {
            stream,
            layer: 0,
            rtp_time,
            level_dbov,
            bytes,
        };
        if connection.send_frame(sent).await.is_err() {
            return;
        }
    }
}
