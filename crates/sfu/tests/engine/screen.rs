//! A member's screen: a source of its own, seen before all cameras.

use incamera_endpoint::{Offering, Stream as Sent};
use incamera_sfu::{PeerId, Role, Stream};

use crate::world::{World, ms};

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
