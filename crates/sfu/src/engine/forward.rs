//! The packet path: from a source to the slots that carry it.

use str0m::rtp::{RtpPacket, Vp8Descriptor};

use crate::ids::{Kind, Role, Stream};
use crate::layers::Layer;
use crate::limits::TICK_INTERVAL;
use crate::slot::Dropped;
use crate::source::Subscriber;
use crate::table::PeerKey;
use crate::timers::Alarm;

use super::Engine;

impl Engine {
    /// Passes one packet of a member on.
    pub(super) fn forward(&mut self, from: PeerKey, packet: RtpPacket) {
        self.counters.packets_in += 1;
        let now = self.now;
        let Some(peer) = self.peers.at_mut(from) else { return };
        let room = peer.room;
        let Some((source, layer)) = peer.source_of(&packet) else {
            self.counters.dropped.foreign_stream += 1;
            return;
        };
        let stream = source.stream;
        let Ok(vp8) = descriptor(stream, &packet) else {
            self.counters.dropped.malformed += 1;
            return;
        };
        if let (Stream::Microphone, Some(level)) = (stream, packet.header.ext_vals.audio_level) {
            source.loudness.hear(level);
        }
        let first = source.last_packet.replace(now).is_none();
        if let Some(layer) = source.layers.get_mut(layer) {
            layer.hear(now, packet.payload.len());
        }
        if first {
            // Now there is something to show, so now the source gets its slots.
            self.remap(room);
            self.keep_reviewing(room);
        }
        if stream == Stream::Microphone {
            self.keep_ticking(room);
        }

        // The list is taken out while the receivers are written to, and put back: nothing is copied.
        let Some(part) = self.layer_mut(from, stream, layer) else {
            return;
        };
        let subscribers = std::mem::take(&mut part.subscribers);
        let Outcome { waiting, taken_up } = self.write(&subscribers, &packet, vp8.as_ref(), layer, room);
        let Some(part) = self.layer_mut(from, stream, layer) else {
            return;
        };
        part.subscribers = subscribers;
        if waiting {
            part.key_frames.still_waiting(now);
        }
        if part.key_frames.due(now).is_some_and(|due| due <= now) {
            self.mark(from);
        }
        for (subscriber, before) in taken_up {
            self.has_taken_up(from, stream, subscriber, before);
        }
    }

    fn layer_mut(&mut self, peer: PeerKey, stream: Stream, layer: usize) -> Option<&mut Layer> {
        self.peers.at_mut(peer)?.source_mut(stream)?.layers.get_mut(layer)
    }

    /// A slot has gone over to a layer from another, or from nothing.
    fn has_taken_up(&mut self, from: PeerKey, stream: Stream, subscriber: Subscriber, before: Option<usize>) {
        match before {
            Some(before) => {
                let source = self.peers.at_mut(from).and_then(|peer| peer.source_mut(stream));
                if let Some(source) = source {
                    source.unsubscribe(before, subscriber);
                }
            }
            // Now that it shows something, it may wait for something better.
            None => self.allocate(subscriber.peer),
        }
    }

    /// Writes a packet to its slots.
    fn write(
        &mut self,
        subscribers: &[Subscriber],
        packet: &RtpPacket,
        vp8: Option<&Vp8Descriptor>,
        layer: usize,
        room: crate::RoomId,
    ) -> Outcome {
        let (mut to_members, mut to_viewers, mut waiting) = (0, 0, false);
        // Only pictures have a descriptor.
        let kind = if vp8.is_some() { Kind::Video } else { Kind::Audio };
        let mut taken_up = Vec::new();
        self.counters.dropped.no_slot += u64::from(subscribers.is_empty());
        for subscriber in subscribers {
            let Some(receiver) = self.peers.at_mut(subscriber.peer) else {
                continue;
            };
            let Some(slot) = receiver.slots.get_mut(subscriber.slot) else {
                continue;
            };
            let written = slot.write(self.now, packet, vp8, layer);
            if let Some(before) = written.taken_up {
                taken_up.push((*subscriber, before));
            }
            let draft = match written.out {
                Ok(draft) => draft,
                Err(Dropped::BeforeKeyFrame) => {
                    waiting = true;
                    self.counters.dropped.before_key_frame += 1;
                    continue;
                }
                Err(Dropped::Late) => {
                    self.counters.dropped.late += 1;
                    continue;
                }
            };
            if !receiver.outlet.write(subscriber.slot, draft) {
                self.counters.dropped.not_fetched += 1;
                continue;
            }
            match receiver.role {
                Role::Member => to_members += 1,
                Role::Viewer => to_viewers += 1,
                // In whose slots there is nothing.
                Role::Waiting => {}
            }
            match kind {
                Kind::Audio => self.turns.hasten(subscriber.peer),
                Kind::Video => self.turns.wait(self.now, subscriber.peer),
            }
        }
        self.counters.packets_out += to_members + to_viewers;
        if let Some(room) = self.rooms.get_mut(&room) {
            room.counters.to_members += to_members;
            room.counters.to_viewers += to_viewers;
        }
        Outcome { waiting, taken_up }
    }

    /// Sets the room's alarm when sound begins.
    fn keep_ticking(&mut self, id: crate::RoomId) {
        if let Some(room) = self.rooms.get_mut(&id)
            && !room.ticking
        {
            room.ticking = true;
            self.timers.arm(Alarm::Room(id), self.now + TICK_INTERVAL);
        }
    }
}

/// What came of writing a packet to its slots.
struct Outcome {
    /// One of them waits for a key frame.
    waiting: bool,
    /// These have taken the layer up, and what they carried before.
    taken_up: Vec<(Subscriber, Option<usize>)>,
}

/// The VP8 payload descriptor of a picture, which stands in clear before the sealed frame. A packet without payload
/// (padding) is not passed on: it means nothing to the receiver.
fn descriptor(stream: Stream, packet: &RtpPacket) -> Result<Option<Vp8Descriptor>, ()> {
    if packet.payload.is_empty() {
        return Err(());
    }
    match stream.kind() {
        Kind::Audio => Ok(None),
        Kind::Video => Vp8Descriptor::parse(&packet.payload).map(Some).map_err(|_| ()),
    }
}
