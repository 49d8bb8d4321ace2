//! Sealing and opening of frames: SFrame (RFC 9605) under the keys of the current epoch.
//!
//! Closed parts: AES-256-GCM, base key from the MLS exporter with the standard's label (RFC 9605 §5.2). Open parts:
//! AES-128-CTR with HMAC, base key from a label of our own with the part number. The key is chosen by KID alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use incamera_frame::{CLOSED_SUITE, NotOpened, OPEN_SUITE, disclosure_of};
use incamera_meeting::{Digest, FinEntry};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Kid, KidParts, Leaf, MediaKind, MeetingId, Stream, limits};
use sframe::frame::validation::{ReplayAttackProtection, Tolerance};
use sframe::frame::{EncryptedFrameView, MonotonicCounter};
use sframe::key::{DecryptionKey, EncryptionKey};
use zeroize::Zeroizing;

use crate::action::Counters;
use crate::digesting::{Digesting, Ends};

/// How far behind its newest a frame of one key may come. The layers of a camera share a key and a counter: three at 30
/// pictures a second count 90 frames, which leaves more than five seconds of reordering; sound at 50 leaves ten.
const REPLAY_WINDOW: usize = 512;
/// Ended epochs whose late frames are still taken.
const ENDED_MAX: usize = 2;

/// A frame that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Whose it is, by its key.
    pub leaf: Leaf,
    /// What was sent.
    pub stream: Stream,
    /// It was sealed under a key of an open part.
    pub open: bool,
    /// The key, which says all that.
    pub kid: Kid,
    /// How many frames were sealed under it before.
    pub counter: u64,
    /// The plain frame.
    pub frame: Vec<u8>,
}

/// Why a frame was not opened. Normal traffic on a lossy path; none of these lets anything through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not SFrame, or too large.
    #[error("not an SFrame")]
    Malformed,
    /// No key of this id: of another epoch or part, or nobody's.
    #[error("no key of this id")]
    UnknownKey,
    /// Sound in a picture's place, or the other way round.
    #[error("of another stream than its place")]
    WrongStream,
    /// An interpreter's on the floor, or another's than the voice's in a channel.
    #[error("from somebody who is not heard in this place")]
    WrongPlace,
    /// The tag does not hold.
    #[error("forged or damaged")]
    Forged,
    /// Taken already, or too old to tell.
    #[error("replayed or too late")]
    Replayed,
    /// Beyond what its sender signed as the last of an ended part.
    #[error("after the end that its sender signed")]
    AfterFin,
}

/// The keys of one epoch, as receiving side.
struct Epoch {
    founding: u32,
    epoch: u64,
    open: bool,
    base_key: Zeroizing<Vec<u8>>,
    /// Of what my own delegation whispers.
    aside_key: Zeroizing<[u8; 32]>,
    senders: BTreeSet<Leaf>,
    receivers: BTreeMap<Kid, Receiver>,
    /// Set when the epoch has ended: until when, and up to which counters, its late frames are taken.
    ended: Option<Ended>,
}

struct Ended {
    until_ms: u64,
    /// After a close: frames per key, from the fins. `None` after a mere change of members.
    counts: Option<BTreeMap<Kid, u64>>,
}

struct Receiver {
    key: DecryptionKey,
    window: ReplayAttackProtection,
}

struct Sending {
    key: EncryptionKey,
    counter: MonotonicCounter,
    disclosure: Option<Disclosure>,
    /// In an open part: what of it is still to be signed.
    digesting: Option<Digesting>,
}

/// The epoch that a member sends and receives in.
pub(crate) struct NewEpoch {
    pub(crate) founding: u32,
    pub(crate) epoch: u64,
    pub(crate) open: bool,
    pub(crate) base_key: Zeroizing<Vec<u8>>,
    /// Of my own delegation: nobody else has it, and it is never disclosed.
    pub(crate) aside_key: Zeroizing<[u8; 32]>,
    pub(crate) me: Leaf,
    pub(crate) others: BTreeSet<Leaf>,
}

/// The frame path of a member.
#[derive(Default)]
pub(crate) struct Media {
    epochs: VecDeque<Epoch>,
    sending: BTreeMap<Stream, Sending>,
    /// For my own delegation. It is in no fin, no digest and no disclosure.
    aside: Option<Sending>,
    counters: Counters,
}

