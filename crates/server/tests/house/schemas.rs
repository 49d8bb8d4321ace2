//! Houses whose store an earlier incamera wrote.

use incamera_protocol::public::{PublicPhase, PublicState};
use incamera_server::{Config, Server};

use crate::harness::House;

/// Of each schema: what the store's own tests have of it.
const DUMPS: [&str; 1] = [include_str!("../../../store/tests/schemas/1.sql")];

#[tokio::test]
async fn a_house_of_every_schema_starts_and_its_meetings_are_what_they_were() {
    for dump in DUMPS {
        let folder = tempfile::tempdir().unwrap();
        let file = rusqlite::Connection::open(folder.path().join("incamera.sqlite")).unwrap();
        file.execute_batch(dump).unwrap();
        drop(file);
        let running = Server::start(Config::local(folder.path())).await.unwrap();
        let house = House { running, folder };
        let meetings: Vec<PublicState> = house.get("/api/meetings").await.json();
        let [meeting] = meetings.as_slice() else {
            panic!("{meetings:?}")
        };
        assert_eq!(meeting.phase, PublicPhase::Adjourned);
        let open: Vec<bool> = meeting.parts.iter().map(|part| part.open).collect();
        assert_eq!(
            (open.as_slice(), meeting.delegations.len()),
            ([false, true, false].as_slice(), 2)
        );
        // What the house of then has signed of the end of this meeting is what this program makes of its events.
        let log = house.get("/record/tile/entries/000.p/2").await.body;
        let head = house
            .get(&format!("/m/{}/record/checkpoint", meeting.meeting))
            .await
            .body;
        let mut lines = head.lines().skip(1);
        let (size, root) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(
            log.contains(&format!("\"size\":{size},\"root\":\"{root}\"")),
            "{head}\n{log}"
        );
        // Both members have countersigned it.
        assert_eq!(head.matches("incamera/letter/").count(), 2, "{head}");
    }
}
