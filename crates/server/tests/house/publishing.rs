//! Readouts and announcements over HTTP and the desk's socket.

use incamera_meeting::{
    Announcement, DelegationLink, Draft, DraftItem, Encode as _, Founded, Joint, Plan, Readout, Seed, Signed,
    Translation,
};
use incamera_protocol::desk::{DeskMessage, DeskServerMessage, DeskState};
use incamera_protocol::public::{
    Announce, Announcements, Convene, PublicMeeting, PublicState, Readouts, SignedJointStatement,
};
use incamera_protocol::{Bytes, ErrorCode, MeetingId};

use crate::harness::{Convocation, House, Socket, now_ms, random};

/// A delegation's desk on a socket.
pub(crate) struct Desk {
    socket: Socket,
    seed: Seed,
    meeting: MeetingId,
    delegation: u16,
}

impl Desk {
    pub(crate) async fn open(house: &House, meeting: MeetingId, link: &DelegationLink, seed: &Seed) -> Self {
        let mut desk = Self {
            socket: house.socket(meeting, "desk").await,
            seed: seed.clone(),
            meeting,
            delegation: link.delegation,
        };
        let DeskServerMessage::Challenge { nonce, .. } = desk.hear().await else {
            panic!("no challenge");
        };
        let claim = Signed::claim(meeting, link.delegation, &link.slot_seed, seed.public_key());
        let proven = [meeting.0.as_slice(), &nonce.0].concat();
        desk.say(&DeskMessage::Hello {
            claim: Bytes(claim.encode()),
            proof: Bytes(seed.sign("desk", &proven).to_vec()),
        })
        .await;
        desk
    }

    pub(crate) async fn say(&mut self, message: &DeskMessage) {
        self.socket.say_text(serde_json::to_string(message).unwrap()).await;
    }

    async fn hear(&mut self) -> DeskServerMessage {
        serde_json::from_str(&self.socket.hear_text().await).unwrap()
    }

    pub(crate) async fn state_with(&mut self, wanted: impl Fn(&DeskState) -> bool) -> DeskState {
        loop {
            match self.hear().await {
                DeskServerMessage::State { state } if wanted(&state) => return *state,
                DeskServerMessage::Refused { code, message, .. } => panic!("{code:?}: {message}"),
                _ => {}
            }
        }
    }

    async fn refusal(&mut self) -> ErrorCode {
        loop {
            if let DeskServerMessage::Refused { code, .. } = self.hear().await {
                return code;
            }
        }
    }

    fn readout(&self, previous: Option<&Readout>, words: &str) -> Signed<Readout> {
        let texts = vec![Translation::typed("en", words).unwrap()];
        Signed::readout(self.meeting, self.delegation, previous, texts, now_ms(), &self.seed).unwrap()
    }

    pub(crate) async fn publish(&mut self, readout: &Signed<Readout>) {
        let readout = Bytes(readout.encode());
        self.say(&DeskMessage::Publish { readout }).await;
    }

    async fn told_of_a_joint_statement(&mut self) -> SignedJointStatement {
        loop {
            if let DeskServerMessage::Joint { joint } = self.hear().await {
                return joint;
            }
        }
    }

    async fn sign(&mut self, joint: &Joint) {
        let joint = Bytes(joint.clone().signed(self.delegation, &self.seed).encode());
        self.say(&DeskMessage::Joint { joint }).await;
    }
}

async fn readouts(house: &House, meeting: MeetingId) -> Readouts {
    house.get(&format!("/api/meetings/{meeting}/readouts")).await.json()
}

#[tokio::test]
async fn a_readout_is_public_as_it_was_signed_and_survives_a_restart() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let seed = Seed::new(random());
    let mut desk = Desk::open(&house, convocation.id(), &convocation.links[0], &seed).await;
    desk.state_with(|_| true).await;
    let first = desk.readout(None, "We met.");
    desk.publish(&first).await;
    let state = desk.state_with(|state| state.readout.is_some()).await;
    assert_eq!(state.readout.unwrap().0, first.encode());
    let second = desk.readout(Some(&first.body), "We met, and *agreed*.");
    desk.publish(&second).await;
    desk.state_with(|state| state.public.published == 2).await;

    let house = house.restart().await;
    let published = readouts(&house, convocation.id()).await;
    let signed: Vec<Vec<u8>> = published.readouts.into_iter().map(|it| it.readout.0).collect();
    assert_eq!(signed, [first.encode(), second.encode()]);
    let mut desk = Desk::open(&house, convocation.id(), &convocation.links[0], &seed).await;
    let state = desk.state_with(|_| true).await;
    assert_eq!(state.readout.unwrap().0, second.encode());
}

