//! The delivery service, with groups made by the MLS library itself.

use incamera_handshake::{
    CIPHERSUITE, capabilities, context_extensions, group_id, key_package_of, meeting_secret_id, wire_format_policy,
};
use incamera_meeting::{Body, Digest, Encode as _, FrameHash, Goodbye, MeetingContext, Place, SignedDigest};
use incamera_protocol::member::{MemberMessage, Position, ServerMessage};
use incamera_protocol::public::{PublicMeeting, PublicPhase};
use incamera_protocol::{Bytes, ErrorCode, Kid, KidParts, Leaf, Stream, limits};
use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::{
    CredentialWithKey, LeafNodeIndex, MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn, MlsMessageIn,
    OpenMlsProvider as _, PreSharedKeyProposal, Proposal, StagedWelcome,
};
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

use crate::harness::{Convocation, House, Person, Socket};

/// Somebody with a socket and, in time, a group.
pub(crate) struct Device {
    pub(crate) person: Person,
    /// Of the socket.
    pub(crate) ticket: String,
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    group: Option<MlsGroup>,
    pub(crate) socket: Socket,
}

impl Device {
    pub(crate) async fn arrive(house: &House, convocation: &Convocation, side: usize) -> Self {
        let person = convocation.person(side);
        let provider = OpenMlsRustCrypto::default();
        secret(&provider, convocation)
            .store(&provider, convocation.links[side].meeting_secret())
            .unwrap();
        let signer = person.signer();
        let mut socket = person.arrive(house, None).await;
        let (ticket, _) = socket.here().await;
        Self {
            person,
            ticket,
            provider,
            signer,
            group: None,
            socket,
        }
    }

    fn credential(&self) -> CredentialWithKey {
        self.person.leaf_credential()
    }

    pub(crate) async fn knock(&mut self) -> Bytes {
        let key_package = self.person.key_package(&self.provider);
        let knock = MemberMessage::Knock {
            key_package: key_package.clone(),
        };
        self.socket.say(&knock).await;
        key_package
    }

    /// Waits to be told, and founds.
    pub(crate) async fn found(&mut self) {
        let (founding, part) = self.socket.until(found).await;
        let context = MeetingContext::founding(self.person.meeting.0, founding, [3; 16], part, 0);
        let group = MlsGroup::builder()
            .with_group_id(group_id(self.person.meeting, founding))
            .ciphersuite(CIPHERSUITE)
            .with_wire_format_policy(wire_format_policy())
            .with_group_context_extensions(context_extensions(&context).unwrap())
            .with_capabilities(capabilities())
            .use_ratchet_tree_extension(true)
            .build(&self.provider, &self.signer, self.credential())
            .unwrap();
        let info = group
            .export_group_info(self.provider.crypto(), &self.signer, true)
            .unwrap();
        self.group = Some(group);
        self.socket
            .say(&MemberMessage::Founded {
                founding,
                group_info: Bytes(info.to_bytes().unwrap()),
            })
            .await;
    }

    /// Waits to be asked to add somebody.
    async fn asked(&mut self) -> Bytes {
        self.socket
            .until(|message| match message {
                ServerMessage::Knock { key_package } => Some(key_package),
                _ => None,
            })
            .await
    }

    pub(crate) fn position(&self) -> Position {
        Position {
            founding: 1,
            epoch: self.group.as_ref().unwrap().epoch().as_u64(),
        }
    }

    /// A commit that removes and adds.
    fn change(&mut self, convocation: &Convocation, adds: &[Bytes], removes: &[Leaf]) -> MemberMessage {
        let position = self.position();
        let packages = adds
            .iter()
            .map(|package| key_package_of(&package.0, self.provider.crypto()).unwrap().0)
            .collect::<Vec<_>>();
        let psk = (!packages.is_empty()).then(|| {
            let psk = PreSharedKeyProposal::new(secret(&self.provider, convocation));
            Proposal::PreSharedKey(Box::new(psk))
        });
        let bundle = self
            .group
            .as_mut()
            .unwrap()
            .commit_builder()
            .force_self_update(true)
            .propose_removals(removes.iter().map(|leaf| LeafNodeIndex::new(leaf.0)))
            .propose_adds(packages)
            .add_proposals(psk)
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        let (commit, welcome, _) = bundle.into_messages();
        MemberMessage::Commit {
            position,
            commit: Bytes(commit.to_bytes().unwrap()),
            welcome: welcome.map(|welcome| Bytes(welcome.to_bytes().unwrap())),
        }
    }

