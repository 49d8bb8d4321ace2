//! The real server, and two people at its table, each behind a line that lies.

use std::net::SocketAddr;
use std::time::Duration;

use incamera_client::{HouseClient, MemberClient, MemberStatus, NewMeeting};
use incamera_meeting::{Draft, DraftItem};
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_server::{Config, Running, Server as House};
use tempfile::TempDir;

use crate::liar::Liar;

/// Far more than anything here takes on a busy machine.
pub const STEP: Duration = Duration::from_secs(60);

/// A house on this machine.
pub struct Server {
    running: Running,
    _folder: TempDir,
}

impl Server {
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let running = House::start(Config::local(folder.path())).await.unwrap();
        Self {
            running,
            _folder: folder,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.running.http()
    }

    pub async fn convene(&self) -> NewMeeting {
        self.convene_in(&[]).await
    }

    /// The same in these languages.
    pub async fn convene_in(&self, languages: &[&str]) -> NewMeeting {
        let item = |title: &str, public| DraftItem {
            title: title.to_owned(),
            public,
            ground: String::new(),
        };
        let draft = Draft {
            title: "A meeting in a house that lies".to_owned(),
            languages: languages.iter().map(|tag| (*tag).to_owned()).collect(),
            delegations: vec!["One side".to_owned(), "The other side".to_owned()],
            agenda: vec![item("Welcome", true), item("Talks", false)],
            ..Draft::default()
        };
        let house = HouseClient::new(format!("http://{}", self.address()));
        house.convene(self.running.house_key(), &draft).await.unwrap()
    }
}

/// A delegation's first client, behind its line.
pub async fn seated(liar: &Liar, meeting: &NewMeeting, delegation: usize) -> MemberClient {
    MemberClient::join(&liar.house(), meeting.id, &meeting.fragments[delegation], "A principal")
        .await
        .unwrap()
}

/// Two people in one meeting.
pub struct Table {
    pub house: std::sync::Arc<Server>,
    pub meeting: incamera_protocol::MeetingId,
    pub a: MemberClient,
    pub b: MemberClient,
    pub a_line: Liar,
    pub b_line: Liar,
}

impl Table {
    /// Both are here and hear each other, in closed session; nobody has lied yet.
    pub async fn seated() -> Self {
        Self::seated_in(&std::sync::Arc::new(Server::start().await)).await
    }

    /// The same, in a house that is there already.
    pub async fn seated_in(house: &std::sync::Arc<Server>) -> Self {
        let meeting = house.convene().await;
        let (a_line, b_line) = (Liar::before(house.address()).await, Liar::before(house.address()).await);
        let a = seated(&a_line, &meeting, 0).await;
        a.until(STEP, |status| status.lamp() == Lamp::Closed)
            .await
            .expect("A founds the group");
        let b = seated(&b_line, &meeting, 1).await;
        let table = Self {
            house: house.clone(),
            meeting: meeting.id,
            a,
            b,
            a_line,
            b_line,
        };
        for member in table.members() {
            reaches(member, Lamp::Closed).await;
            has_opened(member).await;
        }
        table
    }

    /// Both are in public.
    pub async fn open() -> Self {
        let table = Self::seated().await;
        table.both_open().await;
        table
    }

    /// A moves to open, B consents, and both see it.
    pub async fn both_open(&self) {
        let motion = Command::Move {
            kind: MotionKind::Open,
            item: 0,
        };
        self.a.command(motion).await.unwrap();
        self.b_consents().await;
        for member in self.members() {
            reaches(member, Lamp::Open).await;
            let sends = member
                .until(STEP, |status| status.last_open_sealed >= status.lamp_since)
                .await;
            sends.expect("everybody sends in public");
        }
    }

    pub async fn b_consents(&self) {
        let asked = self
            .b
            .until(STEP, |status| status.view.as_ref().is_some_and(|view| view.may.consent));
        let view = asked.await.expect("B is asked").view.unwrap();
        let motion = view.motion.as_ref().unwrap().id.clone();
        self.b.command(Command::Consent { motion }).await.unwrap();
    }

    /// A closes.
    pub async fn close(&self) {
        let motion = Command::Move {
            kind: MotionKind::Close,
            item: 1,
        };
        self.a.command(motion).await.unwrap();
    }

    pub fn members(&self) -> [&MemberClient; 2] {
        [&self.a, &self.b]
    }

    pub fn liars(&self) -> [&Liar; 2] {
        [&self.a_line, &self.b_line]
    }
}

/// Waits for a lamp.
pub async fn reaches(member: &MemberClient, lamp: Lamp) -> MemberStatus {
    let reached = member.until(STEP, |status| status.lamp() == lamp).await;
    reached.unwrap_or_else(|| panic!("the lamp is not {lamp:?}: {:?}", member.status()))
}

/// More frames of the other are opened.
pub async fn has_opened(member: &MemberClient) {
    let frames = member.status().opened_frames() + 10;
    let opened = member.until(STEP, |status| status.opened_frames() >= frames).await;
    assert!(opened.is_some(), "nothing is opened: {:?}", member.status());
}

/// For half a second, in which fifty frames would be due, nothing is sent and nothing was sealed too late.
pub async fn nobody_is_heard(member: &MemberClient) {
    let before = member.status().sent;
    let more = member
        .until(Duration::from_millis(500), |status| status.sent > before)
        .await;
    assert!(more.is_none(), "it goes on sending");
    assert_eq!(member.status().open_sealed_too_late, 0);
    assert!(!member.status().view.unwrap().sending);
}
