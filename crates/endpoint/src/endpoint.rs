//! The endpoint, sans-IO.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{
    Direction, Frequency, KeyframeRequestKind, MediaKind, MediaTime, Mid, Rid, Simulcast, SimulcastLayer,
};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::Extension;
use str0m::{Candidate, IceConnectionState, Input, Rtc, RtcConfig, RtcError};
use thiserror::Error;

/// Longest frame sent. A key frame of a large picture stays far below.
const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Opus at 48 kHz.
    Audio,
    /// VP8.
    Video,
}

/// What a member sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// The member's microphone.
    Microphone,
    /// The member's camera.
    Camera,
    /// The member's screen.
    Screen,
}

/// Whether the endpoint sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offering {
    /// A microphone and a camera in one layer, and slots.
    Member,
    /// The same with the camera in [`LAYERS`] layers.
    LayeredMember,
    /// A microphone, a camera in [`LAYERS`] layers and a screen, and slots.
    PresentingMember,
    /// Slots only.
    Viewer,
}

/// Names of a camera's layers, smallest first.
const RIDS: [&str; LAYERS] = ["q", "h", "f"];

/// Layers of a camera that is sent in several.
pub const LAYERS: usize = 3;

/// A frame to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Which stream it belongs to.
    pub stream: Stream,
    /// Which layer of a camera that is sent in several, 0 the smallest; 0 otherwise.
    pub layer: usize,
    /// Its time in ticks of the stream's clock: 48 kHz for sound, 90 kHz for pictures.
    pub rtp_time: u64,
    /// Loudness of a sound frame for RFC 6464, in dBov: 0 is full scale, -127 is silence. Pictures have none.
    pub level_dbov: Option<i8>,
    /// The sealed frame.
    pub bytes: Arc<[u8]>,
}

/// A whole frame that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The slot it came in.
    pub mid: String,
    /// Sound or picture.
    pub kind: Kind,
    /// Its time in ticks of the slot's clock, extended to 64 bits.
    pub rtp_time: u64,
    /// The sealed frame.
    pub bytes: Arc<[u8]>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// ICE and DTLS are done: frames can be sent.
    Connected,
    /// A frame came in.
    Frame(Frame),
    /// The next frame of the stream should be a key frame.
    KeyFrameRequested {
        /// Which stream.
        stream: Stream,
        /// Which layer of it, 0 the smallest.
        layer: usize,
    },
    /// The connection is over.
    Closed,
}

/// What the endpoint wants of its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes there.
    Transmit {
        /// The server's address.
        destination: SocketAddr,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Something happened.
    Event(Event),
    /// Nothing more until this instant, or until the next call.
    Timeout(Instant),
}

