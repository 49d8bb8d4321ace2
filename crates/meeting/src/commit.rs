//! What an MLS commit would do, as plain facts, and whether the rules allow it. The server and every member's client
//! judge each commit by this, before anything is merged.

use std::collections::BTreeSet;

use incamera_protocol::member::Position;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Leaf, limits};

use crate::charter::{ClosingRule, OpeningRule};
use crate::context::{MeetingContext, Phase};
use crate::credential::{Credential, LetterId, Person};
use crate::evidence::Evidence;
use crate::meeting::{Group, Meeting, Running};
use crate::refusal::Refusal;
use crate::roles::Right;
use crate::sign::PublicKey;
use crate::statement::{Body, Fin, Motion, Statement};

/// Who sent a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitSender {
    /// The member at this leaf.
    Member(Leaf),
    /// Anybody else: an external commit (RFC 9420 §12.4.3.2) or an external sender (§12.1.8).
    Outsider,
}

/// A leaf that a commit would add.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Added {
    /// The identity of its basic credential.
    pub credential: Bytes,
    /// Its signature key.
    pub device_key: PublicKey,
}

/// What a commit would do. MLS validity (signatures, tree, confirmation tag) is checked before by the MLS library.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CommitFacts {
    /// The epoch that it ends.
    pub position: Position,
    /// Who sent it.
    pub sender: CommitSender,
    /// The committer's own leaf as the commit's path renews it (RFC 9420 §7.6), if it has a path.
    pub renewed: Option<Added>,
    /// In the order of the proposals.
    pub adds: Vec<Added>,
    /// In the order of the proposals.
    pub removes: Vec<Leaf>,
    /// The meeting context of the epoch that it begins.
    pub context: MeetingContext,
    /// It mixes the meeting secret in as an external PSK (RFC 9420 §8.4).
    pub meeting_secret: bool,
    /// It has a proposal that is neither Add, Remove, that PSK nor a change of our extension alone.
    pub foreign: bool,
    /// Its authenticated data.
    pub evidence: Bytes,
}

/// What an allowed commit does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Who leaves.
    pub departed: Vec<(Leaf, Person)>,
    /// Who enters, at which leaf (RFC 9420 §7.7: the leftmost that is free).
    pub admitted: Vec<(Leaf, Person)>,
    /// The evidence, if the phase changes.
    pub evidence: Option<Evidence>,
}

impl Meeting {
    /// Weighs a commit against the current state.
    pub fn weigh(&self, facts: &CommitFacts, now_ms: u64) -> Result<Outcome, Refusal> {
        let group = self.group().ok_or(Refusal::NotAMember)?;
        if group.context.phase == Phase::Adjourned {
            return Err(Refusal::Adjourned);
        }
        if facts.position != group.position() {
            return Err(Refusal::StaleEpoch);
        }
        let CommitSender::Member(sender) = facts.sender else {
            return Err(Refusal::Commit("it comes from outside the group"));
        };
        let committer = group.roster.get(&sender).ok_or(Refusal::NotAMember)?;
        if let Some(renewed) = &facts.renewed {
            // A path may renew keys, never who somebody is.
            let claimed = self.follow(&Credential::read(&renewed.credential.0)?)?;
            if claimed != *committer || renewed.device_key != committer.device_key {
                return Err(Refusal::Commit("it changes who its sender is"));
            }
        }
        let closing = self.called_close().is_some();
        if closing && facts.context == group.context {
            // A close lapses with its epoch like every motion: nothing may end the epoch before it but the close.
            return Err(Refusal::Commit("a close has been called, and comes first"));
        }
        if facts.foreign {
            return Err(Refusal::Commit("it has a proposal of a kind that is not allowed here"));
        }
        if facts.position.epoch == 0 && !facts.meeting_secret {
            return Err(Refusal::Commit("it is the first, and lacks the meeting secret"));
        }
        let departed = departures(group, sender, &facts.removes)?;
        let admitted = self.admissions(group, facts, now_ms)?;
        let evidence = if facts.context == group.context {
            if !facts.evidence.0.is_empty() {
                return Err(Refusal::Commit("it carries evidence and changes nothing"));
            }
            for (leaf, person) in &departed {
                let replaced = admitted.iter().any(|(_, newcomer)| newcomer.letter == person.letter);
                if !replaced && !self.may_be_removed(group, *leaf, person, now_ms) {
                    return Err(Refusal::Commit("it removes somebody who is here"));
                }
            }
            None
        } else {
            if !admitted.is_empty() {
                return Err(Refusal::Commit("it changes the phase and adds somebody"));
            }
            Some(self.judge_turn(group, facts, now_ms)?)
        };
        Ok(Outcome {
            departed,
            admitted,
            evidence,
        })
    }

