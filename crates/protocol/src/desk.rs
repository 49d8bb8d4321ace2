//! The delegation desk's socket: `GET /api/meetings/{id}/desk` upgraded to a WebSocket that carries these as JSON text.
//!
//! ```text
//! server: challenge
//! desk:   hello            (claim, proof)
//! server: state            (and again after every change)
//! desk:   act, note, …
//! ```

use serde::{Deserialize, Serialize};

use crate::public::{PublicState, SignedJointStatement};
use crate::{Bytes, ErrorCode};

/// From a delegation's desk to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeskMessage {
    /// Which delegation this is. First message on the socket. Claims the slot if nobody has.
    Hello {
        /// The claim, signed by the slot key.
        claim: Bytes,
        /// Signature by the delegation key over the challenge.
        proof: Bytes,
    },
    /// What the delegation's key has signed.
    Act {
        /// As `incamera-meeting` encodes it.
        act: Bytes,
    },
    /// Keep this for the delegation: its list of letters, sealed under a key that the server does not have.
    Note {
        /// Sealed.
        notebook: Bytes,
    },
    /// The delegation's readout, or a new version of it: public once the server has taken it in.
    Publish {
        /// Signed by the delegation's key.
        readout: Bytes,
    },
    /// A joint statement with the delegation's signature: its own proposal, or what another has put. Public once all have
    /// signed whom it names.
    Joint {
        /// As `incamera-meeting` encodes it.
        joint: Bytes,
    },
}

/// From the server to a delegation's desk. Nothing here is believed that is not signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeskServerMessage {
    /// First message on the socket.
    Challenge {
        /// To be signed in `hello`.
        nonce: Bytes,
        /// The signed charter; its hash must be the meeting id of the link.
        charter: Bytes,
    },
    /// All that a desk sees.
    State {
        /// The whole of it.
        state: Box<DeskState>,
    },
    /// A joint statement that the delegation is to sign, and who has signed it: after the first `state`, and again with
    /// each signature.
    Joint {
        /// The whole of it.
        joint: SignedJointStatement,
    },
    /// A message of yours was refused.
    Refused {
        /// Which: the `type` of the message.
        re: String,
        /// Why.
        code: ErrorCode,
        /// One sentence for a person.
        message: String,
    },
}

/// What a desk sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DeskState {
    /// The claim of each delegation in the charter's order, signed by its slot key; none until it has claimed.
    pub claims: Vec<Option<Bytes>>,
    /// Credentials of the delegation's letters that have been used to enter.
    pub used: Vec<Bytes>,
    /// Credentials of the delegation's people who are in the group.
    pub present: Vec<Bytes>,
    /// Credentials of the delegation's people who wait to be let in.
    pub waiting: Vec<Bytes>,
    /// The delegation's revocations so far.
    pub revocations: Vec<Bytes>,
    /// What the desk noted last.
    pub notebook: Option<Bytes>,
    /// The last version of the delegation's readout.
    pub readout: Option<Bytes>,
    /// What the world sees.
    pub public: PublicState,
}

/// What a desk shows: computed from signed bytes, never from the server's word alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DeskView {
    /// Index into the charter's delegations: whose desk this is.
    pub delegation: u16,
    /// The server knows this desk.
    pub connected: bool,
    /// The fingerprint of each delegation's key, in the charter's order: 30 digits in fives; none until it is known.
    pub fingerprints: Vec<Option<Vec<String>>>,
    /// Every letter of the delegation that this desk knows of, in the order of minting.
    pub letters: Vec<DeskLetter>,
    /// Who waits to be let in.
    pub waiting: Vec<crate::view::WaitingOf>,
    /// What the delegation has published last.
    pub readout: Option<DeskReadout>,
    /// What is to be signed by this delegation and others.
    pub joints: Vec<DeskJoint>,
    /// The meeting as the world sees it.
    pub public: Option<PublicState>,
}

/// A text in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DeskText {
    /// A BCP 47 tag.
    pub language: String,
    /// What is said.
    pub markdown: String,
}

/// A delegation's readout as its desk shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DeskReadout {
    /// Counts from 1.
    pub version: u32,
    /// When it was signed, by the signer's clock.
    #[cfg_attr(test, ts(type = "number"))]
    pub at_ms: u64,
    /// What is said.
    pub texts: Vec<DeskText>,
}

/// A joint statement as a desk shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DeskJoint {
    /// Names it in the `sign_joint` command.
    pub id: String,
    /// When it was put, by the clock of whoever put it.
    #[cfg_attr(test, ts(type = "number"))]
    pub at_ms: u64,
    /// Counts from 1.
    pub version: u32,
    /// What is said.
    pub texts: Vec<DeskText>,
    /// Which delegations are to sign it.
    pub signers: Vec<u16>,
    /// Which of them have. It is public once all have.
    pub signed_by: Vec<u16>,
    /// It can still be signed: no other version was published in its place.
    pub current: bool,
}

/// A letter as the desk shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct DeskLetter {
    /// Names it in the `revoke` command.
    pub id: String,
    /// The person.
    pub name: String,
    /// `principal`, `adviser`, `interpreter` or `secretary`.
    pub role: String,
    /// Whoever holds the letter must be let in before they enter.
    pub ask: bool,
    /// Valid up to this moment, in milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub not_after_ms: u64,
    /// A device has entered with it.
    pub used: bool,
    /// Its holder is in the group now.
    pub present: bool,
    /// It has been revoked.
    pub revoked: bool,
    /// What stands after the `#` of its link, if this desk minted it. Secret.
    pub fragment: Option<String>,
}

/// What a person asks of their delegation's desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeskCommand {
    /// Mint a letter.
    Mint {
        /// The person.
        name: String,
        /// `principal`, `adviser`, `interpreter` or `secretary`.
        role: String,
        /// Whoever holds it must be let in before they enter.
        ask: bool,
        /// Valid up to this moment, in milliseconds since the Unix epoch.
        #[cfg_attr(test, ts(type = "number"))]
        not_after_ms: u64,
    },
    /// Let somebody in who waits.
    Admit {
        /// From [`crate::view::WaitingOf::id`].
        id: String,
    },
    /// Revoke a letter: it is dead, and its holder is removed.
    Revoke {
        /// From [`DeskLetter::id`].
        id: String,
    },
    /// Sign this as the delegation's readout and make it public.
    Publish {
        /// In one language or several.
        texts: Vec<DeskText>,
    },
    /// Sign this as a joint statement and put it before the others who are to sign it.
    ProposeJoint {
        /// Who: indices into the charter's delegations. The delegation itself is always one of them.
        signers: Vec<u16>,
        /// In one language or several.
        texts: Vec<DeskText>,
    },
    /// The same, as the next version of one that is public: those who signed that are to sign it.
    CorrectJoint {
        /// From [`DeskJoint::id`].
        id: String,
        /// In one language or several.
        texts: Vec<DeskText>,
    },
    /// Sign a joint statement that another delegation has put.
    SignJoint {
        /// From [`DeskJoint::id`].
        id: String,
    },
}
