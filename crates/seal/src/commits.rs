//! Commits in the one order of all: judged, merged, and the keys that follow from them.

use std::collections::BTreeSet;

use incamera_meeting::{Body, Discloser, Group as Rules, Judged, MotionId, Phase, PublicKey};
use incamera_protocol::member::{MemberMessage, Position};
use incamera_protocol::{Bytes, ErrorCode, Leaf};
use incamera_record::Happening;

use crate::action::Action;
use crate::aside::{AsideSecret, Whose};
use crate::digesting::Ends;
use crate::group::Group;
use crate::member::Member;

impl Member {
    pub(crate) fn take_commit(&mut self, position: Position, commit: &[u8]) {
        let Some(mine) = self.group.as_ref().map(Group::position) else {
            return;
        };
        if position.founding != mine.founding || position.epoch > mine.epoch {
            return self.reconnect();
        }
        if position.epoch < mine.epoch {
            return;
        }
        let own = self.pending.as_ref().is_some_and(|pending| pending.commit == commit);
        if own {
            self.merge_own();
        } else {
            self.merge_other(commit);
        }
    }

    fn merge_own(&mut self) {
        let (Some(pending), Some(group)) = (self.pending.take(), self.group.as_mut()) else {
            return;
        };
        if let Err(error) = group.merge_own(&self.provider) {
            return self.fatal(ErrorCode::Internal, error.to_string());
        }
        self.after_merge(pending.judged);
    }

    fn merge_other(&mut self, commit: &[u8]) {
        let Some(group) = self.group.as_mut() else {
            return;
        };
        if self.pending.take().is_some()
            && let Err(error) = group.discard_own(&self.provider)
        {
            return self.fatal(ErrorCode::Internal, error.to_string());
        }
        let received = match group.receive(&self.provider, commit) {
            Ok(received) => received,
            Err(error) => return self.reject(&error.to_string()),
        };
        let (facts, message) = (Box::new(received.facts.clone()), Bytes(commit.to_vec()));
        let judged = match self.meeting.judge(self.now_ms, facts, message) {
            Ok(judged) => judged,
            // I2, I3: the server passed it on, and it is refused all the same.
            Err(refusal) => return self.reject(&refusal.to_string()),
        };
        if received.removes_me {
            let again = received.newcomers.iter().any(|key| self.mine.has(key));
            self.lose_group();
            if again {
                // Somebody was given an old knock of mine and has answered it. I had not asked, nobody has put me out,
                // and I come back.
                return self.reconnect();
            }
            return self.fatal(ErrorCode::NotAMember, "You were removed from the meeting.");
        }
        if let Err(error) = group.merge(&self.provider, received) {
            return self.fatal(ErrorCode::Internal, error.to_string());
        }
        self.after_merge(judged);
    }

    /// A commit that must not be merged has been put into the order of all: this device stays where it is, sends
    /// nothing more, and says so. Fail closed.
    fn reject(&mut self, why: &str) {
        self.raise_alarm("The server has passed on a change that this meeting does not allow.");
        self.media.clear();
        self.act(Action::Notice {
            message: format!("A change to the meeting was refused: {why}"),
        });
    }

