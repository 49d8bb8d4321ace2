//! What the group agrees on besides its members: our GroupContext extension (RFC 9420 §13.3, private use).

use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::serde_as_encoding;

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

    /// What a group starts with: a closed part.
    pub fn founding(meeting: [u8; 32], founding: u32, part: u32, item: u32) -> Self {
        Self {
            version: Self::VERSION,
            meeting,
            founding,
            phase: Phase::Closed,
            part,
            item,
            warrant: [0; 32],
        }
    }
}
