//! `incamera verify` and `incamera export`: whether the record of a meeting holds, offline after one download.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use incamera_record::{Bundle, Entry, Happening, Known, NoteKey, Report, verify};
use incamera_recording::{Named, named};

use crate::record::files::Files;
use crate::record::{Address, Source, archive, recordings};

/// Checks the record of a meeting: every signature, every rule, every countersignature. Exit code 0 if it holds, 1 if
/// not, 2 if it cannot be read.
#[derive(Args)]
pub(crate) struct Verify {
    /// The address of a meeting's page, or an archive.
    source: Source,

    /// The last line is one JSON object.
    #[arg(long)]
    json: bool,

    /// The key of the house, as `/record/key` shows it: a record that another house has kept does not hold.
    #[arg(long, value_parser = |text: &str| NoteKey::read(text).map_err(|error| error.to_string()))]
    house_key: Option<NoteKey>,

    /// A checkpoint that somebody has seen elsewhere: the record must have the same history.
    #[arg(long, value_name = "FILE")]
    seen: Vec<PathBuf>,

    /// Leave the recordings alone: they are large, and every frame of them is looked at.
    #[arg(long)]
    no_recordings: bool,

    /// Certificates to trust beside those of the system.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Fetches the record of a meeting into one file, and checks it.
#[derive(Args)]
pub(crate) struct Export {
    /// The address of a meeting's page.
    address: Address,

    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Leave the recordings out: they are large.
    #[arg(long)]
    no_recordings: bool,

    /// Certificates to trust beside those of the system.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Verify {
    /// Checks, and says what was found.
    pub(crate) async fn run(self) -> ExitCode {
        let report = match self.report().await {
            Ok(report) => report,
            Err(error) => {
                eprintln!("Nothing could be checked: {error:#}.");
                return ExitCode::from(2);
            }
        };
        println!("{}", report.page());
        if self.json {
            match serde_json::to_string(&report) {
                Ok(line) => println!("{line}"),
                Err(error) => {
                    eprintln!("The findings cannot be written: {error}.");
                    return ExitCode::from(2);
                }
            }
        }
        ExitCode::from(u8::from(!report.ok))
    }

    async fn report(&self) -> Result<Report> {
        let (mut bundle, mut files) = self.source.bundle(self.ca.as_deref()).await?;
        if self.no_recordings {
            files = Files::LeftAlone;
        }
        for path in &self.seen {
            let seen = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            bundle.witnessed.push(seen);
        }
        let known = Known {
            meeting: self.source.meeting(),
            house: self.house_key.as_ref().map(|key| key.key),
        };
        Ok(recordings::look(&files, verify(&bundle, known)).await)
    }
}

impl Export {
    /// Fetches, writes, and checks what was written.
    pub(crate) async fn run(self) -> ExitCode {
        match self.export().await {
            Ok(report) => {
                println!("{}", report.page());
                println!("Written to {}.", self.out.display());
                ExitCode::from(u8::from(!report.ok))
            }
            Err(error) => {
                eprintln!("The record could not be exported: {error:#}.");
                ExitCode::from(2)
            }
        }
    }

    async fn export(&self) -> Result<Report> {
        let ca = self.ca.as_deref();
        let files = if self.no_recordings {
            Files::LeftAlone
        } else {
            Files::at(&self.address, ca)?
        };
        save(&self.address, &self.out, ca, &files).await
    }
}

/// Fetches a record, writes it into a file, reads the file again and checks what is in it.
pub(crate) async fn save(address: &Address, out: &Path, ca: Option<&Path>, files: &Files) -> Result<Report> {
    let bundle = crate::record::fetch::fetch(address, ca).await?;
    write(&bundle, files, out)
        .await
        .with_context(|| format!("cannot write {}", out.display()))?;
    let (written, places) = Source::File(out.to_owned()).bundle(None).await?;
    let known = Known {
        meeting: Some(address.meeting),
        house: None,
    };
    Ok(recordings::look(&places, verify(&written, known)).await)
}

/// What is missing of the recordings is found by whoever verifies.
async fn write(bundle: &Bundle, files: &Files, out: &Path) -> Result<()> {
    let file = std::fs::File::create(out)?;
    archive::write(bundle, &recorded(bundle), files, std::io::BufWriter::new(&file)).await?;
    file.sync_all()?;
    Ok(())
}

/// The files of all recordings that the record names.
fn recorded(bundle: &Bundle) -> Vec<Named> {
    let entries = bundle.entries.iter().filter_map(|entry| Entry::decode(entry).ok());
    let recordings = entries.filter_map(|entry| match entry.happening {
        Happening::Recorded { recording } => Some(named(&recording)),
        _ => None,
    });
    recordings.flatten().collect()
}
