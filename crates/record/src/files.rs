//! A record as files, each with the name under which a house serves it: what archives are made of, and what a house keeps of
//! another one's meeting.

use std::collections::BTreeMap;

use incamera_protocol::limits;

use crate::bundle::{Bundle, HousePart};
use crate::entry::Sha256Sum;
use crate::tile::{Tile, read_bundle};

const KEY: &str = "key";
const CHECKPOINT: &str = "checkpoint";
const CHECKPOINTS: &str = "checkpoints/";
const ENTRIES: &str = "tile/entries/";
const ATTACHMENT: &str = "attachment/";
const HOUSE_CHECKPOINT: &str = "house/checkpoint";
const HOUSE_INCLUSIONS: &str = "house/inclusions";

/// Files that make no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// A record has no file of such a name.
    #[error("{0} belongs to no record")]
    Foreign(String),
    /// Two files in the same place.
    #[error("it has {0} twice")]
    Twice(String),
    /// Not a text.
    #[error("{0} is no text")]
    NoText(String),
    /// Longer than any of its kind.
    #[error("{0} is longer than it may be")]
    TooLong(String),
    /// Not what its name says.
    #[error("{0} cannot be read")]
    Unreadable(String),
    /// What every record has.
    #[error("it has no record/{0}: it is no record, or was cut off")]
    Missing(&'static str),
    /// Some in the midst are not there, or fewer than a name says.
    #[error("some of its entries are missing")]
    EntriesMissing,
    /// More than there may be.
    #[error("it is larger than any record")]
    TooLarge,
    /// An entry that no file can hold.
    #[error("an entry is too long for an archive")]
    LongEntry,
}

/// The files of a record, by name. The same record has the same files.
pub fn named_files(bundle: &Bundle) -> Result<BTreeMap<String, Vec<u8>>, FilesError> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    files.insert(KEY.to_owned(), bundle.vkey.clone().into_bytes());
    files.insert(CHECKPOINT.to_owned(), bundle.checkpoint.clone().into_bytes());
    for (number, note) in bundle.witnessed.iter().enumerate() {
        files.insert(format!("{CHECKPOINTS}{number:06}"), note.clone().into_bytes());
    }
    for tile in Tile::of_size(bundle.entries.len() as u64) {
        let entries = tile.bundle(&bundle.entries).ok_or(FilesError::LongEntry)?;
        files.insert(format!("{ENTRIES}{}", tile.path()), entries);
    }
    for (sum, bytes) in &bundle.attachments {
        files.insert(format!("{ATTACHMENT}{sum}"), bytes.clone());
    }
    if let Some(house) = &bundle.house {
        files.insert(HOUSE_CHECKPOINT.to_owned(), house.checkpoint.clone().into_bytes());
        let unreadable = |_| FilesError::Unreadable(HOUSE_INCLUSIONS.to_owned());
        let inclusions = serde_json::to_vec(&house.inclusions).map_err(unreadable)?;
        files.insert(HOUSE_INCLUSIONS.to_owned(), inclusions);
    }
    Ok(files)
}

/// A record that is being put together from its files, in any order. Nothing of them is believed.
#[derive(Debug)]
pub struct Gathering {
    bundle: Bundle,
    entries: BTreeMap<u64, (Tile, Vec<u8>)>,
    house: HousePart,
    left: usize,
}

impl Default for Gathering {
    fn default() -> Self {
        Self {
            bundle: Bundle::default(),
            entries: BTreeMap::new(),
            house: HousePart::default(),
            left: limits::RECORD_BYTES_MAX,
        }
    }
}

impl Gathering {
    /// How many more bytes there may be.
    pub fn room(&self) -> usize {
        self.left
    }

    /// Takes a file.
    pub fn take(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        let left = self.left.checked_sub(bytes.len());
        self.left = left.ok_or(FilesError::TooLarge)?;
        let foreign = || FilesError::Foreign(name.to_owned());
        if name == KEY {
            once(&mut self.bundle.vkey, name, bytes)
        } else if name == CHECKPOINT {
            once(&mut self.bundle.checkpoint, name, bytes)
        } else if name == HOUSE_CHECKPOINT {
            once(&mut self.house.checkpoint, name, bytes)
        } else if name.starts_with(CHECKPOINTS) {
            self.bundle.witnessed.push(text(name, bytes)?);
            Ok(())
        } else if let Some(path) = name.strip_prefix(ENTRIES) {
            let tile = Tile::read(path).ok_or_else(foreign)?;
            match self.entries.insert(tile.index, (tile, bytes)) {
                None => Ok(()),
                Some(_) => Err(FilesError::Twice(name.to_owned())),
            }
        } else if let Some(sum) = name.strip_prefix(ATTACHMENT) {
            let sum: Sha256Sum = sum.parse().map_err(|_| foreign())?;
            self.bundle.attachments.insert(sum, bytes);
            Ok(())
        } else if name == HOUSE_INCLUSIONS {
            let unreadable = |_| FilesError::Unreadable(name.to_owned());
            self.house.inclusions = serde_json::from_slice(&bytes).map_err(unreadable)?;
            Ok(())
        } else {
            Err(foreign())
        }
    }

    /// The record, when all has come.
    pub fn finish(mut self) -> Result<Bundle, FilesError> {
        for (name, found) in [(KEY, &self.bundle.vkey), (CHECKPOINT, &self.bundle.checkpoint)] {
            if found.is_empty() {
                return Err(FilesError::Missing(name));
            }
        }
        for (number, (tile, bytes)) in (0..).zip(self.entries.into_values()) {
            let entries = read_bundle(&bytes).ok_or_else(|| FilesError::Unreadable("a file of entries".to_owned()))?;
            if tile.index != number || entries.len() as u64 != tile.width {
                return Err(FilesError::EntriesMissing);
            }
            self.bundle.entries.extend(entries);
        }
        self.bundle.house = (self.house != HousePart::default()).then_some(self.house);
        Ok(self.bundle)
    }
}

fn once(place: &mut String, name: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
    if !place.is_empty() {
        return Err(FilesError::Twice(name.to_owned()));
    }
    *place = text(name, bytes)?;
    Ok(())
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, FilesError> {
    if bytes.len() > limits::NOTE_BYTES_MAX {
        return Err(FilesError::TooLong(name.to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| FilesError::NoText(name.to_owned()))
}
