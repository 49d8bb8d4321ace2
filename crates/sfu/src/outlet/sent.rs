//! Transport-wide numbers: what was sent under which, and what the receiver says of it
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use str0m::rtp::rtcp::Twcc;

use crate::limits::{LOSS_WINDOW, SENT_NUMBERS_MAX};

/// One packet that came, by what its receiver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// In microseconds, of any origin.
    pub(crate) sent_us: u64,
    /// By the receiver's clock, of another origin.
    pub(crate) came_us: u64,
    pub(crate) bytes: usize,
    /// The attempt to fill the way of which it was.
    pub(crate) probe: Option<u32>,
}

/// What is known of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unknown,
    Lost,
    Came,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    /// In microseconds since the origin.
    at_us: u64,
    bytes: usize,
    probe: Option<u32>,
    fate: Fate,
}

/// What was sent to one receiver.
#[derive(Debug)]
pub(crate) struct SentNumbers {
    /// The number of the first of `sent`.
    first: u64,
    sent: VecDeque<Sent>,
    /// What both clocks are counted from.
    origin: Instant,
}

impl SentNumbers {
    pub(crate) fn new(now: Instant) -> Self {
        SentNumbers {
            // So that a report on what was before the first number is not a negative one.
            first: 1 << 16,
            sent: VecDeque::new(),
            origin: now,
        }
    }

    /// The number of the next packet, whose low 16 bits go out with it.
    pub(crate) fn next(&self) -> u16 {
        (self.first + self.sent.len() as u64) as u16
    }

    /// A packet goes out under that number.
    pub(crate) fn note(&mut self, now: Instant, bytes: usize, probe: Option<u32>) {
        if self.sent.len() >= SENT_NUMBERS_MAX {
            self.sent.pop_front();
            self.first += 1;
        }
        let at_us = self.since_origin(now);
        self.sent.push_back(Sent {
            at_us,
            bytes,
            probe,
            fate: Fate::Unknown,
        });
    }

    /// Takes in a report; gives what came, in the order of sending. What was reported before, or was never sent, is not in it.
    pub(crate) fn heard(&mut self, report: Twcc, arrivals: &mut Vec<Arrival>) {
        let newest = self.first + self.sent.len() as u64;
        for (number, _, came) in report.into_iter(self.origin, newest.into()) {
            let place = number
                .checked_sub(self.first)
                .and_then(|place| usize::try_from(place).ok());
            let Some(sent) = place.and_then(|place| self.sent.get_mut(place)) else {
                continue;
            };
            match came {
                None if sent.fate == Fate::Unknown => sent.fate = Fate::Lost,
                Some(came) if sent.fate != Fate::Came => {
                    sent.fate = Fate::Came;
                    arrivals.push(Arrival {
                        sent_us: sent.at_us,
                        came_us: us_between(self.origin, came),
                        bytes: sent.bytes,
                        probe: sent.probe,
                    });
                }
                _ => {}
            }
        }
    }

    /// What was lost of a second's packets, in percent, once there is anything to tell by.
    pub(crate) fn lost_percent(&self, now: Instant) -> Option<u64> {
        let since_us = self.since_origin(now).saturating_sub(LOSS_WINDOW.as_micros() as u64);
        let reported = self
            .sent
            .iter()
            .rev()
            .skip_while(|sent| sent.fate == Fate::Unknown)
            .take_while(|sent| sent.at_us >= since_us);
        let (mut lost, mut all) = (0, 0);
        for sent in reported.filter(|sent| sent.fate != Fate::Unknown) {
            all += 1;
            lost += u64::from(sent.fate == Fate::Lost);
        }
        (all > 0).then(|| lost * 100 / all)
    }

    /// From sending to hearing of it, for the newest packet that came: the way there and back, and the receiver's patience.
    pub(crate) fn heard_after(&self, now: Instant, arrivals: &[Arrival]) -> Option<Duration> {
        let newest = arrivals.iter().map(|arrival| arrival.sent_us).max()?;
        Some(Duration::from_micros(self.since_origin(now).saturating_sub(newest)))
    }

    fn since_origin(&self, now: Instant) -> u64 {
        us_between(self.origin, now)
    }
}

/// Numbers of microseconds fit for half a million years.
fn us_between(earlier: Instant, later: Instant) -> u64 {
    later.saturating_duration_since(earlier).as_micros() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report on numbers from `first` on: which came, and all after the same time.
    fn report(first: u16, came: &[bool]) -> Twcc {
        let mut bits = 0_u16;
        for (at, came) in came.iter().enumerate() {
            bits |= u16::from(*came) << (13 - at);
        }
        let deltas = came.iter().filter(|came| **came).count();
        let mut bytes = vec![0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        bytes.extend(first.to_be_bytes());
        bytes.extend((came.len() as u16).to_be_bytes());
        bytes.extend([0, 0, 1, 0]);
        bytes.extend((0x8000 | bits).to_be_bytes());
        bytes.extend(std::iter::repeat_n(4, deltas));
        bytes.resize(bytes.len().div_ceil(4) * 4, 0);
        let words = (bytes.len() / 4 - 1) as u16;
        bytes[2..4].copy_from_slice(&words.to_be_bytes());
        Twcc::try_from(&bytes[4..]).unwrap()
    }

    fn sent(now: Instant, count: usize) -> (SentNumbers, u16) {
        let mut sent = SentNumbers::new(now);
        let first = sent.next();
        (0..count).for_each(|_| sent.note(now, 100, None));
        (sent, first)
    }

    #[test]
    fn what_came_is_told_once_and_what_did_not_is_lost() {
        let now = Instant::now();
        let (mut sent, first) = sent(now, 4);
        let mut arrivals = Vec::new();
        assert_eq!(sent.lost_percent(now), None);
        sent.heard(report(first, &[true, false, true, true]), &mut arrivals);
        assert_eq!(arrivals.len(), 3);
        assert_eq!(sent.lost_percent(now), Some(25));
        sent.heard(report(first, &[true, true, true, true]), &mut arrivals);
        assert_eq!(arrivals.len(), 4, "one was only late");
        assert_eq!(sent.lost_percent(now), Some(0));
    }

    #[test]
    fn a_report_on_what_was_never_sent_says_nothing() {
        let now = Instant::now();
        let (mut sent, first) = sent(now, 2);
        let mut arrivals = Vec::new();
        sent.heard(report(first.wrapping_add(2), &[true, true]), &mut arrivals);
        sent.heard(report(first.wrapping_sub(9), &[true, true]), &mut arrivals);
        assert!(arrivals.is_empty());
    }

    #[test]
    fn only_so_many_are_remembered_and_their_numbers_go_round() {
        let now = Instant::now();
        let (mut sent, first) = sent(now, 70_000);
        assert_eq!(sent.sent.len(), SENT_NUMBERS_MAX);
        assert_eq!(sent.next(), first.wrapping_add((70_000 % 65_536) as u16));
        let mut arrivals = Vec::new();
        sent.heard(report(sent.next().wrapping_sub(2), &[true, true]), &mut arrivals);
        assert_eq!(arrivals.len(), 2);
    }

    #[test]
    fn old_losses_are_forgotten() {
        let now = Instant::now();
        let (mut sent, first) = sent(now, 2);
        sent.heard(report(first, &[false, true]), &mut Vec::new());
        assert_eq!(sent.lost_percent(now), Some(50));
        assert_eq!(sent.lost_percent(now + LOSS_WINDOW + Duration::from_millis(1)), None);
    }
}
