//! The charter: the founding document of a meeting. Its hash is the meeting id.

use incamera_protocol::{MeetingId, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Decode as _, Encode as _, Text, serde_as_encoding};
use crate::link::{ConvenerLink, DelegationLink};
use crate::refusal::Refusal;
use crate::sign::{PublicKey, Seed, hash};

/// MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 (RFC 9420 §17.1). The charter names the suite, so that another
/// one needs no new protocol; this version knows this one.
pub(crate) const SUITE: u16 = 0x0003;

/// What the convener founds.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Charter {
    /// Of this structure.
    pub version: Version,
    /// The group's cipher suite, from the MLS registry.
    pub suite: u16,
    /// Random: two charters of the same words are two meetings.
    pub nonce: [u8; 16],
    /// By the convener's clock, in milliseconds since the Unix epoch.
    pub convened_at_ms: u64,
    /// What the meeting is called.
    pub title: Text,
    /// BCP 47 tags, the first is the main one.
    pub languages: Vec<Text>,
    /// The sides.
    pub delegations: Vec<Slot>,
    /// What is to be talked about.
    pub agenda: Vec<AgendaItem>,
    /// Who opens.
    pub opening: OpeningRule,
    /// Who closes.
    pub closing: ClosingRule,
    /// Signs the charter.
    pub convener: PublicKey,
}

/// Of the charter's structure. A charter without duties is of the first, and of no other: it has one encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u16)]
pub enum Version {
    /// Nothing is owed to the public but what every meeting owes it.
    #[tls_codec(discriminant = 1)]
    One,
    /// With duties.
    #[tls_codec(discriminant = 2)]
    Two(Duties),
}

/// What the meeting owes the public besides: a sum of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Duties(pub u8);

impl Duties {
    /// After closed doors it reports: it is adjourned in public and nowhere else.
    pub const REPORTS: u8 = 1;
    /// While the public cannot hear an open part, nobody speaks in it.
    pub const PAUSES: u8 = 2;
    const ALL: u8 = Self::REPORTS | Self::PAUSES;
}

/// A side, before it has a key of its own.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Slot {
    /// As the convener names it.
    pub name: Text,
    /// Its seed is in the delegation's link; the first client to use it claims the slot.
    pub key: PublicKey,
}

/// An item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct AgendaItem {
    /// What it is about.
    pub title: Text,
    /// 1 if it is meant to be taken in public, 0 if closed.
    pub public: u8,
    /// On what ground the public is excluded; empty for a public item.
    pub ground: Text,
}

/// Who opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum OpeningRule {
    /// A principal of every delegation present.
    #[tls_codec(discriminant = 1)]
    AllDelegations,
    /// A principal of this delegation alone.
    #[tls_codec(discriminant = 2)]
    Chair(u16),
}

/// Who closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum ClosingRule {
    /// Any principal, at once.
    #[tls_codec(discriminant = 1)]
    AnyPrincipal,
    /// A principal of this delegation.
    #[tls_codec(discriminant = 2)]
    Chair(u16),
}

/// The charter with the convener's signature.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct SignedCharter {
    /// What is signed.
    pub charter: Charter,
    /// By the convener's key, label `charter`.
    pub signature: [u8; 64],
}

serde_as_encoding!(SignedCharter);

/// What a person enters to convene a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What the meeting is called.
    pub title: String,
    /// BCP 47 tags.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The names of the sides.
    pub delegations: Vec<String>,
    /// What is to be talked about.
    pub agenda: Vec<DraftItem>,
    /// Index of the delegation that alone opens; none: opening takes all.
    #[serde(default)]
    pub opening_chair: Option<u16>,
    /// Index of the delegation that alone closes and adjourns; none: closing takes one.
    #[serde(default)]
    pub closing_chair: Option<u16>,
    /// The meeting reports to the public before it ends: it is adjourned in an open part.
    #[serde(default)]
    pub reports: bool,
    /// Nobody speaks in an open part while the public cannot hear it.
    #[serde(default)]
    pub pauses: bool,
}

/// What convening makes.
pub struct Founded {
    /// For the server and everybody else.
    pub charter: SignedCharter,
    /// One for each delegation. Secret.
    pub delegations: Vec<DelegationLink>,
    /// The convener's own. Secret.
    pub convener: ConvenerLink,
}

/// An agenda item as entered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftItem {
    /// What it is about.
    pub title: String,
    /// Meant to be taken in public.
    pub public: bool,
    /// On what ground the public is excluded.
    #[serde(default)]
    pub ground: String,
}

impl Draft {
    /// The same as [`Draft::found`] for a convener who will announce nothing.
    pub fn convene(
        &self,
        now_ms: u64,
        random: impl FnMut() -> [u8; 32],
    ) -> Result<(SignedCharter, Vec<DelegationLink>), Refusal> {
        let founded = self.found(now_ms, random)?;
        Ok((founded.charter, founded.delegations))
    }

