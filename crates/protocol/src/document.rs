//! Documents: a file that one member offers to the others. It is sealed by whoever offers it, under a key of its own that
//! only members get; the house keeps the sealed bytes while the meeting lasts, and cannot read them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::bytes::{Bytes, DecodeError};
use crate::limits;

/// Names the sealed bytes at the house, which draws it. Text form: base64url, 22 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export, type = "string"))]
pub struct DocumentId(pub [u8; 16]);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Bytes(self.0.to_vec()).encode())
    }
}

impl FromStr for DocumentId {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = Bytes::decode(text)?;
        <[u8; 16]>::try_from(bytes.0.as_slice())
            .map(Self)
            .map_err(|_| DecodeError)
    }
}

impl Serialize for DocumentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DocumentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The answer to `POST /api/documents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Uploaded {
    /// Under which the house keeps it.
    pub document: DocumentId,
}

/// How many bytes a file of `size` is when it is sealed: a tag of 16 bytes for each chunk, of which an empty file has one.
pub const fn sealed_bytes(size: u64) -> u64 {
    let chunk = limits::DOCUMENT_CHUNK_BYTES as u64;
    let chunks = if size == 0 { 1 } else { size.div_ceil(chunk) };
    size.saturating_add(chunks.saturating_mul(16))
}

/// What the members of one delegation may offer together at a time: the same for each, whatever the others offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// So many documents.
    pub documents: usize,
    /// So many bytes of them, sealed.
    pub bytes: u64,
}

impl Share {
    /// Of one of so many delegations.
    pub fn of_one_in(delegations: usize) -> Self {
        let (documents, bytes) = (limits::DOCUMENTS_MAX, limits::DOCUMENTS_BYTES_MAX);
        let sides = delegations.max(1);
        Self {
            documents: (documents / sides).max(limits::DOCUMENTS_OF_DELEGATION_MIN),
            bytes: (bytes / sides as u64).max(limits::DOCUMENT_SEALED_BYTES_MAX),
        }
    }
}

/// How it stands with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Mine, and the offer has not been passed on to the others yet.
    Waiting,
    /// It can be had.
    Offered,
    /// Whoever offered it has taken it back.
    Withdrawn,
    /// This device has no key to it any more, or the offer was not passed on.
    Lost,
}

/// A document as a member's page shows it. The key to it never leaves the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DocumentOf {
    /// Names it: shown again under the same id, it has come further.
    pub id: String,
    /// Who offers it, from the letter.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// I offer it.
    pub me: bool,
    /// The number of the part in which it was offered …
    pub part: u32,
    /// … and whether that was an open one. The public gets it in neither.
    pub open: bool,
    /// What the file is called, as whoever offers it says.
    pub file: String,
    /// What kind of file it is, as whoever offers it says: one of a short list, else `application/octet-stream`.
    pub media_type: String,
    /// Its bytes before they were sealed.
    pub size: u32,
    /// How it stands with it.
    pub state: DocumentState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chunk_has_its_tag_and_an_empty_file_has_one() {
        let chunk = limits::DOCUMENT_CHUNK_BYTES as u64;
        for (size, chunks) in [(0, 1), (1, 1), (chunk, 1), (chunk + 1, 2), (3 * chunk, 3)] {
            assert_eq!(sealed_bytes(size), size + 16 * chunks);
        }
        assert_eq!(
            limits::DOCUMENT_SEALED_BYTES_MAX,
            sealed_bytes(limits::DOCUMENT_BYTES_MAX)
        );
    }

    /// However many there are, each has room for a document of any size, and all together for no more than the house has.
    #[test]
    fn a_share_is_never_nothing() {
        for delegations in 0..=limits::DELEGATIONS_MAX {
            let share = Share::of_one_in(delegations);
            assert!(share.documents >= limits::DOCUMENTS_OF_DELEGATION_MIN);
            assert!(share.bytes >= limits::DOCUMENT_SEALED_BYTES_MAX);
            assert!(share.bytes * delegations as u64 <= limits::DOCUMENTS_OF_HOUSE_BYTES_MAX);
        }
    }
}
