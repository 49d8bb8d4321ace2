//! Which layer each slot is given, and which layers a camera is to send at all.

use std::cmp::Reverse;
use std::time::Instant;

use crate::allocation::{Demand, Rise, allocate, needed, next_total};
use crate::ids::{Kind, PeerId, RoomId, SlotWish, Stream};
use crate::layers::{Layer, sharp_enough};
use crate::limits::{LAYER_TICK, LAYERS_MAX, REVIEW_INTERVAL, SINGLE_COUNTED_PERCENT, SMALL_BPS_MAX, SOUND_BPS};
use crate::slot::{Path, Slot, SourceKey, Wish};
use crate::source::{Ingress, Subscriber};
use crate::table::PeerKey;
use crate::timers::Alarm;

use super::Engine;
use super::egress::{Least, Measured};

/// Looks at a room's layers between two reviews.
const TICKS_PER_REVIEW: u32 = (REVIEW_INTERVAL.as_millis() / LAYER_TICK.as_millis()) as u32;

/// One slot with what it could be given.
struct Claim {
    slot: usize,
    source: SourceKey,
    demand: Demand,
    /// The smallest that there is of it is small: of several layers it always is.
    small: bool,
}

impl Engine {
    /// What a receiver asks of its video slots, all of them: what is not named is asked nothing of. `first` is whom it hears
    /// whatever the levels say, and sees before the others: whoever has the floor by the meeting's own rules. Unknown slots and
    /// peers are ignored.
    pub fn set_wishes(&mut self, now: Instant, peer: PeerId, first: Option<PeerId>, wishes: &[SlotWish]) {
        self.now = self.now.max(now);
        let Some(key) = self.peers.key(peer) else { return };
        let Some(receiver) = self.peers.at_mut(key) else { return };
        let room = receiver.room;
        receiver.first = first;
        for slot in receiver.slots.iter_mut().filter(|slot| slot.kind == Kind::Video) {
            let wish = wishes.iter().find(|wish| wish.mid == slot.mid);
            slot.wish = wish.map_or_else(Wish::default, |wish| Wish {
                height: wish.height.into(),
                pin: wish.pin,
            });
        }
        self.remap_one(room, key);
        self.allocate(key);
    }

    /// The congestion control of a receiver says what it knows.
    pub(super) fn measured(&mut self, key: PeerKey, measured: Measured) {
        let now = self.now;
        let Some(peer) = self.peers.at_mut(key) else { return };
        let mut news = peer.egress.hear(now, measured);
        if let Some(lost) = measured.lost_percent {
            let before = peer.again.times();
            let sounds = peer.slotted(Kind::Audio).flatten().count() as u64;
            let room = peer.egress.room_for_copies(now, sounds * SOUND_BPS);
            peer.again.hear(now, lost, room);
            news |= peer.again.times() > before;
        }
        if news {
            self.allocate(key);
        }
    }

    /// What the way to a receiver takes, by what the caller knows of it; for an engine with
    /// [`Bandwidth::Given`](crate::Bandwidth::Given). One that measures soon knows otherwise. Unknown peers are ignored.
    pub fn set_bandwidth(&mut self, now: Instant, peer: PeerId, bps: u64) {
        self.now = self.now.max(now);
        if let Some(key) = self.peers.key(peer)
            && self.peers.at_mut(key).is_some_and(|peer| peer.egress.estimated(bps))
        {
            self.allocate(key);
        }
    }

    /// What a receiver's path is thought to take, in bits per second, if the peer is known.
    pub fn estimate_bps(&self, peer: PeerId) -> Option<u64> {
        let peer = self.peers.key(peer).and_then(|key| self.peers.at(key))?;
        Some(peer.egress.estimate_bps())
    }

    /// Chooses the layers of everybody in a room.
    pub(super) fn allocate_all(&mut self, room: RoomId) {
        for key in self.peers_of(room) {
            self.allocate(key);
        }
    }

