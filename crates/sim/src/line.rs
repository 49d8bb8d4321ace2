//! A socket between a tab or a desk and the server: reliable and in order for as long as it lives.

use std::collections::VecDeque;

use incamera_protocol::desk::{DeskMessage, DeskServerMessage};
use incamera_protocol::member::{MemberMessage, ServerMessage};

/// Names a connection; the later has the higher number.
pub(crate) type LineId = u64;

/// From the server.
#[derive(Debug, Clone)]
pub(crate) enum Word {
    Member(ServerMessage),
    Desk(DeskServerMessage),
    /// The server closes the socket.
    Close,
}

/// To the server.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    Connect,
    Member(MemberMessage),
    Desk(DeskMessage),
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Tab(usize),
    Desk(usize),
}

/// A connection, with what is on its way.
pub(crate) struct Line {
    pub(crate) end: End,
    pub(crate) house: usize,
    pub(crate) up: VecDeque<(u64, Call)>,
    pub(crate) down: VecDeque<(u64, Word)>,
    /// When the client notices that it is dead; what arrives before still counts.
    pub(crate) client_ends_ms: Option<u64>,
    /// When the server notices.
    pub(crate) server_ends_ms: Option<u64>,
    /// Nothing gets through before.
    pub(crate) blocked_until_ms: u64,
    pub(crate) client_gone: bool,
    pub(crate) server_gone: bool,
}

impl Line {
    pub(crate) fn new(end: End, house: usize) -> Self {
        Self {
            end,
            house,
            up: VecDeque::new(),
            down: VecDeque::new(),
            client_ends_ms: None,
            server_ends_ms: None,
            blocked_until_ms: 0,
            client_gone: false,
            server_gone: false,
        }
    }

    /// When the next message arrives at the server, in order behind the one before.
    pub(crate) fn send_up(&mut self, at_ms: u64, call: Call) {
        let at_ms = at_ms
            .max(self.blocked_until_ms)
            .max(self.up.back().map_or(0, |(at, _)| *at));
        self.up.push_back((at_ms, call));
    }

    /// The same in the other direction.
    pub(crate) fn send_down(&mut self, at_ms: u64, word: Word) {
        let last = self.down.back().map_or(0, |(at, _)| *at);
        let at_ms = at_ms.max(self.blocked_until_ms).max(last);
        self.down.push_back((at_ms, word));
    }

    /// Nothing gets through before this time; what is on its way arrives after it.
    pub(crate) fn block(&mut self, until_ms: u64) {
        self.blocked_until_ms = self.blocked_until_ms.max(until_ms);
        for (at, _) in &mut self.up {
            *at = (*at).max(until_ms);
        }
        for (at, _) in &mut self.down {
            *at = (*at).max(until_ms);
        }
    }

    /// The network is whole again.
    pub(crate) fn heal(&mut self, now_ms: u64) {
        self.blocked_until_ms = 0;
        for (at, _) in &mut self.up {
            *at = (*at).min(now_ms + 50);
        }
        for (at, _) in &mut self.down {
            *at = (*at).min(now_ms + 50);
        }
        for end in [&mut self.client_ends_ms, &mut self.server_ends_ms]
            .into_iter()
            .flatten()
        {
            *end = (*end).min(now_ms + 100);
        }
    }
}
