//! A member without a screen offers a file.

use incamera_meeting::FileKey;
use incamera_protocol::{DocumentId, limits};
use incamera_seal::Failure;

use crate::house::HouseError;
use crate::member::MemberClient;

/// A file that is offered, as whoever offered it knows it.
pub struct OfferedDocument {
    /// Under which the house keeps it.
    pub id: DocumentId,
    /// What opens it. Secret.
    pub key: FileKey,
    /// What the house keeps.
    pub sealed: Vec<u8>,
}

/// A file cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// By the rules, or by this device.
    #[error(transparent)]
    Member(#[from] Failure),
    /// By the house.
    #[error(transparent)]
    House(#[from] HouseError),
}

impl MemberClient {
    /// Seals a file, sends it to the house and offers it to the others.
    pub async fn offer(&self, name: &str, media_type: &str, file: &[u8]) -> Result<OfferedDocument, OfferError> {
        let (name, media_type, file) = (name.to_owned(), media_type.to_owned(), file.to_vec());
        let size = u64::try_from(file.len()).unwrap_or(u64::MAX);
        let sealing = self.ask(move |member| {
            let ticket = member.ticket().unwrap_or_default().to_owned();
            Ok((member.seal_document(&name, &media_type, size)?, ticket))
        });
        let (mut sealing, ticket) = sealing.await?;
        let mut sealed = Vec::new();
        // An empty file has one chunk, which is empty.
        let first = file.len().min(limits::DOCUMENT_CHUNK_BYTES);
        let (first, rest) = file.split_at(first);
        for chunk in std::iter::once(first).chain(rest.chunks(limits::DOCUMENT_CHUNK_BYTES)) {
            sealed.extend(sealing.chunk(chunk).map_err(Failure::from)?);
        }
        let key = sealing.key().clone();
        let id = self.house.send_document(&ticket, sealed.clone()).await?;
        let offering = self.ask(move |member| member.offer_document(sealing, id, crate::now_ms()));
        offering.await?;
        Ok(OfferedDocument { id, key, sealed })
    }
}