impl Media {
    /// Turns to the keys of a new epoch. The keys of the last one go on opening late frames for a short while: all of
    /// them after a mere change of members, up to the signed counts (`fins`) after a close. The old sending keys are
    /// erased here.
    pub(crate) fn turn(&mut self, new: NewEpoch, fins: Option<&[FinEntry]>, now_ms: u64) -> Result<(), &'static str> {
        self.sending.clear();
        self.aside = None;
        let counts = fins.map(|fins| {
            fins.iter()
                .filter_map(|fin| Some((Kid::from_number(fin.kid).ok()?, fin.count)))
                .collect::<BTreeMap<_, _>>()
        });
        for epoch in &mut self.epochs {
            if let (true, Some(counts)) = (epoch.open, &counts) {
                epoch.ended = Some(Ended {
                    until_ms: now_ms + limits::LATE_FRAMES_MS,
                    counts: Some(counts.clone()),
                });
            } else {
                epoch.ended.get_or_insert(Ended {
                    until_ms: now_ms + limits::LATE_FRAMES_MS,
                    counts: None,
                });
            }
        }
        while self.epochs.len() > ENDED_MAX {
            self.epochs.pop_front();
        }
        let suite = if new.open { OPEN_SUITE } else { CLOSED_SUITE };
        for stream in Stream::ALL {
            let kid = new.kid_of(stream, new.open)?;
            let key = EncryptionKey::derive_from(suite, kid.number(), new.base_key.as_slice())
                .map_err(|_| "a sending key cannot be derived")?;
            let disclosure = new.open.then(|| disclosure_of(&new.base_key, kid));
            self.sending.insert(
                stream,
                Sending {
                    key,
                    counter: MonotonicCounter::default(),
                    disclosure,
                    digesting: new.open.then(Digesting::default),
                },
            );
        }
        let kid = new.kid_of(Stream::Aside, false)?;
        let key = EncryptionKey::derive_from(CLOSED_SUITE, kid.number(), new.aside_key.as_slice())
            .map_err(|_| "the key of asides cannot be derived")?;
        self.aside = Some(Sending {
            key,
            counter: MonotonicCounter::default(),
            disclosure: None,
            digesting: None,
        });
        self.epochs.push_back(Epoch {
            founding: new.founding,
            epoch: new.epoch,
            open: new.open,
            base_key: new.base_key,
            aside_key: new.aside_key,
            senders: new.others,
            receivers: BTreeMap::new(),
            ended: None,
        });
        Ok(())
    }

    /// Erases all keys.
    pub(crate) fn clear(&mut self) {
        self.sending.clear();
        self.aside = None;
        self.epochs.clear();
    }

    /// Erases keys of ended epochs whose time is over.
    pub(crate) fn expire(&mut self, now_ms: u64) {
        self.epochs
            .retain(|epoch| epoch.ended.as_ref().is_none_or(|ended| now_ms <= ended.until_ms));
    }

    /// When [`Media::expire`] next has something to do.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        self.epochs
            .iter()
            .filter_map(|epoch| epoch.ended.as_ref().map(|ended| ended.until_ms + 1))
            .min()
    }

    /// What the public gets, if these are keys of an open part.
    pub(crate) fn disclosures(&self) -> Vec<Disclosure> {
        self.sending
            .values()
            .filter_map(|sending| sending.disclosure.clone())
            .collect()
    }

    /// How many frames were sealed under each key of the open part: what a fin says.
    pub(crate) fn counts(&self) -> Vec<FinEntry> {
        self.sending
            .values()
            .map(|sending| FinEntry {
                kid: sending.key.key_id(),
                count: sending.counter.current(),
            })
            .collect()
    }

    /// What is to be signed of what was sent in public since the last time.
    pub(crate) fn digests(&mut self, meeting: MeetingId, ends: Ends) -> Vec<Digest> {
        let mut due = Vec::new();
        for sending in self.sending.values_mut() {
            let kid = sending.key.key_id();
            if let Some(digesting) = sending.digesting.as_mut() {
                due.extend(digesting.take(meeting, kid, ends));
                if ends == Ends::Here {
                    // It is said once; nothing is sealed under this key any more.
                    sending.digesting = None;
                }
            }
        }
        due
    }

    /// Whether frames are sealed of which digests are to be signed.
    pub(crate) fn is_public(&self) -> bool {
        self.sending.values().any(|sending| sending.digesting.is_some())
    }

    /// Seals one frame, or drops it (`None`) when there is no key or `held` says so.
    pub(crate) fn seal(&mut self, stream: Stream, frame: &[u8], held: bool) -> Option<Vec<u8>> {
        let sealed = if held { None } else { self.try_seal(stream, frame) };
        match sealed {
            Some(_) => self.counters.sealed += 1,
            None => self.counters.held += 1,
        }
        sealed
    }

    fn try_seal(&mut self, stream: Stream, frame: &[u8]) -> Option<Vec<u8>> {
        if frame.len() > limits::FRAME_BYTES_MAX {
            return None;
        }
        let sending = match stream {
            Stream::Aside => self.aside.as_mut()?,
            _ => self.sending.get_mut(&stream)?,
        };
        if sending.disclosure.is_some() && sending.digesting.is_none() {
            // Its end was signed.
            return None;
        }
        let (clear, plain) = frame.split_at_checked(stream.clear_prefix())?;
        let wire = incamera_frame::seal(&sending.key, &mut sending.counter, clear, plain)?;
        if let Some(digesting) = sending.digesting.as_mut() {
            digesting.note(&wire);
        }
        Some(wire)
    }

    /// Opens one frame as it came off the wire.
    /// `belongs` says of a sender and their stream whether it belongs where it came.
    pub(crate) fn open(
        &mut self,
        kind: MediaKind,
        frame: &[u8],
        now_ms: u64,
        belongs: impl FnOnce(Leaf, Stream) -> bool,
    ) -> Result<Opened, Refused> {
        let opened = self.try_open(kind, frame, now_ms, belongs);
        match opened {
            Ok(_) => self.counters.opened += 1,
            Err(_) => self.counters.refused += 1,
        }
        opened
    }

    fn try_open(
        &mut self,
        kind: MediaKind,
        frame: &[u8],
        now_ms: u64,
        belongs: impl FnOnce(Leaf, Stream) -> bool,
    ) -> Result<Opened, Refused> {
        let (clear, sealed) = split(kind, frame)?;
        let view = EncryptedFrameView::try_with_meta_data(sealed, clear).map_err(|_| Refused::Malformed)?;
        let kid = Kid::from_number(view.header().key_id()).map_err(|_| Refused::UnknownKey)?;
        let parts = kid.parts();
        let epoch = self
            .epochs
            .iter_mut()
            .find(|epoch| epoch.founding == parts.founding && epoch.epoch == parts.epoch && epoch.has(parts))
            .ok_or(Refused::UnknownKey)?;
        if !epoch.senders.contains(&parts.leaf) || parts.slice != 0 {
            return Err(Refused::UnknownKey);
        }
        if parts.stream.kind() != kind {
            return Err(Refused::WrongStream);
        }
        if !belongs(parts.leaf, parts.stream) {
            return Err(Refused::WrongPlace);
        }
        if let Some(ended) = &epoch.ended {
            if now_ms > ended.until_ms {
                return Err(Refused::UnknownKey);
            }
            if let Some(counts) = &ended.counts {
                let count = counts.get(&kid).copied().unwrap_or(0);
                if view.header().counter() >= count {
                    return Err(Refused::AfterFin);
                }
            }
        }
        let receiver = epoch.receiver(kid)?;
        let plain = incamera_frame::open(&receiver.key, &mut receiver.window, &view).map_err(|why| match why {
            NotOpened::Replayed => Refused::Replayed,
            NotOpened::Forged => Refused::Forged,
        })?;
        Ok(Opened {
            leaf: parts.leaf,
            stream: parts.stream,
            open: parts.open,
            kid,
            counter: view.header().counter(),
            frame: plain,
        })
    }

    /// What has gone through so far.
    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }
}

