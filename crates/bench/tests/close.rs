//! A whole measurement, small: real clients, a real house, real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use incamera_bench::CloseBench;

#[tokio::test(flavor = "multi_thread")]
async fn i4_no_frame_is_sealed_under_the_open_key_by_whoever_has_taken_in_the_close() {
    let figures = CloseBench { members: 2, rounds: 1 }.run().await.unwrap();
    assert_eq!(figures.frames_under_open_key_after_close, 0);
    assert!(figures.verdict().is_ok());
    assert!(figures.silence_ms.max.is_finite());
    // Whoever has heard of the close is silent; whoever sees it confirmed has heard of it.
    assert!(figures.silence_ms.max <= figures.heard_ms.max);
    assert!(figures.heard_ms.max <= figures.confirmed_ms.max);
}
