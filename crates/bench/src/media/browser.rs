//! What every client of the load and of the gate is to a server: a browser, as far as packets tell.

use str0m::RtcConfig;
use str0m::rtp::Extension;

/// A connection that takes packets as they are: Opus, VP8 and the header extensions that browsers offer.
pub(super) fn browser() -> RtcConfig {
    RtcConfig::new()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        .clear_extension_map()
        .set_extension(1, Extension::AudioLevel)
        .set_extension(2, Extension::AbsoluteSendTime)
        .set_extension(3, Extension::TransportSequenceNumber)
        .set_extension(4, Extension::RtpMid)
}
