//! What a delegation says in public: its readout, and statements that it signs with others.

use std::collections::BTreeMap;

use incamera_meeting::{Decode as _, Encode as _, Joint, JointId, Readout, Refusal, Signed, SignedJoint, Translation};
use incamera_protocol::Bytes;
use incamera_protocol::desk::{DeskJoint, DeskMessage, DeskReadout, DeskState, DeskText};
use incamera_protocol::public::SignedJointStatement;

use super::{Desk, DeskAction};
use crate::action::Failure;

/// What this desk knows of what was published. Nothing is in it whose signature does not hold.
#[derive(Default)]
pub(super) struct Published {
    /// The latest version of the delegation's own readout that was ever seen here: a server that goes back to an older one
    /// is not followed.
    readout: Option<Signed<Readout>>,
    joints: BTreeMap<JointId, Known>,
}

struct Known {
    joint: Joint,
    signed_by: BTreeMap<u16, [u8; 64]>,
}

impl Known {
    /// All have signed who are named in it.
    fn is_public(&self) -> bool {
        self.joint
            .signers
            .iter()
            .all(|signer| self.signed_by.contains_key(signer))
    }
}

impl Published {
    /// Whether another statement is public that follows this one, or that follows what this one was to follow.
    fn is_replaced(&self, id: JointId, known: &Known) -> bool {
        let mut others = self.joints.iter().filter(|(other, it)| **other != id && it.is_public());
        others.any(|(_, other)| {
            let rival = other.joint.version > 1 && other.joint.previous == known.joint.previous;
            other.joint.previous == id.0 || rival
        })
    }
}

impl Desk {
    pub(super) fn take_readout(&mut self, state: &DeskState) {
        let Some(bytes) = &state.readout else {
            return;
        };
        let Ok(readout) = Signed::<Readout>::read(&bytes.0) else {
            return;
        };
        let known = self.published.readout.as_ref();
        let is_newer = known.is_none_or(|known| known.body.version < readout.body.version);
        let key = self.claim.body.delegation_key;
        if is_newer && readout.is_by(self.rules.id(), self.delegation(), &key) {
            self.published.readout = Some(readout);
        }
    }

    pub(super) fn take_joint(&mut self, told: &SignedJointStatement) {
        let Ok(joint) = Joint::decode(&told.statement.0) else {
            return;
        };
        for signature in &told.signatures {
            let Ok(bytes) = <[u8; 64]>::try_from(signature.signature.0.as_slice()) else {
                continue;
            };
            let signed = SignedJoint {
                joint: joint.clone(),
                delegation: signature.delegation,
                signature: bytes,
            };
            self.learn_joint(&signed);
        }
        self.show();
    }

    fn learn_joint(&mut self, signed: &SignedJoint) {
        let delegation = signed.delegation;
        let id = signed.joint.id();
        let known = self.published.joints.get(&id);
        if known.is_some_and(|known| known.signed_by.contains_key(&delegation)) {
            return;
        }
        // Bounds and form: what nobody may publish is not shown to be signed, nor what this delegation is not to sign.
        let is_named = signed.joint.signers.contains(&self.delegation());
        if !is_named || SignedJoint::read(&signed.encode()).is_err() {
            return;
        }
        let holds = self
            .rules
            .delegation_key(delegation)
            .is_some_and(|key| signed.is_by(self.rules.id(), delegation, key));
        if holds {
            let known = self.published.joints.entry(id).or_insert_with(|| Known {
                joint: signed.joint.clone(),
                signed_by: BTreeMap::new(),
            });
            known.signed_by.insert(delegation, signed.signature);
        }
    }

    /// Signs the next version of the readout and hands it over. It is public from then on, and so are all before it.
    pub(super) fn publish(&mut self, texts: &[DeskText], now_ms: u64) -> Result<(), Failure> {
        self.must_be_connected()?;
        let (meeting, delegation) = (self.rules.id(), self.delegation());
        let previous = self.published.readout.as_ref().map(|readout| &readout.body);
        let texts = translations(texts)?;
        if previous.is_some_and(|previous| previous.texts == texts) {
            return Err(Refusal::Text("it says what the last version says").into());
        }
        let readout = Signed::readout(meeting, delegation, previous, texts, now_ms, &self.seed)?;
        let message = DeskMessage::Publish {
            readout: Bytes(readout.encode()),
        };
        self.actions.push_back(DeskAction::Send { message });
        Ok(())
    }

