//! What really happened, kept apart from what anybody believes: who was given a letter, what persons really asked for,
//! what was really sealed.

use std::collections::{BTreeMap, BTreeSet};

use incamera_meeting::{LetterId, PublicKey};
use incamera_protocol::{Kid, Leaf, Stream};

/// The epoch authenticator names a group in an epoch, whatever a server says of it.
pub(crate) type Group = Vec<u8>;

/// A frame that a member sealed.
pub(crate) struct Frame {
    pub(crate) letter: LetterId,
    pub(crate) leaf: Leaf,
    pub(crate) stream: Stream,
    pub(crate) kid: Kid,
    pub(crate) plain: Vec<u8>,
    pub(crate) wire: Vec<u8>,
}

/// What somebody has really typed, and where.
pub(crate) struct Typing {
    pub(crate) by: LetterId,
    pub(crate) delegation: Option<u16>,
    /// Founding and part.
    pub(crate) part: (u32, u32),
}

#[derive(Default)]
pub(crate) struct Truth {
    /// Letters that a delegation has really given, with the devices on which they are really used.
    pub(crate) devices: BTreeSet<(LetterId, PublicKey)>,
    /// Devices that a delegation has really let in.
    pub(crate) admitted: BTreeSet<(LetterId, PublicKey)>,
    /// Letters whose holder has to be let in.
    pub(crate) asking: BTreeSet<LetterId>,
    /// Which person of which delegation really moved to open, by the motion.
    pub(crate) moved: BTreeMap<String, u16>,
    /// Consents that persons have really given: to this motion, for this delegation.
    pub(crate) consents: BTreeSet<(String, u16)>,
    /// Openings that were seen to have all their consents, with the motion: founding, part, warrant.
    pub(crate) openings: BTreeMap<(u32, u32, [u8; 32]), String>,
    /// Who has confirmed which group (hash of its authenticator).
    pub(crate) confirmed: BTreeSet<([u8; 32], LetterId)>,
    /// When somebody last gave a sign of life in a group (hash of its authenticator).
    pub(crate) alive_ms: BTreeMap<([u8; 32], LetterId), u64>,
    /// What people have really written, and on which device.
    pub(crate) written: BTreeMap<String, (LetterId, PublicKey)>,
    /// What people have really typed live.
    pub(crate) typed: BTreeMap<String, Typing>,
    /// Under which key which counters were used.
    pub(crate) used: BTreeSet<(Group, u64, u64)>,
    pub(crate) frames: Vec<Frame>,
    /// Epoch, context, roster of each group.
    pub(crate) groups: BTreeMap<Group, String>,
    /// The one group of each founding and epoch (honest server).
    pub(crate) epochs: BTreeMap<(u32, u64), Group>,
    /// The one order of what was said in each group (honest server).
    pub(crate) said: BTreeMap<(Group, u32), [u8; 32]>,
}
