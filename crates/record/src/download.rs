//! What is to be fetched from a house to have the record of a meeting whole, and where it belongs. No network: whoever
//! uses it fetches, several at a time if it likes, and hands over what came.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use incamera_protocol::{MeetingId, limits};

use crate::bundle::{Bundle, HousePart};
use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, Sha256Sum};
use crate::house::Inclusion;
use crate::note::{Note, NoteKey};
use crate::tile::{Tile, read_bundle};

/// Something to fetch: a path below the address of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// To be given back with what came.
    pub ticket: u64,
    /// The path, with its slash in front.
    pub path: String,
    /// More bytes than these are no answer to it.
    pub bytes_max: usize,
}

/// An answer that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// Not a text.
    #[error("it is no text")]
    NoText,
    /// A head that cannot be read.
    #[error("it is not a checkpoint")]
    NoCheckpoint,
    /// A list that cannot be read.
    #[error("it is not a list of checkpoints")]
    NoList,
    /// What the log of another house says cannot be read.
    #[error("it is not what the log of a house says of a meeting")]
    NoInclusions,
    /// A bundle with other entries than its path says.
    #[error("it does not hold the entries that it should")]
    NoBundle,
    /// More than there may be.
    #[error("the record is larger than any")]
    TooLarge,
    /// Nobody asked for it, or it came twice.
    #[error("it was not asked for")]
    Unasked,
}

/// A record that is being fetched.
#[derive(Debug)]
pub struct Download {
    meeting: MeetingId,
    /// Not asked for yet.
    next: VecDeque<(Place, Wanted)>,
    /// Asked for.
    asked: BTreeMap<u64, (Place, Wanted)>,
    tickets: u64,
    bytes_left: usize,
    /// Once it has come: the key of the house that is asked, or of the one that kept the record.
    vkey: Option<String>,
    /// The record is another house's: what that one's log says of it comes as it does in an archive.
    elsewhere: Option<HousePart>,
    of_meeting: Log,
    of_house: Log,
    witnessed: BTreeMap<u64, String>,
    attachments: BTreeMap<Sha256Sum, Vec<u8>>,
}

/// Where an answer belongs.
#[derive(Debug, Clone, Copy)]
enum Place {
    Key,
    OtherKey,
    OtherHead,
    OtherInclusions,
    Head(Whose),
    Entries(Whose, Tile),
    List,
    Witnessed(u64),
    Attachment(Sha256Sum),
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    Meeting,
    House,
}

#[derive(Debug, Default)]
struct Log {
    checkpoint: String,
    /// By the number of their bundle.
    entries: BTreeMap<u64, Vec<Vec<u8>>>,
}

impl Log {
    fn whole(self) -> Vec<Vec<u8>> {
        self.entries.into_values().flatten().collect()
    }
}

impl Download {
    /// Of this meeting.
    pub fn new(meeting: MeetingId) -> Self {
        let mut it = Self {
            meeting,
            next: VecDeque::new(),
            asked: BTreeMap::new(),
            tickets: 0,
            bytes_left: limits::RECORD_BYTES_MAX,
            vkey: None,
            elsewhere: None,
            of_meeting: Log::default(),
            of_house: Log::default(),
            witnessed: BTreeMap::new(),
            attachments: BTreeMap::new(),
        };
        it.want(Place::Head(Whose::Meeting));
        it.want(Place::Key);
        it
    }

    /// The next thing to fetch; none while it hangs on what is being fetched, and when all is there.
    pub fn wanted(&mut self) -> Option<Wanted> {
        let (place, wanted) = self.next.pop_front()?;
        self.asked.insert(wanted.ticket, (place, wanted.clone()));
        Some(wanted)
    }

