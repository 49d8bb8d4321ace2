//! The shape of an offer, read before the media stack sees it.
//!
//! str0m is the authority on what an offer means. This reader only counts media lines and looks at the few attributes
//! that the contract with the clients fixes, so that an offer of another shape gets a clear answer and so that nothing
//! a peer writes reaches the ICE agent: candidates are left out, since addresses are learned from checks. So a peer must
//! send some.

use std::collections::BTreeSet;

use crate::error::{JoinRefusal, ShapeFault};
use crate::ids::{Kind, Role};
use crate::limits::{EngineConfig, LAYERS_MAX, OFFER_BYTES_MAX};

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
    /// Names of the layers that the peer sends in it, smallest first; none without simulcast.
    pub(crate) layers: Vec<String>,
}

/// An offer of the agreed shape.
#[derive(Debug)]
pub(crate) struct OfferShape {
    /// Its media lines in order.
    pub(crate) lines: Vec<Line>,
    /// The offer without its candidates.
    pub(crate) sdp: String,
}

/// Sending lines of one member: microphone, camera, screen.
const SENDERS_MAX: usize = 3;

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
        if text == "a=ice-lite" {
            return Err(ShapeFault::Lite.into());
        }
        sdp.push_str(text);
        sdp.push_str("\r\n");
        if let Some(media) = text.strip_prefix("m=") {
            if let Some(line) = open.take() {
                lines.push(line.close()?);
            }
            // One more than could be right is enough to know that it is wrong.
            if lines.len() > config.audio_slots_max + config.video_slots_max + SENDERS_MAX {
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
    let senders = (count(Kind::Audio, Way::Sends), count(Kind::Video, Way::Sends));
    match (role, senders) {
        (Role::Member | Role::Waiting, (1, 1 | 2)) | (Role::Viewer, (0, 0)) => {}
        _ => return Err(ShapeFault::Senders.into()),
    }
    let mut pictures = lines
        .iter()
        .filter(|line| line.kind == Kind::Video && line.way == Way::Sends);
    let camera = pictures.next();
    if lines.iter().any(|line| !line.layers.is_empty() && Some(line) != camera) {
        return Err(ShapeFault::Simulcast.into());
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
    layers: Vec<String>,
    rids: BTreeSet<String>,
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
            layers: Vec::new(),
            rids: BTreeSet::new(),
        })
    }

    fn read(&mut self, text: &str) -> Result<(), ShapeFault> {
        match text {
            "a=sendonly" => self.way = Some(Way::Sends),
            "a=recvonly" => self.way = Some(Way::Receives),
            "a=sendrecv" | "a=inactive" => return Err(ShapeFault::Direction),
            _ => {
                if let Some(layers) = text.strip_prefix("a=simulcast:") {
                    // RFC 8853 §5.1. A second line is not allowed.
                    let layers = layers.strip_prefix("send ").ok_or(ShapeFault::Simulcast)?;
                    if !self.layers.is_empty() {
                        return Err(ShapeFault::Simulcast);
                    }
                    self.layers = layers.trim_end().split(';').map(str::to_owned).collect();
                } else if let Some(rid) = text.strip_prefix("a=rid:") {
                    // RFC 8851 §4. Restrictions after the direction are the sender's own affair.
                    let mut words = rid.split(' ');
                    let (Some(name), Some("send")) = (words.next(), words.next().map(str::trim_end)) else {
                        return Err(ShapeFault::Simulcast);
                    };
                    self.rids.insert(name.to_owned());
                } else if let Some(mid) = text.strip_prefix("a=mid:") {
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
        let named: BTreeSet<String> = self.layers.iter().cloned().collect();
        // str0m keeps 8 characters of a name and replaces all others than these. A `,` (alternatives) or `~` (paused)
        // is none of them.
        let plain = |rid: &String| (1..=8).contains(&rid.len()) && rid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if named.len() != self.layers.len()
            || named != self.rids
            || !named.iter().all(plain)
            || named.len() > LAYERS_MAX
        {
            return Err(ShapeFault::Simulcast);
        }
        Ok(Line {
            kind: self.kind,
            // RFC 8866 §6.7: a line without a direction is sendrecv.
            way: self.way.ok_or(ShapeFault::Direction)?,
            mid: self.mid.ok_or(ShapeFault::Mid)?,
            layers: self.layers,
        })
    }
}

#[cfg(test)]
mod tests;
