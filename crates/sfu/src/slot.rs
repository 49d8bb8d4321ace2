//! A receiving line of a peer: fixed in the SDP, changing in what it carries.

use std::time::Instant;

use str0m::Rtc;
use str0m::media::Pt;
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc, Vp8Descriptor, Vp8Patch};

use crate::ids::{Kind, Stream};
use crate::rewrite::{Fields, Rewriter, Verdict};
use crate::table::PeerKey;

/// A source as the tables name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceKey {
    pub(crate) peer: PeerKey,
    pub(crate) stream: Stream,
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
            rewriter: Rewriter::new(kind),
        }
    }

    /// Gives the slot another source, or none.
    pub(crate) fn assign(&mut self, source: Option<SourceKey>) {
        self.source = source;
        self.rewriter.switch();
    }

    pub(crate) fn waits_for_key_frame(&self) -> bool {
        self.source.is_some() && self.rewriter.waits_for_key_frame()
    }

    /// Writes a packet of the slot's source to the receiver's connection, if it may go out now.
    pub(crate) fn write(
        &mut self,
        now: Instant,
        rtc: &mut Rtc,
        packet: &RtpPacket,
        vp8: Option<&Vp8Descriptor>,
    ) -> Verdict {
        let fields = Fields {
            sequence: *packet.seq_no,
            time: packet.header.timestamp,
            picture_id: vp8.and_then(Vp8Descriptor::picture_id),
            tl0_picture_index: vp8.and_then(Vp8Descriptor::tl0_pic_idx),
        };
        let starts_key_frame = vp8.is_some_and(|vp8| vp8.starts_keyframe(&packet.payload));
        let verdict = self.rewriter.rewrite(now, fields, starts_key_frame);
        let Verdict::Forward(out) = verdict else {
            return verdict;
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
        verdict
    }
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
