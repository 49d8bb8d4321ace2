use std::net::SocketAddr;
use std::time::Duration;

use incamera_endpoint::Stream;
use incamera_sfu::{EngineConfig, Event, JoinRefusal, LossReason, PeerId, Role, RoomId};

use crate::world::{ROOM, World, ms, server};

#[test]
fn a_peer_that_never_connects_is_lost() {
    let mut world = World::new();
    let at = world.join(1, Role::Member, 1, 1);
    world.clients[at].cut = true;
    let began = world.now;
    let lost = Event::Lost {
        peer: PeerId(1),
        why: LossReason::ConnectTimeout,
    };
    world.run_until("lost", |world| world.events.contains(&lost));
    assert!(world.now - began <= Duration::from_secs(11));
    assert!(world.engine.slots(PeerId(1)).is_empty());
}

#[test]
fn a_peer_that_falls_silent_is_lost_and_its_slots_are_freed() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.send(a, Stream::Camera, None, &World::picture(0, true, 100));
    world.run_for(ms(200));
    assert_eq!(world.carried(b).len(), 1);
    world.clients[a].cut = true;
    let began = world.now;
    let lost = Event::Lost {
        peer: PeerId(1),
        why: LossReason::Silent,
    };
    world.run_until("lost", |world| world.events.contains(&lost));
    assert!(world.now - began <= Duration::from_secs(16), "{:?}", world.now - began);
    assert!(world.carried(b).is_empty());
    assert!(
        !world
            .events
            .iter()
            .any(|event| matches!(event, Event::Lost { peer: PeerId(2), .. }))
    );
}

#[test]
fn an_idle_connection_is_kept() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.run_for(Duration::from_secs(60));
    assert!(!world.events.iter().any(|event| matches!(event, Event::Lost { .. })));
    world.send(a, Stream::Microphone, Some(-30), &[5; 40]);
    world.run_for(ms(200));
    assert_eq!(world.received(b), [[5; 40]]);
}

#[test]
fn a_peer_that_says_goodbye_is_lost_at_once() {
    let mut world = World::new();
    let (a, _) = (world.member(1), world.member(2));
    world.clients[a].endpoint.close();
    world.drain_client(a);
    world.run_for(ms(100));
    assert!(world.events.contains(&Event::Lost {
        peer: PeerId(1),
        why: LossReason::Closed
    }));
}

#[test]
fn a_reconnect_replaces_the_first_connection() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.speak(&[(a, -30)], ms(100));
    world.run_for(ms(100));
    let before = world.clients[b].frames.len();
    let events = world.events.len();
    let again = world.connect(1, Role::Member, 4, 6);
    assert!(
        !world.events[events..]
            .iter()
            .any(|event| matches!(event, Event::Lost { .. }))
    );
    world.speak(&[(again, -30)], ms(100));
    world.run_for(ms(500));
    assert_eq!(world.clients[b].frames.len(), before + 5);
    assert_eq!(world.carried(b).len(), 1);
    assert_eq!(world.engine.room_counters(ROOM).unwrap().members, 2);
    // The old connection no longer counts for anything.
    let frames = world.clients[b].frames.len();
    world.speak(&[(a, -30)], ms(100));
    world.run_for(ms(100));
    assert_eq!(world.clients[b].frames.len(), frames);
}

#[test]
fn a_refused_second_offer_leaves_the_first_connection_alone() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    assert!(
        world
            .engine
            .join(world.now, ROOM, PeerId(1), Role::Member, "v=0")
            .is_err()
    );
    world.speak(&[(a, -30)], ms(100));
    world.run_for(ms(100));
    assert_eq!(world.clients[b].frames.len(), 5);
}

#[test]
fn rooms_do_not_hear_each_other() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    // The second one goes to another room.
    let address: SocketAddr = "198.51.100.77:77".parse().unwrap();
    let mut other = incamera_endpoint::MediaEndpoint::new(world.now, address).unwrap();
    let offer = other.offer(incamera_endpoint::Offering::Member, 1, 1).unwrap();
    world
        .engine
        .join(world.now, RoomId(8), PeerId(2), Role::Member, &offer)
        .unwrap();
    world.drain_engine();
    world.speak(&[(a, -30)], ms(200));
    assert!(world.clients[b].frames.is_empty());
    assert_eq!(world.engine.room_counters(ROOM).unwrap().members, 1);
    assert_eq!(world.engine.room_counters(RoomId(8)).unwrap().members, 1);
}

