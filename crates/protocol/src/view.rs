//! What a member's client shows: computed from the group's own state and the member's own crypto, never from the
//! server's word. Crosses the line between the WebAssembly worker and the page.

use serde::{Deserialize, Serialize};

use crate::booths::{BoothsOf, CallFor};
use crate::member::WatchOf;
use crate::{Leaf, Stream};

/// The state in sight: one word, one colour, one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Lamp {
    /// Not in the group yet: connecting, or waiting to be added.
    Waiting,
    /// In closed session, and every member present has confirmed it.
    Closed,
    /// A close was called or a new epoch is not confirmed by all: nobody is heard.
    Closing,
    /// In public.
    Open,
    /// Something is wrong (`reason` says what): nothing is sent.
    Held,
    /// Over.
    Adjourned,
}

/// What a motion asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum MotionKind {
    /// Let the public in.
    Open,
    /// Shut the door.
    Close,
    /// End the meeting.
    Adjourn,
}

/// A member as this client knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct MemberOf {
    /// Its leaf in the current epoch.
    pub leaf: Leaf,
    /// From its letter.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: String,
    /// It has confirmed the current epoch.
    pub confirmed: bool,
    /// Its connection is up, as far as the server says.
    pub connected: bool,
    /// It is this client.
    pub me: bool,
}

/// A motion that waits for consents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct MotionOf {
    /// Names it in the `consent` command.
    pub id: String,
    /// What it asks for.
    pub kind: MotionKind,
    /// The agenda item it is for, as an index.
    pub item: u32,
    /// Who moved it.
    pub by: String,
    /// Delegations (as indices) whose consent it has.
    pub consents: Vec<u16>,
    /// Delegations (as indices) whose consent it still needs.
    pub missing: Vec<u16>,
    /// If it opens, I shall be seen and heard in public: I moved it, consented to it, or said so.
    pub appears: bool,
    /// When it lapses, in milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub lapses_at_ms: u64,
}

/// What this member may do now, by the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct May {
    /// Move to open.
    pub open: bool,
    /// Close.
    pub close: bool,
    /// Consent to the motion that waits.
    pub consent: bool,
    /// Adjourn.
    pub adjourn: bool,
    /// Be seen and heard in the public part that runs or has been moved, in which one is not yet.
    pub appear: bool,
    /// Let people of one's own delegation in: this device holds the delegation's key.
    pub admit: bool,
}

/// Somebody who waits to be let in by their delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct WaitingOf {
    /// Names the letter and the device in the `admit` command.
    pub id: String,
    /// From the letter.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: String,
    /// The letter is in use on another device, which would lose its seat.
    pub instead: bool,
}

/// What a person's hand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum HandOf {
    /// It asks for nothing.
    Down,
    /// It asks for the floor.
    Up,
    /// It asks for the floor on a point of order: before all others.
    PointOfOrder,
}

/// Somebody who asks for the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct AskingOf {
    /// Who.
    pub leaf: Leaf,
    /// How.
    pub hand: HandOf,
}

/// Somebody who has the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct SpeakerOf {
    /// Who.
    pub leaf: Leaf,
    /// Since when, in milliseconds since the Unix epoch, by this device's clock.
    #[cfg_attr(test, ts(type = "number"))]
    pub began_at_ms: u64,
    /// For how long, in seconds; 0: no time was set.
    pub seconds: u16,
}

/// The floor: as members have told one another under seal. The house knows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct FloorOf {
    /// Who has it.
    pub speaker: Option<SpeakerOf>,
    /// Who asks for it, the first one first.
    pub queue: Vec<AskingOf>,
    /// I may give it and take it back.
    pub give: bool,
    /// I may ask somebody to turn their microphone off or on.
    pub ask: bool,
}

/// Somebody asks me to turn my microphone off or on. I do, or I do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct WishOf {
    /// Who asks, from the letter.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// To turn it off.
    pub mute: bool,
}

/// Where what I say into my microphone goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum WhisperOf {
    /// Where it always goes.
    #[default]
    Off,
    /// To nobody: on its way to my delegation, or back.
    Turning,
    /// To my delegation, and to nobody else.
    On,
}

/// Everything a member's page shows of the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct MemberView {
    /// The state in sight.
    pub lamp: Lamp,
    /// Why, in a sentence, when the lamp is `waiting` or `held`.
    pub reason: Option<String>,
    /// Since when the public cannot hear this open part, as the house says, in milliseconds since the Unix epoch by its clock.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub unheard_since_ms: Option<u64>,
    /// I could adjourn, did the charter not have the meeting report first: it is adjourned in an open part.
    pub report_due: bool,
    /// The number of the part that runs.
    pub part: u32,
    /// The agenda item that runs, as an index.
    pub item: Option<u32>,
    /// Everybody in the group, in the order of the leaves.
    pub members: Vec<MemberOf>,
    /// The motion that waits, if any.
    pub motion: Option<MotionOf>,
    /// What I may do now.
    pub may: May,
    /// The epoch authenticator as 30 digits in fives: the same on every screen unless somebody sits between.
    pub code: Vec<String>,
    /// The same code as words (BIP-39, English), to be read aloud.
    pub words: Vec<String>,
    /// The fingerprint of each delegation's key, in the charter's order: 30 digits in fives; none until it is known.
    pub fingerprints: Vec<Option<Vec<String>>>,
    /// Who speaks, and who asks to.
    pub floor: FloorOf,
    /// Who interprets into which language.
    pub booths: BoothsOf,
    /// Where what I say goes.
    pub whisper: WhisperOf,
    /// Who waits to be let in by their delegation.
    pub lobby: Vec<WaitingOf>,
    /// I wait myself: my delegation has to let this device in first.
    pub waits: bool,
    /// Why the house's record of this meeting is not believed, in a sentence; none if it is as this client saw it.
    pub record: Option<String>,
    /// This client sends: it is keyed, in a confirmed state, and nothing holds it.
    pub sending: bool,
}

