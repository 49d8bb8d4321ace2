//! A receiving line of a peer: fixed in the SDP, changing in what it carries, whose it is and in which layer.

use std::time::{Instant, UNIX_EPOCH};

use str0m::Rtc;
use str0m::media::Pt;
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc, StreamTx, Vp8Descriptor, Vp8Patch};

use crate::ids::{Kind, PeerId, Stream};
use crate::limits::{RESENT_AGE_MAX, RESENT_PACKETS_MAX, RESENT_RATIO_MAX};
use crate::rewrite::{Fields, Rewriter, Verdict};
use crate::table::PeerKey;

/// A source as the tables name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceKey {
    pub(crate) peer: PeerKey,
    pub(crate) stream: Stream,
}

/// What a receiver asks of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Height in which it is shown; zero if it is not.
    pub(crate) height: u32,
    /// Whose picture it is to be.
    pub(crate) pin: Option<PeerId>,
}

impl Default for Wish {
    /// Nothing was asked: as large as it comes.
    fn default() -> Self {
        Wish {
            height: u32::MAX,
            pin: None,
        }
    }
}

/// What the way to the receiver takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// What it was given so far.
    Enough,
    /// Less than what it was given.
    TooNarrow,
}

/// Sets what a slot's stream keeps for repeats. What it has kept so far is forgotten.
pub(crate) fn keep_for_repeats(stream: &mut StreamTx) {
    stream.set_rtx_cache(RESENT_PACKETS_MAX, RESENT_AGE_MAX, Some(RESENT_RATIO_MAX));
}

/// What became of a packet, and what the slot has left for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) verdict: Verdict,
    /// The slot has taken up this packet's layer. Inside: the layer that it carried before.
    pub(crate) taken_up: Option<Option<usize>>,
}

/// One slot.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) mid: String,
    /// Declared in the answer, kept for ever.
    ssrc: Ssrc,
    pt: Pt,
    pub(crate) source: Option<SourceKey>,
    pub(crate) wish: Wish,
    /// The layer of the source that goes out; of video, none before its key frame.
    layer: Option<usize>,
    /// The layer that is to go out.
    aim: Option<usize>,
    rewriter: Rewriter,
}

impl Slot {
    pub(crate) fn new(kind: Kind, mid: String, ssrc: Ssrc, pt: Pt) -> Self {
        Slot {
            kind,
            mid,
            ssrc,
            pt,
            source: None,
            wish: Wish::default(),
            layer: None,
            aim: None,
            rewriter: Rewriter::new(kind),
        }
    }

    /// The SSRC under which everything in it goes out.
    pub(crate) fn ssrc(&self) -> u32 {
        *self.ssrc
    }

    /// The payload type of everything in it but repeats.
    pub(crate) fn payload_type(&self) -> u8 {
        *self.pt
    }

    /// Gives the slot another source, or none. Sound goes out from its next packet on; a picture once it has been given
    /// a layer, from that layer's next key frame on.
    pub(crate) fn assign(&mut self, source: Option<SourceKey>) {
        self.source = source;
        self.layer = (self.kind == Kind::Audio).then_some(0);
        self.aim = self.layer;
        self.rewriter.switch();
    }

    /// Gives the slot a layer of its source, or none. The layer that goes out is replaced at the other's next key
    /// frame; with none it stops at once. So does a larger one on a path that is too narrow for it: what is jammed would
    /// keep the smaller one's key frame from coming through.
    pub(crate) fn aim(&mut self, layer: Option<usize>, path: Path) {
        self.aim = layer;
        let jammed = path == Path::TooNarrow && self.layer > layer;
        if (layer.is_none() || jammed) && self.layer.take().is_some() {
            self.rewriter.switch_layer();
        }
    }

    /// Forgets what could be asked for again: it belongs to a layer that was given up, and repeats would jam the path.
    pub(crate) fn forget_sent(&self, rtc: &mut Rtc) {
        if let Some(stream) = rtc.direct_api().stream_tx(&self.ssrc) {
            keep_for_repeats(stream);
        }
    }

    /// The layer that it was given.
    pub(crate) fn aimed_at(&self) -> Option<usize> {
        self.aim
    }

