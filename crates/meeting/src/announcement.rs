//! What the convener says ahead of time: when the meeting begins, for how long, where, and from when on it is public
//! that there is one.

use incamera_protocol::{MeetingId, limits};
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::charter::Charter;
use crate::codec::{Decode as _, Encode as _, Text, serde_as_encoding};
use crate::credential::Signed;
use crate::refusal::Refusal;
use crate::sign::{Seed, hash};

/// An announcement. Signed by the convener's key, label `announcement`. A change is a new version; the old ones stay.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Announcement {
    /// Which meeting.
    pub meeting: [u8; 32],
    /// Counts from 1.
    pub version: u16,
    /// The hash of the version before; zeros for the first.
    pub previous: [u8; 32],
    /// By the convener's clock, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// When the meeting is to begin, in milliseconds since the Unix epoch.
    pub starts_at_ms: u64,
    /// How long it is planned to last, in minutes; 0 if that is not said.
    pub minutes: u32,
    /// Where, or how; may be empty.
    pub place: Text,
    /// Until then the meeting is not public; 0: it is at once.
    pub public_from_ms: u64,
}

/// What a person enters to announce a meeting, or to change what was announced.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// See [`Announcement::starts_at_ms`].
    pub starts_at_ms: u64,
    /// See [`Announcement::minutes`].
    pub minutes: u32,
    /// See [`Announcement::place`].
    pub place: String,
    /// See [`Announcement::public_from_ms`].
    pub public_from_ms: u64,
}

serde_as_encoding!(Signed<Announcement>);

impl Announcement {
    /// What the next version names.
    pub fn hash(&self) -> [u8; 32] {
        hash("announcement", &self.encode())
    }

    /// Limits and sense, whatever was announced before.
    fn check(&self, charter: &Charter) -> Result<(), Refusal> {
        let first = charter.convened_at_ms.saturating_sub(limits::CLOCK_SKEW_MS_MAX);
        let last = charter.convened_at_ms.saturating_add(limits::LETTER_VALIDITY_MS_MAX);
        if self.starts_at_ms < first || self.starts_at_ms > last {
            return Err(Refusal::Text(
                "it begins before it was convened, or later than letters can be valid",
            ));
        }
        if self.minutes > limits::PLANNED_MINUTES_MAX {
            return Err(Refusal::Text("it is planned to last for longer than a week"));
        }
        if self.public_from_ms > self.starts_at_ms {
            return Err(Refusal::Text("it would become public only after it has begun"));
        }
        Ok(())
    }
}

impl Signed<Announcement> {
    /// The convener signs the version after `previous`.
    pub fn announcement(
        meeting: MeetingId,
        previous: Option<&Announcement>,
        plan: &Plan,
        now_ms: u64,
        convener: &Seed,
    ) -> Result<Self, Refusal> {
        let announcement = Announcement {
            meeting: meeting.0,
            version: previous.map_or(1, |previous| previous.version.saturating_add(1)),
            previous: previous.map_or([0; 32], Announcement::hash),
            at_ms: now_ms,
            starts_at_ms: plan.starts_at_ms,
            minutes: plan.minutes,
            place: Text::new(&plan.place)?,
            public_from_ms: plan.public_from_ms,
        };
        Ok(Self::new("announcement", announcement, convener))
    }

    /// Reads an announcement without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::ANNOUNCEMENT_BYTES_MAX {
            return Err(Refusal::TooLarge("announcement"));
        }
        Self::decode(bytes)
    }

    /// Refuses what this charter's convener has not signed for this meeting, and what makes no sense.
    pub fn check(&self, meeting: MeetingId, charter: &Charter) -> Result<(), Refusal> {
        if self.body.meeting != meeting.0 || !self.verify("announcement", &charter.convener) {
            return Err(Refusal::Credential("the announcement is not signed by its convener"));
        }
        self.body.check(charter)
    }
}
