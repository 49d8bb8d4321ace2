//! What an enemy who owns the server, or sits in the group, tries; and what the members do about it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use std::collections::VecDeque;

use house::{House, dice, draft};
use incamera_handshake::{
    CIPHERSUITE, Delivery, capabilities, context_extensions, context_of, key_package_of, meeting_secret_id,
    wire_format_policy,
};
use incamera_meeting::{
    Body, Command as Rule, Confirmation, Consent, Encode, Evidence, Motion, PublicKey, Refusal, Statement,
};
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_protocol::{Bytes, ErrorCode, Kid, MediaKind, Stream};
use incamera_seal::{Identity, Member, Refused};
use openmls::prelude::*;
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_rust_crypto::OpenMlsRustCrypto;
use tls_codec::Deserialize as _;

const FRAME: &[u8] = b"\x10a picture";

/// A member with a valid letter that breaks every rule it can: its MLS is right, its intentions are not.
struct Rogue {
    provider: OpenMlsRustCrypto,
    identity: Identity,
    group: MlsGroup,
    seat: usize,
}

fn credential(identity: &Identity) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(identity.credential()).into(),
        signature_key: identity.device_key().0.to_vec().into(),
    }
}

fn key_package(provider: &OpenMlsRustCrypto, identity: &Identity) -> Vec<u8> {
    let bundle = KeyPackage::builder()
        .leaf_node_capabilities(capabilities())
        .build(CIPHERSUITE, provider, identity, credential(identity))
        .unwrap();
    MlsMessageOut::from(bundle.key_package().clone()).to_bytes().unwrap()
}

fn meeting_secret(house: &House, provider: &OpenMlsRustCrypto) -> PreSharedKeyId {
    let psk = Psk::External(ExternalPsk::new(meeting_secret_id(house.meeting.id())));
    PreSharedKeyId::new(CIPHERSUITE, provider.rand(), psk).unwrap()
}

impl Rogue {
    /// Joins a seated house as its last delegation.
    fn enter(house: &mut House, delegation: usize) -> Self {
        let identity = Identity::first_client(
            &house.charter,
            &house.fragments[delegation],
            "Rogue",
            house.now_ms,
            dice(200),
        )
        .unwrap();
        let provider = OpenMlsRustCrypto::default();
        meeting_secret(house, &provider)
            .store(&provider, identity.meeting_secret())
            .unwrap();
        let key_package = Bytes(key_package(&provider, &identity));
        house.wire.clear();
        house.seats[0].inbox.push_back(ServerMessage::Knock {
            key_package,
            please: true,
        });
        house.settle();
        let welcome = house
            .wire
            .iter()
            .find_map(|message| match message {
                MemberMessage::Commit {
                    welcome: Some(welcome), ..
                } => Some(welcome.clone()),
                _ => None,
            })
            .expect("the rogue is let in: its letter is good");
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(&welcome.0).unwrap().extract()
        else {
            panic!("a welcome");
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(wire_format_policy())
            .build();
        let group = StagedWelcome::new_from_welcome(&provider, &config, welcome, None)
            .unwrap()
            .into_group(&provider)
            .unwrap();
        let mut rogue = Self {
            provider,
            identity,
            group,
            seat: usize::MAX,
        };
        rogue.say_all_is_well(house);
        rogue.seat = house.seats.len();
        rogue
    }

    fn say_all_is_well(&mut self, house: &mut House) {
        let place = house.meeting.group().unwrap().place(house.meeting.id());
        let authenticator = Confirmation::hash_of(self.group.epoch_authenticator().as_slice());
        let statement = self.statement(Body::Confirmation(Confirmation { place, authenticator }));
        house.broadcast(&ServerMessage::Statement {
            statement: Bytes(statement.encode()),
        });
        house.settle();
    }

    fn statement(&self, body: Body) -> Statement {
        Statement::new(self.identity.letter_id(), body, self.identity.letter_seed())
    }

    fn motion(&self, house: &House, kind: MotionKind) -> Motion {
        let place = house.meeting.group().unwrap().place(house.meeting.id());
        Motion {
            place,
            kind: Motion::number_of(kind),
            item: 0,
            moved_at_ms: house.now_ms,
        }
    }

    /// A commit that turns the phase as `motion` says, with this evidence.
    fn turn(&mut self, motion: &Motion, evidence: &Evidence) -> Bytes {
        let before = context_of(self.group.public_group().group_context()).unwrap();
        let context = before.after(motion, evidence).unwrap();
        self.group.set_aad(evidence.encode());
        let bundle = self
            .group
            .commit_builder()
            .propose_group_context_extensions(context_extensions(&context).unwrap())
            .unwrap()
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.identity, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        Bytes(bundle.into_messages().0.to_bytes().unwrap())
    }

    fn add(&mut self, house: &House, newcomer: &[u8], with_secret: bool) -> Bytes {
        let package = key_package_of(newcomer, self.provider.crypto()).unwrap().0;
        let secret = with_secret.then(|| {
            Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(meeting_secret(
                house,
                &self.provider,
            ))))
        });
        let bundle = self
            .group
            .commit_builder()
            .propose_adds([package])
            .add_proposals(secret)
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.identity, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        Bytes(bundle.into_messages().0.to_bytes().unwrap())
    }
}

