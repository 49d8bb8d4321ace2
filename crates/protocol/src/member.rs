//! The member's socket: `GET /api/meetings/{id}/member` upgraded to a WebSocket that carries these as JSON text.
//!
//! ```text
//! server: challenge
//! member: hello            (credential, proof; with what it still holds of the group)
//! server: relay            (if the house has one)
//!         here             (ticket for media, public state)
//!         … acts, statements and commits since, if it resumed
//! server: admitted         (only if the letter asks for it, or is in use on another device)
//! member: knock            (key package), unless it resumed
//! server: found            (you are the first)      | joined (welcome, by another member's commit)
//! member: founded
//! both:   commit, statement, …
//! ```

use serde::{Deserialize, Serialize};

use crate::public::{Disclosure, PublicState, SlotOf};
use crate::{Bytes, ErrorCode, Leaf, Relay};

/// What a member still holds of the group when it connects again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Position {
    /// Which group of this meeting.
    pub founding: u32,
    /// The epoch it is in.
    #[cfg_attr(test, ts(type = "number"))]
    pub epoch: u64,
}

/// From a member to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MemberMessage {
    /// Who I am. First message on the socket.
    Hello {
        /// The credential: claim, letter and binding.
        credential: Bytes,
        /// Signature by the device key over the challenge.
        proof: Bytes,
        /// Where I am in the group, if I never lost it.
        resume: Option<Position>,
    },
    /// Let me in: an MLS KeyPackage message.
    Knock {
        /// MLSMessage with a KeyPackage (RFC 9420 §10).
        key_package: Bytes,
    },
    /// I founded the group.
    Founded {
        /// Which group of this meeting.
        founding: u32,
        /// MLSMessage with a GroupInfo that carries the ratchet tree (RFC 9420 §12.4.3).
        group_info: Bytes,
    },
    /// A commit for the epoch I am in.
    Commit {
        /// The epoch that the commit ends.
        position: Position,
        /// MLSMessage with a PublicMessage with a Commit (RFC 9420 §12.4).
        commit: Bytes,
        /// MLSMessage with a Welcome, when somebody is added.
        welcome: Option<Bytes>,
    },
    /// A signed statement: a motion, consent, fin, heartbeat or goodbye.
    Statement {
        /// As `incamera-meeting` encodes it.
        statement: Bytes,
    },
    /// What my delegation's key has signed: somebody is let in, or a letter revoked.
    Act {
        /// As `incamera-meeting` encodes it.
        act: Bytes,
    },
    /// The keys of an open part that I now send under, for the public.
    Disclose {
        /// One for each stream.
        keys: Vec<Disclosure>,
        /// By the letter key, over the keys and the place: what stands in the record is the sender's own word.
        signature: Bytes,
    },
    /// What I have sent in public, over my signature.
    Digest {
        /// A `SignedDigest`, as `incamera-meeting` encodes it.
        digest: Bytes,
    },
    /// Something for the other members, sealed: the house passes it on to all of them, and to me as a receipt.
    Sealed {
        /// The epoch under whose keys it is sealed.
        position: Position,
        /// MLSMessage with a PrivateMessage with application data (RFC 9420 §6.3).
        message: Bytes,
    },
    /// Tell me the record, so that I can countersign the head that was offered.
    Record {
        /// From this entry on; none: I have seen nothing of it yet.
        #[cfg_attr(test, ts(type = "number | null"))]
        from: Option<u64>,
    },
    /// My countersignature under the head that was offered.
    Cosign {
        /// How many entries it covers.
        #[cfg_attr(test, ts(type = "number"))]
        size: u64,
        /// Time and signature, as C2SP tlog-cosignature has them: 72 bytes.
        signature: Bytes,
    },
    /// Ask the sources for key frames: I now hold keys that I lacked before.
    KeyFrames,
    /// What I show of the pictures, and how large. It chooses among what is sent to me anyway, and says nothing of keys.
    Watch {
        /// My video slots; those that are not named I show as large as they come.
        slots: Vec<WatchOf>,
        /// Whom I am to hear however loud others are, and to see before them; none: nobody. It is whoever has the floor, and is
        /// said only where not everybody's sound has a slot: of the floor the house knows nothing else.
        first: Option<Leaf>,
    },
    /// Where I sit as an interpreter, and whether I am on air there. Said whenever what members have sealed for one another
    /// comes to it: of that the house knows nothing, and it sends sound by this.
    Booth {
        /// The channel of my booth; none: I sit in none, and am heard on the floor like anybody.
        channel: Option<u8>,
        /// What I say goes into the channel. If not, it goes nowhere.
        on_air: bool,
    },
    /// Which channel I listen to. It is carried in the last of my audio slots, and the floor in the others.
    Listen {
        /// Index of a language of the charter; none: the floor alone.
        channel: Option<u8>,
    },
    /// What I say is for my own delegation: the house sends it to nobody else. It says `whisper` when it does, and I seal
    /// no sound before that.
    Whisper {
        /// From now on; or no longer.
        on: bool,
    },
    /// I am leaving for good; the others may remove me.
    Leave,
}

