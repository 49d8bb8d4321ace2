//! A member's screen: a source of its own, seen before all cameras.

use incamera_endpoint::{Offering, Stream as Sent};
use incamera_sfu::{PeerId, Role, Stream};

use crate::world::{World, ms};

/// How many pictures of a screen, of this size, come through in two seconds in which the way is thought to be narrow.
fn seen_while_narrow(bytes: usize) -> usize {
    let mut world = World::new();
    let presenter = world.connect_offering(1, Offering::PresentingMember, 4, 1);
    let watcher = world.connect(3, Role::Member, 4, 1);
    let mut round = 0;
    let mut show = |world: &mut World, time| {
        world.film_and(&[], ms(time), |world| {
            world.send(
                presenter,
                Sent::Screen,
                None,
                &World::picture(200, round % 25 == 0, bytes),
            );
            round += 1;
        });
    };
    show(&mut world, 8_000);
    world.give_bandwidth(watcher, 20_000);
    let before = world.received(watcher).len();
    show(&mut world, 2_000);
    world.received(watcher).len() - before
}

#[test]
fn a_small_picture_in_one_layer_outlasts_a_moment_in_which_the_way_is_thought_narrow_and_a_large_one_does_not() {
    // 60 kbit/s, and 2 Mbit/s.
    assert!(seen_while_narrow(300) >= 49);
    assert!(seen_while_narrow(10_000) < 5);
}

#[test]
fn a_screen_takes_the_slot_before_any_camera_and_gives_it_back() {
    let mut world = World::new();
    let presenter = world.connect_offering(1, Offering::PresentingMember, 4, 1);
    let speaker = world.connect_offering(2, Offering::LayeredMember, 4, 1);
    let watcher = world.connect(3, Role::Member, 4, 1);
    let talk = |world: &mut World| world.send(speaker, Sent::Microphone, Some(-10), &[1; 40]);
    world.film_and(&[presenter, speaker], ms(1_000), talk);
    let seen = |world: &World| {
        let carried = world.carried(watcher);
        let video = carried.iter().find(|(_, source)| source.stream != Stream::Microphone);
        video.map(|(_, source)| (source.peer, source.stream))
    };
    assert_eq!(seen(&world), Some((PeerId(2), Stream::Camera)));
    let mut round = 0;
    world.film_and(&[presenter, speaker], ms(2_000), |world| {
        talk(world);
        world.send(presenter, Sent::Screen, None, &World::picture(200, round == 0, 300));
        round += 1;
    });
    assert_eq!(seen(&world), Some((PeerId(1), Stream::Screen)));
    assert!(
        world
            .received(watcher)
            .iter()
            .filter(|frame| frame.len() == 300)
            .count()
            > 40
    );
    // Nothing comes from the screen any more: after a while the speaker is seen again.
    world.film_and(&[presenter, speaker], ms(5_000), talk);
    assert_eq!(seen(&world), Some((PeerId(2), Stream::Camera)));
}