    fn after_merge(&mut self, judged: Judged) {
        let fins = self.fins_of(&judged);
        let context_before = self.meeting.group().map(|group| &group.context);
        let (before, part_before) = (context_before.map(|it| it.phase), context_before.map(|it| it.part));
        let added_keys: BTreeSet<PublicKey> = judged.facts().adds.iter().map(|added| added.device_key).collect();
        let recorded = Happening::of(&judged.event());
        if let Some((happening, _)) = recorded {
            self.witness.expect(happening);
        }
        self.meeting.commit(judged);
        let (Some(rules), Some(group)) = (self.meeting.group(), self.group.as_ref()) else {
            return;
        };
        let opened_by = opened_by(rules);
        let leaves: BTreeSet<Leaf> = rules.roster.keys().copied().collect();
        if leaves != group.leaves() || rules.position() != group.position() {
            return self.fatal(
                ErrorCode::Internal,
                "The group and the rules do not agree on who is here.",
            );
        }
        let (after, same_part) = (rules.context.phase, part_before == Some(rules.context.part));
        let added = rules.roster.iter();
        let added = added.filter(|(_, person)| added_keys.contains(&person.device_key));
        added
            .filter_map(|(leaf, _)| group.leaf_key(*leaf))
            .for_each(|key| self.spent.note(key));
        // Of a device that was added nothing older is answered. One that is here and has not been added now may have come
        // back and wait to be let in anew.
        let spent = &self.spent;
        self.knocks
            .retain(|_, newcomer| !spent.has(&newcomer.leaf_key) && !added_keys.contains(&newcomer.added.device_key));
        self.removals.retain(|leaf| rules.roster.contains_key(leaf));
        self.beats = 0;
        self.fin_sent = false;
        self.table.turn();
        let newcomers = rules.roster.values();
        let newcomers = newcomers.filter(|person| added_keys.contains(&person.device_key));
        let newcomers: Vec<_> = newcomers.map(|person| person.letter).collect();
        self.drop_what_is_of_another_part();
        self.turn_typed(&newcomers, same_part);
        if after == Phase::Open && before != Some(Phase::Open) {
            // Nobody becomes public without having said so.
            self.backstage = self.appears_by.is_none() || self.appears_by != opened_by;
        }
        self.appears_by = None;
        if after == Phase::Open {
            // Somebody else's commit ended the epoch of my close: it is called again in this one.
            if let Some(closing) = self.closing.as_mut() {
                closing.said = false;
            }
        } else {
            self.closing = None;
            self.backstage = false;
        }
        match (before, after) {
            (Some(Phase::Open), Phase::Closed) => self.door = Some(self.now_ms),
            (_, Phase::Open | Phase::Adjourned) => self.door = None,
            _ => self.door = self.door.map(|_| self.now_ms),
        }
        self.turn_keys(fins);
        self.tell_newcomers(&newcomers);
    }

    /// From a close: where each sender's frames end.
    fn fins_of(&self, judged: &Judged) -> Option<Vec<incamera_meeting::FinEntry>> {
        let open = self
            .meeting
            .group()
            .is_some_and(|group| group.context.phase == Phase::Open);
        if !open || judged.facts().context.phase == Phase::Open {
            return None;
        }
        let entries = judged
            .evidence()?
            .fins
            .iter()
            .filter_map(|statement| match &statement.body {
                Body::Fin(fin) => Some(fin.counts.clone()),
                _ => None,
            });
        Some(entries.flatten().collect())
    }

    /// Turns to the keys of the epoch that has begun, discloses them if it is open, and tells the others.
    pub(crate) fn turn_keys(&mut self, fins: Option<Vec<incamera_meeting::FinEntry>>) {
        let Some(context) = self.meeting.group().map(|rules| rules.context.clone()) else {
            return;
        };
        // The keys that are in use until now are used no more.
        self.sign_for_sent(Ends::Here);
        let (Some(rules), Some(group)) = (self.meeting.group(), self.group.as_ref()) else {
            return;
        };
        if context.phase == Phase::Adjourned {
            // What is shown stays; the server closes the socket, and nothing that it says counts any more.
            self.media.clear();
            self.aside = None;
            self.clear_table();
            self.finished = true;
            return;
        }
        let whose = Whose {
            context: &context,
            epoch: group.position().epoch,
            delegation: self.identity.delegation(),
        };
        let aside = group
            .export_for_asides(&self.provider)
            .map(|exported| AsideSecret::derive(&exported, self.identity.delegation_secret(), &whose));
        let aside = match aside {
            Ok(Some(aside)) => aside,
            Ok(None) => return self.fatal(ErrorCode::Internal, "The secret of asides cannot be derived."),
            Err(error) => return self.fatal(ErrorCode::Internal, error.to_string()),
        };
        let turned = group
            .media_epoch(&self.provider, &context, context.phase == Phase::Open, &aside)
            .map_err(|error| error.to_string())
            .and_then(|epoch| {
                self.media
                    .turn(epoch, fins.as_deref(), self.now_ms)
                    .map_err(str::to_owned)
            });
        if let Err(error) = turned {
            return self.fatal(ErrorCode::Internal, error);
        }
        self.aside = Some(aside);
        if context.phase == Phase::Open {
            let keys = self.media.disclosures();
            let place = rules.place(self.meeting.id());
            match Discloser::sign(self.identity.letter_id(), &place, &keys, self.identity.letter_seed()) {
                Ok(by) => self.send(MemberMessage::Disclose {
                    keys,
                    signature: by.signature,
                }),
                Err(refusal) => return self.fatal(ErrorCode::Internal, refusal.to_string()),
            }
        }
        self.beat();
        self.send(MemberMessage::KeyFrames);
    }
}

/// The motion by which the part that runs was opened.
fn opened_by(rules: &Rules) -> Option<MotionId> {
    match &rules.warrant.as_ref()?.motion.body {
        Body::Motion(motion) => Some(motion.id()),
        _ => None,
    }
}
