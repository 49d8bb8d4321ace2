//! What all pages of the public share.

use std::sync::OnceLock;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::asset;
use crate::public::Page;

use super::conditional::BASE;
use super::words::Reader;

/// The picture of a link preview: 1200 by 630, which is what they are shown in.
const PREVIEW: &str = "/preview.png";

/// What a page says of itself.
pub(super) struct About<'a> {
    pub(super) title: &'a str,
    /// One sentence, for link previews and search engines.
    pub(super) description: &'a str,
    /// Its own path; none: it is nowhere.
    pub(super) path: Option<&'a str>,
    /// Addresses of its feeds: Atom, iCalendar.
    pub(super) feeds: Option<(&'a str, &'a str)>,
}

/// A whole page. With the scripts and styles that the web client was built with, if it was.
pub(super) fn page(about: &About<'_>, reader: Reader, body: &Markup) -> Page {
    Page::html(html! {
        (DOCTYPE)
        html lang=(reader.tag()) dir=(reader.direction()) prefix="og: https://ogp.me/ns#" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (about.title) }
                meta name="description" content=(about.description);
                meta property="og:title" content=(about.title);
                meta property="og:description" content=(about.description);
                meta property="og:type" content="website";
                meta property="og:site_name" content="incamera";
                @if let Some(path) = about.path {
                    meta property="og:url" content={ (BASE) (path) };
                    meta property="og:image" content={ (BASE) (PREVIEW) };
                    meta property="og:image:width" content="1200";
                    meta property="og:image:height" content="630";
                    meta property="og:image:alt" content="incamera";
                }
                link rel="icon" type="image/svg+xml" href="/icon.svg";
                @if let Some((atom, calendar)) = about.feeds {
                    link rel="alternate" type="application/atom+xml" href=(atom) title="Atom";
                    link rel="alternate" type="text/calendar" href=(calendar) title="iCalendar";
                }
                @for (tag, _, _) in reader.languages() {
                    link rel="alternate" hreflang=(tag) href={"?lang=" (tag)};
                }
                (PreEscaped(built_head()))
            }
            body { (body) (languages(reader)) }
        }
    })
}

/// The same page in every language.
fn languages(reader: Reader) -> Markup {
    html! {
        nav.languages.small aria-label=(reader.say("language")) {
            @for (tag, name, current) in reader.languages() {
                a href={"?lang=" (tag)} lang=(tag) hreflang=(tag) aria-current=[current.then_some("true")] { (name) }
            }
        }
    }
}

/// The links to the feeds, for people.
pub(super) fn feed_links(atom: &str, calendar: &str, reader: Reader) -> Markup {
    html! {
        p.feeds.small {
            a href=(calendar) { (reader.say("calendar")) }
            " · "
            a href=(atom) { (reader.say("news")) }
        }
    }
}

/// There is no such page, or it may not be known yet: which of the two is not said.
pub(crate) fn nowhere(what: &str, reader: Reader) -> Page {
    let about = About {
        title: &format!("{} · incamera", reader.say("not-found")),
        description: &reader.say("not-found-what"),
        path: None,
        feeds: None,
    };
    let body = html! {
        main.page {
            header { a.mark href=(reader.link("/")) { "incamera" } }
            h1 { (reader.say("not-found")) }
            p { (what) }
            p { a href=(reader.link("/")) { (reader.say("all-meetings")) } }
        }
    };
    page(&about, reader, &body)
}

/// The tags for scripts and styles that stand in the page that Vite has built. They name files with hashes.
fn built_head() -> &'static str {
    static HEAD: OnceLock<String> = OnceLock::new();
    HEAD.get_or_init(|| {
        let built = asset("/index.html").and_then(|asset| std::str::from_utf8(asset.identity).ok());
        built.map(tags_of).unwrap_or_default()
    })
}

fn tags_of(html: &str) -> String {
    let script = between(html, "<script ", "</script>");
    let styles = html
        .match_indices("<link ")
        .filter_map(|(start, _)| between(html.get(start..)?, "<link ", ">"))
        .filter(|tag| tag.contains("rel=\"stylesheet\""));
    script.into_iter().chain(styles).collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let from = text.find(start)?;
    let length = text.get(from..)?.find(end)? + end.len();
    text.get(from..from + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_and_styles_of_the_built_page_are_taken_and_nothing_else() {
        let built = "<head><link rel=\"icon\" href=\"/i.svg\"><script type=\"module\" src=\"/assets/a.js\"></script>\
             <link rel=\"stylesheet\" href=\"/assets/a.css\"></head>";
        assert_eq!(
            tags_of(built),
            "<script type=\"module\" src=\"/assets/a.js\"></script><link rel=\"stylesheet\" href=\"/assets/a.css\">"
        );
        assert_eq!(tags_of(""), "");
    }
}
