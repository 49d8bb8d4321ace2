//! Rounds against another server by WHIP and WHEP, whole: processes of their own, real HTTP, real connections.
//!
//! A program and not a harness, since the servers are this program, too, by its arguments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod front;

use std::net::{IpAddr, Ipv4Addr};

use incamera_bench::{
    Ground, MediaBench, MediaError, MediaFigures, Peer, Scenario, ServerFigures, Spacing, WhipPeer, serve_load,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ours", "--address", address] => serve_load(address.parse().unwrap()).await.unwrap(),
        ["front", port, sessions_max] => {
            front::serve(HERE, port.parse().unwrap(), sessions_max.parse().unwrap()).await;
        }
        _ => {
            test(|name| {
                arguments
                    .iter()
                    .all(|asked| asked.starts_with('-') || name.contains(asked.as_str()))
            })
            .await
        }
    }
}

/// Plays those that are asked for, one after the other: each wants two processors.
async fn test(asked: impl Fn(&str) -> bool) {
    macro_rules! play {
        ($($name:ident)*) => {$(
            if asked(stringify!($name)) {
                println!("test {}", stringify!($name));
                $name().await;
            }
        )*};
    }
    play! {
        one_is_watched_by_many_on_either_server
        everybody_in_a_small_room_gets_the_four_others_over_connections_of_their_own
        whoever_goes_ends_the_session
        what_the_server_says_to_a_stranger_is_told
    }
}

async fn one_is_watched_by_many_on_either_server() {
    let Some(figures) = measured(Scenario::Livestream, 3, front(4), "{stream}").await else {
        return;
    };
    let peer = figures.peer.unwrap();
    // A camera of 62.5 packets a second and a voice of 50, to three.
    for server in [&figures.ours, &peer] {
        assert!((250.0..=350.0).contains(&server.packets_per_s), "{server:?}");
        assert!((90.0..=120.0).contains(&server.packets_in_per_s), "{server:?}");
        assert!(server.loss < 0.01 && heard_and_seen(server), "{server:?}");
        assert!(server.rss_kib_per_participant > 0.0, "{server:?}");
    }
    assert!(figures.cpu_ratio.is_some());
}

async fn everybody_in_a_small_room_gets_the_four_others_over_connections_of_their_own() {
    // Five send, and each of them gets four.
    let Some(figures) = measured(Scenario::ManySmall, 1, front(25), "{stream}").await else {
        return;
    };
    let peer = figures.peer.unwrap();
    assert!((2_000.0..=2_400.0).contains(&peer.packets_per_s), "{peer:?}");
    assert!(peer.loss < 0.01 && heard_and_seen(&peer), "{peer:?}");
}

async fn whoever_goes_ends_the_session() {
    // One more than are in at a time would be refused.
    let Some(figures) = measured(Scenario::Churn, 3, front(4), "{stream}").await else {
        return;
    };
    assert!(heard_and_seen(&figures.peer.unwrap()));
}

async fn what_the_server_says_to_a_stranger_is_told() {
    let error = play(Scenario::Livestream, 1, front(4), "{stream}-but-not-quite")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "livestream against whip: POST /incamera-0/whip: 401 Unauthorized: no such token"
    );
}

fn heard_and_seen(server: &ServerFigures) -> bool {
    server.first_audio_ms.is_some() && server.first_video_ms.is_some()
}

/// The line that starts the other server, which has so many sessions at most.
fn front(sessions_max: usize) -> impl FnOnce(u16) -> String {
    move |port| {
        let program = std::env::current_exe().unwrap();
        // As a descendant of the shell, which waits for it.
        format!("'{}' front {port} {sessions_max}; true", program.display())
    }
}

/// The figures; none if the machine was too busy to tell any. Everything but the figures has been seen then, too.
async fn measured(
    scenario: Scenario,
    size: u64,
    command: impl FnOnce(u16) -> String,
    token: &str,
) -> Option<MediaFigures> {
    match play(scenario, size, command, token).await {
        Err(MediaError::Saturated { why, .. }) => {
            println!("  no figures: {why}");
            None
        }
        played => Some(played.unwrap()),
    }
}

async fn play(
    scenario: Scenario,
    size: u64,
    command: impl FnOnce(u16) -> String,
    token: &str,
) -> Result<MediaFigures, MediaError> {
    let taken = std::net::TcpListener::bind((HERE, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let bench = MediaBench {
        scenario,
        size,
        seconds: 2,
        rounds: 1,
        peer: Some(Peer::Whip(WhipPeer {
            command: command(port),
            whip_url: format!("http://{HERE}:{port}/{{stream}}/whip"),
            whep_url: format!("http://{HERE}:{port}/{{stream}}/whep"),
            token: Some(token.into()),
        })),
        spacing: Spacing::Pictures,
        full_one_in: 1,
        ground: Ground {
            server_command: vec![std::env::current_exe().unwrap().into(), "ours".into()],
            address: HERE,
            server_core: 0,
            generator_core: 1,
        },
    };
    bench.run().await
}
