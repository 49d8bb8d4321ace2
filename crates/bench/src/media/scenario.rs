//! Who is where, and who gets what from whom.

use std::time::Duration;

use super::generator::{Load, Spacing};

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Rooms of five; everybody hears and sees everybody. The size is the number of rooms.
    ManySmall,
    /// One room; all send, everybody gets the three loudest voices and nine pictures. The size is the number of
    /// delegations.
    Plenary,
    /// One sends, all others watch. The size is the number of viewers.
    Livestream,
    /// As the plenary, but what is measured is the coming of all within five seconds, and the five seconds after.
    JoinStorm,
    /// As the livestream, but each second a tenth of the viewers go and as many come.
    Churn,
}

/// Members of a small room.
const ROOM: u64 = 5;
/// Voices that everybody in a plenary gets.
const VOICES: usize = 3;
/// Pictures that everybody in a plenary gets.
const PICTURES: usize = 9;
/// Bits in a video packet of 1,200 bytes.
const PACKET_BITS: f64 = 9_600.0;

/// One who takes part.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) room: u64,
    /// Unique over all rooms.
    pub(super) number: u64,
    /// Its number among those of its room who send, and how many those are.
    pub(super) place: u64,
    pub(super) senders: u64,
    pub(super) sends: bool,
    /// It only counts what it gets, once it hears and sees.
    pub(super) light: bool,
    /// Nobody sends yet when it comes.
    pub(super) first_of_room: bool,
    /// How many voices and pictures it gets at a time.
    pub(super) hears: usize,
    pub(super) sees: usize,
    /// From whom, for a server that does not choose by itself.
    pub(super) hears_from: Vec<u64>,
    pub(super) sees_from: Vec<u64>,
}

/// A scenario at a size.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) seats: Vec<Seat>,
    pub(super) load: Load,
    /// From one joining to the next.
    pub(super) join_interval: Duration,
    /// The coming of all is part of what is measured.
    pub(super) storm: bool,
    /// So many viewers go in a second, and as many come.
    pub(super) churn_per_second: u64,
}

impl Scenario {
    /// The scenario's name on the command line and in the figures.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::ManySmall => "many-small",
            Scenario::Plenary => "plenary",
            Scenario::Livestream => "livestream",
            Scenario::JoinStorm => "join-storm",
            Scenario::Churn => "churn",
        }
    }

    /// The size unless another is asked for: what keeps one processor of ours half busy.
    pub fn usual_size(self) -> u64 {
        match self {
            Scenario::ManySmall => 12,
            Scenario::Plenary | Scenario::JoinStorm => 110,
            Scenario::Livestream => 300,
            Scenario::Churn => 100,
        }
    }

    pub(super) fn plan(self, size: u64, spacing: Spacing) -> Plan {
        let mut plan = Plan {
            seats: Vec::new(),
            load: Load {
                video_packets_per_second: 600_000.0 / PACKET_BITS,
                spacing,
                speakers: None,
            },
            join_interval: Duration::from_millis(25),
            storm: false,
            churn_per_second: 0,
        };
        match self {
            Scenario::ManySmall => plan.seats = (0..size).flat_map(small_room).collect(),
            Scenario::Plenary | Scenario::JoinStorm => {
                plan.seats = (0..size).map(|number| delegation(number, size)).collect();
                // Nine at a time are thumbnails.
                plan.load.video_packets_per_second = 150_000.0 / PACKET_BITS;
                plan.load.speakers = Some(VOICES as u64);
                if self == Scenario::JoinStorm {
                    plan.storm = true;
                    plan.join_interval = Duration::from_secs(5) / u32::try_from(size).unwrap_or(u32::MAX);
                }
            }
            Scenario::Livestream | Scenario::Churn => {
                plan.seats = std::iter::once(stage()).chain((1..=size).map(viewer)).collect();
                if self == Scenario::Churn {
                    plan.churn_per_second = size.div_ceil(10);
                }
            }
        }
        plan
    }
}

fn small_room(room: u64) -> impl Iterator<Item = Seat> {
    let numbers = room * ROOM..(room + 1) * ROOM;
    numbers.clone().map(move |number| {
        let others: Vec<u64> = numbers.clone().filter(|other| *other != number).collect();
        Seat {
            room,
            number,
            place: number - room * ROOM,
            senders: ROOM,
            sends: true,
            light: false,
            first_of_room: number == room * ROOM,
            hears: others.len(),
            sees: others.len(),
            hears_from: others.clone(),
            sees_from: others,
        }
    })
}

fn delegation(number: u64, senders: u64) -> Seat {
    let others = |count: usize| (0..senders).filter(|other| *other != number).take(count).collect();
    Seat {
        room: 0,
        number,
        place: number,
        senders,
        sends: true,
        light: false,
        first_of_room: number == 0,
        hears: VOICES,
        sees: PICTURES,
        hears_from: others(VOICES),
        sees_from: others(PICTURES),
    }
}

fn stage() -> Seat {
    Seat {
        room: 0,
        number: 0,
        place: 0,
        senders: 1,
        sends: true,
        light: false,
        first_of_room: true,
        hears: 0,
        sees: 0,
        hears_from: Vec::new(),
        sees_from: Vec::new(),
    }
}

pub(super) fn viewer(number: u64) -> Seat {
    Seat {
        number,
        sends: false,
        first_of_room: false,
        hears: 1,
        sees: 1,
        hears_from: vec![0],
        sees_from: vec![0],
        ..stage()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_small_rooms_everybody_gets_the_four_others_of_the_room() {
        let plan = Scenario::ManySmall.plan(3, Spacing::Pictures);
        assert_eq!(plan.seats.len(), 15);
        for seat in &plan.seats {
            assert_eq!((seat.hears, seat.sees, seat.senders), (4, 4, 5));
            assert!(
                seat.hears_from
                    .iter()
                    .all(|from| from / 5 == seat.room && *from != seat.number)
            );
        }
        assert_eq!(plan.seats.iter().filter(|seat| seat.first_of_room).count(), 3);
    }

    #[test]
    fn in_a_plenary_everybody_gets_three_voices_and_nine_pictures_of_others() {
        let plan = Scenario::Plenary.plan(110, Spacing::Pictures);
        assert_eq!(plan.seats.len(), 110);
        for seat in &plan.seats {
            assert_eq!((seat.hears_from.len(), seat.sees_from.len()), (3, 9));
            assert!(!seat.sees_from.contains(&seat.number));
        }
    }

    #[test]
    fn in_a_livestream_one_sends_and_numbers_are_unique() {
        let plan = Scenario::Livestream.plan(7, Spacing::Pictures);
        assert_eq!(plan.seats.iter().filter(|seat| seat.sends).count(), 1);
        let mut numbers: Vec<u64> = plan.seats.iter().map(|seat| seat.number).collect();
        numbers.dedup();
        assert_eq!(numbers, (0..8).collect::<Vec<_>>());
    }
}
