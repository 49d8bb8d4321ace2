//! A camera in three layers: who gets which, how slots go from one to another, and what the sender is spared.

use std::time::{Duration, Instant};

use incamera_endpoint::{Offering, Stream as Sent};
use incamera_sfu::{Event, PeerId, Role, SlotWish, Stream};

use crate::world::{Picture, World, ms};

/// The payload type of pictures; that of their repeats is another.
const VP8: u8 = 96;

/// A layered camera, and somebody who sees it in one slot.
pub(crate) fn one_sees_another(world: &mut World) -> (usize, usize) {
    let camera = world.connect_offering(1, Offering::LayeredMember, 4, 1);
    let watcher = world.connect(2, Role::Member, 4, 1);
    (camera, watcher)
}

/// Every run of a layer begins with a key frame, no picture comes twice or out of order, and the slot's clock goes on as
/// the camera's does.
fn assert_unbroken(pictures: &[Picture]) {
    assert!(pictures.first().is_some_and(|first| first.key), "begins in the middle");
    for pair in pictures.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        assert!(after.layer == before.layer || after.key, "{before:?} then {after:?}");
        assert!(after.number >= before.number, "{before:?} then {after:?}");
        let shot = i64::from(after.number - before.number) * 3_600;
        let told = (after.rtp_time - before.rtp_time) as i64;
        let jitter = if after.layer == before.layer { 0 } else { 1_800 };
        assert!(
            told > 0 && (told - shot).abs() <= jitter,
            "{shot} but {told}: {before:?} then {after:?}"
        );
    }
}

#[test]
fn a_small_slot_gets_a_small_layer_and_a_large_one_the_largest() {
    let mut world = World::new();
    let (camera, small) = one_sees_another(&mut world);
    let (middle, large) = (
        world.connect(3, Role::Member, 4, 1),
        world.connect(4, Role::Member, 4, 1),
    );
    world.wish(small, &[180]);
    world.wish(middle, &[400]);
    world.wish(large, &[1_080]);
    world.film(&[camera], ms(3_000));
    let since = world.now;
    world.film(&[camera], ms(2_000));
    assert_eq!(world.layers_since(small, since), [0].into());
    assert_eq!(world.layers_since(middle, since), [1].into());
    assert_eq!(world.layers_since(large, since), [2].into());
    world.wish(large, &[90]);
    world.film(&[camera], ms(1_000));
    let since = world.now;
    world.film(&[camera], ms(1_000));
    assert_eq!(world.layers_since(large, since), [0].into());
    for at in [small, middle, large] {
        assert_unbroken(&world.pictures(at));
    }
}

#[test]
fn going_from_layer_to_layer_looks_like_one_stream() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    for height in [720, 180, 360, 180, 720, 360] {
        world.wish(watcher, &[height]);
        world.film(&[camera], ms(2_500));
    }
    let pictures = world.pictures(watcher);
    assert_unbroken(&pictures);
    let switches = pictures
        .windows(2)
        .filter(|pair| pair[0].layer != pair[1].layer)
        .count();
    assert!(switches >= 5, "only {switches} switches");
    let media = world.clients[watcher].ssrcs.iter().filter(|(pt, _)| *pt == VP8);
    assert_eq!(media.count(), 1, "the slot kept its SSRC");
    let longest = longest_freeze(&pictures);
    assert!(longest <= ms(200), "{longest:?}");
}

#[test]
fn until_the_key_frame_comes_the_layer_before_goes_on() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    world.film(&[camera], ms(3_000));
    // The second change to the large layer comes too soon after the first for another request.
    for (height, time) in [(180, 120), (720, 120), (180, 160), (720, 80)] {
        world.wish(watcher, &[height]);
        world.film(&[camera], ms(time));
    }
    let waiting = world.now;
    world.film(&[camera], ms(1_000));
    let pictures = world.pictures(watcher);
    assert_unbroken(&pictures);
    let large = pictures
        .iter()
        .find(|picture| picture.at >= waiting && picture.layer == 2);
    assert!(large.unwrap().at - waiting > ms(100), "nothing was waited for");
    let changes = pictures
        .iter()
        .position(|picture| picture.at >= waiting - ms(480))
        .unwrap();
    let longest = longest_freeze(&pictures[changes..]);
    assert!(longest <= ms(90), "{longest:?}");
}

pub(crate) fn longest_freeze(pictures: &[Picture]) -> Duration {
    let gaps = pictures.windows(2).map(|pair| pair[1].at - pair[0].at);
    gaps.max().unwrap_or(Duration::MAX)
}

