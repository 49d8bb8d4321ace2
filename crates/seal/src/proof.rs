//! Whether what was shown is what was sent: frames as they came, against the digests that their senders signed.
//!
//! The key of an open part is disclosed, so whoever has it can make a frame that opens. No such frame stands in a digest.
//! Digests come about a second after their frames, so frames wait here, and what was signed waits for its frame.

use std::collections::BTreeMap;

use incamera_meeting::{FrameHash, LetterId, SignedDigest};
use incamera_protocol::{Kid, MediaKind, limits};

/// What became of frames so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Came, and are as their sender has signed them.
    pub matched: u64,
    /// Came, and were signed by nobody, or otherwise.
    pub unmatched: u64,
    /// Of those, how many contradict what was signed: altered, put in, or beyond the end.
    pub contradicted: u64,
    /// Sound that was signed, between the first and the last that came, and that did not come. (Of a camera's layers a viewer
    /// is sent one: there it says nothing.)
    pub missing: u64,
}

/// What is to be said of the frames of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is known yet.
    Unknown,
    /// What came lately is what was sent.
    Verified,
    /// Something came that was not sent, was not signed in time, or did not come.
    Gap,
}

/// Frames of one key, and what its holder has signed.
#[derive(Debug, Default)]
pub struct Proof {
    signer: Option<LetterId>,
    /// Came, and were not signed yet.
    waiting: BTreeMap<u64, Waiting>,
    /// Were signed.
    signed: BTreeMap<u64, Signed>,
    /// All below was let go of: what comes so late is held against nothing.
    let_go: u64,
    /// The number and hash of the last digest.
    last: Option<(u32, [u8; 32])>,
    end: Option<u64>,
    /// The least and the greatest counter that came.
    came: Option<(u64, u64)>,
    tally: Tally,
    /// The tally and the time of the last look at which it had grown well, and badly.
    well_ms: Option<u64>,
    badly_ms: Option<u64>,
    looked: Tally,
    /// Matched and missing when each of the last looks was taken.
    looks: Vec<(u64, u64, u64)>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// One, unless somebody has made frames of the same counter.
    hashes: Vec<FrameHash>,
    since_ms: Option<u64>,
}

#[derive(Debug)]
struct Signed {
    hash: FrameHash,
    taken: bool,
    missed: bool,
    since_ms: Option<u64>,
}

/// Frames of one counter that are kept until it is known which of them was sent.
const RIVALS_MAX: usize = 4;
/// Sound that may be missing in a while before it is a gap: one in so many frames. Lines lose as much.
const LOSS_OF: u64 = 20;
/// … and so many frames at least: a fifth of a second.
const LOSS_MIN: u64 = 10;

impl Proof {
    /// A frame came.
    pub fn frame(&mut self, kid: Kid, counter: u64, hash: FrameHash) {
        let (least, greatest) = self.came.unwrap_or((counter, counter));
        self.came = Some((least.min(counter), greatest.max(counter)));
        if let Some(signed) = self.signed.get_mut(&counter) {
            if signed.hash != hash {
                self.contradict();
            } else if !signed.taken {
                signed.taken = true;
                self.tally.matched += 1;
                if std::mem::take(&mut signed.missed) {
                    self.tally.missing = self.tally.missing.saturating_sub(1);
                }
            }
            return;
        }
        if self.end.is_some_and(|end| counter >= end) {
            return self.contradict();
        }
        if counter < self.let_go {
            self.tally.unmatched += 1;
            return;
        }
        let waiting = self.waiting.entry(counter).or_default();
        // Several frames of one counter: all but one of them were never sent, and the digest says which was.
        if !waiting.hashes.contains(&hash) {
            if waiting.hashes.len() < RIVALS_MAX {
                waiting.hashes.push(hash);
            } else {
                self.contradict();
            }
        }
        while self.waiting.len() > limits::UNPROVEN_MAX {
            let oldest = self.waiting.pop_first();
            self.tally.unmatched += oldest.map_or(0, |(_, waiting)| waiting.hashes.len() as u64);
        }
        self.shed(kid);
    }

    /// A digest came whose signature holds. One by somebody else than whoever signed the first is passed over.
    pub fn digest(&mut self, kid: Kid, signed: &SignedDigest) {
        let digest = &signed.digest;
        if *self.signer.get_or_insert(signed.signer) != signed.signer {
            return;
        }
        if let Some((number, hash)) = self.last {
            if digest.number <= number {
                return;
            }
            // The next one must name this one. What is between may have come to others only.
            let next = digest.number == number.saturating_add(1);
            if next && digest.previous != hash {
                self.contradict();
            }
        }
        self.last = Some((digest.number, digest.hash()));
        for (counter, hash) in (digest.first..).zip(&digest.frames) {
            let came = self.waiting.remove(&counter).unwrap_or_default().hashes;
            let taken = came.contains(hash);
            for came in came {
                if came == *hash {
                    self.tally.matched += 1;
                } else {
                    self.contradict();
                }
            }
            self.signed.entry(counter).or_insert(Signed {
                hash: *hash,
                taken,
                missed: false,
                since_ms: None,
            });
        }
        if digest.last == 1 {
            let end = digest.end();
            self.end = Some(end);
            for waiting in self.waiting.split_off(&end).into_values() {
                waiting.hashes.iter().for_each(|_| self.contradict());
            }
        }
        self.shed(kid);
    }

