//! What the public sees of a meeting.

use incamera_protocol::public::{
    PublicAnnouncement, PublicAttendee, PublicDelegation, PublicItem, PublicPart, PublicPerson, PublicPhase,
    PublicState,
};
use incamera_protocol::{Bytes, Leaf};

use super::{Meeting, Part};
use crate::announcement::Announcement;
use crate::credential::{Person, Role};

impl Meeting {
    /// What the public sees.
    pub fn public_state(&self) -> PublicState {
        let last = self.parts.last();
        let closing = self.running.as_ref().filter(|running| running.is_close());
        let (phase, since_ms) = match (self.adjourned_at_ms, closing, last) {
            (Some(at), _, _) => (PublicPhase::Adjourned, at),
            (None, Some(running), _) => (PublicPhase::Closing, running.seen_at_ms),
            (None, None, Some(part)) if part.open => (PublicPhase::Open, part.started_at_ms),
            (None, None, Some(part)) => (PublicPhase::Closed, part.started_at_ms),
            (None, None, None) => (PublicPhase::Convened, self.convened_at_ms),
        };
        let charter = self.charter();
        PublicState {
            meeting: self.id,
            title: charter.title.as_str().to_owned(),
            delegations: (0u16..)
                .zip(&charter.delegations)
                .map(|(index, slot)| PublicDelegation {
                    name: slot.name.as_str().to_owned(),
                    key: self.delegation_key(index).map(|key| Bytes(key.0.to_vec())),
                })
                .collect(),
            agenda: charter
                .agenda
                .iter()
                .map(|item| PublicItem {
                    title: item.title.as_str().to_owned(),
                    public: item.public == 1,
                    ground: item.ground.as_str().to_owned(),
                })
                .collect(),
            phase,
            part: last.map_or(0, |part| part.number),
            item: last.map(|part| part.item),
            since_ms,
            convened_at_ms: self.convened_at_ms,
            started_at_ms: self.started_at_ms,
            adjourned_at_ms: self.adjourned_at_ms,
            parts: self.parts.iter().map(Part::public).collect(),
            present: self
                .group
                .iter()
                .flat_map(|group| &group.roster)
                .map(public_person)
                .collect(),
            attended: self.public_attended(),
            announcements: self
                .announcements()
                .iter()
                .map(|signed| public_announcement(&signed.body))
                .collect(),
            published: self.published_count(),
            reports: charter.reports(),
            pauses: charter.pauses(),
            unheard_since_ms: self.unheard_since_ms(),
            from_house: None,
        }
    }

    /// Told once it is over: until then the public is shown who is there.
    fn public_attended(&self) -> Vec<PublicAttendee> {
        if self.adjourned_at_ms.is_none() {
            return Vec::new();
        }
        let mut attended: Vec<_> = self.attended.values().cloned().collect();
        let rank = |attendee: &PublicAttendee| Role::ALL.iter().position(|role| role.word() == attendee.role);
        attended.sort_by(|a, b| (a.delegation, rank(a), &a.name).cmp(&(b.delegation, rank(b), &b.name)));
        attended
    }
}

impl Part {
    fn public(&self) -> PublicPart {
        PublicPart {
            number: self.number,
            open: self.open,
            item: Some(self.item),
            started_at_ms: self.started_at_ms,
            ended_at_ms: self.ended_at_ms,
        }
    }
}

fn public_announcement(announcement: &Announcement) -> PublicAnnouncement {
    PublicAnnouncement {
        version: u32::from(announcement.version),
        at_ms: announcement.at_ms,
        starts_at_ms: announcement.starts_at_ms,
        minutes: announcement.minutes,
        place: announcement.place.as_str().to_owned(),
        public_from_ms: announcement.public_from_ms,
    }
}

fn public_person((leaf, person): (&Leaf, &Person)) -> PublicPerson {
    PublicPerson {
        leaf: *leaf,
        name: person.name.clone(),
        delegation: person.delegation,
        role: person.role.word().to_owned(),
    }
}