/// What a person asks of their client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Move to open, close or adjourn. To close or adjourn takes effect at once.
    Move {
        /// What.
        kind: MotionKind,
        /// For which agenda item, as an index.
        item: u32,
    },
    /// Consent to the motion with this id.
    Consent {
        /// From [`MotionOf::id`].
        motion: String,
    },
    /// Be seen and heard in the public part that runs, or in the one that has been moved: until then I am not.
    Appear,
    /// What I show of my screen is for those who see me in the part that runs. What was chosen behind closed doors is not
    /// sealed for the public.
    Show,
    /// Let somebody of my delegation in.
    Admit {
        /// From [`WaitingOf::id`].
        id: String,
    },
    /// Not of the person but of its page: how it shows the video slots. Asks the house for pictures of that size.
    Watch {
        /// Every slot that is not to come as large as it can.
        slots: Vec<WatchOf>,
        /// Who is to be heard and seen before all others.
        first: Option<Leaf>,
    },
    /// Write to all members.
    Write {
        /// As typed.
        text: String,
    },
    /// What I am typing, for all members: they see it as it stands, until I write it.
    Typed {
        /// The part in which the person sees themselves. In another nothing follows: they type on while the doors open.
        part: u32,
        /// All of it; empty: I am typing nothing, or nobody is to see it.
        text: String,
    },
    /// Write to those who sit in a booth. It is sealed for all members, and shown in the booth alone.
    Note {
        /// Which, for whoever looks after the meeting; none: the one in which I sit.
        booth: Option<u8>,
        /// As typed.
        text: String,
    },
    /// Write to my own delegation: nobody else can read it.
    Aside {
        /// As typed.
        text: String,
    },
    /// Take back a document that I have offered.
    Withdraw {
        /// From [`DocumentOf::id`](crate::document::DocumentOf::id).
        document: String,
    },
    /// Listen to a language channel, or to the floor alone. An interpreter who listens to a channel interprets by relay.
    Listen {
        /// Which; none: the floor.
        channel: Option<u8>,
    },
    /// Take a seat in the booth of a channel, or leave the one I have. I am off air then.
    Sit {
        /// The channel; none: no booth.
        booth: Option<u8>,
    },
    /// Take the microphone of my booth, which is free or was offered to me, or give it back.
    Air {
        /// Take it.
        on: bool,
    },
    /// On air: offer the microphone to my partner in the booth. Off air: ask for it; it is taken by itself when it is offered.
    HandOver {
        /// From now on; or no longer.
        wanted: bool,
    },
    /// Call out from my booth.
    Call {
        /// What for.
        what: CallFor,
    },
    /// Answer a call for help: I see to it.
    Answer {
        /// Which booth has called.
        booth: u8,
    },
    /// From now on what I say is for my own delegation alone, or no longer.
    Whisper {
        /// For my delegation.
        on: bool,
    },
    /// Raise my hand, or lower it.
    Raise {
        /// What it does from now on.
        hand: HandOf,
    },
    /// Give the floor back that I have.
    Yield,
    /// Give the floor to somebody, or take it back.
    Give {
        /// To whom; none: nobody has it.
        to: Option<Leaf>,
        /// For how long, in seconds; 0: without a time.
        seconds: u16,
    },
    /// Ask somebody to turn their microphone off or on.
    Ask {
        /// Whom.
        whom: Leaf,
        /// Off.
        mute: bool,
    },
    /// Leave for good.
    Leave,
}

/// How far something that I have written has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It has not been passed on yet.
    Waiting,
    /// The house has passed it on to all members. What others have written is always that.
    Passed,
    /// It will not be: the house has refused it, or this device has lost its place in the meeting.
    Lost,
}

/// Something that a member has written to all the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct ChatOf {
    /// Names it: shown again under the same id, it has come further.
    pub id: String,
    /// The writer's name, from the letter.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// I wrote it.
    pub me: bool,
    /// The number of the part in which it was written …
    pub part: u32,
    /// … and whether that was an open one. The public reads it in neither.
    pub open: bool,
    /// The booth for whose interpreters it is; none: for all.
    pub booth: Option<u8>,
    /// It is for a booth, from somebody who does not sit in it and looks after the meeting.
    pub attends: bool,
    /// It is for the writer's own delegation, which is mine: nobody else can read it.
    pub aside: bool,
    /// As typed: nothing in it is markup.
    pub text: String,
    /// How far it has come.
    pub delivery: Delivery,
    /// How many messages of this writer just before it have not come: somebody has kept them from this device, or it was
    /// away for too long.
    pub missing: u32,
}

/// What somebody else is typing just now, as far as they have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct TypedOf {
    /// Names the writer, who has one line at most: what comes under the same id takes its place.
    pub id: String,
    /// The writer's name, from the letter.
    pub name: String,
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// In one line, and nothing in it is markup. Empty: there is none any more.
    pub text: String,
}

/// A frame that was opened: whose it is, by its key and by nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct FrameOf {
    /// The sender's leaf in the epoch of the key.
    pub leaf: Leaf,
    /// What was sent.
    pub stream: Stream,
    /// It was sealed under a key of an open part.
    pub open: bool,
}
