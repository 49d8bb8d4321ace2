//! What the members of one delegation say among themselves (`docs/protocol.md` §11g): all that anybody else has of it is
//! that it was said.

use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};
use zeroize::ZeroizeOnDrop;

use crate::sign::Seed;

/// What the members of a delegation share with one another and with nobody else. It stands in each of the delegation's
/// letter links, and never crosses the network. Never printed.
#[derive(Clone, ZeroizeOnDrop, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct DelegationSecret([u8; 32]);

impl DelegationSecret {
    /// Of the delegation whose key has this seed. The seed cannot be found from it.
    pub fn of(delegation_seed: &Seed) -> Self {
        Self(delegation_seed.derive("aside"))
    }

    /// As it was kept for a reload.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The secret itself, for the places that store it or derive from it.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A text for the writer's own delegation, sealed a second time: for the others in the group it is as many bytes.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Aside {
    /// AES-256-GCM, tag last, of a filled up [`crate::Prose`].
    pub sealed: Vec<u8>,
}
