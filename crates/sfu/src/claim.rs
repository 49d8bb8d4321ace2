//! What a media packet says it is, before anybody has verified that it is true.
//!
//! The media stack takes a new SSRC for the stream that the packet's header extensions name (RFC 8843 §9.2) before SRTP
//! has verified the packet. One forged datagram would so take a stream from its sender, who names it only in the first
//! packets. Hence what names a stream whose SSRC is known is not shown to the stack under another one.

use str0m::Rtc;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::{Extension, ExtensionMap, Ssrc};

use crate::reports::is_report;

/// Length of the fixed header (RFC 3550 §5.1).
const HEADER_BYTES: usize = 12;

/// The forms of header extensions (RFC 8285 §4.2 and §4.3); the lowest four bits of the second are free.
const ONE_BYTE_FORM: u16 = 0xbede;
const TWO_BYTE_FORM: u16 = 0x1000;

/// The SSRC of an RTP packet; `None` for whatever else comes with it on the port (RFC 7983 §7, RFC 5761 §4).
pub(crate) fn ssrc_of(datagram: &[u8]) -> Option<Ssrc> {
    match datagram {
        _ if is_report(datagram) => None,
        [0x80..=0xbf, _, _, _, _, _, _, _, ssrc @ ..] => Some(u32::from_be_bytes(*ssrc.first_chunk()?).into()),
        _ => None,
    }
}

/// The numbers under which a connection's packets carry the names of their streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Names {
    mid: Option<u8>,
    rid: Option<u8>,
    repaired: Option<u8>,
}

impl Names {
    /// As they were agreed on for these lines. In a bundle a number means the same in all of them, but not every line has
    /// every name: browsers name no layers of sound (RFC 8843 §9.2).
    pub(crate) fn agreed(rtc: &Rtc, lines: impl Iterator<Item = Mid>) -> Self {
        let numbers: Vec<&ExtensionMap> = lines
            .filter_map(|line| rtc.media(line))
            .map(|media| media.remote_extmap())
            .collect();
        let number = |extension: Extension| numbers.iter().find_map(|numbers| numbers.id_of(extension.clone()));
        Names {
            mid: number(Extension::RtpMid),
            rid: number(Extension::RtpStreamId),
            repaired: number(Extension::RepairedRtpStreamId),
        }
    }
}

/// The stream that a packet names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) pt: Pt,
    pub(crate) mid: Mid,
    /// The layer of which it is.
    pub(crate) rid: Option<Rid>,
    /// The layer of which it repeats something.
    pub(crate) repaired: Option<Rid>,
}

impl Claim {
    /// `None` if it names no line: then the media stack takes it for nothing.
    pub(crate) fn of(datagram: &[u8], names: Names) -> Option<Self> {
        let csrcs = usize::from(*datagram.first()? & 0x0f);
        let extension = HEADER_BYTES + 4 * csrcs;
        let form = u16_at(datagram, extension)?;
        let words = usize::from(u16_at(datagram, extension + 2)?);
        let mut rest = datagram.get(extension + 4..)?.get(..4 * words)?;
        let (mut mid, mut rid, mut repaired) = (None, None, None);
        while let Some((number, value)) = next_element(&mut rest, form) {
            let name = || std::str::from_utf8(value).ok();
            if Some(number) == names.mid {
                mid = name().map(Mid::from);
            } else if Some(number) == names.rid {
                rid = name().map(Rid::from);
            } else if Some(number) == names.repaired {
                repaired = name().map(Rid::from);
            }
        }
        Some(Claim {
            pt: Pt::from(*datagram.get(1)? & 0x7f),
            mid: mid?,
            rid,
            repaired,
        })
    }
}

/// Takes the next element, its number and its value.
fn next_element<'a>(rest: &mut &'a [u8], form: u16) -> Option<(u8, &'a [u8])> {
    while let Some((0, after)) = rest.split_first() {
        *rest = after;
    }
    let (first, after) = rest.split_first()?;
    let (number, length, after) = match form {
        ONE_BYTE_FORM => (first >> 4, usize::from(first & 0x0f) + 1, after),
        form if form & 0xfff0 == TWO_BYTE_FORM => {
            let (length, after) = after.split_first()?;
            (*first, usize::from(*length), after)
        }
        _ => return None,
    };
    // Number 15 of the one-byte form ends it all.
    if form == ONE_BYTE_FORM && number == 15 {
        return None;
    }
    let (value, after) = after.split_at_checked(length)?;
    *rest = after;
    Some((number, value))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names = Names {
        mid: Some(4),
        rid: Some(5),
        repaired: Some(6),
    };

    fn packet(form: [u8; 2], elements: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x91, 0x80 | 96, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4];
        bytes.extend([9; 4]);
        bytes.extend(form);
        bytes.extend([0, (elements.len().div_ceil(4)) as u8]);
        bytes.extend(elements);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend([7; 20]);
        bytes
    }

    fn claim(rid: Option<&str>, repaired: Option<&str>) -> Option<Claim> {
        Some(Claim {
            pt: Pt::from(96),
            mid: Mid::from("ab"),
            rid: rid.map(Rid::from),
            repaired: repaired.map(Rid::from),
        })
    }

    #[test]
    fn both_forms_are_read_behind_sources_and_padding() {
        let one = packet([0xbe, 0xde], &[0, 0x10, 1, 0x41, b'a', b'b', 0, 0x50, b'q']);
        assert_eq!(Claim::of(&one, NAMES), claim(Some("q"), None));
        assert_eq!(ssrc_of(&one), Some(Ssrc::from(0x0102_0304)));
        let two = packet([0x10, 0x05], &[9, 0, 4, 2, b'a', b'b', 6, 1, b'h']);
        assert_eq!(Claim::of(&two, NAMES), claim(None, Some("h")));
    }

    #[test]
    fn what_names_no_line_claims_nothing() {
        assert_eq!(Claim::of(&packet([0xbe, 0xde], &[0x50, b'q']), NAMES), None);
        assert_eq!(
            Claim::of(&packet([0xbe, 0xde], &[0xf0, 0, 0x41, b'a', b'b']), NAMES),
            None
        );
        assert_eq!(Claim::of(&packet([0xca, 0xfe], &[0x41, b'a', b'b']), NAMES), None);
    }

    #[test]
    fn what_is_cut_short_claims_nothing_and_breaks_nothing() {
        let whole = packet([0xbe, 0xde], &[0x41, b'a', b'b', 0x50, b'q']);
        for length in 0..whole.len() - 20 {
            assert_eq!(Claim::of(&whole[..length], NAMES), None, "{length}");
        }
        assert_eq!(ssrc_of(&whole[..11]), None);
    }

    #[test]
    fn only_rtp_has_an_ssrc_here() {
        assert_eq!(ssrc_of(&[0x80, 200, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2]), None);
        assert_eq!(ssrc_of(&[22, 96, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2]), None);
    }
}
