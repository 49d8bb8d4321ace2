use std::collections::HashMap;
use std::net::SocketAddr;

use incamera_endpoint::{Offering, Stream};
use incamera_sfu::{Event, LossReason, PeerId, Role};
use proptest::prelude::*;

use crate::layers::{one_sees_another, speak_from};
use crate::world::{World, ms, server};

fn anywhere() -> SocketAddr {
    "203.0.113.5:5555".parse().unwrap()
}

#[test]
fn garbage_from_nowhere_is_dropped_and_counted() {
    let mut world = World::new();
    world.member(1);
    let before = world.engine.counters().dropped;
    world.inject(anywhere(), &[]);
    world.inject(anywhere(), b"hello");
    world.inject(anywhere(), &[0x80; 1200]);
    world.inject(anywhere(), &[22; 1200]);
    world.inject(anywhere(), &[0x80; 4000]);
    // A well-formed check for a user name that nobody has.
    let mut check = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    check.extend([7; 12]);
    world.inject(anywhere(), &check);
    let dropped = world.engine.counters().dropped;
    assert_eq!(dropped.unknown_address, before.unknown_address + 2);
    assert_eq!(
        dropped.not_media + dropped.unknown_check,
        before.not_media + before.unknown_check + 4
    );
}

#[test]
fn a_payload_of_random_bytes_behind_the_clear_one_passes_through() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    for seed in 0..50u8 {
        let frame = World::picture(seed, seed == 0, 1 + usize::from(seed) * 60);
        world.send(a, Stream::Camera, None, &frame);
        world.run_for(ms(66));
        assert_eq!(world.received(b).last(), Some(&&*frame));
        // Of sound not even the first byte is clear.
        let sound = &World::picture(seed, seed % 2 == 0, 2 + usize::from(seed) * 20)[1..];
        world.send(a, Stream::Microphone, Some(-30), sound);
        world.run_for(ms(20));
        assert_eq!(world.received(b).last(), Some(&sound));
    }
}

/// Recorded media packets under another SSRC, with the names of their streams left as they were.
fn forged(recorded: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let media = recorded
        .iter()
        .filter(|bytes| bytes[0] & 0xc0 == 0x80 && !(192..=223).contains(&bytes[1]));
    media
        .map(|bytes| {
            let mut bytes = bytes.clone();
            bytes[8] ^= 0x55;
            bytes
        })
        .collect()
}

#[test]
fn a_forged_packet_takes_no_stream_over_though_it_names_it() {
    let mut world = World::new();
    let a = world.connect_offering(1, Offering::LayeredMember, 4, 6);
    let b = world.member(2);
    world.record = true;
    world.speak(&[(a, -30)], ms(200));
    world.film(&[a], ms(400));
    world.record = false;
    let own = world.clients[a].address;
    let forged = forged(&std::mem::take(&mut world.recorded));
    assert!(forged.len() > 30, "{}", forged.len());
    // Long enough for a sender not to name its streams any more.
    world.speak(&[(a, -30)], ms(8_000));
    world.film(&[a], ms(8_000));
    for bytes in forged {
        world.inject(own, &bytes);
    }
    let heard = world.clients[b].frames.len();
    world.speak(&[(a, -30)], ms(200));
    world.run_for(ms(200));
    assert_eq!(world.clients[b].frames.len(), heard + 10);
    let since = world.now;
    world.film(&[a], ms(400));
    world.run_for(ms(200));
    let seen = world.pictures(b).into_iter().filter(|picture| picture.at >= since);
    assert_eq!(seen.count(), 10);
}

#[test]
fn who_is_gone_is_not_kept_by_what_others_send_in_its_name() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.record = true;
    world.speak(&[(a, -30)], ms(6_000));
    world.record = false;
    let own = world.clients[a].address;
    // All kinds of datagrams that it has sent, each falsified: checks in what is signed, media and reports at their end.
    let mut forged = std::mem::take(&mut world.recorded);
    for bytes in &mut forged {
        let at = if bytes[0] < 4 { 10 } else { bytes.len() - 1 };
        bytes[at] ^= 1;
    }
    assert!(forged.iter().any(|bytes| bytes[0] < 4), "no check");
    assert!(
        forged
            .iter()
            .any(|bytes| (192..=223).contains(&bytes[1]) && bytes[0] >= 128),
        "no report"
    );
    world.clients[a].cut = true;
    let began = world.now;
    let lost = Event::Lost {
        peer: PeerId(1),
        why: LossReason::Silent,
    };
    for bytes in forged.iter().cycle() {
        if world.events.contains(&lost) || world.now - began > ms(20_000) {
            break;
        }
        world.inject(own, bytes);
        world.run_for(ms(20));
    }
    assert!(world.events.contains(&lost), "it is taken for alive");
    assert!(world.now - began <= ms(16_000), "{:?}", world.now - began);
    world.speak(&[(b, -30)], ms(200));
}

