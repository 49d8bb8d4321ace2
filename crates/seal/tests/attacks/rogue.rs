//! A member with a valid letter that breaks every rule it can.

use super::*;

/// A member with a valid letter that breaks every rule it can: its MLS is right, its intentions are not.
pub struct Rogue {
    pub provider: OpenMlsRustCrypto,
    pub identity: Identity,
    pub group: MlsGroup,
    pub seat: usize,
}

pub fn credential(identity: &Identity) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(identity.credential()).into(),
        signature_key: identity.device_key().0.to_vec().into(),
    }
}

pub fn key_package(provider: &OpenMlsRustCrypto, identity: &Identity) -> Vec<u8> {
    let bundle = KeyPackage::builder()
        .leaf_node_capabilities(capabilities())
        .build(CIPHERSUITE, provider, identity, credential(identity))
        .unwrap();
    MlsMessageOut::from(bundle.key_package().clone()).to_bytes().unwrap()
}

/// A key package with any chain, for a device of this seed.
pub fn key_package_with(
    provider: &OpenMlsRustCrypto,
    device: &incamera_meeting::Seed,
    chain: &incamera_meeting::Credential,
) -> Vec<u8> {
    struct Device<'a>(&'a incamera_meeting::Seed);
    impl openmls_traits::signatures::Signer for Device<'_> {
        fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, openmls_traits::signatures::SignerError> {
            use ed25519_dalek::Signer as _;
            let key = ed25519_dalek::SigningKey::from_bytes(self.0.reveal());
            Ok(key.sign(payload).to_bytes().to_vec())
        }

        fn signature_scheme(&self) -> SignatureScheme {
            SignatureScheme::ED25519
        }
    }
    let credential = CredentialWithKey {
        credential: BasicCredential::new(chain.encode()).into(),
        signature_key: device.public_key().0.to_vec().into(),
    };
    let bundle = KeyPackage::builder()
        .leaf_node_capabilities(capabilities())
        .build(CIPHERSUITE, provider, &Device(device), credential)
        .unwrap();
    MlsMessageOut::from(bundle.key_package().clone()).to_bytes().unwrap()
}

pub fn meeting_secret(house: &House, provider: &OpenMlsRustCrypto) -> PreSharedKeyId {
    let psk = Psk::External(ExternalPsk::new(meeting_secret_id(house.meeting.id())));
    PreSharedKeyId::new(CIPHERSUITE, provider.rand(), psk).unwrap()
}

impl Rogue {
    /// Joins a seated house as its last delegation.
    pub fn enter(house: &mut House, delegation: usize) -> Self {
        let fragment = house.fragments[delegation].clone();
        Self::enter_by(house, &fragment)
    }

    /// Joins by this link.
    pub fn enter_by(house: &mut House, fragment: &str) -> Self {
        let identity = Identity::new(&house.charter, fragment, "Rogue", house.now_ms, dice(200)).unwrap();
        let provider = OpenMlsRustCrypto::default();
        meeting_secret(house, &provider)
            .store(&provider, identity.meeting_secret())
            .unwrap();
        let key_package = Bytes(key_package(&provider, &identity));
        house.wire.clear();
        house.seats[0].inbox.push_back(ServerMessage::Knock { key_package });
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

    /// Takes in the commit that crossed the wire last.
    pub fn follow(&mut self, house: &House) {
        let commit = house.wire.iter().rev().find_map(|message| match message {
            MemberMessage::Commit { commit, .. } => Some(commit.clone()),
            _ => None,
        });
        let message = MlsMessageIn::tls_deserialize_exact(&commit.unwrap().0).unwrap();
        let message = message.try_into_protocol_message().unwrap();
        let processed = self.group.process_message(&self.provider, message).unwrap();
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            panic!("a commit");
        };
        self.group.merge_staged_commit(&self.provider, *staged).unwrap();
    }

    /// Seals these bytes for the others, and the server passes them on.
    pub fn utter(&mut self, house: &mut House, plain: &[u8]) {
        let sealed = self
            .group
            .create_message(&self.provider, &self.identity, plain)
            .unwrap();
        let position = house.delivery.as_ref().unwrap().position();
        let message = Bytes(sealed.to_bytes().unwrap());
        house.broadcast(&ServerMessage::Sealed { position, message });
        house.settle();
    }

    pub fn heartbeat(&self, house: &House) -> Heartbeat {
        let rules = house.meeting.group().unwrap();
        let (said, chain) = rules.said.so_far();
        Heartbeat {
            place: rules.place(house.meeting.id()),
            beat: 0,
            at_ms: house.now_ms,
            authenticator: Heartbeat::hash_of(self.group.epoch_authenticator().as_slice()),
            roster: rules.roster_hash(),
            said,
            chain,
        }
    }

    pub fn say_all_is_well(&mut self, house: &mut House) {
        let statement = self.statement(Body::Heartbeat(self.heartbeat(house)));
        house.state(&statement).unwrap();
        house.settle();
    }

    pub fn statement(&self, body: Body) -> Statement {
        Statement::new(self.identity.letter_id(), body, self.identity.letter_seed())
    }

    pub fn motion(&self, house: &House, kind: MotionKind) -> Motion {
        let place = house.meeting.group().unwrap().place(house.meeting.id());
        Motion {
            place,
            kind: Motion::number_of(kind),
            item: 0,
            moved_at_ms: house.now_ms,
        }
    }

    pub fn context(&self) -> MeetingContext {
        context_of(self.group.public_group().group_context()).unwrap()
    }

    /// Moves to open, and gets everybody's true consent: what it needs to open, and may keep for later.
    pub fn gather_consents(&self, house: &mut House) -> (Motion, Evidence) {
        let motion = self.motion(house, MotionKind::Open);
        let moved = self.statement(Body::Motion(motion));
        house.state(&moved).unwrap();
        house.settle();
        house.consent(0);
        house.consent(1);
        let consents = house.meeting.running(house.now_ms).unwrap().consents.values();
        let evidence = Evidence {
            motion: moved,
            consents: consents.cloned().collect(),
            fins: Vec::new(),
        };
        (motion, evidence)
    }

    /// Gives up the commit that it made last.
    pub fn forget_commit(&mut self) {
        self.group.clear_pending_commit(self.provider.storage()).unwrap();
    }

    /// A commit that turns the phase as `motion` says, with this evidence.
    pub fn turn(&mut self, motion: &Motion, evidence: &Evidence) -> Bytes {
        let context = self.context().after(motion, evidence).unwrap();
        self.turn_to(&context, evidence.encode())
    }

    /// A commit that turns to this context, with these bytes as authenticated data.
    pub fn turn_to(&mut self, context: &MeetingContext, evidence: Vec<u8>) -> Bytes {
        self.group.set_aad(evidence);
        let bundle = self
            .group
            .commit_builder()
            .propose_group_context_extensions(context_extensions(context).unwrap())
            .unwrap()
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.identity, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        Bytes(bundle.into_messages().0.to_bytes().unwrap())
    }

    pub fn add(&mut self, house: &House, newcomer: &[u8], with_secret: bool) -> Bytes {
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
pub fn all_refuse(house: &mut House, commit: Bytes) {
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
pub fn server_refuses(house: &House, commit: &Bytes) -> Refusal {
    let staged = house.delivery.as_ref().unwrap().stage(&commit.0).unwrap();
    let rule = Rule::Commit {
        facts: Box::new(staged.facts),
        message: commit.clone(),
    };
    house.meeting.decide(house.now_ms, rule).unwrap_err()
}

/// Two honest members and a rogue third.
pub fn betrayed() -> (House, Rogue) {
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
