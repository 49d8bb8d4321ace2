//! The floor as this device takes part in it (`docs/protocol.md` §11e): what its person says of it, and what it hears.

use incamera_meeting::{Floor, Hand, LetterId, Person, Refusal, Saying, Standing, Turn, Wish, WishFor};
use incamera_protocol::view::{AskingOf, FloorOf, HandOf, SpeakerOf, WishOf};
use incamera_protocol::{Leaf, limits};

use crate::action::Action;
use crate::member::Member;

/// Of somebody who has said nothing of themselves.
pub(crate) const SILENT: Standing = Standing {
    number: 0,
    hand: Hand::Down,
    raised_at_ms: 0,
    returned: 0,
};

impl Member {
    /// The person raises a hand or lowers it.
    pub(crate) fn raise(&mut self, hand: HandOf) -> Result<(), Refusal> {
        let hand = match hand {
            HandOf::Down => Hand::Down,
            HandOf::Up => Hand::Up,
            HandOf::PointOfOrder => Hand::PointOfOrder,
        };
        if hand == self.standing.hand {
            return Ok(());
        }
        // Whoever comes to a point of order, or off it, keeps the place of their hand among the others.
        let up = self.standing.hand != Hand::Down;
        let raised_at_ms = if up { self.standing.raised_at_ms } else { self.now_ms };
        self.stand(Standing {
            hand,
            raised_at_ms,
            ..self.standing
        })
    }

    /// The person gives back the floor that they have.
    pub(crate) fn yield_floor(&mut self) -> Result<(), Refusal> {
        let group = self.meeting.group().ok_or(Refusal::NotAMember)?;
        let speaker = self.floor.speaker(group).map(|speaking| speaking.leaf);
        if speaker.is_none() || speaker != self.leaf() {
            return Err(Refusal::Role);
        }
        let returned = self.floor.number();
        self.stand(Standing {
            returned,
            ..self.standing
        })
    }

    /// The person gives the floor, or takes it back.
    pub(crate) fn give_floor(&mut self, to: Option<Leaf>, seconds: u16) -> Result<(), Refusal> {
        if !self.me().is_some_and(|me| self.meeting.may_give_floor(me)) {
            return Err(Refusal::Role);
        }
        if seconds > limits::FLOOR_SECONDS_MAX {
            return Err(Refusal::TooLarge("time to speak"));
        }
        let speaker = to.map(|leaf| self.letter_at(leaf)).transpose()?;
        self.utter(Saying::Turn(self.floor.next_turn(self.now_ms, speaker, seconds)))
    }

    /// The person asks somebody to turn their microphone off or on.
    pub(crate) fn ask(&mut self, whom: Leaf, mute: bool) -> Result<(), Refusal> {
        if !self.me().is_some_and(|me| me.role.leads()) {
            return Err(Refusal::Role);
        }
        let whom = self.letter_at(whom)?;
        let what = if mute { WishFor::Silence } else { WishFor::Sound };
        self.utter(Saying::Wish(Wish { whom, what }))
    }

    /// Something of the floor or the booths was said, by me or by somebody else, and has been passed on to everybody. What its sayer may
    /// not say is void.
    pub(crate) fn hear(&mut self, by: &Person, saying: Saying) {
        match saying {
            Saying::Text(_) | Saying::Note(_) | Saying::Aside(_) | Saying::Typed(_) => {}
            Saying::Paper(paper) => self.hear_paper(by, paper),
            Saying::Sitting(said) => self.hear_sitting(by, said),
            Saying::Call(call) => self.hear_call(by, call),
            Saying::Standing(said) => {
                self.floor.stand(self.now_ms, by.letter, said);
            }
            Saying::Turn(turn) => self.hear_turn(by, turn),
            Saying::Wish(wish) if wish.whom == self.identity.letter_id() && by.role.leads() => {
                let wish = WishOf {
                    name: by.name.clone(),
                    delegation: by.delegation,
                    mute: wish.what == WishFor::Silence,
                };
                self.act(Action::Wish { wish });
            }
            Saying::Wish(_) => {}
        }
    }

