//! What members write to one another (`docs/protocol.md` §11d).
//!
//! One message is on its way at a time. It counts as passed on when it comes back; until then it is sent again after a
//! lost connection, and sealed again when the epoch has ended without it. Nothing leaves while this device does not know
//! that the epoch it is in is still the present one.

use std::collections::{BTreeMap, VecDeque};

use incamera_meeting::{
    Encode as _, LetterId, Note, Opened, Paper, Person, Phase, Prose, Refusal, Right, Saying, TableMessage,
};
use incamera_protocol::member::{MemberMessage, Position};
use incamera_protocol::view::{ChatOf, Delivery};
use incamera_protocol::{Bytes, Leaf, limits};
use openmls_traits::OpenMlsProvider as _;
use openmls_traits::random::OpenMlsRand as _;

use crate::action::Action;
use crate::aside::Envelope;
use crate::group::Group;
use crate::member::Member;

/// What is written to one another, as far as this device must remember it.
#[derive(Default)]
pub(crate) struct Table {
    waiting: VecDeque<Waiting>,
    /// The first of them has been sent on this connection.
    said: bool,
    /// It came too fast for the house: not before this.
    not_before_ms: Option<u64>,
    /// How many messages I have sealed in this epoch.
    sealed: u32,
    /// The number of the next message of each member in this epoch.
    next: BTreeMap<Leaf, u32>,
    /// How many of each have not come, as far as the reader has not been told.
    missing: BTreeMap<Leaf, u32>,
    /// What has come, newest last.
    known: VecDeque<(LetterId, [u8; 16])>,
}

/// Something that I have written and that has not come back yet.
struct Waiting {
    id: [u8; 16],
    what: What,
    sealed: Option<Vec<u8>>,
}

/// What is said, to all or to my own delegation: that is sealed under keys of the epoch in which it goes out.
enum What {
    Said(Saying),
    Aside(Prose),
}

impl Waiting {
    /// Whether it may be said in this part. A text goes wherever the meeting goes; a document is for the part for which it was
    /// sealed, and a line that is being typed for those who see it grow.
    fn is_for(&self, part: u32) -> bool {
        match &self.what {
            What::Said(Saying::Paper(Paper::Offered(offer))) => offer.part == part,
            What::Said(Saying::Typed(line)) => line.part == part,
            _ => true,
        }
    }
}

/// A text that is shown.
#[derive(Clone, Copy)]
struct Chat<'a> {
    text: &'a Prose,
    /// For those in a booth.
    booth: Option<u8>,
    /// For the writer's delegation.
    aside: bool,
    /// How many messages before it have not come.
    missing: u32,
}

impl<'a> Chat<'a> {
    fn of(text: &'a Prose, booth: Option<u8>, missing: u32) -> Self {
        Self {
            text,
            booth,
            aside: false,
            missing,
        }
    }

    fn aside(text: &'a Prose, missing: u32) -> Self {
        Self {
            aside: true,
            ..Self::of(text, None, missing)
        }
    }
}

impl Table {
    /// What was said on a connection that is gone may not have arrived.
    pub(crate) fn unsay(&mut self) {
        self.said = false;
    }

    /// The epoch has ended. What had not come back by then was not passed on: the house takes nothing for an ended epoch.
    pub(crate) fn turn(&mut self) {
        self.said = false;
        self.sealed = 0;
        self.next.clear();
        self.missing.clear();
        if let Some(first) = self.waiting.front_mut() {
            first.sealed = None;
        }
    }

    /// What came too fast for the house goes out later.
    pub(crate) fn wait_until(&mut self, ms: u64) {
        self.said = false;
        self.not_before_ms = Some(ms);
    }

    /// When what waits may go out again.
    pub(crate) fn again_ms(&self) -> Option<u64> {
        self.not_before_ms.filter(|_| !self.waiting.is_empty())
    }

    /// What waits, has not been sealed, and says something that this says anew, need not be said.
    fn outdate(&mut self, saying: &Saying) {
        self.waiting.retain(|waiting| {
            let What::Said(waits) = &waiting.what else { return true };
            let same = match (waits, saying) {
                (Saying::Standing(_), Saying::Standing(_))
                | (Saying::Turn(_), Saying::Turn(_))
                | (Saying::Sitting(_), Saying::Sitting(_)) => true,
                (Saying::Wish(one), Saying::Wish(other)) => one.whom == other.whom,
                _ => false,
            };
            waiting.sealed.is_some() || !same
        });
    }

    fn knows(&mut self, writer: LetterId, id: [u8; 16]) -> bool {
        if self.known.contains(&(writer, id)) {
            return true;
        }
        if self.known.len() >= limits::CHAT_KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back((writer, id));
        false
    }

    /// Notes how many messages of this writer before this one have not come: it is told with the next text. False: a later
    /// one of the writer's has come before.
    fn count(&mut self, leaf: Leaf, number: u32) -> bool {
        let next = self.next.entry(leaf).or_default();
        let in_order = number >= *next;
        let missing = number.saturating_sub(*next);
        *next = number.saturating_add(1).max(*next);
        if missing > 0 {
            let noted = self.missing.entry(leaf).or_default();
            *noted = noted.saturating_add(missing);
        }
        in_order
    }
}

