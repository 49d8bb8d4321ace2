//! What a commit costs.

use std::time::{Duration, Instant};

use incamera_meeting::{Encode as _, Meeting, SignedCharter};
use incamera_protocol::limits;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::{Bytes, Leaf};
use incamera_seal::{Action, Member};

use crate::draft::draft;
use crate::letters::fragments_at;
use crate::spread::{milliseconds, nearest_rank};
use crate::{BenchError, DELEGATIONS_MAX, check_plan, random};

/// When it is in virtual time, in milliseconds since the Unix epoch. It stands still.
const NOW_MS: u64 = 1_800_000_000_000;
/// The one who adds, the one who looks on, and whoever is added.
const MEMBERS_MIN: usize = 2;

/// Commits that add one member to a group of a given size, one after the other; after each the newcomer is removed
/// again, so that the size stays.
///
/// Measured is the members' code as it runs in a browser's worker and in a native client, with all that belongs to a
/// commit: the MLS library, the judgement by the rules of the meeting, the turn of the media keys. Natively, in one
/// thread, without a server and without a network. The group is as a meeting has it after everybody has come and before
/// anybody else has committed: the tree has no inner keys but the founder's, so a commit is encrypted to each member one
/// by one, and its size and cost grow with the group. No tree of that size makes a larger commit.
#[derive(Debug, Clone, Copy)]
pub struct CommitBench {
    /// Members of the group before the addition.
    pub members: usize,
    /// How many additions are measured.
    pub rounds: usize,
}

/// What was measured; each figure is the nearest-rank median over the rounds.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CommitFigures {
    /// Members of the group before the addition.
    pub members: usize,
    /// How many additions were measured.
    pub rounds: usize,
    /// From being asked to add a newcomer to the finished commit and Welcome.
    pub make_ms: f64,
    /// Of the commit that everybody gets, without the encoding of the socket.
    pub commit_bytes: usize,
    /// Of the Welcome that the newcomer gets, with the ratchet tree.
    pub welcome_bytes: usize,
    /// From the commit of another to the new keys, and the confirmation signed.
    pub process_ms: f64,
    /// From the Welcome to the keys, and the confirmation signed.
    pub join_ms: f64,
}

/// One addition.
struct Cost {
    make: Duration,
    process: Duration,
    join: Duration,
    commit_bytes: usize,
    welcome_bytes: usize,
}

impl CommitBench {
    /// Builds the group and measures. Takes as long as the machine needs; nothing is waited for.
    pub fn run(self) -> Result<CommitFigures, BenchError> {
        check_plan(self.members, MEMBERS_MIN, self.rounds)?;
        let people = self.members + self.rounds;
        let costs = self.measure(people).map_err(|(step, why)| BenchError::Step {
            members: self.members,
            step,
            why,
        })?;
        let nothing = || BenchError::Plan("nothing was measured".to_owned());
        self.figures(&costs).ok_or_else(nothing)
    }

    fn measure(self, people: usize) -> Result<Vec<Cost>, Failed> {
        let mut table = Table::seat(people, self.members)?;
        (0..self.rounds).map(|_| table.add_and_remove()).collect()
    }

    fn figures(self, costs: &[Cost]) -> Option<CommitFigures> {
        Some(CommitFigures {
            members: self.members,
            rounds: costs.len(),
            make_ms: milliseconds(median(costs, |cost| cost.make)?),
            commit_bytes: median(costs, |cost| cost.commit_bytes)?,
            welcome_bytes: median(costs, |cost| cost.welcome_bytes)?,
            process_ms: milliseconds(median(costs, |cost| cost.process)?),
            join_ms: milliseconds(median(costs, |cost| cost.join)?),
        })
    }
}

fn median<T: Copy + Ord>(costs: &[Cost], of: fn(&Cost) -> T) -> Option<T> {
    let mut sorted: Vec<T> = costs.iter().map(of).collect();
    sorted.sort_unstable();
    nearest_rank(&sorted, 50)
}

