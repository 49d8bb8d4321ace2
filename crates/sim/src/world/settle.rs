//! The network heals; everything must settle.

use incamera_meeting::Phase;
use incamera_protocol::limits;
use incamera_protocol::view::Lamp;

use super::{Outcome, World, broken};

/// How long a meeting may take to settle after the network is whole again, where nobody is missing: a reconnection, a
/// stalled close carried on by an heir, the door behind it, and those who knock asked for one after the other.
const SETTLE_MS: u64 = 10_000;
/// After it has settled it stays so for this long: longer than a silence is borne.
const STAYS_MS: u64 = limits::SILENCE_MS_MAX + 2_000;
/// How long a lying server is watched after people have stopped doing anything.
const WATCHED_MS: u64 = 30_000;
/// A look, and a frame of each, this often.
const LOOK_MS: u64 = 500;

impl World {
    /// Nothing goes wrong any more, and people only listen.
    pub(super) fn heal(&mut self) -> Outcome {
        self.healed = true;
        self.healed_ms = self.now_ms;
        self.say("the network heals".to_owned());
        let now_ms = self.now_ms;
        for line in self.lines.values_mut() {
            line.heal(now_ms);
        }
        for slot in &mut self.slots {
            slot.restart_ms = slot.restart_ms.map(|at| at.min(now_ms + 100));
            if let Some(house) = slot.house.as_mut() {
                house.fault = None;
            }
        }
        for tab in &mut self.tabs {
            tab.late_ms = tab.late_ms.min(5);
            tab.reconnect_ms = tab.reconnect_ms.map(|at| at.min(now_ms + 300));
        }
        self.step_ms = now_ms + LOOK_MS;
        Ok(())
    }

    pub(super) fn step_after_heal(&mut self) -> Outcome {
        self.step_ms = self.now_ms + LOOK_MS;
        for at in 0..self.tabs.len() {
            if let Some(frame) = self.seal(at)? {
                self.send(at, frame)?;
            }
        }
        Ok(())
    }

    pub(super) fn is_over(&mut self) -> Result<bool, super::Broken> {
        let since = self.now_ms - self.healed_ms;
        if self.setup.lie.is_some() {
            if since > WATCHED_MS {
                self.nobody_is_deceived()?;
            }
            return Ok(since > WATCHED_MS);
        }
        match (self.unsettled(), self.settled_ms) {
            (None, None) => {
                self.settled_ms = Some(since);
                self.say(format!("settled after {since} ms"));
                Ok(false)
            }
            (None, Some(at)) if since > at + STAYS_MS => {
                self.everybody_hears_everybody()?;
                Ok(true)
            }
            (None, Some(_)) => Ok(false),
            (Some(why), _) if since > self.patience_ms() => {
                broken(format!("not settled {since} ms after the network healed: {why}"))
            }
            (Some(_), _) => {
                self.settled_ms = None;
                Ok(false)
            }
        }
    }

    /// How long it may take. Where somebody in the group is gone for good, or has no tab that will come back, the
    /// others wait for as long as they must before they may remove them or found anew.
    fn patience_ms(&self) -> u64 {
        if self.anybody_missing {
            limits::ABSENCE_MS_MAX + SETTLE_MS
        } else {
            SETTLE_MS
        }
    }

    /// Whether somebody is in the server's group with no tab that holds it.
    pub(super) fn somebody_is_missing(&self) -> bool {
        let slot = self.slots.first();
        let Some(house) = slot.and_then(|slot| slot.house.as_ref()) else {
            return false;
        };
        let roster = house
            .meeting
            .group()
            .into_iter()
            .flat_map(|group| group.roster.values());
        roster.into_iter().any(|person| {
            let holds =
                |tab: &crate::tab::Tab| tab.is_live() && tab.letter == person.letter && tab.device == person.device_key;
            !self.tabs.iter().any(holds)
        })
    }

    /// What is not as it should be in the end.
    fn unsettled(&mut self) -> Option<String> {
        self.anybody_missing |= self.somebody_is_missing();
        let house = self.slots.first().and_then(|slot| slot.house.as_ref());
        let Some(house) = house else {
            return Some("the server is down".to_owned());
        };
        let over = house.meeting.is_adjourned();
        let there = house.meeting.group().map(|group| (group.founding, group.epoch));
        let mut seen: Option<&[u8]> = None;
        for (at, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| tab.is_live()) {
            let Some(view) = tab.view.as_ref() else {
                return Some(format!("tab {at} has shown nothing"));
            };
            if over {
                if view.lamp != Lamp::Adjourned {
                    return Some(format!("tab {at} does not know that it is over"));
                }
                continue;
            }
            if self.waits_for_delegation(at) {
                continue;
            }
            let member = tab.member.as_ref()?;
            let (Some(group), Some(authenticator)) = (member.meeting().group(), member.authenticator()) else {
                return Some(format!(
                    "tab {at} is not in the group ({:?} {:?})",
                    view.lamp, view.reason
                ));
            };
            if !tab.stay.unsaid.is_empty() {
                return Some(format!("what tab {at} has written is not passed on"));
            }
            let here = (group.founding, group.epoch);
            if Some(here) != there {
                return Some(format!("tab {at} is in {here:?}, the server in {there:?}"));
            }
            if seen.is_some_and(|seen| seen != authenticator) {
                return Some(format!("tab {at} is in another group"));
            }
            seen = Some(authenticator);
            let backstage = view
                .reason
                .as_ref()
                .is_some_and(|reason| reason.starts_with("This part is public"));
            let shows = match group.context.phase {
                Phase::Closed => view.lamp == Lamp::Closed,
                Phase::Open => view.lamp == Lamp::Open || view.lamp == Lamp::Held && backstage,
                Phase::Adjourned => view.lamp == Lamp::Adjourned,
            };
            if !shows {
                return Some(format!("tab {at} shows {:?}: {:?}", view.lamp, view.reason));
            }
        }
        None
    }

    /// Two whom one server takes for members of one epoch, and who both go on, are in the same group.
    fn nobody_is_deceived(&self) -> Outcome {
        let live = self
            .tabs
            .iter()
            .enumerate()
            .filter(|(_, tab)| tab.is_live() && tab.line.is_some());
        let sending = |tab: &&crate::tab::Tab| tab.view.as_ref().is_some_and(|view| view.sending);
        let sending: Vec<_> = live.filter(|(_, tab)| sending(tab)).collect();
        for (one, first) in &sending {
            for (other, second) in &sending {
                let together = first.house == second.house && first.stay.place == second.stay.place;
                if together && first.stay.place.is_some() && first.stay.group != second.stay.group {
                    return broken(format!("tabs {one} and {other} are in two groups and do not notice"));
                }
            }
        }
        Ok(())
    }

    /// What one says, the others hear.
    fn everybody_hears_everybody(&mut self) -> Outcome {
        for from in 0..self.tabs.len() {
            let Some(frame) = self.seal(from)? else { continue };
            for to in 0..self.tabs.len() {
                let tab = self.tabs.get(to);
                let in_group = tab.is_some_and(|tab| tab.is_live() && tab.stay.group.is_some());
                if to != from && in_group && !self.open(to, frame)? {
                    return broken(format!("tab {to} does not hear tab {from}"));
                }
            }
        }
        Ok(())
    }
}
