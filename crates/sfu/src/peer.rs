//! One peer: its connection, what it sends and what it receives.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::media::KeyframeRequestKind;
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, IceConnectionState, Input, Output, Rtc};

use crate::addresses::Addresses;
use crate::again::Again;
use crate::claim::{Claim, Names};
use crate::demux::{Family, answered_check_of, check_of, family};
use crate::engine::{Egress, Measured};
use crate::error::LossReason;
use crate::ids::{Channel, Circle, Kind, PeerId, Role, RoomId, Stream, Voice};
use crate::limits::{AT_ONCE_MAX, INSTANT};
use crate::outgoing::Outgoing;
use crate::outlet::Outlet;
use crate::reports::{self, Report, is_report};
use crate::slot::{Slot, SourceKey};
use crate::source::Ingress;

/// One peer.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) room: RoomId,
    pub(crate) role: Role,
    /// When it joined.
    pub(crate) joined_at: Instant,
    /// Place in the order of joining.
    pub(crate) joined: u64,
    pub(crate) rtc: Rtc,
    /// How its packets name their streams.
    pub(crate) names: Names,
    pub(crate) ufrag: String,
    pub(crate) addresses: Addresses,
    pub(crate) sources: Vec<Ingress>,
    pub(crate) slots: Vec<Slot>,
    /// Where the sound of its microphone goes.
    pub(crate) voice: Voice,
    /// The channel that comes in its last audio slot.
    pub(crate) listens: Option<Channel>,
    /// Whose whispers it hears.
    pub(crate) circle: Option<Circle>,
    /// Whom it is to hear and see before all others.
    pub(crate) first: Option<PeerId>,
    pub(crate) egress: Egress,
    /// What is forwarded to it.
    pub(crate) outlet: Outlet,
    /// The address that its connection has chosen for media.
    pub(crate) remote: Option<SocketAddr>,
    /// Sound for a way that loses it.
    pub(crate) again: Again,
    /// When its last datagram came.
    pub(crate) last_heard: Instant,
    /// ICE and DTLS are done, so media may go out.
    pub(crate) connected: bool,
    /// When they were.
    pub(crate) connected_at: Option<Instant>,
    /// It was the speaker of its room then.
    pub(crate) last_spoke: Option<Instant>,
    /// Something was asked of its connection.
    pub(crate) stirred: bool,
    /// When its connection wants to be driven again.
    pub(crate) wants: Instant,
    /// When anything of it wants to be.
    pub(crate) wakes_at: Instant,
}

/// What came out of a connection while it was driven.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connected: bool,
    /// Something has come that only the peer can have made: a check that was answered, a packet or report that was opened.
    pub(crate) alive: bool,
    pub(crate) packets: Vec<RtpPacket>,
    /// By slot.
    pub(crate) key_frames_wanted: Vec<usize>,
    pub(crate) key_frames_asked: u64,
    /// What the path to the peer takes.
    pub(crate) measured: Measured,
    /// Room for a report that is opened.
    report: Vec<u8>,
}

/// A datagram that has come, as the media stack takes it and as it is.
pub(crate) struct Came<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) datagram: &'a [u8],
}

/// A datagram to send.
#[derive(Debug, Clone)]
pub(crate) struct Transmit {
    pub(crate) destination: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

impl Peer {
    /// Feeds the connection, if it is due or there is something for it, fetches all it has to say, and lets out what was
    /// written. Gives the time at which it wants to be driven again.
    ///
    /// Whatever goes wrong inside, be it a panic, ends this connection and no other.
    pub(crate) fn drive(
        &mut self,
        now: Instant,
        came: Option<Came<'_>>,
        out: &mut Outgoing,
        seen: &mut Seen,
    ) -> Result<Instant, LossReason> {
        catch_unwind(AssertUnwindSafe(|| self.drive_unguarded(now, came, out, seen))).unwrap_or_else(|_| {
            tracing::error!(peer = self.id.0, "the media stack panicked");
            Err(LossReason::Failed)
        })
    }

    fn drive_unguarded(
        &mut self,
        now: Instant,
        came: Option<Came<'_>>,
        out: &mut Outgoing,
        seen: &mut Seen,
    ) -> Result<Instant, LossReason> {
        let input = came.and_then(|came| self.for_the_stack(now, came, out, seen));
        let due = std::mem::take(&mut self.stirred) || self.wants <= now;
        self.again.take_due(now, out);
        if let Some(input) = input.or(due.then_some(Input::Timeout(now))) {
            self.wants = self.drive_connection(now, input, out, seen)?;
        }
        if let Some(remote) = self.remote.filter(|_| self.connected) {
            let to = self.addresses.living(now, remote).ok_or(LossReason::Unanswered)?;
            self.outlet.flush(now, to, &mut self.again, out);
        }
        let waits = [self.again.next(), self.outlet.next(now)].into_iter().flatten().min();
        let next = waits.map_or(self.wants, |at| at.min(self.wants));
        // All that can happen now has happened; a deadline of now would only spin.
        Ok(next.max(now + Duration::from_millis(1)))
    }

