//! The pages and feeds of the public: whole without a script, harmless whatever people call things.

use std::io::BufReader;

use incamera_meeting::{Draft, DraftItem, Encode as _, Founded, Plan, Signed, Translation};
use incamera_protocol::public::Convene;
use incamera_protocol::{Bytes, MeetingId};

use crate::harness::{Answer, House, now_ms, random};
use crate::publishing::Desk;

const HOUR_MS: u64 = 3_600_000;
/// What would run, or break out of where it stands, if anything anywhere were not escaped.
const CANARY: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;]]>";

fn draft(title: &str, sides: [&str; 2]) -> Draft {
    Draft {
        title: title.to_owned(),
        languages: vec!["en".to_owned()],
        delegations: sides.map(str::to_owned).to_vec(),
        agenda: vec![
            DraftItem {
                title: format!("Opening {title}"),
                public: true,
                ground: String::new(),
            },
            DraftItem {
                title: "Talks".to_owned(),
                public: false,
                ground: format!("Ground {title}"),
            },
        ],
        ..Draft::default()
    }
}

fn plan(starts_in_ms: u64, place: &str) -> Plan {
    Plan {
        starts_at_ms: now_ms() + starts_in_ms,
        minutes: 90,
        place: place.to_owned(),
        public_from_ms: 0,
    }
}

