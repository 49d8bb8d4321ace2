//! The MLS group as a member holds it (RFC 9420, by openmls).

use std::collections::BTreeSet;

use incamera_frame::{CLOSED_SUITE, OPEN_SUITE};
use incamera_handshake::{
    CIPHERSUITE, added_of, application_message, capabilities, context_extensions, context_of, facts_of, group_id,
    leaf_key_of, meeting_secret_id, protocol_message, wire_format_policy,
};
use incamera_meeting::{Added, CommitFacts, Encode as _, Evidence, MeetingContext};
use incamera_protocol::member::Position;
use incamera_protocol::{Leaf, MeetingId, limits};
use openmls::group::{CommitBuilder, Initial};
use openmls::prelude::{
    BasicCredential, CredentialWithKey, KeyPackage, LeafNodeIndex, MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn,
    MlsMessageIn, MlsMessageOut, PreSharedKeyProposal, ProcessedMessageContent, ProcessedWelcome, Proposal, Sender,
    StagedCommit, StagedWelcome, WelcomeError,
};
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_rust_crypto::OpenMlsRustCrypto;
use openmls_traits::OpenMlsProvider as _;
use tls_codec::Deserialize as _;
use zeroize::Zeroizing;

use crate::aside::AsideSecret;
use crate::identity::Identity;
use crate::media::NewEpoch;

/// A group operation failed; the sentence is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct GroupError(pub(crate) String);

impl GroupError {
    fn of(what: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

macro_rules! or_group_error {
    ($result:expr, $what:literal) => {
        $result.map_err(|error| GroupError::of($what)(&error))?
    };
}

/// The group, with the keys that it needs.
pub(crate) struct Group {
    meeting: MeetingId,
    founding: u32,
    mls: MlsGroup,
}

/// Messages of a commit that was made and is not merged.
pub(crate) struct Made {
    pub(crate) commit: Vec<u8>,
    pub(crate) welcome: Option<Vec<u8>>,
    pub(crate) facts: CommitFacts,
}

/// A commit of somebody else, valid MLS and not merged.
pub(crate) struct Received {
    pub(crate) facts: CommitFacts,
    pub(crate) removes_me: bool,
    /// The leaf keys of the key packages that it adds.
    pub(crate) newcomers: Vec<Vec<u8>>,
    staged: StagedCommit,
}

/// A Welcome that opened, before anything in it is believed.
pub(crate) struct Invited {
    pub(crate) epoch: u64,
    pub(crate) context: MeetingContext,
    pub(crate) roster: Vec<(Leaf, Added)>,
    staged: StagedWelcome,
}

/// Puts the meeting secret where the key schedule finds it (RFC 9420 §8.4). Before any Welcome is touched: a Welcome
/// that fails for want of it consumes the key package.
pub(crate) fn store_meeting_secret(
    provider: &OpenMlsRustCrypto,
    meeting: MeetingId,
    identity: &Identity,
) -> Result<(), GroupError> {
    let id = meeting_secret(provider, meeting)?;
    id.store(provider, identity.meeting_secret())
        .map_err(|error| GroupError(format!("storing the secret: {error}")))
}

fn meeting_secret(provider: &OpenMlsRustCrypto, meeting: MeetingId) -> Result<PreSharedKeyId, GroupError> {
    let psk = Psk::External(ExternalPsk::new(meeting_secret_id(meeting)));
    Ok(or_group_error!(
        PreSharedKeyId::new(CIPHERSUITE, provider.rand(), psk),
        "naming the meeting secret"
    ))
}

fn credential_with_key(identity: &Identity) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(identity.credential()).into(),
        signature_key: identity.device_key().0.to_vec().into(),
    }
}

/// A key package to be added by (RFC 9420 §10), as an MLSMessage, and its leaf key.
pub(crate) fn key_package(provider: &OpenMlsRustCrypto, identity: &Identity) -> Result<(Vec<u8>, Vec<u8>), GroupError> {
    let bundle = or_group_error!(
        KeyPackage::builder().leaf_node_capabilities(capabilities()).build(
            CIPHERSUITE,
            provider,
            identity,
            credential_with_key(identity),
        ),
        "making a key package"
    );
    let message = MlsMessageOut::from(bundle.key_package().clone());
    let message = or_group_error!(message.to_bytes(), "encoding a key package");
    let leaf_key = or_group_error!(leaf_key_of(bundle.key_package()), "reading a key package");
    Ok((message, leaf_key))
}

