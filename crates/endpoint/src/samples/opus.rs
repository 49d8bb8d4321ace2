//! Ogg Opus (RFC 7845): two packets of headers, then one Opus packet each.

use std::io::Cursor;

use ogg::PacketReader;

use super::{SampleError, SampleFrame};

pub(super) fn frames(file: &[u8]) -> Result<Vec<SampleFrame>, SampleError> {
    let mut reader = PacketReader::new(Cursor::new(file));
    let mut packet = || reader.read_packet().map_err(|_| SampleError::OggOpus);
    let head = packet()?.ok_or(SampleError::OggOpus)?;
    let tags = packet()?.ok_or(SampleError::OggOpus)?;
    if !head.data.starts_with(b"OpusHead") || !tags.data.starts_with(b"OpusTags") {
        return Err(SampleError::OggOpus);
    }
    let mut frames = Vec::new();
    while let Some(packet) = packet()? {
        let ticks = ticks(&packet.data).ok_or(SampleError::OggOpus)?;
        frames.push(SampleFrame {
            bytes: packet.data.into(),
            ticks,
            key: true,
        });
    }
    Ok(frames)
}

/// Duration of an Opus packet at 48 kHz, from its first byte (RFC 6716 §3.1) and its count of frames.
fn ticks(packet: &[u8]) -> Option<u32> {
    let toc = packet.first()?;
    let config = toc >> 3;
    let frame = match config {
        0..=11 => *[480, 960, 1920, 2880].get(usize::from(config % 4))?,
        12..=15 => *[480, 960].get(usize::from(config % 2))?,
        _ => *[120, 240, 480, 960].get(usize::from(config % 4))?,
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    Some(frame * count)
}
