//! Interpretation over real sockets and real media: who is heard where, and what a house gains that puts somebody else into a
//! channel.

use incamera_client::{HouseClient, MemberClient, ViewerClient};
use incamera_meeting::{DelegationSecret, Entry, Letter, LetterLink, Link, Role, Seed, Signed};
use incamera_protocol::booths::ChannelOf;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_protocol::{Leaf, Stream};

use crate::house::{STEP, Server, reaches};
use crate::liar::Liar;

const FR: u8 = 1;
const RU: u8 = 2;

/// A speaker, a listener and two interpreters, each behind a line, and one of the public.
struct Scene {
    speaker: MemberClient,
    listener: MemberClient,
    one: MemberClient,
    two: MemberClient,
    one_line: Liar,
    two_line: Liar,
    public: ViewerClient,
    _house: Server,
}

/// Links of these people, from the link of their delegation.
pub(crate) fn links(fragment: &str, meeting: incamera_protocol::MeetingId, people: &[(&str, Role)]) -> Vec<String> {
    let Ok(Link::Delegation(link)) = Link::from_fragment(fragment) else {
        panic!("a delegation's link");
    };
    let delegation = Seed::new([3; 32]);
    let claim = Signed::claim(meeting, link.delegation, &link.slot_seed, delegation.public_key());
    let until = u64::try_from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    );
    let until = until.unwrap() + 3_600_000;
    let link_of = |(number, (name, role)): (u8, &(&str, Role))| {
        let seed = Seed::new([10 + number; 32]);
        let key = seed.public_key();
        let letter = Letter::new(meeting, link.delegation, name, *role, Entry::AtOnce, key, until).unwrap();
        let letter = Signed::new("letter", letter, &delegation);
        let aside = DelegationSecret::of(&delegation);
        LetterLink::new(claim.clone(), letter, seed, *link.meeting_secret(), aside).fragment()
    };
    (0..).zip(people).map(link_of).collect()
}

impl Scene {
    async fn set() -> Self {
        let house = Server::start().await;
        let meeting = house.convene_in(&["en", "fr", "ru"]).await;
        let people = [
            ("A listener", Role::Principal),
            ("Interpreter one", Role::Interpreter),
            ("Interpreter two", Role::Interpreter),
        ];
        let links = links(&meeting.fragments[1], meeting.id, &people);
        let line = async || Liar::before(house.address()).await;
        let seated = async |line: &Liar, link: &str| {
            let member = MemberClient::join(&line.house(), meeting.id, link, "A speaker")
                .await
                .unwrap();
            reaches(&member, Lamp::Closed).await;
            member
        };
        let (one_line, two_line, honest) = (line().await, line().await, line().await);
        Self {
            speaker: seated(&honest, &meeting.fragments[0]).await,
            listener: seated(&honest, &links[0]).await,
            one: seated(&one_line, &links[1]).await,
            two: seated(&two_line, &links[2]).await,
            one_line,
            two_line,
            public: ViewerClient::watch(&HouseClient::new(format!("http://{}", house.address())), meeting.id),
            _house: house,
        }
    }

    fn leaf_of(&self, member: &MemberClient) -> Leaf {
        let view = member.status().view.unwrap();
        view.members.iter().find(|member| member.me).unwrap().leaf
    }
}

pub(crate) async fn says(member: &MemberClient, command: Command) {
    member.command(command).await.unwrap();
}

/// Everybody who looks sees this of a channel.
async fn sees(member: &MemberClient, channel: u8, wanted: impl Fn(&ChannelOf) -> bool) {
    let seen = member.until(STEP, |status| {
        let view = status.view.as_ref();
        view.is_some_and(|view| view.booths.channels.get(usize::from(channel)).is_some_and(&wanted))
    });
    assert!(
        seen.await.is_some(),
        "never: {:?}",
        member.status().view.map(|view| view.booths.clone())
    );
}

/// More of this channel is heard, said by this one.
async fn hears(listener: &MemberClient, channel: u8, voice: Leaf) {
    let so_far =
        |status: &incamera_client::MemberStatus| status.heard.get(&(channel, voice)).map_or(0, |heard| heard.frames);
    let more = so_far(&listener.status()) + 10;
    let heard = listener.until(STEP, |status| so_far(status) >= more).await;
    assert!(heard.is_some(), "channel {channel} is silent: {:?}", listener.status());
}

/// More of the floor is heard, said by this one.
async fn hears_on_floor(listener: &MemberClient, speaker: Leaf) {
    let of = (speaker, Stream::Microphone);
    let so_far = |status: &incamera_client::MemberStatus| status.opened.get(&of).copied().unwrap_or(0);
    let more = so_far(&listener.status()) + 10;
    let heard = listener.until(STEP, |status| so_far(status) >= more).await;
    assert!(heard.is_some(), "the floor is silent: {:?}", listener.status());
}

