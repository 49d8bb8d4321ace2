//! From an offer of the right shape to a configured connection and its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use incamera_srtp::Tap;
use str0m::change::SdpOffer;
use str0m::config::CryptoProvider;
use str0m::format::{Codec, FormatParams, PayloadParams};
use str0m::media::{Direction, Frequency, MediaKind, Mid, Pt};
use str0m::rtp::Extension;
use str0m::{Candidate, Rtc, RtcConfig};

use crate::claim::Names;
use crate::demux::mark;
use crate::error::JoinRefusal;
use crate::ids::{Kind, Stream};
use crate::limits::{EngineConfig, WHERE_INTERVAL};
use crate::offer::{Line, OfferShape, Way};
use crate::outlet::{Lane, Terms};
use crate::slot::Slot;
use crate::source::Ingress;

/// The greatest number that fits the one-byte form of header extensions (RFC 8285 §4.2).
const ONE_BYTE_MAX: u8 = 14;

/// The payload type of Opus where an offer does not name another.
const OPUS: Pt = Pt::new_with_value(111);

/// What an accepted offer gives.
pub(crate) struct Accepted {
    pub(crate) rtc: Rtc,
    pub(crate) names: Names,
    pub(crate) answer: String,
    pub(crate) ufrag: String,
    pub(crate) sources: Vec<Ingress>,
    pub(crate) slots: Vec<Slot>,
    /// The slots' ways out, in the same order.
    pub(crate) lanes: Vec<Lane>,
    /// Where the keys for them will be.
    pub(crate) tap: Tap,
}

/// A connection that forwards: RTP in and out, no codec but the two that can be sealed frame by frame, and only those
/// header extensions that the engine reads or that the browsers' congestion control needs.
pub(crate) fn connection(now: Instant) -> (Rtc, Tap) {
    Tap::on(|cryptography| build(now, cryptography))
}

fn build(now: Instant, cryptography: Arc<CryptoProvider>) -> Rtc {
    let mut config = RtcConfig::new().clear_codecs();
    // What the answer asks of senders (RFC 7587 §6.1), made before sealing: redundancy inside each sound, for what its way to
    // here loses, and next to no packets from who says nothing.
    let opus = FormatParams {
        min_p_time: Some(10),
        use_inband_fec: Some(true),
        use_dtx: Some(true),
        ..FormatParams::default()
    };
    let codecs = config.codec_config();
    codecs.add_config(OPUS, None, Codec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2), opus);
    config
        .set_crypto_provider(cryptography)
        .set_rtp_mode(true)
        .enable_vp8(true)
        .clear_extension_map()
        .set_extension(1, Extension::AudioLevel)
        .set_extension(2, Extension::AbsoluteSendTime)
        .set_extension(3, Extension::TransportSequenceNumber)
        .set_extension(4, Extension::RtpMid)
        .set_extension(5, Extension::RtpStreamId)
        .set_extension(6, Extension::RepairedRtpStreamId)
        .set_stats_interval(Some(WHERE_INTERVAL))
        .build(now)
}

/// Negotiates. Whatever an offer makes of the media stack stays inside this call.
pub(crate) fn accept(now: Instant, shape: OfferShape, config: &EngineConfig) -> Result<Accepted, JoinRefusal> {
    catch_unwind(AssertUnwindSafe(|| negotiate(now, shape, config))).unwrap_or_else(|_| {
        tracing::error!("the media stack panicked on an offer");
        Err(JoinRefusal::Internal)
    })
}

fn negotiate(now: Instant, shape: OfferShape, config: &EngineConfig) -> Result<Accepted, JoinRefusal> {
    let malformed = |error: &dyn std::fmt::Display| JoinRefusal::OfferMalformed {
        detail: error.to_string(),
    };
    let offer = SdpOffer::from_sdp_string(&shape.sdp).map_err(|error| malformed(&error))?;
    let (mut rtc, tap) = connection(now);
    let mut direct = rtc.direct_api();
    let mut names = direct.local_ice_credentials();
    if names.ufrag.is_char_boundary(1) {
        names
            .ufrag
            .replace_range(..1, mark(config.number).encode_utf8(&mut [0; 4]));
        direct.set_local_ice_credentials(names);
    }
    for address in &config.candidates {
        let candidate = Candidate::host(*address, "udp").map_err(|error| {
            tracing::error!(%error, "a configured media address cannot be a candidate");
            JoinRefusal::Internal
        })?;
        rtc.add_local_candidate(candidate);
    }
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| malformed(&error))?;

    let mut sources = Vec::new();
    let (mut slots, mut lanes) = (Vec::new(), Vec::new());
    for line in &shape.lines {
        let (mid, pt) = negotiated(&rtc, line)?;
        match line.way {
            Way::Sends => sources.push(Ingress::new(stream_of(line.kind, &sources), mid, pt, &line.layers)),
            Way::Receives => {
                lanes.push(Lane::new(
                    terms(&mut rtc, line.kind, mid, pt).ok_or(JoinRefusal::Internal)?,
                ));
                slots.push(Slot::new(line.kind, line.mid.clone()));
            }
        }
    }
    Ok(Accepted {
        ufrag: rtc.direct_api().local_ice_credentials().ufrag,
        answer: with_end_of_candidates(&answer.to_sdp_string()),
        names: Names::agreed(&rtc, sources.iter().map(|source| source.mid)),
        rtc,
        sources,
        slots,
        lanes,
        tap,
    })
}

