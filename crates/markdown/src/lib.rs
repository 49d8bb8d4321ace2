//! What of Markdown a published text may show: a tree of few elements, the same for the server, which writes it as HTML,
//! and for the page on which the text is drafted, which shows exactly what would become public.
//!
//! CommonMark without raw HTML (it is shown as the characters that it is) and without images (their description is
//! shown: a page fetches nothing from elsewhere). Links lead to `http:`, `https:` and `mailto:` addresses; of any other
//! only the words are left.
#![forbid(unsafe_code)]

mod html;
mod read;

pub use html::html;
pub use read::read;

/// Elements within elements. Deeper ones are left out and their contents kept: no text of a person nests like that, and
/// whoever walks the tree may do it by recursion.
pub const DEPTH_MAX: usize = 16;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Node {
    /// Characters, none of them markup.
    Text(String),
    /// An element with what is in it.
    Element(Element),
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Element {
    /// Which.
    pub tag: Tag,
    /// Where a link leads: `http:`, `https:` or `mailto:`.
    pub href: Option<String>,
    /// What is in it.
    pub children: Vec<Node>,
}

/// Every element there is. Headings begin at the fourth level: a text stands under the heading of its delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Tag {
    P,
    H4,
    H5,
    H6,
    Blockquote,
    Ul,
    Ol,
    Li,
    Pre,
    Code,
    Em,
    Strong,
    A,
    Br,
    Hr,
}

impl Tag {
    /// As HTML names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::P => "p",
            Self::H4 => "h4",
            Self::H5 => "h5",
            Self::H6 => "h6",
            Self::Blockquote => "blockquote",
            Self::Ul => "ul",
            Self::Ol => "ol",
            Self::Li => "li",
            Self::Pre => "pre",
            Self::Code => "code",
            Self::Em => "em",
            Self::Strong => "strong",
            Self::A => "a",
            Self::Br => "br",
            Self::Hr => "hr",
        }
    }

    /// Has no contents and no end.
    pub fn is_void(self) -> bool {
        matches!(self, Self::Br | Self::Hr)
    }
}
