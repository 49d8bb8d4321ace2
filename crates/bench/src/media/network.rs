//! What a receiver on a bad way hears and sees: ways that lose, and one that becomes narrow and wide again.
//!
//! The server is a process of its own, as in the other scenarios, and may be a peer. One member sends sound and a camera in three layers over
//! the loopback; one watches, and what is between it and its socket is the [`Way`]. Nothing is decoded: a sound counts as
//! heard when its packet was there in time, a picture as shown when all of it was there, and that which it needs.

mod camera;
mod house;
mod pictures;
mod sounds;
mod watcher;
mod way;

use std::time::{Duration, Instant};

use camera::{Camera, LARGE_BYTES};
use house::House;
use watcher::Watcher;
use way::{Quality, Way};

use super::adapter::Side;
use super::{Ground, MediaError, Peer, SECONDS_MAX, SETTLING_PATIENCE};

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkScenario {
    /// Ways that lose 2, 5 and 10 of 100 datagrams in either direction.
    Lossy,
    /// A way of 5 Mbit/s becomes one of 0.5, and one of 5 again.
    Staircase,
}

/// One scenario, measured.
#[derive(Debug, Clone)]
pub struct NetworkBench {
    /// What is played.
    pub scenario: NetworkScenario,
    /// How long each window is, and each step of the staircase.
    pub seconds: u64,
    /// What the ways lose and delay is up to it.
    pub seed: u64,
    /// With whom ours is compared; not one that speaks WHIP.
    pub peer: Option<Peer>,
    /// Where.
    pub ground: Ground,
}

/// What was seen on one way. Serialised, it is one line of the output.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NetworkFigures {
    /// What was played.
    pub scenario: &'static str,
    /// By which seed.
    pub seed: u64,
    /// Through our server.
    pub ours: WayFigures,
    /// Through the other, the same way by the same seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<WayFigures>,
}

/// What a receiver heard and saw.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct WayFigures {
    /// The share of sounds that were not there within 200 ms of the quickest, by their own times, or never.
    pub audio_concealed: f64,
    /// The share of sounds that never came.
    pub audio_lost: f64,
    /// The longest time without a new picture.
    pub longest_freeze_ms: u64,
    /// Pictures that were shown in a second.
    pub pictures_per_s: f64,
    /// The share of those that were of the largest layer.
    pub large: f64,
    /// From when the way became narrow until a smaller picture was shown, and only smaller ones from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_down_ms: Option<u64>,
    /// From when it became wide again until a picture of the largest layer was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_up_ms: Option<u64>,
}

/// Upper bounds. What cannot be told is beyond every one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetworkBounds {
    /// Of the share of sounds that were concealed.
    pub audio_concealed: Option<f64>,
    /// Of the share of sounds that never came.
    pub audio_lost: Option<f64>,
    /// Of the longest time without a new picture.
    pub longest_freeze_ms: Option<u64>,
    /// Of the time until a smaller picture is shown on a way that has become narrow.
    pub step_down_ms: Option<u64>,
    /// Of the time until the largest is shown on one that has become wide.
    pub step_up_ms: Option<u64>,
}

/// Half of the time to the server and back, as over a few hundred kilometres and a home's radio.
const DELAY: Duration = Duration::from_millis(40);
const JITTER: Duration = Duration::from_millis(10);
/// The wide and the narrow way of the staircase.
const WIDE_BPS: u64 = 5_000_000;
const NARROW_BPS: u64 = 500_000;
/// From when sound and picture have come until the window begins: estimates and copies have found their level.
const SETTLING: Duration = Duration::from_secs(5);

const PLAIN: Quality = Quality {
    lost: 0.0,
    delay: DELAY,
    jitter: Duration::ZERO,
    down_bps: None,
};

