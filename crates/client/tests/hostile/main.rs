//! A hostile house, over real sockets: the real server, honest clients with real media, and between them a liar who owns
//! every line. What is not signed he can invent, what is signed he can keep back, repeat, reorder, spoil, or bring from
//! elsewhere.
//!
//! The same attacks and more, with members who conspire with the house, are played in virtual time in `incamera-seal`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod booths;
mod floor;
mod house;
mod liar;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use incamera_endpoint::{MediaConnection, Offering};
use incamera_meeting::{Body, Statement};
use incamera_protocol::ErrorCode;
use incamera_protocol::member::{MemberMessage, RecordEntry, ServerMessage};
use incamera_protocol::public::PublicPhase;
use incamera_protocol::view::{Command, Lamp, MotionKind};

use house::{STEP, Table, has_opened, nobody_is_heard, reaches, seated};
use liar::Liar;

/// What a statement says, if the message is one.
fn said_in(message: &ServerMessage) -> Option<Body> {
    match message {
        ServerMessage::Statement { statement, .. } => {
            Statement::read(&statement.0).ok().map(|statement| statement.body)
        }
        _ => None,
    }
}

fn is_commit(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::Commit { .. })
}

fn is_heartbeat(message: &ServerMessage) -> bool {
    matches!(said_in(message), Some(Body::Heartbeat(_)))
}

fn is_consent(message: &ServerMessage) -> bool {
    matches!(said_in(message), Some(Body::Consent(_)))
}

