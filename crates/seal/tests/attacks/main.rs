//! What an enemy who owns the server, or sits in the group, tries; and what the members do about it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod asides;
mod booths;
mod closing;
mod digests;
mod documents;
mod duties;
mod floor;
mod frames;
mod ghosts;
#[path = "../house/mod.rs"]
mod house;
mod knocks;
mod letters;
mod opening;
mod records;
mod rogue;
mod silence;
mod table;
mod typed;
mod whispers;
mod wire;

use std::collections::VecDeque;

use house::{House, dice, draft};
use incamera_handshake::{
    CIPHERSUITE, Delivery, capabilities, context_extensions, context_of, key_package_of, meeting_secret_id,
    wire_format_policy,
};
use incamera_meeting::{
    Body, Command as Rule, CommitFacts, CommitSender, Consent, Discloser, Draft, Encode, Entry, Event, Evidence,
    Heartbeat, LetterId, MeetingContext, Motion, Phase, PublicKey, Refusal, Role, Statement,
};
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_protocol::{Bytes, ErrorCode, Kid, KidParts, Leaf, MediaKind, Stream, limits};
use incamera_seal::{Identity, Member, Refused};
use openmls::prelude::*;
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_rust_crypto::OpenMlsRustCrypto;
use rogue::{Rogue, all_refuse, betrayed, credential, key_package, server_refuses};
use tls_codec::Deserialize as _;

const FRAME: &[u8] = b"\x10a picture";