impl NewEpoch {
    fn kid_of(&self, stream: Stream, open: bool) -> Result<Kid, &'static str> {
        let parts = KidParts {
            founding: self.founding,
            epoch: self.epoch,
            slice: 0,
            leaf: self.me,
            stream,
            open,
        };
        Kid::new(parts).map_err(|_| "the group has outlived its key ids")
    }
}

impl Epoch {
    /// Whether a key of this kind is one of this epoch: what is whispered is never of an open part.
    fn has(&self, parts: KidParts) -> bool {
        parts.open == (self.open && parts.stream != Stream::Aside)
    }

    fn receiver(&mut self, kid: Kid) -> Result<&mut Receiver, Refused> {
        if !self.receivers.contains_key(&kid) {
            let (suite, base_key) = match kid.parts().stream {
                Stream::Aside => (CLOSED_SUITE, self.aside_key.as_slice()),
                _ if self.open => (OPEN_SUITE, self.base_key.as_slice()),
                _ => (CLOSED_SUITE, self.base_key.as_slice()),
            };
            let key = DecryptionKey::derive_from(suite, kid.number(), base_key).map_err(|_| Refused::UnknownKey)?;
            let tolerance = Tolerance::try_new(REPLAY_WINDOW).map_err(|_| Refused::UnknownKey)?;
            let window = ReplayAttackProtection::new(kid.number(), tolerance);
            self.receivers.insert(kid, Receiver { key, window });
        }
        self.receivers.get_mut(&kid).ok_or(Refused::UnknownKey)
    }
}

