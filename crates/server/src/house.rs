//! What all meetings of a house share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use incamera_store::{Store, StoreError};

use crate::config::Told;
use crate::documents::Held;
use crate::http::Addresses;
use crate::imported::Imports;
use crate::media::Media;
use crate::meetings::Meetings;
use crate::record::HouseRecord;
use crate::relay::Relay;
use crate::secret::{HouseKey, random};
use crate::tickets::Tickets;

/// The setting under which the house key is kept.
const HOUSE_KEY: &str = "house_key";

/// One installation, running.
pub(crate) struct House {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) key: HouseKey,
    /// Changes at every start.
    pub(crate) instance: [u8; 16],
    pub(crate) media: Media,
    pub(crate) tickets: Tickets,
    pub(crate) addresses: Addresses,
    pub(crate) meetings: Meetings,
    pub(crate) keep_gallery_routed: bool,
    /// It has TLS of its own.
    pub(crate) secure: bool,
    /// The house is about to stop: newcomers are refused, and whoever is here goes on.
    pub(crate) draining: AtomicBool,
    pub(crate) relay: Option<Relay>,
    pub(crate) records: HouseRecord,
    pub(crate) watcher: Option<Told>,
    pub(crate) recording: bool,
    /// Where members' sealed documents lie, and how much that is.
    pub(crate) documents: PathBuf,
    pub(crate) documents_held: Held,
    /// Where what was recorded lies.
    pub(crate) recordings: PathBuf,
    pub(crate) imports: Imports,
    /// Where they lie.
    pub(crate) imported: PathBuf,
}

impl House {
    /// Whether newcomers are refused because the house is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

/// Why the house key cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("the store does not give or take the house key")]
    Store(#[from] StoreError),
    #[error("the house key in the store is not a key")]
    NotAKey,
    #[error("the system gives no random bytes")]
    Random,
}

/// The key of the house: made once, the same for ever.
pub(crate) fn house_key(store: &dyn Store) -> Result<HouseKey, KeyError> {
    let fresh = random::<{ HouseKey::BYTES }>().map_err(|_| KeyError::Random)?;
    let bytes = store.get_or_insert_setting(HOUSE_KEY, &mut || fresh.to_vec())?;
    HouseKey::from_bytes(&bytes).ok_or(KeyError::NotAKey)
}
