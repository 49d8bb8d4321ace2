//! Who is let in, by whom: founding a group when there is none, and asking one member at a time to add and remove.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use incamera_meeting::LetterId;
use incamera_protocol::member::ServerMessage;
use incamera_protocol::{Leaf, limits};

use super::Sitting;
use crate::socket::SocketId;
use crate::time::now_ms;

/// The one who was told to found the group.
pub(super) struct Appointed {
    pub(super) socket: SocketId,
    at: Instant,
}

/// The one who was asked to commit what waits.
pub(super) struct Errand {
    asked: Leaf,
    at: Instant,
    /// Those whose removal was asked for already.
    removals: BTreeSet<Leaf>,
}

impl Sitting {
    /// Looks at what waits, and asks whoever can do something about it. Calling it when nothing has changed does
    /// nothing; it is called after every change and, while anybody is connected, by the clock.
    pub(super) fn attend(&mut self) {
        if self.meeting.is_adjourned() {
            return;
        }
        let knockers = self.knockers();
        let stands = |appointed: &Appointed| {
            knockers.contains(&appointed.socket)
                && appointed.at.elapsed() < Duration::from_millis(limits::FOUNDING_WAIT_MS)
                && self.may_found(appointed.socket)
        };
        if self.appointed.as_ref().is_some_and(stands) {
            return;
        }
        let failed = self.appointed.take().map(|appointed| appointed.socket);
        // Whoever was told and did not is told again only when there is nobody else.
        let founder = knockers
            .iter()
            .filter(|socket| self.may_found(**socket))
            .min_by_key(|socket| (Some(**socket) == failed, **socket));
        if let Some(socket) = founder.copied() {
            let (founding, part) = self.meeting.next_founding();
            self.appointed = Some(Appointed {
                socket,
                at: Instant::now(),
            });
            self.errand = None;
            tracing::debug!(meeting = ?self.meeting.id(), ?socket, founding, "told to found a group");
            let item = self.meeting.current_item();
            self.tell(socket, &self.register());
            self.tell(socket, &ServerMessage::Found { founding, part, item });
            return;
        }
        self.run_errand(&knockers);
    }

    /// Sockets that ask to be added, in the order in which they came.
    fn knockers(&self) -> Vec<SocketId> {
        self.members
            .iter()
            .filter(|(_, member)| member.known.as_ref().is_some_and(|known| known.knock.is_some()))
            .map(|(socket, _)| *socket)
            .collect()
    }

    /// Whether there is no group, or none that could let this socket in: every other leaf has lost its keys or has
    /// been away too long.
    pub(super) fn may_found(&self, socket: SocketId) -> bool {
        let Some(letter) = self.letter_of(socket) else {
            return false;
        };
        let Some(group) = self.meeting.group() else {
            return true;
        };
        let grace = Duration::from_millis(limits::GROUP_GRACE_MS);
        group
            .roster
            .values()
            .filter(|person| person.letter != letter)
            .all(|person| {
                let long_away = self
                    .away
                    .get(&person.letter)
                    .is_some_and(|since| since.elapsed() > grace);
                long_away || self.lost.contains(&person.letter)
            })
    }

    fn letter_of(&self, socket: SocketId) -> Option<LetterId> {
        let known = self.members.get(&socket)?.known.as_ref()?;
        Some(known.person.letter)
    }

    /// Leaves that the members are to remove: who said goodbye, and who has been away too long. Whoever knocks again
    /// is replaced by the commit that lets them in.
    fn removals(&self, knockers: &[SocketId]) -> BTreeSet<Leaf> {
        let knocking: BTreeSet<LetterId> = knockers.iter().filter_map(|socket| self.letter_of(*socket)).collect();
        let absence = Duration::from_millis(limits::ABSENCE_MS_MAX);
        let group = self.meeting.group();
        group
            .into_iter()
            .flat_map(|group| &group.roster)
            .filter(|(_, person)| {
                let letter = person.letter;
                let long_away = self.away.get(&letter).is_some_and(|since| since.elapsed() > absence);
                (long_away || self.leaving.contains(&letter)) && !knocking.contains(&letter)
            })
            .map(|(leaf, _)| *leaf)
            .collect()
    }

