//! The words of these pages, in the language of whoever reads them: `words/<language>`, the files that the client speaks
//! from too. English is the source; that the others say the same is tested there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use maud::{Markup, PreEscaped, Render as _, html};

macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../../../../words/", $language, "/common.ftl")),
            include_str!(concat!("../../../../words/", $language, "/dates.ftl")),
            include_str!(concat!("../../../../words/", $language, "/duties.ftl")),
            include_str!(concat!("../../../../words/", $language, "/public.ftl")),
            include_str!(concat!("../../../../words/", $language, "/roles.ftl")),
            // Last: of what it has in common with the page that stands without a script, that one's counts.
            include_str!(concat!("../../../../words/", $language, "/gallery.ftl")),
        ]
    };
}

struct Language {
    tag: &'static str,
    /// As those who speak it call it.
    name: &'static str,
    right_to_left: bool,
    files: [&'static str; 6],
}

macro_rules! language {
    ($tag:literal, $name:literal, $right_to_left:literal) => {
        Language {
            tag: $tag,
            name: $name,
            right_to_left: $right_to_left,
            files: files!($tag),
        }
    };
}

/// The first is spoken where none of the wanted ones is, and in feeds and calendars.
static LANGUAGES: [Language; 7] = [
    language!("en", "English", false),
    language!("de", "Deutsch", false),
    language!("fr", "Français", false),
    language!("es", "Español", false),
    language!("ru", "Русский", false),
    language!("zh", "中文", false),
    language!("ar", "العربية", true),
];

/// Who reads: in which language, and whether the address asks for it (then the links go on asking).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reader {
    language: usize,
    asked: bool,
}

/// What stands in a message in the place of an argument.
pub(crate) enum Arg<'a> {
    /// What somebody has written: set apart where it runs the other way.
    Text(&'a str),
    /// Words of ours, said already.
    Said(&'a str),
    /// Chooses a plural.
    Number(u64),
    Html(Markup),
}

impl Reader {
    /// Speaks the first language.
    pub(super) const HOUSE: Self = Self {
        language: 0,
        asked: false,
    };

    /// How many different readers there are.
    pub(crate) const KINDS: usize = LANGUAGES.len() * 2;

    /// `?lang=`, or what the browser asks for (RFC 9110 §12.5.4), or English.
    pub(crate) fn of(query: &HashMap<String, String>, headers: &HeaderMap) -> Self {
        if let Some(language) = query.get("lang").and_then(|tag| known(tag)) {
            return Self { language, asked: true };
        }
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self {
            language: accepted.and_then(best_of).unwrap_or_default(),
            asked: false,
        }
    }

    /// A number for each kind of reader, below [`Self::KINDS`].
    pub(crate) fn kind(self) -> usize {
        self.language * 2 + usize::from(self.asked)
    }

    fn spoken(self) -> &'static Language {
        LANGUAGES.get(self.language).unwrap_or(&LANGUAGES[0])
    }

    pub(super) fn tag(self) -> &'static str {
        self.spoken().tag
    }

    pub(super) fn direction(self) -> &'static str {
        if self.spoken().right_to_left { "rtl" } else { "ltr" }
    }

    /// An address of this house, in the language that was asked for.
    pub(super) fn link(self, path: &str) -> String {
        match (self.asked, path.contains('?')) {
            (false, _) => path.to_owned(),
            (true, false) => format!("{path}?lang={}", self.tag()),
            (true, true) => format!("{path}&lang={}", self.tag()),
        }
    }

    /// Tag and name of every language, and whether it is this reader's.
    pub(super) fn languages(self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        LANGUAGES
            .iter()
            .enumerate()
            .map(move |(index, language)| (language.tag, language.name, index == self.language))
    }

    /// A message without arguments.
    pub(crate) fn say(self, id: &str) -> String {
        self.text(id, &[])
    }

    /// A message as plain text.
    pub(crate) fn text(self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut fluent = FluentArgs::new();
        for (name, arg) in args {
            fluent.set(
                *name,
                match arg {
                    Arg::Text(text) => FluentValue::from(self.isolated(text).into_owned()),
                    Arg::Said(said) => FluentValue::from((*said).to_owned()),
                    Arg::Number(number) => FluentValue::from(*number),
                    Arg::Html(markup) => FluentValue::from(markup.0.clone()),
                },
            );
        }
        self.format(id, &fluent)
    }

    /// A message as HTML. What somebody has written does not pass through Fluent: a mark stands for it until the end.
    pub(super) fn html(self, id: &str, args: &[(&str, Arg<'_>)]) -> Markup {
        let mut fluent = FluentArgs::new();
        for (index, (name, arg)) in args.iter().enumerate() {
            fluent.set(
                *name,
                match arg {
                    Arg::Number(number) => FluentValue::from(*number),
                    Arg::Text(_) | Arg::Said(_) | Arg::Html(_) => FluentValue::from(format!("{MARK}{index}{MARK}")),
                },
            );
        }
        let said = self.format(id, &fluent);
        html! {
            @for (place, part) in said.split(MARK).enumerate() {
                @if place % 2 == 0 {
                    (part)
                } @else if let Some((_, arg)) = part.parse::<usize>().ok().and_then(|index| args.get(index)) {
                    @match arg {
                        Arg::Html(markup) => (markup),
                        Arg::Text(text) => (self.name(text)),
                        Arg::Said(said) => (said),
                        Arg::Number(number) => (number),
                    }
                }
            }
        }
    }

    /// What somebody has written: in an element of its own where it may run the other way.
    pub(super) fn name(self, text: &str) -> Markup {
        if self.is_calm(text) {
            PreEscaped(text.render().into_string())
        } else {
            html! { bdi { (text) } }
        }
    }

    fn format(self, id: &str, args: &FluentArgs<'_>) -> String {
        let bundle = bundles().get(self.language).or(bundles().first());
        let message = bundle.and_then(|bundle| Some((bundle, bundle.get_message(id)?.value()?)));
        // A test sees to it that every message is there.
        let Some((bundle, pattern)) = message else {
            return id.to_owned();
        };
        bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }

    /// Between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode UAX #9), where it could disturb what is around.
    pub(super) fn isolated<'a>(self, text: &'a str) -> Cow<'a, str> {
        if self.is_calm(text) {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(format!("\u{2068}{text}\u{2069}"))
        }
    }

    fn is_calm(self, text: &str) -> bool {
        let runs_left =
            |it: char| matches!(it, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
        if self.spoken().right_to_left {
            text.chars().all(|it| runs_left(it) || it.is_whitespace())
        } else {
            !text.contains(runs_left)
        }
    }
}

