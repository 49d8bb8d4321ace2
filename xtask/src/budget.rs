//! What a page may weigh: the bytes that a browser must fetch, brotli-compressed, before the page can do anything.
//!
//! Somebody follows the link from a ministry's phone network. A page's weight is its HTML and all that the HTML names
//! (Vite names every module that is imported statically), and its words in the language in which they weigh most; what is
//! loaded later, the wasm above all, is listed apart.

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

struct Budget {
    name: &'static str,
    page: &'static str,
    bytes_max: u64,
}

const PAGES: [Budget; 5] = [
    // Around it the server writes a page of some kilobytes: together they stay below 20,000.
    Budget {
        name: "gallery",
        page: "index.html",
        bytes_max: 12_000,
    },
    Budget {
        name: "join",
        page: "room.html",
        bytes_max: 80_000,
    },
    Budget {
        name: "convene",
        page: "convene.html",
        bytes_max: 80_000,
    },
    Budget {
        name: "convener",
        page: "convener.html",
        bytes_max: 30_000,
    },
    Budget {
        name: "desk",
        page: "desk.html",
        bytes_max: 35_000,
    },
];

const WASM_BYTES_MAX: u64 = 700_000;

/// Prints what the built client weighs and fails when something is too heavy.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let mut faults = Vec::new();
    let mut judge = |what: &str, bytes: u64, bytes_max: u64| {
        println!("  {what:<24} {:>9} of {bytes_max} bytes", bytes);
        if bytes > bytes_max {
            faults.push(format!("{what} weighs {bytes} bytes, {bytes_max} are allowed"));
        }
    };

    println!("web: weight, brotli");
    let mut named = BTreeSet::new();
    for budget in &PAGES {
        let page = dist.join(budget.page);
        let html = fs::read_to_string(&page).with_context(|| format!("the build left no {}", page.display()))?;
        let references = references(&html);
        let mut bytes = compressed_size(&page)?;
        for reference in &references {
            bytes += compressed_size(&dist.join(reference))?;
        }
        bytes += heaviest_words(dist, &references)?;
        judge(&format!("{} page", budget.name), bytes, budget.bytes_max);
        named.extend(references);
    }
    for file in assets(dist)? {
        let bytes = compressed_size(&dist.join(&file))?;
        if file.ends_with(".wasm") {
            judge(&file, bytes, WASM_BYTES_MAX);
        } else if !named.contains(&file) {
            println!("  {file:<24} {bytes:>9} later");
        }
    }
    if !faults.is_empty() {
        bail!("over budget: {}", faults.join("; "));
    }
    Ok(())
}

/// The files of this site that a page's HTML names, relative to its root.
fn references(html: &str) -> BTreeSet<String> {
    let values = ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|attribute| html.split(attribute).skip(1));
    values
        .filter_map(|rest| rest.split('"').next())
        .filter_map(|value| value.strip_prefix('/'))
        .filter(|path| path.contains('.') && !path.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

/// The languages, as `web/scripts/words.mjs` has them: the module with a page's words is named after its language.
const LANGUAGES: [&str; 7] = ["en", "de", "fr", "es", "ru", "zh", "ar"];

/// A page loads its words in one language before it shows anything: the weight of the heaviest.
fn heaviest_words(dist: &Path, references: &BTreeSet<String>) -> Result<u64> {
    let mut heaviest = 0;
    for reference in references.iter().filter(|path| path.ends_with(".js")) {
        let script = dist.join(reference);
        let script = fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))?;
        for words in LANGUAGES.iter().filter_map(|language| words_of(&script, language)) {
            heaviest = heaviest.max(compressed_size(&dist.join("assets").join(words))?);
        }
    }
    Ok(heaviest)
}

/// The module of this language that a script loads: `./de-1a2b.js`.
fn words_of<'a>(script: &'a str, language: &str) -> Option<&'a str> {
    let start = script.find(&format!("./{language}-"))? + "./".len();
    let rest = script.get(start..)?;
    rest.get(..rest.find(".js")? + ".js".len())
}

/// The built assets without their compressed variants.
fn assets(dist: &Path) -> Result<BTreeSet<String>> {
    let folder = dist.join("assets");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("the build left no {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".br") && !name.ends_with(".gz") {
            names.insert(format!("assets/{name}"));
        }
    }
    Ok(names)
}

/// What travels: the brotli variant, or the file itself where compression saved nothing.
fn compressed_size(file: &Path) -> Result<u64> {
    let mut compressed = file.as_os_str().to_owned();
    compressed.push(".br");
    let travels = if Path::new(&compressed).exists() {
        PathBuf::from(compressed)
    } else {
        file.to_path_buf()
    };
    Ok(fs::metadata(&travels)
        .with_context(|| format!("cannot read {}", travels.display()))?
        .len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<link rel="icon" href="/lamp.svg"><script src="/assets/a.js"></script><a href="/m/x">"#;

    fn dist(script_bytes: usize, wasm_bytes: usize) -> tempfile::TempDir {
        let dist = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: usize| fs::write(dist.path().join(name), vec![b'x'; bytes]).unwrap();
        fs::create_dir(dist.path().join("assets")).unwrap();
        for page in ["index.html", "room.html", "convene.html", "convener.html", "desk.html"] {
            fs::write(dist.path().join(page), PAGE).unwrap();
        }
        write("lamp.svg", 10);
        write("assets/a.js", 1_000_000);
        write("assets/a.js.br", script_bytes);
        write("assets/seal.wasm", wasm_bytes);
        dist
    }

    #[test]
    fn a_page_is_what_its_html_names() {
        assert_eq!(
            references(PAGE),
            BTreeSet::from(["lamp.svg".to_owned(), "assets/a.js".to_owned()])
        );
    }

    #[test]
    fn light_pages_pass() {
        check(dist(11_000, 700_000).path()).unwrap();
    }

    #[test]
    fn words_weigh_as_much_as_in_the_heaviest_language() {
        let dist = dist(10_000, 0);
        let script = "({ en: () => import(`./en-1.js`), ar: () => import(`./ar-2.js`) })";
        fs::write(dist.path().join("assets/a.js"), script).unwrap();
        fs::write(dist.path().join("assets/en-1.js"), vec![b'x'; 500]).unwrap();
        fs::write(dist.path().join("assets/ar-2.js"), vec![b'x'; 900]).unwrap();
        let references = references(PAGE);
        assert_eq!(heaviest_words(dist.path(), &references).unwrap(), 900);
        fs::write(dist.path().join("assets/ar-2.js"), vec![b'x'; 2_000]).unwrap();
        assert!(check(dist.path()).unwrap_err().to_string().contains("gallery page"));
    }

    #[test]
    fn a_heavy_page_and_a_heavy_wasm_are_refused() {
        let message = check(dist(12_000, 0).path()).unwrap_err().to_string();
        assert!(message.contains("gallery page"), "{message}");
        assert!(!message.contains("join page"), "{message}");
        let message = check(dist(0, 700_001).path()).unwrap_err().to_string();
        assert!(message.contains("seal.wasm"), "{message}");
    }
}