    /// Takes what came.
    pub fn take(&mut self, ticket: u64, bytes: Vec<u8>) -> Result<(), DownloadError> {
        let (place, wanted) = self.asked.remove(&ticket).ok_or(DownloadError::Unasked)?;
        let left = self.bytes_left.checked_sub(bytes.len());
        self.bytes_left = left
            .filter(|_| bytes.len() <= wanted.bytes_max)
            .ok_or(DownloadError::TooLarge)?;
        match place {
            Place::Key => {
                self.vkey = Some(text(bytes)?);
                self.want_house();
            }
            Place::OtherKey => self.vkey = Some(text(bytes)?),
            Place::OtherHead => self.elsewhere.get_or_insert_default().checkpoint = text(bytes)?,
            Place::OtherInclusions => {
                let inclusions = serde_json::from_slice(&bytes).map_err(|_| DownloadError::NoInclusions)?;
                self.elsewhere.get_or_insert_default().inclusions = inclusions;
            }
            Place::Head(whose) => self.take_head(whose, text(bytes)?)?,
            Place::Entries(whose, tile) => self.take_entries(whose, tile, &bytes)?,
            Place::List => self.take_list(&text(bytes)?)?,
            Place::Witnessed(size) => {
                self.witnessed.insert(size, text(bytes)?);
            }
            Place::Attachment(sum) => {
                self.attachments.insert(sum, bytes);
            }
        }
        Ok(())
    }

    /// The record, when all has come.
    pub fn bundle(self) -> Option<Bundle> {
        if !self.next.is_empty() || !self.asked.is_empty() {
            return None;
        }
        let elsewhere = self.elsewhere.is_some();
        let house = self.elsewhere.unwrap_or_else(|| {
            let checkpoint = self.of_house.checkpoint.clone();
            let inclusions = Inclusion::of_meeting(&self.of_house.whole(), self.meeting);
            HousePart { checkpoint, inclusions }
        });
        Some(Bundle {
            vkey: self.vkey.unwrap_or_default(),
            house: Some(house),
            elsewhere,
            checkpoint: self.of_meeting.checkpoint.clone(),
            witnessed: self.witnessed.into_values().collect(),
            entries: self.of_meeting.whole(),
            attachments: self.attachments,
        })
    }

    fn want(&mut self, place: Place) {
        let ticket = self.tickets;
        self.tickets += 1;
        let (path, bytes_max) = self.address(place);
        let wanted = Wanted {
            ticket,
            path,
            bytes_max,
        };
        self.next.push_back((place, wanted));
    }

    fn address(&self, place: Place) -> (String, usize) {
        let of = |whose| match whose {
            Whose::Meeting => format!("/m/{}/record", self.meeting),
            Whose::House => "/record".to_owned(),
        };
        let record = of(Whose::Meeting);
        match place {
            Place::Key => ("/record/key".to_owned(), limits::NOTE_BYTES_MAX),
            Place::OtherKey => (format!("{record}/key"), limits::NOTE_BYTES_MAX),
            Place::OtherHead => (format!("{record}/house/checkpoint"), limits::NOTE_BYTES_MAX),
            Place::OtherInclusions => (format!("{record}/house/inclusions"), limits::ATTACHMENT_BYTES_MAX),
            Place::Head(whose) => (format!("{}/checkpoint", of(whose)), limits::NOTE_BYTES_MAX),
            Place::Entries(whose, tile) => {
                let entry = limits::ENTRY_BYTES_MAX + size_of::<u16>();
                let width = usize::try_from(tile.width).unwrap_or(usize::MAX);
                (
                    format!("{}/tile/entries/{}", of(whose), tile.path()),
                    entry.saturating_mul(width),
                )
            }
            Place::List => (format!("{record}/checkpoints"), limits::NOTE_BYTES_MAX),
            Place::Witnessed(size) => (format!("{record}/checkpoint/{size}"), limits::NOTE_BYTES_MAX),
            Place::Attachment(sum) => (format!("{record}/attachment/{sum}"), limits::ATTACHMENT_BYTES_MAX),
        }
    }