impl Member {
    /// The person writes to all members.
    pub(crate) fn write(&mut self, text: &str) -> Result<(), Refusal> {
        self.utter(Saying::typed(text, None)?)?;
        // What was typed live is the text now.
        self.typing.end_mine();
        Ok(())
    }

    /// Something for all members, which waits its turn. Of what is said of the floor only the latest waits.
    pub(crate) fn utter(&mut self, saying: Saying) -> Result<(), Refusal> {
        self.check_may_write()?;
        self.table.outdate(&saying);
        self.enqueue(What::Said(saying))
    }

    /// A text for my own delegation, which waits its turn with the rest.
    pub(crate) fn utter_aside(&mut self, text: Prose) -> Result<(), Refusal> {
        self.check_may_write()?;
        self.enqueue(What::Aside(text))
    }

    pub(crate) fn check_may_write(&self) -> Result<(), Refusal> {
        if self.meeting.is_adjourned() {
            return Err(Refusal::Adjourned);
        }
        if self.group.is_none() || self.alarm.is_some() {
            return Err(Refusal::NotAMember);
        }
        Ok(())
    }

    fn enqueue(&mut self, what: What) -> Result<(), Refusal> {
        if self.table.waiting.len() >= limits::CHAT_WAITING_MAX {
            return Err(Refusal::TooLarge("list of messages that wait"));
        }
        let id = self.provider.rand().random_array();
        let id = id.map_err(|_| Refusal::Text("this device gives no random numbers"))?;
        let waiting = Waiting { id, what, sealed: None };
        self.show_mine(&waiting, Delivery::Waiting);
        self.table.waiting.push_back(waiting);
        Ok(())
    }

    /// Sends the first of what waits, if it is not on its way and this device knows where the meeting is.
    pub(crate) fn pass_on_what_waits(&mut self) {
        let late = self.table.not_before_ms.is_some_and(|ms| self.now_ms < ms);
        if self.table.said || late || self.out_of_touch || self.is_left_in_silence() {
            return;
        }
        if self.table.waiting.is_empty()
            && let Some(next) = self.next_typed().or_else(|| self.next_untold())
        {
            // Nothing waits, so there is room.
            let _ = self.utter(next);
        }
        let (Some(group), Some(first)) = (self.group.as_ref(), self.table.waiting.front()) else {
            return;
        };
        let position = group.position();
        let sealed = match first.sealed.clone() {
            Some(sealed) => sealed,
            None => match self.seal_first() {
                Ok(sealed) => sealed,
                Err(why) => return self.give_up_first(why),
            },
        };
        self.table.said = true;
        self.table.not_before_ms = None;
        let message = Bytes(sealed);
        self.send(MemberMessage::Sealed { position, message });
    }

    /// Seals the first of what waits, for the epoch that runs.
    fn seal_first(&mut self) -> Result<Vec<u8>, String> {
        const NOT_HERE: &str = "This device has no keys of the meeting.";
        let (me, first) = self.leaf().zip(self.table.waiting.front()).ok_or(NOT_HERE)?;
        let (number, id) = (self.table.sealed, first.id);
        let body = match &first.what {
            What::Said(saying) => saying.clone(),
            What::Aside(text) => {
                let writer = me;
                let aside = self.seal_aside(text, Envelope { writer, number, id });
                Saying::Aside(aside.ok_or(NOT_HERE)?)
            }
        };
        let message = TableMessage { number, id, body }.encode();
        let group = self.group.as_mut().ok_or(NOT_HERE)?;
        let sealed = group.seal(&self.provider, &self.identity, &message);
        let sealed = sealed.map_err(|error| error.to_string())?;
        self.table.sealed = self.table.sealed.saturating_add(1);
        if let Some(first) = self.table.waiting.front_mut() {
            first.sealed = Some(sealed.clone());
        }
        Ok(sealed)
    }