/// Builds a commit and leaves it pending, to be merged when the delivery service has put it in order.
fn stage(
    provider: &OpenMlsRustCrypto,
    identity: &Identity,
    builder: CommitBuilder<'_, Initial>,
) -> Result<(MlsMessageOut, Option<MlsMessageOut>), GroupError> {
    let builder = or_group_error!(builder.load_psks(provider.storage()), "loading the meeting secret");
    let builder = builder.build(provider.rand(), provider.crypto(), identity, |_| true);
    let bundle = or_group_error!(builder, "building the commit").stage_commit(provider);
    let (commit, welcome, _) = or_group_error!(bundle, "staging the commit").into_messages();
    Ok((commit, welcome))
}

impl Group {
    /// Founds a group of one.
    pub(crate) fn found(
        provider: &OpenMlsRustCrypto,
        identity: &Identity,
        meeting: MeetingId,
        context: &MeetingContext,
    ) -> Result<(Self, Vec<u8>), GroupError> {
        let extensions = or_group_error!(context_extensions(context), "encoding the meeting context");
        let mls = or_group_error!(
            MlsGroup::builder()
                .with_group_id(group_id(meeting, context.founding))
                .ciphersuite(CIPHERSUITE)
                .with_wire_format_policy(wire_format_policy())
                .with_group_context_extensions(extensions)
                .with_capabilities(capabilities())
                .use_ratchet_tree_extension(true)
                .max_past_epochs(0)
                .padding_size(limits::CHAT_PADDING_BYTES)
                .build(provider, identity, credential_with_key(identity)),
            "founding the group"
        );
        let info = or_group_error!(
            mls.export_group_info(provider.crypto(), identity, true),
            "exporting the group"
        );
        let info = or_group_error!(info.to_bytes(), "encoding the group");
        Ok((
            Self {
                meeting,
                founding: context.founding,
                mls,
            },
            info,
        ))
    }

    /// Opens a Welcome. Believes nothing in it yet. `None`: it is for a key package that this device does not hold.
    pub(crate) fn open_welcome(
        provider: &OpenMlsRustCrypto,
        meeting: MeetingId,
        welcome: &[u8],
    ) -> Result<Option<Invited>, GroupError> {
        let message = or_group_error!(MlsMessageIn::tls_deserialize_exact(welcome), "reading the welcome");
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
            return Err(GroupError("not a welcome".to_owned()));
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(wire_format_policy())
            .use_ratchet_tree_extension(true)
            .max_past_epochs(0)
            .padding_size(limits::CHAT_PADDING_BYTES)
            .build();
        let processed = match ProcessedWelcome::new_from_welcome(provider, &config, welcome) {
            Err(WelcomeError::NoMatchingKeyPackage) => return Ok(None),
            processed => or_group_error!(processed, "opening the welcome"),
        };
        let secret_id = meeting_secret_id(meeting);
        let has_secret = processed
            .psks()
            .iter()
            .any(|id| matches!(id.psk(), Psk::External(external) if external.psk_id() == secret_id.as_slice()));
        if !has_secret {
            return Err(GroupError("the welcome does not mix in the meeting secret".to_owned()));
        }
        let staged = or_group_error!(processed.into_staged_welcome(provider, None), "checking the welcome");
        let context = or_group_error!(context_of(staged.group_context()), "reading the meeting context");
        if staged.group_context().group_id() != &group_id(meeting, context.founding) {
            return Err(GroupError("the welcome is for another group".to_owned()));
        }
        let roster = staged
            .members()
            .map(|member| {
                Ok((
                    Leaf(member.index.u32()),
                    added_of(&member.credential, &member.signature_key)?,
                ))
            })
            .collect::<Result<Vec<_>, incamera_handshake::HandshakeError>>();
        let roster = or_group_error!(roster, "reading the members");
        Ok(Some(Invited {
            epoch: staged.group_context().epoch().as_u64(),
            context,
            roster,
            staged,
        }))
    }

    /// Enters the group of a Welcome whose contents were found good.
    pub(crate) fn enter(
        provider: &OpenMlsRustCrypto,
        meeting: MeetingId,
        invited: Invited,
    ) -> Result<Self, GroupError> {
        let mls = or_group_error!(invited.staged.into_group(provider), "entering the group");
        Ok(Self {
            meeting,
            founding: invited.context.founding,
            mls,
        })
    }

    pub(crate) fn position(&self) -> Position {
        Position {
            founding: self.founding,
            epoch: self.mls.epoch().as_u64(),
        }
    }

    pub(crate) fn me(&self) -> Leaf {
        Leaf(self.mls.own_leaf_index().u32())
    }

    pub(crate) fn authenticator(&self) -> &[u8] {
        self.mls.epoch_authenticator().as_slice()
    }

