//! What people write to one another.

use incamera_protocol::view::{ChatOf, Command, Delivery};

use super::{Outcome, World, broken};

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
