//! IVF: a file header of 32 bytes, then each frame behind a header of 12. All numbers are little-endian.

use super::{SampleError, SampleFrame};

const VIDEO_CLOCK_HZ: u64 = 90_000;

pub(super) fn frames(file: &[u8]) -> Result<Vec<SampleFrame>, SampleError> {
    read(file).ok_or(SampleError::Ivf)
}

fn read(file: &[u8]) -> Option<Vec<SampleFrame>> {
    let header = file.get(..32)?;
    if header.get(..4)? != b"DKIF" || header.get(8..12)? != b"VP80" {
        return None;
    }
    let header_length = usize::from(u16::from_le_bytes(header.get(6..8)?.try_into().ok()?));
    let rate = u64::from(u32::from_le_bytes(header.get(16..20)?.try_into().ok()?));
    let scale = u64::from(u32::from_le_bytes(header.get(20..24)?.try_into().ok()?));
    let ticks = u32::try_from((VIDEO_CLOCK_HZ * scale).checked_div(rate)?).ok()?;

    let mut rest = file.get(header_length..)?;
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let bytes = rest.get(12..)?.get(..length)?;
        // RFC 6386 §9.1: the lowest bit of a frame is 0 in key frames.
        let key = bytes.first()? & 1 == 0;
        frames.push(SampleFrame {
            bytes: bytes.into(),
            ticks,
            key,
        });
        rest = rest.get(12 + length..)?;
    }
    Some(frames)
}
