//! The media thread and native clients over real UDP on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // Helpers fail tests as tests do.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use incamera_endpoint::samples::SampleLoop;
use incamera_endpoint::{Event, Kind, MediaConnection, MediaEvents, Offering, Outgoing, Stream};
use incamera_sfu_io::{
    Event as ServerEvent, JoinError, JoinRefusal, MediaConfig, MediaGone, MediaServer, PeerId, Role, RoomId,
};

const ROOM: RoomId = RoomId(1);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn start() -> (MediaServer, incamera_sfu_io::MediaEvents) {
    MediaServer::start(MediaConfig::new((LOOPBACK, 0).into())).unwrap()
}

async fn join(server: &MediaServer, peer: u64, role: Role) -> (MediaConnection, MediaEvents) {
    join_room(server, ROOM, peer, role).await
}

async fn join_room(server: &MediaServer, room: RoomId, peer: u64, role: Role) -> (MediaConnection, MediaEvents) {
    let offering = match role {
        Role::Member | Role::Waiting => Offering::Member,
        Role::Viewer => Offering::Viewer,
    };
    let (connection, offer, mut events) = MediaConnection::open(LOOPBACK, offering, 4, 6).await.unwrap();
    let answer = server.handle().join(room, PeerId(peer), role, offer).await.unwrap();
    connection.accept_answer(answer).await.unwrap();
    while events.next().await.unwrap() != Event::Connected {}
    (connection, events)
}

/// Sends the samples, as fast as their clocks, until it is dropped with the runtime.
async fn perform(connection: MediaConnection) {
    let (mut pictures, mut sounds) = (SampleLoop::moving().unwrap(), SampleLoop::tone().unwrap());
    let mut clock = tokio::time::interval(Duration::from_millis(20));
    for tick in 0u64.. {
        clock.tick().await;
        let (rtp_time, frame) = sounds.next().unwrap();
        let sound = Outgoing {
            stream: Stream::Microphone,
            layer: 0,
            rtp_time,
            level_dbov: Some(-30),
            bytes: frame.bytes,
        };
        if connection.send_frame(sound).await.is_err() {
            return;
        }
        if tick % 3 == 0 {
            let (rtp_time, frame) = pictures.next().unwrap();
            let picture = Outgoing {
                stream: Stream::Camera,
                layer: 0,
                rtp_time,
                level_dbov: None,
                bytes: frame.bytes,
            };
            if connection.send_frame(picture).await.is_err() {
                return;
            }
        }
    }
}

async fn until_seen_and_heard(events: &mut MediaEvents) {
    let sent: BTreeSet<Vec<u8>> = [SampleLoop::moving().unwrap(), SampleLoop::tone().unwrap()]
        .iter()
        .flat_map(|sample| sample.frames().iter().map(|frame| frame.bytes.to_vec()))
        .collect();
    let mut missing = BTreeSet::from([Kind::Audio, Kind::Video]);
    while !missing.is_empty() {
        if let Event::Frame(frame) = events.next().await.unwrap() {
            assert!(
                sent.contains(&frame.bytes.to_vec()),
                "a frame came that was not sent so"
            );
            missing.remove(&frame.kind);
        }
    }
}

#[tokio::test]
async fn members_and_routed_viewers_get_picture_and_sound_over_real_sockets() {
    let (server, mut told) = start();
    let handle = server.handle();
    let (first, _first_events) = join(&server, 1, Role::Member).await;
    let (_second, mut second_events) = join(&server, 2, Role::Member).await;
    let (_viewer, mut viewer_events) = join(&server, 3, Role::Viewer).await;
    tokio::spawn(perform(first));

    until_seen_and_heard(&mut second_events).await;
    assert_eq!(handle.room_counters(ROOM).await.unwrap().unwrap().to_viewers, 0);

    handle.set_viewers_routed(ROOM, true).await.unwrap();
    until_seen_and_heard(&mut viewer_events).await;
    handle.set_viewers_routed(ROOM, false).await.unwrap();
    let counted = handle.room_counters(ROOM).await.unwrap().unwrap();
    assert!(counted.to_viewers > 0);
    until_seen_and_heard(&mut second_events).await;
    assert_eq!(
        handle.room_counters(ROOM).await.unwrap().unwrap().to_viewers,
        counted.to_viewers
    );

    handle.leave(PeerId(2)).await.unwrap();
    while second_events.next().await.is_some_and(|event| event != Event::Closed) {}
    let mut connected = BTreeSet::new();
    while connected.len() < 3 {
        if let ServerEvent::Connected { peer } = told.recv().await.unwrap() {
            connected.insert(peer);
        }
    }
    assert!(handle.counters().await.unwrap().packets_out > 0);
}

#[tokio::test]
async fn rooms_are_spread_over_threads_and_datagrams_find_theirs_whichever_socket_they_come_to() {
    const ROOMS: u64 = 4;
    let config = MediaConfig {
        threads: 4,
        ..MediaConfig::new((LOOPBACK, 0).into())
    };
    let (server, _told) = MediaServer::start(config).unwrap();
    let handle = server.handle();
    let mut watchers = Vec::new();
    for room in 1..=ROOMS {
        let (speaker, _events) = join_room(&server, RoomId(room), room * 10, Role::Member).await;
        watchers.push(join_room(&server, RoomId(room), room * 10 + 1, Role::Member).await);
        tokio::spawn(perform(speaker));
    }
    for (_, events) in &mut watchers {
        until_seen_and_heard(events).await;
    }
    // Each room has a thread of its own. That all eight came to the right socket by chance is one case of 65,536.
    let counters = handle.counters_of_threads().await.unwrap();
    assert_eq!(counters.len(), 4);
    for (thread, counters) in counters.iter().enumerate() {
        assert!(counters.packets_out > 0, "thread {thread}: {counters:?}");
    }
    for room in 1..=ROOMS {
        let counted = handle.room_counters(RoomId(room)).await.unwrap().unwrap();
        assert_eq!(counted.members, 2);
    }
    // Who leaves is told so by the right thread.
    let (_, mut events) = watchers.remove(0);
    handle.leave(PeerId(11)).await.unwrap();
    while events.next().await.is_some_and(|event| event != Event::Closed) {}
    assert_eq!(handle.room_counters(RoomId(1)).await.unwrap().unwrap().members, 1);
}

#[tokio::test]
async fn a_client_that_goes_is_told_as_lost() {
    let (server, mut told) = start();
    let (connection, _events) = join(&server, 1, Role::Member).await;
    drop(connection);
    while !matches!(told.recv().await.unwrap(), ServerEvent::Lost { peer: PeerId(1), .. }) {}
}

#[tokio::test]
async fn a_refused_offer_says_why() {
    let (server, _told) = start();
    let refused = server.handle().join(ROOM, PeerId(1), Role::Member, "v=0").await;
    assert!(matches!(
        refused,
        Err(JoinError::Refused(JoinRefusal::OfferMalformed { .. }))
    ));
}

#[tokio::test]
async fn a_stopped_server_says_so_and_ends_its_events() {
    let (server, mut told) = start();
    let handle = server.handle();
    assert_ne!(server.local_addr().port(), 0);
    assert_eq!(handle.candidates(), [server.local_addr()]);
    drop(server);
    assert_eq!(handle.counters().await, Err(MediaGone));
    assert_eq!(told.recv().await, None);
}
