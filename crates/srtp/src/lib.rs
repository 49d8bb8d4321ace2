//! SRTP beside the media stack: the keys of its handshakes ([`Tap`]), packets protected with them ([`Protector`]), and
//! reports opened with them ([`Opener`]).
//!
//! str0m makes connections (ICE, DTLS, SDP) and protects what goes through it. What does not, because the way through it
//! costs several times what the packet costs, is protected here with the same keys: in the engine all that is forwarded,
//! and what receivers report of that is opened, and in the load generator what receivers report that only count.
//!
//! ```
//! use incamera_srtp::{Protector, Tap};
//! use str0m::RtcConfig;
//! use std::time::Instant;
//!
//! let (_rtc, tap) = Tap::on(|provider| RtcConfig::new().set_crypto_provider(provider).build(Instant::now()));
//! // Before the handshake is over there are no keys.
//! assert!(tap.take().as_ref().and_then(Protector::new).is_none());
//! ```
#![forbid(unsafe_code)]

mod open;
mod protect;
mod suite;
mod tap;

pub use open::Opener;
pub use protect::Protector;
pub use tap::{Agreed, Tap};
