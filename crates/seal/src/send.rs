//! What a member does of its own accord: commits that are due, and the picture of the state.

use std::collections::BTreeSet;
use std::sync::Arc;

use incamera_meeting::{Evidence, Phase, Refusal};
use incamera_protocol::member::MemberMessage;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, ErrorCode, Leaf, limits};

use crate::action::Action;
use crate::digesting::Ends;
use crate::group::{Group, GroupError, Made};
use crate::member::{Member, Pending};

impl Member {
    /// Does what is due and shows what has changed. Runs once after however many calls.
    pub(crate) fn settle(&mut self) {
        self.unsettled = false;
        if !self.finished && self.alarm.is_none() {
            self.heed_revocations();
        }
        if !self.finished && self.alarm.is_none() {
            self.settle_door();
            self.pursue_close();
            if !self.out_of_touch && self.now_ms >= self.next_beat_ms {
                self.beat();
            }
            if !self.out_of_touch && self.now_ms >= self.next_digest_ms && self.media.is_public() {
                self.sign_for_sent(Ends::Later);
            }
            self.commit_if_due();
            self.pass_on_what_waits();
            self.tell_house_of_booths();
            self.tell_house_of_whisper();
        }
        if !self.was_keyed && self.may_send() {
            self.was_keyed = true;
            self.act(Action::Keyed);
        }
        let view = self.view();
        if self.shown.as_deref() != Some(&view) {
            let view = Arc::new(view);
            self.shown = Some(Arc::clone(&view));
            self.act(Action::View { view });
        }
    }

    /// A revoked letter is dead: its holder goes by itself, or is removed by the first of the others.
    fn heed_revocations(&mut self) {
        let (Some(rules), Some(me)) = (self.meeting.group(), self.leaf()) else {
            return;
        };
        let (dead, alive): (Vec<_>, Vec<_>) = rules
            .roster
            .iter()
            .partition(|(_, person)| self.meeting.is_revoked(person));
        let dead: BTreeSet<Leaf> = dead.into_iter().map(|(leaf, _)| *leaf).collect();
        if dead.contains(&me) {
            let refusal = Refusal::LetterRevoked;
            return self.fatal(refusal.code(), refusal.to_string());
        }
        let first = alive.into_iter().find(|(leaf, _)| rules.heard.contains_key(leaf));
        if first.map(|(leaf, _)| *leaf) == Some(me) {
            self.removals.extend(dead);
        }
    }

    /// The door is shut when everybody present has confirmed it; who does not in time is removed.
    fn settle_door(&mut self) {
        let Some(since) = self.door else {
            return;
        };
        let (Some(rules), Some(me)) = (self.meeting.group(), self.group.as_ref().map(Group::me)) else {
            return;
        };
        let absent: BTreeSet<Leaf> = rules
            .roster
            .keys()
            .filter(|leaf| !rules.heard.contains_key(leaf))
            .copied()
            .collect();
        if absent.is_empty() {
            self.door = None;
            return;
        }
        let late = self.looks && self.now_ms.saturating_sub(since) > rules.confirm_wait_ms();
        let first = rules.heard.keys().next() == Some(&me);
        if late && first {
            self.removals.extend(absent);
        }
    }

    /// A close that was called is carried on until it is done: said again if it may not have been heard, and answered
    /// with my fin.
    fn pursue_close(&mut self) {
        let (Some(rules), Some(me)) = (self.meeting.group(), self.group.as_ref().map(Group::me)) else {
            return;
        };
        if rules.context.phase != Phase::Open || self.out_of_touch {
            return;
        }
        match self.meeting.called_close() {
            Some(running) if !running.fins.contains_key(&me) && !self.fin_sent => self.finish(),
            Some(_) => {}
            None => {
                if let Some((kind, item)) = self
                    .closing
                    .as_ref()
                    .filter(|closing| !closing.said)
                    .map(|closing| (closing.kind, closing.item))
                {
                    // A refusal means that the rules have moved on meanwhile; the next change brings us here again.
                    let _ = self.call(kind, item);
                }
            }
        }
    }

    /// Who commits the close: whoever called it; when nothing has come of it for a while, the first of the others who
    /// has said where their frames end and is not gone since. The motion is the same, whoever carries it out.
    fn closes(&self, running: &incamera_meeting::Running, me: Leaf) -> bool {
        let stalled = self.now_ms.saturating_sub(running.seen_at_ms) > limits::CLOSE_STALLED_MS;
        let is_there = |leaf: &Leaf| {
            let rules = self.meeting.group();
            rules.is_some_and(|rules| !rules.has_said_goodbye(*leaf) && !rules.is_long_silent(*leaf, self.now_ms))
        };
        let mut others = running.fins.keys().filter(|leaf| **leaf != running.mover);
        let heir = others.find(|leaf| **leaf == me || is_there(leaf));
        running.mover == me || (stalled && heir == Some(&me))
    }

