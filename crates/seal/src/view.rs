//! What the person sees, computed from the group's own state.

use incamera_meeting::{Motion, Person, Phase, Refusal, Right};
use incamera_protocol::Leaf;
use incamera_protocol::limits;
use incamera_protocol::view::{Lamp, May, MemberOf, MemberView, MotionKind, MotionOf, WaitingOf};

use crate::code;
use crate::group::Group;
use crate::member::Member;
use crate::receive::id_of;

const UNREACHABLE: &str = "The server cannot be reached. Nobody hears you until it can.";

impl Member {
    pub(crate) fn view(&mut self) -> MemberView {
        let fingerprints = self.prints.of(&self.meeting);
        let (lamp, reason) = self.lamp();
        let rules = self.meeting.group();
        let me = self.group.as_ref().map(Group::me);
        let members = rules
            .iter()
            .flat_map(|rules| &rules.roster)
            .map(|(leaf, person)| MemberOf {
                leaf: *leaf,
                name: person.name.clone(),
                delegation: person.delegation,
                role: person.role.word().to_owned(),
                confirmed: rules.is_some_and(|rules| rules.heard.contains_key(leaf)),
                connected: self.connected.contains(leaf) || me == Some(*leaf),
                me: me == Some(*leaf),
            })
            .collect();
        MemberView {
            lamp,
            reason,
            unheard_since_ms: self.meeting.unheard_since_ms(),
            report_due: self.is_report_due(),
            part: rules.map_or(0, |rules| rules.context.part),
            item: rules.map(|rules| rules.context.item),
            members,
            motion: self.motion_of(),
            may: self.may(),
            code: self
                .group
                .as_ref()
                .map(|group| code::digits(group.authenticator()))
                .unwrap_or_default(),
            words: self
                .group
                .as_ref()
                .map(|group| code::words(group.authenticator()))
                .unwrap_or_default(),
            fingerprints,
            floor: self.floor_of(),
            booths: self.booths_of(),
            whisper: self.whisper_of(),
            lobby: self.lobby.values().map(|person| self.waiting_of(person)).collect(),
            waits: self.waits && !self.finished,
            record: self.witness.alarm().map(str::to_owned),
            sending: self.may_send(),
        }
    }

    fn lamp(&self) -> (Lamp, Option<String>) {
        let because = |reason: &str| Some(reason.to_owned());
        let Some(rules) = self.meeting.group() else {
            let reason = if self.waits {
                "Waiting for your delegation to let you in."
            } else if self.out_of_touch && !self.knocked {
                "Connecting to the server."
            } else {
                "Waiting to be let in by those who are already here."
            };
            return (Lamp::Waiting, because(reason));
        };
        if let Some(alarm) = &self.alarm {
            return (Lamp::Held, because(alarm));
        }
        match rules.context.phase {
            Phase::Adjourned => (Lamp::Adjourned, None),
            _ if self.is_closing() => {
                let since = self
                    .closing
                    .as_ref()
                    .map(|closing| closing.since_ms)
                    .or(self.meeting.running(self.now_ms).map(|running| running.seen_at_ms))
                    .unwrap_or(self.now_ms);
                let long = self.now_ms.saturating_sub(since) >= limits::CLOSE_STALLED_MS;
                let reason = "The close has not been confirmed yet. Nobody is heard until it is.";
                (Lamp::Closing, if long { because(reason) } else { None })
            }
            _ if self.is_left_in_silence() && self.out_of_touch => (Lamp::Held, because(UNREACHABLE)),
            _ if self.is_left_in_silence() => (
                Lamp::Held,
                because("Nothing has come from the others for ten seconds. Nobody hears you until it does."),
            ),
            _ if self.door.is_some() => (Lamp::Closing, None),
            Phase::Open if self.out_of_touch => (Lamp::Held, because(UNREACHABLE)),
            Phase::Open if self.backstage => (
                Lamp::Held,
                because("This part is public. You are neither seen nor heard until you choose to appear."),
            ),
            Phase::Open if self.meeting.is_paused() => (
                Lamp::Held,
                because("The public cannot hear this part. Nobody is heard until it can."),
            ),
            Phase::Open => (Lamp::Open, None),
            Phase::Closed => (Lamp::Closed, None),
        }
    }

    fn motion_of(&self) -> Option<MotionOf> {
        let rules = self.meeting.group()?;
        let running = self.meeting.running(self.now_ms)?;
        let mover = rules.roster.get(&running.mover)?;
        let mut consents: Vec<u16> = running.consents.keys().copied().chain([mover.delegation]).collect();
        consents.sort_unstable();
        consents.dedup();
        Some(MotionOf {
            id: running.motion.id().to_string(),
            kind: running.motion.kind()?,
            item: running.motion.item,
            by: mover.name.clone(),
            consents,
            missing: self.meeting.missing_consents(),
            appears: self.appears_by == Some(running.motion.id()),
            lapses_at_ms: running.seen_at_ms.saturating_add(limits::MOTION_LIFE_MS),
        })
    }

    fn may(&self) -> May {
        if self.finished || self.alarm.is_some() {
            return May::default();
        }
        May {
            open: self.weigh_move(MotionKind::Open).is_ok(),
            close: self.weigh_move(MotionKind::Close).is_ok(),
            consent: self.may_consent(),
            adjourn: self.weigh_move(MotionKind::Adjourn).is_ok(),
            appear: self.may_appear(),
            admit: self.identity.delegation_seed().is_some(),
        }
    }

    fn is_report_due(&self) -> bool {
        !self.finished && self.alarm.is_none() && self.weigh_move(MotionKind::Adjourn) == Err(Refusal::ReportDue)
    }

    fn may_appear(&self) -> bool {
        let opening = self
            .meeting
            .running(self.now_ms)
            .map(|running| running.motion)
            .filter(|motion| motion.kind() == Some(MotionKind::Open));
        match opening {
            // To consent is to appear: whoever is asked for that is not asked twice.
            Some(motion) => self.appears_by != Some(motion.id()) && !self.may_consent(),
            // In a part that is being closed nobody appears any more.
            None => self.backstage && !self.is_closing(),
        }
    }

    fn waiting_of(&self, person: &Person) -> WaitingOf {
        WaitingOf {
            id: id_of(person),
            name: person.name.clone(),
            delegation: person.delegation,
            role: person.role.word().to_owned(),
            instead: self.meeting.holds_another(person),
        }
    }

    /// Asks the rules, with the motion that the person would make.
    fn weigh_move(&self, kind: MotionKind) -> Result<(), Refusal> {
        let (Some(rules), Some(me)) = (self.meeting.group(), self.leaf()) else {
            return Err(Refusal::NotAMember);
        };
        if self.closing.is_some() {
            return Err(Refusal::Phase);
        }
        let motion = Motion {
            place: rules.place(self.meeting.id()),
            kind: Motion::number_of(kind),
            item: rules.context.item,
            moved_at_ms: self.now_ms,
        };
        self.meeting.may_move(me, &motion, self.now_ms)
    }

    fn may_consent(&self) -> bool {
        let may = self.identity.letter().role.may(Right::Consent);
        may && self.meeting.missing_consents().contains(&self.delegation()) && self.motion_of().is_some()
    }

    /// My leaf, while I am in the group.
    pub fn leaf(&self) -> Option<Leaf> {
        self.group.as_ref().map(Group::me)
    }
}
