//! People, and the tabs in which they sit.

use std::collections::{BTreeMap, BTreeSet};

use incamera_meeting::{LetterId, Phase, PublicKey};
use incamera_protocol::view::MemberView;
use incamera_protocol::{ErrorCode, Leaf};
use incamera_seal::Member;

use crate::line::LineId;

/// Somebody with a link.
pub(crate) struct Person {
    pub(crate) fragment: String,
    pub(crate) delegation: u16,
    /// How far this person's clock is off.
    pub(crate) skew_ms: i64,
}

/// A tab: a member, and what it has been through.
pub(crate) struct Tab {
    pub(crate) person: usize,
    /// None: the tab is closed.
    pub(crate) member: Option<Member>,
    pub(crate) line: Option<LineId>,
    pub(crate) reconnect_ms: Option<u64>,
    /// When it is called next.
    pub(crate) timer_ms: Option<u64>,
    /// How late a throttled tab is called.
    pub(crate) late_ms: u64,
    /// It cannot go on, and says so.
    pub(crate) finished: Option<(ErrorCode, String)>,
    pub(crate) view: Option<MemberView>,
    pub(crate) letter: LetterId,
    pub(crate) device: PublicKey,
    pub(crate) house: usize,
    pub(crate) alarmed: bool,
    pub(crate) stay: Stay,
}

/// What a tab has been through since it was opened or loaded anew.
#[derive(Default)]
pub(crate) struct Stay {
    pub(crate) group: Option<Vec<u8>>,
    pub(crate) place: Option<(u32, u64)>,
    pub(crate) phase: Option<Phase>,
    pub(crate) roster: BTreeMap<Leaf, (LetterId, PublicKey)>,
    pub(crate) revoked: BTreeSet<LetterId>,
    /// It has seen a close in this stay and not shown `closed` since.
    pub(crate) after_close: bool,
    /// Motions by whose opening the person is willing to be public.
    pub(crate) willing: BTreeSet<String>,
    /// Founding and part in which the person chose to appear.
    pub(crate) appeared_in: BTreeSet<(u32, u32)>,
    /// The person has called a close, and the part is still open.
    pub(crate) closing: bool,
    /// The person has ever called a close here.
    pub(crate) has_closed: bool,
    /// The person has ever asked to adjourn here.
    pub(crate) has_adjourned: bool,
    /// Keys for which a fin was signed.
    pub(crate) finished_keys: BTreeSet<u64>,
    /// What the person has written and has not come back, by its name.
    pub(crate) unsaid: BTreeSet<String>,
    /// What was written by others and shown here.
    pub(crate) read: BTreeSet<String>,
    /// What others are typing, as it is shown here, by writer.
    pub(crate) lines: BTreeMap<String, String>,
    /// Frames that were opened here.
    pub(crate) opened: BTreeSet<usize>,
}

impl Tab {
    /// It sits there and goes on.
    pub(crate) fn is_live(&self) -> bool {
        self.member.is_some() && self.finished.is_none()
    }
}
