//! The pages that a house writes itself differ from house to house. What can run in them does not: nothing but what this
//! program's own page names.

use incamera_server::web_client;

/// Elements that bring in code, frames or other addresses; of ours only scripts and stylesheets are there, and only those
/// that Vite has named.
const BRINGS: [&str; 9] = [
    "script", "style", "iframe", "frame", "object", "embed", "base", "form", "applet",
];

/// What is in this page that this program would not write, if anything is.
pub(super) fn foreign(page: &str) -> Option<String> {
    let built = web_client().find(|file| file.name == "index.html");
    let built = built
        .and_then(|file| std::str::from_utf8(file.identity).ok())
        .unwrap_or_default();
    // In what people wrote, `<` and `>` are escaped, so that every tag is one of the program's.
    tags(page)
        .find(|tag| !is_ours(tag, built))
        .map(|tag| format!("<{tag}>"))
}

fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| Some(rest.split_once('>')?.0))
}

fn is_ours(tag: &str, built: &str) -> bool {
    let (name, rest) = tag.split_once([' ', '\n', '\t']).unwrap_or((tag, ""));
    let name = name.to_ascii_lowercase();
    let attributes = attributes(rest);
    let stylesheet = name == "link"
        && attributes
            .iter()
            .any(|(key, value)| key == "rel" && *value == "stylesheet");
    if (BRINGS.contains(&name.as_str()) || stylesheet) && !built.contains(&format!("<{tag}>")) {
        return false;
    }
    attributes.iter().all(|(key, value)| {
        let handles = key.starts_with("on") || ["style", "srcdoc", "http-equiv"].contains(&key.as_str());
        let value = value.trim().to_ascii_lowercase();
        let leads = ["href", "src", "action", "formaction", "xlink:href"].contains(&key.as_str());
        let runs = leads
            && ["javascript:", "data:", "vbscript:"]
                .iter()
                .any(|start| value.starts_with(start));
        !handles && !runs
    })
}

/// Names in lower case, and values. What people wrote may stand in a value, and is only ever text there.
fn attributes(mut rest: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\t', '/']);
        let end = rest.find(['=', ' ', '\n', '\t']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return found;
        }
        let (value, next) = match after.strip_prefix('=') {
            None => ("", after),
            Some(quoted) if quoted.starts_with('"') => {
                let inner = quoted.trim_start_matches('"');
                // An empty value has its two quotes side by side.
                if quoted.starts_with("\"\"") {
                    ("", quoted.get(2..).unwrap_or_default())
                } else {
                    inner.split_once('"').unwrap_or((inner, ""))
                }
            }
            Some(bare) => bare.split_at(bare.find([' ', '\n', '\t']).unwrap_or(bare.len())),
        };
        found.push((name.to_ascii_lowercase(), value));
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = "<script type=\"module\" src=\"/assets/a.js\"></script>";

    #[test]
    fn what_brings_or_runs_anything_is_foreign_unless_the_built_page_names_it() {
        for good in [
            "script type=\"module\" src=\"/assets/a.js\"",
            "/script",
            "main class=\"page\" id=\"schedule\"",
            "meta name=\"description\" content=\"on this day: x onload=1 javascript:\"",
            "a href=\"/m/x\"",
            "section hidden aria-label=\"\" id=\"a\"",
            "link rel=\"alternate\" href=\"/feed.atom\"",
        ] {
            assert!(is_ours(good, BUILT), "{good}");
        }
        for bad in [
            "script",
            "script type=\"module\" src=\"/assets/b.js\"",
            "main onend=\"page\"",
            "body id=\"\" onload=x",
            "p style=\"x\"",
            "a href=\" JavaScript:alert(1)\"",
            "iframe src=\"/\"",
            "base href=\"https://elsewhere.example\"",
            "meta http-equiv=\"refresh\"",
            "link rel=\"stylesheet\" href=\"/b.css\"",
        ] {
            assert!(!is_ours(bad, BUILT), "{bad}");
        }
    }
}
