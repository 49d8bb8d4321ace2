//! A sample as a microphone or a camera gives it: each frame at its time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::SampleLoop;

/// A sample that is later than this is not sent any more.
const LATE_MAX: Duration = Duration::from_millis(100);

/// Sample media with its clock.
#[derive(Debug)]
pub struct Paced {
    samples: SampleLoop,
    /// Ticks in a second.
    rate: u64,
    due: Instant,
}

impl Paced {
    /// From now on. `rate`: ticks in a second.
    pub fn new(samples: SampleLoop, rate: u64) -> Self {
        Self {
            samples,
            rate,
            due: Instant::now(),
        }
    }

    /// When the next frame is to be sent.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// The frame that is due, with its time in ticks.
    #[allow(clippy::should_implement_trait, reason = "what it gives depends on the clock")]
    pub fn next(&mut self) -> Option<(u64, Arc<[u8]>)> {
        loop {
            let due = self.due;
            let (rtp_time, frame) = self.samples.next()?;
            self.due += Duration::from_micros(u64::from(frame.ticks) * 1_000_000 / self.rate);
            // After a stall: go on from now, do not burst. As with a microphone and a camera, what was not taken is lost, and
            // their clocks have run on.
            if frame.ticks == 0 || due + LATE_MAX >= Instant::now() {
                return Some((rtp_time, frame.bytes));
            }
        }
    }

    /// The next frame is the nearest key frame ahead. Time does not jump.
    pub fn jump_to_key_frame(&mut self) {
        self.samples.jump_to_key_frame();
    }
}
