//! What was announced, and whether the public may know of the meeting yet.

use incamera_protocol::limits;

use super::published::check_clock;
use super::{Event, Meeting};
use crate::announcement::Announcement;
use crate::credential::Signed;
use crate::refusal::Refusal;

impl Meeting {
    /// Every version of the announcement, the first one first.
    pub fn announcements(&self) -> &[Signed<Announcement>] {
        &self.announcements
    }

    /// What was announced last.
    pub fn announcement(&self) -> Option<&Announcement> {
        self.announcements.last().map(|signed| &signed.body)
    }

    /// Until when nobody outside is told of this meeting; none if it is public for good. An open part ends every
    /// embargo: what is said in public is public.
    pub fn embargo_until_ms(&self) -> Option<u64> {
        let was_open = self.parts.iter().any(|part| part.open);
        let until_ms = self
            .announcement()
            .map_or(0, |announcement| announcement.public_from_ms);
        (until_ms > 0 && !was_open).then_some(until_ms)
    }

    /// Whether the public may know of this meeting.
    pub fn is_public(&self, now_ms: u64) -> bool {
        self.embargo_until_ms().is_none_or(|until_ms| now_ms >= until_ms)
    }

    pub(super) fn decide_announcement(
        &self,
        now_ms: u64,
        announcement: Box<Signed<Announcement>>,
    ) -> Result<Vec<Event>, Refusal> {
        announcement.check(self.id, self.charter())?;
        if self.announcements.last() == Some(&*announcement) {
            // Whoever did not hear the answer says it again.
            return Ok(Vec::new());
        }
        check_clock(now_ms, announcement.body.at_ms)?;
        let (version, previous) = self
            .announcement()
            .map_or((1, [0; 32]), |last| (last.version.saturating_add(1), last.hash()));
        if announcement.body.version != version || announcement.body.previous != previous {
            return Err(Refusal::Text(
                "another version of it was announced meanwhile; look at that first",
            ));
        }
        if usize::from(version) > limits::ANNOUNCEMENTS_MAX {
            return Err(Refusal::TooLarge("list of versions"));
        }
        // What is announced at the convening itself was not shown to anybody before.
        let at_convening = self.announcements.is_empty() && now_ms == self.convened_at_ms;
        if self.is_public(now_ms) && !at_convening && announcement.body.public_from_ms > now_ms {
            return Err(Refusal::Text(
                "the meeting is public already and cannot be hidden again",
            ));
        }
        Ok(vec![Event::Announced {
            at_ms: now_ms,
            announcement,
        }])
    }
}
