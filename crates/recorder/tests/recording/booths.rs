//! What is said in a booth is not for the floor, which is what the house listens to in the public's place.

use std::time::SystemTime;

use incamera_meeting::{DelegationSecret, Entry, Letter, LetterLink, Link, Role, Seed, Signed};

use super::*;

/// The link of an interpreter, whose delegation nobody else has entered.
fn interpreter(talks: &Talks, fragment: &str) -> String {
    let Ok(Link::Delegation(link)) = Link::from_fragment(fragment) else {
        panic!("a delegation's link");
    };
    let (delegation, seed) = (Seed::new([3; 32]), Seed::new([4; 32]));
    let claim = Signed::claim(talks.id, link.delegation, &link.slot_seed, delegation.public_key());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let until = u64::try_from(now.as_millis()).unwrap() + 3_600_000;
    let letter = Letter::new(
        talks.id,
        link.delegation,
        "Ines",
        Role::Interpreter,
        Entry::AtOnce,
        seed.public_key(),
        until,
    );
    let letter = Signed::new("letter", letter.unwrap(), &delegation);
    LetterLink::new(
        claim,
        letter,
        seed,
        *link.meeting_secret(),
        DelegationSecret::of(&delegation),
    )
    .fragment()
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_what_is_said_in_a_booth_is_not_missed_on_the_floor() {
    let way = Way::new().await;
    let talks = behind(&way, |draft| {
        draft.languages = vec!["en".to_owned(), "fr".to_owned()];
        draft.delegations.push("Interpreters".to_owned());
    })
    .await;
    talks.open().await;
    talks.heard().await;
    let link = interpreter(&talks, &talks.fragments[2]);
    let ines = MemberClient::join(&talks.house, talks.id, &link, "").await.unwrap();
    ines.cover_camera(true);
    let may = ines.until(STEP, |status| status.view.as_ref().is_some_and(|view| view.may.appear));
    may.await.expect("she is in the group");
    for command in [Ask::Appear, Ask::Sit { booth: Some(1) }, Ask::Air { on: true }] {
        ines.command(command).await.unwrap();
        let settled = ines.until(STEP, |status| {
            status.view.as_ref().is_some_and(|view| view.lamp == Lamp::Open)
        });
        settled.await.expect("she is in public");
    }
    // The public listens to her; on the floor nobody says anything.
    talks.viewer.listen(Some(1));
    talks.members.iter().for_each(|member| member.be_silent(true));
    let heard = talks
        .viewer
        .until(STEP, |status| status.heard.values().sum::<u64>() > 50);
    heard.await.expect("the public hears her");
    let end = Instant::now() + Duration::from_secs(7);
    while Instant::now() < end {
        assert!(!unheard(&ines.status()), "the house misses her on the floor");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(talks);
}
