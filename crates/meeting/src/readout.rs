//! What delegations say in public about a meeting: each its own readout, and statements that several sign.

use incamera_protocol::{MeetingId, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Decode as _, Encode as _, serde_as_encoding};
use crate::credential::Signed;
use crate::prose::{Translation, check_translations};
use crate::refusal::Refusal;
use crate::sign::{PublicKey, Seed, hash};

/// One delegation's account of the meeting. Signed by the delegation key, label `readout`. A correction is a new version;
/// the old ones stay.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Readout {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// Counts from 1.
    pub version: u16,
    /// The hash of the version before; zeros for the first.
    pub previous: [u8; 32],
    /// By the signer's clock, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What is said, in one language or several.
    pub texts: Vec<Translation>,
}

/// One text for several delegations, each of which signs these bytes with its own key, label `joint`. It names nobody:
/// who stands behind it are those who signed it.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Joint {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// By the clock of whoever put it before the others.
    pub at_ms: u64,
    /// What is said, in one language or several.
    pub texts: Vec<Translation>,
}

/// Names a joint statement: its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct JointId(pub [u8; 32]);

/// A joint statement with the signature of one delegation.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct SignedJoint {
    /// What is signed.
    pub joint: Joint,
    /// Index into the charter's delegations: whose signature it is.
    pub delegation: u16,
    /// By that delegation's key, label `joint`, over `joint` alone.
    pub signature: [u8; 64],
}

serde_as_encoding!(Signed<Readout>, SignedJoint, JointId);

impl Readout {
    /// What the next version names.
    pub fn hash(&self) -> [u8; 32] {
        hash("readout", &self.encode())
    }
}

impl Signed<Readout> {
    /// The delegation signs the version after `previous`.
    pub fn readout(
        meeting: MeetingId,
        delegation: u16,
        previous: Option<&Readout>,
        texts: Vec<Translation>,
        now_ms: u64,
        seed: &Seed,
    ) -> Result<Self, Refusal> {
        let readout = Readout {
            meeting: meeting.0,
            delegation,
            version: previous.map_or(1, |previous| previous.version.saturating_add(1)),
            previous: previous.map_or([0; 32], Readout::hash),
            at_ms: now_ms,
            texts,
        };
        check_translations(&readout.texts)?;
        let signed = Self::new("readout", readout, seed);
        within(&signed.encode(), limits::READOUT_BYTES_MAX, "readout")?;
        Ok(signed)
    }

    /// Reads a readout without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        within(bytes, limits::READOUT_BYTES_MAX, "readout")?;
        let signed = Self::decode(bytes)?;
        check_translations(&signed.body.texts)?;
        Ok(signed)
    }

    /// Whether this delegation's key has signed it, for this meeting.
    pub fn is_by(&self, meeting: MeetingId, delegation: u16, key: &PublicKey) -> bool {
        self.body.meeting == meeting.0 && self.body.delegation == delegation && self.verify("readout", key)
    }
}

impl Joint {
    /// A text to be put before the other delegations.
    pub fn new(meeting: MeetingId, texts: Vec<Translation>, now_ms: u64) -> Result<Self, Refusal> {
        check_translations(&texts)?;
        let joint = Self {
            meeting: meeting.0,
            at_ms: now_ms,
            texts,
        };
        within(&joint.encode(), limits::JOINT_BYTES_MAX, "joint statement")?;
        Ok(joint)
    }

    /// Its hash.
    pub fn id(&self) -> JointId {
        JointId(hash("joint", &self.encode()))
    }

    /// With one delegation's signature.
    pub fn signed(self, delegation: u16, seed: &Seed) -> SignedJoint {
        let signature = seed.sign("joint", &self.encode());
        SignedJoint {
            joint: self,
            delegation,
            signature,
        }
    }
}

impl SignedJoint {
    /// Reads one without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        // The statement, the number of the delegation and the signature.
        within(bytes, limits::JOINT_BYTES_MAX + 66, "joint statement")?;
        let signed = Self::decode(bytes)?;
        check_translations(&signed.joint.texts)?;
        Ok(signed)
    }

    /// Whether this delegation's key has signed it, for this meeting.
    pub fn is_by(&self, meeting: MeetingId, delegation: u16, key: &PublicKey) -> bool {
        self.joint.meeting == meeting.0
            && self.delegation == delegation
            && key.verifies("joint", &self.joint.encode(), &self.signature)
    }
}

fn within(bytes: &[u8], bytes_max: usize, what: &'static str) -> Result<(), Refusal> {
    if bytes.len() > bytes_max {
        Err(Refusal::TooLarge(what))
    } else {
        Ok(())
    }
}
