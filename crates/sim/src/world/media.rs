//! Frames: sealed by those who may, carried late, twice and out of order, tried by everybody and by the public.

use incamera_meeting::{Heartbeat, Phase};
use incamera_protocol::{MediaKind, Stream, limits};
use incamera_seal::kid_of;

use super::{Outcome, World, broken};
use crate::setup::Lie;
use crate::truth::Frame;

/// How late what is on its way may arrive while a lying server delays nothing.
const UNDERWAY_MS: u64 = 3_000;

impl World {
    /// Somebody's microphone or camera gives a frame. Gives its number if it was sealed.
    pub(super) fn seal(&mut self, at: usize) -> Result<Option<usize>, super::Broken> {
        let stream = if self.chance.percent(70) {
            Stream::Microphone
        } else {
            Stream::Camera
        };
        let number = self.truth.frames.len();
        let plain = format!("k frame {number} of tab {at}").into_bytes();
        let now_ms = self.clock_of(at);
        let Some(tab) = self.tabs.get_mut(at).filter(|tab| tab.is_live()) else {
            return Ok(None);
        };
        let Some(member) = tab.member.as_mut() else {
            return Ok(None);
        };
        let Some(wire) = member.seal(stream, &plain) else {
            return Ok(None);
        };
        let kind = stream.kind();
        let Some(kid) = kid_of(kind, &wire) else {
            return broken("a sealed frame names no key");
        };
        let parts = kid.parts();
        let (Some(group), Some(authenticator)) = (member.meeting().group(), member.authenticator()) else {
            return broken(format!("tab {at} seals without a group"));
        };
        if (parts.founding, parts.epoch) != (group.founding, group.epoch) {
            return broken(format!("I4: tab {at} seals under a key of another epoch"));
        }
        let open = group.context.phase == Phase::Open;
        if parts.open != open {
            return broken(format!("I4: tab {at} seals under a key of another phase"));
        }
        let counter = counter_of(kind, &wire);
        let key = (authenticator.to_vec(), kid.number(), counter);
        if !self.truth.used.insert(key) {
            return broken(format!("I5: a counter is used twice at tab {at}"));
        }
        if open {
            if member.meeting().called_close().is_some() || tab.stay.closing {
                return broken(format!("I4: tab {at} seals in public after a close was called"));
            }
            if tab.stay.finished_keys.contains(&kid.number()) {
                return broken(format!("I4: tab {at} seals beyond its fin"));
            }
            let part = (group.founding, group.context.part);
            let by = super::check_warrant_motion(group);
            let willing = by.is_some_and(|id| tab.stay.willing.contains(&id));
            if !willing && !tab.stay.appeared_in.contains(&part) {
                return broken(format!("I3: tab {at} is public, and its person has not said so"));
            }
        }
        let keeps_back = matches!(
            self.setup.lie,
            Some(Lie::Starve | Lie::KeepCommits | Lie::KeepStatements)
        );
        if keeps_back && group.roster.len() > 1 {
            let hash = Heartbeat::hash_of(authenticator);
            let mine = tab.letter;
            let others = group.roster.values().filter(|person| person.letter != mine);
            let last = others
                .filter_map(|person| self.truth.alive_ms.get(&(hash, person.letter)))
                .max();
            let patience = limits::SILENCE_MS_MAX + UNDERWAY_MS;
            let began = group.began_at_ms;
            let fresh = last.is_some_and(|at| self.now_ms.saturating_sub(*at) <= patience);
            if !fresh && now_ms.saturating_sub(began) > patience {
                return broken(format!("tab {at} goes on where nobody else has been for long"));
            }
        }
        let (letter, leaf) = (tab.letter, parts.leaf);
        self.truth.frames.push(Frame {
            letter,
            leaf,
            stream,
            kid,
            plain,
            wire,
        });
        Ok(Some(number))
    }

    /// A frame goes to everybody, the public included.
    pub(super) fn send(&mut self, from: usize, number: usize) -> Outcome {
        self.show_to_the_public(number)?;
        for to in 0..self.tabs.len() {
            if to == from {
                continue;
            }
            let copies = if self.chance.percent(5) { 2 } else { 1 };
            for _ in 0..copies {
                let delay_ms = if self.chance.percent(15) {
                    self.chance.between(100, 3_500)
                } else {
                    self.chance.between(1, 60)
                };
                self.air.insert((self.now_ms + delay_ms, to, number));
            }
        }
        Ok(())
    }

    fn show_to_the_public(&mut self, number: usize) -> Outcome {
        let Some(frame) = self.truth.frames.get(number) else {
            return Ok(());
        };
        match self.gallery.open(frame.stream.kind(), &frame.wire) {
            Ok(_) if !frame.kid.parts().open => broken("I4: the public opens a frame of a closed part"),
            Ok(opened) if self.setup.lie.is_none() && opened.frame != frame.plain => {
                broken("the public opens something else than was sent")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn frame_arrives(&mut self) -> Outcome {
        let Some((_, to, number)) = self.air.pop_first() else {
            return Ok(());
        };
        self.open(to, number).map(|_| ())
    }

    /// Whether this tab can open it.
    pub(super) fn open(&mut self, to: usize, number: usize) -> Result<bool, super::Broken> {
        let Some(frame) = self.truth.frames.get(number) else {
            return Ok(false);
        };
        let Some(tab) = self.tabs.get_mut(to) else {
            return Ok(false);
        };
        let place = tab.stay.place;
        let Some(member) = tab.member.as_mut() else {
            return Ok(false);
        };
        let Ok(opened) = member.open(frame.stream.kind(), &frame.wire) else {
            return Ok(false);
        };
        if opened.frame != frame.plain || opened.leaf != frame.leaf || opened.stream != frame.stream {
            return broken(format!("I5: tab {to} opens something else than was sent"));
        }
        if !tab.stay.opened.insert(number) {
            return broken(format!("I5: tab {to} opens a frame twice"));
        }
        let parts = frame.kid.parts();
        let here = place == Some((parts.founding, parts.epoch));
        let sender = tab.stay.roster.get(&opened.leaf).map(|(letter, _)| *letter);
        if here && sender != Some(frame.letter) {
            return broken(format!("I5: tab {to} takes a frame for somebody else's"));
        }
        Ok(true)
    }
}

/// The counter in the header of a frame on the wire (RFC 9605 §4.3).
fn counter_of(kind: MediaKind, wire: &[u8]) -> u64 {
    let clear = usize::from(kind == MediaKind::Video);
    let bytes: Vec<u64> = wire.iter().skip(clear).take(17).map(|byte| u64::from(*byte)).collect();
    let Some((config, rest)) = bytes.split_first() else {
        return 0;
    };
    // Config byte: X, K (3 bits), Y, C (3 bits). With X or Y set, K and C are lengths minus one of what follows.
    let kid_length = if config & 0x80 != 0 { (config >> 4 & 7) + 1 } else { 0 };
    if config & 0x08 == 0 {
        return config & 7;
    }
    let length = (config & 7) + 1;
    let skip = usize::try_from(kid_length).unwrap_or(0);
    let take = usize::try_from(length).unwrap_or(0);
    rest.iter()
        .skip(skip)
        .take(take)
        .fold(0, |number, byte| number << 8 | byte)
}
