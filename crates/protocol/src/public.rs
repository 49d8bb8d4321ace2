//! The public side: what anyone may see of a meeting, and the gallery's socket.
//!
//! `GET /api/meetings` answers with a list of [`PublicState`]; `GET /api/meetings/{id}` with [`PublicMeeting`];
//! `POST /api/meetings` takes [`Convene`] and answers [`Convened`]; `GET /api/meetings/{id}/gallery` is a WebSocket
//! that carries [`GalleryMessage`] as JSON text, server to viewer only. `POST /api/media` takes an SDP offer
//! (`application/sdp`) with a ticket as bearer token and answers `201` with the SDP answer (the shape of RFC 9725).

use serde::{Deserialize, Serialize};

use crate::booths::PublicChannel;
use crate::member::WatchOf;
use crate::{Bytes, Kid, Leaf, MeetingId, Relay, Stream};

/// What the world sees of the state of a meeting. All times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicState {
    /// Which meeting.
    pub meeting: MeetingId,
    /// From the charter.
    pub title: String,
    /// From the charter, in its order.
    pub delegations: Vec<PublicDelegation>,
    /// From the charter, in its order.
    pub agenda: Vec<PublicItem>,
    /// Open, closed, …
    pub phase: PublicPhase,
    /// The number of the part that runs (or ran last); 0 before the first.
    pub part: u32,
    /// The agenda item that runs, as an index.
    pub item: Option<u32>,
    /// Since when the phase is what it is.
    #[cfg_attr(test, ts(type = "number"))]
    pub since_ms: u64,
    /// When the meeting was convened.
    #[cfg_attr(test, ts(type = "number"))]
    pub convened_at_ms: u64,
    /// When the first group was founded.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub started_at_ms: Option<u64>,
    /// When the meeting was adjourned.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub adjourned_at_ms: Option<u64>,
    /// Every part so far.
    pub parts: Vec<PublicPart>,
    /// Who is in the group.
    pub present: Vec<PublicPerson>,
    /// Who has been in the group, once the meeting is adjourned: by delegation, then role, then name.
    #[serde(default)]
    pub attended: Vec<PublicAttendee>,
    /// What the convener has announced, every version of it, the first one first; the last one counts.
    pub announcements: Vec<PublicAnnouncement>,
    /// Grows with each readout, joint statement and signature that the public may read.
    pub published: u32,
    /// From the charter: the meeting reports before it ends, and is adjourned in an open part.
    #[serde(default)]
    pub reports: bool,
    /// From the charter: nobody speaks in an open part while the public cannot hear it.
    #[serde(default)]
    pub pauses: bool,
    /// Since when the public cannot hear the open part that runs, as the house has found out; none: it can.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number | null"))]
    pub unheard_since_ms: Option<u64>,
    /// It was held in another house, and this one keeps its record; none: it is this house's own.
    #[serde(default)]
    pub from_house: Option<OtherHouse>,
}

/// A house whose meeting another one keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct OtherHouse {
    /// The beginning of the hash of its key, in hexadecimal.
    pub name: String,
    /// The key by which it has signed the record, as C2SP signed-note writes keys.
    pub key: String,
}

/// A version of what the convener has announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicAnnouncement {
    /// Counts from 1.
    pub version: u32,
    /// When it was announced, by the convener's clock.
    #[cfg_attr(test, ts(type = "number"))]
    pub at_ms: u64,
    /// When the meeting is to begin.
    #[cfg_attr(test, ts(type = "number"))]
    pub starts_at_ms: u64,
    /// How long it is planned to last, in minutes; 0 if that is not said.
    pub minutes: u32,
    /// Where, or how; may be empty.
    pub place: String,
    /// Until then nobody outside was told; 0: everybody was, at once.
    #[cfg_attr(test, ts(type = "number"))]
    pub public_from_ms: u64,
}

/// The state of a meeting as the public page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum PublicPhase {
    /// Nobody has met yet.
    Convened,
    /// In closed session.
    Closed,
    /// In public.
    Open,
    /// A close was called; nothing more is being said in public.
    Closing,
    /// Over.
    Adjourned,
}

/// A side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicDelegation {
    /// As the charter names it.
    pub name: String,
    /// The delegation's public key, once it has claimed its slot.
    pub key: Option<Bytes>,
}

/// An agenda item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicItem {
    /// What it is about.
    pub title: String,
    /// True if it is meant to be taken in public.
    pub public: bool,
    /// For a closed item: on what ground the public is excluded.
    pub ground: String,
}

/// A part of the meeting, past or running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicPart {
    /// Counts from 1 through the meeting.
    pub number: u32,
    /// True for an open part.
    pub open: bool,
    /// The agenda item it was for, as an index.
    pub item: Option<u32>,
    /// When it began.
    #[cfg_attr(test, ts(type = "number"))]
    pub started_at_ms: u64,
    /// When it ended.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub ended_at_ms: Option<u64>,
}

/// Somebody present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicPerson {
    /// The leaf in the current epoch: the gallery matches it with the KID of a frame.
    pub leaf: Leaf,
    /// As the letter names the person.
    pub name: String,
    /// Index into the delegations.
    pub delegation: u16,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: String,
}

/// Somebody who has been there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicAttendee {
    /// As the letter names the person.
    pub name: String,
    /// Index into the delegations.
    pub delegation: u16,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: String,
}

