//! One frame, sealed or opened: SFrame (RFC 9605). Which key, which counter and who may, `incamera-seal` says.
//!
//! A crate of its own because its code runs for each byte of each frame: in browsers it is built for speed, all else for size.
//! So nothing here is generic: what is, would be built where it is used.
#![forbid(unsafe_code)]

mod disclosed;

pub use disclosed::{DisclosedKey, disclosed_key, disclosure_of};

use sframe::CipherSuite;
use sframe::frame::validation::{ReplayAttackProtection, ReplayAttackProtectionError};
use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
use sframe::key::{DecryptionKey, EncryptionKey};

/// Of open parts: a key to decrypt with and another for the tag, of which the first can be disclosed alone.
pub const OPEN_SUITE: CipherSuite = CipherSuite::AesCtr128HmacSha256_80;

/// Of closed parts: the full tag.
pub const CLOSED_SUITE: CipherSuite = CipherSuite::AesGcm256Sha512;

/// More than header and tag take.
const OVERHEAD_BYTES: usize = 40;

/// Why a frame was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// The tag does not hold.
    Forged,
    /// Taken already, or too old to tell.
    Replayed,
}

/// Seals a frame under the next counter: `clear` goes before it, readable and bound to it. Nothing if the counters have run out.
pub fn seal(key: &EncryptionKey, counter: &mut MonotonicCounter, clear: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let view = MediaFrameView::try_with_meta_data(counter, plain, clear).ok()?;
    let mut wire = Vec::with_capacity(clear.len() + plain.len() + OVERHEAD_BYTES);
    view.encrypt_into(key, &mut wire).ok()?;
    Some(wire)
}

/// Opens a frame whose tag holds and that was not taken before.
///
/// # Errors
/// [`NotOpened`]; then nothing is taken.
pub fn open(
    key: &DecryptionKey,
    window: &mut ReplayAttackProtection,
    sealed: &EncryptedFrameView<'_>,
) -> Result<Vec<u8>, NotOpened> {
    let mut plain = Vec::with_capacity(sealed.cipher_text().len());
    sealed
        .validated_decrypt_into(key, &mut plain, window)
        .map_err(|error| match error.source_as::<ReplayAttackProtectionError>() {
            Some(_) => NotOpened::Replayed,
            None => NotOpened::Forged,
        })?;
    Ok(plain)
}

/// Opens a frame as the public does: whether it is its sender's own the sender's signed digests say, not this.
pub fn open_disclosed(key: &DisclosedKey, sealed: &EncryptedFrameView<'_>) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(sealed.cipher_text().len());
    sealed.decrypt_into(key, &mut plain).ok()?;
    Some(plain)
}
