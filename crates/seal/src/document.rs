//! A document, sealed and opened chunk after chunk (`docs/protocol.md` §11h): AES-256-GCM under a key of its own, with the
//! number of the chunk and a mark on the last one in the nonce (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015),
//! so that nothing that was cut off, left out or put elsewhere opens. The hash of all of it stands in the offer besides:
//! AES-GCM alone would let whoever offers a file make one that opens to different people differently.

use incamera_meeting::{FileKey, FileType, Offer, Refusal, file_name};
use incamera_protocol::{DocumentId, limits};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::types::AeadType;
use sha2::{Digest as _, Sha256};

/// Bytes of the tag of each chunk.
const TAG_BYTES: usize = 16;
/// Bytes at the beginning of a file by which a picture is known.
const FIRST_BYTES: usize = 16;

/// Where in a file the next chunk is, from either side.
struct Place {
    size: u64,
    taken: u64,
    chunk: u32,
    /// The last chunk has been taken. An empty file has one too.
    done: bool,
}

impl Place {
    fn of(size: u32) -> Self {
        Self {
            size: u64::from(size),
            taken: 0,
            chunk: 0,
            done: false,
        }
    }

    /// How long the next chunk is before it is sealed.
    fn next_bytes(&self) -> u64 {
        let left = self.size.saturating_sub(self.taken);
        left.min(limits::DOCUMENT_CHUNK_BYTES as u64)
    }

    /// The nonce of the next chunk: 7 zero bytes, its number, and whether it is the last. The key seals this file alone.
    fn nonce(&self) -> [u8; 12] {
        let last = self.taken.saturating_add(self.next_bytes()) == self.size;
        let [a, b, c, d] = self.chunk.to_be_bytes();
        [0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(last)]
    }

    fn go_on(&mut self) {
        self.taken = self.taken.saturating_add(self.next_bytes());
        self.chunk = self.chunk.saturating_add(1);
        self.done = self.taken == self.size;
    }
}

/// A file that is being sealed.
pub struct DocumentSealing {
    crypto: RustCrypto,
    place: Place,
    hash: Sha256,
    offer: Offer,
}

impl DocumentSealing {
    pub(crate) fn new(part: u32, key: [u8; 32], name: &str, media_type: &str, size: u64) -> Result<Self, Refusal> {
        let size = u32::try_from(size).map_err(|_| Refusal::TooLarge("document"))?;
        let offer = Offer {
            id: [0; 16],
            part,
            key: FileKey(key),
            sealed_hash: [0; 32],
            size,
            name: file_name(name),
            kind: FileType::of(media_type),
        };
        offer.check()?;
        Ok(Self {
            crypto: RustCrypto::default(),
            place: Place::of(size),
            hash: Sha256::new(),
            offer,
        })
    }

    /// How many bytes it will be.
    pub fn sealed_bytes(&self) -> u64 {
        self.offer.sealed_bytes()
    }

    /// The key, which whoever gets the offer opens the file with. Secret.
    pub fn key(&self) -> &FileKey {
        &self.offer.key
    }

    /// Seals the next chunk. Each has [`limits::DOCUMENT_CHUNK_BYTES`], the last what is left.
    pub fn chunk(&mut self, plain: &[u8]) -> Result<Vec<u8>, Refusal> {
        if self.place.done || plain.len() as u64 != self.place.next_bytes() {
            return Err(Refusal::DocumentChanged);
        }
        let (key, nonce) = (&self.offer.key.0, self.place.nonce());
        let sealed = self.crypto.aead_encrypt(AeadType::Aes256Gcm, key, plain, &nonce, &[]);
        let sealed = sealed.map_err(|_| Refusal::DocumentChanged)?;
        self.hash.update(&sealed);
        self.place.go_on();
        Ok(sealed)
    }

    /// The offer, once all is sealed and the house has it under this id.
    pub(crate) fn offer(self, id: DocumentId) -> Result<Offer, Refusal> {
        if !self.place.done {
            return Err(Refusal::DocumentChanged);
        }
        Ok(Offer {
            id: id.0,
            sealed_hash: self.hash.finalize().into(),
            ..self.offer
        })
    }
}

