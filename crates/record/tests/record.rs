//! The record: what holds is believed, and whatever else is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../seal/tests/house/mod.rs"]
mod house;
mod support;

use incamera_record::*;
use support::*;

#[test]
fn an_honest_record_holds_and_says_what_was() {
    let kept = kept();
    let known = Known {
        meeting: Some(kept.meeting),
        house: Some(house_seed().public_key()),
    };
    let report = verify(&kept.bundle, known);
    assert!(report.ok, "{}", report.page());
    assert_eq!(report.remarks, []);
    let phases: Vec<_> = report.parts.iter().map(|part| part.phase).collect();
    assert_eq!(phases, ["closed", "open", "closed"]);
    assert!(
        (report.parts[1].seconds - 20.0).abs() < 0.5,
        "{}",
        report.parts[1].seconds
    );
    assert_eq!(report.parts[1].moved_by, "Principal 0 (Delegation 0)");
    assert_eq!(
        report.parts[1].consents,
        ["Principal 1 (Delegation 1)", "Principal 2 (Delegation 2)"]
    );
    assert_eq!(report.parts[2].moved_by, "Principal 1 (Delegation 1)");
    // Four members, three streams each.
    assert_eq!(report.parts[1].keys, 12);
    assert_eq!(report.people.len(), 5);
    let spy = report.people.iter().find(|person| person.name == "A spy").unwrap();
    assert!(spy.left_at_ms.is_some());
    assert_eq!(report.covered, report.entries);
    assert_eq!(report.handshakes.by_rules_only, 0);
    assert!(report.handshakes.by_mls >= 9);
    let kinds: std::collections::BTreeSet<String> = kept.bundle.entries.iter().map(|it| kind_of(it)).collect();
    let all = [
        "announced",
        "committed",
        "convened",
        "deleted",
        "disclosed",
        "founded",
        "joint",
        "left",
        "readout",
        "recorded",
        "revoked",
        "slot_claimed",
        "unheard",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), all);
    assert!(report.page().contains("This record holds."));
}

#[test]
fn what_is_no_part_of_the_frame_is_not_in_it() {
    let kept = kept();
    let whole: Vec<u8> = kept.bundle.entries.concat();
    let whole = String::from_utf8_lossy(&whole);
    // The motion, which stands in the commit; heartbeats; desks' notebooks.
    for word in ["stated", "heartbeat", "notebook", "noted"] {
        assert!(!whole.contains(word), "{word}");
    }
}