/// The server passes a commit on without judging it; every member must refuse it, send nothing more, and say so.
fn all_refuse(house: &mut House, commit: Bytes) {
    let position = house.meeting.group().unwrap().position();
    let phase = house.meeting.group().unwrap().context.phase;
    house.broadcast(&ServerMessage::Commit { position, commit });
    house.settle();
    for seat in &mut house.seats {
        assert_eq!(seat.view.lamp, Lamp::Held);
        assert_eq!(seat.notices.len(), 1, "the person is told");
        assert!(!seat.view.sending);
        assert_eq!(seat.member.seal(Stream::Microphone, b"secret"), None);
    }
    assert_eq!(house.meeting.group().unwrap().context.phase, phase);
}

/// The honest server refuses it by the same rules.
fn server_refuses(house: &House, commit: &Bytes) -> Refusal {
    let staged = house.delivery.as_ref().unwrap().stage(&commit.0).unwrap();
    let rule = Rule::Commit {
        facts: Box::new(staged.facts),
        message: commit.clone(),
    };
    house.meeting.decide(house.now_ms, rule).unwrap_err()
}

/// Two honest members and a rogue third.
fn betrayed() -> (House, Rogue) {
    let mut house = House::convene(3);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    let rogue = Rogue::enter(&mut house, 2);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.seats[0].view.members.len(), 3);
    (house, rogue)
}

#[test]
fn i3_a_commit_that_opens_without_all_consents_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    let motion = rogue.motion(&house, MotionKind::Open);
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(motion)),
        consents: Vec::new(),
        fins: Vec::new(),
    };
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(server_refuses(&house, &commit), Refusal::ConsentMissing);
    all_refuse(&mut house, commit);
}

#[test]
fn i3_one_delegation_that_withholds_its_consent_is_enough_to_keep_the_door_shut() {
    let (mut house, mut rogue) = betrayed();
    // The rogue moves, and one of the two others really consents.
    let motion = rogue.motion(&house, MotionKind::Open);
    let moved = rogue.statement(Body::Motion(motion));
    house.meeting.apply(
        &house
            .meeting
            .decide(house.now_ms, Rule::State(Box::new(moved.clone())))
            .unwrap()[0]
            .clone(),
    );
    house.broadcast(&ServerMessage::Statement {
        statement: Bytes(moved.encode()),
    });
    house.settle();
    house.consent(1);
    let consents = house
        .meeting
        .running(house.now_ms)
        .unwrap()
        .consents
        .values()
        .cloned()
        .collect();
    let evidence = Evidence {
        motion: moved,
        consents,
        fins: Vec::new(),
    };
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(server_refuses(&house, &commit), Refusal::ConsentMissing);
    all_refuse(&mut house, commit);
}

