//! What delegations have published, and who may publish what. A meeting that is over is no obstacle: readouts come when
//! it suits those who write them.

use std::collections::BTreeMap;

use incamera_protocol::limits;

use super::{Event, Meeting};
use crate::credential::Signed;
use crate::readout::{Joint, JointId, Readout, SignedJoint};
use crate::refusal::Refusal;
use crate::sign::PublicKey;

/// How many delegations must have signed a joint statement before the public sees it: one alone is not joint.
const JOINT_SIGNERS_MIN: usize = 2;

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
    /// When it became public: with the second signature.
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
        let joints = self
            .published
            .joints
            .iter()
            .filter(|joint| joint.public_at_ms.is_some());
        let signatures: usize = joints.map(|joint| joint.signatures.len()).sum();
        u32::try_from(self.published.readouts.len() + signatures).unwrap_or(u32::MAX)
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
        let key = self.key_of_publisher(delegation)?;
        if !signed.is_by(self.id, delegation, key) {
            return Err(Refusal::Credential("the statement is not signed by its delegation"));
        }
        match self.joint(signed.joint.id()) {
            Some(known) if known.signatures.contains_key(&delegation) => return Ok(Vec::new()),
            Some(_) => {}
            None => {
                check_clock(now_ms, signed.joint.at_ms)?;
                let of_its_own = |joint: &&JointStatement| joint.proposed_by == delegation;
                if self.joints().iter().filter(of_its_own).count() >= limits::JOINTS_PROPOSED_MAX {
                    return Err(Refusal::TooLarge("list of joint statements"));
                }
            }
        }
        let signed_by_it = |joint: &&JointStatement| joint.signatures.contains_key(&delegation);
        if self.joints().iter().filter(signed_by_it).count() >= limits::JOINTS_SIGNED_MAX {
            return Err(Refusal::TooLarge("list of joint statements"));
        }
        Ok(vec![Event::JointSigned { at_ms: now_ms, signed }])
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
        let Some(joint) = joints.get_mut(place) else {
            return;
        };
        joint
            .signatures
            .entry(signed.delegation)
            .or_insert((at_ms, signed.signature));
        if joint.signatures.len() >= JOINT_SIGNERS_MIN {
            joint.public_at_ms.get_or_insert(at_ms);
        }
    }
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
