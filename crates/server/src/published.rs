//! What was published in a meeting, as the world may read it.

use std::sync::{Arc, OnceLock};

use incamera_meeting::{Announcement, Encode as _, JointStatement, Meeting, PublishedReadout, Signed};
use incamera_protocol::Bytes;
use incamera_protocol::public::{
    Announcements, JointSignature, OtherHouse, PublicState, Readouts, SignedJointStatement, SignedReadout,
};

use crate::public::{Page, Reader};

/// All that the public sees of a meeting at one moment. Never changed; the next moment has one of its own.
pub(crate) struct PublicView {
    /// As it is pushed to the gallery.
    pub(crate) state: Arc<PublicState>,
    /// Until when the public is not told of the meeting at all.
    pub(crate) embargo_until_ms: Option<u64>,
    pub(crate) claims: Vec<Option<Bytes>>,
    pub(crate) announcements: Vec<Signed<Announcement>>,
    /// In the order in which they came.
    pub(crate) readouts: Vec<PublishedReadout>,
    /// Those that are public.
    pub(crate) joints: Vec<JointStatement>,
    /// By the kind of reader.
    pages: [OnceLock<Page>; Reader::KINDS],
}

impl PublicView {
    pub(crate) fn of(meeting: &Meeting) -> Self {
        let slots = (0u16..).zip(&meeting.charter().delegations);
        Self {
            state: Arc::new(meeting.public_state()),
            embargo_until_ms: meeting.embargo_until_ms(),
            claims: slots
                .map(|(index, _)| meeting.claim_of(index).map(|claim| Bytes(claim.encode())))
                .collect(),
            announcements: meeting.announcements().to_vec(),
            readouts: meeting.readouts().to_vec(),
            joints: meeting.public_joints().cloned().collect(),
            pages: std::array::from_fn(|_| OnceLock::new()),
        }
    }

    /// The same of a meeting that another house has held.
    pub(crate) fn of_another(meeting: &Meeting, house: OtherHouse) -> Self {
        let mut view = Self::of(meeting);
        Arc::make_mut(&mut view.state).from_house = Some(house);
        view
    }

    /// The public page, written once for each kind of reader.
    pub(crate) fn page(&self, reader: Reader) -> Page {
        let write = || crate::public::meeting(self, reader);
        match self.pages.get(reader.kind()) {
            Some(page) => page.get_or_init(write).clone(),
            None => write(),
        }
    }

    /// Whether the public may know of this meeting.
    pub(crate) fn is_public(&self, now_ms: u64) -> bool {
        self.embargo_until_ms.is_none_or(|until_ms| now_ms >= until_ms)
    }

    /// For whoever checks signatures.
    pub(crate) fn signed_readouts(&self) -> Readouts {
        Readouts {
            claims: self.claims.clone(),
            readouts: self
                .readouts
                .iter()
                .map(|published| SignedReadout {
                    at_ms: published.at_ms,
                    readout: Bytes(published.readout.encode()),
                })
                .collect(),
            joints: self.joints.iter().map(signed_joint).collect(),
        }
    }

    /// For whoever checks signatures, and for the convener, who signs the next version.
    pub(crate) fn signed_announcements(&self) -> Announcements {
        Announcements {
            announcements: self.announcements.iter().map(|signed| Bytes(signed.encode())).collect(),
        }
    }
}

/// A joint statement with its signatures.
pub(crate) fn signed_joint(joint: &JointStatement) -> SignedJointStatement {
    SignedJointStatement {
        statement: Bytes(joint.joint.encode()),
        signatures: joint
            .signatures
            .iter()
            .map(|(delegation, (at_ms, signature))| JointSignature {
                delegation: *delegation,
                at_ms: *at_ms,
                signature: Bytes(signature.to_vec()),
            })
            .collect(),
    }
}
