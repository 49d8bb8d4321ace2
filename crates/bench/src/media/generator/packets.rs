//! What is sent: pre-made payloads with the time of sending in their tail.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use str0m::media::Pt;
use str0m::rtp::{ExtensionValues, RtpWrite, Ssrc, Vp8Descriptor};

use super::{Load, Spacing};

/// Length of a video payload: what fits the usual MTU beside all headers.
const VIDEO_BYTES: usize = 1200;
/// Length of a sound payload: 20 ms of Opus at 32 kbit/s, and what sealing adds.
const AUDIO_BYTES: usize = 100;
/// Packets of sound in a second.
const AUDIO_PACKETS_PER_SECOND: f64 = 50.0;
/// Pictures in a second, if they are longer than a packet.
pub(super) const PICTURES_PER_SECOND: f64 = 25.0;
/// Marks the tail: what else comes (a server's own padding, say) has no time in it.
const MARK: [u8; 8] = *b"sent-at:";
const TAIL_BYTES: usize = MARK.len() + 8;
/// How long the same voices speak.
const TURN: Duration = Duration::from_secs(3);

/// Nanoseconds on the clock by which the kernel stamps arrivals.
pub(super) fn clock_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

/// When a payload was sent, if it is one of ours.
pub(super) fn sent_at_ns(payload: &[u8]) -> Option<u64> {
    let (_, tail) = payload.split_at_checked(payload.len().checked_sub(TAIL_BYTES)?)?;
    let time = tail.strip_prefix(&MARK)?;
    Some(u64::from_be_bytes(time.try_into().ok()?))
}

/// Whether a video payload begins a key frame.
pub(super) fn begins_key_frame(payload: &[u8]) -> bool {
    Vp8Descriptor::parse(payload).is_ok_and(|descriptor| descriptor.starts_keyframe(payload))
}

/// One sending line.
#[derive(Debug)]
pub(in crate::media) struct Sending {
    pub(in crate::media) ssrc: Ssrc,
    pt: Pt,
    what: What,
    interval: Duration,
    /// Packets that are sent at a time.
    together: u64,
    sequence: u64,
    template: Vec<u8>,
}

#[derive(Debug)]
enum What {
    Sound {
        place: u64,
        voices: Option<(u64, u64)>,
    },
    Pictures {
        packets_per_picture: u64,
        key_frame_wanted: bool,
        picture: u64,
        picture_begun: u32,
    },
}

impl Sending {
    /// Sound. `place` is the sender's number among `senders` in its room.
    pub(in crate::media) fn sound(ssrc: Ssrc, pt: Pt, place: u64, senders: u64, load: Load) -> Self {
        let what = What::Sound {
            place,
            voices: load.speakers.map(|speakers| (speakers, senders)),
        };
        Self::new(ssrc, pt, what, AUDIO_PACKETS_PER_SECOND, 1, AUDIO_BYTES)
    }

    pub(in crate::media) fn pictures(ssrc: Ssrc, pt: Pt, load: Load) -> Self {
        let rate = load.video_packets_per_second;
        // At least one.
        let packets_per_picture = ((rate / PICTURES_PER_SECOND).round() as u64).max(1);
        let together = match load.spacing {
            Spacing::Evenly => 1,
            Spacing::Pictures => packets_per_picture,
        };
        let what = What::Pictures {
            packets_per_picture,
            key_frame_wanted: true,
            picture: 0,
            picture_begun: 0,
        };
        Self::new(ssrc, pt, what, rate, together, VIDEO_BYTES)
    }

