//! One client: a socket, a connection, what it sends and what it gets.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use incamera_srtp::{Protector, Tap};
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::RtpPacket;
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::feedback::{Feedback, extension_in};
use super::packets::{Sending, begins_key_frame, sent_at_ns};
use super::received::{Counts, Received, froze, gapes};
use super::report::{Window, record};
use super::{Load, Offered};
use crate::media::browser::browser;

/// Bytes that the system may hold for one client: a second of what it gets in any scenario.
const BUFFER_BYTES: usize = 1024 * 1024;

/// How often a client that has no key frame yet asks for one: as a browser does whose decoder waits.
const KEY_FRAME_PATIENCE: Duration = Duration::from_millis(200);

/// Who a client is to the measurement.
#[derive(Debug, Clone)]
pub(in crate::media) struct ClientSpec {
    /// When it began to ask to be let in.
    pub(in crate::media) asked: Instant,
    /// Its number among those who send in its room, and how many those are.
    pub(in crate::media) place: u64,
    pub(in crate::media) senders: u64,
    /// Whether somebody already sends, so that the time to its first sound and picture says something of the server.
    pub(in crate::media) times_count: bool,
    /// Once it hears and sees, it goes by the headers of media alone: it counts them and reports what came (transport-wide
    /// feedback), but decrypts none and misses none.
    pub(in crate::media) light: bool,
}

/// The lines of an offer that the client makes.
#[derive(Debug, Clone, Copy)]
pub(in crate::media) struct Lines {
    pub(in crate::media) sends: bool,
    pub(in crate::media) audio_slots: usize,
    pub(in crate::media) video_slots: usize,
}

impl Lines {
    /// Of a connection on which nothing is got.
    pub(in crate::media) const SENDING: Self = Self {
        sends: true,
        audio_slots: 0,
        video_slots: 0,
    };
}

/// One client.
pub(super) struct Client {
    pub(super) spec: ClientSpec,
    rtc: Rtc,
    /// Where the keys of its connection are.
    tap: Tap,
    /// The header extension with the transport-wide number, if the server uses it.
    numbered: Option<u8>,
    /// What it says of packets that it does not decrypt, from when on it does not.
    feedback: Option<Feedback>,
    pub(super) socket: mio::net::UdpSocket,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    /// The lines on which it sends, until they are negotiated.
    sending_lines: Option<(Mid, Mid)>,
    pub(super) sends: Vec<Sending>,
    hears: bool,
    sees: bool,
    audio_pt: Option<Pt>,
    video_pt: Option<Pt>,
    received: Vec<Received>,
    pub(super) connected: bool,
    pub(super) started: Option<Instant>,
    pub(super) first_audio: Option<Duration>,
    pub(super) first_video: Option<Duration>,
    key_frame_asked: Option<Instant>,
    /// Datagrams that the socket has dropped, as the kernel counts.
    overflowed: u32,
    pub(super) over: bool,
    /// When the connection wants to be called next.
    pub(super) wants: Instant,
    /// The earliest call that is scheduled.
    pub(super) armed: Option<Instant>,
}

/// What driving a client may have to tell and to count.
pub(super) struct Context<'a> {
    pub(super) window: Option<&'a mut Window>,
    /// From one picture of a sender to its next.
    pub(super) picture_interval: Duration,
}

impl Client {
    pub(super) fn new(spec: ClientSpec, address: IpAddr, now: Instant) -> Result<Self, String> {
        let (socket, local) = bind(address).map_err(|error| format!("a client has no socket on {address}: {error}"))?;
        let (mut rtc, tap) = Tap::on(|cryptography| browser().set_crypto_provider(cryptography).build(now));
        let candidate = Candidate::host(local, "udp").map_err(|error| error.to_string())?;
        rtc.add_local_candidate(candidate);
        Ok(Self {
            spec,
            rtc,
            tap,
            numbered: None,
            feedback: None,
            socket,
            local,
            pending: None,
            sending_lines: None,
            sends: Vec::new(),
            hears: false,
            sees: false,
            audio_pt: None,
            video_pt: None,
            received: Vec::new(),
            connected: false,
            started: None,
            first_audio: None,
            first_video: None,
            key_frame_asked: None,
            overflowed: 0,
            over: false,
            wants: now,
            armed: None,
        })
    }