    /// A commit that adds and removes. Whoever adds mixes in the meeting secret.
    pub(crate) fn make_change(
        &mut self,
        provider: &OpenMlsRustCrypto,
        identity: &Identity,
        newcomers: Vec<KeyPackage>,
        removes: &BTreeSet<Leaf>,
    ) -> Result<Made, GroupError> {
        let secret = self.secret_if(provider, !newcomers.is_empty())?;
        self.mls.set_aad(Vec::new());
        let builder = self
            .mls
            .commit_builder()
            .force_self_update(true)
            .propose_removals(removes.iter().map(|leaf| LeafNodeIndex::new(leaf.0)))
            .propose_adds(newcomers)
            .add_proposals(secret);
        let (commit, welcome) = stage(provider, identity, builder)?;
        self.made(commit, welcome, &[])
    }

    /// A commit that changes the phase; with the evidence as authenticated data.
    pub(crate) fn make_turn(
        &mut self,
        provider: &OpenMlsRustCrypto,
        identity: &Identity,
        context: &MeetingContext,
        evidence: &Evidence,
        removes: &BTreeSet<Leaf>,
    ) -> Result<Made, GroupError> {
        let evidence = evidence.encode();
        let extensions = or_group_error!(context_extensions(context), "encoding the meeting context");
        let secret = self.secret_if(provider, false)?;
        self.mls.set_aad(evidence.clone());
        let builder = self
            .mls
            .commit_builder()
            .propose_removals(removes.iter().map(|leaf| LeafNodeIndex::new(leaf.0)))
            .add_proposals(secret)
            .propose_group_context_extensions(extensions);
        let builder = or_group_error!(builder, "proposing the meeting context");
        let (commit, welcome) = stage(provider, identity, builder)?;
        self.made(commit, welcome, &evidence)
    }

