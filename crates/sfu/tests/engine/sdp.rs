use std::net::SocketAddr;

use incamera_endpoint::{MediaEndpoint, Offering};
use incamera_sfu::{Engine, EngineConfig, JoinRefusal, Kind, PeerId, Role, ShapeFault};
use proptest::prelude::*;

use crate::world::{ROOM, World, ms, server};

fn offer(audio_slots: usize, video_slots: usize) -> String {
    let address: SocketAddr = "198.51.100.1:1000".parse().unwrap();
    let mut endpoint = MediaEndpoint::new(std::time::Instant::now(), address).unwrap();
    endpoint.offer(Offering::Member, audio_slots, video_slots).unwrap()
}

fn answer(offer: &str) -> Result<String, JoinRefusal> {
    let now = std::time::Instant::now();
    Engine::new(EngineConfig::new(vec![server()]), now).join(now, ROOM, PeerId(1), Role::Member, offer)
}

#[test]
fn the_answer_has_what_a_browser_needs() {
    let answer = answer(&offer(4, 6)).unwrap();
    let (session, media) = answer.split_at(answer.find("m=").unwrap());
    assert!(!session.contains("a=ice-lite"), "it would send media unasked");
    assert!(session.contains("a=group:BUNDLE "));
    let sections: Vec<&str> = media.split("m=").skip(1).collect();
    assert_eq!(sections.len(), 12);
    assert!(sections[0].contains(&format!("{} {} typ host", server().ip(), server().port())));
    assert!(sections[0].contains("a=end-of-candidates\r\n"));
    for (at, section) in sections.iter().enumerate() {
        assert!(section.contains("a=rtcp-mux\r\n"), "{section}");
        assert!(section.contains("a=setup:passive\r\n"), "{section}");
        assert!(
            section.contains("a=ice-ufrag:") && section.contains("a=fingerprint:sha-256 "),
            "{section}"
        );
        assert!(
            !section.starts_with("audio 0 ") && !section.starts_with("video 0 "),
            "rejected: {section}"
        );
        let slot = at >= 2;
        assert_eq!(section.contains("a=sendonly\r\n"), slot, "{section}");
        assert_eq!(section.contains("a=recvonly\r\n"), !slot, "{section}");
        assert_eq!(section.contains("a=ssrc:"), slot, "{section}");
        assert_eq!(section.contains(" msid:"), slot, "{section}");
        let video = section.starts_with("video");
        assert_eq!(section.contains("a=ssrc-group:FID "), slot && video, "{section}");
        assert_eq!(section.contains("a=rtcp-fb:96 nack pli\r\n"), video, "{section}");
        assert!(section.contains("transport-wide-cc-extensions-01\r\n"), "{section}");
        assert_eq!(section.contains("ssrc-audio-level\r\n"), !video, "{section}");
        assert_eq!(section.contains("opus/48000/2\r\n"), !video, "{section}");
        let format = section.lines().find(|line| line.starts_with("a=fmtp:111 "));
        assert_eq!(format.is_some(), !video, "{section}");
        let asks = |what| format.is_none_or(|it| it.contains(what));
        assert!(asks("useinbandfec=1") && asks("usedtx=1"), "{section}");
        assert_eq!(section.contains("VP8/90000\r\n"), video, "{section}");
    }
}

#[test]
fn every_slot_has_an_ssrc_of_its_own() {
    let answer = answer(&offer(4, 6)).unwrap();
    let mut ssrcs: Vec<&str> = answer
        .lines()
        .filter(|line| line.contains(" cname:"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(ssrcs.len(), 4 + 2 * 6);
    ssrcs.sort_unstable();
    ssrcs.dedup();
    assert_eq!(ssrcs.len(), 4 + 2 * 6);
}

#[test]
fn those_who_come_later_change_nothing_in_the_sdp_of_the_first() {
    let mut world = World::new();
    let first = world.member(1);
    let answer = world.clients[first].answer.clone();
    for peer in 2..=4 {
        let at = world.member(peer);
        world.speak(&[(at, -30)], ms(100));
    }
    world.run_for(ms(100));
    assert_eq!(world.clients[first].answer, answer);
    assert_eq!(world.carried(first).len(), 3);
    assert_eq!(world.clients[first].frames.len(), 15);
}

#[test]
fn an_offer_without_the_codecs_is_refused_by_name() {
    let offer = offer(1, 1);
    assert_eq!(
        answer(&offer.replace("opus/48000/2", "G722/8000")),
        Err(JoinRefusal::CodecMissing(Kind::Audio))
    );
    assert_eq!(
        answer(&offer.replace("VP8/90000", "H264/90000")),
        Err(JoinRefusal::CodecMissing(Kind::Video))
    );
    assert_eq!(
        answer(&offer.replace("rtx/90000", "red/90000")),
        Err(JoinRefusal::CodecMissing(Kind::Video))
    );
}

#[test]
fn offers_of_the_wrong_shape_are_refused() {
    let good = offer(1, 1);
    assert!(matches!(answer(""), Err(JoinRefusal::OfferMalformed { .. })));
    assert!(matches!(answer("hello"), Err(JoinRefusal::OfferMalformed { .. })));
    assert!(matches!(
        answer(&good.replace("a=sendonly", "a=sendrecv")),
        Err(JoinRefusal::OfferShape(_))
    ));
    assert!(matches!(answer(&offer(9, 1)), Err(JoinRefusal::OfferShape(_))));
    assert!(matches!(answer(&offer(1, 17)), Err(JoinRefusal::OfferShape(_))));
    assert_eq!(
        answer(&good.replacen("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n", 1)),
        Err(JoinRefusal::OfferShape(ShapeFault::Lite))
    );
    assert!(matches!(
        answer(&"x".repeat(70_000)),
        Err(JoinRefusal::OfferTooLong { .. })
    ));
    assert!(matches!(
        answer(&good.replace("a=fingerprint", "a=thumbprint")),
        Err(JoinRefusal::OfferMalformed { .. })
    ));
    assert!(matches!(
        answer(&good.replace("a=group:BUNDLE", "a=grouq:BUNDLE")),
        Err(JoinRefusal::OfferMalformed { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_mutilated_offer_is_answered_or_refused_and_never_a_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..200, any::<prop::sample::Index>()), 1..6),
        digits in prop::collection::vec((any::<prop::sample::Index>(), b'0'..=b'9'), 0..8),
    ) {
        let mut text = offer(2, 2).into_bytes();
        for (from, length, to) in cuts {
            let from = from.index(text.len());
            let piece: Vec<u8> = text.drain(from..(from + length).min(text.len())).collect();
            if text.is_empty() { break; }
            let to = to.index(text.len());
            text.splice(to..to, piece);
        }
        for (at, digit) in digits {
            let numbers: Vec<usize> = (0..text.len()).filter(|at| text[*at].is_ascii_digit()).collect();
            if !numbers.is_empty() {
                text[numbers[at.index(numbers.len())]] = digit;
            }
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        prop_assert_ne!(answer(&text), Err(JoinRefusal::Internal));
    }
}