#[test]
fn i3_consents_to_another_motion_or_epoch_open_nothing() {
    let (mut house, mut rogue) = betrayed();
    let motion = rogue.motion(&house, MotionKind::Open);
    let moved = rogue.statement(Body::Motion(motion));
    house.meeting.apply(
        &house
            .meeting
            .decide(house.now_ms, Rule::State(Box::new(moved.clone())))
            .unwrap()[0]
            .clone(),
    );
    house.broadcast(&ServerMessage::Statement {
        statement: Bytes(moved.encode()),
    });
    house.settle();
    house.consent(0);
    house.consent(1);
    let consents: Vec<_> = house
        .meeting
        .running(house.now_ms)
        .unwrap()
        .consents
        .values()
        .cloned()
        .collect();
    assert_eq!(consents.len(), 2);
    // All have consented to item 0; the rogue opens for another item.
    let other = Motion { item: 1, ..motion };
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(other)),
        consents,
        fins: Vec::new(),
    };
    let commit = rogue.turn(&other, &evidence);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Motion("it is a consent to another motion")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i3_a_forged_consent_opens_nothing() {
    let (mut house, mut rogue) = betrayed();
    let motion = rogue.motion(&house, MotionKind::Open);
    let consents = (0..2)
        .map(|seat| {
            let victim = house.meeting.group().unwrap().roster[&house.leaf(seat)].letter;
            // In the victim's name, by the rogue's key.
            Statement::new(
                victim,
                Body::Consent(Consent { motion: motion.id() }),
                rogue.identity.letter_seed(),
            )
        })
        .collect();
    let evidence = Evidence {
        motion: rogue.statement(Body::Motion(motion)),
        consents,
        fins: Vec::new(),
    };
    let commit = rogue.turn(&motion, &evidence);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Motion("its signature does not hold")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_a_ghost_without_a_letter_is_refused_by_server_and_members() {
    let (mut house, mut rogue) = betrayed();
    // A whole chain of credence, of another meeting: signed by nobody whom the charter names.
    let (charter, links) = draft(3).convene(house.now_ms, dice(77)).unwrap();
    let ghost = Identity::first_client(&charter, &links[2].fragment(), "Ghost", house.now_ms, dice(78)).unwrap();
    let newcomer = key_package(&OpenMlsRustCrypto::default(), &ghost);
    let commit = rogue.add(&house, &newcomer, true);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Credential("it is for another meeting")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_a_second_delegation_key_for_a_claimed_slot_is_refused() {
    let (mut house, mut rogue) = betrayed();
    // Somebody else holds the link of delegation 1 and makes another key for it.
    let twin = Identity::first_client(&house.charter, &house.fragments[1], "Twin", house.now_ms, dice(79)).unwrap();
    let newcomer = key_package(&OpenMlsRustCrypto::default(), &twin);
    let commit = rogue.add(&house, &newcomer, true);
    assert_eq!(server_refuses(&house, &commit), Refusal::SlotTaken);
    all_refuse(&mut house, commit);
}

#[test]
fn i2_somebody_added_without_the_meeting_secret_is_refused() {
    let mut house = House::convene(4);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    let mut rogue = Rogue::enter(&mut house, 2);
    let fourth = Identity::first_client(&house.charter, &house.fragments[3], "Fourth", house.now_ms, dice(80)).unwrap();
    let newcomer = key_package(&OpenMlsRustCrypto::default(), &fourth);
    let commit = rogue.add(&house, &newcomer, false);
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Commit("it adds somebody without the meeting secret")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_an_external_commit_is_refused_by_server_and_members() {
    let (mut house, rogue) = betrayed();
    // The rogue hands the group's public state to somebody outside, who commits their own way in (RFC 9420 §12.4.3.2).
    let info = rogue
        .group
        .export_group_info(rogue.provider.crypto(), &rogue.identity, true)
        .unwrap()
        .to_bytes()
        .unwrap();
    let MlsMessageBodyIn::GroupInfo(info) = MlsMessageIn::tls_deserialize_exact(&info).unwrap().extract() else {
        panic!("a group info");
    };
    let outsider =
        Identity::first_client(&house.charter, &house.fragments[2], "Outsider", house.now_ms, dice(81)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let (_, bundle) = MlsGroup::external_commit_builder()
        .with_config(
            MlsGroupJoinConfig::builder()
                .wire_format_policy(wire_format_policy())
                .build(),
        )
        .build_group(&provider, info, credential(&outsider))
        .unwrap()
        .leaf_node_parameters(LeafNodeParameters::builder().with_capabilities(capabilities()).build())
        .load_psks(provider.storage())
        .unwrap()
        .build(provider.rand(), provider.crypto(), &outsider, |_| true)
        .unwrap()
        .finalize(&provider)
        .unwrap();
    let commit = Bytes(bundle.into_contents().0.to_bytes().unwrap());
    assert_eq!(
        server_refuses(&house, &commit),
        Refusal::Commit("it comes from outside the group")
    );
    all_refuse(&mut house, commit);
}

#[test]
fn i2_whoever_lacks_the_meeting_secret_gets_nowhere() {
    let mut house = House::convene(2);
    let first = house.new_member(0);
    house.join(first);
    // The slot's seed has leaked, the rest of the link has not.
    let mut fragment = Bytes::decode(&house.fragments[1]).unwrap().0;
    let last = fragment.len() - 1;
    fragment[last] ^= 1;
    let thief = Member::new(
        house.meeting.id(),
        &house.charter.encode(),
        &Bytes(fragment).encode(),
        "Thief",
        None,
        house.now_ms,
        dice(82),
    )
    .unwrap();
    let thief = house.join(thief);
    assert_eq!(house.seats[thief].fatal.as_ref().unwrap().0, ErrorCode::Handshake);
    let sealed = house.seats[0].member.seal(Stream::Microphone, b"alone?").unwrap();
    assert!(house.seats[thief].member.open(MediaKind::Audio, &sealed).is_err());
}

#[test]
fn i5_a_frame_forged_with_a_disclosed_key_is_refused_by_members() {
    let mut house = House::seated(2);
    house.open();
    let sealed = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    // The world can decrypt, so it can also encrypt: CTR is malleable. Turn one bit of the plain text.
    let mut forged = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    let body = forged.len() - 12;
    forged[body] ^= 0x20;
    let shown = house.gallery.open(MediaKind::Video, &forged).unwrap();
    assert_ne!(
        shown.frame, FRAME,
        "the attack works on whoever has no authentication key"
    );
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &forged),
        Err(Refused::Forged)
    );
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &sealed).unwrap().frame,
        FRAME
    );
    // A changed clear byte is found as well: it is authenticated.
    let mut relabelled = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    relabelled[0] ^= 1;
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &relabelled),
        Err(Refused::Forged)
    );
}

