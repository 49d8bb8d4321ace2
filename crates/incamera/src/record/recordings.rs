//! The recordings that a record names: whether they are the files that it names, and what is in them.

use std::collections::BTreeMap;

use anyhow::Result;
use incamera_protocol::limits;
use incamera_record::{PartReport, RecordingReport, Report};
use incamera_recorder::{Proofs, SenderKey, check};

use super::files::{Files, Named, named};

/// Checks every recording that the record names, and adds what is found.
pub(crate) async fn look(files: &Files, mut report: Report) -> Report {
    if matches!(files, Files::LeftAlone) && !report.recordings.is_empty() {
        report.remark("The recordings were not looked at.");
        return report;
    }
    if files.is_empty() && report.recordings.iter().any(|it| it.deleted_at_ms.is_none()) {
        report.remark("This archive was made without the recordings that the record names.");
        return report;
    }
    if matches!(files, Files::House { .. }) && report.adjourned_at_ms.is_none() && !report.recordings.is_empty() {
        report.remark("The recordings are offered once the meeting is adjourned, and were not looked at.");
        return report;
    }
    let mut proofs: BTreeMap<u32, Proofs> = BTreeMap::new();
    for index in 0..report.recordings.len() {
        let Some(recording) = report.recordings.get(index).cloned() else {
            break;
        };
        if recording.deleted_at_ms.is_some() {
            continue;
        }
        match look_at(
            files,
            &recording,
            proofs.entry(recording.recorded.part).or_default(),
            &mut report,
        )
        .await
        {
            Ok(()) => {
                if let Some(it) = report.recordings.get_mut(index) {
                    it.checked = true;
                }
            }
            Err(what) => report.problem(Some(recording.entry), what),
        }
    }
    for (part, proofs) in proofs {
        proves(part, proofs, &mut report);
    }
    report.close()
}

async fn look_at(
    files: &Files,
    recording: &RecordingReport,
    proofs: &mut Proofs,
    report: &mut Report,
) -> Result<(), String> {
    let mut all = named(&recording.recorded).into_iter();
    let sealed = all.next().ok_or("It names no files.")?;
    for take in all {
        open(files, &take).await?;
    }
    let mut file = open(files, &sealed).await?;
    let (part, piece) = (recording.recorded.part, recording.recorded.piece);
    let keys = senders_in(report, part);
    let name = sealed.kind.name();
    let checked = check(&mut file, &keys, proofs).map_err(|error| format!("{name} cannot be read: {error}."))?;
    let head = &checked.head;
    if Some(head.meeting) != report.meeting || (head.part, head.piece) != (part, piece) {
        return Err(format!("{name} is of another part or meeting than the record says."));
    }
    let lasts = |ms: u64, other: u64| ms.abs_diff(other) <= limits::RECORDING_SLACK_MS;
    if !lasts(checked.length_ms, recording.recorded.length_ms) {
        return Err(format!("{name} is of another length than the record says."));
    }
    let Some(of) = report.parts.iter_mut().find(|it| it.n == part) else {
        return Err(format!("{name} is of a part that there is not."));
    };
    if let Some(what) = goes_with(of, recording, checked.length_ms) {
        return Err(format!("{name} {what}."));
    }
    of.frames_checked += checked.opened;
    of.frames.shut += checked.shut;
    if checked.opened == 0 && checked.shut > 0 {
        return Err(format!(
            "No frame of {name} can be opened with the keys that were disclosed."
        ));
    }
    Ok(())
}

/// A recording that goes to the end of its part ends where the part does.
fn goes_with(part: &PartReport, recording: &RecordingReport, length_ms: u64) -> Option<&'static str> {
    let lasted_ms = part.ended_at_ms?.saturating_sub(part.started_at_ms);
    let end_ms = recording.recorded.offset_ms.saturating_add(length_ms);
    let off = end_ms.abs_diff(lasted_ms) > limits::RECORDING_SLACK_MS;
    (recording.recorded.to_the_end && off).then_some("is longer or shorter than its part")
}

fn senders_in(report: &Report, part: u32) -> Vec<SenderKey> {
    let keys = report.keys.iter().filter(|it| it.part == part);
    keys.map(|it| SenderKey {
        key: it.key.clone(),
        letter: it.letter,
        letter_key: it.letter_key,
    })
    .collect()
}

/// The frames of a part against what their senders have signed, and where that ends against what they signed for the close.
fn proves(part: u32, proofs: Proofs, report: &mut Report) {
    let elsewhere = proofs.ends().any(|(kid, end)| {
        let mut fins = report.fins.iter();
        fins.any(|fin| fin.kid == kid.number() && fin.count != end)
    });
    if elsewhere {
        let what = "somebody's frames end elsewhere than they have signed for the close";
        report.problem(None, format!("In the recording of part {part} {what}."));
    }
    let tally = proofs.finish();
    if let Some(of) = report.parts.iter_mut().find(|it| it.n == part) {
        of.frames.matched = tally.matched;
        of.frames.unmatched = tally.unmatched;
        of.frames.contradicted = tally.contradicted;
        of.frames.missing = tally.missing;
    }
    let many = tally.contradicted;
    if many > 0 {
        let what = "are not those that their senders have signed";
        report.problem(None, format!("{many} frames in the recording of part {part} {what}."));
    }
    let many = tally.unmatched.saturating_sub(tally.contradicted);
    if many > 0 {
        let what = "are signed by nobody";
        report.remark(format!("{many} frames in the recording of part {part} {what}."));
    }
    let many = tally.missing;
    if many > 0 {
        let what = "frames of sound that were sent are missing in the recording of part";
        report.remark(format!("{many} {what} {part}."));
    }
}

/// A file that is the one in the record.
async fn open(files: &Files, named: &Named) -> Result<super::files::Section, String> {
    let name = named.kind.name();
    if named.size > limits::RECORDING_BYTES_MAX {
        return Err(format!("{name} is larger than any recording."));
    }
    let found = files.get(named).await.map_err(|error| format!("{name}: {error:#}."))?;
    let mut file =
        found.ok_or_else(|| format!("{name} is missing, and the record does not say that it was deleted."))?;
    match file.is(named) {
        Ok(true) => Ok(file),
        Ok(false) => Err(format!("{name} is not the file that the record names.")),
        Err(error) => Err(format!("{name} cannot be read: {error}.")),
    }
}
