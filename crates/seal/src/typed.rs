//! Lines that are seen while they are typed (`docs/protocol.md` §11i): mine goes out now and then as it stands, and of
//! each of the others one is shown at most.

use std::collections::BTreeMap;

use incamera_meeting::{LetterId, Person, Refusal, Saying, Typed};
use incamera_protocol::view::TypedOf;
use incamera_protocol::{Bytes, limits};

use crate::action::Action;
use crate::member::Member;

/// A line that has not grown for so long no client shows (`docs/protocol.md` §11i).
const LINE_MS: u64 = 30_000;

/// What is being typed.
#[derive(Default)]
pub(crate) struct Typing {
    /// My line, until it goes out. What is typed next takes its place: nothing ever waits for it.
    mine: Option<Typed>,
    /// My line as it went out last.
    said: Option<Typed>,
    /// When it may go out next.
    again_ms: u64,
    /// Whose lines are shown.
    shown: BTreeMap<LetterId, Person>,
}

impl Typing {
    /// When my line goes out, if it is not as the others see it.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        self.mine.as_ref().map(|_| self.again_ms)
    }

    /// Somebody has come who has not seen my line. What the others no longer show is not shown to them either.
    fn say_again(&mut self, now_ms: u64) {
        let shown = now_ms.saturating_sub(self.again_ms) < LINE_MS;
        if self.mine.is_none() && shown {
            self.mine.clone_from(&self.said);
        }
    }

    /// It is a text now, or of a part that is over.
    pub(crate) fn end_mine(&mut self) {
        (self.mine, self.said) = (None, None);
    }
}

impl Member {
    /// The person types: all members see it as it stands. Empty: no longer.
    pub(crate) fn type_live(&mut self, part: u32, draft: &str) -> Result<(), Refusal> {
        self.check_may_write()?;
        let now = self.meeting.group().ok_or(Refusal::NotAMember)?.context.part;
        if part != now {
            // For those who were in that one, and not for these.
            return Ok(());
        }
        let line = Typed::of(part, draft)?;
        let typing = &mut self.typing;
        let seen = match &typing.said {
            Some(said) => *said == line,
            None => line.text.as_str().is_empty(),
        };
        typing.mine = (!seen).then_some(line);
        Ok(())
    }

    /// My line, if it is time for it.
    pub(crate) fn next_typed(&mut self) -> Option<Saying> {
        if self.now_ms < self.typing.again_ms {
            return None;
        }
        let line = self.typing.mine.take()?;
        self.typing.again_ms = self.now_ms.saturating_add(limits::TYPED_MS);
        self.typing.said = (!line.text.as_str().is_empty()).then(|| line.clone());
        Some(Saying::Typed(line))
    }

    /// Somebody else's line as it stands. What is not of the part that runs, or is what no client says, is passed over.
    pub(crate) fn hear_typed(&mut self, by: &Person, line: &Typed) {
        let part = self.meeting.group().map(|group| group.context.part);
        if part != Some(line.part) || line.check().is_err() {
            return;
        }
        if line.text.as_str().is_empty() {
            return self.end_line_of(by.letter);
        }
        self.typing.shown.insert(by.letter, by.clone());
        self.show_typed(by, line.text.as_str());
    }

    /// It has become a text, or its writer has gone.
    pub(crate) fn end_line_of(&mut self, writer: LetterId) {
        if let Some(by) = self.typing.shown.remove(&writer) {
            self.show_typed(&by, "");
        }
    }

    /// Forgets every line.
    pub(crate) fn clear_typed(&mut self) {
        self.typing.end_mine();
        while let Some((_, by)) = self.typing.shown.pop_first() {
            self.show_typed(&by, "");
        }
    }

    /// An epoch has begun: who has gone or has come anew is typing nothing, and in another part nobody is.
    pub(crate) fn turn_typed(&mut self, newcomers: &[LetterId], same_part: bool) {
        if !same_part {
            return self.clear_typed();
        }
        let Some(group) = self.meeting.group() else { return };
        let is_here = |letter: &LetterId| group.member_of(*letter).is_some() && !newcomers.contains(letter);
        let gone: Vec<LetterId> = self.typing.shown.keys().filter(|it| !is_here(it)).copied().collect();
        gone.into_iter().for_each(|letter| self.end_line_of(letter));
        if !newcomers.is_empty() {
            self.typing.say_again(self.now_ms);
        }
    }

    fn show_typed(&mut self, by: &Person, text: &str) {
        let line = TypedOf {
            id: Bytes(by.letter.0.to_vec()).encode(),
            name: by.name.clone(),
            delegation: by.delegation,
            text: text.to_owned(),
        };
        self.act(Action::Typed { line });
    }
}
