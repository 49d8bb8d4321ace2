//! The booths as this device takes part in them (`docs/protocol.md` §11f): where its person sits and what they listen to,
//! who is on air in which channel, and whose sound is that channel's.

use std::collections::BTreeMap;

use incamera_meeting::{Booths, Call, Group, LetterId, Person, Post, Refusal, Right, Saying, Sitting};
use incamera_protocol::booths::{BoothsOf, CallFor, CallOf, ChannelOf, SitterOf};
use incamera_protocol::member::MemberMessage;
use incamera_protocol::{Leaf, MediaKind, Stream, limits};

use crate::action::Action;
use crate::media::{Opened, Refused};
use crate::member::Member;

/// What this device knows of the booths, and has said.
pub(crate) struct Booth {
    /// As interpreters have said it.
    heard: Booths,
    /// What I have said of myself last, whether or not it has been passed on.
    said: Sitting,
    /// The channel that my person listens to.
    listens: Option<u8>,
    /// What the house was told on this connection.
    told: Told,
    /// How many listen to each channel, as the house counts.
    listeners: Vec<u32>,
    /// When each interpreter called out last, and what for.
    called: BTreeMap<(LetterId, Call), u64>,
}

/// What the house was told of where my sound goes, and of what I listen to.
#[derive(Default)]
struct Told {
    post: Option<(Option<u8>, bool)>,
    listens: Option<Option<u8>>,
}

impl Default for Booth {
    fn default() -> Self {
        Self {
            heard: Booths::default(),
            said: Sitting::NOWHERE,
            listens: None,
            told: Told::default(),
            listeners: Vec::new(),
            called: BTreeMap::new(),
        }
    }
}

impl Booth {
    /// Whether sound of this member is for the floor: whoever sits in a booth is not heard there.
    pub(crate) fn is_of_floor(&self, group: &Group, leaf: Leaf) -> bool {
        !self.heard.seats(group, leaf)
    }
}

impl Member {
    fn channels(&self) -> u8 {
        self.meeting.charter().channels()
    }

    fn check_interprets(&self) -> Result<(), Refusal> {
        if self.meeting.group().is_none() {
            return Err(Refusal::NotAMember);
        }
        if !self.identity.letter().role.may(Right::Interpret) {
            return Err(Refusal::Role);
        }
        Ok(())
    }

    /// The person listens to a channel, or to the floor alone.
    pub(crate) fn listen(&mut self, channel: Option<u8>) -> Result<(), Refusal> {
        self.meeting.charter().check_channel(channel)?;
        if let Some(booth) = self.booth.said.booth {
            self.check_round(booth, channel)?;
            let hears = channel;
            self.say_sitting(Sitting {
                hears,
                ..self.booth.said
            })?;
        }
        self.booth.listens = channel;
        Ok(())
    }

    /// The person sits down in a booth, or gets up.
    pub(crate) fn sit(&mut self, booth: Option<u8>) -> Result<(), Refusal> {
        self.check_interprets()?;
        self.meeting.charter().check_channel(booth)?;
        if booth == self.booth.said.booth {
            return Ok(());
        }
        // Who listened to the language into which they interpret now hears the floor.
        let listens = self.booth.listens.filter(|listens| Some(*listens) != booth);
        if let Some(booth) = booth {
            self.check_round(booth, listens)?;
        }
        let hears = listens.filter(|_| booth.is_some());
        let moved = self.booth.said.moved(booth);
        self.say_sitting(Sitting { hears, ..moved })?;
        self.booth.listens = listens;
        Ok(())
    }

    fn check_round(&self, booth: u8, hears: Option<u8>) -> Result<(), Refusal> {
        let group = self.meeting.group().ok_or(Refusal::NotAMember)?;
        if hears.is_some_and(|hears| self.booth.heard.comes_round(group, booth, hears)) {
            return Err(Refusal::Booth("you would interpret from your own channel"));
        }
        Ok(())
    }