#[test]
fn a_replayed_frame_or_one_in_another_streams_place_is_refused() {
    let mut house = House::seated(2);
    let sealed = house.seats[0].member.seal(Stream::Microphone, b"yes").unwrap();
    house.seats[1].member.open(MediaKind::Audio, &sealed).unwrap();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &sealed),
        Err(Refused::Replayed)
    );
    let sound = house.seats[0].member.seal(Stream::Microphone, b"yes").unwrap();
    let as_picture = [b"\x10".as_slice(), &sound].concat();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &as_picture),
        Err(Refused::WrongStream)
    );
    // One's own frames, sent back, are nobody's.
    assert_eq!(
        house.seats[0].member.open(MediaKind::Audio, &sound),
        Err(Refused::UnknownKey)
    );
}

#[test]
fn i4_a_frame_of_the_ended_part_is_refused_after_the_close() {
    let mut house = House::seated(2);
    house.open();
    let early = house.seats[0]
        .member
        .seal(Stream::Microphone, b"before the end")
        .unwrap();
    let early_too = house.seats[0]
        .member
        .seal(Stream::Microphone, b"just before the end")
        .unwrap();
    let kid = Kid::from_number(u64::from_be_bytes(
        [[0].as_slice(), &early[1..8]].concat().try_into().unwrap(),
    ));
    house.move_to(0, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    // Late, and within what its sender signed: taken, for two seconds.
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &early).unwrap().frame,
        b"before the end"
    );
    // Beyond it: somebody who got hold of the sender's key, authentication key and all, makes one frame more.
    let mut beyond = early_too.clone();
    assert!(kid.unwrap().parts().open);
    assert_eq!(
        beyond[0] & 0x07,
        1,
        "the counter of the second frame, in the config byte"
    );
    beyond[0] = (beyond[0] & 0xf8) | 2;
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &beyond),
        Err(Refused::AfterFin)
    );
    house.pass(2_001);
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &early_too),
        Err(Refused::UnknownKey)
    );
}

