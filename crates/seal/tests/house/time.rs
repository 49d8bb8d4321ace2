//! What members do, and how time passes until nobody has anything to say.

use std::collections::VecDeque;

use incamera_protocol::view::{Command, MotionKind};
use incamera_seal::Action;

use super::House;

impl House {
    pub fn command(&mut self, seat: usize, command: Command) {
        let now = self.now_ms;
        self.seats[seat].member.command(&command, now).unwrap();
        self.settle();
    }

    pub fn move_to(&mut self, seat: usize, kind: MotionKind) {
        self.command(seat, Command::Move { kind, item: 1 });
    }

    pub fn consent(&mut self, seat: usize) {
        let id = self.seats[seat]
            .view
            .motion
            .as_ref()
            .expect("a motion is shown")
            .id
            .clone();
        self.command(seat, Command::Consent { motion: id });
    }

    /// Opens the meeting, with everybody's consent.
    pub fn open(&mut self) {
        self.move_to(0, MotionKind::Open);
        for seat in 1..self.seats.len() {
            self.consent(seat);
        }
    }

    /// Time passes, a second at a time, as it does for clients that heed their deadlines.
    pub fn pass(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while self.now_ms < until {
            self.step((until - self.now_ms).min(1_000));
        }
    }

    fn step(&mut self, ms: u64) {
        self.now_ms += ms;
        self.tell_fins_of_a_stalled_close();
        for seat in 0..self.seats.len() {
            let now = self.now_ms;
            self.seats[seat].member.timeout(now);
        }
        self.settle();
    }

    /// Until nobody has anything to say.
    pub fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 1_000, "the house does not come to rest");
            let mut quiet = true;
            for seat in 0..self.seats.len() {
                while let Some(action) = self.seats[seat].member.poll() {
                    quiet = false;
                    self.act(seat, action);
                }
                if self.deaf != Some(seat)
                    && let Some(message) = self.seats[seat].inbox.pop_front()
                {
                    quiet = false;
                    let now = self.now_ms;
                    self.seats[seat].member.receive(message, now);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn act(&mut self, seat: usize, action: Action) {
        match action {
            Action::Send { message } => {
                self.wire.push(message.clone());
                self.serve(seat, message);
            }
            Action::View { view } => self.seats[seat].view = (*view).clone(),
            Action::Chat { message } => self.seats[seat].chat.push(message),
            Action::Wish { wish } => self.seats[seat].wishes.push(wish),
            Action::Typed { line } => self.seats[seat].typed.push(line),
            Action::Document { document } => self.seats[seat].documents.push(document),
            Action::Call { call } => self.seats[seat].calls.push(call),
            Action::Notice { message } => self.seats[seat].notices.push(message),
            Action::Fatal { code, message } => self.seats[seat].fatal = Some((code, message)),
            Action::Keyed => self.seats[seat].keyed = true,
            Action::Media { .. } | Action::Relay { .. } | Action::Slots { .. } | Action::Layers { .. } => {}
            Action::Reconnect => {
                let (challenge, now) = (self.challenge(), self.now_ms);
                let seat = &mut self.seats[seat];
                seat.member.disconnected(now);
                seat.member.connected(now);
                seat.inbox = VecDeque::from([challenge]);
            }
        }
    }
}