impl NetworkBench {
    /// Plays it on all its ways, one after the other.
    pub async fn run(&self) -> Result<Vec<NetworkFigures>, MediaError> {
        if !(5..=SECONDS_MAX).contains(&self.seconds) {
            return Err(MediaError::Plan(format!(
                "a window from 5 to {SECONDS_MAX} seconds can be measured"
            )));
        }
        let ways: &[(&'static str, Option<f32>)] = match self.scenario {
            NetworkScenario::Lossy => &[
                ("lossy-2", Some(0.02)),
                ("lossy-5", Some(0.05)),
                ("lossy-10", Some(0.1)),
            ],
            NetworkScenario::Staircase => &[("staircase", None)],
        };
        let mut figures = Vec::new();
        for (scenario, lost) in ways {
            let ours = self.play(scenario, *lost, Side::Ours).await?;
            let peer = match &self.peer {
                Some(peer) => Some(self.play(scenario, *lost, Side::Peer(peer)).await?),
                None => None,
            };
            figures.push(NetworkFigures {
                scenario,
                seed: self.seed,
                ours,
                peer,
            });
        }
        Ok(figures)
    }

    /// One way through one server: one that loses so much, or the staircase.
    async fn play(&self, scenario: &'static str, lost: Option<f32>, side: Side<'_>) -> Result<WayFigures, MediaError> {
        let quality = |lost| Quality {
            lost,
            jitter: JITTER,
            ..PLAIN
        };
        let played = match House::start(side, &self.ground).await {
            Ok(house) => {
                let played = match lost {
                    Some(lost) => self.lossy(&house, quality(lost)).await,
                    None => self.staircase(&house).await,
                };
                house.stop().await;
                played
            }
            Err(why) => Err(why),
        };
        played.map_err(|why| MediaError::Step {
            scenario,
            server: side.name(),
            why,
        })
    }

    async fn lossy(&self, house: &House, quality: Quality) -> Result<WayFigures, String> {
        let (mut watcher, _camera) = self.settled(house, quality).await?;
        let from = Instant::now();
        let until = from + Duration::from_secs(self.seconds);
        watcher.watch(until, |_| false).await?;
        Ok(WayFigures::of(&watcher, from, until))
    }

    async fn staircase(&self, house: &House) -> Result<WayFigures, String> {
        let wide = Quality {
            down_bps: Some(WIDE_BPS),
            ..PLAIN
        };
        let narrow = Quality {
            down_bps: Some(NARROW_BPS),
            ..PLAIN
        };
        let step = Duration::from_secs(self.seconds);
        let (mut watcher, _camera) = self.settled(house, wide).await?;
        let from = Instant::now();
        watcher.watch(from + step, |_| false).await?;
        let narrowed = Instant::now();
        watcher.way.become_like(narrow);
        watcher.watch(narrowed + step, |_| false).await?;
        let widened = Instant::now();
        watcher.way.become_like(wide);
        watcher.watch(widened + step, |_| false).await?;
        let until = Instant::now();

        let shown = &watcher.pictures.shown;
        let narrow = || shown.iter().filter(|it| (narrowed..widened).contains(&it.at));
        let before = |it: &&pictures::Shown| (narrowed - Duration::from_secs(1)..narrowed).contains(&it.at);
        if !shown.iter().filter(before).any(|it| it.bytes >= LARGE_BYTES) {
            return Err(format!(
                "the picture was never large on a way of {WIDE_BPS} bit/s, so no step can be measured"
            ));
        }
        let last_large = narrow()
            .filter(|it| it.bytes >= LARGE_BYTES)
            .map(|it| it.at)
            .next_back();
        let down = narrow().find(|it| Some(it.at) > last_large && it.bytes < LARGE_BYTES);
        let up = shown.iter().find(|it| it.at >= widened && it.bytes >= LARGE_BYTES);
        Ok(WayFigures {
            step_down_ms: down.map(|it| millis(it.at - narrowed)),
            step_up_ms: up.map(|it| millis(it.at - widened)),
            ..WayFigures::of(&watcher, from, until)
        })
    }

    /// Who watches, and who is watched: connected, and a while on.
    async fn settled(&self, house: &House, quality: Quality) -> Result<(Watcher, Camera), String> {
        let camera = house.film(self.ground.address).await?;
        let way = Way::new(quality, self.seed);
        let mut watcher = house.watch(self.ground.address, way, &camera).await?;
        let patience = Instant::now() + SETTLING_PATIENCE;
        watcher
            .watch(patience, |it| it.heard && !it.pictures.shown.is_empty())
            .await?;
        if !watcher.heard || watcher.pictures.shown.is_empty() {
            return Err(format!("no sound or no picture came within {SETTLING_PATIENCE:?}"));
        }
        watcher.watch(Instant::now() + SETTLING, |_| false).await?;
        Ok((watcher, camera))
    }
}

impl WayFigures {
    fn of(watcher: &Watcher, from: Instant, until: Instant) -> Self {
        let missing = watcher.sounds.missing(from, until);
        let share = |count: u64| rounded(count as f64 / missing.expected.max(1) as f64);
        let shown = watcher
            .pictures
            .shown
            .iter()
            .filter(|it| (from..until).contains(&it.at));
        let bytes: Vec<usize> = shown.map(|it| it.bytes).collect();
        let large = bytes.iter().filter(|bytes| **bytes >= LARGE_BYTES).count();
        Self {
            audio_concealed: share(missing.concealed),
            audio_lost: share(missing.lost),
            longest_freeze_ms: millis(watcher.pictures.longest_freeze(from, until)),
            pictures_per_s: rounded(bytes.len() as f64 / (until - from).as_secs_f64()),
            large: rounded(large as f64 / bytes.len().max(1) as f64),
            step_down_ms: None,
            step_up_ms: None,
        }
    }
}

impl NetworkBounds {
    /// Fails with all that is beyond its bound.
    pub fn verdict(&self, figures: &NetworkFigures) -> Result<(), MediaError> {
        let ours = &figures.ours;
        let steps = figures.scenario == "staircase";
        let whole = |bound: Option<u64>| bound.map(|ms| ms as f64);
        let time = |ms: Option<u64>| ms.map_or(f64::NAN, |ms| ms as f64);
        let freeze = ours.longest_freeze_ms as f64;
        let what: Vec<String> = [
            ("concealed sound", ours.audio_concealed, self.audio_concealed),
            ("lost sound", ours.audio_lost, self.audio_lost),
            ("longest freeze ms", freeze, whole(self.longest_freeze_ms)),
            (
                "step down ms",
                time(ours.step_down_ms),
                whole(self.step_down_ms).filter(|_| steps),
            ),
            (
                "step up ms",
                time(ours.step_up_ms),
                whole(self.step_up_ms).filter(|_| steps),
            ),
        ]
        .into_iter()
        .filter_map(|(name, measured, bound)| Some((name, measured, bound?)))
        // Not within it either if it is not a number.
        .filter(|(_, measured, bound)| measured.is_nan() || measured > bound)
        .map(|(name, measured, bound)| format!("{name} is {measured}, and {bound} is allowed"))
        .collect();
        if what.is_empty() {
            return Ok(());
        }
        Err(MediaError::Bound {
            scenario: figures.scenario,
            what: what.join("; "),
        })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// To a hundredth of a percent.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(step_down_ms: Option<u64>) -> NetworkFigures {
        NetworkFigures {
            scenario: "staircase",
            seed: 1,
            peer: None,
            ours: WayFigures {
                audio_concealed: 0.004,
                audio_lost: 0.0,
                longest_freeze_ms: 700,
                pictures_per_s: 25.0,
                large: 0.5,
                step_down_ms,
                step_up_ms: Some(3_000),
            },
        }
    }

    #[test]
    fn a_bound_that_is_kept_passes_and_one_that_is_not_says_so() {
        let bounds = NetworkBounds {
            audio_concealed: Some(0.01),
            audio_lost: Some(0.0),
            longest_freeze_ms: Some(1_000),
            step_down_ms: Some(2_000),
            step_up_ms: Some(15_000),
        };
        assert!(bounds.verdict(&figures(Some(2_000))).is_ok());
        assert!(bounds.verdict(&figures(Some(2_001))).is_err());
        let Err(MediaError::Bound { what, .. }) = bounds.verdict(&figures(None)) else {
            panic!("a step that was never made is within its bound");
        };
        assert!(what.contains("step down"), "{what}");
        assert!(NetworkBounds::default().verdict(&figures(None)).is_ok());
    }
}