/// What was agreed on for a line that takes media, which the engine sends itself: the media stack no longer does.
fn terms(rtc: &mut Rtc, kind: Kind, mid: Mid, pt: Pt) -> Option<Terms> {
    let resend = rtc.codec_config().find(|params| params.pt() == pt)?.resend();
    let numbers = rtc.media(mid)?.remote_extmap();
    let number = |extension| numbers.id_of(extension).filter(|number| *number <= ONE_BYTE_MAX);
    let transport_number = number(Extension::TransportSequenceNumber);
    let level = number(Extension::AudioLevel).filter(|_| kind == Kind::Audio);
    let mut direct = rtc.direct_api();
    let stream = direct.stream_tx_by_mid(mid, None)?;
    let (ssrc, repeats) = (stream.ssrc(), stream.rtx());
    direct.remove_stream_tx(ssrc).then_some(())?;
    Some(Terms {
        kind,
        ssrc: *ssrc,
        pt: *pt,
        repeats: repeats.zip(resend).map(|(ssrc, pt)| (*ssrc, *pt)),
        transport_number,
        level,
    })
}

/// The line as the media stack understood it: its media and the payload type of its one codec.
fn negotiated(rtc: &Rtc, line: &Line) -> Result<(Mid, Pt), JoinRefusal> {
    let mid = Mid::from(line.mid.as_str());
    let contradiction = || JoinRefusal::OfferMalformed {
        detail: format!("line {} is read in two ways", line.mid),
    };
    let media = rtc.media(mid).ok_or_else(contradiction)?;
    let (kind, direction) = match (line.kind, line.way) {
        (Kind::Audio, Way::Sends) => (MediaKind::Audio, Direction::RecvOnly),
        (Kind::Audio, Way::Receives) => (MediaKind::Audio, Direction::SendOnly),
        (Kind::Video, Way::Sends) => (MediaKind::Video, Direction::RecvOnly),
        (Kind::Video, Way::Receives) => (MediaKind::Video, Direction::SendOnly),
    };
    if media.kind() != kind || media.direction() != direction {
        return Err(contradiction());
    }
    let forwarded = |params: &&PayloadParams| match line.kind {
        Kind::Audio => params.spec().codec == Codec::Opus,
        Kind::Video => params.spec().codec == Codec::Vp8 && params.resend().is_some(),
    };
    let pts = media.remote_pts();
    let params = rtc
        .codec_config()
        .find(|params| pts.contains(&params.pt()) && forwarded(&params));
    let pt = params.ok_or(JoinRefusal::CodecMissing(line.kind))?.pt();
    Ok((mid, pt))
}

/// The first sending line with pictures is the camera's, a second one the screen's.
fn stream_of(kind: Kind, before: &[Ingress]) -> Stream {
    match kind {
        Kind::Audio => Stream::Microphone,
        Kind::Video if before.iter().any(|source| source.stream == Stream::Camera) => Stream::Screen,
        Kind::Video => Stream::Camera,
    }
}

/// All candidates are in the answer, and no more will come (RFC 8840 §4.4): without the line a browser keeps ICE open.
fn with_end_of_candidates(answer: &str) -> String {
    let last = answer.rfind("a=candidate:");
    let Some((head, tail)) = last
        .and_then(|at| Some(at + answer.get(at..)?.find('\n')? + 1))
        .and_then(|at| answer.split_at_checked(at))
    else {
        return answer.to_owned();
    };
    format!("{head}a=end-of-candidates\r\n{tail}")
}