    /// The person takes the microphone of their booth, or gives it back.
    pub(crate) fn air(&mut self, on: bool) -> Result<(), Refusal> {
        self.check_interprets()?;
        let group = self.meeting.group().ok_or(Refusal::NotAMember)?;
        let said = self.booth.said;
        if on == said.is_on_air() {
            return Ok(());
        }
        let next = if on {
            self.booth.heard.take(group, self.identity.letter_id(), said)?
        } else {
            Sitting {
                post: Post::Rests,
                ..said
            }
        };
        self.say_sitting(next)
    }

    /// The person asks for a handover, or no longer does.
    pub(crate) fn hand_over(&mut self, wanted: bool) -> Result<(), Refusal> {
        self.check_interprets()?;
        let group = self.meeting.group().ok_or(Refusal::NotAMember)?;
        let me = self.identity.letter_id();
        let next = self.booth.heard.hand_over(group, me, self.booth.said, wanted)?;
        if next.post == self.booth.said.post {
            return Ok(());
        }
        self.say_sitting(next)?;
        self.take_what_is_offered();
        Ok(())
    }

    /// The person calls out from their booth.
    pub(crate) fn call_out(&mut self, what: CallFor) -> Result<(), Refusal> {
        self.check_interprets()?;
        if self.booth.said.booth.is_none() {
            return Err(Refusal::Booth("you sit in none"));
        }
        self.say_call(match what {
            CallFor::Slower => Call::Slower,
            CallFor::Help => Call::Help,
            CallFor::Seen => return Err(Refusal::Malformed),
        })
    }

    /// The person sees to what a booth has called for.
    pub(crate) fn answer_call(&mut self, booth: u8) -> Result<(), Refusal> {
        self.check_attends(booth)?;
        self.say_call(Call::Seen(booth))
    }

    fn say_call(&mut self, call: Call) -> Result<(), Refusal> {
        if !self.may_call(self.identity.letter_id(), call) {
            return Err(Refusal::Booth("you have just said so"));
        }
        self.utter(Saying::Call(call))
    }

    fn check_attends(&self, booth: u8) -> Result<(), Refusal> {
        self.meeting.charter().check_channel(Some(booth))?;
        if !self.identity.letter().role.may(Right::Attend) {
            return Err(Refusal::Role);
        }
        Ok(())
    }

    /// The person writes to those in their booth, or as one who looks after the meeting to those in another.
    pub(crate) fn note(&mut self, booth: Option<u8>, text: &str) -> Result<(), Refusal> {
        let mine = self.booth.said.booth;
        let booth = booth.or(mine).ok_or(Refusal::Booth("you sit in none"))?;
        if Some(booth) != mine {
            self.check_attends(booth)?;
        }
        self.utter(Saying::typed(text, Some(booth))?)
    }

    fn say_sitting(&mut self, sitting: Sitting) -> Result<(), Refusal> {
        let number = self.booth.said.number.saturating_add(1);
        let sitting = Sitting { number, ..sitting };
        self.utter(Saying::Sitting(sitting))?;
        self.booth.said = sitting;
        Ok(())
    }

    /// An interpreter has said something of themselves, and it has been passed on to everybody.
    pub(crate) fn hear_sitting(&mut self, by: &Person, said: Sitting) {
        let heard = self.booth.heard.sit(self.now_ms, self.channels(), by, said);
        if heard != Ok(true) {
            return;
        }
        // Somebody else has the microphone that I had: what I say of myself follows.
        if self.booth.said.is_on_air()
            && self.booth.heard.of(self.identity.letter_id()) == self.booth.said
            && !self.is_on_air()
        {
            let rests = Sitting {
                post: Post::Rests,
                ..self.booth.said
            };
            // What finds no room among what waits changes nothing: the greater turn counts, and I am silent.
            let _ = self.say_sitting(rests);
        }
        self.take_what_is_offered();
    }