    /// Something sealed has come. What does not open is passed over: it was for another epoch, has come before, or the
    /// house has made it up.
    pub(crate) fn take_sealed(&mut self, position: Position, sealed: &[u8]) {
        if self.group.as_ref().map(Group::position) != Some(position) || self.alarm.is_some() {
            return;
        }
        let first = self.table.waiting.front();
        if first.is_some_and(|first| first.sealed.as_deref() == Some(sealed)) {
            self.table.said = false;
            if let Some(mine) = self.table.waiting.pop_front() {
                self.show_mine(&mine, Delivery::Passed);
                if let What::Said(saying) = mine.what {
                    self.hear_mine(saying);
                }
            }
            return;
        }
        let Some((leaf, message)) = self.opened(sealed) else {
            return;
        };
        let Some(writer) = self.meeting.group().and_then(|group| group.roster.get(&leaf)).cloned() else {
            return;
        };
        let in_order = self.table.count(leaf, message.number);
        if let Some(Saying::Typed(line)) = message.body {
            // Only the latest counts, so none need be known again.
            if in_order {
                self.hear_typed(&writer, &line);
            }
            return;
        }
        if self.table.knows(writer.letter, message.id) {
            return;
        }
        match message.body {
            Some(Saying::Text(text)) => {
                self.end_line_of(writer.letter);
                let missing = self.table.missing.remove(&leaf).unwrap_or_default();
                self.show_chat(&writer, Chat::of(&text, None, missing), message.id, Delivery::Passed);
            }
            Some(Saying::Note(Note { booth, text })) if self.reads_note(&writer, booth) => {
                let missing = self.table.missing.remove(&leaf).unwrap_or_default();
                let chat = Chat::of(&text, Some(booth), missing);
                self.show_chat(&writer, chat, message.id, Delivery::Passed);
            }
            // Of another delegation nothing is read here, whatever its key.
            Some(Saying::Aside(aside)) if writer.delegation == self.identity.delegation() => {
                let (number, id) = (message.number, message.id);
                let writes = Envelope {
                    writer: leaf,
                    number,
                    id,
                };
                if let Some(text) = self.open_aside(&aside, writes) {
                    let missing = self.table.missing.remove(&leaf).unwrap_or_default();
                    self.show_chat(&writer, Chat::aside(&text, missing), id, Delivery::Passed);
                }
            }
            Some(saying) => self.hear(&writer, saying),
            // Of a later version than this one.
            None => {}
        }
    }

    fn hear_mine(&mut self, saying: Saying) {
        let group = self.meeting.group();
        let me = group.and_then(|group| group.member_of(self.identity.letter_id()));
        if let Some(me) = me.map(|(_, person)| person.clone()) {
            self.hear(&me, saying);
        }
    }

    fn opened(&mut self, sealed: &[u8]) -> Option<(Leaf, Opened)> {
        if sealed.len() > limits::SEALED_BYTES_MAX {
            return None;
        }
        let (leaf, plain) = self.group.as_mut()?.open(&self.provider, sealed).ok()?;
        Some((leaf, TableMessage::read(&plain).ok()?))
    }

    /// The house will not pass on what was sent last, or it cannot be sealed: the person is told, and the next one goes out.
    pub(crate) fn give_up_first(&mut self, why: String) {
        self.table.said = false;
        if let Some(lost) = self.table.waiting.pop_front() {
            self.show_mine(&lost, Delivery::Lost);
        }
        self.act(Action::Notice { message: why });
    }

    /// A part has begun or goes on: what waits and was meant for another part is not said in this one.
    pub(crate) fn drop_what_is_of_another_part(&mut self) {
        let Some(part) = self.meeting.group().map(|group| group.context.part) else {
            return;
        };
        let waiting = std::mem::take(&mut self.table.waiting).into_iter();
        let (kept, lost): (VecDeque<Waiting>, VecDeque<Waiting>) = waiting.partition(|waiting| waiting.is_for(part));
        self.table.waiting = kept;
        for lost in lost {
            self.show_mine(&lost, Delivery::Lost);
        }
    }

    /// The group is lost, and what waits with it: it was meant for those who were there.
    pub(crate) fn clear_table(&mut self) {
        self.clear_papers();
        self.clear_typed();
        for lost in std::mem::take(&mut self.table).waiting {
            self.show_mine(&lost, Delivery::Lost);
        }
    }

    fn show_mine(&mut self, mine: &Waiting, delivery: Delivery) {
        let me = self.identity.letter_id();
        let known = self.meeting.group().and_then(|group| group.member_of(me));
        let Some(me) = known.map(|(_, person)| person.clone()) else {
            return;
        };
        let chat = match &mine.what {
            What::Said(Saying::Text(text)) => Chat::of(text, None, 0),
            What::Said(Saying::Note(Note { booth, text })) => Chat::of(text, Some(*booth), 0),
            What::Aside(text) => Chat::aside(text, 0),
            What::Said(Saying::Paper(paper)) => return self.show_my_paper(&me, paper, delivery),
            What::Said(_) => return,
        };
        self.show_chat(&me, chat, mine.id, delivery);
    }

    fn show_chat(&mut self, writer: &Person, chat: Chat<'_>, id: [u8; 16], delivery: Delivery) {
        let Some(context) = self.meeting.group().map(|group| &group.context) else {
            return;
        };
        let message = ChatOf {
            id: Bytes([writer.letter.0.as_slice(), &id].concat()).encode(),
            name: writer.name.clone(),
            delegation: writer.delegation,
            me: writer.letter == self.identity.letter_id(),
            part: context.part,
            open: context.phase == Phase::Open,
            booth: chat.booth,
            attends: chat.booth.is_some() && writer.role.may(Right::Attend),
            aside: chat.aside,
            text: chat.text.as_str().to_owned(),
            delivery,
            missing: chat.missing,
        };
        self.act(Action::Chat { message });
    }
}
