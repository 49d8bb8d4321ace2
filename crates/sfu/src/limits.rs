//! Every limit and every tuning constant of the engine, with its reason and what happens when it is met. Those of the
//! arithmetic of the congestion control, which mean nothing without it, stand in `congestion`.

use std::net::SocketAddr;
use std::time::Duration;

/// Longest SDP offer read, in bytes. Chromium's offer with three senders and thirteen slots is about 26 kB. A longer one is
/// refused before it is parsed.
pub(crate) const OFFER_BYTES_MAX: usize = 64 * 1024;

/// Longest datagram read, in bytes. Longer ones cannot be media within any sane MTU; they are dropped and counted.
pub(crate) const DATAGRAM_BYTES_MAX: usize = 2000;

/// Source addresses remembered per peer. A client on a moving phone uses two or three; when there are more, the oldest
/// is forgotten.
pub(crate) const ADDRESSES_PER_PEER_MAX: usize = 8;

/// How long one address of a peer must have been silent, while another has not, before what is meant for it goes to the
/// other. Browsers that hear and see report ten times a second, and check every two and a half seconds. Shorter would
/// take a pause for a move; longer leaves a moved client without sound.
pub(crate) const ADDRESS_DEAD: Duration = Duration::from_millis(1_500);

/// How long whoever answers a check of ours is sent media, counted from the check: the consent of RFC 7675 §5.1, with its
/// figure. Who goes on answering is asked every three seconds.
pub(crate) const CONSENT_LAPSES: Duration = Duration::from_secs(30);

/// Checks of one address that may still be answered; the oldest is forgotten. The first are sent each 250 ms, from each
/// address of ours: of two, an answer may be under way for seconds.
pub(crate) const CHECKS_PER_ADDRESS_MAX: usize = 16;

/// How long the owner of a source address must have been silent before a STUN check of another peer may take the
/// address over. Shorter would let a member who forges source addresses cut off another; longer delays a client that
/// got a lost neighbour's port from the same NAT.
pub(crate) const ADDRESS_QUIET: Duration = Duration::from_secs(5);

/// Shortest time between two key-frame requests to one layer of a picture. Each one costs the sender a frame of several
/// times the usual size; later requests are merged into one. Chromium heeds none that comes within 300 ms of another: what
/// it does not heed is asked for again only after `KEY_FRAME_RETRY`.
pub(crate) const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(330);

/// … and to the largest of several layers: its key frames are the heaviest, and who waits for one sees a smaller layer
/// meanwhile.
pub(crate) const KEY_FRAME_INTERVAL_TOP: Duration = Duration::from_millis(500);

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

/// Layers of one camera. More than three cost the sender encoders and the receiver nothing it could see; an offer with
/// more is refused.
pub(crate) const LAYERS_MAX: usize = 3;

/// Height of the largest layer of a camera, in pixels; each one below it has half of it. The engine cannot read sizes:
/// they are sealed. A client that sends other sizes gets other choices, and nothing worse.
pub(crate) const LAYER_HEIGHT_TOP: u32 = 720;

/// How much a layer may be enlarged, in percent of its height, before the next one is taken: at four times the bits, a
/// quarter more of sharpness is not worth it.
pub(crate) const ENLARGED_PERCENT_MAX: u32 = 125;

/// Bits per second taken for the layers of a camera that are not measured yet, by how far below the largest they are.
/// What browsers are told to send (`web/src/media/connection.ts`); for a layer that flows its measured rate counts.
pub(crate) const LAYER_BPS: [u64; LAYERS_MAX] = [1_700_000, 500_000, 150_000];

/// Bits per second taken for a picture in one layer that is not measured yet. Low: there is nothing smaller to show
/// instead, and a second later it is measured.
pub(crate) const SINGLE_BPS: u64 = 200_000;

/// Part of its rate for which a picture in one layer counts, in percent. It cannot be made smaller, only taken away, and
/// on a lossy path the estimate is lower than what comes through: it is taken away when it plainly does not fit.
pub(crate) const SINGLE_COUNTED_PERCENT: u64 = 50;

/// Bits per second up to which the only layer of a picture is as small as the smallest of several, and is not taken away for a
/// moment's low estimate: a camera's smallest layer has about half of it.
pub(crate) const SMALL_BPS_MAX: u64 = 300_000;

