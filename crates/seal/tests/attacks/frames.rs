//! Frames that are forged, replayed or misplaced (I4, I5).

use super::*;

#[test]
fn i5_a_frame_forged_with_a_disclosed_key_is_refused_by_members() {
    let mut house = House::seated(2);
    house.open();
    let sealed = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    // The world can decrypt, so it can also encrypt: CTR is malleable. Turn one bit of the plain text.
    let mut forged = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    let body = forged.len() - 12;
    forged[body] ^= 0x20;
    let shown = house.gallery.open(MediaKind::Video, &forged).unwrap();
    assert_ne!(
        shown.frame, FRAME,
        "the attack works on whoever has no authentication key"
    );
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &forged),
        Err(Refused::Forged)
    );
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &sealed).unwrap().frame,
        FRAME
    );
    // A changed clear byte is found as well: it is authenticated.
    let mut relabelled = house.seats[0].member.seal(Stream::Camera, FRAME).unwrap();
    relabelled[0] ^= 1;
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &relabelled),
        Err(Refused::Forged)
    );
}

#[test]
fn a_replayed_frame_or_one_in_another_streams_place_is_refused() {
    let mut house = House::seated(2);
    let sealed = house.seats[0].member.seal(Stream::Microphone, b"yes").unwrap();
    house.seats[1].member.open(MediaKind::Audio, &sealed).unwrap();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Audio, &sealed),
        Err(Refused::Replayed)
    );
    let sound = house.seats[0].member.seal(Stream::Microphone, b"yes").unwrap();
    let as_picture = [b"\x10".as_slice(), &sound].concat();
    assert_eq!(
        house.seats[1].member.open(MediaKind::Video, &as_picture),
        Err(Refused::WrongStream)
    );
    // One's own frames, sent back, are nobody's.
    assert_eq!(
        house.seats[0].member.open(MediaKind::Audio, &sound),
        Err(Refused::UnknownKey)
    );
}
