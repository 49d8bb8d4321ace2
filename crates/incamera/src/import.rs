//! `incamera import`: takes a meeting of another house into this one, as it was exported there. It can be read here, and
//! nothing else.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use incamera_protocol::MeetingId;
use incamera_protocol::recording::{FileKind, LIST, Recording, Recordings, Take};
use incamera_record::{Bundle, Known, NoteKey, RecordingReport, Report, named_files, verify};
use incamera_recorder::render;
use incamera_recording::{Named, named};
use incamera_server::{IMPORTED, RECORD, RECORDINGS, STORE};
use incamera_store::{SqliteStore, Store as _, StreamId};

use crate::record::files::Files;
use crate::record::{Source, recordings};

/// Takes a meeting that was held in another house into this one, from the archive that `export` made there. Exit code 0 if it
/// is here now, 1 if it is refused, 2 if it cannot be read or written.
#[derive(Args)]
pub(crate) struct Import {
    /// The archive.
    archive: PathBuf,

    /// Where this house keeps its meetings.
    #[arg(long, env = "INCAMERA_DATA", value_name = "DIR", default_value = "./var")]
    data: PathBuf,

    /// The key of the other house, as its `/record/key` shows it: a record that yet another house has kept is refused.
    #[arg(long, value_parser = |text: &str| NoteKey::read(text).map_err(|error| error.to_string()))]
    house_key: Option<NoteKey>,
}

/// What became of it.
enum Outcome {
    Taken(MeetingId),
    Same(MeetingId),
    Refused(String),
}

impl Import {
    /// Checks, and takes in what holds.
    pub(crate) async fn run(self) -> ExitCode {
        match self.import().await {
            Ok(Outcome::Taken(id)) => {
                println!(
                    "Imported. A house that runs on {} shows it in a moment, at /m/{id}.",
                    self.data.display()
                );
                ExitCode::SUCCESS
            }
            Ok(Outcome::Same(id)) => {
                println!("This very record is here already, at /m/{id}. Nothing was done.");
                ExitCode::SUCCESS
            }
            Ok(Outcome::Refused(why)) => {
                println!("Not imported: {why}");
                ExitCode::from(1)
            }
            Err(error) => {
                eprintln!("It could not be imported: {error:#}.");
                ExitCode::from(2)
            }
        }
    }

    async fn import(&self) -> Result<Outcome> {
        let (bundle, files) = Source::File(self.archive.clone()).bundle(None).await?;
        let known = Known {
            meeting: None,
            house: self.house_key.as_ref().map(|key| key.key),
        };
        let report = recordings::look(&files, verify(&bundle, known)).await;
        println!("{}", report.page());
        let Some(id) = report.meeting.filter(|_| report.ok) else {
            return Ok(Outcome::Refused("the record does not hold.".to_owned()));
        };
        if let Some(why) = self.refusal(&report, id)? {
            return Ok(Outcome::Refused(why));
        }
        let folder = self.data.join(IMPORTED).join(id.to_string());
        if folder.exists() {
            return is_same(&folder, &bundle, id);
        }
        let new = self.data.join(IMPORTED).join(format!(".new-{}", std::process::id()));
        let written = write(&new, &bundle, &report, id, &files).await;
        let kept = written.and_then(|()| {
            fs::rename(&new, &folder)?;
            Ok(File::open(self.data.join(IMPORTED))?.sync_all()?)
        });
        if kept.is_err() {
            let _ = fs::remove_dir_all(&new);
        }
        kept.with_context(|| format!("cannot write {}", folder.display()))?;
        Ok(Outcome::Taken(id))
    }

    /// Why a record that holds is not taken in, if it is not.
    fn refusal(&self, report: &Report, id: MeetingId) -> Result<Option<String>> {
        if report.adjourned_at_ms.is_none() {
            return Ok(Some("the meeting was not over when this archive was made.".to_owned()));
        }
        let store = self.data.join(STORE);
        if store.exists() {
            let streams = SqliteStore::open(&store)?.streams()?;
            if streams.contains(&StreamId::new(id.0)) {
                return Ok(Some("this house has held this meeting itself.".to_owned()));
            }
        }
        Ok(None)
    }
}

