//! A record from the house that keeps it.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use incamera_record::{Bundle, Download, Wanted};
use reqwest::Client;

use super::Address;
use crate::doctor::client;

/// Fetches the whole record of a meeting, and what the log of the house says of it.
pub(crate) async fn fetch(address: &Address, ca: Option<&Path>) -> Result<Bundle> {
    let client = client(ca)?;
    let mut download = Download::new(address.meeting);
    while let Some(wanted) = download.wanted() {
        let address = format!("{}{}", address.base, wanted.path);
        let bytes = bytes_of(&client, &address, &wanted).await?;
        download.take(wanted.ticket, bytes).context(address)?;
    }
    download.bundle().context("the record is not whole")
}

async fn bytes_of(client: &Client, address: &str, wanted: &Wanted) -> Result<Vec<u8>> {
    let answer = client.get(address).send().await.map_err(reqwest::Error::without_url);
    let mut answer = answer.with_context(|| format!("{address} cannot be fetched"))?;
    if !answer.status().is_success() {
        bail!("{address}: the house answers {}", answer.status());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        let length = bytes.len() + chunk.len();
        ensure!(length <= wanted.bytes_max, "{address} is longer than it may be");
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