fn disclosed(liar: &Liar) -> usize {
    let is_disclosure = |message: &&MemberMessage| matches!(message, MemberMessage::Disclose { .. });
    liar.said().iter().filter(is_disclosure).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_when_the_commit_of_a_close_is_withheld_nobody_is_heard_and_the_lamp_says_so() {
    let table = Table::open().await;
    for liar in table.liars() {
        liar.passes_only(|message| !is_commit(message));
    }
    table.close().await;
    for member in table.members() {
        let status = member
            .until(Duration::from_secs(3), |status| status.lamp() == Lamp::Closing)
            .await
            .expect("within three seconds the lamp says closing");
        assert_eq!(status.fatal, None);
    }
    for member in table.members() {
        nobody_is_heard(member).await;
    }
    // An honest house again: what was withheld is handed out when they come back.
    for liar in table.liars() {
        liar.repents();
        liar.hangs_up();
    }
    for member in table.members() {
        let status = reaches(member, Lamp::Closed).await;
        assert_eq!(status.open_sealed_too_late, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_who_is_kept_from_a_close_goes_silent_by_itself() {
    let table = Table::open().await;
    table
        .b_line
        .passes_only(|message| said_in(message).is_none() && !is_commit(message));
    table.close().await;
    // Nothing is heard of the others, so after the silence that is allowed nobody is told anything either.
    let held = reaches(&table.b, Lamp::Held).await;
    let reason = held.view.unwrap().reason.clone().unwrap();
    assert!(reason.contains("Nothing has come from the others"), "{reason}");
    nobody_is_heard(&table.b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_are_shown_different_histories_find_out_in_the_same_epoch() {
    let table = Table::seated().await;
    // The motion is kept from B; the heartbeats, which know of it, are passed on.
    table
        .b_line
        .passes_only(|message| said_in(message).is_none() || is_heartbeat(message));
    let motion = Command::Move {
        kind: MotionKind::Open,
        item: 0,
    };
    table.a.command(motion).await.unwrap();
    let held = reaches(&table.b, Lamp::Held).await;
    let reason = held.view.unwrap().reason.clone().unwrap();
    assert!(reason.contains("another course"), "{reason}");
    nobody_is_heard(&table.b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_twice_does_no_harm() {
    let table = Table::seated().await;
    for liar in table.liars() {
        liar.does(|message| match message {
            ServerMessage::Statement { .. } | ServerMessage::Commit { .. } | ServerMessage::Act { .. } => {
                vec![message.clone(), message]
            }
            other => vec![other],
        });
    }
    table.both_open().await;
    table.close().await;
    for member in table.members() {
        let status = reaches(member, Lamp::Closed).await;
        assert_eq!(status.open_sealed_too_late, 0);
        assert_eq!(status.fatal, None);
        has_opened(member).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_another_order_opens_nothing_and_is_noticed_or_harmless() {
    let table = Table::seated().await;
    // Every kept statement waits for the next message and comes after it.
    let mut waiting = None;
    table.b_line.does(move |message| {
        let kept = matches!(&message, ServerMessage::Statement { number: Some(_), .. });
        if kept && waiting.is_none() {
            waiting = Some(message);
            return Vec::new();
        }
        [Some(message), waiting.take()].into_iter().flatten().collect()
    });
    let motion = Command::Move {
        kind: MotionKind::Open,
        item: 0,
    };
    table.a.command(motion).await.unwrap();
    let told = table.b.until(house::STEP, |status| {
        let asked = status.view.as_ref().is_some_and(|view| view.may.consent);
        asked || status.lamp() == Lamp::Held
    });
    told.await.expect("B is asked, or holds");
    for liar in table.liars() {
        assert_eq!(disclosed(liar), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_a_house_that_says_open_opens_nothing() {
    let table = Table::seated().await;
    for liar in table.liars() {
        liar.does(|message| match message {
            ServerMessage::Here {
                ticket,
                resumed,
                waits,
                mut state,
            } => {
                state.phase = PublicPhase::Open;
                state.parts.iter_mut().for_each(|part| part.open = true);
                vec![ServerMessage::Here {
                    ticket,
                    resumed,
                    waits,
                    state,
                }]
            }
            other => vec![other],
        });
        liar.hangs_up();
    }
    for (member, liar) in table.members().into_iter().zip(table.liars()) {
        // The lie has been told, and taken in.
        let here = |message: &&ServerMessage| matches!(message, ServerMessage::Here { .. });
        let back = member
            .until(house::STEP, |status| {
                liar.heard().iter().filter(here).count() == 2 && status.lamp() == Lamp::Closed
            })
            .await;
        back.expect("they come back");
    }
    for member in table.members() {
        has_opened(member).await;
        assert_eq!(member.status().lamp(), Lamp::Closed);
        assert_eq!(member.status().last_open_sealed, None);
    }
    for liar in table.liars() {
        assert_eq!(disclosed(liar), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_the_consents_of_an_earlier_opening_open_nothing() {
    let table = Table::open().await;
    let old: Vec<ServerMessage> = table.a_line.heard().into_iter().filter(is_consent).collect();
    assert_eq!(old.len(), 1, "B has consented once");
    table.close().await;
    for member in table.members() {
        reaches(member, Lamp::Closed).await;
    }
    let before = disclosed(&table.a_line);
    let motion = Command::Move {
        kind: MotionKind::Open,
        item: 0,
    };
    table.a.command(motion).await.unwrap();
    table.a_line.says(old[0].clone());
    // A holds a word that is void here, asks B all the same, and opens with B's own word only.
    let waiting = table.a.until(house::STEP, |status| {
        let motion = status.view.as_ref().and_then(|view| view.motion.as_ref());
        motion.is_some_and(|motion| motion.missing == [1])
    });
    waiting.await.expect("B is still missing");
    nobody_is_public(&table, before).await;
    table.b_consents().await;
    for member in table.members() {
        reaches(member, Lamp::Open).await;
    }
}

/// A while later there is still no key of an open part with the house.
async fn nobody_is_public(table: &Table, disclosed_before: usize) {
    for member in table.members() {
        let frames = member.status().sent + 20;
        member.until(house::STEP, |status| status.sent >= frames).await.unwrap();
        assert_ne!(member.status().lamp(), Lamp::Open);
    }
    assert_eq!(disclosed(&table.a_line), disclosed_before);
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_a_spoiled_consent_opens_nothing() {
    let table = Table::seated().await;
    table.a_line.does(|message| match message {
        ServerMessage::Statement { number, mut statement } => {
            let spoil = is_consent(&ServerMessage::Statement {
                number,
                statement: statement.clone(),
            });
            if let Some(last) = statement.0.last_mut().filter(|_| spoil) {
                *last ^= 1;
            }
            vec![ServerMessage::Statement { number, statement }]
        }
        other => vec![other],
    });
    let motion = Command::Move {
        kind: MotionKind::Open,
        item: 0,
    };
    table.a.command(motion).await.unwrap();
    table.b_consents().await;
    let noticed = reaches(&table.a, Lamp::Held).await;
    assert!(noticed.view.unwrap().reason.is_some());
    for liar in table.liars() {
        assert_eq!(disclosed(liar), 0);
    }
    assert_eq!(table.b.status().last_open_sealed, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_who_knocks_from_another_meeting_or_again_is_let_in_by_nobody() {
    let table = Table::seated().await;
    let elsewhere = Table::seated_in(&table.house).await;
    let knock_of = |liar: &Liar| {
        liar.said().into_iter().find_map(|message| match message {
            MemberMessage::Knock { key_package } => Some(key_package),
            _ => None,
        })
    };
    let foreign = knock_of(&elsewhere.b_line).expect("B came in by knocking");
    let replayed = knock_of(&table.b_line).expect("here as well");
    let commits = |liar: &Liar| {
        let is_commit = |message: &&MemberMessage| matches!(message, MemberMessage::Commit { .. });
        liar.said().iter().filter(is_commit).count()
    };
    let before = commits(&table.a_line);
    for key_package in [foreign, replayed] {
        table.a_line.says(ServerMessage::Knock { key_package });
    }
    // A takes in what comes after, and makes no commit but the one that opens.
    table.both_open().await;
    assert_eq!(commits(&table.a_line), before + 1);
    for member in table.members() {
        has_opened(member).await;
        let status = member.status();
        assert_eq!(status.view.unwrap().members.len(), 2);
        assert_eq!(status.fatal, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_an_addition_that_is_played_again_adds_nobody() {
    let table = Table::seated().await;
    let addition = table.a_line.heard().into_iter().find(is_commit).expect("B was added");
    for liar in table.liars() {
        liar.says(addition.clone());
    }
    table.both_open().await;
    for member in table.members() {
        assert_eq!(member.status().view.unwrap().members.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_charter_on_the_socket_is_found_out() {
    let house = house::Server::start().await;
    let meeting = house.convene().await;
    let liar = Liar::before(house.address()).await;
    liar.does(|message| match message {
        ServerMessage::Challenge {
            nonce,
            instance,
            mut charter,
        } => {
            let middle = charter.0.len() / 2;
            charter.0[middle] ^= 1;
            vec![ServerMessage::Challenge {
                nonce,
                instance,
                charter,
            }]
        }
        other => vec![other],
    });
    let member = seated(&liar, &meeting, 0).await;
    let gone = member
        .until(house::STEP, |status| status.fatal.is_some())
        .await
        .unwrap();
    let (code, sentence) = gone.fatal.unwrap();
    assert_eq!(code, ErrorCode::Charter, "{sentence}");
    // It has said nothing by which it could be known.
    assert_eq!(liar.said(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_a_house_that_keeps_fins_back_keeps_no_door_open() {
    let table = Table::open().await;
    let kept_back = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&kept_back);
    table.a_line.passes_only(move |message| {
        let is_fin = matches!(said_in(message), Some(Body::Fin(_)));
        count.fetch_add(usize::from(is_fin), Ordering::Relaxed);
        !is_fin
    });
    table.close().await;
    // A waits two seconds for B's fin, and closes without it.
    let closed = reaches(&table.a, Lamp::Closed).await;
    assert!(kept_back.load(Ordering::Relaxed) > 0);
    assert_eq!(closed.open_sealed_too_late, 0);
    let left = table.b.until(house::STEP, |status| status.lamp() != Lamp::Open).await;
    assert_eq!(left.unwrap().open_sealed_too_late, 0);
}

/// Frames that a member has opened of anybody.
fn opened(status: &incamera_client::MemberStatus) -> u64 {
    status.opened.values().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_only_the_media_connection_makes_it_anew_and_keeps_the_seat() {
    let table = Table::seated().await;
    let code = table.b.status().view.unwrap().code.clone();
    let heard = table.b_line.heard();
    let mut tickets = heard.iter().filter_map(|message| match message {
        ServerMessage::Here { ticket, .. } => Some(ticket.clone()),
        _ => None,
    });
    let ticket = tickets.next_back().expect("B has a ticket");
    // Somebody offers with B's ticket, and the house takes it for B's new connection: the old one is dead, and nothing on
    // B's line says so.
    let (usurper, offer, _events) = MediaConnection::open(Ipv4Addr::LOCALHOST.into(), Offering::Member, 4, 6)
        .await
        .unwrap();
    let answer = table.b_line.house().media(&ticket, offer).await.unwrap();
    usurper.accept_answer(answer).await.unwrap();
    let lost = table.b.until(STEP, |status| !status.media).await;
    lost.expect("B notices that nothing comes any more");
    let back = table.b.until(STEP, |status| status.media).await;
    back.expect("B makes the connection anew");
    for member in table.members() {
        let before = opened(&member.status());
        let more = member.until(STEP, |status| opened(status) > before + 50).await;
        let status = more.expect("both hear and see each other again");
        assert_eq!(status.lamp(), Lamp::Closed);
        assert_eq!(status.view.unwrap().code, code, "the same seats in the same epoch");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_on_the_way_in_is_connected_and_gets_not_even_sealed_frames() {
    let house = Arc::new(house::Server::start().await);
    let meeting = house.convene().await;
    let (a_line, b_line) = (Liar::before(house.address()).await, Liar::before(house.address()).await);
    let a = seated(&a_line, &meeting, 0).await;
    reaches(&a, Lamp::Closed).await;
    // B's knock is kept from A, who would let B in.
    a_line.passes_only(|message| !matches!(message, ServerMessage::Knock { .. }));
    let b = seated(&b_line, &meeting, 1).await;
    let connected = b.until(STEP, |status| status.media).await;
    connected.expect("B's connection is made before B is in");
    let sent = a.status().sent;
    let more = a.until(STEP, |status| status.sent > sent + 50).await;
    more.expect("A sends meanwhile");
    let status = b.status();
    assert_eq!(
        (status.sent, opened(&status), status.refused),
        (0, 0, 0),
        "frames before B is in: {status:?}"
    );
    assert_ne!(status.lamp(), Lamp::Closed);

    // And from the moment in which A lets B in, over the same connection.
    a_line.repents();
    a_line.hangs_up();
    reaches(&b, Lamp::Closed).await;
    for member in [&a, &b] {
        let more = member.until(STEP, |status| opened(status) > 50).await;
        more.expect("both hear and see each other");
        assert!(member.status().media);
    }
}

/// How many have countersigned the latest head of the record, as the house serves it.
async fn countersigned(table: &Table, meeting: incamera_protocol::MeetingId) -> usize {
    let address = format!("http://{}/m/{meeting}/record", table.house.address());
    let sizes = reqwest::get(format!("{address}/checkpoints")).await.unwrap();
    let sizes = sizes.text().await.unwrap();
    let Some(size) = sizes.lines().last() else { return 0 };
    let note = reqwest::get(format!("{address}/checkpoint/{size}")).await.unwrap();
    note.text().await.unwrap().matches("incamera/letter/").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_record_that_tells_somebody_another_history_is_not_countersigned_by_them() {
    let table = Table::open().await;
    // B is told a record in which the opening is not the one that B took in.
    table.b_line.does(|message| match message {
        ServerMessage::Record { first, mut entries } => {
            for entry in &mut entries {
                if let RecordEntry::Entry(bytes) = entry {
                    let hash = b"\"facts\":{\"sha256\":\"";
                    if let Some(at) = bytes.0.windows(hash.len()).position(|it| it == hash) {
                        let digit = &mut bytes.0[at + hash.len()];
                        *digit = if *digit == b'0' { b'1' } else { b'0' };
                    }
                }
            }
            vec![ServerMessage::Record { first, entries }]
        }
        other => vec![other],
    });
    let told = table
        .b
        .until(house::STEP, |status| {
            status.view.as_ref().is_some_and(|view| view.record.is_some())
        })
        .await
        .expect("B is told");
    let said = told.view.unwrap().record.clone().unwrap();
    assert!(said.contains("tells another story"), "{said}");
    assert_eq!(told.fatal, None);
    // A was told the truth and has countersigned; B has not, and goes on in the meeting.
    let deadline = std::time::Instant::now() + house::STEP;
    while countersigned(&table, table.meeting).await == 0 {
        assert!(std::time::Instant::now() < deadline, "A countersigns");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(countersigned(&table, table.meeting).await, 1);
    let cosigns = |message: &MemberMessage| matches!(message, MemberMessage::Cosign { .. });
    assert!(table.a_line.said().iter().any(cosigns));
    assert!(!table.b_line.said().iter().any(cosigns));
    assert_eq!(table.a.status().view.unwrap().record, None);
    table.close().await;
    reaches(&table.b, Lamp::Closed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_countersignature_that_does_not_hold_is_refused_and_served_to_nobody() {
    let table = Table::seated().await;
    table.a_line.bends(|message| match message {
        MemberMessage::Cosign { size, mut signature } => {
            signature.0[20] ^= 1;
            MemberMessage::Cosign { size, signature }
        }
        other => other,
    });
    // B says that it has seen more than was offered.
    table.b_line.bends(|message| match message {
        MemberMessage::Cosign { size, signature } => MemberMessage::Cosign {
            size: size + 1,
            signature,
        },
        other => other,
    });
    table.both_open().await;
    for (line, code) in [
        (&table.a_line, ErrorCode::Proof),
        (&table.b_line, ErrorCode::StaleEpoch),
    ] {
        let deadline = std::time::Instant::now() + house::STEP;
        let refused = |message: &ServerMessage| matches!(message, ServerMessage::Refused { re, code: why, .. } if re == "cosign" && *why == code);
        while !line.heard().iter().any(refused) {
            assert!(std::time::Instant::now() < deadline, "{code:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert_eq!(countersigned(&table, table.meeting).await, 0);
    // The members go on.
    table.close().await;
    reaches(&table.a, Lamp::Closed).await;
}
