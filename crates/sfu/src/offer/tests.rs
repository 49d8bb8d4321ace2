use super::*;

fn config() -> EngineConfig {
    EngineConfig::new(vec![])
}

fn line(kind: &str, mid: &str, direction: &str) -> String {
    format!("m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na={direction}\r\n")
}

fn shape_fault(role: Role, lines: &[String]) -> ShapeFault {
    match read(&lines.concat(), role, &config()) {
        Err(JoinRefusal::OfferShape(fault)) => fault,
        other => panic!("expected a shape fault, got {other:?}"),
    }
}

#[test]
fn a_members_offer_gives_its_lines_in_order() {
    let offer = [
        line("audio", "0", "sendonly"),
        line("video", "1", "sendonly"),
        line("audio", "2", "recvonly"),
        line("video", "3", "recvonly"),
    ];
    let shape = read(&offer.concat(), Role::Member, &config()).unwrap();
    let seen: Vec<_> = shape
        .lines
        .iter()
        .map(|line| (line.kind, line.way, line.mid.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (Kind::Audio, Way::Sends, "0"),
            (Kind::Video, Way::Sends, "1"),
            (Kind::Audio, Way::Receives, "2"),
            (Kind::Video, Way::Receives, "3"),
        ]
    );
}

#[test]
fn candidates_do_not_reach_the_media_stack() {
    let offer = format!(
        "{}a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n",
        line("audio", "0", "recvonly")
    );
    assert!(
        !read(&offer, Role::Viewer, &config())
            .unwrap()
            .sdp
            .contains("a=candidate")
    );
}

#[test]
fn each_fault_of_shape_has_its_name() {
    let audio = line("audio", "0", "sendonly");
    let video = line("video", "1", "sendonly");
    let both = |extra: String| vec![audio.clone(), video.clone(), extra];
    assert_eq!(
        shape_fault(Role::Viewer, &[audio.clone(), video.clone()]),
        ShapeFault::Senders
    );
    assert_eq!(
        shape_fault(Role::Member, std::slice::from_ref(&audio)),
        ShapeFault::Senders
    );
    assert_eq!(
        shape_fault(Role::Member, &both(line("audio", "2", "sendrecv"))),
        ShapeFault::Direction
    );
    assert_eq!(
        shape_fault(Role::Member, &both(line("audio", "0", "recvonly"))),
        ShapeFault::Mid
    );
    assert_eq!(
        shape_fault(Role::Member, &both(line("audio", "a-b", "recvonly"))),
        ShapeFault::Mid
    );
    assert_eq!(
        shape_fault(Role::Member, &both(line("application", "2", "recvonly"))),
        ShapeFault::ForeignLine
    );
    assert_eq!(
        shape_fault(Role::Member, &both("m=audio 9 X 96\r\na=mid:2\r\n".into())),
        ShapeFault::Direction
    );
    assert_eq!(
        shape_fault(
            Role::Member,
            &[audio.clone(), format!("{video}a=simulcast:send h;l\r\n")]
        ),
        ShapeFault::Simulcast
    );
    let many: Vec<_> = (0..9).map(|n| line("audio", &n.to_string(), "recvonly")).collect();
    assert_eq!(shape_fault(Role::Viewer, &many), ShapeFault::TooManySlots(Kind::Audio));
}

#[test]
fn an_endless_offer_is_refused_unread() {
    let offer = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(10_000);
    assert!(matches!(
        read(&offer, Role::Viewer, &config()),
        Err(JoinRefusal::OfferTooLong { .. })
    ));
}
