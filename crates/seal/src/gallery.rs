//! The public's opener: disclosed keys of open parts, and nothing else; and whether what it opens is what was sent.

use std::collections::BTreeMap;

use incamera_frame::{DisclosedKey, disclosed_key};
use incamera_meeting::{Credential, FrameHash, LetterId, PublicKey, Right, Role, SignedCharter, SignedDigest};
use incamera_protocol::public::Disclosure;
use incamera_protocol::{Kid, Leaf, MediaKind, MeetingId, Stream, limits};
use sframe::frame::EncryptedFrameView;

use crate::action::{Counters, Failure};
use crate::media::{Opened, Refused, kid_of, split};
use crate::proof::{Proof, Tally, Verdict};

/// Keys kept at once: every member of the largest group with every stream.
const KEYS_MAX: usize = limits::MEMBERS_MAX * 2;

/// Opens frames with disclosed keys. A frame under any other key stays shut.
#[derive(Default)]
pub struct Gallery {
    keys: BTreeMap<Kid, DisclosedKey>,
    proofs: BTreeMap<Kid, Proof>,
    /// Of those that were let go of.
    past: Tally,
    charter: Option<(MeetingId, Box<SignedCharter>)>,
    /// Whose signature counts, by letter.
    signers: BTreeMap<LetterId, Signer>,
    counters: Counters,
}

/// Somebody whose letter leads back to the charter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signer {
    key: PublicKey,
    name: String,
    delegation: u16,
    role: Role,
}

/// What is to be said of one stream of one sender.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// The sender's leaf.
    pub leaf: Leaf,
    /// What is sent.
    pub stream: Stream,
    /// Whether it is what was sent.
    pub verdict: Verdict,
    /// Whose signature says so, as their letter names them; none if there is no signature.
    pub name: Option<String>,
    /// Index of their delegation.
    pub delegation: Option<u16>,
    /// Their role, as their letter says.
    pub role: Option<&'static str>,
}

impl Gallery {
    /// Without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// From which charter on signatures count. Refuses one that is not this meeting's.
    pub fn trust(&mut self, meeting: MeetingId, charter: &[u8]) -> Result<(), Failure> {
        let charter = SignedCharter::open_as(meeting, charter)?;
        self.charter = Some((meeting, Box::new(charter)));
        Ok(())
    }

    /// Somebody who signs what they send. Passed over if their letter does not lead back to the charter.
    pub fn signer(&mut self, credential: &[u8]) {
        let Some((_, charter)) = &self.charter else { return };
        let person = Credential::read(credential).and_then(|it| it.verify(&charter.charter));
        if let Ok(person) = person
            && self.signers.len() < limits::SIGNERS_MAX
        {
            let signer = Signer {
                key: person.letter_key,
                name: person.name,
                delegation: person.delegation,
                role: person.role,
            };
            self.signers.insert(person.letter, signer);
        }
    }

    /// What somebody has signed. Passed over if the signature does not hold, or the key was not disclosed.
    pub fn digest(&mut self, bytes: &[u8]) {
        let Some((meeting, _)) = &self.charter else { return };
        let Ok(signed) = SignedDigest::read(bytes) else { return };
        let by = self.signers.get(&signed.signer);
        let holds = by.is_some_and(|signer| signed.is_by(*meeting, &signer.key));
        if let Some(kid) = signed.kid()
            && holds
            && self.keys.contains_key(&kid)
        {
            self.proof(kid).digest(kid, &signed);
        }
    }

    /// Takes disclosed keys in. A key that is malformed, or of a closed part, is passed over.
    pub fn disclose(&mut self, keys: &[Disclosure]) {
        for disclosure in keys.iter().filter(|disclosure| disclosure.kid.parts().open) {
            if let Ok(key) = disclosed_key(disclosure)
                && self.keys.len() < KEYS_MAX
            {
                self.keys.insert(disclosure.kid, key);
            }
        }
    }

