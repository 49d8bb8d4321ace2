//! What members say to one another of documents (`docs/protocol.md` §11h): the offer that carries the key to one, and the
//! word that takes it back. The house keeps the sealed bytes and never gets either.

use std::fmt;

use incamera_protocol::document::sealed_bytes;
use incamera_protocol::limits;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::codec::Text;
use crate::refusal::Refusal;

/// What is said of a document.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Paper {
    /// The writer offers it.
    #[tls_codec(discriminant = 1)]
    Offered(Offer),
    /// The writer takes it back, by the house's id for it.
    #[tls_codec(discriminant = 2)]
    Withdrawn([u8; 16]),
}

/// A document that is offered, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Offer {
    /// The house's id for the sealed bytes.
    pub id: [u8; 16],
    /// The part for which it is meant: what is meant for a closed one does not slip into an open one.
    pub part: u32,
    /// Opens it; drawn for this file alone.
    pub key: FileKey,
    /// SHA-256 of the sealed bytes: everybody who has the offer has the same file, and the house has no other to give.
    pub sealed_hash: [u8; 32],
    /// Bytes before sealing.
    pub size: u32,
    /// What the file is called.
    pub name: Text,
    /// What kind it is.
    pub kind: FileType,
}

/// The key of one file.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct FileKey(pub [u8; 32]);

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}

/// The kinds of file that are told apart. Anything else is bytes: a page does not open what it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum FileType {
    /// Whatever it may be.
    Bytes = 0,
    /// A picture: PNG.
    Png = 1,
    /// A picture: JPEG.
    Jpeg = 2,
    /// A picture: GIF.
    Gif = 3,
    /// A picture: WebP.
    Webp = 4,
    /// PDF.
    Pdf = 5,
    /// Text without any markup.
    Text = 6,
    /// A text document: OpenDocument.
    Odt = 7,
    /// A text document: Office Open XML.
    Docx = 8,
    /// A table: OpenDocument.
    Ods = 9,
    /// A table: Office Open XML.
    Xlsx = 10,
    /// Slides: OpenDocument.
    Odp = 11,
    /// Slides: Office Open XML.
    Pptx = 12,
}

impl FileType {
    const ALL: [Self; 13] = [
        Self::Bytes,
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Pdf,
        Self::Text,
        Self::Odt,
        Self::Docx,
        Self::Ods,
        Self::Xlsx,
        Self::Odp,
        Self::Pptx,
    ];

    /// The type that is written like this; everything that is not on the list is bytes.
    pub fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let known = Self::ALL
            .into_iter()
            .find(|kind| kind.media_type().eq_ignore_ascii_case(essence));
        known.unwrap_or(Self::Bytes)
    }

    /// As a media type (RFC 6838).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Bytes => "application/octet-stream",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// Whether a file of this kind may begin like this. Only pictures are looked at: a page shows nothing else.
    pub fn is_picture(self, first: &[u8]) -> bool {
        match self {
            // PNG §5.2.
            Self::Png => first.starts_with(b"\x89PNG\r\n\x1a\n"),
            // JFIF and Exif alike.
            Self::Jpeg => first.starts_with(&[0xFF, 0xD8, 0xFF]),
            Self::Gif => first.starts_with(b"GIF87a") || first.starts_with(b"GIF89a"),
            // RFC 9649 §2.4.
            Self::Webp => first.starts_with(b"RIFF") && first.get(8..12) == Some(b"WEBP".as_slice()),
            _ => false,
        }
    }
}

impl Offer {
    /// Refuses what no client offers.
    pub fn check(&self) -> Result<(), Refusal> {
        if u64::from(self.size) > limits::DOCUMENT_BYTES_MAX {
            return Err(Refusal::TooLarge("document"));
        }
        if file_name(self.name.as_str()) != self.name {
            return Err(Refusal::Malformed);
        }
        Ok(())
    }

    /// Bytes that the house has to give.
    pub fn sealed_bytes(&self) -> u64 {
        sealed_bytes(u64::from(self.size))
    }
}