    /// Makes an offer: what it sends first, then its slots.
    pub(super) fn offer(&mut self, id: super::ClientId, lines: Lines) -> Result<Offered, String> {
        let mut change = self.rtc.sdp_api();
        let mut line = |kind, direction| change.add_media(kind, direction, None, None, None);
        if lines.sends {
            let audio = line(MediaKind::Audio, Direction::SendOnly);
            self.sending_lines = Some((audio, line(MediaKind::Video, Direction::SendOnly)));
        }
        for _ in 0..lines.audio_slots {
            line(MediaKind::Audio, Direction::RecvOnly);
        }
        for _ in 0..lines.video_slots {
            line(MediaKind::Video, Direction::RecvOnly);
        }
        self.hears = lines.audio_slots > 0;
        self.sees = lines.video_slots > 0;
        let (offer, pending) = change.apply().ok_or("nothing to offer")?;
        self.pending = Some(pending);
        Ok(Offered {
            client: id,
            sdp: offer.to_sdp_string(),
            sends: self
                .sending_lines
                .map(|(audio, video)| (audio.to_string(), video.to_string())),
        })
    }

    pub(super) fn accept(&mut self, answer: &str, load: Load) -> Result<(), String> {
        let accepted = SdpAnswer::from_sdp_string(answer).map_err(|error| error.to_string())?;
        let pending = self.pending.take().ok_or("an answer without an offer")?;
        let accepted = self.rtc.sdp_api().accept_answer(pending, accepted);
        accepted.map_err(|error| error.to_string())?;
        self.negotiated(answer);
        let Some((audio, video)) = self.sending_lines else {
            return Ok(());
        };
        let mut ssrc = |mid| {
            let stream = self
                .rtc
                .direct_api()
                .stream_tx_by_mid(mid, None)
                .map(|stream| stream.ssrc());
            stream.ok_or("a sending line has no stream")
        };
        let (audio_ssrc, video_ssrc) = (ssrc(audio)?, ssrc(video)?);
        let audio_pt = self.audio_pt.ok_or("the answer lacks Opus")?;
        let video_pt = self.video_pt.ok_or("the answer lacks VP8")?;
        self.sends = vec![
            Sending::sound(audio_ssrc, audio_pt, self.spec.place, self.spec.senders, load),
            Sending::pictures(video_ssrc, video_pt, load),
        ];
        Ok(())
    }

    /// Answers an offer of the server, which sends.
    pub(super) fn answer(&mut self, id: super::ClientId, offer: &str) -> Result<Offered, String> {
        let accepted = SdpOffer::from_sdp_string(offer).map_err(|error| error.to_string())?;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(accepted)
            .map_err(|error| error.to_string())?;
        self.negotiated(offer);
        self.hears = self.audio_pt.is_some();
        self.sees = self.video_pt.is_some();
        Ok(Offered {
            client: id,
            sdp: answer.to_sdp_string(),
            sends: None,
        })
    }

    /// Takes the payload types from the connection, and from the other side's description what it does not give.
    fn negotiated(&mut self, theirs: &str) {
        self.numbered = extension_in(theirs);
        let pt = |codec| {
            let config = self.rtc.codec_config();
            let params = config.find(|params| params.spec().codec == codec);
            params.map(|params| params.pt())
        };
        (self.audio_pt, self.video_pt) = (pt(Codec::Opus), pt(Codec::Vp8));
    }

    pub(super) fn lacks_sound(&self) -> bool {
        self.hears && self.first_audio.is_none()
    }

    pub(super) fn lacks_picture(&self) -> bool {
        self.sees && self.first_video.is_none()
    }

    /// Reads all that waits in the socket.
    pub(super) fn receive(&mut self, buffer: &mut [u8], control: &mut [u8], context: &mut Context<'_>) {
        loop {
            let arrival = match self.receive_one(buffer, control, context) {
                Ok(Some(arrival)) => arrival,
                Ok(None) | Err(Errno::EAGAIN) => return,
                // An earlier datagram's "port unreachable", or a signal: the next call reads on.
                Err(Errno::ECONNREFUSED | Errno::EINTR) => continue,
                Err(error) => return self.fail(&error),
            };
            let bytes = buffer.get(..arrival.length).unwrap_or_default();
            for datagram in bytes.chunks(arrival.segment.max(1)) {
                self.take_datagram(datagram, &arrival, context);
                if self.over {
                    return;
                }
            }
        }
    }

    fn take_datagram(&mut self, datagram: &[u8], arrival: &Arrival, context: &mut Context<'_>) {
        self.note_raw(datagram, context);
        if self.only_counts() && is_media(datagram) {
            self.report_raw(datagram, arrival.source);
            return;
        }
        let Ok(contents) = DatagramRecv::try_from(datagram) else {
            return;
        };
        let receive = Receive {
            proto: Protocol::Udp,
            source: arrival.source,
            destination: self.local,
            contents,
        };
        let input = Input::Receive(Instant::now(), receive);
        if let Err(error) = self.rtc.handle_input(input) {
            return self.fail(&error);
        }
        self.drain(arrival.at_ns, context);
    }

