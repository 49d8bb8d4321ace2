use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn packet(sequence: u64, time: u32) -> Fields {
    Fields {
        sequence,
        time,
        captured_us: None,
        picture_id: None,
        tl0_picture_index: None,
    }
}

fn forwarded(verdict: Verdict) -> Fields {
    match verdict {
        Verdict::Forward(fields) => fields,
        other => panic!("expected a forwarded packet, got {other:?}"),
    }
}

#[test]
fn the_first_number_fits_a_fresh_rollover_counter() {
    let mut slot = Rewriter::new(Kind::Audio);
    let out = forwarded(slot.rewrite(Instant::now(), packet(9 << 16, 7), false));
    assert!(out.sequence < 65_536);
}

#[test]
fn video_waits_for_the_first_packet_of_a_key_frame() {
    let now = Instant::now();
    let mut slot = Rewriter::new(Kind::Video);
    assert_eq!(slot.rewrite(now, packet(10, 0), false), Verdict::BeforeKeyFrame);
    forwarded(slot.rewrite(now, packet(11, 0), true));
    assert_eq!(slot.rewrite(now, packet(10, 0), false), Verdict::Late);
    forwarded(slot.rewrite(now, packet(12, 0), false));
    slot.switch();
    assert_eq!(slot.rewrite(now, packet(500, 0), false), Verdict::BeforeKeyFrame);
}

#[test]
fn numbers_times_and_picture_ids_run_on_over_a_switch() {
    let start = Instant::now();
    let mut slot = Rewriter::new(Kind::Video);
    let first = Fields {
        sequence: 40_000,
        time: 1_000,
        captured_us: None,
        picture_id: Some(0x7fff),
        tl0_picture_index: Some(200),
    };
    let a = forwarded(slot.rewrite(start, first, true));
    slot.switch();
    let second = Fields {
        sequence: 17,
        time: 4_000_000_000,
        captured_us: None,
        picture_id: Some(12),
        tl0_picture_index: Some(3),
    };
    let b = forwarded(slot.rewrite(start + Duration::from_millis(100), second, true));
    assert_eq!(b.sequence, a.sequence + 1);
    assert_eq!(b.time, a.time + 9_000);
    assert_eq!(b.picture_id, Some((a.picture_id.unwrap() + 1) & 0x7fff));
    assert_eq!(b.tl0_picture_index, Some(a.tl0_picture_index.unwrap() + 1));
}

#[test]
fn a_loss_stays_a_gap_so_that_the_receiver_can_ask_again() {
    let now = Instant::now();
    let mut slot = Rewriter::new(Kind::Video);
    let a = forwarded(slot.rewrite(now, packet(10, 0), true));
    let c = forwarded(slot.rewrite(now, packet(12, 0), false));
    let b = forwarded(slot.rewrite(now, packet(11, 0), false));
    assert_eq!((b.sequence, c.sequence), (a.sequence + 1, a.sequence + 2));
}

#[test]
fn a_wild_step_of_a_source_does_not_reach_the_receivers_rollover_counter() {
    let now = Instant::now();
    let mut slot = Rewriter::new(Kind::Audio);
    let mut last = forwarded(slot.rewrite(now, packet(10, 0), false)).sequence;
    for step in 1..20 {
        let next = forwarded(slot.rewrite(now, packet(10 + step * 30_000, 0), false)).sequence;
        assert_eq!(next, last + 1);
        last = next;
    }
}

proptest! {
    #[test]
    fn no_number_is_used_twice_and_steps_stay_small(
        steps in prop::collection::vec((0u64..200_000, any::<u32>(), any::<bool>(), prop::bool::weighted(0.1)), 1..300)
    ) {
        let now = Instant::now();
        let mut slot = Rewriter::new(Kind::Video);
        let mut used = BTreeSet::new();
        // The media stack never hands over the same packet of a source twice, so neither does this test.
        let mut seen = BTreeSet::new();
        let mut highest = 0;
        for (sequence, time, key, switch) in steps {
            if switch {
                slot.switch();
                seen.clear();
            }
            if !seen.insert(sequence) {
                continue;
            }
            if let Verdict::Forward(out) = slot.rewrite(now, packet(sequence, time), key) {
                prop_assert!(used.insert(out.sequence), "{} came twice", out.sequence);
                prop_assert!(out.sequence <= highest + SEQUENCE_STEP_MAX + 2);
                highest = highest.max(out.sequence);
            }
        }
    }
}

/// A key frame that its sender captured at `captured_ms` of its own clock.
fn captured(sequence: u64, time: u32, captured_ms: i64) -> Fields {
    Fields {
        captured_us: Some(captured_ms * 1_000),
        ..packet(sequence, time)
    }
}

#[test]
fn two_layers_of_one_camera_are_aligned_by_their_senders_clock_and_not_by_arrival() {
    let start = Instant::now();
    let mut slot = Rewriter::new(Kind::Video);
    let a = forwarded(slot.rewrite(start, captured(1, 1_000, 5_000), true));
    slot.switch_layer();
    // Captured 100 ms later, but a heavy key frame took 60 ms longer.
    let late = start + Duration::from_millis(160);
    let b = forwarded(slot.rewrite(late, captured(9, 3_000_000_000, 5_100), true));
    assert_eq!(b.time.wrapping_sub(a.time), 9_000);
    assert_eq!(b.sequence, a.sequence + 1);
}

#[test]
fn the_same_picture_in_another_layer_comes_a_tick_later_and_never_earlier() {
    let start = Instant::now();
    let mut slot = Rewriter::new(Kind::Video);
    let a = forwarded(slot.rewrite(start, captured(1, 1_000, 5_000), true));
    slot.switch_layer();
    let b = forwarded(slot.rewrite(start, captured(9, 77, 4_990), true));
    assert_eq!(b.time.wrapping_sub(a.time), 1);
}

#[test]
fn what_a_sender_says_of_its_clock_is_not_believed_beyond_reason() {
    let start = Instant::now();
    let mut slot = Rewriter::new(Kind::Video);
    let a = forwarded(slot.rewrite(start, captured(1, 1_000, 5_000), true));
    slot.switch_layer();
    let later = start + Duration::from_millis(100);
    let b = forwarded(slot.rewrite(later, captured(9, 77, i64::MAX / 2_000), true));
    assert_eq!(b.time.wrapping_sub(a.time), 9_000);
    slot.switch();
    let c = forwarded(slot.rewrite(later + Duration::from_millis(10), captured(3, 5, 0), true));
    assert_eq!(c.time.wrapping_sub(b.time), 900, "another source's clock says nothing");
}
