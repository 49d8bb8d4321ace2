//! What is sent only to those who do not have it yet (RFC 9110 §13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, VARY,
};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Stands in a page where its house's address belongs, which is known only when somebody asks. Nothing that people write
/// holds it: it is a control character.
pub(super) const BASE: char = '\u{1}';

const HTML: &str = "text/html; charset=utf-8";

/// Something that was written for the public. Cloning it copies nothing.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    content_type: &'static str,
    body: Bytes,
    etag: HeaderValue,
    /// Milliseconds since the Unix epoch, where that can be said.
    changed_at_ms: Option<u64>,
}

impl Page {
    pub(crate) fn new(content_type: &'static str, body: String, changed_at_ms: Option<u64>) -> Self {
        let hash = digest(&SHA256, body.as_bytes());
        let tag: String = URL_SAFE_NO_PAD.encode(hash).chars().take(22).collect();
        Self {
            content_type,
            body: Bytes::from(body),
            etag: HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\"")),
            changed_at_ms,
        }
    }

    pub(super) fn html(body: maud::Markup) -> Self {
        Self::new(HTML, body.into_string(), None)
    }

    /// The page as the house's address completes it: link previews want addresses that are whole. The tag stays: whoever
    /// keeps a page keeps it by the address.
    pub(crate) fn at(mut self, base: &str) -> Self {
        let Ok(body) = std::str::from_utf8(&self.body) else {
            return self;
        };
        self.body = Bytes::from(body.replace(BASE, base));
        self
    }

    fn changed(&self) -> Option<SystemTime> {
        // HTTP dates know whole seconds.
        let seconds = self.changed_at_ms? / 1_000;
        Some(UNIX_EPOCH + Duration::from_secs(seconds))
    }
}

/// The page, or that it has not changed.
pub(crate) fn answer(page: Page, headers: &HeaderMap) -> Response {
    let mut response = if is_known(&page, headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, page.content_type)], page.body.clone()).into_response()
    };
    let answer = response.headers_mut();
    if let Some(changed) = page.changed()
        && let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(changed))
    {
        answer.insert(LAST_MODIFIED, date);
    }
    // What people read speaks their language; feeds and calendars speak the house's.
    if page.content_type == HTML {
        answer.insert(VARY, HeaderValue::from_name(ACCEPT_LANGUAGE));
    }
    answer.insert(ETAG, page.etag);
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A tag trumps a date (RFC 9110 §13.2.2).
fn is_known(page: &Page, headers: &HeaderMap) -> bool {
    let tags = headers.get_all(IF_NONE_MATCH);
    if tags.iter().next().is_some() {
        return tags
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag.as_bytes() == page.etag.as_bytes());
    }
    let since = headers
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|date| httpdate::parse_http_date(date).ok());
    matches!((since, page.changed()), (Some(since), Some(changed)) if changed <= since)
}
