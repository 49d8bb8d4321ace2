//! A file of sealed frames against the record: which of its frames the disclosed keys open, whether they are what their
//! senders have signed, and how long it is.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use incamera_meeting::{FrameHash, LetterId, PublicKey, SignedDigest};
use incamera_protocol::Kid;
use incamera_protocol::public::Disclosure;
use incamera_seal::{Gallery, Proof, Tally};

use crate::sealed::{Head, Note, Reader};

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
    /// Which part it says that it is of.
    pub head: Head,
    /// When the part ended, if it goes on to there.
    pub ended_at_ms: Option<u64>,
    /// Frames that the keys open.
    pub opened: u64,
    /// Frames that they do not open.
    pub shut: u64,
    /// Digests whose signatures hold.
    pub digests: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
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
}

/// Looks at every frame of a file, with these keys and no others: what the file itself says of keys is not believed.
///
/// # Errors
/// Those of the disk; [`io::ErrorKind::InvalidData`] for what is no file of sealed frames.
pub fn check<R: Read + Seek>(from: R, keys: &[SenderKey], proofs: &mut Proofs) -> io::Result<Checked> {
    let mut reader = Reader::new(from)?;
    let Some(Note::Head(head)) = reader.read()? else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has no beginning"));
    };
    let mut gallery = Gallery::new();
    let senders: BTreeMap<Kid, &SenderKey> = keys.iter().map(|it| (it.key.kid, it)).collect();
    for sender in senders.values() {
        gallery.disclose(std::slice::from_ref(&sender.key));
    }
    let mut checked = Checked {
        head,
        ended_at_ms: None,
        opened: 0,
        shut: 0,
        digests: 0,
        length_ms: 0,
    };
    let mut last_us = 0;
    while let Some(note) = reader.read()? {
        match note {
            Note::Frame(frame) => {
                last_us = last_us.max(frame.came_us);
                match gallery.open(frame.kind, &frame.bytes) {
                    Ok(opened) => {
                        checked.opened += 1;
                        let proof = proofs.0.entry(opened.kid).or_default();
                        proof.frame(opened.kid, opened.counter, FrameHash::of(&frame.bytes));
                    }
                    Err(_) => checked.shut += 1,
                }
            }
            Note::Digest(bytes) => {
                let Ok(signed) = SignedDigest::read(&bytes) else {
                    continue;
                };
                let Some((kid, sender)) = signed.kid().and_then(|kid| Some((kid, senders.get(&kid)?))) else {
                    continue;
                };
                if signed.signer == sender.letter && signed.is_by(checked.head.meeting, &sender.letter_key) {
                    checked.digests += 1;
                    proofs.0.entry(kid).or_default().digest(kid, &signed);
                }
            }
            Note::End(end) => checked.ended_at_ms = Some(end.ended_at_ms),
            Note::Head(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "it begins twice")),
            Note::Key(_) | Note::Person(_) => {}
        }
    }
    checked.length_ms = checked.head.length_ms(checked.ended_at_ms, last_us);
    Ok(checked)
}
