use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use incamera_endpoint::Kind;
use incamera_sfu::{Channel, Circle, PeerId, Role, Voice};

use crate::world::{ROOM, World, ms};

const FR: Channel = Channel(1);
const RU: Channel = Channel(2);

fn voice(world: &mut World, at: usize, voice: Voice) {
    let peer = world.clients[at].peer;
    world.engine.set_voice(world.now, peer, voice);
    world.drain_engine();
}

fn listen(world: &mut World, at: usize, channel: Option<Channel>) {
    let peer = world.clients[at].peer;
    world.engine.listen(world.now, peer, channel);
    world.drain_engine();
}

/// The `mid` of a client's last slot for sound.
fn last(world: &World, at: usize) -> String {
    let slots = world.clients[at].endpoint.slots();
    let sounds = slots.filter(|(_, kind)| *kind == Kind::Audio);
    sounds.last().unwrap().0
}

/// Whose sound has come to a client since then, in its last slot and in the others.
fn heard(world: &World, at: usize, since: Instant) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let (client, last) = (&world.clients[at], last(world, at));
    let frames = client.frames.iter().zip(&client.came);
    let frames = frames.filter(|(frame, at)| frame.kind == Kind::Audio && **at >= since);
    let (mut in_last, mut elsewhere) = (BTreeSet::new(), BTreeSet::new());
    for (frame, _) in frames {
        let heard = if frame.mid == last {
            &mut in_last
        } else {
            &mut elsewhere
        };
        heard.insert(usize::from(frame.bytes[0]));
    }
    (in_last, elsewhere)
}

/// Speaks, and tells who was heard once what was under way has come.
fn speak(world: &mut World, who: &[(usize, i8)]) -> Instant {
    world.speak(who, ms(300));
    let since = world.now;
    world.speak(who, ms(400));
    world.run_for(ms(100));
    since
}

const NOBODY: BTreeSet<usize> = BTreeSet::new();

#[test]
fn a_channel_is_heard_by_its_listeners_and_the_floor_by_all() {
    let mut world = World::new();
    let [speaker, interpreter, french, other] = [1, 2, 3, 4].map(|peer| world.member(peer));
    voice(&mut world, interpreter, Voice::Channel(FR));
    listen(&mut world, french, Some(FR));
    // Louder than anybody.
    let since = speak(&mut world, &[(speaker, -50), (interpreter, -5)]);
    assert_eq!(heard(&world, french, since), ([interpreter].into(), [speaker].into()));
    let (in_last, elsewhere) = heard(&world, other, since);
    assert_eq!(in_last.union(&elsewhere).collect::<Vec<_>>(), [&speaker]);
    // Who interprets does not hear their own words.
    listen(&mut world, interpreter, Some(FR));
    let since = speak(&mut world, &[(speaker, -50), (interpreter, -5)]);
    assert_eq!(heard(&world, interpreter, since), (NOBODY, [speaker].into()));
    // Another channel, in which nobody is; and the floor again.
    listen(&mut world, french, Some(RU));
    let since = speak(&mut world, &[(speaker, -50), (interpreter, -5)]);
    assert_eq!(heard(&world, french, since), (NOBODY, [speaker].into()));
    listen(&mut world, french, None);
    voice(&mut world, interpreter, Voice::Floor);
    let since = speak(&mut world, &[(speaker, -50), (interpreter, -5)]);
    let (in_last, elsewhere) = heard(&world, french, since);
    assert_eq!(in_last.union(&elsewhere).count(), 2);
}

#[test]
fn whoever_is_heard_nowhere_is_heard_by_nobody() {
    let mut world = World::new();
    let [interpreter, listener, other] = [1, 2, 3].map(|peer| world.member(peer));
    listen(&mut world, listener, Some(FR));
    voice(&mut world, interpreter, Voice::Nowhere);
    let since = speak(&mut world, &[(interpreter, -5)]);
    for at in [listener, other] {
        assert_eq!(heard(&world, at, since), (NOBODY, NOBODY));
    }
}

#[test]
fn the_floor_keeps_its_slots_and_has_the_last_one_again_when_the_listener_is_back() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 3, 0);
    let floor: Vec<usize> = (2..=5).map(|peer| world.member(peer)).collect();
    let interpreter = world.member(6);
    voice(&mut world, interpreter, Voice::Channel(FR));
    let all = |loudest: usize| -> Vec<(usize, i8)> {
        let levels = floor.iter().enumerate();
        let levels = levels.map(|(at, peer)| (*peer, if at == loudest { -10 } else { -40 - at as i8 }));
        levels.chain([(interpreter, -1)]).collect()
    };
    let since = speak(&mut world, &all(0));
    let (in_last, elsewhere) = heard(&world, listener, since);
    assert_eq!(in_last.len() + elsewhere.len(), 3);
    listen(&mut world, listener, Some(FR));
    world.speak(&all(3), ms(1_000));
    let since = speak(&mut world, &all(3));
    let (in_last, elsewhere) = heard(&world, listener, since);
    assert_eq!(in_last, [interpreter].into());
    assert_eq!(elsewhere.len(), 2);
    assert!(
        elsewhere.contains(&floor[3]),
        "the loudest is heard beneath the channel"
    );
    listen(&mut world, listener, None);
    let since = speak(&mut world, &all(3));
    let (in_last, elsewhere) = heard(&world, listener, since);
    let everybody: BTreeSet<usize> = in_last.union(&elsewhere).copied().collect();
    assert_eq!(everybody.len(), 3);
    assert!(!everybody.contains(&interpreter));
}

