use std::collections::{BTreeMap, BTreeSet};

use incamera_endpoint::Stream as Sent;
use incamera_sfu::{Kind, PeerId, Role, Source, Stream};

use crate::world::{World, ms};

fn speakers(world: &World, at: usize) -> Vec<u64> {
    let sources = world.carried(at).into_iter().map(|(_, source)| source);
    let mut peers: Vec<u64> = sources
        .filter(|source| source.stream == Stream::Microphone)
        .map(|s| s.peer.0)
        .collect();
    peers.sort_unstable();
    peers
}

fn cameras(world: &World, at: usize) -> BTreeMap<String, u64> {
    let carried = world
        .carried(at)
        .into_iter()
        .filter(|(_, source)| source.stream.kind() == Kind::Video);
    carried.map(|(mid, source)| (mid, source.peer.0)).collect()
}

#[test]
fn with_enough_slots_everyone_has_one_and_keeps_it() {
    let mut world = World::new();
    let members: Vec<usize> = (1..=5).map(|peer| world.member(peer)).collect();
    for at in &members {
        world.send(*at, Sent::Camera, None, &World::picture(1, true, 100));
    }
    world.speak(&members.iter().map(|at| (*at, -60)).collect::<Vec<_>>(), ms(300));
    let before = world.carried(members[0]);
    assert_eq!(speakers(&world, members[0]), [2, 3, 4, 5]);
    assert_eq!(cameras(&world, members[0]).len(), 4);
    world.speak(
        &[
            (members[4], -10),
            (members[1], -70),
            (members[2], -30),
            (members[3], -90),
        ],
        ms(2_000),
    );
    assert_eq!(world.carried(members[0]), before);
}

#[test]
fn with_too_few_slots_the_loudest_are_heard() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 2, 1);
    let others: Vec<usize> = (2..=5).map(|peer| world.member(peer)).collect();
    let murmur = |loud: &[usize]| -> Vec<(usize, i8)> {
        others
            .iter()
            .map(|at| (*at, if loud.contains(at) { -20 } else { -80 }))
            .collect()
    };
    world.speak(&murmur(&[others[2], others[3]]), ms(1_000));
    assert_eq!(speakers(&world, listener), [4, 5]);
    world.speak(&murmur(&[others[0], others[3]]), ms(1_000));
    assert_eq!(speakers(&world, listener), [2, 5]);
}

#[test]
fn someone_just_as_loud_does_not_take_a_slot_away() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 1, 0);
    let (a, b) = (world.member(2), world.member(3));
    world.speak(&[(a, -30), (b, -60)], ms(1_000));
    assert_eq!(speakers(&world, listener), [2]);
    world.speak(&[(a, -30), (b, -27)], ms(2_000));
    assert_eq!(speakers(&world, listener), [2]);
    world.speak(&[(a, -30), (b, -15)], ms(2_000));
    assert_eq!(speakers(&world, listener), [3]);
}

#[test]
fn the_last_speakers_are_seen_and_the_others_stay_where_they_are() {
    let mut world = World::new();
    let viewer = world.connect(1, Role::Member, 4, 2);
    let others: Vec<usize> = (2..=4).map(|peer| world.member(peer)).collect();
    for round in 0..3u8 {
        for at in &others {
            world.send(*at, Sent::Camera, None, &World::picture(round, true, 100));
        }
        world.run_for(ms(66));
    }
    let first = cameras(&world, viewer);
    assert_eq!(first.values().copied().collect::<BTreeSet<_>>(), BTreeSet::from([2, 3]));
    // Everybody's picture goes on; the third begins to speak.
    for round in 0..15u8 {
        for at in &others {
            world.send(*at, Sent::Camera, None, &World::picture(round, true, 100));
        }
        world.speak(&[(others[2], -20)], ms(60));
    }
    let then = cameras(&world, viewer);
    assert!(then.values().any(|peer| *peer == 4), "{then:?}");
    assert!(
        then.iter().any(|slot| first.get(slot.0) == Some(slot.1)),
        "{first:?} became {then:?}"
    );
}

#[test]
fn each_slot_keeps_the_ssrc_of_the_answer_whatever_it_carries() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 1, 1);
    let declared: Vec<u32> = world.clients[listener]
        .answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=ssrc:")?.split(' ').next()?.parse().ok())
        .collect();
    let (a, b) = (world.member(2), world.member(3));
    for (loud, quiet) in [(a, b), (b, a), (a, b)] {
        for round in 0..12u8 {
            world.send(loud, Sent::Camera, None, &World::picture(round, true, 100));
            world.send(quiet, Sent::Camera, None, &World::picture(round, true, 100));
            world.speak(&[(loud, -10), (quiet, -80)], ms(100));
        }
    }
    let seen = &world.clients[listener].ssrcs;
    assert!(
        seen.iter().all(|(_, ssrc)| declared.contains(ssrc)),
        "{seen:?} not in {declared:?}"
    );
    // Repeats, and padding that measures the path, have an SSRC of their own (payload type 97).
    let media = seen.iter().filter(|(pt, _)| *pt != 97);
    assert_eq!(media.count(), 2, "one audio and one video slot: {seen:?}");
    let senders: BTreeSet<u8> = world.clients[listener]
        .frames
        .iter()
        .filter(|frame| frame.bytes.len() == 40)
        .map(|frame| frame.bytes[0])
        .collect();
    assert_eq!(senders.len(), 2, "the slot carried both voices");
}

#[test]
fn somebody_who_leaves_makes_room_and_nobody_elses_slot_moves() {
    let mut world = World::new();
    let members: Vec<usize> = (1..=4).map(|peer| world.member(peer)).collect();
    for at in &members {
        world.send(*at, Sent::Camera, None, &World::picture(1, true, 100));
    }
    world.run_for(ms(200));
    let before = cameras(&world, members[0]);
    world.engine.leave(world.now, PeerId(3));
    world.drain_engine();
    let after = cameras(&world, members[0]);
    let kept: BTreeMap<String, u64> = before.into_iter().filter(|(_, peer)| *peer != 3).collect();
    assert_eq!(after, kept);
    world.run_until("the one who left is told", |world| world.clients[members[2]].closed);
}

#[test]
fn a_source_that_never_sent_takes_no_slot() {
    let mut world = World::new();
    let (a, b) = (world.member(1), world.member(2));
    world.send(a, Sent::Microphone, Some(-30), &[1; 20]);
    world.run_for(ms(100));
    let carried: Vec<Source> = world.carried(b).into_iter().map(|(_, source)| source).collect();
    assert_eq!(
        carried,
        [Source {
            peer: PeerId(1),
            stream: Stream::Microphone
        }]
    );
}
