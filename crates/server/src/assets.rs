//! The web client, embedded in the program: every file with the variants that were compressed when it was built.
//!
//! A path is looked up in a table made by `build.rs` and never on a disk, so no path leads anywhere else.

use incamera_protocol::MeetingId;

/// A file of the web client.
#[derive(Clone, Copy)]
pub(crate) struct Asset {
    /// What `Content-Type` says.
    pub(crate) content_type: &'static str,
    /// What `ETag` says, quotes included. It is weak: the same for all variants of the file.
    pub(crate) etag: &'static str,
    /// The file itself.
    pub(crate) identity: &'static [u8],
    /// The file for clients that accept `br`.
    pub(crate) br: Option<&'static [u8]>,
    /// The file for clients that accept `gzip`.
    pub(crate) gz: Option<&'static [u8]>,
    /// The name holds a hash of the content, so that a browser need never ask again.
    pub(crate) immutable: bool,
}

/// A file of the web client as it stands in this program: for whoever compares it with what a house serves.
#[derive(Clone, Copy)]
pub struct WebFile {
    /// From the root of the site: `assets/room-1a2b.js`.
    pub name: &'static str,
    /// The file itself.
    pub identity: &'static [u8],
    /// As it is sent with `Content-Encoding: br`.
    pub br: Option<&'static [u8]>,
    /// As it is sent with `Content-Encoding: gzip`.
    pub gzip: Option<&'static [u8]>,
}

impl WebFile {
    /// Every path at which it is served. In those of pages that belong to a meeting stands the id of none.
    pub fn paths(&self) -> Vec<String> {
        let meeting = format!("/m/{}", MeetingId([0; 32]));
        match self.name {
            // Only what it names is served: the pages of the public are written anew, around it.
            "index.html" => Vec::new(),
            "room.html" => vec![format!("{meeting}/join"), format!("{meeting}/booth")],
            "desk.html" => vec![format!("{meeting}/desk")],
            "convener.html" => vec![format!("{meeting}/convener")],
            "convene.html" => vec!["/convene".to_owned()],
            name => vec![format!("/{name}")],
        }
    }
}

/// Every file of the web client in this program, by name. None, if it was built without.
pub fn web_client() -> impl Iterator<Item = WebFile> {
    FILES.iter().map(|file| WebFile {
        name: file.name,
        identity: file.identity,
        br: file.br,
        gzip: file.gz,
    })
}

/// What every page says in a program that was built without the web client.
pub(crate) const NO_WEB_CLIENT: &str =
    "This build has no web client: run `cargo xtask web` (needs Node) and build again.\n";

/// Whether the program was built with the web client.
pub(crate) fn has_web_client() -> bool {
    !FILES.is_empty()
}

/// The file at a path of the site, such as `/room.html`. A folder is not a file: `/` is nothing.
pub(crate) fn asset(path: &str) -> Option<Asset> {
    find(FILES, path)
}

/// A line of the table that `build.rs` writes, sorted by name.
struct File {
    name: &'static str,
    etag: &'static str,
    identity: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web_client.rs"));

fn find(files: &'static [File], path: &str) -> Option<Asset> {
    let name = path.strip_prefix('/').unwrap_or(path);
    let index = files.binary_search_by(|file| file.name.cmp(name)).ok()?;
    let file = files.get(index)?;
    Some(Asset {
        content_type: content_type(file.name),
        etag: file.etag,
        identity: file.identity,
        br: file.br,
        gz: file.gz,
        // Vite puts what it names after its content there, and nothing else.
        immutable: file.name.starts_with("assets/"),
    })
}

/// Browsers are told never to guess (`nosniff`), so what is not listed here is downloaded and not shown.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" | "ftl" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SAMPLE: &[File] = &[
        File {
            name: "assets/room-1a2b.js",
            etag: "W/\"1\"",
            identity: b"room",
            br: Some(b"r"),
            gz: None,
        },
        File {
            name: "index.html",
            etag: "W/\"2\"",
            identity: b"page",
            br: None,
            gz: Some(b"p"),
        },
        File {
            name: "robots.txt",
            etag: "W/\"3\"",
            identity: b"robots",
            br: None,
            gz: None,
        },
    ];

    #[test]
    fn a_file_is_found_with_its_variants_and_its_type() {
        let script = find(SAMPLE, "/assets/room-1a2b.js").unwrap();
        assert_eq!(script.content_type, "text/javascript; charset=utf-8");
        assert_eq!(
            (script.identity, script.br, script.gz),
            (&b"room"[..], Some(&b"r"[..]), None)
        );
        assert_eq!(script.etag, "W/\"1\"");
        assert!(script.immutable);
        let page = find(SAMPLE, "index.html").unwrap();
        assert_eq!((page.identity, page.gz), (&b"page"[..], Some(&b"p"[..])));
    }

    #[test]
    fn pages_are_asked_for_again_and_hashed_names_are_not() {
        assert!(!find(SAMPLE, "/index.html").unwrap().immutable);
        assert!(!find(SAMPLE, "/robots.txt").unwrap().immutable);
        assert!(find(SAMPLE, "/assets/room-1a2b.js").unwrap().immutable);
    }

    #[test]
    fn nothing_else_is_found() {
        for path in [
            "",
            "/",
            "/assets",
            "/assets/",
            "/index",
            "//index.html",
            "/assets/../index.html",
            "/INDEX.HTML",
        ] {
            assert!(find(SAMPLE, path).is_none(), "{path}");
        }
        assert!(find(&[], "/index.html").is_none());
    }

    #[test]
    fn what_is_not_known_is_not_shown() {
        assert_eq!(content_type("seal_bg-1a2b.wasm"), "application/wasm");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
        assert_eq!(content_type("page.html.exe"), "application/octet-stream");
    }

    #[test]
    fn the_embedded_client_is_whole_or_not_there_at_all() {
        assert!(FILES.is_sorted_by_key(|file| file.name));
        for file in FILES {
            let asset = asset(&format!("/{}", file.name)).unwrap();
            assert!(!asset.identity.is_empty(), "{}", file.name);
            assert!(
                asset.etag.starts_with("W/\"") && asset.etag.ends_with('"'),
                "{}",
                file.name
            );
            for compressed in [asset.br, asset.gz].into_iter().flatten() {
                assert!(compressed.len() < asset.identity.len(), "{}", file.name);
            }
        }
        for page in [
            "/index.html",
            "/room.html",
            "/convene.html",
            "/convener.html",
            "/desk.html",
        ] {
            assert_eq!(asset(page).is_some(), has_web_client(), "{page}");
        }
        assert!(NO_WEB_CLIENT.contains("cargo xtask web"));
    }
}
