//! Datagrams that come together.

use incamera_endpoint::Stream;

use crate::world::{World, ms, server};

/// Three packets of a picture and one of sound, which a client has just sent to the engine.
fn sent_by(world: &mut World, client: usize) -> Vec<Vec<u8>> {
    world.send(client, Stream::Camera, None, &World::picture(9, false, 3_000));
    world.send(client, Stream::Microphone, Some(-30), &[9; 40]);
    world.take_under_way(world.clients[client].address)
}

/// A world in which the first of `size` members sends and everybody gets it.
fn flowing(size: u64) -> World {
    let mut world = World::new();
    for peer in 1..=size {
        world.member(peer);
    }
    for round in 0..3 {
        world.send(0, Stream::Camera, None, &World::picture(round, round == 0, 3_000));
        world.speak(&[(0, -30)], ms(60));
    }
    world.run_for(ms(200));
    world
}

/// After the first packets of a stream, none costs memory for each of its receivers.
#[test]
fn what_is_forwarded_is_written_into_memory_that_was_given_back() {
    let mut world = flowing(3);
    let sender = world.clients[0].address;
    let mut forward = |number| {
        world.send(0, Stream::Camera, None, &World::picture(number, false, 3_000));
        let mut out = Vec::new();
        for datagram in sent_by(&mut world, 0) {
            world.engine.take_datagram(world.now, sender, server(), &datagram);
            world.engine.settle();
            out.extend(std::iter::from_fn(|| world.engine.poll_transmit()).map(|(_, bytes)| bytes));
        }
        let place = |bytes: &Vec<u8>| (bytes.as_ptr() as usize, is_media(bytes));
        let places: Vec<_> = out.iter().map(place).collect();
        out.into_iter().for_each(|bytes| world.engine.give_back(bytes));
        places
    };
    let given_back: Vec<_> = forward(4).into_iter().map(|(place, _)| place).collect();
    let forwarded: Vec<_> = forward(5).into_iter().filter(|(_, media)| *media).collect();
    assert!(forwarded.len() >= 6, "only {} packets went out", forwarded.len());
    for (place, _) in forwarded {
        assert!(given_back.contains(&place), "new memory was taken");
    }
}

fn is_media(bytes: &[u8]) -> bool {
    bytes[0] & 0xc0 == 0x80 && !(64..96).contains(&(bytes[1] & 0x7f))
}

#[test]
fn what_is_forwarded_waits_until_the_round_is_settled_and_then_follows_in_order() {
    let mut world = flowing(3);
    let (sender, receivers) = (
        world.clients[0].address,
        [1, 2].map(|at: usize| world.clients[at].address),
    );
    let datagrams = sent_by(&mut world, 0);
    assert!(datagrams.len() >= 4, "only {} datagrams were sent", datagrams.len());
    let before = world.engine.counters().packets_out;
    for datagram in &datagrams {
        world.engine.take_datagram(world.now, sender, server(), datagram);
    }
    while let Some((destination, _)) = world.engine.poll_transmit() {
        assert!(!receivers.contains(&destination), "a receiver got something too early");
    }
    world.engine.settle();
    let out: Vec<_> = std::iter::from_fn(|| world.engine.poll_transmit()).collect();
    let media: Vec<_> = out.iter().filter(|(_, bytes)| is_media(bytes)).collect();
    assert_eq!(media.len() as u64, world.engine.counters().packets_out - before);
    assert_eq!(media.len(), 2 * datagrams.len());
    // Each receiver's are together, so that they can be sent in runs.
    let mut destinations: Vec<_> = media.iter().map(|(destination, _)| *destination).collect();
    destinations.dedup();
    assert_eq!(destinations.len(), 2);
    for receiver in receivers {
        let mut numbers = std::collections::BTreeMap::<u32, Vec<u16>>::new();
        for (_, bytes) in media.iter().filter(|(destination, _)| *destination == receiver) {
            let ssrc = u32::from_be_bytes(bytes[8..12].try_into().unwrap());
            numbers
                .entry(ssrc)
                .or_default()
                .push(u16::from_be_bytes([bytes[2], bytes[3]]));
        }
        assert!(numbers.values().all(|numbers| numbers.is_sorted()), "{numbers:?}");
    }
}

#[test]
fn a_round_may_be_settled_in_parts() {
    let mut world = flowing(6);
    let sender = world.clients[0].address;
    for datagram in sent_by(&mut world, 0) {
        world.engine.take_datagram(world.now, sender, server(), &datagram);
    }
    while world.engine.poll_transmit().is_some() {}
    let (mut parts, mut largest) = (0, 0);
    loop {
        let more = world.engine.settle_some(1);
        let part = std::iter::from_fn(|| world.engine.poll_transmit()).count();
        largest = largest.max(part);
        parts += 1;
        if !more {
            break;
        }
    }
    assert_eq!(parts, 5);
    assert!(largest <= 6, "one receiver's part had {largest} datagrams");
}

#[test]
fn sound_goes_before_a_picture_that_waits() {
    let mut world = flowing(6);
    let sender = world.clients[0].address;
    world.send(0, Stream::Camera, None, &World::picture(9, false, 3_000));
    for datagram in world.take_under_way(sender) {
        world.engine.take_datagram(world.now, sender, server(), &datagram);
    }
    while world.engine.poll_transmit().is_some() {}
    assert!(world.engine.settle_some(1), "others wait");
    let (first, _) = std::iter::from_fn(|| world.engine.poll_transmit()).last().unwrap();
    world.send(0, Stream::Microphone, Some(-30), &[9; 40]);
    for datagram in world.take_under_way(sender) {
        world.engine.take_datagram(world.now, sender, server(), &datagram);
    }
    // Whoever has had the picture would be the last to hear.
    world.engine.settle_some(1);
    let media = std::iter::from_fn(|| world.engine.poll_transmit());
    let next: Vec<_> = media.map(|(destination, _)| destination).collect();
    assert_eq!(next, [first]);
}

#[test]
fn what_waits_too_long_is_seen_and_is_done_after_all() {
    let mut world = flowing(3);
    let sender = world.clients[0].address;
    for datagram in sent_by(&mut world, 0) {
        world.engine.take_datagram(world.now, sender, server(), &datagram);
    }
    assert!(!world.engine.is_behind(world.now + ms(50)));
    assert!(world.engine.is_behind(world.now + ms(51)));
    world.engine.settle();
    assert!(!world.engine.is_behind(world.now + ms(51)));
}

#[test]
fn frames_whose_packets_come_together_arrive_like_others() {
    let mut world = flowing(4);
    let before: Vec<usize> = world.clients.iter().map(|client| client.frames.len()).collect();
    let mut sent = Vec::new();
    for round in 0..20u8 {
        let mut round_of = Vec::new();
        for at in 0..4 {
            let picture = World::picture(100 + round * 4 + at as u8, round == 0, 4_000);
            world.send(at, Stream::Camera, None, &picture);
            let address = world.clients[at].address;
            round_of.extend(world.take_under_way(address).into_iter().map(|bytes| (address, bytes)));
            sent.push((at, picture));
        }
        // In turns, as they would come from four at a time.
        for (source, bytes) in &round_of {
            world.engine.take_datagram(world.now, *source, server(), bytes);
        }
        world.engine.settle();
        world.drain_engine();
        world.run_for(ms(66));
    }
    world.run_for(ms(1_000));
    for at in 0..4 {
        let received = world.received(at);
        for (sender, picture) in &sent {
            let times = received[before[at]..].iter().filter(|frame| **frame == picture).count();
            assert_eq!(times, usize::from(*sender != at), "from {sender} to {at}");
        }
    }
}