impl MemberMessage {
    /// The `type` of the message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Knock { .. } => "knock",
            Self::Founded { .. } => "founded",
            Self::Commit { .. } => "commit",
            Self::Statement { .. } => "statement",
            Self::Act { .. } => "act",
            Self::Disclose { .. } => "disclose",
            Self::Digest { .. } => "digest",
            Self::Sealed { .. } => "sealed",
            Self::Record { .. } => "record",
            Self::Cosign { .. } => "cosign",
            Self::KeyFrames => "key_frames",
            Self::Watch { .. } => "watch",
            Self::Booth { .. } => "booth",
            Self::Listen { .. } => "listen",
            Self::Whisper { .. } => "whisper",
            Self::Leave => "leave",
        }
    }
}

/// How one video slot is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(deny_unknown_fields)]
pub struct WatchOf {
    /// The m-line's `mid` in my offer.
    pub mid: String,
    /// Height in which the picture is shown, in pixels of the screen; 0: it is not shown, and nothing need be sent.
    pub height: u16,
    /// Whose picture I want in this slot, by the leaf in the current epoch; none: whoever the house finds.
    pub leaf: Option<Leaf>,
}

/// An entry of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum RecordEntry {
    /// Its bytes.
    Entry(Bytes),
    /// The hash of its leaf (RFC 6962 §2.1).
    Hash(Bytes),
}

