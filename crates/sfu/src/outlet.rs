//! What goes out to one receiver: packets are numbered, protected and kept here, and what the receiver reports of them is
//! heard.
//!
//! The media stack makes connections (ICE, DTLS, SDP) and takes in what members send. What is forwarded does not go through
//! it: one pass through its timers, queues and pacer costs several times what a packet costs here. Under the SSRCs of the
//! slots and of their repeats only this sends, under all others only the stack ([`incamera_srtp`]).

mod lane;
mod sent;

pub(crate) use lane::{Draft, Lane, Patch, Terms};
pub(crate) use sent::Arrival;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use incamera_srtp::{Opener, Protector, Tap};
use str0m::rtp::rtcp::{Nack, Twcc};

use crate::again::Again;
use crate::congestion::Congestion;
use crate::engine::Measured;
use crate::ids::Kind;
use crate::limits::{Bandwidth, DRAFTS_WAITING_MAX, EGRESS_BPS_FIRST, REPORT_INTERVAL, STREAM_OVERHEAD_BYTES};
use crate::outgoing::Outgoing;
use crate::peer::Transmit;

use lane::{PADDING_BYTES, Plain};
use sent::SentNumbers;

/// One receiver's.
#[derive(Debug)]
pub(crate) struct Outlet {
    tap: Tap,
    /// Once the handshake is over.
    protector: Option<Protector>,
    opener: Option<Opener>,
    /// By slot.
    lanes: Vec<Lane>,
    /// What was written and waits for its turn: for which slot, and what.
    waiting: VecDeque<(usize, Draft)>,
    numbers: SentNumbers,
    /// Where the way is measured.
    congestion: Option<Congestion>,
    report_at: Instant,
    /// What reports count the time from: they say which time of a slot belongs to which, and no time of day
    /// (RFC 3550 §6.4.1).
    since: Instant,
    /// Empty between calls.
    plain: Plain,
    arrivals: Vec<Arrival>,
}

impl Outlet {
    pub(crate) fn new(now: Instant, tap: Tap, lanes: Vec<Lane>, bandwidth: Bandwidth) -> Self {
        Outlet {
            tap,
            protector: None,
            opener: None,
            lanes,
            waiting: VecDeque::new(),
            numbers: SentNumbers::new(now),
            congestion: (bandwidth == Bandwidth::Measured).then(|| Congestion::new(now, EGRESS_BPS_FIRST)),
            report_at: now + REPORT_INTERVAL,
            since: now,
            plain: Plain::default(),
            arrivals: Vec::new(),
        }
    }

    /// The handshake is over. `false` if it gave no keys that are known here.
    pub(crate) fn open(&mut self) -> bool {
        let agreed = self.tap.take();
        self.protector = agreed.as_ref().and_then(Protector::new);
        self.opener = agreed.as_ref().and_then(Opener::new);
        self.is_open() && self.opener.is_some()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.protector.is_some()
    }

    /// Opens what the receiver reports. `false` if nobody but it can be told to have sent it just now.
    pub(crate) fn unseal(&mut self, report: &[u8], out: &mut Vec<u8>) -> bool {
        self.opener
            .as_mut()
            .and_then(|opener| opener.rtcp(report, out))
            .is_some()
    }

    /// A packet waits for its turn. `false` if too many do.
    pub(crate) fn write(&mut self, slot: usize, draft: Draft) -> bool {
        let room = self.waiting.len() < DRAFTS_WAITING_MAX;
        if room {
            self.waiting.push_back((slot, draft));
        }
        room
    }

    /// Forgets what could be asked for again of a slot.
    pub(crate) fn forget(&mut self, slot: usize) {
        if let Some(lane) = self.lanes.get_mut(slot) {
            lane.forget();
        }
    }

    /// What we would like to send.
    pub(crate) fn wish(&mut self, bps: u64) {
        if let Some(congestion) = &mut self.congestion {
            congestion.wish(bps);
        }
    }

    /// Everything that is due: what was written, what fills the way, reports.
    pub(crate) fn flush(&mut self, now: Instant, to: SocketAddr, again: &mut Again, out: &mut Outgoing) {
        while let Some((slot, draft)) = self.waiting.pop_front() {
            let Some(lane) = self.lanes.get_mut(slot) else { continue };
            let sound = lane.terms.kind == Kind::Audio;
            let number = lane.terms.transport_number.map(|_| self.numbers.next());
            if !lane.media(now, draft, number, &mut self.plain) {
                continue;
            }
            let Some(transmit) = self.protect(now, to, number.is_some(), out) else {
                continue;
            };
            if sound {
                again.note(now, &transmit);
            }
            out.push_back(transmit);
        }
        self.fill(now, to, out);
        if now >= self.report_at {
            self.report_at = now + REPORT_INTERVAL;
            self.report(now, to, out);
        }
    }

    /// Protects what was written to `plain`, and notes it under its number.
    fn protect(&mut self, now: Instant, to: SocketAddr, numbered: bool, out: &mut Outgoing) -> Option<Transmit> {
        let plain = &self.plain;
        let protector = self.protector.as_mut()?;
        let mut bytes = out.buffer();
        protector.rtp(&plain.header, plain.ssrc, plain.index, &plain.payload, &mut bytes)?;
        if numbered {
            let size = bytes.len() + STREAM_OVERHEAD_BYTES;
            let attempt = self.congestion.as_ref().and_then(Congestion::attempt);
            self.numbers.note(now, size, attempt);
            if let Some(congestion) = &mut self.congestion {
                congestion.went_out(size);
            }
        }
        Some(Transmit { destination: to, bytes })
    }

