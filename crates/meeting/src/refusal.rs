//! Why something is refused, in words for the person and a code for the client.

use incamera_protocol::ErrorCode;

/// A refusal: nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes are not what they should be.
    #[error("This could not be read.")]
    Malformed,
    /// Beyond a limit.
    #[error("The {0} is too long, or there are too many.")]
    TooLarge(&'static str),
    /// The charter does not hold.
    #[error("This charter is not valid: {0}.")]
    Charter(&'static str),
    /// The charter is not the one of this meeting.
    #[error("This is not the charter that the link names. Somebody may have altered it; do not go on.")]
    CharterAltered,
    /// The chain claim → letter → device does not hold.
    #[error("This letter of credence is not valid for this meeting: {0}.")]
    Credential(&'static str),
    /// Another client claimed the delegation.
    #[error("This delegation has already been claimed by another device. If that was not you, tell the convener.")]
    SlotTaken,
    /// The letter's time is over.
    #[error("This letter of credence has expired. Ask your delegation for a new one.")]
    LetterExpired,
    /// Another device holds the letter.
    #[error("This letter of credence is in use on another device.")]
    LetterInUse,
    /// The delegation has taken the letter back.
    #[error("This letter of credence has been revoked by its delegation.")]
    LetterRevoked,
    /// The letter, or this device, needs its delegation's word first.
    #[error("Your delegation has to let you in first.")]
    NotLetIn,
    /// Somebody signs another history of this epoch than the one seen here.
    #[error("A member has seen another course of this meeting than you have.")]
    Forked,
    /// Not in the group.
    #[error("You are not a member of this meeting.")]
    NotAMember,
    /// For an epoch that is not the current one.
    #[error("The meeting has moved on; please try again.")]
    StaleEpoch,
    /// The role may not do this.
    #[error("Your role does not allow this.")]
    Role,
    /// It makes no sense in this phase.
    #[error("This cannot be done now.")]
    Phase,
    /// The charter has the meeting report to the public before it ends.
    #[error("This meeting reports to the public before it ends: open the doors first, and adjourn it there.")]
    ReportDue,
    /// An opening without every delegation's consent.
    #[error("Not every delegation has consented.")]
    ConsentMissing,
    /// A motion or consent that is forged, for another meeting, part or epoch, or lapsed.
    #[error("The motion or a consent is not valid: {0}.")]
    Motion(&'static str),
    /// Disclosed keys that their sender has not signed.
    #[error("The disclosed keys are not signed by their sender.")]
    Disclosure,
    /// What an interpreter wants at the booths does not go.
    #[error("This cannot be done in the booth: {0}.")]
    Booth(&'static str),
    /// It cannot be whispered now.
    #[error("You cannot speak to your delegation alone now: {0}.")]
    Whisper(&'static str),
    /// A text for the public that does not hold, or comes at the wrong place.
    #[error("This text cannot be published: {0}.")]
    Text(&'static str),
    /// What the house has given is not what was offered.
    #[error("What the house has given is not the document that was offered. Nothing of it is shown.")]
    DocumentAltered,
    /// The offer of a document is not known here, or no longer.
    #[error("This device has no key to this document any more. Ask whoever offered it to offer it again.")]
    DocumentKeyless,
    /// A document that was sealed for another part.
    #[error("The part for which this document was meant is over. Offer it again if it is meant for this one.")]
    DocumentPart,
    /// A file that is not what it was when it was chosen.
    #[error("The file has changed while it was read. Please choose it again.")]
    DocumentChanged,
    /// A recording that cannot be one of this meeting.
    #[error("This cannot be a recording of this meeting: {0}.")]
    Recording(&'static str),
    /// A commit of a kind that this meeting does not allow.
    #[error("This change to the group is not allowed: {0}.")]
    Commit(&'static str),
    /// Over.
    #[error("The meeting is adjourned.")]
    Adjourned,
}

impl Refusal {
    /// The code for the client.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed | Self::DocumentAltered => ErrorCode::Malformed,
            Self::TooLarge(_) => ErrorCode::TooLarge,
            Self::Charter(_) | Self::CharterAltered => ErrorCode::Charter,
            Self::Credential(_) => ErrorCode::Credential,
            Self::SlotTaken => ErrorCode::SlotTaken,
            Self::LetterExpired => ErrorCode::LetterExpired,
            Self::LetterInUse => ErrorCode::LetterInUse,
            Self::LetterRevoked => ErrorCode::LetterRevoked,
            Self::NotAMember => ErrorCode::NotAMember,
            Self::StaleEpoch => ErrorCode::StaleEpoch,
            Self::NotLetIn
            | Self::Role
            | Self::Phase
            | Self::ReportDue
            | Self::ConsentMissing
            | Self::Motion(_)
            | Self::Booth(_)
            | Self::Whisper(_)
            | Self::Text(_)
            | Self::DocumentKeyless
            | Self::DocumentPart
            | Self::DocumentChanged
            | Self::Recording(_) => ErrorCode::NotAllowed,
            Self::Commit(_) | Self::Forked | Self::Disclosure => ErrorCode::Handshake,
            Self::Adjourned => ErrorCode::Adjourned,
        }
    }
}
