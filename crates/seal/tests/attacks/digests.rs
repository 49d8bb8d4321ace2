//! I9: what the public was shown is what the senders sent, or it shows.

use super::*;

use incamera_meeting::{Decode as _, SignedDigest};
use incamera_protocol::{MediaKind, Stream};
use incamera_seal::Verdict;

/// An open part, in which seat 0 sends.
struct InPublic {
    house: House,
}

/// What the server does to one frame on its way to the public.
type Meddling = fn(u32, Vec<u8>) -> Vec<Vec<u8>>;

impl InPublic {
    fn begin() -> Self {
        let mut house = House::seated(2);
        house.open();
        assert_eq!(house.lamps(), [Lamp::Open, Lamp::Open]);
        Self { house }
    }

    /// So many seconds of sound and pictures, each second with a digest; gives what the gallery says in the end.
    fn sends(&mut self, seconds: u32, meddling: Meddling) {
        let mut number = 0;
        for _ in 0..seconds {
            for _ in 0..50 {
                number += 1;
                let words = format!("sound {number}");
                let sound = self.house.seats[0]
                    .member
                    .seal(Stream::Microphone, words.as_bytes())
                    .unwrap();
                for frame in meddling(number, sound) {
                    let _ = self.house.gallery.open(MediaKind::Audio, &frame);
                }
            }
            self.house.pass(1_000);
            let now = self.house.now_ms;
            self.house.gallery.look(now);
        }
    }

    fn says(&mut self) -> Verdict {
        let now = self.house.now_ms;
        let all = self.house.gallery.look(now);
        let sound = all.iter().find(|it| it.stream == Stream::Microphone && it.leaf.0 == 0);
        sound.map_or(Verdict::Unknown, |shown| shown.verdict)
    }
}

fn honest(_: u32, frame: Vec<u8>) -> Vec<Vec<u8>> {
    vec![frame]
}

#[test]
fn i9_what_is_sent_and_shown_is_verified_by_the_senders_own_signature() {
    let mut public = InPublic::begin();
    public.sends(4, honest);
    assert_eq!(public.says(), Verdict::Verified);
    let tally = public.house.gallery.tally();
    assert_eq!((tally.matched, tally.unmatched, tally.missing), (200, 0, 0));
    let now = public.house.now_ms;
    let shown = public.house.gallery.look(now);
    assert_eq!(shown[0].name.as_deref(), Some("Principal 0"));
    assert_eq!(shown[0].delegation, Some(0));
}

#[test]
fn i9_a_frame_that_is_altered_on_its_way_shows_as_a_gap() {
    let mut public = InPublic::begin();
    public.sends(3, |number, mut frame| {
        if number == 77 {
            // Within what the disclosed key deciphers: it opens all the same.
            let at = frame.len() - 12;
            frame[at] ^= 1;
        }
        vec![frame]
    });
    assert_eq!(public.says(), Verdict::Gap);
    assert_eq!(public.house.gallery.tally().contradicted, 1);
}

#[test]
fn i9_a_frame_that_is_put_in_with_the_disclosed_key_shows_as_a_gap() {
    let mut public = InPublic::begin();
    // Whoever has the key can make a frame of any counter that opens, if only to what it likes.
    public.sends(3, |number, frame| {
        let mut forged = frame.clone();
        let last = forged.len() - 1;
        forged[last] ^= 0x55;
        if number == 60 { vec![frame, forged] } else { vec![frame] }
    });
    assert_eq!(public.says(), Verdict::Gap);
    assert_eq!(public.house.gallery.tally().contradicted, 1);
}

#[test]
fn i9_sound_that_is_left_out_shows_as_a_gap() {
    let mut public = InPublic::begin();
    // Half a second out of the middle of a sentence.
    public.sends(9, |number, frame| {
        if (100..125).contains(&number) {
            vec![]
        } else {
            vec![frame]
        }
    });
    assert_eq!(public.house.gallery.tally().missing, 25);
    assert_eq!(public.says(), Verdict::Gap);
}

