//! The house's HTTP.

use incamera_meeting::{Draft, Encode as _, Refusal};
use incamera_protocol::document::Uploaded;
use incamera_protocol::public::{Convene, Convened, PublicMeeting};
use incamera_protocol::{Bytes, DocumentId, ErrorBody, ErrorCode, MeetingId};

/// A house, by its base address (`http://127.0.0.1:8080`).
#[derive(Debug, Clone)]
pub struct HouseClient {
    base: String,
    http: reqwest::Client,
}

/// A meeting that was just convened here: with the secrets of its links.
pub struct NewMeeting {
    /// Which.
    pub id: MeetingId,
    /// What stands after the `#` in each delegation's link. Secret.
    pub fragments: Vec<String>,
}

/// A request failed.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The house said no.
    #[error("the house refused: {message}")]
    Refused {
        /// What kind.
        code: ErrorCode,
        /// Its sentence.
        message: String,
    },
    /// What was to be sent is not allowed by the rules.
    #[error(transparent)]
    Rules(#[from] Refusal),
    /// No answer, or none that can be read.
    #[error("the house cannot be reached")]
    Unreachable(#[from] reqwest::Error),
}

impl HouseClient {
    /// A house at this base address.
    pub fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into().trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// The address of a WebSocket of a meeting.
    pub(crate) fn socket(&self, meeting: MeetingId, which: &str) -> String {
        format!("{}/api/meetings/{meeting}/{which}", self.base.replacen("http", "ws", 1))
    }

    /// Makes a charter and convenes the meeting.
    pub async fn convene(&self, house_key: &str, draft: &Draft) -> Result<NewMeeting, HouseError> {
        let (charter, links) = draft.convene(crate::now_ms(), crate::random)?;
        let request = self
            .http
            .post(format!("{}/api/meetings", self.base))
            .bearer_auth(house_key)
            .json(&Convene {
                announcement: None,
                charter: Bytes(charter.encode()),
            });
        let convened: Convened = checked(request.send().await?).await?.json().await?;
        Ok(NewMeeting {
            id: convened.meeting,
            fragments: links.iter().map(|link| link.fragment()).collect(),
        })
    }

    /// What anyone may know of a meeting.
    pub async fn meeting(&self, meeting: MeetingId) -> Result<PublicMeeting, HouseError> {
        let response = self
            .http
            .get(format!("{}/api/meetings/{meeting}", self.base))
            .send()
            .await?;
        Ok(checked(response).await?.json().await?)
    }

    /// Offers media (the shape of RFC 9725) and gets the answer.
    pub async fn media(&self, ticket: &str, offer: String) -> Result<String, HouseError> {
        let request = self
            .http
            .post(format!("{}/api/media", self.base))
            .bearer_auth(ticket)
            .header("content-type", "application/sdp")
            .body(offer);
        Ok(checked(request.send().await?).await?.text().await?)
    }

    /// Sends a sealed document.
    pub(crate) async fn send_document(&self, ticket: &str, sealed: Vec<u8>) -> Result<DocumentId, HouseError> {
        let request = self.http.post(format!("{}/api/documents", self.base));
        let sent = request.bearer_auth(ticket).body(sealed).send().await?;
        let uploaded: Uploaded = checked(sent).await?.json().await?;
        Ok(uploaded.document)
    }
}

async fn checked(response: reqwest::Response) -> Result<reqwest::Response, HouseError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let error: ErrorBody = response.json().await?;
    Err(HouseError::Refused {
        code: error.code,
        message: error.message,
    })
}
