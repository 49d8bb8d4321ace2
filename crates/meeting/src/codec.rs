//! The encoding of what is signed: TLS presentation language, decoded strictly.

use std::io::{Read, Write};

use incamera_protocol::limits;
use tls_codec::{Deserialize, Error, Serialize, Size};

use crate::refusal::Refusal;

/// To bytes. Encoding in memory cannot fail for values within the limits; a value beyond them encodes to nothing
/// that anyone accepts.
pub trait Encode: Serialize {
    /// The bytes that are signed, hashed and sent.
    fn encode(&self) -> Vec<u8> {
        self.tls_serialize_detached().unwrap_or_default()
    }
}

impl<T: Serialize> Encode for T {}

/// From bytes: all of them, and nothing after.
pub trait Decode: Deserialize + Sized {
    /// Reads one value that fills `bytes`.
    fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::tls_deserialize_exact(bytes).map_err(|_| Refusal::Malformed)
    }
}

impl<T: Deserialize> Decode for T {}

/// UTF-8 text that is safe to show: bounded, without control characters and without the characters that turn the
/// direction of what follows (they let one name pass for another).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(String);

impl Text {
    /// Trims and checks; refuses control and direction characters and more than `limits::TEXT_BYTES_MAX` bytes.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.len() > limits::TEXT_BYTES_MAX {
            return Err(Refusal::TooLarge("text"));
        }
        if text.chars().any(is_unsafe_to_show) {
            return Err(Refusal::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// A name: text that is not empty and within `limits::NAME_BYTES_MAX`.
    pub fn name(text: &str) -> Result<Self, Refusal> {
        let name = Self::new(text)?;
        if name.0.is_empty() {
            return Err(Refusal::Malformed);
        }
        if name.0.len() > limits::NAME_BYTES_MAX {
            return Err(Refusal::TooLarge("name"));
        }
        Ok(name)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(crate) fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}')
}

impl Size for Text {
    fn tls_serialized_len(&self) -> usize {
        self.0.as_bytes().to_vec().tls_serialized_len()
    }
}

impl Serialize for Text {
    fn tls_serialize<W: Write>(&self, writer: &mut W) -> Result<usize, Error> {
        self.0.as_bytes().to_vec().tls_serialize(writer)
    }
}

impl Deserialize for Text {
    fn tls_deserialize<R: Read>(bytes: &mut R) -> Result<Self, Error> {
        let raw = Vec::<u8>::tls_deserialize(bytes)?;
        let text = String::from_utf8(raw).map_err(|_| Error::InvalidInput)?;
        let checked = Self::new(&text).map_err(|_| Error::InvalidInput)?;
        // What is signed is what is shown: no second spelling with blanks around it.
        if checked.0 == text {
            Ok(checked)
        } else {
            Err(Error::InvalidInput)
        }
    }
}

/// Serde for signed and hashed structures: their encoding, as base64url.
macro_rules! serde_as_encoding {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&incamera_protocol::Bytes($crate::codec::Encode::encode(self)), serializer)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = <incamera_protocol::Bytes as serde::Deserialize>::deserialize(deserializer)?;
                $crate::codec::Decode::decode(&bytes.0).map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use serde_as_encoding;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_could_pass_for_other_text_is_refused() {
        assert_eq!(Text::new("a\u{202E}b"), Err(Refusal::Malformed));
        assert_eq!(Text::new("a\nb"), Err(Refusal::Malformed));
        assert!(Text::decode(&Text::new(" Élysée ").unwrap().encode()).is_ok());
        assert!(Text::decode(&b" a".to_vec().encode()).is_err());
        assert_eq!(Text::name("  "), Err(Refusal::Malformed));
    }
}
