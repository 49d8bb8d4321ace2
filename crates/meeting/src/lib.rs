//! The rules of a meeting, pure: no sockets, no clock, no randomness; time and random bytes are arguments.
//!
//! The server and every member's client use the same rules: [`Meeting::decide`] says what a command leads to or why it
//! is refused, [`Meeting::apply`] takes the outcome in. What was decided by others is thereby judged by everyone from
//! the signed bytes alone. Structures that are signed are encoded in the TLS presentation language as MLS uses it
//! (RFC 8446 §3, RFC 9420 §2.1); `docs/protocol.md` writes them out.
#![forbid(unsafe_code)]

mod act;
mod announcement;
mod aside;
mod booth;
mod charter;
mod codec;
mod commit;
mod context;
mod credential;
mod digest;
mod disclosure;
mod document;
mod evidence;
mod floor;
mod link;
mod meeting;
mod prose;
mod readout;
mod recorded;
mod refusal;
mod roles;
mod said;
mod sign;
mod statement;
mod table;
mod typed;

pub use act::{Act, Deed};
pub use announcement::{Announcement, Plan};
pub use aside::{Aside, DelegationSecret};
pub use booth::{Booths, Call, Note, Post, Sitting, Voice};
pub use charter::{
    AgendaItem, Charter, ClosingRule, Draft, DraftItem, Duties, Founded, OpeningRule, SignedCharter, Slot, Version,
};
pub use codec::{Decode, Encode, Text};
pub use commit::{Added, CommitFacts, CommitSender, Outcome};
pub use context::{MeetingContext, Phase};
pub use credential::{Binding, Claim, Credential, Entry, FirstClientKeys, Letter, LetterId, Person, Role, Signed};
pub use digest::{Digest, FrameHash, SignedDigest};
pub use disclosure::Discloser;
pub use document::{FileKey, FileType, Offer, Paper, file_name};
pub use evidence::Evidence;
pub use floor::{Floor, Hand, Speaking, Standing, Turn, Waiting, Wish, WishFor};
pub use link::{ConvenerLink, DelegationLink, DeskLink, LetterLink, Link};
pub use meeting::{Command, Event, Group, Heard, JointStatement, Judged, Meeting, Part, PublishedReadout, Running};
pub use prose::{Prose, Translation};
pub use readout::{AgreedJoint, Joint, JointId, Readout, SignedJoint};
pub use recorded::{Recorded, RecordedFile, RecordedTake};
pub use refusal::Refusal;
pub use roles::Right;
pub use said::Said;
pub use sign::{PublicKey, Seed, digits, in_bulk};
pub use statement::{Body, Consent, Fin, FinEntry, Goodbye, Heartbeat, Motion, MotionId, Place, Statement};
pub use table::{Opened, Saying, TableMessage};
pub use typed::Typed;