    fn take_head(&mut self, whose: Whose, note: String) -> Result<(), DownloadError> {
        let size = size_under(&note)?;
        for tile in Tile::of_size(size) {
            self.want(Place::Entries(whose, tile));
        }
        if matches!(whose, Whose::Meeting) {
            // After the head: what is countersigned meanwhile is beyond it.
            self.want(Place::List);
        }
        self.log(whose).checkpoint = note;
        if matches!(whose, Whose::Meeting) {
            self.want_house();
        }
        Ok(())
    }

    /// Once it is known whose record it is: the log of that house.
    fn want_house(&mut self) {
        let Some(vkey) = self.vkey.as_ref().filter(|_| !self.of_meeting.checkpoint.is_empty()) else {
            return;
        };
        if is_kept_by(vkey, &self.of_meeting.checkpoint) {
            return self.want(Place::Head(Whose::House));
        }
        self.elsewhere = Some(HousePart::default());
        for place in [Place::OtherKey, Place::OtherHead, Place::OtherInclusions] {
            self.want(place);
        }
    }

    fn take_entries(&mut self, whose: Whose, tile: Tile, bytes: &[u8]) -> Result<(), DownloadError> {
        let entries = read_bundle(bytes).filter(|entries| entries.len() as u64 == tile.width);
        let entries = entries.ok_or(DownloadError::NoBundle)?;
        if matches!(whose, Whose::Meeting) {
            self.want_attachments(&entries);
        }
        self.log(whose).entries.insert(tile.index, entries);
        Ok(())
    }

    /// What cannot be read names none, and is found by whoever verifies.
    fn want_attachments(&mut self, entries: &[Vec<u8>]) {
        let named = |entry: &Vec<u8>| Entry::decode(entry).map(|entry| entry.happening.attachments());
        let named: BTreeSet<Sha256Sum> = entries
            .iter()
            .flat_map(|entry| named(entry).unwrap_or_default())
            .map(|it| it.sha256)
            .collect();
        for sum in named {
            // Its place is taken until it comes, so that it is asked for once.
            if self.attachments.insert(sum, Vec::new()).is_none() {
                self.want(Place::Attachment(sum));
            }
        }
    }

    fn take_list(&mut self, list: &str) -> Result<(), DownloadError> {
        let of_record = size_under(&self.of_meeting.checkpoint)?;
        let sizes: Result<BTreeSet<u64>, _> = list.lines().map(str::parse).collect();
        for size in sizes.map_err(|_| DownloadError::NoList)? {
            if size <= of_record {
                self.want(Place::Witnessed(size));
            }
        }
        Ok(())
    }

    fn log(&mut self, whose: Whose) -> &mut Log {
        match whose {
            Whose::Meeting => &mut self.of_meeting,
            Whose::House => &mut self.of_house,
        }
    }
}

fn text(bytes: Vec<u8>) -> Result<String, DownloadError> {
    String::from_utf8(bytes).map_err(|_| DownloadError::NoText)
}

/// Whether the house with this key has signed this head. What cannot be read is left to whoever verifies.
fn is_kept_by(vkey: &str, head: &str) -> bool {
    let head = Note::read(head).ok().and_then(|note| Checkpoint::read(&note.text).ok());
    let (Ok(key), Some(head)) = (NoteKey::read(vkey), head) else {
        return true;
    };
    let meeting = head.origin.strip_prefix(&key.name);
    meeting.is_some_and(|meeting| meeting.starts_with('/'))
}

fn size_under(note: &str) -> Result<u64, DownloadError> {
    let note = Note::read(note).map_err(|_| DownloadError::NoCheckpoint)?;
    let size = Checkpoint::read(&note.text)
        .map_err(|_| DownloadError::NoCheckpoint)?
        .size;
    if size > limits::ENTRIES_MAX {
        return Err(DownloadError::TooLarge);
    }
    Ok(size)
}