/// Bits per second kept free for each sound that a receiver is sent, with headers and repeats. Opus at 32 kbit/s with
/// its redundancy and 50 packets a second needs about this much. Sound is never given up for a picture.
pub(crate) const SOUND_BPS: u64 = 60_000;

/// Copies that a datagram of sound gets on a way that loses some. With two, of a tenth a thousandth is lost for good.
pub(crate) const COPIES_MAX: u32 = 2;

/// What must be lost, in percent, for one copy; for two; and, where there is one already, for the second. Below the first
/// the codec conceals what is missing so well that more packets are not worth it.
pub(crate) const AGAIN_LOST_PERCENT: [u64; 3] = [2, 6, 3];

/// From a datagram of sound to its copy, and on to the next. Packets that are lost together are mostly closer; a receiver
/// that waits longer for sound delays it.
pub(crate) const AGAIN_SPACING: Duration = Duration::from_millis(20);

/// How long copies are sent at least: their loss is counted as none where they make it good.
pub(crate) const AGAIN_HOLD: Duration = Duration::from_secs(10);

/// … and at most, when it was too soon to give them up again and again.
pub(crate) const AGAIN_HOLD_MAX: Duration = Duration::from_secs(160);

/// Within this time after copies were given up, losses show that it was too soon.
pub(crate) const AGAIN_TRIAL: Duration = Duration::from_secs(5);

/// Copies that wait for one receiver: those of four sounds within twice their spacing, and a burst. More are not made.
pub(crate) const AGAIN_WAITING_MAX: usize = 64;

/// Bytes that a packet takes on the wire beside its payload: IP, UDP, RTP with extensions, SRTP's tag.
pub(crate) const PACKET_OVERHEAD_BYTES: u64 = 72;

/// Packets of one slot kept for repeats: a second of a large picture with its key frame.
pub(crate) const RESENT_PACKETS_MAX: usize = 512;

/// … and for how long: a repeat that comes later than this is of no use to anybody.
pub(crate) const RESENT_AGE_MAX: Duration = Duration::from_secs(1);

/// Part of what a slot sends that may be repeats. At 10 % loss, repeats are lost as well; beyond a third a path is so
/// bad that repeats make it worse.
pub(crate) const REPEATS_PERCENT: usize = 33;

/// Bytes that a slot may repeat before it has sent anything, and the most that it saves up: a large picture's key frame.
pub(crate) const REPEATS_BYTES_FREE: usize = 30_000;
/// The same after it has sent much.
pub(crate) const REPEATS_BYTES_MAX: usize = 150_000;

/// A packet is not repeated twice within this time: a second request for it crossed the first repeat on its way.
pub(crate) const REPEAT_SPACING: Duration = Duration::from_millis(20);

/// Packets that wait in one connection for its turn. It has its turn after every round of input, so this is met only when
/// a picture of thousands of packets comes at once; later ones are dropped and counted.
pub(crate) const DRAFTS_WAITING_MAX: usize = 4_096;

/// Packets of which it is remembered when they were sent. Receivers report at least every quarter of a second; that is
/// 20 Mbit/s at a second's delay.
pub(crate) const SENT_NUMBERS_MAX: usize = 2_048;

/// Over how much time losses are counted.
pub(crate) const LOSS_WINDOW: Duration = Duration::from_secs(1);

/// How often a receiver is told which time of a slot belongs to which time of the clock. RFC 3550 §6.2 has five seconds,
/// which is long for somebody who waits for sound and picture to be together.
pub(crate) const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Bytes that a datagram takes on the way beside itself: IP and UDP.
pub(crate) const STREAM_OVERHEAD_BYTES: usize = 28;

/// A way is taken to let through no less than one sound, and no more than anybody can be shown.
pub(crate) const EGRESS_BPS_LEAST: u64 = 50_000;
/// The same upwards.
pub(crate) const EGRESS_BPS_MOST: u64 = 100_000_000;

/// For how long the way is filled to see what it takes. Shorter, and the grain of the clocks decides; longer, and what
/// does not go through jams what does.
pub(crate) const PROBE_FOR: Duration = Duration::from_millis(25);

/// The least that is sent to see: ten packets of padding tell a rate from a chance.
pub(crate) const PROBE_LEAST_BYTES: usize = 3_000;

/// At most so many times what is known to go through is tried at once.
pub(crate) const PROBE_STEP: u64 = 2;