    /// I have asked for the microphone of my booth, and it is offered.
    fn take_what_is_offered(&mut self) {
        let Some(group) = self.meeting.group() else { return };
        let (me, said) = (self.identity.letter_id(), self.booth.said);
        let voice = said.booth.and_then(|booth| self.booth.heard.voice(group, booth));
        let offered = said.post == Post::Asks && voice.is_some_and(|voice| voice.offers && voice.letter != me);
        if offered && let Ok(taken) = self.booth.heard.take(group, me, said) {
            let _ = self.say_sitting(taken);
        }
    }

    /// An interpreter has called out, or was answered. Of one that calls too often nothing more is shown.
    pub(crate) fn hear_call(&mut self, by: &Person, call: Call) {
        let booth = match call {
            Call::Slower | Call::Help => self.booth.heard.of(by.letter).booth,
            Call::Seen(booth) => Some(booth).filter(|booth| by.role.may(Right::Attend) && *booth < self.channels()),
        };
        let Some(booth) = booth.filter(|_| self.may_call(by.letter, call)) else {
            return;
        };
        self.booth.called.insert((by.letter, call), self.now_ms);
        if by.letter == self.identity.letter_id() {
            return;
        }
        let what = match call {
            Call::Slower => CallFor::Slower,
            Call::Help => CallFor::Help,
            Call::Seen(_) => CallFor::Seen,
        };
        let name = by.name.clone();
        self.act(Action::Call {
            call: CallOf { name, booth, what },
        });
    }

    fn may_call(&self, who: LetterId, call: Call) -> bool {
        let last = self.booth.called.get(&(who, call));
        last.is_none_or(|at| self.now_ms.saturating_sub(*at) >= limits::CALL_MS)
    }

    /// Whether what somebody has written to this booth is shown here: I sit in it, and so do they, or they look after the
    /// meeting.
    pub(crate) fn reads_note(&self, by: &Person, booth: u8) -> bool {
        let theirs = self.booth.heard.of(by.letter).booth;
        let from = theirs == Some(booth) || by.role.may(Right::Attend);
        from && self.booth.said.booth == Some(booth)
    }

    /// These have come, and can read nothing that was said before. Whoever begins anew sits nowhere.
    pub(crate) fn tell_newcomers_of_booths(&mut self, newcomers: &[LetterId]) {
        let Some(group) = self.meeting.group() else { return };
        for letter in newcomers {
            self.booth.heard.forget(*letter);
        }
        self.booth.heard.keep_those_in(group);
        self.booth
            .called
            .retain(|(letter, _), _| group.member_of(*letter).is_some());
        let mine = newcomers.is_empty() || newcomers.contains(&self.identity.letter_id());
        if !mine && self.booth.said.booth.is_some() {
            // What finds no room among what waits is not lost for good: the next one who comes is told again.
            let _ = self.utter(Saying::Sitting(self.booth.said));
        }
    }

    /// The channel that the person listens to; none: the floor alone.
    pub fn listens(&self) -> Option<u8> {
        self.booth.listens
    }

    /// I am on air: the microphone of my booth is mine by what everybody has heard, and I have not given it back.
    pub(crate) fn is_on_air(&self) -> bool {
        let voice = || {
            let group = self.meeting.group()?;
            self.booth.heard.voice(group, self.booth.said.booth?)
        };
        self.booth.said.is_on_air() && voice().is_some_and(|voice| voice.letter == self.identity.letter_id())
    }

    /// Whether my microphone is live: on the floor, or on air. In a booth, off air, it is not: nor while others may still
    /// think that I sit in one.
    pub(crate) fn is_microphone_live(&self) -> bool {
        let heard = self.booth.heard.of(self.identity.letter_id());
        let sits = self.booth.said.booth.is_some() || heard.booth.is_some();
        !sits || (self.is_on_air() && heard.booth == self.booth.said.booth)
    }

