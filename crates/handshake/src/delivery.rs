//! The delivery service's side (RFC 9750 §5): follows the group without its secrets, and says what each commit would
//! do before it is taken in.

use std::collections::BTreeMap;

use incamera_meeting::{Added, CommitFacts, Meeting, MeetingContext};
use incamera_protocol::member::Position;
use incamera_protocol::{Leaf, MeetingId};
use openmls::group::{ProposalStore, PublicGroup};
use openmls::prelude::{MlsMessageBodyIn, MlsMessageIn, ProcessedMessageContent, RatchetTreeIn, StagedCommit};
use openmls_rust_crypto::{MemoryStorage, RustCrypto};
use tls_codec::{Deserialize as _, Serialize as _};

use crate::HandshakeError;
use crate::facts::{added_of, application_message, facts_of, key_package_of, leaf_key_of, protocol_message};
use crate::profile::{CIPHERSUITE, context_of, group_id};

/// The public group of one meeting.
pub struct Delivery {
    meeting: MeetingId,
    founding: u32,
    group: PublicGroup,
    crypto: RustCrypto,
    storage: MemoryStorage,
}

/// What a GroupInfo of a founder says.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The founder's leaf.
    pub leaf: Leaf,
    /// The founder.
    pub founder: Added,
    /// What the group starts with.
    pub context: MeetingContext,
}

/// A commit that is valid MLS, not merged yet.
pub struct Staged {
    /// What it would do.
    pub facts: CommitFacts,
    /// The leaf keys of the key packages that it adds, as in [`Newcomer::leaf_key`].
    pub newcomers: Vec<Vec<u8>>,
    commit: StagedCommit,
}

/// A key package that holds.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Who asks to be added.
    pub added: Added,
    /// By which it is told from every other: see [`leaf_key_of`].
    pub leaf_key: Vec<u8>,
}

impl Delivery {
    /// Starts to follow a group from its founder's GroupInfo: one member, epoch 0, the tree inside.
    pub fn found(meeting: MeetingId, group_info: &[u8]) -> Result<(Self, Founding), HandshakeError> {
        let message = MlsMessageIn::tls_deserialize_exact(group_info).map_err(|_| HandshakeError::Malformed)?;
        let MlsMessageBodyIn::GroupInfo(info) = message.extract() else {
            return Err(HandshakeError::Malformed);
        };
        if info.ciphersuite() != CIPHERSUITE {
            return Err(HandshakeError::Profile);
        }
        // The ratchet tree travels as an extension of the GroupInfo (RFC 9420 §12.4.3.3).
        let tree = info.extensions().ratchet_tree().ok_or(HandshakeError::Malformed)?;
        let tree = tree
            .ratchet_tree()
            .tls_serialize_detached()
            .map_err(|_| HandshakeError::Malformed)?;
        let tree = RatchetTreeIn::tls_deserialize_exact(&tree).map_err(|_| HandshakeError::Malformed)?;
        let crypto = RustCrypto::default();
        let storage = MemoryStorage::default();
        let (group, _) = PublicGroup::from_external(&crypto, &storage, tree, info, ProposalStore::new())
            .map_err(|error| HandshakeError::of_library(&error))?;
        let context = context_of(group.group_context())?;
        let mut members = group.members();
        let (Some(founder), None) = (members.next(), members.next()) else {
            return Err(HandshakeError::Malformed);
        };
        drop(members);
        let right_group = group.group_id() == &group_id(meeting, context.founding)
            && group.group_context().epoch().as_u64() == 0
            && context.meeting == meeting.0;
        if !right_group {
            return Err(HandshakeError::Profile);
        }
        let founding = Founding {
            leaf: Leaf(founder.index.u32()),
            founder: added_of(&founder.credential, &founder.signature_key)?,
            context,
        };
        Ok((
            Self {
                meeting,
                founding: founding.context.founding,
                group,
                crypto,
                storage,
            },
            founding,
        ))
    }

    /// Founding and epoch.
    pub fn position(&self) -> Position {
        Position {
            founding: self.founding,
            epoch: self.group.group_context().epoch().as_u64(),
        }
    }

    /// Validates a commit and says what it would do; changes nothing.
    pub fn stage(&self, commit: &[u8]) -> Result<Staged, HandshakeError> {
        let processed = self
            .group
            .process_message(&self.crypto, protocol_message(commit)?)
            .map_err(|error| HandshakeError::of_library(&error))?;
        let sender = processed.sender().clone();
        let aad = processed.aad().to_vec();
        match processed.into_content() {
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                let facts = facts_of(self.meeting, self.position(), &sender, &aad, &commit)?;
                let newcomers = commit.add_proposals();
                let newcomers = newcomers.map(|add| leaf_key_of(add.add_proposal().key_package()));
                Ok(Staged {
                    facts,
                    newcomers: newcomers.collect::<Result<_, _>>()?,
                    commit: *commit,
                })
            }
            // Bare proposals are not used: whatever is wanted stands in the commit itself.
            _ => Err(HandshakeError::Malformed),
        }
    }

    /// Takes a staged commit in.
    pub fn merge(&mut self, staged: Staged) -> Result<(), HandshakeError> {
        self.group
            .merge_commit(&self.storage, staged.commit)
            .map_err(|error| HandshakeError::of_library(&error))
    }

    /// Whether this is application data of the epoch that runs, as far as can be seen without its keys.
    pub fn check_application(&self, bytes: &[u8]) -> Result<(), HandshakeError> {
        let message = application_message(bytes)?;
        if message.group_id() != self.group.group_context().group_id()
            || message.epoch() != self.group.group_context().epoch()
        {
            return Err(HandshakeError::Invalid("it is sealed for another epoch".to_owned()));
        }
        Ok(())
    }

    /// Validates a newcomer's key package.
    pub fn check_key_package(bytes: &[u8]) -> Result<Newcomer, HandshakeError> {
        let (key_package, added) = key_package_of(bytes, &RustCrypto::default())?;
        Ok(Newcomer {
            added,
            leaf_key: leaf_key_of(&key_package)?,
        })
    }

    /// Who is in the tree, for comparison with the roster of the rules.
    pub fn members(&self) -> Result<Vec<(Leaf, Added)>, HandshakeError> {
        self.group
            .members()
            .map(|member| {
                Ok((
                    Leaf(member.index.u32()),
                    added_of(&member.credential, &member.signature_key)?,
                ))
            })
            .collect()
    }

    /// Whether the rules and the MLS library see the same group: position, leaves, devices. If they do not, one of them is
    /// wrong about who is in the room, and nothing may go on.
    pub fn agrees_with(&self, meeting: &Meeting) -> bool {
        let (Some(group), Ok(members)) = (meeting.group(), self.members()) else {
            return false;
        };
        let roster: BTreeMap<Leaf, _> = group
            .roster
            .iter()
            .map(|(leaf, person)| (*leaf, person.device_key))
            .collect();
        let tree: BTreeMap<Leaf, _> = members
            .into_iter()
            .map(|(leaf, member)| (leaf, member.device_key))
            .collect();
        group.position() == self.position() && roster == tree
    }
}
