//! The sealed documents of a meeting, on the disk beside the log and no part of it: while the meeting lasts, and no longer.
//! The house has no key to any.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use incamera_meeting::LetterId;
use incamera_protocol::document::Share;
use incamera_protocol::{Bytes, DocumentId, ErrorCode, limits};
use tokio::io::AsyncWriteExt as _;

use crate::problem::Problem;
use crate::secret::random;
use crate::socket::Bucket;

/// What ends the name of a file that is still coming.
const COMING: &str = "coming";

/// Bytes of all documents of a house.
pub(crate) type Held = Arc<AtomicU64>;

/// Whoever sends a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) letter: LetterId,
    pub(crate) delegation: u16,
}

/// The documents of one meeting. A file is called after its id and whoever sent it, so that a house that starts again knows
/// both.
pub(crate) struct Shelf {
    folder: PathBuf,
    share: Share,
    held: Held,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    documents: BTreeMap<DocumentId, Kept>,
    buckets: BTreeMap<LetterId, Bucket>,
    /// The meeting is over.
    closed: bool,
}

/// One document.
struct Kept {
    by: Sender,
    bytes: u64,
    /// All of it is here.
    whole: bool,
}

impl Shelf {
    /// The shelf of a meeting as it was left. What was still coming then, and what no house has put there, goes.
    pub(crate) fn open(folder: PathBuf, share: Share, held: Held) -> Self {
        let shelf = Self {
            folder,
            share,
            held,
            inside: Mutex::default(),
        };
        for entry in fs::read_dir(&shelf.folder).into_iter().flatten().flatten() {
            let bytes = entry.metadata().ok().filter(fs::Metadata::is_file).map(|it| it.len());
            match (entry.file_name().to_str().and_then(named), bytes) {
                (Some((id, by)), Some(bytes)) if bytes <= limits::DOCUMENT_SEALED_BYTES_MAX => {
                    shelf.held.fetch_add(bytes, Ordering::AcqRel);
                    let whole = true;
                    shelf.inside().documents.insert(id, Kept { by, bytes, whole });
                }
                _ => remove(&entry.path()),
            }
        }
        shelf
    }

    /// Makes room for a document of so many bytes.
    pub(crate) fn receive(self: &Arc<Self>, by: Sender, bytes: u64) -> Result<Coming, Problem> {
        if bytes > limits::DOCUMENT_SEALED_BYTES_MAX {
            return Err(Problem::too_large());
        }
        let id = DocumentId(random::<16>().map_err(|_| Problem::internal())?);
        let mut inside = self.inside();
        inside.let_in(by.letter)?;
        let mine = inside.taken(|kept| kept.letter == by.letter);
        if mine.documents >= limits::DOCUMENTS_OF_ONE_MAX
            || mine.bytes.saturating_add(bytes) > limits::DOCUMENTS_OF_ONE_BYTES_MAX
        {
            return Err(Problem::new(
                ErrorCode::TooMany,
                "You offer as much as one may. Take a document back first.",
            ));
        }
        let ours = inside.taken(|kept| kept.delegation == by.delegation);
        if ours.documents >= self.share.documents || ours.bytes.saturating_add(bytes) > self.share.bytes {
            return Err(Problem::new(
                ErrorCode::TooMany,
                "Your delegation offers as much as it may. One of you has to take a document back first.",
            ));
        }
        let in_house = self.held.load(Ordering::Acquire);
        if in_house.saturating_add(bytes) > limits::DOCUMENTS_OF_HOUSE_BYTES_MAX {
            return Err(Problem::new(
                ErrorCode::Full,
                "This house keeps as many documents as it may.",
            ));
        }
        self.held.fetch_add(bytes, Ordering::AcqRel);
        let whole = false;
        inside.documents.insert(id, Kept { by, bytes, whole });
        let path = self.path_of(id, by);
        Ok(Coming {
            shelf: Arc::clone(self),
            id,
            coming: path.with_added_extension(COMING),
            path,
            bytes,
            got: 0,
            file: None,
            whole: false,
        })
    }

