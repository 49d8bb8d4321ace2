//! Real media to send: four seconds of VP8 and of Opus that loop. How they were made stands in `assets/README.md`.

mod ivf;
mod opus;
mod paced;

use std::sync::Arc;

use thiserror::Error;

pub use paced::Paced;

/// The sample picture, IVF.
const MOVING: &[u8] = include_bytes!("../assets/moving.ivf");

/// The sample sound, Ogg Opus.
const TONE: &[u8] = include_bytes!("../assets/tone.ogg");

/// 400 ms of sound.
const PAUSE_TICKS: u32 = 19_200;

/// Why a sample file cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SampleError {
    /// The file is not IVF with VP8 in it, or is cut off.
    #[error("not a whole IVF file with VP8")]
    Ivf,
    /// The file is not Ogg Opus, or is cut off.
    #[error("not a whole Ogg Opus file")]
    OggOpus,
}

/// One frame of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFrame {
    /// The encoded frame.
    pub bytes: Arc<[u8]>,
    /// How long it lasts, in ticks of its clock: 48 kHz for sound, 90 kHz for pictures.
    pub ticks: u32,
    /// A picture that needs no earlier one. Every frame of sound is one.
    pub key: bool,
}

/// A sample that never ends: its time runs on when its frames start again.
#[derive(Debug, Clone)]
pub struct SampleLoop {
    frames: Arc<[SampleFrame]>,
    next: usize,
    rtp_time: u64,
}

impl SampleLoop {
    /// The sample picture.
    pub fn moving() -> Result<Self, SampleError> {
        Self::from_ivf(MOVING)
    }

    /// The sample sound.
    pub fn tone() -> Result<Self, SampleError> {
        Self::from_ogg_opus(TONE)
    }

    /// VP8 pictures of an IVF file.
    pub fn from_ivf(file: &[u8]) -> Result<Self, SampleError> {
        Self::new(ivf::frames(file)?, SampleError::Ivf)
    }

    /// Sound of an Ogg Opus file.
    pub fn from_ogg_opus(file: &[u8]) -> Result<Self, SampleError> {
        Self::new(opus::frames(file)?, SampleError::OggOpus)
    }

    fn new(frames: Vec<SampleFrame>, empty: SampleError) -> Result<Self, SampleError> {
        if frames.is_empty() {
            return Err(empty);
        }
        Ok(SampleLoop {
            frames: frames.into(),
            next: 0,
            rtp_time: 0,
        })
    }

    /// The frames of one round.
    pub fn frames(&self) -> &[SampleFrame] {
        &self.frames
    }

    /// The same frames, each lasting this many times as long: fewer packets a second, as of somebody who is mostly
    /// silent.
    #[must_use]
    pub fn stretched(mut self, times: u32) -> Self {
        let stretch = |frame: &SampleFrame| SampleFrame {
            ticks: frame.ticks.saturating_mul(times),
            ..frame.clone()
        };
        self.frames = self.frames.iter().map(stretch).collect();
        self
    }

    /// The same without most of what is at most so many bytes long, as a browser leaves silence out: one in 400 ms is sent
    /// (discontinuous transmission, RFC 6716 §2.1.9). For sound.
    #[must_use]
    pub fn with_pauses(mut self, bytes_max: usize) -> Self {
        let mut kept: Vec<SampleFrame> = Vec::new();
        for frame in self.frames.iter() {
            match kept.last_mut() {
                Some(last) if frame.bytes.len() <= bytes_max && last.ticks < PAUSE_TICKS => last.ticks += frame.ticks,
                _ => kept.push(frame.clone()),
            }
        }
        self.frames = kept.into();
        self
    }

    /// The same with a clock that begins elsewhere, as real ones do.
    #[must_use]
    pub fn from_time(mut self, rtp_time: u64) -> Self {
        self.rtp_time = rtp_time;
        self
    }

    /// The next frame is the nearest key frame ahead. Time does not jump.
    pub fn jump_to_key_frame(&mut self) {
        let ahead = (0..self.frames.len()).map(|step| (self.next + step) % self.frames.len());
        let key = ahead
            .into_iter()
            .find(|at| self.frames.get(*at).is_some_and(|frame| frame.key));
        self.next = key.unwrap_or(0);
    }
}

impl Iterator for SampleLoop {
    /// The frame and its time in ticks.
    type Item = (u64, SampleFrame);

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.frames.get(self.next)?.clone();
        let rtp_time = self.rtp_time;
        self.next = (self.next + 1) % self.frames.len();
        self.rtp_time += u64::from(frame.ticks);
        Some((rtp_time, frame))
    }
}

#[cfg(test)]
mod tests;
