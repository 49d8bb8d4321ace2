//! What people write to one another, and what they are seen typing.

use incamera_meeting::Meeting;
use incamera_protocol::Bytes;
use incamera_protocol::view::{ChatOf, Command, Delivery, TypedOf};

use super::{Outcome, World, broken};
use crate::truth::Typing;

impl World {
    pub(super) fn somebody_writes(&mut self) -> Outcome {
        let Some(at) = self.some_tab(|tab| tab.stay.group.is_some()) else {
            return Ok(());
        };
        let text = format!("words {}", self.truth.written.len());
        if let Some(tab) = self.tabs.get(at) {
            self.truth.written.insert(text.clone(), (tab.letter, tab.device));
        }
        self.command(at, &Command::Write { text })
    }

    /// Somebody types live. What they have typed before they may or may not have written.
    pub(super) fn somebody_types(&mut self) -> Outcome {
        let Some(at) = self.some_tab(|tab| tab.stay.group.is_some()) else {
            return Ok(());
        };
        let text = format!("line {}", self.truth.typed.len());
        let tab = self.tabs.get(at);
        let part = tab.and_then(|tab| part_of(tab.member.as_ref()?.meeting()));
        let (Some(tab), Some(part)) = (tab, part) else {
            return Ok(());
        };
        let (by, delegation) = (tab.letter, self.people.get(tab.person).map(|person| person.delegation));
        self.truth.typed.insert(text.clone(), Typing { by, delegation, part });
        self.command(at, &Command::Typed { part: part.1, text })
    }

    /// A line is shown, or is shown no longer.
    pub(super) fn see(&mut self, at: usize, line: TypedOf) -> Outcome {
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        if line.text.is_empty() {
            tab.stay.lines.remove(&line.id);
            return Ok(());
        }
        let Some(typing) = self.truth.typed.get(&line.text) else {
            return broken(format!("tab {at} sees what nobody types: {}", line.text));
        };
        if Bytes(typing.by.0.to_vec()).encode() != line.id || typing.delegation != Some(line.delegation) {
            return broken(format!("tab {at} sees {} as somebody else's", line.text));
        }
        tab.stay.lines.insert(line.id, line.text);
        Ok(())
    }

    /// What is shown as being typed is typed in this part, by somebody who is here.
    pub(super) fn lines_are_of_now(&self, at: usize, meeting: &Meeting) -> Outcome {
        let lines = self.tabs.get(at).map(|tab| tab.stay.lines.values());
        for text in lines.into_iter().flatten() {
            let Some(typing) = self.truth.typed.get(text) else {
                return broken(format!("tab {at} shows what nobody types: {text}"));
            };
            if part_of(meeting) != Some(typing.part) {
                return broken(format!("tab {at} shows {text}, which was typed in another part"));
            }
            if meeting.group().is_none_or(|group| group.member_of(typing.by).is_none()) {
                return broken(format!("tab {at} shows {text}, whose writer has gone"));
            }
        }
        Ok(())
    }

    /// What is shown as written by somebody was written by them, and is shown once.
    pub(super) fn read(&mut self, at: usize, message: ChatOf) -> Outcome {
        let text = message.text;
        let Some(by) = self.truth.written.get(&text) else {
            return broken(format!("tab {at} reads what nobody has written: {text}"));
        };
        let writer = self.tabs.iter().find(|tab| (tab.letter, tab.device) == *by);
        let writer = writer.and_then(|tab| self.people.get(tab.person));
        if writer.is_some_and(|writer| writer.delegation != message.delegation) {
            return broken(format!("tab {at} reads {text} as somebody else's"));
        }
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        match (message.me, message.delivery) {
            (true, Delivery::Waiting) => {
                tab.stay.unsaid.insert(message.id);
            }
            (true, Delivery::Passed | Delivery::Lost) => {
                if !tab.stay.unsaid.remove(&message.id) {
                    return broken(format!("tab {at} is told twice what became of {text}"));
                }
            }
            (false, _) => {
                if !tab.stay.read.insert(text.clone()) {
                    return broken(format!("tab {at} reads {text} twice"));
                }
            }
        }
        self.say(format!("tab {at} shows {text}"));
        Ok(())
    }
}

/// Founding and part.
fn part_of(meeting: &Meeting) -> Option<(u32, u32)> {
    let context = &meeting.group()?.context;
    Some((context.founding, context.part))
}
