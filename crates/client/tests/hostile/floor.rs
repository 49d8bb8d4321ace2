//! Who is heard where there are more voices than slots, over real sockets and real media.

use incamera_client::{HouseClient, MemberClient};
use incamera_meeting::Role;
use incamera_protocol::limits::AUDIO_SLOTS;
use incamera_protocol::view::{Command, Lamp};
use incamera_protocol::{Leaf, Stream};

use crate::booths::{links, says};
use crate::house::{STEP, Server, reaches};

fn leaf_of(member: &MemberClient) -> Leaf {
    let view = member.status().view.unwrap();
    view.members.iter().find(|member| member.me).unwrap().leaf
}

fn sounds(member: &MemberClient, of: Leaf) -> u64 {
    let status = member.status();
    status.opened.get(&(of, Stream::Microphone)).copied().unwrap_or(0)
}

/// Of these, whoever is not heard in a second.
async fn unheard(listener: &MemberClient, others: &[Leaf]) -> Vec<Leaf> {
    let before: Vec<u64> = others.iter().map(|leaf| sounds(listener, *leaf)).collect();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let still = others.iter().zip(before);
    still
        .filter(|(leaf, before)| sounds(listener, **leaf) == *before)
        .map(|(leaf, _)| *leaf)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_wanted_first_is_heard_by_whom_wants_it_and_nobody_elses_slots_move() {
    let house = Server::start().await;
    let client = HouseClient::new(format!("http://{}", house.address()));
    let meeting = house.convene_in(&["en"]).await;
    let names: Vec<String> = (0..=AUDIO_SLOTS).map(|number| format!("Adviser {number}")).collect();
    let people: Vec<(&str, Role)> = names.iter().map(|name| (name.as_str(), Role::Principal)).collect();
    let mut all = vec![meeting.fragments[0].clone()];
    all.extend(links(&meeting.fragments[1], meeting.id, &people));
    let mut members = Vec::new();
    for link in &all {
        let member = MemberClient::join(&client, meeting.id, link, "A speaker")
            .await
            .unwrap();
        reaches(&member, Lamp::Closed).await;
        members.push(member);
    }
    let [wanting, other, ..] = members.as_slice() else {
        panic!()
    };
    let everybody = |but: &MemberClient| -> Vec<Leaf> {
        let me = leaf_of(but);
        members.iter().map(leaf_of).filter(|leaf| *leaf != me).collect()
    };
    // All are equally loud, and there is a slot too few.
    let mut missing = Vec::new();
    for listener in [wanting, other] {
        let full = listener.until(STEP, |status| status.opened.len() >= AUDIO_SLOTS).await;
        assert!(full.is_some(), "{:?}", listener.status().opened);
        missing.push(unheard(listener, &everybody(listener)).await);
    }
    let [first, ..] = missing[0].as_slice() else {
        panic!("{missing:?}")
    };
    let before = sounds(wanting, *first);
    says(
        wanting,
        Command::Watch {
            slots: Vec::new(),
            first: Some(*first),
        },
    )
    .await;
    let heard = wanting.until(STEP, |status| {
        status
            .opened
            .get(&(*first, Stream::Microphone))
            .is_some_and(|frames| *frames > before + 10)
    });
    assert!(heard.await.is_some(), "{first:?} is not heard");
    assert_eq!(unheard(wanting, &everybody(wanting)).await.len(), missing[0].len());
    assert_eq!(unheard(other, &everybody(other)).await, missing[1]);
}
