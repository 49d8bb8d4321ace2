//! What happened in a run, line by line. Two runs of one seed have the same.

use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};

/// Lines that are kept of a run that nobody wants to see whole: enough to see what led to a violation.
const LAST_LINES: usize = 60;

pub(crate) struct Trace {
    hash: Sha256,
    lines: VecDeque<String>,
    keeps: usize,
}

impl Trace {
    pub(crate) fn whole() -> Self {
        Self::keeping(usize::MAX)
    }

    pub(crate) fn last_lines() -> Self {
        Self::keeping(LAST_LINES)
    }

    fn keeping(keeps: usize) -> Self {
        Self {
            hash: Sha256::new(),
            lines: VecDeque::new(),
            keeps,
        }
    }

    pub(crate) fn line(&mut self, line: String) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.lines.push_back(line);
        if self.lines.len() > self.keeps {
            self.lines.pop_front();
        }
    }

    pub(crate) fn finish(self) -> (String, Vec<String>) {
        let hash = self.hash.finalize();
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        (hash, self.lines.into())
    }
}

/// A short name of some bytes, for the trace (FNV-1a).
pub(crate) fn name_of(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:06x}", hash & 0xff_ffff)
}
