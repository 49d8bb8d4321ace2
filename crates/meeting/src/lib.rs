//! The rules of a meeting, pure: no sockets, no clock, no randomness; time and random bytes are arguments.
//!
//! The server and every member's client use the same rules: [`Meeting::decide`] says what a command leads to or why it
//! is refused, [`Meeting::apply`] takes the outcome in. What was decided by others is thereby judged by everyone from
//! the signed bytes alone. Structures that are signed are encoded in the TLS presentation language as MLS uses it
//! (RFC 8446 §3, RFC 9420 §2.1); `docs/protocol.md` writes them out.
#![forbid(unsafe_code)]

mod charter;
mod codec;
mod commit;
mod context;
mod credential;
mod evidence;
mod link;
mod meeting;
mod refusal;
mod sign;
mod statement;

pub use charter::{AgendaItem, Charter, ClosingRule, Draft, DraftItem, OpeningRule, SignedCharter, Slot};
pub use codec::{Decode, Encode, Text};
pub use commit::{Added, CommitFacts, CommitSender, Outcome};
pub use context::{MeetingContext, Phase};
pub use credential::{Binding, Claim, Credential, FirstClientKeys, Letter, LetterId, Person, Role, Signed};
pub use evidence::Evidence;
pub use link::DelegationLink;
pub use meeting::{Command, Event, Group, Meeting, Part, Running};
pub use refusal::Refusal;
pub use sign::{PublicKey, Seed};
pub use statement::{Body, Confirmation, Consent, Fin, FinEntry, Motion, MotionId, Place, Statement};
