//! A viewer who keeps every frame as it came, sealed, and every key that was ever disclosed.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use incamera_client::HouseClient;
use incamera_endpoint::{Event, Kind, MediaConnection, Offering};
use incamera_protocol::public::{Disclosure, GalleryMessage};
use incamera_protocol::{MediaKind, MeetingId, limits};
use incamera_seal::{Gallery, kid_of};
use tokio_tungstenite::tungstenite::Message;

/// What was seen.
#[derive(Default)]
pub struct Seen {
    /// As they came off DTLS-SRTP.
    pub frames: Vec<(MediaKind, Vec<u8>)>,
    pub keys: Vec<Disclosure>,
    /// What answered the offer of media.
    pub answer: String,
}

#[derive(Clone, Default)]
pub struct Witness(Arc<Mutex<Seen>>);

impl Witness {
    pub fn watch(base: &str, meeting: MeetingId) -> Self {
        let this = Self::default();
        let seen = Arc::clone(&this.0);
        let socket = format!("{}/api/meetings/{meeting}/gallery", base.replacen("http", "ws", 1));
        let house = HouseClient::new(base);
        tokio::spawn(async move {
            let (mut socket, _) = tokio_tungstenite::connect_async(socket).await.unwrap();
            let mut media = None;
            while let Some(Ok(message)) = socket.next().await {
                let Message::Text(text) = message else { continue };
                if text.is_empty() {
                    continue;
                }
                match serde_json::from_str(text.as_str()).unwrap() {
                    GalleryMessage::Here { ticket, keys, .. } => {
                        seen.lock().unwrap().keys.extend(keys);
                        media = Some(connect(&house, &ticket, Arc::clone(&seen)).await);
                    }
                    GalleryMessage::Disclosed { keys } => seen.lock().unwrap().keys.extend(keys),
                    _ => {}
                }
            }
            drop(media);
        });
        this
    }

    /// Waits until what was seen is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let deadline = tokio::time::Instant::now() + crate::house::STEP;
        while !wanted(&self.0.lock().unwrap()) {
            assert!(
                tokio::time::Instant::now() < deadline,
                "the witness has not seen {what}"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    pub fn see<T>(&self, look: impl Fn(&Seen) -> T) -> T {
        look(&self.0.lock().unwrap())
    }
}

impl Seen {
    /// How many frames of this kind came under a key of an open part, or of a closed one.
    pub fn count(&self, kind: MediaKind, open: bool) -> usize {
        let of = |frame: &&(MediaKind, Vec<u8>)| {
            frame.0 == kind && kid_of(kind, &frame.1).is_some_and(|kid| kid.parts().open == open)
        };
        self.frames.iter().filter(of).count()
    }

    /// All that the disclosed keys open, and how many frames that was of each part.
    pub fn opened(&self) -> (Vec<u8>, usize, usize) {
        let mut gallery = Gallery::new();
        gallery.disclose(&self.keys);
        let (mut plain, mut of_open, mut of_closed) = (Vec::new(), 0, 0);
        for (kind, frame) in &self.frames {
            if let Ok(opened) = gallery.open(*kind, frame) {
                plain.extend(opened.frame);
                let open = kid_of(*kind, frame).is_some_and(|kid| kid.parts().open);
                *(if open { &mut of_open } else { &mut of_closed }) += 1;
            }
        }
        (plain, of_open, of_closed)
    }

    /// Something from the middle of the last sealed picture.
    pub fn last_ciphertext(&self) -> Vec<u8> {
        let mut pictures = self.frames.iter().rev().filter(|(kind, _)| *kind == MediaKind::Video);
        let (_, frame) = pictures.next().unwrap();
        frame[frame.len() - 64..frame.len() - 32].to_vec()
    }
}

async fn connect(house: &HouseClient, ticket: &str, seen: Arc<Mutex<Seen>>) -> MediaConnection {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let opened = MediaConnection::open(local, Offering::Viewer, limits::AUDIO_SLOTS, limits::VIDEO_SLOTS).await;
    let (connection, offer, mut events) = opened.unwrap();
    let answer = house.media(ticket, offer).await.unwrap();
    seen.lock().unwrap().answer.clone_from(&answer);
    connection.accept_answer(answer).await.unwrap();
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let Event::Frame(frame) = event {
                let kind = match frame.kind {
                    Kind::Audio => MediaKind::Audio,
                    Kind::Video => MediaKind::Video,
                };
                seen.lock().unwrap().frames.push((kind, frame.bytes.to_vec()));
            }
        }
    });
    connection
}