/// `GET /api/meetings/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicMeeting {
    /// The signed charter; its hash is the meeting id.
    pub charter: Bytes,
    /// What the world sees.
    pub state: PublicState,
    /// The house records open parts, and offers them to everybody once the meeting is adjourned.
    pub recorded: bool,
}

/// `POST /api/meetings`, with the house key as bearer token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(deny_unknown_fields)]
pub struct Convene {
    /// The signed charter.
    pub charter: Bytes,
    /// What is announced with it, signed by the convener; none: nothing is announced.
    #[serde(default)]
    pub announcement: Option<Bytes>,
}

/// `POST /api/meetings/{id}/announcements`: no bearer token; the convener's signature is what counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(deny_unknown_fields)]
pub struct Announce {
    /// The next version, signed by the convener.
    pub announcement: Bytes,
}

/// `GET /api/meetings/{id}/announcements`: every version as it was signed, the first one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Announcements {
    /// As signed.
    pub announcements: Vec<Bytes>,
}

/// `GET /api/meetings/{id}/readouts`: all that was published, as it was signed, so that anybody can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Readouts {
    /// The claim of each delegation in the charter's order, signed by its slot key; none until it has claimed.
    pub claims: Vec<Option<Bytes>>,
    /// Every version of every readout, in the order in which they came.
    pub readouts: Vec<SignedReadout>,
    /// Statements that several delegations have signed.
    pub joints: Vec<SignedJointStatement>,
}

/// A version of a delegation's readout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct SignedReadout {
    /// When it came, by the house's clock.
    #[cfg_attr(test, ts(type = "number"))]
    pub at_ms: u64,
    /// As signed by the delegation.
    pub readout: Bytes,
}

/// A statement with the signatures of those who signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct SignedJointStatement {
    /// What each of them has signed.
    pub statement: Bytes,
    /// In the order of the delegations.
    pub signatures: Vec<JointSignature>,
}

/// One delegation's signature under a joint statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct JointSignature {
    /// Index into the delegations.
    pub delegation: u16,
    /// When it came, by the house's clock.
    #[cfg_attr(test, ts(type = "number"))]
    pub at_ms: u64,
    /// By the delegation's key.
    pub signature: Bytes,
}

/// Answer to [`Convene`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Convened {
    /// The charter's hash.
    pub meeting: MeetingId,
}

/// A disclosed key: with it anyone can decrypt what one sender sends on one stream in one open part, and nothing
/// else; nobody can forge with it, because the authentication key stays with the members.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Which key.
    pub kid: Kid,
    /// AES-128-CTR encryption key, 16 bytes (RFC 9605 §4.5.1).
    pub enc_key: Bytes,
    /// Salt of the nonce, 12 bytes (RFC 9605 §4.4.2).
    pub salt: Bytes,
}

impl std::fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Disclosure({})", self.kid)
    }
}

/// What a receiving slot carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct SlotOf {
    /// The m-line's `mid` in the client's own offer.
    pub mid: String,
    /// Whose stream it now carries, if any.
    pub source: Option<SlotSource>,
}

/// Whose stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct SlotSource {
    /// The sender.
    pub leaf: Leaf,
    /// What is sent.
    pub stream: Stream,
}

/// From a viewer of the gallery to the server: all that a viewer may say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ViewerMessage {
    /// Which channel I listen to. It is carried in the last of my audio slots, and the floor in the others.
    Listen {
        /// Index of a language of the charter; none: the floor alone.
        channel: Option<u8>,
    },
    /// What I show of the pictures, and how large: as members say it, but for whom I am to hear.
    Watch {
        /// My video slots; those that are not named I show as large as they come.
        slots: Vec<WatchOf>,
    },
}

/// From the server to a viewer of the gallery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GalleryMessage {
    /// A relay for media, if the house has one: before `here`, and again before it no longer opens. The latest counts.
    Relay {
        /// For connections made from now on.
        relay: Relay,
    },
    /// Once on a socket, at its beginning.
    Here {
        /// Bearer token for `POST /api/media`.
        ticket: String,
        /// Changes when the server starts: the media connection must then be made anew.
        instance: Bytes,
        /// What the world sees.
        state: PublicState,
        /// The keys disclosed for the part that runs.
        keys: Vec<Disclosure>,
    },
    /// What the world now sees.
    State {
        /// The whole of it.
        state: PublicState,
    },
    /// Keys of the open part that runs.
    Disclosed {
        /// New ones.
        keys: Vec<Disclosure>,
    },
    /// Somebody who is or was in the gallery's slots, and signs what they send: before their first digest on this socket.
    Signer {
        /// Their chain: claim, letter and binding.
        credential: Bytes,
    },
    /// What somebody has sent, over their signature.
    Digest {
        /// A `SignedDigest`, as `incamera-meeting` encodes it.
        digest: Bytes,
    },
    /// Which source each slot carries.
    Slots {
        /// Every slot.
        slots: Vec<SlotOf>,
    },
    /// The language channels, where the charter has any: after `here`, and in open parts whenever somebody else goes on air. Of
    /// closed parts it names nobody.
    Channels {
        /// In the order of the charter's languages.
        channels: Vec<PublicChannel>,
    },
}
