//! An engine that has more to do than it can.

use incamera_endpoint::{MediaEndpoint, Offering, Stream};
use incamera_sfu::{JoinRefusal, PeerId, Role};

use crate::layers::one_sees_another;
use crate::world::{ROOM, World, ms};

/// Sound and a layered camera for a while, with the engine's thread so busy in every second.
fn busy(world: &mut World, camera: usize, percent: u32, seconds: u64) {
    for _ in 0..seconds {
        world.engine.hear_load(world.now, percent);
        world.drain_engine();
        world.film_and(&[camera], ms(1_000), |world| {
            for _ in 0..2 {
                world.send(camera, Stream::Microphone, Some(-30), &[7; 80]);
            }
        });
    }
}

/// What a newcomer is told.
fn knock(world: &mut World, peer: u64, role: Role) -> Result<(), JoinRefusal> {
    let address = "198.51.100.77:77".parse().unwrap();
    let mut endpoint = MediaEndpoint::new(world.now, address).unwrap();
    let offering = match role {
        Role::Member | Role::Waiting => Offering::Member,
        Role::Viewer => Offering::Viewer,
    };
    let offer = endpoint.offer(offering, 1, 1).unwrap();
    let outcome = world.engine.join(world.now, ROOM, PeerId(peer), role, &offer);
    world.drain_engine();
    world.engine.leave(world.now, PeerId(peer));
    world.drain_engine();
    outcome.map(drop)
}

#[test]
fn pictures_are_given_up_from_the_largest_on_and_sound_goes_on() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    busy(&mut world, camera, 70, 4);
    let mut shown = Vec::new();
    let start = world.now;
    for _ in 0..5 {
        busy(&mut world, camera, 100, 1);
        let since = world.now;
        // Neither more nor less: it stays as it is.
        busy(&mut world, camera, 80, 2);
        shown.push(world.layers_since(watcher, since + ms(1_000)));
    }
    let largest: Vec<Option<u8>> = shown.iter().map(|layers| layers.last().copied()).collect();
    assert_eq!(largest, [Some(2), Some(1), Some(0), Some(0), None]);
    let sounds = world.clients[watcher].frames.iter().zip(&world.clients[watcher].came);
    let heard = sounds
        .filter(|(frame, at)| frame.bytes.len() == 80 && **at >= start)
        .count();
    assert!(heard >= 15 * 50 - 2, "only {heard} of 750 sounds came");

    // With time to spare all comes back.
    busy(&mut world, camera, 30, 32);
    let since = world.now;
    busy(&mut world, camera, 30, 2);
    assert_eq!(world.layers_since(watcher, since + ms(500)), [2].into());
}

#[test]
fn viewers_are_refused_while_there_is_too_much_to_do_and_members_are_let_in() {
    let mut world = World::new();
    let (camera, _) = one_sees_another(&mut world);
    busy(&mut world, camera, 50, 1);
    assert_eq!(knock(&mut world, 8, Role::Viewer), Ok(()));
    busy(&mut world, camera, 95, 1);
    assert_eq!(knock(&mut world, 8, Role::Viewer), Err(JoinRefusal::Overloaded));
    assert_eq!(knock(&mut world, 9, Role::Member), Ok(()));
    busy(&mut world, camera, 95, 5);
    assert_eq!(knock(&mut world, 9, Role::Member), Ok(()), "the meeting is theirs");
    assert_eq!(knock(&mut world, 8, Role::Viewer), Err(JoinRefusal::Overloaded));
    busy(&mut world, camera, 10, 32);
    assert_eq!(knock(&mut world, 8, Role::Viewer), Ok(()));
}
