//! The documents that members have offered one another, as this device knows them (`docs/protocol.md` §11h).

use std::collections::{BTreeMap, VecDeque};

use incamera_meeting::{LetterId, Offer, Paper, Person, Phase, Refusal, Saying};
use incamera_protocol::document::{DocumentOf, DocumentState, Share};
use incamera_protocol::view::Delivery;
use incamera_protocol::{Bytes, DocumentId, limits};
use openmls_traits::OpenMlsProvider as _;
use openmls_traits::random::OpenMlsRand as _;

use crate::action::{Action, Failure};
use crate::document::{DocumentOpening, DocumentSealing};
use crate::member::Member;

/// A document by who offers it and the house's id for it: nobody's offer takes the place of another's.
type Name = (LetterId, [u8; 16]);

/// What was offered, and what of it newcomers are still to be told.
#[derive(Default)]
pub(crate) struct Papers {
    known: BTreeMap<Name, Known>,
    untold: VecDeque<[u8; 16]>,
}

/// An offer, and who has made it when.
#[derive(Clone)]
struct Known {
    offer: Offer,
    by: Person,
    open: bool,
}

impl Papers {
    fn count(&self, of: impl Fn(&Person) -> bool) -> usize {
        self.known.values().filter(|known| of(&known.by)).count()
    }

    /// For one more of theirs: neither have they offered too many, nor has their delegation.
    fn has_room_for(&self, letter: LetterId, delegation: u16, share: Share) -> bool {
        self.count(|by| by.letter == letter) < limits::DOCUMENTS_OF_ONE_MAX
            && self.count(|by| by.delegation == delegation) < share.documents
    }
}

impl Member {
    /// Begins to seal a file for those who are in the part that runs.
    pub fn seal_document(&self, name: &str, media_type: &str, size: u64) -> Result<DocumentSealing, Failure> {
        let part = self.part_to_write_in()?;
        if size > limits::DOCUMENT_BYTES_MAX {
            return Err(Refusal::TooLarge("document").into());
        }
        let (me, mine) = (self.identity.letter_id(), self.identity.delegation());
        if !self.papers.has_room_for(me, mine, self.share()) {
            return Err(Refusal::TooLarge("list of documents").into());
        }
        let key = self.provider.rand().random_array();
        let key = key.map_err(|_| Failure::Internal("this device gives no random numbers"))?;
        Ok(DocumentSealing::new(part, key, name, media_type, size)?)
    }

    /// Offers a file that is sealed and lies at the house. What was sealed for a part that is over is not offered in another.
    pub fn offer_document(&mut self, sealing: DocumentSealing, id: DocumentId, now_ms: u64) -> Result<(), Failure> {
        self.now_ms = now_ms;
        self.unsettled = true;
        let part = self.part_to_write_in()?;
        let offer = sealing.offer(id)?;
        if offer.part != part {
            return Err(Refusal::DocumentPart.into());
        }
        Ok(self.utter(Saying::Paper(Paper::Offered(offer)))?)
    }

    /// Begins to open what is shown under this id.
    pub fn open_document(&self, id: &str) -> Result<DocumentOpening, Failure> {
        let known = name_of(id).and_then(|name| self.papers.known.get(&name));
        let known = known.ok_or(Refusal::DocumentKeyless)?;
        Ok(DocumentOpening::of(known.offer.clone()))
    }

    /// For requests to the house about documents.
    pub fn ticket(&self) -> Option<&str> {
        self.ticket.as_deref()
    }

    /// The person takes back what they have offered.
    pub(crate) fn withdraw(&mut self, id: &str) -> Result<(), Refusal> {
        let mine = name_of(id).filter(|(letter, _)| *letter == self.identity.letter_id());
        let (_, id) = mine
            .filter(|name| self.papers.known.contains_key(name))
            .ok_or(Refusal::Role)?;
        self.utter(Saying::Paper(Paper::Withdrawn(id)))
    }

