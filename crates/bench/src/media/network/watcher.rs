//! Who watches, over a way with faults: one slot for sound and one for a picture, with the reports, the feedback and the
//! requests of a browser.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::{RtpPacket, Vp8Descriptor};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;

use super::pictures::{Part, Pictures};
use super::sounds::Sounds;
use super::way::Way;
use crate::media::browser::browser;

/// How long a picture is waited for before a key frame is asked for, and from one such request to the next.
const KEY_FRAME_PATIENCE: Duration = Duration::from_millis(300);

pub(super) struct Watcher {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    server: Option<SocketAddr>,
    pub(super) way: Way,
    pending: Option<SdpPendingOffer>,
    /// Once it is negotiated.
    video: Option<Mid>,
    audio_pt: Option<Pt>,
    video_pt: Option<Pt>,
    pub(super) sounds: Sounds,
    pub(super) heard: bool,
    pub(super) pictures: Pictures,
    asked: Option<Instant>,
    wants: Instant,
}

impl Watcher {
    pub(super) async fn on(address: IpAddr, way: Way) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| error.to_string();
        let socket = UdpSocket::bind((address, 0)).await.map_err(|error| failed(&error))?;
        let local = socket.local_addr().map_err(|error| failed(&error))?;
        let now = Instant::now();
        let mut rtc = browser().build(now);
        let candidate = Candidate::host(local, "udp").map_err(|error| failed(&error))?;
        rtc.add_local_candidate(candidate);
        Ok(Self {
            rtc,
            socket,
            local,
            server: None,
            way,
            pending: None,
            video: None,
            audio_pt: None,
            video_pt: None,
            sounds: Sounds::default(),
            heard: false,
            pictures: Pictures::default(),
            asked: None,
            wants: now,
        })
    }

    /// Makes its offer.
    pub(super) fn offer(&mut self) -> Result<String, String> {
        let mut change = self.rtc.sdp_api();
        change.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        self.video = Some(change.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None));
        let (offer, pending) = change.apply().ok_or("nothing to offer")?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    /// Answers an offer of the server's.
    pub(super) fn answer(&mut self, offer: &str) -> Result<String, String> {
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| error.to_string())?;
        let answer = self.rtc.sdp_api().accept_offer(offer);
        let answer = answer.map_err(|error| error.to_string())?;
        self.negotiated();
        Ok(answer.to_sdp_string())
    }

    pub(super) fn accept(&mut self, answer: &str) -> Result<(), String> {
        let answer = SdpAnswer::from_sdp_string(answer).map_err(|error| error.to_string())?;
        let pending = self.pending.take().ok_or("an answer without an offer")?;
        let accepted = self.rtc.sdp_api().accept_answer(pending, answer);
        accepted.map_err(|error| error.to_string())?;
        self.negotiated();
        Ok(())
    }

    fn negotiated(&mut self) {
        let pt = |codec| {
            let config = &self.rtc;
            config
                .codec_config()
                .find(|params| params.spec().codec == codec)
                .map(|params| params.pt())
        };
        (self.audio_pt, self.video_pt) = (pt(Codec::Opus), pt(Codec::Vp8));
    }

    /// Watches until then, or until the condition holds.
    pub(super) async fn watch(&mut self, until: Instant, mut enough: impl FnMut(&Self) -> bool) -> Result<(), String> {
        let mut buffer = vec![0; 2048];
        loop {
            let now = Instant::now();
            if now >= until || enough(self) {
                return Ok(());
            }
            self.carry(now).await?;
            let next = self.wants.min(self.way.next()).min(until);
            tokio::select! {
                received = self.socket.recv_from(&mut buffer) => {
                    // What fails here is an earlier datagram's "port unreachable".
                    if let Ok((length, _)) = received {
                        self.way.go_down(Instant::now(), buffer.get(..length).unwrap_or_default());
                    }
                }
                () = tokio::time::sleep_until(next.into()) => {}
            }
        }
    }

    /// Hands over what has arrived, and does what the connection wants.
    async fn carry(&mut self, now: Instant) -> Result<(), String> {
        let [down, up] = self.way.arrived(now);
        if let Some(server) = self.server {
            for datagram in up {
                // One that cannot be sent is a lost one.
                let _ = self.socket.send_to(&datagram, server).await;
            }
            for datagram in down {
                let Ok(contents) = DatagramRecv::try_from(&*datagram) else {
                    continue;
                };
                let receive = Receive {
                    proto: Protocol::Udp,
                    source: server,
                    destination: self.local,
                    contents,
                };
                self.tell(Input::Receive(now, receive), now)?;
            }
        }
        self.ask_for_key_frame(now);
        self.tell(Input::Timeout(now), now)
    }

    fn tell(&mut self, input: Input<'_>, now: Instant) -> Result<(), String> {
        self.rtc.handle_input(input).map_err(|error| error.to_string())?;
        loop {
            match self.rtc.poll_output().map_err(|error| error.to_string())? {
                Output::Timeout(_) if !self.rtc.is_alive() => return Err("the connection is over".to_owned()),
                Output::Timeout(at) => {
                    self.wants = at.max(now + Duration::from_millis(1));
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    self.server = Some(transmit.destination);
                    self.way.go_up(now, &transmit.contents);
                }
                Output::Event(Event::RtpPacket(packet)) => self.take(now, &packet),
                Output::Event(Event::MediaAdded(added)) if added.kind == MediaKind::Video => {
                    self.video = Some(added.mid)
                }
                Output::Event(_) => {}
            }
        }
    }

    fn take(&mut self, now: Instant, packet: &RtpPacket) {
        let pt = Some(packet.header.payload_type);
        let Some(first) = packet.payload.first() else { return };
        if pt == self.audio_pt {
            self.heard = true;
            self.sounds.take(now, *packet.seq_no);
        } else if pt == self.video_pt {
            let descriptor = Vp8Descriptor::parse(&packet.payload);
            let part = Part {
                bytes: packet.payload.len(),
                ends: packet.header.marker,
                // RFC 7741 §4.2: the start of the first partition.
                begins: first & 0x17 == 0x10,
                begins_key_frame: descriptor.is_ok_and(|it| it.starts_keyframe(&packet.payload)),
            };
            self.pictures.take(now, *packet.seq_no, part);
        }
    }

    /// As a browser does whose decoder waits.
    fn ask_for_key_frame(&mut self, now: Instant) {
        let lately = self
            .asked
            .is_some_and(|asked| now.saturating_duration_since(asked) < KEY_FRAME_PATIENCE);
        if lately || !self.pictures.waits(now, KEY_FRAME_PATIENCE) {
            return;
        }
        let Some(video) = self.video else { return };
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(video, None) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.asked = Some(now);
        }
    }
}