    /// Opens one frame that came where a channel's sound comes. Only from whoever is on air there, whatever the house has
    /// put into its place.
    pub fn open_channel(&mut self, channel: u8, frame: &[u8]) -> Result<Opened, Refused> {
        let group = self.meeting.group();
        let voice = group.and_then(|group| self.booth.heard.voice(group, channel));
        let voice = voice.map(|voice| voice.leaf);
        self.media.open(MediaKind::Audio, frame, self.now_ms, |leaf, stream| {
            stream == Stream::Microphone && Some(leaf) == voice
        })
    }

    /// Whose sound the house sends into the channels. Where I am on air and it does not know, it is told again.
    pub(crate) fn take_air(&mut self, voices: &[Option<Leaf>]) {
        let Some(booth) = self.booth.said.booth else { return };
        let known = voices.get(usize::from(booth)).copied().flatten();
        if self.is_on_air() != (known.is_some() && known == self.leaf()) {
            self.booth.told.post = None;
        }
    }

    pub(crate) fn take_listeners(&mut self, counts: Vec<u32>) {
        self.booth.listeners = counts;
    }

    /// What the house was told may not have arrived, or it has forgotten it.
    pub(crate) fn untell_booths(&mut self) {
        self.booth.told = Told::default();
    }

    /// Tells the house where my sound goes and what I listen to, if it does not know.
    pub(crate) fn tell_house_of_booths(&mut self) {
        if self.out_of_touch || self.group.is_none() || self.channels() == 0 {
            return;
        }
        let mine = self.booth.heard.of(self.identity.letter_id());
        let post = (mine.booth, self.is_on_air());
        if self.check_interprets().is_ok() && self.booth.told.post.replace(post) != Some(post) {
            let (channel, on_air) = post;
            self.send(MemberMessage::Booth { channel, on_air });
        }
        let channel = self.booth.listens;
        if self.booth.told.listens.replace(channel) != Some(channel) {
            self.send(MemberMessage::Listen { channel });
        }
    }

    /// Begins anew: this device is in no group any more. What its person listens to stays, and so does their seat, off air:
    /// whoever comes back into the group is not of a sudden heard on the floor.
    pub(crate) fn clear_booths(&mut self) {
        let before = &self.booth;
        let said = Sitting {
            number: 0,
            ..before.said.moved(before.said.booth)
        };
        self.booth = Booth {
            said,
            listens: before.listens,
            ..Booth::default()
        };
    }

    /// Takes the seat again that this device had before it lost the group.
    pub(crate) fn sit_again(&mut self) {
        if self.booth.said.booth.is_some() {
            // Nothing else waits yet, so there is room for it; without it the microphone would stay off.
            let _ = self.say_sitting(self.booth.said);
        }
    }

    /// What is shown of the booths.
    pub(crate) fn booths_of(&self) -> BoothsOf {
        let Some(group) = self.meeting.group().filter(|_| self.channels() > 0) else {
            return BoothsOf::default();
        };
        let languages = self.meeting.charter().languages.iter();
        let sits = self.booth.said.booth;
        let channels = (0..self.channels()).zip(languages).map(|(channel, language)| {
            let voice = self.booth.heard.voice(group, channel);
            let sitters = self.booth.heard.sitters(group, channel).map(|(leaf, said)| SitterOf {
                leaf,
                hears: said.hears,
                wants: matches!(said.post, Post::Asks | Post::Offers),
            });
            ChannelOf {
                language: language.as_str().to_owned(),
                voice: voice.map(|voice| voice.leaf),
                since_ms: voice.map(|voice| voice.began_at_ms),
                relays: voice.and_then(|voice| voice.hears),
                sitters: sitters.collect(),
                listeners: sits.and_then(|_| self.booth.listeners.get(usize::from(channel)).copied()),
            }
        });
        let whole = !self.finished && self.alarm.is_none();
        BoothsOf {
            may: whole && self.check_interprets().is_ok(),
            attends: whole && self.identity.letter().role.may(Right::Attend),
            listens: self.booth.listens,
            sits,
            on_air: self.is_on_air(),
            channels: channels.collect(),
        }
    }
}
