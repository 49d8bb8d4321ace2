//! What a member's client is to do next.

use std::sync::Arc;

use incamera_protocol::ErrorCode;
use incamera_protocol::booths::CallOf;
use incamera_protocol::document::DocumentOf;
use incamera_protocol::member::MemberMessage;
use incamera_protocol::public::SlotOf;
use incamera_protocol::view::{ChatOf, MemberView, TypedOf, WishOf};

/// Something for the surroundings to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Send this on the socket.
    Send {
        /// The message.
        message: MemberMessage,
    },
    /// Show this.
    View {
        /// The whole of it.
        #[serde(serialize_with = "as_itself")]
        view: Arc<MemberView>,
    },
    /// Connections made from now on may go through this relay. The house's word alone: it sees what the house sees.
    Relay {
        /// Where it is, and what opens it.
        relay: incamera_protocol::Relay,
    },
    /// Connect the media with this ticket.
    Media {
        /// Bearer token.
        ticket: String,
        /// True: whatever connection there was is void, make a new one.
        fresh: bool,
    },
    /// Which source each slot carries, as far as the server says.
    Slots {
        /// Every slot.
        slots: Vec<SlotOf>,
    },
    /// Which layers of the camera anybody is shown, as far as the server says: the others need not be sent. A lie of the
    /// server can make pictures worse and nothing else: what is sent is sealed, whichever layers it is.
    Layers {
        /// For each layer, smallest first.
        wanted: Vec<bool>,
    },
    /// Somebody has written to all members, or what I wrote has come further.
    Chat {
        /// What, and whose.
        message: ChatOf,
    },
    /// Somebody is typing, has typed more, or is typing no longer.
    Typed {
        /// What, and whose.
        line: TypedOf,
    },
    /// A document is offered, or it stands otherwise with one than before.
    Document {
        /// Which, and how.
        document: DocumentOf,
    },
    /// Somebody asks me to turn my microphone off or on. Nothing but telling the person follows from it.
    Wish {
        /// Who, and what.
        wish: WishOf,
    },
    /// An interpreter calls out. Nothing but telling whom it concerns follows from it.
    Call {
        /// Who, and what for.
        call: CallOf,
    },
    /// Sending may start: give the senders their tracks.
    Keyed,
    /// Something the person asked for was refused.
    Notice {
        /// One sentence.
        message: String,
    },
    /// Messages are missing: close the socket and connect again.
    Reconnect,
    /// It cannot go on.
    Fatal {
        /// What kind.
        code: ErrorCode,
        /// One sentence.
        message: String,
    },
}

fn as_itself<S: serde::Serializer>(view: &Arc<MemberView>, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(view.as_ref(), serializer)
}

/// What has gone through the frame path so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counters {
    /// Frames sealed.
    pub sealed: u64,
    /// Frames dropped because nothing may be sent.
    pub held: u64,
    /// Frames opened.
    pub opened: u64,
    /// Frames that could not be opened.
    pub refused: u64,
}

/// A member cannot be made, or a command not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// By the rules.
    #[error(transparent)]
    Refused(#[from] incamera_meeting::Refusal),
    /// The link is not one of this meeting.
    #[error("This link does not belong to this meeting. Ask for it again, and copy all of it.")]
    Link,
    /// A desk's link where a person's is wanted.
    #[error("This is the link of a delegation's desk. Open it to mint a letter for yourself, and join with that.")]
    DeskLink,
    /// A person's link where a desk's is wanted.
    #[error("This is a person's link, not that of a delegation's desk.")]
    NoDesk,
    /// What was kept for a reload cannot be read.
    #[error("What this tab kept of the meeting cannot be read. Open your link again.")]
    Saved,
    /// Our own fault.
    #[error("Something went wrong in this software ({0}).")]
    Internal(&'static str),
}
