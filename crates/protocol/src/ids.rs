//! Ids: newtypes with checked constructors.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::bytes::{Bytes, DecodeError};

/// A meeting's id: the SHA-256 hash of its charter. Text form: base64url, 43 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export, type = "string"))]
pub struct MeetingId(pub [u8; 32]);

impl fmt::Display for MeetingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Bytes(self.0.to_vec()).encode())
    }
}

impl fmt::Debug for MeetingId {
    /// Shortened: enough to follow one meeting through a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        write!(f, "MeetingId({}…)", text.get(..8).unwrap_or_default())
    }
}

impl FromStr for MeetingId {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = Bytes::decode(text)?;
        <[u8; 32]>::try_from(bytes.0.as_slice())
            .map(Self)
            .map_err(|_| DecodeError)
    }
}

impl Serialize for MeetingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MeetingId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A member's leaf index in the group's ratchet tree (RFC 9420 §4). Names a member only within one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(transparent)]
pub struct Leaf(pub u32);

/// What a member sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Stream {
    /// The floor microphone: Opus.
    Microphone = 0,
    /// The camera: VP8.
    Camera = 1,
    /// What is shown of the screen: VP8.
    Screen = 2,
    /// What is whispered into the microphone to one's own delegation: Opus. Its key is never one of an open part.
    Aside = 3,
}

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Opus.
    Audio,
    /// VP8.
    Video,
}

impl Stream {
    /// Every stream that is for all who are in the room, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    /// The stream with this number in a KID.
    pub fn from_number(number: u8) -> Option<Self> {
        let mut streams = Self::ALL.into_iter().chain([Self::Aside]);
        streams.find(|stream| *stream as u8 == number)
    }

    /// Sound or picture.
    pub fn kind(self) -> MediaKind {
        match self {
            Self::Microphone | Self::Aside => MediaKind::Audio,
            Self::Camera | Self::Screen => MediaKind::Video,
        }
    }

    /// Bytes at the start of each frame that stay clear, as authenticated data. VP8 needs its first byte, by which
    /// packetizers tell key frames (RFC 6386 §9.1, RFC 7741 §4.3); Opus needs none.
    pub fn clear_prefix(self) -> usize {
        match self {
            Self::Microphone | Self::Aside => 0,
            Self::Camera | Self::Screen => 1,
        }
    }
}

/// An SFrame key id (RFC 9605 §4.3) of ours. In JSON: 16 lower-case hexadecimal digits.
///
/// From the most significant bit: founding (8), epoch (24), slice (8), leaf (16), stream (3), open (1): 60 bits.
/// An epoch of one founding gives a leaf to one device, and a device that comes back takes its leaf in a later epoch:
/// no KID is ever used by two senders, nor twice by one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export, type = "string"))]
pub struct Kid(u64);

/// What a [`Kid`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KidParts {
    /// Which group of this meeting: counts up when a group was lost and founded anew.
    pub founding: u32,
    /// The MLS epoch.
    pub epoch: u64,
    /// Slice within the part; 0 throughout in this version.
    pub slice: u8,
    /// The sender.
    pub leaf: Leaf,
    /// What is sent.
    pub stream: Stream,
    /// True in an open part: the key is one that is disclosed.
    pub open: bool,
}

/// A KID cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KidError {
    /// A part is larger than its field: the group must be founded anew before that.
    #[error("founding, epoch or leaf does not fit its field")]
    TooLarge,
    /// Bits 60 to 63 are set, the stream is unknown, or an aside would be of an open part.
    #[error("not a key id of this protocol version")]
    Unknown,
    /// The text is not 16 hexadecimal digits.
    #[error("not 16 lower-case hexadecimal digits")]
    Text,
}

impl Kid {
    /// Packs the parts; an error if one is larger than its field.
    pub fn new(parts: KidParts) -> Result<Self, KidError> {
        if parts.founding >= 1 << 8 || parts.epoch >= 1 << 24 || parts.leaf.0 >= 1 << 16 {
            return Err(KidError::TooLarge);
        }
        if parts.open && parts.stream == Stream::Aside {
            return Err(KidError::Unknown);
        }
        Ok(Self(
            u64::from(parts.founding) << 52
                | parts.epoch << 28
                | u64::from(parts.slice) << 20
                | u64::from(parts.leaf.0) << 4
                | u64::from(parts.stream as u8) << 1
                | u64::from(parts.open),
        ))
    }

    /// Reads a KID from an SFrame header; an error if it is none of ours.
    pub fn from_number(number: u64) -> Result<Self, KidError> {
        let open = number & 1 == 1;
        let stream = Stream::from_number((number >> 1 & 0b111) as u8);
        // What is whispered is never of an open part: such a key cannot be disclosed, for it cannot be named.
        let known = stream.is_some_and(|stream| !(open && stream == Stream::Aside));
        if number >> 60 != 0 || !known {
            return Err(KidError::Unknown);
        }
        Ok(Self(number))
    }

    /// The number in the SFrame header.
    pub fn number(self) -> u64 {
        self.0
    }

    /// What it says.
    pub fn parts(self) -> KidParts {
        KidParts {
            founding: (self.0 >> 52) as u32 & 0xff,
            epoch: self.0 >> 28 & 0xff_ffff,
            slice: (self.0 >> 20) as u8,
            leaf: Leaf((self.0 >> 4) as u32 & 0xffff),
            // A `Kid` is only ever made with a known stream.
            stream: Stream::from_number((self.0 >> 1) as u8 & 0b111).unwrap_or(Stream::Microphone),
            open: self.0 & 1 == 1,
        }
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

impl FromStr for Kid {
    type Err = KidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() != 16 || !digits {
            return Err(KidError::Text);
        }
        let number = u64::from_str_radix(text, 16).map_err(|_| KidError::Text)?;
        Self::from_number(number)
    }
}

impl Serialize for Kid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Kid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> KidParts {
        KidParts {
            founding: 3,
            epoch: 70_000,
            slice: 0,
            leaf: Leaf(513),
            stream: Stream::Camera,
            open: true,
        }
    }

    #[test]
    fn a_kid_says_what_it_was_made_of() {
        let kid = Kid::new(parts()).unwrap();
        assert_eq!(kid.parts(), parts());
        assert_eq!(kid.to_string().parse::<Kid>().unwrap(), kid);
        assert_eq!(Kid::from_number(kid.number()).unwrap(), kid);
    }

    #[test]
    fn kids_of_other_versions_and_oversized_parts_are_refused() {
        assert_eq!(Kid::from_number(1 << 60), Err(KidError::Unknown));
        assert_eq!(Kid::from_number(0b1110), Err(KidError::Unknown));
        assert_eq!(
            Kid::new(KidParts {
                epoch: 1 << 24,
                ..parts()
            }),
            Err(KidError::TooLarge)
        );
        assert_eq!(
            Kid::new(KidParts {
                leaf: Leaf(1 << 16),
                ..parts()
            }),
            Err(KidError::TooLarge)
        );
        assert_eq!("0123".parse::<Kid>(), Err(KidError::Text));
    }
}
