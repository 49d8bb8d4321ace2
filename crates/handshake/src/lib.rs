//! What an MLS handshake message (RFC 9420) says, as plain facts for the rules of `incamera-meeting`.
//!
//! Members and server translate by the same code, so that they judge the same thing. Nothing here holds a secret: the
//! server's side, [`Delivery`], follows the group as a public group and orders its commits.
#![forbid(unsafe_code)]

mod delivery;
mod facts;
mod profile;

pub use delivery::{Delivery, Founding, Newcomer, Staged};
pub use facts::{added_of, facts_of, key_package_of, leaf_key_of, protocol_message};
pub use profile::{
    CIPHERSUITE, capabilities, context_extensions, context_of, group_id, meeting_secret_id, wire_format_policy,
};

/// A handshake message that cannot be used. Who is at fault: its sender.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// Not an MLS message of the expected kind.
    #[error("not an MLS message of the expected kind")]
    Malformed,
    /// Valid encoding, not valid in this group: wrong signature, tree, tag, epoch, …
    #[error("not valid in this group: {0}")]
    Invalid(String),
    /// Another cipher suite, capability or extension than this version pins.
    #[error("not of the suite and extensions that this version pins")]
    Profile,
    /// MLS allows it, the rules of the meeting do not.
    #[error(transparent)]
    Refused(#[from] incamera_meeting::Refusal),
}
