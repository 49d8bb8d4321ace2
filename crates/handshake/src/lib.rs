//! What an MLS handshake message (RFC 9420) says, as plain facts for the rules of `incamera-meeting`.
//!
//! Members and server translate by the same code, so that they judge the same thing. Nothing here holds a secret: the
//! server's side, [`Delivery`], follows the group as a public group and orders its commits.
#![forbid(unsafe_code)]

mod delivery;
mod facts;
mod profile;

pub use delivery::{Delivery, Founding, Newcomer, Staged};
pub use facts::{added_of, application_message, facts_of, key_package_of, leaf_key_of, protocol_message};
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
    /// It would hold, but for the time that a key package in it gives itself, which is over by today's clock.
    #[error("a key package in it has expired")]
    Expired,
    /// Another cipher suite, capability or extension than this version pins.
    #[error("not of the suite and extensions that this version pins")]
    Profile,
    /// MLS allows it, the rules of the meeting do not.
    #[error(transparent)]
    Refused(#[from] incamera_meeting::Refusal),
}

impl HandshakeError {
    /// What the MLS library says. It looks at the lifetime of a key package last of all, after every signature, and has
    /// no way to be told another time than today's.
    fn of_library(error: &impl std::fmt::Display) -> Self {
        let error = error.to_string();
        if error.contains("Lifetime is in the past") {
            Self::Expired
        } else {
            Self::Invalid(error)
        }
    }
}
