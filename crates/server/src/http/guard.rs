//! What protects a route from what is sent to it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};

use crate::problem::Problem;

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The whole of a body, up to a limit.
pub(super) async fn body_up_to(request: Request<Body>, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let bytes = to_bytes(request.into_body(), bytes_max)
        .await
        .map_err(|_| Problem::too_large())?;
    Ok(bytes.into())
}

/// Whether a page of another site is asking: a browser then says which in `Origin`. Other clients need not say.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok())
        .and_then(|origin| origin.authority().map(ToString::to_string));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (origin, host) {
        (Some(origin), Some(host)) => !origin.eq_ignore_ascii_case(host),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_page_of_another_site_is_told_by_its_origin() {
        let host = ("host", "house.example:8080");
        assert!(!is_from_elsewhere(&headers(&[host])));
        assert!(!is_from_elsewhere(&headers(&[
            host,
            ("origin", "https://house.example:8080")
        ])));
        assert!(is_from_elsewhere(&headers(&[
            host,
            ("origin", "https://house.example")
        ])));
        assert!(is_from_elsewhere(&headers(&[
            host,
            ("origin", "https://evil.example:8080")
        ])));
        assert!(is_from_elsewhere(&headers(&[host, ("origin", "null")])));
        assert!(is_from_elsewhere(&headers(&[("origin", "https://house.example:8080")])));
    }

    #[test]
    fn only_a_bearer_token_is_one() {
        assert_eq!(bearer(&headers(&[("authorization", "Bearer abc")])), Some("abc"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic abc")])), None);
        assert_eq!(bearer(&headers(&[])), None);
    }
}
