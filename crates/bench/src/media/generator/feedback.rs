//! Transport-wide feedback of a receiver that decrypts nothing
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use std::time::{Duration, Instant};

use incamera_srtp::Protector;

/// From one report to the next: as browsers do on a way that takes some megabits, and as str0m does.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// What descriptions call the header extension with the number.
const NAME: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// Under which its reports go out. The media stack, which reports too, has others.
const SSRC: [u8; 4] = *b"only";

/// Statuses in a chunk of two bits each (§3.1.4).
const VECTOR: usize = 7;

/// How wide a report may be: what came further from its first is not reported. A run of so many fits its chunk (§3.1.3).
const STATUSES_MAX: u16 = 1_000;

/// Grains of a delta, and of the reference time (§3.1.5, §3.1).
const DELTA_US: u64 = 250;
const REFERENCE_US: u64 = 64_000;

/// What came since the last report.
pub(super) struct Feedback {
    protector: Protector,
    /// The header extension that has the number.
    extension: u8,
    began: Instant,
    /// Number and time, in microseconds since `began`, as they came.
    came: Vec<(u16, u64)>,
    /// Of a stream that is reported on: some of it must be named.
    media: [u8; 4],
    reports: u8,
    /// When the next is due.
    pub(super) due: Instant,
}

impl Feedback {
    pub(super) fn new(protector: Protector, extension: u8, now: Instant) -> Self {
        Self {
            protector,
            extension,
            began: now,
            came: Vec::new(),
            media: [0; 4],
            reports: 0,
            due: now + INTERVAL,
        }
    }

    /// A media packet, as it came from the wire.
    pub(super) fn note(&mut self, now: Instant, packet: &[u8]) {
        let Some(number) = transport_number(packet, self.extension) else {
            return;
        };
        if let Some(media) = packet.get(8..12).and_then(|ssrc| ssrc.first_chunk()) {
            self.media = *media;
        }
        let at = now.saturating_duration_since(self.began).as_micros() as u64;
        self.came.push((number, at));
    }

    /// The report on what has come, if anything has; protected.
    pub(super) fn report(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.due = now + INTERVAL;
        let packet = write(&mut self.came, self.media, self.reports);
        self.came.clear();
        self.reports = self.reports.wrapping_add(1);
        self.protector.rtcp(&packet?)
    }
}

/// The packet, in clear. `came` is put into the order of numbers.
fn write(came: &mut Vec<(u16, u64)>, media: [u8; 4], count: u8) -> Option<Vec<u8>> {
    let (first, _) = *came.first()?;
    // Around the first, half of all numbers are before it.
    let place = |number: u16| number.wrapping_sub(first).wrapping_add(0x8000);
    came.sort_by_key(|(number, _)| place(*number));
    came.dedup_by_key(|(number, _)| *number);
    let (base, at) = *came.first()?;
    let reference = at / REFERENCE_US;
    let mut last = reference * REFERENCE_US / DELTA_US;
    let mut statuses: Vec<u8> = Vec::new();
    let mut deltas = Vec::new();
    for (number, at) in came {
        let step = number.wrapping_sub(base);
        if step >= STATUSES_MAX {
            break;
        }
        let delta = (*at / DELTA_US) as i64 - last as i64;
        statuses.resize(usize::from(step), 0);
        if let Ok(small) = u8::try_from(delta) {
            statuses.push(1);
            deltas.push(small);
        } else if let Ok(large) = i16::try_from(delta) {
            statuses.push(2);
            deltas.extend(large.to_be_bytes());
        } else {
            break;
        }
        last = *at / DELTA_US;
    }
    let mut packet = vec![0x80 | 15, 205, 0, 0];
    packet.extend(SSRC);
    packet.extend(media);
    packet.extend(base.to_be_bytes());
    packet.extend(u16::try_from(statuses.len()).ok()?.to_be_bytes());
    packet.extend_from_slice(reference.to_be_bytes().get(5..)?);
    packet.push(count);
    let mut left = statuses.as_slice();
    while let Some(first) = left.first() {
        let run = left.iter().take_while(|status| *status == first).count();
        let (chunk, taken) = if run >= VECTOR {
            (u16::from(*first) << 13 | run as u16, run)
        } else {
            let vector = left.iter().take(VECTOR);
            let bits = vector.zip((0..VECTOR as u16).rev());
            let bits = bits.fold(0, |bits, (status, place)| bits | u16::from(*status) << (2 * place));
            (0xc000 | bits, VECTOR)
        };
        packet.extend(chunk.to_be_bytes());
        left = left.get(taken..).unwrap_or_default();
    }
    packet.extend(deltas);
    // Padding by its own length (RFC 3550 §6.4.1).
    let padding = packet.len().next_multiple_of(4) - packet.len();
    if let Some(last) = u8::try_from(padding).ok().filter(|padding| *padding > 0) {
        packet.resize(packet.len() + padding - 1, 0);
        packet.push(last);
        *packet.first_mut()? |= 0x20;
    }
    let words = u16::try_from(packet.len() / 4 - 1).ok()?;
    packet.get_mut(2..4)?.copy_from_slice(&words.to_be_bytes());
    Some(packet)
}

