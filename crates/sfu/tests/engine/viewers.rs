use incamera_endpoint::Stream;
use incamera_sfu::Role;

use crate::world::{ROOM, World, ms};

fn broadcast(world: &mut World, from: usize, rounds: u8) {
    for round in 0..rounds {
        world.send(
            from,
            Stream::Camera,
            None,
            &World::picture(round, round % 5 == 0, 2_000),
        );
        world.speak(&[(from, -30)], ms(60));
    }
    world.run_for(ms(200));
}

fn to_viewers(world: &World) -> u64 {
    world.engine.room_counters(ROOM).unwrap().to_viewers
}

#[test]
fn a_viewer_gets_nothing_until_routed_and_nothing_after() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    let viewer = world.viewer(100);
    broadcast(&mut world, a, 10);
    assert_eq!(to_viewers(&world), 0);
    assert!(world.clients[viewer].frames.is_empty());
    assert!(world.carried(viewer).is_empty());
    assert!(!world.clients[b].frames.is_empty());

    world.engine.set_viewers_routed(world.now, ROOM, true);
    world.drain_engine();
    broadcast(&mut world, a, 20);
    let during = world.clients[viewer].frames.len();
    assert!(during > 15, "{during} frames");
    let members_frames = world.received(b);
    assert!(
        world
            .received(viewer)
            .iter()
            .all(|frame| members_frames.contains(frame))
    );
    let counted = to_viewers(&world);
    assert!(counted > 0);

    world.engine.set_viewers_routed(world.now, ROOM, false);
    world.drain_engine();
    world.run_for(ms(50));
    let at_the_end = world.clients[viewer].frames.len();
    broadcast(&mut world, a, 20);
    assert_eq!(to_viewers(&world), counted);
    assert_eq!(world.clients[viewer].frames.len(), at_the_end);
    assert!(world.carried(viewer).is_empty());
}

#[test]
fn a_viewer_who_comes_while_routed_sees_at_the_next_key_frame_which_is_asked_for() {
    let mut world = World::new();
    let a = world.member(1);
    world.engine.set_viewers_routed(world.now, ROOM, true);
    world.send(a, Stream::Camera, None, &World::picture(0, true, 100));
    world.run_for(ms(1_000));
    let asked = world.clients[a].key_frame_requests.len();
    let viewer = world.viewer(100);
    world.run_until("a key frame is asked for", |world| {
        world.clients[a].key_frame_requests.len() > asked
    });
    world.send(a, Stream::Camera, None, &World::picture(1, false, 100));
    world.run_for(ms(300));
    assert!(world.clients[viewer].frames.is_empty());
    let key = World::picture(2, true, 100);
    world.send(a, Stream::Camera, None, &key);
    world.run_for(ms(300));
    assert_eq!(world.received(viewer), [&*key]);
}

#[test]
fn a_viewer_cannot_send() {
    let mut world = World::new();
    let offer = {
        let address = "198.51.100.9:9".parse().unwrap();
        let mut endpoint = incamera_endpoint::MediaEndpoint::new(world.now, address).unwrap();
        endpoint.offer(incamera_endpoint::Offering::Member, 1, 1).unwrap()
    };
    assert!(
        world
            .engine
            .join(world.now, ROOM, incamera_sfu::PeerId(5), Role::Viewer, &offer)
            .is_err()
    );
    world.drain_engine();
}

#[test]
fn members_are_heard_by_members_while_viewers_come_and_go() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    for viewer in 0..5 {
        world.viewer(100 + viewer);
        world.engine.set_viewers_routed(world.now, ROOM, viewer % 2 == 0);
        world.drain_engine();
        world.speak(&[(a, -30)], ms(200));
    }
    world.run_for(ms(200));
    assert_eq!(world.clients[b].frames.len(), 50);
}