    fn admissions(&self, group: &Group, facts: &CommitFacts, now_ms: u64) -> Result<Vec<(Leaf, Person)>, Refusal> {
        if facts.adds.is_empty() {
            return Ok(Vec::new());
        }
        // The meeting secret must be held by whoever enters: without it the wire's recordings and X25519 would do.
        if !facts.meeting_secret {
            return Err(Refusal::Commit("it adds somebody without the meeting secret"));
        }
        let removed: BTreeSet<Leaf> = facts.removes.iter().copied().collect();
        let stays = |leaf: &Leaf| group.roster.contains_key(leaf) && !removed.contains(leaf);
        let staying = group.roster.iter().filter(|(leaf, _)| stays(leaf));
        let mut letters: BTreeSet<LetterId> = staying.map(|(_, person)| person.letter).collect();
        // Each takes the leftmost leaf that is free: the first the first, the second the next, and so on.
        let mut free = (0..).map(Leaf).filter(|leaf| !stays(leaf));
        let mut admitted: Vec<(Leaf, Person)> = Vec::new();
        for added in &facts.adds {
            let person = self.recognise(added, now_ms)?;
            if !letters.insert(person.letter) {
                return Err(Refusal::LetterInUse);
            }
            admitted.push((free.next().ok_or(Refusal::TooLarge("group"))?, person));
        }
        if letters.len() > limits::MEMBERS_MAX {
            return Err(Refusal::TooLarge("group"));
        }
        Ok(admitted)
    }

    /// Whether a member may be removed: its letter is dead, it has said goodbye, or nothing is heard of it. In a
    /// close it is the fins that decide. Who has taken this epoch in late, or has only just entered, has no measure for
    /// a silence in it, and bears no witness for somebody whom it has not heard in it; whoever keeps the order has one.
    /// (A server that withholds heartbeats for that long gets as far.)
    fn may_be_removed(&self, group: &Group, leaf: Leaf, person: &Person, now_ms: u64) -> bool {
        self.is_revoked(person)
            || group.has_said_goodbye(leaf)
            || self.follows() && !group.heard.contains_key(&leaf)
            || now_ms.saturating_sub(group.last_sign_of(leaf)) >= group.patience_with(leaf)
    }

    /// Follows the chain of somebody who would enter, and holds it against what is known of delegation and letter.
    pub fn recognise(&self, added: &Added, now_ms: u64) -> Result<Person, Refusal> {
        let person = self.verify_credential(&Credential::read(&added.credential.0)?)?;
        if person.device_key != added.device_key {
            return Err(Refusal::Credential("the device is not the one that the letter binds"));
        }
        person.in_time(now_ms)?;
        Ok(person)
    }

