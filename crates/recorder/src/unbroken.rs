//! Sound without holes. Who says nothing sends next to nothing (discontinuous transmission, RFC 6716 §2.1.9), a line loses
//! some, and a microphone is off for a while. Players put a file's sounds one behind the other, whatever their times say: with
//! a hole, all that follows would be too early for its pictures. So holes are filled with silence.

/// A packet of silence: 20 ms, one channel, in the layer for music (RFC 6716 §3.1, §4.3: the flag for silence).
pub(crate) const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
const SILENCE_US: u64 = 20_000;

/// How far the sound of a file reaches.
#[derive(Debug, Default)]
pub(crate) struct Unbroken {
    /// The first packet's time and the lengths of all; where there was one.
    until_us: Option<u64>,
}

impl Unbroken {
    /// When silence is to stand, in milliseconds, before a packet that is due at `at_ms`.
    pub(crate) fn before(&mut self, at_ms: u64) -> impl Iterator<Item = u64> {
        let at_us = at_ms * 1_000;
        let from_us = *self.until_us.get_or_insert(at_us);
        let holes = at_us.saturating_sub(from_us) / SILENCE_US;
        self.until_us = Some(from_us + holes * SILENCE_US);
        (0..holes).map(move |hole| (from_us + hole * SILENCE_US) / 1_000)
    }

    /// A packet of this length follows.
    pub(crate) fn take(&mut self, length_us: u64) {
        if let Some(until_us) = &mut self.until_us {
            *until_us += length_us;
        }
    }
}

/// How long a packet sounds (RFC 6716 §3.1 and §3.2).
pub(crate) fn length_us(packet: &[u8]) -> u64 {
    let Some((toc, rest)) = packet.split_first() else {
        return 0;
    };
    let frame_us = match toc >> 3 {
        // Speech, both, and music.
        config @ 0..=11 => [10_000, 20_000, 40_000, 60_000].get(usize::from(config % 4)),
        config @ 12..=15 => [10_000, 20_000].get(usize::from(config % 2)),
        config => [2_500, 5_000, 10_000, 20_000].get(usize::from(config % 4)),
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => rest.first().map_or(0, |count| u64::from(count & 0x3f)),
    };
    frame_us.copied().unwrap_or(0) * frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_as_long_as_their_first_byte_says() {
        for (packet, us) in [
            (&[][..], 0),
            (&SILENCE, 20_000),
            // Speech of 60 ms; both of 10; music of 2.5 twice; music of 20, and so many as the next byte says.
            (&[3 << 3], 60_000),
            (&[12 << 3], 10_000),
            (&[16 << 3 | 1], 5_000),
            (&[31 << 3 | 3, 0x83], 60_000),
            (&[31 << 3 | 3], 0),
        ] {
            assert_eq!(length_us(packet), us, "{packet:?}");
        }
    }

    #[test]
    fn a_hole_is_filled_and_small_ones_add_up() {
        let mut sound = Unbroken::default();
        let mut hear = |at_ms| {
            let silence: Vec<u64> = sound.before(at_ms).collect();
            sound.take(SILENCE_US);
            silence
        };
        assert!(hear(1_000).is_empty(), "it begins when it begins");
        assert!(hear(1_020).is_empty());
        assert_eq!(hear(1_100), [1_040, 1_060, 1_080]);
        // Each is 7 ms late by now: the third is one packet's length.
        assert!(hear(1_127).is_empty());
        assert!(hear(1_154).is_empty());
        assert_eq!(hear(1_181), [1_160]);
        assert!(hear(1_190).is_empty(), "what comes too early is not thrown away");
    }
}
