//! The files of recordings: at the house, or in an archive. They are too large to be held in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use incamera_protocol::limits;
use incamera_recording::Named;
use sha2::{Digest as _, Sha256};

use super::Address;
use crate::doctor::client;

/// Where the files of recordings are.
pub(crate) enum Files {
    /// Nobody is to look at them.
    LeftAlone,
    /// At a house.
    House { client: reqwest::Client, base: String },
    /// In an archive: from which byte on, and how many, by the SHA-256.
    Archive {
        path: PathBuf,
        places: BTreeMap<String, (u64, u64)>,
    },
}

impl Files {
    /// Those of a meeting, at its house.
    pub(crate) fn at(address: &Address, ca: Option<&Path>) -> Result<Self> {
        Ok(Self::House {
            client: client(ca)?,
            base: format!("{}/m/{}/recordings", address.base, address.meeting),
        })
    }

    /// There is none at all, as in an archive that was made without.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Archive { places, .. } if places.is_empty())
    }

    /// A file as the record names it: none if it is not there. Nothing of it is believed.
    pub(crate) async fn get(&self, named: &Named) -> Result<Option<Section>> {
        match self {
            Self::LeftAlone => Ok(None),
            Self::House { client, base } => {
                let address = format!("{base}/{}", named.kind.name());
                fetch(client, &address, named.size).await
            }
            Self::Archive { path, places } => {
                let Some((begin, length)) = places.get(&named.sha256) else {
                    return Ok(None);
                };
                let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
                Ok(Some(Section::new(file, *begin, *length)?))
            }
        }
    }
}

/// Into a file that is gone with this process; no more than is expected and a byte.
async fn fetch(client: &reqwest::Client, address: &str, size: u64) -> Result<Option<Section>> {
    let cannot = || format!("{address} cannot be fetched");
    let most = size.min(limits::RECORDING_BYTES_MAX).saturating_add(1);
    let request = client.get(address).timeout(std::time::Duration::from_secs(24 * 3_600));
    let mut answer = request
        .send()
        .await
        .map_err(reqwest::Error::without_url)
        .with_context(cannot)?;
    if answer.status() == reqwest::StatusCode::NOT_FOUND {
        return Ok(None);
    }
    if !answer.status().is_success() {
        anyhow::bail!("{address}: the house answers {}", answer.status());
    }
    let mut file = tempfile::tempfile().context("there is no room for a recording")?;
    let mut length = 0;
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(reqwest::Error::without_url)
        .with_context(cannot)?
    {
        file.write_all(&chunk).context("there is no room for a recording")?;
        length += chunk.len() as u64;
        if length >= most {
            break;
        }
    }
    Ok(Some(Section::new(file, 0, length)?))
}

/// A part of a file, as a file.
#[derive(Debug)]
pub(crate) struct Section {
    file: File,
    begin: u64,
    length: u64,
    at: u64,
}

impl Section {
    pub(crate) fn new(mut file: File, begin: u64, length: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(begin))?;
        Ok(Self {
            file,
            begin,
            length,
            at: 0,
        })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Whether it is the file that the record names. Stands at its beginning again afterwards.
    pub(crate) fn is(&mut self, named: &Named) -> io::Result<bool> {
        self.seek(SeekFrom::Start(0))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let read = self.read(&mut buffer)?;
            match buffer.get(..read) {
                Some(some) if !some.is_empty() => hash.update(some),
                _ => break,
            }
        }
        self.seek(SeekFrom::Start(0))?;
        let sum: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.length == named.size && sum == named.sha256)
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most) else {
            return Ok(0);
        };
        let read = self.file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        self.file.seek(SeekFrom::Start(self.begin.saturating_add(at)))?;
        self.at = at;
        Ok(at)
    }
}
