//! The recordings that a record names: whether they are the files that it names, and what is in them.

use anyhow::Result;
use incamera_protocol::limits;
use incamera_protocol::public::Disclosure;
use incamera_record::{PartReport, RecordingReport, Report};
use incamera_recorder::check;

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
    for index in 0..report.recordings.len() {
        let Some(recording) = report.recordings.get(index).cloned() else {
            break;
        };
        if recording.deleted_at_ms.is_some() {
            continue;
        }
        match look_at(files, &recording, &mut report).await {
            Ok(()) => {
                if let Some(it) = report.recordings.get_mut(index) {
                    it.checked = true;
                }
            }
            Err(what) => report.problem(Some(recording.entry), what),
        }
    }
    report.close()
}

async fn look_at(files: &Files, recording: &RecordingReport, report: &mut Report) -> Result<(), String> {
    let mut all = named(&recording.recorded).into_iter();
    let sealed = all.next().ok_or("It names no files.")?;
    for take in all {
        open(files, &take).await?;
    }
    let mut file = open(files, &sealed).await?;
    let (part, piece) = (recording.recorded.part, recording.recorded.piece);
    let keys: Vec<Disclosure> = of_part(report, part);
    let name = sealed.kind.name();
    let checked = check(&mut file, &keys).map_err(|error| format!("{name} cannot be read: {error}."))?;
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

fn of_part(report: &Report, part: u32) -> Vec<Disclosure> {
    let keys = report.keys.iter().filter(|it| it.part == part);
    keys.map(|it| it.key.clone()).collect()
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
