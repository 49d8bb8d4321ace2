//! What a sender notes of its own frames in public, to sign it once a second.

use incamera_meeting::{Digest, FrameHash};
use incamera_protocol::{MeetingId, limits};

/// The frames of one key that were sent and are not signed for yet.
#[derive(Default)]
pub(crate) struct Digesting {
    number: u32,
    previous: [u8; 32],
    first: u64,
    frames: Vec<FrameHash>,
}

impl Digesting {
    /// A frame is about to leave.
    pub(crate) fn note(&mut self, sealed: &[u8]) {
        self.frames.push(FrameHash::of(sealed));
    }

    /// The digests that are due: of all frames so far, and of the end if this is the end.
    pub(crate) fn take(&mut self, meeting: MeetingId, kid: u64, ends: Ends) -> Vec<Digest> {
        let mut due = Vec::new();
        loop {
            let rest = self.frames.split_off(self.frames.len().min(limits::DIGEST_FRAMES_MAX));
            let frames = std::mem::replace(&mut self.frames, rest);
            let last = ends == Ends::Here && self.frames.is_empty();
            if frames.is_empty() && !last {
                return due;
            }
            let digest = Digest {
                meeting: meeting.0,
                kid,
                number: self.number,
                previous: self.previous,
                first: self.first,
                frames,
                last: u8::from(last),
            };
            self.number = self.number.saturating_add(1);
            self.previous = digest.hash();
            self.first = digest.end();
            due.push(digest);
            if last {
                return due;
            }
        }
    }
}

/// Whether anything more will be sent under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Nothing.
    Here,
    /// It goes on.
    Later,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_chain_and_count_and_the_end_is_said_once_all_is_signed() {
        let mut digesting = Digesting::default();
        let meeting = MeetingId([1; 32]);
        assert_eq!(digesting.take(meeting, 5, Ends::Later), []);
        for frame in 0..600_u32 {
            digesting.note(&frame.to_be_bytes());
        }
        let [one, two] = digesting.take(meeting, 5, Ends::Later).try_into().unwrap();
        assert_eq!((one.number, one.first, one.frames.len(), one.last), (0, 0, 512, 0));
        assert_eq!((two.number, two.first, two.frames.len(), two.last), (1, 512, 88, 0));
        assert_eq!((one.previous, two.previous), ([0; 32], one.hash()));
        let [end] = digesting.take(meeting, 5, Ends::Here).try_into().unwrap();
        assert_eq!((end.number, end.first, end.frames.len(), end.last), (2, 600, 0, 1));
        assert_eq!(end.previous, two.hash());
    }
}