/// For private use (Unicode §23.5): it stands in no message.
const MARK: char = '\u{e000}';

fn bundles() -> &'static [FluentBundle<FluentResource>] {
    static BUNDLES: OnceLock<Vec<FluentBundle<FluentResource>>> = OnceLock::new();
    BUNDLES.get_or_init(|| LANGUAGES.iter().map(bundle_of).collect())
}

fn bundle_of(language: &Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(language.tag.parse().into_iter().collect());
    // Here it is done only where it is needed.
    bundle.set_use_isolating(false);
    for file in language.files {
        let resource = match FluentResource::try_new(file.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// "de-AT" is German.
fn known(tag: &str) -> Option<usize> {
    let primary = tag.split('-').next()?.trim();
    LANGUAGES
        .iter()
        .position(|language| language.tag.eq_ignore_ascii_case(primary))
}

/// The best of the accepted languages that are spoken here. Of two that are wanted equally, the first.
fn best_of(accepted: &str) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for range in accepted.split(',') {
        let mut parts = range.split(';');
        let language = parts.next().and_then(known);
        let quality = parts
            .filter_map(|part| part.trim().strip_prefix("q="))
            .find_map(|quality| quality.parse::<f32>().ok())
            .unwrap_or(1.0);
        if let Some(language) = language
            && quality > best.map_or(0.0, |(_, quality)| quality)
        {
            best = Some((language, quality));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(tag: &str) -> Reader {
        Reader::of(&HashMap::from([("lang".to_owned(), tag.to_owned())]), &HeaderMap::new())
    }

    #[test]
    fn the_best_accepted_language_that_is_spoken_here_is_taken() {
        assert_eq!(best_of("pt-BR, de-AT;q=0.8, fr;q=0.9"), known("fr"));
        assert_eq!(best_of("zh-Hans-CN,zh"), known("zh"));
        assert_eq!(best_of("ar;q=0, es"), known("es"));
        assert_eq!(best_of("tlh, *"), None);
    }

    #[test]
    fn every_file_is_read_whole() {
        for language in &LANGUAGES {
            for file in language.files {
                assert!(FluentResource::try_new(file.to_owned()).is_ok(), "{}", language.tag);
            }
        }
    }

    #[test]
    fn words_have_their_plurals_and_names_stay_names() {
        let args = |times| {
            [
                ("times", Arg::Number(times)),
                ("last", Arg::Text("<b>")),
                ("first", Arg::Text("A")),
            ]
        };
        assert!(
            reads("ru")
                .html("met", &args(3))
                .into_string()
                .contains("всего 3 встречи")
        );
        assert!(
            reads("ru")
                .html("met", &args(5))
                .into_string()
                .contains("всего 5 встреч,")
        );
        assert!(
            reads("en")
                .html("met", &args(1))
                .into_string()
                .contains("Last met &lt;b&gt;; once")
        );
        assert!(
            reads("ar")
                .html("joint", &[("names", Arg::Text("A"))])
                .into_string()
                .contains("<bdi>A</bdi>")
        );
        assert_eq!(
            reads("de").text("joint", &[("names", Arg::Text("ليلى"))]),
            "Gemeinsame Erklärung von \u{2068}ليلى\u{2069}"
        );
    }

    #[test]
    fn links_go_on_in_the_language_that_was_asked_for() {
        assert_eq!(reads("de").link("/?page=2"), "/?page=2&lang=de");
        assert_eq!(reads("de").link("/m/x"), "/m/x?lang=de");
        assert_eq!(reads("tlh").link("/m/x"), "/m/x");
    }
}
