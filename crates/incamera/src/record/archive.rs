//! A record in one file: a tar whose files are the resources of the log, as a house serves them. The same record is the
//! same file, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use anyhow::{Context as _, Result, ensure};
use incamera_protocol::limits;
use incamera_record::{Bundle, Gathering, Sha256Sum, named_files};
use incamera_recording::Named;
use tar::{Builder, EntryType, Header};

use super::files::Files;

/// Every name begins so.
const FOLDER: &str = "record/";
const RECORDING: &str = "recording/";

/// Writes a record, and of these recordings those that are there. Each is fetched when its turn comes and let go after it:
/// there may be thousands.
pub(crate) async fn write(bundle: &Bundle, recordings: &[Named], files: &Files, to: impl Write) -> Result<()> {
    let mut resources = named_files(bundle)?;
    let mut recordings: BTreeMap<String, &Named> = recordings
        .iter()
        .map(|named| (format!("{RECORDING}{}", named.sha256), named))
        .collect();
    let mut archive = Builder::new(to);
    let names: BTreeSet<String> = resources.keys().chain(recordings.keys()).cloned().collect();
    for name in names {
        if let Some(bytes) = resources.remove(&name) {
            append(&mut archive, &name, bytes.len() as u64, bytes.as_slice())?;
        } else if let Some(named) = recordings.remove(&name)
            && let Some(file) = files.get(named).await?
        {
            append(&mut archive, &name, file.length(), file)?;
        }
    }
    archive.into_inner()?.flush()?;
    Ok(())
}

fn append(archive: &mut Builder<impl Write>, name: &str, size: u64, bytes: impl Read) -> std::io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_size(size);
    archive.append_data(&mut header, format!("{FOLDER}{name}"), bytes)
}

/// From which byte of an archive on a recording lies, and how many bytes it has, by its SHA-256.
pub(crate) type Places = BTreeMap<String, (u64, u64)>;

/// Reads a record. Only plain files with the names of a record, each once; nothing is written anywhere. Recordings are not
/// read: it is said where they lie.
pub(crate) fn read(from: impl Read) -> Result<(Bundle, Places)> {
    let mut places = Places::new();
    let mut gathering = Gathering::default();
    let mut names = BTreeSet::new();
    for file in tar::Archive::new(from).entries().context("it is not a tar")? {
        let mut file = file.context("it is not a tar, or it was cut off")?;
        ensure!(
            file.header().entry_type() == EntryType::Regular,
            "it has something in it that is no plain file"
        );
        let path = file.path_bytes().into_owned();
        let name = String::from_utf8(path).context("it has a file in it whose name is no text")?;
        let name = name
            .strip_prefix(FOLDER)
            .with_context(|| format!("{name} belongs to no record"))?;
        ensure!(names.insert(name.to_owned()), "it has {name} twice");
        ensure!(
            names.len() <= limits::ARCHIVE_FILES_MAX,
            "it has more files than any record"
        );
        if let Some(sum) = name.strip_prefix(RECORDING) {
            ensure!(sum.parse::<Sha256Sum>().is_ok(), "{name} is no name of a recording");
            places.insert(sum.to_owned(), (file.raw_file_position(), file.size()));
            continue;
        }
        ensure!(file.size() <= gathering.room() as u64, "it is larger than any record");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).context("it was cut off")?;
        ensure!(bytes.len() as u64 == file.size(), "it was cut off");
        gathering.take(name, bytes)?;
    }
    Ok((gathering.finish()?, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> Bundle {
        let long = vec![7; 40_000];
        Bundle {
            vkey: "a key".to_owned(),
            checkpoint: "a head".to_owned(),
            witnessed: vec!["one".to_owned(), "two".to_owned()],
            entries: (0..600).map(|number| format!("entry {number}").into_bytes()).collect(),
            attachments: BTreeMap::from([(Sha256Sum::of(&long), long)]),
            house: None,
            elsewhere: false,
        }
    }

    async fn written(recordings: &[Named], files: &Files) -> Vec<u8> {
        let mut whole = Vec::new();
        write(&bundle(), recordings, files, &mut whole).await.unwrap();
        whole
    }

    #[tokio::test]
    async fn what_was_written_is_read_again_and_is_always_the_same_file() {
        let (one, two) = (
            written(&[], &Files::LeftAlone).await,
            written(&[], &Files::LeftAlone).await,
        );
        assert_eq!(one, two);
        assert_eq!(read(one.as_slice()).unwrap().0, bundle());
    }

    #[tokio::test]
    async fn recordings_lie_in_the_file_where_it_is_said_and_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let (recording, archive) = (folder.path().join("a recording"), folder.path().join("archive.tar"));
        std::fs::write(&recording, vec![9; 70_000]).unwrap();
        let sum = Sha256Sum::of(&vec![9; 70_000]).to_string();
        let named = Named {
            kind: incamera_protocol::recording::FileKind::Sealed { part: 2, piece: 1 },
            sha256: sum.clone(),
            size: 70_000,
        };
        let files = Files::Archive {
            path: recording,
            places: BTreeMap::from([(sum.clone(), (0, 70_000))]),
        };
        std::fs::write(&archive, written(&[named], &files).await).unwrap();
        let (read, places) = read(std::fs::File::open(&archive).unwrap()).unwrap();
        assert_eq!(read, bundle());
        let (begin, length) = places[&sum];
        let bytes = std::fs::read(&archive).unwrap();
        let (begin, length) = (usize::try_from(begin).unwrap(), usize::try_from(length).unwrap());
        assert_eq!(bytes[begin..begin + length], vec![9; 70_000]);
    }

    #[tokio::test]
    async fn a_file_that_is_cut_off_or_of_another_kind_is_refused_with_a_reason() {
        let whole = written(&[], &Files::LeftAlone).await;
        for length in [0, 100, 700, whole.len() / 2] {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
        assert!(read(b"{\"json\": true}".as_slice()).is_err());
    }

    #[test]
    fn nothing_but_the_files_of_a_record_is_taken() {
        let with = |name: &str, kind: EntryType| {
            let mut archive = Builder::new(Vec::new());
            let mut header = Header::new_ustar();
            header.set_entry_type(kind);
            header.set_size(1);
            header.set_mode(0o644);
            // As bytes: the library refuses to write some of them.
            let field = &mut header.as_old_mut().name;
            field[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            archive.append(&header, b"x".as_slice()).unwrap();
            for name in ["key", "checkpoint"] {
                let mut header = Header::new_ustar();
                header.set_size(1);
                archive
                    .append_data(&mut header, format!("{FOLDER}{name}"), b"x".as_slice())
                    .unwrap();
            }
            read(archive.into_inner().unwrap().as_slice()).map_err(|error| error.to_string())
        };
        assert!(with("record/checkpoints/1", EntryType::Regular).is_ok());
        assert!(with("record/key", EntryType::Regular).unwrap_err().contains("twice"));
        for name in [
            "/etc/passwd",
            "record/../key",
            "../record/key",
            "record/other",
            "record/attachment/../../x",
            "record/tile/entries/1",
        ] {
            assert!(with(name, EntryType::Regular).is_err(), "{name}");
        }
        assert!(with("record/checkpoints/1", EntryType::Symlink).is_err());
        assert!(with("record/checkpoints/1", EntryType::Directory).is_err());
    }
}
