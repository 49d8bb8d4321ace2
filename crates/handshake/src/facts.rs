//! From MLS objects to facts.

use incamera_meeting::{Added, CommitFacts, CommitSender, PublicKey};
use incamera_protocol::member::Position;
use incamera_protocol::{Bytes, Leaf, MeetingId};
use openmls::prelude::{
    BasicCredential, ContentType, Credential, KeyPackage, KeyPackageIn, MlsMessageBodyIn, MlsMessageIn, Proposal,
    ProtocolMessage, ProtocolVersion, Sender, StagedCommit,
};
use openmls::schedule::{PreSharedKeyId, Psk};
use openmls_traits::crypto::OpenMlsCrypto;
use tls_codec::{Deserialize as _, Serialize as _, VLBytes};

use crate::HandshakeError;
use crate::profile::{CIPHERSUITE, capabilities, context_of, meeting_secret_id};

/// Reads an MLSMessage with a PrivateMessage (RFC 9420 §6.3) with application data: which epoch of which group it is
/// sealed for stands in the clear. Handshakes are never of this kind.
pub fn application_message(bytes: &[u8]) -> Result<ProtocolMessage, HandshakeError> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| HandshakeError::Malformed)?;
    match message.extract() {
        MlsMessageBodyIn::PrivateMessage(message) => Some(ProtocolMessage::from(message))
            .filter(|message| message.content_type() == ContentType::Application)
            .ok_or(HandshakeError::Malformed),
        _ => Err(HandshakeError::Malformed),
    }
}

/// Reads an MLSMessage with a PublicMessage (RFC 9420 §6.2). Handshakes of any other kind are refused.
pub fn protocol_message(bytes: &[u8]) -> Result<ProtocolMessage, HandshakeError> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| HandshakeError::Malformed)?;
    match message.extract() {
        MlsMessageBodyIn::PublicMessage(message) => Ok(ProtocolMessage::from(message)),
        _ => Err(HandshakeError::Malformed),
    }
}

/// Reads and validates an MLSMessage with a KeyPackage (RFC 9420 §10) of our profile.
pub fn key_package_of(bytes: &[u8], crypto: &impl OpenMlsCrypto) -> Result<(KeyPackage, Added), HandshakeError> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| HandshakeError::Malformed)?;
    let MlsMessageBodyIn::KeyPackage(unverified) = message.extract() else {
        return Err(HandshakeError::Malformed);
    };
    let key_package = KeyPackageIn::validate(unverified, crypto, ProtocolVersion::Mls10)
        .map_err(|error| HandshakeError::of_library(&error))?;
    if key_package.ciphersuite() != CIPHERSUITE || *key_package.leaf_node().capabilities() != capabilities() {
        return Err(HandshakeError::Profile);
    }
    let leaf = key_package.leaf_node();
    let added = added_of(leaf.credential(), leaf.signature_key().as_slice())?;
    Ok((key_package, added))
}

/// The encryption key that a key package gives the leaf of whoever is added by it. No two have the same: it says whether
/// a leaf was made by this one.
pub fn leaf_key_of(key_package: &KeyPackage) -> Result<Vec<u8>, HandshakeError> {
    let key = key_package.leaf_node().encryption_key();
    let bytes = key.tls_serialize_detached().map_err(|_| HandshakeError::Malformed)?;
    // The library shows it in its encoding only.
    let bytes = VLBytes::tls_deserialize_exact(&bytes).map_err(|_| HandshakeError::Malformed)?;
    Ok(bytes.into())
}

/// The identity and signature key of a leaf.
pub fn added_of(credential: &Credential, signature_key: &[u8]) -> Result<Added, HandshakeError> {
    let basic = BasicCredential::try_from(credential.clone()).map_err(|_| HandshakeError::Profile)?;
    let device_key = <[u8; 32]>::try_from(signature_key).map_err(|_| HandshakeError::Profile)?;
    Ok(Added {
        credential: Bytes(basic.identity().to_vec()),
        device_key: PublicKey(device_key),
    })
}

/// What a valid commit would do. `position` is the epoch it is for, `aad` its authenticated data.
pub fn facts_of(
    meeting: MeetingId,
    position: Position,
    sender: &Sender,
    aad: &[u8],
    staged: &StagedCommit,
) -> Result<CommitFacts, HandshakeError> {
    let secret_id = meeting_secret_id(meeting);
    let sender_leaf = match sender {
        Sender::Member(index) => CommitSender::Member(Leaf(index.u32())),
        // External commits are legal MLS and checked by nobody else (openmls leaves that to us).
        Sender::External(_) | Sender::NewMemberProposal | Sender::NewMemberCommit => CommitSender::Outsider,
    };
    let mut facts = CommitFacts {
        position,
        sender: sender_leaf,
        renewed: None,
        adds: Vec::new(),
        removes: Vec::new(),
        context: context_of(staged.group_context())?,
        meeting_secret: false,
        foreign: false,
        evidence: Bytes(aad.to_vec()),
    };
    if let Some(leaf) = staged.update_path_leaf_node() {
        facts.renewed = Some(added_of(leaf.credential(), leaf.signature_key().as_slice())?);
        facts.foreign |= *leaf.capabilities() != capabilities();
    }
    for queued in staged.queued_proposals() {
        // A proposal of somebody else, by reference, would let one member act in another's commit.
        facts.foreign |= *queued.sender() != *sender;
        match queued.proposal() {
            Proposal::Add(add) => {
                let leaf = add.key_package().leaf_node();
                facts.foreign |= *leaf.capabilities() != capabilities();
                facts
                    .adds
                    .push(added_of(leaf.credential(), leaf.signature_key().as_slice())?);
            }
            Proposal::Remove(remove) => facts.removes.push(Leaf(remove.removed().u32())),
            // What it changes is judged by the context as a whole (`context_of`).
            Proposal::GroupContextExtensions(_) => {}
            Proposal::PreSharedKey(psk) => {
                // The proposal's only field is the id (RFC 9420 §12.1.4); the library keeps it private.
                let bytes = psk.tls_serialize_detached().map_err(|_| HandshakeError::Malformed)?;
                let id = PreSharedKeyId::tls_deserialize_exact(&bytes).map_err(|_| HandshakeError::Malformed)?;
                let ours = matches!(id.psk(), Psk::External(external) if external.psk_id() == secret_id.as_slice());
                facts.meeting_secret |= ours;
                facts.foreign |= !ours;
            }
            _ => facts.foreign = true,
        }
    }
    Ok(facts)
}
