//! Who founds, and who is asked to add and remove.

use std::collections::BTreeSet;

use incamera_meeting::LetterId;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::{Leaf, limits};

use super::House;
use crate::line::LineId;

/// The one who was told to found the group.
pub(super) struct Appointed {
    pub(super) line: LineId,
    at_ms: u64,
}

/// The one who was asked to commit what waits.
pub(super) struct Errand {
    asked: Leaf,
    at_ms: u64,
    removals: BTreeSet<Leaf>,
}

impl House {
    pub(super) fn attend(&mut self) {
        if self.meeting.is_adjourned() {
            return;
        }
        let knockers = self.knockers();
        let stands = |appointed: &Appointed| {
            knockers.contains(&appointed.line)
                && self.now_ms.saturating_sub(appointed.at_ms) < limits::FOUNDING_WAIT_MS
                && self.may_found(appointed.line)
        };
        if self.appointed.as_ref().is_some_and(stands) {
            return;
        }
        let failed = self.appointed.take().map(|appointed| appointed.line);
        let founder = knockers
            .iter()
            .filter(|line| self.may_found(**line))
            .min_by_key(|line| (Some(**line) == failed, **line));
        if let Some(line) = founder.copied() {
            let (founding, part) = self.meeting.next_founding();
            let at_ms = self.now_ms;
            self.appointed = Some(Appointed { line, at_ms });
            self.errand = None;
            let item = self.meeting.current_item();
            self.tell(line, &self.register());
            self.tell(line, &ServerMessage::Found { founding, part, item });
            return;
        }
        self.run_errand(&knockers);
    }

    pub(super) fn knockers(&self) -> Vec<LineId> {
        self.lines_where(|socket| socket.known.as_ref().is_some_and(|known| known.knock.is_some()))
    }

    pub(super) fn may_found(&self, line: LineId) -> bool {
        let Some(letter) = self.letter_of(line) else {
            return false;
        };
        let Some(group) = self.meeting.group() else {
            return true;
        };
        let others = group.roster.values().filter(|person| person.letter != letter);
        let mut others = others.map(|person| person.letter);
        others.all(|other| self.is_away_for(other, limits::GROUP_GRACE_MS) || self.lost.contains(&other))
    }

    fn is_away_for(&self, letter: LetterId, ms: u64) -> bool {
        let since = self.away.get(&letter);
        since.is_some_and(|since| self.now_ms.saturating_sub(*since) > ms)
    }

    fn letter_of(&self, line: LineId) -> Option<LetterId> {
        Some(self.sockets.get(&line)?.known.as_ref()?.person.letter)
    }

    fn removals(&self, knockers: &[LineId]) -> BTreeSet<Leaf> {
        let knocking: BTreeSet<LetterId> = knockers.iter().filter_map(|line| self.letter_of(*line)).collect();
        let roster = self.meeting.group().into_iter().flat_map(|group| &group.roster);
        roster
            .filter(|(_, person)| {
                let letter = person.letter;
                let long_away = self.is_away_for(letter, limits::ABSENCE_MS_MAX);
                (long_away || self.leaving.contains(&letter)) && !knocking.contains(&letter)
            })
            .map(|(leaf, _)| *leaf)
            .collect()
    }

    fn run_errand(&mut self, knockers: &[LineId]) {
        let removals = self.removals(knockers);
        if knockers.is_empty() && removals.is_empty() {
            self.errand = None;
            return;
        }
        let now_ms = self.now_ms;
        let stalled = |seen_at_ms: u64| now_ms.saturating_sub(seen_at_ms) > limits::CLOSE_STALLED_MS;
        let running = self.meeting.running(now_ms);
        if running.is_some_and(|running| running.is_close() && !stalled(running.seen_at_ms)) {
            return;
        }
        let admitted = self.admitted().into_iter();
        let candidates: Vec<_> = admitted.filter(|(leaf, _)| !removals.contains(leaf)).collect();
        let current = self
            .errand
            .as_ref()
            .filter(|errand| now_ms.saturating_sub(errand.at_ms) < limits::PLEASE_WAIT_MS)
            .and_then(|errand| candidates.iter().find(|(leaf, _)| *leaf == errand.asked));
        if let Some((_, line)) = current.copied() {
            return self.ask_for_what_is_new(line, knockers, &removals);
        }
        let last = self.errand.as_ref().map(|errand| errand.asked);
        let after = candidates.iter().find(|(leaf, _)| last.is_none_or(|last| *leaf > last));
        if let Some((leaf, line)) = after.or(candidates.first()).copied() {
            self.ask_for_everything(leaf, line, knockers, removals);
        }
    }

    fn ask_for_everything(&mut self, leaf: Leaf, line: LineId, knockers: &[LineId], removals: BTreeSet<Leaf>) {
        for knocker in knockers {
            self.announce(*knocker, line);
        }
        for removal in &removals {
            self.tell(line, &ServerMessage::PleaseRemove { leaf: *removal });
        }
        self.errand = Some(Errand {
            asked: leaf,
            at_ms: self.now_ms,
            removals,
        });
    }

    fn ask_for_what_is_new(&mut self, line: LineId, knockers: &[LineId], removals: &BTreeSet<Leaf>) {
        for knocker in knockers {
            let known = self.sockets.get(knocker).and_then(|socket| socket.known.as_ref());
            let heard = known.is_none_or(|known| known.knock.as_ref().is_some_and(|knock| knock.announced));
            if !heard {
                self.announce(*knocker, line);
            }
        }
        let Some(errand) = &mut self.errand else { return };
        let new: Vec<Leaf> = removals.difference(&errand.removals).copied().collect();
        errand.removals.extend(&new);
        for leaf in new {
            self.tell(line, &ServerMessage::PleaseRemove { leaf });
        }
    }

    fn announce(&mut self, knocker: LineId, asked: LineId) {
        let known = self.sockets.get_mut(&knocker).and_then(|socket| socket.known.as_mut());
        let Some(knock) = known.and_then(|known| known.knock.as_mut()) else {
            return;
        };
        knock.announced = true;
        let key_package = knock.key_package.clone();
        self.tell(asked, &ServerMessage::Knock { key_package });
    }

    /// Whether each of these, by its leaf key, is one by which somebody asks to be added now.
    pub(super) fn all_ask(&self, leaf_keys: &[Vec<u8>]) -> bool {
        let known = self.sockets.values().filter_map(|socket| socket.known.as_ref());
        let asking: BTreeSet<&[u8]> = known
            .filter_map(|known| Some(known.knock.as_ref()?.leaf_key.as_slice()))
            .collect();
        leaf_keys.iter().all(|key| asking.contains(key.as_slice()))
    }

    /// Whoever made a commit that was refused has forgotten what it was asked for.
    pub(super) fn forget_what_was_asked(&mut self) {
        if let Some(errand) = &mut self.errand {
            errand.removals.clear();
        }
        self.forget_announcements();
    }

    /// A new epoch: everything that waits is asked for anew.
    pub(super) fn ask_anew(&mut self) {
        self.errand = None;
        self.forget_announcements();
        self.attend();
    }

    fn forget_announcements(&mut self) {
        let known = self.sockets.values_mut().filter_map(|socket| socket.known.as_mut());
        for knock in known.filter_map(|known| known.knock.as_mut()) {
            knock.announced = false;
        }
    }
}