    /// Chooses the layers of one receiver. Calling it when nothing has changed changes nothing.
    pub(super) fn allocate(&mut self, key: PeerKey) {
        let now = self.now;
        let Some(receiver) = self.peers.at(key).filter(|peer| peer.connected) else {
            return;
        };
        let sounds = receiver.slotted(Kind::Audio).flatten().count() as u64;
        let (for_sound, times) = (sounds * SOUND_BPS, receiver.again.times());
        let claims = self.claims(key);
        let plain: Vec<Demand> = claims.iter().map(|claim| claim.demand).collect();
        let Some(receiver) = self.peers.at_mut(key) else { return };
        let since = receiver.connected_at;
        let allowance = receiver.egress.allowance(now, since, for_sound, times, &plain);
        let demands: Vec<Demand> = claims
            .iter()
            .map(|claim| match allowance.least {
                Least::Free => claim.demand.least_free(),
                Least::FreeIfSmall if claim.small => claim.demand.least_free(),
                Least::FreeIfSmall | Least::Paid => claim.demand,
            })
            .collect();
        let given = allocate(allowance.budget_bps, allowance.rise, &demands);
        let fell = receiver.egress.gave(now, &demands, &given);
        let rise = if fell { Rise::NotYet } else { allowance.rise };
        let desired = if demands.is_empty() {
            0
        } else {
            needed(next_total(rise, &plain, &given).saturating_add(for_sound * times))
        };
        if let Some(desired) = receiver.egress.desire(now, desired) {
            receiver.outlet.wish(desired);
            self.turns.wait(now, key);
        }
        let path = if fell { Path::TooNarrow } else { Path::Enough };
        for (claim, layer) in claims.iter().zip(given) {
            self.give(key, claim, layer, path);
        }
    }

    /// The video slots of a receiver that carry something, the most important first: screens; whom it wants first;
    /// whoever speaks; who was pinned; the others by when they spoke.
    fn claims(&self, key: PeerKey) -> Vec<Claim> {
        let Some(receiver) = self.peers.at(key) else {
            return Vec::new();
        };
        let speaker = self.rooms.get(&receiver.room).and_then(|room| room.speaker);
        let mut claims = Vec::new();
        for (at, slot) in receiver.slots.iter().enumerate() {
            let Some(source) = slot.source.filter(|_| slot.kind == Kind::Video) else {
                continue;
            };
            let Some(sender) = self.peers.at(source.peer) else {
                continue;
            };
            let Some(ingress) = sender.source(source.stream) else {
                continue;
            };
            let speaks = speaker == Some(source.peer);
            let importance = (
                source.stream != Stream::Screen,
                receiver.first != Some(sender.id),
                !speaks,
                slot.wish.pin != Some(sender.id),
                Reverse(sender.last_spoke),
                sender.joined,
            );
            let claim = Claim {
                slot: at,
                source,
                demand: demand(slot, ingress, self.now),
                small: is_small(ingress, self.now),
            };
            claims.push((importance, claim));
        }
        claims.sort_by_key(|(importance, _)| *importance);
        let mut claims: Vec<Claim> = claims.into_iter().map(|(_, claim)| claim).collect();
        for (place, claim) in claims.iter_mut().enumerate() {
            let costs = claim.demand.costs.iter_mut();
            costs.skip(self.overload.layers(place)).for_each(|cost| *cost = None);
        }
        claims
    }

    /// Gives a slot a layer and keeps the lists of the layers in step.
    fn give(&mut self, receiver: PeerKey, claim: &Claim, layer: Option<usize>, path: Path) {
        let subscriber = Subscriber {
            peer: receiver,
            slot: claim.slot,
        };
        let Some(peer) = self.peers.at_mut(receiver) else {
            return;
        };
        let Some(slot) = peer.slots.get_mut(claim.slot) else {
            return;
        };
        if slot.aimed_at() == layer {
            return;
        }
        let before: Vec<usize> = slot.takes().collect();
        slot.aim(layer, path);
        if path == Path::TooNarrow && !slot.shows() {
            // It belongs to a layer that was given up, and repeats would jam the path.
            peer.outlet.forget(claim.slot);
        }
        let after: Vec<usize> = slot.takes().collect();
        let waits_for = slot.waits_for();
        let Some(source) = self
            .peers
            .at_mut(claim.source.peer)
            .and_then(|peer| peer.source_mut(claim.source.stream))
        else {
            return;
        };
        for gone in before.iter().filter(|layer| !after.contains(layer)) {
            source.unsubscribe(*gone, subscriber);
        }
        for new in after.iter().filter(|layer| !before.contains(layer)) {
            source.subscribe(*new, subscriber);
        }
        if let Some(layer) = waits_for {
            self.review_upstream(claim.source.peer);
            self.want_key_frame(claim.source, layer);
        }
    }