    fn contradict(&mut self) {
        self.tally.unmatched += 1;
        self.tally.contradicted += 1;
    }

    /// Lets go of what was signed longest ago.
    fn shed(&mut self, kid: Kid) {
        while self.signed.len() > limits::UNPROVEN_MAX {
            let Some((counter, signed)) = self.signed.pop_first() else {
                return;
            };
            self.let_go = self.let_go.max(counter.saturating_add(1));
            self.miss(kid, counter, &signed);
        }
    }

    fn miss(&mut self, kid: Kid, counter: u64, signed: &Signed) {
        let within = self
            .came
            .is_some_and(|(least, greatest)| (least..greatest).contains(&counter));
        if within && !signed.taken && !signed.missed && is_sound(kid) {
            self.tally.missing += 1;
        }
    }

    /// What became of frames so far; those that wait are none of it yet.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The end of everything: what waits now is not signed, and what was signed does not come.
    pub fn finish(mut self, kid: Kid) -> Tally {
        let waiting = self.waiting.values().map(|waiting| waiting.hashes.len() as u64);
        self.tally.unmatched += waiting.sum::<u64>();
        for (counter, signed) in std::mem::take(&mut self.signed) {
            self.miss(kid, counter, &signed);
        }
        self.tally
    }

    /// The counter after the last frame, once its sender has signed that it is the last.
    pub fn end(&self) -> Option<u64> {
        self.end
    }

    /// Whose signature it bears.
    pub fn signer(&self) -> Option<LetterId> {
        self.signer
    }

    /// What is to be said now. To be called a few times a second.
    pub fn look(&mut self, kid: Kid, now_ms: u64) -> Verdict {
        let mut late = 0;
        self.waiting.retain(|_, waiting| {
            let since = *waiting.since_ms.get_or_insert(now_ms);
            let stays = now_ms.saturating_sub(since) <= limits::PROOF_WAIT_MS;
            if !stays {
                late += waiting.hashes.len() as u64;
            }
            stays
        });
        self.tally.unmatched += late;
        let came = self.came;
        for (counter, signed) in &mut self.signed {
            let since = *signed.since_ms.get_or_insert(now_ms);
            let within = came.is_some_and(|(least, greatest)| (least..greatest).contains(counter));
            let overdue = now_ms.saturating_sub(since) > limits::PROOF_WAIT_MS;
            if within && overdue && !signed.taken && !signed.missed && is_sound(kid) {
                signed.missed = true;
                self.tally.missing += 1;
            }
        }
        if self.tally.matched > self.looked.matched {
            self.well_ms = Some(now_ms);
        }
        if self.tally.unmatched > self.looked.unmatched || self.loses(now_ms) {
            self.badly_ms = Some(now_ms);
        }
        self.looked = self.tally;
        let lately = |at: Option<u64>| at.is_some_and(|at| now_ms.saturating_sub(at) <= limits::VERDICT_MS);
        match (lately(self.badly_ms), lately(self.well_ms)) {
            (true, _) => Verdict::Gap,
            (false, true) => Verdict::Verified,
            // It was signed, and nothing of it comes any more.
            (false, false) if self.well_ms.is_some() && self.end.is_none() && self.is_signed_lately(now_ms) => {
                Verdict::Gap
            }
            (false, false) => Verdict::Unknown,
        }
    }

    fn is_signed_lately(&self, now_ms: u64) -> bool {
        let last = self.signed.last_key_value();
        last.is_some_and(|(_, signed)| {
            signed
                .since_ms
                .is_some_and(|at| now_ms.saturating_sub(at) <= limits::VERDICT_MS)
        })
    }

    /// More sound is missing than a line loses, over the time for which a verdict stands.
    fn loses(&mut self, now_ms: u64) -> bool {
        let Tally { matched, missing, .. } = self.tally;
        self.looks.push((now_ms, matched, missing));
        self.looks
            .retain(|(at, ..)| now_ms.saturating_sub(*at) <= limits::VERDICT_MS);
        let Some((_, matched_then, missing_then)) = self.looks.first() else {
            return false;
        };
        let lost = missing.saturating_sub(*missing_then);
        let all = matched.saturating_sub(*matched_then).saturating_add(lost);
        lost >= LOSS_MIN && lost > all / LOSS_OF
    }
}

fn is_sound(kid: Kid) -> bool {
    kid.parts().stream.kind() == MediaKind::Audio
}

impl Tally {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            matched: self.matched + other.matched,
            unmatched: self.unmatched + other.unmatched,
            contradicted: self.contradicted + other.contradicted,
            missing: self.missing + other.missing,
        }
    }
}