/// What went wrong.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The caller's: an offer was made already, or none was made before the answer.
    #[error("the offer and the answer are out of order")]
    OutOfOrder,
    /// The caller's: the local address cannot be an ICE candidate.
    #[error("the local address cannot be used")]
    LocalAddress,
    /// The caller's: the frame is longer than any real one, or empty.
    #[error("the frame is empty or too long")]
    FrameSize,
    /// The caller's: no such stream was offered, or the connection does not stand.
    #[error("the stream cannot be sent now")]
    NotSending,
    /// The server's: the answer does not fit the offer.
    #[error("the answer cannot be used")]
    Answer(#[source] RtcError),
    /// The connection failed and is over.
    #[error("the connection failed")]
    Failed(#[source] RtcError),
}

/// One connection to a media server, from the client's side.
///
/// After every call, fetch [`MediaEndpoint::poll_output`] until it gives [`Output::Timeout`].
#[derive(Debug)]
pub struct MediaEndpoint {
    rtc: Rtc,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    microphone: Option<Mid>,
    camera: Option<Mid>,
    screen: Option<Mid>,
    layered: bool,
    slots: Vec<(Mid, Kind)>,
    /// The SSRCs that the answer announced: the only ones that the server sends.
    announced: BTreeSet<u32>,
    over: bool,
}

impl MediaEndpoint {
    /// An endpoint whose datagrams leave from `local`, which must be an address and not "any".
    pub fn new(now: Instant, local: SocketAddr) -> Result<Self, EndpointError> {
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .clear_extension_map()
            .set_extension(1, Extension::AudioLevel)
            .set_extension(2, Extension::AbsoluteSendTime)
            .set_extension(3, Extension::TransportSequenceNumber)
            .set_extension(4, Extension::RtpMid)
            .set_extension(5, Extension::RtpStreamId)
            .set_extension(6, Extension::RepairedRtpStreamId)
            .build(now);
        let candidate = Candidate::host(local, "udp").map_err(|_| EndpointError::LocalAddress)?;
        rtc.add_local_candidate(candidate).ok_or(EndpointError::LocalAddress)?;
        Ok(MediaEndpoint {
            rtc,
            local,
            pending: None,
            microphone: None,
            camera: None,
            screen: None,
            layered: false,
            slots: Vec::new(),
            announced: BTreeSet::new(),
            over: false,
        })
    }

    /// Makes the one offer: the sending lines of a member first, then the slots.
    pub fn offer(
        &mut self,
        offering: Offering,
        audio_slots: usize,
        video_slots: usize,
    ) -> Result<String, EndpointError> {
        if self.pending.is_some() || !self.slots.is_empty() || self.microphone.is_some() {
            return Err(EndpointError::OutOfOrder);
        }
        self.layered = matches!(offering, Offering::LayeredMember | Offering::PresentingMember);
        let layers = self.layered.then(simulcast);
        let mut change = self.rtc.sdp_api();
        if offering != Offering::Viewer {
            self.microphone = Some(change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None));
            self.camera = Some(change.add_media(MediaKind::Video, Direction::SendOnly, None, None, layers));
        }
        if offering == Offering::PresentingMember {
            self.screen = Some(change.add_media(MediaKind::Video, Direction::SendOnly, None, None, None));
        }
        for _ in 0..audio_slots {
            self.slots.push((
                change.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None),
                Kind::Audio,
            ));
        }
        for _ in 0..video_slots {
            self.slots.push((
                change.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None),
                Kind::Video,
            ));
        }
        let (offer, pending) = change.apply().ok_or(EndpointError::OutOfOrder)?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    /// Takes the answer.
    pub fn accept_answer(&mut self, answer_sdp: &str) -> Result<(), EndpointError> {
        let pending = self.pending.take().ok_or(EndpointError::OutOfOrder)?;
        let answer = SdpAnswer::from_sdp_string(answer_sdp).map_err(|error| EndpointError::Answer(error.into()))?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(EndpointError::Answer)?;
        self.announced = announced(answer_sdp);
        Ok(())
    }

    /// The slots of the offer, by `mid`, in its order.
    pub fn slots(&self) -> impl Iterator<Item = (String, Kind)> + '_ {
        self.slots.iter().map(|(mid, kind)| (mid.to_string(), *kind))
    }

    /// Sends one sealed frame. It leaves when the output is fetched.
    pub fn send_frame(&mut self, now: Instant, frame: Outgoing) -> Result<(), EndpointError> {
        if frame.bytes.is_empty() || frame.bytes.len() > FRAME_BYTES_MAX {
            return Err(EndpointError::FrameSize);
        }
        let (mid, codec, clock) = match frame.stream {
            Stream::Microphone => (self.microphone, Codec::Opus, Frequency::FORTY_EIGHT_KHZ),
            Stream::Camera => (self.camera, Codec::Vp8, Frequency::NINETY_KHZ),
            Stream::Screen => (self.screen, Codec::Vp8, Frequency::NINETY_KHZ),
        };
        let rid = match frame.stream {
            Stream::Camera if self.layered => Some(RIDS.get(frame.layer).ok_or(EndpointError::NotSending)?),
            _ => None,
        };
        let mut writer = mid
            .and_then(|mid| self.rtc.writer(mid))
            .ok_or(EndpointError::NotSending)?;
        let pt = writer
            .payload_params()
            .find(|params| params.spec().codec == codec)
            .map(|params| params.pt());
        let pt = pt.ok_or(EndpointError::NotSending)?;
        if let Some(level) = frame.level_dbov {
            writer = writer.audio_level(level, level > -50);
        }
        if let Some(rid) = rid {
            writer = writer.rid(Rid::from(*rid));
        }
        let time = MediaTime::new(frame.rtp_time, clock);
        writer
            .write(pt, now, time, frame.bytes)
            .map_err(|_| EndpointError::NotSending)?;
        self.handle_timeout(now)
    }

    /// Asks for a key frame in a video slot: a frame could not be opened. Slots that carry nothing are ignored.
    pub fn request_key_frame(&mut self, now: Instant, mid: &str) -> Result<(), EndpointError> {
        if let Some(mut writer) = self.rtc.writer(Mid::from(mid)) {
            // Refused only when nothing has come in this slot yet.
            let _ = writer.request_keyframe(None, KeyframeRequestKind::Pli);
        }
        self.handle_timeout(now)
    }

    /// Takes in one datagram. Bytes that are no media are dropped, and so is media that the answer did not announce: the
    /// media stack would give it a slot that it names before SRTP has verified it.
    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Result<(), EndpointError> {
        let Ok(contents) = DatagramRecv::try_from(datagram) else {
            return Ok(());
        };
        if ssrc_of(datagram).is_some_and(|ssrc| !self.announced.contains(&ssrc)) {
            return Ok(());
        }
        let receive = Receive {
            proto: Protocol::Udp,
            source,
            destination: self.local,
            contents,
        };
        self.rtc
            .handle_input(Input::Receive(now, receive))
            .map_err(EndpointError::Failed)
    }

    /// Lets the connection do what is due.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), EndpointError> {
        self.rtc
            .handle_input(Input::Timeout(now))
            .map_err(EndpointError::Failed)
    }

    /// Says goodbye. The farewell leaves when the output is fetched.
    pub fn close(&mut self) {
        if self.rtc.close().is_err() {
            self.rtc.disconnect();
        }
    }

    /// The next thing for the caller to do.
    pub fn poll_output(&mut self) -> Result<Output, EndpointError> {
        loop {
            if !self.rtc.is_alive() && !self.over {
                self.over = true;
                return Ok(Output::Event(Event::Closed));
            }
            match self.rtc.poll_output().map_err(EndpointError::Failed)? {
                // The last poll may have been the connection's last.
                str0m::Output::Timeout(at) if self.over || self.rtc.is_alive() => return Ok(Output::Timeout(at)),
                str0m::Output::Timeout(_) => {}
                str0m::Output::Transmit(transmit) => {
                    return Ok(Output::Transmit {
                        destination: transmit.destination,
                        bytes: transmit.contents.into(),
                    });
                }
                str0m::Output::Event(event) => {
                    if let Some(event) = self.notice(event) {
                        return Ok(Output::Event(event));
                    }
                }
            }
        }
    }

    fn notice(&mut self, event: str0m::Event) -> Option<Event> {
        match event {
            str0m::Event::Connected => Some(Event::Connected),
            str0m::Event::MediaData(data) => Some(Event::Frame(Frame {
                kind: self.slots.iter().find(|(mid, _)| *mid == data.mid)?.1,
                mid: data.mid.to_string(),
                rtp_time: data.time.numer(),
                bytes: data.data,
            })),
            str0m::Event::KeyframeRequest(request) => {
                let stream = match Some(request.mid) {
                    mid if mid == self.camera => Stream::Camera,
                    mid if mid == self.screen => Stream::Screen,
                    _ => return None,
                };
                let layer = request
                    .rid
                    .and_then(|rid| RIDS.iter().position(|name| Rid::from(*name) == rid));
                Some(Event::KeyFrameRequested {
                    stream,
                    layer: layer.unwrap_or(0),
                })
            }
            str0m::Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.rtc.disconnect();
                None
            }
            _ => None,
        }
    }
}

/// The SSRCs that a description announces (RFC 5576 §4.1).
fn announced(sdp: &str) -> BTreeSet<u32> {
    let lines = sdp.lines().filter_map(|line| line.strip_prefix("a=ssrc:"));
    lines.filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
}

/// The SSRC of an RTP packet; `None` for whatever else comes with it on the port (RFC 7983 §7, RFC 5761 §4).
fn ssrc_of(datagram: &[u8]) -> Option<u32> {
    match datagram {
        [0x80..=0xbf, 192..=223, ..] => None,
        [0x80..=0xbf, _, _, _, _, _, _, _, ssrc @ ..] => ssrc.first_chunk().map(|ssrc| u32::from_be_bytes(*ssrc)),
        _ => None,
    }
}

fn simulcast() -> Simulcast {
    let mut simulcast = Simulcast::new();
    for rid in RIDS {
        simulcast.add_send_layer(SimulcastLayer::new(rid));
    }
    simulcast
}