    /// Waits for its own commit to come back, and takes it in.
    async fn acknowledged(&mut self) {
        let position = self.position();
        assert_eq!(self.socket.until(commit).await, position);
        self.group
            .as_mut()
            .unwrap()
            .merge_pending_commit(&self.provider)
            .unwrap();
    }

    /// Gives up its own commit.
    fn forget_commit(&mut self) {
        let group = self.group.as_mut().unwrap();
        group.clear_pending_commit(self.provider.storage()).unwrap();
    }

    /// Waits for its Welcome, and enters.
    async fn join(&mut self) {
        let welcome = self.socket.until(joined).await;
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(&welcome.0).unwrap().extract()
        else {
            panic!("no welcome");
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(wire_format_policy())
            .use_ratchet_tree_extension(true)
            .build();
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config, welcome, None).unwrap();
        self.group = Some(staged.into_group(&self.provider).unwrap());
    }
}

fn secret(provider: &OpenMlsRustCrypto, convocation: &Convocation) -> PreSharedKeyId {
    let psk = Psk::External(ExternalPsk::new(meeting_secret_id(convocation.id())));
    PreSharedKeyId::new(CIPHERSUITE, provider.rand(), psk).unwrap()
}

fn found(message: ServerMessage) -> Option<(u32, u32)> {
    match message {
        ServerMessage::Found { founding, part, .. } => Some((founding, part)),
        ServerMessage::Refused { code, message, .. } => panic!("{code:?}: {message}"),
        _ => None,
    }
}

fn commit(message: ServerMessage) -> Option<Position> {
    match message {
        ServerMessage::Commit { position, .. } => Some(position),
        ServerMessage::Refused { code, message, .. } => panic!("{code:?}: {message}"),
        _ => None,
    }
}

fn joined(message: ServerMessage) -> Option<Bytes> {
    match message {
        ServerMessage::Joined { welcome, .. } => Some(welcome),
        _ => None,
    }
}

fn refused(message: ServerMessage) -> Option<ErrorCode> {
    match message {
        ServerMessage::Refused { re, code, .. } if re == "commit" => Some(code),
        _ => None,
    }
}

/// Two sides in one group.
pub(crate) async fn two_sides(house: &House, convocation: &Convocation) -> (Device, Device) {
    let mut north = Device::arrive(house, convocation, 0).await;
    north.knock().await;
    north.found().await;
    let mut south = Device::arrive(house, convocation, 1).await;
    let package = south.knock().await;
    assert_eq!(north.asked().await, package);
    let add = north.change(convocation, &[package], &[]);
    north.socket.say(&add).await;
    north.acknowledged().await;
    south.join().await;
    assert_eq!(
        north.group.as_ref().unwrap().epoch_authenticator().as_slice(),
        south.group.as_ref().unwrap().epoch_authenticator().as_slice()
    );
    (north, south)
}

#[tokio::test]
async fn the_first_founds_and_lets_the_second_in() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let _both = two_sides(&house, &convocation).await;
    let meeting: PublicMeeting = house.get(&format!("/api/meetings/{}", convocation.id())).await.json();
    assert_eq!(meeting.state.phase, PublicPhase::Closed);
    assert_eq!(meeting.state.present.len(), 2);
    let record = house
        .get(&format!("/m/{}/record/tile/entries/000.p/5", convocation.id()))
        .await;
    assert!(record.body.contains("\"kind\":\"committed\""), "{}", record.body);
}