#[test]
fn a_layer_that_nobody_takes_stops_and_comes_back_within_a_second() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    world.film(&[camera], ms(2_000));
    world.wish(watcher, &[180]);
    world.film(&[camera], ms(4_000));
    assert_eq!(world.clients[camera].sends, [true, false, false]);
    let told = Event::Layers {
        peer: PeerId(1),
        wanted: vec![true, false, false],
    };
    assert!(world.events.contains(&told));
    world.film(&[camera], ms(5_000));
    assert_eq!(world.clients[camera].sends, [true, false, false]);

    let asked = world.now;
    world.wish(watcher, &[720]);
    let mut told = None;
    world.film_and(&[camera], ms(2_000), |world| {
        if world.clients[camera].sends[2] {
            told.get_or_insert(world.now);
        }
    });
    let told = told.unwrap();
    assert!(told - asked < ms(100), "told after {:?}", told - asked);
    let pictures = world.pictures(watcher);
    let first = pictures
        .iter()
        .find(|picture| picture.at >= asked && picture.layer == 2)
        .unwrap();
    assert!(first.key && first.at - told < ms(1_000), "{:?}", first.at - told);
    assert_unbroken(&pictures);
    world.film(&[camera], ms(3_000));
    assert_eq!(world.clients[camera].sends, [true, false, true]);
}

#[test]
fn a_camera_that_is_in_no_slot_rests_and_is_back_when_it_is_wanted() {
    let mut world = World::new();
    let cameras: Vec<usize> = (1..=3)
        .map(|peer| world.connect_offering(peer, Offering::LayeredMember, 4, 1))
        .collect();
    let seen_by_the_first = |world: &World| {
        let carried = world.carried(cameras[0]);
        let picture = carried.iter().find(|(_, source)| source.stream == Stream::Camera);
        picture.map(|(_, source)| source.peer)
    };
    let talk = |speaker: usize| move |world: &mut World| world.send(speaker, Sent::Microphone, Some(-20), &[1; 40]);
    // The first speaks: the others see them, and they see one of the others.
    world.film_and(&cameras, ms(6_000), talk(cameras[0]));
    let seen = seen_by_the_first(&world);
    let (resting, shown) = if seen == Some(PeerId(2)) { (2, 1) } else { (1, 2) };
    assert_eq!(world.clients[cameras[resting]].sends, [false; 3], "nobody is shown it");
    assert!(world.clients[cameras[shown]].sends[0]);
    let asked = world.now;
    world.film_and(&cameras, ms(3_000), talk(cameras[resting]));
    let pictures = world.pictures(cameras[0]);
    let back = pictures.iter().find(|picture| picture.at > asked + ms(300)).unwrap();
    assert!(back.at - asked < ms(1_500), "{:?}", back.at - asked);
    assert_eq!(seen_by_the_first(&world), Some(PeerId(resting as u64 + 1)));
    assert!(world.clients[cameras[resting]].sends[0]);
    assert!(longest_freeze(&pictures) < ms(1_000), "{:?}", longest_freeze(&pictures));

    // Whoever turns their camera off while it rests keeps nobody's picture away.
    world.film_and(&cameras, ms(2_000), talk(cameras[0]));
    world.film_and(&cameras, ms(6_000), talk(cameras[shown]));
    let off = resting;
    let on = [cameras[0], cameras[shown]];
    assert_eq!(world.clients[cameras[off]].sends, [false; 3]);
    world.film_and(&on, ms(1_000), talk(cameras[off]));
    world.film_and(&on, ms(8_000), |world| {
        world.send(cameras[0], Sent::Microphone, Some(-90), &[1; 40])
    });
    assert_eq!(seen_by_the_first(&world), Some(PeerId(shown as u64 + 1)));
    let pictures = world.pictures(cameras[0]);
    assert!(pictures.last().unwrap().at > world.now - ms(200), "nothing is shown");
}

#[test]
fn nobody_is_told_to_stop_the_smallest_layer_while_all_have_slots_or_what_does_not_flow() {
    let mut world = World::new();
    let camera = world.connect_offering(1, Offering::LayeredMember, 4, 1);
    world.clients[camera].unable = [false, false, true];
    world.film(&[camera], ms(5_000));
    assert_eq!(world.clients[camera].sends, [true, false, true]);
}