#[test]
fn i9_frames_after_the_end_that_the_sender_signed_are_a_gap() {
    let mut public = InPublic::begin();
    public.sends(2, honest);
    let late = public.house.seats[0].member.seal(Stream::Microphone, b"late").unwrap();
    let digests = public.house.digests.len();
    public.house.move_to(1, MotionKind::Close);
    let last = public.house.digests[digests..]
        .iter()
        .map(|(_, bytes)| SignedDigest::read(&bytes.0).unwrap());
    let ends: Vec<u64> = last
        .filter(|it| it.digest.last == 1 && it.digest.first > 0)
        .map(|it| it.digest.end())
        .collect();
    // 100 frames and the late one; said once, with the fin.
    assert_eq!(ends, [101]);
    let before = public.house.gallery.tally().contradicted;
    public.house.gallery.open(MediaKind::Audio, &late).unwrap();
    assert_eq!(public.house.gallery.tally().contradicted, before);
    // One more counter than there ever was, as whoever has the disclosed key can make it.
    let mut beyond = late;
    let counter = beyond.iter().position(|byte| *byte == 100).unwrap();
    beyond[counter] = 101;
    public.house.gallery.open(MediaKind::Audio, &beyond).unwrap();
    assert_eq!(public.house.gallery.tally().contradicted, before + 1);
}

#[test]
fn i9_a_digest_that_is_altered_left_out_or_signed_by_another_vouches_for_nothing() {
    let mut public = InPublic::begin();
    // The public knows who signs, and what they sign vouches.
    public.sends(1, honest);
    let matched = |public: &InPublic| public.house.gallery.tally().matched;
    assert_eq!(matched(&public), 50);

    // The next one is kept back.
    public.house.swallows = vec!["digest"];
    public.sends(1, honest);
    assert_eq!(matched(&public), 50);
    let kept_back = public.house.wire.iter().rev().find_map(|message| match message {
        MemberMessage::Digest { digest } => Some(SignedDigest::read(&digest.0).unwrap()),
        _ => None,
    });
    let signed = kept_back.unwrap();
    assert_eq!((signed.digest.first, signed.digest.frames.len()), (50, 50));

    // It is made to vouch for one frame less, or for another's frames: by whoever has none of the keys.
    let mut altered = signed.clone();
    altered.digest.frames.pop();
    public.house.gallery.digest(&altered.encode());
    assert_eq!(matched(&public), 50);
    let mut other = signed.clone();
    other.signer = public.house.letter_of(1);
    public.house.gallery.digest(&other.encode());
    assert_eq!(matched(&public), 50);

    // It was refused for that, and for nothing else.
    public.house.gallery.digest(&signed.encode());
    assert_eq!(matched(&public), 100);
    // What nobody vouches for at all shows as a gap.
    public.sends(1, honest);
    public.house.pass(6_000);
    assert_eq!(public.says(), Verdict::Gap);
    assert_eq!(matched(&public), 100);
    assert!(SignedDigest::decode(b"not at all").is_err());
}

#[test]
fn what_is_sent_in_public_is_signed_each_second_and_nothing_of_a_closed_part_ever_is() {
    let mut house = House::seated(2);
    for _ in 0..3 {
        let _ = house.seats[0].member.seal(Stream::Microphone, b"closed");
        house.pass(1_000);
    }
    assert!(house.digests.is_empty());
    house.open();
    let mut public = InPublic { house };
    public.sends(3, honest);
    let of_sound = |house: &House| {
        let all = house
            .digests
            .iter()
            .map(|(_, bytes)| SignedDigest::read(&bytes.0).unwrap());
        all.filter(|it| !it.digest.frames.is_empty()).count()
    };
    assert_eq!(of_sound(&public.house), 3);
    public.house.move_to(0, MotionKind::Close);
    let so_far = public.house.digests.len();
    for _ in 0..3 {
        let _ = public.house.seats[0].member.seal(Stream::Microphone, b"closed");
        public.house.pass(1_000);
    }
    assert_eq!(public.house.digests.len(), so_far);
}
