//! What members write to one another. It is sealed as application data of the group (RFC 9420 §15), under the keys of the
//! epoch and for its members alone: the server carries it and cannot read it, and it is never disclosed, whether the part
//! is open or closed.

use incamera_protocol::limits;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::Decode as _;
use crate::prose::Prose;
use crate::refusal::Refusal;

/// One message of a member to all the others, before it is sealed. Who wrote it, MLS says (RFC 9420 §6.1).
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct TableMessage {
    /// Counts the writer's messages in this epoch from 0: where one is left out, somebody has kept it back.
    pub number: u32,
    /// Drawn by the writer. A message that is sealed anew, because the epoch ended before it was passed on, keeps it.
    pub id: [u8; 16],
    /// What.
    pub body: Saying,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Saying {
    /// A text, as typed: nothing in it is markup.
    #[tls_codec(discriminant = 1)]
    Text(Prose),
}

impl Saying {
    /// What somebody typed.
    pub fn typed(text: &str) -> Result<Self, Refusal> {
        if text.len() > limits::CHAT_BYTES_MAX {
            return Err(Refusal::TooLarge("message"));
        }
        Prose::typed(text).map(Self::Text)
    }
}

impl TableMessage {
    /// Reads one that was opened.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        // Its own text, and what stands around it.
        if bytes.len() > limits::CHAT_BYTES_MAX + 64 {
            return Err(Refusal::TooLarge("message"));
        }
        Self::decode(bytes)
    }
}