/// A document that is being opened. What a chunk gives is for nobody's eyes before [`DocumentOpening::end`] has said that
/// all of it is what was offered.
pub struct DocumentOpening {
    crypto: RustCrypto,
    place: Place,
    hash: Sha256,
    offer: Offer,
    first: Vec<u8>,
    broken: bool,
}

impl DocumentOpening {
    pub(crate) fn of(offer: Offer) -> Self {
        Self {
            crypto: RustCrypto::default(),
            place: Place::of(offer.size),
            hash: Sha256::new(),
            offer,
            first: Vec::new(),
            broken: false,
        }
    }

    /// Under which id the house keeps it.
    pub fn id(&self) -> DocumentId {
        DocumentId(self.offer.id)
    }

    /// How many bytes the house has to give.
    pub fn sealed_bytes(&self) -> u64 {
        self.offer.sealed_bytes()
    }

    /// How many of them are the next chunk; 0: all are there.
    pub fn next_bytes(&self) -> usize {
        if self.place.done {
            return 0;
        }
        // At most a chunk.
        usize::try_from(self.place.next_bytes()).map_or(0, |bytes| bytes + TAG_BYTES)
    }

    /// Opens the next chunk.
    pub fn chunk(&mut self, sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
        let nonce = self.place.nonce();
        if self.broken || self.place.done || sealed.len() != self.next_bytes() {
            self.broken = true;
            return Err(Refusal::DocumentAltered);
        }
        let key = &self.offer.key.0;
        let plain = self.crypto.aead_decrypt(AeadType::Aes256Gcm, key, sealed, &nonce, &[]);
        let Ok(plain) = plain else {
            self.broken = true;
            return Err(Refusal::DocumentAltered);
        };
        self.hash.update(sealed);
        if self.place.chunk == 0 {
            self.first = plain.iter().copied().take(FIRST_BYTES).collect();
        }
        self.place.go_on();
        Ok(plain)
    }

    /// Whether all of it was what was offered; and the media type of the picture that it is, if it is one that a page shows.
    /// That is looked at and not believed.
    pub fn end(&self) -> Result<Option<&'static str>, Refusal> {
        let hash: [u8; 32] = self.hash.clone().finalize().into();
        if self.broken || !self.place.done || hash != self.offer.sealed_hash {
            return Err(Refusal::DocumentAltered);
        }
        let kind = self.offer.kind;
        Ok(kind.is_picture(&self.first).then(|| kind.media_type()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As docs/protocol.md §11h writes nonces, and not as this file makes them: no two chunks of a key have the same.
    #[test]
    fn each_chunk_is_sealed_under_a_nonce_of_its_own() {
        let chunk = limits::DOCUMENT_CHUNK_BYTES;
        let crypto = RustCrypto::default();
        for (bytes, nonces) in [
            (0, vec![[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]),
            (chunk, vec![[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]),
            (
                2 * chunk + 10,
                vec![
                    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
                    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1],
                ],
            ),
        ] {
            let plain: Vec<u8> = (0..bytes).map(|at| (at / 7) as u8).collect();
            let mut sealing = DocumentSealing::new(1, [5; 32], "plan.pdf", "application/pdf", bytes as u64).unwrap();
            let chunks: Vec<&[u8]> = if plain.is_empty() {
                vec![&plain]
            } else {
                plain.chunks(chunk).collect()
            };
            assert_eq!(chunks.len(), nonces.len());
            for (chunk, nonce) in chunks.into_iter().zip(nonces) {
                let sealed = sealing.chunk(chunk).unwrap();
                let opened = crypto.aead_decrypt(AeadType::Aes256Gcm, &[5; 32], &sealed, &nonce, &[]);
                assert_eq!(opened.as_deref(), Ok(chunk), "{nonce:?}");
            }
        }
    }
}
