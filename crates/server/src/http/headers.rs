//! Headers on every answer.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

/// Nothing from anywhere but this house, and nothing that was not built with it. `'self'` in `connect-src` covers
/// WebSockets of the same host (CSP Level 3 §6.7.2.8). `blob:` in `img-src` is a picture that a member has offered and this page
/// has opened: only a page's own script makes such an address. Frames and plug-ins of any kind stay shut out.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Everything that a page of ours does not use is off.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), \
     usb=(), serial=(), hid=(), midi=(), bluetooth=(), browsing-topics=()";

/// Two years. Subdomains are not ours to speak for.
const TRANSPORT_SECURITY: &str = "max-age=63072000";

/// The headers of this house.
#[derive(Clone)]
pub(super) struct Headers {
    always: Vec<(HeaderName, HeaderValue)>,
}

impl Headers {
    pub(super) fn new(secure: bool) -> Self {
        let mut always = vec![
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(PERMISSIONS),
            ),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if secure {
            always.push((STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT_SECURITY)));
        }
        Self { always }
    }
}

/// Adds them. What says nothing about caching is not kept: most answers are about a moment.
pub(super) async fn add(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let answer = response.headers_mut();
    for (name, value) in headers.always {
        answer.insert(name, value);
    }
    answer
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
