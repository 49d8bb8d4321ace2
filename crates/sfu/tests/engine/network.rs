//! Ways that change or break while a call runs.

use std::net::SocketAddr;
use std::time::Instant;

use incamera_endpoint::Offering;
use incamera_sfu::{Event, PeerId};

use crate::world::{World, ms};

/// Two members who hear and see each other.
fn two_talk(world: &mut World) -> [usize; 2] {
    let members = [1, 2].map(|peer| world.connect_offering(peer, Offering::LayeredMember, 4, 1));
    talk(world, &members, 6_000);
    members
}

fn talk(world: &mut World, members: &[usize], millis: u64) {
    let all = members.to_vec();
    world.film_and(members, ms(millis), move |world| {
        for at in &all {
            for _ in 0..2 {
                world.send(*at, incamera_endpoint::Stream::Microphone, Some(-20), &[9; 80]);
            }
        }
    });
}

/// How long after `since` a sound and a picture came, if they did.
fn first_after(world: &World, at: usize, since: Instant) -> [Option<u128>; 2] {
    let client = &world.clients[at];
    let came = |sound: bool| {
        let mut frames = client.frames.iter().zip(&client.came);
        let first = frames.find(|(frame, at)| **at >= since && (frame.bytes.len() == 80) == sound);
        first.map(|(_, at)| (*at - since).as_millis())
    };
    [came(true), came(false)]
}

fn is_lost(world: &World, peer: u64) -> bool {
    let lost = |event: &Event| matches!(event, Event::Lost { peer: PeerId(id), .. } if *id == peer);
    world.events.iter().any(lost)
}

/// Fails unless sound and picture came to everybody within so many milliseconds after `since`, and goes on coming.
fn assert_back(world: &World, members: &[usize], since: Instant, millis: u128) {
    for at in members {
        let first = first_after(world, *at, since);
        assert!(
            first.iter().all(|came| came.is_some_and(|came| came <= millis)),
            "sound and picture came to {at} after {first:?} ms"
        );
        let last = first_after(world, *at, world.now - ms(500));
        assert!(
            last.iter().all(Option::is_some),
            "{at} no longer hears or sees: {last:?}"
        );
    }
}

#[test]
fn whoever_gets_another_address_in_mid_call_keeps_the_seat_and_is_heard_and_hears_within_three_seconds() {
    let mut world = World::measured(1);
    let [ana, ben] = two_talk(&mut world);
    for _ in 0..2 {
        // Ben's router forgets its table, or its line comes up anew: he himself notices nothing.
        world.readdress(ben);
        // What was under way to the old address does not count.
        let since = world.now + ms(20);
        talk(&mut world, &[ana, ben], 30_000);
        assert_back(&world, &[ana, ben], since, 3_000);
    }
    assert!(!is_lost(&world, 1) && !is_lost(&world, 2));
}

#[test]
fn what_others_send_from_the_address_that_was_left_holds_no_media_there() {
    let mut world = World::measured(1);
    let [ana, ben] = two_talk(&mut world);
    let left = world.clients[ben].address;
    world.readdress(ben);
    let since = world.now + ms(20);
    for _ in 0..50 {
        // Of the kinds that an endpoint sends: media, a report, a check.
        world.inject(left, &[0x80; 200]);
        world.inject(
            left,
            &[
                0x80, 201, 0, 1, 0, 0, 0, 1, 0x80, 0, 0, 1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
            ],
        );
        world.inject(
            left,
            &[
                0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
            ],
        );
        talk(&mut world, &[ana, ben], 100);
    }
    talk(&mut world, &[ana, ben], 5_000);
    assert_back(&world, &[ana, ben], since, 3_000);
}

#[test]
fn reports_played_back_from_the_address_that_was_left_hold_no_media_there() {
    let mut world = World::measured(1);
    let [ana, ben] = two_talk(&mut world);
    world.record = true;
    talk(&mut world, &[ana, ben], 3_000);
    world.record = false;
    let reports: Vec<Vec<u8>> = world
        .recorded
        .iter()
        .filter(|bytes| matches!(bytes[..], [0x80..=0xbf, 192..=223, ..]))
        .cloned()
        .collect();
    assert!(reports.len() > 20, "nobody reports");
    let left = world.clients[ben].address;
    world.readdress(ben);
    let since = world.now + ms(20);
    for _ in 0..50 {
        for report in &reports {
            world.inject(left, report);
        }
        talk(&mut world, &[ana, ben], 100);
    }
    talk(&mut world, &[ana, ben], 5_000);
    assert_back(&world, &[ana, ben], since, 3_000);
}

#[test]
fn an_old_check_played_back_from_elsewhere_draws_no_media_there() {
    let mut world = World::measured(1);
    let [ana, ben] = two_talk(&mut world);
    world.record = true;
    talk(&mut world, &[ana, ben], 10_000);
    world.record = false;
    let from_ben = |world: &World, bytes: &[u8]| {
        let ufrag = world.clients[ben]
            .answer
            .lines()
            .find_map(|line| line.strip_prefix("a=ice-ufrag:"));
        bytes
            .windows(4)
            .any(|it| Some(it) == ufrag.and_then(|ufrag| ufrag.as_bytes().get(..4)))
    };
    let checks: Vec<Vec<u8>> = world
        .recorded
        .iter()
        .filter(|bytes| bytes[0] < 4 && from_ben(&world, bytes))
        .cloned()
        .collect();
    assert!(!checks.is_empty(), "ben sends no checks");
    let elsewhere = SocketAddr::from(([203, 0, 113, 66], 666));
    let since = world.now;
    for round in 0..50 {
        world.inject(elsewhere, &checks[round % checks.len()]);
        talk(&mut world, &[ana, ben], 200);
    }
    let drawn = world.take_mail(elsewhere);
    assert!(!drawn.is_empty(), "the check was not even answered: this shows nothing");
    assert!(
        drawn.iter().all(|bytes| bytes[0] < 4),
        "media went to whoever played a check back"
    );
    assert_back(&world, &[ana, ben], since, 500);
}

#[test]
fn after_five_seconds_without_a_network_sound_and_picture_are_back_within_three() {
    let mut world = World::measured(1);
    let [ana, ben] = two_talk(&mut world);
    world.clients[ben].cut = true;
    talk(&mut world, &[ana, ben], 5_000);
    world.clients[ben].cut = false;
    let since = world.now;
    talk(&mut world, &[ana, ben], 10_000);
    assert_back(&world, &[ana, ben], since, 3_000);
    assert!(!is_lost(&world, 1) && !is_lost(&world, 2));
}

#[test]
fn after_thirty_seconds_without_a_network_a_new_offer_brings_sound_and_picture_back_within_five() {
    let mut world = World::measured(1);
    let [ana, ben] = two_talk(&mut world);
    world.clients[ben].cut = true;
    talk(&mut world, &[ana], 30_000);
    assert!(is_lost(&world, 2) && !is_lost(&world, 1));
    // The network is there again: the client makes its connection anew, and its seat is the same.
    let since = world.now;
    let ben = world.connect_offering(2, Offering::LayeredMember, 4, 1);
    talk(&mut world, &[ana, ben], 10_000);
    assert_back(&world, &[ana, ben], since, 5_000);
}