#[test]
fn a_layer_that_its_sender_cannot_make_gives_way_to_the_next_smaller() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    world.film(&[camera], ms(3_000));
    assert!(world.layers_since(watcher, world.now - ms(500)).contains(&2));
    world.clients[camera].unable[2] = true;
    let stopped = world.now;
    world.film(&[camera], ms(3_000));
    let pictures = world.pictures(watcher);
    let next = pictures.iter().find(|picture| picture.at > stopped + ms(50)).unwrap();
    assert!(next.at - stopped < ms(1_000), "{:?}", next.at - stopped);
    assert_eq!(next.layer, 1);
    world.clients[camera].unable[2] = false;
    world.film(&[camera], ms(8_000));
    assert_eq!(world.layers_since(watcher, world.now - ms(500)), [2].into());
    assert_unbroken(&world.pictures(watcher));
}

#[test]
fn whoever_comes_sees_what_is_there_before_what_is_best() {
    let mut world = World::new();
    let camera = world.connect_offering(1, Offering::LayeredMember, 4, 1);
    world.clients[camera].unable = [false, true, true];
    world.film(&[camera], ms(1_000));
    let watcher = world.connect(2, Role::Member, 4, 1);
    let came = world.now;
    world.film(&[camera], ms(500));
    let first = world.pictures(watcher)[0];
    assert_eq!(first.layer, 0);
    assert!(first.at - came < ms(300), "{:?}", first.at - came);
}

#[test]
fn requests_for_key_frames_reach_the_layer_that_is_meant_and_are_limited() {
    let mut world = World::new();
    let (camera, large) = one_sees_another(&mut world);
    let small = world.connect(3, Role::Member, 4, 1);
    world.wish(small, &[180]);
    world.film(&[camera], ms(8_000));
    let before: Vec<usize> = world.clients[camera].layer_requests.iter().map(Vec::len).collect();
    world.film_and(&[camera], ms(3_000), |world| {
        for at in [large, small] {
            let slots = world.clients[at].endpoint.slots();
            let (mid, _) = slots.last().unwrap();
            let now = world.now;
            world.clients[at].endpoint.request_key_frame(now, &mid).unwrap();
            world.drain_client(at);
        }
    });
    let requests = |layer: usize| &world.clients[camera].layer_requests[layer][before[layer]..];
    assert!((10..=16).contains(&requests(0).len()), "{} small", requests(0).len());
    assert!(requests(1).is_empty());
    assert!((4..=7).contains(&requests(2).len()), "{} large", requests(2).len());
    let apart = |times: &[Instant]| times.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(apart(requests(0)) >= ms(195) && apart(requests(2)) >= ms(495));
}

/// Sound beside the pictures, as long as those.
pub(crate) fn speak_from(camera: usize) -> impl Fn(&mut World) {
    move |world| {
        for _ in 0..2 {
            world.send(camera, Sent::Microphone, Some(-20), &[9; 80]);
        }
    }
}

fn sounds(world: &World, at: usize) -> usize {
    world.received(at).iter().filter(|frame| frame.len() == 80).count()
}

#[test]
fn a_narrow_path_gets_smaller_pictures_and_whole_sound_and_a_wide_one_the_large_again() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    let speak = speak_from(camera);
    world.film_and(&[camera], ms(6_000), &speak);
    assert_eq!(world.layers_since(watcher, world.now - ms(1_000)), [2].into());

    world.give_bandwidth(watcher, 500_000);
    let narrow = world.now;
    world.film_and(&[camera], ms(2_000), &speak);
    let pictures = world.pictures(watcher);
    let since: Vec<_> = pictures.iter().filter(|picture| picture.at > narrow + ms(20)).collect();
    assert!(since.iter().all(|picture| picture.layer < 2), "the large one goes on");
    assert!(since[0].at - narrow < ms(700), "down after {:?}", since[0].at - narrow);
    // An estimate breathes; pictures do not breathe with it.
    let settled = world.now;
    let mut round = 0;
    world.film_and(&[camera], ms(10_000), |world| {
        speak(world);
        round += 1;
        world.give_bandwidth(watcher, if round % 4 < 2 { 480_000 } else { 540_000 });
    });
    let layers = world.layers_since(watcher, settled);
    assert_eq!(layers.len(), 1, "up and down: {layers:?}");
    let heard = sounds(&world, watcher);
    world.film_and(&[camera], ms(5_000), &speak);
    assert_eq!(sounds(&world, watcher) - heard, 250);

    world.give_bandwidth(watcher, 5_000_000);
    let wide = world.now;
    world.film_and(&[camera], ms(6_000), &speak);
    let pictures = world.pictures(watcher);
    let large = pictures.iter().find(|picture| picture.at > wide && picture.layer == 2);
    let back = large.map(|large| large.at - wide);
    assert!(back.is_some_and(|back| back < ms(2_000)), "back after {back:?}");
    assert_unbroken(&pictures);
}

