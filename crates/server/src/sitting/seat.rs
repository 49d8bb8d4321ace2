//! The way to a meeting's task.

use std::sync::Arc;

use incamera_meeting::{Announcement, Encode as _, Meeting, Recorded, Signed};
use incamera_protocol::Bytes;
use incamera_protocol::desk::DeskMessage;
use incamera_protocol::member::MemberMessage;
use incamera_protocol::public::{PublicMeeting, PublicState, ViewerMessage};
use incamera_protocol::recording::Came;
use incamera_sfu_io::PeerId;
use tokio::sync::{mpsc, oneshot, watch};

use crate::documents::{Sender, Shelf};
use crate::media::News;
use crate::problem::Problem;
use crate::published::PublicView;
use crate::record::RecordPlace;
use crate::socket::{Outbox, SocketId};

/// A message to a meeting's task.
pub(crate) enum Ask {
    /// A socket for a member.
    MemberIn { socket: SocketId, outbox: Outbox },
    /// A member's message.
    MemberSays { socket: SocketId, message: MemberMessage },
    /// A member's socket is gone.
    MemberOut { socket: SocketId },
    /// A socket for a desk.
    DeskIn { socket: SocketId, outbox: Outbox },
    /// A desk's message.
    DeskSays { socket: SocketId, message: DeskMessage },
    /// A desk's socket is gone.
    DeskOut { socket: SocketId },
    /// A socket for a viewer.
    ViewerIn { socket: SocketId, outbox: Outbox },
    /// A viewer's message.
    ViewerSays { socket: SocketId, message: ViewerMessage },
    /// A viewer's socket is gone.
    ViewerOut { socket: SocketId },
    /// The bearer of a socket's ticket offers media.
    Media {
        socket: SocketId,
        offer: String,
        answer: oneshot::Sender<Result<String, Problem>>,
    },
    /// The bearer of a socket's ticket sends a document, or wants one.
    Documents {
        socket: SocketId,
        answer: oneshot::Sender<Result<(Sender, Arc<Shelf>), Problem>>,
    },
    /// What the engine said to the offer.
    MediaJoined {
        peer: PeerId,
        result: Result<String, Problem>,
        answer: oneshot::Sender<Result<String, Problem>>,
    },
    /// The convener announces the meeting, or changes what was announced.
    Announce {
        announcement: Box<Signed<Announcement>>,
        answer: oneshot::Sender<Result<(), Problem>>,
    },
    /// What came out for the public.
    Came { came: Came },
    /// Pieces of open parts were recorded.
    Recorded { recorded: Vec<Recorded> },
    /// The files of a recording are about to be deleted. The answer says whether the record says so.
    RecordingDeleted {
        part: u32,
        piece: u32,
        answer: oneshot::Sender<bool>,
    },
    /// What the engine tells of a peer.
    MediaNews { peer: PeerId, news: News },
    /// The house shuts down.
    Drain,
}

/// The meeting's task is no more.
#[derive(Debug)]
pub(crate) struct Gone;

/// A way to a meeting's task. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Seat {
    inbox: mpsc::Sender<Ask>,
    public: watch::Receiver<Arc<PublicView>>,
    charter: Arc<Bytes>,
    record: RecordPlace,
}

impl Seat {
    pub(super) fn new(
        meeting: &Meeting,
        inbox: mpsc::Sender<Ask>,
        public: watch::Receiver<Arc<PublicView>>,
        record: RecordPlace,
    ) -> Self {
        Self {
            inbox,
            public,
            charter: Arc::new(Bytes(meeting.signed_charter().encode())),
            record,
        }
    }

    /// Sends a message; waits while too many wait.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<(), Gone> {
        self.inbox.send(ask).await.map_err(|_| Gone)
    }

    /// Whether the task has ended.
    pub(crate) fn is_vacant(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Waits until the task has ended.
    pub(crate) async fn vacated(&self) {
        self.inbox.closed().await;
    }

    /// The record of the meeting.
    pub(crate) fn record(&self) -> &RecordPlace {
        &self.record
    }

    /// What the public sees now.
    pub(crate) fn state(&self) -> Arc<PublicState> {
        Arc::clone(&self.public.borrow().state)
    }

    /// The same, with all that was published.
    pub(crate) fn view(&self) -> Arc<PublicView> {
        Arc::clone(&self.public.borrow())
    }

    /// The charter and what the public sees now.
    pub(crate) fn public_meeting(&self, recorded: bool) -> PublicMeeting {
        PublicMeeting {
            recorded,
            charter: (*self.charter).clone(),
            state: (*self.state()).clone(),
        }
    }
}
