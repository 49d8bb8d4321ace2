//! What a commit that changes the phase carries as authenticated data: the motion, the consents, the fins.

use incamera_protocol::limits;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Decode as _, Encode as _, serde_as_encoding};
use crate::refusal::Refusal;
use crate::sign::hash;
use crate::statement::Statement;

/// The evidence, as it stands in `authenticated_data` of the commit (RFC 9420 §6).
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Evidence {
    /// The motion.
    pub motion: Statement,
    /// For an opening: the consents of the delegations other than the mover's.
    pub consents: Vec<Statement>,
    /// For a close: the fin of every member who stays.
    pub fins: Vec<Statement>,
}

serde_as_encoding!(Evidence);

impl Evidence {
    /// Reads evidence without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::MLS_BYTES_MAX {
            return Err(Refusal::TooLarge("evidence"));
        }
        Self::decode(bytes)
    }

    /// The hash that stands in the group context of the part that it opened.
    pub fn warrant(&self) -> [u8; 32] {
        hash("warrant", &self.encode())
    }
}
