//! The shape of an offer, read before the media stack sees it.
//!
//! str0m is the authority on what an offer means. This reader only counts media lines and looks at the few attributes
//! that the contract with the clients fixes, so that an offer of another shape gets a clear answer and so that nothing
//! a peer writes reaches the ICE agent: candidates are left out, since a lite agent learns addresses from checks.

use std::collections::BTreeSet;

use crate::error::{JoinRefusal, ShapeFault};
use crate::ids::{Kind, Role};
use crate::limits::{EngineConfig, OFFER_BYTES_MAX};

/// Whether a line of the offer brings media to the engine or takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The peer sends.
    Sends,
    /// The peer receives: a slot.
    Receives,
}

/// One media line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) way: Way,
    pub(crate) mid: String,
}

/// An offer of the agreed shape.
#[derive(Debug)]
pub(crate) struct OfferShape {
    /// Its media lines in order.
    pub(crate) lines: Vec<Line>,
    /// The offer without its candidates.
    pub(crate) sdp: String,
}

/// Reads the media lines of an offer and holds them against the contract.
pub(crate) fn read(offer: &str, role: Role, config: &EngineConfig) -> Result<OfferShape, JoinRefusal> {
    if offer.len() > OFFER_BYTES_MAX {
        return Err(JoinRefusal::OfferTooLong { bytes: offer.len() });
    }
    let mut lines = Vec::new();
    let mut open: Option<OpenLine> = None;
    let mut sdp = String::with_capacity(offer.len());
    for text in offer.lines() {
        if text.starts_with("a=candidate:") {
            continue;
        }
        sdp.push_str(text);
        sdp.push_str("\r\n");
        if let Some(media) = text.strip_prefix("m=") {
            if let Some(line) = open.take() {
                lines.push(line.close()?);
            }
            // One more than could be right is enough to know that it is wrong.
            if lines.len() > config.audio_slots_max + config.video_slots_max + 2 {
                return Err(ShapeFault::TooManySlots(Kind::Video).into());
            }
            open = Some(OpenLine::new(media)?);
        } else if let Some(line) = &mut open {
            line.read(text)?;
        }
    }
    if let Some(line) = open.take() {
        lines.push(line.close()?);
    }
    check(&lines, role, config)?;
    Ok(OfferShape { lines, sdp })
}

fn check(lines: &[Line], role: Role, config: &EngineConfig) -> Result<(), JoinRefusal> {
    if lines.is_empty() {
        return Err(JoinRefusal::OfferMalformed {
            detail: "no media lines".into(),
        });
    }
    let mids: BTreeSet<&str> = lines.iter().map(|line| line.mid.as_str()).collect();
    if mids.len() != lines.len() {
        return Err(ShapeFault::Mid.into());
    }
    let count = |kind, way| lines.iter().filter(|line| line.kind == kind && line.way == way).count();
    let senders = match role {
        Role::Member => 1,
        Role::Viewer => 0,
    };
    if count(Kind::Audio, Way::Sends) != senders || count(Kind::Video, Way::Sends) != senders {
        return Err(ShapeFault::Senders.into());
    }
    if count(Kind::Audio, Way::Receives) > config.audio_slots_max {
        return Err(ShapeFault::TooManySlots(Kind::Audio).into());
    }
    if count(Kind::Video, Way::Receives) > config.video_slots_max {
        return Err(ShapeFault::TooManySlots(Kind::Video).into());
    }
    Ok(())
}

/// A media line while its attributes are being read.
struct OpenLine {
    kind: Kind,
    way: Option<Way>,
    mid: Option<String>,
}

impl OpenLine {
    fn new(media: &str) -> Result<Self, ShapeFault> {
        let kind = match media.split(' ').next() {
            Some("audio") => Kind::Audio,
            Some("video") => Kind::Video,
            _ => return Err(ShapeFault::ForeignLine),
        };
        Ok(OpenLine {
            kind,
            way: None,
            mid: None,
        })
    }

    fn read(&mut self, text: &str) -> Result<(), ShapeFault> {
        match text {
            "a=sendonly" => self.way = Some(Way::Sends),
            "a=recvonly" => self.way = Some(Way::Receives),
            "a=sendrecv" | "a=inactive" => return Err(ShapeFault::Direction),
            _ if text.starts_with("a=simulcast") || text.starts_with("a=rid:") => return Err(ShapeFault::Simulcast),
            _ => {
                if let Some(mid) = text.strip_prefix("a=mid:") {
                    // str0m keeps 16 characters and replaces all others than these.
                    if mid.is_empty() || mid.len() > 16 || !mid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                        return Err(ShapeFault::Mid);
                    }
                    self.mid = Some(mid.to_owned());
                }
            }
        }
        Ok(())
    }

    fn close(self) -> Result<Line, ShapeFault> {
        Ok(Line {
            kind: self.kind,
            // RFC 8866 §6.7: a line without a direction is sendrecv.
            way: self.way.ok_or(ShapeFault::Direction)?,
            mid: self.mid.ok_or(ShapeFault::Mid)?,
        })
    }
}

#[cfg(test)]
mod tests;
