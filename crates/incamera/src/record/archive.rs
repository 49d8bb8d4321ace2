//! A record in one file: a tar whose files are the resources of the log, as a house serves them. The same record is the
//! same file, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use anyhow::{Context as _, Result, bail, ensure};
use incamera_protocol::limits;
use incamera_record::{Bundle, HousePart, Sha256Sum, Tile, read_bundle};
use tar::{Builder, EntryType, Header};

use super::files::Section;

/// Every name begins so.
const FOLDER: &str = "record/";
const KEY: &str = "key";
const CHECKPOINT: &str = "checkpoint";
const CHECKPOINTS: &str = "checkpoints/";
const ENTRIES: &str = "tile/entries/";
const ATTACHMENT: &str = "attachment/";
const RECORDING: &str = "recording/";
const HOUSE_CHECKPOINT: &str = "house/checkpoint";
const HOUSE_INCLUSIONS: &str = "house/inclusions";

/// Writes a record.
/// Recordings come with the SHA-256 by which the record names them.
pub(crate) fn write(bundle: &Bundle, recordings: BTreeMap<String, Section>, to: impl Write) -> Result<()> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    files.insert(KEY.to_owned(), bundle.vkey.clone().into_bytes());
    files.insert(CHECKPOINT.to_owned(), bundle.checkpoint.clone().into_bytes());
    for (number, note) in bundle.witnessed.iter().enumerate() {
        files.insert(format!("{CHECKPOINTS}{number:06}"), note.clone().into_bytes());
    }
    for tile in Tile::of_size(bundle.entries.len() as u64) {
        let entries = tile
            .bundle(&bundle.entries)
            .context("an entry is too long for an archive")?;
        files.insert(format!("{ENTRIES}{}", tile.path()), entries);
    }
    for (sum, bytes) in &bundle.attachments {
        files.insert(format!("{ATTACHMENT}{sum}"), bytes.clone());
    }
    if let Some(house) = &bundle.house {
        files.insert(HOUSE_CHECKPOINT.to_owned(), house.checkpoint.clone().into_bytes());
        files.insert(HOUSE_INCLUSIONS.to_owned(), serde_json::to_vec(&house.inclusions)?);
    }
    let mut recordings: BTreeMap<String, Section> = recordings
        .into_iter()
        .map(|(sum, file)| (format!("{RECORDING}{sum}"), file))
        .collect();
    let mut archive = Builder::new(to);
    let mut append = |name: &str, size: u64, bytes: &mut dyn Read| {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(size);
        archive.append_data(&mut header, format!("{FOLDER}{name}"), bytes)
    };
    let names: BTreeSet<String> = files.keys().chain(recordings.keys()).cloned().collect();
    for name in names {
        if let Some(bytes) = files.remove(&name) {
            append(&name, bytes.len() as u64, &mut bytes.as_slice())?;
        } else if let Some(mut file) = recordings.remove(&name) {
            append(&name, file.length(), &mut file)?;
        }
    }
    archive.into_inner()?.flush()?;
    Ok(())
}

/// From which byte of an archive on a recording lies, and how many bytes it has, by its SHA-256.
pub(crate) type Places = BTreeMap<String, (u64, u64)>;

/// Reads a record. Only plain files with the names of a record, each once; nothing is written anywhere. Recordings are not
/// read: it is said where they lie.
pub(crate) fn read(from: impl Read) -> Result<(Bundle, Places)> {
    let mut places = Places::new();
    let mut bundle = Bundle::default();
    let mut bundles: BTreeMap<u64, (Tile, Vec<u8>)> = BTreeMap::new();
    let mut house = HousePart::default();
    let mut names = std::collections::BTreeSet::new();
    let mut left = limits::RECORD_BYTES_MAX as u64;
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
        left = left.checked_sub(file.size()).context("it is larger than any record")?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).context("it was cut off")?;
        ensure!(bytes.len() as u64 == file.size(), "it was cut off");
        if name == KEY {
            bundle.vkey = text(name, bytes)?;
        } else if name == CHECKPOINT {
            bundle.checkpoint = text(name, bytes)?;
        } else if name.starts_with(CHECKPOINTS) {
            bundle.witnessed.push(text(name, bytes)?);
        } else if let Some(path) = name.strip_prefix(ENTRIES) {
            let tile = Tile::read(path).with_context(|| format!("{name} is no name of entries"))?;
            ensure!(
                bundles.insert(tile.index, (tile, bytes)).is_none(),
                "it has entries twice"
            );
        } else if let Some(sum) = name.strip_prefix(ATTACHMENT) {
            let sum: Sha256Sum = sum
                .parse()
                .ok()
                .with_context(|| format!("{name} is no name of an attachment"))?;
            bundle.attachments.insert(sum, bytes);
        } else if name == HOUSE_CHECKPOINT {
            house.checkpoint = text(name, bytes)?;
        } else if name == HOUSE_INCLUSIONS {
            house.inclusions = serde_json::from_slice(&bytes).with_context(|| format!("{name} cannot be read"))?;
        } else {
            bail!("{name} belongs to no record");
        }
    }
    for name in [KEY, CHECKPOINT] {
        ensure!(
            names.contains(name),
            "it has no {FOLDER}{name}: it is no record, or was cut off"
        );
    }
    for (number, (tile, bytes)) in (0..).zip(bundles.into_values()) {
        let entries = read_bundle(&bytes).context("its entries cannot be read")?;
        ensure!(
            tile.index == number && entries.len() as u64 == tile.width,
            "some of its entries are missing"
        );
        bundle.entries.extend(entries);
    }
    bundle.house = (house != HousePart::default()).then_some(house);
    Ok((bundle, places))
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String> {
    ensure!(bytes.len() <= limits::NOTE_BYTES_MAX, "{name} is longer than it may be");
    String::from_utf8(bytes).with_context(|| format!("{name} is no text"))
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
        }
    }

    #[test]
    fn what_was_written_is_read_again_and_is_always_the_same_file() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        write(&bundle(), BTreeMap::new(), &mut one).unwrap();
        write(&bundle(), BTreeMap::new(), &mut two).unwrap();
        assert_eq!(one, two);
        assert_eq!(read(one.as_slice()).unwrap().0, bundle());
    }

    #[test]
    fn recordings_lie_in_the_file_where_it_is_said_and_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let (recording, archive) = (folder.path().join("a recording"), folder.path().join("archive.tar"));
        std::fs::write(&recording, vec![9; 70_000]).unwrap();
        let sum = Sha256Sum::of(&vec![9; 70_000]).to_string();
        let file = Section::new(std::fs::File::open(&recording).unwrap(), 0, 70_000).unwrap();
        let whole = std::fs::File::create(&archive).unwrap();
        write(&bundle(), BTreeMap::from([(sum.clone(), file)]), whole).unwrap();
        let (read, places) = read(std::fs::File::open(&archive).unwrap()).unwrap();
        assert_eq!(read, bundle());
        let (begin, length) = places[&sum];
        let bytes = std::fs::read(&archive).unwrap();
        let (begin, length) = (usize::try_from(begin).unwrap(), usize::try_from(length).unwrap());
        assert_eq!(bytes[begin..begin + length], vec![9; 70_000]);
    }

    #[test]
    fn a_file_that_is_cut_off_or_of_another_kind_is_refused_with_a_reason() {
        let mut whole = Vec::new();
        write(&bundle(), BTreeMap::new(), &mut whole).unwrap();
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
            for name in [KEY, CHECKPOINT] {
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
