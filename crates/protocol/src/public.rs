//! The public side: what anyone may see of a meeting, and the gallery's socket.
//!
//! `GET /api/meetings` answers with a list of [`PublicState`]; `GET /api/meetings/{id}` with [`PublicMeeting`];
//! `POST /api/meetings` takes [`Convene`] and answers [`Convened`]; `GET /api/meetings/{id}/gallery` is a WebSocket
//! that carries [`GalleryMessage`] as JSON text, server to viewer only. `POST /api/media` takes an SDP offer
//! (`application/sdp`) with a ticket as bearer token and answers `201` with the SDP answer (the shape of RFC 9725).

use serde::{Deserialize, Serialize};

use crate::{Bytes, Kid, Leaf, MeetingId, Relay, Stream};

/// What the world sees of the state of a meeting. All times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// The state of a meeting as the public page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// `GET /api/meetings/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(deny_unknown_fields)]
pub struct Convene {
    /// The signed charter.
    pub charter: Bytes,
}

/// Answer to [`Convene`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Which source each slot carries.
    Slots {
        /// Every slot.
        slots: Vec<SlotOf>,
    },
}