    fn run_errand(&mut self, knockers: &[SocketId]) {
        let removals = self.removals(knockers);
        if knockers.is_empty() && removals.is_empty() {
            self.errand = None;
            return;
        }
        // A commit that adds would end the epoch that a close is signed for. The close comes first.
        let stalled = |seen_at_ms: u64| now_ms().saturating_sub(seen_at_ms) > limits::CLOSE_STALLED_MS;
        let closing = self
            .meeting
            .running(now_ms())
            .is_some_and(|running| running.is_close() && !stalled(running.seen_at_ms));
        if closing {
            return;
        }
        let candidates: Vec<(Leaf, SocketId)> = self
            .admitted()
            .into_iter()
            .filter(|(leaf, _)| !removals.contains(leaf))
            .collect();
        let wait = Duration::from_millis(limits::PLEASE_WAIT_MS);
        let current = self
            .errand
            .as_ref()
            .filter(|errand| errand.at.elapsed() < wait)
            .and_then(|errand| candidates.iter().find(|(leaf, _)| *leaf == errand.asked));
        match current.copied() {
            Some((_, socket)) => self.ask_for_what_is_new(socket, knockers, &removals),
            None => {
                let last = self.errand.as_ref().map(|errand| errand.asked);
                let after = candidates.iter().find(|(leaf, _)| last.is_none_or(|last| *leaf > last));
                let Some((leaf, socket)) = after.or(candidates.first()).copied() else {
                    return;
                };
                self.ask_for_everything(leaf, socket, knockers, removals);
            }
        }
    }

    /// Somebody else is asked, for all that waits.
    fn ask_for_everything(&mut self, leaf: Leaf, socket: SocketId, knockers: &[SocketId], removals: BTreeSet<Leaf>) {
        let (waiting, leaving) = (knockers.len(), removals.len());
        tracing::debug!(meeting = ?self.meeting.id(), ?leaf, waiting, leaving, "asked to commit what waits");
        for knocker in knockers {
            self.announce(*knocker, socket);
        }
        for removal in &removals {
            self.tell(socket, &ServerMessage::PleaseRemove { leaf: *removal });
        }
        self.errand = Some(Errand {
            asked: leaf,
            at: Instant::now(),
            removals,
        });
    }

    /// Whoever was asked is asked for what has come since.
    fn ask_for_what_is_new(&mut self, socket: SocketId, knockers: &[SocketId], removals: &BTreeSet<Leaf>) {
        for knocker in knockers {
            let heard = |known: &super::members::Known| known.knock.as_ref().is_some_and(|knock| knock.announced);
            let new = self
                .members
                .get(knocker)
                .and_then(|member| member.known.as_ref())
                .is_some_and(|known| !heard(known));
            if new {
                self.announce(*knocker, socket);
            }
        }
        let Some(errand) = &mut self.errand else { return };
        let new: Vec<Leaf> = removals.difference(&errand.removals).copied().collect();
        errand.removals.extend(&new);
        for leaf in new {
            self.tell(socket, &ServerMessage::PleaseRemove { leaf });
        }
    }

    /// Asks this one to let the knocker in. Nobody else need hear of it: whoever is asked next is told then.
    fn announce(&mut self, knocker: SocketId, asked: SocketId) {
        let Some(knock) = self
            .members
            .get_mut(&knocker)
            .and_then(|member| member.known.as_mut())
            .and_then(|known| known.knock.as_mut())
        else {
            return;
        };
        knock.announced = true;
        let key_package = knock.key_package.clone();
        self.tell(asked, &ServerMessage::Knock { key_package });
    }

    /// Whether each of these key packages, by its leaf key, is one by which somebody asks to be added now. An old one
    /// would put somebody into the group who no longer has its key.
    pub(super) fn all_ask(&self, leaf_keys: &[Vec<u8>]) -> bool {
        let known = self.members.values().filter_map(|member| member.known.as_ref());
        let asking: BTreeSet<&[u8]> = known
            .filter_map(|known| Some(known.knock.as_ref()?.leaf_key.as_slice()))
            .collect();
        leaf_keys.iter().all(|key| asking.contains(key.as_slice()))
    }

    /// A commit was refused, and whoever made it has forgotten what it was asked for: at the next look it is asked again,
    /// and after its time somebody else.
    pub(super) fn forget_what_was_asked(&mut self) {
        if let Some(errand) = &mut self.errand {
            errand.removals.clear();
        }
        self.forget_announcements();
    }

    fn forget_announcements(&mut self) {
        let known = self.members.values_mut().filter_map(|member| member.known.as_mut());
        for knock in known.filter_map(|known| known.knock.as_mut()) {
            knock.announced = false;
        }
    }

    /// A new epoch: what was committed against the old one is void, so everything that waits is asked for anew.
    pub(super) fn ask_anew(&mut self) {
        self.errand = None;
        self.forget_announcements();
        self.attend();
    }
}
