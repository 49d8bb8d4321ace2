//! What a client is told when something is refused: a code and a safe sentence. The chain goes to the log.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use incamera_handshake::HandshakeError;
use incamera_meeting::Refusal;
use incamera_protocol::{ErrorBody, ErrorCode, limits};
use incamera_store::StoreError;

/// A refusal on its way to a client. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: ErrorCode,
    pub(crate) message: Cow<'static, str>,
}

impl Problem {
    pub(crate) const fn new(code: ErrorCode, message: &'static str) -> Self {
        Self {
            code,
            message: Cow::Borrowed(message),
        }
    }

    pub(crate) const fn malformed() -> Self {
        Self::new(ErrorCode::Malformed, "This could not be read.")
    }

    pub(crate) const fn too_large() -> Self {
        Self::new(ErrorCode::TooLarge, "This is larger than the limits allow.")
    }

    pub(crate) const fn too_many() -> Self {
        Self::new(ErrorCode::TooMany, "This comes too often. Please wait a moment.")
    }

    pub(crate) const fn no_such_meeting() -> Self {
        Self::new(ErrorCode::NotFound, "There is no such meeting in this house.")
    }

    pub(crate) const fn held_elsewhere() -> Self {
        Self::new(
            ErrorCode::Adjourned,
            "This meeting was held in another house and is over. Here it can be read, and nothing else.",
        )
    }

    pub(crate) const fn not_a_member() -> Self {
        Self::new(ErrorCode::NotAMember, "You are not in this meeting.")
    }

    pub(crate) const fn stale() -> Self {
        Self::new(ErrorCode::StaleEpoch, "The meeting has moved on; please try again.")
    }

    pub(crate) const fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "Something went wrong in this house. Nothing was done.",
        )
    }

    pub(crate) const fn shutting_down() -> Self {
        Self::new(
            ErrorCode::Unavailable,
            "This house restarts. Please try again in a moment.",
        )
    }

    /// Our disk's fault, and nothing was done.
    pub(crate) fn from_store(error: &StoreError) -> Self {
        match error {
            StoreError::DiskFull | StoreError::ReadOnly | StoreError::Busy => Self::new(
                ErrorCode::Unavailable,
                "This house cannot write to its disk now. Nothing was done.",
            ),
            _ => Self::internal(),
        }
    }

    fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::Malformed | ErrorCode::Charter | ErrorCode::Media | ErrorCode::Handshake => {
                StatusCode::BAD_REQUEST
            }
            ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::HouseKey => StatusCode::UNAUTHORIZED,
            ErrorCode::Credential
            | ErrorCode::SlotTaken
            | ErrorCode::LetterExpired
            | ErrorCode::LetterInUse
            | ErrorCode::LetterRevoked
            | ErrorCode::Proof
            | ErrorCode::NotAMember
            | ErrorCode::NotAllowed => StatusCode::FORBIDDEN,
            ErrorCode::StaleEpoch => StatusCode::CONFLICT,
            ErrorCode::Adjourned => StatusCode::GONE,
            ErrorCode::Full | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code(),
            message: Cow::Owned(refusal.to_string()),
        }
    }
}

impl From<HandshakeError> for Problem {
    fn from(error: HandshakeError) -> Self {
        match error {
            HandshakeError::Refused(refusal) => refusal.into(),
            HandshakeError::Malformed
            | HandshakeError::Invalid(_)
            | HandshakeError::Expired
            | HandshakeError::Profile => {
                // What the library says about a message is for the log.
                tracing::info!(%error, "refused a handshake message");
                Self::new(
                    ErrorCode::Handshake,
                    "This change to the group is not valid. Reloading the page may help.",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            code: self.code,
            message: self.message.to_string(),
        };
        let mut response = (self.status(), Json(body)).into_response();
        // RFC 9110 §10.2.3. What is refused for now says when to come again.
        if matches!(self.code, ErrorCode::TooMany | ErrorCode::Full | ErrorCode::Unavailable) {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(limits::RETRY_AFTER_S));
        }
        // For the line in the log, which the router writes.
        response.extensions_mut().insert(self);
        response
    }
}
