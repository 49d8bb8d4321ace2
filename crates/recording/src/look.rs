//! The recordings that a record names: whether they are the files that it names, and what is in them. One file after
//! another, and each as it comes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use incamera_meeting::Recorded;
use incamera_protocol::limits;
use incamera_protocol::recording::FileKind;
use incamera_record::{Found, PartReport, RecordingReport, Report};
use sha2::{Digest as _, Sha256};

use crate::check::{Check, Checked, Proofs, SenderKey};
use crate::feed::Spoiled;

/// A file as the record names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Which.
    pub kind: FileKind,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub size: u64,
}

/// The sealed file of a recording, then those that were made of it.
pub fn named(recorded: &Recorded) -> Vec<Named> {
    let (part, piece) = (recorded.part, recorded.piece);
    let sealed = Named {
        kind: FileKind::Sealed { part, piece },
        sha256: recorded.sealed.sha256.clone(),
        size: recorded.sealed.size,
    };
    let takes = recorded.takes.iter().map(|take| Named {
        kind: FileKind::Take {
            part,
            piece,
            number: take.number,
        },
        sha256: take.sha256.clone(),
        size: take.size,
    });
    std::iter::once(sealed).chain(takes).collect()
}

/// Looks at all recordings that a record names and that are not deleted: ask for the [next](Self::wanted) file, hand over
/// what comes of it, and say when it is [whole](Self::end) or why it is [not there](Self::give_up).
pub struct Look {
    report: Report,
    left: VecDeque<(usize, Named)>,
    /// Recordings with something that does not hold.
    failed: BTreeSet<usize>,
    now: Option<UnderWay>,
    /// By part.
    proofs: BTreeMap<u32, Proofs>,
}

/// The file that is being looked at.
struct UnderWay {
    /// Its recording, among those in the report.
    index: usize,
    named: Named,
    bytes: u64,
    hash: Sha256,
    /// Of a sealed file, as long as it can be read.
    check: Option<Check>,
    spoiled: Option<Spoiled>,
}

impl Look {
    /// What a record says is in the report of its verification.
    pub fn new(report: Report) -> Self {
        let mut left = VecDeque::new();
        for (index, it) in report.recordings.iter().enumerate() {
            if it.deleted_at_ms.is_none() {
                left.extend(named(&it.recorded).into_iter().map(|named| (index, named)));
            }
        }
        Self {
            report,
            left,
            failed: BTreeSet::new(),
            now: None,
            proofs: BTreeMap::new(),
        }
    }

    /// How many bytes all the files have that are left, as the record says.
    pub fn bytes_left(&self) -> u64 {
        let sizes = self.left.iter().map(|(_, named)| named.size);
        sizes.fold(0, u64::saturating_add)
    }

    /// The next file to be fetched.
    pub fn wanted(&mut self) -> Option<Named> {
        loop {
            let (index, named) = self.left.pop_front()?;
            if named.size > limits::RECORDING_BYTES_MAX {
                let file = named.kind.name();
                self.fail(index, Found::RecordingTooLarge { file });
                continue;
            }
            self.now = Some(UnderWay {
                index,
                bytes: 0,
                hash: Sha256::new(),
                check: self.check_of(&named),
                spoiled: None,
                named: named.clone(),
            });
            return Some(named);
        }
    }

    /// Takes what came next of the file. False: it is not the file, whatever else comes, and need not be fetched further.
    pub fn take(&mut self, bytes: &[u8]) -> bool {
        let Some(now) = self.now.as_mut() else { return false };
        now.bytes = now.bytes.saturating_add(bytes.len() as u64);
        if now.bytes > now.named.size {
            return false;
        }
        now.hash.update(bytes);
        if let Some(check) = now.check.as_mut() {
            let proofs = self.proofs.entry(part_of(&now.named)).or_default();
            if let Err(spoiled) = check.take(bytes, proofs) {
                now.spoiled = Some(spoiled);
                now.check = None;
            }
        }
        true
    }

    /// Nothing more comes of the file.
    pub fn end(&mut self) {
        let Some(now) = self.now.take() else { return };
        let file = now.named.kind.name();
        let sum: String = now.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let (bytes, of) = (now.bytes, now.named.size);
        if bytes < of {
            let file = file.clone();
            self.fail(now.index, Found::RecordingCut { file, bytes, of });
        } else if bytes > of || sum != now.named.sha256 {
            let file = file.clone();
            self.fail(now.index, Found::RecordingAltered { file });
        }
        if let Some(Spoiled { at }) = now.spoiled {
            self.fail(now.index, Found::RecordingUnreadable { file, at });
        } else if let Some(check) = now.check
            && let Err(found) = self.holds(now.index, file, &check.finish())
        {
            self.fail(now.index, found);
        }
    }

