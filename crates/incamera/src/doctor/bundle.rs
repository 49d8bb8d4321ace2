//! The web client in this program, by its hashes.

use incamera_server::web_client;
use sha2::{Digest as _, Sha256};

use super::finding::Finding;

/// Every file, sorted by name.
pub(crate) struct Bundle {
    pub(crate) files: Vec<Hashed>,
}

/// A file and its hash.
#[derive(serde::Serialize)]
pub(crate) struct Hashed {
    pub(crate) name: &'static str,
    pub(crate) sha256: String,
    bytes: usize,
}

impl Bundle {
    /// What this program would serve.
    pub(crate) fn embedded() -> Self {
        let files = web_client().map(|file| Hashed {
            name: file.name,
            sha256: sha256(file.identity),
            bytes: file.identity.len(),
        });
        Self { files: files.collect() }
    }

    /// Of the list of all files, as `sha256sum` writes it.
    pub(crate) fn sha256(&self) -> String {
        let lines = self
            .files
            .iter()
            .map(|file| format!("{}  {}\n", file.sha256, file.name));
        sha256(lines.collect::<String>().as_bytes())
    }

    pub(super) fn finding(&self) -> Finding {
        if self.files.is_empty() {
            return Finding::bad(
                "web client",
                "This program was built without one. Run `cargo xtask web` and build again.",
            );
        }
        let said = format!("{} files, sha256 of their list {}.", self.files.len(), self.sha256());
        Finding::good("web client", said)
    }
}

impl serde::Serialize for Bundle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut bundle = serializer.serialize_struct("Bundle", 2)?;
        bundle.serialize_field("sha256", &self.sha256())?;
        bundle.serialize_field("files", &self.files)?;
        bundle.end()
    }
}

/// In hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