    /// Decides which layers of a peer's camera are to be sent. The smallest is sent as long as anybody is shown any of them, for
    /// it is what is fallen back on; and where there is a slot for everybody, so that whoever comes next sees something at
    /// once. Where there are more cameras than slots, one that is in none rests.
    fn review_upstream(&mut self, key: PeerKey) {
        let now = self.now;
        let Some(room) = self.peers.at(key).map(|peer| peer.room) else {
            return;
        };
        let crowded = self.rooms.get(&room).is_some_and(|room| room.crowded);
        let Some(peer) = self.peers.at_mut(key) else { return };
        let Some(camera) = peer.source_mut(Stream::Camera) else {
            return;
        };
        let mut news = false;
        let lasts = !crowded || camera.layers.iter().any(|layer| !layer.subscribers.is_empty());
        for (at, layer) in camera.layers.iter_mut().enumerate() {
            news |= layer.review(now, at == 0 && lasts);
        }
        if news {
            let id = peer.id;
            self.layers_changed.insert(id);
        }
    }

    /// Sets the room's alarm when pictures begin.
    pub(super) fn keep_reviewing(&mut self, id: RoomId) {
        if let Some(room) = self.rooms.get_mut(&id)
            && !room.layered
        {
            room.layered = true;
            self.timers.arm(Alarm::Layers(id), self.now + LAYER_TICK);
        }
    }

    /// The room's alarm for its layers.
    pub(super) fn review(&mut self, id: RoomId) {
        let now = self.now;
        let keys = self.peers_of(id);
        let mut bereft: Vec<PeerKey> = Vec::new();
        let mut pictures = false;
        for key in &keys {
            let Some(peer) = self.peers.at(*key) else { continue };
            for source in peer.sources.iter().filter(|source| source.stream.kind() == Kind::Video) {
                pictures |= source.last_packet.is_some();
                // A camera with one layer has nothing else to give.
                let stopped = source
                    .layers
                    .iter()
                    .filter(|layer| source.layers.len() > 1 && !layer.is_to_be_had(now));
                bereft.extend(stopped.flat_map(|layer| layer.subscribers.iter().map(|subscriber| subscriber.peer)));
            }
        }
        let Some(room) = self.rooms.get_mut(&id) else { return };
        room.reviews = room.reviews.wrapping_add(1);
        room.layered = pictures;
        let all = room.reviews.is_multiple_of(TICKS_PER_REVIEW);
        if pictures {
            self.timers.arm(Alarm::Layers(id), now + LAYER_TICK);
        }
        if all {
            self.allocate_all(id);
        } else {
            bereft.sort_unstable();
            bereft.dedup();
            for key in bereft {
                self.allocate(key);
            }
        }
        for key in keys {
            self.review_upstream(key);
        }
    }
}

/// Several layers, or one that is no larger than the smallest of several.
fn is_small(source: &Ingress, now: Instant) -> bool {
    match source.layers.as_slice() {
        [only] => only.bps(now) <= SMALL_BPS_MAX,
        _ => true,
    }
}

/// What a slot could be given of a source.
fn demand(slot: &Slot, source: &Ingress, now: Instant) -> Demand {
    let several = source.layers.len() > 1;
    // Who sees nothing yet is shown what is there, or the smallest of a camera that rests; who sees something can wait for
    // what is not.
    let is_to_be_had = |at: usize, layer: &Layer| {
        !several
            || if slot.shows() || at == 0 {
                layer.is_to_be_had(now)
            } else {
                layer.flows(now)
            }
    };
    let mut costs = [None; LAYERS_MAX];
    for (at, (cost, layer)) in costs.iter_mut().zip(&source.layers).enumerate() {
        let bps = layer.bps(now);
        let counted = if several {
            bps
        } else {
            bps * SINGLE_COUNTED_PERCENT / 100
        };
        *cost = is_to_be_had(at, layer).then_some(counted);
    }
    // The smallest that is sharp enough; if there is none so small, the smallest that there is.
    let enough = sharp_enough(source.layers.len(), slot.wish.height);
    let smallest = costs.iter().position(Option::is_some).unwrap_or(0);
    for cost in costs.iter_mut().skip(enough.max(smallest) + 1) {
        *cost = None;
    }
    Demand {
        costs,
        now: slot.aimed_at(),
    }
}
