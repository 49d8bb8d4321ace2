//! Everybody's letter. Each delegation's key is made here, as its desk would make it: a letter needs no server.

use incamera_meeting::{
    Claim, DelegationLink, DelegationSecret, Entry, Letter, LetterLink, Link, Refusal, Role, Seed, Signed,
};
use incamera_protocol::MeetingId;

use crate::random;

/// How long the letters are valid, in milliseconds: longer than any measurement takes.
const VALID_MS: u64 = 24 * 3_600 * 1_000;

/// Letters for so many people, as what stands after the `#` of their links: first a principal of each delegation, then
/// advisers, one delegation after the other.
pub(crate) fn fragments(meeting: MeetingId, links: &[String], people: usize) -> Result<Vec<String>, Refusal> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now_ms = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    fragments_at(meeting, links, people, now_ms)
}

/// The same at another time.
pub(crate) fn fragments_at(
    meeting: MeetingId,
    links: &[String],
    people: usize,
    now_ms: u64,
) -> Result<Vec<String>, Refusal> {
    let desks: Vec<Desk> = links
        .iter()
        .map(|link| Desk::open(meeting, link))
        .collect::<Result<_, _>>()?;
    let until_ms = now_ms.saturating_add(VALID_MS);
    let turns = desks.iter().cycle().enumerate().take(people);
    turns
        .map(|(number, desk)| {
            let role = if number < desks.len() {
                Role::Principal
            } else {
                Role::Adviser
            };
            desk.mint(meeting, &format!("Person {}", number + 1), role, until_ms)
        })
        .collect()
}

/// A delegation's key.
struct Desk {
    link: DelegationLink,
    claim: Signed<Claim>,
    seed: Seed,
}

impl Desk {
    fn open(meeting: MeetingId, fragment: &str) -> Result<Self, Refusal> {
        let Link::Delegation(link) = Link::from_fragment(fragment)? else {
            return Err(Refusal::Malformed);
        };
        let seed = Seed::new(random());
        let claim = Signed::claim(meeting, link.delegation, &link.slot_seed, seed.public_key());
        Ok(Self { link, claim, seed })
    }

    fn mint(&self, meeting: MeetingId, name: &str, role: Role, until_ms: u64) -> Result<String, Refusal> {
        let seed = Seed::new(random());
        let (delegation, key) = (self.link.delegation, seed.public_key());
        let letter = Letter::new(meeting, delegation, name, role, Entry::AtOnce, key, until_ms)?;
        let letter = Signed::new("letter", letter, &self.seed);
        let aside = DelegationSecret::of(&self.seed);
        Ok(LetterLink::new(self.claim.clone(), letter, seed, *self.link.meeting_secret(), aside).fragment())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::draft;

    #[test]
    fn everybody_has_a_letter_and_each_delegation_one_principal() {
        let (charter, links) = draft(3).convene(1, random).unwrap();
        let links: Vec<String> = links.iter().map(|link| link.fragment()).collect();
        let people: Vec<(u16, Role)> = fragments_at(charter.charter.id(), &links, 8, 1)
            .unwrap()
            .iter()
            .map(|fragment| match Link::from_fragment(fragment).unwrap() {
                Link::Letter(link) => (link.letter.body.delegation, link.letter.body.role),
                _ => panic!("a letter"),
            })
            .collect();
        let principals: Vec<_> = (0..3).map(|side| (side, Role::Principal)).collect();
        assert_eq!(people[..3], principals);
        let advisers: Vec<_> = [0, 1, 2, 0, 1].map(|side| (side, Role::Adviser)).to_vec();
        assert_eq!(people[3..], advisers);
    }
}