    /// A light client that has got all that is waited for.
    fn only_counts(&self) -> bool {
        self.spec.light && self.connected && !self.lacks_sound() && !self.lacks_picture()
    }

    /// Reports what came by its header, from time to time.
    fn report_raw(&mut self, datagram: &[u8], to: SocketAddr) {
        let now = Instant::now();
        if let (None, Some(extension)) = (&self.feedback, self.numbered) {
            let protector = self.tap.take().as_ref().and_then(Protector::new);
            self.feedback = protector.map(|protector| Feedback::new(protector, extension, now));
        }
        let Some(feedback) = &mut self.feedback else { return };
        feedback.note(now, datagram);
        if now < feedback.due {
            return;
        }
        if let Some(report) = feedback.report(now)
            && let Err(error) = self.socket.send_to(&report, to)
        {
            tracing::debug!(%error, "a report was lost on sending");
        }
    }

    /// One datagram, or several of one length that the kernel has kept together; nothing if what came cannot be used.
    fn receive_one(
        &mut self,
        buffer: &mut [u8],
        control: &mut [u8],
        context: &mut Context<'_>,
    ) -> Result<Option<Arrival>, Errno> {
        let mut slices = [IoSliceMut::new(buffer)];
        let message = recvmsg::<SockaddrStorage>(
            self.socket.as_raw_fd(),
            &mut slices,
            Some(control),
            MsgFlags::MSG_DONTWAIT,
        )?;
        let mut at_ns = None;
        let mut segment = message.bytes;
        for told in message.cmsgs()? {
            match told {
                ControlMessageOwned::ScmTimestampns(time) => {
                    at_ns = u64::try_from(Duration::from(time).as_nanos()).ok();
                }
                ControlMessageOwned::UdpGroSegments(length) => segment = usize::try_from(length).unwrap_or_default(),
                ControlMessageOwned::RxqOvfl(dropped) => {
                    let more = dropped.wrapping_sub(self.overflowed);
                    self.overflowed = dropped;
                    if let Some(window) = &mut context.window {
                        window.overflowed += u64::from(more);
                    }
                }
                _ => {}
            }
        }
        let source = message.address.as_ref().and_then(|address| {
            let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into())))
        });
        Ok(source.map(|source| Arrival {
            length: message.bytes,
            segment,
            source,
            at_ns,
        }))
    }

    /// Counts a media packet by its header, before anything is decrypted. Retransmissions have a payload type of their
    /// own and do not count: what needed one was lost.
    fn note_raw(&mut self, datagram: &[u8], context: &mut Context<'_>) {
        let [128..=191, kind, high, low, _, _, _, _, s0, s1, s2, s3, ..] = *datagram else {
            return;
        };
        let pt = Some(Pt::from(kind & 0x7f));
        if pt != self.audio_pt && pt != self.video_pt {
            return;
        }
        let sequence = u16::from_be_bytes([high, low]);
        let ssrc = u32::from_be_bytes([s0, s1, s2, s3]);
        match self.received.iter_mut().find(|stream| stream.ssrc == ssrc) {
            Some(stream) => stream.take(sequence),
            None => {
                let mut stream = Received::new(ssrc, sequence);
                if context.window.is_none() {
                    stream.begin();
                }
                self.received.push(stream);
            }
        }
    }

    /// Sends what is due on one line, and gives how many packets went out.
    pub(super) fn send(&mut self, line: usize, now: Instant, context: &mut Context<'_>) -> u64 {
        let Some(started) = self.started else { return 0 };
        let Some(sending) = self.sends.get_mut(line) else {
            return 0;
        };
        let ssrc = sending.ssrc;
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx(&ssrc) else {
            return 0;
        };
        let together = sending.together();
        for _ in 0..together {
            stream.write_rtp(sending.next(now, started));
        }
        self.timeout(now, context);
        together
    }

    pub(super) fn timeout(&mut self, now: Instant, context: &mut Context<'_>) {
        match self.rtc.handle_input(Input::Timeout(now)) {
            Ok(()) => self.drain(None, context),
            Err(error) => self.fail(&error),
        }
    }

    /// Does all that the connection wants done.
    pub(super) fn drain(&mut self, arrived_ns: Option<u64>, context: &mut Context<'_>) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.wants = at;
                    self.over |= !self.rtc.is_alive();
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    // A datagram that cannot be sent is a lost one, and is missed by its number.
                    if let Err(error) = self.socket.send_to(&transmit.contents, transmit.destination) {
                        tracing::debug!(%error, "a datagram was lost on sending");
                    }
                }
                Ok(Output::Event(event)) => self.notice(event, arrived_ns, context),
                Err(error) => return self.fail(&error),
            }
        }
    }

    fn notice(&mut self, event: Event, arrived_ns: Option<u64>, context: &mut Context<'_>) {
        match event {
            Event::Connected => self.connected = true,
            Event::KeyframeRequest(_) => self.sends.iter_mut().for_each(Sending::want_key_frame),
            Event::RtpPacket(packet) => self.take(&packet, arrived_ns, context),
            _ => {}
        }
    }

    /// A packet that was decrypted.
    fn take(&mut self, packet: &RtpPacket, arrived_ns: Option<u64>, context: &mut Context<'_>) {
        let pt = Some(packet.header.payload_type);
        let Some(sent_ns) = sent_at_ns(&packet.payload) else {
            return;
        };
        if pt == self.audio_pt && self.first_audio.is_none() {
            self.first_audio = Some(self.spec.asked.elapsed());
        }
        if pt == self.video_pt && self.first_video.is_none() && begins_key_frame(&packet.payload) {
            self.first_video = Some(self.spec.asked.elapsed());
        }
        if pt == self.video_pt && self.first_video.is_none() {
            self.ask_for_key_frame(packet);
        }
        let Some(arrived_ns) = arrived_ns else { return };
        let sound = pt == self.audio_pt;
        let whole = sound || pt == self.video_pt && packet.header.marker;
        let ssrc = *packet.header.ssrc;
        let stream = self.received.iter_mut().find(|stream| stream.ssrc == ssrc);
        let before = stream
            .filter(|_| whole)
            .and_then(|stream| stream.last_at_ns.replace(arrived_ns));
        let Some(window) = &mut context.window else { return };
        // The clock may have been set between the two: such a time is none.
        if let Some(delay) = arrived_ns.checked_sub(sent_ns) {
            record(&mut window.delays_us, Duration::from_nanos(delay));
        }
        if let Some(before) = before {
            let since = Duration::from_nanos(arrived_ns.saturating_sub(before));
            if sound {
                window.gaps += u64::from(gapes(since));
            } else {
                window.freezes += u64::from(froze(since, context.picture_interval));
            }
        }
    }

    /// Asks, unless that was just done.
    fn ask_for_key_frame(&mut self, packet: &RtpPacket) {
        let now = Instant::now();
        let first = *self.key_frame_asked.get_or_insert(now);
        if now.saturating_duration_since(first) < KEY_FRAME_PATIENCE {
            return;
        }
        self.key_frame_asked = Some(now);
        if let Some(stream) = self.rtc.direct_api().stream_rx(&packet.header.ssrc) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    pub(super) fn begin_window(&mut self) {
        self.received.iter_mut().for_each(Received::begin);
    }

    pub(super) fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        self.received.iter().for_each(|stream| sum += stream.counts());
        sum
    }

    /// Says goodbye.
    pub(super) fn close(&mut self, context: &mut Context<'_>) {
        if self.rtc.close().is_ok() {
            self.timeout(Instant::now(), context);
        }
        self.over = true;
    }

    fn fail(&mut self, error: &dyn std::fmt::Display) {
        tracing::warn!(%error, place = self.spec.place, "a client's connection failed");
        self.over = true;
    }
}

/// What one call of the system brought.
struct Arrival {
    length: usize,
    /// Length of each datagram in it but the last, which may be shorter.
    segment: usize,
    source: SocketAddr,
    /// When the kernel had it.
    at_ns: Option<u64>,
}

/// Whether a datagram is RTP, by RFC 7983 §7 and RFC 5761 §4.
fn is_media(datagram: &[u8]) -> bool {
    matches!(*datagram, [128..=191, kind, ..] if !(64..96).contains(&(kind & 0x7f)))
}

fn bind(address: IpAddr) -> io::Result<(mio::net::UdpSocket, SocketAddr)> {
    let socket = UdpSocket::bind((address, 0))?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    setsockopt(&socket, sockopt::RcvBuf, &BUFFER_BYTES)?;
    setsockopt(&socket, sockopt::UdpGroSegment, &true)?;
    let local = socket.local_addr()?;
    Ok((mio::net::UdpSocket::from_std(socket), local))
}