    /// Puts a statement before others, signed by this delegation.
    pub(super) fn propose(&mut self, signers: &[u16], texts: &[DeskText], now_ms: u64) -> Result<(), Failure> {
        self.must_be_connected()?;
        let others = signers.iter().copied().filter(|signer| *signer != self.delegation());
        let signers = others.chain([self.delegation()]).collect();
        let joint = Joint::new(self.rules.id(), signers, translations(texts)?, now_ms)?;
        self.say_joint(joint);
        Ok(())
    }

    /// Puts the next version of a statement before those who have signed it.
    pub(super) fn correct_joint(&mut self, id: &str, texts: &[DeskText], now_ms: u64) -> Result<(), Failure> {
        self.must_be_connected()?;
        let last = self.known_joint(id).filter(|known| known.is_public());
        let last = &last.ok_or(Refusal::Malformed)?.joint;
        let texts = translations(texts)?;
        if last.texts == texts {
            return Err(Refusal::Text("it says what the last version says").into());
        }
        let joint = last.corrected(texts, now_ms)?;
        self.say_joint(joint);
        Ok(())
    }

    /// Signs a statement that another delegation has put.
    pub(super) fn sign_joint(&mut self, id: &str) -> Result<(), Failure> {
        self.must_be_connected()?;
        let known = self.known_joint(id).ok_or(Refusal::Malformed)?;
        let joint = known.joint.clone();
        self.say_joint(joint);
        Ok(())
    }

    fn known_joint(&self, id: &str) -> Option<&Known> {
        let mut joints = self.published.joints.iter();
        let (_, known) = joints.find(|(known, _)| text_of(**known) == id)?;
        Some(known)
    }

    fn say_joint(&mut self, joint: Joint) {
        let signed = joint.signed(self.delegation(), &self.seed);
        let message = DeskMessage::Joint {
            joint: Bytes(signed.encode()),
        };
        self.actions.push_back(DeskAction::Send { message });
    }

    /// Whoever is not connected does not know the last version.
    fn must_be_connected(&self) -> Result<(), Failure> {
        if self.connected {
            Ok(())
        } else {
            Err(Refusal::Phase.into())
        }
    }

    pub(super) fn readout_view(&self) -> Option<DeskReadout> {
        let readout = &self.published.readout.as_ref()?.body;
        Some(DeskReadout {
            version: u32::from(readout.version),
            at_ms: readout.at_ms,
            texts: readout.texts.iter().map(desk_text).collect(),
        })
    }

    pub(super) fn joint_views(&self) -> Vec<DeskJoint> {
        let mut views: Vec<DeskJoint> = self
            .published
            .joints
            .iter()
            .map(|(id, known)| DeskJoint {
                id: text_of(*id),
                at_ms: known.joint.at_ms,
                version: u32::from(known.joint.version),
                texts: known.joint.texts.iter().map(desk_text).collect(),
                signers: known.joint.signers.clone(),
                signed_by: known.signed_by.keys().copied().collect(),
                current: !self.published.is_replaced(*id, known),
            })
            .collect();
        views.sort_by_key(|view| view.at_ms);
        views
    }
}

fn text_of(id: JointId) -> String {
    Bytes(id.0.to_vec()).encode()
}

fn translations(texts: &[DeskText]) -> Result<Vec<Translation>, Refusal> {
    texts
        .iter()
        .map(|text| Translation::typed(&text.language, &text.markdown))
        .collect()
}

fn desk_text(text: &Translation) -> DeskText {
    DeskText {
        language: text.language.as_str().to_owned(),
        markdown: text.markdown.as_str().to_owned(),
    }
}
