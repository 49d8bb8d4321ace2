//! The rules: whatever members and server say, in whatever order, these hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod announced;
mod booths;
mod duties;
mod floor;
mod known;
mod letters;
mod phases;
mod property;
mod published;
mod recorded;
mod statements;
mod world;

use incamera_meeting::{
    Added, AgreedJoint, Announcement, Body, Command, CommitFacts, CommitSender, Consent, Credential, DelegationLink,
    Discloser, Draft, DraftItem, Encode, Entry, Event, Evidence, Fin, FinEntry, FirstClientKeys, Goodbye, Heartbeat,
    Joint, Letter, LetterId, Link, Meeting, MeetingContext, Motion, MotionId, Phase, Plan, PublicKey, Readout, Refusal,
    Role, Seed, Signed, SignedCharter, SignedJoint, Statement, Translation,
};
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Kid, KidParts, Leaf, Stream, limits};
use proptest::prelude::*;
use world::*;