#[test]
fn what_is_forged_in_the_servers_name_takes_no_slot_of_a_client() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    // Long enough for the engine not to name its slots any more.
    world.speak(&[(a, -30)], ms(8_000));
    let mids: Vec<String> = world.clients[b].endpoint.slots().map(|(mid, _)| mid).collect();
    for (mid, ssrc) in mids.iter().zip(1..) {
        let mid = mid.as_bytes();
        let mut packet = vec![0x90, 111, 0, 1, 0, 0, 0, 0, 0x55, 0x55, 0x55, ssrc, 0xbe, 0xde, 0, 1];
        packet.push(0x40 | (mid.len() as u8 - 1));
        packet.extend(mid);
        packet.resize(100, 0);
        let now = world.now;
        world.clients[b]
            .endpoint
            .handle_datagram(now, server(), &packet)
            .unwrap();
        world.drain_client(b);
    }
    let heard = world.clients[b].frames.len();
    world.speak(&[(a, -30)], ms(200));
    world.run_for(ms(300));
    assert_eq!(world.clients[b].frames.len(), heard + 10);
}

#[test]
fn a_forged_repeat_is_not_even_looked_at() {
    let mut world = World::new();
    let a = world.connect_offering(1, Offering::LayeredMember, 4, 6);
    world.member(2);
    world.record = true;
    world.lose_every(9);
    world.film(&[a], ms(2_000));
    world.lose_every(0);
    world.run_for(ms(200));
    let own = world.clients[a].address;
    let recorded = std::mem::take(&mut world.recorded);
    let ssrc = |bytes: &[u8]| u32::from_be_bytes(bytes[8..12].try_into().unwrap());
    let forged = forged(&recorded);
    // Each of three layers, and its repeats.
    let streams: std::collections::BTreeSet<u32> = forged.iter().map(|bytes| ssrc(bytes)).collect();
    assert_eq!(streams.len(), 6);
    let before = world.engine.counters().dropped.foreign_stream;
    for bytes in &forged {
        world.inject(own, bytes);
    }
    let dropped = world.engine.counters().dropped.foreign_stream - before;
    assert_eq!(dropped, forged.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Random datagrams, and real ones of a peer with bytes changed, from nowhere and from the peers' own addresses.
    #[test]
    fn random_and_mutated_datagrams_disturb_nobody(
        random in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..200)), 40),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 200),
    ) {
        let mut world = World::new();
        world.record = true;
        let (a, b) = (world.member(1), world.member(2));
        world.send(a, Stream::Camera, None, &World::picture(1, true, 3_000));
        world.speak(&[(a, -30)], ms(100));
        world.run_for(ms(200));
        let own = world.clients[a].address;
        let recorded = std::mem::take(&mut world.recorded);
        world.record = false;
        for (spoofed, mut bytes) in random {
            world.inject(if spoofed { own } else { anywhere() }, &bytes);
            // The same with the first byte of each protocol.
            for first in [0, 1, 22, 128, 129, 144] {
                if let Some(byte) = bytes.first_mut() {
                    *byte = first;
                }
                // DTLS records from the peer's own address are its own business: DTLS drops what fails to verify.
                world.inject(if spoofed { own } else { anywhere() }, &bytes);
            }
        }
        for (which, place, value, spoofed) in mutations {
            let mut bytes = recorded[which.index(recorded.len())].clone();
            let place = place.index(bytes.len());
            bytes[place] = value;
            world.inject(if spoofed { own } else { anywhere() }, &bytes);
        }
        let heard = world.clients[b].frames.len();
        world.speak(&[(a, -30), (b, -30)], ms(200));
        world.run_for(ms(300));
        let lost = world.events.iter().any(|event| matches!(event, Event::Lost { .. }));
        prop_assert!(!lost);
        prop_assert_eq!(world.clients[b].frames.len(), heard + 10);
        // Newcomers are let in as ever.
        world.connect(3, Role::Member, 1, 1);
        let connected = Event::Connected { peer: PeerId(3) };
        prop_assert!(world.events.contains(&connected));
    }
}

