//! One peer: its connection, what it sends and what it receives.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::bwe::BweKind;
use str0m::media::{KeyframeRequestKind, Mid};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, IceConnectionState, Input, Output, Rtc};

use crate::addresses::Addresses;
use crate::again::Again;
use crate::claim::{Claim, Names};
use crate::engine::{Egress, Measured};
use crate::error::LossReason;
use crate::ids::{Channel, Kind, PeerId, Role, RoomId, Stream, Voice};
use crate::limits::{AT_ONCE_MAX, INSTANT, REST};
use crate::pace::{Gave, Pace};
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
    pub(crate) egress: Egress,
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
    /// What was written to its connection and has not come out of it, and how its congestion control is to be driven.
    pub(crate) pace: Pace,
    /// When it wants to be driven again.
    pub(crate) wants: Instant,
}

/// What came out of a connection while it was driven.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connected: bool,
    pub(crate) packets: Vec<RtpPacket>,
    pub(crate) key_frames_wanted: Vec<Mid>,
    pub(crate) key_frames_asked: u64,
    /// What the path to the peer takes.
    pub(crate) measured: Measured,
}

/// How far fetching from a connection has come.
enum Drained {
    /// To a packet of its pacer.
    Packet,
    /// To the end.
    All {
        /// When the connection wants to be told the time.
        next: Instant,
        /// Whether there was a datagram.
        gave: bool,
    },
}

/// A datagram to send.
#[derive(Debug, Clone)]
pub(crate) struct Transmit {
    pub(crate) destination: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

impl Peer {
    /// Feeds the connection and fetches all it has to say. Gives the time at which it wants to be driven again.
    ///
    /// Whatever goes wrong inside, be it a panic, ends this connection and no other.
    pub(crate) fn drive(
        &mut self,
        now: Instant,
        input: Input<'_>,
        out: &mut VecDeque<Transmit>,
        seen: &mut Seen,
    ) -> Result<Instant, LossReason> {
        catch_unwind(AssertUnwindSafe(|| self.drive_unguarded(now, input, out, seen))).unwrap_or_else(|_| {
            tracing::error!(peer = self.id.0, "the media stack panicked");
            Err(LossReason::Failed)
        })
    }

    fn drive_unguarded(
        &mut self,
        now: Instant,
        input: Input<'_>,
        out: &mut VecDeque<Transmit>,
        seen: &mut Seen,
    ) -> Result<Instant, LossReason> {
        self.ask_for_key_frames(now, seen);
        self.again.take_due(now, out);
        // What came may have asked for repeats, which wait behind what was written.
        let asked = matches!(input, Input::Receive(..));
        self.rtc.handle_input(input).map_err(failed)?;
        let mut drained = self.drain(now, out, seen)?;
        for _ in 0..AT_ONCE_MAX {
            match drained {
                Drained::Packet if !asked && self.pace.rests(now) => return Ok(self.deadline(now, now + REST)),
                Drained::Packet => {}
                Drained::All { next, gave } if gave && next <= now + INSTANT => {}
                // What gave nothing would only spin.
                Drained::All { next, .. } => {
                    self.pace.settled();
                    return Ok(self.deadline(now, next));
                }
            }
            self.rtc.handle_input(Input::Timeout(now)).map_err(failed)?;
            drained = self.drain(now, out, seen)?;
        }
        Ok(self.deadline(now, now))
    }

    /// Fetches what the connection has to say now. A packet that was written to a connection that estimates its bandwidth
    /// is always the last: all else goes before it, and for the next one the pacer must be told the time. So nothing is
    /// asked for after it.
    fn drain(&mut self, now: Instant, out: &mut VecDeque<Transmit>, seen: &mut Seen) -> Result<Drained, LossReason> {
        let mut gave = false;
        loop {
            match self.rtc.poll_output().map_err(failed)? {
                Output::Timeout(next) if self.rtc.is_alive() => return Ok(Drained::All { next, gave }),
                Output::Timeout(_) => return Err(LossReason::Closed),
                Output::Transmit(transmit) => {
                    gave = true;
                    let transmit = Transmit {
                        destination: self.addresses.living(now, transmit.destination),
                        bytes: transmit.contents.into(),
                    };
                    self.again.note(now, &transmit);
                    let last = self.pace.gave(now, &transmit.bytes);
                    out.push_back(transmit);
                    if last == Gave::PacedPacket {
                        return Ok(Drained::Packet);
                    }
                }
                Output::Event(event) => self.notice(event, seen)?,
            }
        }
    }

    fn notice(&mut self, event: Event, seen: &mut Seen) -> Result<(), LossReason> {
        match event {
            Event::Connected => {
                self.connected = true;
                seen.connected = true;
            }
            Event::RtpPacket(packet) => seen.packets.push(packet),
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                seen.measured.mean_bps = Some(estimate.as_u64());
            }
            Event::PeerStats(stats) => {
                seen.measured.newest_bps = stats.bwe_tx.map(|estimate| estimate.as_u64());
                // From 0 to 100: the cut to whole percents is meant.
                seen.measured.lost_percent = stats.egress_loss_fraction.map(|lost| (lost * 100.0) as u64);
            }
            Event::KeyframeRequest(request) => seen.key_frames_wanted.push(request.mid),
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
        // All that can happen now has happened; a deadline of now would only spin.
        let again = self.again.next();
        rtc.min(key_frames.unwrap_or(rtc))
            .min(again.unwrap_or(rtc))
            .max(now + Duration::from_millis(1))
    }

    /// Says goodbye as far as the connection can, for a peer that is being removed.
    pub(crate) fn close(&mut self, now: Instant, out: &mut VecDeque<Transmit>) {
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

    /// The place of the slot with this mid.
    pub(crate) fn slot_with(&self, mid: Mid) -> Option<usize> {
        self.slots.iter().position(|slot| slot.mid == *mid)
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
