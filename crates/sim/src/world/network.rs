//! The lines between people and server: what is on its way, and what befalls it.

use super::{Outcome, World, describe};
use crate::house::Out;
use crate::line::{Call, End, Line, LineId, Word};

impl World {
    pub(super) fn delay_ms(&mut self) -> u64 {
        if self.chance.percent(5) {
            self.chance.between(40, 800)
        } else {
            self.chance.between(1, 40)
        }
    }

    pub(super) fn new_line(&mut self, end: End, house: usize) -> LineId {
        self.last_line += 1;
        let mut line = Line::new(end, house);
        line.send_up(self.now_ms + self.delay_ms(), Call::Connect);
        self.lines.insert(self.last_line, line);
        self.last_line
    }

    /// Everything that the server wants done goes on its way.
    pub(super) fn deliver_out(&mut self, slot: usize) {
        let house = self.slots.get_mut(slot).and_then(|slot| slot.house.as_mut());
        let out = house.map(|house| std::mem::take(&mut house.out)).unwrap_or_default();
        for out in out {
            match out {
                Out::Gallery(keys) => self.gallery.disclose(&keys),
                Out::Tell(line, word) => {
                    for word in self.lie_about(line, *word) {
                        self.send_down(line, word);
                    }
                }
            }
        }
    }

    pub(super) fn send_down(&mut self, line: LineId, word: Word) {
        let at_ms = self.now_ms + self.delay_ms();
        if let Some(line) = self.lines.get_mut(&line) {
            line.send_down(at_ms, word);
        }
    }

    pub(super) fn arrives_up(&mut self, id: LineId) -> Outcome {
        let now_ms = self.now_ms;
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        let Some((_, call)) = line.up.pop_front() else {
            return Ok(());
        };
        let (slot, end) = (line.house, line.end);
        let Some(house) = self.slots.get_mut(slot).and_then(|slot| slot.house.as_mut()) else {
            // Nobody answers.
            line.server_gone = true;
            let notices = now_ms + 100;
            line.client_ends_ms = Some(line.client_ends_ms.map_or(notices, |at| at.min(notices)));
            return Ok(());
        };
        let goes_on = match call {
            Call::Connect => {
                match end {
                    End::Tab(_) => house.member_in(id, now_ms),
                    End::Desk(_) => house.desk_in(id),
                }
                true
            }
            Call::Member(message) => {
                let told = message.name();
                let goes_on = house.member_says(id, message, now_ms);
                self.say(format!("server <- line {id} {told}"));
                goes_on
            }
            Call::Desk(message) => house.desk_says(id, message, now_ms),
        };
        if goes_on {
            self.deliver_out(slot);
        } else {
            self.crash(slot);
        }
        Ok(())
    }

    pub(super) fn arrives_down(&mut self, id: LineId) -> Outcome {
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        let Some((_, word)) = line.down.pop_front() else {
            return Ok(());
        };
        let end = line.end;
        match (end, word) {
            (_, Word::Close) => {
                line.server_gone = true;
                self.client_ends(id)
            }
            (End::Tab(tab), Word::Member(message)) => {
                let what = describe(&message);
                self.say(format!("tab {tab} <- {what}"));
                let now_ms = self.clock_of(tab);
                if let Some(member) = self.tabs.get_mut(tab).and_then(|tab| tab.member.as_mut()) {
                    member.receive(message, now_ms);
                }
                self.touch(tab, None)
            }
            (End::Desk(table), Word::Desk(message)) => {
                if let Some(table) = self.tables.get_mut(table) {
                    table.desk.receive(message);
                }
                self.touch_desk(table);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The client notices that its socket is dead, and will connect again.
    pub(super) fn client_ends(&mut self, id: LineId) -> Outcome {
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        line.client_gone = true;
        line.client_ends_ms = None;
        line.down.clear();
        let end = line.end;
        self.forget_line(id);
        let again_ms = self.now_ms + self.chance.between(50, 1_200);
        match end {
            End::Tab(at) => {
                let now_ms = self.clock_of(at);
                let Some(tab) = self.tabs.get_mut(at).filter(|tab| tab.line == Some(id)) else {
                    return Ok(());
                };
                tab.line = None;
                tab.reconnect_ms = Some(again_ms);
                if let Some(member) = tab.member.as_mut() {
                    member.disconnected(now_ms);
                }
                self.say(format!("tab {at} is disconnected"));
                self.touch(at, None)
            }
            End::Desk(at) => {
                if let Some(table) = self.tables.get_mut(at).filter(|table| table.line == Some(id)) {
                    table.line = None;
                    table.reconnect_ms = (!table.finished).then_some(again_ms);
                    table.desk.disconnected();
                }
                self.touch_desk(at);
                Ok(())
            }
        }
    }

    pub(super) fn server_ends(&mut self, id: LineId) -> Outcome {
        let now_ms = self.now_ms;
        let Some(line) = self.lines.get_mut(&id) else {
            return Ok(());
        };
        line.server_gone = true;
        line.server_ends_ms = None;
        line.up.clear();
        let (slot, end) = (line.house, line.end);
        if let Some(house) = self.slots.get_mut(slot).and_then(|slot| slot.house.as_mut()) {
            match end {
                End::Tab(_) => house.member_out(id, now_ms),
                End::Desk(_) => house.desk_out(id),
            }
        }
        self.forget_line(id);
        self.deliver_out(slot);
        Ok(())
    }

    pub(super) fn forget_line(&mut self, id: LineId) {
        if self
            .lines
            .get(&id)
            .is_some_and(|line| line.client_gone && line.server_gone)
        {
            self.lines.remove(&id);
        }
    }

    /// The client gives its socket up; the server notices within `within_ms`.
    pub(super) fn drop_line(&mut self, id: LineId, within_ms: u64) {
        let notices = self.now_ms + 1 + self.chance.below(within_ms.max(1));
        if let Some(line) = self.lines.get_mut(&id) {
            line.client_gone = true;
            line.down.clear();
            let last = line.up.back().map_or(0, |(at, _)| *at);
            let at_ms = if self.healed { last.max(notices) } else { notices };
            line.server_ends_ms = Some(line.server_ends_ms.map_or(at_ms, |at| at.min(at_ms)));
        }
        self.forget_line(id);
    }

    // ---- the server ----
}