    /// The meeting secret, as a proposal: in a commit that adds somebody, and in the first of all.
    fn secret_if(&self, provider: &OpenMlsRustCrypto, adds: bool) -> Result<Option<Proposal>, GroupError> {
        if !adds && self.mls.epoch().as_u64() > 0 {
            return Ok(None);
        }
        let id = meeting_secret(provider, self.meeting)?;
        Ok(Some(Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(id)))))
    }

    fn made(&self, commit: MlsMessageOut, welcome: Option<MlsMessageOut>, evidence: &[u8]) -> Result<Made, GroupError> {
        let pending = self
            .mls
            .pending_commit()
            .ok_or_else(|| GroupError("no commit is pending".to_owned()))?;
        let sender = Sender::Member(self.mls.own_leaf_index());
        let facts = facts_of(self.meeting, self.position(), &sender, evidence, pending);
        let facts = or_group_error!(facts, "reading one's own commit");
        let welcome = match welcome {
            Some(welcome) => Some(or_group_error!(welcome.to_bytes(), "encoding the welcome")),
            None => None,
        };
        Ok(Made {
            commit: or_group_error!(commit.to_bytes(), "encoding the commit"),
            welcome,
            facts,
        })
    }

    /// Merges one's own commit, which the delivery service has put in order.
    pub(crate) fn merge_own(&mut self, provider: &OpenMlsRustCrypto) -> Result<(), GroupError> {
        or_group_error!(self.mls.merge_pending_commit(provider), "merging one's own commit");
        Ok(())
    }

    /// Gives up one's own commit.
    pub(crate) fn discard_own(&mut self, provider: &OpenMlsRustCrypto) -> Result<(), GroupError> {
        or_group_error!(
            self.mls.clear_pending_commit(provider.storage()),
            "discarding one's own commit"
        );
        Ok(())
    }

    /// Erases the group and all its keys from the store too: a device that lost it may be added to it again, and a
    /// founding that nobody has heard of be made again under the same id.
    pub(crate) fn erase(mut self, provider: &OpenMlsRustCrypto) -> Result<(), GroupError> {
        or_group_error!(self.mls.delete(provider.storage()), "erasing the group");
        Ok(())
    }

    /// Validates a commit of somebody else and says what it would do.
    pub(crate) fn receive(&mut self, provider: &OpenMlsRustCrypto, commit: &[u8]) -> Result<Received, GroupError> {
        let message = or_group_error!(protocol_message(commit), "reading a commit");
        let processed = or_group_error!(self.mls.process_message(provider, message), "checking a commit");
        let sender = processed.sender().clone();
        let aad = processed.aad().to_vec();
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(GroupError("a handshake that is no commit".to_owned()));
        };
        let facts = facts_of(self.meeting, self.position(), &sender, &aad, &staged);
        let facts = or_group_error!(facts, "reading a commit");
        let newcomers = staged.add_proposals();
        let newcomers = newcomers.map(|add| leaf_key_of(add.add_proposal().key_package()));
        let newcomers = newcomers.collect::<Result<Vec<_>, _>>();
        Ok(Received {
            facts,
            removes_me: staged.self_removed(),
            newcomers: or_group_error!(newcomers, "reading a newcomer's key package"),
            staged: *staged,
        })
    }

    /// Seals application data for everybody in this epoch (RFC 9420 §15).
    pub(crate) fn seal(
        &mut self,
        provider: &OpenMlsRustCrypto,
        identity: &Identity,
        plain: &[u8],
    ) -> Result<Vec<u8>, GroupError> {
        self.mls.set_aad(Vec::new());
        let sealed = or_group_error!(self.mls.create_message(provider, identity, plain), "sealing a message");
        Ok(or_group_error!(sealed.to_bytes(), "encoding a message"))
    }

    /// Opens application data of this epoch: whose it is, by its signature, and what. Each is opened once, whoever passes
    /// it on again; one's own never.
    pub(crate) fn open(
        &mut self,
        provider: &OpenMlsRustCrypto,
        sealed: &[u8],
    ) -> Result<(Leaf, Zeroizing<Vec<u8>>), GroupError> {
        let message = or_group_error!(application_message(sealed), "reading a message");
        let processed = or_group_error!(self.mls.process_message(provider, message), "opening a message");
        let Sender::Member(leaf) = *processed.sender() else {
            return Err(GroupError("a message by somebody who is not a member".to_owned()));
        };
        let ProcessedMessageContent::ApplicationMessage(plain) = processed.into_content() else {
            return Err(GroupError("a message that is a handshake".to_owned()));
        };
        Ok((Leaf(leaf.u32()), Zeroizing::new(plain.into_bytes())))
    }

    /// Merges a commit of somebody else that was judged and allowed.
    pub(crate) fn merge(&mut self, provider: &OpenMlsRustCrypto, received: Received) -> Result<(), GroupError> {
        or_group_error!(
            self.mls.merge_staged_commit(provider, received.staged),
            "merging a commit"
        );
        Ok(())
    }

    /// Who is in the tree.
    pub(crate) fn leaves(&self) -> BTreeSet<Leaf> {
        self.mls.members().map(|member| Leaf(member.index.u32())).collect()
    }

    /// The encryption key of a leaf: at first that of the key package by which it was added.
    pub(crate) fn leaf_key(&self, leaf: Leaf) -> Option<Vec<u8>> {
        let member = self.mls.member_at(LeafNodeIndex::new(leaf.0));
        member.map(|member| member.encryption_key)
    }

    /// The encryption keys of all leaves.
    pub(crate) fn leaf_keys(&self) -> impl Iterator<Item = Vec<u8>> {
        self.mls.members().map(|member| member.encryption_key)
    }

    /// What the asides of every delegation are derived from in the current epoch, each with its own secret.
    pub(crate) fn export_for_asides(&self, provider: &OpenMlsRustCrypto) -> Result<Zeroizing<Vec<u8>>, GroupError> {
        let exported = self.mls.export_secret(provider.crypto(), "incamera 1 aside", b"", 32);
        Ok(Zeroizing::new(or_group_error!(
            exported,
            "exporting the secret of asides"
        )))
    }

    /// The media keys of the current epoch.
    pub(crate) fn media_epoch(
        &self,
        provider: &OpenMlsRustCrypto,
        context: &MeetingContext,
        open: bool,
        aside: &AsideSecret,
    ) -> Result<NewEpoch, GroupError> {
        let base_key = if open {
            // A label of our own, with the part number: what is disclosed reveals nothing else.
            let context = [context.founding.to_be_bytes(), context.part.to_be_bytes()].concat();
            self.mls.export_secret(
                provider.crypto(),
                "incamera 1 open part",
                &context,
                OPEN_SUITE.key_len(),
            )
        } else {
            // RFC 9605 §5.2: for closed epochs only.
            self.mls
                .export_secret(provider.crypto(), "SFrame 1.0 Base Key", b"", CLOSED_SUITE.key_len())
        };
        let base_key = Zeroizing::new(or_group_error!(base_key, "exporting the base key"));
        let me = self.me();
        let position = self.position();
        let mut others = self.leaves();
        others.remove(&me);
        Ok(NewEpoch {
            founding: position.founding,
            epoch: position.epoch,
            open,
            base_key,
            aside_key: or_group_error!(aside.voice_key().ok_or("too long"), "deriving the key of asides"),
            me,
            others,
        })
    }
}
