//! The desk of a delegation, sans-IO: the delegation's key, its letters, who waits, who was sent away.

mod publish;

use std::collections::{BTreeSet, VecDeque};

use incamera_meeting::{
    Act, Claim, Credential, DelegationSecret, DeskLink, Encode as _, Entry, Letter, LetterId, LetterLink, Link,
    Meeting, Person, Refusal, Role, Seed, Signed, SignedCharter,
};
use incamera_protocol::desk::{DeskCommand, DeskLetter, DeskMessage, DeskServerMessage, DeskState, DeskView};
use incamera_protocol::view::WaitingOf;
use incamera_protocol::{Bytes, ErrorCode, MeetingId, limits};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::random::OpenMlsRand as _;
use openmls_traits::types::AeadType;
use zeroize::Zeroizing;

use crate::action::Failure;
use crate::code;
use crate::identity::check_slot;
use crate::receive::id_of;

/// Bytes of an AES-GCM nonce.
const NONCE_LEN: usize = 12;

/// Something for the desk's surroundings to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeskAction {
    /// Send this on the socket.
    Send {
        /// The message.
        message: DeskMessage,
    },
    /// Show this.
    View {
        /// The whole of it.
        view: Box<DeskView>,
    },
    /// Something was refused.
    Notice {
        /// One sentence.
        message: String,
    },
    /// It cannot go on.
    Fatal {
        /// What kind.
        code: ErrorCode,
        /// One sentence.
        message: String,
    },
}

/// A delegation's desk.
pub struct Desk {
    rules: Meeting,
    claim: Signed<Claim>,
    seed: Seed,
    meeting_secret: Zeroizing<[u8; 32]>,
    minted: Vec<Minted>,
    /// How many letters the notebook had that went out last on this connection.
    noted: Option<usize>,
    state: Option<DeskState>,
    published: publish::Published,
    connected: bool,
    finished: bool,
    crypto: RustCrypto,
    actions: VecDeque<DeskAction>,
}

/// A letter that this delegation has minted, as its notebook keeps it.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Minted {
    letter: Signed<Letter>,
    seed: Bytes,
}

