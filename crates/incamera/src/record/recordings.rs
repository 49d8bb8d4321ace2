//! The recordings that a record names, fetched or taken from an archive, and looked at.

use std::io::Read as _;

use incamera_record::{Found, Report};
use incamera_recording::{Look, Named};

use super::files::Files;

/// Checks every recording that the record names, and adds what is found.
pub(crate) async fn look(files: &Files, mut report: Report) -> Report {
    if let Some(found) = unseen(files, &report) {
        report.remark(found);
        return report;
    }
    let mut look = Look::new(report);
    while let Some(named) = look.wanted() {
        match hand_over(files, &named, &mut look).await {
            Ok(true) => look.end(),
            Ok(false) => look.give_up(None),
            Err(error) => look.give_up(Some(format!("{error:#}"))),
        }
    }
    look.report()
}

/// Why nobody looks at them, if nobody does.
fn unseen(files: &Files, report: &Report) -> Option<Found> {
    if report.recordings.iter().all(|it| it.deleted_at_ms.is_some()) {
        return None;
    }
    if matches!(files, Files::LeftAlone) {
        Some(Found::RecordingsUnseen)
    } else if files.is_empty() {
        Some(Found::RecordingsLeftOut)
    } else if matches!(files, Files::House { .. }) && report.adjourned_at_ms.is_none() {
        Some(Found::RecordingsNotOffered)
    } else {
        None
    }
}

/// False if it is not there.
async fn hand_over(files: &Files, named: &Named, look: &mut Look) -> anyhow::Result<bool> {
    let Some(mut file) = files.get(named).await? else {
        return Ok(false);
    };
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(some) if !some.is_empty() && look.take(some) => {}
            _ => return Ok(true),
        }
    }
}
