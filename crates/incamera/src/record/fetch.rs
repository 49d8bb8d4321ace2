//! A record from the house that keeps it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use incamera_protocol::limits;
use incamera_record::{Bundle, Checkpoint, Entry, HousePart, Inclusion, Note, Tile, read_bundle};
use reqwest::Client;

use super::Address;
use crate::doctor::client;

/// What is fetched, and how much of it may still come.
struct Fetcher {
    client: Client,
    base: String,
    left: usize,
}

/// Fetches the whole record of a meeting, and what the log of the house says of it.
pub(crate) async fn fetch(address: &Address, ca: Option<&Path>) -> Result<Bundle> {
    let mut fetcher = Fetcher {
        client: client(ca)?,
        base: address.base.clone(),
        left: limits::RECORD_BYTES_MAX,
    };
    let record = format!("/m/{}/record", address.meeting);
    let checkpoint = fetcher.text(&format!("{record}/checkpoint")).await?;
    let entries = fetcher.entries(&record, size_of(&checkpoint)?).await?;
    let mut witnessed = Vec::new();
    for size in fetcher.text(&format!("{record}/checkpoints")).await?.lines() {
        let size: u64 = size.parse().context("the list of checkpoints cannot be read")?;
        // What was countersigned meanwhile, beyond the head that was fetched, is not of this record.
        if size <= entries.len() as u64 {
            witnessed.push(fetcher.text(&format!("{record}/checkpoint/{size}")).await?);
        }
    }
    let mut attachments = BTreeMap::new();
    for entry in &entries {
        // What cannot be read is found by whoever verifies.
        let named = Entry::decode(entry).map(|entry| entry.happening.attachments());
        for named in named.unwrap_or_default() {
            if let MapEntry::Vacant(place) = attachments.entry(named.sha256) {
                let path = format!("{record}/attachment/{}", named.sha256);
                place.insert(fetcher.bytes(&path, limits::ATTACHMENT_BYTES_MAX).await?);
            }
        }
    }
    Ok(Bundle {
        vkey: fetcher.text("/record/key").await?,
        house: Some(fetcher.house(address).await?),
        checkpoint,
        witnessed,
        entries,
        attachments,
    })
}

fn size_of(checkpoint: &str) -> Result<u64> {
    let note = Note::read(checkpoint).context("the house does not answer with a checkpoint")?;
    let size = Checkpoint::read(&note.text)
        .context("the house does not answer with a checkpoint")?
        .size;
    ensure!(size <= limits::ENTRIES_MAX, "the record has more entries than any");
    Ok(size)
}

impl Fetcher {
    async fn house(&mut self, address: &Address) -> Result<HousePart> {
        let checkpoint = self.text("/record/checkpoint").await?;
        let entries = self.entries("/record", size_of(&checkpoint)?).await?;
        Ok(HousePart {
            checkpoint,
            inclusions: Inclusion::of_meeting(&entries, address.meeting),
        })
    }

    async fn entries(&mut self, record: &str, size: u64) -> Result<Vec<Vec<u8>>> {
        let mut entries = Vec::new();
        for tile in Tile::of_size(size) {
            let path = format!("{record}/tile/entries/{}", tile.path());
            let most = (limits::ENTRY_BYTES_MAX + 2) * usize::try_from(tile.width)?;
            let bundle = self.bytes(&path, most).await?;
            let read = read_bundle(&bundle).with_context(|| format!("{path} cannot be read"))?;
            ensure!(read.len() as u64 == tile.width, "{path} has {} entries", read.len());
            entries.extend(read);
        }
        Ok(entries)
    }

    async fn text(&mut self, path: &str) -> Result<String> {
        let bytes = self.bytes(path, limits::NOTE_BYTES_MAX).await?;
        String::from_utf8(bytes).with_context(|| format!("{path} is no text"))
    }

    async fn bytes(&mut self, path: &str, most: usize) -> Result<Vec<u8>> {
        let address = format!("{}{path}", self.base);
        let answer = self
            .client
            .get(&address)
            .send()
            .await
            .map_err(reqwest::Error::without_url);
        let mut answer = answer.with_context(|| format!("{address} cannot be fetched"))?;
        if !answer.status().is_success() {
            bail!("{address}: the house answers {}", answer.status());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            ensure!(bytes.len() + chunk.len() <= most, "{address} is longer than it may be");
            self.left = self
                .left
                .checked_sub(chunk.len())
                .context("the record is larger than any")?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}
