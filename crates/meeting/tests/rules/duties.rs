//! What the charter has the meeting owe the public, in the charter's own bytes.

use incamera_meeting::{Duties, Version};

use super::*;

fn charter(reports: bool, pauses: bool) -> SignedCharter {
    let item = DraftItem {
        title: "Talks".to_owned(),
        public: true,
        ground: String::new(),
    };
    let draft = Draft {
        title: "A meeting".to_owned(),
        delegations: vec!["A".to_owned(), "B".to_owned()],
        agenda: vec![item],
        reports,
        pauses,
        ..Draft::default()
    };
    draft.convene(START_MS, dice()).unwrap().0
}

#[test]
fn a_charter_without_duties_has_the_bytes_that_it_always_had() {
    let old = charter(false, false).charter;
    let (bytes, owing) = (old.encode(), charter(true, true).charter);
    assert_eq!((owing.reports(), owing.pauses()), (true, true));
    assert_eq!((old.reports(), old.pauses()), (false, false));
    // Version 1 and the suite, and nothing between them; version 2 has the duties there, and all else is the same.
    assert_eq!(bytes[..4], [0, 1, 0, 3]);
    assert_eq!(owing.encode(), [&[0, 2, 3], &bytes[2..]].concat());
    assert_eq!(old.id().to_string(), "tpZ7rFgPUXhgd_UCYb-pckSwq5YyituWJ6xH0PYFWlo");
}

#[test]
fn duties_that_nobody_knows_and_none_at_all_are_refused() {
    let convener = Seed::new(dice()());
    for (duties, holds) in [(0, false), (1, true), (2, true), (3, true), (4, false), (0x83, false)] {
        let mut charter = charter(false, false).charter;
        charter.version = Version::Two(Duties(duties));
        let signature = convener.sign("charter", &charter.encode());
        let signed = SignedCharter { charter, signature };
        let opened = SignedCharter::open(&signed.encode());
        assert_eq!(opened.is_ok(), holds, "{duties}: {opened:?}");
    }
    let mut unknown = charter(false, false).encode();
    unknown[1] = 3;
    assert!(SignedCharter::open(&unknown).is_err());
}

#[test]
fn of_an_open_part_and_of_no_other_it_is_said_whether_the_public_hears() {
    let (mut meeting, _) = seated(2);
    assert_eq!(meeting.decide_unheard(START_MS, true), Err(Refusal::Phase));
    let mut open = recorded::after_an_open_part();
    assert_eq!(open.decide_unheard(START_MS, false), Ok(Vec::new()));
    for (failed, since) in [(true, Some(START_MS + 5)), (false, None), (true, Some(START_MS + 5))] {
        let events = open.decide_unheard(START_MS + 5, failed).unwrap();
        assert_eq!(events.len(), 1);
        events.iter().for_each(|event| open.apply(event));
        assert_eq!(open.unheard_since_ms(), since);
        assert_eq!(open.public_state().unheard_since_ms, since);
        assert_eq!(open.decide_unheard(START_MS + 9, failed), Ok(Vec::new()));
        // This charter does not have it pause.
        assert!(!open.is_paused());
    }
    recorded::close(&mut open);
    assert_eq!(open.unheard_since_ms(), None);
    meeting.leave_group();
    assert_eq!(meeting.unheard_since_ms(), None);
}
