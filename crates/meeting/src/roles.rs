//! What a role may do: one table, for the server and for every member's client.

use incamera_protocol::view::MotionKind;

use crate::credential::Role;

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Move to open, close or adjourn.
    Move(MotionKind),
    /// Speak for the delegation in answer to a motion to open.
    Consent,
    /// Send sound and pictures, and disclose their keys in open parts.
    Send,
    /// Sit in a booth and interpret into its channel.
    Interpret,
    /// Look after the booths: answer a call for help, and write to a booth without sitting in it.
    Attend,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Principal, Self::Adviser, Self::Interpreter, Self::Secretary];

    /// The table. What is not in it anybody in the group may do: say where their frames end, confirm an epoch, carry
    /// out what others have decided, leave.
    pub fn may(self, right: Right) -> bool {
        match (self, right) {
            (_, Right::Send) => true,
            (role, Right::Interpret) => role == Self::Interpreter,
            (role, Right::Attend) => matches!(role, Self::Principal | Self::Secretary),
            (role, Right::Move(_) | Right::Consent) => role == Self::Principal,
        }
    }

    /// Whoever leads a delegation goes before others in the queue of those who wish to speak, gives the floor where no
    /// chair does, and may ask somebody to turn their microphone off or on.
    pub fn leads(self) -> bool {
        match self {
            Self::Principal => true,
            Self::Adviser | Self::Interpreter | Self::Secretary => false,
        }
    }

    /// The role of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}