async fn convene(house: &House, draft: &Draft, plan: Option<&Plan>) -> (MeetingId, Founded) {
    let founded = draft.found(now_ms(), random).unwrap();
    let id = founded.charter.charter.id();
    let announcement = plan.map(|plan| {
        let signed = Signed::announcement(id, None, plan, now_ms(), &founded.convener.convener_seed).unwrap();
        Bytes(signed.encode())
    });
    let body = serde_json::to_vec(&Convene {
        charter: Bytes(founded.charter.encode()),
        announcement,
    })
    .unwrap();
    let key = format!("Bearer {}", house.running.house_key());
    let answer = house.post("/api/meetings", &[("authorization", &key)], &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    (id, founded)
}

/// All that the public can read of a house with this meeting.
async fn everything(house: &House, id: MeetingId, side: &str) -> Vec<(String, Answer)> {
    let side: String = side.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut all = Vec::new();
    for path in [
        "/".to_owned(),
        format!("/m/{id}"),
        format!("/d/{side}"),
        "/feed.atom".to_owned(),
        "/calendar.ics".to_owned(),
        format!("/m/{id}/feed.atom"),
        format!("/m/{id}/calendar.ics"),
    ] {
        let answer = house.get(&path).await;
        all.push((path, answer));
    }
    all
}

#[tokio::test]
async fn schedule_and_page_say_all_without_a_script() {
    let house = House::start().await;
    let draft = draft("Water talks", ["Ardania", "Borland"]);
    let (id, _) = convene(&house, &draft, Some(&plan(26 * HOUR_MS, "By video"))).await;
    let schedule = house.get("/").await;
    assert_eq!(schedule.status, 200);
    for word in [
        "To come",
        "Water talks",
        "Ardania and Borland",
        "UTC",
        "planned for 1 h 30 min",
        "By video",
    ] {
        assert!(schedule.body.contains(word), "{word}");
    }
    let page = house.get(&format!("/m/{id}")).await;
    for word in [
        "To begin ",
        "Opening Water talks",
        "in closed session: Ground Water talks",
        "<meta property=\"og:title\"",
        "<time datetime=\"",
    ] {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
    let preview = house.get(&format!("/m/{id}")).await;
    let at = format!("http://{}", house.address());
    for (property, content) in [
        ("og:type", "website".to_owned()),
        ("og:url", format!("{at}/m/{id}")),
        ("og:image", format!("{at}/preview.png")),
    ] {
        let meta = format!("<meta property=\"{property}\" content=\"{content}\">");
        assert!(preview.body.contains(&meta), "{meta}: {}", preview.body);
    }
    let side = house.get("/d/Ardania").await;
    assert!(side.body.contains("Water talks") && side.body.contains("The same name is no proof"));
    assert_eq!(house.get("/d/Nobody").await.status, 404);
}

#[tokio::test]
async fn pages_speak_the_language_of_whoever_reads_and_feeds_that_of_the_house() {
    let house = House::start().await;
    let draft = draft("Water talks", ["Ardania", "Borland"]);
    let (id, _) = convene(&house, &draft, Some(&plan(26 * HOUR_MS, "By video"))).await;
    let french = [("accept-language", "pt-BR, fr-CH;q=0.9, de;q=0.5")];
    let page = house.request("GET", &format!("/m/{id}"), &french, b"").await;
    for word in ["<html lang=\"fr\" dir=\"ltr\"", "Ordre du jour", "Ardania et Borland"] {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
    assert!(page.header("vary").unwrap().contains("accept-language"));
    let asked = house.request("GET", "/?lang=ar", &french, b"").await;
    let link = format!("href=\"/m/{id}?lang=ar\"");
    for word in ["<html lang=\"ar\" dir=\"rtl\"", &link, "hreflang=\"zh\""] {
        assert!(asked.body.contains(word), "{word}: {}", asked.body);
    }
    let feed = house.request("GET", "/feed.atom", &french, b"").await;
    assert!(feed.body.contains("To begin on") && feed.header("vary") == Some("accept-encoding"));
}

#[tokio::test]
async fn nothing_that_people_write_becomes_markup() {
    let house = House::start().await;
    let side = format!("Side {CANARY}");
    let draft = draft(&format!("Title {CANARY}"), [&side, "Borland"]);
    let (id, founded) = convene(&house, &draft, Some(&plan(HOUR_MS, CANARY))).await;
    let seed = incamera_meeting::Seed::new(random());
    let mut desk = Desk::open(&house, id, &founded.delegations[0], &seed).await;
    desk.state_with(|_| true).await;
    let markdown =
        format!("# {CANARY}\n\n{CANARY}\n\n[x](javascript:alert(3)) ![{CANARY}](https://evil.example/i.png)");
    let texts = vec![
        Translation::typed("en", &markdown).unwrap(),
        Translation::typed("fr", CANARY).unwrap(),
    ];
    let readout = Signed::readout(id, 0, None, texts, now_ms(), &seed).unwrap();
    desk.publish(&readout).await;
    desk.state_with(|state| state.readout.is_some()).await;
    for (path, answer) in everything(&house, id, &side).await {
        assert_eq!(answer.status, 200, "{path}");
        let body = answer.body.to_lowercase();
        assert!(body.contains("alert(1)"), "the canary is shown: {path}");
        if path.ends_with(".ics") {
            // Plain text: a canary must not end its line.
            assert!(body.lines().all(|line| !line.starts_with("\"'>")), "{path}");
            continue;
        }
        for forbidden in ["<script>", "<img", "javascript:", "\"'><"] {
            assert!(!body.contains(forbidden), "{forbidden} in {path}: {body}");
        }
    }
}

#[tokio::test]
async fn a_meeting_under_embargo_looks_like_one_that_is_not_there() {
    let house = House::start().await;
    let hidden = Plan {
        public_from_ms: now_ms() + HOUR_MS,
        ..plan(2 * HOUR_MS, "Secret place")
    };
    let draft = draft("Secret talks", ["Ardania", "Borland"]);
    let (id, _) = convene(&house, &draft, Some(&hidden)).await;
    let unknown = MeetingId([9; 32]);
    for end in ["", "/feed.atom", "/calendar.ics"] {
        let answer = house.get(&format!("/m/{id}{end}")).await;
        let nothing = house.get(&format!("/m/{unknown}{end}")).await;
        assert_eq!((answer.status, &answer.body), (404, &nothing.body), "{end}");
    }
    for path in ["/", "/feed.atom", "/calendar.ics", "/api/meetings"] {
        let body = house.get(path).await.body;
        assert!(!body.contains("Secret") && !body.contains(&id.to_string()), "{path}");
    }
    assert_eq!(house.get("/d/Ardania").await.status, 404);
}

/// The lines of an event, by name, as another parser reads them.
fn event_of(calendar: &str) -> Vec<(String, String)> {
    let mut calendars = ical::IcalParser::new(BufReader::new(calendar.as_bytes()));
    let calendar = calendars.next().unwrap().unwrap();
    assert!(calendars.next().is_none());
    let [event] = calendar.events.as_slice() else {
        panic!("not one event");
    };
    event
        .properties
        .iter()
        .map(|property| (property.name.clone(), property.value.clone().unwrap_or_default()))
        .collect()
}

fn value<'a>(event: &'a [(String, String)], name: &str) -> &'a str {
    let values: Vec<&str> = event
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(values.len(), 1, "{name}");
    values[0]
}

#[tokio::test]
async fn another_parser_reads_the_calendar_and_sees_the_meeting_move() {
    let house = House::start().await;
    let title = format!("Talks; water, and {}", "a very long title ".repeat(6));
    let draft = draft(&title, ["Ardania", "Borland"]);
    let first = Plan {
        starts_at_ms: 1_000 * ((now_ms() + 26 * HOUR_MS) / 1_000),
        ..plan(0, "Room 1, second floor; north")
    };
    let (id, founded) = convene(&house, &draft, Some(&first)).await;
    let answer = house.get("/calendar.ics").await;
    assert!(answer.header("content-type").unwrap().starts_with("text/calendar"));
    for line in answer.body.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "RFC 5545 §3.1: {line}");
    }
    let event = event_of(&answer.body);
    assert_eq!(value(&event, "UID"), format!("{id}@incamera"));
    assert_eq!(value(&event, "SEQUENCE"), "1");
    assert_eq!(value(&event, "SUMMARY").replace('\\', ""), title.trim());
    assert!(value(&event, "SUMMARY").contains("Talks\\; water\\, and"));
    assert_eq!(value(&event, "LOCATION"), "Room 1\\, second floor\\; north");
    assert!(value(&event, "URL").ends_with(&format!("/m/{id}")));
    let (start, end) = (value(&event, "DTSTART").to_owned(), value(&event, "DTEND").to_owned());
    assert!(
        start.ends_with('Z') && start.len() == 16 && end > start,
        "{start} {end}"
    );

    let later = Plan {
        starts_at_ms: first.starts_at_ms + HOUR_MS,
        ..first
    };
    let known: incamera_protocol::public::Announcements =
        house.get(&format!("/api/meetings/{id}/announcements")).await.json();
    let last = Signed::<incamera_meeting::Announcement>::read(&known.announcements[0].0).unwrap();
    let seed = &founded.convener.convener_seed;
    let moved = Signed::announcement(id, Some(&last.body), &later, now_ms(), seed).unwrap();
    let body = serde_json::to_vec(&incamera_protocol::public::Announce {
        announcement: Bytes(moved.encode()),
    })
    .unwrap();
    let answer = house
        .post(&format!("/api/meetings/{id}/announcements"), &[], &body)
        .await;
    assert_eq!(answer.status, 204);
    let event = event_of(&house.get(&format!("/m/{id}/calendar.ics")).await.body);
    assert_eq!(value(&event, "SEQUENCE"), "2");
    assert!(value(&event, "DTSTART") > start.as_str());
    assert!(house.get(&format!("/m/{id}")).await.body.contains("Moved from"));
    assert!(house.get("/").await.body.contains("Moved from"));
}

