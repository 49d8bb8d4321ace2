//! Pages and files of the web client.

use std::collections::HashMap;

use axum::extract::{OriginalUri, Query};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::ErrorCode;

use super::public::not_here;
use crate::assets::{Asset, NO_WEB_CLIENT, asset, has_web_client};
use crate::problem::Problem;
use crate::public::Reader;

/// The room, and an interpreter's desk in it.
pub(super) async fn room(headers: HeaderMap) -> Response {
    page("/room.html", &headers)
}

/// A delegation's desk.
pub(super) async fn desk(headers: HeaderMap) -> Response {
    page("/desk.html", &headers)
}

/// The convener's page.
pub(super) async fn convene(headers: HeaderMap) -> Response {
    page("/convene.html", &headers)
}

/// The page on which the convener announces a meeting and moves it.
pub(super) async fn convener(headers: HeaderMap) -> Response {
    page("/convener.html", &headers)
}

fn page(path: &str, headers: &HeaderMap) -> Response {
    match asset(path) {
        Some(asset) => file(asset, headers),
        None if !has_web_client() => (StatusCode::SERVICE_UNAVAILABLE, NO_WEB_CLIENT).into_response(),
        None => not_found(&Uri::default(), headers),
    }
}

/// A file of the web client, or nothing.
pub(super) async fn anything_else(method: Method, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    if is_api(&uri) {
        return Problem::new(ErrorCode::NotFound, "There is nothing here.").into_response();
    }
    // Pages have addresses of their own, without the ending.
    let found = asset(uri.path()).filter(|_| !uri.path().ends_with(".html"));
    match found {
        Some(asset) if method == Method::GET || method == Method::HEAD => file(asset, &headers),
        _ => not_found(&uri, &headers),
    }
}

/// The route is there, the method is not.
pub(super) async fn wrong_method(OriginalUri(uri): OriginalUri) -> Response {
    if is_api(&uri) {
        let mut response = Problem::new(ErrorCode::NotAllowed, "This cannot be done here.").into_response();
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        return response;
    }
    (StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here.\n").into_response()
}

fn is_api(uri: &Uri) -> bool {
    uri.path() == "/api" || uri.path().starts_with("/api/")
}

/// In the language of whoever asks, as the pages that the public reads.
fn not_found(uri: &Uri, headers: &HeaderMap) -> Response {
    let asked = Query::<HashMap<String, String>>::try_from_uri(uri).map(|Query(asked)| asked);
    not_here("not-found-what", Reader::of(&asked.unwrap_or_default(), headers))
}

fn file(asset: Asset, headers: &HeaderMap) -> Response {
    let caching = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let common = [
        (CACHE_CONTROL, HeaderValue::from_static(caching)),
        (ETAG, HeaderValue::from_static(asset.etag)),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if knows(headers, asset.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static(asset.content_type))];
    let variants = [("br", asset.br), ("gzip", asset.gz)];
    let compressed = variants
        .into_iter()
        .filter(|(name, _)| accepts(headers, name))
        .find_map(|(name, bytes)| Some((name, bytes?)));
    match compressed {
        Some((name, bytes)) => (
            common,
            content_type,
            [(CONTENT_ENCODING, HeaderValue::from_static(name))],
            bytes,
        )
            .into_response(),
        None => (common, content_type, asset.identity).into_response(),
    }
}

/// Whether the browser has this version already (RFC 9110 §13.1.2).
fn knows(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim() == etag || value.trim() == "*")
}

/// Whether the browser takes this coding (RFC 9110 §12.5.3). One that it only does not mind is not used.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            named && weight.is_none_or(|weight| weight > 0.0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Asset = Asset {
        content_type: "text/css; charset=utf-8",
        etag: "W/\"1\"",
        identity: b"plain",
        br: Some(b"b"),
        gz: Some(b"gz"),
        immutable: true,
    };

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        let name = axum::http::HeaderName::from_static(name);
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_browser_gets_the_coding_it_takes() {
        let coding = |accept| {
            let response = file(SAMPLE, &headers("accept-encoding", accept));
            response
                .headers()
                .get(CONTENT_ENCODING)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(coding("gzip, deflate, br").as_deref(), Some("br"));
        assert_eq!(coding("gzip;q=1.0, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(coding("identity"), None);
    }

    #[test]
    fn what_a_browser_knows_is_not_sent_again() {
        let known = file(SAMPLE, &headers("if-none-match", "W/\"0\", W/\"1\""));
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        let other = file(SAMPLE, &headers("if-none-match", "W/\"0\""));
        assert_eq!(other.status(), StatusCode::OK);
        assert_eq!(other.headers().get(CONTENT_TYPE).unwrap(), SAMPLE.content_type);
        assert!(
            other
                .headers()
                .get(CACHE_CONTROL)
                .unwrap()
                .to_str()
                .unwrap()
                .contains("immutable")
        );
    }
}