#[tokio::test]
async fn a_key_package_by_which_nobody_asks_now_lets_nobody_in() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut north = Device::arrive(&house, &convocation, 0).await;
    north.knock().await;
    north.found().await;
    let mut south = Device::arrive(&house, &convocation, 1).await;
    let first = south.knock().await;
    assert_eq!(north.asked().await, first);
    let add = north.change(&convocation, std::slice::from_ref(&first), &[]);
    north.socket.say(&add).await;
    north.acknowledged().await;
    south.join().await;
    // South is here and asks for nothing.
    let again = north.change(&convocation, std::slice::from_ref(&first), &[Leaf(1)]);
    north.socket.say(&again).await;
    assert_eq!(north.socket.until(refused).await, ErrorCode::Handshake);
    north.forget_commit();
    // It comes back without its keys. Only what it asks by now lets it in, and whoever errs is asked again.
    let second = south.knock().await;
    assert_eq!(north.asked().await, second);
    let again = north.change(&convocation, &[first], &[Leaf(1)]);
    north.socket.say(&again).await;
    assert_eq!(north.socket.until(refused).await, ErrorCode::Handshake);
    north.forget_commit();
    assert_eq!(north.asked().await, second);
    let add = north.change(&convocation, &[second], &[Leaf(1)]);
    north.socket.say(&add).await;
    north.acknowledged().await;
    south.socket.until(joined).await;
}

#[tokio::test]
async fn only_one_of_two_who_come_together_is_told_to_found() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut north = Device::arrive(&house, &convocation, 0).await;
    let mut south = Device::arrive(&house, &convocation, 1).await;
    north.knock().await;
    let package = south.knock().await;
    north.found().await;
    assert_eq!(north.asked().await, package);
    let add = north.change(&convocation, &[package], &[]);
    north.socket.say(&add).await;
    // South is let in without ever having been told to found.
    loop {
        match south.socket.hear().await {
            ServerMessage::Found { .. } => panic!("two were told"),
            ServerMessage::Joined { .. } => break,
            _ => {}
        }
    }
}

#[tokio::test]
async fn of_two_commits_for_one_epoch_the_first_counts() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, mut south) = two_sides(&house, &convocation).await;
    let first = north.change(&convocation, &[], &[]);
    let second = south.change(&convocation, &[], &[]);
    north.socket.say(&first).await;
    north.acknowledged().await;
    south.socket.until(commit).await;
    south.socket.say(&second).await;
    assert_eq!(
        south.socket.refusal().await,
        ("commit".to_owned(), ErrorCode::StaleEpoch)
    );
}

#[tokio::test]
async fn after_a_restart_both_resume_and_get_what_they_missed() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, south) = two_sides(&house, &convocation).await;
    let behind = south.position();
    let refresh = north.change(&convocation, &[], &[]);
    north.socket.say(&refresh).await;
    north.acknowledged().await;

    let house = house.restart().await;
    let mut north_again = north.person.arrive(&house, Some(north.position())).await;
    assert!(north_again.here().await.1);
    let mut south_again = south.person.arrive(&house, Some(behind)).await;
    assert!(south_again.here().await.1);
    assert_eq!(south_again.until(commit).await, behind);
    // The group that was followed before the restart is the one that is followed after it.
    north.socket = north_again;
    let refresh = north.change(&convocation, &[], &[]);
    north.socket.say(&refresh).await;
    north.acknowledged().await;
}

#[tokio::test]
async fn whoever_was_not_there_cannot_resume_there() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (_north, south) = two_sides(&house, &convocation).await;
    for (founding, epoch) in [(1, 0), (1, 9), (2, 1), (0, 1)] {
        let resume = Some(Position { founding, epoch });
        let (_, resumed) = south.person.arrive(&house, resume).await.here().await;
        assert!(!resumed, "{founding}/{epoch}");
    }
}