/// Of a meeting that is here: whether it is the same to the last byte.
fn is_same(folder: &Path, bundle: &Bundle, id: MeetingId) -> Result<Outcome> {
    for (name, bytes) in named_files(bundle)? {
        if fs::read(folder.join(RECORD).join(name)).ok() != Some(bytes) {
            let folder = folder.display();
            return Ok(Outcome::Refused(format!(
                "another record of this meeting is here already. Both hold: one may go on where the other ends. To take this \
                 one, move {folder} away first and start the house anew."
            )));
        }
    }
    Ok(Outcome::Same(id))
}

/// Into a folder that nobody looks at until it has its name.
async fn write(new: &Path, bundle: &Bundle, report: &Report, id: MeetingId, files: &Files) -> Result<()> {
    let _ = fs::remove_dir_all(new);
    for (name, bytes) in named_files(bundle)? {
        let path = new.join(RECORD).join(name);
        fs::create_dir_all(path.parent().context("a file has no folder")?)?;
        fs::write(&path, bytes)?;
        File::open(&path)?.sync_all()?;
    }
    let folder = new.join(RECORDINGS);
    let mut list = Recordings {
        meeting: id,
        recordings: Vec::new(),
    };
    for recording in report.recordings.iter().filter(|it| it.checked) {
        fs::create_dir_all(&folder)?;
        for file in named(&recording.recorded) {
            copy(&file, files, &folder).await?;
        }
        list.recordings.push(listed(recording, &folder));
    }
    if !list.recordings.is_empty() {
        fs::write(folder.join(LIST), serde_json::to_vec_pretty(&list)?)?;
        File::open(folder.join(LIST))?.sync_all()?;
    }
    Ok(())
}

async fn copy(named: &Named, files: &Files, folder: &Path) -> Result<()> {
    let name = named.kind.name();
    let mut from = files.get(named).await?.with_context(|| format!("{name} is missing"))?;
    // It may have been changed since it was checked.
    ensure!(from.is(named)?, "{name} is not the file that the record names");
    let mut to = File::create(folder.join(&name))?;
    std::io::copy(&mut from, &mut to)?;
    Ok(to.sync_all()?)
}

/// As a recorder lists it. Who is in which file the record does not say: it is what a recorder makes of the sealed frames.
fn listed(recording: &RecordingReport, folder: &Path) -> Recording {
    let recorded = &recording.recorded;
    let (part, piece) = (recorded.part, recorded.piece);
    let sealed = FileKind::Sealed { part, piece }.name();
    let made = made_again(folder, &sealed);
    let of = |file: &str| -> Option<&Take> { made.as_ref()?.takes.iter().find(|take| take.file == file) };
    let file = |kind: FileKind, bytes: u64, sha256: &str| {
        let file = kind.name();
        let made = of(&file);
        Take {
            bytes,
            sha256: sha256.to_owned(),
            name: made.map(|it| it.name.clone()).unwrap_or_default(),
            delegation: made.and_then(|it| it.delegation),
            screen: made.is_some_and(|it| it.screen),
            sound: made.map_or(0, |it| it.sound),
            pictures: made.map_or(0, |it| it.pictures),
            file,
        }
    };
    Recording {
        part,
        piece,
        offset_ms: recorded.offset_ms,
        length_ms: recorded.length_ms,
        to_the_end: recorded.to_the_end,
        shut: made.as_ref().map_or(0, |it| it.shut),
        sealed: file(
            FileKind::Sealed { part, piece },
            recorded.sealed.size,
            &recorded.sealed.sha256,
        ),
        takes: recorded
            .takes
            .iter()
            .map(|take| {
                let number = take.number;
                file(FileKind::Take { part, piece, number }, take.size, &take.sha256)
            })
            .collect(),
    }
}

/// The recording once more, in a place that is gone afterwards. Where that fails nothing is lost but names.
fn made_again(folder: &Path, sealed: &str) -> Option<Recording> {
    let place = tempfile::tempdir_in(folder).ok()?;
    fs::hard_link(folder.join(sealed), place.path().join(sealed)).ok()?;
    render(place.path(), sealed).ok()
}