/// From the server to a member. Nothing here is believed: what counts is inside the signed and MLS bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// First message on the socket.
    Challenge {
        /// To be signed in `hello`.
        nonce: Bytes,
        /// Changes when the server starts: the media connection must then be made anew.
        instance: Bytes,
        /// The signed charter; its hash must be the meeting id of the link.
        charter: Bytes,
    },
    /// A relay for media, if the house has one: before `here`, and again before it no longer opens. The latest counts.
    Relay {
        /// For connections made from now on.
        relay: Relay,
    },
    /// You are known.
    Here {
        /// Bearer token for `POST /api/media`.
        ticket: String,
        /// True if `resume` was taken: everything missed follows, in order. False: knock.
        resumed: bool,
        /// True: your delegation has to let you in first; wait for `admitted`, then knock.
        waits: bool,
        /// What the public sees.
        state: Box<PublicState>,
    },
    /// Nobody holds a group: found one.
    Found {
        /// Which group of this meeting.
        founding: u32,
        /// The number of the closed part it starts with.
        part: u32,
        /// The agenda item it starts with, as an index.
        item: u32,
    },
    /// What the delegations have signed so far; before a `found` or `joined`, and when another delegation claims.
    Register {
        /// The claims, signed by the slot keys.
        claims: Vec<Bytes>,
        /// Every revocation.
        revocations: Vec<Bytes>,
    },
    /// Who waits to be let in by their delegation. For display: each credential speaks for itself.
    Lobby {
        /// Credentials.
        waiting: Vec<Bytes>,
    },
    /// Your delegation lets you in: take this into your credential and knock.
    Admitted {
        /// As `incamera-meeting` encodes it.
        act: Bytes,
    },
    /// What a delegation's key has signed, in the one order that everybody gets.
    Act {
        /// How many acts and statements of this epoch came before it.
        number: u32,
        /// As it was signed.
        act: Bytes,
    },
    /// Somebody asks to be added: please commit the addition. To one member at a time.
    Knock {
        /// As in the `knock` of the newcomer.
        key_package: Bytes,
    },
    /// Somebody who asked to be added has gone again.
    KnockWithdrawn {
        /// As in the `knock` of the newcomer.
        key_package: Bytes,
    },
    /// A commit, in the one order that everybody gets.
    Commit {
        /// The epoch that the commit ends.
        position: Position,
        /// As the member sent it.
        commit: Bytes,
    },
    /// You were added.
    Joined {
        /// MLSMessage with a Welcome; the ratchet tree is inside.
        welcome: Bytes,
        /// The consents by which the part that runs was opened, if it is open.
        warrant: Option<Bytes>,
    },
    /// A statement of a member (also one's own, as acknowledgement).
    Statement {
        /// How many acts and statements of this epoch came before it; none for a fin or heartbeat, which are not
        /// kept and have no place in the order.
        number: Option<u32>,
        /// As the member sent it.
        statement: Bytes,
    },
    /// Something that a member has sealed for all members (also one's own, as a receipt).
    Sealed {
        /// The epoch under whose keys it is sealed.
        position: Position,
        /// As the member sent it.
        message: Bytes,
    },
    /// A member has left or been away too long: please commit the removal.
    PleaseRemove {
        /// Which leaf.
        leaf: Leaf,
    },
    /// Whose connections are up. For display only.
    Connected {
        /// Leaves in the current epoch.
        leaves: Vec<Leaf>,
    },
    /// Which source each of your receiving slots carries. For display before a frame arrives; the KID of a frame is
    /// what tells whose it is.
    Slots {
        /// Every slot.
        slots: Vec<SlotOf>,
    },
    /// Which layers of your camera anybody is shown: the others you need not send. A house that lies here makes pictures
    /// worse or has too many sent, sealed like all; it moves no key and no lamp.
    Layers {
        /// For each layer in the order of your offer, smallest first.
        wanted: Vec<bool>,
    },
    /// Whose sound the house sends into each channel. It decides nothing: what a listener takes for a channel's voice is what
    /// members have sealed. Whoever is on air by that and not here says so again.
    Air {
        /// For each channel, in the order of the charter's languages.
        voices: Vec<Option<Leaf>>,
    },
    /// Where your sound goes from now on, as you have asked: to your delegation, or where it went before. A house that lies here
    /// sends what is sealed for your delegation to those who cannot open it.
    Whisper {
        /// To your delegation.
        on: bool,
    },
    /// How many listen to each channel, for interpreters.
    Listeners {
        /// For each channel, in the order of the charter's languages; members, and in open parts the public.
        counts: Vec<u32>,
    },
    /// A head of the record: countersign it if it is what you saw.
    Checkpoint {
        /// The key of the house, 32 bytes.
        key: Bytes,
        /// The signed note.
        note: String,
    },
    /// Where the record begins that is told now, for somebody who has seen nothing of it.
    RecordStart {
        /// How many entries come before.
        #[cfg_attr(test, ts(type = "number"))]
        size: u64,
        /// The roots of their perfect subtrees, largest first.
        peaks: Vec<Bytes>,
    },
    /// Entries of the record, in order, up to the head that was offered.
    Record {
        /// The number of the first.
        #[cfg_attr(test, ts(type = "number"))]
        first: u64,
        /// Commits and foundings whole, of the others only the hash of the leaf.
        entries: Vec<RecordEntry>,
    },
    /// Whether the public hears the open part that runs, as far as the house finds out. It moves no key; where the charter
    /// has an open part pause while the public does not hear it, a house that lies makes a pause, or makes none.
    Unheard {
        /// Since when the public does not, in milliseconds since the Unix epoch by the house's clock; none: it does.
        #[cfg_attr(test, ts(type = "number | null"))]
        since_ms: Option<u64>,
    },
    /// A message of yours was refused.
    Refused {
        /// Which: the `type` of the message.
        re: String,
        /// Why.
        code: ErrorCode,
        /// One sentence for a person.
        message: String,
    },
}