    /// Forgets all keys: the part has ended.
    pub fn forget(&mut self) {
        self.keys.clear();
        self.proofs.clear();
    }

    /// Opens one frame as it came off the wire.
    pub fn open(&mut self, kind: MediaKind, frame: &[u8]) -> Result<Opened, Refused> {
        let opened = self.try_open(kind, frame);
        match &opened {
            Ok(opened) => {
                self.counters.opened += 1;
                self.proof(opened.kid)
                    .frame(opened.kid, opened.counter, FrameHash::of(frame));
            }
            Err(_) => self.counters.refused += 1,
        }
        opened
    }

    /// Opens one frame that came where a channel's sound comes. Not from somebody whose signed letter is known and is not
    /// an interpreter's: who is on air members tell one another, and the public has the house's word for it.
    pub fn open_channel(&mut self, frame: &[u8]) -> Result<Opened, Refused> {
        let signer = kid_of(MediaKind::Audio, frame)
            .and_then(|kid| self.proofs.get(&kid)?.signer())
            .and_then(|letter| self.signers.get(&letter));
        if signer.is_some_and(|signer| !signer.role.may(Right::Interpret)) {
            self.counters.refused += 1;
            return Err(Refused::WrongPlace);
        }
        self.open(MediaKind::Audio, frame)
    }

    /// What is held against the digests of this key. The key of the earliest epoch makes room.
    fn proof(&mut self, kid: Kid) -> &mut Proof {
        while self.proofs.len() >= limits::PROOFS_MAX && !self.proofs.contains_key(&kid) {
            if let Some((kid, proof)) = self.proofs.pop_first() {
                self.past = self.past.and(proof.finish(kid));
            }
        }
        self.proofs.entry(kid).or_default()
    }

    fn try_open(&self, kind: MediaKind, frame: &[u8]) -> Result<Opened, Refused> {
        let (clear, sealed) = split(kind, frame)?;
        let view = EncryptedFrameView::try_with_meta_data(sealed, clear).map_err(|_| Refused::Malformed)?;
        let kid = Kid::from_number(view.header().key_id()).map_err(|_| Refused::UnknownKey)?;
        let key = self.keys.get(&kid).ok_or(Refused::UnknownKey)?;
        let parts = kid.parts();
        if parts.stream.kind() != kind {
            return Err(Refused::WrongStream);
        }
        let plain = incamera_frame::open_disclosed(key, &view).ok_or(Refused::Forged)?;
        Ok(Opened {
            leaf: parts.leaf,
            stream: parts.stream,
            open: true,
            kid,
            counter: view.header().counter(),
            frame: plain,
        })
    }

    /// What is to be said of each stream now, those of one sender's latest key. To be called a few times a second.
    pub fn look(&mut self, now_ms: u64) -> Vec<Shown> {
        let mut all: BTreeMap<(Leaf, Stream), Shown> = BTreeMap::new();
        // In the order of their numbers: of the keys of one leaf the last is that of the latest epoch.
        for (kid, proof) in &mut self.proofs {
            let parts = kid.parts();
            let verdict = proof.look(*kid, now_ms);
            let signer = proof.signer().and_then(|letter| self.signers.get(&letter));
            let shown = Shown {
                leaf: parts.leaf,
                stream: parts.stream,
                verdict,
                name: signer.map(|signer| signer.name.clone()),
                delegation: signer.map(|signer| signer.delegation),
                role: signer.map(|signer| signer.role.word()),
            };
            let place = all.entry((parts.leaf, parts.stream)).or_insert_with(|| shown.clone());
            // A gap of the key before is one of what is shown until it is over.
            if verdict == Verdict::Gap || place.verdict != Verdict::Gap && verdict != Verdict::Unknown {
                *place = shown;
            }
        }
        all.into_values().collect()
    }

    /// What became of all frames so far.
    pub fn tally(&self) -> Tally {
        let all = self.proofs.values().map(Proof::tally);
        all.fold(self.past, Tally::and)
    }

    /// What has gone through so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
