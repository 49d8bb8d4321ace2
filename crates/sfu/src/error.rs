//! Why a peer is not let in, and why one is gone.

use thiserror::Error;

use crate::ids::Kind;

/// Why [`Engine::join`](crate::Engine::join) refused an offer. The peer is at fault unless the variant says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JoinRefusal {
    /// The offer is longer than the engine reads.
    #[error("the offer is too long")]
    OfferTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The offer is not SDP, or contradicts itself. The detail is for the log, not for the client.
    #[error("the offer cannot be understood")]
    OfferMalformed {
        /// What the parser said.
        detail: String,
    },
    /// The offer is SDP, but its media lines are not those of its role.
    #[error("the offer does not have the agreed shape: {0}")]
    OfferShape(#[from] ShapeFault),
    /// A media line lacks the one codec that is forwarded: Opus at 48 kHz, or VP8 with RTX.
    #[error("the offer lacks {}", match .0 { Kind::Audio => "Opus at 48 kHz", Kind::Video => "VP8 with RTX" })]
    CodecMissing(Kind),
    /// Ours: the room holds as many members as it may.
    #[error("the room is full")]
    RoomFull,
    /// Ours: the engine holds as many peers or rooms as it may.
    #[error("the media server is full")]
    EngineFull,
    /// Ours: the engine has more to do than it can, and who is in goes before a viewer who comes. It may be otherwise a
    /// moment later.
    #[error("the media server is busy to capacity")]
    Overloaded,
    /// Ours: the offer met a mistake in the media stack. Nothing of it was kept.
    #[error("the media server could not take the offer")]
    Internal,
}

/// What is wrong with the media lines of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ShapeFault {
    /// A media line is neither audio nor video.
    #[error("only audio and video lines are taken")]
    ForeignLine,
    /// A media line has no `a=mid` of 1 to 16 letters and digits, or shares it with another.
    #[error("every media line needs its own mid of at most 16 letters and digits")]
    Mid,
    /// A media line is neither `sendonly` nor `recvonly`.
    #[error("every media line must be sendonly or recvonly")]
    Direction,
    /// A member's offer does not have exactly one sending audio line and one or two sending video lines (camera,
    /// screen), or a viewer's offer has one.
    #[error("a member sends exactly one audio line and one or two video lines, a viewer none")]
    Senders,
    /// There are more receiving lines of this kind than slots are given.
    #[error("too many slots")]
    TooManySlots(Kind),
    /// The offer has simulcast elsewhere than on the camera's line, or not as `a=simulcast:send` with one to three names,
    /// each of at most eight letters and digits, without alternatives or paused layers.
    #[error("only a camera may have layers, at most three, each with a name of letters and digits")]
    Simulcast,
    /// The offer is of an ICE-lite agent (RFC 8445 §2.5), which sends no checks: nobody would learn where it is.
    #[error("an ICE-lite client cannot be reached: it must send checks itself")]
    Lite,
}

/// Why a peer is gone without having left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LossReason {
    /// It did not finish ICE and DTLS in time.
    #[error("did not connect in time")]
    ConnectTimeout,
    /// It was silent too long, or ICE gave it up.
    #[error("silent for too long")]
    Silent,
    /// No check of the engine was answered for too long from where media was to go (RFC 7675 §5.1).
    #[error("answered no check for too long")]
    Unanswered,
    /// It closed the connection.
    #[error("closed by the peer")]
    Closed,
    /// Its connection failed; no other is touched.
    #[error("the connection failed")]
    Failed,
}
