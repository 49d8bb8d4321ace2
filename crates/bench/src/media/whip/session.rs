//! One session: an offer, its answer, and the end.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};

use super::SIGNALLING_PATIENCE;

/// Most bytes of an answer. One for two lines has some thousands, and each candidate adds a hundred.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Most characters that are quoted of what a server says to a refusal: a sentence or two.
const QUOTED_CHARS_MAX: usize = 300;
/// Most redirects of one request: to where a stream is, and once more.
const REDIRECTS_MAX: usize = 3;
/// Between two requests for a stream that is not there yet, if the server does not say how long.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

const SDP: &str = "application/sdp";

/// Where offers are made, and what proves that one may.
pub(super) struct Endpoint {
    url: Url,
    authorization: Option<HeaderValue>,
}

impl Endpoint {
    pub(super) fn new(url: &str, token: Option<&str>) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| format!("not an address: {error}"))?;
        if !is_http(&url) {
            return Err("not an address of HTTP".to_owned());
        }
        let authorization = token.map(|token| {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| "the token has characters that no header can carry")?;
            value.set_sensitive(true);
            Ok::<_, &str>(value)
        });
        Ok(Self {
            url,
            authorization: authorization.transpose()?,
        })
    }

    pub(super) fn port(&self) -> u16 {
        // Both schemes have one.
        self.url.port_or_known_default().unwrap_or_default()
    }
}

/// Without what may be secret in an address.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.path())
    }
}

/// What a server has set up for an offer.
pub(super) struct Session {
    url: Url,
    authorization: Option<HeaderValue>,
}

/// Why there is no session.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) why: String,
    /// It may be there after so long.
    pub(super) again_after: Option<Duration>,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { why, again_after: None }
    }
}

/// The way to the server.
pub(super) struct Http(Client);

impl Http {
    pub(super) fn new() -> Result<Self, String> {
        let client = Client::builder()
            .timeout(SIGNALLING_PATIENCE)
            .redirect(redirects())
            .no_proxy()
            // Participants do not share connections.
            .pool_max_idle_per_host(0)
            .build();
        client.map(Self).map_err(|error| error.to_string())
    }

    /// Makes an offer (RFC 9725 §4.2). Gives the answer and what to end.
    pub(super) async fn open(&self, at: &Endpoint, offer: String) -> Result<(String, Session), Refusal> {
        let request = self
            .0
            .post(at.url.clone())
            .header(CONTENT_TYPE, SDP)
            .header(ACCEPT, SDP);
        let mut response = send(request.body(offer), at.authorization.as_ref())
            .await
            .map_err(|why| format!("POST {at}: {why}"))?;
        let status = response.status();
        let is_sdp = is_sdp(response.headers());
        if status == StatusCode::NOT_ACCEPTABLE && is_sdp {
            return Err(format!("POST {at}: 406 with an offer of the server's own, which is not taken here").into());
        }
        if status != StatusCode::CREATED {
            return Err(Refusal {
                again_after: again_after(status, response.headers()),
                why: format!("POST {at}: {}", refused(response).await),
            });
        }
        if !is_sdp {
            return Err(format!("POST {at}: what came with 201 is not {SDP}").into());
        }
        let url = session_url(&response).map_err(|why| format!("POST {at}: {why}"))?;
        let (answer, whole) = read(&mut response, ANSWER_BYTES_MAX)
            .await
            .map_err(|why| format!("POST {at}: {why}"))?;
        if !whole {
            return Err(format!("POST {at}: the answer has more than {ANSWER_BYTES_MAX} bytes").into());
        }
        let answer = String::from_utf8(answer).map_err(|_| format!("POST {at}: the answer is not text"))?;
        // Nobody else learns the token.
        let authorization = at.authorization.clone().filter(|_| url.origin() == at.url.origin());
        Ok((answer, Session { url, authorization }))
    }

    /// Ends a session (RFC 9725 §4.2).
    pub(super) async fn close(&self, session: Session) -> Result<(), String> {
        let path = session.url.path().to_owned();
        let response = send(self.0.delete(session.url), session.authorization.as_ref())
            .await
            .map_err(|why| format!("DELETE {path}: {why}"))?;
        // The connection says goodbye as well, and the server may have heard that first.
        if response.status().is_success() || matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(());
        }
        Err(format!("DELETE {path}: {}", refused(response).await))
    }
}

async fn send(request: RequestBuilder, authorization: Option<&HeaderValue>) -> Result<Response, String> {
    let request = match authorization {
        Some(authorization) => request.header(AUTHORIZATION, authorization),
        None => request,
    };
    request.send().await.map_err(chain)
}

/// Only those that repeat the request as it is (RFC 9110 §15.4); on the way to another host the token is left out.
fn redirects() -> Policy {
    Policy::custom(|attempt| match attempt.status() {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => {
            if attempt.previous().len() > REDIRECTS_MAX {
                attempt.error(format!("more than {REDIRECTS_MAX} redirects"))
            } else {
                attempt.follow()
            }
        }
        _ => attempt.stop(),
    })
}

/// What a stream that is not there yet is answered with: 409 by the draft, 404 by others.
fn again_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(status, StatusCode::CONFLICT | StatusCode::NOT_FOUND) {
        return None;
    }
    let told = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Some(told.map_or(AGAIN_AFTER, |seconds| {
        Duration::from_secs(seconds).min(SIGNALLING_PATIENCE)
    }))
}

fn session_url(response: &Response) -> Result<Url, String> {
    let location = response.headers().get(LOCATION);
    let location = location.ok_or("201 without Location: the session could not be ended")?;
    let location = location.to_str().map_err(|_| "Location is not text")?;
    // RFC 3986 §5, by the address that answered in the end.
    let url = response.url().join(location);
    url.ok()
        .filter(is_http)
        .ok_or_else(|| "Location is not an address of HTTP".to_owned())
}

/// What the server says, and how it explains itself.
async fn refused(mut response: Response) -> String {
    let status = response.status();
    // The start of it will do, and none will, too.
    let (said, _) = read(&mut response, ANSWER_BYTES_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let words: Vec<&str> = said.split_whitespace().collect();
    let quoted: String = words
        .join(" ")
        .chars()
        .filter(|letter| !letter.is_control())
        .take(QUOTED_CHARS_MAX)
        .collect();
    if quoted.is_empty() {
        return status.to_string();
    }
    format!("{status}: {quoted}")
}

/// The body, up to so many bytes, and whether that is all.
async fn read(response: &mut Response, bytes_max: usize) -> Result<(Vec<u8>, bool), String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(chain)? {
        let room = bytes_max - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

fn is_sdp(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(SDP))
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// All that an error says, but for the address, which may have a secret in it.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        said = format!("{said}: {cause}");
        source = cause.source();
    }
    said
}

#[cfg(test)]
mod tests;
