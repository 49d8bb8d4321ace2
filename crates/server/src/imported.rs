//! Meetings that were held in another house and whose records this one keeps. They are over: there is nothing but to read
//! them, and no task has them.
//!
//! `incamera import` has written each into a folder of its own, with its record as files of the names under which they are
//! served, and its recordings as a recorder names them. What is there is verified anew before any of it is shown.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use incamera_meeting::{Encode as _, Meeting};
use incamera_protocol::public::{OtherHouse, PublicMeeting};
use incamera_protocol::{Bytes, MeetingId, limits};
use incamera_record::{Bundle, Checkpoint, FilesError, Gathering, Hash, Known, Note, Tree, replayed};
use incamera_store::StreamId;
use tokio::task::spawn_blocking;

use crate::config::{RECORD, RECORDINGS};
use crate::house::House;
use crate::published::PublicView;

/// Folders in one another: those of tiles, whose numbers have three digits in each.
const DEPTH_MAX: usize = 8;

/// One of them.
pub(crate) struct Imported {
    pub(crate) view: Arc<PublicView>,
    /// For hashes, which are not among the files.
    pub(crate) tree: Tree,
    /// Heads that are countersigned, by how many entries they cover.
    pub(crate) witnessed: BTreeMap<u64, String>,
    charter: Bytes,
    folder: PathBuf,
    recorded: bool,
}

/// All of them; none in the place of one that does not hold: until the house starts again nobody tries anew.
#[derive(Default)]
pub(crate) struct Imports(RwLock<BTreeMap<MeetingId, Option<Arc<Imported>>>>);

/// Why one is not shown.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    #[error("its files are no record")]
    Files(#[from] FilesError),
    #[error("its record does not hold: {0}")]
    Fails(String),
    #[error("its record does not say that the meeting is over")]
    NotOver,
}

impl Imported {
    /// A file of its record, by the name under which it is served; none if there is none. The name must be one that was
    /// made here, not one that somebody asked for.
    pub(crate) async fn file(&self, name: &str) -> Option<Vec<u8>> {
        tokio::fs::read(self.folder.join(RECORD).join(name)).await.ok()
    }

    /// Where its recordings are.
    pub(crate) fn recordings(&self) -> PathBuf {
        self.folder.join(RECORDINGS)
    }

    /// The charter and what the public sees.
    pub(crate) fn public_meeting(&self) -> PublicMeeting {
        PublicMeeting {
            recorded: self.recorded,
            charter: self.charter.clone(),
            state: (*self.view.state).clone(),
        }
    }

    /// Reads and verifies. Blocks.
    fn read(folder: PathBuf, id: MeetingId) -> Result<Self, ImportError> {
        let bundle = read(&folder.join(RECORD))?;
        let known = Known {
            meeting: Some(id),
            house: None,
        };
        let (report, meeting) = replayed(&bundle, known);
        let first = report.problems.first();
        let Some(meeting) = meeting.filter(|_| report.ok) else {
            return Err(ImportError::Fails(first.map_or_else(String::new, |it| it.what.clone())));
        };
        if !meeting.is_adjourned() {
            return Err(ImportError::NotOver);
        }
        let house = OtherHouse {
            name: report.house,
            key: bundle.vkey.trim().to_owned(),
        };
        Ok(Self::of(&meeting, &bundle, house, folder))
    }

    fn of(meeting: &Meeting, bundle: &Bundle, house: OtherHouse, folder: PathBuf) -> Self {
        let mut tree = Tree::default();
        bundle.entries.iter().for_each(|entry| tree.push(Hash::of_leaf(entry)));
        let size_of = |note: &String| Checkpoint::read(&Note::read(note).ok()?.text).ok();
        let sized = bundle
            .witnessed
            .iter()
            .filter_map(|note| Some((size_of(note)?.size, note.clone())));
        Self {
            view: Arc::new(PublicView::of_another(meeting, house)),
            tree,
            witnessed: sized.collect(),
            charter: Bytes(meeting.signed_charter().encode()),
            recorded: folder.join(RECORDINGS).is_dir(),
            folder,
        }
    }
}

impl House {
    /// A meeting of another house, if it is one.
    pub(crate) fn imported(&self, id: MeetingId) -> Option<Arc<Imported>> {
        let known = self.imports.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).cloned().flatten()
    }

    /// What the public sees of all of them.
    pub(crate) fn imported_views(&self) -> Vec<Arc<PublicView>> {
        let known = self.imports.0.read().unwrap_or_else(PoisonError::into_inner);
        known.values().flatten().map(|it| Arc::clone(&it.view)).collect()
    }

    /// Looks for what is imported while the house runs.
    pub(crate) async fn look_for_imports(self: Arc<Self>) {
        loop {
            tokio::time::sleep(Duration::from_millis(limits::IMPORTED_LOOK_MS)).await;
            self.load_imports().await;
        }
    }

    /// Takes in what is there and was not known. What does not hold is logged and left out.
    pub(crate) async fn load_imports(self: &Arc<Self>) {
        let house = Arc::clone(self);
        let loaded = spawn_blocking(move || house.load_imports_now()).await;
        match loaded {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "what was imported cannot be read"),
            Err(error) => tracing::error!(%error, "what was imported cannot be read"),
        }
    }

    fn load_imports_now(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let folders = match fs::read_dir(&self.imported) {
            Ok(folders) => folders,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for folder in folders {
            let folder = folder?;
            // Whatever has another name is not a meeting, or not finished.
            let Some(id) = folder.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let known = self.imports.0.read().unwrap_or_else(PoisonError::into_inner);
            let (is_known, many) = (known.contains_key(&id), known.len());
            drop(known);
            if is_known || many >= limits::IMPORTED_MAX {
                continue;
            }
            let found = self.look_at(folder.path(), id)?;
            let mut known = self.imports.0.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(id, found.map(Arc::new));
        }
        Ok(())
    }

    fn look_at(&self, folder: PathBuf, id: MeetingId) -> Result<Option<Imported>, incamera_store::StoreError> {
        // What a house holds itself is its own, whatever else says that it is that.
        if self.store.read_one(&StreamId::new(id.0), 1)?.is_some() {
            tracing::error!(meeting = ?id, "a meeting of this house was imported from another, and is not shown as that");
            return Ok(None);
        }
        match Imported::read(folder, id) {
            Ok(imported) => Ok(Some(imported)),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(meeting = ?id, %error, cause, "a meeting of another house is not shown");
                Ok(None)
            }
        }
    }
}

/// The record in a folder. Blocks.
fn read(folder: &Path) -> Result<Bundle, ImportError> {
    let mut gathering = Gathering::default();
    gather(folder, "", DEPTH_MAX, &mut gathering)?;
    Ok(gathering.finish()?)
}

fn gather(folder: &Path, name: &str, depth: usize, gathering: &mut Gathering) -> Result<(), ImportError> {
    let mut inside: Vec<_> = fs::read_dir(folder.join(name))?.collect::<Result<_, _>>()?;
    // The order of countersigned heads is that of their names.
    inside.sort_by_key(fs::DirEntry::file_name);
    for entry in inside {
        let kind = entry.file_type()?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if name.is_empty() { own } else { format!("{name}/{own}") };
        if kind.is_dir() && depth > 0 {
            gather(folder, &name, depth - 1, gathering)?;
        } else if kind.is_file() && entry.metadata()?.len() <= gathering.room() as u64 {
            gathering.take(&name, fs::read(entry.path())?)?;
        } else {
            return Err(FilesError::Foreign(name).into());
        }
    }
    Ok(())
}