    fn hear_turn(&mut self, by: &Person, turn: Turn) {
        if !self.meeting.may_give_floor(by) || self.floor.give(self.now_ms, turn).is_err() {
            return;
        }
        let speaker = self.meeting.group().and_then(|group| self.floor.speaker(group));
        // Whoever has what they asked for asks no longer.
        let mine = speaker.is_some_and(|speaking| Some(speaking.leaf) == self.leaf());
        if mine && self.standing.hand != Hand::Down && self.raise(HandOf::Down).is_err() {
            self.act(Action::Notice {
                message: "Your hand is still up; lower it yourself.".to_owned(),
            });
        }
    }

    /// These have come, and can read nothing that was said before: I say again what I have said of myself, and the first
    /// of those who give the floor says who has it. Whoever begins anew has no hand up.
    pub(crate) fn tell_newcomers(&mut self, newcomers: &[LetterId]) {
        let Some(group) = self.meeting.group() else {
            return;
        };
        for letter in newcomers {
            self.floor.forget(*letter);
        }
        self.floor.keep_those_in(group);
        self.tell_newcomers_of_booths(newcomers);
        self.tell_newcomers_of_papers(newcomers);
        let Some(group) = self.meeting.group() else {
            return;
        };
        let me = self.identity.letter_id();
        if newcomers.is_empty() || newcomers.contains(&me) {
            return;
        }
        let turn = self.floor.told_anew(group, self.now_ms);
        let turn = turn.filter(|_| self.meeting.tells_floor(newcomers) == Some(me));
        // What finds no room among what waits is not lost for good: the next one who comes is told again.
        let _ = turn.map(|turn| self.utter(Saying::Turn(turn)));
        if self.standing.hand != Hand::Down || self.standing.returned > 0 {
            let _ = self.utter(Saying::Standing(self.standing));
        }
    }

    /// What is shown of the floor.
    pub(crate) fn floor_of(&self) -> FloorOf {
        let Some(group) = self.meeting.group() else {
            return FloorOf::default();
        };
        let able = !self.finished && self.alarm.is_none();
        let queue = self.floor.queue(group).into_iter().map(|waiting| AskingOf {
            leaf: waiting.leaf,
            hand: match waiting.hand {
                Hand::Down => HandOf::Down,
                Hand::Up => HandOf::Up,
                Hand::PointOfOrder => HandOf::PointOfOrder,
            },
        });
        FloorOf {
            speaker: self.floor.speaker(group).map(|speaking| SpeakerOf {
                leaf: speaking.leaf,
                began_at_ms: speaking.began_at_ms,
                seconds: speaking.seconds,
            }),
            queue: queue.collect(),
            give: able && self.me().is_some_and(|me| self.meeting.may_give_floor(me)),
            ask: able && self.me().is_some_and(|me| me.role.leads()),
        }
    }

    /// Forgets everything: this device is in no group any more.
    pub(crate) fn clear_floor(&mut self) {
        self.floor = Floor::default();
        self.standing = SILENT;
    }

    fn stand(&mut self, standing: Standing) -> Result<(), Refusal> {
        let number = self.standing.number.saturating_add(1);
        let standing = Standing { number, ..standing };
        self.utter(Saying::Standing(standing))?;
        self.standing = standing;
        Ok(())
    }

    fn me(&self) -> Option<&Person> {
        let group = self.meeting.group()?;
        group.member_of(self.identity.letter_id()).map(|(_, person)| person)
    }

    fn letter_at(&self, leaf: Leaf) -> Result<LetterId, Refusal> {
        let group = self.meeting.group().ok_or(Refusal::NotAMember)?;
        group
            .roster
            .get(&leaf)
            .map(|person| person.letter)
            .ok_or(Refusal::NotAMember)
    }
}
