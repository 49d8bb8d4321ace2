//! A file of sealed frames as it comes: which of its frames the disclosed keys open, whether they are what their senders
//! have signed, and how long it is.

use std::collections::BTreeMap;

use incamera_meeting::{FrameHash, LetterId, PublicKey, SignedDigest};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Kid, MeetingId};
use incamera_seal::{Gallery, Proof, Tally};

use crate::feed::{Feed, Spoiled};
use crate::sealed::{Frame, Head, Note};

/// A key that was disclosed, and whose signature counts for what was sent under it.
#[derive(Debug, Clone)]
pub struct SenderKey {
    /// The key.
    pub key: Disclosure,
    /// The sender's letter.
    pub letter: LetterId,
    /// The letter's key.
    pub letter_key: PublicKey,
}

/// What a file of sealed frames holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which part it says that it is of; none if nothing of it came.
    pub head: Option<Head>,
    /// Frames that the keys open.
    pub opened: u64,
    /// Frames that they do not open.
    pub shut: u64,
    /// Digests whose signatures hold.
    pub digests: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// How long the part had lasted, in milliseconds, when the first frame came that contradicts what was signed, or the
    /// signature that it contradicts.
    pub contradicted_at_ms: Option<u64>,
}

/// The frames of a part and what was signed of them, over all the pieces of its recording: what one piece has of a second,
/// another may have the signature of.
#[derive(Debug, Default)]
pub struct Proofs(BTreeMap<Kid, Proof>);

impl Proofs {
    /// Where senders have signed that their frames end: the counter after the last.
    pub fn ends(&self) -> impl Iterator<Item = (Kid, u64)> {
        self.0.iter().filter_map(|(kid, proof)| Some((*kid, proof.end()?)))
    }

    /// What became of all frames, when no piece is left.
    #[must_use]
    pub fn finish(self) -> Tally {
        let all = self.0.into_iter().map(|(kid, proof)| proof.finish(kid));
        all.fold(Tally::default(), Tally::and)
    }

    /// Takes something in, and says whether it contradicts.
    fn take(&mut self, kid: Kid, what: impl FnOnce(&mut Proof)) -> bool {
        let proof = self.0.entry(kid).or_default();
        let before = proof.tally().contradicted;
        what(proof);
        proof.tally().contradicted > before
    }
}

/// Looks at every frame of a file, with these keys and no others: what the file itself says of keys is not believed.
pub struct Check {
    meeting: MeetingId,
    feed: Feed,
    gallery: Gallery,
    senders: BTreeMap<Kid, SenderKey>,
    head: Option<Head>,
    ended_at_ms: Option<u64>,
    last_us: u64,
    /// When the frame came that was read last.
    now_us: u64,
    contradicted_us: Option<u64>,
    opened: u64,
    shut: u64,
    digests: u64,
}

impl Check {
    /// Of a file of this meeting.
    pub fn new(meeting: MeetingId, keys: Vec<SenderKey>) -> Self {
        let mut gallery = Gallery::new();
        for sender in &keys {
            gallery.disclose(std::slice::from_ref(&sender.key));
        }
        Self {
            meeting,
            feed: Feed::default(),
            gallery,
            senders: keys.into_iter().map(|it| (it.key.kid, it)).collect(),
            head: None,
            ended_at_ms: None,
            last_us: 0,
            now_us: 0,
            contradicted_us: None,
            opened: 0,
            shut: 0,
            digests: 0,
        }
    }

    /// Takes what came next of the file.
    ///
    /// # Errors
    /// [`Spoiled`], from there on nothing can be read.
    pub fn take(&mut self, bytes: &[u8], proofs: &mut Proofs) -> Result<(), Spoiled> {
        self.feed.push(bytes);
        while let Some((at, note)) = self.feed.read()? {
            self.note(note, proofs).ok_or(Spoiled { at })?;
        }
        Ok(())
    }

    /// Which part the file says that it is of, once that has come.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// What it holds, when no more comes. What is not a whole note at its end counts for nothing: a recorder was killed.
    #[must_use]
    pub fn finish(self) -> Checked {
        let head = self.head.as_ref();
        let offset_ms = head.map_or(0, |head| head.offset_ms);
        Checked {
            length_ms: head.map_or(0, |head| head.length_ms(self.ended_at_ms, self.last_us)),
            contradicted_at_ms: self.contradicted_us.map(|us| offset_ms.saturating_add(us / 1_000)),
            head: self.head,
            opened: self.opened,
            shut: self.shut,
            digests: self.digests,
        }
    }

    /// None if it is a note that may not stand there.
    fn note(&mut self, note: Note, proofs: &mut Proofs) -> Option<()> {
        if matches!(note, Note::Head(_)) != self.head.is_none() {
            return None;
        }
        match note {
            Note::Head(head) => self.head = Some(head),
            Note::Frame(frame) => self.frame(&frame, proofs),
            Note::Digest(bytes) => self.digest(&bytes, proofs),
            Note::End(end) => self.ended_at_ms = Some(end.ended_at_ms),
            Note::Key(_) | Note::Person(_) => {}
        }
        Some(())
    }

    fn frame(&mut self, frame: &Frame, proofs: &mut Proofs) {
        self.now_us = frame.came_us;
        self.last_us = self.last_us.max(frame.came_us);
        let Ok(opened) = self.gallery.open(frame.kind, &frame.bytes) else {
            self.shut += 1;
            return;
        };
        self.opened += 1;
        let hash = FrameHash::of(&frame.bytes);
        let contradicts = proofs.take(opened.kid, |proof| proof.frame(opened.kid, opened.counter, hash));
        self.contradict(contradicts);
    }

    fn digest(&mut self, bytes: &[u8], proofs: &mut Proofs) {
        let Ok(signed) = SignedDigest::read(bytes) else {
            return;
        };
        let Some((kid, sender)) = signed.kid().and_then(|kid| Some((kid, self.senders.get(&kid)?))) else {
            return;
        };
        if signed.signer == sender.letter && signed.is_by(self.meeting, &sender.letter_key) {
            self.digests += 1;
            let contradicts = proofs.take(kid, |proof| proof.digest(kid, &signed));
            self.contradict(contradicts);
        }
    }

    fn contradict(&mut self, contradicts: bool) {
        if contradicts {
            self.contradicted_us.get_or_insert(self.now_us);
        }
    }
}
