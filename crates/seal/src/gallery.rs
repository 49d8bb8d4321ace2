//! The public's opener: disclosed keys of open parts, and nothing else.

use std::collections::BTreeMap;

use incamera_protocol::public::Disclosure;
use incamera_protocol::{Kid, MediaKind, limits};
use sframe::frame::EncryptedFrameView;

use crate::action::Counters;
use crate::disclosed::{DisclosedKey, disclosed_key};
use crate::media::{Opened, Refused, split};

/// Keys kept at once: every member of the largest group with every stream.
const KEYS_MAX: usize = limits::MEMBERS_MAX * 2;

/// Opens frames with disclosed keys. A frame under any other key stays shut.
#[derive(Default)]
pub struct Gallery {
    keys: BTreeMap<Kid, DisclosedKey>,
    counters: Counters,
}

impl Gallery {
    /// Without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes disclosed keys in. A key that is malformed, or of a closed part, is passed over.
    pub fn disclose(&mut self, keys: &[Disclosure]) {
        for disclosure in keys.iter().filter(|disclosure| disclosure.kid.parts().open) {
            if let Ok(key) = disclosed_key(disclosure)
                && self.keys.len() < KEYS_MAX
            {
                self.keys.insert(disclosure.kid, key);
            }
        }
    }

    /// Forgets all keys: the part has ended.
    pub fn forget(&mut self) {
        self.keys.clear();
    }

    /// Opens one frame as it came off the wire.
    pub fn open(&mut self, kind: MediaKind, frame: &[u8]) -> Result<Opened, Refused> {
        let opened = self.try_open(kind, frame);
        match opened {
            Ok(_) => self.counters.opened += 1,
            Err(_) => self.counters.refused += 1,
        }
        opened
    }

    fn try_open(&self, kind: MediaKind, frame: &[u8]) -> Result<Opened, Refused> {
        let (clear, sealed) = split(kind, frame)?;
        let view = EncryptedFrameView::try_with_meta_data(sealed, clear).map_err(|_| Refused::Malformed)?;
        let kid = Kid::from_number(view.header().key_id()).map_err(|_| Refused::UnknownKey)?;
        let key = self.keys.get(&kid).ok_or(Refused::UnknownKey)?;
        let parts = kid.parts();
        if parts.stream.kind() != kind {
            return Err(Refused::WrongStream);
        }
        let mut plain = Vec::new();
        view.decrypt_into(key, &mut plain).map_err(|_| Refused::Forged)?;
        Ok(Opened {
            leaf: parts.leaf,
            stream: parts.stream,
            open: true,
            kid,
            counter: view.header().counter(),
            frame: plain,
        })
    }

    /// What has gone through so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