/// How long after an attempt its last packet is waited for.
pub(crate) const PROBE_WAIT: Duration = Duration::from_millis(500);

/// From an attempt that found the end to the next. More often would jam a narrow way more often than it helps a wide one.
pub(crate) const PROBE_AGAIN: Duration = Duration::from_secs(5);

/// From an attempt that went through whole to the next.
pub(crate) const PROBE_NEXT: Duration = Duration::from_millis(50);

/// What a receiver is thought to take before anything is known of its path, in bits per second: sound, everybody small
/// and one larger. More would flood a phone's link in its first second; less would show a good link small pictures until
/// it is measured.
pub(crate) const EGRESS_BPS_FIRST: u64 = 2_000_000;

/// How long after the connection came up nobody is left out of a receiver's pictures for want of bandwidth, whatever the
/// estimate: it is made of a few packets then, and a picture that is taken away in the first seconds looks like a fault.
/// Each still gets its smallest layer only.
pub(crate) const EARLY: Duration = Duration::from_secs(5);

/// Part of the estimate that is given out, in percent: retransmissions and key frames need the rest.
pub(crate) const GIVEN_PERCENT: u64 = 95;

/// Part of what may be given out that must suffice for a better choice before it is taken, in percent. Nearer to 100
/// would make pictures flicker between two layers with every breath of the estimate.
pub(crate) const BETTER_PERCENT: u64 = 87;

/// How often a connection tells which of its receiver's addresses was chosen. A receiver that chooses another is mostly
/// gone from the one before, which is noticed without being told.
pub(crate) const WHERE_INTERVAL: Duration = Duration::from_secs(1);

/// How often the congestion control tells its estimate: as often as browsers report.
pub(crate) const ESTIMATE_INTERVAL: Duration = Duration::from_millis(100);

/// Below this part of the estimate of the last choice, in percent, it is chosen anew at once; otherwise within
/// [`REVIEW_INTERVAL`].
pub(crate) const FALLEN_PERCENT: u64 = 90;

/// Above this part of it, in percent, it is chosen anew at once as well, if somebody is shown less than was asked for: a
/// good path should not show a small picture for a whole second.
pub(crate) const RISEN_PERCENT: u64 = 115;

/// What must have been lost of a second's packets for a path to be jammed, in percent. Everybody is then shown in the
/// smallest layer at once and no estimate is waited for. A bad radio link loses a tenth; pictures are worth trying on it.
pub(crate) const JAM_LOST_PERCENT: u64 = 25;

/// For how long losses of what was taken away since are counted among a second's packets: that second, and the way back.
pub(crate) const JAM_FORGOTTEN: Duration = Duration::from_millis(1_500);

/// Two jams within this time while only the smallest layers were given show that not even they come through. One may be a
/// machine or a radio that stopped for a moment, and a picture that is gone for seconds is worse.
pub(crate) const LEAST_JAMS_WITHIN: Duration = Duration::from_secs(4);

/// How long an estimate may be too low for the smallest layers before they are taken away. Where little is sent, one short
/// delay makes an estimate that is lower than what comes through, and it is better a moment later.
pub(crate) const LEAST_PATIENCE: Duration = Duration::from_secs(3);

/// How long a receiver must have been shown less than it asked for before bolder probes are wished for. Until then those
/// that only just suffice for the next layer, and trouble a narrow way less, have had their turn.
pub(crate) const BOLD_AFTER: Duration = Duration::from_secs(4);

/// For how long: the congestion control probes by itself every five seconds.
pub(crate) const BOLD_FOR: Duration = Duration::from_secs(6);

/// From one such time to the next. More often would find a wide way sooner, and make the estimate of a narrow one worse
/// than it is.
pub(crate) const BOLD_EVERY: Duration = Duration::from_secs(15);

/// How many times more is then wished for.
pub(crate) const BOLD_TIMES: u64 = 3;

/// How often layers are chosen anew though nothing in particular has happened.
pub(crate) const REVIEW_INTERVAL: Duration = Duration::from_secs(1);

/// How long a receiver that was given less is given no more than that: a path that has just been too narrow is not
/// tried again at once, or pictures go up and down with the estimate.
pub(crate) const RISE_AFTER: Duration = Duration::from_secs(3);