    /// Whether anything of its source goes out.
    pub(crate) fn shows(&self) -> bool {
        self.layer.is_some()
    }

    /// The layers whose packets it is to be handed: the one that goes out, and the one that will.
    pub(crate) fn takes(&self) -> impl Iterator<Item = usize> + use<> {
        let aim = self.aim.filter(|aim| self.layer != Some(*aim));
        self.layer.into_iter().chain(aim)
    }

    /// The layer of which it needs a key frame before it can go on.
    pub(crate) fn waits_for(&self) -> Option<usize> {
        self.aim.filter(|aim| self.layer != Some(*aim))
    }

    /// Writes a packet of the slot's source to the receiver's connection, if it may go out now.
    pub(crate) fn write(
        &mut self,
        now: Instant,
        rtc: &mut Rtc,
        packet: &RtpPacket,
        vp8: Option<&Vp8Descriptor>,
        layer: usize,
    ) -> Written {
        let starts_key_frame = vp8.is_some_and(|vp8| vp8.starts_keyframe(&packet.payload));
        let mut taken_up = None;
        if self.layer != Some(layer) {
            if self.aim != Some(layer) {
                return Verdict::Late.into();
            }
            if !starts_key_frame {
                return Verdict::BeforeKeyFrame.into();
            }
            taken_up = Some(self.layer.replace(layer));
            self.rewriter.switch_layer();
        }
        let fields = Fields {
            sequence: *packet.seq_no,
            time: packet.header.timestamp,
            captured_us: vp8.and_then(|_| captured_us(packet)),
            picture_id: vp8.and_then(Vp8Descriptor::picture_id),
            tl0_picture_index: vp8.and_then(Vp8Descriptor::tl0_pic_idx),
        };
        let verdict = self.rewriter.rewrite(now, fields, starts_key_frame);
        let written = Written { verdict, taken_up };
        let Verdict::Forward(out) = verdict else {
            return written;
        };
        // The sender's other header extensions concern the way to here, not the way from here.
        let levels = ExtensionValues {
            audio_level: packet.header.ext_vals.audio_level,
            voice_activity: packet.header.ext_vals.voice_activity,
            ..ExtensionValues::default()
        };
        // A clone of the shared payload: the reference is counted, nothing is copied.
        let mut write = RtpWrite::new(self.pt, out.sequence.into(), out.time, now, packet.payload.clone())
            .marker(packet.header.marker)
            .ext_vals(levels)
            .nackable(self.kind == Kind::Video);
        if let Some(patch) = vp8.and_then(|vp8| patch(vp8, out)) {
            write = write.vp8_patch(patch);
        }
        if let Some(stream) = rtc.direct_api().stream_tx(&self.ssrc) {
            stream.write_rtp(write);
        }
        written
    }
}

impl From<Verdict> for Written {
    fn from(verdict: Verdict) -> Self {
        Written {
            verdict,
            taken_up: None,
        }
    }
}

/// When a picture was captured by its sender's clock, once a report of the sender has come (RFC 3550 §6.4.1).
fn captured_us(packet: &RtpPacket) -> Option<i64> {
    let report = packet.last_sender_info.as_ref()?;
    let at = report.ntp_time.duration_since(UNIX_EPOCH).ok()?;
    // Timestamps are compared modulo 2^32: the cut to 32 bits is meant.
    let reported = report.rtp_time.numer() as u32;
    let ticks = packet.header.timestamp.wrapping_sub(reported) as i32;
    i64::try_from(at.as_micros())
        .ok()?
        .checked_add(i64::from(ticks) * 1_000 / 90)
}

/// The new picture numbers, in the width the sender's descriptor has.
fn patch(vp8: &Vp8Descriptor, out: Fields) -> Option<Vp8Patch> {
    let mut builder = vp8.patch();
    if let Some(index) = out.tl0_picture_index {
        builder = builder.tl0_pic_idx(index);
    }
    let Some(id) = out.picture_id else {
        return builder.build().ok();
    };
    builder
        .picture_id(id)
        .build()
        .or_else(|_| builder.picture_id(id & 0x7f).build())
        .ok()
}
