//! What the group agrees on besides its members: our GroupContext extension (RFC 9420 §13.4, private use).

use incamera_protocol::view::MotionKind;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::serde_as_encoding;
use crate::evidence::Evidence;
use crate::statement::Motion;

/// Open or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Phase {
    /// Keys are never disclosed.
    Closed = 0,
    /// Keys are disclosed.
    Open = 1,
    /// Over: nothing more is sent.
    Adjourned = 2,
}

/// The contents of the extension. Authenticated by the key schedule: everybody in an epoch has the same.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct MeetingContext {
    /// Of this structure and of all formats below it: 1. Another one is refused, never accommodated.
    pub version: u16,
    /// The charter's hash.
    pub meeting: [u8; 32],
    /// Which group of this meeting.
    pub founding: u32,
    /// Random, by the founder. The number of the founding is the server's word; by this, what was said in one group is
    /// void in every other.
    pub group: [u8; 16],
    /// Open or closed.
    pub phase: Phase,
    /// The number of the part, counted through the meeting from 1.
    pub part: u32,
    /// The agenda item of the part, as an index.
    pub item: u32,
    /// In an open part: the hash of the evidence by which it was opened. Else zeros.
    pub warrant: [u8; 32],
}

serde_as_encoding!(MeetingContext);

impl MeetingContext {
    /// The extension type: private use (RFC 9420 §17.3).
    pub const EXTENSION_TYPE: u16 = 0xF0A1;
    /// The only version there is.
    pub const VERSION: u16 = 1;

    /// What a group starts with: a closed part. `group` must be random.
    pub fn founding(meeting: [u8; 32], founding: u32, group: [u8; 16], part: u32, item: u32) -> Self {
        Self {
            version: Self::VERSION,
            meeting,
            founding,
            group,
            phase: Phase::Closed,
            part,
            item,
            warrant: [0; 32],
        }
    }

    /// What this motion, with this evidence, turns it into; `None` if the motion is of no kind.
    pub fn after(&self, motion: &Motion, evidence: &Evidence) -> Option<Self> {
        let part = self.part.saturating_add(1);
        let item = motion.item;
        Some(match motion.kind()? {
            MotionKind::Open => Self {
                phase: Phase::Open,
                part,
                item,
                warrant: evidence.warrant(),
                ..self.clone()
            },
            MotionKind::Close => Self {
                phase: Phase::Closed,
                part,
                item,
                warrant: [0; 32],
                ..self.clone()
            },
            MotionKind::Adjourn => Self {
                phase: Phase::Adjourned,
                ..self.clone()
            },
        })
    }
}
