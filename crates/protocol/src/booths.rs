//! Booths and language channels as a client shows them. A channel is a language of the charter, by its index there; a
//! charter of one language has none.

use serde::{Deserialize, Serialize};

use crate::Leaf;

/// The booths, as interpreters have told of themselves under seal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct BoothsOf {
    /// I may sit in a booth: my letter says that I interpret.
    pub may: bool,
    /// I may look after the booths: answer their calls for help, and write to one without sitting in it.
    pub attends: bool,
    /// The channel that I listen to; none: the floor.
    pub listens: Option<u8>,
    /// The booth in which I sit.
    pub sits: Option<u8>,
    /// I have the microphone of my booth: what I say goes into its channel. Whoever sits and is not on air is heard by nobody.
    pub on_air: bool,
    /// Every channel, in the order of the charter's languages. Empty: the meeting has no channels.
    pub channels: Vec<ChannelOf>,
}

/// One language channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct ChannelOf {
    /// Its language: a tag of the charter (BCP 47).
    pub language: String,
    /// Who is on air in it; none: nobody interprets into it now.
    pub voice: Option<Leaf>,
    /// Since when they are, by this device's clock, in milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub since_ms: Option<u64>,
    /// What they interpret from: another channel (relay); none: the floor.
    pub relays: Option<u8>,
    /// Who sits in the booth, whoever is on air among them, in the order of the leaves.
    pub sitters: Vec<SitterOf>,
    /// How many listen to it, as the house counts; told to interpreters alone.
    pub listeners: Option<u32>,
}

/// An interpreter in a booth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct SitterOf {
    /// Who.
    pub leaf: Leaf,
    /// What they listen to: a channel; none: the floor.
    pub hears: Option<u8>,
    /// Asks for the handover: whoever is on air offers the microphone, anybody else asks for it.
    pub wants: bool,
}

/// What an interpreter calls out, and what is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(rename_all = "snake_case")]
pub enum CallFor {
    /// Whoever speaks is asked to speak more slowly.
    Slower,
    /// The booth needs help: for whoever looks after the meeting.
    Help,
    /// Whoever looks after the meeting sees to it.
    Seen,
}

/// An interpreter has called out, or was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct CallOf {
    /// Who, from the letter.
    pub name: String,
    /// From which booth; of an answer: to which.
    pub booth: u8,
    /// What.
    pub what: CallFor,
}

/// One language channel as the public is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct PublicChannel {
    /// Its language: a tag of the charter (BCP 47).
    pub language: String,
    /// Who is on air in it, as far as the house says; none: nobody.
    pub voice: Option<Leaf>,
}
