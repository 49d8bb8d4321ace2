//! Our profile of MLS: one suite, one extension, plaintext handshakes. An older or weaker one is refused.

use incamera_meeting::{Decode as _, Encode as _, MeetingContext};
use incamera_protocol::MeetingId;
use openmls::prelude::{
    Capabilities, Ciphersuite, CredentialType, Extension, ExtensionType, Extensions, GroupContext, GroupId,
    PURE_PLAINTEXT_WIRE_FORMAT_POLICY, ProtocolVersion, RequiredCapabilitiesExtension, UnknownExtension,
    WireFormatPolicy,
};

use crate::HandshakeError;

/// The suite that version 1 of the charter names.
pub const CIPHERSUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519;

/// Handshakes are PublicMessages, so that the server can validate and order them; application messages stay private.
pub fn wire_format_policy() -> WireFormatPolicy {
    PURE_PLAINTEXT_WIRE_FORMAT_POLICY
}

/// The group's id: the meeting's id and the number of the founding.
pub fn group_id(meeting: MeetingId, founding: u32) -> GroupId {
    GroupId::from_slice(&[meeting.0.as_slice(), &founding.to_be_bytes()].concat())
}

/// The public name of the meeting secret among the external PSKs (RFC 9420 §8.4).
pub fn meeting_secret_id(meeting: MeetingId) -> Vec<u8> {
    [b"incamera 1 meeting secret".as_slice(), &meeting.0].concat()
}

/// What every leaf says it can do: exactly this profile.
pub fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[CIPHERSUITE]),
        Some(&[ExtensionType::Unknown(MeetingContext::EXTENSION_TYPE)]),
        Some(&[]),
        Some(&[CredentialType::Basic]),
    )
}

/// The whole list of GroupContext extensions for a meeting context: ours, and the demand that everybody knows it.
pub fn context_extensions(context: &MeetingContext) -> Result<Extensions<GroupContext>, HandshakeError> {
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(RequiredCapabilitiesExtension::new(
            &[ExtensionType::Unknown(MeetingContext::EXTENSION_TYPE)],
            &[],
            &[CredentialType::Basic],
        )),
        Extension::Unknown(MeetingContext::EXTENSION_TYPE, UnknownExtension(context.encode())),
    ])
    .map_err(|_| HandshakeError::Profile)
}

/// Reads the meeting context of a group; refuses a group whose extensions are not exactly those of the profile.
pub fn context_of(group: &GroupContext) -> Result<MeetingContext, HandshakeError> {
    let extension = group
        .extensions()
        .unknown(MeetingContext::EXTENSION_TYPE)
        .ok_or(HandshakeError::Profile)?;
    let context = MeetingContext::decode(&extension.0)?;
    let whole = *group.extensions() == context_extensions(&context)?;
    if !whole || context.version != MeetingContext::VERSION || group.ciphersuite() != CIPHERSUITE {
        return Err(HandshakeError::Profile);
    }
    Ok(context)
}