    /// Something of a document was said, by me or by somebody else, and has been passed on to everybody.
    pub(crate) fn hear_paper(&mut self, by: &Person, paper: Paper) {
        let Some(context) = self.meeting.group().map(|group| &group.context) else {
            return;
        };
        match paper {
            Paper::Offered(offer) => {
                let name = (by.letter, offer.id);
                let holds = offer.check().is_ok() && offer.part == context.part;
                // What is told again for somebody else is known here already.
                if !holds || self.papers.known.contains_key(&name) || !self.has_room_for(by) {
                    return;
                }
                let (by, open) = (by.clone(), context.phase == Phase::Open);
                let known = Known { offer, by, open };
                self.show_paper(&known, DocumentState::Offered);
                self.papers.known.insert(name, known);
            }
            Paper::Withdrawn(id) => {
                self.papers
                    .untold
                    .retain(|untold| *untold != id || by.letter != self.identity.letter_id());
                if let Some(known) = self.papers.known.remove(&(by.letter, id)) {
                    self.show_paper(&known, DocumentState::Withdrawn);
                }
            }
        }
    }

    fn has_room_for(&self, by: &Person) -> bool {
        self.papers.has_room_for(by.letter, by.delegation, self.share())
    }

    fn share(&self) -> Share {
        Share::of_one_in(self.meeting.charter().delegations.len())
    }

    /// These have come: I tell them what I have offered in the part that runs, when nothing else waits.
    pub(crate) fn tell_newcomers_of_papers(&mut self, newcomers: &[LetterId]) {
        let (me, part) = (
            self.identity.letter_id(),
            self.meeting.group().map(|group| group.context.part),
        );
        let mine = self.papers.known.iter();
        let mine = mine.filter(|((who, _), known)| *who == me && Some(known.offer.part) == part);
        if newcomers.iter().any(|letter| *letter != me) {
            self.papers.untold = mine.map(|((_, id), _)| *id).collect();
        }
    }

    /// The next of it.
    pub(crate) fn next_untold(&mut self) -> Option<Saying> {
        let (me, part) = (self.identity.letter_id(), self.meeting.group()?.context.part);
        loop {
            let id = self.papers.untold.pop_front()?;
            let known = self.papers.known.get(&(me, id));
            if let Some(known) = known.filter(|known| known.offer.part == part) {
                return Some(Saying::Paper(Paper::Offered(known.offer.clone())));
            }
        }
    }

    /// How far an offer of mine has come.
    pub(crate) fn show_my_paper(&mut self, by: &Person, paper: &Paper, delivery: Delivery) {
        let Paper::Offered(offer) = paper else { return };
        let state = match delivery {
            Delivery::Waiting => DocumentState::Waiting,
            // Shown when it is heard.
            Delivery::Passed => return,
            Delivery::Lost => DocumentState::Lost,
        };
        if self.papers.known.contains_key(&(by.letter, offer.id)) {
            return;
        }
        let open = self
            .meeting
            .group()
            .is_some_and(|group| group.context.phase == Phase::Open);
        let (offer, by) = (offer.clone(), by.clone());
        self.show_paper(&Known { offer, by, open }, state);
    }

    /// Forgets every key to a document.
    pub(crate) fn clear_papers(&mut self) {
        for known in std::mem::take(&mut self.papers).known.into_values() {
            self.show_paper(&known, DocumentState::Lost);
        }
    }

    fn show_paper(&mut self, known: &Known, state: DocumentState) {
        let Known { offer, by, open } = known;
        let document = DocumentOf {
            id: Bytes([by.letter.0.as_slice(), &offer.id].concat()).encode(),
            name: by.name.clone(),
            delegation: by.delegation,
            me: by.letter == self.identity.letter_id(),
            part: offer.part,
            open: *open,
            file: offer.name.as_str().to_owned(),
            media_type: offer.kind.media_type().to_owned(),
            size: offer.size,
            state,
        };
        self.act(Action::Document { document });
    }

    /// The part that runs, if this device may write in it.
    fn part_to_write_in(&self) -> Result<u32, Refusal> {
        if self.meeting.is_adjourned() {
            return Err(Refusal::Adjourned);
        }
        let may = self.group.is_some() && self.alarm.is_none() && !self.finished;
        let group = self.meeting.group().filter(|_| may).ok_or(Refusal::NotAMember)?;
        Ok(group.context.part)
    }
}

fn name_of(id: &str) -> Option<Name> {
    let bytes = Bytes::decode(id).ok()?.0;
    let (letter, id) = bytes.split_at_checked(32)?;
    Some((LetterId(letter.try_into().ok()?), id.try_into().ok()?))
}