    /// Fills the way where it is to be tried.
    fn fill(&mut self, now: Instant, to: SocketAddr, out: &mut Outgoing) {
        if !self.lanes.iter().any(Lane::can_pad) {
            return;
        }
        let Some(probe) = self.congestion.as_mut().and_then(|it| it.probe(now)) else {
            return;
        };
        let mut left = probe.bytes;
        while left > 0 {
            let number = self.numbers.next();
            let plain = &mut self.plain;
            if !self.lanes.iter_mut().any(|lane| lane.padding(number, plain)) {
                return;
            }
            let Some(transmit) = self.protect(now, to, true, out) else {
                return;
            };
            out.push_back(transmit);
            left = left.saturating_sub(usize::from(PADDING_BYTES));
        }
    }

    fn report(&mut self, now: Instant, to: SocketAddr, out: &mut Outgoing) {
        let clock = now.saturating_duration_since(self.since);
        let mut packet = Vec::new();
        self.lanes
            .iter_mut()
            .for_each(|lane| lane.report(now, clock, &mut packet));
        if packet.is_empty() {
            return;
        }
        if let Some(bytes) = self.protector.as_mut().and_then(|protector| protector.rtcp(&packet)) {
            out.push_back(Transmit { destination: to, bytes });
        }
    }

    /// When [`Outlet::flush`] wants to be called, if nothing is written before.
    pub(crate) fn next(&self, now: Instant) -> Option<Instant> {
        self.protector.as_ref()?;
        let report = self.lanes.iter().any(Lane::is_unreported).then_some(self.report_at);
        let congestion = self
            .congestion
            .as_ref()
            .filter(|_| self.lanes.iter().any(Lane::can_pad));
        let probe = congestion.and_then(|congestion| congestion.next(now));
        [report, probe].into_iter().flatten().min()
    }

    /// The receiver asks for packets again. Gives how many it got.
    pub(crate) fn repeat(&mut self, now: Instant, nack: &Nack, to: SocketAddr, out: &mut Outgoing) {
        let asked_for = *nack.ssrc;
        let Some(at) = self.lanes.iter().position(|lane| lane.terms.ssrc == asked_for) else {
            return;
        };
        // A number and a bit for each of the sixteen after it (RFC 4585 §6.2.1).
        for entry in nack.reports.iter() {
            let others = (0..16).filter(|bit| entry.blp >> bit & 1 == 1).map(|bit| bit + 1);
            for step in std::iter::once(0).chain(others) {
                let number = self.numbers.next();
                let Some(lane) = self.lanes.get_mut(at) else { return };
                let number = lane.terms.transport_number.map(|_| number);
                if lane.repeat(now, entry.pid.wrapping_add(step), number, &mut self.plain)
                    && let Some(transmit) = self.protect(now, to, number.is_some(), out)
                {
                    out.push_back(transmit);
                }
            }
        }
    }

    /// The receiver says what came of what was sent.
    pub(crate) fn hear(&mut self, now: Instant, report: Twcc, measured: &mut Measured) {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        self.numbers.heard(report, &mut arrivals);
        if let (Some(congestion), Some(after)) = (&mut self.congestion, self.numbers.heard_after(now, &arrivals)) {
            // Not for each report: some receivers make one for a few packets.
            let lost = congestion.is_due(now).then(|| self.numbers.lost_percent(now)).flatten();
            measured.lost_percent = lost;
            measured.estimate_bps = congestion.hear(now, &arrivals, after, lost);
        }
        arrivals.clear();
        self.arrivals = arrivals;
    }

    /// The slot with this SSRC.
    pub(crate) fn slot_with(&self, ssrc: u32) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.terms.ssrc == ssrc)
    }
}

#[cfg(test)]
mod tests {
    use incamera_srtp::Agreed;
    use str0m::crypto::dtls::SrtpProfile;

    use super::*;

    /// With keys of so many bytes, or without a handshake that gave any.
    fn outlet(material: Option<usize>) -> Outlet {
        let agreed = material.map(|bytes| Agreed {
            profile: SrtpProfile::AEAD_AES_256_GCM,
            material: vec![7; bytes].into(),
            as_client: false,
        });
        Outlet::new(Instant::now(), Tap::with(agreed), Vec::new(), Bandwidth::Given)
    }

    #[test]
    fn what_has_no_keys_is_not_opened_and_lets_nothing_out() {
        // Two keys and two salts (RFC 7714 §12).
        let whole = 2 * (32 + 12);
        assert!(outlet(Some(whole)).open());
        for without in [None, Some(0), Some(whole - 1)] {
            let mut outlet = outlet(without);
            assert!(!outlet.open(), "{without:?}");
            assert!(
                outlet
                    .protect(
                        Instant::now(),
                        ([192, 0, 2, 7], 9).into(),
                        false,
                        &mut Outgoing::default()
                    )
                    .is_none()
            );
        }
    }
}
