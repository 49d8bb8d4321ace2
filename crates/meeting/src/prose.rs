//! Texts of several lines that delegations publish, in one language or several.

use std::io::{Read, Write};

use incamera_protocol::limits;
use tls_codec::{Deserialize, Error, Serialize, Size, TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::Text;
use crate::refusal::Refusal;

/// Markdown as somebody wrote it: UTF-8 with line feeds and tabs, without other control characters and without those
/// that override the direction of what follows. Marks that only settle the direction of a neighbour (U+200E, U+200F,
/// U+061C) stay: Arabic and Hebrew need them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose(String);

impl Prose {
    /// Refuses what is not to be shown, and an empty text. How long it may be, what it is part of decides.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        if text.trim().is_empty() || text.chars().any(is_not_prose) {
            return Err(Refusal::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// What people type and paste: line ends of every system become line feeds, blanks around the text go.
    pub fn typed(text: &str) -> Result<Self, Refusal> {
        Self::new(text.replace("\r\n", "\n").replace('\r', "\n").trim())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_not_prose(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

impl Size for Prose {
    fn tls_serialized_len(&self) -> usize {
        self.0.as_bytes().to_vec().tls_serialized_len()
    }
}

impl Serialize for Prose {
    fn tls_serialize<W: Write>(&self, writer: &mut W) -> Result<usize, Error> {
        self.0.as_bytes().to_vec().tls_serialize(writer)
    }
}

impl Deserialize for Prose {
    fn tls_deserialize<R: Read>(bytes: &mut R) -> Result<Self, Error> {
        let raw = Vec::<u8>::tls_deserialize(bytes)?;
        let text = String::from_utf8(raw).map_err(|_| Error::InvalidInput)?;
        Self::new(&text).map_err(|_| Error::InvalidInput)
    }
}

/// A text in one language.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Translation {
    /// A BCP 47 tag.
    pub language: Text,
    /// What is said.
    pub markdown: Prose,
}

impl Translation {
    /// What somebody typed, in this language.
    pub fn typed(language: &str, markdown: &str) -> Result<Self, Refusal> {
        Ok(Self {
            language: Text::new(language)?,
            markdown: Prose::typed(markdown)?,
        })
    }
}

/// A text is in one language at least, and in each only once.
pub(crate) fn check_translations(texts: &[Translation]) -> Result<(), Refusal> {
    if texts.is_empty() {
        return Err(Refusal::Text("it is empty"));
    }
    if texts.len() > limits::LANGUAGES_MAX {
        return Err(Refusal::TooLarge("list of languages"));
    }
    for (index, text) in texts.iter().enumerate() {
        let tag = text.language.as_str();
        if !is_language(tag) {
            return Err(Refusal::Text("it names a language that is not a language tag"));
        }
        let before = texts.iter().take(index);
        if before
            .into_iter()
            .any(|other| other.language.as_str().eq_ignore_ascii_case(tag))
        {
            return Err(Refusal::Text("it has one language twice"));
        }
    }
    Ok(())
}

/// Whether this has the form of a tag (RFC 5646 §2.1): letters first, then letters and digits, each part at most eight.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= limits::LANGUAGE_BYTES_MAX
        && first.len() >= 2
        && is_part(first)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_and_what_turns_the_direction_is_refused() {
        assert_eq!(Prose::typed(" a\r\nb\rc ").unwrap().as_str(), "a\nb\nc");
        assert!(Prose::new("a\tb\n\u{200F}c").is_ok());
        for wrong in ["", " \n", "a\u{202E}b", "a\u{0}b", "a\rb", "\u{FEFF}a"] {
            assert_eq!(Prose::new(wrong), Err(Refusal::Malformed), "{wrong:?}");
        }
    }

    #[test]
    fn a_language_has_the_form_of_a_tag() {
        for tag in ["en", "de-CH", "zh-Hant-TW", "sr-Latn", "es-419"] {
            assert!(is_language(tag), "{tag}");
        }
        for tag in [
            "",
            "e",
            "en_GB",
            "en-",
            "-en",
            "123",
            "english language",
            "abcdefghi",
            "en\"x",
        ] {
            assert!(!is_language(tag), "{tag}");
        }
    }
}
