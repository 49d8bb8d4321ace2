//! Records of meetings from outside: from a house, or from an archive.

pub(crate) mod archive;
pub(crate) mod fetch;
pub(crate) mod files;
pub(crate) mod recordings;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use incamera_protocol::MeetingId;
use incamera_record::Bundle;

use self::files::Files;

/// Where a record is.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// At a house.
    House(Address),
    /// In an archive.
    File(PathBuf),
}

/// A meeting at a house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `https://host`, without a slash at the end.
    pub(crate) base: String,
    pub(crate) meeting: MeetingId,
}

impl FromStr for Source {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.contains("://") {
            Ok(Self::House(text.parse()?))
        } else {
            Ok(Self::File(PathBuf::from(text)))
        }
    }
}

impl FromStr for Address {
    type Err = anyhow::Error;

    /// The address of a meeting's public page, or any below it.
    fn from_str(text: &str) -> Result<Self> {
        let (base, rest) = text
            .split_once("/m/")
            .context("this is not the address of a meeting's page")?;
        if !(base.starts_with("https://") || base.starts_with("http://")) {
            bail!("the address of a meeting begins with https:// or http://");
        }
        let id = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let meeting = id.parse().ok().context("the address names no meeting")?;
        Ok(Self {
            base: base.to_owned(),
            meeting,
        })
    }
}

impl Source {
    /// Gets the whole record, and the way to its recordings. Nothing of it is believed yet.
    pub(crate) async fn bundle(&self, ca: Option<&Path>) -> Result<(Bundle, Files)> {
        match self {
            Self::House(address) => Ok((fetch::fetch(address, ca).await?, Files::at(address, ca)?)),
            Self::File(path) => {
                let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
                let (bundle, places) = archive::read(std::io::BufReader::new(file))
                    .with_context(|| format!("{} cannot be used", path.display()))?;
                let path = path.clone();
                Ok((bundle, Files::Archive { path, places }))
            }
        }
    }

    /// The meeting that the source names, if it names one.
    pub(crate) fn meeting(&self) -> Option<MeetingId> {
        match self {
            Self::House(address) => Some(address.meeting),
            Self::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_house_and_a_meeting() {
        let id = "dQ9Sg_PgllFQLyfKvjYTYUqlRaUgkjY2cHNACbAFDLc";
        for text in [
            format!("https://talks.example/m/{id}"),
            format!("https://talks.example/m/{id}/join#secret"),
            format!("https://talks.example/m/{id}?x=1"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(
                (address.base.as_str(), address.meeting.to_string().as_str()),
                ("https://talks.example", id)
            );
        }
        for text in [
            "https://talks.example/",
            "ftp://talks.example/m/x",
            "https://talks.example/m/short",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        assert!(matches!("meeting.tar".parse::<Source>(), Ok(Source::File(_))));
    }
}
