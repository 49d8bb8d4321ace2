//! What delegations have published, and who may publish what. A meeting that is over is no obstacle: readouts come when
//! it suits those who write them.

use std::collections::BTreeMap;

use incamera_protocol::limits;

use super::{Event, Meeting};
use crate::credential::Signed;
use crate::readout::{AgreedJoint, Joint, JointId, Readout, SignedJoint};
use crate::refusal::Refusal;
use crate::sign::PublicKey;

/// Everything that was published, in the order in which it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Published {
    readouts: Vec<PublishedReadout>,
    joints: Vec<JointStatement>,
}

/// A version of a delegation's readout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedReadout {
    /// When it came, by the clock of whoever keeps the order.
    pub at_ms: u64,
    /// As signed.
    pub readout: Signed<Readout>,
}

/// A statement that one delegation has put before the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointStatement {
    /// What is signed.
    pub joint: Joint,
    /// Who has signed, when that came, and the signature.
    pub signatures: BTreeMap<u16, (u64, [u8; 64])>,
    /// Who put it before the others.
    pub proposed_by: u16,
    /// When it became public: with the last signature.
    pub public_at_ms: Option<u64>,
}

impl Meeting {
    /// Every version of every readout, in the order in which they came.
    pub fn readouts(&self) -> &[PublishedReadout] {
        &self.published.readouts
    }

    /// The versions of one delegation's readout, the first one first.
    pub fn readouts_of(&self, delegation: u16) -> impl DoubleEndedIterator<Item = &PublishedReadout> {
        let all = self.published.readouts.iter();
        all.filter(move |published| published.readout.body.delegation == delegation)
    }

    /// Every joint statement that was put before the delegations, also those that the public does not see.
    pub fn joints(&self) -> &[JointStatement] {
        &self.published.joints
    }

    /// A number that grows with whatever the public may read anew.
    pub(super) fn published_count(&self) -> u32 {
        u32::try_from(self.published.readouts.len() + self.public_joints().count()).unwrap_or(u32::MAX)
    }

    /// Those that all have signed who are named in them, the first one first.
    pub fn public_joints(&self) -> impl Iterator<Item = &JointStatement> {
        let mut public: Vec<_> = self.joints().iter().filter(|it| it.public_at_ms.is_some()).collect();
        public.sort_by_key(|it| it.public_at_ms);
        public.into_iter()
    }

    fn key_of_publisher(&self, delegation: u16) -> Result<&PublicKey, Refusal> {
        self.delegation_key(delegation)
            .ok_or(Refusal::Credential("its delegation has no key"))
    }

    pub(super) fn decide_readout(&self, now_ms: u64, readout: Box<Signed<Readout>>) -> Result<Vec<Event>, Refusal> {
        let delegation = readout.body.delegation;
        let key = self.key_of_publisher(delegation)?;
        if !readout.is_by(self.id, delegation, key) {
            return Err(Refusal::Credential("the readout is not signed by its delegation"));
        }
        let last = self.readouts_of(delegation).next_back();
        if last.is_some_and(|last| last.readout == *readout) {
            // Whoever did not hear the answer says it again.
            return Ok(Vec::new());
        }
        check_clock(now_ms, readout.body.at_ms)?;
        let (version, previous) = last.map_or((1, [0; 32]), |last| {
            let body = &last.readout.body;
            (body.version.saturating_add(1), body.hash())
        });
        if readout.body.version != version || readout.body.previous != previous {
            return Err(Refusal::Text(
                "another version of it was published meanwhile; look at that first",
            ));
        }
        if usize::from(version) > limits::READOUT_VERSIONS_MAX {
            return Err(Refusal::TooLarge("list of versions"));
        }
        Ok(vec![Event::ReadoutPublished { at_ms: now_ms, readout }])
    }

    pub(super) fn decide_joint(&self, now_ms: u64, signed: Box<SignedJoint>) -> Result<Vec<Event>, Refusal> {
        let delegation = signed.delegation;
        self.check_signature(&signed)?;
        let known = self.joint(signed.joint.id());
        if known.is_some_and(|known| known.signatures.contains_key(&delegation)) {
            return Ok(Vec::new());
        }
        self.check_joint(&signed.joint)?;
        if known.is_none() {
            check_clock(now_ms, signed.joint.at_ms)?;
            self.check_room_for(&signed.joint, delegation)?;
        }
        self.check_may_sign(delegation)?;
        let agreed = agreed_with(known, &signed);
        let at_ms = now_ms;
        let mut events = vec![Event::JointSigned { at_ms, signed }];
        events.extend(agreed.map(|agreed| Event::JointPublished { at_ms, agreed }));
        Ok(events)
    }

    /// What is new and what corrects something are counted apart: who has had to correct can still propose.
    fn check_room_for(&self, joint: &Joint, delegation: u16) -> Result<(), Refusal> {
        let corrects = |joint: &Joint| joint.version > 1;
        let most = if corrects(joint) {
            limits::JOINTS_CORRECTED_MAX
        } else {
            limits::JOINTS_PROPOSED_MAX
        };
        let before = self.joints().iter().filter(|it| it.proposed_by == delegation);
        let alike = before.filter(|it| corrects(&it.joint) == corrects(joint));
        if alike.count() >= most {
            return Err(Refusal::TooLarge("list of joint statements"));
        }
        Ok(())
    }

