//! Times in UTC, as they stand in a page that no script has touched.

use incamera_protocol::public::PublicAnnouncement;
use maud::{Markup, html};
use time::OffsetDateTime;

use super::words::{Arg, Reader};

/// The moment, in UTC. What lies beyond the calendar is its end.
pub(super) fn utc(ms: u64) -> OffsetDateTime {
    let seconds = i64::try_from(ms / 1_000).unwrap_or(i64::MAX);
    // 31 December 9999.
    OffsetDateTime::from_unix_timestamp(seconds.min(253_402_300_799)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// "27 November 2026".
pub(super) fn day(ms: u64, reader: Reader) -> String {
    let at = utc(ms);
    let (day, year) = (at.day().to_string(), at.year().to_string());
    let month = Arg::Number(u64::from(u8::from(at.month())));
    reader.text(
        "day",
        &[("day", Arg::Said(&day)), ("month", month), ("year", Arg::Said(&year))],
    )
}

/// "Friday, 27 November 2026".
pub(super) fn long_day(ms: u64, reader: Reader) -> String {
    let weekday = Arg::Number(u64::from(utc(ms).weekday().number_from_monday()));
    reader.text("weekday", &[("weekday", weekday), ("day", Arg::Said(&day(ms, reader)))])
}

/// "2026-11-27": also what orders and groups days.
pub(super) fn iso_day(ms: u64) -> String {
    let at = utc(ms);
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

/// "2026-11-27T10:05:00Z" (RFC 3339).
pub(super) fn iso(ms: u64) -> String {
    let at = utc(ms);
    format!(
        "{}T{:02}:{:02}:{:02}Z",
        iso_day(ms),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn clock(ms: u64) -> String {
    let at = utc(ms);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// Day and time. The page's script says them in the reader's own zone.
pub(super) fn moment(ms: u64, reader: Reader) -> Markup {
    let time = format!("{} UTC", clock(ms));
    let said = reader.text(
        "moment",
        &[("day", Arg::Said(&day(ms, reader))), ("time", Arg::Said(&time))],
    );
    html! { time datetime=(iso(ms)) data-local="both" { (said) } }
}

/// The time alone, under a heading that names the day.
pub(super) fn time_of_day(ms: u64) -> Markup {
    html! { time datetime=(iso(ms)) data-local="clock" { (clock(ms)) " UTC" } }
}

/// "1 h 05 min", "12 min", "40 s": as the live page says it.
pub(super) fn duration(ms: u64, reader: Reader) -> String {
    let seconds = (ms + 500) / 1_000;
    if seconds < 60 {
        return reader.text("seconds", &[("seconds", Arg::Number(seconds))]);
    }
    let minutes = (seconds + 30) / 60;
    if minutes < 60 {
        return reader.text("minutes", &[("minutes", Arg::Number(minutes))]);
    }
    let rest = format!("{:02}", minutes % 60);
    reader.text(
        "hours",
        &[("hours", Arg::Number(minutes / 60)), ("minutes", Arg::Said(&rest))],
    )
}

/// How long a meeting is planned to last.
pub(super) fn planned(announcement: &PublicAnnouncement, reader: Reader) -> Option<String> {
    (announcement.minutes > 0).then(|| duration(u64::from(announcement.minutes) * 60_000, reader))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_for_people_and_for_programs() {
        let ms = 1_795_773_900_000;
        assert_eq!(iso(ms), "2026-11-27T10:05:00Z");
        assert_eq!(long_day(ms, Reader::default()), "Friday, 27 November 2026");
        assert_eq!(
            moment(ms, Reader::default()).into_string(),
            "<time datetime=\"2026-11-27T10:05:00Z\" data-local=\"both\">27 November 2026, 10:05 UTC</time>"
        );
        assert_eq!(iso(u64::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn durations_are_never_more_exact_than_a_person_needs() {
        assert_eq!(duration(40_000, Reader::default()), "40 s");
        assert_eq!(duration(12 * 60_000, Reader::default()), "12 min");
        assert_eq!(duration(65 * 60_000, Reader::default()), "1 h 05 min");
    }
}
