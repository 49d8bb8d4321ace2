//! What one close was for each member.

use std::time::{Duration, Instant};

use incamera_client::MemberStatus;

/// One member's close, in times since the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Observed {
    /// Until its last frame under the open key; zero if that was before.
    pub(crate) silent: Duration,
    /// Until its lamp left `open`: it has taken in that the part ends.
    pub(crate) heard: Duration,
    /// Until its lamp said `closed`: everybody present has confirmed.
    pub(crate) confirmed: Duration,
}

impl Observed {
    /// From a status taken when the lamp said `closed` and before the next opening. `None`: this member did not go
    /// through this close as everybody should; it sealed nothing before it, or left the open part earlier.
    pub(crate) fn of(status: &MemberStatus, called: Instant) -> Option<Self> {
        let last = status.last_open_sealed?;
        let heard = status.left_open.filter(|heard| *heard >= called)?;
        let confirmed = status.lamp_since.filter(|confirmed| *confirmed >= heard)?;
        Some(Self {
            silent: last.saturating_duration_since(called),
            heard: heard.duration_since(called),
            confirmed: confirmed.duration_since(called),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(called: Instant, [last, heard, confirmed]: [i64; 3]) -> MemberStatus {
        let at = |ms: i64| {
            let distance = Duration::from_millis(ms.unsigned_abs());
            Some(if ms < 0 { called - distance } else { called + distance })
        };
        MemberStatus {
            last_open_sealed: at(last),
            left_open: at(heard),
            lamp_since: at(confirmed),
            ..MemberStatus::default()
        }
    }

    #[test]
    fn times_count_from_the_command() {
        let called = Instant::now() + Duration::from_secs(1);
        let observed = Observed::of(&status(called, [4, 5, 90]), called).unwrap();
        assert_eq!(observed.silent, Duration::from_millis(4));
        assert_eq!(observed.heard, Duration::from_millis(5));
        assert_eq!(observed.confirmed, Duration::from_millis(90));
    }

    #[test]
    fn a_last_frame_before_the_command_is_silence_at_once() {
        let called = Instant::now() + Duration::from_secs(1);
        let observed = Observed::of(&status(called, [-7, 5, 90]), called).unwrap();
        assert_eq!(observed.silent, Duration::ZERO);
    }

    #[test]
    fn whoever_left_the_open_part_before_or_never_sealed_in_it_is_not_counted_as_fast() {
        let called = Instant::now() + Duration::from_secs(1);
        assert_eq!(Observed::of(&status(called, [-7, -5, 90]), called), None);
        assert_eq!(Observed::of(&status(called, [-7, 5, 3]), called), None);
        let mut silent = status(called, [-7, 5, 90]);
        silent.last_open_sealed = None;
        assert_eq!(Observed::of(&silent, called), None);
    }
}
