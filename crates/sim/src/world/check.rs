//! The invariants, looked at after every step.

use std::collections::{BTreeMap, BTreeSet};

use incamera_meeting::{Body, Encode as _, Heartbeat, LetterId, Meeting, Phase, PublicKey};
use incamera_protocol::Leaf;
use incamera_protocol::view::Lamp;

use super::{Outcome, World, broken, motion_name};

impl World {
    /// Looks at one tab: nothing has changed anywhere else.
    pub(super) fn check(&mut self, at: usize) -> Outcome {
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        let Some(member) = tab.member.take() else {
            return Ok(());
        };
        let checked = self.check_member(at, member.meeting(), member.authenticator());
        if let Some(tab) = self.tabs.get_mut(at) {
            tab.member = Some(member);
        }
        checked
    }

    fn check_member(&mut self, at: usize, meeting: &Meeting, authenticator: Option<&[u8]>) -> Outcome {
        self.lines_are_of_now(at, meeting)?;
        let (Some(group), Some(authenticator)) = (meeting.group(), authenticator) else {
            if let Some(tab) = self.tabs.get_mut(at) {
                // Willingness is the person's, and stays; what was seen of the group is gone.
                tab.stay.group = None;
                tab.stay.place = None;
                tab.stay.phase = None;
                tab.stay.roster.clear();
                tab.stay.after_close = false;
                tab.stay.closing = false;
            }
            return Ok(());
        };
        self.agree(at, group, authenticator)?;
        self.no_ghosts(at, meeting, group)?;
        self.opened_by_all(at, meeting, group)?;
        self.closed_means_closed(at, group, authenticator)?;
        Ok(())
    }

    /// Two who are in the same group see the same; with an honest server there is one group to each epoch.
    fn agree(&mut self, at: usize, group: &incamera_meeting::Group, authenticator: &[u8]) -> Outcome {
        let key = authenticator.to_vec();
        let place = (group.founding, group.epoch);
        let seen = format!("{place:?} {:?} {:?}", group.context, group.roster_hash());
        let known = self.truth.groups.entry(key.clone()).or_insert_with(|| seen.clone());
        if *known != seen {
            return broken(format!("agreement: tab {at} sees {seen} where others see {known}"));
        }
        if self.setup.lie.is_some() {
            return Ok(());
        }
        // A group of one that is being founded may be refused, and another be founded in its place.
        if group.epoch > 0 {
            let known = self.truth.epochs.entry(place).or_insert_with(|| key.clone());
            if *known != key {
                return broken(format!("agreement: two groups in {place:?}, one of them at tab {at}"));
            }
        }
        let (count, chain) = group.said.so_far();
        let known = *self.truth.said.entry((key, count)).or_insert(chain);
        if known != chain {
            return broken(format!("agreement: tab {at} heard another order of what was said"));
        }
        Ok(())
    }

    /// I2: whoever appears in a roster has a chain that was really given, and was not revoked as far as this tab knew.
    fn no_ghosts(&mut self, at: usize, meeting: &Meeting, group: &incamera_meeting::Group) -> Outcome {
        let roster: BTreeMap<Leaf, (LetterId, PublicKey)> = group
            .roster
            .iter()
            .map(|(leaf, person)| (*leaf, (person.letter, person.device_key)))
            .collect();
        let Some(tab) = self.tabs.get(at) else {
            return Ok(());
        };
        for (leaf, (letter, device)) in &roster {
            if tab.stay.roster.get(leaf) == Some(&(*letter, *device)) {
                continue;
            }
            if !self.truth.devices.contains(&(*letter, *device)) {
                return broken(format!("I2: a ghost at leaf {} of tab {at}", leaf.0));
            }
            let asks = self.truth.asking.contains(letter);
            if asks && !self.truth.admitted.contains(&(*letter, *device)) {
                return broken(format!("I2: leaf {} of tab {at} was not let in", leaf.0));
            }
            if tab.stay.revoked.contains(letter) {
                return broken(format!("I2: leaf {} of tab {at} enters with a dead letter", leaf.0));
            }
        }
        let revoked: BTreeSet<LetterId> = meeting
            .revocations()
            .filter_map(|act| match act.body.deed {
                incamera_meeting::Deed::Revoke(letter) => Some(letter),
                incamera_meeting::Deed::Admit(..) => None,
            })
            .collect();
        if let Some(tab) = self.tabs.get_mut(at) {
            tab.stay.roster = roster;
            tab.stay.revoked = revoked;
        }
        Ok(())
    }