/// Which step failed, and why.
type Failed = (&'static str, String);

/// A founder and an onlooker in a group of the wanted size. The others are in the tree and nowhere else: what they would
/// do is what the onlooker does.
struct Table {
    charter: SignedCharter,
    /// Of those who have not come yet.
    links: std::vec::IntoIter<String>,
    founder: Device,
    onlooker: Device,
}

impl Table {
    fn seat(people: usize, members: usize) -> Result<Self, Failed> {
        let convened = draft(people.min(DELEGATIONS_MAX)).convene(NOW_MS, random);
        let (charter, links) = convened.map_err(|refusal| ("convening", refusal.to_string()))?;
        let links: Vec<String> = links.iter().map(|link| link.fragment()).collect();
        let minted = fragments_at(charter.charter.id(), &links, people, NOW_MS);
        let mut links = minted
            .map_err(|refusal| ("minting letters", refusal.to_string()))?
            .into_iter();
        let (mut founder, _) = Device::arrive(&charter, &mut links)?;
        founder.take(ServerMessage::Found {
            founding: 1,
            part: 1,
            item: 0,
        })?;
        let (onlooker, knock) = Device::arrive(&charter, &mut links)?;
        let mut table = Self {
            charter,
            links,
            founder,
            onlooker,
        };
        let said = table.founder.take(please_add(knock))?;
        let (commit, welcome) = commit_of(said)?;
        table.founder.take(commit)?;
        table.onlooker.take(joined(welcome)?)?;
        table.fill(members - MEMBERS_MIN)?;
        Ok(table)
    }

    /// Adds so many others who are asked for at once: the founder adds the first, and the rest in one commit or two.
    fn fill(&mut self, others: usize) -> Result<(), Failed> {
        let mut said = Vec::new();
        for _ in 0..others {
            let (_, knock) = Device::arrive(&self.charter, &mut self.links)?;
            said.extend(self.founder.take(please_add(knock))?);
        }
        while said
            .iter()
            .any(|message| matches!(message, MemberMessage::Commit { .. }))
        {
            said = self.spread(said)?;
        }
        Ok(())
    }

    /// Brings the founder's commit to both; gives what the founder says next.
    fn spread(&mut self, said: Vec<MemberMessage>) -> Result<Vec<MemberMessage>, Failed> {
        let (commit, _) = commit_of(said)?;
        self.onlooker.take(commit.clone())?;
        self.founder.take(commit)
    }

    fn add_and_remove(&mut self) -> Result<Cost, Failed> {
        let (mut newcomer, knock) = Device::arrive(&self.charter, &mut self.links)?;
        let (make, said) = timed(|| self.founder.take(please_add(knock)))?;
        let (commit, welcome) = commit_of(said)?;
        let commit_bytes = bytes_of(&commit);
        self.founder.take(commit.clone())?;
        let (process, _) = timed(|| self.onlooker.take(commit))?;
        let welcome = joined(welcome)?;
        let welcome_bytes = bytes_of(&welcome);
        let (join, _) = timed(|| newcomer.take(welcome))?;
        // Nobody who is here is removed: it has been silent for long enough.
        self.founder.now_ms += limits::ABSENCE_MS_MAX;
        self.onlooker.now_ms += limits::ABSENCE_MS_MAX;
        let said = self
            .founder
            .take(ServerMessage::PleaseRemove { leaf: newcomer.leaf()? })?;
        self.spread(said)?;
        Ok(Cost {
            make,
            process,
            join,
            commit_bytes,
            welcome_bytes,
        })
    }
}

/// A member's device without surroundings, and its clock.
struct Device {
    member: Member,
    now_ms: u64,
}

impl Device {
    /// The next one's device, up to its knock: its key package.
    fn arrive(charter: &SignedCharter, links: &mut impl Iterator<Item = String>) -> Result<(Self, Bytes), Failed> {
        let link = links.next().ok_or(("arriving", "no link is left".to_owned()))?;
        let meeting = charter.charter.id();
        let bytes = charter.encode();
        let member = Member::new(meeting, &bytes, &link, "", None, NOW_MS, random);
        let mut device = Self {
            member: member.map_err(|error| ("arriving", error.to_string()))?,
            now_ms: NOW_MS,
        };
        device.take(ServerMessage::Challenge {
            nonce: Bytes(random().to_vec()),
            instance: Bytes(random().to_vec()),
            charter: Bytes(bytes),
        })?;
        let said = device.take(ServerMessage::Here {
            ticket: "none".to_owned(),
            resumed: false,
            waits: false,
            state: Box::new(Meeting::convene(charter.clone(), NOW_MS).public_state()),
        })?;
        let knock = said.into_iter().find_map(|message| match message {
            MemberMessage::Knock { key_package } => Some(key_package),
            _ => None,
        });
        Ok((device, knock.ok_or(("arriving", "it does not knock".to_owned()))?))
    }

    fn leaf(&self) -> Result<Leaf, Failed> {
        self.member
            .leaf()
            .ok_or(("joining", "it is not in the group".to_owned()))
    }

    /// Hands it a message; gives what it says to that, its own statements acknowledged.
    fn take(&mut self, message: ServerMessage) -> Result<Vec<MemberMessage>, Failed> {
        self.member.receive(message, self.now_ms);
        let mut said = Vec::new();
        while let Some(action) = self.member.poll() {
            match action {
                Action::Send { message } => {
                    if let MemberMessage::Statement { statement } = &message {
                        let statement = statement.clone();
                        self.member.receive(
                            ServerMessage::Statement {
                                number: None,
                                statement,
                            },
                            self.now_ms,
                        );
                    }
                    said.push(message);
                }
                Action::Notice { message } | Action::Fatal { message, .. } => {
                    return Err(("taking a message", message));
                }
                Action::Reconnect => return Err(("taking a message", "messages are missing".to_owned())),
                Action::Layers { .. }
                | Action::View { .. }
                | Action::Media { .. }
                | Action::Relay { .. }
                | Action::Slots { .. }
                | Action::Chat { .. }
                | Action::Wish { .. }
                | Action::Document { .. }
                | Action::Typed { .. }
                | Action::Call { .. }
                | Action::Keyed => {}
            }
        }
        Ok(said)
    }
}

fn please_add(key_package: Bytes) -> ServerMessage {
    ServerMessage::Knock { key_package }
}

fn joined(welcome: Option<Bytes>) -> Result<ServerMessage, Failed> {
    let welcome = welcome.ok_or(("adding", "there is no Welcome".to_owned()))?;
    Ok(ServerMessage::Joined { welcome, warrant: None })
}

/// The commit as the server passes it on, and the Welcome.
fn commit_of(said: Vec<MemberMessage>) -> Result<(ServerMessage, Option<Bytes>), Failed> {
    let commit = said.into_iter().find_map(|message| match message {
        MemberMessage::Commit {
            position,
            commit,
            welcome,
        } => Some((ServerMessage::Commit { position, commit }, welcome)),
        _ => None,
    });
    commit.ok_or(("committing", "no commit was made".to_owned()))
}

/// Of the MLS message inside.
fn bytes_of(message: &ServerMessage) -> usize {
    match message {
        ServerMessage::Commit { commit, .. } => commit.0.len(),
        ServerMessage::Joined { welcome, .. } => welcome.0.len(),
        _ => 0,
    }
}

fn timed<T>(work: impl FnOnce() -> Result<T, Failed>) -> Result<(Duration, T), Failed> {
    let began = Instant::now();
    let done = work()?;
    Ok((began.elapsed(), done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_measured_in_a_group_that_keeps_its_size() {
        let figures = CommitBench { members: 5, rounds: 3 }.run().unwrap();
        assert_eq!((figures.members, figures.rounds), (5, 3));
        assert!(figures.make_ms > 0.0 && figures.process_ms > 0.0 && figures.join_ms > 0.0);
        let smaller = CommitBench { members: 2, rounds: 1 }.run().unwrap();
        assert!(smaller.commit_bytes < figures.commit_bytes);
        assert!(smaller.welcome_bytes < figures.welcome_bytes);
    }

    #[test]
    fn a_group_is_of_more_members_than_delegations() {
        let members = DELEGATIONS_MAX + 3;
        let figures = CommitBench { members, rounds: 1 }.run().unwrap();
        assert_eq!(figures.members, members);
    }
}