/// The number that a description gives to the header extension (RFC 8285 §5).
pub(super) fn extension_in(description: &str) -> Option<u8> {
    let mut maps = description.lines().filter_map(|line| line.strip_prefix("a=extmap:"));
    maps.find_map(|map| {
        let (number, name) = map.split_once(' ')?;
        let number = number.split('/').next()?;
        (name.trim() == NAME).then(|| number.parse().ok()).flatten()
    })
}

/// The transport-wide number in a packet's header, by the one-byte form of extensions (RFC 8285 §4.2).
fn transport_number(packet: &[u8], extension: u8) -> Option<u16> {
    let [first, ..] = *packet else { return None };
    let extended = first & 0x10 != 0;
    let at = 12 + 4 * usize::from(first & 0x0f);
    let [0xbe, 0xde, high, low] = *packet.get(at..)?.first_chunk().filter(|_| extended)? else {
        return None;
    };
    let words = usize::from(u16::from_be_bytes([high, low]));
    let mut left = packet.get(at + 4..)?.get(..4 * words)?;
    while let [head, rest @ ..] = left {
        if *head == 0 {
            left = rest;
            continue;
        }
        let (id, length) = (head >> 4, usize::from(head & 0x0f) + 1);
        let value = rest.get(..length)?;
        if id == extension {
            return value.first_chunk().map(|number| u16::from_be_bytes(*number));
        }
        left = rest.get(length..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use str0m::rtp::rtcp::Twcc;

    use super::*;

    /// What the sender of the packets reads in a report: number, and milliseconds since the first that came.
    fn read(came: &[(u16, u64)]) -> Vec<(u64, Option<u128>)> {
        let packet = write(&mut came.to_vec(), [0; 4], 0).unwrap();
        assert_eq!(packet.len() % 4, 0);
        let padding = if packet[0] & 0x20 == 0 {
            0
        } else {
            usize::from(packet[packet.len() - 1])
        };
        let report = Twcc::try_from(&packet[4..packet.len() - padding]).unwrap();
        let zero = Instant::now();
        let read: Vec<_> = report
            .into_iter(zero, 0x1_0000.into())
            .map(|(number, _, at)| (*number & 0xffff, at.map(|at| (at - zero).as_millis())))
            .collect();
        let first = read[0].1.unwrap();
        read.into_iter()
            .map(|(number, at)| (number, at.map(|at| at - first)))
            .collect()
    }

    #[test]
    fn a_report_says_what_came_when_and_what_did_not() {
        let came = [
            (65_534, 130_000),
            (65_535, 131_000),
            (1, 140_000),
            (0, 139_000),
            (3, 640_000),
        ];
        let said = [
            (65_534, Some(0)),
            (65_535, Some(1)),
            (0, Some(9)),
            (1, Some(10)),
            (2, None),
            (3, Some(510)),
        ];
        assert_eq!(read(&came), said);
    }

    #[test]
    fn a_long_run_is_one_chunk() {
        let came: Vec<(u16, u64)> = (0..300).map(|number| (number, u64::from(number) * 1_000)).collect();
        let packet = write(&mut came.clone(), [0; 4], 0).unwrap();
        assert_eq!(packet.len(), 20 + 2 + 300 + 2);
        let read = read(&came);
        assert_eq!(read.len(), 300);
        assert_eq!(read[299], (299, Some(299)));
    }

    #[test]
    fn nothing_is_reported_where_nothing_came() {
        assert!(write(&mut Vec::new(), [0; 4], 0).is_none());
    }

    #[test]
    fn a_description_names_the_extension() {
        let description = "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:5/sendrecv http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
        assert_eq!(extension_in(description), Some(5));
        assert_eq!(
            extension_in("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"),
            None
        );
    }

    #[test]
    fn the_number_is_found_among_other_extensions() {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0xbe, 0xde, 0, 3];
        packet.extend([0x10, 0x85, 0x22, 1, 2, 3, 0, 0x31, 0xab, 0xcd, 0, 0]);
        packet.extend([1, 2, 3]);
        assert_eq!(transport_number(&packet, 3), Some(0xabcd));
        packet[0] = 0x80;
        assert_eq!(transport_number(&packet, 3), None);
        assert_eq!(transport_number(&packet[..13], 3), None);
    }
}