    /// Judges a change of phase from the evidence alone.
    fn judge_turn(&self, group: &Group, facts: &CommitFacts, now_ms: u64) -> Result<Evidence, Refusal> {
        let evidence = Evidence::read(&facts.evidence.0)?;
        let (motion, mover) = self.judge_motion(group, &evidence.motion)?;
        let kind = motion.kind().ok_or(Refusal::Malformed)?;
        if group.context.after(&motion, &evidence).as_ref() != Some(&facts.context) {
            return Err(Refusal::Commit("the new phase is not the one that was moved"));
        }
        match kind {
            MotionKind::Open => {
                if !facts.removes.is_empty() {
                    return Err(Refusal::Commit("it opens and removes somebody"));
                }
                if self.is_stale(&motion, now_ms) {
                    return Err(Refusal::Motion("it has lapsed"));
                }
                self.judge_consents(group, &motion, mover, &evidence.consents)?;
            }
            MotionKind::Close => judge_fins(group, self.latest(), &motion, facts, &evidence.fins)?,
            // In public, an adjournment is a close besides.
            MotionKind::Adjourn if group.context.phase == Phase::Open => {
                judge_fins(group, self.latest(), &motion, facts, &evidence.fins)?;
            }
            MotionKind::Adjourn => {
                if !facts.removes.is_empty() {
                    return Err(Refusal::Commit("it adjourns and removes somebody"));
                }
            }
        }
        Ok(evidence)
    }

    /// Whether an opening comes too late. By one's own clock since the motion was seen, with some seconds for the
    /// commit to arrive; by the mover's date for somebody who has not seen it.
    fn is_stale(&self, motion: &Motion, now_ms: u64) -> bool {
        match self.latest().filter(|running| running.motion == *motion) {
            Some(seen) => now_ms.saturating_sub(seen.seen_at_ms) > limits::MOTION_LIFE_MS + limits::COMMIT_WAIT_MS,
            None => {
                let latest = limits::MOTION_LIFE_MS + limits::COMMIT_WAIT_MS + limits::CLOCK_SKEW_MS_MAX;
                now_ms.saturating_sub(motion.moved_at_ms) > latest
            }
        }
    }

    /// A motion: signed by a member who may move it, for exactly this point of the meeting, and possible in this
    /// phase.
    pub(crate) fn judge_motion(&self, group: &Group, statement: &Statement) -> Result<(Motion, Leaf), Refusal> {
        let Body::Motion(motion) = &statement.body else {
            return Err(Refusal::Motion("it is no motion"));
        };
        let (leaf, mover) = group.signer(statement)?;
        self.check_motion(group, motion, mover)?;
        Ok((*motion, leaf))
    }

    /// Whether this person may move this here and now.
    pub(crate) fn check_motion(&self, group: &Group, motion: &Motion, mover: &Person) -> Result<(), Refusal> {
        if motion.place != group.place(self.id()) {
            return Err(Refusal::StaleEpoch);
        }
        let kind = motion.kind().ok_or(Refusal::Malformed)?;
        if !mover.role.may(Right::Move(kind)) {
            return Err(Refusal::Role);
        }
        let charter = self.charter();
        if motion.item as usize >= charter.agenda.len() {
            return Err(Refusal::Motion("the agenda has no such item"));
        }
        let chair = match kind {
            MotionKind::Open => match charter.opening {
                OpeningRule::AllDelegations => None,
                OpeningRule::Chair(chair) => Some(chair),
            },
            MotionKind::Close | MotionKind::Adjourn => match charter.closing {
                ClosingRule::AnyPrincipal => None,
                // A door that nobody present could shut would stand open: without the chair, anybody shuts it.
                ClosingRule::Chair(chair) if kind == MotionKind::Close && !group.has_mover_of(chair, kind) => None,
                ClosingRule::Chair(chair) => Some(chair),
            },
        };
        if chair.is_some_and(|chair| chair != mover.delegation) {
            return Err(Refusal::Role);
        }
        match (kind, group.context.phase) {
            (MotionKind::Open, Phase::Closed) | (MotionKind::Close, Phase::Open) => Ok(()),
            (MotionKind::Adjourn, Phase::Closed) if charter.reports() => Err(Refusal::ReportDue),
            (MotionKind::Adjourn, Phase::Closed) => Ok(()),
            (MotionKind::Adjourn, Phase::Open) if charter.reports() => Ok(()),
            _ => Err(Refusal::Phase),
        }
    }