    /// Makes the charter and the links. `random` must give fresh random bytes at each call.
    pub fn found(&self, now_ms: u64, mut random: impl FnMut() -> [u8; 32]) -> Result<Founded, Refusal> {
        let convener = Seed::new(random());
        let meeting_secret = random();
        let mut slots = Vec::new();
        let mut links = Vec::new();
        for (index, name) in self.delegations.iter().enumerate() {
            let slot_seed = Seed::new(random());
            slots.push(Slot {
                name: Text::name(name)?,
                key: slot_seed.public_key(),
            });
            let delegation = u16::try_from(index).map_err(|_| Refusal::TooLarge("list of delegations"))?;
            links.push(DelegationLink::new(delegation, slot_seed, meeting_secret));
        }
        let mut nonce = [0; 16];
        for (to, from) in nonce.iter_mut().zip(random()) {
            *to = from;
        }
        let charter = Charter {
            version: self.version(),
            suite: SUITE,
            nonce,
            convened_at_ms: now_ms,
            title: Text::name(&self.title)?,
            languages: self
                .languages
                .iter()
                .map(|tag| Text::name(tag))
                .collect::<Result<_, _>>()?,
            delegations: slots,
            agenda: self.agenda.iter().map(DraftItem::item).collect::<Result<_, _>>()?,
            opening: self
                .opening_chair
                .map_or(OpeningRule::AllDelegations, OpeningRule::Chair),
            closing: self.closing_chair.map_or(ClosingRule::AnyPrincipal, ClosingRule::Chair),
            convener: convener.public_key(),
        };
        charter.check()?;
        let signature = convener.sign("charter", &charter.encode());
        Ok(Founded {
            charter: SignedCharter { charter, signature },
            delegations: links,
            convener: ConvenerLink::new(convener),
        })
    }
}

impl Draft {
    fn version(&self) -> Version {
        let reports = if self.reports { Duties::REPORTS } else { 0 };
        match reports | if self.pauses { Duties::PAUSES } else { 0 } {
            0 => Version::One,
            duties => Version::Two(Duties(duties)),
        }
    }
}

impl DraftItem {
    fn item(&self) -> Result<AgendaItem, Refusal> {
        Ok(AgendaItem {
            title: Text::name(&self.title)?,
            public: u8::from(self.public),
            ground: Text::new(&self.ground)?,
        })
    }
}

impl Charter {
    /// The meeting's id.
    pub fn id(&self) -> MeetingId {
        MeetingId(hash("charter", &self.encode()))
    }

    /// The meeting is adjourned in public, and nowhere else.
    pub fn reports(&self) -> bool {
        self.owes(Duties::REPORTS)
    }

    /// Nobody speaks in an open part while the public cannot hear it.
    pub fn pauses(&self) -> bool {
        self.owes(Duties::PAUSES)
    }

    fn owes(&self, duty: u8) -> bool {
        matches!(self.version, Version::Two(Duties(duties)) if duties & duty != 0)
    }

    /// Limits and sense.
    fn check(&self) -> Result<(), Refusal> {
        if let Version::Two(Duties(duties)) = self.version
            && (duties == 0 || duties & !Duties::ALL != 0)
        {
            return Err(Refusal::Charter(
                "it has a duty that this software does not know, or none",
            ));
        }
        if self.suite != SUITE {
            return Err(Refusal::Charter(
                "it names a cipher suite that this software does not allow",
            ));
        }
        if self.title.as_str().is_empty() {
            return Err(Refusal::Charter("it has no title"));
        }
        if self.languages.len() > limits::LANGUAGES_MAX {
            return Err(Refusal::TooLarge("list of languages"));
        }
        if self.delegations.len() < limits::DELEGATIONS_MIN {
            return Err(Refusal::Charter("a meeting has at least two delegations"));
        }
        if self.delegations.len() > limits::DELEGATIONS_MAX {
            return Err(Refusal::TooLarge("list of delegations"));
        }
        for slot in &self.delegations {
            Text::name(slot.name.as_str())?;
            if self
                .delegations
                .iter()
                .filter(|other| other.name == slot.name || other.key == slot.key)
                .count()
                > 1
            {
                return Err(Refusal::Charter("two delegations have the same name or key"));
            }
        }
        if self.agenda.is_empty() {
            return Err(Refusal::Charter("it has no agenda item"));
        }
        if self.agenda.len() > limits::AGENDA_ITEMS_MAX {
            return Err(Refusal::TooLarge("agenda"));
        }
        for item in &self.agenda {
            Text::name(item.title.as_str())?;
            if item.public > 1 {
                return Err(Refusal::Malformed);
            }
        }
        let chairs = [
            if let OpeningRule::Chair(chair) = self.opening {
                Some(chair)
            } else {
                None
            },
            if let ClosingRule::Chair(chair) = self.closing {
                Some(chair)
            } else {
                None
            },
        ];
        if chairs
            .into_iter()
            .flatten()
            .any(|chair| usize::from(chair) >= self.delegations.len())
        {
            return Err(Refusal::Charter("the chair is not one of its delegations"));
        }
        Ok(())
    }
}

impl SignedCharter {
    /// Reads and checks a signed charter: limits, sense, signature.
    pub fn open(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::CHARTER_BYTES_MAX {
            return Err(Refusal::TooLarge("charter"));
        }
        let signed = Self::decode(bytes)?;
        signed.charter.check()?;
        if !signed
            .charter
            .convener
            .verifies("charter", &signed.charter.encode(), &signed.signature)
        {
            return Err(Refusal::Charter("the convener's signature does not hold"));
        }
        Ok(signed)
    }

    /// Reads and checks the charter that a link names: its hash must be the meeting id.
    pub fn open_as(meeting: MeetingId, bytes: &[u8]) -> Result<Self, Refusal> {
        let signed = Self::open(bytes).map_err(|_| Refusal::CharterAltered)?;
        if signed.charter.id() != meeting {
            return Err(Refusal::CharterAltered);
        }
        Ok(signed)
    }
}