/// How often it is looked for layers that have stopped or that nobody takes any more. A part of [`REVIEW_INTERVAL`].
pub(crate) const LAYER_TICK: Duration = Duration::from_millis(200);

/// After how long without a packet a layer of a camera has stopped, and its receivers are given another. The slowest
/// cameras send five pictures a second.
pub(crate) const LAYER_STALLED_AFTER: Duration = Duration::from_millis(500);

/// How long a layer that was just asked for may take to come before it counts as one that its sender cannot send now.
pub(crate) const LAYER_START_MAX: Duration = Duration::from_secs(3);

/// How long nobody must have taken a layer before its sender is told that it may stop. Shorter would stop and start an
/// encoder with every glance.
pub(crate) const LAYER_IDLE: Duration = Duration::from_secs(2);

/// Furthest that the sender's clock may set the time of a layer's first picture from that of its arrival: what reports
/// of the sender say beyond this is a mistake or a lie, and the arrival counts.
pub(crate) const ALIGNMENT_MAX: Duration = Duration::from_millis(500);

/// How often a connection that wants to be told the time at once is told it, before others have their turn.
pub(crate) const AT_ONCE_MAX: usize = 16;

/// How busy the thread must have been for a second, in percent, for something to be given up. Above it, what comes waits
/// longer and longer; the rest is for bursts of a picture to everybody, which take a hundredth of a second each.
pub(crate) const BUSY_PERCENT: u32 = 90;

/// Below this it has time to spare. Far enough below that what is taken up again does not at once bring it back: the next
/// larger layer has three to four times the bits.
pub(crate) const CALM_PERCENT: u32 = 60;

/// For how long before something is taken up again: pictures should not go up and down with the load.
pub(crate) const CALM_FOR: Duration = Duration::from_secs(5);

/// How long a connection may wait its turn before nothing more is taken from the socket. Its buffer then holds back what
/// comes, and loses what it cannot hold; without a bound, each round would be longer than the one before.
pub(crate) const TURN_WAIT_MAX: Duration = Duration::from_millis(50);

/// The least that a connection lets pass: it never wants to be told a time that it knows already.
pub(crate) const INSTANT: Duration = Duration::from_micros(1);

/// Deadlines are rounded up to this: connections that are due about the same time are woken together. Nothing that a
/// connection waits for is finer.
pub(crate) const DEADLINE_GRAIN_NS: u32 = 1_000_000;

/// Datagrams waiting for the caller. The caller drains them after every round of input, so this is met only by a
/// caller's mistake; the oldest are dropped and counted.
pub(crate) const TRANSMITS_WAITING_MAX: usize = 65_536;

/// Room for a datagram that is forwarded: what fits into a frame of Ethernet. A larger one gets more.
pub(crate) const BUFFER_BYTES: usize = 1_500;

/// Buffers of sent datagrams that are kept for the next: those of some rounds of a thread, 384 kB.
pub(crate) const SPARE_BUFFERS_MAX: usize = 256;

/// Engines behind one port: as many as one letter or digit of a name can tell apart, and more than a meeting house has
/// processors. Further ones are not made.
pub const ENGINES_MAX: u8 = 62;

/// What an [`Engine`](crate::Engine) is built with.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Addresses put into every answer as ICE candidates. Datagrams that arrive at any other address (a private one
    /// behind a one-to-one NAT, say) are treated as having arrived at the first of the same family.
    pub candidates: Vec<SocketAddr>,
    /// Its number among engines behind one port, below [`ENGINES_MAX`]. The names in its answers begin with it, so that a
    /// check tells whose it is.
    pub number: u8,
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
    /// From where it is known what the ways to the receivers take.
    pub bandwidth: Bandwidth,
}

/// From where the engine knows what the way to a receiver takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bandwidth {
    /// The congestion control measures it.
    Measured,
    /// The caller says it, by [`Engine::set_bandwidth`](crate::Engine::set_bandwidth). There is no congestion control.
    Given,
}

impl EngineConfig {
    /// The usual limits, with the given addresses in the answers.
    pub fn new(candidates: Vec<SocketAddr>) -> Self {
        EngineConfig {
            candidates,
            number: 0,
            peers_max: 5_000,
            rooms_max: 1_000,
            members_per_room_max: 300,
            audio_slots_max: 8,
            video_slots_max: 16,
            connect_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(15),
            bandwidth: Bandwidth::Measured,
        }
    }
}
