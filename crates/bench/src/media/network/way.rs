//! The way between a client and its server: what it delays, loses and has no room for. In user space, seeded, and on both
//! sides of the client's socket: what comes waits here before the client has it, what goes before the server has it.

use std::time::{Duration, Instant};

use str0m_netem::{Bitrate, DataSize, Input, Netem, NetemConfig, Output, Probability, RandomLoss};

/// What a way is like, in either direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quality {
    /// Part of what is lost, from 0 to 1, each datagram by itself.
    pub(super) lost: f32,
    pub(super) delay: Duration,
    /// By how much the delay of each datagram differs from that, up or down; some overtake others.
    pub(super) jitter: Duration,
    /// What the direction to the client takes, if that is little. What waits longer than [`QUEUE`] is lost.
    pub(super) down_bps: Option<u64>,
}

/// The buffer before a narrow place, by the time that a full one takes to empty: that of a home router.
const QUEUE: Duration = Duration::from_millis(300);

/// One way, both directions.
pub(super) struct Way {
    down: Netem<Vec<u8>>,
    up: Netem<Vec<u8>>,
    seed: u64,
}

impl Way {
    pub(super) fn new(quality: Quality, seed: u64) -> Self {
        Self {
            down: Netem::new(config(quality, quality.down_bps, seed)),
            up: Netem::new(config(quality, None, seed + 1)),
            seed,
        }
    }

    /// From now on it is like this. What is under way stays under way.
    pub(super) fn become_like(&mut self, quality: Quality) {
        self.down.set_config(config(quality, quality.down_bps, self.seed));
        self.up.set_config(config(quality, None, self.seed + 1));
    }

    pub(super) fn go_down(&mut self, now: Instant, datagram: &[u8]) {
        self.down.handle_input(Input::Packet(now, datagram.to_vec()));
    }

    pub(super) fn go_up(&mut self, now: Instant, datagram: &[u8]) {
        self.up.handle_input(Input::Packet(now, datagram.to_vec()));
    }

    /// What has arrived at the client, and what at the server.
    pub(super) fn arrived(&mut self, now: Instant) -> [Vec<Vec<u8>>; 2] {
        [&mut self.down, &mut self.up].map(|direction| {
            direction.handle_input(Input::Timeout(now));
            let mut arrived = Vec::new();
            while let Some(Output::Packet(datagram)) = direction.poll_output() {
                arrived.push(datagram);
            }
            arrived
        })
    }

    /// When the next datagram arrives, if one is under way.
    pub(super) fn next(&self) -> Instant {
        self.down.poll_timeout().min(self.up.poll_timeout())
    }
}

fn config(quality: Quality, bps: Option<u64>, seed: u64) -> NetemConfig {
    let config = NetemConfig::new()
        .latency(quality.delay)
        .jitter(quality.jitter)
        .loss(RandomLoss::new(Probability::new(quality.lost)))
        .seed(seed);
    match bps {
        // The emulator counts what is delayed as waiting, too.
        Some(bps) => {
            let waiting = (QUEUE + quality.delay).as_millis() as u64 * bps / 8_000;
            config.link(
                Bitrate::bps(bps),
                DataSize::bytes(i64::try_from(waiting).unwrap_or(i64::MAX)),
            )
        }
        None => config,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Quality = Quality {
        lost: 0.0,
        delay: Duration::from_millis(40),
        jitter: Duration::ZERO,
        down_bps: None,
    };

    fn came(way: &mut Way, start: Instant, millis: u64) -> usize {
        let [down, _] = way.arrived(start + Duration::from_millis(millis));
        down.len()
    }

    #[test]
    fn what_goes_in_comes_out_after_the_delay_and_a_part_of_it_never() {
        let start = Instant::now();
        let mut way = Way::new(PLAIN, 1);
        way.go_down(start, &[1; 100]);
        assert_eq!(came(&mut way, start, 39), 0);
        assert_eq!(came(&mut way, start, 40), 1);
        way.become_like(Quality { lost: 0.1, ..PLAIN });
        (0..1_000).for_each(|_| way.go_down(start + Duration::from_millis(50), &[1; 100]));
        let arrived = came(&mut way, start, 100);
        assert!((850..950).contains(&arrived), "{arrived}");
    }

    #[test]
    fn a_narrow_way_takes_no_more_than_it_is_said_to() {
        let start = Instant::now();
        let narrow = Quality {
            down_bps: Some(500_000),
            ..PLAIN
        };
        let mut way = Way::new(narrow, 1);
        let mut arrived = 0;
        // A megabit in a second: the half of it passes, and the buffer's content a little later.
        for at in 0..1_000 {
            way.go_down(start + Duration::from_millis(at), &[1; 125]);
            arrived += came(&mut way, start, at);
        }
        assert!((430..=500).contains(&arrived), "{arrived}");
        arrived += came(&mut way, start, 5_000);
        assert!((600..=720).contains(&arrived), "{arrived}");
    }

    #[test]
    fn one_seed_is_one_way() {
        let start = Instant::now();
        let losses = |seed| {
            let mut way = Way::new(Quality { lost: 0.5, ..PLAIN }, seed);
            let pattern = (0..100u64).map(|at| {
                let sent = at * 100;
                way.go_down(start + Duration::from_millis(sent), &[1; 10]);
                came(&mut way, start, sent + 50)
            });
            pattern.collect::<Vec<_>>()
        };
        assert_eq!(losses(3), losses(3));
        assert_ne!(losses(3), losses(4));
    }
}