    fn judge_consents(
        &self,
        group: &Group,
        motion: &Motion,
        mover: Leaf,
        consents: &[Statement],
    ) -> Result<(), Refusal> {
        let mut agreed: BTreeSet<u16> = group
            .roster
            .get(&mover)
            .map(|person| person.delegation)
            .into_iter()
            .collect();
        for statement in consents {
            // Also where a chair opens alone: what stands in the warrant is looked at by everybody who comes later.
            agreed.insert(judge_consent(group, self.latest(), motion, statement)?);
        }
        if let OpeningRule::Chair(_) = self.charter().opening {
            return Ok(());
        }
        let all = group.roster.values().all(|person| agreed.contains(&person.delegation));
        if all { Ok(()) } else { Err(Refusal::ConsentMissing) }
    }
}

/// A consent: signed by a principal in the group, to this motion. Gives the delegation it speaks for. One that was
/// judged for this motion before, and is the same to the last byte, is not judged again.
pub(crate) fn judge_consent(
    group: &Group,
    running: Option<&Running>,
    motion: &Motion,
    statement: &Statement,
) -> Result<u16, Refusal> {
    let Body::Consent(consent) = &statement.body else {
        return Err(Refusal::Motion("it is no consent"));
    };
    if let Some((_, person)) = group.member_of(statement.signer)
        && let Some(running) = running.filter(|running| running.motion == *motion)
        && running.consents.get(&person.delegation) == Some(statement)
    {
        return Ok(person.delegation);
    }
    let (_, person) = group.signer(statement)?;
    if consent.motion != motion.id() {
        return Err(Refusal::Motion("it is a consent to another motion"));
    }
    if !person.role.may(Right::Consent) {
        return Err(Refusal::Role);
    }
    Ok(person.delegation)
}

/// A fin: signed by a member, in answer to this close, about no keys but the member's own of this epoch. One that was
/// judged for this close before, and is the same to the last byte, is not judged again.
pub(crate) fn judge_fin<'a>(
    group: &Group,
    running: Option<&Running>,
    motion: &Motion,
    statement: &'a Statement,
) -> Result<(Leaf, &'a Fin), Refusal> {
    let Body::Fin(fin) = &statement.body else {
        return Err(Refusal::Motion("it is no fin"));
    };
    if let Some(leaf) = group.leaf_of(statement.signer)
        && let Some(running) = running.filter(|running| running.motion == *motion)
        && running.fins.get(&leaf) == Some(statement)
    {
        return Ok((leaf, fin));
    }
    let (leaf, _) = group.signer(statement)?;
    if fin.motion != motion.id() {
        return Err(Refusal::Motion("it is a fin for another close"));
    }
    for entry in &fin.counts {
        let kid = incamera_protocol::Kid::from_number(entry.kid)
            .map_err(|_| Refusal::Malformed)?
            .parts();
        let own = kid.leaf == leaf && kid.epoch == group.epoch && kid.founding == group.founding && kid.slice == 0;
        if !own || !kid.open {
            return Err(Refusal::Motion("it speaks for a key that is not its signer's"));
        }
    }
    Ok((leaf, fin))
}

fn judge_fins(
    group: &Group,
    running: Option<&Running>,
    motion: &Motion,
    facts: &CommitFacts,
    fins: &[Statement],
) -> Result<(), Refusal> {
    let mut finished = BTreeSet::new();
    for statement in fins {
        finished.insert(judge_fin(group, running, motion, statement)?.0);
    }
    let removes: BTreeSet<Leaf> = facts.removes.iter().copied().collect();
    for leaf in group.roster.keys() {
        let removed = removes.contains(leaf);
        if finished.contains(leaf) == removed {
            // Either somebody stays without having said where their frames end, or somebody who said it is put out.
            return Err(Refusal::Commit("it does not treat every member by their fin"));
        }
    }
    Ok(())
}

fn departures(group: &Group, sender: Leaf, removes: &[Leaf]) -> Result<Vec<(Leaf, Person)>, Refusal> {
    removes
        .iter()
        .map(|leaf| {
            if *leaf == sender {
                return Err(Refusal::Commit("it removes its own sender"));
            }
            let person = group
                .roster
                .get(leaf)
                .ok_or(Refusal::Commit("it removes somebody who is not there"))?;
            Ok((*leaf, person.clone()))
        })
        .collect()
}