#[test]
fn a_path_that_was_just_too_narrow_is_not_tried_again_at_once() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    world.film(&[camera], ms(6_000));
    world.give_bandwidth(watcher, 300_000);
    world.film(&[camera], ms(500));
    world.give_bandwidth(watcher, 5_000_000);
    let wide = world.now;
    world.film(&[camera], ms(2_000));
    assert_eq!(world.layers_since(watcher, wide), [0].into(), "too soon");
    world.film(&[camera], ms(4_000));
    assert_eq!(world.layers_since(watcher, world.now - ms(500)), [2].into());
}

#[test]
fn when_no_picture_fits_sound_goes_on() {
    let mut world = World::new();
    let (camera, watcher) = one_sees_another(&mut world);
    let speak = speak_from(camera);
    world.film_and(&[camera], ms(6_000), &speak);
    world.give_bandwidth(watcher, 90_000);
    // For a moment the smallest is tried all the same.
    world.film_and(&[camera], ms(2_500), &speak);
    assert_eq!(world.layers_since(watcher, world.now - ms(1_000)), [0].into());
    world.film_and(&[camera], ms(1_500), &speak);
    let since = world.now;
    let heard = sounds(&world, watcher);
    world.film_and(&[camera], ms(5_000), &speak);
    assert!(world.layers_since(watcher, since).is_empty());
    assert_eq!(sounds(&world, watcher) - heard, 250);
}

#[test]
fn in_the_first_seconds_nobody_is_left_out_for_want_of_an_estimate() {
    let mut world = World::new();
    let cameras: Vec<usize> = (1..=3)
        .map(|peer| world.connect_offering(peer, Offering::LayeredMember, 4, 3))
        .collect();
    world.film(&cameras, ms(1_000));
    let watcher = world.connect(9, Role::Member, 4, 3);
    world.give_bandwidth(watcher, 50_000);
    let shown = |world: &World, since: Instant| {
        let client = &world.clients[watcher];
        let frames = client.frames.iter().zip(&client.came).filter(|(_, at)| **at >= since);
        let mids = frames.map(|(frame, _)| (frame.mid.clone(), frame.bytes[1]));
        mids.collect::<std::collections::BTreeSet<_>>()
    };
    let came = world.now;
    world.film(&cameras, ms(4_000));
    let early = shown(&world, came);
    assert_eq!(early.len(), 3, "{early:?}");
    assert!(early.iter().all(|(_, layer)| *layer == 0), "{early:?}");
    world.film(&cameras, ms(3_000));
    let since = world.now;
    world.film(&cameras, ms(1_000));
    assert_eq!(shown(&world, since).len(), 0);
}

#[test]
fn a_slot_that_is_not_shown_stays_empty_and_the_others_are_filled() {
    let mut world = World::new();
    let cameras: Vec<usize> = (1..=3)
        .map(|peer| world.connect_offering(peer, Offering::LayeredMember, 4, 3))
        .collect();
    let watcher = world.connect(9, Role::Member, 4, 3);
    world.wish(watcher, &[360, 0, 360]);
    world.film(&cameras, ms(1_500));
    let carried = world.engine.slots(PeerId(9));
    let videos: Vec<bool> = carried[4..].iter().map(|(_, source)| source.is_some()).collect();
    assert_eq!(videos, [true, false, true]);
    world.wish(watcher, &[0, 0, 0]);
    let since = world.now + ms(50);
    world.film(&cameras, ms(1_000));
    assert!(world.layers_since(watcher, since).is_empty());
}

