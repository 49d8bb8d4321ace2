//! The secret part of a link: what stands after the `#`, which browsers never send.

use incamera_protocol::Bytes;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};
use zeroize::Zeroize;

use crate::codec::{Decode as _, Encode as _};
use crate::refusal::Refusal;
use crate::sign::Seed;

const VERSION: u8 = 1;
/// A delegation's link. (2 will be a letter's.)
const KIND_DELEGATION: u8 = 1;

/// A delegation's link: whoever holds it can claim the slot and enter the meeting. Never printed.
#[derive(Clone, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct DelegationLink {
    version: u8,
    kind: u8,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// Seed of the slot's key.
    pub slot_seed: Seed,
    meeting_secret: [u8; 32],
}

impl DelegationLink {
    pub(crate) fn new(delegation: u16, slot_seed: Seed, meeting_secret: [u8; 32]) -> Self {
        Self {
            version: VERSION,
            kind: KIND_DELEGATION,
            delegation,
            slot_seed,
            meeting_secret,
        }
    }

    /// The random secret that enters the group's key schedule as an external PSK (RFC 9420 §8.4) and never crosses
    /// the network.
    pub fn meeting_secret(&self) -> &[u8; 32] {
        &self.meeting_secret
    }

    /// What stands after the `#`.
    pub fn fragment(&self) -> String {
        Bytes(self.encode()).encode()
    }

    /// Reads what stands after the `#`.
    pub fn from_fragment(fragment: &str) -> Result<Self, Refusal> {
        let bytes = Bytes::decode(fragment).map_err(|_| Refusal::Malformed)?;
        let link = Self::decode(&bytes.0)?;
        if link.version != VERSION || link.kind != KIND_DELEGATION {
            return Err(Refusal::Malformed);
        }
        Ok(link)
    }
}

impl Drop for DelegationLink {
    fn drop(&mut self) {
        self.meeting_secret.zeroize();
    }
}