#[tokio::test]
async fn a_member_who_leaves_is_removed_by_another() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, mut south) = two_sides(&house, &convocation).await;
    // Whoever is here is not removed; whoever has said goodbye may be.
    let removal = north.change(&convocation, &[], &[Leaf(1)]);
    north.socket.say(&removal).await;
    assert_eq!(
        north.socket.refusal().await,
        ("commit".to_owned(), ErrorCode::Handshake)
    );
    north
        .group
        .as_mut()
        .unwrap()
        .clear_pending_commit(north.provider.storage())
        .unwrap();
    let place = Place {
        meeting: convocation.id().0,
        founding: 1,
        group: [3; 16],
        epoch: north.position().epoch,
        part: 1,
    };
    let goodbye = south.person.state(Body::Goodbye(Goodbye { place }));
    south.socket.say(&goodbye).await;
    south.socket.say(&MemberMessage::Leave).await;
    let leaf = north
        .socket
        .until(|message| match message {
            ServerMessage::PleaseRemove { leaf } => Some(leaf),
            _ => None,
        })
        .await;
    assert_eq!(leaf, Leaf(1));
    let removal = north.change(&convocation, &[], &[leaf]);
    north.socket.say(&removal).await;
    north.acknowledged().await;
    let meeting: PublicMeeting = house.get(&format!("/api/meetings/{}", convocation.id())).await.json();
    assert_eq!(meeting.state.present.len(), 1);
}

#[tokio::test]
async fn when_all_have_lost_their_keys_the_group_is_founded_anew() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = two_sides(&house, &convocation).await;
    let mut north_again = north.person.arrive(&house, None).await;
    north_again.here().await;
    let mut south_again = south.person.arrive(&house, None).await;
    south_again.here().await;
    let key_package = south.person.key_package(&south.provider);
    south_again.say(&MemberMessage::Knock { key_package }).await;
    // The second group of the meeting starts with its second closed part.
    assert_eq!(south_again.until(found).await, (2, 2));
}

#[tokio::test]
async fn whoever_is_not_in_the_group_commits_nothing() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, _south) = two_sides(&house, &convocation).await;
    let stolen = north.change(&convocation, &[], &[]);
    // A device of the same side without a place in the group shows somebody else's commit.
    let mut stranger = house.socket(convocation.id(), "member").await;
    stranger.challenge().await;
    stranger.say(&stolen).await;
    assert_eq!(stranger.refusal().await, ("commit".to_owned(), ErrorCode::NotAMember));
    north.socket.say(&stolen).await;
    north.acknowledged().await;
}

#[tokio::test]
async fn i9_a_member_signs_for_its_own_frames_and_for_nobody_elses() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (_north, mut south) = two_sides(&house, &convocation).await;
    let letter = south.person.credential.binding.body.letter;
    let vouches = |person: &Person, leaf| {
        let kid = Kid::new(KidParts {
            founding: 1,
            epoch: 1,
            slice: 0,
            leaf: Leaf(leaf),
            stream: Stream::Microphone,
            open: true,
        });
        let digest = Digest {
            meeting: person.meeting.0,
            kid: kid.unwrap().number(),
            number: 0,
            previous: [0; 32],
            first: 0,
            frames: vec![FrameHash::of(b"a frame")],
            last: 0,
        };
        MemberMessage::Digest {
            digest: Bytes(SignedDigest::new(letter, digest, &person.letter).encode()),
        }
    };
    // Its own leaf is 1. Nothing is said of what was taken, so the refusal is of the second.
    south.socket.say(&vouches(&south.person, 1)).await;
    south.socket.say(&vouches(&south.person, 0)).await;
    south.socket.say(&MemberMessage::Record { from: Some(9_999) }).await;
    assert_eq!(south.socket.refusal().await, ("digest".to_owned(), ErrorCode::Proof));
    // And of no other: the next one is about something else.
    assert_ne!(south.socket.refusal().await.0, "digest");
}