#[test]
fn i4_the_closers_frames_stop_before_the_network_answers() {
    let mut house = House::seated(2);
    house.open();
    house.swallows = vec!["statement", "commit"];
    house.move_to(0, MotionKind::Close);
    assert_eq!(house.seats[0].view.lamp, Lamp::Closing);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"are we off?"), None);
    house.pass(3_001);
    assert!(house.seats[0].view.reason.as_ref().unwrap().contains("Nobody is heard"));
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"are we off?"), None);
}

#[test]
fn i4_all_hold_when_a_close_is_called_and_the_commit_is_withheld() {
    let mut house = House::seated(3);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(1, MotionKind::Close);
    assert_eq!(house.lamps(), [Lamp::Closing; 3]);
    for seat in &mut house.seats {
        assert_eq!(seat.member.seal(Stream::Camera, FRAME), None);
    }
}

#[test]
fn i4_a_closer_who_vanishes_after_the_intent_leaves_a_meeting_that_closes() {
    let mut house = House::seated(3);
    house.open();
    house.swallows = vec!["commit"];
    house.move_to(0, MotionKind::Close);
    house.swallows.clear();
    // Gone: says nothing any more.
    let vanished = house.leaf(0);
    house.seats[0].inbox = VecDeque::new();
    house.seats.remove(0);
    house.pass(3_600);
    house.pass(2_100);
    house.pass(4_000);
    assert_eq!(
        house.lamps(),
        [Lamp::Closed, Lamp::Closed],
        "{:?}",
        house.seats[0].notices
    );
    assert!(
        !house.meeting.group().unwrap().roster.contains_key(&vanished),
        "no fin: removed in the same commit"
    );
}

#[test]
fn i4_a_change_of_members_that_comes_before_a_close_does_not_lose_it() {
    let mut house = House::seated(3);
    house.open();
    // A removal by the first is on its way while the second calls the close: the close is for an epoch that has ended.
    let now = house.now_ms;
    let gone = house.leaf(2);
    house.seats[0]
        .member
        .receive(ServerMessage::PleaseRemove { leaf: gone }, now);
    house.seats[1]
        .member
        .command(
            &Command::Move {
                kind: MotionKind::Close,
                item: 1,
            },
            now,
        )
        .unwrap();
    assert_eq!(house.seats[1].member.seal(Stream::Microphone, b"off?"), None);
    house.settle();
    assert_eq!(house.lamps()[..2], [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
}

#[test]
fn i4_nothing_but_the_close_may_end_the_epoch_in_which_a_close_was_called() {
    let mut house = House::convene(3);
    for delegation in 0..2 {
        let member = house.new_member(delegation);
        house.join(member);
    }
    house.open();
    let newcomer =
        Identity::first_client(&house.charter, &house.fragments[2], "Third", house.now_ms, dice(83)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let package = Bytes(key_package(&provider, &newcomer));
    // The enemy's server keeps the fins back and asks for an addition, so that the close would lapse with the epoch.
    house.swallows = vec!["commit"];
    house.move_to(1, MotionKind::Close);
    house.swallows = vec![];
    house.seats[0].inbox.push_back(ServerMessage::Knock {
        key_package: package,
        please: true,
    });
    house.settle();
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2, "nobody was added");
    assert_eq!(house.lamps(), [Lamp::Closing, Lamp::Closing]);
    for seat in &mut house.seats {
        assert_eq!(seat.member.seal(Stream::Microphone, b"off?"), None);
    }
}

#[test]
fn i4_a_close_that_was_called_while_the_server_was_away_is_called_again() {
    let mut house = House::seated(2);
    house.open();
    let now = house.now_ms;
    house.swallows = vec!["statement"];
    house.move_to(0, MotionKind::Close);
    house.swallows.clear();
    house.seats[0].member.disconnected(now);
    let challenge = house.challenge();
    house.seats[0].inbox.push_back(challenge);
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i4_a_wrong_clock_does_not_keep_a_door_open() {
    let mut house = House::seated(2);
    house.open();
    let late = house.now_ms + 3_600_000;
    house.seats[0]
        .member
        .command(
            &Command::Move {
                kind: MotionKind::Close,
                item: 1,
            },
            late,
        )
        .unwrap();
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
}

#[test]
fn i4_two_who_close_at_once_close_once() {
    let mut house = House::seated(2);
    house.open();
    let now = house.now_ms;
    for seat in 0..2 {
        house.seats[seat]
            .member
            .command(
                &Command::Move {
                    kind: MotionKind::Close,
                    item: 1,
                },
                now,
            )
            .unwrap();
    }
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.meeting.public_state().parts.len(), 3);
}

#[test]
fn i4_the_lamp_says_closed_only_when_everybody_has_confirmed_it() {
    let mut house = House::seated(3);
    house.open();
    house.mutes = Some(2);
    house.move_to(0, MotionKind::Close);
    // The third gave its fin and hears nothing since: it cannot confirm.
    assert_eq!(house.lamps()[..2], [Lamp::Closing, Lamp::Closing]);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"is it shut?"), None);
    // Who does not confirm in time is removed, and then it is shut.
    house.pass(3_001);
    assert_eq!(house.lamps()[..2], [Lamp::Closed, Lamp::Closed]);
    assert_eq!(house.meeting.group().unwrap().roster.len(), 2);
    assert!(house.seats[0].member.seal(Stream::Microphone, b"it is").is_some());
}

