//! Ways that the congestion control must measure: narrow ones, lossy ones, and what is heard and seen over them.

use std::time::{Duration, Instant};

use crate::layers::{longest_freeze, one_sees_another, speak_from};
use crate::world::{Picture, World, ms};

/// What the picture of a watcher is like from `from` to `until` after `start`: the layers, and the longest break.
fn shown(world: &World, at: usize, start: Instant, from: u64, until: u64) -> (Vec<u8>, Duration) {
    let (from, until) = (start + ms(from), start + ms(until));
    let pictures = world.pictures(at);
    let during: Vec<Picture> = pictures
        .into_iter()
        .filter(|it| (from..until).contains(&it.at))
        .collect();
    let layers = during.iter().map(|picture| picture.layer);
    (layers.collect(), longest_freeze(&during))
}

/// With the congestion control itself. What it draws is up to the seed and time is the test's, so each run is the same.
#[test]
fn a_path_is_measured_and_the_pictures_follow() {
    let mut world = World::measured(1);
    let (camera, watcher) = one_sees_another(&mut world);
    let speak = speak_from(camera);
    let way = |world: &mut World, bps| {
        world.clients[watcher].down_bps = Some(bps);
        world.film_and(&[camera], ms(20_000), &speak);
    };
    let start = world.now;
    way(&mut world, 5_000_000);
    let (layers, _) = shown(&world, watcher, start, 2_000, 20_000);
    assert!(
        layers.iter().all(|layer| *layer == 2),
        "a wide way is not used: {layers:?}"
    );
    for _ in 0..2 {
        let narrow = world.now;
        way(&mut world, 500_000);
        // After seven tenths of a second no more is sent than goes through, and soon sound is whole.
        let sent = world.sent_down(watcher, narrow + ms(700), narrow + ms(2_700));
        assert!(sent < 2 * 500_000 / 8, "{sent} bytes");
        assert_eq!(missed(&world, watcher, narrow + ms(1_000), narrow + ms(20_000)), 0);
        // The small picture is there within two seconds and stays.
        let (layers, longest) = shown(&world, watcher, narrow, 2_000, 20_000);
        assert!(layers.iter().all(|layer| *layer < 2), "{layers:?}");
        assert!(longest <= ms(500), "{longest:?} without a picture");
        let wide = world.now;
        way(&mut world, 5_000_000);
        let (layers, _) = shown(&world, watcher, wide, 10_000, 20_000);
        assert!(layers.iter().all(|layer| *layer == 2), "not back: {layers:?}");
    }
}

/// Sounds that are missing between those that came in that time.
fn missed(world: &World, at: usize, from: Instant, until: Instant) -> u64 {
    let client = &world.clients[at];
    let sounds = client.frames.iter().zip(&client.came);
    let during = sounds.filter(|(frame, at)| frame.bytes.len() == 80 && (from..until).contains(*at));
    let times: Vec<u64> = during.map(|(frame, _)| frame.rtp_time).collect();
    let first_to_last = times.last().unwrap() - times.first().unwrap();
    first_to_last / 960 + 1 - times.len() as u64
}

#[test]
fn a_way_that_loses_a_tenth_takes_away_less_than_a_hundredth_of_the_sound_and_freezes_no_picture_for_long() {
    for percent in [2, 5, 10] {
        let mut world = World::measured(1);
        let (camera, watcher) = one_sees_another(&mut world);
        let speak = speak_from(camera);
        world.film_and(&[camera], ms(3_000), &speak);
        world.clients[watcher].down_lost_percent = percent;
        world.film_and(&[camera], ms(2_000), &speak);
        let start = world.now;
        world.film_and(&[camera], ms(60_000), &speak);
        let missed = missed(&world, watcher, start, start + ms(60_000));
        let (layers, longest) = shown(&world, watcher, start, 0, 60_000);
        assert!(missed <= 30, "of 3,000 sounds {missed} are missing at {percent} %");
        assert!(longest <= ms(1_000), "{longest:?} without a picture at {percent} %");
        let large = layers.iter().filter(|layer| **layer == 2).count();
        assert!(large > 1_400, "of 1,500 pictures {large} are large at {percent} %");
    }
}