#[tokio::test]
async fn a_channel_is_interpreted_relayed_and_handed_over_and_the_public_hears_it_while_the_doors_are_open() {
    let scene = Scene::set().await;
    let Scene {
        speaker,
        listener,
        one,
        two,
        public,
        ..
    } = &scene;
    let [of_speaker, of_one, of_two] = [speaker, one, two].map(|member| scene.leaf_of(member));
    says(one, Command::Sit { booth: Some(FR) }).await;
    says(one, Command::Air { on: true }).await;
    says(listener, Command::Listen { channel: Some(FR) }).await;
    sees(listener, FR, |channel| channel.voice == Some(of_one)).await;
    hears(listener, FR, of_one).await;
    hears_on_floor(listener, of_speaker).await;

    // From relay, into another booth.
    says(two, Command::Listen { channel: Some(FR) }).await;
    says(two, Command::Sit { booth: Some(RU) }).await;
    says(two, Command::Air { on: true }).await;
    hears(two, FR, of_one).await;
    says(listener, Command::Listen { channel: Some(RU) }).await;
    sees(listener, RU, |channel| channel.relays == Some(FR)).await;
    hears(listener, RU, of_two).await;
    // The house counts who listens to whom.
    sees(one, FR, |channel| channel.listeners == Some(1)).await;

    // Into the other's booth, and the microphone goes over.
    says(two, Command::Listen { channel: None }).await;
    says(two, Command::Sit { booth: Some(FR) }).await;
    sees(one, FR, |channel| channel.sitters.len() == 2).await;
    says(listener, Command::Listen { channel: Some(FR) }).await;
    hears(listener, FR, of_one).await;
    says(two, Command::HandOver { wanted: true }).await;
    sees(one, FR, |channel| channel.sitters.iter().any(|sitter| sitter.wants)).await;
    says(one, Command::HandOver { wanted: true }).await;
    sees(listener, FR, |channel| channel.voice == Some(of_two)).await;
    hears(listener, FR, of_two).await;
    let heard = listener.status().heard;
    let (before, after) = (heard[&(FR, of_one)], heard[&(FR, of_two)]);
    assert!(before.last <= after.first, "two voices at once in a channel");

    // In public.
    let (kind, item) = (MotionKind::Open, 0);
    says(speaker, Command::Move { kind, item }).await;
    let asked = listener.until(STEP, |status| status.view.as_ref().is_some_and(|view| view.may.consent));
    let motion = asked.await.unwrap().view.unwrap().motion.as_ref().unwrap().id.clone();
    says(listener, Command::Consent { motion }).await;
    for interpreter in [one, two] {
        let may = interpreter.until(STEP, |status| {
            let view = status.view.as_ref();
            view.is_some_and(|view| view.lamp == Lamp::Held && view.may.appear)
        });
        may.await.expect("an interpreter may appear");
        says(interpreter, Command::Appear).await;
    }
    public.listen(Some(FR));
    let told = public.until(STEP, |status| {
        status.channels.get(1).is_some_and(|it| it.voice == Some(of_two))
    });
    told.await.expect("the public is told who interprets");
    let heard = public.until(STEP, |status| {
        let floor = status
            .opened
            .get(&(of_speaker, Stream::Microphone))
            .copied()
            .unwrap_or(0);
        status.heard.get(&of_two).copied().unwrap_or(0) >= 10 && floor >= 10
    });
    let heard = heard
        .await
        .unwrap_or_else(|| panic!("the public hears no channel: {:?}", public.status()));
    assert_eq!(
        heard.opened.get(&(of_two, Stream::Microphone)),
        None,
        "an interpreter is heard on the floor"
    );
    assert_eq!(heard.heard.keys().collect::<Vec<_>>(), [&of_two]);
    assert_eq!(
        listener.status().heard[&(FR, of_one)],
        before,
        "whoever handed over is heard no more"
    );

    // Behind closed doors again.
    let (kind, item) = (MotionKind::Close, 1);
    says(speaker, Command::Move { kind, item }).await;
    reaches(listener, Lamp::Closed).await;
    hears(listener, FR, of_two).await;
    let shut = public.status();
    hears(listener, FR, of_two).await;
    assert_eq!(public.status().heard, shut.heard);
    assert_eq!(public.status().opened_of_closed, 0);
}

#[tokio::test]
async fn a_house_that_puts_somebody_else_into_a_channel_makes_silence_and_nothing_else() {
    let scene = Scene::set().await;
    let Scene {
        listener,
        one,
        two,
        one_line,
        two_line,
        ..
    } = &scene;
    let [of_one, of_two] = [one, two].map(|member| scene.leaf_of(member));
    says(one, Command::Sit { booth: Some(FR) }).await;
    says(one, Command::Air { on: true }).await;
    says(listener, Command::Listen { channel: Some(FR) }).await;
    hears(listener, FR, of_one).await;
    // Two speaks on the floor. The house sends that into the channel, and is deaf to whoever is on air.
    one_line.bends(|message| match message {
        MemberMessage::Booth { .. } => MemberMessage::KeyFrames,
        message => message,
    });
    two_line.bends(|message| match message {
        MemberMessage::Listen { .. } => MemberMessage::Booth {
            channel: Some(FR),
            on_air: true,
        },
        message => message,
    });
    let refused = listener.status().refused;
    says(two, Command::Listen { channel: Some(RU) }).await;
    let came = listener.until(STEP, |status| status.refused >= refused + 10).await;
    came.expect("another's sound comes in the channel");
    sees(listener, FR, |channel| channel.voice == Some(of_one)).await;
    assert!(!listener.status().heard.contains_key(&(FR, of_two)));
    // Whoever is on air says so again as soon as the house tells of another, and is heard again by one that listens.
    one_line.bends(|message| message);
    one_line.says(ServerMessage::Air { voices: vec![None; 3] });
    hears(listener, FR, of_one).await;
    assert!(!listener.status().heard.contains_key(&(FR, of_two)));
}