#[test]
fn a_pinned_picture_is_in_its_slot_whoever_speaks() {
    let mut world = World::new();
    let cameras: Vec<usize> = (1..=4)
        .map(|peer| world.connect_offering(peer, Offering::LayeredMember, 4, 2))
        .collect();
    let watcher = world.connect(9, Role::Member, 4, 2);
    let mid = world.clients[watcher].endpoint.slots().last().unwrap().0;
    let wish = SlotWish {
        mid: mid.clone(),
        height: 720,
        pin: Some(PeerId(4)),
    };
    world.film(&cameras, ms(300));
    world.engine.set_wishes(world.now, PeerId(9), None, &[wish]);
    world.drain_engine();
    for loud in [0, 1, 2] {
        world.film_and(&cameras, ms(1_000), |world| {
            world.send(cameras[loud], Sent::Microphone, Some(-10), &[1; 40]);
        });
        let carried = world.carried(watcher);
        let pinned = carried.iter().find(|(slot, _)| *slot == mid).unwrap();
        assert_eq!(pinned.1.peer, PeerId(4));
        let times = carried.iter().filter(|(_, source)| source.peer == PeerId(4)).count();
        assert_eq!(times, 1, "{carried:?}");
    }
    world.engine.leave(world.now, PeerId(4));
    world.drain_engine();
    world.film(&cameras[..3], ms(300));
    assert_eq!(
        world.carried(watcher).iter().filter(|(slot, _)| *slot == mid).count(),
        1
    );
}

#[test]
fn whoever_has_the_floor_is_heard_and_seen_though_others_are_louder() {
    let mut world = World::new();
    let members: Vec<usize> = (1..=4)
        .map(|peer| world.connect_offering(peer, Offering::LayeredMember, 1, 1))
        .collect();
    let watcher = world.connect(9, Role::Member, 1, 1);
    let talk = |world: &mut World| {
        for (at, level) in [(0, -60), (1, -10), (2, -30), (3, -40)] {
            world.send(members[at], Sent::Microphone, Some(level), &[at as u8; 40]);
        }
    };
    world.film_and(&members, ms(2_000), talk);
    let carries = |world: &World| {
        world
            .carried(watcher)
            .iter()
            .map(|(_, source)| source.peer.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(carries(&world), [2, 2]);
    world.engine.set_wishes(world.now, PeerId(9), Some(PeerId(1)), &[]);
    world.drain_engine();
    assert_eq!(carries(&world), [1, 1], "at once");
    world.film_and(&members, ms(2_000), talk);
    assert_eq!(carries(&world), [1, 1]);
    world.engine.set_wishes(world.now, PeerId(9), None, &[]);
    world.drain_engine();
    world.film_and(&members, ms(1_000), talk);
    assert_eq!(carries(&world), [2, 2]);
}

#[test]
fn the_floor_is_shown_larger_than_the_others_where_not_all_can_be() {
    let mut world = World::new();
    let cameras: Vec<usize> = (1..=3)
        .map(|peer| world.connect_offering(peer, Offering::LayeredMember, 4, 3))
        .collect();
    let watcher = world.connect(9, Role::Member, 4, 3);
    world.give_bandwidth(watcher, 2_600_000);
    world.engine.set_wishes(world.now, PeerId(9), Some(PeerId(2)), &[]);
    world.drain_engine();
    world.film(&cameras, ms(7_000));
    let since = world.now;
    world.film(&cameras, ms(2_000));
    let of_floor = world
        .carried(watcher)
        .iter()
        .find(|(_, source)| source.peer == PeerId(2))
        .unwrap()
        .0
        .clone();
    let client = &world.clients[watcher];
    let mut largest = std::collections::BTreeMap::new();
    for (frame, _) in client.frames.iter().zip(&client.came).filter(|(_, at)| **at >= since) {
        let layer = largest.entry(frame.mid.clone()).or_insert(0);
        *layer = frame.bytes[1].max(*layer);
    }
    assert_eq!(largest.len(), 3, "all are seen: {largest:?}");
    assert_eq!(largest[&of_floor], 2, "{largest:?}");
    assert!(
        largest.iter().any(|(mid, layer)| *mid != of_floor && *layer < 2),
        "{largest:?}"
    );
}

#[test]
fn a_pause_in_discontinuous_sound_is_no_stalled_source() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 1, 0);
    let (quiet, other) = (world.member(2), world.member(3));
    world.speak(&[(quiet, -30)], ms(500));
    let before = world.carried(listener);
    // In silence a packet each 400 ms.
    for _ in 0..10 {
        world.send(quiet, Sent::Microphone, Some(-127), &[7; 3]);
        world.run_for(ms(400));
    }
    assert_eq!(world.carried(listener), before);
    world.speak(&[(quiet, -30)], ms(200));
    world.run_for(ms(300));
    assert!(world.received(listener).iter().filter(|frame| frame.len() == 3).count() >= 10);
    let _ = other;
}