#[test]
fn a_member_who_sees_another_group_raises_the_alarm() {
    let (mut house, rogue) = betrayed();
    let place = house.meeting.group().unwrap().place(house.meeting.id());
    let lie = rogue.statement(Body::Confirmation(Confirmation {
        place,
        authenticator: [0; 32],
    }));
    house.broadcast(&ServerMessage::Statement {
        statement: Bytes(lie.encode()),
    });
    house.settle();
    assert_eq!(house.lamps(), [Lamp::Held, Lamp::Held]);
    assert_eq!(house.seats[0].member.seal(Stream::Microphone, b"x"), None);
}

#[test]
fn an_altered_charter_or_a_link_of_another_meeting_is_refused() {
    let house = House::convene(2);
    let mut charter = house.charter.encode();
    charter[30] ^= 1;
    let id = house.meeting.id();
    let altered = Member::new(id, &charter, &house.fragments[0], "A", None, house.now_ms, dice(1))
        .err()
        .unwrap();
    assert!(altered.to_string().contains("altered"));
    let (_, links) = draft(2).convene(house.now_ms, dice(55)).unwrap();
    let foreign = links[0].fragment();
    let other = Member::new(id, &house.charter.encode(), &foreign, "A", None, house.now_ms, dice(1))
        .err()
        .unwrap();
    assert!(other.to_string().contains("does not belong"));
    for broken in ["", "AQ", "not base64!", &house.fragments[0][..20]] {
        assert!(Member::new(id, &house.charter.encode(), broken, "A", None, house.now_ms, dice(1)).is_err());
    }
}

#[test]
fn a_server_that_hands_out_another_charter_is_found_out() {
    let mut house = House::convene(2);
    let member = house.new_member(0);
    let (other, _) = draft(2).convene(house.now_ms, dice(55)).unwrap();
    let honest = std::mem::replace(&mut house.charter, other);
    let seat = house.join(member);
    house.charter = honest;
    assert_eq!(house.seats[seat].fatal.as_ref().unwrap().0, ErrorCode::Charter);
}

#[test]
fn a_founders_group_of_another_profile_is_refused_by_the_server() {
    let house = House::convene(2);
    let identity = Identity::first_client(&house.charter, &house.fragments[0], "A", house.now_ms, dice(1)).unwrap();
    let provider = OpenMlsRustCrypto::default();
    let group = MlsGroup::builder()
        .ciphersuite(CIPHERSUITE)
        .build(&provider, &identity, credential(&identity))
        .unwrap();
    let info = group
        .export_group_info(provider.crypto(), &identity, true)
        .unwrap()
        .to_bytes()
        .unwrap();
    assert!(Delivery::found(house.meeting.id(), &info).is_err());
    assert!(Delivery::found(house.meeting.id(), b"nonsense").is_err());
    let _: PublicKey = identity.device_key();
}