    /// Reads what the peer reports of what is sent to it: the media stack, which does not send that, would only be asked what it
    /// wants to do next. Gives all else.
    fn for_the_stack<'a>(
        &mut self,
        now: Instant,
        came: Came<'a>,
        out: &mut Outgoing,
        seen: &mut Seen,
    ) -> Option<Input<'a>> {
        if !is_report(came.datagram) || !self.outlet.is_open() {
            return Some(came.input);
        }
        let mut report = std::mem::take(&mut seen.report);
        let opened = self.outlet.unseal(came.datagram, &mut report);
        seen.alive |= opened;
        let others = opened && reports::read(&report, |report| self.reported(now, report, out, seen));
        seen.report = report;
        others.then_some(came.input)
    }

    /// Gives the time at which the connection wants to be told the time.
    fn drive_connection(
        &mut self,
        now: Instant,
        input: Input<'_>,
        out: &mut Outgoing,
        seen: &mut Seen,
    ) -> Result<Instant, LossReason> {
        self.ask_for_key_frames(now, seen);
        self.rtc.handle_input(input).map_err(failed)?;
        for _ in 0..AT_ONCE_MAX {
            let (next, gave) = self.drain(now, out, seen)?;
            // What gave nothing would only spin.
            if !gave || next > now + INSTANT {
                return Ok(self.deadline(now, next));
            }
            self.rtc.handle_input(Input::Timeout(now)).map_err(failed)?;
        }
        Ok(self.deadline(now, now))
    }

    /// Fetches what the connection has to say now. Gives when it wants to be told the time, and whether there was a datagram.
    fn drain(&mut self, now: Instant, out: &mut Outgoing, seen: &mut Seen) -> Result<(Instant, bool), LossReason> {
        let mut gave = false;
        loop {
            match self.rtc.poll_output().map_err(failed)? {
                Output::Timeout(next) if self.rtc.is_alive() => return Ok((next, gave)),
                Output::Timeout(_) => return Err(LossReason::Closed),
                Output::Transmit(transmit) => {
                    gave = true;
                    let bytes: Vec<u8> = transmit.contents.into();
                    // Only good checks are answered.
                    seen.alive |= answered_check_of(&bytes).is_some();
                    // A check is answered where it came from, and ours is of one address; all else goes where media is to go.
                    let meant = transmit.destination;
                    let mut to = Some(meant);
                    if let Some(check) = check_of(&bytes) {
                        self.addresses.ask(now, meant, check);
                    } else if family(&bytes) == Family::Secured {
                        self.remote = to;
                        to = self.addresses.living(now, meant);
                    }
                    if let Some(destination) = to {
                        out.push_back(Transmit { destination, bytes });
                    }
                }
                Output::Event(event) => self.notice(event, seen)?,
            }
        }
    }

    fn notice(&mut self, event: Event, seen: &mut Seen) -> Result<(), LossReason> {
        match event {
            Event::Connected => {
                if !self.outlet.open() {
                    tracing::error!(peer = self.id.0, "the handshake gave no keys");
                    return Err(LossReason::Failed);
                }
                self.connected = true;
                seen.connected = true;
            }
            Event::RtpPacket(packet) => {
                seen.alive = true;
                seen.packets.push(packet);
            }
            Event::PeerStats(stats) => {
                let chosen = stats.selected_candidate_pair;
                self.remote = chosen.map(|pair| pair.remote.addr).or(self.remote);
            }
            // While it connects, our own timeout decides.
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) if self.connected => {
                return Err(LossReason::Silent);
            }
            // The answering close is still in the connection: the loop fetches it before the connection dies.
            Event::Closed => tracing::debug!(peer = self.id.0, "closed by the peer"),
            _ => {}
        }
        Ok(())
    }

    /// What a receiver says of what is sent to it.
    fn reported(&mut self, now: Instant, report: Report, out: &mut Outgoing, seen: &mut Seen) {
        match report {
            Report::Arrivals(report) => self.outlet.hear(now, report, &mut seen.measured),
            Report::Missing(nack) => {
                if let Some(to) = self.remote.and_then(|remote| self.addresses.living(now, remote)) {
                    self.outlet.repeat(now, &nack, to, out);
                }
            }
            Report::Spoiled(pli) => seen.key_frames_wanted.extend(self.outlet.slot_with(*pli.ssrc)),
            Report::Anew(fir) => {
                let slots = fir
                    .reports
                    .iter()
                    .filter_map(|entry| self.outlet.slot_with(*entry.ssrc));
                seen.key_frames_wanted.extend(slots);
            }
        }
    }

    /// Sends the key-frame requests that are due.
    fn ask_for_key_frames(&mut self, now: Instant, seen: &mut Seen) {
        for source in &mut self.sources {
            for layer in &mut source.layers {
                if layer.key_frames.due(now).is_none_or(|due| due > now) {
                    continue;
                }
                // Before its first packet there may be nothing to ask; the request stays wanted.
                if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(source.mid, layer.rid) {
                    stream.request_keyframe(KeyframeRequestKind::Pli);
                    layer.key_frames.sent(now);
                    seen.key_frames_asked += 1;
                }
            }
        }
    }

    /// When this peer wants to be driven again, given what its connection wants.
    fn deadline(&self, now: Instant, rtc: Instant) -> Instant {
        let layers = self.sources.iter().flat_map(|source| &source.layers);
        let requests = layers.filter(|layer| layer.ssrc.is_some());
        let key_frames = requests.filter_map(|layer| layer.key_frames.due(now)).min();
        rtc.min(key_frames.unwrap_or(rtc)).max(now + Duration::from_millis(1))
    }

    /// Says goodbye as far as the connection can, for a peer that is being removed.
    pub(crate) fn close(&mut self, now: Instant, out: &mut Outgoing) {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if self.rtc.close().is_err() || self.rtc.handle_input(Input::Timeout(now)).is_err() {
                return;
            }
            while let Ok(output) = self.rtc.poll_output() {
                match output {
                    Output::Transmit(transmit) => {
                        out.push_back(Transmit {
                            destination: transmit.destination,
                            bytes: transmit.contents.into(),
                        });
                    }
                    Output::Event(_) => {}
                    Output::Timeout(_) => return,
                }
            }
        }));
    }

    /// Whether this is the SSRC of a stream of which something true has come. What it sends under SSRC 0 only probes its
    /// way up, and is in no stream.
    pub(crate) fn knows(&self, ssrc: Ssrc) -> bool {
        let mut layers = self.sources.iter().flat_map(|source| &source.layers);
        ssrc.is_probe() || layers.any(|layer| layer.ssrc == Some(ssrc) || layer.repair == Some(ssrc))
    }

    /// Whether a packet under an SSRC that is not known may be shown to the media stack: it names no stream whose SSRC is.
    pub(crate) fn may_begin(&self, datagram: &[u8]) -> bool {
        let Some(claim) = Claim::of(datagram, self.names) else {
            return true;
        };
        let Some(source) = self.sources.iter().find(|source| source.mid == claim.mid) else {
            return false;
        };
        let repeats = claim.rid.is_none() && (claim.repaired.is_some() || claim.pt != source.pt);
        let rid = claim.rid.or(claim.repaired);
        let mut layers = source.layers.iter();
        layers.find(|layer| layer.rid == rid).is_some_and(|layer| {
            let known = if repeats { layer.repair } else { layer.ssrc };
            known.is_none()
        })
    }

    /// Something true has come under an SSRC that was not known. If it repeated something, it is known from now on.
    pub(crate) fn has_begun(&mut self, ssrc: Ssrc) {
        let mut direct = self.rtc.direct_api();
        for source in &mut self.sources {
            for layer in &mut source.layers {
                let stream = direct.stream_rx_by_mid(source.mid, layer.rid);
                if stream.is_some_and(|stream| stream.rtx() == Some(ssrc)) {
                    layer.repair = Some(ssrc);
                }
            }
        }
    }

    /// The peer's sending line and layer to which a packet belongs. Its SSRC must be the one the layer began with.
    pub(crate) fn source_of(&mut self, packet: &RtpPacket) -> Option<(&mut Ingress, usize)> {
        let ssrc = packet.header.ssrc;
        let known = |source: &Ingress| source.layer_with(ssrc);
        let (source, layer) = match self
            .sources
            .iter()
            .enumerate()
            .find_map(|(at, it)| Some((at, known(it)?)))
        {
            Some(known) => known,
            None => {
                let mut direct = self.rtc.direct_api();
                let stream = direct.stream_rx(&ssrc)?;
                let (mid, rid) = (stream.mid(), stream.rid());
                let at = self.sources.iter().position(|source| source.mid == mid)?;
                (at, self.sources.get_mut(at)?.bind(rid, ssrc)?)
            }
        };
        let source = self.sources.get_mut(source)?;
        (source.pt == packet.header.payload_type).then_some((source, layer))
    }

    pub(crate) fn source(&self, stream: Stream) -> Option<&Ingress> {
        self.sources.iter().find(|source| source.stream == stream)
    }

    pub(crate) fn source_mut(&mut self, stream: Stream) -> Option<&mut Ingress> {
        self.sources.iter_mut().find(|source| source.stream == stream)
    }

    /// The sources in this peer's slots of one kind, in the order of the slots.
    pub(crate) fn slotted(&self, kind: Kind) -> impl Iterator<Item = Option<SourceKey>> + '_ {
        self.slots
            .iter()
            .filter(move |slot| slot.kind == kind)
            .map(|slot| slot.source)
    }
}

fn failed(error: str0m::RtcError) -> LossReason {
    tracing::debug!(%error, "a connection failed");
    LossReason::Failed
}
