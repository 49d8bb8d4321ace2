//! Everything that can be tried, and what of the rules it tries.

use incamera_meeting::{
    Body, Command, CommitSender, Consent, Deed as ActDeed, Discloser, Goodbye, Heartbeat, Joint, Meeting,
    MeetingContext, MotionId, Phase as PartPhase, Plan, Right, Role, Signed, Translation,
};
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::MotionKind;
use incamera_protocol::{Bytes, Leaf, MeetingId};

use crate::scene::{NOW_MS, OWN, SUBJECT, Scene, commit, every, motion_of, with_consents};

every! {
    /// What somebody does, or what others do with their word.
    pub enum Deed {
        MoveToOpen,
        CallAClose,
        MoveToAdjourn,
        Consent,
        GiveAFin,
        GiveAHeartbeat,
        SayGoodbye,
        DiscloseKeys,
        CommitNothing,
        CommitAnAddition,
        CommitTheRemovalOfOneWhoLeft,
        CommitTheRemovalOfOneWhoIsHere,
        CommitFromOutside,
        CommitAnOpening,
        CommitAnOpeningWithoutAConsent,
        CommitAClose,
        CommitAnAdjournment,
        CommitAnOpenPhaseWithoutAMotion,
        HaveTheirOpeningCommitted,
        HaveTheirConsentCommitted,
        HaveTheirCloseCommitted,
        HaveTheirAdjournmentCommitted,
        BeAdded,
        ShowTheirChain,
        ShowTheirClaim,
        ShowAnotherClaim,
        FoundAGroup,
        RevokeWithTheDelegationsKey,
        RevokeWithTheirLettersKey,
        RevokeForAnotherDelegation,
        AdmitWithTheDelegationsKey,
        AdmitWithTheirLettersKey,
        HaveANotebookKept,
        PublishWithTheDelegationsKey,
        PublishWithTheirLettersKey,
        SignAStatementWithTheDelegationsKey,
        SignAStatementForAnotherDelegation,
        AnnounceWithTheDelegationsKey,
    }
}

every! {
    /// What the rules tell apart.
    pub enum Kind {
        MotionToOpen,
        Close,
        MotionToAdjourn,
        Consent,
        Fin,
        Heartbeat,
        Goodbye,
        Disclosure,
        Addition,
        Removal,
        PhaseOpen,
        PhaseClosed,
        PhaseAdjourned,
        Renewal,
        Claim,
        SlotClaim,
        Founding,
        Admission,
        Revocation,
        Notebook,
        Readout,
        JointStatement,
        Announcement,
    }
}

/// A command, a statement or an act that the rules come to know does not compile here until it has a kind, and no test
/// passes until a deed of that kind has its rows.
pub fn kind_of(command: &Command) -> Kind {
    match command {
        Command::ClaimSlot(_) => Kind::SlotClaim,
        Command::Claim(_) => Kind::Claim,
        Command::Act(act) => match act.body.deed {
            ActDeed::Admit(..) => Kind::Admission,
            ActDeed::Revoke(_) => Kind::Revocation,
        },
        Command::Note(..) => Kind::Notebook,
        Command::Found { .. } => Kind::Founding,
        Command::Commit { facts, .. } if !facts.adds.is_empty() => Kind::Addition,
        Command::Commit { facts, .. } if !facts.removes.is_empty() => Kind::Removal,
        Command::Commit { facts, .. } if facts.evidence.0.is_empty() => Kind::Renewal,
        Command::Commit { facts, .. } => match facts.context.phase {
            PartPhase::Open => Kind::PhaseOpen,
            PartPhase::Closed => Kind::PhaseClosed,
            PartPhase::Adjourned => Kind::PhaseAdjourned,
        },
        Command::State(statement) => match &statement.body {
            Body::Motion(motion) => match motion.kind().unwrap() {
                MotionKind::Open => Kind::MotionToOpen,
                MotionKind::Close => Kind::Close,
                MotionKind::Adjourn => Kind::MotionToAdjourn,
            },
            Body::Consent(_) => Kind::Consent,
            Body::Fin(_) => Kind::Fin,
            Body::Heartbeat(_) => Kind::Heartbeat,
            Body::Goodbye(_) => Kind::Goodbye,
        },
        Command::Disclose(..) => Kind::Disclosure,
        Command::Publish(_) => Kind::Readout,
        Command::SignJoint(_) | Command::PublishJoint(_) => Kind::JointStatement,
        Command::Announce(_) => Kind::Announcement,
    }
}