/// Something sealed by the MLS library itself.
fn sealed_by(device: &mut Device, plain: &[u8]) -> MemberMessage {
    let group = device.group.as_mut().unwrap();
    let message = group.create_message(&device.provider, &device.signer, plain).unwrap();
    MemberMessage::Sealed {
        position: device.position(),
        message: Bytes(message.to_bytes().unwrap()),
    }
}

fn sealed(message: ServerMessage) -> Option<Bytes> {
    match message {
        ServerMessage::Sealed { message, .. } => Some(message),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_sealed_goes_to_the_group_and_to_who_comes_back_and_to_nobody_else() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, mut south) = two_sides(&house, &convocation).await;
    let said = sealed_by(&mut south, b"Shall we?");
    let MemberMessage::Sealed { message: bytes, .. } = &said else {
        unreachable!()
    };
    south.socket.say(&said).await;
    assert_eq!(south.socket.until(sealed).await, *bytes);
    assert_eq!(north.socket.until(sealed).await, *bytes);
    // Whoever comes back in this epoch gets it, and whoever was in the one before gets it in its place.
    let before = north.position();
    let mut again = north.person.arrive(&house, Some(before)).await;
    assert_eq!(again.until(sealed).await, *bytes);
    north.socket = again;
    let refresh = north.change(&convocation, &[], &[]);
    north.socket.say(&refresh).await;
    north.acknowledged().await;
    let mut late = south.person.arrive(&house, Some(before)).await;
    assert_eq!(late.until(sealed).await, *bytes);
    assert_eq!(late.until(commit).await, before);
}

#[tokio::test]
async fn who_is_not_in_the_group_seals_nothing_and_gets_nothing_that_is_sealed() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let mut north = Device::arrive(&house, &convocation, 0).await;
    north.knock().await;
    north.found().await;
    // Somebody who has shown a good letter, and whom nobody has added yet.
    let mut south = Device::arrive(&house, &convocation, 1).await;
    let said = sealed_by(&mut north, b"Before they come.");
    north.socket.say(&said).await;
    north.socket.until(sealed).await;
    south.socket.say(&said).await;
    let heard = south.socket.until(|message| match message {
        ServerMessage::Sealed { .. } => Some(None),
        ServerMessage::Refused { re, code, .. } => Some(Some((re, code))),
        _ => None,
    });
    assert_eq!(heard.await, Some(("sealed".to_owned(), ErrorCode::NotAMember)));
}

#[tokio::test]
async fn what_is_sealed_wrongly_or_too_often_is_refused_and_reaches_nobody() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (mut north, mut south) = two_sides(&house, &convocation).await;
    let good = sealed_by(&mut south, b"Good.");
    let MemberMessage::Sealed { position, message } = good.clone() else {
        unreachable!()
    };
    let said = |position, message| MemberMessage::Sealed { position, message };
    let elsewhere = Position {
        epoch: position.epoch + 1,
        ..position
    };
    let long = Bytes(vec![0; limits::SEALED_BYTES_MAX + 1]);
    // A handshake is no application data, whatever it is sent as.
    let MemberMessage::Commit { commit: handshake, .. } = south.change(&convocation, &[], &[]) else {
        unreachable!()
    };
    for (bad, code) in [
        (said(elsewhere, message), ErrorCode::StaleEpoch),
        (said(position, long), ErrorCode::TooLarge),
        (said(position, handshake), ErrorCode::Handshake),
        (said(position, Bytes(vec![7; 64])), ErrorCode::Handshake),
    ] {
        south.socket.say(&bad).await;
        assert_eq!(south.socket.refusal().await, ("sealed".to_owned(), code));
    }
    for _ in 0..=limits::SEALED_BURST + limits::SEALED_PER_SECOND {
        south.socket.say(&good).await;
    }
    assert_eq!(south.socket.refusal().await, ("sealed".to_owned(), ErrorCode::TooMany));
    let MemberMessage::Sealed { message, .. } = good else {
        unreachable!()
    };
    assert_eq!(north.socket.until(sealed).await, message);
}