#[tokio::test]
async fn a_desk_publishes_for_its_own_delegation_only() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = (Seed::new(random()), Seed::new(random()));
    let mut desk = Desk::open(&house, convocation.id(), &convocation.links[0], &north).await;
    let mut other = Desk::open(&house, convocation.id(), &convocation.links[1], &south).await;
    desk.state_with(|_| true).await;
    other.state_with(|_| true).await;
    // Rightly signed, and said by somebody else.
    let stolen = other.readout(None, "We met.");
    desk.publish(&stolen).await;
    assert_eq!(desk.refusal().await, ErrorCode::Malformed);
    // Said by the right desk, and signed by nobody who may.
    let mut forged = other.readout(None, "We met.");
    forged.signature[0] ^= 1;
    other.publish(&forged).await;
    assert_eq!(other.refusal().await, ErrorCode::Credential);
    assert!(readouts(&house, convocation.id()).await.readouts.is_empty());
}

fn joint(meeting: MeetingId, words: &str) -> Joint {
    let texts = vec![Translation::typed("en", words).unwrap()];
    Joint::new(meeting, vec![0, 1], texts, now_ms()).unwrap()
}

#[tokio::test]
async fn a_joint_statement_goes_to_those_who_are_to_sign_it_and_to_the_public_and_the_record_with_the_last_signature() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let id = convocation.id();
    let seeds: Vec<Seed> = (0..2).map(|_| Seed::new(random())).collect();
    let mut desk = Desk::open(&house, id, &convocation.links[0], &seeds[0]).await;
    let mut other = Desk::open(&house, id, &convocation.links[1], &seeds[1]).await;
    desk.state_with(|_| true).await;
    other.state_with(|_| true).await;
    let joint = joint(id, "We agree.");
    desk.sign(&joint).await;
    let told = other.told_of_a_joint_statement().await;
    assert_eq!(told.statement.0, joint.encode());
    assert_eq!(
        told.signatures.iter().map(|it| it.delegation).collect::<Vec<u16>>(),
        [0]
    );
    assert!(readouts(&house, id).await.joints.is_empty());

    // What was acknowledged to one is there after a fall, and the other signs it.
    let house = house.restart().await;
    assert!(
        readouts(&house, id).await.joints.is_empty(),
        "one signature makes nothing public"
    );
    let mut other = Desk::open(&house, id, &convocation.links[1], &seeds[1]).await;
    let told = other.told_of_a_joint_statement().await;
    assert_eq!(told.statement.0, joint.encode());
    other.sign(&joint).await;
    other.state_with(|state| state.public.published == 1).await;

    let house = house.restart().await;
    let published = readouts(&house, id).await;
    assert_eq!(published.joints.len(), 1);
    assert_eq!(published.joints[0].signatures.len(), 2);
    assert_eq!(published.claims.len(), 2);
    let entries = house.get(&format!("/m/{id}/record/tile/entries/000.p/4")).await;
    assert_eq!(entries.status, 200, "convened, two claims, and one entry of it");
    assert_eq!(entries.body.matches(r#""kind":"joint""#).count(), 1);
}

#[tokio::test]
async fn a_desk_signs_joint_statements_for_its_own_delegation_only() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let (north, south) = (Seed::new(random()), Seed::new(random()));
    let mut desk = Desk::open(&house, convocation.id(), &convocation.links[0], &north).await;
    let mut other = Desk::open(&house, convocation.id(), &convocation.links[1], &south).await;
    desk.state_with(|_| true).await;
    other.state_with(|_| true).await;
    let joint = joint(convocation.id(), "We agree.");
    // Rightly signed, and said by somebody else.
    let joint_of_other = Bytes(joint.clone().signed(1, &south).encode());
    desk.say(&DeskMessage::Joint { joint: joint_of_other }).await;
    assert_eq!(desk.refusal().await, ErrorCode::Malformed);
    // In the other's name, with a key that is not the other's.
    let forged = Bytes(joint.clone().signed(1, &north).encode());
    other.say(&DeskMessage::Joint { joint: forged }).await;
    assert_eq!(other.refusal().await, ErrorCode::Credential);
    // Another text under a signature that was given.
    desk.sign(&joint).await;
    let mut altered = joint.signed(1, &south);
    altered.joint.texts = vec![Translation::typed("en", "We agree on more.").unwrap()];
    let altered = Bytes(altered.encode());
    other.say(&DeskMessage::Joint { joint: altered }).await;
    assert_eq!(other.refusal().await, ErrorCode::Credential);
    assert!(readouts(&house, convocation.id()).await.joints.is_empty());
}

const HOUR_MS: u64 = 3_600_000;

fn founded() -> Founded {
    let draft = Draft {
        title: "Talks".to_owned(),
        delegations: vec!["North".to_owned(), "South".to_owned()],
        agenda: vec![DraftItem {
            title: "Opening words".to_owned(),
            public: true,
            ground: String::new(),
        }],
        ..Draft::default()
    };
    draft.found(now_ms(), random).unwrap()
}

