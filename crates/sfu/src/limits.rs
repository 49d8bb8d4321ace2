//! Every limit and every tuning constant of the engine, with its reason and what happens when it is met.

use std::net::SocketAddr;
use std::time::Duration;

/// Longest SDP offer read, in bytes. Chromium's offer with two senders and ten slots is about 20 kB. A longer one is
/// refused before it is parsed.
pub(crate) const OFFER_BYTES_MAX: usize = 64 * 1024;

/// Longest datagram read, in bytes. Longer ones cannot be media within any sane MTU; they are dropped and counted.
pub(crate) const DATAGRAM_BYTES_MAX: usize = 2000;

/// Source addresses remembered per peer. A client on a moving phone uses two or three; when there are more, the oldest
/// is forgotten.
pub(crate) const ADDRESSES_PER_PEER_MAX: usize = 8;

/// How long the owner of a source address must have been silent before a STUN check of another peer may take the
/// address over. Shorter would let a member who forges source addresses cut off another; longer delays a client that
/// got a lost neighbour's port from the same NAT.
pub(crate) const ADDRESS_QUIET: Duration = Duration::from_secs(5);

/// Shortest time between two key-frame requests to one camera. Each one costs the sender a frame of several times the
/// usual size; later requests are merged into one.
pub(crate) const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(200);

/// How long a slot waits for a key frame that was asked for before it asks again: a lost request must not leave a slot
/// black, and a round trip plus an encoder's delay must have time to pass.
pub(crate) const KEY_FRAME_RETRY: Duration = Duration::from_millis(500);

/// How often loudness is compared in a room. Shorter catches a new voice's first syllable, longer is calmer.
pub(crate) const TICK_INTERVAL: Duration = Duration::from_millis(100);

/// How many ticks pass between two decisions about who is speaking (300 ms): names that follow every cough tire people.
pub(crate) const TICKS_PER_SPEAKER: u32 = 3;

/// After how long without a packet a source counts as silent and still.
pub(crate) const STALLED_AFTER: Duration = Duration::from_secs(3);

/// How much louder (in dB, smoothed) a newcomer must be than the holder of an audio slot to take it over, or than the
/// present speaker to become it.
pub(crate) const LOUDER_BY_DB: i32 = 6;

/// Smoothed loudness (127 dB above the RFC 6464 floor is full scale) from which somebody counts as speaking: -50 dBov.
pub(crate) const SPEAKING_DB: i32 = 77;

/// Largest forward step of a source's sequence numbers that is passed on as a gap. A larger one is closed up: several
/// such steps with a loss between would put a receiver's SRTP rollover counter out of step and end its slot for good.
pub(crate) const SEQUENCE_STEP_MAX: u64 = 500;

/// First sequence number of every slot. Below 65,536, since a receiver starts with a rollover counter of zero.
pub(crate) const SEQUENCE_FIRST: u64 = 1;

/// How often a connection that wants to be told the time at once is told it, before others have their turn: once for
/// each packet that its pacer lets out. A picture that was asked for has a hundred packets or so; what is left over
/// goes out a millisecond later.
pub(crate) const AT_ONCE_MAX: usize = 256;

/// Deadlines are rounded up to this: connections that are due about the same time are woken together. Nothing that a
/// connection waits for is finer.
pub(crate) const DEADLINE_GRAIN_NS: u32 = 1_000_000;

/// Datagrams waiting for the caller. The caller drains them after every round of input, so this is met only by a
/// caller's mistake; the oldest are dropped and counted.
pub(crate) const TRANSMITS_WAITING_MAX: usize = 65_536;

/// What an [`Engine`](crate::Engine) is built with.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Addresses put into every answer as ICE candidates. Datagrams that arrive at any other address (a private one
    /// behind a one-to-one NAT, say) are treated as having arrived at the first of the same family.
    pub candidates: Vec<SocketAddr>,
    /// Peers over all rooms. Further ones are refused.
    pub peers_max: usize,
    /// Rooms. When there are this many, empty ones whose viewers are not routed are forgotten; if there are none, a
    /// peer of a new room is refused.
    pub rooms_max: usize,
    /// Members of one room. Further ones are refused.
    pub members_per_room_max: usize,
    /// Audio slots in one offer. An offer with more is refused.
    pub audio_slots_max: usize,
    /// Video slots in one offer. An offer with more is refused.
    pub video_slots_max: usize,
    /// How long a peer may take from its answer to a finished DTLS handshake before it is lost.
    pub connect_timeout: Duration,
    /// How long a connected peer may be silent before it is lost. Browsers renew ICE consent about every 5 s.
    pub silence_timeout: Duration,
}

impl EngineConfig {
    /// The usual limits, with the given addresses in the answers.
    pub fn new(candidates: Vec<SocketAddr>) -> Self {
        EngineConfig {
            candidates,
            peers_max: 5_000,
            rooms_max: 1_000,
            members_per_room_max: 300,
            audio_slots_max: 8,
            video_slots_max: 16,
            connect_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(15),
        }
    }
}