/// What of the table of roles a deed is about. A right that the rules come to know does not compile here.
fn kind_of_right(right: Right) -> Option<Kind> {
    let kind = match right {
        Right::Move(MotionKind::Open) => Kind::MotionToOpen,
        Right::Move(MotionKind::Close) => Kind::Close,
        Right::Move(MotionKind::Adjourn) => Kind::MotionToAdjourn,
        Right::Consent => Kind::Consent,
        Right::Send => Kind::Disclosure,
        // Of that members tell one another under seal.
        Right::Interpret | Right::Attend => return None,
    };
    Some(kind)
}

/// The roles' own table (protocol §5), word for word.
#[test]
fn a_role_is_what_the_protocol_says() {
    for (right, may) in [
        //                                      principal adviser interpreter secretary
        (Right::Move(MotionKind::Open), [true, false, false, false]),
        (Right::Move(MotionKind::Close), [true, false, false, false]),
        (Right::Move(MotionKind::Adjourn), [true, false, false, false]),
        (Right::Consent, [true, false, false, false]),
        (Right::Send, [true, true, true, true]),
        (Right::Interpret, [false, false, true, false]),
        (Right::Attend, [true, false, false, true]),
    ] {
        assert!(kind_of_right(right).is_none_or(|kind| Kind::ALL.contains(&kind)));
        let roles = [Role::Principal, Role::Adviser, Role::Interpreter, Role::Secretary];
        assert_eq!(roles, Role::ALL);
        assert_eq!(roles.map(|role| role.may(right)), may, "{right:?}");
    }
}

/// Which chair of the charter a deed could depend on.
pub enum DependsOn {
    Nobody,
    Opener,
    Closer,
}

