//! A receiving line of a peer: fixed in the SDP, changing in what it carries, whose it is and in which layer.

use std::time::{Instant, UNIX_EPOCH};

use str0m::rtp::{RtpPacket, Vp8Descriptor};

use crate::ids::{Kind, PeerId, Stream};
use crate::outlet::{Draft, Patch};
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

/// What became of a packet, and what the slot has left for it.
#[derive(Debug)]
pub(crate) struct Written {
    /// What goes out, or why nothing does.
    pub(crate) out: Result<Draft, Dropped>,
    /// The slot has taken up this packet's layer. Inside: the layer that it carried before.
    pub(crate) taken_up: Option<Option<usize>>,
}

/// One slot.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) mid: String,
    pub(crate) source: Option<SourceKey>,
    pub(crate) wish: Wish,
    /// The layer of the source that goes out; of video, none before its key frame.
    layer: Option<usize>,
    /// The layer that is to go out.
    aim: Option<usize>,
    rewriter: Rewriter,
}

impl Slot {
    pub(crate) fn new(kind: Kind, mid: String) -> Self {
        Slot {
            kind,
            mid,
            source: None,
            wish: Wish::default(),
            layer: None,
            aim: None,
            rewriter: Rewriter::new(kind),
        }
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

    /// Makes a packet of the slot's source into one of the slot, if it may go out now.
    pub(crate) fn write(
        &mut self,
        now: Instant,
        packet: &RtpPacket,
        vp8: Option<&Vp8Descriptor>,
        layer: usize,
    ) -> Written {
        let starts_key_frame = vp8.is_some_and(|vp8| vp8.starts_keyframe(&packet.payload));
        let mut taken_up = None;
        if self.layer != Some(layer) {
            if self.aim != Some(layer) {
                return Dropped::Late.into();
            }
            if !starts_key_frame {
                return Dropped::BeforeKeyFrame.into();
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
        let out = match self.rewriter.rewrite(now, fields, starts_key_frame) {
            Verdict::BeforeKeyFrame => Err(Dropped::BeforeKeyFrame),
            Verdict::Late => Err(Dropped::Late),
            Verdict::Forward(out) => Ok(Draft {
                sequence: out.sequence,
                time: out.time,
                marker: packet.header.marker,
                // The sender's other header extensions concern the way to here, not the way from here.
                level: level(packet),
                payload: packet.payload.clone(),
                patch: vp8.map_or_else(Patch::default, |_| patch(&packet.payload, out)),
            }),
        };
        Written { out, taken_up }
    }
}

/// Why a packet does not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The slot waits for a key frame.
    BeforeKeyFrame,
    /// It is of before the slot took its source up, or its number is used.
    Late,
}

impl From<Dropped> for Written {
    fn from(dropped: Dropped) -> Self {
        Written {
            out: Err(dropped),
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

/// The level of a sound as RFC 6464 §3 has it.
fn level(packet: &RtpPacket) -> Option<u8> {
    let level = packet.header.ext_vals.audio_level?;
    let voice = packet.header.ext_vals.voice_activity.unwrap_or(false);
    Some(level.unsigned_abs().min(127) | if voice { 0x80 } else { 0 })
}

/// The new picture numbers where the descriptor has old ones, in the width that they have there (RFC 7741 §4.2).
fn patch(payload: &[u8], out: Fields) -> Patch {
    const EXTENDED: u8 = 0x80;
    const PICTURE_ID: u8 = 0x80;
    const TL0_PICTURE_INDEX: u8 = 0x40;
    const WIDE: u8 = 0x80;
    let mut patch = Patch::default();
    let [first, extensions, number, ..] = *payload else {
        return patch;
    };
    if first & EXTENDED == 0 {
        return patch;
    }
    let mut at = 2;
    if extensions & PICTURE_ID != 0 {
        // From 15 bits to one or two bytes: the cuts are meant.
        let id = out.picture_id.unwrap_or(0);
        if number & WIDE != 0 {
            patch.set(at, WIDE | (id >> 8) as u8);
            patch.set(at + 1, id as u8);
            at += 2;
        } else {
            patch.set(at, id as u8 & !WIDE);
            at += 1;
        }
    }
    if extensions & TL0_PICTURE_INDEX != 0 {
        patch.set(at, out.tl0_picture_index.unwrap_or(0));
    }
    patch
}