/// The clear prefix (authenticated, not encrypted) and the SFrame ciphertext of a frame on the wire.
pub(crate) fn split(kind: MediaKind, frame: &[u8]) -> Result<(&[u8], &[u8]), Refused> {
    let clear = match kind {
        MediaKind::Audio => Stream::Microphone.clear_prefix(),
        MediaKind::Video => Stream::Camera.clear_prefix(),
    };
    if frame.len() > limits::FRAME_BYTES_MAX + 64 {
        return Err(Refused::Malformed);
    }
    frame.split_at_checked(clear).ok_or(Refused::Malformed)
}

/// The key id that a frame on the wire names, if it is one of ours.
pub fn kid_of(kind: MediaKind, frame: &[u8]) -> Option<Kid> {
    let (clear, sealed) = split(kind, frame).ok()?;
    let view = EncryptedFrameView::try_with_meta_data(sealed, clear).ok()?;
    Kid::from_number(view.header().key_id()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: u64, open: bool, me: u32, other: u32) -> NewEpoch {
        NewEpoch {
            founding: 1,
            epoch: number,
            open,
            base_key: Zeroizing::new(vec![7; 48]),
            aside_key: Zeroizing::new([8; 32]),
            me: Leaf(me),
            others: BTreeSet::from([Leaf(other)]),
        }
    }

    #[test]
    fn one_layer_of_three_opens_with_gaps_and_the_fin_counts_them_all() {
        let (mut sender, mut receiver) = (Media::default(), Media::default());
        sender.turn(epoch(3, true, 0, 1), None, 0).unwrap();
        receiver.turn(epoch(3, true, 1, 0), None, 0).unwrap();
        let sealed: Vec<Vec<u8>> = (0..30u8)
            .map(|at| sender.seal(Stream::Camera, &[0x10, at], false).unwrap())
            .collect();
        // The server hands on the first layer, and from the tenth picture on the third.
        let of_layer = |layer: usize| sealed.iter().skip(layer).step_by(3);
        let shown = of_layer(0).take(9).chain(of_layer(2).skip(9));
        for frame in shown {
            receiver.open(MediaKind::Video, frame, 10, |_, _| true).unwrap();
        }
        let camera = sender.counts().into_iter().map(|fin| fin.count).max();
        assert_eq!(camera, Some(30));
        let fins = sender.counts();
        let beyond = sender.seal(Stream::Camera, &[0x10, 99], false).unwrap();
        receiver.turn(epoch(4, false, 1, 0), Some(&fins), 20).unwrap();
        assert_eq!(
            receiver.open(MediaKind::Video, &beyond, 30, |_, _| true),
            Err(Refused::AfterFin)
        );
        assert!(receiver.open(MediaKind::Video, &sealed[28], 30, |_, _| true).is_ok());
    }

    #[test]
    fn i4_a_genuine_frame_beyond_its_senders_fin_is_refused() {
        let (mut sender, mut receiver) = (Media::default(), Media::default());
        sender.turn(epoch(3, true, 0, 1), None, 0).unwrap();
        receiver.turn(epoch(3, true, 1, 0), None, 0).unwrap();
        let within = sender.seal(Stream::Microphone, b"within", false).unwrap();
        let fins = sender.counts();
        // A sender that goes on after it has signed: key and tag are right.
        let beyond = sender.seal(Stream::Microphone, b"beyond", false).unwrap();
        receiver.turn(epoch(4, false, 1, 0), Some(&fins), 10).unwrap();
        assert_eq!(
            receiver.open(MediaKind::Audio, &beyond, 20, |_, _| true),
            Err(Refused::AfterFin)
        );
        assert_eq!(
            receiver.open(MediaKind::Audio, &within, 20, |_, _| true).unwrap().frame,
            b"within"
        );
    }
}