    /// I3: an open part was opened by a motion that a person really made and by everybody's real consent.
    fn opened_by_all(&mut self, at: usize, meeting: &Meeting, group: &incamera_meeting::Group) -> Outcome {
        let Some(tab) = self.tabs.get(at) else {
            return Ok(());
        };
        let before = tab.stay.phase;
        if group.context.phase != Phase::Open || before == Some(Phase::Open) {
            return Ok(());
        }
        let Some(Body::Motion(motion)) = group.warrant.as_ref().map(|warrant| &warrant.motion.body) else {
            return broken(format!("I3: tab {at} is in an open part without a warrant"));
        };
        let id = motion_name(&motion.id());
        let opening = (group.founding, group.context.part, group.context.warrant);
        if before.is_none() {
            // It has entered: those who were there have been looked at.
            return match self.truth.openings.get(&opening) {
                Some(known) if *known == id => Ok(()),
                _ => self.consented(at, meeting, group, &id, None),
            };
        }
        self.consented(at, meeting, group, &id, Some(opening))
    }

    fn consented(
        &mut self,
        at: usize,
        meeting: &Meeting,
        group: &incamera_meeting::Group,
        motion: &str,
        opening: Option<(u32, u32, [u8; 32])>,
    ) -> Outcome {
        let Some(mover) = self.truth.moved.get(motion).copied() else {
            return broken(format!("I3: nobody has moved what opened the part of tab {at}"));
        };
        if meeting.charter().opening == incamera_meeting::OpeningRule::AllDelegations {
            for person in group.roster.values() {
                let consent = (motion.to_owned(), person.delegation);
                if person.delegation != mover && !self.truth.consents.contains(&consent) {
                    let delegation = person.delegation;
                    return broken(format!("I3: delegation {delegation} has not consented (tab {at})"));
                }
            }
        }
        if let Some(opening) = opening {
            self.truth.openings.insert(opening, motion.to_owned());
        }
        Ok(())
    }

    /// I4: the lamp says `closed` after a close only when everybody in that epoch has really confirmed it.
    fn closed_means_closed(&mut self, at: usize, group: &incamera_meeting::Group, authenticator: &[u8]) -> Outcome {
        let confirmed = Heartbeat::hash_of(authenticator);
        let Some(tab) = self.tabs.get_mut(at) else {
            return Ok(());
        };
        let stay = &mut tab.stay;
        let phase = group.context.phase;
        if stay.phase == Some(Phase::Open) && phase == Phase::Closed {
            stay.after_close = true;
        }
        if phase != Phase::Open {
            stay.closing = false;
        }
        let shows_closed = tab.view.as_ref().is_some_and(|view| view.lamp == Lamp::Closed);
        // The lamp may say something else by then: that it is held, since all that has come came late.
        let heard_all = group.roster.keys().all(|leaf| group.heard.contains_key(leaf));
        if phase == Phase::Closed && stay.after_close && (shows_closed || heard_all) {
            let missing = group
                .roster
                .iter()
                .find(|(_, person)| !self.truth.confirmed.contains(&(confirmed, person.letter)));
            match missing {
                Some((leaf, _)) if shows_closed => {
                    let leaf = leaf.0;
                    return broken(format!(
                        "I4: tab {at} shows closed, and leaf {leaf} has not confirmed it"
                    ));
                }
                Some(_) => {}
                None => stay.after_close = false,
            }
        }
        stay.phase = Some(phase);
        stay.place = Some((group.founding, group.epoch));
        stay.group = Some(authenticator.to_vec());
        Ok(())
    }

    /// I7: what the server told anybody has happened is in its log.
    pub(super) fn check_that_nothing_was_lost(&self, slot: usize) -> Outcome {
        let Some(house) = self.slots.get(slot).and_then(|slot| slot.house.as_ref()) else {
            return Ok(());
        };
        if self.setup.lie.is_some() {
            return Ok(());
        }
        let kept = house.meeting.group();
        for (at, tab) in self.tabs.iter().enumerate() {
            let Some(group) = tab.member.as_ref().and_then(|member| member.meeting().group()) else {
                continue;
            };
            if group.epoch == 0 {
                // Its founding may not have been taken in yet.
                continue;
            }
            let Some(kept) = kept else {
                return broken(format!("I7: the server has lost the group of tab {at}"));
            };
            let here = (group.founding, group.epoch);
            let there = (kept.founding, kept.epoch);
            let (count, chain) = group.said.so_far();
            if here > there || here == there && !kept.said.was(count, &chain) {
                return broken(format!(
                    "I7: the server has lost what tab {at} was told ({here:?}, {there:?})"
                ));
            }
            for act in tab.member.iter().flat_map(|member| member.meeting().revocations()) {
                if !house.meeting.revocations().any(|kept| kept.encode() == act.encode()) {
                    return broken("I7: the server has lost a revocation");
                }
            }
        }
        Ok(())
    }
}
