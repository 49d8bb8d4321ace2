//! What people have written, as HTML.

use std::collections::HashSet;
use std::sync::OnceLock;

use ammonia::Builder;
use incamera_meeting::Translation;
use maud::{Markup, PreEscaped, html};

/// Markdown as HTML that holds nothing but a few elements. What writes it escapes everything already; what passes
/// through here once more could not do harm even if that had a hole.
pub(super) fn rendered(markdown: &str) -> Markup {
    static CLEANER: OnceLock<Builder<'static>> = OnceLock::new();
    let cleaner = CLEANER.get_or_init(|| {
        let mut builder = Builder::empty();
        builder
            .tags(HashSet::from([
                "p",
                "h4",
                "h5",
                "h6",
                "blockquote",
                "ul",
                "ol",
                "li",
                "pre",
                "code",
                "em",
                "strong",
                "a",
                "br",
                "hr",
            ]))
            .tag_attributes([("a", HashSet::from(["href"]))].into())
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("noopener nofollow"));
        builder
    });
    let written = incamera_markdown::html(&incamera_markdown::read(markdown));
    PreEscaped(cleaner.clean(&written).to_string())
}

/// A text in its languages: one is shown, the others open at a touch. It needs no script: a browser keeps one of a group
/// open.
pub(super) fn texts(group: &str, texts: &[Translation]) -> Markup {
    if let [only] = texts {
        return shown(only);
    }
    html! {
        @for (index, text) in texts.iter().enumerate() {
            details.language name=(group) open[index == 0] {
                summary { (language_name(text.language.as_str())) }
                (shown(text))
            }
        }
    }
}

fn shown(text: &Translation) -> Markup {
    html! {
        div.prose lang=(text.language.as_str()) dir="auto" { (rendered(text.markdown.as_str())) }
    }
}

/// A language by its own name, where it is a frequent one.
pub(super) fn language_name(tag: &str) -> &str {
    match tag.to_ascii_lowercase().as_str() {
        "ar" => "العربية",
        "bg" => "Български",
        "cs" => "Čeština",
        "da" => "Dansk",
        "de" => "Deutsch",
        "el" => "Ελληνικά",
        "en" => "English",
        "es" => "Español",
        "fa" => "فارسی",
        "fi" => "Suomi",
        "fr" => "Français",
        "he" => "עברית",
        "hi" => "हिन्दी",
        "hu" => "Magyar",
        "id" => "Bahasa Indonesia",
        "it" => "Italiano",
        "ja" => "日本語",
        "ko" => "한국어",
        "nl" => "Nederlands",
        "no" | "nb" => "Norsk",
        "pl" => "Polski",
        "pt" => "Português",
        "ro" => "Română",
        "ru" => "Русский",
        "sv" => "Svenska",
        "sw" => "Kiswahili",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "zh" => "中文",
        _ => tag,
    }
}
