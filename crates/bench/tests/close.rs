//! A whole measurement, small: real clients, a real house, real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use incamera_bench::CloseBench;

#[tokio::test(flavor = "multi_thread")]
async fn i4_no_frame_is_sealed_under_the_open_key_by_whoever_has_taken_in_the_close() {
    let bench = CloseBench {
        members: 2,
        delegations: 2,
        rounds: 1,
    };
    let figures = bench.run().await.unwrap();
    assert_eq!(figures.frames_under_open_key_after_close, 0);
    assert!(figures.verdict().is_ok());
    assert!(figures.silence_ms.max.is_finite());
    // Whoever has heard of the close is silent; whoever sees it confirmed has heard of it.
    assert!(figures.silence_ms.max <= figures.heard_ms.max);
    assert!(figures.heard_ms.max <= figures.confirmed_ms.max);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_of_more_members_than_delegations_is_measured_and_all_of_them_are_in_public() {
    let bench = CloseBench {
        members: 5,
        delegations: 2,
        rounds: 1,
    };
    // Whoever had not sealed in the open part would have ended it.
    let figures = bench.run().await.unwrap();
    assert_eq!((figures.members, figures.delegations), (5, 2));
    assert_eq!(figures.frames_under_open_key_after_close, 0);
}