#[test]
fn a_closed_room_is_forgotten() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.engine.set_viewers_routed(world.now, ROOM, true);
    world.engine.close_room(world.now, ROOM);
    world.drain_engine();
    assert_eq!(world.engine.room_counters(ROOM), None);
    world.run_until("both are told", |world| {
        world.clients[a].closed && world.clients[b].closed
    });
}

#[test]
fn a_full_room_and_a_full_engine_refuse() {
    let mut config = EngineConfig::new(vec![server()]);
    (config.members_per_room_max, config.peers_max, config.rooms_max) = (2, 3, 1);
    let mut world = World::with(config);
    world.join(1, Role::Member, 1, 1);
    world.join(2, Role::Member, 1, 1);
    let join = |world: &mut World, room, peer, role| {
        let address = "198.51.100.77:77".parse().unwrap();
        let mut endpoint = incamera_endpoint::MediaEndpoint::new(world.now, address).unwrap();
        let offering = match role {
            Role::Member | Role::Waiting => incamera_endpoint::Offering::Member,
            Role::Viewer => incamera_endpoint::Offering::Viewer,
        };
        let offer = endpoint.offer(offering, 1, 1).unwrap();
        let outcome = world.engine.join(world.now, room, PeerId(peer), role, &offer);
        world.drain_engine();
        outcome
    };
    assert_eq!(join(&mut world, ROOM, 3, Role::Member), Err(JoinRefusal::RoomFull));
    assert!(
        join(&mut world, ROOM, 2, Role::Member).is_ok(),
        "who is here may come back"
    );
    assert_eq!(
        join(&mut world, RoomId(8), 3, Role::Member),
        Err(JoinRefusal::EngineFull)
    );
    assert!(join(&mut world, ROOM, 3, Role::Viewer).is_ok());
    assert_eq!(join(&mut world, ROOM, 4, Role::Viewer), Err(JoinRefusal::EngineFull));
}

#[test]
fn a_check_from_anothers_address_does_not_take_it() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    // A third peer, with good credentials of its own, forges the first one's address.
    let thief = world.join(3, Role::Member, 1, 1);
    world.clients[thief].address = world.clients[a].address;
    world.clients[thief].cut = false;
    world.speak(&[(a, -30)], ms(1_000));
    assert!(world.engine.counters().dropped.address_taken > 0);
    assert_eq!(world.clients[b].frames.len(), 50);
}

#[test]
fn who_waits_sends_to_nobody_and_is_sent_nothing_until_they_are_let_in() {
    let mut world = World::new();
    let (a, viewer) = (world.member(1), world.viewer(2));
    world.engine.set_viewers_routed(world.now, ROOM, true);
    let waiting = world.connect(3, Role::Waiting, 4, 6);
    world.send(a, Stream::Camera, None, &World::picture(0, true, 100));
    world.send(waiting, Stream::Camera, None, &World::picture(1, true, 100));
    world.speak(&[(a, -30), (waiting, -10)], ms(200));
    world.run_for(ms(200));
    assert!(world.received(waiting).is_empty());
    assert!(world.carried(waiting).is_empty());
    assert_eq!(world.received(a), Vec::<&[u8]>::new());
    assert!(world.received(viewer).iter().all(|frame| frame[0] != waiting as u8));
    assert_eq!(world.engine.room_counters(ROOM).unwrap().members, 1);
    let before = world.received(viewer).len();

    world.engine.let_in(world.now, PeerId(3));
    world.drain_engine();
    // The connection stands already: not a word is missing.
    world.speak(&[(a, -30), (waiting, -30)], ms(200));
    world.run_for(ms(200));
    assert_eq!(
        world
            .received(waiting)
            .iter()
            .filter(|frame| frame[0] == a as u8)
            .count(),
        10
    );
    assert_eq!(
        world
            .received(a)
            .iter()
            .filter(|frame| frame[0] == waiting as u8)
            .count(),
        10
    );
    assert_eq!(world.received(viewer).len(), before + 20);
}