    /// A joint statement with all its signatures at once, as the record has it.
    pub(super) fn decide_agreed(&self, now_ms: u64, agreed: Box<AgreedJoint>) -> Result<Vec<Event>, Refusal> {
        let each = agreed.each();
        let each = each.ok_or(Refusal::Credential("the statement is not signed by all whom it names"))?;
        each.iter().try_for_each(|signed| self.check_signature(signed))?;
        if self
            .joint(agreed.joint.id())
            .is_some_and(|known| known.public_at_ms.is_some())
        {
            return Ok(Vec::new());
        }
        self.check_joint(&agreed.joint)?;
        if agreed.joint.at_ms > now_ms.saturating_add(limits::CLOCK_SKEW_MS_MAX) {
            return Err(Refusal::Text("it was published before it was written"));
        }
        agreed
            .joint
            .signers
            .iter()
            .try_for_each(|it| self.check_may_sign(*it))?;
        let at_ms = now_ms;
        Ok(vec![Event::JointPublished { at_ms, agreed }])
    }

    fn check_may_sign(&self, delegation: u16) -> Result<(), Refusal> {
        let signed_by_it = |joint: &&JointStatement| joint.signatures.contains_key(&delegation);
        if self.joints().iter().filter(signed_by_it).count() >= limits::JOINTS_SIGNED_MAX {
            return Err(Refusal::TooLarge("list of joint statements"));
        }
        Ok(())
    }

    fn check_signature(&self, signed: &SignedJoint) -> Result<(), Refusal> {
        let key = self.key_of_publisher(signed.delegation)?;
        if signed.is_by(self.id, signed.delegation, key) {
            Ok(())
        } else {
            Err(Refusal::Credential("the statement is not signed by its delegation"))
        }
    }

    /// It names delegations of this meeting, and is the first of its versions or follows the last that is public.
    fn check_joint(&self, joint: &Joint) -> Result<(), Refusal> {
        let delegations = self.charter().delegations.len();
        if joint.signers.iter().any(|signer| usize::from(*signer) >= delegations) {
            return Err(Refusal::Text(
                "it is to be signed by a delegation that this meeting does not have",
            ));
        }
        if (joint.version, joint.previous) == (1, [0; 32]) {
            return Ok(());
        }
        if usize::from(joint.version) > limits::READOUT_VERSIONS_MAX {
            return Err(Refusal::TooLarge("list of versions"));
        }
        let mut public = self.public_joints().map(|it| &it.joint);
        let follows = |last: &Joint| {
            last.id().0 == joint.previous
                && last.signers == joint.signers
                && last.version.checked_add(1) == Some(joint.version)
        };
        let replaced = self.public_joints().any(|it| it.joint.previous == joint.previous);
        if replaced || !public.any(follows) {
            return Err(Refusal::Text(
                "another version of it was published meanwhile; look at that first",
            ));
        }
        Ok(())
    }

    /// A joint statement by its hash.
    pub fn joint(&self, id: JointId) -> Option<&JointStatement> {
        self.published.joints.iter().find(|known| known.joint.id() == id)
    }

    pub(super) fn apply_readout(&mut self, at_ms: u64, readout: &Signed<Readout>) {
        let readout = readout.clone();
        self.published.readouts.push(PublishedReadout { at_ms, readout });
    }

    pub(super) fn apply_joint(&mut self, at_ms: u64, signed: &SignedJoint) {
        let id = signed.joint.id();
        let joints = &mut self.published.joints;
        let place = joints.iter().position(|known| known.joint.id() == id);
        let place = place.unwrap_or_else(|| {
            joints.push(JointStatement {
                joint: signed.joint.clone(),
                signatures: BTreeMap::new(),
                proposed_by: signed.delegation,
                public_at_ms: None,
            });
            joints.len() - 1
        });
        if let Some(joint) = joints.get_mut(place) {
            let signature = (at_ms, signed.signature);
            joint.signatures.entry(signed.delegation).or_insert(signature);
        }
    }

    pub(super) fn apply_agreed(&mut self, at_ms: u64, agreed: &AgreedJoint) {
        for signed in agreed.each().unwrap_or_default() {
            self.apply_joint(at_ms, &signed);
        }
        let id = agreed.joint.id();
        let mut joints = self.published.joints.iter_mut();
        if let Some(joint) = joints.find(|known| known.joint.id() == id) {
            joint.public_at_ms.get_or_insert(at_ms);
        }
    }
}

/// The statement with all its signatures, if this one is the last that was missing.
fn agreed_with(known: Option<&JointStatement>, last: &SignedJoint) -> Option<Box<AgreedJoint>> {
    let signature_of = |signer: &u16| {
        if *signer == last.delegation {
            return Some(last.signature);
        }
        let (_, signature) = known?.signatures.get(signer)?;
        Some(*signature)
    };
    let signatures = last.joint.signers.iter().map(signature_of).collect::<Option<_>>()?;
    let joint = last.joint.clone();
    Some(Box::new(AgreedJoint { joint, signatures }))
}

/// A date that is far off is refused: the house cannot keep a text back for days and pass it off as late.
pub(super) fn check_clock(now_ms: u64, at_ms: u64) -> Result<(), Refusal> {
    if now_ms.abs_diff(at_ms) > limits::CLOCK_SKEW_MS_MAX {
        return Err(Refusal::Text(
            "its time is far from ours; check the clock of this device",
        ));
    }
    Ok(())
}