/// What a file is called here, whatever it is called there: without a path, without characters that control or turn text
/// or that a file system takes for something else, not hidden, and no longer than [`limits::DOCUMENT_NAME_BYTES_MAX`].
pub fn file_name(name: &str) -> Text {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| !c.is_control() && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    let shown: String = last.chars().filter(|c| safe(*c) && !turns(*c)).collect();
    // What a system drops at the end, or hides by the beginning.
    let bare = shown.trim().trim_matches(['.', ' ']).trim();
    let cut = shortened(bare);
    let name = cut.trim().trim_matches(['.', ' ']).trim();
    let name = if name.is_empty() { "document" } else { name };
    // What was cleaned like this is a text; the other name is one in any case.
    Text::name(name).or_else(|_| Text::name("document")).unwrap_or_default()
}

/// Marks that turn the direction, that join to nothing, or that nobody sees: `gpj.exe` must not pass for `exe.jpg`.
fn turns(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Cut in the middle, so that the ending stays.
fn shortened(name: &str) -> String {
    let most = limits::DOCUMENT_NAME_BYTES_MAX;
    if name.len() <= most {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 16 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let room = most.saturating_sub(ending.len());
    let mut end = room.min(stem.len());
    while !stem.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let stem = stem.get(..end).unwrap_or_default().trim_end();
    format!("{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Decode, Encode};

    #[test]
    fn a_name_has_no_path_and_nothing_that_turns_or_hides_it() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\plan.pdf", "plan.pdf"),
            ("invoice\u{202E}gpj.exe", "invoicegpj.exe"),
            ("a\u{0}b\nc.txt", "abc.txt"),
            (".profile", "profile"),
            ("plan.exe. . .", "plan.exe"),
            ("a:b|c?.txt", "abc.txt"),
            ("zero\u{200B}width\u{2066}.txt", "zerowidth.txt"),
            ("…", "…"),
            ("  ", "document"),
            ("/", "document"),
            ("مذكرة.pdf", "مذكرة.pdf"),
        ] {
            assert_eq!(file_name(given).as_str(), kept, "{given:?}");
        }
        for long in [
            "ß".repeat(300) + ".pdf",
            "x".repeat(300),
            ".".repeat(300) + "a",
            "a ".repeat(300) + ".p",
        ] {
            let name = file_name(&long);
            assert!(name.as_str().len() <= limits::DOCUMENT_NAME_BYTES_MAX);
            assert_eq!(file_name(name.as_str()), name, "cleaned once is cleaned");
        }
        assert!(file_name(&("ß".repeat(300) + ".pdf")).as_str().ends_with("ß.pdf"));
    }

    #[test]
    fn what_no_client_offers_is_refused() {
        let good = Offer {
            id: [1; 16],
            part: 1,
            key: FileKey([7; 32]),
            sealed_hash: [2; 32],
            size: 10,
            name: file_name("plan.pdf"),
            kind: FileType::Pdf,
        };
        assert_eq!(good.check(), Ok(()));
        let decoded = Paper::decode(&Paper::Offered(good.clone()).encode());
        assert_eq!(decoded, Ok(Paper::Offered(good.clone())));
        let large = Offer {
            size: u32::try_from(limits::DOCUMENT_BYTES_MAX).unwrap() + 1,
            ..good.clone()
        };
        assert_eq!(large.check(), Err(Refusal::TooLarge("document")));
        for name in ["a/b", ".hidden", "a\\b", "a\u{200B}b"] {
            let Ok(name) = Text::name(name) else { continue };
            assert_eq!(Offer { name, ..good.clone() }.check(), Err(Refusal::Malformed));
        }
        assert!(!format!("{good:?}").contains("7, 7"), "no key is printed");
    }

    #[test]
    fn what_is_not_on_the_list_is_bytes() {
        assert_eq!(FileType::of("image/PNG; x=y"), FileType::Png);
        for other in [
            "image/svg+xml",
            "text/html",
            "",
            "application/javascript",
            "image/png/x",
        ] {
            assert_eq!(FileType::of(other), FileType::Bytes, "{other}");
        }
        assert!(FileType::Png.is_picture(b"\x89PNG\r\n\x1a\n..."));
        assert!(!FileType::Png.is_picture(b"<svg onload=alert(1)>"));
        assert!(!FileType::Webp.is_picture(b"RIFF1234WAVE"));
        assert!(!FileType::Pdf.is_picture(b"%PDF-1.7"));
    }
}
