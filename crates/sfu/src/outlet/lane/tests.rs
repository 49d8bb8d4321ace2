use super::*;

const SSRC: u32 = 0x0102_0304;
const REPEATS: u32 = 0x0506_0708;

fn lane() -> Lane {
    Lane::new(Terms {
        kind: Kind::Video,
        ssrc: SSRC,
        pt: 96,
        repeats: Some((REPEATS, 97)),
        transport_number: Some(3),
        level: None,
    })
}

fn draft(sequence: u64, payload: &[u8]) -> Draft {
    Draft {
        sequence,
        time: 90_000,
        marker: true,
        level: None,
        payload: Arc::from(payload),
        patch: Patch::default(),
    }
}

/// What the lane writes.
fn written(lane: &mut Lane, now: Instant, draft: Draft, number: Option<u16>) -> Option<Plain> {
    let mut plain = Plain::default();
    lane.media(now, draft, number, &mut plain).then_some(plain)
}

fn repeated(lane: &mut Lane, now: Instant, wanted: u16) -> Option<Plain> {
    let mut plain = Plain::default();
    lane.repeat(now, wanted, Some(1), &mut plain).then_some(plain)
}

fn after(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}

#[test]
fn a_packet_is_as_the_standards_have_it() {
    let now = Instant::now();
    let plain = written(&mut lane(), now, draft(0x1_0007, b"picture"), Some(0xabcd)).unwrap();
    let header = [
        0x90,
        0x80 | 96,
        0,
        7,
        0,
        1,
        0x5f,
        0x90,
        1,
        2,
        3,
        4,
        0xbe,
        0xde,
        0,
        1,
        0x31,
        0xab,
        0xcd,
        0,
    ];
    assert_eq!((plain.ssrc, plain.index), (SSRC, 0x1_0007));
    assert_eq!(plain.header, header);
    assert_eq!(plain.payload, b"picture");
    let bare = written(&mut lane(), now, draft(7, b"picture"), None).unwrap();
    assert_eq!(bare.header[..4], [0x80, 0x80 | 96, 0, 7]);
    assert_eq!(bare.header.len(), 12);
}

#[test]
fn a_sound_has_its_level_beside_its_number() {
    let mut lane = Lane::new(Terms {
        kind: Kind::Audio,
        repeats: None,
        level: Some(1),
        ..lane().terms
    });
    let sound = Draft {
        level: Some(0x80 | 30),
        ..draft(1, b"sound")
    };
    let plain = written(&mut lane, Instant::now(), sound, Some(5)).unwrap();
    assert_eq!(
        plain.header[12..],
        [0xbe, 0xde, 0, 2, 0x31, 0, 5, 0x10, 0x80 | 30, 0, 0, 0]
    );
    assert!(
        repeated(&mut lane, Instant::now(), 1).is_none(),
        "nothing of it is kept"
    );
}

#[test]
fn what_is_other_for_one_receiver_is_other_in_its_packet_and_in_the_repeat_only() {
    let now = Instant::now();
    let mut lane = lane();
    let mut patch = Patch::default();
    patch.set(1, b'I');
    let shared: Arc<[u8]> = Arc::from(*b"picture");
    let patched = Draft {
        payload: shared.clone(),
        patch,
        ..draft(7, b"")
    };
    assert_eq!(written(&mut lane, now, patched, None).unwrap().payload, b"pIcture");
    assert_eq!(repeated(&mut lane, now, 7).unwrap().payload, b"\0\x07pIcture");
    assert_eq!(*shared, *b"picture");
}

#[test]
fn no_number_goes_out_twice() {
    let now = Instant::now();
    let mut lane = lane();
    let mut goes = |sequence| written(&mut lane, now, draft(sequence, b"picture"), None).is_some();
    assert!(goes(1_000) && goes(1_002) && goes(1_001), "out of order");
    assert!(!goes(1_000) && !goes(1_001) && !goes(1_002), "twice");
    assert!(goes(1_129), "further on");
    assert!(!goes(1_001), "too far behind to tell");
    assert!(!goes(1_002) && goes(1_003), "just not too far");
    assert!(goes(9_000) && goes(8_999) && !goes(9_000));
}

#[test]
fn repeats_have_a_stream_and_numbers_of_their_own() {
    let now = Instant::now();
    let mut lane = lane();
    for sequence in [0xffff, 0x1_0000, 0x1_0002, 0x1_0001] {
        written(&mut lane, now, draft(sequence, b"picture"), None).unwrap();
    }
    let numbers = [0xffff, 0, 1, 2].map(|wanted| {
        let plain = repeated(&mut lane, now, wanted).unwrap();
        assert_eq!((plain.ssrc, plain.header[1]), (REPEATS, 0x80 | 97));
        assert_eq!(plain.payload[..2], wanted.to_be_bytes());
        plain.index
    });
    assert_eq!(numbers, [1, 2, 3, 4]);
    let mut plain = Plain::default();
    assert!(lane.padding(9, &mut plain));
    assert_eq!((plain.ssrc, plain.index, plain.header[0]), (REPEATS, 5, 0xb0));
    assert_eq!((plain.payload.len(), plain.payload.last()), (255, Some(&255)));
}

#[test]
fn what_was_repeated_just_now_is_old_or_never_was_is_not_repeated() {
    let start = Instant::now();
    let mut lane = lane();
    written(&mut lane, start, draft(7, b"picture"), None).unwrap();
    assert!(repeated(&mut lane, start, 8).is_none() && repeated(&mut lane, start, 6).is_none());
    assert!(repeated(&mut lane, start, 7).is_some());
    assert!(repeated(&mut lane, after(start, 19), 7).is_none());
    assert!(repeated(&mut lane, after(start, 20), 7).is_some());
    assert!(repeated(&mut lane, after(start, 1_001), 7).is_none());
    lane.forget();
    assert!(repeated(&mut lane, after(start, 500), 7).is_none());
}

#[test]
fn who_asks_for_ever_gets_a_part_of_what_is_sent() {
    let start = Instant::now();
    let mut lane = lane();
    let (mut sent, mut again) = (0, 0);
    for sequence in 0..1_000 {
        let now = after(start, sequence * 20);
        written(&mut lane, now, draft(sequence, &[0; 1_000]), None).unwrap();
        sent += 1_000;
        for behind in 0..20 {
            let wanted = sequence.saturating_sub(behind) as u16;
            again += repeated(&mut lane, now, wanted).map_or(0, |plain| plain.payload.len() - 2);
        }
    }
    assert!(
        again <= REPEATS_BYTES_FREE + sent * REPEATS_PERCENT / 100,
        "{again} of {sent}"
    );
    assert!(again >= sent / 4, "{again} of {sent}");
}

#[test]
fn a_report_sets_the_time_of_the_slot_beside_that_of_the_clock() {
    let start = Instant::now();
    let mut lane = lane();
    let mut out = Vec::new();
    let clock = Duration::from_millis(1_500);
    lane.report(start, clock, &mut out);
    assert!(out.is_empty(), "nothing went out");
    written(&mut lane, start, draft(7, b"picture"), None).unwrap();
    assert!(lane.is_unreported());
    lane.report(after(start, 100), clock, &mut out);
    let words: Vec<u32> = out
        .chunks(4)
        .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
        .collect();
    assert_eq!(words, [0x80c8_0006, SSRC, 1, 1 << 31, 90_000 + 9_000, 1, 7]);
    assert!(!lane.is_unreported());
    lane.report(after(start, 200), clock, &mut out);
    assert_eq!(out.len(), 28, "nothing new");
}