fn plan(starts_in_ms: u64, public_in_ms: Option<u64>) -> Plan {
    Plan {
        starts_at_ms: now_ms() + starts_in_ms,
        minutes: 90,
        place: "By video".to_owned(),
        public_from_ms: public_in_ms.map_or(0, |wait_ms| now_ms() + wait_ms),
    }
}

async fn convene_with(house: &House, founded: &Founded, plan: &Plan) -> MeetingId {
    let id = founded.charter.charter.id();
    let announcement = Signed::announcement(id, None, plan, now_ms(), &founded.convener.convener_seed).unwrap();
    let body = serde_json::to_vec(&Convene {
        charter: Bytes(founded.charter.encode()),
        announcement: Some(Bytes(announcement.encode())),
    })
    .unwrap();
    let key = format!("Bearer {}", house.running.house_key());
    let answer = house.post("/api/meetings", &[("authorization", &key)], &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    id
}

async fn announce(house: &House, id: MeetingId, signed: &Signed<Announcement>) -> (u16, String) {
    let body = serde_json::to_vec(&Announce {
        announcement: Bytes(signed.encode()),
    })
    .unwrap();
    let answer = house
        .post(&format!("/api/meetings/{id}/announcements"), &[], &body)
        .await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn what_is_announced_can_be_moved_by_the_convener_and_by_nobody_else() {
    let house = House::start().await;
    let founded = founded();
    let id = convene_with(&house, &founded, &plan(HOUR_MS, None)).await;
    let announced: Announcements = house.get(&format!("/api/meetings/{id}/announcements")).await.json();
    let first = Signed::<Announcement>::read(&announced.announcements[0].0).unwrap();
    let later = plan(2 * HOUR_MS, None);
    let by_another = Signed::announcement(id, Some(&first.body), &later, now_ms(), &Seed::new(random())).unwrap();
    assert_eq!(announce(&house, id, &by_another).await.0, 403);
    let seed = &founded.convener.convener_seed;
    let second = Signed::announcement(id, Some(&first.body), &later, now_ms(), seed).unwrap();
    assert_eq!(announce(&house, id, &second).await, (204, String::new()));
    let house = house.restart().await;
    let meeting: PublicMeeting = house.get(&format!("/api/meetings/{id}")).await.json();
    let starts: Vec<u64> = meeting.state.announcements.iter().map(|it| it.starts_at_ms).collect();
    assert_eq!(starts, [first.body.starts_at_ms, later.starts_at_ms]);
}

#[tokio::test]
async fn under_an_embargo_the_public_finds_nothing_and_members_enter() {
    let house = House::start().await;
    let founded = founded();
    let id = convene_with(&house, &founded, &plan(2 * HOUR_MS, Some(HOUR_MS))).await;
    assert_eq!(house.get("/api/meetings").await.json::<Vec<PublicState>>(), []);
    for path in ["record", "readouts"] {
        let answer = house.get(&format!("/api/meetings/{id}/{path}")).await;
        assert_eq!((answer.status, answer.code()), (404, ErrorCode::NotFound), "{path}");
    }
    assert_eq!(house.socket_from(id, "gallery", None).await.err(), Some(404));
    let convocation = Convocation {
        charter: founded.charter,
        links: founded.delegations,
        roles: [incamera_meeting::Role::Principal; 2],
    };
    convocation.person(0).arrive(&house, None).await.here().await;
    let desk = Seed::new(random());
    let mut desk = Desk::open(&house, id, &convocation.links[1], &desk).await;
    desk.state_with(|_| true).await;
    // The convener may end it at once.
    let announced: Announcements = house.get(&format!("/api/meetings/{id}/announcements")).await.json();
    let first = Signed::<Announcement>::read(&announced.announcements[0].0).unwrap();
    let told = plan(2 * HOUR_MS, None);
    let seed = &founded.convener.convener_seed;
    let second = Signed::announcement(id, Some(&first.body), &told, now_ms(), seed).unwrap();
    assert_eq!(announce(&house, id, &second).await.0, 204);
    assert_eq!(house.get("/api/meetings").await.json::<Vec<PublicState>>().len(), 1);
    assert!(house.socket_from(id, "gallery", None).await.is_ok());
}

#[tokio::test]
async fn a_meeting_whose_announcement_does_not_hold_is_not_convened() {
    let house = House::start().await;
    let founded = founded();
    let id = founded.charter.charter.id();
    let by_another = Signed::announcement(id, None, &plan(HOUR_MS, None), now_ms(), &Seed::new(random())).unwrap();
    let body = serde_json::to_vec(&Convene {
        charter: Bytes(founded.charter.encode()),
        announcement: Some(Bytes(by_another.encode())),
    })
    .unwrap();
    let key = format!("Bearer {}", house.running.house_key());
    let answer = house.post("/api/meetings", &[("authorization", &key)], &body).await;
    assert_eq!((answer.status, answer.code()), (403, ErrorCode::Credential));
    assert_eq!(house.get(&format!("/api/meetings/{id}")).await.status, 404);
}
