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

/// One text for several delegations, each of which signs these bytes with its own key, label `joint`. It says who is to
/// sign, and is public once all of these have. A correction is a new version, signed by the same; the old ones stay.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Joint {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Who is to sign: indices into the charter's delegations, two at least, in ascending order.
    pub signers: Vec<u16>,
    /// Counts from 1.
    pub version: u16,
    /// The hash of the version before; zeros for the first.
    pub previous: [u8; 32],
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

/// A joint statement that all who are named in it have signed: what is published.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct AgreedJoint {
    /// What is signed.
    pub joint: Joint,
    /// By the key of each of its signers, in their order, label `joint`.
    pub signatures: Vec<[u8; 64]>,
}

serde_as_encoding!(Signed<Readout>, SignedJoint, AgreedJoint, JointId);

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
    /// A text to be put before these delegations.
    pub fn new(
        meeting: MeetingId,
        mut signers: Vec<u16>,
        texts: Vec<Translation>,
        now_ms: u64,
    ) -> Result<Self, Refusal> {
        signers.sort_unstable();
        Self {
            meeting: meeting.0,
            signers,
            version: 1,
            previous: [0; 32],
            at_ms: now_ms,
            texts,
        }
        .checked()
    }

    /// The version after this one, to be signed by the same.
    pub fn corrected(&self, texts: Vec<Translation>, now_ms: u64) -> Result<Self, Refusal> {
        Self {
            version: self.version.saturating_add(1),
            previous: self.id().0,
            at_ms: now_ms,
            texts,
            ..self.clone()
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Refusal> {
        check_translations(&self.texts)?;
        if self.signers.len() < 2 || !self.signers.is_sorted_by(|one, next| one < next) {
            return Err(Refusal::Text("two delegations at least sign it, and each once"));
        }
        within(&self.encode(), limits::JOINT_BYTES_MAX, "joint statement")?;
        Ok(self)
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
        signed.joint.clone().checked()?;
        Ok(signed)
    }

    /// Whether this delegation is to sign it, and its key has, for this meeting.
    pub fn is_by(&self, meeting: MeetingId, delegation: u16, key: &PublicKey) -> bool {
        self.joint.meeting == meeting.0
            && self.delegation == delegation
            && self.joint.signers.contains(&delegation)
            && key.verifies("joint", &self.joint.encode(), &self.signature)
    }
}

impl AgreedJoint {
    /// Reads one without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        // The statement, and a signature and its share of the length for each delegation.
        let signatures = 4 + 64 * limits::DELEGATIONS_MAX;
        within(bytes, limits::JOINT_BYTES_MAX + signatures, "joint statement")?;
        let agreed = Self::decode(bytes)?;
        agreed.joint.clone().checked()?;
        Ok(agreed)
    }

    /// What each of its signers has signed; none unless there is a signature for each.
    pub(crate) fn each(&self) -> Option<Vec<SignedJoint>> {
        let joint = &self.joint;
        let signed = joint.signers.iter().zip(&self.signatures);
        let each = signed.map(|(delegation, signature)| SignedJoint {
            joint: joint.clone(),
            delegation: *delegation,
            signature: *signature,
        });
        (joint.signers.len() == self.signatures.len()).then(|| each.collect())
    }
}

fn within(bytes: &[u8], bytes_max: usize, what: &'static str) -> Result<(), Refusal> {
    if bytes.len() > bytes_max {
        Err(Refusal::TooLarge(what))
    } else {
        Ok(())
    }
}
