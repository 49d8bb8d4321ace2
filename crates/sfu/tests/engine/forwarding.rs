use incamera_endpoint::{Kind, Stream};
use incamera_sfu::Event;

use crate::world::{World, ms};

#[test]
fn everybody_gets_the_others_frames_unchanged_and_nobody_their_own() {
    let mut world = World::new();
    let clients = [world.member(1), world.member(2), world.member(3)];
    let mut sent = Vec::new();
    for round in 0..10u8 {
        for at in clients {
            let picture = World::picture(round * 3 + at as u8, round == 0, 3_000);
            let sound = World::picture(100 + round * 3 + at as u8, true, 80);
            world.send(at, Stream::Camera, None, &picture);
            world.send(at, Stream::Microphone, Some(-30), &sound);
            sent.push((at, picture));
            sent.push((at, sound));
        }
        world.run_for(ms(66));
    }
    world.run_for(ms(1_000));
    for at in clients {
        for (sender, frame) in &sent {
            let times = world.received(at).iter().filter(|received| *received == frame).count();
            assert_eq!(times, usize::from(*sender != at), "from {sender} to {at}");
        }
        assert_eq!(world.clients[at].frames.len(), 40);
    }
}

#[test]
fn sound_keeps_its_pace_on_the_way() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.speak(&[(a, -30)], ms(400));
    world.run_for(ms(500));
    let times: Vec<u64> = world.clients[b].frames.iter().map(|frame| frame.rtp_time).collect();
    assert_eq!(times.len(), 20);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 960), "{times:?}");
    assert!(world.clients[b].frames.iter().all(|frame| frame.kind == Kind::Audio));
}

#[test]
fn a_lost_packet_is_sent_again_both_ways() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    // Pictures of several packets each, so that there is always a later one by which a loss is noticed.
    for round in 0..60u8 {
        world.send(a, Stream::Camera, None, &World::picture(round, round == 0, 4_000));
        world.lose_every(13);
        world.run_for(ms(66));
    }
    world.lose_every(0);
    world.send(a, Stream::Camera, None, &World::picture(99, false, 100));
    world.run_for(ms(2_000));
    assert!(world.lost > 30, "the test lost only {} datagrams", world.lost);
    assert_eq!(world.clients[b].frames.len(), 61);
}

#[test]
fn the_signalling_is_told_of_every_change_of_slots() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.send(a, Stream::Microphone, Some(-30), &[1; 40]);
    world.run_for(ms(100));
    let told = world.events.iter().rev().find_map(|event| match event {
        Event::Slots { peer, slots } if *peer == world.clients[b].peer => Some(slots.clone()),
        _ => None,
    });
    let slots = told.unwrap();
    assert_eq!(slots.len(), 10);
    assert_eq!(slots, world.engine.slots(world.clients[b].peer));
    let mids: Vec<String> = world.clients[b].endpoint.slots().map(|(mid, _)| mid).collect();
    assert_eq!(slots.iter().map(|(mid, _)| mid.clone()).collect::<Vec<_>>(), mids);
    assert_eq!(world.carried(b).len(), 1);
}