    fn new(ssrc: Ssrc, pt: Pt, what: What, rate: f64, together: u64, bytes: usize) -> Self {
        // Not all zeros: nothing on the way may find it easy. Any pattern does, nobody reads it.
        let mut state = 0x2545_f491_4f6c_dd1d_u64 ^ u64::from(*ssrc);
        let noise = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()
        });
        Self {
            ssrc,
            pt,
            what,
            interval: Duration::from_secs_f64(together as f64 / rate),
            together,
            // Below 65,536, since a receiver starts with a rollover counter of zero.
            sequence: 1,
            template: noise.flatten().take(bytes).collect(),
        }
    }

    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// How many packets are due each time.
    pub(super) fn together(&self) -> u64 {
        self.together
    }

    /// Somebody needs a key frame: the next picture is one.
    pub(super) fn want_key_frame(&mut self) {
        if let What::Pictures { key_frame_wanted, .. } = &mut self.what {
            *key_frame_wanted = true;
        }
    }

    /// The next packet.
    pub(in crate::media) fn next(&mut self, now: Instant, started: Instant) -> RtpWrite {
        let sequence = self.sequence;
        self.sequence += 1;
        let mut payload = self.template.clone();
        let elapsed = now.saturating_duration_since(started);
        let (time, marker, levels) = match &mut self.what {
            What::Sound { place, voices } => {
                let speaks = voices.is_none_or(|(speakers, senders)| speaks(*place, speakers, senders, elapsed));
                let levels = ExtensionValues {
                    audio_level: Some(if speaks { -20 } else { -80 }),
                    voice_activity: Some(speaks),
                    ..ExtensionValues::default()
                };
                // 960 ticks of 48 kHz a packet; wraps like every RTP timestamp.
                ((sequence as u32).wrapping_mul(960), false, levels)
            }
            What::Pictures {
                packets_per_picture,
                key_frame_wanted,
                picture,
                picture_begun,
            } => {
                let place = (sequence - 1) % *packets_per_picture;
                let begins = place == 0;
                let key = begins && std::mem::take(key_frame_wanted);
                if begins {
                    *picture += 1;
                    *picture_begun = (elapsed.as_micros() * 9 / 100) as u32;
                }
                describe(&mut payload, begins, key, *picture);
                (
                    *picture_begun,
                    place + 1 == *packets_per_picture,
                    ExtensionValues::default(),
                )
            }
        };
        let nackable = matches!(self.what, What::Pictures { .. });
        stamp(&mut payload, clock_ns());
        RtpWrite::new(self.pt, sequence.into(), time, now, payload)
            .marker(marker)
            .ext_vals(levels)
            .nackable(nackable)
    }
}

/// Whether it is the turn of the sender at `place`.
fn speaks(place: u64, speakers: u64, senders: u64, elapsed: Duration) -> bool {
    let turn = elapsed.as_secs() / TURN.as_secs();
    let first = turn * speakers % senders.max(1);
    (place + senders - first) % senders.max(1) < speakers
}

/// Writes an RFC 7741 payload descriptor (with picture id and TL0PICIDX, as browsers have them) and the clear start of
/// a VP8 frame behind it.
fn describe(payload: &mut [u8], begins: bool, key: bool, picture: u64) {
    let id = (picture & 0x7fff) as u16;
    let [high, low] = id.to_be_bytes();
    let head = [
        if begins { 0x90 } else { 0x80 },
        0xe0,
        0x80 | high,
        low,
        (picture & 0xff) as u8,
        0,
        // RFC 6386 §9.1: the lowest bit says "not a key frame", then the start code and 640 × 360.
        if key { 0x10 } else { 0x11 },
        0,
        0,
        0x9d,
        0x01,
        0x2a,
        0x80,
        0x02,
        0x68,
        0x01,
    ];
    if let Some((start, _)) = payload.split_at_mut_checked(head.len()) {
        start.copy_from_slice(&head);
    }
}

fn stamp(payload: &mut [u8], time_ns: u64) {
    let start = payload.len().saturating_sub(TAIL_BYTES);
    let Some((_, tail)) = payload.split_at_mut_checked(start) else {
        return;
    };
    let Some((mark, time)) = tail.split_at_mut_checked(MARK.len()) else {
        return;
    };
    mark.copy_from_slice(&MARK);
    time.copy_from_slice(&time_ns.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_was_stamped_is_read_and_nothing_else_is() {
        let mut payload = vec![7; AUDIO_BYTES];
        assert_eq!(sent_at_ns(&payload), None);
        stamp(&mut payload, 1_234_567_890_123);
        assert_eq!(sent_at_ns(&payload), Some(1_234_567_890_123));
        assert_eq!(sent_at_ns(&payload[..AUDIO_BYTES - 1]), None);
        assert_eq!(sent_at_ns(&[]), None);
    }

    #[test]
    fn only_the_first_packet_of_a_key_frame_begins_one() {
        let mut payload = vec![7; VIDEO_BYTES];
        describe(&mut payload, true, true, 300);
        assert!(begins_key_frame(&payload));
        let descriptor = Vp8Descriptor::parse(&payload).unwrap();
        assert_eq!(descriptor.picture_id(), Some(300));
        assert_eq!(descriptor.tl0_pic_idx(), Some(44));
        describe(&mut payload, false, true, 300);
        assert!(!begins_key_frame(&payload));
        describe(&mut payload, true, false, 301);
        assert!(!begins_key_frame(&payload));
    }

    #[test]
    fn three_of_five_speak_and_all_have_their_turn() {
        let mut heard = [0; 5];
        for turn in 0..5 {
            let elapsed = TURN * turn;
            let speaking: Vec<u64> = (0..5).filter(|place| speaks(*place, 3, 5, elapsed)).collect();
            assert_eq!(speaking.len(), 3);
            speaking.iter().for_each(|place| heard[*place as usize] += 1);
        }
        assert_eq!(heard, [3; 5]);
    }
}