    /// Where a document is.
    pub(crate) fn fetch(&self, who: LetterId, id: DocumentId) -> Result<PathBuf, Problem> {
        let mut inside = self.inside();
        inside.let_in(who)?;
        let kept = inside.documents.get(&id).filter(|kept| kept.whole).ok_or(NONE)?;
        Ok(self.path_of(id, kept.by))
    }

    /// Whoever sent it takes it back.
    pub(crate) fn take_back(&self, who: LetterId, id: DocumentId) -> Result<(), Problem> {
        let mut inside = self.inside();
        let kept = inside
            .documents
            .get(&id)
            .filter(|kept| kept.whole && kept.by.letter == who);
        let path = kept.map(|kept| self.path_of(id, kept.by)).ok_or(NONE)?;
        self.forget(&mut inside, id);
        remove(&path);
        Ok(())
    }

    /// The meeting is over: nothing is kept any more, and nothing comes.
    pub(crate) fn close(&self) {
        let mut inside = self.inside();
        inside.closed = true;
        let ids: Vec<DocumentId> = inside.documents.keys().copied().collect();
        for id in ids {
            self.forget(&mut inside, id);
        }
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, "documents of a meeting that is over cannot be deleted");
            }
            _ => {}
        }
    }

    fn path_of(&self, id: DocumentId, by: Sender) -> PathBuf {
        let Sender { letter, delegation } = by;
        let letter = Bytes(letter.0.to_vec()).encode();
        self.folder.join(format!("{id}.{letter}.{delegation}"))
    }

    fn forget(&self, inside: &mut Inside, id: DocumentId) {
        if let Some(kept) = inside.documents.remove(&id) {
            self.held.fetch_sub(kept.bytes, Ordering::AcqRel);
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shelf {
    /// The meeting's task has ended: whoever loads it counts anew.
    fn drop(&mut self) {
        let inside = self.inside.get_mut().unwrap_or_else(PoisonError::into_inner);
        let bytes = inside.documents.values().map(|kept| kept.bytes).sum();
        self.held.fetch_sub(bytes, Ordering::AcqRel);
    }
}

impl Inside {
    /// How much of the room is taken by these.
    fn taken(&self, by: impl Fn(&Sender) -> bool) -> Share {
        let theirs = self.documents.values().filter(|kept| by(&kept.by));
        let nothing = Share { documents: 0, bytes: 0 };
        theirs.fold(nothing, |sum, kept| Share {
            documents: sum.documents.saturating_add(1),
            bytes: sum.bytes.saturating_add(kept.bytes),
        })
    }

    fn let_in(&mut self, who: LetterId) -> Result<(), Problem> {
        if self.closed {
            return Err(Problem::new(ErrorCode::Adjourned, "The meeting is adjourned."));
        }
        let now = Instant::now();
        let new = || Bucket::of(now, limits::DOCUMENT_BURST, limits::DOCUMENT_PER_SECOND);
        let bucket = self.buckets.entry(who).or_insert_with(new);
        if bucket.take(now) {
            Ok(())
        } else {
            Err(Problem::too_many())
        }
    }
}

/// A document that is coming. When this is dropped before its end, nothing of it stays.
pub(crate) struct Coming {
    shelf: Arc<Shelf>,
    id: DocumentId,
    path: PathBuf,
    coming: PathBuf,
    bytes: u64,
    got: u64,
    file: Option<tokio::fs::File>,
    whole: bool,
}

impl Coming {
    /// The next bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.got = self.got.saturating_add(bytes.len() as u64);
        if self.got > self.bytes {
            return Err(Problem::malformed());
        }
        let written = match self.file.as_mut() {
            Some(file) => file.write_all(bytes).await,
            None => match self.begin() {
                Ok(file) => file.write_all(bytes).await,
                Err(error) => Err(error),
            },
        };
        written.map_err(unwritten)
    }

    /// At once, and not on another thread: what is made after this was dropped would stay.
    fn begin(&mut self) -> io::Result<&mut tokio::fs::File> {
        fs::create_dir_all(&self.shelf.folder)?;
        let file = fs::File::create_new(&self.coming)?;
        Ok(self.file.insert(tokio::fs::File::from_std(file)))
    }

    /// All has come: from now on it can be had.
    pub(crate) async fn end(mut self) -> Result<DocumentId, Problem> {
        let file = self.file.take().filter(|_| self.got == self.bytes);
        let mut file = file.ok_or_else(Problem::malformed)?;
        file.flush().await.map_err(unwritten)?;
        file.sync_all().await.map_err(unwritten)?;
        let mut inside = self.shelf.inside();
        // The meeting may have ended meanwhile.
        let kept = inside.documents.get_mut(&self.id).ok_or(NONE)?;
        fs::rename(&self.coming, &self.path).map_err(unwritten)?;
        kept.whole = true;
        drop(inside);
        self.whole = true;
        Ok(self.id)
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if self.whole {
            return;
        }
        remove(&self.coming);
        let mut inside = self.shelf.inside();
        self.shelf.forget(&mut inside, self.id);
    }
}

const NONE: Problem = Problem::new(
    ErrorCode::NotFound,
    "This document is not in this house, or not any more.",
);

fn unwritten(error: io::Error) -> Problem {
    tracing::error!(%error, "a document cannot be written");
    Problem::new(
        ErrorCode::Unavailable,
        "This house cannot write to its disk now. Nothing was done.",
    )
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::error!(%error, "a document cannot be deleted")
        }
        _ => {}
    }
}

