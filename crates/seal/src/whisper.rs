//! Speaking to one's own delegation alone (`docs/protocol.md` §11g). What is whispered is sealed under a key of the
//! delegation, and so it is never sound of the floor; and the floor's microphone is off for as long.

use incamera_meeting::{Phase, Refusal};
use incamera_protocol::member::MemberMessage;
use incamera_protocol::view::WhisperOf;
use incamera_protocol::{ErrorCode, limits};

use crate::member::Member;

/// What my person wants to whisper, and where the house sends their sound.
#[derive(Default)]
pub(crate) struct Whisper {
    wanted: bool,
    /// It has ended, and until then what is still under way goes to my delegation.
    tail_until_ms: Option<u64>,
    house: Sends,
    /// What the house was asked on this connection and has not answered.
    asked: Option<bool>,
    /// It was asked too often: not before this.
    not_before_ms: Option<u64>,
}

/// Where the house sends my sound, by its own word.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Sends {
    #[default]
    ToAll,
    Aside,
    /// What it said last may be out of date.
    Unknown,
}

impl Whisper {
    /// When there is something to do next.
    pub(crate) fn again_ms(&self) -> Option<u64> {
        self.tail_until_ms.into_iter().chain(self.not_before_ms).min()
    }

    fn is_off(&self) -> bool {
        !self.wanted && self.tail_until_ms.is_none() && self.asked.is_none() && self.house == Sends::ToAll
    }
}

impl Member {
    /// From now on the person whispers, or no longer.
    pub(crate) fn whisper(&mut self, on: bool) -> Result<(), Refusal> {
        if on {
            self.check_may_whisper()?;
        } else if self.whisper.wanted {
            self.whisper.tail_until_ms = Some(self.now_ms.saturating_add(limits::WHISPER_TAIL_MS));
        }
        self.whisper.wanted = on;
        Ok(())
    }

    fn check_may_whisper(&self) -> Result<(), Refusal> {
        let (Some(group), Some(me)) = (self.meeting.group(), self.leaf()) else {
            return Err(Refusal::NotAMember);
        };
        if self.is_on_air() {
            return Err(Refusal::Whisper("you are on air"));
        }
        let mine = self.identity.delegation();
        let others = group.roster.iter().filter(|(leaf, _)| **leaf != me);
        if !others.into_iter().any(|(_, person)| person.delegation == mine) {
            return Err(Refusal::Whisper("nobody else of your delegation is here"));
        }
        if !self.may_seal_asides() {
            return Err(Refusal::Phase);
        }
        Ok(())
    }

    /// As for all that is sealed; but of what is said aside nothing becomes public, so it takes nobody's wish to appear.
    fn may_seal_asides(&self) -> bool {
        let (Some(group), Some(me)) = (self.meeting.group(), self.leaf()) else {
            return false;
        };
        let calm = match group.context.phase {
            Phase::Closed => self.door.is_none(),
            Phase::Open => !self.is_closing(),
            Phase::Adjourned => false,
        };
        let well = !self.finished && self.alarm.is_none() && !self.out_of_touch && !self.is_left_in_silence();
        calm && well && group.heard.contains_key(&me) && !self.is_on_air()
    }

    /// Where what comes from my microphone goes now.
    pub(crate) fn whisper_of(&self) -> WhisperOf {
        if self.whisper.is_off() {
            WhisperOf::Off
        } else if self.whisper.wanted && self.whisper.house == Sends::Aside && self.may_seal_asides() {
            WhisperOf::On
        } else {
            WhisperOf::Turning
        }
    }

    /// Tells the house where my sound is to go, if it does not know.
    pub(crate) fn tell_house_of_whisper(&mut self) {
        if self.whisper.wanted && self.is_on_air() {
            // What is said on air is for all who listen, and nobody is to be in doubt.
            self.whisper.wanted = false;
        }
        let over = |until: &u64| self.now_ms >= *until;
        if self.whisper.tail_until_ms.as_ref().is_some_and(over) {
            self.whisper.tail_until_ms = None;
        }
        if self.whisper.not_before_ms.as_ref().is_some_and(over) {
            self.whisper.not_before_ms = None;
        }
        let there = match self.whisper.house {
            Sends::ToAll => Some(false),
            Sends::Aside => Some(true),
            Sends::Unknown => None,
        };
        let on = self.whisper.wanted || self.whisper.tail_until_ms.is_some();
        let waits = self.whisper.asked.is_some() || self.whisper.not_before_ms.is_some();
        if there == Some(on) || waits || self.out_of_touch || self.group.is_none() {
            return;
        }
        self.whisper.asked = Some(on);
        self.send(MemberMessage::Whisper { on });
    }

    /// The house has done as it was asked, it says. If it lies, those get what is sealed who cannot open it.
    pub(crate) fn take_whisper(&mut self, on: bool) {
        if self.whisper.asked == Some(on) {
            self.whisper.asked = None;
            self.whisper.house = if on { Sends::Aside } else { Sends::ToAll };
        }
    }

    /// The house does not do it.
    pub(crate) fn take_whisper_refused(&mut self, code: ErrorCode) {
        self.whisper.asked = None;
        self.whisper.house = Sends::Unknown;
        self.whisper.not_before_ms = Some(self.now_ms.saturating_add(limits::WHISPER_AGAIN_MS));
        if code != ErrorCode::TooMany {
            self.whisper.wanted = false;
        }
    }

    /// What the house was asked may not have arrived, or it has forgotten it.
    pub(crate) fn untell_whisper(&mut self) {
        if !self.whisper.is_off() {
            self.whisper.house = Sends::Unknown;
        }
        self.whisper.asked = None;
    }
}
