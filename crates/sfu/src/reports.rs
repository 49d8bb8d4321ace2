//! What receivers report of what is sent to them (RTCP, RFC 3550 §6; feedback, RFC 4585 §6), once it is opened.

use str0m::rtp::rtcp::{Fir, Nack, Pli, Twcc};

/// A report on what is sent to its sender.
pub(crate) enum Report {
    /// What came when (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
    Arrivals(Twcc),
    /// Packets are asked for again (RFC 4585 §6.2.1).
    Missing(Nack),
    /// A picture cannot be decoded (RFC 4585 §6.3.1).
    Spoiled(Pli),
    /// A key frame is wanted (RFC 5104 §4.3.1).
    Anew(Fir),
}

/// Packet types (RFC 3550 §12.1, RFC 4585 §6.1) …
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const OF_TRANSPORT: u8 = 205;
const OF_PAYLOAD: u8 = 206;

/// … and formats of feedback.
const NACK: u8 = 1;
const ARRIVALS: u8 = 15;
const PLI: u8 = 1;
const FIR: u8 = 4;

/// Whether this is RTCP, protected or not, among what is secured on the port (RFC 5761 §4).
pub(crate) fn is_report(datagram: &[u8]) -> bool {
    matches!(datagram, [0x80..=0xbf, 192..=223, ..])
}

/// Reads a compound packet. What does not hold ends it; what comes before counts. Gives whether there is anything in it
/// that is not about what is sent to the reporter: that is the media stack's.
pub(crate) fn read(mut packet: &[u8], mut on: impl FnMut(Report)) -> bool {
    let mut others = false;
    while let Some((part, rest)) = part_of(packet) {
        packet = rest;
        let report = match (part.kind, part.format) {
            (RECEIVER_REPORT | DESCRIPTION, _) => continue,
            (OF_TRANSPORT, NACK) => Nack::try_from(part.body).map(Report::Missing),
            (OF_TRANSPORT, ARRIVALS) => Twcc::try_from(part.body).map(Report::Arrivals),
            (OF_PAYLOAD, PLI) => Pli::try_from(part.body).map(Report::Spoiled),
            (OF_PAYLOAD, FIR) => Fir::try_from(part.body).map(Report::Anew),
            _ => {
                others = true;
                continue;
            }
        };
        if let Ok(report) = report {
            on(report);
        }
    }
    others
}

/// One packet of a compound one.
struct Part<'a> {
    kind: u8,
    /// Or a count.
    format: u8,
    /// After the first four bytes, without padding.
    body: &'a [u8],
}

/// The first, and what follows it (RFC 3550 §6.4.1).
fn part_of(packet: &[u8]) -> Option<(Part<'_>, &[u8])> {
    let ([first, kind, length @ ..], _) = packet.split_first_chunk::<4>()?;
    if first >> 6 != 2 {
        return None;
    }
    let words = usize::from(u16::from_be_bytes(*length));
    let (whole, rest) = packet.split_at_checked(4 * (words + 1))?;
    let padding = match whole.last() {
        Some(padding) if first & 0x20 != 0 => usize::from(*padding),
        _ => 0,
    };
    let body = whole.get(4..whole.len().checked_sub(padding)?)?;
    let (kind, format) = (*kind, first & 0x1f);
    Some((Part { kind, format, body }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with so many bytes of padding.
    fn packet(kind: u8, format: u8, body: &[u8], padding: u8) -> Vec<u8> {
        let first = 0x80 | format | if padding > 0 { 0x20 } else { 0 };
        let mut packet = vec![first, kind, 0, 0];
        packet.extend(body);
        packet.resize(packet.len() + usize::from(padding), padding);
        let words = u16::try_from(packet.len() / 4 - 1).unwrap();
        packet[2..4].copy_from_slice(&words.to_be_bytes());
        packet
    }

    /// What was read, in words, and whether there was anything else.
    fn told(packet: &[u8]) -> (Vec<String>, bool) {
        let mut told = Vec::new();
        let others = read(packet, |report| {
            told.push(match report {
                Report::Arrivals(it) => format!("{} from {}", it.status_count, it.base_seq),
                Report::Missing(it) => format!("{} again", it.reports.iter().next().unwrap().pid),
                Report::Spoiled(it) => format!("{} spoiled", *it.ssrc),
                Report::Anew(it) => format!("{} anew", *it.reports.iter().next().unwrap().ssrc),
            });
        });
        (told, others)
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn all() -> Vec<u8> {
        [
            packet(RECEIVER_REPORT, 0, &words(&[1]), 0),
            packet(OF_TRANSPORT, NACK, &words(&[1, 2, 0x0007_0000]), 0),
            packet(OF_PAYLOAD, PLI, &words(&[1, 3]), 0),
            packet(OF_PAYLOAD, FIR, &words(&[1, 0, 4, 0x0100_0000]), 0),
            // Two that came, by a run of them, with two bytes of padding.
            packet(
                OF_TRANSPORT,
                ARRIVALS,
                &[words(&[1, 2, 0x0009_0002, 0x100]), vec![0x20, 2, 4, 4, 0, 0]].concat(),
                2,
            ),
        ]
        .concat()
    }

    #[test]
    fn all_that_is_reported_is_read() {
        let (told, others) = told(&all());
        assert_eq!(told, ["7 again", "3 spoiled", "4 anew", "2 from 9"]);
        assert!(!others);
    }

    #[test]
    fn a_report_of_what_is_sent_to_us_is_for_the_media_stack() {
        const SENDER_REPORT: u8 = 200;
        const GOODBYE: u8 = 203;
        for kind in [SENDER_REPORT, GOODBYE, 204, 207] {
            let compound = [packet(kind, 0, &words(&[1, 2, 3, 4, 5, 6]), 0), all()].concat();
            let (told, others) = told(&compound);
            assert_eq!((told.len(), others), (4, true), "{kind}");
        }
        assert!(told(&packet(OF_PAYLOAD, ARRIVALS, &words(&[1, 2, 3]), 0)).1);
    }

    #[test]
    fn what_is_cut_or_lies_of_its_length_is_read_as_far_as_it_holds() {
        let whole = all();
        let mut most = 0;
        for end in 0..whole.len() {
            let (told, others) = told(&whole[..end]);
            assert!(told.len() >= most && told.len() < 4 && !others);
            most = told.len();
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                read(&changed, |_| {});
            }
        }
        assert!(told(&[0x80; 3]).0.is_empty());
        // More padding than there is.
        assert!(told(&packet(OF_PAYLOAD, PLI, &words(&[1, 3]), 4)[..]).0.len() == 1);
        let mut lies = packet(OF_PAYLOAD, PLI, &words(&[1, 3]), 4);
        *lies.last_mut().unwrap() = 255;
        assert!(told(&lies).0.is_empty());
    }

    #[test]
    fn reports_are_told_from_media() {
        assert!(is_report(&packet(RECEIVER_REPORT, 0, &words(&[1]), 0)));
        // Sound, with the marker and without; DTLS; nothing.
        for other in [&[0x80, 111, 0, 0][..], &[0x80, 239, 0, 0], &[22, 200], &[]] {
            assert!(!is_report(other));
        }
    }
}