#[tokio::test]
async fn another_parser_reads_the_news() {
    let house = House::start().await;
    let (id, _) = convene(&house, &draft("A & B <talk>", ["Ardania", "Borland"]), None).await;
    for path in ["/feed.atom".to_owned(), format!("/m/{id}/feed.atom")] {
        let answer = house.get(&path).await;
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("application/atom+xml")
        );
        let feed = feed_rs::parser::parse(answer.body.as_bytes()).unwrap();
        assert!(feed.updated.is_some() && !feed.authors.is_empty(), "RFC 4287 §4.1.1");
        assert!(feed.links.iter().any(|link| link.rel.as_deref() == Some("self")));
        let [entry] = feed.entries.as_slice() else {
            panic!("not one entry");
        };
        assert_eq!(entry.title.as_ref().unwrap().content, "A & B <talk>");
        assert_eq!(entry.id, format!("ni:///sha-256;{id}"));
        assert!(entry.updated.is_some() && entry.summary.is_some());
        assert!(entry.links.iter().any(|link| link.href.ends_with(&format!("/m/{id}"))));
    }
}

#[tokio::test]
async fn whoever_has_the_feed_is_told_that_it_has_not_changed() {
    let house = House::start().await;
    let (id, _) = convene(
        &house,
        &draft("Talks", ["Ardania", "Borland"]),
        Some(&plan(HOUR_MS, "")),
    )
    .await;
    let page = format!("/m/{id}");
    for path in ["/feed.atom", "/calendar.ics", &page] {
        let first = house.get(path).await;
        let tag = first.header("etag").unwrap().to_owned();
        let again = house.request("GET", path, &[("if-none-match", &tag)], b"").await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        let other = house.request("GET", path, &[("if-none-match", "\"x\"")], b"").await;
        assert_eq!(other.status, 200, "{path}");
        let Some(date) = first.header("last-modified") else {
            assert!(path.starts_with("/m/"));
            continue;
        };
        let again = house.request("GET", path, &[("if-modified-since", date)], b"").await;
        assert_eq!(again.status, 304, "{path}");
    }
}
