//! Error codes. A client gets a code and a sentence that is safe to show; the log gets the chain.

use serde::{Deserialize, Serialize};

/// Why a request or message was refused. Stable: a client may act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The bytes or text could not be read as what they should be.
    Malformed,
    /// Larger or more than the limits allow (`limits`).
    TooLarge,
    /// More often than the limits allow.
    TooMany,
    /// No such meeting, page or thing.
    NotFound,
    /// The house key is missing or wrong.
    HouseKey,
    /// The charter's signature or contents do not hold.
    Charter,
    /// The chain claim → letter → device does not hold.
    Credential,
    /// Another client has already claimed this delegation's slot.
    SlotTaken,
    /// The letter's time is over.
    LetterExpired,
    /// Another device holds this letter.
    LetterInUse,
    /// The delegation has revoked this letter.
    LetterRevoked,
    /// The proof of possession of the device key does not hold.
    Proof,
    /// The message needs a `hello` first, or a place in the group.
    NotAMember,
    /// The commit or statement is for another epoch; take in the newer commits and try again.
    StaleEpoch,
    /// The rules of the meeting do not allow this.
    NotAllowed,
    /// The handshake message is not valid MLS, or not of the kind this meeting allows.
    Handshake,
    /// The session description cannot be used.
    Media,
    /// The meeting is adjourned.
    Adjourned,
    /// The house carries as many as it can, and who is in goes first; try later.
    Full,
    /// The house is shutting down, or cannot write to its disk; try later.
    Unavailable,
    /// Our own fault. Nothing was done.
    Internal,
}

/// The body of every HTTP error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct ErrorBody {
    /// What kind of error.
    pub code: ErrorCode,
    /// One sentence for a person.
    pub message: String,
}
