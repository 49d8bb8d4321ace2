//! What members sign of what they send in public: handed on to the gallery, for those who are in its slots.
//!
//! The house keeps none of it, and nobody has to believe it: viewers check each signature themselves. It is checked here so
//! that a member cannot have the gallery flooded with what is not even its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use incamera_meeting::{Encode as _, LetterId, SignedDigest};
use incamera_protocol::public::GalleryMessage;
use incamera_protocol::{Bytes, ErrorCode, Kid, KidParts, Stream, limits};

use super::media::Owner;
use super::{Failure, Sitting};
use crate::problem::Problem;
use crate::socket::{Outbox, SocketId, text_of};

/// Who is in the gallery's slots, and what they have signed lately.
#[derive(Default)]
pub(super) struct Shown {
    /// Until when each was last seen there.
    letters: BTreeMap<LetterId, Instant>,
    /// Those whose chain the gallery has been given.
    introduced: BTreeSet<LetterId>,
    /// How many digests of each were handed on in the second that began then.
    counts: BTreeMap<LetterId, (Instant, u32)>,
}

impl Sitting {
    /// Looks who is in the gallery's slots.
    pub(super) fn note_shown(&mut self) {
        let now = Instant::now();
        let sources = self
            .peers
            .values()
            .filter(|peer| matches!(peer.owner, Owner::Viewer(_)));
        let sources = sources.flat_map(|peer| peer.slots.iter().filter_map(|(_, source)| *source));
        let mut seen = BTreeSet::new();
        for source in sources {
            if let Some(Owner::Member(letter)) = self.peers.get(&source.peer).map(|peer| peer.owner) {
                seen.insert(letter);
            }
        }
        let shown = &mut self.shown;
        shown.letters.extend(seen.into_iter().map(|letter| (letter, now)));
        let lately = Duration::from_millis(limits::SHOWN_MS);
        shown.letters.retain(|_, at| now.duration_since(*at) <= lately);
        shown
            .counts
            .retain(|_, (began, _)| now.duration_since(*began) <= lately);
    }

    /// Who sends to the public, by its own signature. Who is in none of the gallery's slots is not heard because others
    /// are; where nobody is in any, everybody counts.
    fn note_sending(&mut self, letter: LetterId, signed: &SignedDigest) {
        let shown = self.shown.letters.is_empty() || self.shown.letters.contains_key(&letter);
        let kid = signed.kid().filter(|_| shown && !signed.digest.frames.is_empty());
        // What is said in a booth is not for the floor, and whoever watches for the house hears the floor alone.
        let of_booth = |kid: &Kid| kid.parts().stream == Stream::Microphone && self.booths.seats(letter);
        if let Some(kid) = kid.filter(|kid| !of_booth(kid)) {
            self.audience.sent(Instant::now(), kid.parts().stream);
        }
    }

    /// A member signs for what it has sent.
    pub(super) fn digest(&mut self, socket: SocketId, bytes: Bytes) -> Result<(), Failure> {
        let leaf = self.leaf_of(socket)?;
        let person = self.known(socket)?.person.clone();
        let signed = SignedDigest::read(&bytes.0)?;
        let founding = self.meeting.group().map(|group| group.founding);
        // Whoever signs first for a key is whom viewers hold its frames against: that is to be its holder.
        let holds = |kid: KidParts| kid.leaf == leaf && Some(kid.founding) == founding;
        let own = signed.signer == person.letter && signed.kid().is_some_and(|kid| holds(kid.parts()));
        if !own || !signed.is_by(self.meeting.id(), &person.letter_key) {
            return Err(Problem::new(ErrorCode::Proof, "This is not signed by the one who sent it.").into());
        }
        self.note_sending(person.letter, &signed);
        if self.viewers.is_empty() || !self.shown.letters.contains_key(&person.letter) {
            return Ok(());
        }
        let now = Instant::now();
        let (began, count) = self.shown.counts.entry(person.letter).or_insert((now, 0));
        if now.duration_since(*began) >= Duration::from_secs(1) {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        if *count > limits::DIGESTS_PER_SECOND {
            return Ok(());
        }
        if self.shown.introduced.insert(person.letter)
            && let Some(introduction) = self.introduction(person.letter)
        {
            self.tell_viewers(&introduction);
        }
        self.tell_viewers(&GalleryMessage::Digest { digest: bytes });
        Ok(())
    }

    /// Whoever came to the gallery later is told who signs as well.
    pub(super) fn introduce_to(&self, outbox: &Outbox) {
        if !self.is_open() {
            return;
        }
        for letter in &self.shown.introduced {
            if let Some(introduction) = self.introduction(*letter) {
                outbox.send(text_of(&introduction));
            }
        }
    }

    fn introduction(&self, letter: LetterId) -> Option<GalleryMessage> {
        let credential = Bytes(self.meeting.credential_of(letter)?.encode());
        Some(GalleryMessage::Signer { credential })
    }
}