/// What tells one packet from all others under one key: the receiver, whether media or report, its SSRC and its number
/// (RFC 7714 §8.1 and §9.1). The numbers of media are told by 16 bits, which suffices for a minute.
fn nonce(destination: SocketAddr, bytes: &[u8]) -> Option<(SocketAddr, bool, [u8; 4], u32)> {
    let report = (192..=223).contains(bytes.get(1)?);
    if bytes[0] & 0xc0 != 0x80 {
        return None;
    }
    let (ssrc, number) = if report {
        let trailer = u32::from_be_bytes(bytes[bytes.len() - 4..].try_into().unwrap());
        (bytes[4..8].try_into().unwrap(), trailer)
    } else {
        let number = u16::from_be_bytes([bytes[2], bytes[3]]);
        (bytes[8..12].try_into().unwrap(), number.into())
    };
    Some((destination, report, ssrc, number))
}

#[test]
fn no_two_packets_are_protected_with_the_same_key_stream() {
    let mut world = World::measured(1);
    world.record_sent = true;
    let (camera, watcher) = one_sees_another(&mut world);
    let speak = speak_from(camera);
    // Repeats, attempts to fill the way, copies of sound and reports of both sides.
    world.clients[watcher].down_lost_percent = 10;
    world.film_and(&[camera], ms(10_000), &speak);
    let mut seen: HashMap<_, &[u8]> = HashMap::new();
    let mut reports = 0;
    for (destination, bytes) in &world.sent {
        let Some(nonce) = nonce(*destination, bytes) else {
            continue;
        };
        reports += u32::from(nonce.1);
        if let Some(before) = seen.insert(nonce, bytes) {
            assert_eq!(before, bytes, "two packets under one number");
        }
    }
    assert!(
        seen.len() > 1_500 && reports > 20,
        "{} packets, {reports} reports",
        seen.len()
    );
}

#[test]
fn whoever_names_another_as_the_place_to_send_to_has_no_media_sent_there() {
    let mut world = World::measured(1);
    let (camera, watcher) = one_sees_another(&mut world);
    // All that the watcher sends comes with the address of somebody who has asked for nothing.
    world.readdress(watcher);
    world.clients[watcher].forges = true;
    let victim = world.clients[watcher].address;
    let speak = speak_from(camera);
    world.film_and(&[camera], ms(60_000), &speak);
    let sent = world.take_mail(victim);
    let media = sent.iter().filter(|bytes| bytes[0] >= 20).count();
    let checks = sent.len() - media;
    assert_eq!(media, 0, "beside {checks} checks");
    // Asking whether they agree is all, and is less than came with their address.
    assert!(0 < checks && checks < 60, "{checks} checks");
}

#[test]
fn whoever_leaves_and_signs_on_as_if_still_there_has_no_media_sent_there_for_long() {
    let mut world = World::measured(1);
    let (camera, watcher) = one_sees_another(&mut world);
    let speak = speak_from(camera);
    world.record = true;
    world.film_and(&[camera], ms(10_000), &speak);
    world.record = false;
    // It was there and has agreed; somebody else has the address now, and the checks and reports bear it all the same. The
    // answers that it gave are given again.
    world.clients[watcher].forges = true;
    let victim = world.clients[watcher].address;
    let mut answers = std::mem::take(&mut world.recorded);
    answers.retain(|bytes| bytes.starts_with(&[1, 1]));
    assert!(answers.len() > 4, "{} answers", answers.len());
    for _ in 0..31 {
        for answer in &answers {
            world.inject(victim, answer);
        }
        world.film_and(&[camera], ms(1_000), &speak);
    }
    assert!(!world.take_mail(victim).is_empty(), "nothing was turned on them at all");
    world.film_and(&[camera], ms(60_000), &speak);
    let sent = world.take_mail(victim);
    assert_eq!(sent.len(), 0, "more than half a minute after it had left");
    let lost = Event::Lost {
        peer: PeerId(2),
        why: LossReason::Unanswered,
    };
    assert!(world.events.contains(&lost));
}

#[test]
fn whoever_moves_and_signs_on_from_where_it_was_has_media_sent_where_it_is_after_a_while() {
    let mut world = World::measured(1);
    let (camera, watcher) = one_sees_another(&mut world);
    let speak = speak_from(camera);
    world.film_and(&[camera], ms(2_000), &speak);
    let left = world.clients[watcher].address;
    world.readdress(watcher);
    world.clients[watcher].seems_at = Some(left);
    world.film_and(&[camera], ms(31_000), &speak);
    assert!(!world.take_mail(left).is_empty(), "nothing was turned on them at all");
    let since = world.now;
    world.film_and(&[camera], ms(60_000), &speak);
    let media = world.take_mail(left).into_iter().filter(|bytes| bytes[0] >= 20).count();
    assert_eq!(media, 0, "more than half a minute after it had left");
    let seen = world
        .pictures(watcher)
        .into_iter()
        .filter(|picture| picture.at >= since);
    assert!(seen.count() > 1_400);
}