#[test]
fn a_handover_has_no_overlap_and_no_gap() {
    let mut world = World::new();
    let [speaker, one, two, listener] = [1, 2, 3, 4].map(|peer| world.member(peer));
    listen(&mut world, listener, Some(FR));
    voice(&mut world, one, Voice::Channel(FR));
    voice(&mut world, two, Voice::Nowhere);
    let all = [(speaker, -30), (one, -20), (two, -20)];
    let since = world.now;
    for round in 0..6 {
        world.speak(&all, ms(500));
        let next = if round % 2 == 0 { two } else { one };
        // One word: whoever had the channel has it no longer.
        voice(&mut world, next, Voice::Channel(FR));
    }
    world.speak(&all, ms(500));
    world.run_for(ms(100));
    let (client, last) = (&world.clients[listener], last(&world, listener));
    let frames = client.frames.iter().zip(&client.came);
    let heard: Vec<(Instant, usize)> = frames
        .filter(|(frame, at)| frame.mid == last && **at >= since)
        .map(|(frame, at)| (*at, usize::from(frame.bytes[0])))
        .collect();
    let switches = heard.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
    assert_eq!(switches, 6, "each is heard in one piece");
    let gaps = heard.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let gap: Duration = gaps.max().unwrap();
    assert!(gap <= ms(60), "{gap:?} of silence");
}

#[test]
fn viewers_hear_channels_while_they_are_routed_and_not_after() {
    let mut world = World::new();
    let [speaker, interpreter] = [1, 2].map(|peer| world.member(peer));
    let viewer = world.viewer(100);
    voice(&mut world, interpreter, Voice::Channel(FR));
    listen(&mut world, viewer, Some(FR));
    let both = [(speaker, -30), (interpreter, -20)];
    let since = speak(&mut world, &both);
    assert_eq!(heard(&world, viewer, since), (NOBODY, NOBODY));
    world.engine.set_viewers_routed(world.now, ROOM, true);
    let since = speak(&mut world, &both);
    assert_eq!(heard(&world, viewer, since), ([interpreter].into(), [speaker].into()));
    world.engine.set_viewers_routed(world.now, ROOM, false);
    let since = speak(&mut world, &both);
    assert_eq!(heard(&world, viewer, since), (NOBODY, NOBODY));
    // Whoever waits hears no channel either.
    let waiting = world.connect(101, Role::Waiting, 4, 0);
    listen(&mut world, waiting, Some(FR));
    let since = speak(&mut world, &both);
    assert_eq!(heard(&world, waiting, since), (NOBODY, NOBODY));
}

#[test]
fn a_connection_made_anew_is_heard_where_it_was_and_hears_what_it_did() {
    let mut world = World::new();
    let [speaker, interpreter, listener] = [1, 2, 3].map(|peer| world.member(peer));
    voice(&mut world, interpreter, Voice::Channel(FR));
    listen(&mut world, listener, Some(FR));
    world.speak(&[(speaker, -30), (interpreter, -20)], ms(300));
    let (interpreter, listener) = (world.member(2), world.member(3));
    let since = speak(&mut world, &[(speaker, -30), (interpreter, -20)]);
    assert_eq!(heard(&world, listener, since), ([interpreter].into(), [speaker].into()));
    // Unknown peers are ignored.
    world.engine.set_voice(world.now, PeerId(999), Voice::Nowhere);
    world.engine.listen(world.now, PeerId(999), Some(RU));
}

#[test]
fn what_is_said_to_a_circle_comes_to_those_of_it_and_to_nobody_else() {
    let mut world = World::new();
    let [speaker, whisperer, colleague, other] = [1, 2, 3, 4].map(|peer| world.member(peer));
    let viewer = world.connect(5, Role::Viewer, 3, 0);
    world.engine.set_viewers_routed(world.now, ROOM, true);
    for (at, circle) in [(speaker, 1), (whisperer, 0), (colleague, 0), (other, 1)] {
        let peer = world.clients[at].peer;
        world.engine.set_circle(world.now, peer, Some(Circle(circle)));
    }
    let all = |world: &World, at: usize, since| {
        let (in_last, elsewhere) = heard(world, at, since);
        in_last.union(&elsewhere).copied().collect::<BTreeSet<usize>>()
    };
    voice(&mut world, whisperer, Voice::Circle(Circle(0)));
    // Louder than anybody.
    let since = speak(&mut world, &[(speaker, -50), (whisperer, -5)]);
    assert_eq!(all(&world, colleague, since), [speaker, whisperer].into());
    assert_eq!(all(&world, other, since), [speaker].into());
    assert_eq!(all(&world, viewer, since), [speaker].into());
    // Said to a circle of which they are not, as if it were theirs: nothing is forwarded to the own.
    voice(&mut world, whisperer, Voice::Circle(Circle(7)));
    let since = speak(&mut world, &[(whisperer, -5)]);
    assert_eq!(all(&world, colleague, since), NOBODY);
    voice(&mut world, whisperer, Voice::Floor);
    let since = speak(&mut world, &[(whisperer, -5)]);
    for at in [colleague, other, viewer] {
        assert_eq!(all(&world, at, since), [whisperer].into());
    }
}

#[test]
fn a_whisper_has_a_slot_however_many_are_louder() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 2, 0);
    let floor: Vec<usize> = (2..=5).map(|peer| world.member(peer)).collect();
    let whisperer = world.member(6);
    for at in [listener, whisperer] {
        let peer = world.clients[at].peer;
        world.engine.set_circle(world.now, peer, Some(Circle(3)));
    }
    voice(&mut world, whisperer, Voice::Circle(Circle(3)));
    let all: Vec<(usize, i8)> = floor.iter().map(|at| (*at, -10)).chain([(whisperer, -60)]).collect();
    world.speak(&all, ms(1_000));
    let since = speak(&mut world, &all);
    let (in_last, elsewhere) = heard(&world, listener, since);
    assert!(in_last.contains(&whisperer) || elsewhere.contains(&whisperer));
}