    fn commit_if_due(&mut self) {
        if self.pending.is_some() || self.out_of_touch {
            return;
        }
        let made = match self.make_due() {
            None => return,
            Some(Ok(made)) => made,
            Some(Err(error)) => {
                self.knocks.clear();
                self.removals.clear();
                return self.act(Action::Notice {
                    message: error.to_string(),
                });
            }
        };
        let (facts, message) = (Box::new(made.facts), Bytes(made.commit.clone()));
        match self.meeting.judge(self.now_ms, facts, message) {
            Ok(judged) => {
                let position = self.group.as_ref().map(Group::position);
                let Some(position) = position else {
                    return;
                };
                self.pending = Some(Pending {
                    commit: made.commit.clone(),
                    judged,
                    adrift: false,
                });
                self.send(MemberMessage::Commit {
                    position,
                    commit: Bytes(made.commit),
                    welcome: made.welcome.map(Bytes),
                });
            }
            Err(refusal) => {
                self.knocks.clear();
                self.removals.clear();
                if let Some(group) = self.group.as_mut()
                    && let Err(error) = group.discard_own(&self.provider)
                {
                    return self.fatal(ErrorCode::Internal, error.to_string());
                }
                self.act(Action::Notice {
                    message: refusal.to_string(),
                });
            }
        }
    }

    /// The commit that is due now, if any: first the phase, then the people.
    fn make_due(&mut self) -> Option<Result<Made, GroupError>> {
        let turn = self.due_turn();
        let group = self.group.as_mut()?;
        let rules = self.meeting.group()?;
        if let Some((evidence, removes)) = turn {
            let motion = self.meeting.running(self.now_ms)?.motion;
            let context = rules.context.after(&motion, &evidence)?;
            return Some(group.make_turn(&self.provider, &self.identity, &context, &evidence, &removes));
        }
        if rules.context.phase == Phase::Adjourned || self.meeting.called_close().is_some() {
            return None;
        }
        // Who was asked to be removed and may still be here to others waits; a later look finds them gone, or heard.
        let is_gone = |leaf: &Leaf| {
            let person = rules.roster.get(leaf);
            person.is_some_and(|person| self.meeting.is_revoked(person))
                || rules.has_said_goodbye(*leaf)
                || rules.is_long_silent(*leaf, self.now_ms)
        };
        let mut removes: BTreeSet<Leaf> = self.removals.iter().copied().filter(is_gone).collect();
        let mut newcomers = Vec::new();
        for newcomer in self.knocks.values() {
            if newcomers.len() >= limits::ADDITIONS_MAX {
                break;
            }
            // Judged before they are put into a commit, so that one bad newcomer does not keep the others out.
            let Ok(person) = self.meeting.recognise(&newcomer.added, self.now_ms) else {
                continue;
            };
            // The same person again, on the same device: the old seat is given up in the same commit.
            let old = rules.leaf_of(person.letter);
            if old.is_some_and(|old| old == group.me()) {
                continue;
            }
            // Not by the very key package by which that seat was taken.
            let present = old.and_then(|old| group.leaf_key(old));
            if self.spent.has(&newcomer.leaf_key) || present.as_ref() == Some(&newcomer.leaf_key) {
                continue;
            }
            removes.extend(old);
            newcomers.push(newcomer.key_package.clone());
        }
        removes.remove(&group.me());
        if newcomers.is_empty() && removes.is_empty() {
            // Whoever could not be recognised is not asked about again.
            self.knocks.clear();
            return None;
        }
        Some(group.make_change(&self.provider, &self.identity, newcomers, &removes))
    }

    /// The change of phase that I am to commit: my motion has all that it needs.
    fn due_turn(&self) -> Option<(Evidence, BTreeSet<Leaf>)> {
        let running = self.meeting.running(self.now_ms)?;
        let group = self.group.as_ref()?;
        let rules = self.meeting.group()?;
        let me = group.me();
        let mine = if running.is_close() {
            self.closes(running, me)
        } else {
            running.mover == me
        };
        if !mine {
            return None;
        }
        let mut evidence = Evidence {
            motion: running.statement.clone(),
            consents: Vec::new(),
            fins: Vec::new(),
        };
        match running.motion.kind()? {
            _ if running.is_close() => {
                let silent: BTreeSet<Leaf> = rules
                    .roster
                    .keys()
                    .filter(|leaf| !running.fins.contains_key(leaf))
                    .copied()
                    .collect();
                // Only when it is looked at what has run out: a fin that waits here to be taken in has not come late.
                let waited = self.looks && self.now_ms.saturating_sub(running.seen_at_ms) > limits::FIN_WAIT_MS;
                let due = !silent.contains(&me) && (silent.is_empty() || waited);
                evidence.fins = running.fins.values().cloned().collect();
                due.then_some((evidence, silent))
            }
            MotionKind::Open => {
                evidence.consents = running.consents.values().cloned().collect();
                self.meeting
                    .missing_consents()
                    .is_empty()
                    .then_some((evidence, BTreeSet::new()))
            }
            MotionKind::Close | MotionKind::Adjourn => Some((evidence, BTreeSet::new())),
        }
    }
}