/// What a file's name says.
fn named(name: &str) -> Option<(DocumentId, Sender)> {
    let (id, by) = name.split_once('.')?;
    let (letter, delegation) = by.split_once('.')?;
    let letter = LetterId(Bytes::decode(letter).ok()?.0.try_into().ok()?);
    let delegation = delegation.parse().ok()?;
    Some((id.parse().ok()?, Sender { letter, delegation }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Sender = of(1, 0);
    const BELA: Sender = of(2, 1);

    const fn of(letter: u8, delegation: u16) -> Sender {
        let letter = LetterId([letter; 32]);
        Sender { letter, delegation }
    }

    fn shelf(folder: &Path) -> Arc<Shelf> {
        Arc::new(Shelf::open(folder.join("m"), Share::of_one_in(2), Held::default()))
    }

    async fn put(shelf: &Arc<Shelf>, by: Sender, bytes: &[u8]) -> Result<DocumentId, Problem> {
        let mut coming = shelf.receive(by, bytes.len() as u64)?;
        coming.write(bytes).await?;
        coming.end().await
    }

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder.join("m")).map_or(0, Iterator::count)
    }

    #[tokio::test]
    async fn a_house_that_starts_again_knows_what_is_whole_and_whose_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let before = shelf(folder.path());
        let id = put(&before, ANNA, b"sealed").await.unwrap();
        let mut cut_off = before.receive(BELA, 100).unwrap();
        cut_off.write(b"half of it").await.unwrap();
        // A house that is killed cleans nothing up.
        std::mem::forget(cut_off);
        fs::write(folder.path().join("m").join("stray"), b"x").unwrap();
        assert_eq!(files(folder.path()), 3);
        let after = shelf(folder.path());
        assert_eq!(files(folder.path()), 1);
        assert_eq!(fs::read(after.fetch(BELA.letter, id).unwrap()).unwrap(), b"sealed");
        assert_eq!(after.held.load(Ordering::Acquire), 6);
        assert_eq!(after.take_back(BELA.letter, id), Err(NONE));
        assert_eq!(after.take_back(ANNA.letter, id), Ok(()));
        assert_eq!((files(folder.path()), after.held.load(Ordering::Acquire)), (0, 0));
    }

    #[tokio::test]
    async fn what_is_cut_off_or_not_as_long_as_it_was_called_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        let mut cut_off = shelf.receive(ANNA, 100).unwrap();
        cut_off.write(b"half").await.unwrap();
        assert!(cut_off.end().await.is_err());
        let mut longer = shelf.receive(ANNA, 3).unwrap();
        assert!(longer.write(b"four").await.is_err());
        drop(longer);
        let mut dropped = shelf.receive(ANNA, 3).unwrap();
        dropped.write(b"t").await.unwrap();
        drop(dropped);
        assert_eq!((files(folder.path()), shelf.held.load(Ordering::Acquire)), (0, 0));
    }

    #[tokio::test]
    async fn a_disk_that_takes_nothing_is_said_and_leaves_no_room_taken() {
        let folder = tempfile::tempdir().unwrap();
        // In the place of the folder is a file: nothing can be made in it.
        fs::write(folder.path().join("m"), b"").unwrap();
        let shelf = shelf(folder.path());
        let refused = put(&shelf, ANNA, b"sealed").await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable);
        assert_eq!(shelf.held.load(Ordering::Acquire), 0);
    }

    #[tokio::test]
    async fn what_one_sends_takes_nothing_from_another_and_the_house_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        let large = limits::DOCUMENT_SEALED_BYTES_MAX;
        assert_eq!(shelf.receive(ANNA, large + 1).err().unwrap().code, ErrorCode::TooLarge);
        // Room is taken from the moment a document begins to come: six at once, and not seven.
        let coming: Vec<Coming> = (0..6).map(|_| shelf.receive(ANNA, large).unwrap()).collect();
        assert_eq!(shelf.receive(ANNA, large).err().unwrap().code, ErrorCode::TooMany);
        assert!(put(&shelf, BELA, b"sealed").await.is_ok());
        drop(coming);
        assert!(shelf.receive(ANNA, large).is_ok());
        shelf
            .held
            .store(limits::DOCUMENTS_OF_HOUSE_BYTES_MAX, Ordering::Release);
        assert_eq!(shelf.receive(BELA, 1).err().unwrap().code, ErrorCode::Full);
        shelf.held.store(6, Ordering::Release);
        // Many small ones: first the number, then the rate.
        let small: Vec<Coming> = std::iter::from_fn(|| shelf.receive(BELA, 1).ok()).collect();
        assert_eq!(small.len(), limits::DOCUMENTS_OF_ONE_MAX - 1);
        drop(small);
        let codes: Vec<ErrorCode> = (0..limits::DOCUMENT_BURST)
            .filter_map(|_| shelf.receive(BELA, 1).err())
            .map(|it| it.code)
            .collect();
        assert_eq!(codes.last(), Some(&ErrorCode::TooMany));
    }

    /// Many hands of one side: the other side's room is its own.
    #[tokio::test]
    async fn one_delegation_takes_no_room_from_another_however_much_it_offers() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        let share = Share::of_one_in(2);
        let crowd = || (10..100).map(|letter| of(letter, 0));
        let small: Vec<Coming> = crowd()
            .flat_map(|by| std::iter::repeat_n(by, limits::DOCUMENTS_OF_ONE_MAX))
            .filter_map(|by| shelf.receive(by, 1).ok())
            .collect();
        assert_eq!(small.len(), share.documents);
        let refused = shelf.receive(ANNA, 1).err().unwrap();
        assert_eq!(
            (refused.code, refused.message.contains("Your delegation")),
            (ErrorCode::TooMany, true)
        );
        assert!(put(&shelf, BELA, b"sealed").await.is_ok());
        drop(small);
        let large = limits::DOCUMENT_SEALED_BYTES_MAX;
        let coming: Vec<Coming> = crowd().filter_map(|by| shelf.receive(by, large).ok()).collect();
        let bytes = coming.len() as u64 * large;
        assert!(bytes <= share.bytes && bytes + large > share.bytes);
        assert!(shelf.receive(BELA, large).is_ok());
    }

    #[tokio::test]
    async fn at_the_end_of_the_meeting_everything_goes_and_nothing_comes() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        let id = put(&shelf, ANNA, b"sealed").await.unwrap();
        let mut coming = shelf.receive(BELA, 4).unwrap();
        coming.write(b"late").await.unwrap();
        shelf.close();
        assert_eq!(coming.end().await, Err(NONE));
        assert!(!folder.path().join("m").exists());
        assert_eq!(shelf.fetch(ANNA.letter, id).unwrap_err().code, ErrorCode::Adjourned);
        assert_eq!(shelf.receive(ANNA, 1).err().unwrap().code, ErrorCode::Adjourned);
        assert_eq!(shelf.held.load(Ordering::Acquire), 0);
    }
}