    /// The file is not there (none), or cannot be fetched.
    pub fn give_up(&mut self, why: Option<String>) {
        let Some(now) = self.now.take() else { return };
        let file = now.named.kind.name();
        let found = match why {
            None => Found::RecordingMissing { file },
            Some(why) => Found::RecordingUnfetched { file, why },
        };
        self.fail(now.index, found);
    }

    /// What was found of the record, and of the files that were looked at.
    pub fn so_far(&self) -> &Report {
        &self.report
    }

    /// What was found, when no file is left.
    #[must_use]
    pub fn report(mut self) -> Report {
        for (index, it) in self.report.recordings.iter_mut().enumerate() {
            it.checked = it.deleted_at_ms.is_none() && !self.failed.contains(&index);
        }
        for (part, proofs) in std::mem::take(&mut self.proofs) {
            proves(part, proofs, &mut self.report);
        }
        self.report.close()
    }

    fn check_of(&self, named: &Named) -> Option<Check> {
        let FileKind::Sealed { part, .. } = named.kind else {
            return None;
        };
        let keys = self.report.keys.iter().filter(|it| it.part == part);
        let keys = keys.map(|it| SenderKey {
            key: it.key.clone(),
            letter: it.letter,
            letter_key: it.letter_key,
        });
        Some(Check::new(self.report.meeting?, keys.collect()))
    }

    fn fail(&mut self, index: usize, found: Found) {
        self.failed.insert(index);
        let entry = self.report.recordings.get(index).map(|it| it.entry);
        self.report.problem(entry, found);
    }

    /// Whether a sealed file is what the record says of it.
    fn holds(&mut self, index: usize, file: String, checked: &Checked) -> Result<(), Found> {
        let Some(recording) = self.report.recordings.get(index) else {
            return Ok(());
        };
        let recorded = &recording.recorded;
        let (part, piece) = (recorded.part, recorded.piece);
        let same = |head: &&crate::sealed::Head| {
            Some(head.meeting) == self.report.meeting && (head.part, head.piece) == (part, piece)
        };
        let of = self.report.parts.iter_mut().find(|it| it.n == part);
        let (Some(_), Some(of)) = (checked.head.as_ref().filter(same), of) else {
            return Err(Found::RecordingOfAnother { file });
        };
        of.frames_checked += checked.opened;
        of.frames.shut += checked.shut;
        let first = of
            .frames
            .contradicted_at_ms
            .into_iter()
            .chain(checked.contradicted_at_ms);
        of.frames.contradicted_at_ms = first.min();
        let lasts = checked.length_ms.abs_diff(recorded.length_ms) <= limits::RECORDING_SLACK_MS;
        if !lasts || !goes_with(of, recording, checked.length_ms) {
            return Err(Found::RecordingOfOtherLength { file });
        }
        if checked.opened == 0 && checked.shut > 0 {
            return Err(Found::RecordingShut { file });
        }
        Ok(())
    }
}

fn part_of(named: &Named) -> u32 {
    match named.kind {
        FileKind::Sealed { part, .. } | FileKind::Take { part, .. } => part,
    }
}

/// A recording that goes to the end of its part ends where the part does.
fn goes_with(part: &PartReport, recording: &RecordingReport, length_ms: u64) -> bool {
    let Some(ended_at_ms) = part.ended_at_ms.filter(|_| recording.recorded.to_the_end) else {
        return true;
    };
    let end_ms = recording.recorded.offset_ms.saturating_add(length_ms);
    end_ms.abs_diff(ended_at_ms.saturating_sub(part.started_at_ms)) <= limits::RECORDING_SLACK_MS
}

/// The frames of a part against what their senders have signed, and where that ends against what they signed for the close.
fn proves(part: u32, proofs: Proofs, report: &mut Report) {
    let elsewhere = proofs.ends().any(|(kid, end)| {
        let mut fins = report.fins.iter();
        fins.any(|fin| fin.kid == kid.number() && fin.count != end)
    });
    if elsewhere {
        report.problem(None, Found::RecordingEndsElsewhere { part });
    }
    let tally = proofs.finish();
    let mut first_ms = 0;
    if let Some(of) = report.parts.iter_mut().find(|it| it.n == part) {
        of.frames.matched = tally.matched;
        of.frames.unmatched = tally.unmatched;
        of.frames.contradicted = tally.contradicted;
        of.frames.missing = tally.missing;
        first_ms = of.frames.contradicted_at_ms.unwrap_or_default();
    }
    let frames = tally.contradicted;
    if frames > 0 {
        let seconds = first_ms / 1_000;
        report.problem(None, Found::FramesContradicted { part, frames, seconds });
    }
    let frames = tally.unmatched.saturating_sub(tally.contradicted);
    if frames > 0 {
        report.remark(Found::FramesUnsigned { part, frames });
    }
    let frames = tally.missing;
    if frames > 0 {
        report.remark(Found::FramesMissing { part, frames });
    }
}
