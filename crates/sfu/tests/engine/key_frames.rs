use std::time::Duration;

use incamera_endpoint::Stream;
use incamera_sfu::{PeerId, Role};

use crate::world::{ROOM, World, ms};

/// Two members; the first one's camera is in a slot of the second and has shown its key frame.
fn a_picture_flows(world: &mut World) -> (usize, usize) {
    let (a, b) = (world.member(1), world.member(2));
    world.send(a, Stream::Camera, None, &World::picture(0, true, 100));
    world.run_for(ms(1_000));
    (a, b)
}

fn shortest(times: &[std::time::Instant]) -> Duration {
    times
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .min()
        .unwrap_or(Duration::MAX)
}

#[test]
fn requests_of_many_receivers_reach_the_camera_as_one() {
    let mut world = World::new();
    let a = world.member(1);
    let others: Vec<usize> = (2..=6).map(|peer| world.member(peer)).collect();
    world.send(a, Stream::Camera, None, &World::picture(0, true, 100));
    world.run_for(ms(2_000));
    let before = world.clients[a].key_frame_requests.len();
    let asked_before = world.engine.counters().key_frame_requests;
    for at in &others {
        let (mid, _) = world
            .carried(*at)
            .into_iter()
            .find(|(_, source)| source.peer == PeerId(1))
            .unwrap();
        let now = world.now;
        world.clients[*at].endpoint.request_key_frame(now, &mid).unwrap();
        world.drain_client(*at);
    }
    world.run_for(ms(150));
    assert_eq!(world.clients[a].key_frame_requests.len(), before + 1);
    world.run_for(ms(1_000));
    assert!(world.engine.counters().key_frame_requests <= asked_before + 2);
}

#[test]
fn a_change_of_key_asks_every_camera_however_often_it_is_told() {
    let mut world = World::new();
    let (a, _) = a_picture_flows(&mut world);
    let before = world.clients[a].key_frame_requests.len();
    for _ in 0..50 {
        world.engine.request_key_frames(world.now, ROOM);
        world.drain_engine();
        world.run_for(ms(10));
    }
    world.run_for(ms(1_000));
    let requests = &world.clients[a].key_frame_requests[before..];
    assert!(
        (2..=4).contains(&requests.len()),
        "{} requests in half a second",
        requests.len()
    );
    assert!(shortest(requests) >= ms(195), "{:?}", shortest(requests));
}

#[test]
fn one_who_has_just_got_the_key_is_given_a_key_frame() {
    let mut world = World::new();
    let (a, _) = a_picture_flows(&mut world);
    let before = world.clients[a].key_frame_requests.len();
    world.engine.request_key_frame_for(world.now, PeerId(2));
    world.drain_engine();
    world.run_for(ms(100));
    assert_eq!(world.clients[a].key_frame_requests.len(), before + 1);
    world.engine.request_key_frame_for(world.now, PeerId(1));
    world.engine.request_key_frame_for(world.now, PeerId(99));
    world.drain_engine();
    world.run_for(ms(500));
    assert_eq!(
        world.clients[a].key_frame_requests.len(),
        before + 1,
        "nobody's picture is in the first one's slots"
    );
}

#[test]
fn a_slot_shows_a_new_source_only_from_its_key_frame_on() {
    let mut world = World::new();
    let watcher = world.connect(1, Role::Member, 2, 1);
    let (a, b) = (world.member(2), world.member(3));
    world.send(a, Stream::Camera, None, &World::picture(1, true, 100));
    world.send(b, Stream::Camera, None, &World::picture(2, true, 100));
    world.run_for(ms(200));
    let shown = world.clients[watcher].frames.len();
    // The second one speaks, so its picture takes the slot; but it sends no key frame yet.
    world.speak(&[(b, -10)], ms(500));
    let asked = world.clients[b].key_frame_requests.len();
    assert!(asked > 0);
    for round in 0..30u8 {
        world.send(b, Stream::Camera, None, &World::picture(10 + round, false, 100));
        world.run_for(ms(66));
    }
    let pictures = |world: &World| -> Vec<Vec<u8>> {
        let frames = &world.clients[watcher].frames[shown..];
        frames
            .iter()
            .filter(|frame| frame.bytes.len() == 100)
            .map(|frame| frame.bytes.to_vec())
            .collect()
    };
    assert!(pictures(&world).is_empty());
    let again = world.clients[b].key_frame_requests.len();
    assert!(again > asked + 2, "a slot that waits asks again");
    assert!(shortest(&world.clients[b].key_frame_requests) >= ms(195));
    let key = World::picture(50, true, 100);
    world.send(b, Stream::Camera, None, &key);
    let next = World::picture(51, false, 100);
    world.run_for(ms(66));
    world.send(b, Stream::Camera, None, &next);
    world.run_for(ms(300));
    assert_eq!(pictures(&world), [key, next]);
}