impl Deed {
    /// As the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MoveToOpen => "move to open",
            Self::CallAClose => "call a close",
            Self::MoveToAdjourn => "move to adjourn",
            Self::Consent => "consent",
            Self::GiveAFin => "give a fin",
            Self::GiveAHeartbeat => "give a heartbeat",
            Self::SayGoodbye => "say goodbye",
            Self::DiscloseKeys => "disclose keys",
            Self::CommitNothing => "commit nothing but new keys",
            Self::CommitAnAddition => "commit an addition",
            Self::CommitTheRemovalOfOneWhoLeft => "commit the removal of one who said goodbye",
            Self::CommitTheRemovalOfOneWhoIsHere => "commit the removal of one who is here",
            Self::CommitFromOutside => "commit from outside the group",
            Self::CommitAnOpening => "commit an opening that others moved and consented to",
            Self::CommitAnOpeningWithoutAConsent => "commit an opening that lacks a consent",
            Self::CommitAClose => "commit a close that others called",
            Self::CommitAnAdjournment => "commit an adjournment that others moved",
            Self::CommitAnOpenPhaseWithoutAMotion => "commit an open phase without a motion",
            Self::HaveTheirOpeningCommitted => "have an opening committed that they moved",
            Self::HaveTheirConsentCommitted => "have an opening committed with their consent",
            Self::HaveTheirCloseCommitted => "have a close committed that they called",
            Self::HaveTheirAdjournmentCommitted => "have an adjournment committed that they moved",
            Self::BeAdded => "be added by a member",
            Self::ShowTheirChain => "show their chain",
            Self::ShowTheirClaim => "show their delegation's claim",
            Self::ShowAnotherClaim => "show a second claim with another key",
            Self::FoundAGroup => "found a group anew",
            Self::RevokeWithTheDelegationsKey => "revoke a letter with the delegation's key",
            Self::RevokeWithTheirLettersKey => "revoke a letter with their letter's key",
            Self::RevokeForAnotherDelegation => "revoke a letter for another delegation",
            Self::AdmitWithTheDelegationsKey => "admit a device with the delegation's key",
            Self::AdmitWithTheirLettersKey => "admit a device with their letter's key",
            Self::HaveANotebookKept => "have a notebook kept",
            Self::PublishWithTheDelegationsKey => "publish a readout with the delegation's key",
            Self::PublishWithTheirLettersKey => "publish a readout with their letter's key",
            Self::SignAStatementWithTheDelegationsKey => "sign a joint statement with the delegation's key",
            Self::SignAStatementForAnotherDelegation => "sign a joint statement for another delegation",
            Self::AnnounceWithTheDelegationsKey => "announce the meeting with the delegation's key",
        }
    }

    pub fn depends(self) -> DependsOn {
        match self {
            Self::MoveToOpen
            | Self::CommitAnOpening
            | Self::CommitAnOpeningWithoutAConsent
            | Self::HaveTheirOpeningCommitted
            | Self::HaveTheirConsentCommitted => DependsOn::Opener,
            Self::CallAClose
            | Self::MoveToAdjourn
            | Self::CommitAClose
            | Self::CommitAnAdjournment
            | Self::HaveTheirCloseCommitted
            | Self::HaveTheirAdjournmentCommitted => DependsOn::Closer,
            Self::Consent
            | Self::GiveAFin
            | Self::GiveAHeartbeat
            | Self::SayGoodbye
            | Self::DiscloseKeys
            | Self::CommitNothing
            | Self::CommitAnAddition
            | Self::CommitTheRemovalOfOneWhoLeft
            | Self::CommitTheRemovalOfOneWhoIsHere
            | Self::CommitFromOutside
            | Self::CommitAnOpenPhaseWithoutAMotion
            | Self::BeAdded
            | Self::ShowTheirChain
            | Self::ShowTheirClaim
            | Self::ShowAnotherClaim
            | Self::FoundAGroup
            | Self::RevokeWithTheDelegationsKey
            | Self::RevokeWithTheirLettersKey
            | Self::RevokeForAnotherDelegation
            | Self::AdmitWithTheDelegationsKey
            | Self::AdmitWithTheirLettersKey
            | Self::HaveANotebookKept
            | Self::PublishWithTheDelegationsKey
            | Self::PublishWithTheirLettersKey
            | Self::SignAStatementWithTheDelegationsKey
            | Self::SignAStatementForAnotherDelegation
            | Self::AnnounceWithTheDelegationsKey => DependsOn::Nobody,
        }
    }

    /// The meeting in which it is done (something may have to happen first), and the command.
    pub fn by(self, scene: &Scene) -> (Meeting, Command) {
        let mut meeting = scene.meeting.clone();
        let who = &scene.subject;
        let id = meeting.id();
        let group = meeting.group().unwrap().clone();
        let place = group.place(id);
        let say = |body| Command::State(Box::new(who.say(body)));
        let of_subject = |kind| {
            let mut evidence = scene.evidence(kind);
            evidence.motion = who.say(scene.motion(kind));
            evidence
        };
        let act = |side: usize, deed_of: fn(&Scene) -> ActDeed, seed| {
            let act = incamera_meeting::Act {
                meeting: who.credential.claim.body.meeting,
                delegation: side as u16,
                at_ms: NOW_MS,
                deed: deed_of(scene),
            };
            Command::Act(Box::new(Signed::new("act", act, seed)))
        };
        let revoke: fn(&Scene) -> ActDeed = |scene| ActDeed::Revoke(scene.newcomer.credential.binding.body.letter);
        let admit: fn(&Scene) -> ActDeed = |scene| {
            let binding = &scene.subject.credential.binding.body;
            ActDeed::Admit(binding.letter, binding.device_key)
        };
        // A stranger signs for the meeting that it knows.
        let known = MeetingId(who.credential.claim.body.meeting);
        let texts = || vec![Translation::typed("en", "We met.").unwrap()];
        let publish = |seed| {
            let readout = Signed::readout(known, OWN as u16, None, texts(), NOW_MS, seed);
            Command::Publish(Box::new(readout.unwrap()))
        };
        let sign = |side: usize| {
            let joint = Joint::new(known, vec![0, 1, 2], texts(), NOW_MS).unwrap();
            Command::SignJoint(Box::new(joint.signed(side as u16, &who.delegation_seed)))
        };
        let command = match self {
            Self::MoveToOpen => say(scene.motion(MotionKind::Open)),
            Self::CallAClose => say(scene.motion(MotionKind::Close)),
            Self::MoveToAdjourn => say(scene.motion(MotionKind::Adjourn)),
            Self::Consent => {
                let running = meeting.running(NOW_MS).map(|running| running.motion.id());
                let motion = running.unwrap_or(MotionId([0; 32]));
                say(Body::Consent(Consent { motion }))
            }
            Self::GiveAFin => {
                let motion = motion_of(&scene.evidence(MotionKind::Close));
                say(Body::Fin(scene.fin(SUBJECT, &motion)))
            }
            Self::GiveAHeartbeat => {
                let (said, chain) = group.said.so_far();
                say(Body::Heartbeat(Heartbeat {
                    place,
                    beat: 0,
                    at_ms: NOW_MS,
                    authenticator: [0; 32],
                    roster: group.roster_hash(),
                    said,
                    chain,
                }))
            }
            Self::SayGoodbye => say(Body::Goodbye(Goodbye { place })),
            Self::DiscloseKeys => {
                let keys = vec![Disclosure {
                    kid: scene.kid(SUBJECT),
                    enc_key: Bytes(vec![0; 16]),
                    salt: Bytes(vec![0; 12]),
                }];
                let by = Discloser::sign(who.credential.binding.body.letter, &place, &keys, &who.letter_seed);
                Command::Disclose(SUBJECT, keys, by.unwrap())
            }
            Self::CommitNothing => commit(scene.facts(SUBJECT)),
            Self::CommitAnAddition => {
                let mut facts = scene.facts(SUBJECT);
                facts.adds.push(scene.newcomer.added());
                facts.meeting_secret = true;
                commit(facts)
            }
            Self::CommitTheRemovalOfOneWhoLeft => {
                let goodbye = scene.principals[1].say(Body::Goodbye(Goodbye { place }));
                let events = meeting.decide(NOW_MS, Command::State(Box::new(goodbye)));
                events.unwrap_or_default().iter().for_each(|event| meeting.apply(event));
                let mut facts = scene.facts(SUBJECT);
                facts.removes.push(Leaf(1));
                commit(facts)
            }
            Self::CommitTheRemovalOfOneWhoIsHere => {
                let mut facts = scene.facts(SUBJECT);
                facts.removes.push(Leaf(1));
                commit(facts)
            }
            Self::CommitFromOutside => {
                let mut facts = scene.facts(SUBJECT);
                facts.sender = CommitSender::Outsider;
                facts.adds.push(who.added());
                facts.meeting_secret = true;
                commit(facts)
            }
            Self::CommitAnOpening => scene.turn(SUBJECT, &scene.opening(&[0, 1, 2])),
            Self::CommitAnOpeningWithoutAConsent => scene.turn(SUBJECT, &scene.opening(&[0, 2])),
            Self::CommitAClose => scene.turn(SUBJECT, &scene.with_fins(scene.evidence(MotionKind::Close))),
            Self::CommitAnAdjournment => scene.turn(SUBJECT, &scene.evidence(MotionKind::Adjourn)),
            Self::CommitAnOpenPhaseWithoutAMotion => {
                let mut facts = scene.facts(SUBJECT);
                facts.context.phase = PartPhase::Open;
                facts.context.part += 1;
                commit(facts)
            }
            Self::HaveTheirOpeningCommitted => {
                let others: Vec<_> = scene.principals[..OWN].iter().collect();
                scene.turn(Leaf(0), &with_consents(of_subject(MotionKind::Open), &others))
            }
            Self::HaveTheirConsentCommitted => {
                let mover = usize::from(scene.mover(MotionKind::Open).credential.claim.body.delegation);
                let others = (0..OWN).filter(|side| *side != mover);
                let others: Vec<_> = others.map(|side| &scene.principals[side]).chain([who]).collect();
                scene.turn(Leaf(0), &with_consents(scene.evidence(MotionKind::Open), &others))
            }
            Self::HaveTheirCloseCommitted => {
                let evidence = of_subject(MotionKind::Close);
                scene.turn(Leaf(0), &scene.with_fins(evidence))
            }
            Self::HaveTheirAdjournmentCommitted => scene.turn(Leaf(0), &of_subject(MotionKind::Adjourn)),
            Self::BeAdded => {
                let mut facts = scene.facts(Leaf(0));
                facts.adds.push(who.added());
                facts.meeting_secret = true;
                commit(facts)
            }
            Self::ShowTheirChain => Command::Claim(Box::new(who.credential.clone())),
            Self::ShowTheirClaim => Command::ClaimSlot(Box::new(who.credential.claim.clone())),
            Self::ShowAnotherClaim => {
                let mut claim = who.credential.claim.body.clone();
                claim.delegation_key = who.device;
                Command::ClaimSlot(Box::new(Signed::new("claim", claim, &who.slot_seed)))
            }
            Self::FoundAGroup => {
                let (founding, part) = meeting.next_founding();
                Command::Found {
                    leaf: Leaf(0),
                    founder: who.added(),
                    context: MeetingContext::founding(id.0, founding, [9; 16], part, meeting.current_item()),
                    message: Bytes::default(),
                }
            }
            Self::RevokeWithTheDelegationsKey => act(OWN, revoke, &who.delegation_seed),
            Self::RevokeWithTheirLettersKey => act(OWN, revoke, &who.letter_seed),
            Self::RevokeForAnotherDelegation => act(1, revoke, &who.delegation_seed),
            Self::AdmitWithTheDelegationsKey => act(OWN, admit, &who.delegation_seed),
            Self::AdmitWithTheirLettersKey => act(OWN, admit, &who.letter_seed),
            Self::HaveANotebookKept => Command::Note(OWN as u16, Bytes(vec![1])),
            Self::PublishWithTheDelegationsKey => publish(&who.delegation_seed),
            Self::PublishWithTheirLettersKey => publish(&who.letter_seed),
            Self::SignAStatementWithTheDelegationsKey => sign(OWN),
            Self::SignAStatementForAnotherDelegation => sign(1),
            Self::AnnounceWithTheDelegationsKey => {
                let plan = Plan {
                    starts_at_ms: NOW_MS,
                    ..Plan::default()
                };
                let signed = Signed::announcement(id, None, &plan, NOW_MS, &who.delegation_seed);
                Command::Announce(Box::new(signed.unwrap()))
            }
        };
        (meeting, command)
    }
}
