//! The browser's shell over seal and meeting: strings and bytes in, strings and bytes out. No logic of its own.

use incamera_meeting::{
    Announcement, ClosingRule, Draft, Encode as _, Entry, Link, OpeningRule, Plan, Signed, SignedCharter,
};
use incamera_protocol::desk::DeskCommand;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::Command;
use incamera_protocol::{Bytes, MediaKind, MeetingId, Stream};
use incamera_seal::{Counters, Opened as OpenedFrame};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    // The browser's generator does not fail; without it nothing here may go on.
    if getrandom_04::fill(&mut bytes).is_err() {
        wasm_bindgen::throw_str("This browser gives no random numbers.");
    }
    bytes
}

fn refuse(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn milliseconds(time: f64) -> u64 {
    // JavaScript's clock in whole milliseconds: far below 2^53.
    time as u64
}

fn kind_of(kind: u8) -> Result<MediaKind, JsError> {
    match kind {
        0 => Ok(MediaKind::Audio),
        1 => Ok(MediaKind::Video),
        _ => Err(JsError::new("no such kind of media")),
    }
}

/// Makes a charter and the delegations' links from what a person entered:
/// `{title, languages, delegations: [{name}], agenda: [{title, public, ground}], opening_chair, closing_chair, reports, pauses}` (the
/// chairs are indices of delegations, or null: opening takes all, closing takes one), and perhaps
/// `plan: {starts_at_ms, minutes, place, public_from_ms}`, which is announced. Gives
/// `{meeting, charter, announcement, delegations: [{name, fragment}], convener}`; `announcement` is null without a plan,
/// `convener` what stands after the `#` of the convener's own link.
#[wasm_bindgen]
pub fn convene(draft: &str, now_ms: f64) -> Result<String, JsError> {
    let form: ConveneForm = serde_json::from_str(draft).map_err(refuse)?;
    let names: Vec<String> = form.delegations.into_iter().map(|delegation| delegation.name).collect();
    let draft = Draft {
        title: form.title,
        languages: form.languages,
        delegations: names.clone(),
        agenda: form.agenda,
        opening_chair: form.opening_chair,
        closing_chair: form.closing_chair,
        reports: form.reports,
        pauses: form.pauses,
    };
    let now = milliseconds(now_ms);
    let founded = draft.found(now, random).map_err(refuse)?;
    let (charter, links) = (founded.charter, founded.delegations);
    let meeting = charter.charter.id();
    let announcement = match &form.plan {
        Some(plan) => {
            let signed = Signed::announcement(meeting, None, plan, now, &founded.convener.convener_seed);
            let signed = signed.map_err(refuse)?;
            signed.check(meeting, &charter.charter).map_err(refuse)?;
            Some(Bytes(signed.encode()))
        }
        None => None,
    };
    let delegations: Vec<serde_json::Value> = names
        .iter()
        .zip(&links)
        .map(|(name, link)| serde_json::json!({"name": name, "fragment": link.fragment()}))
        .collect();
    Ok(json(&serde_json::json!({
        "meeting": meeting,
        "charter": Bytes(charter.encode()),
        "announcement": announcement,
        "delegations": delegations,
        "convener": founded.convener.fragment(),
    })))
}

/// Signs the next version of the announcement with what stands after the `#` of the convener's link. `announced` are the
/// versions so far, as the server gives them (a JSON list); each is checked. Gives the signed version, to be sent.
#[wasm_bindgen]
pub fn announce(
    meeting: &str,
    charter: &str,
    fragment: &str,
    announced: &str,
    plan: &str,
    now_ms: f64,
) -> Result<String, JsError> {
    let meeting: MeetingId = meeting.parse().map_err(refuse)?;
    let bytes = Bytes::decode(charter).map_err(refuse)?;
    let charter = SignedCharter::open_as(meeting, &bytes.0).map_err(refuse)?.charter;
    let Ok(Link::Convener(link)) = Link::from_fragment(fragment) else {
        return Err(refuse(incamera_seal::Failure::Link));
    };
    let plan: Plan = serde_json::from_str(plan).map_err(refuse)?;
    let announced: Vec<Bytes> = serde_json::from_str(announced).map_err(refuse)?;
    let mut last: Option<Signed<Announcement>> = None;
    for bytes in &announced {
        let signed = Signed::<Announcement>::read(&bytes.0).map_err(refuse)?;
        signed.check(meeting, &charter).map_err(refuse)?;
        last = Some(signed);
    }
    let previous = last.as_ref().map(|signed| &signed.body);
    let signed = Signed::announcement(meeting, previous, &plan, milliseconds(now_ms), &link.convener_seed);
    let signed = signed.map_err(refuse)?;
    signed.check(meeting, &charter).map_err(refuse)?;
    Ok(Bytes(signed.encode()).encode())
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ConveneForm {
    title: String,
    #[serde(default)]
    languages: Vec<String>,
    delegations: Vec<ConveneDelegation>,
    agenda: Vec<incamera_meeting::DraftItem>,
    #[serde(default)]
    opening_chair: Option<u16>,
    #[serde(default)]
    closing_chair: Option<u16>,
    #[serde(default)]
    reports: bool,
    #[serde(default)]
    pauses: bool,
    #[serde(default)]
    plan: Option<Plan>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ConveneDelegation {
    name: String,
}

/// Checks a charter against the meeting id of the link, and gives it as
/// `{title, languages, delegations: [{name}], agenda: [{title, public, ground}], opening_chair, closing_chair, reports, pauses}`.
#[wasm_bindgen]
pub fn read_charter(meeting: &str, charter: &str) -> Result<String, JsError> {
    let meeting: MeetingId = meeting.parse().map_err(refuse)?;
    let bytes = Bytes::decode(charter).map_err(refuse)?;
    let charter = SignedCharter::open_as(meeting, &bytes.0).map_err(refuse)?.charter;
    let delegations: Vec<serde_json::Value> = charter
        .delegations
        .iter()
        .map(|slot| serde_json::json!({"name": slot.name.as_str()}))
        .collect();
    let agenda: Vec<serde_json::Value> = charter
        .agenda
        .iter()
        .map(|item| {
            serde_json::json!({
                "title": item.title.as_str(),
                "public": item.public == 1,
                "ground": item.ground.as_str(),
            })
        })
        .collect();
    let languages: Vec<&str> = charter.languages.iter().map(|tag| tag.as_str()).collect();
    Ok(json(&serde_json::json!({
        "title": charter.title.as_str(),
        "languages": languages,
        "delegations": delegations,
        "agenda": agenda,
        "opening_chair": chair_of_opening(charter.opening),
        "closing_chair": chair_of_closing(charter.closing),
        "reports": charter.reports(),
        "pauses": charter.pauses(),
    })))
}

fn chair_of_opening(rule: OpeningRule) -> Option<u16> {
    match rule {
        OpeningRule::AllDelegations => None,
        OpeningRule::Chair(chair) => Some(chair),
    }
}

fn chair_of_closing(rule: ClosingRule) -> Option<u16> {
    match rule {
        ClosingRule::AnyPrincipal => None,
        ClosingRule::Chair(chair) => Some(chair),
    }
}

/// What a link is, from what stands after its `#`: `{kind: "delegation" | "letter" | "desk", delegation}`, and for a
/// letter also `{name, role, not_after_ms, ask}`. The link is checked against the charter.
#[wasm_bindgen]
pub fn read_link(meeting: &str, charter: &str, fragment: &str) -> Result<String, JsError> {
    let meeting: MeetingId = meeting.parse().map_err(refuse)?;
    let bytes = Bytes::decode(charter).map_err(refuse)?;
    let charter = SignedCharter::open_as(meeting, &bytes.0).map_err(refuse)?.charter;
    let wrong = || refuse(incamera_seal::Failure::Link);
    let link = Link::from_fragment(fragment).map_err(|_| wrong())?;
    let read = match &link {
        Link::Delegation(link) => {
            let slot = charter.delegations.get(usize::from(link.delegation));
            if slot.is_none_or(|slot| slot.key != link.slot_seed.public_key()) {
                return Err(wrong());
            }
            serde_json::json!({"kind": "delegation", "delegation": link.delegation})
        }
        Link::Letter(link) => {
            link.claim.check(&charter).map_err(|_| wrong())?;
            let letter = &link.letter.body;
            serde_json::json!({
                "kind": "letter",
                "delegation": letter.delegation,
                "name": letter.name.as_str(),
                "role": letter.role.word(),
                "not_after_ms": letter.not_after_ms,
                "ask": letter.entry == Entry::WhenLetIn,
            })
        }
        Link::Desk(link) => {
            link.claim.check(&charter).map_err(|_| wrong())?;
            serde_json::json!({"kind": "desk", "delegation": link.claim.body.delegation})
        }
        // It opens no door; its page reads it by itself.
        Link::Convener(_) => return Err(wrong()),
    };
    Ok(json(&read))
}

/// A frame that was opened.
#[wasm_bindgen]
pub struct Opened(OpenedFrame);

#[wasm_bindgen]
impl Opened {
    /// Whose it is: the leaf, by its key.
    #[wasm_bindgen(getter)]
    pub fn leaf(&self) -> u32 {
        self.0.leaf.0
    }

    /// 0 microphone, 1 camera.
    #[wasm_bindgen(getter)]
    pub fn stream(&self) -> u8 {
        self.0.stream as u8
    }

    /// It was sealed under a key of an open part.
    #[wasm_bindgen(getter)]
    pub fn is_open(&self) -> bool {
        self.0.open
    }

    /// The plain frame; can be taken once.
    pub fn frame(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0.frame)
    }
}

/// A device in a meeting.
#[wasm_bindgen]
pub struct Member(incamera_seal::Member);

#[wasm_bindgen]
impl Member {
    /// Joins by a link (`name` is for a delegation's; a letter names its person), or goes on after a reload with what `saved` gave before it.
    #[wasm_bindgen(constructor)]
    pub fn new(
        meeting: &str,
        charter: &str,
        fragment: &str,
        name: &str,
        saved: Option<String>,
        now_ms: f64,
    ) -> Result<Self, JsError> {
        let meeting: MeetingId = meeting.parse().map_err(refuse)?;
        let charter = Bytes::decode(charter).map_err(refuse)?;
        let now = milliseconds(now_ms);
        incamera_seal::Member::new(meeting, &charter.0, fragment, name, saved.as_deref(), now, random)
            .map(Self)
            .map_err(refuse)
    }

    /// Index into the charter's delegations.
    pub fn delegation(&self) -> u16 {
        self.0.delegation()
    }

    /// What stands after the `#` of the link of the delegation's desk, if this device holds its key. Secret.
    pub fn desk(&self) -> Option<String> {
        self.0.desk()
    }

    /// What a reload in the same tab needs. Secret.
    pub fn saved(&self) -> String {
        self.0.saved()
    }

    /// The socket is up.
    pub fn connected(&mut self, now_ms: f64) {
        self.0.connected(milliseconds(now_ms));
    }

    /// The socket is down.
    pub fn disconnected(&mut self, now_ms: f64) {
        self.0.disconnected(milliseconds(now_ms));
    }

    /// A message from the server. One that cannot be read is an error and changes nothing.
    pub fn receive(&mut self, text: &str, now_ms: f64) -> Result<(), JsError> {
        let message: ServerMessage = serde_json::from_str(text).map_err(refuse)?;
        self.0.receive(message, milliseconds(now_ms));
        Ok(())
    }

    /// What the person wants. An error is the refusal, in a sentence.
    pub fn command(&mut self, command: &str, now_ms: f64) -> Result<(), JsError> {
        let command: Command = serde_json::from_str(command).map_err(refuse)?;
        self.0.command(&command, milliseconds(now_ms)).map_err(refuse)
    }

    /// The time has come that `next_timeout` named.
    pub fn timeout(&mut self, now_ms: f64) {
        self.0.timeout(milliseconds(now_ms));
    }

    /// When `timeout` wants to be called next, in milliseconds since the Unix epoch.
    pub fn next_timeout(&self) -> Option<f64> {
        self.0.next_timeout().map(|time| time as f64)
    }

    /// The next action as JSON; call until it gives nothing, after every other call.
    pub fn poll(&mut self) -> Option<String> {
        self.0.poll().map(|action| json(&action))
    }

    /// Seals one frame (0 microphone, 1 camera). Nothing: drop the frame.
    pub fn seal(&mut self, stream: u8, frame: &[u8]) -> Option<Vec<u8>> {
        self.0.seal(Stream::from_number(stream)?, frame)
    }

    /// Opens one frame (0 audio, 1 video). Nothing: drop the frame.
    pub fn open(&mut self, kind: u8, frame: &[u8]) -> Result<Option<Opened>, JsError> {
        Ok(self.0.open(kind_of(kind)?, frame).ok().map(Opened))
    }

    /// Opens one frame of sound that came where that of this channel comes. Nothing: drop the frame; it is not of whoever is
    /// on air there.
    pub fn open_channel(&mut self, channel: u8, frame: &[u8]) -> Option<Opened> {
        self.0.open_channel(channel, frame).ok().map(Opened)
    }

    /// `{sealed, held, opened, refused}`.
    pub fn counters(&self) -> String {
        counters(self.0.counters())
    }

    /// Begins to seal a file of so many bytes for the others.
    pub fn seal_document(&self, name: &str, media_type: &str, size: f64) -> Result<DocumentSealing, JsError> {
        let sealing = self.0.seal_document(name, media_type, size as u64);
        sealing.map(DocumentSealing).map_err(refuse)
    }

    /// Offers a file that is sealed and that the house keeps under this id.
    pub fn offer_document(&mut self, sealing: DocumentSealing, id: &str, now_ms: f64) -> Result<(), JsError> {
        let id = id.parse().map_err(refuse)?;
        let offered = self.0.offer_document(sealing.0, id, milliseconds(now_ms));
        offered.map_err(refuse)
    }

    /// Begins to open the document that is shown under this id.
    pub fn open_document(&self, id: &str) -> Result<DocumentOpening, JsError> {
        self.0.open_document(id).map(DocumentOpening).map_err(refuse)
    }

    /// For requests to the house about documents.
    pub fn ticket(&self) -> Option<String> {
        self.0.ticket().map(str::to_owned)
    }
}

/// A file that is being sealed.
#[wasm_bindgen]
pub struct DocumentSealing(incamera_seal::DocumentSealing);

#[wasm_bindgen]
impl DocumentSealing {
    /// Seals the next 64 KiB, or what is left.
    pub fn chunk(&mut self, plain: &[u8]) -> Result<Vec<u8>, JsError> {
        self.0.chunk(plain).map_err(refuse)
    }
}

/// A document that is being opened.
#[wasm_bindgen]
pub struct DocumentOpening(incamera_seal::DocumentOpening);

#[wasm_bindgen]
impl DocumentOpening {
    /// Under which id the house keeps it.
    pub fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// How many bytes the house has to give.
    pub fn sealed_bytes(&self) -> f64 {
        self.0.sealed_bytes() as f64
    }

    /// How many of them are the next chunk; 0: all are there.
    pub fn next_bytes(&self) -> usize {
        self.0.next_bytes()
    }

    /// Opens the next chunk. Nobody is to see it before `end`.
    pub fn chunk(&mut self, sealed: &[u8]) -> Result<Vec<u8>, JsError> {
        self.0.chunk(sealed).map_err(refuse)
    }

    /// The media type of the picture that it is, or nothing if it is none. An error: it is not what was offered.
    pub fn end(&self) -> Result<Option<String>, JsError> {
        let picture = self.0.end().map_err(refuse)?;
        Ok(picture.map(str::to_owned))
    }
}

/// The desk of a delegation.
#[wasm_bindgen]
pub struct Desk(incamera_seal::Desk);

#[wasm_bindgen]
impl Desk {
    /// With a delegation's link: makes the delegation's key, once and for all; keep `fragment`. With the desk's own
    /// link: the same desk again.
    #[wasm_bindgen(constructor)]
    pub fn new(meeting: &str, charter: &str, fragment: &str, now_ms: f64) -> Result<Self, JsError> {
        let meeting: MeetingId = meeting.parse().map_err(refuse)?;
        let charter = Bytes::decode(charter).map_err(refuse)?;
        incamera_seal::Desk::new(meeting, &charter.0, fragment, milliseconds(now_ms), random)
            .map(Self)
            .map_err(refuse)
    }

    /// What stands after the `#` of the desk's own link. Secret.
    pub fn fragment(&self) -> String {
        self.0.fragment()
    }

    /// Index into the charter's delegations.
    pub fn delegation(&self) -> u16 {
        self.0.delegation()
    }

    /// The socket is down.
    pub fn disconnected(&mut self) {
        self.0.disconnected();
    }

    /// A message from the server. One that cannot be read is an error and changes nothing.
    pub fn receive(&mut self, text: &str) -> Result<(), JsError> {
        self.0.receive(serde_json::from_str(text).map_err(refuse)?);
        Ok(())
    }

    /// What the person at the desk wants. An error is the refusal, in a sentence.
    pub fn command(&mut self, command: &str, now_ms: f64) -> Result<(), JsError> {
        let command: DeskCommand = serde_json::from_str(command).map_err(refuse)?;
        self.0.command(&command, milliseconds(now_ms), random).map_err(refuse)
    }

    /// The next action as JSON; call until it gives nothing, after every other call.
    pub fn poll(&mut self) -> Option<String> {
        self.0.poll().map(|action| json(&action))
    }
}

/// The public's opener.
#[wasm_bindgen]
#[derive(Default)]
pub struct Gallery(incamera_seal::Gallery);

#[wasm_bindgen]
impl Gallery {
    /// Without keys.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// From which charter on signatures count; refuses one that is not this meeting's.
    pub fn trust(&mut self, meeting: &str, charter: &str) -> Result<(), JsError> {
        let meeting: MeetingId = meeting.parse().map_err(refuse)?;
        let charter = Bytes::decode(charter).map_err(refuse)?;
        self.0.trust(meeting, &charter.0).map_err(refuse)
    }

    /// Somebody's chain, whose signature counts from now on if it leads back to the charter.
    pub fn signer(&mut self, credential: &str) {
        if let Ok(credential) = Bytes::decode(credential) {
            self.0.signer(&credential.0);
        }
    }

    /// What somebody has signed for.
    pub fn digest(&mut self, digest: &str) {
        if let Ok(digest) = Bytes::decode(digest) {
            self.0.digest(&digest.0);
        }
    }

    /// What is to be said of each stream now: a JSON list of `{leaf, stream, verdict, name, delegation, role}`, with `verified`,
    /// `gap` or `unknown`.
    pub fn look(&mut self, now_ms: f64) -> String {
        json(&self.0.look(milliseconds(now_ms)))
    }

    /// Takes disclosed keys in: a JSON list.
    pub fn disclose(&mut self, keys: &str) -> Result<(), JsError> {
        let keys: Vec<Disclosure> = serde_json::from_str(keys).map_err(refuse)?;
        self.0.disclose(&keys);
        Ok(())
    }

    /// Forgets all keys.
    pub fn forget(&mut self) {
        self.0.forget();
    }

    /// Opens one frame (0 audio, 1 video). Nothing: drop the frame.
    pub fn open(&mut self, kind: u8, frame: &[u8]) -> Result<Option<Opened>, JsError> {
        Ok(self.0.open(kind_of(kind)?, frame).ok().map(Opened))
    }

    /// Opens one frame of sound that came where that of a channel comes. Nothing: drop the frame.
    pub fn open_channel(&mut self, frame: &[u8]) -> Option<Opened> {
        self.0.open_channel(frame).ok().map(Opened)
    }

    /// `{sealed, held, opened, refused}`.
    pub fn counters(&self) -> String {
        counters(self.0.counters())
    }
}

fn counters(counters: Counters) -> String {
    json(&counters)
}
