//! What a delegation's key signs besides letters: who is let in, and which letter is dead.

use incamera_protocol::MeetingId;
use incamera_protocol::limits;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Decode as _, serde_as_encoding};
use crate::credential::{LetterId, Signed};
use crate::refusal::Refusal;
use crate::sign::{PublicKey, Seed};

/// An act of a delegation. Signed by the delegation key, label `act`.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Act {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Index into the charter's delegations.
    pub delegation: u16,
    /// By the signer's clock, in milliseconds since the Unix epoch. Of two admissions of one letter the later counts.
    pub at_ms: u64,
    /// What is done.
    pub deed: Deed,
}

/// See [`Act`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Deed {
    /// This device may enter with this letter, instead of any other.
    #[tls_codec(discriminant = 1)]
    Admit(LetterId, PublicKey),
    /// This letter is dead; its holder is removed.
    #[tls_codec(discriminant = 2)]
    Revoke(LetterId),
}

serde_as_encoding!(Signed<Act>);

impl Signed<Act> {
    /// The delegation lets a device in with a letter.
    pub fn admit(
        meeting: MeetingId,
        delegation: u16,
        letter: LetterId,
        device: PublicKey,
        now_ms: u64,
        seed: &Seed,
    ) -> Self {
        Self::act(meeting, delegation, Deed::Admit(letter, device), now_ms, seed)
    }

    /// The delegation revokes a letter.
    pub fn revoke(meeting: MeetingId, delegation: u16, letter: LetterId, now_ms: u64, seed: &Seed) -> Self {
        Self::act(meeting, delegation, Deed::Revoke(letter), now_ms, seed)
    }

    fn act(meeting: MeetingId, delegation: u16, deed: Deed, at_ms: u64, seed: &Seed) -> Self {
        let act = Act {
            meeting: meeting.0,
            delegation,
            at_ms,
            deed,
        };
        Self::new("act", act, seed)
    }

    /// Reads an act without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::CREDENTIAL_BYTES_MAX {
            return Err(Refusal::TooLarge("act"));
        }
        Self::decode(bytes)
    }

    /// Whether this delegation's key has signed it, for this meeting.
    pub fn is_by(&self, meeting: MeetingId, delegation: u16, key: &PublicKey) -> bool {
        self.body.meeting == meeting.0 && self.body.delegation == delegation && self.verify("act", key)
    }
}