impl Desk {
    /// A desk. With a delegation's link it makes the delegation's key, once and for all: keep [`Desk::fragment`].
    /// With the desk's own link it is the same desk again. `random` must give fresh random bytes at each call.
    pub fn new(
        meeting: MeetingId,
        charter: &[u8],
        fragment: &str,
        now_ms: u64,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Failure> {
        let charter = SignedCharter::open_as(meeting, charter)?;
        let link = match Link::from_fragment(fragment).map_err(|_| Failure::Link)? {
            Link::Delegation(link) => {
                check_slot(&charter, &link)?;
                let seed = Seed::new(random());
                let claim = Signed::claim(meeting, link.delegation, &link.slot_seed, seed.public_key());
                DeskLink::new(claim, seed, *link.meeting_secret())
            }
            Link::Desk(link) => *link,
            Link::Letter(_) => return Err(Failure::NoDesk),
            Link::Convener(_) => return Err(Failure::Link),
        };
        link.claim.check(&charter.charter).map_err(|_| Failure::Link)?;
        if link.claim.body.delegation_key != link.delegation_seed.public_key() {
            return Err(Failure::Link);
        }
        Ok(Self {
            rules: Meeting::convene(charter, now_ms),
            claim: link.claim.clone(),
            seed: link.delegation_seed.clone(),
            meeting_secret: Zeroizing::new(*link.meeting_secret()),
            minted: Vec::new(),
            noted: None,
            state: None,
            published: publish::Published::default(),
            connected: false,
            finished: false,
            crypto: RustCrypto::default(),
            actions: VecDeque::new(),
        })
    }

    /// What stands after the `#` of the desk's own link. Secret: whoever holds it speaks for the delegation.
    pub fn fragment(&self) -> String {
        DeskLink::new(self.claim.clone(), self.seed.clone(), *self.meeting_secret).fragment()
    }

    /// Index into the charter's delegations.
    pub fn delegation(&self) -> u16 {
        self.claim.body.delegation
    }

    /// The socket is down.
    pub fn disconnected(&mut self) {
        self.connected = false;
        self.show();
    }

    /// Something has come from the server. Nothing of it is believed that is not signed.
    pub fn receive(&mut self, message: DeskServerMessage) {
        if self.finished {
            return;
        }
        match message {
            DeskServerMessage::Challenge { nonce, charter } => self.take_challenge(&nonce, &charter),
            DeskServerMessage::State { state } => self.take_state(*state),
            DeskServerMessage::Joint { joint } => self.take_joint(&joint),
            // The house's own trouble: it has closed the socket, and the next one says hello again.
            DeskServerMessage::Refused {
                code: ErrorCode::Unavailable | ErrorCode::Internal,
                message,
                ..
            } => self.actions.push_back(DeskAction::Notice { message }),
            DeskServerMessage::Refused { re, code, message } if re == "hello" => self.fatal(code, message),
            DeskServerMessage::Refused { message, .. } => self.actions.push_back(DeskAction::Notice { message }),
        }
    }

    /// The person at the desk wants something. A refusal changes nothing. `random` must give fresh random bytes.
    pub fn command(
        &mut self,
        command: &DeskCommand,
        now_ms: u64,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<(), Failure> {
        match command {
            DeskCommand::Mint {
                name,
                role,
                ask,
                not_after_ms,
            } => self.mint(name, role, *ask, *not_after_ms, now_ms, Seed::new(random()))?,
            DeskCommand::Admit { id } => {
                let waiting = self.people(|state| &state.waiting);
                let person = waiting.iter().find(|person| id_of(person) == *id);
                let person = person.ok_or(Refusal::NotAMember)?;
                let (meeting, delegation) = (self.rules.id(), self.delegation());
                let act = Signed::admit(
                    meeting,
                    delegation,
                    person.letter,
                    person.device_key,
                    now_ms,
                    &self.seed,
                );
                self.say_act(&act);
            }
            DeskCommand::Revoke { id } => {
                let letter = self.letters().into_iter().find(|letter| letter.id == *id);
                let letter = letter
                    .and_then(|letter| letter_id_of(&letter.id))
                    .ok_or(Refusal::Malformed)?;
                let act = Signed::revoke(self.rules.id(), self.delegation(), letter, now_ms, &self.seed);
                self.say_act(&act);
            }
            DeskCommand::Publish { texts } => self.publish(texts, now_ms)?,
            DeskCommand::ProposeJoint { signers, texts } => self.propose(signers, texts, now_ms)?,
            DeskCommand::CorrectJoint { id, texts } => self.correct_joint(id, texts, now_ms)?,
            DeskCommand::SignJoint { id } => self.sign_joint(id)?,
        }
        self.show();
        Ok(())
    }

    /// What is to be done next; call until `None` after every other call.
    pub fn poll(&mut self) -> Option<DeskAction> {
        self.actions.pop_front()
    }

    fn say_act(&mut self, act: &Signed<Act>) {
        let message = DeskMessage::Act {
            act: Bytes(act.encode()),
        };
        self.actions.push_back(DeskAction::Send { message });
    }

    fn fatal(&mut self, code: ErrorCode, message: String) {
        self.finished = true;
        self.connected = false;
        self.actions.push_back(DeskAction::Fatal { code, message });
    }

    fn take_challenge(&mut self, nonce: &Bytes, charter: &Bytes) {
        if SignedCharter::open_as(self.rules.id(), &charter.0).is_err() {
            let refusal = Refusal::CharterAltered;
            return self.fatal(refusal.code(), refusal.to_string());
        }
        self.noted = None;
        let signed = [self.rules.id().0.as_slice(), &nonce.0].concat();
        let message = DeskMessage::Hello {
            claim: Bytes(self.claim.encode()),
            proof: Bytes(self.seed.sign("desk", &signed).to_vec()),
        };
        self.actions.push_back(DeskAction::Send { message });
    }

    fn take_state(&mut self, state: DeskState) {
        self.connected = true;
        let claims: Vec<_> = state
            .claims
            .iter()
            .flatten()
            .filter_map(|bytes| Signed::<Claim>::read(&bytes.0).ok())
            .collect();
        let acts: Vec<_> = state
            .revocations
            .iter()
            .filter_map(|bytes| Signed::<Act>::read(&bytes.0).ok())
            .collect();
        self.rules.learn_register(&claims, &acts);
        // What was noted elsewhere and is not known here is taken in; what was minted here stays.
        let noted = state.notebook.as_ref().and_then(|sealed| self.open_notebook(sealed));
        let noted = noted.unwrap_or_default();
        let lost = self
            .minted
            .iter()
            .any(|known| !noted.iter().any(|minted| minted.letter == known.letter));
        for minted in noted {
            if !self.minted.iter().any(|known| known.letter == minted.letter) {
                self.minted.push(minted);
            }
        }
        // The note was lost with a connection, or another desk of this delegation wrote at the same moment.
        // Once: a server that gives an old notebook back again and again is not answered again and again.
        if lost && self.noted != Some(self.minted.len()) {
            self.note();
        }
        self.take_readout(&state);
        self.state = Some(state);
        self.show();
    }

    fn mint(
        &mut self,
        name: &str,
        role: &str,
        ask: bool,
        not_after_ms: u64,
        now_ms: u64,
        seed: Seed,
    ) -> Result<(), Failure> {
        if !self.connected {
            // What was noted elsewhere is not known yet, and would be lost.
            return Err(Refusal::Phase.into());
        }
        let role = Role::of_word(role).ok_or(Refusal::Malformed)?;
        let entry = if ask { Entry::WhenLetIn } else { Entry::AtOnce };
        let latest = self
            .rules
            .charter()
            .convened_at_ms
            .saturating_add(limits::LETTER_VALIDITY_MS_MAX);
        if not_after_ms <= now_ms {
            return Err(Refusal::LetterExpired.into());
        }
        if not_after_ms > latest {
            return Err(Refusal::Credential("it is valid for longer than a letter may be").into());
        }
        let (meeting, delegation) = (self.rules.id(), self.delegation());
        let letter = Letter::new(meeting, delegation, name, role, entry, seed.public_key(), not_after_ms)?;
        self.minted.push(Minted {
            letter: Signed::new("letter", letter, &self.seed),
            seed: Bytes(seed.reveal().to_vec()),
        });
        if self.note() {
            return Ok(());
        }
        self.minted.pop();
        Err(Refusal::TooLarge("list of letters").into())
    }

    /// Has the server keep the list of letters, unless it is too long.
    fn note(&mut self) -> bool {
        let Some(notebook) = self.seal_notebook() else {
            return false;
        };
        self.noted = Some(self.minted.len());
        let message = DeskMessage::Note { notebook };
        self.actions.push_back(DeskAction::Send { message });
        true
    }

    /// The notebook under a key that only the delegation's key gives: AES-256-GCM, nonce first, meeting id as
    /// associated data.
    fn seal_notebook(&self) -> Option<Bytes> {
        let plain = Zeroizing::new(serde_json::to_vec(&self.minted).ok()?);
        let key = Zeroizing::new(self.seed.derive("notebook"));
        let nonce = self.crypto.random_array::<NONCE_LEN>().ok()?;
        let meeting = self.rules.id().0;
        let sealed = self
            .crypto
            .aead_encrypt(AeadType::Aes256Gcm, key.as_slice(), &plain, &nonce, &meeting)
            .ok()?;
        let sealed = [nonce.as_slice(), &sealed].concat();
        (sealed.len() <= limits::NOTEBOOK_BYTES_MAX).then_some(Bytes(sealed))
    }

    fn open_notebook(&self, sealed: &Bytes) -> Option<Vec<Minted>> {
        let (nonce, sealed) = sealed.0.split_at_checked(NONCE_LEN)?;
        let key = Zeroizing::new(self.seed.derive("notebook"));
        let meeting = self.rules.id().0;
        let plain = self
            .crypto
            .aead_decrypt(AeadType::Aes256Gcm, key.as_slice(), sealed, nonce, &meeting)
            .ok()?;
        serde_json::from_slice(&Zeroizing::new(plain)).ok()
    }

    fn people(&self, list: impl Fn(&DeskState) -> &Vec<Bytes>) -> Vec<Person> {
        let state = self.state.iter();
        state
            .flat_map(list)
            .filter_map(|bytes| Credential::read(&bytes.0).ok()?.verify(self.rules.charter()).ok())
            .filter(|person| person.claim == self.claim)
            .collect()
    }

    fn letters(&self) -> Vec<DeskLetter> {
        let used = self.people(|state| &state.used);
        let present: BTreeSet<LetterId> = self
            .people(|state| &state.present)
            .iter()
            .map(|person| person.letter)
            .collect();
        let of = |letter: &Letter, fragment: Option<String>| {
            let id = letter.id();
            DeskLetter {
                id: Bytes(id.0.to_vec()).encode(),
                name: letter.name.as_str().to_owned(),
                role: letter.role.word().to_owned(),
                ask: letter.entry == Entry::WhenLetIn,
                not_after_ms: letter.not_after_ms,
                used: used.iter().any(|person| person.letter == id),
                present: present.contains(&id),
                revoked: self.rules.is_letter_revoked(self.delegation(), id),
                fragment,
            }
        };
        let minted = self.minted.iter().map(|minted| {
            let seed = <[u8; 32]>::try_from(minted.seed.0.as_slice()).unwrap_or_default();
            let (claim, letter) = (self.claim.clone(), minted.letter.clone());
            let aside = DelegationSecret::of(&self.seed);
            let link = LetterLink::new(claim, letter, Seed::new(seed), *self.meeting_secret, aside);
            of(&minted.letter.body, Some(link.fragment()))
        });
        let mut letters: Vec<DeskLetter> = minted.collect();
        // Used and not in the notebook: the letter that a delegation's first client gave itself.
        let state = self.state.iter();
        let others = state
            .flat_map(|state| &state.used)
            .filter_map(|bytes| Credential::read(&bytes.0).ok())
            .filter(|credential| credential.claim == self.claim && credential.verify(self.rules.charter()).is_ok());
        for credential in others {
            let letter = of(&credential.letter.body, None);
            if !letters.iter().any(|known| known.id == letter.id) {
                letters.push(letter);
            }
        }
        letters
    }

    fn show(&mut self) {
        let view = DeskView {
            delegation: self.delegation(),
            connected: self.connected,
            fingerprints: code::fingerprints(&self.rules),
            letters: self.letters(),
            waiting: self
                .people(|state| &state.waiting)
                .iter()
                .map(|person| self.waiting_of(person))
                .collect(),
            readout: self.readout_view(),
            joints: self.joint_views(),
            public: self.state.as_ref().map(|state| state.public.clone()),
        };
        self.actions.push_back(DeskAction::View { view: Box::new(view) });
    }

    fn waiting_of(&self, person: &Person) -> WaitingOf {
        let used = self.people(|state| &state.used);
        WaitingOf {
            id: id_of(person),
            name: person.name.clone(),
            delegation: person.delegation,
            role: person.role.word().to_owned(),
            instead: used
                .iter()
                .any(|other| other.letter == person.letter && other.device_key != person.device_key),
        }
    }
}

fn letter_id_of(id: &str) -> Option<LetterId> {
    let bytes = Bytes::decode(id).ok()?;
    Some(LetterId(bytes.0.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use incamera_meeting::{Draft, DraftItem};
    use incamera_protocol::public::{PublicPhase, PublicState};

    const NOW_MS: u64 = 1_700_000_000_000;

    fn chance() -> impl FnMut() -> [u8; 32] {
        let mut count = 0u8;
        move || {
            count += 1;
            [count; 32]
        }
    }

    fn founded() -> (MeetingId, Vec<u8>, String) {
        let draft = Draft {
            title: "Talks".to_owned(),
            languages: Vec::new(),
            delegations: vec!["Ardania".to_owned(), "Borland".to_owned()],
            agenda: vec![DraftItem {
                title: "Opening".to_owned(),
                public: true,
                ground: String::new(),
            }],
            ..Draft::default()
        };
        let (charter, links) = draft.convene(NOW_MS, chance()).unwrap();
        (charter.charter.id(), charter.encode(), links[0].fragment())
    }

    fn state(meeting: MeetingId, notebook: Option<Bytes>) -> DeskServerMessage {
        let public = PublicState {
            meeting,
            title: String::new(),
            delegations: Vec::new(),
            agenda: Vec::new(),
            phase: PublicPhase::Convened,
            part: 0,
            item: None,
            since_ms: 0,
            convened_at_ms: NOW_MS,
            started_at_ms: None,
            adjourned_at_ms: None,
            parts: Vec::new(),
            present: Vec::new(),
            announcements: Vec::new(),
            published: 0,
            reports: false,
            pauses: false,
            unheard_since_ms: None,
            attended: Vec::new(),
            from_house: None,
        };
        let state = DeskState {
            claims: Vec::new(),
            used: Vec::new(),
            present: Vec::new(),
            waiting: Vec::new(),
            revocations: Vec::new(),
            notebook,
            readout: None,
            public,
        };
        DeskServerMessage::State { state: Box::new(state) }
    }

    fn mint(desk: &mut Desk, name: &str, seed: u8) {
        let mint = DeskCommand::Mint {
            name: name.to_owned(),
            role: "adviser".to_owned(),
            ask: true,
            not_after_ms: NOW_MS + 1_000,
        };
        desk.command(&mint, NOW_MS, || [seed; 32]).unwrap();
    }

    fn notes(desk: &mut Desk) -> Vec<Bytes> {
        std::iter::from_fn(|| desk.poll())
            .filter_map(|action| match action {
                DeskAction::Send {
                    message: DeskMessage::Note { notebook },
                } => Some(notebook),
                _ => None,
            })
            .collect()
    }

    fn names(desk: &Desk) -> Vec<String> {
        desk.letters().into_iter().map(|letter| letter.name).collect()
    }

    fn two_desks() -> (MeetingId, Vec<u8>, Desk, Desk) {
        let (meeting, charter, link) = founded();
        let one = Desk::new(meeting, &charter, &link, NOW_MS, chance()).unwrap();
        let other = Desk::new(meeting, &charter, &one.fragment(), NOW_MS, chance()).unwrap();
        (meeting, charter, one, other)
    }

    #[test]
    fn a_note_that_was_lost_with_a_connection_is_written_again() {
        let (meeting, charter, mut desk, _) = two_desks();
        desk.receive(state(meeting, None));
        mint(&mut desk, "Ana", 7);
        assert_eq!(notes(&mut desk).len(), 1);
        desk.disconnected();
        let nonce = Bytes(vec![1; 32]);
        desk.receive(DeskServerMessage::Challenge {
            nonce,
            charter: Bytes(charter),
        });
        desk.receive(state(meeting, None));
        assert_eq!(notes(&mut desk).len(), 1);
        // A server that does not keep it is not asked again and again.
        desk.receive(state(meeting, None));
        assert!(notes(&mut desk).is_empty());
    }

    #[test]
    fn two_desks_that_mint_at_the_same_moment_lose_no_letter() {
        let (meeting, _, mut one, mut other) = two_desks();
        one.receive(state(meeting, None));
        other.receive(state(meeting, None));
        mint(&mut one, "Ana", 7);
        mint(&mut other, "Ben", 8);
        let _overwritten = notes(&mut one);
        let kept = notes(&mut other).pop().unwrap();
        one.receive(state(meeting, Some(kept)));
        let both = notes(&mut one).pop().unwrap();
        other.receive(state(meeting, Some(both)));
        assert!(notes(&mut other).is_empty());
        assert_eq!(names(&one), ["Ana", "Ben"]);
        assert_eq!(names(&other), ["Ben", "Ana"]);
    }

    #[test]
    fn a_house_in_trouble_does_not_end_the_desk() {
        let (meeting, _, mut desk, _) = two_desks();
        let refused = |code| DeskServerMessage::Refused {
            re: "hello".to_owned(),
            code,
            message: "no".to_owned(),
        };
        desk.receive(refused(ErrorCode::Unavailable));
        desk.receive(state(meeting, None));
        mint(&mut desk, "Ana", 7);
        desk.receive(refused(ErrorCode::SlotTaken));
        assert!(matches!(
            std::iter::from_fn(|| desk.poll()).last(),
            Some(DeskAction::Fatal {
                code: ErrorCode::SlotTaken,
                ..
            })
        ));
    }
}
