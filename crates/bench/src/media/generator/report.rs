//! What the generator saw in a window, of the server and of itself.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::received::Counts;

/// Longest time that is told apart from a longer one: ten seconds.
const LONGEST_US: u64 = 10_000_000;

/// Largest share of its processor that the generator may use and still be believed. Above it, its own queue would grow.
const CPU_SHARE_MAX: f64 = 0.9;

/// How late the 99th of a hundred packets may be sent. Later, and the load is not the one that was asked for: two such
/// packets of one stream come together.
const LATENESS_MAX: Duration = Duration::from_millis(10);

/// A window.
#[derive(Debug)]
pub(in crate::media) struct Report {
    /// How long it was.
    pub(in crate::media) lasted: Duration,
    /// Packets that senders gave to the server.
    pub(in crate::media) sent: u64,
    /// Media packets that receivers got, and should have.
    pub(in crate::media) came: u64,
    pub(in crate::media) expected: u64,
    /// From just before a packet was sealed for the server until the kernel had it for the receiver, in microseconds.
    pub(in crate::media) delays_us: Histogram<u64>,
    /// Pictures that came so late that it is seen.
    pub(in crate::media) freezes: u64,
    /// Sounds that came so late that it is heard.
    pub(in crate::media) gaps: u64,
    /// From asking to be let in to the first packet of sound, and of a key frame, over all clients of which that counts.
    pub(in crate::media) first_audio: Vec<Duration>,
    pub(in crate::media) first_video: Vec<Duration>,
    /// Connections that broke.
    pub(in crate::media) failed: u64,
    /// How late packets were sent, in microseconds.
    pub(in crate::media) lateness_us: Histogram<u64>,
    /// The share of its processor that the generator used.
    pub(in crate::media) cpu_share: f64,
    /// Datagrams that the generator's own sockets dropped.
    pub(in crate::media) overflowed: u64,
}

impl Report {
    /// Why the generator's figures are not to be believed, if so.
    pub(in crate::media) fn saturated(&self) -> Option<String> {
        let late = Duration::from_micros(self.lateness_us.value_at_quantile(0.99));
        if self.cpu_share > CPU_SHARE_MAX {
            Some(format!("it used {:.0} % of its processor", self.cpu_share * 100.0))
        } else if late > LATENESS_MAX {
            Some(format!("one packet of a hundred was sent more than {late:.1?} late"))
        } else if self.overflowed > 0 {
            Some(format!("its sockets dropped {} datagrams", self.overflowed))
        } else {
            None
        }
    }
}

/// What is summed up while a window is open.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) sent: u64,
    /// Of clients that have gone.
    pub(super) gone: Counts,
    pub(super) delays_us: Histogram<u64>,
    pub(super) lateness_us: Histogram<u64>,
    pub(super) freezes: u64,
    pub(super) gaps: u64,
    pub(super) overflowed: u64,
}

impl Window {
    pub(super) fn new() -> Self {
        Self {
            sent: 0,
            gone: Counts::default(),
            delays_us: microseconds(),
            lateness_us: microseconds(),
            freezes: 0,
            gaps: 0,
            overflowed: 0,
        }
    }
}

/// A histogram of microseconds, exact to a thousandth. Longer times count as the longest.
fn microseconds() -> Histogram<u64> {
    #[expect(
        clippy::expect_used,
        reason = "constant bounds that the library takes, as every test that measures shows"
    )]
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("valid bounds")
}

/// Takes in one time.
pub(super) fn record(histogram: &mut Histogram<u64>, time: Duration) {
    histogram.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
}
